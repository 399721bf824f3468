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
class StockQuote(Event):
    """What a venue shows of the share; `sent` is when, on the desk's clock, it says that it sent this."""

    venue: str
    sequence: int
    sent: float
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    last: float


@dataclass(frozen=True, slots=True)
class OptionQuote(Event):
    """What a venue shows of one option of the book."""

    venue: str
    sequence: int
    sent: float
    option: Option
    bid: float
    ask: float
    bid_size: float
    ask_size: float


@dataclass(frozen=True, slots=True)
class SmileQuote(Event):
    """Volatilities, annual: one for each option of the book in its order, or a single one for all."""

    venue: str
    sequence: int
    sent: float
    volatilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RatesQuote(Event):
    """What cash earns and shares pay, continuously compounded, per year."""

    venue: str
    sequence: int
    sent: float
    rate: float
    dividend: float


@dataclass(frozen=True, slots=True)
class Heartbeat(Event):
    """A venue says that it is there."""

    venue: str
    sequence: int
    sent: float


@dataclass(frozen=True, slots=True)
class Acknowledged(Event):
    """A venue has the order."""

    venue: str
    order: str


@dataclass(frozen=True, slots=True)
class Filled(Event):
    """A venue traded so many shares of an order at a price; `fill` is an id that the venue uses once."""

    venue: str
    order: str
    fill: str
    shares: float
    price: float
    fee: float


@dataclass(frozen=True, slots=True)
class Cancelled(Event):
    """A venue will trade no more of the order; it says how many shares it `filled` in all, signed."""

    venue: str
    order: str
    filled: float


@dataclass(frozen=True, slots=True)
class Rejected(Event):
    """A venue does not take the order: it never traded, nor will it."""

    venue: str
    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reconciled(Event):
    """A venue's answer, asked for an order: "open", "filled", "cancelled", "rejected", or "unknown".

    What it `filled` in all stands beside it, and the fills themselves are sent again before.  An order that a
    venue has called unknown it will never take.
    """

    venue: str
    order: str
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


def _write_float(value: float) -> str:
    return float.__repr__(float(value)) if math.isfinite(value) else f'"{float.__repr__(float(value))}"'


def _write_floats(values: tuple[float, ...]) -> str:
    return f"[{','.join(map(_write_float, values))}]"


def _write_int(value: int) -> str:
    return int.__repr__(int(value))


def _write_option(value: Option) -> str:
    return f'["{value.kind}",{_write_float(value.strike)},{_write_float(value.expiry)}]'


def _read_float(name: str, value: Any) -> float:
    if isinstance(value, str) and value in _UNKNOWN_TO_JSON:
        return _UNKNOWN_TO_JSON[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal(f"{name} must be a number", value)
    try:
        return float(value)
    except OverflowError:
        raise refusal(f"{name} must be a number that a float can hold", value) from None


def _read_floats(name: str, value: Any) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise refusal(f"{name} must be a list of numbers", value)
    return tuple(_read_float(name, each) for each in value)


def _read_int(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST:
        raise refusal(f"{name} must be a whole number", value)
    return value


def _read_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise refusal(f"{name} must be a text", value)
    return value


def _read_option(name: str, value: Any) -> Option:
    if not isinstance(value, list) or len(value) != 3:
        raise refusal(f"{name} must be a list of kind, strike and expiry", value)
    return Option(*value)


_TYPES: Mapping[Any, tuple[Callable[[Any], str], Callable[[str, Any], Any]]] = {
    float: (_write_float, _read_float),
    tuple[float, ...]: (_write_floats, _read_floats),
    int: (_write_int, _read_int),
    str: (encode_basestring_ascii, _read_text),
    Option: (_write_option, _read_option),
}
_KINDS = {kind.__name__: kind for kind in (*INPUTS, *OUTPUTS)}
_FIELDS = {
    kind: {field.name: _TYPES[get_type_hints(kind)[field.name]] for field in fields(kind)}
    for kind in _KINDS.values()
}
