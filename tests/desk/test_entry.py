"""What comes into a desk: exactly what its journal holds, in portions that are acted on before anybody speaks."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

import fuzz
import numpy as np
import pytest

import hedgelab
from hedgelab import Option
from hedgelab.desk.clock import SECONDS_PER_YEAR, Real, Simulated
from hedgelab.desk.codec import decode, encode, exact
from hedgelab.desk.decisions import Decisions
from hedgelab.desk.desk import HANDFUL, Desk, replay
from hedgelab.desk.events import (
    Acknowledged,
    Command,
    Event,
    Filled,
    Opened,
    Ordered,
    Settled,
    SmileQuote,
    StateChanged,
    StockQuote,
    Timer,
)
from hedgelab.desk.journal import Journal
from hedgelab.desk.settings import Settings

CALL = Option("call", 100, 0.5)


class Venue:
    """It keeps what it is asked, and the mode in which the desk was then."""

    def __init__(self):
        self.got = []
        self.desk = None

    def send(self, asked):
        self.got.append((type(asked).__name__, self.desk.state.mode))


def begun(path=":memory:", journal=None, **changed):
    known = {"options": (CALL,), "numbers": (-1000,), "spot": 100, "volatility": 0.2, "officers": ("Ada",)}
    venue = Venue()
    desk = Desk(Settings(**(known | changed)), journal or Journal(path), Simulated(), {"A": venue})
    venue.desk = desk
    desk.start()
    return desk, venue


def quote(time, sequence, middle=100.0):
    return StockQuote(time, "A", sequence, time, middle - 0.1, middle + 0.1, 5000.0, 5000.0, middle)


# ------------------------------------------------------------------------------------------- what is taken

ODD = {
    "whole prices that cross": (StockQuote(0.1, "A", 2, 0.1, 101, 100, 5000, 5000, 100),),
    "a fill of single precision": (
        Filled(0.1, "A", "1-1", "f1", np.float32(100.1), np.float32(100.3), np.float64(0)),
        quote(0.2, 2),
    ),
    "a fill of whole numbers beyond its limit": (Filled(0.1, "A", "1-1", "f1", 528, 102, 0),),
    "names that are NumPy's": (
        Command(0.1, np.str_("Mallory"), np.str_("dance"), "x"),
        StockQuote(0.2, np.str_("B"), np.int64(2), 0.1, 99.0, 100.0, 5.0, 5.0, 100.0),
    ),
    "a smile that is an array": (SmileQuote(0.1, "A", 2, 0.1, np.array([9.0], dtype=np.float32)),),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_the_desk_decides_on_is_what_its_journal_holds(tmp_path, odd):
    path = tmp_path / "desk.db"
    desk, _ = begun(path)
    desk.receive(quote(0.0, 1))
    for event in ODD[odd]:
        desk.receive(event)
    desk.stop()
    again = replay(path)
    assert again.differs is None
    assert repr(again.state) == repr(desk.state)


def test_an_event_is_kept_where_each_field_is_of_its_type_and_else_made_so():
    given = quote(1.0, 2)
    assert exact(given) is given
    made = exact(StockQuote(np.float64(1.0), np.str_("A"), True, 1, 99.9, 100.1, 5000, 5000, 100))
    assert made == StockQuote(1.0, "A", 1, 1.0, 99.9, 100.1, 5000.0, 5000.0, 100.0)
    kinds = {"time": float, "venue": str, "sequence": int, "bid_size": float}
    assert {name: type(getattr(made, name)) for name in kinds} == kinds


@dataclass(frozen=True)
class Stranger(Event):
    input = True


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(0.0), "an event must be one of Opened, StockQuote"),
        (Stranger(0.0), "an event must be one of Opened, StockQuote"),
        (StockQuote(0.0, "A", 1, 0.0, "99.9", 100.1, 5.0, 5.0, 100.0), "StockQuote.bid must be a number"),
        (Timer("now", "beat"), "Timer.time must be a number"),
        (Opened(0.1, 1, "{}"), "event must be an input, and none that `start` makes"),
    ],
)
def test_what_is_no_event_of_the_outside_is_refused_and_nothing_has_happened(event, said):
    desk, _ = begun()
    before = desk.state.time, desk.state.run
    with pytest.raises(ValueError, match="must") as raised:
        desk.receive(quote(0.2, 1), event)
    assert said in str(raised.value)
    assert (desk.state.time, desk.state.run) == before
    desk.receive(quote(0.2, 1))  # and it goes on


def test_a_policy_that_fails_with_an_address_fails_the_same_in_a_replay():
    class Fails:
        def holding(self, moment):
            raise RuntimeError(object())

    told = []
    known = Settings((CALL,), (-1000,), spot=100, volatility=0.2, policy=Fails())
    desk = Desk(known, Journal(":memory:"), Simulated(), {"A": Venue()})
    desk.watchers.append(told.append)
    desk.start()
    desk.receive(quote(0.0, 1))
    (change,) = [each for each in told if isinstance(each, StateChanged)]
    assert change.reason == "the policy failed: RuntimeError: <object object>"
    assert replay(told, Fails()).differs is None


# ------------------------------------------------------------------------------------------- in which portions


def test_orders_of_a_batch_leave_before_a_command_in_it_is_obeyed():
    desk, venue = begun()
    desk.receive(quote(0.0, 1), Command(0.0, "Ada", "halt", "stop now"))
    assert venue.got == [("Ordered", "trading"), ("CancelAsked", "halted")]


def test_what_comes_while_the_desk_is_busy_is_cut_up_too():
    desk, _ = begun()

    class Busy(Venue):
        def send(self, asked):
            super().send(asked)
            if len(self.got) == 1:
                desk.receive(quote(1.0, 2, 101.0), Command(1.0, "Ada", "halt", "stop now"), quote(2.0, 3))

    desk.venues["A"] = busy = Busy()
    busy.desk = desk
    desk.receive(quote(0.0, 1))
    assert busy.got[:2] == [("Ordered", "trading")] * 2
    assert {mode for asked, mode in busy.got if asked == "Ordered"} == {"trading"}
    assert desk.state.mode == "halted"


def test_a_contradiction_in_a_batch_halts_the_desk_after_what_was_ordered_before_has_left():
    desk, venue = begun()
    desk.receive(quote(0.0, 1), Filled(0.2, "A", "nobody", "f2", 500.0, 100.1, 0.0), quote(0.3, 2))
    assert venue.got == [("Ordered", "trading"), ("CancelAsked", "halted")]


def test_watchers_are_shown_what_was_committed_with_the_state_that_it_led_to():
    desk, _ = begun()
    seen = []
    desk.watchers.append(lambda event: seen.append((type(event).__name__, desk.state.mode, desk.state.time)))
    desk.receive(quote(0.5, 1), quote(0.6, 2), Command(0.7, "Ada", "halt", "x"))
    assert [(name, mode) for name, mode, _ in seen if name in ("Ordered", "Command")] == [
        ("Ordered", "trading"), ("Command", "halted"),
    ]  # fmt: skip
    assert [time for name, _, time in seen if name == "StockQuote"] == [0.6, 0.6]


class Counts(Journal):
    """How many inputs there were in each commit."""

    def append(self, events, *, durable=True):
        self.inputs = [*getattr(self, "inputs", []), sum(each.input for each in events)]
        super().append(events, durable=durable)


def test_quotes_that_come_at_once_are_committed_together_and_watching_changes_nothing():
    for watchers in ([], [lambda event: None]):
        desk, _ = begun(journal=(journal := Counts(":memory:")))
        desk.watchers += watchers
        desk.receive(*(quote(0.01 * k, k) for k in range(1, HANDFUL + 9)))
        assert journal.inputs[2:] == [HANDFUL, 8]


def test_answers_that_come_at_once_are_committed_together_where_nothing_was_asked_before_them():
    desk, _ = begun(journal=(journal := Counts(":memory:")))
    desk.receive(quote(0.0, 1))
    answers = [Acknowledged(0.1, "A", "1-1"), Filled(0.1, "A", "1-1", "f1", 528.0, 100.1, 0.0)]
    more = [quote(0.2, 2, 101.0), Acknowledged(0.3, "A", "1-2"), Filled(0.3, "A", "1-2", "f2", 10.0, 101.1, 0.0)]
    desk.receive(*answers, *more)
    assert journal.inputs[3:] == [3, 2]


def test_what_is_gathered_is_taken_at_the_end_of_the_moment_or_before_what_is_received():
    desk, venue = begun(journal=(journal := Counts(":memory:")))
    for k in range(1, 4):
        desk.clock.at(0.5, lambda k=k: desk.gather(quote(0.5, k)))
    desk.clock.run(until=0.5)
    assert journal.inputs[2:] == [3]
    assert venue.got == [("Ordered", "trading")]
    desk.gather(quote(0.6, 4, 101.0), quote(0.6, 5, 102.0))
    desk.receive(Command(0.6, "Ada", "halt", "stop now"))  # overtakes nothing
    assert journal.inputs[3:] == [2, 1]
    assert [type(each).__name__ for each in journal.read() if each.input][-3:] == [
        "StockQuote", "StockQuote", "Command",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="event must be an input"):
        desk.gather(Opened(0.1, 1, "{}"))


def test_a_real_clock_gathers_what_comes_in_a_turn_of_its_loop():
    async def turn():
        clock, journal = Real(), Counts(":memory:")
        settings = Settings((CALL,), (-1000,), spot=100, volatility=0.2)
        desk = Desk(settings, journal, clock, {"A": (venue := Venue())})
        venue.desk = desk
        desk.start()
        for k in range(1, 4):
            asyncio.get_running_loop().call_soon(lambda k=k: desk.gather(quote(clock.now(), k)))
        await clock.run(until=0.02)
        return journal.inputs

    assert asyncio.run(turn())[2:] == [3]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_events_by_handfuls_lead_to_the_same_journal_as_one_by_one(seed):
    settings = fuzz.settings_of()
    mind, world, inputs = Decisions(settings), fuzz.World(seed, settings), []
    event = Opened(0.0, 1, settings.text(), hedgelab.__version__)
    for _ in range(1500):
        for each in mind.react(event):
            world.saw(each)
        while isinstance(event := world.event(mind.state), Opened):
            pass
        inputs.append(event)
    chance, kept = random.Random(seed), []
    for most in (1, 12):
        journal, left, venues = Journal(":memory:"), list(inputs), {name: Venue() for name in settings.venues}
        desk = Desk(settings, journal, Simulated(), venues)
        for venue in venues.values():
            venue.desk = desk
        desk.start()
        while left:
            few = chance.randint(1, most)
            desk.receive(*left[:few])
            del left[:few]
        kept.append([encode(each) for each in journal.read()])
        assert replay(map(decode, kept[-1])).differs is None
    assert kept[0] == kept[1]
    assert len(kept[0]) > 2000


def test_a_blank_reason_is_no_reason():
    desk, _ = begun()
    desk.receive(Command(0.0, "Ada", "halt", "  "))
    assert desk.state.reason == "halt"


# ------------------------------------------------------------------------------------------- what it rests on


def test_an_option_that_paid_is_on_the_disk():
    kept = []

    class Durable(Journal):
        def append(self, events, *, durable=True):
            kept.extend((type(each), durable) for each in events)
            super().append(events, durable=durable)

    desk, _ = begun(
        journal=Durable(":memory:"), options=(Option("call", 100, 2 / SECONDS_PER_YEAR),), numbers=(-10,)
    )
    for k in range(5):
        desk.clock.run(until=float(k))
        desk.receive(quote(desk.clock.now(), k + 1))
    assert (Settled, True) in kept


@pytest.mark.parametrize("volatility", [5e-324, 1e-310, 1e-5])
def test_a_smile_of_almost_nothing_is_absurd(volatility):
    desk, _ = begun()
    for k in range(8):
        desk.clock.run(until=float(k))
        desk.receive(SmileQuote(float(k), "A", k + 1, float(k), (volatility,)))
    assert desk.state.volatility[0] == 0.2
    assert desk.state.faults["A", "absurd"] == 8


def test_a_smile_at_which_the_book_cannot_be_priced_does_not_kill_the_desk(monkeypatch):
    monkeypatch.setattr("hedgelab.desk.feed.LEAST_VOLATILE", 0.0)
    desk, venue = begun()
    for k in range(8):
        desk.clock.run(until=float(k))
        desk.receive(SmileQuote(float(k), "A", k + 1, float(k), (1e-310,)))
    assert desk.state.volatility[0] == 1e-310
    assert desk.state.mode == "hedging only"
    assert desk.state.reason.startswith("the book cannot be priced: ")
    desk.receive(quote(8.0, 20))  # at the volatility that is believed it still cannot be priced
    assert venue.got == []
    for k in range(21, 29):
        desk.clock.run(until=float(k))
        desk.receive(SmileQuote(float(k), "A", k, float(k), (0.2,)))
    desk.receive(quote(29.0, 30))
    assert [asked for asked, _ in venue.got] == ["Ordered"]
    assert desk.book.volatility.tolist() == [0.2]


def test_a_desk_is_started_once_and_a_journal_is_nobody_elses():
    journal = Journal(":memory:")
    desk, _ = begun(journal=journal)
    with pytest.raises(ValueError, match="must be started once"):
        desk.start()
    with pytest.raises(ValueError, match="journal must be nobody else's"):
        begun(journal=journal)
    desk.clock.run(until=10.0)
    assert sum(isinstance(each, Timer) for each in journal.read()) == 11


def test_what_the_journal_gives_back_is_what_was_given_to_the_desk():
    for event in (Ordered(0.0, "1-1", "A", 1.0, 2.0, "x"), quote(0.0, 1)):
        assert encode(exact(event)) == encode(event)
