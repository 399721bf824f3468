"""Random numbers that do not depend on how the work is cut up.

Each thousand paths have a generator of their own, seeded from the run's seed and their place in the run.  A block
is any number of such thousands, and a path comes out the same in a small block, in a large one, on another worker,
or in a run of more paths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hedgelab import validation
from hedgelab.validation import Floats

#: Paths that share a generator.
STREAM = 1000

#: Paths that are walked together unless you say otherwise: their arrays stay in the processor's cache.
BLOCK = 16 * STREAM

#: Where randomness comes from: a whole number of at least 0, a Generator, a SeedSequence, or None (fresh).
Seed = int | np.random.Generator | np.random.SeedSequence | None


class RandomStreams:
    """The random numbers of a block of paths: each method draws one for every path.

    Parameters
    ----------
    n_paths : number of paths in the block
    seeds : one for each thousand paths, the last of which may be cut short
    first : the place of the first path in the run

    Examples
    --------
    >>> short, long = (block.random() for n in (3, 2000) for block in blocks_of(n, seed=1))
    >>> bool((short.standard_normal() == long.standard_normal()[:3]).all())
    True
    """

    def __init__(self, n_paths: int, seeds: list[np.random.SeedSequence], first: int = 0) -> None:
        self.n_paths, self.first = n_paths, first
        self.generators = [np.random.Generator(np.random.SFC64(seed)) for seed in seeds]  # NumPy's fastest

    def standard_normal(self) -> Floats:
        """Independent standard normal numbers, shape (n_paths,)."""
        return self._filled(np.random.Generator.standard_normal)

    def standard_gamma(self, shape: float) -> Floats:
        """Independent gamma numbers with this mean, and as much variance, shape (n_paths,)."""
        return self._filled(partial(np.random.Generator.standard_gamma, shape=shape))

    def random(self) -> Floats:
        """Independent numbers uniform on [0, 1), shape (n_paths,)."""
        return self._filled(np.random.Generator.random)

    def integers(self, high: int) -> NDArray[np.int64]:
        """Independent whole numbers from 0 to `high` - 1, shape (n_paths,)."""
        drawn = [generator.integers(high, size=STREAM) for generator in self.generators]
        return np.concatenate(drawn)[: self.n_paths]

    def poisson_points(self, mean: float) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Events that strike a path `mean` times on average: the points of a Poisson process.

        Returns, for each event, the path it strikes, its time (uniform on [0, 1)) and a standard normal number.
        """
        drawn = []
        for k, generator in enumerate(self.generators):
            events = generator.poisson(mean * STREAM)
            path = k * STREAM + generator.integers(STREAM, size=events)
            drawn.append((path, generator.random(events), generator.standard_normal(events)))
        path, time, normal = (np.concatenate(part) for part in zip(*drawn, strict=True))
        ours = path < self.n_paths
        return path[ours], time[ours], normal[ours]

    def _filled(self, fill: Callable[..., Any]) -> Floats:
        numbers = np.empty((len(self.generators), STREAM))
        for generator, thousand in zip(self.generators, numbers, strict=True):
            fill(generator, out=thousand)
        return numbers.ravel()[: self.n_paths]


@dataclass(frozen=True)
class Block:
    """Some consecutive paths of a run: those from `first` to `first + n_paths - 1`.

    Examples
    --------
    >>> (block,) = blocks_of(2500, seed=1)
    >>> block.around(2100).first, block.around(2100).n_paths
    (2000, 500)
    """

    first: int
    n_paths: int
    seeds: list[np.random.SeedSequence]

    def random(self) -> RandomStreams:
        """The block's random numbers, from the beginning."""
        return RandomStreams(self.n_paths, self.seeds, self.first)

    def around(self, path: int) -> Block:
        """The smallest block that holds `path`: the thousand that it shares a generator with."""
        k = (path - self.first) // STREAM
        return Block(self.first + k * STREAM, min(STREAM, self.n_paths - k * STREAM), self.seeds[k : k + 1])


def blocks_of(n_paths: int, seed: Seed, block_size: int = BLOCK) -> list[Block]:
    """The blocks that make up `n_paths`; `block_size` is rounded up to whole thousands.

    Examples
    --------
    >>> [block.n_paths for block in blocks_of(2500, seed=1, block_size=900)]
    [1000, 1000, 500]
    """
    n_paths = validation.whole("n_paths", n_paths, minimum=1)
    per_block = -(-validation.whole("block_size", block_size, minimum=1) // STREAM)
    seeds = seed_sequence(seed).spawn(-(-n_paths // STREAM))
    return [
        Block(k * STREAM, min(per_block * STREAM, n_paths - k * STREAM), seeds[k : k + per_block])
        for k in range(0, len(seeds), per_block)
    ]


def seed_sequence(seed: Seed) -> np.random.SeedSequence:
    """The seed that others can be spawned from.

    Examples
    --------
    >>> seed_sequence(7).entropy
    7
    """
    if isinstance(seed, np.random.SeedSequence):  # a copy: spawning from it leaves no trace in the caller's
        return np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key, pool_size=seed.pool_size)
    if isinstance(seed, np.random.Generator):
        return np.random.SeedSequence(seed.integers(0, 2**63, size=4).tolist())
    if seed is None or (isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0):
        return np.random.SeedSequence(seed)
    given = validation.short(seed)
    raise ValueError(
        f"seed must be a whole number of at least 0, a Generator, a SeedSequence or None, got {given}"
    )
