"""SABR's smile: Hagan's formula for the volatility of one expiry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.smile.hagan import Along, along
from hedgelab.smile.observed import observed
from hedgelab.smile.reports import FitReport, Fitted
from hedgelab.smile.searches import grid
from hedgelab.smile.slices import Derivatives, Expiry, Slice
from hedgelab.smile.svi import correlation
from hedgelab.validation import Checked, Floats, Fraction, between

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
        volatility, first, second = self.along(log_moneyness, self._strikewards)
        value = volatility * volatility * self.expiry
        return Derivatives(value, 2 * value * first, value * (4 * first * first + 2 * second))

    def value_and_slope(self, log_moneyness: Any) -> tuple[Any, Any]:
        """The first two of `derivatives`, which take half the time.  Unchecked, as these."""
        volatility, first, _ = self.along(log_moneyness, self._strikewards, twice=False)
        value = volatility * volatility * self.expiry
        return value, 2 * value * first

    def along(self, log_moneyness: Any, way: tuple[float, float, float], twice: bool = True) -> Along:
        """Volatility and its derivatives where strike, forward and alpha move, see `hagan.along`.  Unchecked."""
        c = 1 - self.beta
        lognormal = self.alpha * self.forward**-c * (np.exp(-0.5 * c * log_moneyness) if c else 1.0)
        return along(log_moneyness, lognormal, self.beta, self.rho, self.nu, self.expiry, way, twice)

    @property
    def _strikewards(self) -> tuple[float, float, float]:
        """The way of strikes at one forward and alpha."""
        return 1.0, 0.5 * (self.beta - 1), 0.0

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
