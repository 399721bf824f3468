"""Bad input gets a clear error: which argument, which value, which rule."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from decimal import Decimal
from functools import cache, wraps
from inspect import get_annotations
from numbers import Real
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: What makes of an argument's name and value the value as it is kept, or refuses it.
Rule = Callable[[str, Any], Any]

#: The largest whole number that counts anything here: up to it a float is exact.
MOST = 2**53

LONGEST = 120  # letters of a value that a message quotes


def finite(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of finite floats."""
    array = _floats(name, value)
    return require(name, array, np.isfinite(array), "must be finite")


def positive(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of finite floats above zero."""
    array = _floats(name, value)
    return require(name, array, (array > 0) & (array < np.inf), "must be positive and finite")


def not_negative(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of finite floats of zero or more."""
    array = _floats(name, value)
    return require(name, array, (array >= 0) & (array < np.inf), "must be zero or more, and finite")


def finite_or_missing(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of finite floats, with NaN where there is none."""
    array = _floats(name, value)
    return require(name, array, ~np.isinf(array), "must be finite, or NaN where it is missing")


def kept(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of floats of its own: whoever gave it may use it again, whoever is shown it may not."""
    array: Floats = read_only(np.array(_floats(name, value)))
    return array


def one_a_path(name: str, answer: ArrayLike, spot: Floats) -> Floats:
    """An answer of somebody else's, if it has an entry for each path or is one number for all; a copy."""
    array = kept(name, answer)
    if array.shape not in ((), spot.shape):
        raise ValueError(f"{name} must have one value a path, shape {spot.shape}, got shape {array.shape}")
    return array


def rising(name: str, value: ArrayLike, end: float | None = None) -> Floats:
    """`value` as times in years: from 0 on, strictly increasing, at least two, the last of them `end` if given."""
    times = finite(name, value)
    rises = times.ndim == 1 and times.size >= 2 and times[0] == 0
    if rises and end is not None:
        rises = abs(times[-1] - end) <= 1e-9 * end
        times = np.append(times[:-1], end)  # to the last bit, so that what expires then is settled
    if not rises or not (np.diff(times) > 0).all():
        until = "" if end is None else f" to the end of the hedge, {end}"
        raise refusal(f"{name} must rise from 0{until}, at least two", value)
    return times


def keeps_index(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of arrays that gives a pandas Series, with its index, where it is given one."""

    @wraps(function)
    def with_index(*args: Any, **named: Any) -> Any:
        given = [each for each in (*args, *named.values()) if type(each).__name__ == "Series"]
        result = function(*args, **named)
        if not given:
            return result
        first = given[0]
        if not all(each.index.equals(first.index) for each in given):
            raise ValueError("the Series must have one index, got several: align them first")

        def dressed(numbers: Any) -> Any:
            return type(first)(numbers, index=first.index) if np.shape(numbers) == first.shape else numbers

        return type(result)(*map(dressed, result)) if isinstance(result, tuple) else dressed(result)

    return with_index


def read_only(array: Any) -> Any:
    """A view of the array that those it is shown to cannot change; whoever owns the array still can."""
    if not isinstance(array, np.ndarray):
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def positive_scalar(name: str, value: Any) -> float:
    """`value` as one finite float above zero."""
    if type(value) is float and 0 < value < np.inf:
        return value
    return _scalar(name, positive(name, value))


def not_negative_scalar(name: str, value: Any) -> float:
    """`value` as one finite float of zero or more."""
    if type(value) is float and 0 <= value < np.inf:
        return value
    return _scalar(name, not_negative(name, value))


def finite_scalar(name: str, value: Any) -> float:
    """`value` as one finite float."""
    if type(value) is float and -np.inf < value < np.inf:
        return value
    return _scalar(name, finite(name, value))


def between(low: float, high: float) -> Callable[[str, Any], float]:
    """A rule: one float from `low` to `high`, wide enough for any market and narrow enough not to overflow."""

    def rule(name: str, value: Any) -> float:
        number = finite_scalar(name, value)
        if not low <= number <= high:
            raise ValueError(f"{name} must be between {low:g} and {high:g}, got {number}")
        return number

    return rule


def whole(name: str, value: Any, *, minimum: int) -> int:
    """`value` as an integer of at least `minimum`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise refusal(f"{name} must be a whole number of at least {minimum}", value)
    if value > MOST:
        raise refusal(f"{name} must be at most {MOST}", value)
    return int(value)


def count(name: str, value: Any) -> int:
    """`value` as an integer of at least one."""
    return whole(name, value, minimum=1)


def truth(name: str, value: Any) -> bool:
    """`value` as True or False."""
    if not isinstance(value, bool | np.bool_):
        raise refusal(f"{name} must be True or False", value)
    return bool(value)


def instance(kind: type, called: str = "") -> Rule:
    """A rule: something of that type, which is `called` so where it is something else."""

    def rule(name: str, value: Any) -> Any:
        if not isinstance(value, kind):
            raise refusal(f"{name} must be {called or kind.__name__}", value)
        return value

    return rule


def has_methods(name: str, thing: Any, *methods: str) -> Any:
    """`thing`, if it has all of these methods and is no class in place of an instance."""
    for method in methods:
        if isinstance(thing, type) or not callable(getattr(thing, method, None)):
            raise refusal(f"{name} must have a method {method}", thing)
    return thing


def fields(instance: Any, **rules: Rule) -> None:
    """Put each named field of a frozen dataclass through its rule, and keep what comes out."""
    for name, rule in rules.items():
        object.__setattr__(instance, name, rule(name, getattr(instance, name)))


def optional(rule: Rule) -> Rule:
    """The same rule for what may be left out, and is None then."""
    return lambda name, value: None if value is None else rule(name, value)


class Checked:
    """A frozen dataclass that puts its fields through the rules in their types, and keeps what comes out.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Fee(Checked):
    ...     currency: str
    ...     amount: Annotated[float, between(0, 100)]
    >>> Fee("EUR", 5)
    Fee(currency='EUR', amount=5.0)
    >>> Fee("EUR", -1)
    Traceback (most recent call last):
    ValueError: amount must be between 0 and 100, got -1.0
    """

    def __post_init__(self) -> None:
        fields(self, **_rules(type(self).__mro__))


@cache
def _rules(classes: tuple[type, ...]) -> dict[str, Rule]:
    """The rule of each field of a class that has one: what its type is annotated with."""
    hints: dict[str, Any] = {}
    for each in reversed(classes):
        try:
            hints |= get_annotations(each, eval_str=True)
        except Exception:  # somebody else's types need not mean anything to Python; ours must
            if each.__module__.partition(".")[0] == __name__.partition(".")[0]:
                raise
    rules = {name: getattr(hint, "__metadata__", (None,))[0] for name, hint in hints.items()}
    return {name: rule for name, rule in rules.items() if callable(rule)}


#: Types of fields with their rules, for what is `Checked`.
Finite = Annotated[float, finite_scalar]
Positive = Annotated[float, positive_scalar]
NotNegative = Annotated[float, not_negative_scalar]
Fraction = Annotated[float, between(0, 1)]
Count = Annotated[int, count]
Truth = Annotated[bool, truth]


def broadcast(**arrays: Floats) -> None:
    """Check that the arrays have shapes that NumPy can broadcast together."""
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise ValueError(f"the shapes must broadcast together, got {shapes}") from None


def refusal(rule: str, found: Any) -> ValueError:
    """What to raise where an argument, named in the rule, breaks it.

    Examples
    --------
    >>> refusal("delta must be a function", 3)
    ValueError('delta must be a function, got 3')
    """
    return ValueError(f"{rule}, got {short(found)}")


def _floats(name: str, value: ArrayLike) -> Floats:
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            array = np.frompyfunc(_number, 1, 1)(array)
        elif array.dtype.kind not in "iuf" or np.ma.is_masked(value):
            raise TypeError  # dates, strings and truth values have a float, but never the one that was meant
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise refusal(f"{name} must be a number or an array of numbers", value) from None


def _number(value: Any) -> float:
    """One entry of an array of objects as a float, NaN if it is missing; TypeError if it is not a number."""
    if value is None or type(value).__name__ == "NAType":  # pandas.NA, without importing pandas
        return np.nan
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real | Decimal):
        raise TypeError
    return float(value)


def _scalar(name: str, array: Floats) -> float:
    if array.ndim:
        raise ValueError(f"{name} must be one number, got an array of shape {array.shape}")
    return float(array)


def require(name: str, array: Floats, good: NDArray[np.bool_], rule: str) -> Floats:
    """`array`, if all of it is good; otherwise the message names the first entry that is not, and its place."""
    if good.all():
        return array
    where = tuple(int(i) for i in np.argwhere(~good)[0])
    place = f" at index {where[0] if len(where) == 1 else where}" if where else ""
    raise ValueError(f"{name} {rule}, got {array[where]}{place}")


def short(value: Any) -> str:
    """`value` as a message quotes it: never long, however much it holds.

    Examples
    --------
    >>> short("text"), short(2.5), short(range(3))
    ("'text'", '2.5', 'range(0, 3)')
    >>> len(short("x" * 700_000)) <= LONGEST
    True
    """
    try:
        text = " ".join(_shortener.repr(value).split())
    except Exception:  # a repr of somebody else's, or of an integer with more digits than Python prints
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 23]}...{text[-20:]}"


_shortener = reprlib.Repr()
_shortener.maxstring = _shortener.maxother = _shortener.maxlong = LONGEST
