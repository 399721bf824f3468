"""Random numbers that Python and a web page draw alike.

A reader's figure and the Python beside it must tell of the same paths, so both need one generator that is a few
lines in either language.  Philox has no state: the numbers of a path and step follow from a seed and their place.
``javascript/shocks.js`` is the other half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hedgelab import validation
from hedgelab.markets import GBM, RandomStreams
from hedgelab.validation import Floats

MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], dtype=np.uint64)
INCREMENTS = np.array([0x9E3779B9, 0xBB67AE85], dtype=np.uint64)
ROUNDS = 10
LOW = np.uint64(0xFFFFFFFF)


def philox(counter: ArrayLike, key: ArrayLike) -> NDArray[np.uint64]:
    """Four random 32-bit numbers for each counter, by Philox4x32-10 (Salmon et al., Supercomputing 2011).

    Parameters
    ----------
    counter : shape (4, ...), whole numbers below 2**32
    key : shape (2,), whole numbers below 2**32

    Examples
    --------
    The first known answer of the authors' own tests:

    >>> [hex(number) for number in philox([0, 0, 0, 0], [0, 0])]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    a, b, c, d = np.asarray(counter, dtype=np.uint64)
    keys = np.asarray(key, dtype=np.uint64)
    half = np.uint64(32)
    for _ in range(ROUNDS):
        first, second = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b = (second >> half) ^ b ^ keys[0], second & LOW
        c, d = (first >> half) ^ d ^ keys[1], first & LOW
        keys = (keys + INCREMENTS) & LOW
    return np.stack([a, b, c, d])


def normals(seed: int, steps: int, n_paths: int) -> Floats:
    """Independent standard normal numbers, shape (steps, n_paths), by Box and Muller.

    Examples
    --------
    >>> bool((normals(1, steps=5, n_paths=3) == normals(1, steps=9, n_paths=4)[:5, :3]).all())
    True
    """
    seed = validation.whole("seed", seed, minimum=0)
    fours = -(-steps // 4)
    place = np.meshgrid(np.arange(fours), np.arange(n_paths), indexing="ij")
    nothing = np.zeros_like(place[0])
    uniform = (philox([*place, nothing, nothing], [seed, 0]) + 0.5) / 2**32
    radius, angle = np.sqrt(-2 * np.log(uniform[0::2])), 2 * np.pi * uniform[1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)  # (pair, of two, fours, paths)
    return pairs.reshape(4, fours, n_paths).transpose(1, 0, 2).reshape(4 * fours, n_paths)[:steps]


class _Drawn(RandomStreams):
    """Normal numbers that were drawn before, shape (steps, paths)."""

    def __init__(self, normal: Floats) -> None:
        self.rows = iter(normal)

    def standard_normal(self) -> Floats:
        """Those of the next step."""
        return next(self.rows)


@dataclass(frozen=True)
class Shown(GBM):
    """Geometric Brownian motion on the shocks that the explorers draw: the paths a reader sees on the page.

    Parameters
    ----------
    spot, volatility, drift : as in `GBM`
    shocks : which paths, a whole number; the `seed` of `simulate` and `hedge` changes nothing

    Examples
    --------
    >>> market = Shown(spot=100, volatility=0.2, shocks=1)
    >>> market.simulate(expiry=0.25, steps=63, n_paths=2).spot.shape
    (64, 2)
    """

    shocks: int = 1

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Floats]:
        """The prices of the first `n_paths` paths, a time at a time; all of a run must be in one block."""
        return super().stream(times, n_paths, _Drawn(normals(self.shocks, len(times) - 1, n_paths)))
