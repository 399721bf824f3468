"""Prices that diffuse and now and then jump: Merton's jump diffusion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, xlogy

from hedgelab import black_scholes, validation
from hedgelab.instruments import Option
from hedgelab.markets.diffusions import diffusion
from hedgelab.markets.paths import Simulated
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Floats

#: So many jumps a path are no longer rare, and no longer cheap.
MOST_JUMPS = 1000


class MertonGreeks(NamedTuple):
    """The price of an option in Merton's market, and its derivatives by the spot."""

    price: float
    delta: float
    gamma: float


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

    spot: float
    volatility: float
    jump_rate: float
    jump_mean: float
    jump_volatility: float
    drift: float = 0.0

    def __post_init__(self) -> None:
        validation.fields(
            self,
            spot=validation.positive_scalar,
            volatility=validation.not_negative_scalar,
            jump_rate=validation.not_negative_scalar,
            jump_mean=validation.finite_scalar,
            jump_volatility=validation.not_negative_scalar,
            drift=validation.finite_scalar,
        )
        validation.finite("exp(jump_mean + jump_volatility**2 / 2)", self._jump_factor)

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

    @np.errstate(all="ignore")
    def greeks(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> MertonGreeks:
        """The derivatives of `price` by the spot: Merton's series, differentiated term by term.

        Examples
        --------
        >>> market = Merton(spot=100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1)
        >>> round(market.greeks(Option("put", strike=80, expiry=0.25), rate=0.02).delta, 4)
        -0.0327
        """
        rate, dividend = validation.finite_scalar("rate", rate), validation.finite_scalar("dividend", dividend)
        expiry, sign = option.expiry, black_scholes.SIGN[option.kind]
        jumps = self._expected_jumps(expiry)
        weighted = self._expected_jumps(expiry * self._jump_factor)  # where the price is the unit of account
        most = max(jumps, weighted)
        n = np.arange(most + 12 * np.sqrt(most) + 40)

        growth = (rate - dividend) * expiry + jumps - weighted + n * self._log_jump_factor
        total = np.sqrt(np.square(self.volatility) * expiry + n * np.square(self.jump_volatility))
        distance = (np.log(self.spot) - np.log(option.strike) + growth) / np.maximum(total, 1e-100)
        share = np.exp(-dividend * expiry) * _poisson(n, weighted)
        stock = self.spot * share
        bond = option.strike * np.exp(-rate * expiry) * _poisson(n, jumps)
        d1, d2 = distance + total / 2, distance - total / 2
        delta = np.sum(sign * share * ndtr(sign * d1))
        value = np.sum(sign * (stock * ndtr(sign * d1) - bond * ndtr(sign * d2)))
        bell = np.exp(-0.5 * np.square(d1)) / np.sqrt(2 * np.pi)
        gamma = np.sum(np.where(bell > 0, share * bell / (total * self.spot), 0.0))
        return MertonGreeks(validation.finite_scalar("price", value), float(delta), float(gamma))

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


def _poisson(n: Floats, mean: float) -> Floats:
    """The probability of `n` events where `mean` are expected."""
    return np.asarray(np.exp(xlogy(n, mean) - mean - gammaln(n + 1)))
