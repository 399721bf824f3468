"""SABR's smile: Hagan's formula for the volatility of one expiry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import eval_legendre

from hedgelab.smile.observed import observed
from hedgelab.smile.reports import FitReport, Fitted
from hedgelab.smile.searches import grid
from hedgelab.smile.slices import Derivatives, Expiry, Slice
from hedgelab.smile.svi import correlation
from hedgelab.validation import Checked, Floats, Fraction, between

LITTLE = 0.05  # of z, below which its logarithm is a sum of twelve terms

Forward = Annotated[float, between(1e-9, 1e12)]


@dataclass(frozen=True)
class SABR(Fitted, Checked, Slice):
    """A slice by Hagan's formula for the lognormal volatility in the SABR model.

    The model is ``dF = alpha F**beta dW, d alpha = nu alpha dB, dW dB = rho dt``.  P. S. Hagan, D. Kumar, A. S.
    Lesniewski & D. E. Woodward (2002), "Managing smile risk", Wilmott Magazine, equation 2.17a.  The formula is an
    approximation for short expiries, and its wings always have butterflies, unless `beta` is 1 and `nu` is 0;
    ``butterfly(low, high)`` says whether those strikes do that matter.

    Parameters
    ----------
    alpha : the volatility of the forward, over ``forward**(beta - 1)``; positive
    beta : 0 to 1: how the volatility depends on the forward, from normal to lognormal
    rho : correlation of forward and volatility, between -1 and 1, neither of them
    nu : volatility of the volatility, zero or more
    expiry : years, positive
    forward : in the currency of the strikes; with `beta` 1 nothing depends on it

    Raises
    ------
    ValueError
        Names the argument, the value and the rule; also where the formula has no volatility at the money, since
        expiry and `nu` are too large for it.

    Examples
    --------
    >>> smile = SABR(alpha=2, beta=0.5, rho=-0.3, nu=0.4, expiry=1, forward=100)
    >>> smile.volatility(np.log([0.6, 0.8, 1, 1.2])).round(6)
    array([0.27683 , 0.231259, 0.20179 , 0.186232])
    """

    alpha: Annotated[float, between(1e-12, 1e12)]
    beta: Fraction
    rho: Annotated[float, correlation]
    nu: Annotated[float, between(0, 100)]
    expiry: Expiry
    forward: Forward = 1.0
    report: FitReport | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        lognormal = self.alpha * self.forward ** (self.beta - 1)
        between(1e-4, 100)("alpha * forward**(beta - 1)", lognormal)
        if not self.derivatives(np.array(0.0)).value > 0:
            raise ValueError(
                f"nu must be small enough for Hagan's formula to have a volatility at the money, got {self.nu}"
            )

    def derivatives(self, log_moneyness: Any) -> Derivatives:
        """Total variance with two derivatives.  Unchecked, for inner loops."""
        k, c = log_moneyness, 1 - self.beta
        lognormal = self.alpha * self.forward**-c * np.exp(-0.5 * c * k)
        steep = self.nu / lognormal
        z, z1, z2 = -steep * k, -steep * (1 + 0.5 * c * k), -steep * c * (1 + 0.25 * c * k)
        y, y1, y2 = _log_over_z(z, self.rho)
        even, bent, both = (part * self.expiry for part in _correction(lognormal, c, self.rho, self.beta, self.nu))
        near, near1, near2 = 1 + even + bent + both, -c * (even + 0.5 * bent), c * c * (even + 0.25 * bent)
        c2, curved = c**2, c**2 * k**2
        flat, flat1, flat2 = (
            1 + curved / 24 + curved**2 / 1920,
            c2 * k * (1 / 12 + curved / 480),
            c2 * (1 / 12 + curved / 160),
        )
        volatility = np.where(near > 0, lognormal * near / (y * flat), np.nan)
        # of the logarithm of volatility
        first = -0.5 * c + near1 / near - flat1 / flat - y1 * z1 / y
        second = near2 / near - (near1 / near) ** 2 - flat2 / flat + (flat1 / flat) ** 2
        second = second - (y2 * z1**2 + y1 * z2) / y + (y1 * z1 / y) ** 2
        value = volatility**2 * self.expiry
        return Derivatives(value, 2 * value * first, value * (4 * first**2 + 2 * second))

    def grid(self) -> Floats:
        """Where `butterfly` looks: dense around the money."""
        return grid(0.0, 1e-3, 30.0)

    def wings(self) -> tuple[float, float]:
        """What g tends to.

        Total variance grows beyond any straight line to the left, and if `beta` is 1 to the right, so that g falls
        without end; otherwise it fades to the right, and g is above 1.
        """
        if self.beta == 1 and self.nu == 0:
            return 1.0, 1.0
        return -np.inf, (-np.inf if self.beta == 1 else 25.0)

    @classmethod
    def fit(
        cls,
        log_moneyness: ArrayLike,
        volatility: ArrayLike,
        expiry: float,
        *,
        beta: float = 1.0,
        forward: float = 1.0,
        weights: ArrayLike | None = None,
        bid: ArrayLike | None = None,
        ask: ArrayLike | None = None,
    ) -> SABR:
        """The smile with this `beta` nearest to quoted volatilities in least squares.

        The start is a parabola through the volatilities, whose level, slope and curvature the formula gives to
        lowest order (Hagan et al. 2002, equation 3.1); Levenberg and Marquardt's way leads on from it.

        Parameters
        ----------
        log_moneyness, volatility : of at least three quotes on both sides of the money, no strike twice
        expiry : years, positive
        beta, forward : as of the smile
        weights : of the squared residuals; a quote with weight 0 is left out
        bid, ask : volatilities; a smile between them costs nothing, and ties are broken towards `volatility`

        Returns
        -------
        SABR
            With a `report` of how well it fits; its `butterfly` is about the strikes that were quoted.

        Examples
        --------
        >>> k = np.linspace(-0.3, 0.3, 7)
        >>> quoted = SABR(alpha=0.2, beta=1, rho=-0.7, nu=1, expiry=0.25).volatility(k)
        >>> smile = SABR.fit(k, quoted, expiry=0.25)
        >>> round(smile.rho, 6), round(smile.nu, 6)
        (-0.7, 1.0)
        """
        from hedgelab.smile.sabr_fit import fitted

        seen = observed(log_moneyness, volatility, expiry, weights, bid, ask, parameters=3)
        return fitted(seen, between(0, 1)("beta", beta), between(1e-9, 1e12)("forward", forward))


def hagan(k: Any, alpha: Any, beta: float, rho: Any, nu: Any, expiry: float) -> Any:
    """The formula's volatility for a forward of 1, broadcast over all but beta.  Unchecked, for the fit.

    Examples
    --------
    >>> round(float(hagan(np.log(0.6), 0.2, 0.5, -0.3, 0.4, 1.0)), 6)
    0.27683
    """
    c = 1 - beta
    lognormal = alpha * np.exp(-0.5 * c * k)
    even, bent, both = _correction(lognormal, c, rho, beta, nu)
    flat = 1 + (c * k) ** 2 / 24 + (c * k) ** 4 / 1920
    return lognormal * (1 + (even + bent + both) * expiry) / (_ratio(-nu / lognormal * k, rho) * flat)


def _correction(lognormal: Any, c: float, rho: float, beta: float, nu: float) -> tuple[Any, Any, float]:
    """The three terms of the correction that is linear in expiry, per year."""
    return c**2 / 24 * lognormal**2, rho * beta * nu * lognormal / 4, (2 - 3 * rho**2) / 24 * nu**2


def _ratio(z: Any, rho: Any) -> Any:
    """x(z) / z, without cancellation."""
    sign = np.where(z < 0, -1.0, 1.0)
    rest = z * (z - 2 * rho)
    x = np.log1p((np.abs(z) + rest / (np.sqrt(1 + rest) + 1)) / (1 - sign * rho))
    small = np.abs(z) < 1e-8
    return np.where(small, 1 + 0.5 * rho * z, sign * x / np.where(small, 1.0, z))


def _log_over_z(z: Any, rho: float) -> tuple[Any, Any, Any]:
    """Hagan's ``x(z) / z``, x(z) the log of ``(sqrt(1 - 2 rho z + z**2) + z - rho) / (1 - rho)``, and derivatives.

    As x is the integral of ``1 / sqrt(1 - 2 rho z + z**2)``, which generates Legendre's polynomials, the ratio is
    their sum with powers of z, each over one more than its degree; this is for small z.
    """
    size, root = np.abs(z), np.sqrt((z - rho) ** 2 + (1 - rho**2))
    large = np.where(size < LITTLE, 1.0, z)
    y = _ratio(large, rho)
    y1 = (1 / root - y) / large
    y2 = ((rho - z) / (root * root * root) - 2 * y1) / large
    little = size < LITTLE
    if not np.any(little):
        return y, y1, y2
    degree = np.arange(12)
    terms = eval_legendre(degree, rho) / (degree + 1)
    slopes = terms[1:] * degree[1:]
    found = [np.array(each) for each in (y, y1, y2)]
    for array, sums in zip(found, (terms, slopes, slopes[1:] * degree[1:-1]), strict=True):
        array[little] = np.polynomial.polynomial.polyval(np.asarray(z)[little], sums)
    return found[0], found[1], found[2]
