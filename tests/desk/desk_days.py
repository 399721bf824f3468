"""Days on which a desk is tried, and what goes on around it."""

from __future__ import annotations

import hedgelab as hl
from hedgelab.desk.clock import Simulated
from hedgelab.desk.desk import Desk
from hedgelab.desk.events import StockQuote
from hedgelab.desk.feed import Gate
from hedgelab.desk.journal import Journal
from hedgelab.desk.settings import Limits, Settings, Terms
from hedgelab.desk.sources import Faults, Faulty, MarketSource, Showing
from hedgelab.desk.venues import Habits, Venue

BOOK = {hl.Option("call", 100, 0.25): -20_000.0, hl.Option("put", 95, 0.5): -10_000.0}
EVERY = 2.0  # seconds between two prices
NASTY = Habits(
    latency=0.05, jitter=0.5, hidden=0.5, refuses=0.05, parts=0.3, repeats=0.1, loses=0.1, misprices=0.02
)
FAULTY = Faults(
    crossed=0.02, locked=0.02, zero=0.02, one_sided=0.02, sizeless=0.02, duplicate=0.02, late=0.02, gap=0.02,
    skewed=0.02, tenfold=0.02, stale=0.005,
)  # fmt: skip
VENUES = {"A": Terms(0.002, 1e-5), "B": Terms(0.001, 2e-5), "C": Terms(0.0, 5e-5)}


def settings_of(**changed):
    known = {
        "options": tuple(BOOK), "numbers": tuple(BOOK.values()), "spot": 100.0, "volatility": 0.2,
        "venues": VENUES, "cash": 130_000.0, "officers": ("Ada",),
        "gate": Gate(stale=6.0, late=1.0, ahead=0.1), "calm": 30.0,
        "limits": Limits(delta=4000, position=30_000, order=2500, rate=10, loss=1e6, model=0.05), "lot": 100.0,
        "policy": hl.DeltaBand(0.001), "patience": 5.0,
    }  # fmt: skip
    return Settings(**(known | changed))


class Day:
    """A desk, its venues and its feed on one simulated clock; `events` are all that came into the journal."""

    def __init__(self, path, settings=None, habits=NASTY, faults=FAULTY, market=None, seconds=2400.0, seed=1):
        self.settings = settings or settings_of()
        self.path, self.seconds, self.events = path, seconds, []
        self.clock = Simulated()
        self.venues = {
            name: Venue(name, self.clock, self.receive, terms, habits, seed=seed + place)
            for place, (name, terms) in enumerate(self.settings.venues.items())
        }
        market = market or hl.GBM(100, 0.2)
        times = market.times(seconds / (252 * 6.5 * 3600), int(seconds / EVERY))
        showing = Showing(spread=0.0004, size=3000, vary=0.5, delay=0.02)
        self.source = MarketSource(market, times, dict.fromkeys(self.venues, showing), seed=seed)
        self.feed = Faulty(self.clock, self.receive, faults, seed)
        self.desk = None
        self.open()
        self.source.start(self.clock, self.show)

    def open(self):
        self.desk = Desk(self.settings, Journal(self.path), self.clock, self.venues)
        self.desk.watchers.append(self.events.append)
        self.desk.start()

    def show(self, message):
        if isinstance(message, StockQuote):
            self.venues[message.venue].show(message)
        self.feed(message)

    def receive(self, event):
        self.desk.receive(event)

    def run(self, until=None):
        self.clock.run(until=self.seconds if until is None else until)
        return self

    def drain(self):
        """Let everything come to its end: no more quotes, but answers to all that is asked."""
        for venue in self.venues.values():
            venue.habits = Habits(latency=venue.habits.latency)
        self.clock.run(until=self.clock.now() + 60.0)
        self.desk.stop()
        return self
