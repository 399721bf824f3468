"""Prices that diffuse: geometric Brownian motion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hedgelab import validation
from hedgelab.markets.paths import Paths, equal_steps, simulate
from hedgelab.markets.streams import RandomStreams, Seed
from hedgelab.validation import Floats


@dataclass(frozen=True)
class GBM:
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

    spot: float
    volatility: float
    drift: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "spot", validation.positive_scalar("spot", self.spot))
        object.__setattr__(self, "volatility", validation.not_negative_scalar("volatility", self.volatility))
        object.__setattr__(self, "drift", validation.finite_scalar("drift", self.drift))

    def times(self, expiry: float, steps: int | None) -> Floats:
        """`steps` equal steps from 0 to `expiry`."""
        return equal_steps(expiry, steps)

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Floats]:
        """The prices of `n_paths` paths at each of `times` in turn."""
        spot = np.full(n_paths, self.spot)
        yield spot
        for dt in np.diff(times):
            growth = (self.drift - 0.5 * self.volatility**2) * dt
            spot = spot * np.exp(growth + self.volatility * np.sqrt(dt) * random.standard_normal())
            yield spot

    def simulate(self, expiry: float, steps: int, n_paths: int, seed: Seed = None) -> Paths:
        """The very paths that `hedge` walks with the same seed, as one matrix."""
        return simulate(self, expiry, steps, n_paths, seed)
