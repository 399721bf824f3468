"""Paths of the reader's own as a market: simulated elsewhere, or recorded many times over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.introductions import Introduced, written
from hedgelab.markets.paths import Paths, Quote, simulate
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Floats, kept, not_negative, positive, refusal, rising


class Scenarios(Introduced):
    """A market of given paths, walked in their order: path 0 of a hedge is path 0 of the matrix.

    Parameters
    ----------
    times : years, from 0 on, strictly increasing, shape (steps + 1,); they need not be equally far apart
    spot : positive prices, time-major, shape (steps + 1, paths), all paths from one first price; a copy is kept
    variance : annual variance of returns, of the same shape, zero or more; none unless given

    Examples
    --------
    >>> market = Scenarios([0, 0.1, 0.25], [[100, 100], [104, 99], [101, 95]])
    >>> from hedgelab import Option, hedge
    >>> hedge(Option("call", 100, 0.25), market=market, volatility=0.2, n_paths=2).pnl.round(2)
    array([2.95, 1.61])
    """

    def __init__(self, times: ArrayLike, spot: ArrayLike, variance: ArrayLike | None = None) -> None:
        self._times = kept("times", rising("times", times))
        self._spot = kept("spot", positive("spot", spot))
        self._variance = None if variance is None else kept("variance", not_negative("variance", variance))
        shapes = {array.shape for array in (self._spot, self._variance) if array is not None}
        if self._spot.ndim != 2 or self._spot.size == 0 or shapes != {(self._times.size, self._spot.shape[1])}:
            raise ValueError(
                f"spot and variance must have a row for each of the {self._times.size} times and a column for "
                f"each path, got {' and '.join(map(str, sorted(shapes)))}"
            )
        if np.ptp(self._spot[0]):
            low, high = self._spot[0].min(), self._spot[0].max()
            raise ValueError(f"spot must be the same on all paths at first, got {low} to {high}")

    @property
    def spot(self) -> float:
        """The first price."""
        return float(self._spot[0, 0])

    @property
    def recorded(self) -> int:
        """How many times there are."""
        return int(self._times.size)

    @property
    def n_paths(self) -> int:
        """How many paths there are."""
        return int(self._spot.shape[1])

    def times(self, expiry: float, steps: int | None = None) -> Floats:
        """The given times up to `expiry`, which must be one of them; `steps` is how many those are."""
        near = np.abs(self._times - expiry) <= 1e-9 * expiry
        if not near[1:].any():
            raise ValueError(f"expiry must be one of the market's times, up to {self._times[-1]}, got {expiry}")
        last = int(np.argmax(near))
        if steps is not None and steps != last:
            raise refusal(f"steps must be left out or be the {last} that the paths have", steps)
        return self._times[: last + 1]

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Quote]:
        """The given prices of as many paths, those that stand where the block does in the run."""
        if random.first + n_paths > self.n_paths:
            raise ValueError(f"n_paths must be at most {self.n_paths}, the paths that are given")
        here = slice(random.first, random.first + n_paths)
        for step in range(len(times)):
            variance = None if self._variance is None else self._variance[step, here]
            yield Quote(self._spot[step, here], variance)

    def simulate(self, expiry: float, n_paths: int | None = None) -> Paths:
        """The given paths up to `expiry`, or the first of them."""
        return simulate(self, expiry, None, self.n_paths if n_paths is None else n_paths, seed=0)

    def introduction(self) -> Mapping[str, str]:
        """How many paths, until when, and the range of their prices."""
        low, high = written(self._spot.min()), written(self._spot.max())
        times = f"{self._times.size - 1:,} steps to {written(self._times[-1])} years"
        return {"paths": f"{self.n_paths:,}", "times": times, "prices": f"{low} to {high}"}

    def __repr__(self) -> str:
        return f"Scenarios({self.n_paths:,} paths, {self._times.size - 1:,} steps to {self._times[-1]:g} years)"
