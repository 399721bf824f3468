"""Prices whose volatility is lognormal too: the SABR model with beta 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from hedgelab.instruments import Option
from hedgelab.markets.paths import Quote, Simulated
from hedgelab.markets.sabr_options import SABRGreeks, SABRPricer, greeks
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Finite, Floats, NotNegative, Positive, between, finite, finite_scalar


@dataclass(frozen=True)
class LognormalSABR(Simulated):
    """The SABR model with beta 1, whose price has a volatility ``s`` that is lognormal itself::

        dS / S = drift dt + s dW
        ds / s = vol_of_volatility dB,    dW dB = correlation dt

    Hagan, Kumar, Lesniewski & Woodward (2002), "Managing smile risk".  Nothing pulls the volatility back: it is a
    model for a quarter rather than for years.  A correlation above zero would make the price a bubble, whose
    expected growth falls short of `drift` (C. A. Sin, 1998, "Complications with stochastic volatility models").

    The market shows its variance, ``s**2``.

    Parameters
    ----------
    spot : first price, positive
    volatility : first volatility, annual, zero or more; alpha in the formula
    vol_of_volatility : zero or more, a year; nu in the formula
    correlation : of price and volatility, -1 to 0
    drift : expected growth of the price a year, continuously compounded

    Examples
    --------
    >>> market = LognormalSABR(spot=100, volatility=0.2, vol_of_volatility=1, correlation=-0.7)
    >>> paths = market.simulate(expiry=0.25, steps=63, n_paths=3, seed=1)
    >>> paths.spot.shape, paths.variance.shape
    ((64, 3), (64, 3))
    """

    spot: Positive
    volatility: NotNegative
    vol_of_volatility: NotNegative
    correlation: Annotated[float, between(-1, 0)]
    drift: Finite = 0.0

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Quote]:
        """The prices and variances of `n_paths` paths at each of `times` in turn.

        The volatility is exact, and so is the part of the log return that moves with it, ``correlation (s1 - s0) /
        vol_of_volatility``.  The rest is taken to be normal, with the mean of the step's variance given the
        volatilities at both ends, by Gauss's rule of two points.  So a single long step has thin tails: of a
        quarter at the volatilities of the example, a call at 120 is worth 0.0238 in one step, 0.0308 in four, and
        0.0313 from sixteen on; a call at 100 is 0.0125 too dear in one step, and right to 0.001 from four on.
        """
        nu, rho = self.nu, self.correlation
        spot, volatility = np.full(n_paths, self.spot), np.full(n_paths, self.volatility)
        yield Quote(spot, np.square(volatility))
        for dt in np.diff(times):
            change = nu * np.sqrt(dt) * random.standard_normal() - 0.5 * nu**2 * dt  # of the log volatility
            after = volatility * np.exp(change)
            variance = volatility * after * np.cosh(change / np.sqrt(3)) * (dt * np.exp(nu**2 * dt / 3))
            taken_along = rho * volatility * np.expm1(change) / nu
            own = np.sqrt((1 - rho**2) * variance) * random.standard_normal()
            spot = spot * np.exp(self.drift * dt - 0.5 * variance + taken_along + own)
            volatility = after
            yield Quote(spot, np.square(volatility))

    def price(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> float:
        """The value of `option` at the first price and volatility, by the SABR formula, which is an approximation.

        It is good where ``vol_of_volatility**2 expiry`` is well below 1.  In the example the formula is 0.012 too
        dear for a put at 80 and 0.015 for one at 90, right to 0.002 for a call at 100, and 0.010 too cheap for one
        at 110; in implied volatility 0.24, 0.12, 0.01 and 0.09 points.  `rate` and `dividend` are continuously
        compounded, per year; the market's own `drift` plays no part.

        Examples
        --------
        >>> market = LognormalSABR(spot=100, volatility=0.2, vol_of_volatility=1, correlation=-0.7)
        >>> round(market.price(Option("call", strike=100, expiry=0.25)), 4)
        3.9749
        """
        return self._greeks(("price",), option, rate, dividend)[0]

    def greeks(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> SABRGreeks:
        """The derivatives of `price` by spot, time and volatility, the others held still.

        As the smile moves with the forward, `delta` is that of sticky moneyness.

        Examples
        --------
        >>> market = LognormalSABR(spot=100, volatility=0.2, vol_of_volatility=1, correlation=-0.7)
        >>> greeks = market.greeks(Option("call", strike=100, expiry=0.25))
        >>> round(greeks.delta, 4), round(greeks.vega, 2)
        (0.5894, 19.68)
        """
        return SABRGreeks(*self._greeks(SABRGreeks._fields, option, rate, dividend))

    def minimum_variance_delta(self, option: Option, rate: float = 0.0, dividend: float = 0.0) -> float:
        """Shares that leave an option the least variance when shares are all there is to hedge with.

        A move of ``dS`` comes with ``correlation vol_of_volatility / S dS`` of volatility on average::

            dV/dS + correlation vol_of_volatility / S  dV/ds

        B. Bartlett (2006), "Hedging under SABR model", Wilmott Magazine.

        Examples
        --------
        >>> market = LognormalSABR(spot=100, volatility=0.2, vol_of_volatility=1, correlation=-0.7)
        >>> round(market.minimum_variance_delta(Option("call", strike=100, expiry=0.25)), 4)
        0.4516
        """
        return self._greeks(("minimum_variance_delta",), option, rate, dividend)[0]

    def pricer(self, rates: tuple[float, float]) -> SABRPricer:
        """The formula as a belief, or as what the market quotes, in `hedgelab.hedge`."""
        return SABRPricer(self, rates)

    @np.errstate(all="ignore")
    def _greeks(self, names: Sequence[str], option: Option, rate: float, dividend: float) -> list[float]:
        """Greeks at the first price and volatility."""
        rates = finite_scalar("rate", rate), finite_scalar("dividend", dividend)
        found = greeks(self, option, np.float64(self.spot), np.float64(self.volatility), option.expiry, rates)
        return [float(finite(name, found[name])) for name in names]

    @property
    def nu(self) -> np.float64:
        """`vol_of_volatility`, which the formulas divide by; one as small as this has no effect of its own."""
        return np.float64(max(self.vol_of_volatility, 1e-9))

    @property
    def rho(self) -> np.float64:
        """`correlation`, to one plus which the formula's logarithms are."""
        return np.float64(max(self.correlation, -1 + 1e-9))
