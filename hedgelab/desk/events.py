"""What can happen to a desk, as values: inputs come from outside, outputs are what the desk decides.

Times are seconds on the desk's clock.  Shares are signed, bought positive.  `codec` makes text of events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hedgelab.instruments import Option


@dataclass(frozen=True, slots=True)
class Event:
    """Something at a time; what comes from outside is an `input`, what the desk decides is not."""

    time: float
    input: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """A desk began to run, for the first time (`run` 1) or again; `settings` are all that a replay needs.

    `version` is that of the library, which decides the same only as long as it stays the same.
    """

    run: int
    settings: str
    version: str = ""


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

    @property
    def middle(self) -> float:
        """The price halfway from bid to ask."""
        return 0.5 * (self.bid + self.ask)


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
    """A venue's answer, asked for an order, and all that it filled: "open", "filled", "cancelled", "rejected".

    Its fills are sent again before.  Or it is "unknown", and then will never be taken.
    """

    found: str
    filled: float


@dataclass(frozen=True, slots=True)
class Timer(Event):
    """The clock called."""

    name: str


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """Something of the desk's own surroundings failed: a `venue` that could not be told, or ("") a watcher."""

    venue: str
    what: str
    detail: str


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
class LimitChanged(Output):
    """A limit is another one, for a reason, by an officer."""

    limit: str
    before: float
    after: float
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Settled(Output):
    """An option of the book expired at this spot and paid, `paid` for the whole number of them."""

    option: Option
    spot: float
    paid: float


#: What a desk asks of a venue.
ASKED = (Ordered, CancelAsked, StatusAsked)

#: What is on the disk before the desk goes on, even if the power fails: what people and venues did, and paid.
DURABLE = (Opened, Command, StateChanged, Filled, Settled, *ASKED)

INPUTS: tuple[type[Event], ...] = (
    *(Opened, StockQuote, OptionQuote, SmileQuote, RatesQuote, Heartbeat),
    *(Acknowledged, Filled, Cancelled, Rejected, Reconciled, Timer, Failed, Command),
)
OUTPUTS: tuple[type[Event], ...] = (
    *ASKED,
    *(Refused, FaultFound, StateChanged, LimitChanged, Settled),
)
