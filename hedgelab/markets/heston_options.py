"""What options are worth in Heston's market: exactly, one at a time; for a whole walk, by a table for each date.

The expected lesser of price and strike, which a covered call pays, is ``K / pi`` times the integral of
``Re[exp(i u log(F / K)) f(u) / (u**2 + i u)]``, with ``u`` running from ``-i / 2`` to infinity and ``f`` the
characteristic function.  A. L. Lewis (2001), "A simple option formula for general jump-diffusion and other
exponential Levy processes", equation 3.11.  Derivatives by spot and variance are the same integral with factors in
it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log1p

from hedgelab.instruments import Option
from hedgelab.validation import Floats

if TYPE_CHECKING:
    from hedgelab.markets.heston import Heston

Complex = NDArray[np.complex128]

#: How often each Greek differentiates by the spot, and by the variance.
DERIVATIVES = {
    "price": (0, 0), "delta": (1, 0), "gamma": (2, 0), "speed": (3, 0), "vega": (0, 1), "vanna": (1, 1),
    "zomma": (2, 1), "volga": (0, 2),
}  # fmt: skip

#: What the others are made of.
COMPOSITES = {
    "theta": ("price", "delta", "gamma", "vega", "vanna", "volga"),
    "minimum_variance_delta": ("delta", "vega"),
}

STEP = 1 / 16  # between two points of the integral
POINTS = np.arange(-4.0, 30.0, STEP)
TILTS = np.exp(1j * np.radians([[-15.0], [15.0]]))
ALONG, DENSITY = np.exp(POINTS - np.exp(-POINTS)), 1 + np.exp(-POINTS)  # how far along a ray, and how dense there
RAYS = TILTS * ALONG - 0.5j


#: Products of matrices with fewer multiplications stay on one thread: a quarter of OpenBLAS's own threshold.
ALONE = 65_536


class HestonGreeks(NamedTuple):
    """The price of an option in Heston's market, and its derivatives by spot, time and variance.

    What starts with `variance_` is by the variance: a point of volatility moves a variance of 0.04 by 0.004, so
    that what other models call vega is about ``2 sqrt(v)`` times `variance_vega`.
    """

    price: float
    delta: float
    gamma: float
    theta: float
    variance_vega: float
    variance_vanna: float  # of `delta`, by variance
    variance_volga: float  # of `variance_vega`, by variance


@lru_cache(maxsize=16)  # all strikes and variances share it
def log_characteristic(model: Heston, years: float) -> tuple[Complex, Complex]:
    """The log of E[exp(i u log(S / F))], S the price after `years`, F its forward: of the variance, and the rest.

    With ``u`` along the rays, by Heston's formula in the form whose logarithm stays on its branch, the "little
    trap" of Albrecher, Mayer, Schoutens & Tistaert (2007); ``(beta - d) / xi**2`` is written so that it does not
    cancel.
    """
    kappa, xi, u = model.mean_reversion, model.xi, RAYS
    beta = kappa - 1j * model.correlation * xi * u
    d = np.sqrt(beta**2 + xi**2 * u * (u + 1j))
    x = -u * (u + 1j) / (beta + d)  # (beta - d) / xi**2
    g = xi**2 * x / (beta + d)
    faded = -np.expm1(-d * years)  # 1 - exp(-d years)
    log_ratio = log1p(g * faded / (1 - g))  # of (1 - g exp(-d years)) to (1 - g)
    level = x * faded / (1 - g * (1 - faded))
    return level, kappa * model.long_variance * (x * years - 2 * log_ratio / xi**2)


@np.errstate(all="ignore")  # what is no number belongs to the ray that does not suit, or is refused by the caller
def integrals(model: Heston, names: Sequence[str], log_moneyness: Any, variance: Any, years: float) -> Floats:
    """Lewis's integral with the factors of these names in it, at points of log-moneyness and variance.

    It runs along a ray from ``-i / 2``, tilted so that the integrand fades before it swings.  Which way to tilt
    depends on strike and parameters; whichever way suits, half the points give the same sum.  For the tilt,
    L. Andersen & M. Lake (2018), "Robust high-precision option pricing by Fourier transforms"; for points that lie
    dense near the start and sparse far out, Takahasi & Mori (1974), "Double exponential formulas for numerical
    integration".
    """
    x, v = np.asarray(log_moneyness)[:, None, None], np.asarray(variance)[:, None, None]
    u = RAYS
    level, rest = log_characteristic(model, years)
    log_f = 1j * u * x + level * v + rest
    faded = np.fmin.accumulate(log_f.real, axis=-1) < 0.5 * x - 46  # nothing after it counts
    kernel = np.where(faded, 0.0, np.exp(log_f) / (u * (u + 1j))) * TILTS * ALONG * DENSITY * STEP
    found = []
    for name in names:
        summands = np.where(faded, 0.0, factor(name, u, level)) * kernel
        every, second = summands.sum(axis=-1).real, 2 * summands[..., ::2].sum(axis=-1).real
        change = np.nan_to_num(np.abs(every - second), nan=np.inf)
        found.append(every[np.arange(len(every)), np.argmin(change, axis=1)])
    return np.array(found)


def factor(name: str, u: Complex, level: Complex) -> Any:
    """What a Greek has in its integral: ``i u (i u - 1) ...`` for the spot, ``level`` for the variance."""
    by_spot, by_variance = DERIVATIVES[name]
    product = level**by_variance
    for k in range(by_spot):
        product = product * (1j * u - k)
    return product


def greeks(
    model: Heston, names: Sequence[str], option: Option, spot: Any, variance: Any, years: float,
    rates: tuple[float, float], integrate: Callable[[Sequence[str], Any, Any], Any],
) -> list[Any]:  # fmt: skip
    """The named Greeks, made of the integrals that ``integrate(names, log_moneyness, variance)`` returns."""
    rate, dividend = rates
    needed = list(dict.fromkeys(each for name in names for each in COMPOSITES.get(name, (name,))))
    forward, discount = spot * np.exp((rate - dividend) * years), np.exp(-rate * years)
    found = dict(zip(needed, integrate(needed, np.log(forward / option.strike), variance), strict=True))
    call = option.kind == "call"
    for name, integral in found.items():
        part = -discount * option.strike / np.pi * integral  # what a call is short of the share
        if name == "price":
            part = np.clip(part, -discount * np.minimum(forward, option.strike), 0.0)
            found[name] = part + discount * (forward if call else option.strike)
        else:
            found[name] = part / spot ** DERIVATIVES[name][0]
            if name == "delta" and call:
                found[name] = found[name] + discount * forward / spot
    xi, pull = model.correlation * model.vol_of_variance, model.mean_reversion * (model.long_variance - variance)
    if "theta" in names:
        curved = 0.5 * spot**2 * found["gamma"] + xi * spot * found["vanna"]
        curved = curved + 0.5 * np.square(model.vol_of_variance) * found["volga"]
        grown = rate * found["price"] - (rate - dividend) * spot * found["delta"]
        found["theta"] = grown - pull * found["vega"] - variance * curved
    if "minimum_variance_delta" in names:
        found["minimum_variance_delta"] = found["delta"] + xi / spot * found["vega"]
    return [found[name] for name in names]


@dataclass(frozen=True)
class HestonPricer:
    """Prices and Greeks for a whole walk: read off a table for each date, which all paths and strikes share."""

    model: Heston
    rates: tuple[float, float]
    names: ClassVar[Sequence[str]] = (*DERIVATIVES, *COMPOSITES)
    deltas: ClassVar[Sequence[str]] = ("delta", "minimum_variance_delta")

    @cached_property
    def _shape(self) -> Heston:
        """What a table depends on."""
        return replace(self.model, spot=1.0, drift=0.0)

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """The named Greeks of one option, where the market shows its variance."""
        years, variance = option.expiry - view.time, self.state(option, view)
        integrate = table(self._shape, years).terms
        return greeks(self.model, names, option, view.spot, variance, years, self.rates, integrate)

    def state(self, option: Option, view: Any) -> Any:
        """The variance that the market shows."""
        if view.quote.variance is None:
            raise ValueError("a Heston model needs a market that shows its variance, got one that shows none")
        return view.quote.variance

    def volatility(self, option: Option, view: Any) -> Any:
        """The root of the variance that is expected on average until the option expires."""
        return np.sqrt(self.model.expected_variance(self.state(option, view), max(option.expiry - view.time, 0.0)))


class Table:
    """Lewis's integrals on a grid of log-moneyness and variance, and splines of degree five between its points.

    The grid is dense where prices bend: near the money, and at little variance, the denser the less of both is
    left.  A price is within 1e-7 times the strike of the exact one (for correlations up to 0.95), which
    ``tests/hedgelab/test_model_quotes.py`` tries at random parameters; what lies outside the grid is computed
    exactly.
    """

    def __init__(self, model: Heston, years: float) -> None:
        self.model, self.years = model, years
        reached = max(model.variance, model.long_variance)
        spread = model.vol_of_variance * np.sqrt(reached * min(2.0, 1 / (2 * max(model.mean_reversion, 1e-9))))
        most = reached + 8 * spread + 1e-8
        least = max(float(model.expected_variance(0.0, years)), 1e-8 * most)  # on average, if there is none now
        alone = np.sqrt(1 - model.correlation**2)  # of the price's noise, what the variance does not share
        step = 0.09 * min(1.0, alone / 0.7 + 0.05)
        self.volatility = Axis(0.5 * np.sqrt(least), np.sqrt(most), step)
        self.log_moneyness = Axis(0.25 * np.sqrt(least * years), self._width(most), step)
        self._splines: dict[str, Floats] = {}

    def terms(self, names: Sequence[str], log_moneyness: Any, variance: Any) -> list[Any]:
        """The integrals of these names for each path; what was read off there lately is remembered."""
        places = blake2b(log_moneyness.tobytes() + variance.tobytes(), digest_size=16).digest()
        known = _lately.get((self, places))
        if unknown := [name for name in names if name not in known]:
            found = self._read(unknown, log_moneyness, variance)
            known |= dict(zip(unknown, found, strict=True))
            _lately.keep((self, places), known)
        return [known[name] for name in names]

    def _read(self, names: Sequence[str], log_moneyness: Any, variance: Any) -> list[Any]:
        """The integrals of these names, off the table, or exactly where it does not reach."""
        from scipy import ndimage  # takes a while to import

        at_x, inside = self.log_moneyness.place(log_moneyness)
        at_v, also = self.volatility.place(np.sqrt(variance))
        place = np.array([at_x + self.log_moneyness.points, at_v])
        found = [
            ndimage.map_coordinates(self._spline(name), place, order=5, mode="mirror", prefilter=False)
            for name in names
        ]
        outside = np.flatnonzero(~(inside & also))
        for few in np.array_split(outside, -(-outside.size // 100)) if outside.size else ():
            exact = integrals(self.model, names, log_moneyness[few], variance[few], self.years)
            for numbers, number in zip(found, exact, strict=True):
                numbers[few] = number
        return found

    def _width(self, variance: float) -> float:
        """How far from the money the last 1e-10 of time value is, at that variance, or what nobody goes beyond."""
        likely = np.sqrt(self.model.expected_variance(variance, self.years) * self.years)
        for width in 5 * likely * 1.5 ** np.arange(9):
            worth = integrals(self.model, ("price",), np.array([-width, width]), np.full(2, variance), self.years)
            if np.all(np.array([np.exp(-width), 1.0]) - worth / np.pi < 1e-10):
                break
        return float(min(width, 3.0))

    def _spline(self, name: str) -> Floats:
        """The coefficients of the spline through the integrals on the grid."""
        from scipy import ndimage

        if name not in self._splines:
            u, level, by_x, by_v, kernel, x, v, poor = _grid(self)
            below, above = _real_products(by_x * (factor(name, u, level) * kernel)[:, None], by_v)
            values = np.concatenate([below[:0:-1], above])
            beyond = poor & (np.abs(x) > 2 * self.log_moneyness.end)  # where nothing is left to chance
            limits = {"price": np.minimum(np.exp(x), 1.0), "delta": np.where(x < 0, np.exp(x), 0.0)}
            values[beyond] = np.pi * limits[name][beyond] if name in limits else 0.0
            rest = (poor | ~np.isfinite(values)) & ~beyond
            if rest.any():
                values[rest] = integrals(self.model, (name,), x[rest], v[rest], self.years)[0]
            self._splines[name] = ndimage.spline_filter(values, order=5, mode="mirror")
        return self._splines[name]


class Lately:
    """What was computed last, up to so many bytes: the same paths are often walked again, hedged another way."""

    def __init__(self, most: int) -> None:
        self.most, self.size, self._lock = most, 0, Lock()
        self._kept: OrderedDict[Any, dict[str, Any]] = OrderedDict()

    def get(self, key: Any) -> dict[str, Any]:
        """A copy of what is known of it, by name."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return dict(self._kept.get(key, {}))

    def keep(self, key: Any, known: dict[str, Any]) -> None:
        """Remember it, and forget what has not been asked for longest."""
        with self._lock:
            self.size += _bytes(known) - _bytes(self._kept.pop(key, {}))
            self._kept[key] = known
            while self.size > self.most:
                self.size -= _bytes(self._kept.popitem(last=False)[1])


def _bytes(known: dict[str, Any]) -> int:
    return sum(numbers.nbytes for numbers in known.values())


_lately = Lately(32_000_000)

#: The table of a model for options that have so many years to live.
table = lru_cache(maxsize=256)(Table)


@lru_cache(maxsize=8)  # large, and done with once a date is over; its splines stay
@np.errstate(all="ignore")  # where the ray does not suit
def _grid(of: Table) -> tuple[Any, ...]:
    """The integral's points, its parts by log-moneyness and by variance, the grid, and where the sum is poor.

    Below the money the ray is tilted one way, above it the other, so that the integrand fades with the strike.
    """
    level, rest = log_characteristic(of.model, of.years)
    log_f = level[..., None] * np.square(of.volatility.grid()) + rest[..., None]
    faded = np.fmin.accumulate(log_f.real, axis=1) < -46
    last = int(np.flatnonzero(~faded.all(axis=(0, 2)))[-1]) + 1
    x = of.log_moneyness.grid()
    u, level, faded = RAYS[:, :last], level[:, :last], faded[:, :last]
    by_v = np.where(faded, 0.0, np.exp(log_f[:, :last]))
    by_x = np.exp(1j * u[:, None] * np.array([-x, x])[..., None])
    kernel = (TILTS * ALONG * DENSITY * STEP)[:, :last] / (u * (u + 1j))
    weighted = by_x * kernel[:, None]
    below, above = np.abs(_real_products(weighted, by_v) - 2 * _real_products(weighted[..., ::2], by_v[:, ::2]))
    poor = ~(np.concatenate([below[:0:-1], above]) < 1e-5)
    x, v = np.meshgrid(np.concatenate([-x[:0:-1], x]), np.square(of.volatility.grid()), indexing="ij")
    return u, level, by_x, by_v, kernel, x, v, poor


def _real_products(by_x: Complex, by_v: Complex) -> Floats:
    """The real part of the matrix product, a few rows at a time: so small a product is never shared among threads.

    A whole one is, and its last bit would depend on how many there are.
    """
    rows = max(ALONE // by_v[0].size, 1)
    real, imaginary = by_v.real.copy(), by_v.imag.copy()
    few = [by_x[:, first : first + rows] for first in range(0, by_x.shape[1], rows)]
    return np.concatenate([part.real @ real - part.imag @ imaginary for part in few], axis=1)


@dataclass(frozen=True)
class Axis:
    """Points that lie ``inner * step`` apart at zero, and ever farther, up to `end` and a few more."""

    inner: float
    end: float
    step: float

    @property
    def points(self) -> int:
        """How many there are beyond zero."""
        return int(np.arcsinh(self.end / self.inner) / self.step) + 16

    def grid(self) -> Floats:
        """The points, from zero on."""
        return np.asarray(self.inner * np.sinh(self.step * np.arange(self.points + 1)))

    def place(self, number: Any) -> tuple[Any, Any]:
        """Where numbers lie, counted in points, and whether that is before the end."""
        return np.arcsinh(number / self.inner) / self.step, np.abs(number) <= self.end
