"""What was learned here: what is it worth there?"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.special import ndtr

from hedgelab import figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Count, Pick, Slider
from hedgelab.figures import PALETTE, Figure
from hedgelab.learning import beforehand
from hedgelab.validation import Floats

WORLDS = {
    "skew": "quotes are true",
    "half": "half of the skew is true",
    "none": "quotes are untrue",
    "jumps": "a jump a year",
    "flat": "one volatility for all",
}
D = np.linspace(-2.4, 2.4, 49)  # deviations from the money, at which corrections are drawn
QUARTER = 0.6744897501960817  # of them to a delta of three quarters
DRAWS = 20
WIDEST = 0.3  # shares: a larger correction is drawn as this


def density(d: Any) -> Any:
    """The normal density: vega over spot and root of time, without interest."""
    return np.exp(-0.5 * np.square(d)) / np.sqrt(2 * np.pi)


class TrainedElsewhere(Explorer):
    """A correction to Black and Scholes's delta that was learned in one world, and what it gains in another.

    Options and shares of all worlds were simulated beforehand; what twenty learners found there, and what three
    years of each world say of any correction, is in `hedgelab.learning.beforehand`.

    Controls: the `learner` ("regression": three numbers; "multiple": how much of the slope of the skew; "hand":
    your own corrections at deltas of a quarter, a half and three quarters, `low`, `middle` and `high`, in shares);
    the world it `learned` in, from how many `days`, and in which `draw` of them; the world it is `used` in.

    Examples
    --------
    >>> shown = TrainedElsewhere(days=756, used="skew").numbers()
    >>> shown["gain"] < shown["slope"] < 0.2
    True
    """

    name = "trained-elsewhere"
    question = "What was learned here: what is it worth there?"
    alt = (
        "Two charts. Above, the correction to the Black–Scholes delta in shares, by delta: the one that is used, "
        "the best in hindsight and the slope of the skew. Below, the variance saved by each of twenty learners as "
        "dots, the chosen one larger, with lines for the slope, for the best in hindsight and for nothing saved."
    )
    readouts: ClassVar = {
        "gain": ("Variance saved", "percent"),
        "error": ("Standard error", "percent"),
        "slope": ("By the slope, no data", "percent"),
        "best": ("Best in hindsight", "percent"),
        "mean": ("Twenty learners: mean", "percent"),
        "spread": ("Their deviation", "percent"),
        "half": ("Shares added at delta ½", "number"),
    }
    height = (33, 29)

    learner = Choice(
        "regression",
        {"regression": "a regression: three numbers", "multiple": "one multiple of the slope", "hand": "you"},
        "Who learns",
    )
    learned = Choice("skew", WORLDS, "Trained where")
    days = Pick(63, (21, 63, 252, 756), "Days of data", "days")
    used = Choice("skew", WORLDS, "Used where")
    draw = Count(1, 1, DRAWS, 1, "Draw", "count", plays=True)
    low = Slider(-0.05, -0.15, 0.15, 0.005, "Shares added at delta ¼", "number", when=("learner", "hand"))
    middle = Slider(-0.05, -0.15, 0.15, 0.005, "At delta ½", "number", when=("learner", "hand"))
    high = Slider(-0.05, -0.15, 0.15, 0.005, "At delta ¾", "number", when=("learner", "hand"))
    more = ("low", "middle", "high")

    def weights(self) -> Floats:
        """The weights of four columns that twenty learners found, or twenty times the user's own."""
        if self.learner == "hand":
            at = np.array([-QUARTER, 0.0, QUARTER])
            wanted = np.array([self.low, self.middle, self.high]) / density(at)
            low, middle, high = wanted
            c = 8 * (low - 2 * middle + high)
            b = 2 * (high - low) - c
            return np.tile([middle - b / 2 - c / 4, b, c, 0.0], (DRAWS, 1))
        kept = beforehand.records().learned[self.learned][str(self.days)]
        return kept * ([1, 1, 1, 0] if self.learner == "regression" else [0, 0, 0, 1])

    def curve(self, weights: Floats) -> Floats:
        """The shares that weights add to delta, at each of `D`; of the slope, the three numbers nearest to it."""
        products = beforehand.records().tests[self.used].sum(axis=0)
        nearest = np.linalg.solve(products[:3, :3], products[:3, 3])
        a, b, c = weights[:3] + weights[3] * nearest
        delta = ndtr(D)
        curve: Floats = density(D) * (a + b * delta + c * delta**2)
        return curve

    def numbers(self) -> dict[str, float]:
        """What the chosen draw gains, what others do, and the correction at the money."""
        test = beforehand.records().tests[self.used]
        weights = self.weights()
        gains = np.array([beforehand.gain(test, each).value for each in weights])
        value, error = beforehand.gain(test, weights[self.draw - 1])
        return {
            "gain": value,
            "error": error,
            "slope": beforehand.gain(test, [0, 0, 0, 1]).value,
            "best": beforehand.gain(test, beforehand.fitted(test)).value,
            "mean": float(gains.mean()),
            "spread": float(gains.std(ddof=1)),
            "half": float(self.curve(weights[self.draw - 1])[D.size // 2]),
        }

    def picture(self) -> Figure:
        """The corrections, and what they gain."""
        test, weights, shown = beforehand.records().tests[self.used], self.weights(), self.numbers()
        figure, (above, below) = figures.new(2, 1, height=6.4)
        curves = {
            "used": (self.curve(weights[self.draw - 1]), "hedged", "-"),
            "best in hindsight": (self.curve(beforehand.fitted(test)), "theory", "--"),
            "slope of the skew": (self.curve(np.array([0.0, 0, 0, 1])), "unhedged", ":"),
        }
        for label, (curve, colour, line) in curves.items():
            above.plot(
                ndtr(D), np.clip(curve, -WIDEST, WIDEST), color=PALETTE[colour], linestyle=line, label=label
            )
        above.axhline(0, color=PALETTE["ink"], linewidth=0.8)
        above.set(title="shares added to delta, by delta", xlim=(0, 1))
        above.legend(fontsize=9)
        draws = np.arange(1, DRAWS + 1)
        gains = np.array([beforehand.gain(test, each).value for each in weights])
        below.plot(draws, 100 * gains, "o", color=PALETTE["faint"], markersize=4)
        below.errorbar(self.draw, 100 * shown["gain"], 100 * shown["error"], fmt="o", color=PALETTE["hedged"])
        for name, colour, line in (("best", "theory", "--"), ("slope", "unhedged", ":")):
            below.axhline(100 * shown[name], color=PALETTE[colour], linestyle=line)
        below.axhline(0, color=PALETTE["ink"], linewidth=0.8)
        below.set(title="variance saved (%), by draw", xlabel="draw of the data")
        return figure

    def data(self) -> dict[str, Any]:
        """What was learned in all worlds, and the upper halves of what they say of any correction."""
        learned, tests = beforehand.records()
        return {
            "learned": {
                world: {days: each.tolist() for days, each in by_days.items()}
                for world, by_days in learned.items()
            },
            "tests": {
                world: [each[beforehand.UPPER].tolist() for each in products] for world, products in tests.items()
            },
        }
