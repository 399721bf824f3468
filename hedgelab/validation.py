"""Bad input gets a clear error: which argument, which value, which rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def finite(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of finite floats."""
    array = _floats(name, value)
    return _require(name, array, np.isfinite(array), "must be finite")


def positive(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of finite floats above zero."""
    array = _floats(name, value)
    return _require(name, array, (array > 0) & (array < np.inf), "must be positive and finite")


def not_negative(name: str, value: ArrayLike) -> Floats:
    """`value` as an array of finite floats of zero or more."""
    array = _floats(name, value)
    return _require(name, array, (array >= 0) & (array < np.inf), "must be zero or more, and finite")


def positive_scalar(name: str, value: Any) -> float:
    """`value` as one finite float above zero."""
    return _scalar(name, positive(name, value))


def not_negative_scalar(name: str, value: Any) -> float:
    """`value` as one finite float of zero or more."""
    return _scalar(name, not_negative(name, value))


def finite_scalar(name: str, value: Any) -> float:
    """`value` as one finite float."""
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
        raise ValueError(f"{name} must be a whole number of at least {minimum}, got {value!r}")
    return int(value)


def truth(name: str, value: Any) -> bool:
    """`value` as True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def fields(instance: Any, **rules: Callable[[str, Any], Any]) -> None:
    """Put each named field of a frozen dataclass through its rule, and keep what comes out."""
    for name, rule in rules.items():
        object.__setattr__(instance, name, rule(name, getattr(instance, name)))


def broadcast(**arrays: Floats) -> None:
    """Check that the arrays have shapes that NumPy can broadcast together."""
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise ValueError(f"the shapes must broadcast together, got {shapes}") from None


def _floats(name: str, value: ArrayLike) -> Floats:
    try:
        if np.asarray(value).dtype.kind not in "iufO" or np.ma.is_masked(value):
            raise TypeError  # dates, strings and truth values have a float, but never the one that was meant
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or an array of numbers, got {value!r}") from None


def _scalar(name: str, array: Floats) -> float:
    if array.ndim:
        raise ValueError(f"{name} must be one number, got an array of shape {array.shape}")
    return float(array)


def _require(name: str, array: Floats, good: NDArray[np.bool_], rule: str) -> Floats:
    if good.all():
        return array
    where = tuple(int(i) for i in np.argwhere(~good)[0])
    place = f" at index {where[0] if len(where) == 1 else where}" if where else ""
    raise ValueError(f"{name} {rule}, got {array[where]}{place}")
