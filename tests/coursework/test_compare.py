"""What is right, and what is said of what is not."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from coursework.compare import (
    FINITE,
    KEYS,
    MOST_BYTES,
    MOST_KEY,
    NUMBER,
    NUMBERS,
    SHAPE,
    UNFIT,
    WRONG,
    Unfit,
    called,
    plain,
    verdict,
)
from coursework.wire import decoded, encoded

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("got", "want", "said"),
    [
        (1.0, 1, ""),
        (np.float32(0.5), 0.5, ""),
        (Fraction(1, 2), 0.5, ""),
        (Decimal("0.5"), 0.5, ""),
        (np.array([0.5]), 0.5, ""),
        (1.0 + 1e-12, 1.0, ""),
        (1.01, 1.0, WRONG),
        (True, 1.0, NUMBER),
        ("1.0", 1.0, NUMBER),
        (None, 1.0, NUMBER),
        ([1, 2], 1.0, SHAPE),
        (NAN, 1.0, FINITE),
        (INF, 1.0, FINITE),
        (NAN, NAN, ""),
        (INF, INF, ""),
        (-INF, INF, WRONG),
        (1.0, INF, WRONG),
        ([1, 2, 3], np.array([1.0, 2, 3]), ""),
        ((n for n in range(3)), [0, 1, 2], ""),
        (pd.Series([1.0, 2.0]), [1, 2], ""),
        (pd.DataFrame({"a": [1.0], "b": [2.0]}), [[1, 2]], ""),
        ([[1], [2, 3]], [1, 2], NUMBERS),
        (["a"], [1], NUMBERS),
        ([1, 2], [1, 2, 3], SHAPE),
        ("call", "call", ""),
        (np.str_("call"), "call", ""),
        ("Call", "call", WRONG),
        (np.bool_(True), True, ""),
        (1, True, WRONG),
        (None, None, ""),
        (["a", "b"], ("a", "b"), ""),
        (["a", 1], ["a", 1.0], ""),
        (["a"], ["a", "b"], SHAPE),
        ({"x": [1, 2]}, {"x": np.array([1, 2])}, ""),
        ({"x": 1}, {"y": 1}, KEYS),
        ({"x": 1}, {"x": 2}, WRONG),
        ([("a", 1)], [("a", 1)], ""),
        ({3, 1, 2}, [1, 2, 3], ""),
        (pd.Timestamp("2020-03-16"), "2020-03-16T00:00:00", ""),
        (10**290, 1.0, WRONG),
        (1 + 0j, 1.0, ""),
        (np.array([True, False]), [True, False], ""),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_value_is_right_or_a_fixed_phrase_says_why_not(got, want, said):
    assert verdict(plain(got), want, 1e-9, 1e-9) == said


@pytest.mark.parametrize(
    ("value", "which"),
    [
        (object(), 0),
        (int, 0),
        ({(1, 2): 3}, 0),
        (10**400, 1),
        ("a" * 20_000, 1),
        (range(10**9), 1),
        ({-MOST_KEY: 0}, 1),
        ({np.int64(MOST_KEY): 0}, 1),
        ({10**200: 0}, 1),
        (np.zeros(MOST_BYTES // 8 + 1, np.float32), 1),
        ([np.zeros(MOST_BYTES // 16, np.int8)] * 3, 1),
        (np.zeros(MOST_BYTES // 16 + 1, np.complex64), 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_plain_value_is_unfit(value, which):
    with pytest.raises(Unfit, match=UNFIT[which]):
        plain(value)


@pytest.mark.parametrize(
    "value",
    [
        {MOST_KEY - 1: 0, 1 - MOST_KEY: 1},
        {np.int64(1_700_000_000_000_000_000): 0},  # a time in nanoseconds
        np.zeros(MOST_BYTES // 8, np.float32),
        np.zeros(MOST_BYTES // 8, np.int16),
        np.zeros(MOST_BYTES, bool),
        np.zeros(MOST_BYTES // 16, np.complex64),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_plain_crosses_the_wall(value):
    """However wide its numbers are made on the way."""
    assert verdict(decoded(*encoded(plain(value))), value, 0, 0) == ""


def test_a_list_in_itself_is_too_large():
    endless = []
    endless.append(endless)
    with pytest.raises(Unfit, match=UNFIT[1]):
        plain(endless)


def test_of_a_class_one_object_is_made_and_its_holding_is_asked():
    class Policy:
        def holding(self, delta):
            return delta

    assert called(Policy)(0.5) == called(Policy())(0.5) == called(lambda delta: delta)(0.5) == 0.5


def test_one_long_text_among_many_takes_no_memory():
    assert verdict(["x" * 1_000_000, *"a" * 100_000], [1.0, 2.0], 1e-9, 1e-9) == NUMBERS


def test_a_vast_array_is_compared_by_its_shape_first():
    """In as much room as it came in: not made complex, which takes sixteen times as much."""
    tracemalloc.start()
    assert verdict(np.zeros(20_000_000, bool), 1.0, 0, 0) == SHAPE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 45_000_000
