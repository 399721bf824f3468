"""Prices that diffuse: geometric Brownian motion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hedgelab.markets.paths import Simulated
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Finite, Floats, NotNegative, Positive


@dataclass(frozen=True)
class GBM(Simulated):
    """Geometric Brownian motion, the market of Black and Scholes: ``dS / S = drift dt + volatility dW``.

    Parameters
    ----------
    spot : first price, positive
    volatility : annual, zero or more
    drift : expected growth of the price a year, continuously compounded; dividends come on top

    Examples
    --------
    >>> paths = GBM(spot=100, volatility=0.2).simulate(expiry=1, steps=4, n_paths=3, seed=1)
    >>> paths.times
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> paths.spot.shape
    (5, 3)
    """

    spot: Positive
    volatility: NotNegative
    drift: Finite = 0.0

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Floats]:
        """The prices of `n_paths` paths at each of `times` in turn."""
        spot = np.full(n_paths, self.spot)
        yield spot
        for dt in np.diff(times):
            growth = diffusion(self.drift, self.volatility, dt, random.standard_normal())
            np.exp(growth, out=growth)
            growth *= spot
            spot = growth
            yield spot


def diffusion(drift: float, volatility: float, dt: float, normal: Floats) -> Floats:
    """Log returns over `dt` years of a price that diffuses: ``(drift - volatility**2 / 2) dt + volatility dW``."""
    log_return: Floats = volatility * np.sqrt(dt) * normal
    log_return += (drift - 0.5 * np.square(volatility)) * dt
    return log_return
