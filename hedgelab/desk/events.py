"""What can happen to a desk, as values: inputs come from outside, outputs are what the desk decides.

Times are seconds on the desk's clock.  Shares are signed, bought positive.  An event is text and back again to the
last bit: floats are written as Python's `repr` has them, and the three that JSON does not know as texts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from json.encoder import encode_basestring_ascii
from typing import Any, ClassVar, get_type_hints

from hedgelab.instruments import Option
from hedgelab.validation import MOST, refusal


@dataclass(frozen=True, slots=True)
class Event:
    """Something at a time; what comes from outside is an `input`, what the desk decides is not."""

    time: float
    input: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """A desk began to run, for the first time (`run` 1) or again; `settings` are all that a replay needs."""

    run: int
    settings: str


@dataclass(frozen=True, slots=True)
class Message(Event):
    """What a venue shows: one of a `sequence`, and when it says, by the desk's clock, that it `sent` this."""

    venue: str
    sequence: int
    sent: float


@dataclass(frozen=True, slots=True)
class StockQuote(Message):
    """What a venue shows of the share."""

    bid: float
    ask: float
    bid_size: float
    ask_size: float
    last: float


@dataclass(frozen=True, slots=True)
class OptionQuote(Message):
    """What a venue shows of one option of the book."""

    option: Option
    bid: float
    ask: float
    bid_size: float
    ask_size: float


@dataclass(frozen=True, slots=True)
class SmileQuote(Message):
    """Volatilities, annual: one for each option of the book in its order, or a single one for all."""

    volatilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RatesQuote(Message):
    """What cash earns and shares pay, continuously compounded, per year."""

    rate: float
    dividend: float


@dataclass(frozen=True, slots=True)
class Heartbeat(Message):
    """A venue says that it is there."""


@dataclass(frozen=True, slots=True)
class Answer(Event):
    """What a venue says of an order."""

    venue: str
    order: str


@dataclass(frozen=True, slots=True)
class Acknowledged(Answer):
    """A venue has the order."""


@dataclass(frozen=True, slots=True)
class Filled(Answer):
    """A venue traded so many shares of an order at a price; `fill` is an id that the venue uses once."""

    fill: str
    shares: float
    price: float
    fee: float


@dataclass(frozen=True, slots=True)
class Cancelled(Answer):
    """A venue will trade no more of the order; it says how many shares it `filled` in all, signed."""

    filled: float


@dataclass(frozen=True, slots=True)
class Rejected(Answer):
    """A venue does not take the order: it never traded, nor will it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reconciled(Answer):
    """A venue's answer, asked for an order: "open", "filled", "cancelled", "rejected", or "unknown".

    What it `filled` in all stands beside it, and the fills themselves are sent again before.  An order that a
    venue has called unknown it will never take.
    """

    found: str
    filled: float


@dataclass(frozen=True, slots=True)
class Timer(Event):
    """The clock called."""

    name: str


@dataclass(frozen=True, slots=True)
class Command(Event):
    """Somebody wants something of the desk, and says why; `risk.COMMANDS` says what can be wanted."""

    who: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Output(Event):
    """What the desk decides; a replay must decide it again."""

    input: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Ordered(Output):
    """The desk asks a venue to trade so many shares at `limit` or better; `order` is like "1-17": run, number."""

    order: str
    venue: str
    shares: float
    limit: float
    purpose: str


@dataclass(frozen=True, slots=True)
class CancelAsked(Output):
    """The desk asks a venue to trade no more of an order."""

    venue: str
    order: str


@dataclass(frozen=True, slots=True)
class StatusAsked(Output):
    """The desk asks a venue what has become of an order; it answers with its fills and `Reconciled`."""

    venue: str
    order: str


@dataclass(frozen=True, slots=True)
class Refused(Output):
    """A check stopped an order before it was sent: which `limit`, and why."""

    order: str
    limit: str
    reason: str


@dataclass(frozen=True, slots=True)
class FaultFound(Output):
    """Something is wrong with a venue, its quotes, its answers or the clock (`venue` is then "")."""

    venue: str
    fault: str
    detail: str


@dataclass(frozen=True, slots=True)
class StateChanged(Output):
    """The desk may do more or less than `before`, for a reason, by a person or by the desk itself ("desk")."""

    before: str
    after: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Settled(Output):
    """An option of the book expired at this spot and paid, `paid` for the whole number of them."""

    option: Option
    spot: float
    paid: float


INPUTS: tuple[type[Event], ...] = (
    *(Opened, StockQuote, OptionQuote, SmileQuote, RatesQuote, Heartbeat),
    *(Acknowledged, Filled, Cancelled, Rejected, Reconciled, Timer, Command),
)
OUTPUTS: tuple[type[Event], ...] = (Ordered, CancelAsked, StatusAsked, Refused, FaultFound, StateChanged, Settled)


def encode(event: Event) -> str:
    """The event as one line of strict JSON.

    Examples
    --------
    >>> encode(Acknowledged(0.1, "A", "1-17"))
    '{"event":"Acknowledged","time":0.1,"venue":"A","order":"1-17"}'
    """
    written = [f'"{name}":{write(getattr(event, name))}' for name, (write, _) in _FIELDS[type(event)].items()]
    return f'{{"event":"{type(event).__name__}",{",".join(written)}}}'


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
    readers = _FIELDS[kind]
    if content.keys() != readers.keys():
        raise refusal(f"{kind.__name__} must have the fields {', '.join(readers)}", list(content))
    event = kind(*(read(f"{kind.__name__}.{name}", content[name]) for name, (_, read) in readers.items()))
    if not math.isfinite(event.time):
        raise refusal(f"{kind.__name__}.time must be finite", event.time)
    return event


_UNKNOWN_TO_JSON = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _written(value: float) -> str:
    text = float.__repr__(float(value))
    return text if math.isfinite(value) else f'"{text}"'


def _is_number(value: Any) -> bool:
    """Whether it is one that a float can hold, or the name of one that JSON does not know."""
    if isinstance(value, str):
        return value in _UNKNOWN_TO_JSON
    return type(value) is float or (type(value) is int and abs(value) < 1e300)


def _number(value: Any) -> float:
    return _UNKNOWN_TO_JSON[value] if isinstance(value, str) else float(value)


def _reader(rule: str, good: Callable[[Any], bool], make: Callable[[Any], Any] = lambda value: value) -> Any:
    """What reads a field: `make` of its value where that is good, otherwise an error that says the rule."""

    def read(name: str, value: Any) -> Any:
        if not good(value):
            raise refusal(f"{name} must be {rule}", value)
        return make(value)

    return read


_TYPES: Mapping[Any, tuple[Callable[[Any], str], Callable[[str, Any], Any]]] = {
    float: (_written, _reader("a number", _is_number, _number)),
    int: (
        lambda value: int.__repr__(int(value)),
        _reader("a whole number", lambda v: type(v) is int and abs(v) <= MOST),
    ),
    str: (encode_basestring_ascii, _reader("a text", lambda value: isinstance(value, str))),
    tuple[float, ...]: (
        lambda values: f"[{','.join(map(_written, values))}]",
        _reader(
            "a list of numbers",
            lambda values: isinstance(values, list) and all(map(_is_number, values)),
            lambda values: tuple(map(_number, values)),
        ),
    ),
    Option: (
        lambda option: f'["{option.kind}",{_written(option.strike)},{_written(option.expiry)}]',
        _reader(
            "a list of kind, strike and expiry",
            lambda value: isinstance(value, list) and len(value) == 3,
            lambda value: Option(*value),
        ),
    ),
}
_KINDS = {kind.__name__: kind for kind in (*INPUTS, *OUTPUTS)}
_FIELDS = {
    kind: {field.name: _TYPES[get_type_hints(kind)[field.name]] for field in fields(kind)}
    for kind in _KINDS.values()
}
