"""What options are worth where volatility is a power of the price: exactly, and by a table for each date and strike.

A power of the price, ``S**(1 / n)`` with ``n = 1 / (1 - exponent)``, diffuses nearly as a distance from zero does.
Count that distance by its standard deviation until the option expires, and let `w` be where the price is, `end`
where the strike is.  Then the formula of M. Schroder (1989), "Computing the constant elasticity of variance option
pricing formula", Journal of Finance 44, is without rates::

    call / spot = Q(end**2; n + 2, w**2) - strike / spot (1 - Q(w**2; n, end**2))

where ``Q(a; n, b)`` is the probability that a noncentral chi-square number of ``n`` degrees of freedom and
noncentrality ``b`` exceeds ``a``.  Routines for it fail where little time is left or the exponent is near 1; the
integral of its density does not.  With rates the price is the forward's, on a clock of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
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
LEAST = 1e-6  # the distance that stands for none
MARGIN = 32  # points beyond the last that counts, so that the end of the spline does not disturb it


class CEVGreeks(NamedTuple):
    """The price of an option in a market of constant elasticity of variance, and its derivatives."""

    price: float
    delta: float
    gamma: float
    theta: float  # per year


def log_bessel(order: float, z: Any) -> Any:
    """The log of ``I(z) exp(-z)``, of the modified Bessel function of this order, however large `z` or the order.

    SciPy's, and where that gives up or fades Debye's expansion: Abramowitz & Stegun (1964), equation 9.7.7.
    """
    found = np.log(ive(order, np.minimum(z, 1e3)))
    root = np.hypot(order, z)
    p, each = order / root, 1 / root
    series = each * (3 - 5 * p**2) / 24 + each**2 * (81 - 462 * p**2 + 385 * p**4) / 1152
    grown = order**2 / (root + z) - order * np.arcsinh(order / z)
    expanded = grown - 0.5 * np.log(2 * np.pi * root) + np.log1p(series)
    return np.where((z > 1e3) | ~np.isfinite(found), expanded, found)


@np.errstate(all="ignore")  # what is no number is refused by the caller
def exact(n: float, end: float, beyond: Any) -> Floats:
    """What a call is worth per share, its delta, and the density that its curvature is made of; ``w = end + beyond``.

    The price is the integral over all distances beyond `end` of their density, as whoever counts in shares sees it,
    times the part of a share that is left when the strike is paid.  Delta is ``Q(end**2; n, w**2)``, which is less
    than the first term of the price by that density at `end`.
    """
    beyond = np.clip(beyond, LEAST - end, 1e100)
    w = end + beyond
    middle = (n + 1) / (w + np.hypot(w, np.sqrt(n + 1)))  # of the distances, counted from w
    low = np.maximum(-beyond, middle - FAR)
    half = 0.5 * (np.maximum(-beyond, middle) + FAR - low)
    moved = low[..., None] + half[..., None] * (1 + NODES)
    v = w[..., None] + moved
    log_density = log_bessel(n / 2, v * w[..., None]) - 0.5 * moved**2 + 0.5 * n * np.log1p(moved / w[..., None])
    weight = v * np.exp(log_density) * half[..., None] * WEIGHTS
    left = -np.expm1(-n * np.log1p((beyond[..., None] + moved) / end))
    density = np.exp(log_bessel(n / 2, w * end) - 0.5 * beyond**2 - 0.5 * n * np.log1p(beyond / end))
    return np.array([(weight * left).sum(axis=-1), weight.sum(axis=-1) - density, density])


class Table:
    """What `exact` answers, on a grid of distances, with splines of degree five between its points.

    A price is within 1e-9 times the spot of the exact one, which ``tests/hedgelab/test_cev.py`` tries.
    """

    def __init__(self, n: float, end: float) -> None:
        self.n, self.end = n, end
        self.top = FAR + spread(n, end)
        self.bottom = max(-self.end, -self.top)
        self._splines: list[Floats] = []

    def __call__(self, beyond: Floats) -> list[Floats]:
        """The three numbers for each path."""
        from scipy import ndimage  # takes a while to import

        if not self._splines:
            grid = self.bottom + STEP * np.arange((self.top - self.bottom) / STEP + MARGIN)
            found = exact(self.n, self.end, grid)
            self._splines = [ndimage.spline_filter(each, order=5, mode="mirror") for each in found]
        place = (np.clip(beyond, self.bottom, self.top) - self.bottom) / STEP
        values = [
            ndimage.map_coordinates(each, place[None], order=5, mode="mirror", prefilter=False)
            for each in self._splines
        ]
        above = beyond > self.top  # where the option is certain to be exercised
        left = -np.expm1(-self.n * np.log1p(beyond[above] / self.end))
        for value, limit in zip(values, (left, 1.0, 0.0), strict=True):
            value[above] = limit
            if self.bottom > -self.end:
                value[beyond < self.bottom] = 0.0
        return values


#: The table for an exponent and a strike's distance, which stands for its date.
table = lru_cache(maxsize=1024)(Table)


def spread(n: float, end: float) -> float:
    """How far apart shares and bonds see a call at the money: with little volatility half of it until expiry."""
    return float((n + 1) / (end + np.hypot(end, np.sqrt(n + 1))))


def greeks(model: CEV, option: Option, spot: Floats, years: float, rates: tuple[float, float], whole: bool) -> Any:
    """Price, delta, gamma and theta for each spot; of a `whole` walk by a table, otherwise exactly."""
    rate, dividend = rates
    if model.exponent == 1:
        return option.greeks(CEVGreeks._fields, spot, years, model.volatility, rate, dividend)
    n, growth, share = 1 / (1 - model.exponent), (rate - dividend) * years, np.exp(-dividend * years)
    clock = years * exprel(-2 * growth / n)
    strike = option.strike * np.exp(-growth)
    end = n * (strike / model.spot) ** (1 / n) / max(model.volatility * np.sqrt(clock), 1e-100)
    beyond = end * np.expm1(np.log(spot / strike) / n)
    by_table = whole and spread(n, end) < 50
    worth, delta, density = table(n, float(end))(beyond) if by_table else exact(n, end, beyond)
    price, curved = share * spot * worth, share * spot * density  # times what scales with the time left
    gamma = share * density * (end + beyond) ** 2 / (n * spot)
    delta = share * delta
    if option.kind == "put":
        bond = option.strike * np.exp(-rate * years)
        price, delta = np.maximum(price - share * spot + bond, 0.0), delta - share
    theta = rate * price - (rate - dividend) * spot * delta - 0.5 * n * curved / clock
    return price, delta, gamma, theta


@dataclass(frozen=True)
class CEVPricer:
    """Prices and Greeks for a whole walk: read off a table for each date and strike, which all paths share."""

    model: CEV
    rates: tuple[float, float]
    names: ClassVar[Sequence[str]] = (*CEVGreeks._fields, "vega", "vanna", "volga", "minimum_variance_delta")
    deltas: ClassVar[Sequence[str]] = ("delta", "minimum_variance_delta")

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """The named Greeks of one option; nothing but spot and time moves its price, so vega is zero."""
        found = greeks(self.model, option, view.spot, option.expiry - view.time, self.rates, whole=True)
        known = dict(zip(CEVGreeks._fields, found, strict=True))
        known["minimum_variance_delta"] = known["delta"]  # for the spot takes its volatility along
        return [known.get(name, 0.0) for name in names]

    def state(self, option: Option, view: Any) -> float:
        """Nothing moves that the spot does not."""
        return 0.0

    def volatility(self, option: Option, view: Any) -> Any:
        """The harmonic mean of the volatilities between spot and strike, which is implied where little time is left.

        H. Berestycki, J. Busca & I. Florent (2002), "Asymptotics and calibration of local volatility models",
        Quantitative Finance 2.
        """
        power, model = 1 - self.model.exponent, self.model
        at_strike = model.volatility * (option.strike / model.spot) ** -power
        return at_strike / exprel(power * np.log(view.spot / option.strike))
