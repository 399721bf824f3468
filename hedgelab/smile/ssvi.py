"""SSVI: slices of SVI that share three parameters, free of arbitrage by what these are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.introductions import Introduced, written
from hedgelab.smile.reports import FitReport
from hedgelab.smile.svi import SVI, correlation
from hedgelab.validation import Checked, Fraction, between, positive, positive_scalar, short


def _rising(name: str, value: Any) -> tuple[float, ...]:
    """Positive numbers that do not fall."""
    numbers = positive(name, value)
    if numbers.ndim != 1 or (np.diff(numbers) < 0).any():
        raise ValueError(f"{name} must be a list of numbers that do not fall, got {numbers.tolist()}")
    return tuple(numbers.tolist())


@dataclass(frozen=True)
class SSVI(Introduced, Checked):
    """A surface whose slices are told apart by their total variance at the money, theta::

        w(k) = theta / 2 (1 + rho phi k + sqrt((phi k + rho)**2 + 1 - rho**2))
        phi = eta / (theta**gamma (1 + theta)**(1 - gamma))

    Gatheral & Jacquier (2014), "Arbitrage-free SVI volatility surfaces", section 4, with a power law for phi.

    Parameters
    ----------
    rho : tilt, between -1 and 1, neither of them; the same for all expiries
    eta : how steep the wings are, positive
    gamma : how fast the smile flattens with theta, 0 to 1
    expiries : years at which theta is known, rising
    thetas : total variance at the money at each of them, not falling; between them and from zero it runs straight,
        beyond them the volatility at the money stays

    Examples
    --------
    >>> surface = SSVI(rho=-0.7, eta=1, gamma=0.5, expiries=[0.5, 1], thetas=[0.02, 0.04])
    >>> surface.free
    True
    >>> surface.slice(1).volatility([-0.1, 0, 0.1]).round(4)
    array([0.2337, 0.2   , 0.1674])
    """

    rho: Annotated[float, correlation]
    eta: Annotated[float, between(1e-9, 1e6)]
    gamma: Fraction
    expiries: Annotated[tuple[float, ...], _rising] = ()
    thetas: Annotated[tuple[float, ...], _rising] = ()
    report: FitReport | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.expiries) != len(self.thetas) or len(set(self.expiries)) < len(self.expiries):
            raise ValueError(
                f"thetas must be one for each of expiries, none twice, got {len(self.thetas)} for {self.expiries}"
            )

    @property
    def free(self) -> bool:
        """Whether it is known to be free of arbitrage: ``eta (1 + abs(rho)) <= 2`` and ``gamma <= 1 / 2``.

        Then no theta has a butterfly, and total variance rises with theta (Gatheral & Jacquier 2014, theorem 4.1,
        corollary 4.1).  A surface that breaks this may still be free where its thetas are.
        """
        return self.eta * (1 + abs(self.rho)) <= 2 and self.gamma <= 0.5

    def theta(self, expiry: float) -> float:
        """Total variance at the money."""
        expiry = positive_scalar("expiry", expiry)
        if not self.expiries:
            raise ValueError(f"theta must be given for a surface without expiries, got None at expiry {expiry:g}")
        last, level = self.expiries[-1], self.thetas[-1]
        if expiry > last:
            return level * expiry / last
        return float(np.interp(expiry, (0.0, *self.expiries), (0.0, *self.thetas)))

    def phi(self, theta: ArrayLike) -> Any:
        """How steep the wings are, over theta / 2."""
        theta = positive("theta", theta)
        return self.eta * theta**-self.gamma * (1 + theta) ** (self.gamma - 1)

    def slice(self, expiry: float, theta: float | None = None) -> SVI:
        """The smile of an expiry; theta is the surface's own unless given."""
        theta = self.theta(expiry) if theta is None else positive_scalar("theta", theta)
        return SVI.from_natural(0.0, 0.0, self.rho, theta, float(self.phi(theta)), expiry)

    def introduction(self) -> Mapping[str, str]:
        """Its parameters, and whether it is known to be free of arbitrage."""
        told = {name: written(getattr(self, name)) for name in ("rho", "eta", "gamma", "expiries", "thetas")}
        told["arbitrage"] = "none, by theorem" if self.free else "ask its slices"
        return told if self.report is None else told | {"rms": f"{self.report.rms:.4g} bp"}

    def __repr__(self) -> str:
        curve = f"expiries={short(self.expiries)}, thetas={short(self.thetas)}"
        return f"SSVI(rho={self.rho!r}, eta={self.eta!r}, gamma={self.gamma!r}, {curve})"

    @classmethod
    def fit(
        cls,
        log_moneyness: ArrayLike,
        volatility: ArrayLike,
        expiry: ArrayLike,
        *,
        weights: ArrayLike | None = None,
        bid: ArrayLike | None = None,
        ask: ArrayLike | None = None,
    ) -> SSVI:
        """The surface nearest to quoted volatilities in least squares among those that are `free`.

        Parameters
        ----------
        log_moneyness, volatility, expiry : of the quotes: for each expiry at least two, on both sides of the
            money, and three more than there are expiries
        weights : of the squared residuals; those of each expiry are made 1 on average, and 0 leaves a quote out
        bid, ask : volatilities; a surface between them costs nothing

        Returns
        -------
        SSVI
            With a `report` of how well it fits.

        Examples
        --------
        >>> true = SSVI(rho=-0.7, eta=1, gamma=0.5, expiries=[0.5, 1], thetas=[0.02, 0.04])
        >>> k = np.linspace(-0.2, 0.2, 9)
        >>> quoted = np.concatenate([true.slice(T).volatility(k) for T in (0.5, 1)])
        >>> found = SSVI.fit(np.tile(k, 2), quoted, np.repeat([0.5, 1], 9))
        >>> round(found.rho, 4), found.report.rms < 0.01
        (-0.7, True)
        """
        from hedgelab.smile.observed import observed_surface
        from hedgelab.smile.ssvi_fit import fitted

        return fitted(observed_surface(log_moneyness, volatility, expiry, weights, bid, ask, parameters=2))
