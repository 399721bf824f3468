"""Prices whose variance moves too: Heston's model, its paths and its option prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import exprel, ndtr

from hedgelab import validation
from hedgelab.instruments import Option
from hedgelab.markets.heston_options import HestonGreeks, HestonPricer, greeks, integrals
from hedgelab.markets.paths import Quote, Simulated
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Finite, Floats, NotNegative, Positive, between


@dataclass(frozen=True)
class Heston(Simulated):
    """Heston's market, whose variance ``v`` reverts to a mean and moves with the price::

        dS / S = drift dt + sqrt(v) dW
        dv     = mean_reversion (long_variance - v) dt + vol_of_variance sqrt(v) dB,    dW dB = correlation dt

    S. L. Heston (1993), "A closed-form solution for options with stochastic volatility", Review of Financial
    Studies 6.  Where ``2 mean_reversion long_variance < vol_of_variance**2`` (Feller's condition fails), the
    variance touches zero now and then; nothing here minds.

    Parameters
    ----------
    spot : first price, positive
    variance : first variance of returns, annual (0.04 is a volatility of 20 %), zero or more
    mean_reversion : speed at which the variance reverts, per year, zero or more
    long_variance : what it reverts to, annual, zero or more
    vol_of_variance : often called the volatility of volatility, zero or more
    correlation : of price and variance, -1 to 1; negative for shares
    drift : expected growth of the price a year, continuously compounded

    Examples
    --------
    >>> market = Heston(spot=100, variance=0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.3,
    ...                 correlation=-0.7)
    >>> paths = market.simulate(expiry=1, steps=252, n_paths=3, seed=1)
    >>> paths.spot.shape, paths.variance.shape
    ((253, 3), (253, 3))
    """

    spot: Positive
    variance: NotNegative
    mean_reversion: NotNegative
    long_variance: NotNegative
    vol_of_variance: NotNegative
    correlation: Annotated[float, between(-1, 1)]
    drift: Finite = 0.0

    def expected_variance(self, variance: ArrayLike, time_left: ArrayLike) -> Any:
        """The expected average of the variance over `time_left` years, given that it is `variance` now.

        Its square root is the volatility for a Black-Scholes hedger who knows the model.  The more time is left,
        the closer the average is to `long_variance`.  Both arguments may be arrays, which broadcast.

        Examples
        --------
        >>> market = Heston(100, 0.04, mean_reversion=2, long_variance=0.09, vol_of_variance=0.3, correlation=-0.7)
        >>> market.expected_variance([0.04, 0.16], time_left=1).round(4)
        array([0.0684, 0.1203])
        """
        variance = validation.not_negative("variance", variance)
        time_left = validation.not_negative("time_left", time_left)
        validation.broadcast(variance=variance, time_left=time_left)
        with np.errstate(over="ignore"):
            return self.long_variance + (variance - self.long_variance) * exprel(-self.mean_reversion * time_left)

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Quote]:
        """The prices and variances of `n_paths` paths at each of `times` in turn, by Andersen's scheme QE-M.

        The scheme draws the next variance from a simple distribution with the exact mean and variance: the square
        of a normal number, or, near zero, an exponential number with some weight at zero.  The log return given
        the two variances is normal, with a constant that makes the expected growth exactly `drift`.  L. Andersen
        (2008), "Simple and efficient simulation of the Heston stochastic volatility model", Journal of
        Computational Finance 11, sections 3.2 and 4.

        Raises
        ------
        ValueError
            Where steps are so long that the constant might not exist, which takes a positive correlation and a
            ``correlation vol_of_variance dt`` above 1.
        """
        steps = self._steps(np.diff(times))
        spot, variance = np.full(n_paths, self.spot), np.full(n_paths, self.variance)
        yield Quote(spot, variance)
        for step in steps:
            log_return, variance = step.taken(variance, random.standard_normal(), random.standard_normal())
            spot = spot * np.exp(log_return)
            yield Quote(spot, variance)

    def _steps(self, dt: Floats) -> list[_Step]:
        """What the formulas of each step need that is the same for all paths."""
        kappa, xi, rho = self.mean_reversion, self.xi, self.correlation
        memory = dt * exprel(-kappa * dt)  # the integral of exp(-kappa t) over the step
        most = 0.5 * xi**2 * memory
        A = rho / xi * (1 + 0.5 * kappa * dt) - 0.25 * rho**2 * dt
        too_long = A * most > 0.5  # up to 0.6, E[exp(A after)] exists for any variance
        if too_long.any():
            raise ValueError(
                f"steps must be shorter than {dt[too_long][0]} years for a correlation of {rho} and a "
                f"vol_of_variance of {xi}: the price would have no expected value"
            )
        pulled = np.maximum(self.long_variance * kappa * memory, 1e-300)
        constants = (np.exp(-kappa * dt), pulled, most, A, 0.5 * dt * (1 - rho**2), self.drift * dt)
        return [_Step(*numbers) for numbers in zip(*(array.tolist() for array in constants), strict=True)]

    def price(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> float:
        """The value of `option` at the first price and variance, to about 1e-13 of the larger of spot and strike.

        `rate` and `dividend` are continuously compounded, per year.  The parameters are taken to be those of the
        pricing measure; the market's own `drift` plays no part.  Lewis (2001), as `heston_options` says.

        Examples
        --------
        The call of Fang & Oosterlee (2008), "A novel pricing method for European options based on Fourier-cosine
        series expansions":

        >>> market = Heston(spot=100, variance=0.0175, mean_reversion=1.5768, long_variance=0.0398,
        ...                 vol_of_variance=0.5751, correlation=-0.5711)
        >>> round(market.price(Option("call", strike=100, expiry=1)), 7)
        5.7851554
        """
        return self._greeks(("price",), option, rate, dividend)[0]

    def greeks(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> HestonGreeks:
        """The derivatives of `price` by spot and variance, the other held still: Lewis's integral, differentiated.

        `theta`, per year, is what Heston's equation makes of the others.

        Examples
        --------
        >>> market = Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
        >>> greeks = market.greeks(Option("call", strike=100, expiry=91 / 365))
        >>> round(greeks.delta, 6), round(greeks.variance_vega, 5)
        (0.59694, 40.16191)
        """
        names = ("price", "delta", "gamma", "theta", "vega", "vanna", "volga")
        return HestonGreeks(*self._greeks(names, option, rate, dividend))

    def minimum_variance_delta(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> float:
        """Shares that leave an option the least variance when shares are all there is to hedge with.

        The stock takes the variance along: a move of ``dS`` comes with ``correlation vol_of_variance / S dS`` of
        variance on average, so the option's own derivative is not enough::

            dV/dS + correlation vol_of_variance / S  dV/dv

        Examples
        --------
        >>> market = Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
        >>> round(market.minimum_variance_delta(Option("call", strike=100, expiry=91 / 365)), 6)
        0.456373
        """
        return self._greeks(("minimum_variance_delta",), option, rate, dividend)[0]

    def pricer(self, rates: tuple[float, float]) -> HestonPricer:
        """The model as a belief, or as what the market quotes, in `hedgelab.hedge`."""
        return HestonPricer(self, rates)

    @np.errstate(all="ignore")
    def _greeks(self, names: tuple[str, ...], option: Option, rate: float, dividend: float) -> list[float]:
        """Greeks at the first price and variance."""
        rates = validation.finite_scalar("rate", rate), validation.finite_scalar("dividend", dividend)
        spot, variance = np.array([self.spot]), np.array([self.variance])
        validation.positive("forward", spot * np.exp((rates[0] - rates[1]) * option.expiry))
        terms = partial(integrals, self, years=option.expiry)
        found = greeks(self, names, option, spot, variance, option.expiry, rates, terms)
        label = "price" if names == ("price",) else "the Greeks"
        return [float(validation.finite(label, number)[0]) for number in found]

    @property
    def xi(self) -> np.float64:
        """`vol_of_variance`, which the formulas divide by; one as small as this has no effect of its own."""
        return np.float64(max(self.vol_of_variance, 1e-9))


class _Step(NamedTuple):
    """A step of the scheme QE-M, in Andersen's letters."""

    fade: float  # what is left of the variance, exp(-kappa dt)
    pulled: float  # what mean reversion adds to it
    most: float  # s**2 / 2m where the variance is large
    A: float
    K4: float
    growth: float

    @np.errstate(all="ignore")  # what is no number is replaced below
    def taken(self, variance: Floats, normal: Floats, other: Floats) -> tuple[Floats, Floats]:
        """The log return over the step and the variance after it, given two independent normal numbers a path."""
        _, pulled, most, A, K4, growth = self
        m = variance * self.fade + pulled  # the mean of the variance after the step; its variance is s**2
        half = most - 0.5 * most * pulled / m  # s**2 / 2m
        half_psi = half / m
        near_zero = np.flatnonzero(half_psi > 0.75)  # where psi = (s / m)**2 is above 3/2
        rest = half_psi[near_zero]
        half_psi[near_zero] = 0.75  # so that the formulas below stand; what they give there is replaced

        a = half / (1 + np.sqrt(1 - half_psi))
        b = np.sqrt(m / a - 1)
        after = a * np.square(b + normal)
        w = 1 - 2 * A * a
        log_return = A * (after - (m - a) / w) + 0.5 * np.log(w)  # A after - log E[exp(A after)]

        if near_zero.size:
            q = 1 / (0.5 + rest)  # the probability of more than zero
            scale = half[near_zero] + 0.5 * m[near_zero]
            small = scale * np.maximum(np.log(q / ndtr(-normal[near_zero])), 0.0)
            after[near_zero] = small
            log_return[near_zero] = A * small - np.log(1 - q + q / (1 - A * scale))

        total = K4 * (variance + after)  # the variance of the log return, given both variances
        log_return += growth - 0.5 * total
        log_return += np.sqrt(total) * other
        return log_return, after
