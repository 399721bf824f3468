"""Whether a value is right, for the grader and for the notebook's own check alike: one file, used by both.

Right answers are compared with **plain values** only: None, truths, numbers, texts, lists, dicts and arrays of
numbers.  `plain` makes them where the student's code runs; whatever an object claims to be, that is what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

#: Why a value cannot be compared at all.
UNFIT = ("not a number, a text, a list, a dict or an array", "too large to be an answer")
NUMBER, NUMBERS, SHAPE, FINITE = "not a number", "not a list of numbers", "the wrong length or shape", "not finite"
KEYS, WRONG = "not a dict with the right keys", "the wrong value"
#: All that is ever said of a value: nothing in it tells what was asked.
PHRASES = (*UNFIT, NUMBER, NUMBERS, SHAPE, FINITE, KEYS, WRONG)

DEEP, LONG = 8, 10_000
MOST_VALUES, MOST_BYTES = 100_000, 8 << 20
#: Whole numbers below it have each a hash of its own: a dict of larger ones may take minutes to make.
MOST_KEY = (1 << 61) - 1


class Unfit(Exception):
    """A value that is none of the plain ones; ``which`` is its place in `UNFIT`."""

    def __init__(self, which: int) -> None:
        super().__init__(UNFIT[which])
        self.which = which


def called(thing: Any) -> Callable[..., Any]:
    """What to call of what a notebook defines: of a class one object is made, of an object its ``holding``."""
    made = thing() if isinstance(thing, type) else thing
    return getattr(made, "holding", made)  # type: ignore[no-any-return]


def plain(value: Any) -> Any:
    """What is left of a value where only plain ones can go; `Unfit` is raised where nothing is."""
    values, room = MOST_VALUES, MOST_BYTES

    def array(given: Any, depth: int) -> Any:
        nonlocal room
        found = np.asarray(given)
        if found.dtype.kind not in "biufc":  # objects, texts, dates
            return go(found.astype(str).tolist() if found.dtype.kind in "mM" else found.tolist(), depth + 1)
        room -= found.size * {"b": 1, "c": 16}.get(found.dtype.kind, 8)  # as wide as it crosses the wall
        if room < 0 or found.ndim > 4:
            raise Unfit(1)
        return found

    def go(value: Any, depth: int) -> Any:
        nonlocal values
        values -= 1
        kind = type(value)
        if (
            values < 0
            or depth > DEEP
            or (kind is int and value.bit_length() > 1000)
            or (kind is str and len(value) > LONG)
        ):
            raise Unfit(1)
        if value is None or kind in (bool, int, float, complex, str):
            return float(value) if kind is int and value.bit_length() > 63 else value
        if isinstance(value, type):
            raise Unfit(0)
        if isinstance(value, np.generic):
            return go(value.item() if value.dtype.kind in "biufcU" else str(value), depth + 1)
        if isinstance(value, dict):
            pairs = [(go(key, depth + 1), go(item, depth + 1)) for key, item in value.items()]
            if any(type(key) not in (str, int, float, bool) for key, _ in pairs):
                raise Unfit(0)
            found = dict(pairs)
            if any(type(key) is int and abs(key) >= MOST_KEY for key in (*value, *found)):
                raise Unfit(1)
            return found
        if hasattr(value, "__array__"):
            return array(value, depth)
        if isinstance(value, (set, frozenset)):
            return [go(item, depth + 1) for item in sorted(value)]
        if hasattr(value, "__float__"):
            return float(value)
        if hasattr(value, "isoformat"):
            return str(value.isoformat())
        if isinstance(value, Iterable):
            return [go(item, depth + 1) for item in value]
        raise Unfit(0)

    return go(value, 0)


def verdict(got: Any, want: Any, relative: float, absolute: float) -> str:
    """What is wrong with a plain value, as one of `PHRASES`; nothing if it is right.

    A number is right within ``absolute + relative * |want|``; where the answer is infinite or NaN, so must it be.
    One number may come as an array of one.  A truth is no number, and a text is not what it reads as.
    """
    want = plain(want)
    if want is None or type(want) in (str, bool):
        return "" if type(got) is type(want) and got == want else WRONG
    if isinstance(want, dict):
        if not isinstance(got, dict) or set(got) != set(want):
            return KEYS
        return next((wrong for key in want if (wrong := verdict(got[key], want[key], relative, absolute))), "")
    right = numbers(want)
    if right is None:  # a list of texts, or of unlike things
        if not isinstance(got, list) or len(got) != len(want):
            return SHAPE
        pairs = zip(got, want, strict=True)
        return next((wrong for one, other in pairs if (wrong := verdict(one, other, relative, absolute))), "")
    found = None if type(got) is bool else numbers(got)
    if found is None:
        return NUMBERS if right.ndim else NUMBER
    if found.shape != right.shape and not (right.ndim == 0 and found.size == 1):
        return SHAPE
    found, right = found.reshape(right.shape).astype(complex), right.astype(complex)
    with np.errstate(all="ignore"):
        near = (np.abs(found - right) <= absolute + relative * np.abs(right)) & np.isfinite(right)
    near |= (found == right) | (np.isnan(found) & np.isnan(right))
    if near.all():
        return ""
    return FINITE if (~np.isfinite(found) & np.isfinite(right)).any() else WRONG


def place(got: Any, want: Any, relative: float, absolute: float) -> str:
    """Under which key of a dict the first wrong value stands, for a student; else nothing."""
    want = plain(want)
    if not isinstance(want, dict) or not isinstance(got, dict) or set(got) != set(want):
        return ""
    return next((f" under {key!r}" for key in want if verdict(got[key], want[key], relative, absolute)), "")


def numeric(value: Any) -> bool:
    """Whether a plain value holds nothing but numbers and truths."""
    if isinstance(value, list):
        return all(map(numeric, value))
    return isinstance(value, (bool, int, float, complex, np.ndarray))


def numbers(value: Any) -> np.ndarray[Any, Any] | None:
    """A number, or lists or arrays of them, as one array; None if it is anything else.

    An array of texts would be as wide as the longest: what holds a text is not made an array.
    """
    try:
        found = np.asarray(value) if numeric(value) else None
        return found if found is None or found.dtype.kind in "biufc" else found.astype(complex)
    except (ValueError, TypeError, OverflowError):  # lists of unequal length, whole numbers without end
        return None
