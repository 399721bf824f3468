"""A clock that leaps: nothing is paid, counted or sold by a time that nobody has confirmed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_risk import CALL, Desk

import hedgelab as hl
from hedgelab.desk.clock import SECONDS_PER_YEAR, Simulated
from hedgelab.desk.commands import _earlier
from hedgelab.desk.desk import Desk as SystemDesk
from hedgelab.desk.events import (
    Acknowledged,
    Command,
    Heartbeat,
    Opened,
    Ordered,
    RatesQuote,
    Settled,
    SmileQuote,
    StockQuote,
    Timer,
)
from hedgelab.desk.feed import Gate
from hedgelab.desk.journal import Journal

EXPIRY = 0.5 * SECONDS_PER_YEAR
FAR = (5000.0, 2 * EXPIRY, 1e9, 1e12, 1e300)


def hedged(**changed):
    known = {"beat": 1.0, "gate": Gate(stale=5.0), "patience": 3.0, "rate": 0.05}
    return Desk(**(known | changed)).hedged()


def same_as_before(desk, money):
    assert desk.state.settled == {}
    assert (desk.state.cash, desk.state.shares) == (pytest.approx(money[0], abs=0.01), money[1])
    assert desk.state.time < 100.0


def events_at(desk, time):
    """One of each kind, at that time by the desk's clock; what venues say they sent is the true time."""
    sent, number = desk.time, desk.sequence + 1
    yield Timer(time, "beat")
    yield StockQuote(time, "A", number, sent, 99.98, 100.02, 1e6, 1e6, 100.0)
    yield SmileQuote(time, "A", number, sent, (0.2,))
    yield RatesQuote(time, "A", number, sent, 0.05, 0.0)
    yield Heartbeat(time, "A", number, sent)
    yield Acknowledged(time, "A", "1-1")
    yield replace(desk.state.fills["A", "A1"], time=time)  # again
    yield Command(time, "Mallory", "resume", "")


@pytest.mark.parametrize("leap", FAR)
@pytest.mark.parametrize("kind", range(8))
def test_one_event_with_a_time_far_ahead_settles_nothing_and_sells_nothing(leap, kind):
    desk = hedged()
    money = desk.state.cash, desk.state.shares
    event = list(events_at(desk, leap))[kind]
    outputs = desk.tell(event)
    desk.sequence += 1
    assert "clock leapt ahead" in desk.faults(outputs)
    assert desk.state.mode == "hedging only"
    same_as_before(desk, money)
    for _ in range(5):
        outputs += desk.quote(100.0)
    assert not any(isinstance(each, Ordered | Settled) for each in outputs)
    assert desk.state.time == desk.time  # the true quotes tell the time again
    assert desk.state.feed.venues["A"].good == desk.time
    same_as_before(desk, money)


@pytest.mark.parametrize("leap", FAR)
def test_a_burst_of_events_far_ahead_is_one_mistake(leap):
    desk = hedged()
    money = desk.state.cash, desk.state.shares
    for _ in range(50):
        desk.tell(Timer(leap, "beat"))
    same_as_before(desk, money)
    desk.quote()
    same_as_before(desk, money)


def test_leaps_that_do_not_agree_are_not_believed():
    desk = hedged()
    money = desk.state.cash, desk.state.shares
    for k in range(50):
        desk.tell(Timer(5000.0 + 100.0 * k * (-1) ** k, "beat"))
    same_as_before(desk, money)
    for _ in range(20):  # nor where true times come between
        desk.tell(Timer(5000.0, "beat"))
        desk.quote()
        same_as_before(desk, money)


def test_a_desk_that_slept_believes_its_clock_after_a_beat_and_hedges_again():
    desk = hedged()
    desk.time = 5000.0
    for _ in range(2):
        desk.quote(101.0, after=0.4)
        assert desk.state.time < 100.0
    outputs = desk.quote(101.0, after=0.7)
    assert desk.state.time == desk.time
    assert desk.faults(outputs)[0] == "clock leapt ahead"
    again = desk.quote(101.0)
    assert desk.faults(again) == []
    (order,) = desk.ordered(outputs + again)
    assert order.shares > 0  # hedging only, which brings the delta nearer to zero


def test_a_leap_past_an_expiry_takes_an_officer():
    desk = hedged()
    desk.time = 2 * EXPIRY
    for _ in range(20):
        desk.quote()
    assert desk.state.settled == {}
    desk.tell(Command(desk.time, "Mallory", "resume", "I am sure"))
    desk.tell(Command(desk.time, "Ada", "dance", "no word of the clock"))
    assert desk.state.time < 100.0
    desk.tell(Command(desk.time, "Ada", "resume", "the desk slept"))
    assert desk.state.time == desk.time
    assert desk.state.reason.startswith("stale data")  # of which there is none yet at that time
    outputs = desk.quote(104.0) + desk.quote(104.0)
    assert desk.faults(outputs).count("settled late") == 1
    assert desk.state.settled == {CALL: -4000.0}


def test_a_run_that_begins_far_ahead_pays_what_expired_and_says_how_late():
    desk = hedged()
    desk.time = EXPIRY + 7200.0
    desk.tell(Opened(desk.time, 2, ""))
    desk.sequence = 0
    outputs = desk.quote(103.0)
    (late,) = [each for each in outputs if getattr(each, "fault", "") == "settled late"]
    assert "7201 s after it expired" in late.detail
    assert desk.state.settled == {CALL: -3000.0}


def test_a_run_goes_on_at_the_time_that_was_believed_and_not_where_the_clock_leapt(tmp_path):
    path = str(tmp_path / "desk.db")
    with Journal(path) as journal:
        desk = SystemDesk(hedged().mind.settings, journal, Simulated(), {"A": Silent()})
        desk.start()
        desk.receive(Timer(3.0, "beat"))
        desk.receive(Timer(1e9, "beat"))
        desk.receive(Timer(4.0, "beat"))
    assert _earlier(path).state.time == 4.0


class Silent:
    """A venue that says nothing."""

    def send(self, asked):
        """Take it."""


def test_an_option_that_expires_while_the_desk_looks_pays_without_a_fault():
    desk = Desk(options=(hl.Option("call", 100, 10 / SECONDS_PER_YEAR),), beat=1.0, gate=Gate(stale=5.0))
    outputs = [each for _ in range(12) for each in desk.quote(101.0)]
    assert any(isinstance(each, Settled) for each in outputs)
    assert "settled late" not in desk.faults(outputs)


@pytest.mark.parametrize("rate", [0.05, -0.9, 1e300])
def test_interest_of_an_age_is_reported_and_not_counted(rate):
    desk = Desk(rate=rate, options=(hl.Option("call", 100, 1e9),))
    desk.quote()
    cash = desk.state.cash
    desk.time = 1e15
    desk.tell(Opened(desk.time, 2, ""))
    desk.sequence = 0
    assert "interest not counted" in desk.faults(desk.quote())
    assert desk.state.cash == cash


def test_a_book_that_could_never_be_priced_is_no_failure_of_the_desk():
    desk = Desk(rate=-0.9, options=(hl.Option("call", 100, 1e9),))
    for _ in range(5):
        assert not desk.ordered(desk.quote())
        assert "cannot be priced" in desk.state.reason


def test_what_is_heard_of_an_order_while_the_clock_is_wrong_is_heard_at_the_time_that_is_believed():
    desk = Desk(beat=1.0, gate=Gate(stale=5.0), patience=3.0, every=1000.0)
    (order,) = desk.ordered(desk.quote())
    desk.tell(Acknowledged(1e9, "A", order.order))
    assert desk.state.open[order.order].news == desk.time
    asked = [type(each).__name__ for _ in range(4) for each in desk.quote()]
    assert asked == ["StatusAsked"]  # after its patience, not after 1e9 seconds
