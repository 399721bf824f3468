"""What does certainty cost?"""

from __future__ import annotations

from typing import Any, ClassVar

from hedgelab import figures
from hedgelab.costs import ProportionalCost
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Count, Draw, Slider
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.policies import Clock, DeltaBand
from hedgelab.runs import HedgeRun

DAYS, PATHS = 63, 2000
CALL = Option("call", strike=100, expiry=DAYS / 252)
CLOCKS = (1, 2, 3, 4, 5, 7, 9, 12, 16, 21)
BANDS = (0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.10, 0.13, 0.16, 0.20, 0.25)


class PriceOfCertainty(Explorer):
    """Clocks and bands by what they cost and the risk they leave, on 2,000 paths, and the reader's own.

    Controls: the `cost` as a share of the value traded, the reader's `policy` ("clock" or "band") with `every` or
    `half_width`, and which `shocks`.

    Examples
    --------
    >>> daily, weekly = (PriceOfCertainty(policy="clock", every=every).numbers() for every in (1, 5))
    >>> daily["cost"] > weekly["cost"], daily["risk"] < weekly["risk"]
    (True, True)
    """

    name = "price-of-certainty"
    question = "What does certainty cost?"
    alt = (
        "The standard deviation of the profit or loss against the mean cost per option. Clocks and bands lie "
        "on a curve each that falls to the right; the curve of the bands is the lower one."
    )
    readouts: ClassVar = {
        "cost": ("Your cost", "dollars"),
        "risk": ("Your risk", "dollars"),
        "trades": ("Your trades", "shares"),
    }
    height = (26, 21)

    cost = Slider(0.001, 0.0, 0.01, 0.0005, "Cost of trading", "basis points")
    policy = Choice("band", {"clock": "by the clock", "band": "by a band"}, "You trade")
    every = Count(5, 1, 21, 1, "Clock: every", "days", when=("policy", "clock"))
    half_width = Slider(0.05, 0.01, 0.30, 0.01, "Band: at a delta off by", "shares", when=("policy", "band"))
    shocks = Draw(1, "Draw 2,000 other paths")

    def run(self, policy: Any = None) -> HedgeRun:
        """The reader's hedges, or those of another policy."""
        own = Clock(self.every) if self.policy == "clock" else DeltaBand(self.half_width)
        return hedge(
            CALL,
            market=Shown(spot=100.0, volatility=0.30, shocks=self.shocks),
            volatility=0.30,
            steps=DAYS,
            n_paths=PATHS,
            policy=own if policy is None else policy,
            cost=ProportionalCost(self.cost),
        )

    def numbers(self) -> dict[str, float]:
        """Mean cost, standard deviation of the P&L and mean number of trades of the reader's policy."""
        return _point(self.run())

    def picture(self) -> Figure:
        """The map of risk and cost."""
        figure, axes = figures.new(height=4.4)
        families: dict[str, tuple[list[Any], str]] = {
            "clocks": ([Clock(every) for every in CLOCKS], "unhedged"),
            "bands": ([DeltaBand(width) for width in BANDS], "hedged"),
            "yours": ([None], "theory"),
        }
        for label, (policies, colour) in families.items():
            points = [_point(self.run(policy)) for policy in policies]
            risks, costs = ([point[name] for point in points] for name in ("risk", "cost"))
            axes.plot(costs, risks, "o-", color=PALETTE[colour], label=label)
        axes.set(title="standard deviation of the profit or loss ($)", xlabel="mean cost per option ($)")
        axes.set(xlim=(0, None), ylim=(0, None))
        axes.legend()
        return figure

    def data(self) -> dict[str, Any]:
        """The clocks and bands of the map."""
        return {"clocks": CLOCKS, "bands": BANDS}


def _point(run: HedgeRun) -> dict[str, float]:
    numbers = run.summary()
    names = {"cost": "cost", "risk": "standard deviation", "trades": "trades"}
    return {name: float(numbers[column]) for name, column in names.items()}
