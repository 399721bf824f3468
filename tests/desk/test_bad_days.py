"""Feeds that lie, venues that misbehave, clocks that jump: nothing silent, nothing lost, nothing counted twice."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from desk_audit import Auditor
from desk_days import Day

from hedgelab.desk.decisions import Decisions
from hedgelab.desk.desk import replay
from hedgelab.desk.events import FaultFound, Filled, Ordered
from hedgelab.desk.journal import Journal

#: What the gate calls what a feed does.
FOUND = {
    "crossed": {"crossed"},
    "locked": {"locked"},
    "zero": {"no price"},
    "one_sided": {"one-sided"},
    "sizeless": {"no size"},
    "duplicate": {"duplicate"},
    "late": {"late", "out of order"},
    "gap": {"gap"},
    "skewed": {"clock ahead"},
    "tenfold": {"absurd"},
    "stale": {"stale"},
}


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return Day(tmp_path_factory.mktemp("day") / "desk.db").run().drain()


def audited(day):
    """The auditor's counts of a day, event by event beside the desk's state."""
    mind = Decisions(day.settings)
    auditor = Auditor(day.settings, mind.state)
    with Journal(day.path) as journal:
        for event in journal.read():
            if event.input:
                mind.remember(event)
                auditor.saw(event)
            else:
                auditor.saw(event)
                mind.remember(event)
    return auditor.close()


def test_the_ledger_closes_and_no_order_passed_unchecked(day):
    counts = audited(day)
    assert counts["orders"] > 100
    assert counts["fills"] > 100
    assert counts["rogue fills"] == 0  # whatever their habits, the venues keep their promises


def test_the_books_of_desk_and_venues_agree_order_by_order(day):
    state = day.desk.state
    known = Counter()
    for fill in state.fills.values():
        known[fill.order] += fill.shares
    for name, venue in day.venues.items():
        for number, standing in venue.orders.items():
            assert standing.filled == pytest.approx(known.pop(number, 0.0), abs=1e-9)
            order = state.ended[number]
            assert order.asked.venue == name
            assert order.filled == pytest.approx(standing.filled, abs=1e-9)
    assert not known
    assert not state.open
    assert state.shares == pytest.approx(sum(venue.shares for venue in day.venues.values()), abs=1e-9)
    money = math.fsum(venue.cash for venue in day.venues.values())
    assert state.cash - state.settings.cash == pytest.approx(money, abs=1e-9 * state.turnover)


@pytest.mark.parametrize("fault", FOUND)
def test_a_fault_of_the_feed_is_found_by_its_name(day, fault):
    assert day.feed.made[fault] > 0
    found = sum(count for (_, name), count in day.desk.state.faults.items() if name in FOUND[fault])
    assert found >= 0.5 * day.feed.made[fault]


def test_no_spoilt_quote_gets_into_the_price(day):
    mind = Decisions(day.settings)
    with Journal(day.path) as journal:
        for event in journal.read():
            before = mind.state.price
            mind.remember(event)
            assert abs(mind.state.price / before - 1) < 0.02


def test_fills_that_were_sent_twice_are_counted_once_and_reported(day):
    repeated = sum(count for (_, name), count in day.desk.state.faults.items() if name == "fill repeated")
    seen = Counter((event.venue, event.fill) for event in day.events if isinstance(event, Filled))
    assert repeated == sum(seen.values()) - len(seen) > 0


def test_a_fill_beyond_its_limit_is_counted_and_reported(day):
    beyond = [
        event for event in day.events if isinstance(event, FaultFound) and event.fault == "price beyond limit"
    ]
    orders = {event.order: event for event in day.events if isinstance(event, Ordered)}
    fills = [
        fill for fill in day.desk.state.fills.values()
        if (fill.price - orders[fill.order].limit) * fill.shares > 0
    ]  # fmt: skip
    assert len(fills) == len(beyond) > 0


def test_replay_of_a_bad_day_is_equal_to_the_last_bit(day):
    again = replay(day.path)
    assert again.differs is None
    assert again.corrupted is None
    assert again.state.cash == day.desk.state.cash
    assert again.state.shares == day.desk.state.shares
    assert again.mind.exposure == day.desk.mind.exposure
    assert again.state.faults == day.desk.state.faults
