"""How often must one hedge?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator

from hedgelab import black_scholes, figures
from hedgelab.costs import ProportionalCost
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Draw, Pick, Slider, Switch
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.runs import HedgeRun

PATHS = 2000
CALL = Option("call", strike=100, expiry=0.25)
REBALANCES = (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 21, 26, 32, 42, 52, 63, 84, 105, 126, 168, 252)


class HowOften(Explorer):
    """The hedging error of 2,000 paths against the number of rebalances, and the law of the square root.

    Controls: `rebalances` in three months, `volatility` (the stock's and the hedger's), whether ten basis points
    are `charged`, and which `shocks`.

    Examples
    --------
    >>> often, seldom = HowOften(rebalances=84).numbers(), HowOften(rebalances=21).numbers()
    >>> 1.8 < seldom["deviation"] / often["deviation"] < 2.2
    True
    """

    name = "how-often"
    question = "How often must one hedge?"
    alt = (
        "Above, a histogram of the profit or loss of 2,000 hedges, centred on zero. Below, its standard deviation "
        "against the number of rebalances on logarithmic axes: a straight line down, as the law says."
    )
    readouts: ClassVar = {
        "mean": ("Average", "dollars"),
        "error": ("Its standard error", "dollars"),
        "deviation": ("Standard deviation", "dollars"),
        "law": ("By the law", "dollars"),
        "cost": ("Cost", "dollars"),
    }
    height = (30, 25)

    rebalances = Pick(21, REBALANCES, "Rebalances in three months", "count")
    volatility = Slider(0.30, 0.10, 0.60, 0.01, "Volatility", "percent")
    charged = Switch(False, "Charge 10 basis points a trade")
    shocks = Draw(1, "Draw 2,000 others")

    def run(self, rebalances: int | None = None) -> HedgeRun:
        """The hedges that are shown, or those of another number of rebalances."""
        return hedge(
            CALL,
            market=Shown(spot=100.0, volatility=self.volatility, shocks=self.shocks),
            volatility=self.volatility,
            steps=self.rebalances if rebalances is None else rebalances,
            n_paths=PATHS,
            cost=ProportionalCost(0.001 if self.charged else 0.0),
        )

    def law(self, rebalances: int | None = None) -> float:
        """The standard deviation by Derman and Kamal's formula (1999), in dollars for one option."""
        vega = black_scholes.greeks("call", 100, CALL.strike, CALL.expiry, self.volatility).vega
        return float(np.sqrt(np.pi / 4 / (rebalances or self.rebalances)) * self.volatility * vega)

    def numbers(self) -> dict[str, float]:
        """Mean P&L of an option sold and its standard error, standard deviation, the law's, and the mean cost."""
        run = self.run()
        return {
            "mean": float(run.pnl.mean()),
            "error": run.standard_error(),
            "deviation": float(run.pnl.std(ddof=1)),
            "law": self.law(),
            "cost": float(run.cost.mean()),
        }

    def picture(self) -> Figure:
        """Histogram, and the standard deviation at several numbers of rebalances."""
        figure, (above, below) = figures.new(2, 1, height=5.6)
        reach = 3 * self.law(4)
        pnl = np.clip(self.run().pnl, -reach, reach)
        above.stairs(*np.histogram(pnl, bins=60, range=(-reach, reach)), fill=True, color=PALETTE["hedged"])
        above.set(title="2,000 hedges: profit or loss per option ($)")
        some = REBALANCES[::2]
        spread = [self.run(number).pnl.std(ddof=1) for number in some]
        below.loglog(some, [self.law(number) for number in some], "--", color=PALETTE["theory"], label="law")
        below.loglog(some, spread, "o", color=PALETTE["faint"], label="simulated")
        below.loglog(
            self.rebalances, self.numbers()["deviation"], "o", color=PALETTE["hedged"], label="shown above"
        )
        below.set(title="standard deviation ($)", xlabel="rebalances")
        for axis, ticks in ((below.xaxis, (1, 4, 16, 64, 256)), (below.yaxis, (0.25, 0.5, 1, 2, 4))):
            axis.set_major_locator(FixedLocator(ticks))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_locator(NullLocator())
        below.legend()
        return figure
