"""Killed at any point and started again: no fill lost, none counted twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import soak
from desk_days import Day, settings_of

from hedgelab.desk.clock import Simulated
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import (
    Filled,
    Opened,
    Ordered,
    Reconciled,
    Rejected,
    StatusAsked,
    StockQuote,
    Timer,
)
from hedgelab.desk.journal import Journal, JournalError
from hedgelab.desk.settings import Terms
from hedgelab.desk.sources import Faults
from hedgelab.desk.venues import Habits, Venue

KILLS = 50


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a desk is killed in a process that is forked")
def test_killed_fifty_times_the_desk_loses_no_fill_and_counts_none_twice():
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # a process with threads is not to fork
    known = os.environ | one | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-W", "error", soak.__file__, str(KILLS), "1"], env=known, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sum(found[f"killed at {point}"] for point in (*soak.POINTS, "any time")) == KILLS
    assert found["fills"] > KILLS
    assert found["lost"] == found["doubled or invented"] == found["open"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_desk_that_dies_in_memory_at_any_event_is_made_whole_by_its_venues(tmp_path, seed):
    """The same without processes: the desk is forgotten, between two events, and begun again."""
    day = Day(tmp_path / "desk.db", seconds=400.0, seed=seed, faults=Faults())
    for until in range(20, 400, 20):
        day.run(until=until)
        day.desk.stop()
        day.clock.run(until=until + 5.0 * (seed + 1))
        day.open()
    day.run().drain()
    state = day.desk.state
    assert state.run == 20
    assert not state.open
    assert state.shares == pytest.approx(sum(venue.shares for venue in day.venues.values()), abs=1e-9)
    assert replay(day.path).differs is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a desk is killed in a process that is forked")
@pytest.mark.parametrize("killed", [True, False], ids=["killed", "ended"])
def test_what_is_replayed_is_left_as_it_was_found_and_read_to_its_last_record(tmp_path, killed):
    path = tmp_path / "a desk's #1?.db"
    script = """
import os, signal, sys
from test_kills import Timer, Wire, begun
desk = begun(sys.argv[1], Wire())
for beat in range(40):
    desk.receive(Timer(beat / 10, "beat"))
os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] == "True" else desk.stop()
"""
    known = os.environ | {"PYTHONPATH": os.pathsep.join((os.path.dirname(__file__), *filter(None, sys.path)))}
    subprocess.run([sys.executable, "-c", script, str(path), str(killed)], env=known, check=False)

    def found():
        return {each.name: each.read_bytes() for each in tmp_path.iterdir() if not each.name.endswith("-shm")}

    before = found()
    assert len(before) == 1 + killed
    again = replay(path)
    assert (again.inputs, again.differs, again.corrupted) == (42, None, None)
    assert found() == before
    with Journal(path) as journal:
        assert len(list(journal.read())) >= 42
        with pytest.raises(JournalError, match="of a desk that is running"):
            replay(path)


class Wire:
    """A venue that hears nothing until it is told to."""

    def __init__(self):
        self.sent = []

    def send(self, asked):
        self.sent.append(asked)


def quote(time, sequence):
    return StockQuote(time, "A", sequence, time, 99.98, 100.02, 5000.0, 5000.0, 100.0)


def begun(path, wire, time=0.0):
    desk = Desk(settings_of(venues={"A": Terms()}), Journal(path), Simulated(time), {"A": wire})
    desk.start()
    return desk


def test_an_order_in_the_journal_that_never_left_is_lost_and_its_id_is_not_used_again(tmp_path):
    path = tmp_path / "desk.db"
    wire = Wire()
    desk = begun(path, wire)
    desk.receive(quote(1.0, 1))
    (order,) = wire.sent
    desk.stop()  # as if killed before `send`: no venue ever heard of the order
    wire = Wire()
    desk = begun(path, wire, time=2.0)
    assert wire.sent == [StatusAsked(2.0, "A", order.order)]
    desk.receive(Reconciled(2.1, "A", order.order, "unknown", 0.0))
    assert desk.state.ended[order.order].status == "lost"
    desk.receive(quote(3.0, 1))
    again = wire.sent[-1]
    assert isinstance(again, Ordered)
    assert (order.order, again.order) == ("1-1", "2-1")
    assert again.shares == order.shares


def test_a_fill_that_came_while_the_desk_was_dead_is_asked_for_and_counted_once(tmp_path):
    path, wire = tmp_path / "desk.db", Wire()
    desk = begun(path, wire)
    desk.receive(quote(1.0, 1))
    (order,) = wire.sent
    desk.stop()
    desk = begun(path, Wire(), time=2.0)
    fill = Filled(2.1, "A", order.order, "A1", order.shares, 100.02, 0.0)
    for answer in (fill, fill, Reconciled(2.1, "A", order.order, "filled", order.shares), fill):
        desk.receive(answer)
    assert desk.state.shares == order.shares
    assert desk.state.ended[order.order].status == "filled"
    assert desk.state.faults["A", "fill repeated"] == 2
    assert desk.state.mode != "halted"


def test_an_order_that_was_still_in_the_wire_when_its_venue_called_it_unknown_is_never_filled():
    clock, answers = Simulated(), []
    venue = Venue("A", clock, answers.append, habits=Habits())
    venue.show(quote(0.0, 1))
    venue.send(StatusAsked(0.0, "A", "1-1"))
    venue.send(Ordered(0.0, "1-1", "A", 500.0, 101.0, "hedge"))
    clock.run(until=1.0)
    assert [type(answer) for answer in answers] == [Reconciled, Rejected]
    assert answers[0].found == "unknown"
    assert venue.shares == 0.0


def test_an_id_that_is_sent_twice_is_answered_and_not_filled_twice():
    clock, answers = Simulated(), []
    venue = Venue("A", clock, answers.append)
    venue.show(quote(0.0, 1))
    for _ in range(2):
        venue.send(Ordered(0.0, "1-1", "A", 500.0, 101.0, "hedge"))
    clock.run(until=1.0)
    assert venue.shares == 500.0
    assert sum(isinstance(answer, Filled) for answer in answers) == 1


def test_a_new_run_has_its_own_number_in_the_journal_and_replays_with_it(tmp_path):
    path = tmp_path / "desk.db"
    for run in range(1, 4):
        desk = begun(path, Wire(), time=10.0 * run)
        desk.receive(Timer(10.0 * run + 1, "beat"))
        desk.stop()
    with Journal(path) as journal:
        assert [event.run for event in journal.read() if isinstance(event, Opened)] == [1, 2, 3]
    assert replay(path).differs is None
