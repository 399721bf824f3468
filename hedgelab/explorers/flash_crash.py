"""What makes a sale of 75,000 contracts a crash?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from hedgelab import figures
from hedgelab.crowd import LinearDepth, Sale, SellProgram, Stop, ThinMarket
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Draw, Slider, Switch
from hedgelab.explorers.shocks import normals
from hedgelab.figures import PALETTE, Figure

SECONDS = 2400
CONTRACTS = 75_000.0
NOISE = 5e-5
STOPPED = 808  # the second of 2:45:28 after 2:32:00
STOPS = {"five": 5, "sixty": 60}  # seconds that it lasts


class FlashCrash(Explorer):
    """A program that sells 75,000 contracts at a share of the volume: a model of 6 May 2010, from 2:32 on.

    Controls: the program's `share` of the last minute's volume, the makers' `limit`, the `stop` at 2:45:28
    ("none", "five" or "sixty" seconds), which `shocks`; the share of the makers' inventory that a stop `frees`,
    whether makers pass contracts round (`passing`), whether the book `thins` meanwhile, and the buyers' `delay`.

    Examples
    --------
    >>> bool(FlashCrash(share=0.09).numbers()["low"] < -0.05), bool(FlashCrash(share=0.06).numbers()["low"] == 0)
    (True, True)
    """

    name = "flash-crash"
    question = "What makes a sale of 75,000 contracts a crash?"
    alt = (
        "Two charts over forty minutes from 2:32 in the afternoon. Above, a price that falls by several per cent "
        "and comes back, at these settings and at the first ones, with an upright line at 2:45:28. Below, "
        "contracts traded in the last minute, by all and by the program."
    )
    readouts: ClassVar = {
        "low": ("Low", "percent"),
        "at": ("Minutes until the low", "number"),
        "sold": ("Sold by 2:45:28", "count"),
        "unsold": ("Unsold at 3:12", "count"),
        "peak": ("Most in a minute", "count"),
        "left": ("Depth left, least", "percent"),
        "end": ("At 3:12", "percent"),
    }
    height = (32, 26)

    share = Slider(0.09, 0.0, 0.15, 0.005, "Share of the volume", "percent", plays=True)
    limit = Slider(7000.0, 1000.0, 30_000.0, 500.0, "Makers’ limit, contracts", "count")
    stop = Choice("five", {"none": "none", "five": "for five seconds", "sixty": "for a minute"}, "Stop at 2:45:28")
    shocks = Draw(3, "Other moves")
    frees = Slider(0.076, 0.0, 1.0, 0.004, "Of their contracts a stop frees", "percent")
    delay = Slider(30.0, 5.0, 180.0, 5.0, "Buyers come after, seconds", "count")
    passing = Switch(True, "Makers pass contracts round")
    thins = Switch(True, "The book thins as makers fill")
    more = ("frees", "delay", "passing", "thins")

    def sale(self) -> Sale:
        """What comes of the program's sales."""
        usual = ThinMarket()
        market = ThinMarket(
            limit=self.limit,
            passing=usual.passing if self.passing else 0.0,
            depth=usual.depth if self.thins else LinearDepth(usual.depth.depth),
            delay=self.delay,
            noise=NOISE,
        )
        stop = Stop(STOPPED, STOPS[self.stop], self.frees) if self.stop in STOPS else None
        program = SellProgram(CONTRACTS, self.share)
        return market.sell(program, SECONDS, stop=stop, shocks=normals(self.shocks, SECONDS, 1))

    def numbers(self) -> dict[str, float]:
        """The low and its time, what was sold and traded, the least depth, and the price after forty minutes."""
        sale = self.sale()
        full = np.clip(sale.held[:, 0] / self.limit, 0, 1).max()
        thinning = ThinMarket().depth.thinning if self.thins else 0.0
        return {
            "low": float(sale.low[0]),
            "at": float(sale.low_at[0] / 60),
            "sold": float(sale.sold[STOPPED, 0]),
            "unsold": float(CONTRACTS - sale.sold[-1, 0]),
            "peak": float(sale.minute[:, 0].max()),
            "left": float(np.exp(-thinning * full)),
            "end": float(np.expm1(sale.price[-1, 0])),
        }

    def picture(self) -> Figure:
        """The price, and the volume."""
        sale, first = self.sale(), FlashCrash(shocks=self.shocks).sale()
        minutes = np.arange(SECONDS + 1) / 60
        figure, (above, below) = figures.new(2, 1, height=5.6, sharex=True)
        some = slice(None, None, 15)  # where dashes fall hangs on each corner of their line
        above.plot(minutes, 100 * np.expm1(first.price), color=PALETTE["unhedged"], label="at 9 %, with the stop")
        above.plot(minutes[some], 100 * np.expm1(sale.price[some]), "--", color=PALETTE["hedged"], label="as set")
        above.axvline(STOPPED / 60, color=PALETTE["ink"], linewidth=1, linestyle=":")
        above.set(title="price, % of where it was at 2:32", xlim=(0, 40))
        above.legend(loc="lower right")
        before = np.vstack([np.zeros((60, 1)), sale.sold[:-60]])
        below.plot(minutes, sale.minute / 1000, color=PALETTE["theory"], label="all")
        below.plot(minutes, (sale.sold - before) / 1000, color=PALETTE["loss"], label="the program")
        below.axvline(STOPPED / 60, color=PALETTE["ink"], linewidth=1, linestyle=":")
        below.set(title="thousand contracts in the last minute", xlabel="minutes after 2:32", ylim=(0, None))
        below.legend(loc="upper right")
        return figure
