"""Simulated venues: those that end with their desk and go on from its journal, and what standing orders cost."""

from __future__ import annotations

import pytest

from hedgelab.desk.clock import Simulated
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import CancelAsked, Command, Filled, Ordered, StockQuote
from hedgelab.desk.floor import about, desk_settings, trading_floor
from hedgelab.desk.journal import Journal
from hedgelab.desk.orders import Order
from hedgelab.desk.venues import Habits, Venue
from hedgelab.desk.worlds import world

TOLD = about(world("gbm"), 60.0)
THIN = Habits(latency=0.5, parts=0.9)
LATE = Habits(latency=1.0, jitter=15.0, parts=0.7, repeats=0.2, refuses=0.1)  # answers overtake each other
DEAF = Habits(latency=1.0, parts=0.7, loses=0.3)


def begun(path, start, habits):
    """A desk and its venues from that time on, as `run` makes them."""
    clock, desks = Simulated(start), []

    def receive(event):
        desks[0].receive(event)

    venues = trading_floor(world("gbm", every=15.0, seed=2, seconds=36_000.0), clock, receive, receive, seed=2)
    for venue in venues.values():
        venue.habits = habits
    desk = Desk(desk_settings(TOLD, TOLD["spot"], 0.0, 0.001), Journal(path), clock, venues)
    desks.append(desk)
    for venue in venues.values():
        venue.recall([*desk.state.open.values(), *desk.state.ended.values()], desk.state.fills.values())
    desk.start()
    return clock, venues, desk


def amid(desk):
    """Whether the desk waits for the rest of an order."""
    return any(order.filled and order.working for order in desk.state.open.values())


@pytest.mark.parametrize("habits", [THIN, LATE, DEAF], ids=["thin", "late", "deaf"])
def test_venues_that_end_with_their_desk_go_on_from_its_journal(tmp_path, habits):
    path, start, amids = tmp_path / "desk.db", 0.0, 0
    for _ in range(8):
        clock, venues, desk = begun(path, start, habits)
        while clock.now() < start + (300.0 if amid(desk) else 1500.0):
            clock.run(clock.now() + 5.0)
        assert desk.state.mode == "trading", desk.state.reason
        start, amids = clock.now(), amids + amid(desk)
        desk.stop()
    assert amids > 1, amids
    clock, venues, desk = begun(path, start, Habits(latency=0.02))
    clock.run(start + 600.0)
    desk.receive(Command(clock.now(), "you", "halt", "enough"))
    clock.run(start + 900.0)
    state = desk.state
    assert not state.open
    assert state.shares == pytest.approx(sum(venue.shares for venue in venues.values()), abs=1e-9)
    assert state.cash - desk.settings.cash == pytest.approx(sum(venue.cash for venue in venues.values()), abs=1e-6)
    assert len(state.fills) > 12
    assert not {fault for _, fault in state.faults} & {"contradiction", "unknown order"}
    desk.stop()
    assert replay(path).differs is None


def quote(bid, ask, size=500.0, sequence=1):
    return StockQuote(0.0, "A", sequence, 0.0, bid, ask, size, size, 100.0)


def test_standing_orders_are_filled_best_limit_first_and_those_of_one_limit_in_their_order():
    clock, answers = Simulated(), []
    venue = Venue("A", clock, answers.append)
    limits = {"1": 99.0, "2": 100.0, "3": 99.5, "4": 100.0, "5": 98.0}
    for number, limit in limits.items():
        venue.send(Ordered(0.0, number, "A", 200.0, limit, "hedge"))
        venue.send(Ordered(0.0, f"sell {number}", "A", -200.0, 300.0 - limit, "hedge"))
    venue.send(CancelAsked(0.0, "A", "4"))
    clock.run(1.0)
    for sequence, (bid, ask) in enumerate([(90.0, 98.5), (90.0, 98.5), (201.0, 300.0), (90.0, 90.0)]):
        venue.show(quote(bid, ask, 500.0, sequence))
        clock.run(2.0 + sequence)
    filled = [(answer.order, answer.shares) for answer in answers if isinstance(answer, Filled)]
    assert filled == [
        ("2", 200.0), ("3", 200.0), ("1", 100.0), ("1", 100.0),
        ("sell 2", -200.0), ("sell 4", -200.0), ("sell 3", -100.0), ("5", 200.0),
    ]  # fmt: skip


def test_what_a_quote_costs_does_not_grow_with_the_orders_that_have_ended_or_that_it_does_not_reach():
    """Counted in orders that are looked at: those that nothing can come of at this quote are none."""
    clock = Simulated()
    venue, looked = Venue("A", clock, lambda answer: None), []
    keep = venue._match
    venue._match = lambda order: (looked.append(order.asked.order), keep(order))
    for number in range(300):
        venue.send(Ordered(0.0, f"far {number}", "A", 100.0, 50.0, ""))
        venue.send(Ordered(0.0, f"near {number}", "A", 100.0, 101.0, ""))
        venue.send(Ordered(0.0, f"gone {number}", "A", 100.0, 101.0, ""))
        venue.send(CancelAsked(0.0, "A", f"gone {number}"))
    clock.run(1.0)
    for sequence in range(5):
        looked.clear()
        venue.show(quote(99.9, 100.1, 250.0, sequence))
        assert len(looked) == 3  # filled, filled, and in part


def test_orders_of_one_time_and_limit_are_recalled_in_the_order_in_which_they_were_asked_for():
    clock, answers = Simulated(), []
    venue = Venue("A", clock, answers.append)
    asked = [Ordered(5.0, number, "A", 200.0, 100.0, "hedge") for number in ("2-1", "1-10", "1-9")]
    venue.recall([Order(each, 6.0, "acknowledged") for each in asked], [])
    venue.show(quote(99.0, 99.5, 300.0))
    clock.run(1.0)
    assert [(fill.order, fill.shares) for fill in answers] == [("1-9", 200.0), ("1-10", 100.0)]


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_an_order_of_a_fraction_is_filled_in_parts_up_to_its_shares_and_no_further(side):
    for seed in range(20):
        clock, answers = Simulated(), []
        venue = Venue("A", clock, answers.append, habits=Habits(parts=1.0), seed=seed)
        venue.send(Ordered(0.0, "1", "A", side * 1.5, 100.0, "hedge"))
        for sequence in range(20):
            venue.show(quote(100.0, 100.0, sequence=sequence))
            clock.run(1.0 + sequence)
        assert sum(answer.shares for answer in answers if isinstance(answer, Filled)) == side * 1.5
        assert venue.orders["1"].status == "filled"
