"""Events as text, and back again to the last bit.

An event is a line of strict JSON.  Floats are written as `repr` has them, and the three that JSON does not
know as texts: "nan", "inf", "-inf".
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from json.encoder import encode_basestring_ascii
from typing import Any, get_type_hints

from hedgelab.desk.events import INPUTS, OUTPUTS, Event
from hedgelab.instruments import Option
from hedgelab.validation import MOST, refusal


def encode(event: Event) -> str:
    """The event as one line of strict JSON.

    Raises
    ------
    ValueError
        Where `decode` would refuse it, or a field could not be what it was again.

    Examples
    --------
    >>> from hedgelab.desk.events import Acknowledged
    >>> encode(Acknowledged(0.1, "A", "1-17"))
    '{"event":"Acknowledged","time":0.1,"venue":"A","order":"1-17"}'
    """
    kind = type(event)
    if kind not in _FORMS:
        raise refusal(f"an event must be one of {', '.join(_KINDS)}", event)
    form, values, writers, _ = _FORMS[kind]
    written: list[str] = []
    try:
        for write, value in zip(writers, values(event), strict=True):
            written.append(write(value))
    except (TypeError, ValueError, AttributeError, OverflowError):
        name, (_, _, rule) = [*_FIELDS[kind].items()][len(written)]
        raise refusal(f"{kind.__name__}.{name} must be {rule}", getattr(event, name)) from None
    if not math.isfinite(event.time):
        raise refusal(f"{kind.__name__}.time must be finite", event.time)
    return form % tuple(written)


def exact(event: Event) -> Event:
    """The event as `decode` gives it back: itself, where each field is of its type and not merely like it.

    Raises
    ------
    ValueError
        As `encode` does.

    Examples
    --------
    >>> from hedgelab.desk.events import Timer
    >>> exact(Timer(1, "beat"))
    Timer(time=1.0, name='beat')
    """
    if type(event) in _FORMS:
        _, read, _, types = _FORMS[type(event)]
        values = read(event)
        alike = [*map(type, values)] == types and all(
            type(each) is not int or abs(each) <= MOST for each in values
        )
        if alike and math.isfinite(event.time):
            return event
    return decode(encode(event))


def decode(text: str | bytes) -> Event:
    """The event that `encode` wrote.

    Raises
    ------
    ValueError
        Where it is no JSON, no known event, or a field is missing, unknown, or not of its type.

    Examples
    --------
    >>> decode('{"event":"Acknowledged","time":0.1,"venue":"A","order":"1-17"}')
    Acknowledged(time=0.1, venue='A', order='1-17')
    """
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise refusal("an event must be strict JSON", text) from None
    kind = _KINDS.get(str(content.pop("event", None))) if isinstance(content, dict) else None
    if kind is None:
        raise refusal(f"an event must be an object whose event is one of {', '.join(_KINDS)}", text)
    known = _FIELDS[kind]
    if content.keys() != known.keys():
        raise refusal(f"{kind.__name__} must have the fields {', '.join(known)}", list(content))
    values = []
    for name, (_, read, rule) in known.items():
        try:
            values.append(read(content[name]))
        except (TypeError, KeyError, OverflowError):
            raise refusal(f"{kind.__name__}.{name} must be {rule}", content[name]) from None
    event = kind(*values)
    if not math.isfinite(event.time):
        raise refusal(f"{kind.__name__}.time must be finite", event.time)
    return event


_UNKNOWN_TO_JSON = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _written(value: float) -> str:
    text = float.__repr__(float(value))
    return text if math.isfinite(value) else f'"{text}"'


def _whole(value: Any) -> str:
    number = operator.index(value)
    if abs(number) > MOST:
        raise ValueError
    return int.__repr__(number)


def _number(value: Any) -> float:
    return float(value) if type(value) in (int, float) else _UNKNOWN_TO_JSON[value]


def _exactly(kind: Any, value: Any) -> Any:
    """`value`, if it is of that type and, being a whole number, one that others can hold."""
    if type(value) is not kind or (kind is int and abs(value) > MOST):
        raise TypeError
    return value


#: How a field of each type is written, and read, and what it must be.
_TYPES: Mapping[Any, tuple[Callable[[Any], str], Callable[[Any], Any], str]] = {
    float: (_written, _number, "a number"),
    int: (_whole, partial(_exactly, int), f"a whole number, {MOST} at most"),
    str: (encode_basestring_ascii, partial(_exactly, str), "a text"),
    tuple[float, ...]: (
        lambda values: f"[{','.join(map(_written, values))}]",
        lambda values: tuple(map(_number, _exactly(list, values))),
        "a list of numbers",
    ),
    Option: (
        lambda option: f'["{option.kind}",{_written(option.strike)},{_written(option.expiry)}]',
        lambda terms: Option(*_exactly(list, terms)),
        "a list of kind, strike and expiry",
    ),
}
_KINDS = {kind.__name__: kind for kind in (*INPUTS, *OUTPUTS)}
_FIELDS = {
    kind: {field.name: _TYPES[get_type_hints(kind)[field.name]] for field in fields(kind)}
    for kind in _KINDS.values()
}
_FORMS = {  # the text with its gaps, what fills them, how each is written, and its type
    kind: (
        f'{{"event":"{kind.__name__}"' + "".join(f',"{name}":%s' for name in known) + "}",
        operator.attrgetter(*known),
        [write for write, _, _ in known.values()],
        [get_type_hints(kind)[name] for name in known],  # never that of a tuple, whose items may be anything
    )
    for kind, known in _FIELDS.items()
}
