"""Prices that diffuse and now and then jump: Merton's jump diffusion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, xlogy

from hedgelab import black_scholes
from hedgelab.instruments import Option
from hedgelab.markets.diffusions import diffusion
from hedgelab.markets.paths import Simulated
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Finite, Floats, NotNegative, Positive, finite, finite_scalar

#: So many jumps a path are no longer rare, and no longer cheap.
MOST_JUMPS = 1000


class MertonGreeks(NamedTuple):
    """The price of an option in Merton's market, and its derivatives by spot and time."""

    price: float
    delta: float
    gamma: float
    theta: float  # per year


@dataclass(frozen=True)
class Merton(Simulated):
    """Merton's jump diffusion: ``dS / S = (drift - jump_rate k) dt + volatility dW + (exp(J) - 1) dN``.

    Jumps strike as a Poisson process ``N``, `jump_rate` times a year on average.  Each multiplies the price by
    ``exp(J)`` with ``J`` normal, so it changes the price by ``k = exp(jump_mean + jump_volatility**2 / 2) - 1`` on
    average; taking ``jump_rate k`` from the drift makes the expected growth `drift`.  R. C. Merton (1976), "Option
    pricing when underlying stock returns are discontinuous", Journal of Financial Economics 3.

    Parameters
    ----------
    spot : first price, positive
    volatility : annual, of the price between jumps, zero or more
    jump_rate : expected number of jumps a year, zero or more
    jump_mean, jump_volatility : mean and standard deviation of ``J``, the log return of one jump
    drift : expected growth of the price a year, jumps included, continuously compounded

    Examples
    --------
    A crash of about 20 % every other year:

    >>> market = Merton(spot=100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1)
    >>> market.simulate(expiry=1, steps=252, n_paths=3, seed=1).spot.shape
    (253, 3)
    """

    spot: Positive
    volatility: NotNegative
    jump_rate: NotNegative
    jump_mean: Finite
    jump_volatility: NotNegative
    drift: Finite = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        finite("exp(jump_mean + jump_volatility**2 / 2)", self._jump_factor)

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Floats]:
        """The prices of `n_paths` paths at each of `times` in turn.

        The few jumps of all paths are drawn at the start; each step then touches the paths that jump in it alone.
        """
        path, jump, until = self._jumps(times, random)
        drift = self.drift - self.jump_rate * (self._jump_factor - 1)
        spot = np.full(n_paths, self.spot)
        yield spot
        for step, dt in enumerate(np.diff(times)):
            log_return = diffusion(drift, self.volatility, dt, random.standard_normal())
            now = slice(until[step], until[step + 1])
            np.add.at(log_return, path[now], jump[now])  # a path may jump twice in a step
            spot = spot * np.exp(log_return)
            yield spot

    def price(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> float:
        """The value of `option` at the first price, with the jumps' risk unpriced: Merton's series.

        Given the number of jumps the price is lognormal, so the value is a sum of Black-Scholes values, weighted
        with the Poisson probabilities of 0, 1, 2, ... jumps; Merton (1976), equation 19.  `rate` and `dividend`
        are continuously compounded, per year; the market's own `drift` plays no part.

        Examples
        --------
        >>> market = Merton(spot=100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1)
        >>> round(market.price(Option("put", strike=80, expiry=0.25), rate=0.02), 4)
        0.3314
        """
        return self.greeks(option, rate, dividend).price

    def greeks(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> MertonGreeks:
        """The derivatives of `price` by spot and time: Merton's series, differentiated term by term.

        Examples
        --------
        >>> market = Merton(spot=100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1)
        >>> round(market.greeks(Option("put", strike=80, expiry=0.25), rate=0.02).delta, 4)
        -0.0327
        """
        return MertonGreeks(*self._greeks(MertonGreeks._fields, option, rate, dividend))

    def minimum_variance_delta(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> float:
        """Shares that leave an option the least variance when shares are all there is to hedge with.

        Small moves ask for the derivative, jumps for the slope of the chord to where they lead; each counts by its
        share of the price's variance::

            sigma**2 S dV/dS + jump_rate E[(exp(J) - 1) (V(S exp(J)) - V)]
            ---------------------------------------------------------------
                  S (sigma**2 + jump_rate E[(exp(J) - 1)**2])

        Examples
        --------
        >>> market = Merton(spot=100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1)
        >>> put = Option("put", strike=80, expiry=0.25)
        >>> round(market.minimum_variance_delta(put, rate=0.02), 4)
        -0.1109
        """
        return self._greeks(("minimum_variance_delta",), option, rate, dividend)[0]

    def pricer(self, rates: tuple[float, float]) -> MertonPricer:
        """The model as a belief, or as what the market quotes, in `hedgelab.hedge`."""
        return MertonPricer(self, rates)

    @np.errstate(all="ignore")
    def _greeks(self, names: Sequence[str], option: Option, rate: float, dividend: float) -> list[float]:
        """Greeks at the first price."""
        rates = finite_scalar("rate", rate), finite_scalar("dividend", dividend)
        found = _greeks(self, names, option, np.array([self.spot]), option.expiry, rates)
        for name in names:
            if name != "gamma":  # which is infinite at a kink
                finite(name, found[name])
        return [float(found[name][0]) for name in names]

    def series(
        self, option: Option, spot: Floats, years: float, rates: tuple[float, float], jumped: float = 0.0
    ) -> tuple[Floats, Floats, Floats]:
        """Price, delta and gamma for each spot; with `jumped` 1, on average after one more jump, which comes now.

        At 2 that average is weighted with ``exp(J)``.
        """
        rate, dividend = rates
        sign, bond = black_scholes.SIGN[option.kind], option.strike * np.exp(-rate * years)
        jumps = self._expected_jumps(years)
        weighted = self._expected_jumps(years * self._jump_factor)  # where the price is the unit of account
        extra = 0.0 if jumped == 0 else self.jump_mean + (jumped - 0.5) * np.square(self.jump_volatility)
        growth = (rate - dividend) * years + jumps - weighted + extra
        price, delta, gamma = np.zeros((3, *np.shape(spot)))
        most = max(jumps, weighted)
        for n in range(int(most + 12 * np.sqrt(most) + 12)):
            likely, by_share = _poisson(n, jumps), _poisson(n, weighted)
            if n > most and max(likely, by_share) < 1e-20:  # more are less likely than rounding
                break
            variance = np.square(self.volatility) * years + (n + (jumped > 0)) * np.square(self.jump_volatility)
            total = np.sqrt(variance)
            distance = np.log(spot / option.strike) + growth + n * self._log_jump_factor
            middle = distance / max(total, 1e-100)
            d1, d2 = middle + total / 2, middle - total / 2
            share = np.exp(extra - dividend * years) * by_share
            held = sign * share * ndtr(sign * d1)
            bell = np.exp(-0.5 * np.square(d1)) / np.sqrt(2 * np.pi)
            price += held * spot - sign * bond * likely * ndtr(sign * d2)
            delta += held
            gamma += np.where(bell > 0, share * bell / (total * spot), 0.0)
        return price, delta, gamma

    @property
    def mean_jump(self) -> float:
        """By what share a jump changes the price, on average."""
        return self._jump_factor - 1

    @property
    def _log_jump_factor(self) -> float:
        """The log of E[exp(J)]."""
        return self.jump_mean + 0.5 * self.jump_volatility * self.jump_volatility

    @property
    def _jump_factor(self) -> float:
        """What a jump multiplies the price by, on average: ``1 + k``."""
        with np.errstate(over="ignore"):
            return float(np.exp(self._log_jump_factor))

    def _expected_jumps(self, years: float) -> float:
        jumps = self.jump_rate * years
        if not jumps <= MOST_JUMPS:
            raise ValueError(f"jump_rate must give at most {MOST_JUMPS} jumps to expiry, got {jumps}")
        return jumps

    @np.errstate(over="ignore", invalid="ignore")
    def _jumps(self, times: Floats, random: RandomStreams) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
        """Path and log return of each jump, one step after another, and how many there were until each time."""
        path, time, normal = random.poisson_points(self._expected_jumps(times[-1]))
        step = np.searchsorted(times, times[-1] * time)  # that ends with or after the jump
        order = np.argsort(step.astype(np.min_scalar_type(times.size)), kind="stable")  # short integers sort fast
        jump = self.jump_mean + self.jump_volatility * normal
        return path[order], jump[order], np.cumsum(np.bincount(step, minlength=times.size))


@dataclass(frozen=True)
class MertonPricer:
    """Prices and Greeks for a whole walk: Merton's series, summed for each path."""

    model: Merton
    rates: tuple[float, float]
    names: ClassVar[Sequence[str]] = (*MertonGreeks._fields, "vega", "vanna", "volga", "minimum_variance_delta")
    deltas: ClassVar[Sequence[str]] = ("delta", "minimum_variance_delta")

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """The named Greeks of one option; nothing but spot and time moves its price, so vega is zero."""
        found = _greeks(self.model, names, option, view.spot, option.expiry - view.time, self.rates)
        return [found.get(name, 0.0) for name in names]

    def state(self, option: Option, view: Any) -> float:
        """Nothing moves."""
        return 0.0

    def volatility(self, option: Option, view: Any) -> float:
        """The standard deviation of a year's log return, jumps and all."""
        jumps = self.model.jump_rate * (np.square(self.model.jump_mean) + np.square(self.model.jump_volatility))
        return float(np.sqrt(np.square(self.model.volatility) + jumps))


def _greeks(
    model: Merton, names: Sequence[str], option: Option, spot: Floats, years: float, rates: tuple[float, float]
) -> dict[str, Any]:
    """The named Greeks for each spot, and some more; theta is what the pricing equation makes of the others."""
    price, delta, gamma = model.series(option, spot, years, rates)
    known = {"price": price, "delta": delta, "gamma": gamma}
    variance, rate, jump_rate = np.square(model.volatility), rates[0], model.jump_rate
    if "theta" in names or "minimum_variance_delta" in names:
        after, *_ = model.series(option, spot, years, rates, jumped=1.0)
        drift = rate - rates[1] - jump_rate * model.mean_jump
        diffused = 0.5 * variance * spot**2 * gamma if variance else 0.0  # gamma may be infinite there
        known["theta"] = rate * price - drift * spot * delta - diffused - jump_rate * (after - price)
    if "minimum_variance_delta" in names:
        weighted, *_ = model.series(option, spot, years, rates, jumped=2.0)  # E[exp(J) V(S exp(J))] / E[exp(J)]
        gained = (1 + model.mean_jump) * weighted - after - model.mean_jump * price
        square = (1 + model.mean_jump) ** 2 * np.exp(np.square(model.jump_volatility)) - 1 - 2 * model.mean_jump
        share, gain = variance + jump_rate * square, variance * spot * delta + jump_rate * gained
        known["minimum_variance_delta"] = delta if share == 0 else gain / (spot * share)
    return known


def _poisson(n: int, mean: float) -> float:
    """The probability of `n` events where `mean` are expected."""
    return float(np.exp(xlogy(n, mean) - mean - gammaln(n + 1)))
