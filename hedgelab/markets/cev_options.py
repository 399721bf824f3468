"""What options are worth where volatility is a power of the price: exactly, and by tables for a whole walk.

The price to the power ``1 / n``, where ``n = 1 / (1 - exponent)``, moves like the distance from zero of a Brownian
motion, one in ``2 - n`` dimensions.  Count that distance by its standard deviation until the option expires, and
let it be `start` where the price is and `end` where the strike is.  Without rates the formula of M. Schroder
(1989), "Computing the constant elasticity of variance option pricing formula", Journal of Finance 44, is then::

    call / spot = Q(end**2; n + 2, start**2) - strike / spot (1 - Q(start**2; n, end**2))

where ``Q(a; n, b)`` is the probability that a noncentral chi-square number with ``n`` degrees of freedom and
noncentrality ``b`` exceeds ``a``.  Routines for it fail where little time is left or the exponent is near 1; the
integral of its density does not.  With rates the price without its growth has the same law, on a clock of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from scipy.special import exprel, ive

from hedgelab.instruments import Option
from hedgelab.validation import Floats

if TYPE_CHECKING:
    from hedgelab.markets.cev import CEV

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
FAR = 9.0  # standard deviations, beyond which nothing counts
STEP = 1 / 10  # between two points of a table, in standard deviations
MARGIN = 32  # points beyond the last that counts, so that the end of a spline does not disturb it
LEAST = 1e-6  # the distance that stands for none
WIDEST = 50.0  # standard deviations between shares and bonds, beyond which a table would be too long

#: Which of the three numbers that `exact` returns a Greek is made of.
NEEDED = {"price": (0,), "delta": (1,), "gamma": (2,), "theta": (0, 1, 2)}


class CEVGreeks(NamedTuple):
    """The price of an option in a market of constant elasticity of variance, and its derivatives."""

    price: float
    delta: float
    gamma: float
    theta: float  # per year


@np.errstate(all="ignore")  # what is no number is refused by the caller
def exact(n: float, end: float, beyond: Any) -> Floats:
    """A call's value per share, its delta, and the density that gamma is made of; ``start = end + beyond``.

    The value is the integral over all distances from `end` on of their density, as it is where shares are money,
    times what is left of a share there once the strike is paid.  Delta is ``Q(end**2; n, start**2)``: the integral
    of the density alone, less the density at `end`.
    """
    beyond = np.clip(beyond, LEAST - end, 1e150)
    start = end + beyond
    middle = (n + 1) / (start + np.hypot(start, np.sqrt(n + 1)))  # of the distances, from the start
    low = np.maximum(-beyond, middle - FAR)
    half = 0.5 * (np.maximum(-beyond, middle) + FAR - low)
    moved = low[..., None] + half[..., None] * (1 + NODES)
    before = start[..., None]
    log_density = (
        _log_bessel(n / 2, (before + moved) * before) - 0.5 * moved**2 + 0.5 * n * np.log1p(moved / before)
    )
    weight = (before + moved) * np.exp(log_density) * half[..., None] * WEIGHTS
    left = -np.expm1(-n * np.log1p((beyond[..., None] + moved) / end))
    density = np.exp(_log_bessel(n / 2, start * end) - 0.5 * beyond**2 - 0.5 * n * np.log1p(beyond / end))
    return np.array([(weight * left).sum(axis=-1), weight.sum(axis=-1) - density, density])


def _log_bessel(order: float, z: Any) -> Any:
    """The log of ``exp(-z) I(z)``, I the modified Bessel function of this order, however large both are.

    SciPy's, or where that gives up Debye's expansion: Abramowitz & Stegun (1964), equation 9.7.7.
    """
    found = np.log(ive(order, np.minimum(z, 1e3)))
    root = np.hypot(order, z)
    p = order / root
    series = (3 - 5 * p**2) / (24 * root) + (81 - 462 * p**2 + 385 * p**4) / (1152 * root**2)
    series += (30375 - 369603 * p**2 + 765765 * p**4 - 425425 * p**6) / (414720 * root**3)
    grown = order**2 / (root + z) - order * np.arcsinh(order / z)
    expanded = grown - 0.5 * np.log(2 * np.pi * root) + np.log1p(series)
    return np.where((z > 1e3) | ~np.isfinite(found), expanded, found)


class Table:
    """What `exact` returns, on a grid of distances, with splines of degree five between its points.

    It is within 1e-9 of what is exact, which ``tests/hedgelab/test_cev.py`` tries at random parameters.
    """

    def __init__(self, n: float, end: float) -> None:
        from scipy import ndimage  # takes a while to import

        self.n, self.end = n, end
        self.top = FAR + spread(n, end)
        self.bottom = max(-end, -self.top)
        grid = self.bottom + STEP * np.arange((self.top - self.bottom) / STEP + MARGIN)
        self._splines = [ndimage.spline_filter(each, order=5, mode="mirror") for each in exact(n, end, grid)]

    def __call__(self, beyond: Floats, needed: Iterable[int]) -> list[Any]:
        """The needed ones of the three numbers for each path, zero for the others."""
        from scipy import ndimage

        place = (np.clip(beyond, self.bottom, self.top) - self.bottom) / STEP
        certain, hopeless = beyond > self.top, (beyond < self.bottom) & (self.bottom > -self.end)
        left = -np.expm1(-self.n * np.log1p(np.maximum(beyond, 0.0) / self.end))
        found: list[Any] = [0.0, 0.0, 0.0]
        for part in needed:
            read = ndimage.map_coordinates(
                self._splines[part], place[None], order=5, mode="mirror", prefilter=False
            )
            found[part] = np.select([certain, hopeless], [(left, 1.0, 0.0)[part], 0.0], read)
        return found


#: The table for an exponent and the distance of a strike, which says what is left of time.
table = lru_cache(maxsize=1024)(Table)


def spread(n: float, end: float) -> float:
    """How far apart whoever counts in shares and whoever counts in bonds sees an option at the money, halved."""
    return float((n + 1) / (end + np.hypot(end, np.sqrt(n + 1))))


def greeks(
    model: CEV, names: Sequence[str], option: Option, spot: Floats, years: float, rates: tuple[float, float],
    walk: bool = False,
) -> list[Any]:  # fmt: skip
    """The named ones of `CEVGreeks` for each spot; of a `walk` by tables, otherwise exactly."""
    rate, dividend = rates
    if model.exponent == 1:
        return list(option.greeks(names, spot, years, model.volatility, rate, dividend))
    n, growth, share = 1 / (1 - model.exponent), (rate - dividend) * years, np.exp(-dividend * years)
    clock = years * exprel(-2 * growth / n)
    strike = option.strike * np.exp(-growth)
    end = float(n * (strike / model.spot) ** (1 / n) / max(model.volatility * np.sqrt(clock), 1e-100))
    beyond = end * np.expm1(np.log(spot / strike) / n)
    if walk and spread(n, end) < WIDEST:
        worth, delta, density = table(n, end)(beyond, sorted({part for name in names for part in NEEDED[name]}))
    else:
        worth, delta, density = exact(n, end, beyond)
    price, delta = share * spot * worth, share * delta
    if option.kind == "put":
        bond = option.strike * np.exp(-rate * years)
        price, delta = np.maximum(price - share * spot + bond, 0.0), delta - share
    found = {"price": price, "delta": delta, "gamma": share * density * (end + beyond) ** 2 / (n * spot)}
    if "theta" in names:
        curved = 0.5 * n * share * spot * density / clock  # half the variance of a year, in dollars, times gamma
        found["theta"] = rate * price - (rate - dividend) * spot * delta - curved
    return [found[name] for name in names]


@dataclass(frozen=True)
class CEVPricer:
    """Prices and Greeks for a whole walk: read off a table for each date and strike, which all paths share."""

    model: CEV
    rates: tuple[float, float]
    names: ClassVar[Sequence[str]] = (*CEVGreeks._fields, "vega", "vanna", "volga", "minimum_variance_delta")
    deltas: ClassVar[Sequence[str]] = ("delta", "minimum_variance_delta")

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """The named Greeks of one option; nothing but spot and time moves its price, so vega is zero.

        The spot takes its volatility along, so that delta is the minimum-variance delta too.
        """
        asked = ["delta" if name == "minimum_variance_delta" else name for name in names]
        known = [name for name in asked if name in CEVGreeks._fields]
        numbers = greeks(self.model, known, option, view.spot, option.expiry - view.time, self.rates, walk=True)
        found = dict(zip(known, numbers, strict=True))
        return [found.get(name, 0.0) for name in asked]

    def state(self, option: Option, view: Any) -> float:
        """Nothing moves that the spot does not."""
        return 0.0

    def volatility(self, option: Option, view: Any) -> Any:
        """The harmonic mean of the volatilities from spot to strike: what is implied where little time is left.

        H. Berestycki, J. Busca & I. Florent (2002), "Asymptotics and calibration of local volatility models",
        Quantitative Finance 2.
        """
        model, power = self.model, 1 - self.model.exponent
        at_strike = model.volatility * (option.strike / model.spot) ** -power
        return at_strike / exprel(power * np.log(view.spot / option.strike))
