"""What `python -m hedgelab.desk` does, in a terminal and without one."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from hedgelab import __version__
from hedgelab.desk.__main__ import main
from hedgelab.desk.clock import SECONDS_PER_YEAR, Real, Simulated
from hedgelab.desk.commands import _screen, _summary
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import Command, Opened, Rejected, StockQuote
from hedgelab.desk.floor import about, desk_settings, trading_floor
from hedgelab.desk.journal import Journal
from hedgelab.desk.terminal import line, parts, standing, view
from hedgelab.desk.worlds import world

QUICK = ("--speed", "4000", "--minutes", "0.01", "--plain")  # six tenths of a second of ours


def did(capsys, *arguments):
    """What a command returns, prints, and says is wrong."""
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


@contextmanager
def started(*arguments, **more):
    """A command in a process of its own, ended at the end whatever happens."""
    command = [sys.executable, "-W", "error", "-m", "hedgelab.desk", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | more
    with subprocess.Popen(command, **pipes) as process:
        too_late = threading.Timer(30, process.kill)
        too_late.start()
        try:
            yield process
        finally:
            too_late.cancel()
            process.kill()


def heard(process, pattern):
    """The first line of a process that matches."""
    for text in process.stdout:
        if found := re.search(pattern, text):
            return found
    raise AssertionError(f"{pattern} never came")


# ------------------------------------------------------------------------------------------- what can be asked


@pytest.mark.parametrize("command", ["", "run", "serve", "replay"])
def test_help_says_what_a_command_does(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "usage: python -m hedgelab.desk" in said
    assert "python -m hedgelab.desk run --market heston --minutes 5" in said or command
    assert all(len(text) <= 100 for text in said.splitlines())


WRONG = {
    "nothing": ((), "run | serve | replay"),
    "an unknown market": (("run", "--market", "moon"), "--market: invalid choice: 'moon' (choose from"),
    "no speed": (("run", "--speed", "0"), "--speed: invalid positive number value: '0'"),
    "a speed of NaN": (("serve", "--speed", "nan"), "--speed: invalid positive number value: 'nan'"),
    "minutes that are none": (("run", "--minutes", "soon"), "--minutes: invalid positive number value: 'soon'"),
    "a negative seed": (("run", "--seed", "-1"), "--seed"),
    "a port that is none": (("serve", "--port", "x"), "--port: invalid whole number value: 'x'"),
    "a replay of nothing": (("replay",), "FILE"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_bad_argument_is_named(capsys, wrong):
    arguments, named = WRONG[wrong]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert named in capsys.readouterr().err


def test_a_port_that_there_is_not_is_named(capsys):
    assert did(capsys, "serve", "--port", "70000")[2].endswith("port must be 0-65535.\n")


# ------------------------------------------------------------------------------------------- a desk by itself


def test_a_desk_runs_goes_on_where_it_was_and_is_decided_again(capsys, tmp_path):
    path = str(tmp_path / "desk.db")
    code, first, _ = did(capsys, "run", "--market", "merton", "--journal", path, *QUICK)
    assert code == 0
    assert re.search(r"day 1 \d\d:\d\d:\d\d  trading  price \d+\.\d\d  shares", first)
    assert "all of it is made; 4000 seconds to one of yours" in first
    before = replay(path).mind.state
    code, second, _ = did(capsys, "run", "--market", "merton", "--journal", path, *QUICK)
    after = replay(path).mind.state
    assert code == 0
    assert ", 2 runs; trading: opened" in second
    assert set(before.fills) <= set(after.fills)
    assert before.time + 1500 < after.time < before.time + 20_000
    code, again, _ = did(capsys, "replay", path)
    assert code == 0
    assert second.splitlines()[-4:] == again.splitlines()[1:5]  # the same summary
    assert again.splitlines()[-1] == "equal to the last bit: all was decided again as it stands"


def test_a_journal_of_another_market_or_speed_is_refused(capsys, tmp_path):
    path = str(tmp_path / "desk.db")
    did(capsys, "run", "--journal", path, *QUICK)
    others = "--market october_1987", "--market gbm", "--seed 2", "--band 0.5", "--speed 10"
    for other in others:
        code, _, wrong = did(capsys, "run", "--journal", path, *QUICK, *other.split())
        assert (code, wrong.count("\n")) == (2, 1)
        assert "is of a desk with another market, seed, speed or band: begin a new one" in wrong
    assert did(capsys, "run", "--journal", path, *QUICK)[0] == 0


@pytest.mark.parametrize("began", [0.0, 0.3], ids=["when all were there", "after two had expired"])
def test_a_journal_goes_on_with_the_options_that_its_desk_sold_whatever_has_expired_since(capsys, tmp_path, began):
    path, told, now = str(tmp_path / "desk.db"), about(world("gbm"), 4000.0), 0.31 * SECONDS_PER_YEAR
    with Journal(path) as journal:
        settings = desk_settings(told, told["spot"], began, 0.02)
        journal.append([Opened(now, 1, settings.text(), __version__)])
    code, said, wrong = did(capsys, "run", "--market", "gbm", "--journal", path, *QUICK)
    assert (code, wrong) == (0, "")
    assert ", 2 runs; " in said
    assert len(replay(path).state.settled) == len(settings.options) - 1
    code, _, wrong = did(capsys, "run", "--market", "october_1987", "--journal", path, *QUICK)
    assert code == 2
    assert "is of a desk with another market" in wrong


def test_a_journal_that_is_corrupted_missing_or_in_use_is_named(capsys, tmp_path):
    path = str(tmp_path / "desk.db")
    code, _, wrong = did(capsys, "replay", path)
    assert (code, wrong) == (2, f"hedgelab.desk replay: there is no journal {path}\n")
    did(capsys, "run", "--journal", path, *QUICK)
    with Journal(path):
        for command in (("replay", path), ("run", "--journal", path)):
            code, _, wrong = did(capsys, *command)
            assert code == 2
            assert f"{path} is the journal of a desk that is running" in wrong
    with sqlite3.connect(path) as file:
        file.execute("UPDATE record SET event = replace(event, 'StockQuote', 'StockQuota') WHERE number = 5")
    file.close()
    code, said, _ = did(capsys, "replay", path)
    assert code == 1
    assert f"up to there: record 5 of {path} is corrupted" in said
    assert "the 4 before it can be used" in said
    code, _, wrong = did(capsys, "run", "--journal", path, *QUICK)
    assert code == 2
    assert "record 5" in wrong
    (tmp_path / "text.db").write_text("no database at all, " * 100)
    code, _, wrong = did(capsys, "replay", str(tmp_path / "text.db"))
    assert code == 2
    assert "text.db is no journal of a desk" in wrong


@pytest.mark.parametrize(
    "text", ['{"class":"Settings"}', '{"class":"Nope"}', "{}", "x", "[1]", '{"class":"Settings","new":1}']
)
def test_a_sound_journal_of_another_version_is_named(capsys, tmp_path, text):
    path = str(tmp_path / "desk.db")
    with Journal(path) as journal:
        journal.append([Opened(0.0, 1, text, "9.1")])
    for arguments in (("replay", path), ("run", "--journal", path, *QUICK)):
        code, _, said = did(capsys, *arguments)
        assert code == 2
        assert "settings must be those of a desk of version" in said
        assert "(it was written by version 9.1)" in said


def test_what_differs_from_the_journal_is_shown(capsys, tmp_path):
    """A journal whose checksums are right and whose decisions are not the desk's."""
    path, forged = tmp_path / "desk.db", tmp_path / "forged.db"
    did(capsys, "run", "--journal", str(path), *QUICK)
    with Journal(path) as journal, Journal(forged) as other:
        events = list(journal.read())
        place = next(k for k, event in enumerate(events) if type(event).__name__ == "Ordered")
        events[place] = replace(events[place], shares=events[place].shares + 1)
        other.append(events)
    code, said, _ = did(capsys, "replay", str(forged))
    assert code == 1
    assert f'differs: record {place + 1} is {{"event":"Ordered"' in said
    assert '"1-1"' in said.rpartition("decided again ")[2]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_ctrl_c_ends_a_desk_tidily(tmp_path):
    path = str(tmp_path / "desk.db")
    with started("run", "--journal", path, "--speed", "600", "--plain") as desk:
        heard(desk, "trading  price")
        time.sleep(0.5)
        desk.send_signal(signal.SIGINT)
        said, _ = desk.communicate(timeout=10)
    assert desk.returncode == 0
    assert "P&L" in said.splitlines()[-2]
    assert "Traceback" not in said
    assert replay(path).differs is None


@pytest.mark.parametrize(("command", "told"), [("serve --port 0", "its seed was"), ("run --plain", "P&L")])
def test_ctrl_c_ends_all_tidily_also_where_the_loop_takes_no_signals(monkeypatch, capsys, command, told):
    """As on Windows."""

    async def interrupted(clock, until):
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
        await running(clock, until)

    running, before = Real.run, signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(Real, "run", interrupted)
    monkeypatch.delattr(asyncio.SelectorEventLoop, "add_signal_handler", raising=False)
    code, said, _ = did(capsys, *command.split())
    assert code == 0
    assert told in said.splitlines()[-2]
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_ended_and_killed_a_desk_goes_on_in_the_same_market_with_the_orders_and_fills_it_had(tmp_path):
    path, before = str(tmp_path / "desk.db"), -1
    for ending in (signal.SIGINT, signal.SIGKILL, signal.SIGINT):
        with started("run", "--journal", path, "--speed", "4000", "--band", "0.0002", "--plain") as desk:
            while int(heard(desk, r"trading .* fills (\d+)").group(1)) <= before:
                pass
            desk.send_signal(ending)
            desk.communicate(timeout=10)
        before = len(replay(path).mind.state.fills)
    found = replay(path)
    assert (found.differs, found.corrupted, found.state.run, found.state.mode) == (None, None, 3, "trading")
    assert not {fault for _, fault in found.state.faults} & {"contradiction", "unknown order"}


@pytest.mark.skipif(os.name == "nt", reason="nothing is read while a desk runs there")
def test_what_is_typed_is_a_command():
    with started("run", "--speed", "600", "--plain", stdin=subprocess.PIPE) as desk:
        heard(desk, "trading  price")
        for command, answer in {
            "halt": "trading -> halted, by you: halt",
            "resume: all is well": "halted -> trading, by you: all is well",
            "jump": r"trading  price .*faults 1$",
            "limit position 1": "trading -> hedging only, by desk: position of",
        }.items():
            desk.stdin.write(command + "\n")
            desk.stdin.flush()
            heard(desk, answer)
        desk.send_signal(signal.SIGINT)
        desk.communicate(timeout=10)
    assert desk.returncode == 0


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, subprocess.PIPE], ids=["none", "one that ends"])
def test_where_nothing_can_be_typed_a_line_says_so(stdin):
    with started("run", *QUICK, stdin=stdin) as desk:
        said, _ = desk.communicate(timeout=20)
    assert desk.returncode == 0
    assert said.count("nothing can be typed here") == 1


@pytest.mark.skipif(os.name == "nt", reason="nothing is read while a desk runs there")
def test_after_ctrl_d_in_a_terminal_halt_can_still_be_typed():
    ours, theirs = os.openpty()
    with started("run", "--speed", "600", "--plain", stdin=theirs) as desk:
        heard(desk, "trading  price")
        os.write(ours, b"\x04")
        heard(desk, "trading  price")
        os.write(ours, b"halt\n")
        heard(desk, "trading -> halted, by you: halt")
        desk.send_signal(signal.SIGINT)
        said, _ = desk.communicate(timeout=10)
    os.close(ours)
    os.close(theirs)
    assert desk.returncode == 0
    assert "nothing can be typed" not in said


@pytest.mark.skipif(os.name == "nt", reason="nothing is read while a desk runs there")
def test_what_the_terminal_has_no_letters_for_ends_no_desk():
    surroundings = os.environ | {"PYTHONIOENCODING": "ascii"}
    with started("run", "--speed", "600", "--plain", stdin=subprocess.PIPE, env=surroundings) as desk:
        heard(desk, "trading  price")
        desk.stdin.reconfigure(encoding="utf-8")
        desk.stdin.write("halt: déjà vu\n")
        desk.stdin.flush()
        heard(desk, r"trading -> halted, by you: d\?j\? vu")
        heard(desk, "halted  price")
        desk.send_signal(signal.SIGINT)
        desk.communicate(timeout=10)
    assert desk.returncode == 0


def test_who_reads_only_the_first_line_is_no_error():
    with started("run", *QUICK, stderr=subprocess.PIPE) as desk:
        assert desk.stdout.readline().startswith("heston: ")
        desk.stdout.close()
        assert desk.stderr.read() == ""
        assert desk.wait(10) == 0


MISSING = """
import sys
sys.modules["{}"] = None
from hedgelab.desk.__main__ import main
sys.exit(main({!r}))
"""


@pytest.mark.parametrize(
    ("module", "arguments", "wrong"),
    [
        ("websockets", ["serve"], "hedgelab.desk serve: websockets"),
        ("websockets", ["run", "--feed", "ws://127.0.0.1:1"], "hedgelab.desk run: websockets"),
        ("websockets", ["run", *QUICK], ""),
        ("rich", ["run", *QUICK], ""),
    ],
)
def test_what_the_extra_is_for_is_said_where_it_is_missing_and_nothing_else_needs_it(module, arguments, wrong):
    script = MISSING.format(module, arguments)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == (2 if wrong else 0), done.stderr
    assert done.stderr.startswith(wrong)
    assert ("pip install 'hedgelab[desk]'" in done.stderr) == bool(wrong)


# ------------------------------------------------------------------------------------------- the table


@pytest.fixture
def desk():
    """A desk after ten minutes on a simulated clock."""
    place, clock = world("heston", every=2.0, seed=2, seconds=600.0), Simulated()
    told = about(place, 1.0)
    made = Desk(
        desk_settings(told, told["spot"], 0.0, 0.001), Journal(":memory:"), clock,
        trading_floor(place, clock, lambda event: made.receive(event), lambda event: made.receive(event), 2),
    )  # fmt: skip
    made.start()
    clock.run(600.0)
    return made


def drawn(table, width=130):
    """A table as text."""
    console = Console(width=width, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(table)
    console.file.close()
    return console.export_text()


def test_the_table_shows_quotes_greeks_with_limits_orders_fills_and_state(desk):
    state, now = desk.state, desk.mind.exposure
    text = drawn(view(desk))
    assert f"day 1 09:40:00  {state.price:.2f}  P&L {now.profit:+,.2f}  trading since day 1 09:30:00" in text
    quote = state.feed.venues["B"].quote
    assert re.search(rf"B +{quote.bid_size:,.0f} +{quote.bid:.2f} +{quote.ask:.2f} +{quote.ask_size:,.0f}", text)
    assert re.search(rf"delta, shares +{re.escape(f'{now.delta:+,.1f}')} +1,000", text)
    assert re.search(rf"position, shares +{re.escape(f'{state.shares:+,.1f}')} +3,000", text)
    assert f"Fills: {len(state.fills)}" in text
    fill = list(state.fills.values())[-1]
    assert re.search(rf"{fill.order} +{fill.venue} +{re.escape(f'{fill.shares:+,.0f}')} +{fill.price:.4f}", text)
    assert "faults: none" in text
    assert "last refused: none" in text
    assert re.search(rf"vega, per point +{re.escape(f'{now.vega / 100:+,.1f}')} +2,000", text)
    assert re.search(rf"theta, per day +{re.escape(f'{desk.mind.marks.theta / 252:+,.1f}')}", text)
    part = parts(desk.mind)
    assert sum(part.values()) == pytest.approx(now.profit)
    assert f"of it options {part['options']:+,.2f}, hedge {part['hedge']:+,.2f}" in text
    assert part["fees"] == -state.fees < 0
    assert part["hedge"] == pytest.approx(
        state.shares * state.price + state.cash - state.settings.cash + state.fees
    )
    assert part["options"] == pytest.approx(desk.book.total().price + desk.settings.cash)


def test_the_table_and_the_summary_show_what_was_refused_mistyped_and_changed(desk):
    desk.receive(Command(600.0, "you", "limit rate 0", "a slip of the finger"))
    desk.receive(Command(600.0, "you", "limt loss 5", "typed"))
    text = drawn(view(desk))
    assert "limit rate from 50 to 0, by you: a slip of the finger" in text
    assert "'limt loss 5' by 'you', which nobody knows" in text
    for venue in "ABC":
        desk.receive(StockQuote(600.0, venue, 1000, 600.0, 106.9, 107.1, 5000.0, 5000.0, 107.0))
    desk.receive(Rejected(600.0, "A", next(iter(desk.state.fills.values())).order, "no more"))
    text, state = drawn(view(desk)), desk.state
    assert state.refusals > 0
    last = f"{state.refused.order}, rate: 0 orders within a second, limit 0; {state.refusals} in all"
    assert f"last refused: {last}" in text
    assert "A: rejected 1-1: no more" in text
    assert re.search(r"rate, per second +\d+ +0", text)
    assert f"refused: {last}" in " ".join(_summary(desk.mind))
    assert f"refused {state.refusals}  faults" in line(desk)


def test_the_table_fits_a_terminal_of_80_by_24(desk):
    for number in range(5):
        desk.receive(StockQuote(600.0, "A", 2000 + number, 560.0, 100.0, 100.1, 5000.0, 5000.0, 100.0))
    for venue in "ABC":
        desk.receive(StockQuote(600.0, venue, 1000, 600.0, 106.9, 107.1, 12_345.0, 5000.0, 107.0))
    assert len(desk.state.open) > 1
    rows = drawn(view(desk), 80).splitlines()
    assert len(rows) <= 24
    assert not any("…" in row for row in rows)
    row = {"name": "A" * 24, "trades": 1234, "fees": 1234.56} | dict.fromkeys(
        ("position", "cash", "profit"), -123_456.78
    )
    assert max(map(len, standing([row]))) <= 80


@pytest.mark.parametrize("width", [79, 72, 60, 40])
def test_the_table_is_cropped_where_the_terminal_is_narrower(desk, width):
    assert "…" not in drawn(view(desk), width)


def test_a_table_that_cannot_be_drawn_ends_no_desk_and_is_told_at_the_end(desk, monkeypatch, capsys):
    drawings = iter([view(desk), ZeroDivisionError("no room"), view(desk), ZeroDivisionError("no room")])

    def drawing(*shown):
        each = next(drawings)
        if isinstance(each, Exception):
            raise each
        return each

    monkeypatch.setattr("hedgelab.desk.commands.view", drawing)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    told = {"market": "a market", "told": "made", "speed": 1.0}
    with _screen(desk, desk.clock, told, None, plain=False):
        desk.clock.run(600.0 + 3 * 0.25)
    assert next(drawings, None) is None
    assert capsys.readouterr().out.endswith("the table could not always be drawn: no room\n")


def test_the_table_says_when_it_was_that_the_market_was_not_there(desk, monkeypatch):
    client, seen = SimpleNamespace(errors=deque(["it broke", "it broke again"]), board=[]), []
    monkeypatch.setattr("hedgelab.desk.commands.view", lambda desk, told, board: seen.append([*told]) or "")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with _screen(desk, desk.clock, {"market": "a market", "told": "made", "speed": 1.0}, client, plain=False):
        assert not client.errors
        desk.clock.run(607.0)
        client.errors.append("it is late")
        desk.clock.run(608.0)
    assert seen[0] == ["day 1 09:40:00  it broke", "day 1 09:40:00  it broke again"]
    assert seen[-1] == ["day 1 09:40:00  it broke again", "day 1 09:40:07  it is late"]


def test_the_table_shows_a_halt_with_its_reason_and_a_stale_venue(desk):
    desk.receive(Command(600.0, "[red]Eve[/red]", "halt", "the room [bold]is on fire"))
    desk.clock.run(600.5)
    for seen in desk.state.feed.venues.values():
        seen.missing = True
    text = drawn(view(desk, ["a note"], [{"name": "Ada"} | dict.fromkeys(BOARD, 0.0)]))
    assert "halted since day 1 09:40:00, by [red]Eve[/red]: the room [bold]is on fire" in text
    assert text.count("stale") == 3
    assert "a note" in text
    assert re.search("1 +Ada", text)


BOARD = ("position", "cash", "fees", "trades", "profit")


def test_a_line_and_a_board_say_the_same_as_the_state(desk):
    state = desk.state
    assert f"price {state.price:.2f}  shares {state.shares:+,.0f}" in line(desk)
    rows = [dict(zip(("name", *BOARD), ("Ada", 5.0, -500.0, 1.0, 3, None), strict=True))]
    assert standing(rows)[1].split() == ["1", "Ada", "5", "-500.00", "1.00", "3", "unknown"]


# ------------------------------------------------------------------------------------------- a class


def test_a_market_is_served_to_desks_in_processes_of_their_own(capsys, tmp_path):
    path = str(tmp_path / "ada.db")
    ada = ("--name", "Ada", "--token", "correct horse", "--journal", path, "--plain")
    with started("serve", "--market", "october_1987", "--speed", "600", "--port", "0") as market:
        assert "Recorded: the 63 closes" in heard(market, "october_1987: .*").group()
        url = heard(market, r"served at (ws://127\.0\.0\.1:\d+);").group(1)
        with started("run", "--feed", url, *ada) as desk:
            heard(desk, r"shares \+[1-9]")
            desk.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        code, said, _ = did(capsys, "run", "--feed", url, "--minutes", "0.03", *ada)
        assert code == 0
        assert ", 2 runs; trading: opened" in said
        for other, wrong in {
            ("--name", "Ada", "--token", "wrong horse"): "token must be the one that 'Ada' first came with",
            ("--name", "Ada", "--token", "correct horse"): "the market keeps a book of 'Ada' already, with",
            ("--name", "A b"): "name must be 1 to 24 of the letters",
        }.items():
            code, _, said = did(capsys, "run", "--feed", url, *other)
            assert (code, said.count("\n")) == (2, 1)
            assert wrong in said
        market.send_signal(signal.SIGINT)
        said, _ = market.communicate(timeout=10)
    assert market.returncode == 0
    held = replay(path).mind.state
    row = said.splitlines()[-1].split()
    assert row[:3] == ["1", "Ada", f"{held.shares:,.0f}"]
    assert row[5] == str(len(held.fills))
    port = url.rpartition(":")[2]
    code, _, said = did(capsys, "run", "--feed", url, *ada)
    assert (code, said.count("\n")) == (2, 1)
    with started("serve", "--market", "october_1987", "--speed", "600", "--port", port) as market:
        heard(market, "served at")
        code, _, said = did(capsys, "run", "--feed", url, *ada)
    assert code == 2
    assert re.search(r"the market knows 0 fills of 'Ada', and the journal \d+: the market was started anew", said)


NAMED = ("--name", "Ada", "--token", "correct horse")


@pytest.mark.parametrize(("name", "variable", "rule"), [
    ((), None, True), (NAMED[:2], None, True), (NAMED[2:], None, True), ((), "correct horse", True),
    (NAMED, None, False), (NAMED[:2], "correct horse", False),
])  # fmt: skip
def test_a_desk_whose_journal_is_kept_has_a_name_and_a_token_of_its_own_at_a_feed(
    capsys, monkeypatch, tmp_path, name, variable, rule
):
    monkeypatch.delenv("HEDGELAB_TOKEN", raising=False)
    if variable:
        monkeypatch.setenv("HEDGELAB_TOKEN", variable)
    path = tmp_path / "desk.db"
    code, _, said = did(capsys, "run", "--feed", "ws://127.0.0.1:1", "--journal", str(path), *name)
    assert (code, path.exists()) == (2, False)
    assert ("--name and --token (or HEDGELAB_TOKEN) must be given with --feed and --journal" in said) == rule
    assert ("Connect" in said) != rule


def test_a_journal_that_is_ahead_of_the_market_is_refused_for_all_quotes_would_be_late(capsys, tmp_path):
    """As where the market's machine has slept, and the desk's has not."""
    path = str(tmp_path / "desk.db")
    told = about(world("gbm"), 600.0)
    with Journal(path) as journal:
        journal.append([Opened(23_400.0, 1, desk_settings(told, told["spot"], 0.0, 0.02).text(), __version__)])
    with started("serve", "--market", "gbm", "--speed", "600", "--port", "0") as market:
        url = heard(market, r"served at (ws://127\.0\.0\.1:\d+);").group(1)
        code, _, said = did(capsys, "run", "--feed", url, "--journal", path, "--minutes", "0.01", *NAMED)
    assert (code, said.count("\n")) == (2, 1)
    assert re.search(
        r"desk.db has come to day 2 09:30:00, and the market to day 1 [\d:]+, .* start again when", said
    )


def test_a_market_whose_seed_nobody_chose_has_a_secret_one_that_is_told_when_it_is_closed(monkeypatch, capsys):
    seeds = []
    for words, drawn in (("", 42), ("", 43), ("--seed 7", 44)):
        monkeypatch.setattr("secrets.randbelow", lambda below, drawn=drawn: drawn)
        code, said, _ = did(capsys, "serve", "--port", "0", "--minutes", "0.001", *words.split())
        before, closed, after = said.partition("the market is closed; its seed was ")
        assert (code, "seed" in before) == (0, False)
        assert closed
        seeds.append(int(after.split()[0]))
    assert seeds == [42, 43, 7]


def test_a_market_for_others_than_this_machine_says_so_loudly():
    with started("serve", "--host", "0.0.0.0", "--port", "0", "--minutes", "0.001") as market:
        said, _ = market.communicate(timeout=20)
    assert market.returncode == 0
    assert "ANYBODY WHO REACHES 0.0.0.0 CAN TRADE HERE" in said
    assert f"run a desk there with --feed ws://{socket.gethostname()}:" in said
    assert re.fullmatch(r"the market is closed; its seed was \d+", said.splitlines()[-2])
