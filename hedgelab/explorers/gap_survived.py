"""Which gap breaks the floor?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from hedgelab import black_scholes, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Count, Draw, Slider
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.insurance import CPPI, Method, RealPut, SyntheticPut, insure
from hedgelab.markets import Replay
from hedgelab.validation import Floats

DAYS = 63
EXPIRY = DAYS / 252
FLOOR = 90.0


class GapSurvived(Explorer):
    """A fund insured for three months whose share gaps once, and the largest gap it would have survived each day.

    It is worth one share at $100 and one put struck at the floor of $90, without interest, and trades every day.

    Controls: the `method` ("replica" or "cppi", with a `multiplier`), the size of the `gap`, the `day` on whose
    evening it opens, the share's `volatility`, the one the fund `believes`, and which `shocks`.

    Examples
    --------
    >>> four, five = (GapSurvived(method="cppi", multiplier=m).numbers() for m in (4, 5))
    >>> round(four["survives"], 9), round(five["survives"], 9), bool(four["over"] > 0 > five["over"])
    (0.25, 0.2, True)
    """

    name = "gap-survived"
    question = "Which gap breaks the floor?"
    alt = (
        "Two charts over 63 trading days. Above, an uninsured share, an insured fund and one with a put, with "
        "the floor as a line at 90 dollars; all drop on the day of the gap. Below, the largest gap that the fund "
        "would have survived on each day, and the gap that comes."
    )
    readouts: ClassVar = {
        "eve": ("On the eve", "dollars"),
        "shares": ("In shares", "dollars"),
        "survives": ("Gap survived", "percent"),
        "after": ("After it", "dollars"),
        "end": ("At the end", "dollars"),
        "over": ("Over the floor", "dollars"),
        "put": ("With the put", "dollars"),
    }
    height = (32, 26)

    gap = Slider(0.205, 0.0, 0.4, 0.005, "Size of the gap", "percent")
    day = Count(20, 0, DAYS - 1, 1, "It opens after day", "count")
    method = Choice("replica", {"replica": "replica of the put", "cppi": "CPPI"}, "The fund")
    multiplier = Slider(4.0, 1.0, 10.0, 0.1, "Multiplier", "number", when=("method", "cppi"))
    shocks = Draw(1, "New path")
    volatility = Slider(0.20, 0.0, 0.6, 0.01, "Volatility of the share", "percent")
    believes = Slider(0.20, 0.05, 0.6, 0.01, "Volatility the fund believes", "percent")
    more = ("volatility", "believes")

    def spots(self) -> Floats:
        """The share, day by day, with the gap."""
        market = Shown(spot=100.0, volatility=self.volatility, shocks=self.shocks)
        spots: Floats = market.simulate(expiry=EXPIRY, steps=DAYS, n_paths=1).spot[:, 0].copy()
        spots[self.day + 1 :] *= 1 - self.gap
        return spots

    def fund(self, method: Method | None = None) -> pd.DataFrame:
        """What the fund is worth on each evening, what it has in shares, and the gap it survives.

        Another `method` may be asked for than the one that is shown.
        """
        value = 100.0 + float(black_scholes.price("put", 100, FLOOR, EXPIRY, self.believes))
        shown = SyntheticPut() if self.method == "replica" else CPPI(self.multiplier)
        ledger = insure(
            value,
            FLOOR / value,
            EXPIRY,
            Replay(np.arange(DAYS + 1) / 252, self.spots()),
            shown if method is None else method,
            volatility=self.believes,
        ).ledger()
        in_shares = (ledger.shares * ledger.spot).to_numpy()
        cushion = np.maximum(ledger.wealth.to_numpy() - FLOOR, 0.0)
        survives = np.divide(cushion, in_shares, out=1.0 * (cushion > 0), where=in_shares > cushion)
        return pd.DataFrame({"worth": ledger.wealth.to_numpy(), "shares": in_shares, "survives": survives})

    def numbers(self) -> dict[str, float]:
        """The fund on the eve of the gap, after it and at the end; and what the fund with the put ends with."""
        days = self.fund()
        eve, end = days.iloc[self.day], float(days.worth.iloc[-1])
        return {
            "eve": float(eve.worth),
            "shares": float(eve.shares),
            "survives": float(eve.survives),
            "after": float(days.worth.iloc[self.day + 1]),
            "end": end,
            "over": end - FLOOR,
            "put": float(self.fund(RealPut()).worth.iloc[-1]),
        }

    def picture(self) -> Figure:
        """The funds, and the gap survived."""
        days, put = self.fund(), self.fund(RealPut())
        figure, (above, below) = figures.new(2, 1, height=6, sharex=True)
        above.plot(self.spots(), color=PALETTE["unhedged"], linewidth=1, label="share, uninsured")
        above.plot(put.worth, color=PALETTE["theory"], label="with the put")
        above.plot(days.worth, color=PALETTE["hedged"], label="the fund")
        above.axhline(FLOOR, color=PALETTE["loss"], linewidth=1, linestyle="--")
        above.set(title="worth ($); the floor is dashed", xlim=(0, DAYS))
        above.legend(loc="lower left")
        below.plot(100 * np.minimum(days.survives[:-1], 0.5), color=PALETTE["hedged"], label="survived")
        below.axhline(
            100 * self.gap, color=PALETTE["loss"], linewidth=1, linestyle="--", label="the gap that comes"
        )
        below.axvline(self.day, color=PALETTE["ink"], linewidth=1, linestyle=":")
        below.set(title="largest gap survived (%), up to 50", xlabel="trading day", ylim=(0, 52))
        below.legend(loc="upper left")
        return figure
