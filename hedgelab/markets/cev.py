"""Prices whose volatility is a power of the price: constant elasticity of variance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from scipy.special import exprel

from hedgelab.instruments import Option
from hedgelab.markets.cev_options import CEVGreeks, CEVPricer, greeks
from hedgelab.markets.diffusions import diffusion
from hedgelab.markets.paths import Quote, Simulated
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Finite, Floats, Positive, between, finite, finite_scalar

#: What is left of a price that has fallen to zero, as a share of the first: nobody quotes zero.
NOTHING = 1e-9


@dataclass(frozen=True)
class CEV(Simulated):
    """A market of constant elasticity of variance: volatility rises as the price falls, and in no other way::

        dS / S = drift dt + volatility (S / spot)**(exponent - 1) dW

    An exponent of 1 is geometric Brownian motion, 0 a price that moves by as many dollars at any height; below
    zero the dollars grow as it falls.  The price may fall to zero and stays there; as nobody can trade at zero, a
    billionth of the first price stands for it.  J. C. Cox (1975), "Notes on option pricing I: constant elasticity
    of variance diffusions", printed in the Journal of Portfolio Management 23 (1996).

    The market shows its variance, ``volatility**2 (S / spot)**(2 exponent - 2)``.

    Parameters
    ----------
    spot : first price, positive
    volatility : annual, at the first price, zero or more
    exponent : what is often called beta, -10 to 1
    drift : expected growth of the price a year, continuously compounded

    Examples
    --------
    >>> market = CEV(spot=100, volatility=0.2, exponent=-2)
    >>> paths = market.simulate(expiry=1, steps=252, n_paths=3, seed=1)
    >>> paths.spot.shape
    (253, 3)
    >>> bool(np.allclose(np.sqrt(paths.variance), 0.2 * (paths.spot / 100) ** -3))
    True
    """

    spot: Positive
    volatility: Annotated[float, between(0, 1e50)]  # so that its square is a number near zero too
    exponent: Annotated[float, between(-10, 1)]
    drift: Finite = 0.0

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Quote]:
        """The prices and variances of `n_paths` paths at each of `times` in turn, exactly, however long the steps.

        The price is a power of a squared distance.  That is drawn as the squared distance of a Brownian motion in
        the plane, which starts from less than the price does, by a gamma number; where that is less than nothing,
        the price falls to zero.  R. N. Makarov & D. Glew (2010), "Exact simulation of Bessel diffusions", Monte
        Carlo Methods and Applications 16, draw the same law by a Poisson number in place of the plane.
        """
        spot, alive = np.full(n_paths, self.spot), np.ones(n_paths, dtype=bool)
        variance = self._variance(spot, alive)
        yield Quote(spot, variance)
        for dt in np.diff(times):
            log_return, fallen = self._step(variance, dt, random)
            spot = spot * np.exp(log_return)
            alive = alive & ~fallen & (spot > NOTHING * self.spot)
            spot = np.where(alive, spot, NOTHING * self.spot)
            variance = self._variance(spot, alive)
            yield Quote(spot, variance)

    def _variance(self, spot: Floats, alive: Any) -> Floats:
        """What the market shows: none of a price that has fallen to zero."""
        volatility = self.volatility * (spot / self.spot) ** (self.exponent - 1)
        return np.where(alive, np.square(volatility), 0.0)

    def _step(self, variance: Floats, dt: float, random: RandomStreams) -> tuple[Floats, Any]:
        """Log returns over `dt` years, and which prices fall to zero."""
        power, normal = 1 - self.exponent, random.standard_normal()
        if power == 0:
            return diffusion(self.drift, self.volatility, dt, normal), False
        other, gamma = random.standard_normal(), random.standard_gamma(0.5 / power)
        clock = dt * exprel(-2 * power * self.drift * dt)  # on which the price without its growth is a martingale
        pace = power**2 * variance * clock  # of the squared distance, over the distance at the start
        start = np.maximum(1 - 2 * pace * gamma, 0.0)
        change = pace * (normal**2 + other**2 - 2 * gamma) + 2 * normal * np.sqrt(pace * start)
        fallen = start == 0
        return self.drift * dt + 0.5 / power * np.log1p(np.where(fallen, 0.0, change)), fallen

    def price(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> float:
        """The value of `option` at the first price, to about 1e-12 of the larger of spot and strike.

        `rate` and `dividend` are continuously compounded, per year; the market's own `drift` plays no part.
        Schroder (1989), as `cev_options` says.

        Examples
        --------
        >>> market = CEV(spot=100, volatility=0.2, exponent=-2)
        >>> round(market.price(Option("call", strike=100, expiry=0.25)), 6)
        4.00315
        """
        return self.greeks(option, rate, dividend).price

    @np.errstate(all="ignore")
    def greeks(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> CEVGreeks:
        """The derivatives of `price` by the spot, which takes its volatility along, and by time.

        So `delta` is also the minimum-variance delta: there is nothing else that moves.

        Examples
        --------
        >>> market, call = CEV(spot=100, volatility=0.2, exponent=-2), Option("call", strike=100, expiry=0.25)
        >>> round(market.greeks(call).delta, 6)
        0.459543
        """
        rates = finite_scalar("rate", rate), finite_scalar("dividend", dividend)
        found = greeks(self, CEVGreeks._fields, option, np.array([self.spot]), option.expiry, rates)
        return CEVGreeks(*(float(finite("the Greeks", number)[0]) for number in found))

    def pricer(self, rates: tuple[float, float]) -> CEVPricer:
        """The model as a belief, or as what the market quotes, in `hedgelab.hedge`."""
        return CEVPricer(self, rates)
