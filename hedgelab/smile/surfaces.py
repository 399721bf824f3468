"""Slices of several expiries as one surface: what is between them, and whether total variance falls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.introductions import Introduced
from hedgelab.smile.butterflies import Butterfly
from hedgelab.smile.calendars import Calendar, crossing
from hedgelab.smile.reports import SurfaceReport
from hedgelab.smile.slices import Derivatives, Slice, checked, stretch
from hedgelab.validation import (
    Checked,
    Floats,
    Positive,
    broadcast,
    not_negative,
    optional,
    positive,
    positive_scalar,
    refusal,
    require,
)


def _slices(name: str, value: Any) -> tuple[Slice, ...]:
    """One slice or more, by expiry."""
    slices = tuple(value) if isinstance(value, Sequence) else ()
    if not slices or not all(isinstance(each, Slice) for each in slices):
        raise refusal(f"{name} must be a list of slices, at least one", value)
    slices = tuple(sorted(slices, key=lambda each: each.expiry))
    expiries = [each.expiry for each in slices]
    if len(set(expiries)) < len(expiries):
        raise ValueError(f"{name} must have different expiries, got {expiries}")
    return slices


def _forwards(name: str, value: Any) -> tuple[float, ...]:
    forwards = positive(name, value)
    if forwards.ndim != 1:
        raise refusal(f"{name} must be a list of numbers", value)
    return tuple(forwards.tolist())


def _years(expiry: ArrayLike) -> Floats:
    years = not_negative("expiry", expiry)
    return require("expiry", years, years <= 1000, "must be at most 1000")


@dataclass(frozen=True)
class Blend(Slice):
    """A slice whose total variance is a sum of those of others, each with its share.

    Examples
    --------
    >>> from hedgelab import SVI
    >>> near, far = SVI(0.01, 0.1, -0.5, 0, 0.1, expiry=0.25), SVI(0.03, 0.1, -0.5, 0, 0.1, expiry=0.5)
    >>> round(float(Blend((near, far), (0.5, 0.5), expiry=0.375).total_variance(0)), 6)
    0.03
    """

    slices: tuple[Slice, ...]
    shares: tuple[float, ...]
    expiry: float

    def derivatives(self, log_moneyness: Any) -> Derivatives:
        """Total variance with two derivatives.  Unchecked, for inner loops."""
        return Derivatives(*self._sums([each.derivatives(log_moneyness) for each in self.slices]))

    def value_and_slope(self, log_moneyness: Any) -> tuple[Any, Any]:
        """The first two of `derivatives`.  Unchecked, as these."""
        value, slope = self._sums([each.value_and_slope(log_moneyness) for each in self.slices])
        return value, slope

    def grid(self) -> Floats:
        """Where `butterfly` looks: where each of the slices would."""
        return np.unique(np.concatenate([each.grid() for each in self.slices]))

    def _sums(self, parts: Sequence[Sequence[Any]]) -> list[Any]:
        """Of each term of the slices, with their shares."""
        return [
            sum(share * each for share, each in zip(self.shares, term, strict=True))
            for term in zip(*parts, strict=True)
        ]


@dataclass(frozen=True)
class Surface(Introduced, Checked):
    """Slices of several expiries, and volatilities of all strikes and expiries.

    Between two expiries total variance runs straight from one slice to the other at each log moneyness, so that it
    rises wherever the slices' does (`calendar` says whether it does).  Before the first and after the last expiry
    the volatility at each log moneyness stays what it is there: total variance is in proportion to time, and adds
    no arbitrage of calendars.  Straight lines of total variance may have butterflies where neither end has one:
    ``slice(expiry).butterfly()`` says.

    Parameters
    ----------
    slices : of any kinds, such as `SVI` and `SABR`; kept in the order of their expiries
    spot : price of the share, in the currency of the strikes
    forwards : one for each slice, in that order, or none where they are the spot; their logarithm runs straight
        from the spot through each of them, and on

    Examples
    --------
    >>> from hedgelab import SVI
    >>> near, far = SVI(0.01, 0.04, -0.5, 0, 0.1, expiry=0.25), SVI(0.03, 0.05, -0.5, 0, 0.1, expiry=0.5)
    >>> surface = Surface([near, far], spot=100, forwards=[100.5, 101])
    >>> surface(strike=[90, 100, 110], expiry=0.4).round(4)
    array([0.2809, 0.2588, 0.2554])
    >>> surface.calendar().free
    True
    """

    slices: Annotated[tuple[Slice, ...], _slices]
    spot: Positive = 1.0
    forwards: Annotated[tuple[float, ...] | None, optional(_forwards)] = None
    report: SurfaceReport | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.forwards is not None and len(self.forwards) != len(self.slices):
            raise ValueError(
                f"forwards must be one for each of {len(self.slices)} slices, got {len(self.forwards)}"
            )

    @property
    def expiries(self) -> tuple[float, ...]:
        """Those of the slices, years."""
        return tuple(each.expiry for each in self.slices)

    def __call__(self, strike: ArrayLike, expiry: ArrayLike) -> Any:
        """The volatility of options by strike and expiry, which broadcast."""
        strike, years = positive("strike", strike), _years(expiry)
        broadcast(strike=strike, expiry=years)
        return self.volatility(np.log(strike) - np.log(self.forward(years)), years)

    def forward(self, expiry: ArrayLike) -> Any:
        """The forward price of the share."""
        years = _years(expiry)
        if self.forwards is None:
            return np.full(years.shape, self.spot)[()]
        times, logs = np.array([0.0, *self.expiries]), np.log([self.spot, *self.forwards])
        beyond = np.maximum(years - times[-1], 0) * (logs[-1] - logs[-2]) / (times[-1] - times[-2])
        log = np.interp(years, times, logs) + beyond
        require("expiry", years, np.abs(log) < 690, "must be where the forward is a price")
        return np.exp(log)[()]

    def volatility(self, log_moneyness: ArrayLike, expiry: ArrayLike) -> Any:
        """The volatility by log moneyness and expiry, which broadcast; at expiry 0 that of the first slice."""
        return np.sqrt(self._variance(log_moneyness, expiry))[()]

    def total_variance(self, log_moneyness: ArrayLike, expiry: ArrayLike) -> Any:
        """The square of volatility times expiry, by log moneyness and expiry, which broadcast."""
        return (self._variance(log_moneyness, expiry) * np.asarray(expiry, float))[()]

    def slice(self, expiry: float) -> Slice:
        """The smile of an expiry, which need not be one of those given; years, positive."""
        expiry = positive_scalar("expiry", expiry)
        near, far, shares = self._between(np.array(expiry))
        parts = [
            (self.slices[int(which)], float(share))
            for which, share in zip((near, far), shares, strict=True)
            if share
        ]
        if len(parts) == 1 and parts[0][0].expiry == expiry:
            return parts[0][0]
        return Blend(tuple(smile for smile, _ in parts), tuple(share for _, share in parts), expiry)

    def calendar(self, low: float = -np.inf, high: float = np.inf) -> Calendar:
        """Where total variance falls from one slice to the next, between two points of log moneyness."""
        low, high = stretch(low, high)
        pairs = zip(self.slices, self.slices[1:], strict=False)
        found = [crossing(near, far, low, high) for near, far in pairs]
        return Calendar(tuple(each for each in found if each.gap < 0))

    def butterflies(self, low: float = -np.inf, high: float = np.inf) -> dict[float, Butterfly]:
        """The butterflies of the slices that have some, by expiry, between two points of log moneyness."""
        found = {each.expiry: each.butterfly(low, high) for each in self.slices}
        return {expiry: butterfly for expiry, butterfly in found.items() if butterfly}

    def introduction(self) -> Mapping[str, str]:
        """Its expiries, the spot, and what arbitrage it has."""
        butterflies = self.butterflies()
        told = {
            "slices": f"{len(self.slices)}, from {self.expiries[0]:.4g} to {self.expiries[-1]:.4g} years",
            "spot": f"{self.spot:,.6g}",
            "butterflies": f"in {len(butterflies)} slices" if butterflies else "none",
            "calendar": str(self.calendar()),
        }
        return told if self.report is None else told | {"rms": f"{self.report.rms:.4g} bp"}

    def __repr__(self) -> str:
        kinds = ", ".join(sorted({type(each).__name__ for each in self.slices}))
        told = f"{len(self.slices)} slices ({kinds}), {self.expiries[0]:.4g} to {self.expiries[-1]:.4g} years"
        return f"Surface({told}, spot={self.spot!r})"

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
        spot: float = 1.0,
        forwards: ArrayLike | None = None,
    ) -> Surface:
        """SVI slices nearest to quoted volatilities in least squares, free of butterflies and calendar arbitrage.

        Each slice is fitted as `SVI.fit` does, from the first expiry on.  One that is below the slice before it
        anywhere is fitted again, and pays for that as it does for butterflies; where this does not do, all slices
        are those of the nearest free SSVI surface.

        Parameters
        ----------
        log_moneyness, volatility, expiry : of the quotes; at least five an expiry, on both sides of the money
        weights : of the squared residuals of an expiry; a quote with weight 0 is left out
        bid, ask : volatilities; a smile between them costs nothing
        spot, forwards : as of the surface

        Returns
        -------
        Surface
            With a `report`; so has each of its slices.

        Examples
        --------
        >>> k, years = np.tile(np.linspace(-0.3, 0.3, 9), 2), np.repeat([0.25, 0.5], 9)
        >>> surface = Surface.fit(k, 0.2 + 0.1 * k**2 - 0.1 * k, years)
        >>> surface.report.repaired, surface.calendar().free, bool(surface.butterflies())
        ((), True, False)
        """
        from hedgelab.smile.observed import observed_surface
        from hedgelab.smile.surface_fit import fitted

        seen = observed_surface(log_moneyness, volatility, expiry, weights, bid, ask, parameters=5)
        return fitted(seen, spot, forwards)

    def _variance(self, log_moneyness: ArrayLike, expiry: ArrayLike) -> Floats:
        """The square of volatility."""
        k, years = checked(log_moneyness), _years(expiry)
        broadcast(log_moneyness=k, expiry=years)
        k, years = np.broadcast_arrays(k, years)
        near, far, shares = self._between(np.maximum(years, np.finfo(float).tiny))
        total = np.zeros(k.shape)
        for place, smile in enumerate(self.slices):
            for which, share in zip((near, far), shares, strict=True):
                here = (which == place) & (share > 0)
                if here.any():
                    total[here] += share[here] * smile.derivatives(k[here]).value
        require("log_moneyness", k, np.isfinite(total), "must be where the formula has a volatility")
        return np.asarray(total / np.maximum(years, np.finfo(float).tiny))

    def _between(self, years: Floats) -> tuple[Any, Any, tuple[Floats, Floats]]:
        """The slices before and after, and the shares of their total variances."""
        expiries = np.array(self.expiries)
        far = np.minimum(np.searchsorted(expiries, years), len(expiries) - 1)
        near = np.maximum(far - 1, 0)
        width = expiries[far] - expiries[near]
        outside = (years <= expiries[0]) | (years >= expiries[-1])
        along = np.where(outside, years / expiries[far], (years - expiries[near]) / np.where(outside, 1.0, width))
        return near, far, (np.where(outside, 0.0, 1 - along), along)
