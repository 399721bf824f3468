"""What a market is, and the paths that come out of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from hedgelab.introductions import Introduced
from hedgelab.markets.streams import RandomStreams, Seed, blocks_of
from hedgelab.validation import Checked, Floats, count, kept, positive, positive_scalar, rising


class Quote(NamedTuple):
    """What a market shows at one time, path by path; `variance` (annual, of returns) where the market has one."""

    spot: Any
    variance: Any = None


class Paths(NamedTuple):
    """Simulated or recorded prices, time-major.

    `times` in years, shape (steps + 1,); `spot`, shape (steps + 1, paths); `variance` of the same shape in a
    market whose variance moves, otherwise None.
    """

    times: Floats
    spot: Floats
    variance: Floats | None = None

    def __repr__(self) -> str:
        steps, paths = len(self.times) - 1, self.spot.shape[1]
        moving = "" if self.variance is None else ", with their variance"
        return f"Paths({paths:,} paths of {steps:,} steps over {self.times[-1]:.4g} years{moving})"


class Market(Protocol):
    """What the hedging engine needs of a market."""

    @property
    def spot(self) -> float:
        """The first price."""

    def times(self, expiry: float, steps: Any) -> Floats:
        """The times at which the price can be traded, in years, from 0 to `expiry`."""

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Any]:
        """What `n_paths` paths show at each of `times` in turn: their prices, or a `Quote`."""


class Simulated(Introduced, Checked, ABC):
    """A market whose paths are drawn at random, at as many equal steps as you like."""

    spot: float

    def times(self, expiry: float, steps: Any) -> Floats:
        """`steps` equal steps from 0 to `expiry`, in years, or the times that `steps` lists."""
        expiry = positive_scalar("expiry", expiry)
        if np.ndim(steps) == 1:
            return rising("steps", steps, expiry)
        steps = count("steps", steps)
        with np.errstate(over="ignore"):
            return np.linspace(0.0, expiry, steps + 1)

    @abstractmethod
    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Any]:
        """What `n_paths` paths show at each of `times` in turn: their prices, or a `Quote`."""

    def simulate(self, expiry: float, steps: Any, n_paths: int, seed: Seed = None) -> Paths:
        """The very paths that `hedge` walks with the same seed, as one matrix."""
        return simulate(self, expiry, steps, n_paths, seed)


@np.errstate(all="ignore")  # a price too large or too small for a float is found below
def simulate(market: Market, expiry: float, steps: Any, n_paths: int, seed: Seed = None) -> Paths:
    """All prices of `n_paths` paths, kept: the streaming form made into one matrix.

    Examples
    --------
    >>> from hedgelab import Replay
    >>> simulate(Replay([0, 0.5, 1], [100, 101, 99]), expiry=1, steps=None, n_paths=1).spot.ravel()
    array([100., 101.,  99.])
    """
    times = market.times(expiry, steps)
    blocks = []
    for block in blocks_of(n_paths, seed):
        quotes = [as_quote(shown) for shown in market.stream(times, block.n_paths, block.random())]
        blocks.append([None if part[0] is None else np.stack(part) for part in zip(*quotes, strict=True)])
    spots, variances = zip(*blocks, strict=True)
    spot = positive("spot at [step, path]", np.concatenate(spots, axis=1))
    return Paths(times, spot, None if variances[0] is None else np.concatenate(variances, axis=1))


def as_quote(shown: Any) -> Quote:
    """A `Quote` of what a market shows, which may be its prices alone; it stays when the market's arrays change.

    Examples
    --------
    >>> as_quote(100.0)
    Quote(spot=array(100.), variance=None)
    """
    spot, variance = shown if isinstance(shown, Quote) else Quote(shown)
    variance = None if variance is None else kept("variance", variance)
    return Quote(kept("spot", spot), variance)
