"""One expiry of a smile: what every slice can be asked, and whether somebody could live off it.

A slice is a function of the log moneyness ``k = ln(K / F)``, strike over forward, that gives the total variance
``w = volatility**2 * expiry``.  Whether the options it prices leave something for nothing is told by ::

    g = (1 - k w' / (2 w))**2 - w'**2 / 4 (1 / w + 1 / 4) + w'' / 2

which is the density of the price at expiry up to a positive factor: where it is negative, a butterfly of three
strikes costs less than nothing.  Gatheral & Jacquier (2014), "Arbitrage-free SVI volatility surfaces", equation
2.1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.introductions import Introduced, written
from hedgelab.smile.butterflies import Butterfly, searched
from hedgelab.smile.searches import grid
from hedgelab.validation import Floats, between, finite, require

#: Years that a slice may have: half a minute to a millennium.
Expiry = Annotated[float, between(1e-6, 1000)]

FARTHEST = 50.0  # of log moneyness, either way: a strike of 22 digits more or less than the forward


class Derivatives(NamedTuple):
    """Total variance and its first and second derivatives by log moneyness."""

    value: Any
    slope: Any
    curvature: Any


class Slice(Introduced, ABC):
    """One expiry of a smile, as a function of the log moneyness ``k = ln(strike / forward)``.

    A slice of one's own derives from this, has an `expiry` in years and the one method `derivatives`.  Log
    moneyness is a number or an array from -50 to 50; what comes back has its shape.

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    A parabola, and how far it can be trusted:

    >>> class Parabola(Slice):
    ...     expiry = 0.5
    ...     def derivatives(self, log_moneyness):
    ...         k = log_moneyness
    ...         return Derivatives(0.02 + 0.1 * k**2, 0.2 * k, 0.2 + 0 * k)
    >>> smile = Parabola()
    >>> smile.volatility([-0.2, 0, 0.2]).round(4)
    array([0.2191, 0.2   , 0.2191])
    >>> smile.butterfly().free, smile.butterfly(-1, 1).free
    (False, True)
    """

    expiry: float

    @abstractmethod
    def derivatives(self, log_moneyness: Any) -> Derivatives:
        """Total variance with two derivatives at an array of log moneyness.  Unchecked, for inner loops.

        NaN where there is no variance.
        """

    def value_and_slope(self, log_moneyness: Any) -> tuple[Any, Any]:
        """The first two of `derivatives`, for slices that know them sooner.  Unchecked, as these."""
        value, slope, _ = self.derivatives(log_moneyness)
        return value, slope

    def total_variance(self, log_moneyness: ArrayLike) -> Any:
        """The square of volatility times expiry."""
        return self._found(log_moneyness).value[()]

    def volatility(self, log_moneyness: ArrayLike) -> Any:
        """The annual volatility that Black and Scholes's formula needs."""
        return np.sqrt(self._found(log_moneyness).value / self.expiry)[()]

    def skew(self, log_moneyness: ArrayLike) -> Any:
        """The derivative of `volatility` by log moneyness."""
        value, slope, _ = self._found(log_moneyness)
        return (slope / (2 * np.sqrt(value * self.expiry)))[()]

    def g(self, log_moneyness: ArrayLike) -> Any:
        """Gatheral's function, whose sign is the density's."""
        k = checked(log_moneyness)
        return gatheral_g(k, *self._found(k))[()]

    def density(self, log_moneyness: ArrayLike) -> Any:
        """The density of ``ln(price at expiry / forward)`` that the option prices imply.

        It is negative where a butterfly costs less than nothing.
        """
        k = checked(log_moneyness)
        found = self._found(k)
        root = np.sqrt(found.value)
        normal = np.exp(-0.5 * (k / root + 0.5 * root) ** 2) / (np.sqrt(2 * np.pi) * root)
        return (gatheral_g(k, *found) * normal)[()]

    def butterfly(self, low: float = -np.inf, high: float = np.inf) -> Butterfly:
        """Where butterflies cost less than nothing: everywhere, or between two points of log moneyness.

        `g` is computed on a dense grid, which is refined around each of its lowest minima until they are known to
        ten digits; what becomes of `g` beyond the grid is known from the formula of the wings.
        """
        return searched(self, *stretch(low, high))

    def grid(self) -> Floats:
        """Where `butterfly` looks: points that lie denser the nearer they are to what bends."""
        return grid(0.0, 1e-4, FARTHEST)

    def wings(self) -> tuple[float, float]:
        """What `g` tends to beyond the grid, to the left and to the right; its ends there unless it is known."""
        ends = self.grid()[[0, -1]]
        left, right = gatheral_g(ends, *self.derivatives(ends))
        return float(left), float(right)

    def steepness(self) -> tuple[float, float]:
        """The slopes of total variance far out in the left wing, downwards, and in the right, upwards."""
        left, right = self.derivatives(self.grid()[[0, -1]]).slope
        return -float(left), float(right)

    def introduction(self) -> Mapping[str, str]:
        """Its expiry, and its butterflies."""
        return {"expiry": written(self.expiry), "butterflies": str(self.butterfly())}

    def _found(self, log_moneyness: ArrayLike) -> Derivatives:
        k = checked(log_moneyness)
        found = self.derivatives(k)
        require("log_moneyness", k, np.isfinite(found.value), "must be where the formula has a volatility")
        return found


@np.errstate(all="ignore")  # where there is no variance, there is no g
def gatheral_g(k: Any, value: Any, slope: Any, curvature: Any) -> Any:
    """Gatheral's g, from total variance and its derivatives at log moneyness `k`.  Unchecked, for inner loops.

    Examples
    --------
    >>> gatheral_g(0.3, 0.04, 0.0, 0.0)  # Black and Scholes
    1.0
    """
    return (1 - k * slope / (2 * value)) ** 2 - slope**2 / 4 * (1 / value + 0.25) + curvature / 2


def checked(log_moneyness: ArrayLike) -> Floats:
    """Log moneyness as an array."""
    k = finite("log_moneyness", log_moneyness)
    return require("log_moneyness", k, np.abs(k) <= FARTHEST, "must be between -50 and 50")


def stretch(low: Any, high: Any) -> tuple[float, float]:
    """A stretch of log moneyness, which may have no end on either side."""
    ends = [_end("low", low), _end("high", high)]
    if not ends[0] < ends[1]:
        raise ValueError(f"low must be below high, got {ends[0]:g} and {ends[1]:g}")
    return ends[0], ends[1]


def _end(name: str, value: Any) -> float:
    return (
        float(value) if isinstance(value, float) and np.isinf(value) else between(-FARTHEST, FARTHEST)(name, value)
    )
