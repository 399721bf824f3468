"""What takes longer to learn than a chapter has, learned beforehand: deltas, and the weights of networks.

`tools/learn_beforehand.py` writes the files of ``data/``; a test learns a part of them again.  All deltas here are
Black and Scholes's plus a weighted sum of four columns.  So all that a day's record has to say of them is in its
`moments`, and the gain of any weights is a quadratic form.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.learning.changes import DailyChanges
from hedgelab.learning.policies import LearnedBand, LearnedHolding
from hedgelab.validation import Floats

DATA = Path(__file__).parent / "data"
SLOPE = "sticky_local_volatility"  # the rule whose correction is the fourth column
HULL_WHITE, MULTIPLE = (0, 1, 2), (3,)  # columns that two learners may weigh
UPPER = np.triu_indices(5)


class Gain(NamedTuple):
    """By what fraction a delta leaves less variance than Black and Scholes's, and the standard error by path."""

    value: float
    error: float


def moments(changes: DailyChanges) -> Floats:
    """Sums of products of four columns and of what Black and Scholes's hedge leaves: ``[path, 5, 5]``.

    The columns are ``vega / sqrt(expiry) spot_change / spot**2`` times 1, delta and delta squared, as in
    `LearnedDelta`, and what the rule `SLOPE` adds to delta times the move.  Everything is in units of the spot.

    Examples
    --------
    >>> seen = DailyChanges(0, [0, 1], 50.0, 0.25, 0.5, 8.0, [1.0, -1.0], [0.4, -0.5], {SLOPE: 0.4})
    >>> moments(seen)[0, 3:, 3:].round(6).tolist()
    [[8e-06, 4e-06], [4e-06, 4e-06]]
    """
    moved = changes.spot_change / changes.spot
    unit = changes.vega / (changes.spot * np.sqrt(changes.expiry)) * moved
    left = changes.price_change / changes.spot - changes.delta * moved
    slope = (changes.others[SLOPE] - changes.delta) * moved
    columns = np.array([unit, unit * changes.delta, unit * changes.delta**2, slope, left])
    paths = (columns[:, changes.path == path] for path in np.unique(changes.path))
    return np.array([each @ each.T for each in paths])


def fitted(products: Floats, columns: Sequence[int] = HULL_WHITE) -> Floats:
    """The weights of four columns, least squares on `columns` alone, the others zero."""
    total, some = products.sum(axis=0), np.array(columns)
    weights = np.zeros(4)
    weights[some] = np.linalg.solve(total[np.ix_(some, some)], total[some, 4])
    return weights


def gain(products: Floats, weights: ArrayLike) -> Gain:
    """What these weights gain on a record, all its paths together; with two or more paths its standard error.

    Examples
    --------
    >>> record = np.zeros((2, 5, 5)); record[:, 3:, 3:] = [[4, 2], [2, 2]]
    >>> gain(record, [0, 0, 0, 0.5])
    Gain(value=0.5, error=0.0)
    """
    against = np.append(-np.asarray(weights, float), 1.0)
    left, by_the_book = products @ against @ against, products[:, 4, 4]
    value = 1 - left.sum() / by_the_book.sum()
    apart = left - (1 - value) * by_the_book
    n = len(products)
    error = np.sqrt(np.sum(apart**2) * n / (n - 1)) / by_the_book.sum() if n > 1 else np.nan
    return Gain(float(value), float(error))


class Records(NamedTuple):
    """Deltas learned in some worlds, by days of data, and what three years of each world say of any delta."""

    learned: dict[str, dict[str, Floats]]  # world -> days -> weights of the four columns [draw, 4], the last alone
    tests: dict[str, Floats]  # world -> moments [group, 5, 5] of groups of paths that nobody has learned from


@cache
def records() -> Records:
    """What `tools/learn_beforehand.py` kept of simulated options."""
    kept = _read("deltas.json")
    learned = {
        world: {days: np.array(weights) for days, weights in by_days.items()}
        for world, by_days in kept["learned"].items()
    }
    return Records(learned, {world: symmetric(rows) for world, rows in kept["tests"].items()})


@cache
def compared() -> dict[str, Floats]:
    """What three numbers, the slope and the model's own delta gain in Heston's market, ``[history, 3]``.

    By the correlation, "-0.7" or "-0.5".  The three numbers were learned on another history of the same market.
    """
    return {correlation: np.array(rows) for correlation, rows in _read("compared.json").items()}


def symmetric(rows: ArrayLike) -> Floats:
    """Matrices of five by five from their upper halves, row by row."""
    upper = np.asarray(rows, float)
    full = np.zeros((len(upper), 5, 5))
    full[:, *UPPER] = upper
    full[:, UPPER[1], UPPER[0]] = upper
    return full


@cache
def bands(world: str) -> tuple[LearnedBand, ...]:
    """Bands that networks learned, a seed each, in the world "GBM", "Heston" or "Merton", or in "GBM" at a cost
    of 1 %, "dear".
    """
    return tuple(LearnedBand(weights) for weights in _read("networks.json")["bands"][world])


@cache
def holdings() -> tuple[LearnedHolding, ...]:
    """Holdings that networks learned in the world "GBM", a seed each."""
    return tuple(LearnedHolding(weights) for weights in _read("networks.json")["holdings"]["GBM"])


@cache
def elsewhere() -> dict[str, dict[str, tuple[float, float]]]:
    """What these bands made beside Whalley and Wilmott's: mean less half the variance, and its standard error.

    By who hedges ("Heston 1" is the first network that learned there; "Zakamouline", and "told" for his band
    around the minimum-variance delta of the world's own model), and by the world in which.
    """
    kept = _read("elsewhere.json")
    return {who: {world: (value, error) for world, (value, error) in by.items()} for who, by in kept.items()}


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text("utf8"))
