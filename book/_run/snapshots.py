"""What the names of a page stood for before each cell, so that one that runs again starts from there."""

from __future__ import annotations

import copy
import copyreg
import sys
from dataclasses import is_dataclass
from typing import Any

#: Arrays and tables up to this size are kept as they were; larger ones, which nobody fills by hand, only by name.
KEPT_BYTES = 200_000

#: What never changes, and most of what there is.
ATOMS = (int, float, complex, str, bytes, type(None))


def kept(names: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """What names stand for, with a copy of what can change in place; one made `before` that is the same will do.

    Whatever a name stands for that is not copied stays itself in collections, too.
    """
    known = before or {}
    kinds = copied_kinds()
    changing = {
        name for name, value in names.items() if isinstance(value, kinds) or type(value).__module__ == "__main__"
    }
    copies = {id(value): value for name, value in names.items() if name not in changing}
    return {
        name: copied(value, known.get(name), copies) if name in changing else value
        for name, value in names.items()
    }


def copied_kinds() -> tuple[type, ...]:
    """What a name can stand for and is copied, with objects of the page's own classes; no others are."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    arrays = (numpy.ndarray, numpy.random.Generator) if numpy else ()
    return (list, dict, set, *arrays, *((pandas.DataFrame, pandas.Series) if pandas else ()))


def copied(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy; of what is found twice, once, as `copies` knows by its id.  What cannot be copied stays itself.

    The copy made `before` is used for one value only: two that are equal now may not be so later.
    """
    if isinstance(value, ATOMS):
        return value
    if id(value) not in copies:
        try:
            made = fresh(value, None if id(before) in copies else before, copies)
        except Exception:  # also where it is nested too deeply
            made = value
        copies[id(value)] = copies[id(made)] = made
    return copies[id(value)]


def fresh(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy of something not seen yet, or what was made `before` if it is still the same.

    A dictionary of runs, or of a page's own objects with large arrays, is thus kept once, not once for each cell
    below it, which was gigabytes.
    """
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    alike = type(before) is type(value)
    if isinstance(value, list | dict | tuple):
        return collection(value, before if alike and len(before) == len(value) else None, copies)
    if isinstance(value, set):
        return before if alike and typed(before) == typed(value) else copy.copy(value)
    if numpy and isinstance(value, numpy.ndarray):
        if value.nbytes >= KEPT_BYTES:
            return value
        if isinstance(value.base, numpy.ndarray) and not value.dtype.hasobject:
            return view(value, before if alike and before.base is not None else None, copies)
        return before if alike and same_array(before, value) else value.copy(order="K")
    if pandas and isinstance(value, pandas.DataFrame | pandas.Series):
        if value.size * 8 >= KEPT_BYTES:
            return value
        return before if alike and same_table(before, value) else value.copy()
    if (numpy and isinstance(value, numpy.generic)) or frozen(value):
        return value
    if in_attributes(value):
        return thing(value, before if alike else None, copies)
    return copy.deepcopy(value, copies)


def typed(values: set[Any]) -> set[Any]:
    """What is in a set, with 1 and 1.0 apart."""
    return {(type(each), each) for each in values}


def same_array(before: Any, value: Any) -> bool:
    """Whether arrays have the same numbers of the same kind, or the same objects."""
    if (before.dtype, before.shape) != (value.dtype, value.shape):
        return False
    if value.dtype.hasobject:
        return all(one is other for one, other in zip(before.flat, value.flat, strict=True))
    return bool(before.tobytes() == value.tobytes())


def same_table(before: Any, value: Any) -> bool:
    """Whether tables or columns are the same, with the names of what is in them."""
    names = [(getattr(each, "name", None), [axis.names for axis in each.axes]) for each in (before, value)]
    return not value.attrs and not before.attrs and names[0] == names[1] and bool(value.equals(before))


def view(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A view of an array as the same view of the array's copy, or what was made `before`."""
    base = value.base
    made = copied(base, None if before is None else before.base, copies)
    if made is base:
        return value
    start = address(value) - address(base)
    if before is not None and made is before.base:
        places = [(each.shape, each.dtype, each.strides) for each in (before, value)]
        if places[0] == places[1] and address(before) - address(made) == start:
            return before
    return type(value)(value.shape, value.dtype, made.ravel(order="K"), start, value.strides)


def address(array: Any) -> int:
    """Where the first number of an array is."""
    return int(array.__array_interface__["data"][0])


def frozen(value: Any) -> bool:
    """Whether it is a run, a market or another of the library's things, which nobody changes."""
    return is_dataclass(value) and value.__dataclass_params__.frozen  # type: ignore[attr-defined]


def collection(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy of a list, a dictionary or a tuple with copies of what is in it, or what was made `before`."""
    places = list(value) if isinstance(value, dict) else range(len(value))
    if isinstance(value, dict) and before is not None and list(before) != places:
        before = None
    whole = isinstance(value, tuple)  # which is made of its parts, and without any that changes is itself
    made = [*value] if whole else copy.copy(value)
    if not whole:
        copies[id(value)] = made  # it may contain itself
    for place in places:
        made[place] = copied(value[place], None if before is None else before[place], copies)
    for known in (before, value if whole else None):
        if known is not None and all(made[place] is known[place] for place in places):
            return known
    return tuple.__new__(type(value), made) if whole else made


def in_attributes(value: Any) -> bool:
    """Whether an object is no more than its attributes, as those of a page's own classes are."""
    if isinstance(value, type) or any(hasattr(value, own) for own in ("__copy__", "__deepcopy__", "__setstate__")):
        return False
    how = value.__reduce_ex__(4)
    return (
        isinstance(how, tuple)
        and how[:2] == (copyreg.__newobj__, (type(value),))  # type: ignore[attr-defined]
        and how[2] is getattr(value, "__dict__", None)
        and not any(how[3:])
    )


def thing(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy of such an object with copies of its attributes, or what was made `before`."""
    made = copies[id(value)] = object.__new__(type(value))  # it may be an attribute of its own
    known = {} if before is None else vars(before)
    attributes = {name: copied(part, known.get(name), copies) for name, part in vars(value).items()}
    if (
        before is not None
        and attributes.keys() == known.keys()
        and all(attributes[it] is known[it] for it in known)
    ):
        return before
    vars(made).update(attributes)
    return made
