"""Can five prices contradict one another?"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from hedgelab import black_scholes, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Slider
from hedgelab.figures import PALETTE, Figure
from hedgelab.smile import SVI
from hedgelab.validation import Floats

FORWARD, EXPIRY = 100.0, 0.25
STRIKES = np.array([80.0, 90.0, 100.0, 110.0, 120.0])
SPAN = float(np.log(STRIKES[-1] / STRIKES[0]))
CENTRES = np.linspace(-0.6, 0.6, 61) * SPAN  # of the hyperbola
ROUNDINGS = SPAN * np.geomspace(0.08, 1.0, 31)
SHOWN = np.linspace(60, 160, 201)  # strikes at which g and the density are drawn
WING = 5.0  # dollars, from the middle of a butterfly to its ends
MANY = 1000  # butterflies
TIE = 1e-9  # of the misfit: what is nearer by less is no nearer


class Spread(NamedTuple):
    """What cannot pay less than nothing, at most $10, with its price."""

    name: str
    price: float


class FiveQuotes(Explorer):
    """Five quotes of volatility, the SVI smile nearest to them, and what its density says of it.

    The options are on a forward of $100 with three months to run, without interest.  For each of a grid of `m` and
    `sigma` the other three parameters are solved for by least squares, in a box; the nearest is shown.

    Controls: the volatilities `at_80`, `at_90`, `at_100`, `at_110` and `at_120`.

    Examples
    --------
    >>> flat = FiveQuotes(at_80=0.2, at_90=0.2, at_100=0.2, at_110=0.2, at_120=0.2).numbers()
    >>> round(flat["rms"], 9), round(flat["least"], 9), flat["listed"] > 0
    (0.0, 1.0, True)
    """

    name = "five-quotes"
    question = "Can five prices contradict one another?"
    alt = (
        "Three charts over strikes from 60 to 160 dollars. Above, five quotes of volatility and the smile nearest "
        "to them. In the middle, the density of the price at expiry that the smile implies. Below, Gatheral's g; "
        "where it is negative, so is the density."
    )
    readouts: ClassVar = {
        "least": ("Least g", "number"),
        "where": ("At a strike of", "dollars"),
        "rms": ("Misses quotes by", "basis points"),
        "cheapest": ("1,000 butterflies on the smile", "dollars"),
        "listed": ("1,000 of the list’s own", "dollars"),
    }
    height = (38, 36)

    at_80 = Slider(0.32, 0.1, 0.9, 0.005, "Volatility at 80", "percent")
    at_90 = Slider(0.26, 0.1, 0.9, 0.005, "at 90", "percent")
    at_100 = Slider(0.20, 0.1, 0.9, 0.005, "at 100", "percent")
    at_110 = Slider(0.17, 0.1, 0.9, 0.005, "at 110", "percent")
    at_120 = Slider(0.26, 0.1, 0.9, 0.005, "at 120", "percent")

    @property
    def quotes(self) -> Floats:
        """The five volatilities."""
        return np.array([self.at_80, self.at_90, self.at_100, self.at_110, self.at_120])

    def smile(self) -> SVI:
        """The nearest smile of the grid."""
        k, quoted = np.log(STRIKES / FORWARD), self.quotes
        w = quoted**2 * EXPIRY
        weight = 1 / (2 * quoted * EXPIRY)  # a residual of variance as one of volatility
        y = (k - CENTRES[:, None, None]) / ROUNDINGS[:, None]
        columns = np.stack([np.ones_like(y), y, np.sqrt(1 + y * y)], axis=-2) * weight
        basis, triangle = np.linalg.qr(columns.swapaxes(-1, -2))
        along = basis.swapaxes(-1, -2) @ (weight * w)
        _, tilt, bend = np.moveaxis(np.linalg.solve(triangle, along[..., None])[..., 0], -1, 0)
        bend = np.where(bend > TIE * w.mean(), bend, 0.0)  # so that both wings rise
        tilt = np.clip(tilt, -0.999 * bend, 0.999 * bend)
        shape = tilt[..., None] * y + bend[..., None] * np.sqrt(1 + y * y)
        level = np.average(w - shape, axis=-1, weights=weight**2)
        dip = np.sqrt(bend**2 - tilt**2)
        level = np.maximum(level, 0.02 * w.min() - dip)
        misfits = np.sum(((level[..., None] + shape - w) * weight) ** 2, axis=-1)
        best, least = (0, 0), np.inf
        for at, misfit in np.ndenumerate(misfits):
            if misfit < least * (1 - TIE) - 1e-18:
                best, least = (at[0], at[1]), float(misfit)
        sigma = ROUNDINGS[best[1]]
        rho = tilt[best] / bend[best] if bend[best] else 0.0
        return SVI(level[best], bend[best] / sigma, rho, CENTRES[best[0]], sigma, EXPIRY)

    def listed(self) -> list[Spread]:
        """What the five quotes themselves sell: spreads that cannot lose, each of which pays $10 at most.

        The list is free of arbitrage if and only if none of them is negative: puts are convex in the strike from
        zero on, and calls fall.
        """
        call = black_scholes.price("call", FORWARD, STRIKES, EXPIRY, self.quotes)
        put = call - FORWARD + STRIKES
        found = [Spread(f"{STRIKES[i]:.0f}", call[i - 1] - 2 * call[i] + call[i + 1]) for i in (1, 2, 3)]
        below = put[1] - put[0] * STRIKES[1] / STRIKES[0]
        return [Spread("0, 80 and 90", below), *found, Spread("110 and 120", call[3] - call[4])]

    def butterflies(self, smile: SVI) -> Floats:
        """What a butterfly costs around each strike shown but those at the ends, on the smile."""
        strikes = SHOWN[10:-10]

        def call(at: Floats) -> Floats:
            volatility = smile.volatility(np.log(at / FORWARD))
            return np.asarray(black_scholes.price("call", FORWARD, at, EXPIRY, volatility))

        return call(strikes - WING) - 2 * call(strikes) + call(strikes + WING)

    def numbers(self) -> dict[str, float]:
        """The least of g and where, how far the smile is from the quotes, and what butterflies cost."""
        smile = self.smile()
        g = smile.g(np.log(SHOWN / FORWARD))
        place = 0
        for i, value in enumerate(g):
            if value < g[place] - TIE:
                place = i
        missed = smile.volatility(np.log(STRIKES / FORWARD)) - self.quotes
        return {
            "least": float(g[place]),
            "where": float(SHOWN[place]),
            "rms": float(np.sqrt(np.mean(missed**2))),
            "cheapest": MANY * float(self.butterflies(smile).min()),
            "listed": MANY * min(float(each.price) for each in self.listed()),
        }

    def picture(self) -> Figure:
        """The smile, the density and g."""
        smile, k = self.smile(), np.log(SHOWN / FORWARD)
        figure, (above, middle, below) = figures.new(3, 1, height=6.6, sharex=True)
        above.plot(SHOWN, 100 * smile.volatility(k), color=PALETTE["hedged"], label="the nearest smile")
        above.plot(STRIKES, 100 * self.quotes, "o", color=PALETTE["unhedged"], label="quotes")
        above.set(title="volatility (%)", xlim=(60, 160))
        above.legend()
        g, density = smile.g(k), smile.density(k) / SHOWN
        for axes, curve in ((middle, density), (below, g)):
            axes.axhline(0, color=PALETTE["ink"], linewidth=1)
            axes.plot(SHOWN, np.where(curve >= 0, curve, np.nan), color=PALETTE["hedged"])
            axes.plot(SHOWN, np.where(curve <= 0, curve, np.nan), color=PALETTE["loss"])
        middle.set(title="density of the price at expiry, per dollar")
        below.set(title="Gatheral’s g", xlabel="strike ($)", ylim=(-1, 2.5))
        return figure
