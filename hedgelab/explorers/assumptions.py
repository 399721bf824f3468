"""Which assumption breaks the book?"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
from matplotlib.ticker import FuncFormatter, PercentFormatter

from hedgelab import assumptions, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import MINUS, Draw, Slider, Switch
from hedgelab.explorers.shocks import normals
from hedgelab.figures import PALETTE, Figure
from hedgelab.validation import Floats

MONTHS = 1000
WORST = 100  # months that are drawn one by one
LOW, HIGH, BIN = -1500.0, 6000.0, 125.0  # of the histogram; what is beyond stands at its ends


@lru_cache(maxsize=2)
def drawn(shocks: int) -> Floats:
    """The random numbers of all months, as the page draws them."""
    return normals(shocks, assumptions.ROWS, MONTHS)


class Assumptions(Explorer):
    """A thousand months of one book, hedged by the formula, with some of its assumptions broken.

    1,000 puts are sold at the money for a month and hedged four times a day; the breaks are those of
    `hedgelab.assumptions`.

    Controls: a switch for each assumption, on where it is broken; how large a `jump` is on average; the crowd's
    `gain` at first; which `shocks`.

    Examples
    --------
    >>> figure = Assumptions()
    >>> broken = figure.numbers()
    >>> figure.jumps = False
    >>> mended = figure.numbers()
    >>> bool(broken["formula"] < mended["tail"] < broken["tail"])
    True
    """

    name = "assumptions"
    question = "Which assumption breaks the book?"
    alt = (
        "Two charts. Above, the losses of a thousand months as bars, with the outline of those in the formula's "
        "world. Below, the hundred worst months in order, the worst first, with those of the formula's world as a "
        "dashed line."
    )
    readouts: ClassVar = {
        "broken": ("Broken", "count"),
        "mean": ("Mean loss", "whole dollars"),
        "deviation": ("Standard deviation", "whole dollars"),
        "tail": ("Worst hundredth", "whole dollars"),
        "formula": ("The same, by the formula", "whole dollars"),
        "worst": ("Worst month", "whole dollars"),
    }
    height = (33, 28)

    frequency = Switch(True, "Hedged once a day")
    costs = Switch(True, "Each trade costs")
    volatility = Switch(True, "Another volatility")
    moods = Switch(True, "Volatility moves")
    smile = Switch(True, "Volatility follows the price")
    jumps = Switch(True, "Jumps")
    gaps = Switch(True, "Closed at night")
    liquidity = Switch(True, "Liquidity leaves")
    crowd = Switch(True, "Others hedge too")
    feed = Switch(True, "A quote lies")
    limit = Switch(True, "A limit binds")
    shocks = Draw(1, "Other months")
    jump = Slider(0.08, 0.0, 0.12, 0.01, "Jump, on average", "percent")
    gain = Slider(0.2, 0.0, 0.3, 0.02, "Gain of the crowd", "number")
    more = ("jump", "gain")

    def losses(self, broken: bool = True) -> Floats:
        """What each month costs; or what it would in the formula's world."""
        names = [name for name in assumptions.ASSUMPTIONS if broken and getattr(self, name)]
        breaks = assumptions.Breaks(jump_mean=-self.jump, gain=self.gain)
        return assumptions.Months(drawn(self.shocks), breaks).losses(names)

    def numbers(self) -> dict[str, float]:
        """How many assumptions are broken, and what the months cost."""
        losses, formula = self.losses(), self.losses(broken=False)
        return {
            "broken": float(sum(getattr(self, name) for name in assumptions.ASSUMPTIONS)),
            "mean": float(losses.mean()),
            "deviation": float(losses.std(ddof=1)),
            "tail": float(assumptions.influences(losses).mean()),
            "formula": float(assumptions.influences(formula).mean()),
            "worst": float(losses.max()),
        }

    def picture(self) -> Figure:
        """All months, and the worst of them."""
        losses, formula = self.losses(), self.losses(broken=False)
        figure, (above, below) = figures.new(2, 1, height=6)
        edges = np.arange(LOW, HIGH + BIN, 2 * BIN)
        for each, colour, fill, label in (
            (losses, "loss", True, "as broken"),
            (formula, "theory", False, "by the formula"),
        ):
            counts, _ = np.histogram(np.clip(each, LOW, HIGH - 1e-9), edges)
            above.stairs(counts / MONTHS, edges, fill=fill, color=PALETTE[colour], alpha=0.8, label=label)
        above.set(title="share of months, by loss; those beyond stand at the ends")
        above.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        above.legend()
        rank = np.append(np.arange(1, 12), np.arange(15, WORST + 1, 5))
        below.plot(rank, np.sort(losses)[-rank], color=PALETTE["loss"])
        below.plot(rank, np.sort(formula)[-rank], "--", color=PALETTE["theory"])
        below.set(title="loss of the hundred worst months", xlabel="the worst first", ylim=(0, None))
        for axis in (above.xaxis, below.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda x, _: f"{MINUS if x < 0 else ''}${abs(x) / 1000:,.3g}k"))
        return figure
