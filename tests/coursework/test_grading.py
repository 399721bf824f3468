"""A class is marked: fairly, the same each time, however often it is interrupted, and nothing by hand is lost."""

from __future__ import annotations

import csv
import random
import re
import shutil
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path

import pytest
from notebooks import BUSIEST, CASH, GOOD, HW0, POLICY, SQUARE, WORDS, notebook
from places import KEY

from coursework import __main__, grading, marks, notebooks, reports, sandbox, worker
from coursework.assignment import load
from coursework.sandbox import Refused
from coursework.worker import fingerprints

CLASS = {
    "ann": notebook(*GOOD),
    "bob": notebook(SQUARE, "def cash(*a):\n    return [89.0]"),
    "cy": notebook("def square(x):\n    return 4.0 if x == 2 else 9.0"),
    "dot": notebook("def square(x):\n    return x * x if x < 5 else 0.0"),
    "eve": notebook(SQUARE, "import os; os._exit(1)", CASH, BUSIEST, POLICY),
    "flo": b"",
    "gus": notebook("raise NotImplementedError"),
}


@pytest.fixture
def words(wall, tmp_path):
    """A class to mark, and the words of the command that marks it."""
    (tmp_path / "handed in").mkdir()
    for student, raw in CLASS.items():
        (tmp_path / "handed in" / f"{student}.ipynb").write_bytes(raw)
    (tmp_path / "key").write_bytes(KEY)
    out = str(tmp_path / "marks")
    return [
        "grade",
        "tests/coursework/hw0",
        str(tmp_path / "handed in"),
        "--key",
        str(tmp_path / "key"),
        "--out",
        out,
    ]


def table(tmp_path: Path) -> dict[str, dict[str, str]]:
    with (tmp_path / "marks" / "marks.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def everything(tmp_path: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (tmp_path / "marks").rglob("*") if path.is_file()}


def test_each_earns_what_is_right_and_the_rest_still_counts(words, tmp_path):
    assert __main__.main(words) == 0
    rows = table(tmp_path)
    assert [float(row["total"]) for row in rows.values()] == [16, 6, 2, *[float(rows["dot"]["total"])], 16, 0, 0]
    assert 2 < float(rows["dot"]["q1"]) < 6  # the visible ones are below 5, and of the hidden ones a share
    assert rows["eve"]["status"] == "cells left out"
    assert rows["flo"]["status"] == "unreadable: an empty file"
    assert list(rows["ann"]) == [
        *(
            "student",
            "name",
            "q1",
            "q2",
            "q3",
            "q4",
            "q5 (by hand)",
            "days late",
            "late",
            "total",
            "out of",
            "status",
        ),
    ]
    assert (tmp_path / "marks/by_hand/ann.q5.txt").read_text() == WORDS + "\n"
    page = (tmp_path / "marks/students/bob.html").read_text()
    assert "The wrong length or shape: it gave [89.0]" in page
    assert "Read again: foundations/puzzle<" in page
    assert "Read again: Notation<" in (tmp_path / "marks/students/dot.html").read_text()


CHAIN = ("d = 2 * c", "c = b + 1", "b = a * 2", "a = 3", f"{SQUARE[:-5]}d - d + x * x")
TWICE = ("def square(x):\n    return helped(0.0)", "def helped(x):\n    return x", SQUARE)


def test_the_order_of_cells_is_from_the_top_and_what_lacked_a_name_is_run_again(wall):
    """Back and forth, while that helps; of two definitions the one further down stands, whichever ran last."""
    for cells, points in {
        GOOD[::-1]: 16,
        CHAIN: 6,
        (*CHAIN[1:], CHAIN[0]): 6,
        (CHAIN[3], CHAIN[4], *CHAIN[:3]): 6,
        TWICE: 6,
        (f"{TWICE[0]}\nlater", SQUARE, "later = 1"): 6,  # an old draft, which runs again behind the good one
        (SQUARE, "later = 1", TWICE[0], TWICE[1]): 0,
        ("most_traded = None\nmost_traded = day()", "def day():\n    return 'Monday'"): 2,
        ("n = 0", "n = later + 1", "y = n + later", f"{SQUARE} if y == 3 else 0.0", "later = 1"): 6,
        ("scale = 1\nlater", "scale = 0", f"{SQUARE} + scale", "later = 1"): 6,  # of names that help, too
        ("scale = 1\nlater", "scale = 0\ndel scale", f"{SQUARE} + ('scale' in globals())", "later = 1"): 6,
        ("most_traded = 'Monday'", "most_traded = day()", "most_traded = 'Monday'", "day = str"): 2,
        ("most_traded = day()", "if len(''):\n    most_traded = ''", "def day():\n    return 'Monday'"): 2,
    }.items():
        result = grading.Marker(HW0, KEY, wall).mark(notebook(*cells))
        assert sum(line["points"] for line in result["scores"]) == points, cells
        assert not result["errors"], cells


MAGICS = {
    "an install over lines": "!pip install a \\\n    b \\\n    'c'\n{}",
    "an install over lines, indented": "if True:\n    !pip install a \\\n b\n    x = 1\n{}",
    "a time over lines": "%timeit 1 + \\\n 2\n{}",
    "a time whose options stand alone": "%timeit -n 3 \\\n 2\n{}",
    "a time that stands alone": "%time\n{}",
    "files over lines": "files = !ls \\\n .\n{}",
    "a command in a cell that is captured": "%%capture\n!pip install a\n{}",
    "a remainder that stands at a line's start": "%matplotlib inline\nx = (100\n    % 7)\n{}\n!ls (\n",
    "a text that reads like one": "%matplotlib inline\n{}\ntext = '''\n%d\n'''\nassert '%' in text",
    "quotation marks that close elsewhere": '!echo """\n{}\n!echo \'',
    "a shell": "%%bash\nrm \\\n  -rf /",
}


@pytest.mark.parametrize("name", MAGICS)
def test_what_is_not_python_is_left_out_and_the_rest_counts(name):
    """Also where it goes on over lines; what only reads like it stays, and an error's line is its own."""
    code = MAGICS[name].format(SQUARE) + "\n1 / 0"
    session = worker.Notebook(["square"])
    error = session.run(0, code)
    if name == "a shell":
        assert error is None
    else:
        assert error[0] == "ZeroDivisionError"
        assert error[2] == code.count("\n") + 1
        assert session.space["square"](3) == 9


def test_in_a_pipe_it_says_how_far_it_is_in_lines(monkeypatch, capsys):
    assert grading.together(abs, [-1, 2, -3], 1, "hw0") == [1, 2, 3]
    assert capsys.readouterr().err == "hw0: 3 of 3\n"
    monkeypatch.setattr(grading, "EVERY", 0.0)
    grading.together(abs, [-1, 2], 1, "hw0")
    assert capsys.readouterr().err == "hw0: 1 of 2\nhw0: 2 of 2\n"


def test_a_second_run_changes_no_byte_and_runs_nothing(words, tmp_path, monkeypatch):
    __main__.main(words)
    before = everything(tmp_path)
    monkeypatch.setattr("coursework.grading.Session", None)  # nobody is run
    assert __main__.main(words) == 0
    assert everything(tmp_path) == before


def test_two_graders_write_the_same_bytes(words, tmp_path):
    __main__.main(words)
    first = {path.partition("marks")[2]: data for path, data in everything(tmp_path).items()}
    (tmp_path / "marks").rename(tmp_path / "gone")
    __main__.main([*words, "--jobs", "1"])
    assert {path.partition("marks")[2]: data for path, data in everything(tmp_path).items()} == first


def test_only_what_has_changed_is_run_again(words, tmp_path, monkeypatch):
    from coursework.grading import Session as Real

    __main__.main(words)
    ran = []

    class Watched(Real):
        def run(self):
            ran.append(self.raw)
            return super().run()

    monkeypatch.setattr("coursework.grading.Session", Watched)
    better = notebook(*GOOD, "x = 1")
    (tmp_path / "handed in" / "cy.ipynb").write_bytes(better)
    __main__.main(words)
    assert set(ran) == {better}
    assert table(tmp_path)["cy"]["total"] == "16"
    ran.clear()
    __main__.main([*words, "--student", "bob"])
    assert set(ran) == {CLASS["bob"]}
    ran.clear()
    (tmp_path / "key").write_bytes(b"another key of the class")
    __main__.main(words)
    assert {raw for raw in ran if b"## q1" not in raw} == {better, *CLASS.values()} - {b"", CLASS["cy"]}


def test_what_lies_beside_an_assignment_changes_no_result(words, tmp_path, monkeypatch):
    """Its marks, what was handed in, a key; but its checks, its data and the library that they use do."""
    hw0 = tmp_path / "hw0"
    shutil.copytree("tests/coursework/hw0", hw0)
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "__init__.py").write_text("x = 1\n")
    monkeypatch.setattr(grading, "libraries", lambda names: {name: tmp_path / "library" for name in names})

    def digest():
        return grading.Marker(load(hw0), KEY, "none").digest(b"")

    first = digest()
    for place in (
        "marks/hw0/kept.json",
        "submissions/ann.ipynb",
        "class.key",
        "trial/marks.csv",
        "__pycache__/x.pyc",
    ):
        (hw0 / place).parent.mkdir(parents=True, exist_ok=True)
        (hw0 / place).write_text("x")
    (tmp_path / "library" / "__init__.py").write_text("x = 2\n")
    assert digest() == first
    seen = {first}
    for place, text in {
        "data/trades.csv": "other",
        "data/more/x.csv": "other",
        "notebook.md": (hw0 / "notebook.md").read_text() + "\n",
        "checks.py": "from hedgelab import cases\n" + (hw0 / "checks.py").read_text(),
        "../library/__init__.py": "x = 3\n",
        "more.py": "",
    }.items():
        (hw0 / place).parent.mkdir(exist_ok=True)
        (hw0 / place).write_text(text)
        seen.add(digest())
    assert len(seen) == 7


def test_killed_at_any_moment_it_goes_on_to_the_same_marks(words, tmp_path):
    __main__.main(words)
    whole = everything(tmp_path)
    (tmp_path / "marks").rename(tmp_path / "whole")
    moments = random.Random(1)
    for _ in range(6):
        with subprocess.Popen([sys.executable, "-m", "coursework", *words], stderr=subprocess.DEVNULL) as grader:
            time.sleep(moments.uniform(0.2, 1.2))
            grader.kill()
    assert __main__.main(words) == 0
    left = {path: data for path, data in everything(tmp_path).items() if not path.endswith(".new")}
    assert left == whole


def test_marks_by_hand_count_and_survive_whatever_comes(words, tmp_path):
    __main__.main(words)
    hand = tmp_path / "marks" / "by_hand.csv"
    lines = hand.read_text().splitlines()
    assert lines[0] == "student,q5,comment,changed"
    hand.write_text(
        "\ufeff" + "\n".join(lines).replace("ann,,,", "ann,2.5,Well said,").replace(",", ";"), encoding="utf-8"
    )
    (tmp_path / "handed in" / "new.ipynb").write_bytes(notebook(SQUARE))
    (tmp_path / "handed in" / "ann.ipynb").write_bytes(notebook(SQUARE))
    (tmp_path / "handed in" / "gus.ipynb").unlink()
    assert __main__.main(words) == 0
    rows = table(tmp_path)
    assert (rows["ann"]["q5 (by hand)"], rows["ann"]["total"], rows["bob"]["q5 (by hand)"]) == ("2.5", "8.5", "")
    assert hand.read_text().splitlines() == [lines[0], "ann,2.5,Well said,", *lines[2:], "new,,,"]
    assert "Well said" in (tmp_path / "marks/students/ann.html").read_text()


def test_points_by_hand_that_cannot_be_are_told_before_anybody_is_run(words, tmp_path, capsys):
    (tmp_path / "marks").mkdir()
    (tmp_path / "marks" / "by_hand.csv").write_text("student,q5,comment\nann,4,\n")
    assert __main__.main(words) == 2
    assert "q5 of ann is from 0 to 3 points, got '4'" in capsys.readouterr().err
    assert not (tmp_path / "marks" / "results").exists()


def test_lateness_costs_what_the_rule_says(words, tmp_path):
    times = tmp_path / "times.csv"
    times.write_text("student,submitted\nann,2027-03-01T23:59\nbob,2027-03-02T00:00\neve,2027-03-09T12:00\n")
    rule = ["--late", "10% a day, at most 50%", "--due", "2027-03-01T23:59", "--times", str(times)]
    assert __main__.main([*words, *rule]) == 0
    rows = table(tmp_path)
    assert [(rows[s]["late"], rows[s]["total"]) for s in ("ann", "bob", "eve", "cy")] == [
        *(("0", "16"), ("-0.6", "5.4"), ("-8", "8"), ("0", "2")),
    ]
    assert "8 days late: 8 points off" in (tmp_path / "marks/students/eve.html").read_text()


def test_who_is_said_to_be_in_time_loses_nothing(words, tmp_path, capsys):
    """Canvas's mark counts of who is not in the table, and that is said."""
    for name in ("ann_LATE_1_10", "bob_LATE_2_11", "cy_3_12"):
        (tmp_path / "canvas").mkdir(exist_ok=True)
        (tmp_path / "canvas" / f"{name}_hw0.ipynb").write_bytes(notebook(SQUARE))
    times = tmp_path / "times.csv"
    times.write_text("student,submitted\n1,2027-03-01 12:00\n")
    words[2] = str(tmp_path / "canvas")
    assert __main__.main([*words, "--late", "10% a day", "--due", "2027-03-01T23:59", "--times", str(times)]) == 0
    assert {who: row["late"] for who, row in table(tmp_path).items()} == {"1": "0", "2": "-0.6", "3": "0"}
    told = capsys.readouterr().err
    assert f"not in {times}, so in time: 3\n" in told
    assert f"not in {times}, so a day late, as Canvas says: 2\n" in told
    for due in ("2027-03-01", "20270301"):
        assert __main__.main([*words, "--due", due, "--times", str(times)]) == 2
        assert f"--due: a time is written 2027-03-01T23:59, got '{due}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rule", "days", "lost"), [("10% a day", 3, 0.3), ("2.5 % a day, at most 5%", 9, 0.05), ("40% a day", 9, 1.0)]
)
def test_a_rule_for_lateness_is_read(rule, days, lost):
    assert marks.share_lost(rule, days) == pytest.approx(lost)


@pytest.mark.parametrize("rule", ["10", "10 points", "a tenth", "-1% a day"])
def test_a_rule_that_is_none_is_refused(rule):
    with pytest.raises(Refused, match="a rule for lateness reads"):
        marks.share_lost(rule, 1)


def test_what_is_amiss_is_said_before_anything_is_run(words, tmp_path, capsys):
    for change, said in {
        ("--key", str(tmp_path / "none")): "python -m coursework key",
        ("--late", "much"): "a rule for lateness reads",
        ("--due", "2027-03-01"): "--due and --times go together",
        ("--student", "zoe"): "no submission of zoe",
    }.items():
        assert __main__.main([*words, *change]) == 2
        assert said in capsys.readouterr().err
    assert __main__.main(["grade", "hw999", *words[2:]]) == 2
    assert "hw999" in capsys.readouterr().err


def test_a_key_is_made_once(tmp_path, capsys):
    assert __main__.main(["key", str(tmp_path / "key")]) == 0
    made = (tmp_path / "key").read_text()
    assert len(made) == 65
    assert (tmp_path / "key").stat().st_mode & 0o77 == 0
    assert __main__.main(["key", str(tmp_path / "key")]) == 2
    assert "there already" in capsys.readouterr().err
    assert (tmp_path / "key").read_text() == made


def test_a_key_is_the_same_however_its_line_ends(tmp_path):
    for end in (b"\n", b"\r\n", b"", b"\n\n"):
        (tmp_path / "key").write_bytes(b"the key of a class" + end)
        assert sandbox.key(tmp_path / "key") == b"the key of a class\n"


def test_those_who_handed_in_the_same_are_shown_side_by_side(words, tmp_path):
    long = "\n".join(
        f"def f{n}(a, b):\n    return [a * {n} + b for a in range(b) if a % {n} == {n}]{' + [a]' * n}"
        for n in range(9)
    )
    other = long.replace("a *", "q *").replace("for a in", "for q in").replace("def f", "def g") + "\n# mine"
    for student, code in {
        "liz": long,
        "max": other,
        "ned": long.replace("+", "-").replace("[", "(").replace("]", ")"),
    }.items():
        (tmp_path / "handed in" / f"{student}.ipynb").write_bytes(notebook(code))
    __main__.main(words)
    page = (tmp_path / "marks" / "class.html").read_text()
    assert "liz and max" in page
    assert "and ned" not in page
    assert "cell 2 ended its process" in page


def handed_in(assignment, longest: int) -> list[str]:
    """The code of a notebook with those model solutions that are no longer than so many lines."""
    text = (assignment.folder / "notebook.md").read_text("utf8")

    def left(found):
        short = found[0].count("\n") - found[0].count("# STUDENT") <= longest + 1
        return found[0] if short else found["instead"] or notebooks.UNFINISHED

    return reports.CODE.findall(notebooks.SOLUTION.sub(left, text))


@pytest.mark.parametrize("ring", [2, 4, 6])
@pytest.mark.parametrize("name", ["hw2", "hw5"])
def test_copiers_are_seen_in_a_small_class_and_nobody_who_wrote_what_anybody_would(name, ring):
    """Four may be a third of a class: of the model solution, with other names; others did the short questions."""
    assignment = load(name)
    starter, short, model = (handed_in(assignment, longest) for longest in (0, 2, 99))
    copied = [
        [re.sub(r"\b(value|held|low|day|rents|won)\b", rf"\1_{n}", code) for code in model] for n in range(ring)
    ]
    others = [starter, starter, short, short, short, short, [], []]
    alone = [
        [f"def f{n}(a):\n" + "    a = [a] + a[a:]\n" * n + "    return a(a)\n" * 9] for n in range(4 - ring // 2)
    ]
    marked = [
        marks.Mark({"student": f"{n}", "prints": fingerprints(codes)}, {}, marks.ByHand({}), 0, 0)
        for n, codes in enumerate([*copied, *others, *alone])
    ]
    pairs = {one[:2] for one in reports.alike(assignment, marked)}
    assert pairs == set(combinations(map(str, range(ring)), 2))


def test_what_most_or_many_who_are_unlike_wrote_is_nobody_s():
    """In a class of thirty sixteen, or ten beside three who have nothing else; but not four in a class of five."""
    part = "def f(a):\n" + "".join(f"    a = a{'[a]' * n} + {'(' * n}a{')' * n}\n" for n in range(1, 9))
    own = [f"b = {'+'.join(['b' + '[b]' * n + '(b)' * k for k in range(9)])}\n" * 3 for n in range(1, 31)]

    def alike(*codes):
        made = [{"student": f"{n:02}", "prints": fingerprints([code])} for n, code in enumerate(codes)]
        return reports.alike(HW0, [marks.Mark(one, {}, marks.ByHand({}), 0, 0) for one in made])

    assert len(alike(*[part] * 10, *own[:20])) == 45
    assert len(alike(*[part] * 4, own[0])) == 6
    assert not alike(*[part] * 16, *own[:14])
    assert not alike(*[part] * 3, *[part + code for code in own[:10]], *own[10:27])


def test_where_the_wall_fails_nobody_is_given_nothing(words, tmp_path, monkeypatch, capsys):
    assert __main__.main(words) == 0
    monkeypatch.setattr("coursework.sandbox.little_room", lambda: ["--no-such-word"])
    monkeypatch.setattr("coursework.grading.tried", lambda *words: "it was")
    monkeypatch.setattr("coursework.sandbox.best", lambda: "bubblewrap")
    assert __main__.main([*words, "--student", "ann", "--student", "bob"]) == 1
    assert "Not marked, through no fault of theirs (see marks.csv; run again): ann, bob" in capsys.readouterr().err
    assert "cy,,," in (tmp_path / "marks/by_hand.csv").read_text()
    monkeypatch.undo()
    assert __main__.main(words) == 0
    assert table(tmp_path)["ann"]["total"] == "16"


@pytest.mark.parametrize(
    "table",
    [
        "Student,q5,comment\nann,4,\n",
        "student ,q5,comment\nann,4,\n",
        "student,Q5,comment\nann,4,\n",
        "student\tq5\tcomment\nann\t4\t\n",
        "student,q5,comment,mine\nann,4,,x\n",
        "student,q5,q5,comment\nann,1,2,\n",
        "student,q5,comment\nann,4,\nann,3,\n",
        'student,q5,comment\nann,4,"so\nbob,3,\n',
        "student,q5,comment\nann,4,,5\n",
    ],
)
def test_marks_by_hand_that_are_not_understood_are_not_written_over(table, words, tmp_path, capsys):
    (tmp_path / "marks").mkdir()
    hand = tmp_path / "marks" / "by_hand.csv"
    hand.write_text(table)
    assert __main__.main(words) == 2
    assert "by_hand.csv" in capsys.readouterr().err
    assert hand.read_text() == table


@pytest.mark.parametrize("key", ["", " \n", "short"])
def test_a_key_that_can_be_guessed_is_none(key, words, tmp_path, capsys):
    (tmp_path / "key").write_text(key)
    assert __main__.main(words) == 2
    assert "a key has 16 letters or more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("", "lacks the column student: it is empty"),
        ("student,submitted\n", "has no row"),
        ("ann,2027-03-01T12:00\n", "lacks the column student, it has ann"),
        (
            "student,submitted\nann,2027-03-01T12:00\nann,2027-03-02T12:00\n",
            "ann: a row for each student, and one",
        ),
        ("student,submitted\nann,yesterday\n", "ann: a time is written 2027-03-01T23:59, got 'yesterday'"),
        ("student,submitted\nann,2027-03-01\n", "ann: a time is written 2027-03-01T23:59, got '2027-03-01'"),
        ("student,submitted\nann,2027-W09-1\n", "ann: a time is written 2027-03-01T23:59, got '2027-W09-1'"),
        ("student,submitted\nann,\n", "ann: a time is written 2027-03-01T23:59, got ''"),
        ("student,submitted\nann,2027-03-01T12:00+01:00\n", "ann: --due and every time have a time zone"),
        ("student,submitted\nAnn,2027-03-01T12:00\n", "Ann has handed nothing in.  Is it ann?"),
        ("student,submitted\n\xff,2027-03-01T12:00\n", "is no table in UTF-8"),
    ],
)
def test_times_that_say_nothing_are_refused(times, said, words, tmp_path, capsys):
    (tmp_path / "times.csv").write_bytes(times.encode("latin-1"))
    late = ["--late", "10% a day", "--due", "2027-03-01T23:59", "--times", str(tmp_path / "times.csv")]
    assert __main__.main([*words, *late]) == 2
    told = capsys.readouterr().err
    assert str(tmp_path / "times.csv") in told
    assert said in told
    assert not (tmp_path / "marks").exists()
