"""Gatheral's SVI: a hyperbola for the total variance of one expiry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.smile.observed import observed
from hedgelab.smile.reports import FitReport, Fitted
from hedgelab.smile.searches import grid
from hedgelab.smile.slices import Derivatives, Expiry, Slice
from hedgelab.validation import Checked, Floats, between, finite_scalar, positive_scalar, refusal, truth

#: The least that a total variance may be.
LEAST = 1e-18

Level = Annotated[float, between(-1e6, 1e6)]


def correlation(name: str, value: Any) -> float:
    """`value` as one float between -1 and 1, neither of them."""
    rho = finite_scalar(name, value)
    if not -1 < rho < 1:
        raise ValueError(f"{name} must lie between -1 and 1, and be neither, got {rho}")
    return rho


class JumpWings(NamedTuple):
    """SVI as traders see it; variances are annual, the rest is over the root of total variance at the money."""

    variance: float  # at the money
    skew: float  # the slope of volatility times root expiry, at the money
    put_wing: float  # slope of the left wing
    call_wing: float  # slope of the right wing
    least_variance: float


class Natural(NamedTuple):
    """SVI as ``delta + omega / 2 (1 + zeta rho (k - mu) + sqrt((zeta (k - mu) + rho)**2 + 1 - rho**2))``."""

    delta: float
    mu: float
    rho: float
    omega: float
    zeta: float


@dataclass(frozen=True)
class SVI(Fitted, Checked, Slice):
    """A slice whose total variance is a hyperbola in log moneyness, with straight wings::

        w(k) = a + b (rho (k - m) + sqrt((k - m)**2 + sigma**2))

    Gatheral & Jacquier (2014), "Arbitrage-free SVI volatility surfaces", equation 3.1; the name is for stochastic
    volatility inspired.  Not every hyperbola is free of butterflies: `butterfly` says.

    Parameters
    ----------
    a : level
    b : steepness of the wings, zero or more; the left has slope ``b (rho - 1)``, the right ``b (rho + 1)``
    rho : tilt, between -1 and 1, neither of them
    m : log moneyness of the hyperbola's middle
    sigma : roundness of the middle, positive
    expiry : years, positive

    Raises
    ------
    ValueError
        Names the argument, the value and the rule; also where the least total variance,
        ``a + b sigma sqrt(1 - rho**2)``, is not positive.

    Examples
    --------
    >>> smile = SVI(a=0.01, b=0.1, rho=-0.5, m=0.02, sigma=0.15, expiry=0.5)
    >>> smile.volatility([-0.2, 0, 0.2]).round(4)
    array([0.3086, 0.2286, 0.221 ])
    >>> smile.butterfly().free
    True
    """

    a: Level
    b: Annotated[float, between(0, 1e6)]
    rho: Annotated[float, correlation]
    m: Annotated[float, between(-1000, 1000)]
    sigma: Annotated[float, between(1e-8, 1e4)]
    expiry: Expiry
    report: FitReport | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.least < LEAST:
            raise ValueError(
                f"a must leave a positive total variance: a + b sigma sqrt(1 - rho**2) must be {LEAST:g} or more, "
                f"got {self.least:g}"
            )

    @property
    def least(self) -> float:
        """The least total variance."""
        return float(self.a + self.b * self.sigma * np.sqrt(1 - self.rho**2))

    def derivatives(self, log_moneyness: Any) -> Derivatives:
        """Total variance with two derivatives.  Unchecked, for inner loops."""
        x = log_moneyness - self.m
        r = np.sqrt(x * x + self.sigma**2)
        value = np.maximum(self.a + self.b * (self.rho * x + r), LEAST)  # it is, but for rounding
        return Derivatives(value, self.b * (self.rho + x / r), self.b * self.sigma**2 / r**3)

    def grid(self) -> Floats:
        """Where `butterfly` looks: dense around the money and around the hyperbola's middle."""
        wing = self.b * (1 - abs(self.rho))
        far = 100 * max(1.0, abs(self.m) + self.sigma, min(abs(self.a) / max(wing, 1e-12), 1e6))
        return np.union1d(grid(0.0, 1e-3, far), grid(self.m, min(self.sigma, 1.0), far))

    def wings(self) -> tuple[float, float]:
        """What g tends to on either side: ``1/4 - (slope of the wing)**2 / 16``, or 1 if it is flat."""
        left, right = self.steepness()
        return (0.25 - left**2 / 16, 0.25 - right**2 / 16) if self.b else (1.0, 1.0)

    def steepness(self) -> tuple[float, float]:
        """The slopes of both wings, outwards."""
        return self.b * (1 - self.rho), self.b * (1 + self.rho)

    @property
    def jump_wings(self) -> JumpWings:
        """The same smile by what can be seen of it, Gatheral & Jacquier (2014), equation 3.5."""
        w = float(self.derivatives(0.0).value)
        root, r = np.sqrt(w), np.hypot(self.m, self.sigma)
        wings = self.b * (1 - self.rho) / root, self.b * (1 + self.rho) / root
        skew = self.b / (2 * root) * (self.rho - self.m / r)
        return JumpWings(*map(float, (w / self.expiry, skew, *wings, self.least / self.expiry)))

    @classmethod
    @np.errstate(all="ignore")  # what is no number then is refused
    def from_jump_wings(
        cls, variance: float, skew: float, put_wing: float, call_wing: float, least_variance: float, expiry: float
    ) -> SVI:
        """The smile with these `jump_wings`.

        Raises
        ------
        ValueError
            Where there is none: a skew beyond half of either wing, a least variance above that at the money; or
            more than one: without a skew the least variance is that at the money, and any roundness will do.

        Examples
        --------
        >>> vogt = SVI(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153, expiry=1)
        >>> round(SVI.from_jump_wings(*vogt.jump_wings, expiry=1).sigma, 10)
        0.4153
        """
        variance, expiry = positive_scalar("variance", variance), positive_scalar("expiry", expiry)
        least, skew = positive_scalar("least_variance", least_variance), finite_scalar("skew", skew)
        put, call = positive_scalar("put_wing", put_wing), positive_scalar("call_wing", call_wing)
        if not -put / 2 < skew < call / 2 or skew == 0:
            raise ValueError(
                f"skew must lie between -put_wing / 2 and call_wing / 2, {-put / 2:g} and {call / 2:g}, and not "
                f"be 0, got {skew:g}"
            )
        if not least < variance:
            raise ValueError(f"least_variance must be below variance, {variance:g}, got {least:g}")
        root = np.sqrt(variance * expiry)
        b = root * (put + call) / 2
        rho, tilt = (call - put) / (call + put), (call - put - 4 * skew) / (call + put)  # tilt: m over r
        r = (variance - least) * expiry / (2 * b * np.sin((np.arcsin(rho) - np.arcsin(tilt)) / 2) ** 2)
        sigma = r * np.sqrt(1 - tilt**2)
        a = least * expiry - b * sigma * np.sqrt(1 - rho**2)
        return cls(float(a), float(b), float(rho), float(r * tilt), float(sigma), expiry)

    @property
    def natural(self) -> Natural:
        """The same smile in natural parameters, Gatheral & Jacquier (2014), equation 3.2."""
        root = np.sqrt(1 - self.rho**2)
        omega = 2 * self.b * self.sigma / root
        mu = self.m + self.rho * self.sigma / root
        return Natural(*map(float, (self.a - omega / 2 * root**2, mu, self.rho, omega, root / self.sigma)))

    @classmethod
    @np.errstate(all="ignore")  # as above
    def from_natural(cls, delta: float, mu: float, rho: float, omega: float, zeta: float, expiry: float) -> SVI:
        """The smile with these `natural` parameters.

        Examples
        --------
        >>> SVI.from_natural(delta=0, mu=0, rho=-0.6, omega=0.04, zeta=2, expiry=1)
        SVI(a=0.0128, b=0.04, rho=-0.6, m=0.3, sigma=0.4, expiry=1.0)
        """
        delta, mu, rho = finite_scalar("delta", delta), finite_scalar("mu", mu), correlation("rho", rho)
        omega, zeta = finite_scalar("omega", omega), positive_scalar("zeta", zeta)
        if omega < 0:
            raise refusal("omega must be zero or more", omega)
        square = 1 - rho**2
        return cls(
            delta + omega / 2 * square, omega * zeta / 2, rho, mu - rho / zeta, np.sqrt(square) / zeta, expiry
        )

    @classmethod
    def fit(
        cls,
        log_moneyness: ArrayLike,
        volatility: ArrayLike,
        expiry: float,
        *,
        weights: ArrayLike | None = None,
        bid: ArrayLike | None = None,
        ask: ArrayLike | None = None,
        butterflies: bool = False,
    ) -> SVI:
        """The smile nearest to quoted volatilities in least squares, free of butterflies unless they are allowed.

        Three of five parameters are linear in total variance once `m` and `sigma` are known (Zeliade Systems 2009,
        "Quasi-explicit calibration of Gatheral's SVI model"): a grid of those two is solved at once, then the best
        point is refined, first in these two, then in all five on the residuals of volatility.  If the outcome has
        a butterfly, a fit takes its place that pays for negative g, ever more until there is none; or an SSVI
        slice, which has none by theorem 4.2 of Gatheral & Jacquier (2014), where that is nearer.

        Parameters
        ----------
        log_moneyness, volatility : of at least five quotes on both sides of the money, no strike twice
        expiry : years, positive
        weights : of the squared residuals; a quote with weight 0 is left out
        bid, ask : volatilities; a smile between them costs nothing, and ties are broken towards `volatility`
        butterflies : whether the fit may have butterflies; `report` says whether it does

        Returns
        -------
        SVI
            With a `report` of how well it fits, see `FitReport`.

        Examples
        --------
        >>> k = np.linspace(-0.3, 0.3, 13)
        >>> quoted = SVI(0.01, 0.1, -0.5, 0.02, 0.15, expiry=0.5).volatility(k)
        >>> smile = SVI.fit(k, quoted, expiry=0.5)
        >>> smile.report.rms < 0.001, smile.report.repair
        (True, None)
        """
        from hedgelab.smile.svi_fit import fitted

        seen = observed(log_moneyness, volatility, expiry, weights, bid, ask, parameters=5)
        return fitted(seen, truth("butterflies", butterflies))
