"""Nobody gains by a trick, nobody learns what is hidden, nothing is left; each protection is needed for that."""

from __future__ import annotations

import ast
import csv
import io
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import numpy as np
import pytest
from hostile import HONEST, HOSTILE, Attack
from notebooks import GOOD, SQUARE, notebook
from places import KEY, Place

from coursework import (
    __main__,
    compare,
    grading,
    marks,
    reports,
    sandbox,
    seccomp,
    session,
    submissions,
    tournament,
    wire,
    worker,
)
from coursework.compare import NUMBERS, PHRASES

ATTACKS = {attack.name: attack for attacks in HOSTILE.values() for attack in attacks}
SAID = {*PHRASES, *session.PHRASES, grading.UNJUDGED, "", "not reached"}


def test_there_are_attacks_of_every_kind_and_no_two_of_a_name():
    assert len(ATTACKS) == sum(map(len, HOSTILE.values())) >= 120
    assert min(map(len, HOSTILE.values())) >= 6


def points(result: grading.Result) -> float:
    return sum(line["points"] for line in result["scores"])


def held(attack: Attack, result: grading.Result) -> bool:
    """Whether a submission earned what it may, and was marked at all."""
    least = attack.points if attack.least is None else attack.least
    return least <= points(result) <= attack.points and "NOT MARKED" not in result["status"]


def hidden_numbers(place: Place) -> set[str]:
    """How the inputs and answers that nobody may see begin, wherever they are written."""
    marker = grading.Marker(place.assignment, KEY, place.wall)
    found: set[str] = set()
    for (question, number), calls in marker.calls.items():
        check = next(q for q in place.assignment.questions if q.name == question).checks[number]
        if check.hidden and check.inputs is not None:
            for arguments, want in calls:
                numbers = np.concatenate([np.ravel(value) for value in (*arguments, want)])
                found |= {repr(float(value))[:9] for value in numbers if value % 1}
    return found


def check_pages(place: Place, results: dict[str, grading.Result]) -> None:
    """What people read holds nothing hidden, nothing that a browser, a terminal or a spreadsheet would obey."""
    pages, numbers = place.written(), hidden_numbers(place)
    assert len(numbers) > 20
    for name, page in pages.items():
        leaked = [number for number in numbers if number in page]
        assert not leaked, (name, leaked)
        assert KEY.decode().strip() not in page
        assert not re.search(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\uffff]|[\u202a-\u202e\u2066-\u2069]", page), name
        if name.endswith(".html"):
            assert not re.search(r"<(script|img|iframe|svg[^>]*onload)", page), name
    rows = list(csv.reader(io.StringIO(pages["marks.csv"])))
    assert [row[0] for row in rows[1:]] == sorted(results)
    assert not any(field[:1] in tuple("=+@\t\r") for row in rows for field in row)
    for result in results.values():
        hidden = [line["said"] for line in result["scores"] if (line["question"], line["number"]) not in VISIBLE]
        assert {
            re.sub(r"^not tried, for it |^\w+ (?=is not defined)", "", said) for said in hidden
        } <= SAID | HINTS


VISIBLE = {("q1", 0), ("q2", 0)}
HINTS = {"It strays from delta."}


def running(token: str) -> list[str]:
    """The processes that were started with a word in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if token.encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def gone(token: str) -> bool:
    """Whether none of them is left, or soon will be."""
    return any(not running(token) or time.sleep(0.05) for _ in range(60))


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_submission_gains_by_a_trick_or_learns_or_leaves_anything(kind, place, monkeypatch):
    token, descriptors = secrets.token_hex(16), len(os.listdir("/proc/self/fd"))
    monkeypatch.setitem(sandbox.VARIABLES, "COURSEWORK_TOKEN", token)
    named = {f"{number:02}": attack for number, attack in enumerate(HOSTILE[kind])}
    results = place.mark({student: attack.raw for student, attack in named.items()})
    failed = {named[s].name: (points(r), r["status"]) for s, r in results.items() if not held(named[s], r)}
    assert not failed
    check_pages(place, results)
    assert gone(token)
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_a_student_whose_name_is_an_attack_is_a_line_like_any_other(place):
    names = [
        "=cmd|calc",
        "+1",
        "-1",
        "@sum",
        "a,b",
        'say "a"',
        "<script>alert(1)</script>".replace("/", "_"),
        "\x1b[2J",
        "é" * 60,
    ]
    results = place.mark({name: notebook(SQUARE) for name in names})
    assert {points(result) for result in results.values()} == {6.0}
    pages = place.written()
    assert len([name for name in pages if name.startswith("students")]) == len(names)
    assert not any(re.search(r"<script|\x1b", page) for name, page in pages.items() if name.endswith(".html"))
    rows = list(csv.DictReader(io.StringIO(pages["marks.csv"])))
    assert len(rows) == len(names)
    assert not any(row["student"][0] in "=+-@" for row in rows)
    assert {marks.unquoted(row["student"]) for row in rows} >= {"=cmd|calc", "-1", "a,b", 'say "a"'}


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc, which Linux has")
@pytest.mark.parametrize("kernel", ["lists children", "lists none"])
@pytest.mark.parametrize("count", [70, 100])
def test_threads_are_counted_behind_whatever_started_them(count, kernel, tmp_path, monkeypatch):
    """Below what starts them, as bubblewrap does; where the kernel limits threads too, only this test tells."""
    if kernel == "lists none":
        monkeypatch.setattr(sandbox, "CHILDREN", str(tmp_path / "{}"))
    threads = (
        "import threading, time\nthreading.stack_size(1 << 16)\n"
        f"for _ in range({count}):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "print('started', flush=True)\ntime.sleep(60)"
    )
    starts = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    inmate = sandbox.Inmate(sandbox.opened([sys.executable, "-c", starts, threads], dict(os.environ)))
    try:
        assert inmate.process.stdout.readline() == b"started\n"
        assert inmate.crowded() == (count > sandbox.MOST_THREADS)
    finally:
        inmate.end()


@pytest.mark.parametrize("student", ["../../x", "/etc/x", ".", "..", "", "a/b", "A", "x" * 300, "CON", "a\0b"])
def test_no_name_of_a_student_names_a_file_elsewhere(student):
    name = grading.slug(student)
    assert re.fullmatch(r"[a-z0-9_~-][a-z0-9._~-]{0,80}", name)
    assert grading.slug("other") != name != grading.slug(student.lower() + "x")


def test_links_devices_and_pipes_are_not_read(place):
    there = place.folder / "submissions"
    there.mkdir()
    (there / "link.ipynb").symlink_to(place.folder / "key")
    os.mkfifo(there / "pipe.ipynb")
    (there / "folder.ipynb").mkdir()
    for one in submissions.find(there, "hw0"):
        with pytest.raises(submissions.Unreadable, match="cannot be read"):
            one.read()


def test_what_lies_where_submissions_can_read_is_refused(place, capsys):
    inside = sandbox.packages()[0] / "a.key"
    words = [
        "grade",
        str(place.folder / "hw0"),
        str(place.folder),
        "--key",
        str(place.folder / "key"),
        "--out",
        str(inside),
    ]
    assert __main__.main(words) == 2
    assert "which submissions can read: move it" in capsys.readouterr().err


def test_a_frame_that_says_it_is_endless_is_not_waited_for():
    reading, writing = os.pipe()
    pipe = wire.Pipe(reading, writing)
    os.write(writing, b"\xff\xff\xff\xff\x00\x00\x00\x00")
    with pytest.raises(wire.Violation):
        pipe.receive(time.monotonic() + 0.2)
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    "tree",
    [
        {"array": ["O", [1], 0]},
        {"array": ["f", [1 << 40], 0]},
        {"array": ["f", [3], 0]},
        {"array": ["f", [0, 2147483647, 2147483647, 2147483647], 0]},
        {"array": ["f", [-1], 0]},
        {"array": ["f", [1], -8]},
        {"array": ["f", [True], 0]},
        {"array": ["f", "1", 0]},
        {"array": None},
        [{"array": ["f", [2], 0]}] * 2,
        {"complex": ["a", 1]},
        {"dict": [[[], 1]]},
        {"dict": {"a": 1}},
        {"namespace": [["a", 1]]},
        {"a": 1, "b": 2},
        {},
        [[[[[[[[[[[[[[1]]]]]]]]]]]]]],
        [0] * 400_000,
    ],
    ids=lambda tree: str(tree)[:30],
)
def test_a_value_that_is_none_breaks_the_rules_of_the_wire(tree):
    with pytest.raises(wire.Violation):
        wire.decoded(tree, bytes(16))


def test_a_notebook_that_runs_again_after_a_hidden_input_tells_nothing_new(place):
    """It ends its process at a time that says what it was asked, and tells that time when it is run anew."""
    ends = "import os, time\nborn = time.time()\ndef square(x):\n    os._exit(0)"
    raw = notebook(
        ends, "raise ValueError(born)", "if os.path.exists('/tmp/never') or time.time() > LATER:\n    os._exit(0)"
    )
    raw = raw.replace(b"LATER", str(time.time() + 1.2).encode())
    check = place.assignment.questions[0].checks[1]
    with session.Session(place.assignment, raw, place.wall) as asked:
        assert asked.run()
        first = dict(asked.errors), dict(asked.left_out)
        with pytest.raises(session.NoAnswer):
            asked.ask(check, (2.0,))
        time.sleep(1.3)
        assert asked.run()
        assert (asked.errors, asked.left_out) == first


def test_a_policy_that_answers_in_long_words_takes_no_room():
    class Wordy:
        deadline, ask = np.inf, staticmethod(lambda *told, **how: ["x" * 10_000] + ["a"] * 50_000)

    told = dict.fromkeys(tournament.TOLD, 1.0) | {"step": 0}
    tracemalloc.start()
    with pytest.raises(session.NoAnswer, match=NUMBERS):
        tournament.Asked(Wordy()).holding(SimpleNamespace(**told))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_who_is_marked_beside_a_flood_of_words_loses_nothing(place):
    """While a header of millions of brackets is read, no other answer is: theirs came too late."""
    slow = (
        "import time\nclass Policy:\n    def holding(self, delta):\n        time.sleep(0.05)\n        return delta"
    )
    flood = ATTACKS["says four megabytes of brackets, and again"].raw
    results = place.mark({"ann": notebook(*GOOD[:-1], slow), "bob": flood})
    assert {student: points(result) for student, result in results.items()} == {"ann": 16.0, "bob": HONEST}
    assert results["bob"]["left out"] == [(2, "gave no valid answer")]


def test_what_a_submission_says_in_all_is_bounded(place, monkeypatch):
    """Each answer is right, and has more beside it than anybody needs."""
    monkeypatch.setattr(session, "MOST_SAID", 1 << 20)
    more = (
        "import coursework.worker as w\nonce = w.Notebook.answer\n"
        "w.Notebook.answer = lambda *asked: (once(*asked)[0] | {'x': [0] * 5000}, b'')"
    )
    check = place.assignment.questions[0].checks[0]
    with session.Session(place.assignment, notebook(SQUARE, more), place.wall) as asked:
        assert asked.ask(check, (3.0,)) == 9.0
        with pytest.raises(session.NoAnswer, match="gave no valid answer"):
            list(map(asked.ask, [check] * 20, [(3.0,)] * 20))
        assert 5 < asked.asked < 15
        with pytest.raises(session.NoAnswer, match="no time was left"):
            asked.ask(check, (3.0,))


def test_an_answer_takes_no_room_and_no_time():
    """Truths that are made as wide as the complex number among them; whole numbers that all have one hash."""
    count = 20_000
    wide = [{"array": ["c", [count], 0]}, *({"array": ["b", [count], 0]} for _ in range(600))]
    one_hash = {"dict": [[n * ((1 << 61) - 1), 0] for n in range(count)]}
    started = time.process_time()
    tracemalloc.start()
    try:
        for tree, numbers in ((wide, bytes(616 * count)), (one_hash, b"")):
            with pytest.raises(wire.Violation):
                compare.verdict(wire.decoded(tree, numbers), 1.0, 0, 0)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 5


def test_a_notebook_without_a_seed_has_the_same_marks_each_time(place):
    ways = (
        *("np.random.default_rng().random()", "np.random.rand()", "random.random()", "random.Random().random()"),
        *(
            "random.seed() or random.random()",
            "np.random.seed() or np.random.rand()",
            "type('R', (random.Random,), {})().random()",
        ),
        *("np.random.RandomState().rand()", "random.Random(2).random()", "random.seed(2) or random.random()"),
    )
    cells = [f"import random\nimport numpy as np\nraise ValueError({way})" for way in ways]
    said = {str(place.mark({str(n): notebook(*cells)})[str(n)]["errors"]) for n in range(3)}
    assert len(said) == 1
    (errors,) = map(ast.literal_eval, said)
    assert len({text for *_, text, _ in errors}) == len(ways) - 1  # each its own, but for the two with a seed


def test_a_grader_that_is_killed_leaves_nothing_running(place):
    token = secrets.token_hex(16)
    code = (
        "import sys, threading, time; sys.path.insert(0, 'tests/coursework')\n"
        "from dataclasses import replace\n"
        "from notebooks import HW0, notebook\n"
        "from coursework import sandbox\n"
        "from coursework.session import Session\n"
        f"sandbox.VARIABLES['COURSEWORK_TOKEN'] = {token!r}\n{place.__dict__.get('weaker', '')}\n"
        f"session = Session(replace(HW0, cell_seconds=30), notebook('while True: pass'), {place.wall!r})\n"
        "session.at = None\n"
        "threading.Thread(target=session.run, daemon=True).start()\n"
        "while session.at is None: time.sleep(0.05)\n"
        "print('running', flush=True); time.sleep(30)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as grader:
        assert grader.stdout.readline() == b"running\n"
        assert running(token)
        grader.kill()
    try:
        assert gone(token)
    finally:
        for process in running(token):
            os.kill(int(process), signal.SIGKILL)


def holds(place: Place, *names: str) -> None:
    """What the tests above ask, of these attacks alone."""
    raws = {str(number): ATTACKS[name].raw for number, name in enumerate(names)}
    results = place.mark(raws)
    for number, name in enumerate(names):
        assert held(ATTACKS[name], results[str(number)])
        assert name != "writes to the descriptors" or results[str(number)]["status"] == "ok"
    check_pages(place, results)


def opened_with_all(
    command: list[str], environment: dict[str, str], files: Any = (), folder: str | None = None
) -> Any:
    for file in files:
        os.set_inheritable(file.fileno(), True)
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(
        command, **pipes, bufsize=0, env=environment, cwd=folder, close_fds=False, start_new_session=True
    )


def weaker_worker(function: str, instead: str) -> Callable[[Place, pytest.MonkeyPatch], None]:
    """A worker in which one function does something else."""

    def weaken(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        (place.folder / "worker").mkdir()
        for file in sandbox.INSIDE:
            text = (sandbox.HERE / file).read_text()
            if file == "worker.py":
                text = text.replace(f"    {function}()\n", f"    {instead}\n").replace(
                    f"{function}())", f"{instead})"
                )
            (place.folder / "worker" / file).write_text(text)
        monkeypatch.setattr(sandbox, "HERE", place.folder / "worker")

    return weaken


def weaker(where: Any, name: str, instead: Any) -> Callable[[Place, pytest.MonkeyPatch], None]:
    """One function, or table, that is another."""
    return lambda place, monkeypatch: monkeypatch.setattr(where, name, instead)


def more_to_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = sandbox.what_python_needs
    monkeypatch.setattr(sandbox, "what_python_needs", lambda: [*needed(), *sandbox.bind(place.folder)])


def outlives(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.__dict__["weaker"] = "sandbox.dies_with_us = lambda: []"


def uncounted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    weaker_worker("confine", "pass")(place, monkeypatch)
    monkeypatch.setattr(sandbox.Inmate, "crowded", lambda inmate: False)


def unclosed(inmate: sandbox.Inmate) -> str:
    return ""


def plain_pages() -> jinja2.Environment:
    made = ESCAPING()
    made.autoescape = False
    return made


ESCAPING, BINDING, RUNS = reports.escaping, sandbox.bind, sandbox.what_it_runs
ROOMY = ["--tmpfs", "/tmp", "--dir", "/tmp/work"]
PRINTS = "(os.dup(0), os.dup(1))"
HOSTILE_NAMES = test_a_student_whose_name_is_an_attack_is_a_line_like_any_other

#: A protection taken away, and what then fails: a test by itself, or the attacks that it held.
PROTECTIONS: dict[str, tuple[Callable[[Place, pytest.MonkeyPatch], None], Any]] = {
    "own namespaces": (weaker(sandbox, "own_namespaces", lambda: ["--unshare-user"]), "sees another process"),
    "nobody": (weaker(sandbox, "nobody", list), "is root"),
    "dies with us": (outlives, test_a_grader_that_is_killed_leaves_nothing_running),
    "environment": (weaker(sandbox, "environment", lambda: dict(os.environ)), "reads the environment"),
    "little room": (weaker(sandbox, "little_room", lambda: ROOMY), "fills many files"),
    "what Python needs": (more_to_read, "reads the key"),
    "only to be read": (
        weaker(sandbox, "bind", lambda folder, to=None: ["--bind-try", str(folder), str(to or folder)]),
        "puts a module beside the data",
    ),
    "no other packages": (weaker(sandbox, "no_other_packages", list), "looks for what else is installed"),
    "no answers": (weaker(sandbox, "no_answers", lambda assignment: []), "imports hedgelab"),
    "what it runs": (
        weaker(sandbox, "what_it_runs", lambda assignment: BINDING(sandbox.HERE, Path("/libraries/coursework"))),
        "imports the grader",
    ),
    "read-only root": (weaker(sandbox, "read_only_root", list), "writes to /"),
    "descriptors": (weaker(sandbox, "opened", opened_with_all), "reads what the grader has open"),
    "end": (weaker(sandbox.Inmate, "end", unclosed), "time"),
    "keep apart": (
        weaker(sandbox, "keep_apart", lambda assignment, paths: None),
        test_what_lies_where_submissions_can_read_is_refused,
    ),
    "one process": (weaker(seccomp, "one_process", lambda **threads: b""), "forks"),
    "no children": (weaker(seccomp, "CHILDREN", {}), "forks by number"),
    "no network": (weaker(seccomp, "NETWORK", {}), "opens a local socket"),
    "no memory beside": (weaker(seccomp, "MEMORY", {}), "makes memory that is a file"),
    "no news of files": (weaker(seccomp, "WATCHED", {}), "watches files"),
    "no marks on files: times": (weaker(seccomp, "MARKS", {}), "sets a time"),
    "no marks on files: locks": (weaker(seccomp, "LOCKS", ()), "locks a part of it"),
    "first run": (
        weaker(session.Session, "first_run", lambda self: True),
        test_a_notebook_that_runs_again_after_a_hidden_input_tells_nothing_new,
    ),
    "no leases": (weaker(seccomp, "LEASES", ()), "leases the worker"),
    "no kernel's back doors": (weaker(seccomp, "KERNEL", {}), "looks into another process"),
    "confine: memory": (weaker_worker("confine", "pass"), "takes them shared"),
    "confine: timers": (weaker_worker("confine", "pass"), "takes the kernel's by timers"),
    "confine: files": (weaker_worker("confine", "pass"), "stretches a file"),
    "threads, counted by the kernel and by us": (uncounted, "starts two hundred threads of little stack"),
    "threads, counted by us alone": (
        weaker(sandbox.Inmate, "crowded", lambda inmate: False),
        test_threads_are_counted_behind_whatever_started_them,
    ),
    "confine: descriptors": (weaker_worker("confine", "pass"), "opens thousands of files"),
    "silenced": (weaker_worker("*silenced", f"*{PRINTS}"), "writes to the descriptors"),
    "repeatable": (
        weaker_worker("repeatable", "pass"),
        test_a_notebook_without_a_seed_has_the_same_marks_each_time,
    ),
    "wide answers": (weaker(wire, "MOST_BYTES", 1 << 40), test_an_answer_takes_no_room_and_no_time),
    "long frames": (
        weaker(wire.Pipe.receive, "__defaults__", (np.inf, 1 << 40)),
        test_a_frame_that_says_it_is_endless_is_not_waited_for,
    ),
    "short words": (
        weaker(session, "SHORT", 1 << 40),
        test_who_is_marked_beside_a_flood_of_words_loses_nothing,
    ),
    "own words": (weaker(session.Session, "own_words", lambda self, text: text), "raises what it was asked"),
    "clean": (weaker(session, "clean", lambda text, length: str(text)), "commands of a terminal"),
    "escaping": (weaker(reports, "escaping", plain_pages), "a page's script"),
    "quoted": (weaker(marks, "quoted", lambda value: "" if value is None else str(value)), HOSTILE_NAMES),
    "slug": (weaker(grading, "slug", lambda student: student), test_no_name_of_a_student_names_a_file_elsewhere),
    "regular": (weaker(submissions, "regular", Path.read_bytes), test_links_devices_and_pipes_are_not_read),
}


@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_a_protection_a_test_fails(name, place, monkeypatch, request):
    weaken, test = PROTECTIONS[name]
    weaken(place, monkeypatch)
    known = {"place": place, "monkeypatch": monkeypatch, "student": "../../x", "count": 100, "kernel": ""}
    known["tmp_path"] = place.folder
    if callable(test) and "capsys" in test.__code__.co_varnames:
        known["capsys"] = request.getfixturevalue("capsys")
    with pytest.raises((AssertionError, pytest.fail.Exception, OSError, KeyError, wire.Silence)):  # noqa: PT012
        if callable(test):
            test(**{word: known[word] for word in test.__code__.co_varnames[: test.__code__.co_argcount]})
        else:
            holds(place, test)


def test_where_there_is_no_sandbox_the_grader_refuses_and_says_how_to_get_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "ann.ipynb").write_bytes(notebook(*GOOD))
    words = [
        "grade",
        "tests/coursework/hw0",
        str(tmp_path / "ann.ipynb"),
        "--key",
        str(tmp_path / "key"),
        "--out",
        str(tmp_path / "marks"),
    ]
    assert __main__.main(words) == 2
    said = capsys.readouterr().err
    assert "apt install bubblewrap" in said
    assert "apparmor" in said
    assert not (tmp_path / "marks").exists()
    assert __main__.main([*words, "--unsafe"]) == 0
    assert "UNSAFE" in capsys.readouterr().err


def test_a_worker_reads_what_can_be_read_of_a_notebook():
    cells, language = worker.read(notebook(SQUARE, language="R"))
    assert [cell["kind"] for cell in cells] == ["code", "markdown"]
    assert language == "R"
