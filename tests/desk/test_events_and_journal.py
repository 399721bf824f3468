"""Events are text and back to the last bit; the journal keeps them, and says what is wrong with it."""

from __future__ import annotations

import dataclasses
import math
import signal
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgelab import Option
from hedgelab.desk.clock import Simulated
from hedgelab.desk.codec import decode, encode
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import INPUTS, OUTPUTS, Acknowledged, Heartbeat, StockQuote, Timer
from hedgelab.desk.journal import Journal, JournalError
from hedgelab.desk.settings import Settings

TEXT = st.text(max_size=8)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)
BY_TYPE = {
    "float": FLOATS,
    "int": st.integers(-(2**53), 2**53),
    "str": TEXT,
    "tuple[float, ...]": st.lists(FLOATS, max_size=4).map(tuple),
    "Option": st.builds(Option, st.sampled_from(["call", "put"]), st.floats(1e-3, 1e6), st.floats(1e-3, 50)),
}


def event_of(kind):
    values = {field.name: BY_TYPE[field.type] for field in dataclasses.fields(kind)}
    return st.builds(kind, **(values | {"time": st.floats(allow_nan=False, allow_infinity=False)}))


EVENTS = st.sampled_from([*INPUTS, *OUTPUTS]).flatmap(event_of)


@settings(max_examples=300, deadline=None)
@given(EVENTS)
def test_an_event_is_text_and_back_to_the_last_bit(event):
    again = decode(encode(event))
    assert type(again) is type(event)
    assert repr(again) == repr(event)  # which tells floats apart to the last bit, and knows NaN
    assert encode(again) == encode(event)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{", "strict JSON"),
        ("[" * 100_000, "strict JSON"),
        ('{"event":"Timer","time":NaN,"name":"x"}', "strict JSON"),
        ("[]", "an object whose event is one of"),
        ('{"event":"Bought","time":1}', "an object whose event is one of"),
        ('{"event":["Timer"],"time":1}', "an object whose event is one of"),
        ('{"event":"Timer","time":1}', "must have the fields time, name"),
        ('{"event":"Timer","time":1,"name":"x","more":1}', "must have the fields time, name"),
        ('{"event":"Timer","time":"soon","name":"x"}', "Timer.time must be a number"),
        ('{"event":"Timer","time":true,"name":"x"}', "Timer.time must be a number"),
        ('{"event":"Timer","time":1e999,"name":"x"}', "Timer.time must be finite"),
        ('{"event":"Timer","time":"nan","name":"x"}', "Timer.time must be finite"),
        (f'{{"event":"Timer","time":1{"0" * 400},"name":"x"}}', "Timer.time must be a number"),
        ('{"event":"Timer","time":1,"name":2}', "Timer.name must be a text"),
        ('{"event":"Heartbeat","time":1,"venue":"A","sequence":1.5,"sent":1}', "sequence must be a whole number"),
    ],
)
def test_what_is_no_event_is_refused_by_name(text, rule):
    with pytest.raises(ValueError, match=rule):
        decode(text)


def test_an_option_in_an_event_is_checked_as_everywhere():
    text = '{"event":"Settled","time":1.0,"option":["call",-5.0,1.0],"spot":1.0,"paid":0.0}'
    with pytest.raises(ValueError, match="strike must be positive"):
        decode(text)


def quotes(n):
    return [StockQuote(0.1 * k, "A", k, 0.1 * k, 99.9, 100.1, 300.0, 200.0, 100.0) for k in range(1, n + 1)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a folder with ümlauts" / "desk.db"


@pytest.fixture
def journal(path):
    path.parent.mkdir()
    with Journal(path) as journal:
        yield journal


def test_what_was_appended_is_read_again_by_the_next(journal, path):
    journal.append(quotes(3))
    journal.append([Timer(9.0, "beat"), Acknowledged(9.0, "ä\x00\ud800", "1-1")], durable=False)
    journal.close()
    with Journal(path) as again:
        assert list(again.read()) == [*quotes(3), Timer(9.0, "beat"), Acknowledged(9.0, "ä\x00\ud800", "1-1")]
        again.append([Timer(10.0, "beat")])
        assert again.count == 6


def test_a_second_desk_on_the_journal_is_refused_in_this_process_and_in_another(journal, path):
    with pytest.raises(JournalError, match="is the journal of a desk that is running"):
        Journal(path)
    code = "import sys; from hedgelab.desk.journal import Journal; Journal(sys.argv[1])"
    other = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert "is the journal of a desk that is running" in other.stderr


@pytest.mark.parametrize(
    ("content", "rule"), [(b"once upon a time" * 100, "is no journal of a desk"), (None, "unable to open")]
)
def test_what_is_no_journal_is_refused(tmp_path, content, rule):
    path = tmp_path / "desk.db" if content else tmp_path / "missing" / "desk.db"
    if content:
        path.write_bytes(content)
    with pytest.raises(JournalError, match=rule):
        Journal(path)
    assert content is None or path.read_bytes() == content


def test_somebody_elses_database_is_left_alone(tmp_path):
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photo (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="is a database, but no journal of a desk"):
        Journal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "record"),
    [
        ("UPDATE record SET event = replace(event, '99.9', '99.8') WHERE number = 7", 7),
        ("DELETE FROM record WHERE number = 4", 4),
        ("DELETE FROM record WHERE number = 1", 1),
        ("UPDATE record SET number = 100 WHERE number = 5", 5),
        ("UPDATE record SET chain = 'x' WHERE number = 10", 10),
        ("UPDATE record SET event = x'00ff' WHERE number = 3", 3),
    ],
)
def test_a_corrupted_record_is_named_and_what_stands_before_it_is_good(journal, path, change, record):
    journal.append(quotes(10))
    journal.close()
    with sqlite3.connect(path) as vandal:
        vandal.execute(change)
    vandal.close()
    good = []
    with Journal(path) as again, pytest.raises(JournalError, match=f"record {record} of .* is corrupted") as told:
        good.extend(again.read())
    assert told.value.record == record
    assert good == quotes(10)[: record - 1]


def test_pages_of_rubbish_are_named_as_well(journal, path):
    journal.append(quotes(2000))
    journal.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xff" * 20_000
    path.write_bytes(content)
    read = []
    with Journal(path) as again, pytest.raises(JournalError, match="is corrupted") as told:
        read.extend(again.read())
    assert 0 < told.value.record < 2000


def until_it_is_full(take):
    for k in range(1, 2000):
        take(Heartbeat(0.001 * k, "A", k, 0.001 * k))


def test_a_full_disk_is_told_and_what_was_kept_stays(journal):
    journal.append(quotes(100))
    (pages,) = journal._file.execute("PRAGMA page_count").fetchone()
    journal._file.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(JournalError, match="no room on the disk"):
        until_it_is_full(lambda quote: journal.append([quote]))
    kept = journal.count
    assert 100 <= kept < 2000
    assert len(list(journal.read())) == kept
    journal._file.execute(f"PRAGMA max_page_count = {pages + 200}")
    journal.append(quotes(3))
    assert len(list(journal.read())) == kept + 3


class Told:
    """A venue that remembers what it was sent."""

    def __init__(self):
        self.sent = []

    def send(self, asked):
        self.sent.append(asked)


SETTINGS = Settings((Option("call", 100, 0.5),), (-1000,), spot=100, volatility=0.2)


def test_on_a_full_disk_nothing_is_sent_and_the_desk_takes_no_more(journal):
    venue = Told()
    desk = Desk(SETTINGS, journal, Simulated(), {"A": venue})
    desk.start()
    (pages,) = journal._file.execute("PRAGMA page_count").fetchone()
    journal._file.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="no room on the disk"):
        until_it_is_full(desk.receive)
    with pytest.raises(JournalError, match="takes no inputs: it failed: no room"):
        desk.receive(StockQuote(9.0, "A", 5000, 9.0, 99.9, 100.1, 5000.0, 5000.0, 100.0))
    assert venue.sent == []


def test_an_order_is_in_the_journal_before_it_is_sent(journal):
    class Looks(Told):
        def send(self, asked):
            super().send(asked)
            (text,) = journal._file.execute("SELECT event FROM record ORDER BY number DESC LIMIT 1").fetchone()
            looked.append((decode(text), asked, journal._file.in_transaction))

    looked = []
    desk = Desk(SETTINGS, journal, Simulated(), {"A": Looks()})
    desk.start()
    desk.receive(StockQuote(0.0, "A", 1, 0.0, 99.9, 100.1, 5000.0, 5000.0, 100.0))
    assert looked == [(desk.venues["A"].sent[0], desk.venues["A"].sent[0], False)]


def test_a_corrupted_journal_replays_as_far_as_it_is_good_and_the_desk_does_not_open_it(journal, path):
    desk = Desk(SETTINGS, journal, Simulated(), {"A": Told()})
    desk.start()
    for k in range(1, 50):
        desk.receive(StockQuote(0.1 * k, "A", k, 0.1 * k, 99.9, 100.1, 5000.0, 5000.0, 100.0))
    desk.stop()
    with sqlite3.connect(path) as vandal:
        vandal.execute("UPDATE record SET event = replace(event, '99.9', '99.8') WHERE number = 20")
    vandal.close()
    again = replay(path)
    assert again.corrupted.record == 20
    assert again.events == 19
    assert again.differs is None
    with pytest.raises(JournalError, match="record 20"):
        Desk(SETTINGS, Journal(path), Simulated(), {"A": Told()})


def test_other_settings_or_venues_on_a_journal_are_refused(journal):
    Desk(SETTINGS, journal, Simulated(), {"A": Told()}).start()
    journal.taken = False  # as the next process finds it
    other = dataclasses.replace(SETTINGS, lot=10.0)
    with pytest.raises(ValueError, match="settings must be those of"):
        Desk(other, journal, Simulated(), {"A": Told()})
    with pytest.raises(ValueError, match="venues must be A, got"):
        Desk(SETTINGS, journal, Simulated(), {"B": Told()})


def test_a_replay_of_nothing_says_so(tmp_path):
    with pytest.raises(JournalError, match="there is no journal"):
        replay(tmp_path / "missing.db")
    Journal(tmp_path / "desk.db").close()
    with pytest.raises(JournalError, match="the journal is empty"):
        replay(tmp_path / "desk.db")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing is killed like that here")
def test_a_journal_whose_desk_was_killed_while_it_was_made_is_a_new_one(tmp_path):
    """Killed after each statement by which it is made."""
    code = """
import os, signal, sqlite3, sys
from hedgelab.desk.journal import Journal
class Deadly(sqlite3.Connection):
    left = int(sys.argv[2])
    def execute(self, *statement):
        done = super().execute(*statement)
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
connect = sqlite3.connect
sqlite3.connect = lambda *where, **how: connect(*where, factory=Deadly, **how)
Journal(sys.argv[1]).close()
"""
    for statements in range(1, 30):
        path = tmp_path / f"{statements}.db"
        known = [sys.executable, "-c", code, str(path), str(statements)]
        survived = subprocess.run(known, check=False).returncode == 0
        with pytest.raises(JournalError, match="the journal is empty"):
            replay(path)
        with Journal(path, examined=True) as journal:
            assert list(journal.read()) == []
        with Journal(path) as journal:
            assert list(journal.read()) == []
            journal.append(quotes(2))
        with Journal(path, examined=True) as journal:
            assert list(journal.read()) == quotes(2)
        if survived:
            break
    assert 5 < statements < 29


def test_the_disk_is_asked_to_write_what_it_has_in_its_own_memory(journal):
    assert journal._file.execute("PRAGMA fullfsync").fetchone() == (1,)


@pytest.mark.parametrize("time", [math.nan, math.inf])
def test_an_input_at_no_time_is_refused(journal, time):
    desk = Desk(SETTINGS, journal, Simulated(), {"A": Told()})
    desk.start()
    with pytest.raises(ValueError, match="time must be finite"):
        desk.receive(Timer(time, "beat"))
