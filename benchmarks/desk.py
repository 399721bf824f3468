"""(g) The desk: from a quote to an order, events a second with the journal and without, and a replay."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.harness import Contender, Job, Table

EVERY = 1.0  # seconds between two quotes


class Afternoon(NamedTuple):
    quotes: int
    options: int


class Fills:
    """A venue that fills at once; `told` are the answers that the desk has not been given yet."""

    def __init__(self):
        self.told, self.sent, self.fills = [], [], 0

    def send(self, asked):
        from hedgelab.desk.events import Acknowledged, Filled

        self.sent.append(time.perf_counter())
        self.fills += 1
        price, number = 100.0, f"A{self.fills}"
        self.told.append(Acknowledged(asked.time, "A", asked.order))
        self.told.append(Filled(asked.time, "A", asked.order, number, asked.shares, price, 0.0))


class Nowhere:
    """A journal that keeps nothing."""

    path, taken = "nowhere", False

    def read(self):
        return iter(())

    def append(self, events, durable=True):
        pass

    def close(self):
        pass


def settings_of(p: Afternoon):
    import hedgelab as hl
    from hedgelab.desk.feed import Gate
    from hedgelab.desk.settings import Settings

    chance = np.random.default_rng(1)
    strikes, expiries = chance.uniform(80, 120, p.options), chance.uniform(0.05, 2.0, p.options)
    options = tuple(hl.Option("call", *each) for each in zip(strikes, expiries, strict=True))
    volatility = tuple(chance.uniform(0.15, 0.3, p.options))
    return Settings(options, (-100.0,) * p.options, 100.0, volatility, cash=1e9, gate=Gate(stale=1e6), beat=3600.0)


def afternoon(p: Afternoon, journal, together: int = 1):
    """A desk that trades on each quote, of which so many come at once, and so then do the answers to its orders.

    The microseconds of the processor for each record, then the seconds from each quote to its order.
    """
    from hedgelab.desk.clock import Simulated
    from hedgelab.desk.desk import Desk
    from hedgelab.desk.events import StockQuote

    venue, clock = Fills(), Simulated()
    desk = Desk(settings_of(p), journal(), clock, {"A": venue})
    desk.start()
    chance = np.random.default_rng(2)
    middles = (100 * np.exp(np.cumsum(chance.normal(0, 2e-4, p.quotes)))).tolist()
    quotes = [
        StockQuote(k * EVERY, "A", k, k * EVERY, middle - 0.01, middle + 0.01, 1e7, 1e7, middle)
        for k, middle in enumerate(middles, start=1)
    ]
    taken, busy = [], time.process_time()
    for first in range(0, p.quotes, together):
        began, before = time.perf_counter(), len(venue.sent)
        for quote in quotes[first : first + together]:
            (desk.gather if together > 1 else desk.receive)(quote)
        clock.run(until=0.0)
        taken += [sent - began for sent in venue.sent[before:]]
        told, venue.told = venue.told, []
        for answer in told:
            (desk.gather if together > 1 else desk.receive)(answer)
        clock.run(until=0.0)
    busy = time.process_time() - busy
    desk.stop()
    return np.array([1e6 * busy / records(p), *taken])


def records(p: Afternoon) -> int:
    """Quotes, orders, acknowledgements and fills."""
    return 4 * p.quotes


def with_journal(p: Afternoon, threads: int, wait: bool = True, together: int = 1) -> Job:
    from hedgelab.desk.journal import Journal

    class Hurried(Journal):
        """It promises to survive the process, and not the loss of power."""

        def append(self, events, *, durable=True):
            super().append(events, durable=durable and wait)

    def run():
        with tempfile.TemporaryDirectory() as folder:
            return afternoon(p, partial(Hurried, Path(folder) / "desk.db"), together)

    return Job(run)


def without_journal(p: Afternoon, threads: int) -> Job:
    return Job(lambda: afternoon(p, Nowhere))


def replayed(p: Afternoon, threads: int) -> Job:
    from hedgelab.desk.desk import replay
    from hedgelab.desk.journal import Journal

    folder = tempfile.TemporaryDirectory()
    afternoon(p, partial(Journal, Path(folder.name) / "desk.db"))

    def run(kept=folder):
        busy = time.process_time()
        again = replay(Path(kept.name) / "desk.db")
        assert again.differs is None
        return np.array([1e6 * (time.process_time() - busy) / records(p), np.nan])

    return Job(run)


def figures(p: Afternoon, taken: np.ndarray) -> dict[str, float]:
    busy, *taken = taken
    return {"CPU us": busy, "p50 ms": 1e3 * np.median(taken), "p99 ms": 1e3 * np.quantile(taken, 0.99)}


TABLES = {
    f"g{place}": Table(
        title=f"{{size:,}} quotes and as many fills, {options:,} options",
        unit="ns per record of the journal",
        sizes=(5000, 500),
        problem=partial(Afternoon, options=options),
        units=records,
        contenders=[
            Contender("journal, disk waited for", with_journal, ("hedgelab",)),
            Contender(
                "the same, twenty in a moment", partial(with_journal, together=20), ("hedgelab",), threads=(1,)
            ),
            Contender(
                "journal, disk not waited for", partial(with_journal, wait=False), ("hedgelab",), threads=(1,)
            ),
            Contender("no journal", without_journal, ("hedgelab",), threads=(1,)),
            Contender("replayed", replayed, ("hedgelab",), threads=(1,)),
        ],
        figures=figures,
        agree=lambda ours, theirs: True,
        columns={"CPU us": ".0f", "p50 ms": ".3f", "p99 ms": ".3f"},
        notes="CPU us: the processor's own time for a record.  p50, p99: from a quote's receipt to its order's\n"
        "leaving; quotes revalue the book, and nearly all are traded on.  An order waits until the disk has it:\n"
        "on a disk that takes 3 ms, no faster.  Twenty in a moment: as the commands take them, by `Desk.gather`;\n"
        "such quotes are committed together, and wait once; then so are the answers to their orders.",
        warm_up=200,
    )
    for place, options in enumerate((1000, 10_000), start=1)
}
