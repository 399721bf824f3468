"""What is kept of open orders, so that a quote looks at none of them: exact sums, and an order by silence."""

from __future__ import annotations

import math

import fuzz
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgelab import Option
from hedgelab.desk import risk
from hedgelab.desk.clock import Simulated
from hedgelab.desk.decisions import Decisions
from hedgelab.desk.desk import Desk
from hedgelab.desk.events import (
    Acknowledged,
    CancelAsked,
    Cancelled,
    Filled,
    Opened,
    Ordered,
    Reconciled,
    StockQuote,
)
from hedgelab.desk.folding import fold
from hedgelab.desk.journal import Journal
from hedgelab.desk.orders import Order
from hedgelab.desk.settings import Limits, Settings
from hedgelab.desk.state import opened

SETTINGS = Settings((Option("call", 100, 0.5),), (-1000,), spot=100, volatility=0.2)


def holds(state):
    """What is kept is what all orders that are open come to, to the last bit."""
    for side in (1.0, -1.0):
        assert risk.in_flight(state, side) == math.fsum(
            order.working for order in state.open.values() if order.working * side > 0
        )
    news = [order.news for order in state.open.values()]
    assert news == sorted(news)
    assert not any(order.ended for order in state.open.values())
    assert all(order.ended for order in state.ended.values())


size = st.floats(1e-9, 1e9) | st.sampled_from([0.1, 1 / 3, 100.0, 1e9])
part = st.floats(-0.1, 1.2) | st.sampled_from([0.5, 1.0])
STEP = st.tuples(st.sampled_from("oofffacru"), st.integers(0, 9), size, part)


@given(st.lists(STEP, max_size=60))
def test_kept_sums_are_the_full_sums_whatever_becomes_of_orders(steps):
    state = opened(SETTINGS)
    fold(state, Opened(0.0, 1, ""))
    for k, (what, place, shares, share) in enumerate(steps, start=1):
        time, number = 0.1 * k, f"1-{place}"
        order = state.open.get(number) or state.ended.get(number)
        asked = order.asked.shares if order else shares
        if what == "o" and order is None:
            fold(state, Ordered(state.time, number, "A", shares if place % 2 else -shares, 100.0, "hedge"))
        elif what == "f":
            fold(state, Filled(time, "A", number, f"f{k}", share * asked, 100.0, 0.0))
        elif what == "a":
            fold(state, Acknowledged(time, "A", number))
        elif what == "c":
            fold(state, Cancelled(time, "A", number, share * asked))
        elif what == "r":
            fold(state, Reconciled(time, "A", number, "open", order.filled if order else 0.0))
        elif what == "u" and number in state.open:
            fold(state, CancelAsked(state.time, "A", number))
        holds(state)


@pytest.mark.parametrize("seed", [1, 2])
def test_kept_sums_are_the_full_sums_after_random_events(seed):
    settings = fuzz.settings_of(lot=0.0)
    mind, world = Decisions(settings), fuzz.World(seed, settings)
    event, most = Opened(0.0, 1, ""), 0
    for _ in range(2000):
        for each in mind.react(event):
            world.saw(each)
        holds(mind.state)
        most = max(most, len(mind.state.open))
        event = world.event(mind.state)
    assert most > 5


class Counted(dict):
    """A dictionary that counts what is taken out of it one after another."""

    walked = 0

    def _each(self, all_of):
        for each in all_of:
            self.walked += 1
            yield each

    def __iter__(self):
        return self._each(super().__iter__())

    def values(self):
        return self._each(super().values())

    def items(self):
        return self._each(super().items())


class Silent:
    """A venue of which nothing is heard."""

    def send(self, asked):
        pass


def test_a_quote_looks_at_no_order_that_is_open_until_one_has_been_silent_for_too_long(monkeypatch):
    """Counted in orders that are come across, or asked how much of them is working."""
    settings = Settings(
        (Option("call", 100, 0.5),), (-1000,), spot=100, volatility=0.2, lot=0.01, patience=100.0,
        limits=Limits(rate=1e6),
    )  # fmt: skip
    desk, looked = Desk(settings, Journal(":memory:"), Simulated(), {"A": Silent()}), []
    desk.start()

    def quoted(k):
        middle, time = 100 + 0.01 * (k % 7), 0.01 * k
        desk.receive(StockQuote(time, "A", k, time, middle - 0.01, middle + 0.01, 1e6, 1e6, middle))

    for k in range(1, 301):
        quoted(k)
    assert len(desk.state.open) > 200
    working = Order.working.fget
    monkeypatch.setattr(Order, "working", property(lambda order: (looked.append(order), working(order))[1]))
    desk.state.open = Counted(desk.state.open)
    for k in range(301, 306):
        looked.clear()
        desk.state.open.walked = 0
        quoted(k)
        assert desk.state.open.walked <= 1  # the one of which nothing was heard for longest
        assert len({order.asked.order for order in looked}) <= 1  # the one that it makes
