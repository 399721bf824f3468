"""The least of a function of log moneyness, and where it is negative: a dense grid, and ever finer ones within."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hedgelab.validation import Floats

POINTS = 500  # of a grid, on either side of its middle
FINER = 21  # points of the grid within


def grid(middle: float, inner: float, outer: float) -> Floats:
    """Points a hundredth to a fiftieth of `inner` apart around the middle, and ever farther up to `outer` from it.

    Examples
    --------
    >>> points = grid(0.5, 0.01, 10.0)
    >>> len(points), points[[0, 500, 1000]].round(6)
    (1001, array([-9.5,  0.5, 10.5]))
    """
    steps = np.sinh(np.linspace(0, np.arcsinh(outer / inner), POINTS + 1)) * inner
    return middle + np.concatenate([-steps[:0:-1], steps])


def lowest(function: Callable[[Floats], Floats], k: Floats, values: Floats) -> tuple[float, float]:
    """The least of a function and its place: the grid's four lowest minima, each looked at ever more closely.

    Examples
    --------
    >>> k = np.linspace(-1, 1, 20)
    >>> least, place = lowest(lambda k: (k - 0.3) ** 2, k, (k - 0.3) ** 2)
    >>> round(least, 12), round(place, 6)
    (0.0, 0.3)
    """
    padded = np.concatenate([[np.inf], values, [np.inf]])
    minima = np.flatnonzero((values <= padded[:-2]) & (values <= padded[2:]))
    minima = minima[np.argsort(values[minima])][:4]
    low, high = k[np.maximum(minima - 1, 0)], k[np.minimum(minima + 1, len(k) - 1)]
    at, best = k[minima[0]], values[minima[0]]
    rows = np.arange(len(minima))
    for _ in range(9):  # each ten times finer
        points = np.linspace(low, high, FINER, axis=-1)
        found = function(points)
        column = np.argmin(found, axis=-1)
        low, high = points[rows, np.maximum(column - 1, 0)], points[rows, np.minimum(column + 1, FINER - 1)]
        row = np.argmin(found[rows, column])
        if found[row, column[row]] < best:
            best, at = found[row, column[row]], points[row, column[row]]
    return float(best), float(at)


def below(
    function: Callable[[Floats], Floats], limit: float, k: Floats, values: Floats
) -> list[tuple[float, float]]:
    """The intervals of the grid on which a function is below a limit.

    Examples
    --------
    >>> k = np.linspace(-2, 2, 20)
    >>> [(low, high)] = below(lambda k: k**2 - 1, 0.0, k, k**2 - 1)
    >>> round(low, 9), round(high, 9)
    (-1.0, 1.0)
    """
    under = values < limit
    change = np.flatnonzero(under[1:] != under[:-1])
    low, high, rows = k[change], k[change + 1], np.arange(len(change))
    for _ in range(10 if len(change) else 0):  # each twenty times finer
        points = np.linspace(low, high, FINER, axis=-1)
        first = np.maximum(np.argmax((function(points) < limit) != under[change][:, None], axis=-1), 1)
        low, high = points[rows, first - 1], points[rows, first]
    ends = [*([k[0]] if under[0] else []), *high, *([k[-1]] if under[-1] else [])]
    return [(float(a), float(b)) for a, b in zip(ends[::2], ends[1::2], strict=True)]
