"""Where quotes come from: a market of the library, or a record; and what a feed can do to them on the way."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hedgelab.desk.clock import SECONDS_PER_YEAR, Clock
from hedgelab.desk.events import Event, Heartbeat, Message, SmileQuote, StockQuote
from hedgelab.markets import Market, Quote, as_quote
from hedgelab.markets.streams import Seed, blocks_of
from hedgelab.validation import Checked, Floats, Fraction, NotNegative, Positive, rising

Deliver = Callable[[Any], object]


@dataclass(frozen=True)
class Showing(Checked):
    """How a venue quotes.

    Parameters
    ----------
    spread : from bid to ask, as a share of the price
    size : shares at bid and at ask; on average, where sizes `vary` (standard deviation of their logarithm)
    delay : seconds from sending to receipt

    Examples
    --------
    >>> Showing(spread=0.001, size=2000)
    Showing(spread=0.001, size=2000.0, vary=0.0, delay=0.0)
    """

    spread: Fraction = 0.0005
    size: Positive = 5000.0
    vary: NotNegative = 0.0
    delay: NotNegative = 0.0


class MarketSource:
    """Quotes at venues around one path of a market.

    Parameters
    ----------
    market : any of the library
    times : years of trading at which it is quoted, from 0 on
    showing : how each venue quotes
    seed : of the path, as in `hedgelab.hedge`, and of the sizes
    smile : the volatilities that are quoted, one for each option of the book, as a function of the years and of
        what the market shows; none are quoted without

    Examples
    --------
    >>> from hedgelab import GBM
    >>> from hedgelab.desk.clock import Simulated
    >>> clock, quotes = Simulated(), []
    >>> source = MarketSource(GBM(100, 0.2), [0.0, 1e-6, 2e-6], {"A": Showing()}, seed=1)
    >>> source.start(clock, quotes.append)
    >>> clock.run(until=100.0)
    >>> [(quote.venue, quote.sequence, round(quote.time, 1)) for quote in quotes]
    [('A', 1, 0.0), ('A', 2, 5.9), ('A', 3, 11.8)]
    """

    def __init__(
        self,
        market: Market,
        times: Iterable[float],
        showing: Mapping[str, Showing],
        seed: Seed = None,
        smile: Callable[[float, Any], Iterable[float]] | None = None,
    ) -> None:
        self.times: Floats = rising("times", list(times))
        self.showing, self._smile = dict(showing), smile
        (block,) = blocks_of(1, seed)
        self._stream = iter(market.stream(self.times, 1, block.random()))
        self._chance = np.random.Generator(np.random.PCG64(block.seeds[0].spawn(1)[0]))
        self._sequence = dict.fromkeys(self.showing, 0)

    def start(self, clock: Clock, deliver: Deliver) -> None:
        """Deliver each message when its time comes, from now on."""
        self._clock, self._deliver = clock, deliver
        self._ahead = zip((self.times * SECONDS_PER_YEAR).tolist(), self._stream, strict=False)
        self._wait()

    def _wait(self) -> None:
        """Wait for the next time that has not passed."""
        for sent, shown in self._ahead:
            quote = as_quote(shown)
            if sent >= self._clock.now():
                self._clock.at(sent, lambda: self._show(sent, quote))  # noqa: B023
                return

    def _show(self, sent: float, quote: Quote) -> None:
        spot = float(quote.spot[0])
        for venue, shown in self.showing.items():
            half = 0.5 * shown.spread * spot
            sizes = [shown.size, shown.size]
            if shown.vary:
                sizes = np.ceil(shown.size * np.exp(shown.vary * self._chance.standard_normal(2))).tolist()
            self._send(StockQuote, venue, sent, spot - half, spot + half, *sizes, spot)
        if self._smile:
            volatilities = tuple(float(each) for each in self._smile(sent / SECONDS_PER_YEAR, quote))
            self._send(SmileQuote, next(iter(self.showing)), sent, volatilities)
        self._wait()

    def _send(self, kind: Any, venue: str, sent: float, *content: Any) -> None:
        self._sequence[venue] += 1
        message = kind(self._clock.now(), venue, self._sequence[venue], sent, *content)
        if self.showing[venue].delay:
            _later(self._clock, self.showing[venue].delay, self._deliver, message)
        else:
            self._deliver(message)


class Record:
    """Events that were recorded, such as the quotes in a journal, each at its time.

    Examples
    --------
    >>> from hedgelab.desk.clock import Simulated
    >>> clock, heard = Simulated(), []
    >>> Record([Heartbeat(2.0, "A", 1, 2.0)]).start(clock, heard.append)
    >>> clock.run(until=5.0)
    >>> heard
    [Heartbeat(time=2.0, venue='A', sequence=1, sent=2.0)]
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._events: Iterator[Event] = iter(events)

    def start(self, clock: Clock, deliver: Deliver) -> None:
        """Deliver each event when its time comes."""
        event = next(self._events, None)
        if event is not None:
            clock.at(event.time, lambda: deliver(event))
            clock.at(event.time, lambda: self.start(clock, deliver))


def _later(clock: Clock, seconds: float, deliver: Deliver, message: Message) -> None:
    """Deliver a message so many seconds later."""
    clock.at(clock.now() + seconds, lambda: deliver(replace(message, time=clock.now())))


@dataclass(frozen=True)
class Faults(Checked):
    """The chance of each fault, for each quote of the share; their sum is at most one.

    `late` quotes come so many `seconds` late, which may be after the next ones; where a venue is `stale`, nothing
    but heartbeats come from it for so long.

    Examples
    --------
    >>> Faults(crossed=0.01, tenfold=0.001).crossed
    0.01
    """

    crossed: Fraction = 0.0
    locked: Fraction = 0.0
    zero: Fraction = 0.0
    one_sided: Fraction = 0.0
    sizeless: Fraction = 0.0
    duplicate: Fraction = 0.0
    late: Fraction = 0.0
    gap: Fraction = 0.0
    skewed: Fraction = 0.0
    tenfold: Fraction = 0.0
    stale: Fraction = 0.0
    seconds: Positive = 10.0


class Faulty:
    """A feed that spoils quotes on their way, at stated rates; `made` counts what it did.

    Put it between a source and a desk: ``source.start(clock, Faulty(clock, desk.receive, Faults(gap=0.01)))``.

    Examples
    --------
    >>> from hedgelab.desk.clock import Simulated
    >>> spoil = Faulty(Simulated(), lambda quote: print(quote.bid, quote.ask), Faults(crossed=1.0))
    >>> spoil(StockQuote(0.0, "A", 1, 0.0, 99.0, 101.0, 500.0, 500.0, 100.0))
    103.0 99.0
    >>> spoil.made["crossed"]
    1
    """

    def __init__(self, clock: Clock, deliver: Deliver, faults: Faults, seed: int = 0) -> None:
        self._clock, self._to, self._faults = clock, deliver, faults
        self._chance = np.random.Generator(np.random.PCG64(seed))
        self.names = [name for name in Faults.__dataclass_fields__ if name != "seconds"]
        self._until: dict[str, float] = {}  # when a stale venue quotes again
        self.made: Counter[str] = Counter()

    def __call__(self, message: Any) -> None:
        """Deliver a message, or what has become of it."""
        if not isinstance(message, StockQuote):
            self._to(message)
            return
        fault = self._drawn()
        if message.time < self._until.get(message.venue, -math.inf):
            fault = "stale"
        elif fault:
            self.made[fault] += 1
        bid, ask, seconds = message.bid, message.ask, self._faults.seconds
        changed: dict[str, dict[str, Any]] = {
            "crossed": {"bid": ask + (ask - bid), "ask": bid},
            "locked": {"bid": ask},
            "zero": {"bid": 0.0, "ask": 0.0},
            "one_sided": {"ask": math.nan},
            "sizeless": {"bid_size": 0.0},
            "skewed": {"sent": message.sent + seconds},
            "tenfold": {"bid": 10 * bid, "ask": 10 * ask},
        }
        if fault == "stale":
            self._until.setdefault(message.venue, message.time + seconds)
            self._to(Heartbeat(message.time, message.venue, message.sequence, message.sent))
        elif fault == "late":
            _later(self._clock, seconds, self._to, message)
        elif fault != "gap":
            self._to(replace(message, **changed.get(fault, {})))
            if fault == "duplicate":
                self._to(message)
        if fault != "stale":
            self._until.pop(message.venue, None)

    def _drawn(self) -> str:
        """One of the faults, or none."""
        chances = np.cumsum([getattr(self._faults, name) for name in self.names])
        place = int(np.searchsorted(chances, self._chance.random(), side="right"))
        return self.names[place] if place < len(self.names) else ""
