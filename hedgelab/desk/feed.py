"""Which quotes may be used, and the name of what is wrong with the others.

A message is asked three things: does it come in its turn (`duplicate`, `out of order`, `restarted`, `gap`), from
now (`late`, `clock ahead`), and is it a price (`no price`, `one-sided`, `no size`, `crossed`, `locked`, `wide`,
`absurd`)?  A gap and a restart are reported and the message is used, for it is the newest there is; any other
fault keeps it out.  A venue whose last good quote is too old is `stale`, or `silent` where not even a heartbeat
comes.

A price far from the last is a mistake or a crash, and one message cannot say which: it is `absurd` until so many
messages in a row, from whichever venues, say the same; then it is believed, and reported as a `new level`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from hedgelab.desk.events import Message, OptionQuote, RatesQuote, SmileQuote, StockQuote
from hedgelab.validation import Checked, Count, Fraction, NotNegative, Positive, Truth

#: Faults after which the message is used all the same.
HARMLESS = frozenset({"gap", "restarted", "new level"})

MOST_VOLATILE = 5.0  # a year; more is a mistake
MOST_RATE = 1.0


@dataclass(frozen=True)
class Gate(Checked):
    """What makes a quote usable.

    Parameters
    ----------
    late : seconds from sending to receipt after which a message is late
    ahead : seconds by which a venue's clock may be ahead of the desk's
    stale : seconds after which a venue's last good quote is no price any more
    leap : share by which a price may differ from the last before it is absurd
    agreed : so many absurd prices in a row that agree are believed
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


@dataclass(slots=True)
class Feed:
    """What has come from all venues, and the price that the desk makes of it."""

    gate: Gate
    venues: dict[str, Seen]
    price: float  # the middle: median over the venues with a fresh quote
    fresh: bool = False
    odd: list[float] = field(default_factory=list)  # absurd prices in a row

    def open(self, time: float) -> None:
        """Begin to wait for quotes: those of an earlier run are none any more, and numbers may begin anew."""
        self.venues = {venue: Seen(good=time) for venue in self.venues}
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

    def take(self, quote: StockQuote) -> None:
        """Use a good quote."""
        seen = self.venues[quote.venue]
        seen.quote, seen.good, seen.missing = quote, quote.time, False
        self._reprice()

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
        middles = [0.5 * (quote.bid + quote.ask) for quote in self.tops()]
        self.fresh = bool(middles)
        if middles:
            self.price = middles[0] if len(middles) == 1 else median(middles)

    def _turn(self, seen: Seen, message: Message) -> list[tuple[str, str]]:
        """Whether a message comes in its turn, and from now."""
        age = message.time - message.sent
        told = f"message {message.sequence} after {seen.sequence}, sent {age:.6g} s ago"
        if not age >= -self.gate.ahead:
            return [("clock ahead", told)]
        if message.sequence == seen.sequence and message.sent <= seen.sent:
            return [("duplicate", told)]
        if message.sequence < seen.sequence and message.sent <= seen.sent:
            return [("out of order", told)]
        if not age <= self.gate.late:
            return [("late", told)]
        if message.sequence <= seen.sequence:
            return [("restarted", told)]
        return [("gap", told)] if message.sequence > seen.sequence + 1 and seen.sequence else []

    def _content(self, message: Message) -> list[tuple[str, str]]:
        """Whether what a message says can be true."""
        if isinstance(message, StockQuote):
            return self._two_sided(message) or self._level(0.5 * (message.bid + message.ask))
        if isinstance(message, OptionQuote):
            return self._two_sided(message)
        if isinstance(message, SmileQuote):
            wrong = [each for each in message.volatilities if not 0 < each <= MOST_VOLATILE]
            return [("absurd", f"a volatility of {wrong[0]}")] if wrong else []
        if isinstance(message, RatesQuote) and not (
            abs(message.rate) <= MOST_RATE and abs(message.dividend) <= MOST_RATE
        ):
            return [("absurd", f"a rate of {message.rate}, a dividend yield of {message.dividend}")]
        return []

    def _two_sided(self, quote: Any) -> list[tuple[str, str]]:
        bid, ask = quote.bid, quote.ask
        told = f"bid {bid} for {quote.bid_size}, ask {ask} for {quote.ask_size}"
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
        return next(([(fault, told)] for fault, broken in rules if broken), [])

    def _level(self, middle: float) -> list[tuple[str, str]]:
        if abs(middle / self.price - 1) <= self.gate.leap:
            self.odd.clear()
            return []
        told = f"{middle:.6g} after {self.price:.6g}"
        self.odd = [each for each in self.odd if abs(middle / each - 1) <= self.gate.leap] + [middle]
        if len(self.odd) < self.gate.agreed:
            return [("absurd", told)]
        self.odd.clear()
        for seen in self.venues.values():  # what was good at the old level is not at the new one
            seen.quote = None
        return [("new level", told)]
