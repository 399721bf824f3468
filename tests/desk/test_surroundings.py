"""Venues, watchers and disks that fail: the others are told all the same, and the desk says what happened."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

import hedgelab as hl
from hedgelab import Option
from hedgelab.desk.clock import Real, Simulated
from hedgelab.desk.codec import encode
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import (
    CancelAsked,
    Command,
    FaultFound,
    Filled,
    Heartbeat,
    Opened,
    OptionQuote,
    Ordered,
    Refused,
    SmileQuote,
    StockQuote,
    Timer,
)
from hedgelab.desk.journal import Journal, JournalError
from hedgelab.desk.settings import Settings, Terms

SETTINGS = Settings(
    (Option("call", 100, 0.5),), (-1000,), 100, 0.2, {name: Terms(impact=1e-6) for name in "ABC"},
    cash=5600.0, officers=("Ada",),
)  # fmt: skip


class Wire:
    """A venue that hears, or whose line breaks at what is of some kinds."""

    def __init__(self, *breaks):
        self.breaks, self.sent = breaks, []

    def send(self, asked):
        if isinstance(asked, self.breaks):
            raise ConnectionError("the line is down")
        self.sent.append(asked)


def quote(time, sequence, venue="A", middle=100.0, size=200.0):
    return StockQuote(time, venue, sequence, time, middle - 0.02, middle + 0.02, size, size, middle)


def begun(path, settings=SETTINGS, time=0.0, **venues):
    wires = {name: venues.get(name) or Wire() for name in settings.venues}
    desk = Desk(settings, Journal(path), Simulated(time), wires)
    desk.start()
    return desk


def ordered_everywhere(path, **venues):
    """A desk with an open order at each of three venues."""
    desk = begun(path, **venues)
    for sequence in (1, 2):
        for name in "ABC":
            desk.receive(quote(1.0, sequence, name))
    assert {order.asked.venue for order in desk.state.open.values()} >= {"A", "B"}
    return desk


@pytest.mark.parametrize("broken", ["A", "B"])
def test_a_venue_that_cannot_be_told_keeps_no_cancel_from_the_others(tmp_path, broken):
    desk = ordered_everywhere(tmp_path / "desk.db", **{broken: Wire(CancelAsked)})
    open_at = {number: order.asked.venue for number, order in desk.state.open.items()}
    desk.receive(Command(1.2, "Ada", "halt", "kill switch"))
    cancelled = {
        asked.order for wire in desk.venues.values() for asked in wire.sent if isinstance(asked, CancelAsked)
    }
    assert cancelled == {number for number, venue in open_at.items() if venue != broken}
    assert desk.state.mode == "halted"
    assert desk.state.faults[broken, "not sent"] == sum(venue == broken for venue in open_at.values())
    desk.receive(Timer(10.0, "beat"))  # and it goes on: after its patience it asks what became of them
    desk.stop()
    assert replay(tmp_path / "desk.db").differs is None


def test_a_watcher_that_fails_keeps_nothing_from_venues_and_other_watchers(tmp_path):
    path, wire, told, shown = tmp_path / "desk.db", Wire(), [], []
    desk = begun(path, A=wire)

    def fails(event):
        told.append((event, list(wire.sent)))
        raise OSError("the screen is gone")

    desk.watchers += [fails, shown.append]
    desk.receive(quote(1.0, 1))
    assert isinstance(wire.sent[0], Ordered)
    assert told == [(quote(1.0, 1), wire.sent[:1])]  # the order had left before anybody was shown anything
    assert desk.state.faults["", "watcher failed"] == 1
    assert [type(each).__name__ for each in shown][:4] == ["StockQuote", "Ordered", "Failed", "FaultFound"]
    desk.receive(Timer(1.5, "beat"))
    assert len(told) == 1
    desk.stop()
    assert replay(path).differs is None


class Durable(Journal):
    """Remembers what it was asked to have on the disk."""

    def append(self, events, *, durable=True):
        self.kept = [*getattr(self, "kept", []), (events, durable)]
        super().append(events, durable=durable)


def test_what_a_person_or_a_venue_did_is_on_the_disk_before_the_desk_goes_on():
    journal = Durable(":memory:")
    desk = Desk(SETTINGS, journal, Simulated(), {name: Wire() for name in "ABC"})
    desk.start()
    desk.receive(quote(1.0, 1))
    desk.receive(Filled(1.1, "A", "1-1", "A1", 10.0, 100.02, 0.0))
    desk.receive(Heartbeat(1.2, "A", 2, 1.2))
    desk.receive(Command(1.3, "Mallory", "dance", ""))
    desk.receive(Timer(1.4, "beat"))
    desk.receive(Timer(9.0, "beat"))  # stale: a change of state
    desk.receive(Command(9.1, "Ada", "halt", "kill switch"))
    asked = [(type(events[0]).__name__, durable) for events, durable in journal.kept]
    assert asked == [
        ("Opened", True), ("Timer", False), ("StockQuote", True), ("Filled", True), ("Heartbeat", False),
        ("Command", True), ("Timer", False), ("Timer", True), ("Command", True),
    ]  # fmt: skip


def test_what_comes_at_once_is_decided_in_turn_and_on_the_disk_together_before_any_order_leaves(tmp_path):
    class Looks(Wire):
        def send(self, asked):
            super().send(asked)
            commits.append(len(journal.kept))

    commits, journal = [], Durable(tmp_path / "desk.db")
    desk = Desk(SETTINGS, journal, Simulated(), {name: Looks() for name in "ABC"})
    desk.start()
    before = len(journal.kept)
    with pytest.raises(ValueError, match="must be an input"):
        desk.receive(quote(1.0, 1), Refused(1.0, "1-1", "rate", "none of the desk's inputs"))
    assert len(journal.kept) == before
    filled = Filled(1.0, "A", "1-1", "A1", 10.0, 100.02, 0.0)
    desk.receive(quote(0.9, 1), quote(1.0, 2), filled, quote(1.1, 3), quote(1.2, 4))
    kept = journal.kept[before:]
    assert all(durable for _, durable in kept)
    assert [[type(each).__name__ for each in events if each.input] for events, _ in kept] == [
        ["StockQuote"] * 2, ["Filled", "StockQuote", "StockQuote"],
    ]  # fmt: skip
    assert set(commits) == {before + 1, before + 2}
    assert desk.state.open["1-1"].filled == 10.0
    desk.stop()
    assert replay(tmp_path / "desk.db").differs is None


def full(events, durable=True):
    raise JournalError("no room on the disk")


def test_a_desk_that_failed_says_so_at_each_input_and_one_that_was_stopped_hears_nothing():
    desk = begun(":memory:")
    desk._journal.append = full
    with pytest.raises(JournalError, match="no room"):
        desk.receive(quote(1.0, 1))
    for event in (quote(2.0, 2), Command(2.0, "Ada", "halt", "kill switch"), Timer(2.0, "beat")):
        with pytest.raises(JournalError, match="takes no inputs: it failed: no room"):
            desk.receive(event)
    with pytest.raises(JournalError, match="takes no inputs"):
        desk.start()
    desk.stop()
    desk.receive(quote(3.0, 3))


def test_a_desk_that_was_not_started_says_so():
    desk = Desk(SETTINGS, Journal(":memory:"), Simulated(), {name: Wire() for name in "ABC"})
    with pytest.raises(JournalError, match="was not started"):
        desk.receive(quote(1.0, 1))


def test_a_failure_that_the_loop_swallowed_ends_the_run_at_the_next_beat():
    async def run():
        clock = Real(speed=100.0)
        desk = Desk(SETTINGS, Journal(":memory:"), clock, {name: Wire() for name in "ABC"})
        desk.start()
        desk._journal.append = full
        with pytest.raises(JournalError):
            desk.receive(Command(0.0, "Ada", "halt", "typed"))
        with pytest.raises(JournalError, match="no room"):
            await clock.run(until=50.0)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"sequence": 1_700_000_000_000_000_000}, "sequence must be a whole number"),
        ({"sequence": 1.5}, "sequence must be a whole number"),
        ({"sequence": None}, "sequence must be a whole number"),
        ({"bid": "99"}, "bid must be a number"),
        ({"ask": None}, "ask must be a number"),
        ({"venue": 7}, "venue must be a text"),
        ({"time": float("inf")}, "time must be finite"),
    ],
)
def test_what_the_journal_could_not_give_back_is_refused_and_the_desk_goes_on(tmp_path, changed, rule):
    desk = begun(tmp_path / "desk.db")
    before = desk._journal.count
    with pytest.raises(ValueError, match=rule):
        desk.receive(dataclasses.replace(quote(1.0, 1), **changed))
    assert desk._journal.count == before
    desk.receive(quote(1.0, 1))
    desk.stop()
    begun(tmp_path / "desk.db", time=2.0).stop()


def test_an_option_or_smile_that_is_none_is_refused():
    with pytest.raises(ValueError, match="volatilities must be a list of numbers"):
        encode(SmileQuote(1.0, "A", 1, 1.0, ("x",)))
    with pytest.raises(ValueError, match="volatilities must be a list of numbers"):
        encode(SmileQuote(1.0, "A", 1, 1.0, 0.2))


class Counting:
    """A policy that remembers how often it was asked."""

    def __init__(self):
        self.asked = 0

    def holding(self, moment):
        self.asked += 1
        return 0.5 + 0.01 * (self.asked % 7)


def test_a_policy_that_remembers_begins_anew_with_each_run_and_in_a_replay(tmp_path):
    path, orders = tmp_path / "desk.db", []
    settings = dataclasses.replace(SETTINGS, policy=Counting(), venues={"A": Terms()})
    for run in range(3):
        wire = Wire()
        desk = begun(path, settings, time=100.0 * run, A=wire)
        for k in range(1, 5):
            desk.receive(quote(100.0 * run + k, k, size=1e5))
        desk.stop()
        orders.append([asked.shares for asked in wire.sent if isinstance(asked, Ordered)])
    assert len(orders[0]) > 1
    assert settings.policy.asked == 0
    assert replay(path, Counting()).differs is None


@pytest.mark.parametrize(
    "policy",
    [
        hl.LearnedBand([0.001 * k for k in range(231)], None),
        hl.WhalleyWilmott(cost=0.001, risk_aversion=1e-4),
        hl.DeltaBand(0.02),
        hl.Clock(3),
    ],
)
def test_the_settings_text_holds_all_of_a_policy_of_the_library(policy):
    settings = dataclasses.replace(SETTINGS, policy=policy)
    again = Settings.read(settings.text())
    assert again.text() == settings.text()
    assert repr(again.policy) == repr(policy)
    assert '"given"' not in settings.text()


def test_other_weights_are_another_policy(tmp_path):
    one, other = (dataclasses.replace(SETTINGS, policy=hl.LearnedBand([w] * 231, None)) for w in (0.001, 0.002))
    desk = begun(tmp_path / "desk.db", one)
    desk.receive(quote(1.0, 1))
    desk.stop()
    with Journal(tmp_path / "desk.db") as journal, pytest.raises(ValueError, match="settings must be those of"):
        Desk(other, journal, Simulated(), desk.venues)
    assert replay(tmp_path / "desk.db").differs is None


def test_the_journal_says_which_version_wrote_it_and_another_one_says_so(tmp_path, monkeypatch):
    path = tmp_path / "desk.db"
    begun(path).stop()
    monkeypatch.setattr(hl, "__version__", "9.9.9")
    desk = begun(path, time=5.0)
    assert desk.state.faults["", "another version"] == 1
    desk.stop()
    monkeypatch.undo()
    assert replay(path).differs is None
    with Journal(path) as journal:
        events = list(journal.read())
    assert [event.version for event in events if isinstance(event, Opened)] == [hl.__version__, "9.9.9"]
    fault = next(k for k, event in enumerate(events) if isinstance(event, FaultFound))
    events[fault] = dataclasses.replace(events[fault], detail="otherwise")
    assert "the run was of version 9.9.9" in replay(events).differs


def test_a_journal_whose_pages_are_damaged_says_so_and_is_let_go(tmp_path):
    path = tmp_path / "desk.db"
    begun(path).stop()
    raw = path.read_bytes()
    for place in [*range(100, 110), *range(4040, 4096)]:
        for mask in (1, 0x20, 0xFF):
            spoilt = bytearray(raw)
            spoilt[place] ^= mask
            path.write_bytes(spoilt)
            try:
                found = replay(path)
                said = "all of it" if found.events == 2 else str(found.corrupted or "some of it")
            except JournalError as problem:
                said = str(problem)
            assert not any(wrong in said for wrong in ("running", "empty", "some of it")), place


def test_what_says_nothing_of_the_price_values_no_book(monkeypatch):
    desk = begun(":memory:")
    desk.receive(quote(1.0, 1))
    monkeypatch.setattr(type(desk.book), "value", lambda *market: pytest.fail("the book was valued"))
    desk.receive(Heartbeat(1.1, "A", 2, 1.1))
    desk.receive(OptionQuote(1.1, "A", 3, 1.1, Option("call", 100, 0.5), 5.5, 5.8, 10.0, 10.0))
    assert not desk.state.faults
