"""Which quotes may be used, and the name of what is wrong with the others.

A message is asked three things: does it come in its turn (`duplicate`, `out of order`, `restarted`, `gap`), from
now (`late`, `clock ahead`), and is it a price (`no price`, `one-sided`, `no size`, `crossed`, `locked`, `wide`,
`absurd`, `malformed`)?  A gap and a restart are reported and the message is used, for it is the newest there is;
any other fault keeps it out.  A venue whose last good quote is too old is `stale`, or `silent` where not even a
heartbeat comes.

A price far from the last is a mistake or a crash, and one message cannot say which: it is `absurd` until enough
messages in a row say the same, and more than half of the venues that show a price; then it is believed, and
reported as a `new level`.  A venue that is alone has to say so for some seconds: many messages at once are one
mistake as easily as one message.  Volatilities and rates are judged in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.desk.events import Message, OptionQuote, RatesQuote, SmileQuote, StockQuote
from hedgelab.desk.pricing import expired_from
from hedgelab.instruments import Option
from hedgelab.validation import Checked, Count, Floats, Fraction, NotNegative, Positive, Truth

#: Faults after which the message is used all the same.
HARMLESS = frozenset({"gap", "restarted", "new level"})

LEAST_VOLATILE, MOST_VOLATILE = 1e-4, 5.0  # a year; less or more is a mistake
MOST_RATE = 1.0

#: What may leap, and whether it did not: prices by a share of themselves, volatilities by five times that share,
#: and rates, which may be zero, by half as many points of a year's interest.
NEAR: Mapping[type[Message], Callable[[Any, Any, float], bool]] = {
    StockQuote: lambda told, last, leap: bool(abs(told / last - 1) <= leap),
    SmileQuote: lambda told, last, leap: bool((np.abs(told - last) <= 5 * leap * last).all()),
    RatesQuote: lambda told, last, leap: max(abs(told[0] - last[0]), abs(told[1] - last[1])) <= 0.5 * leap,
}


@dataclass(frozen=True)
class Gate(Checked):
    """What makes a quote usable.

    Parameters
    ----------
    late : seconds from sending to receipt after which a message is late
    ahead : seconds by which a venue's clock may be ahead of the desk's
    stale : seconds after which a venue's last good quote is no price any more
    leap : share by which a price may differ from the last before it is absurd; `NEAR` has volatilities and rates
    agreed : so many absurd prices in a row that agree are believed, where more than half of the venues say so; a
        venue that is alone has to say so for `agreed - 1` times `late` seconds
    widest : largest spread, as a share of the price
    locked : whether a bid equal to the ask is a price, as in a market without spread

    Examples
    --------
    >>> Gate(late=0.0)
    Traceback (most recent call last):
    ValueError: late must be positive and finite, got 0.0
    """

    late: Positive = 1.0
    ahead: NotNegative = 0.1
    stale: Positive = 5.0
    leap: Fraction = 0.1
    agreed: Count = 3
    widest: Fraction = 0.05
    locked: Truth = False


@dataclass(slots=True)
class Seen:
    """What has come from one venue."""

    sequence: int = 0
    sent: float = -math.inf
    heard: float = -math.inf  # when the last message came, a good one or not
    good: float = -math.inf  # when the last good quote came, or the desk began to wait for one
    quote: StockQuote | None = None  # that quote
    missing: bool = False  # stale or silent, and reported


class Claim(NamedTuple):
    """What one venue says that nobody believes yet: since when, how many times in a row, and what it said last."""

    since: float
    times: int
    told: Any


@dataclass(slots=True)
class Level:
    """Who told something of one kind, and when last; and the claims of those who say what is not believed yet."""

    told: dict[str, float] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)


@dataclass(slots=True)
class Fixing:
    """The quote at whose middle an option pays, the same for a desk and for the board of its market.

    It is the usable quote that was sent first at or after the expiry; of some that were sent at once, that of the
    first venue by name.  A venue's quotes come in their turn.  So it is known as soon as each venue that is there
    has shown one that was sent since, however long they took and in whatever order they came; for one that is
    lost, another venue's of the same time stands in.

    Examples
    --------
    >>> fixing = Fixing([Option("call", strike=100, expiry=10 / SECONDS_PER_YEAR)])
    >>> for venue, sent, price in (("B", 9.0, 98.0), ("B", 11.0, 99.0), ("A", 10.0, 101.0)):
    ...     fixing.take(StockQuote(sent, venue, 1, sent, price, price, 5.0, 5.0, price))
    ...     print(fixing.quote({"A", "B"}) and fixing.quote({"A", "B"}).middle)
    None
    None
    101.0
    """

    options: InitVar[Iterable[Option]] = ()
    _due: list[float] = field(init=False)  # years, the next one last
    _quotes: list[StockQuote] = field(default_factory=list, init=False)  # sent since then

    def __post_init__(self, options: Iterable[Option]) -> None:
        self._due = sorted({expired_from(option.expiry) for option in options}, reverse=True)

    def take(self, quote: StockQuote) -> None:
        """Remember a usable quote if something has expired by then."""
        if self._due and quote.sent / SECONDS_PER_YEAR >= self._due[-1]:
            self._quotes.append(quote)

    def quote(self, there: Iterable[str]) -> StockQuote | None:
        """At which the next to expire pays, once it is known, where these venues are there."""
        if not self._quotes or not {quote.venue for quote in self._quotes}.issuperset(there):
            return None
        return min(self._quotes, key=lambda quote: (quote.sent, quote.venue))

    def paid(self, option: Option) -> None:
        """Go on to what expires after an option that has paid."""
        while self._due and self._due[-1] <= expired_from(option.expiry):
            self._due.pop()
        quotes, self._quotes = self._quotes, []
        for quote in quotes:
            self.take(quote)


@dataclass(slots=True)
class Feed:
    """What has come from all venues, and the price that the desk makes of it.

    Attributes
    ----------
    price : the middle: median over the venues with a fresh quote
    volatility, rates : one of each option, and of cash and shares: those believed last
    options : of which there may be quotes; of any where it is None
    fixing : of what expires
    """

    gate: Gate
    venues: dict[str, Seen]
    price: float
    volatility: Floats = field(default_factory=lambda: np.zeros(1))
    rates: tuple[float, float] = (0.0, 0.0)
    options: Container[Option] | None = None
    fixing: Fixing = field(default_factory=Fixing)
    fresh: bool = False
    levels: dict[type[Message], Level] = field(default_factory=lambda: {kind: Level() for kind in NEAR})

    def open(self, time: float) -> None:
        """Begin to wait for quotes: those of an earlier run are none any more, and numbers may begin anew."""
        self.venues = {venue: Seen(good=time) for venue in self.venues}
        self.levels = {kind: Level() for kind in NEAR}
        self.fresh = False

    @property
    def stale(self) -> bool:
        """Whether no venue has shown a good quote for too long."""
        return all(seen.missing for seen in self.venues.values())

    def tops(self) -> Iterator[StockQuote]:
        """The good and fresh quotes."""
        return (seen.quote for seen in self.venues.values() if seen.quote and not seen.missing)

    def judge(self, message: Message) -> list[tuple[str, str]]:
        """The faults of a message with their details; it may be used if they are all harmless, or none."""
        if not isinstance(seen := self.venues.get(message.venue), Seen):
            return [("unknown venue", f"message {message.sequence}")]
        seen.heard = message.time
        faults = self._turn(seen, message)
        if not faults or faults[0][0] in HARMLESS:
            seen.sequence, seen.sent = message.sequence, message.sent
            faults += self._content(message)
        return faults

    def take(self, message: Message) -> None:
        """Use a good message."""
        if isinstance(message, StockQuote):
            seen = self.venues[message.venue]
            seen.quote, seen.good, seen.missing = message, message.time, False
            self.fixing.take(message)
            self._reprice()
        elif isinstance(message, SmileQuote):
            self.volatility[:] = message.volatilities
        elif isinstance(message, RatesQuote):
            self.rates = message.rate, message.dividend

    def paying(self) -> StockQuote | None:
        """The quote at which what has expired pays, once it is known."""
        return self.fixing.quote(venue for venue, seen in self.venues.items() if not seen.missing)

    def sweep(self, time: float) -> list[tuple[str, str, str]]:
        """The venues whose last good quote has become too old, each reported once."""
        faults = []
        for venue, seen in self.venues.items():
            if not seen.missing and time - seen.good > self.gate.stale:
                seen.missing = True
                silent = time - seen.heard > self.gate.stale
                faults.append((venue, "silent" if silent else "stale", f"no good quote since {seen.good:.6g} s"))
                self._reprice()
        return faults

    def _reprice(self) -> None:
        middles = [quote.middle for quote in self.tops()]
        self.fresh = bool(middles)
        if middles:
            self.price = middles[0] if len(middles) == 1 else median(middles)

    def _turn(self, seen: Seen, message: Message) -> list[tuple[str, str]]:
        """Whether a message comes in its turn, and from now."""
        age, step, older = message.time - message.sent, message.sequence - seen.sequence, message.sent <= seen.sent
        rules = (
            ("clock ahead", not age >= -self.gate.ahead),
            ("duplicate", step == 0 and older),
            ("out of order", step < 0 and older),
            ("late", not age <= self.gate.late),
            ("restarted", step <= 0),
            ("gap", step > 1 and seen.sequence),
        )
        return _first(rules, "message {0.sequence} after {1.sequence}, sent {2:.6g} s ago", message, seen, age)

    def _content(self, message: Message) -> list[tuple[str, str]]:
        """Whether what a message says can be true."""
        if isinstance(message, StockQuote):
            return self._two_sided(message) or self._level(message, message.middle, self.price)
        if isinstance(message, OptionQuote):
            if self.options is not None and message.option not in self.options:
                return [("malformed", f"{message.option} is not in the book")]
            return self._two_sided(message)
        if isinstance(message, SmileQuote):
            told = np.array(message.volatilities)
            if told.size not in (1, self.volatility.size):
                return [("malformed", f"{told.size} volatilities")]
            wrong = told[~((told >= LEAST_VOLATILE) & (told <= MOST_VOLATILE))]
            if wrong.size:
                return [("absurd", f"a volatility of {wrong[0]}")]
            return self._level(message, told, self.volatility)
        if isinstance(message, RatesQuote):
            rates = message.rate, message.dividend
            if not all(abs(each) <= MOST_RATE for each in rates):
                return [("absurd", f"a rate of {rates[0]}, a dividend yield of {rates[1]}")]
            return self._level(message, rates, self.rates)
        return []

    def _two_sided(self, quote: Any) -> list[tuple[str, str]]:
        bid, ask = quote.bid, quote.ask
        there = [0 < each < math.inf for each in (bid, ask)]
        widest = self.gate.widest * ask if isinstance(quote, StockQuote) else math.inf
        rules = (
            ("no price", not any(there)),
            ("one-sided", not all(there)),
            ("no size", not (0 < quote.bid_size < math.inf and 0 < quote.ask_size < math.inf)),
            ("crossed", bid > ask),
            ("locked", bid == ask and not self.gate.locked),
            ("wide", ask - bid > widest),
        )
        return _first(rules, "bid {0.bid} for {0.bid_size}, ask {0.ask} for {0.ask_size}", quote)

    def _level(self, message: Message, told: Any, last: Any) -> list[tuple[str, str]]:
        """Whether it is near what was believed last, or else whether enough venues say the same."""
        kind, venue, time, gate = type(message), message.venue, message.time, self.gate
        level, near = self.levels[kind], NEAR[kind]
        level.told[venue] = time
        before = level.claims.pop(venue, None)
        if near(told, last, gate.leap):
            return []
        if before is None or not near(told, before.told, gate.leap):
            before = Claim(time, 0, told)
        claim = level.claims[venue] = Claim(before.since, before.times + 1, told)
        there = [other for other, at in level.told.items() if time - at <= gate.stale]
        claims = [level.claims[other] for other in there if other in level.claims]
        same = [other.times for other in claims if near(told, other.told, gate.leap)]
        long = len(there) > 1 or time - claim.since >= (gate.agreed - 1) * gate.late
        words = f"{_few(told)} after {_few(last)}"
        if sum(same) < gate.agreed or 2 * len(same) <= len(there) or not long:
            return [("absurd", words)]
        del level.claims[venue]
        for seen in self.venues.values() if kind is StockQuote else ():
            seen.quote = None  # what was good at the old level is not at the new one
        return [("new level", words)]


def _first(rules: Iterable[tuple[str, Any]], told: str, *about: Any) -> list[tuple[str, str]]:
    """The first fault that is there, if any, and words about it."""
    return next(([(fault, told.format(*about))] for fault, there in rules if there), [])


def _few(told: Any) -> str:
    """The first of some numbers, and how many there are."""
    each = np.ravel(told)
    return f"{each[0]:.6g}" + (f" (and {each.size - 1} more)" if each.size > 1 else "")
