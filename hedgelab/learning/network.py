"""A small neural network, its slopes by back-propagation, and the search that trains it: plain NumPy.

All weights are in one vector.  Numbers have a column for each path: `seen[input, path]`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from hedgelab.validation import Floats


class Layer(NamedTuple):
    """Weights of one layer, ``weights[input, output]`` and ``shift[output, 0]``: views into the vector."""

    weights: Floats
    shift: Floats


def number_of_weights(sizes: Sequence[int]) -> int:
    """How many weights a network has whose layers are of these sizes, the inputs first.

    Examples
    --------
    >>> number_of_weights((2, 12, 12, 3))
    231
    """
    return sum((before + 1) * after for before, after in pairwise(sizes))


def layers(vector: Floats, sizes: Sequence[int]) -> list[Layer]:
    """The layers that a vector of weights is made of."""
    found, start = [], 0
    for before, after in pairwise(sizes):
        middle, end = start + before * after, start + (before + 1) * after
        found.append(Layer(vector[start:middle].reshape(before, after), vector[middle:end, None]))
        start = end
    return found


def begun(sizes: Sequence[int], random: np.random.Generator) -> Floats:
    """Weights to begin with: at random, so that no layer drowns the next, the last ones small."""
    vector = np.zeros(number_of_weights(sizes))
    for layer in layers(vector, sizes):
        layer.weights[:] = random.standard_normal(layer.weights.shape) / np.sqrt(len(layer.weights))
    layer.weights[:] *= 0.1
    return vector


def product(weights: Floats, numbers: Floats) -> Floats:
    """The transposed weights times the numbers, a path's the same to the last bit in any company, unlike ``@``."""
    return np.asarray(np.einsum("ij,in->jn", weights, numbers))


def forward(
    network: Sequence[Layer], seen: Floats, times: Callable[[Floats, Floats], Any] = product
) -> list[Floats]:
    """What every layer says, the inputs first, the answer last; all but the last bend what they say by tanh."""
    said = [seen]
    for layer in network:
        numbers = times(layer.weights, said[-1])
        numbers += layer.shift
        said.append(numbers if layer is network[-1] else np.tanh(numbers, out=numbers))
    return said


def backward(network: Sequence[Layer], said: Sequence[Floats], slope: Floats, into: Sequence[Layer]) -> Floats:
    """Back-propagation: the slope by the inputs, given that by the answer; that by the weights goes `into`."""
    for layer, numbers, total in zip(network[::-1], said[-2::-1], into[::-1], strict=True):
        total.weights[:] += numbers @ slope.T
        total.shift[:] += slope.sum(axis=1, keepdims=True)
        slope = layer.weights @ slope
        if layer is not network[0]:
            slope = slope * (1 - numbers**2)
    return slope


class Adam:
    """Steps down a slope that is known with noise, each weight at its own pace.

    D. P. Kingma & J. Ba (2015), "Adam: a method for stochastic optimization", algorithm 1.
    """

    def __init__(self, size: int) -> None:
        self.mean, self.square, self.steps = np.zeros(size), np.zeros(size), 0

    def step(self, slope: Floats, pace: float) -> Floats:
        """What to add to the weights."""
        self.steps += 1
        self.mean += 0.1 * (slope - self.mean)
        self.square += 0.001 * (slope**2 - self.square)
        mean, square = self.mean / (1 - 0.9**self.steps), self.square / (1 - 0.999**self.steps)
        return -pace * mean / (np.sqrt(square) + 1e-8)
