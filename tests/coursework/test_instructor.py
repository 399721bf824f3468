"""What an instructor does wrong, or twice, is said at once; no wrong number reaches a gradebook in silence."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from notebooks import GOOD, HW0, SQUARE, cell, notebook
from places import KEY

from coursework import __main__, check, grading, marks, notebooks, sandbox, session, worker

HEADING = cell("## q5. In words (3 points)", "markdown")
PLACEHOLDER = cell("*Your answer here.*", "markdown", question="q5")


def own(*cells) -> bytes:
    """A notebook whose last cells are these, without another answer in words."""
    whole = json.loads(notebook(*GOOD, *cells))
    return json.dumps({**whole, "cells": whole["cells"][:-1]}).encode()


def silent() -> bytes:
    return notebook(*GOOD).replace(b"A gap, and the seller bears it.", b"*Your answer here.*")


class Class:
    """A class on disk, and the commands."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.marks, self.hand = folder, folder / "marks", folder / "marks" / "by_hand.csv"
        (folder / "in").mkdir()
        (folder / "key").write_bytes(KEY)
        shutil.copytree("tests/coursework/hw0", folder / "hw0")

    def hands_in(self, **files: bytes) -> None:
        for name, raw in files.items():
            (self.folder / "in" / f"{name}.ipynb").write_bytes(raw)

    def grade(self, *words: str, assignment: str = "hw0", where: str = "in") -> int:
        out = () if "--out" in words else ("--out", str(self.marks))
        one = [str(self.folder / assignment), str(self.folder / where), "--key", str(self.folder / "key")]
        return __main__.main(["grade", *one, *out, *words])

    def fill(self, *words: str) -> int:
        return __main__.main(["fill", str(self.marks), *words])

    def gives(self, student: str, points: str, comment: str = "") -> None:
        text = self.hand.read_text()
        self.hand.write_text(
            re.sub(rf"^{student},.*$", f"{student},{points},{comment},", text, flags=re.MULTILINE)
        )

    def rows(self, name: str = "marks.csv") -> dict[str, dict[str, str]]:
        with (self.marks / name).open(newline="") as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    def another(self, name: str, old: str, new: str) -> None:
        """Another assignment, or the same with a mistake."""
        there = self.folder / name
        if not there.exists():
            shutil.copytree(self.folder / "hw0", there)
        text = (there / "checks.py").read_text().replace('"hw0"', f'"{name}"')
        assert old in text
        (there / "checks.py").write_text(text.replace(old, new))


@pytest.fixture
def school(wall, tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "best", lambda: wall)
    return Class(tmp_path)


def test_of_two_answers_the_one_that_is_missing_is_named_and_a_reader_s_comment_stays():
    def reviewed(own, before, **written):
        return marks.reviewed({"status": "ok", "written": written}, own, before)

    nothing = marks.ByHand({"q5": None, "q7": None})
    own, before = reviewed(nothing, {}, q5="A gap.", q7="")
    assert own == marks.ByHand({"q5": None, "q7": 0.0}, "no answer to q7", "")
    own, before = reviewed(own, before, q5="A gap.", q7="")
    assert own == marks.ByHand({"q5": None, "q7": 0.0}, "no answer to q7", "")
    there, _ = reviewed(own, before, q5="A gap.", q7="Theirs.")
    assert there == marks.ByHand({"q5": None, "q7": None}, "", "")
    said = marks.ByHand({"q5": 1.0, "q7": 0.0}, "no answer to q7, but a good one to q5", "")
    kept, _ = reviewed(said, before, q5="A gap.", q7="Theirs.")
    assert kept.comment == said.comment
    assert kept.changed == "q7: the answer has changed since it was marked"


def export(school: Class, *students: str, column: str = "hw0 (7)") -> Path:
    path = school.folder / "canvas.csv"
    rows = "".join(f"{student},{student},{student},\r\n" for student in students)
    path.write_text(f"Student,ID,SIS Login ID,{column}\r\n    Points Possible,,,19\r\n{rows}", newline="")
    return path


def test_a_folder_belongs_to_the_assignment_that_wrote_it(school, capsys, monkeypatch):
    school.hands_in(ann=notebook(*GOOD))
    assert school.grade() == 0
    school.gives("ann", "3")
    school.another("hw12", "Small change", "Other change")
    before = {path: path.read_bytes() for path in school.marks.rglob("*") if path.is_file()}
    assert school.grade(assignment="hw12") == 2
    said = capsys.readouterr().err
    assert "has the marks of hw0: Small change" in said
    assert "--out" in said
    assert {path: path.read_bytes() for path in school.marks.rglob("*") if path.is_file()} == before
    (school.folder / "section B").mkdir()
    (school.folder / "section B" / "zed.ipynb").write_bytes(notebook(*GOOD))
    assert school.grade(where="section B") == 2
    assert "has the marks of other students, such as ann" in capsys.readouterr().err
    (school.marks / "kept.json").unlink()  # by an older version
    assert school.grade(assignment="hw12") == 2
    monkeypatch.chdir(school.folder)
    words = ["in", "--key", "key"]
    assert __main__.main(["grade", "hw0", *words]) == __main__.main(["grade", "hw12", *words]) == 0
    assert (school.folder / "marks/hw12/marks.csv").is_file()
    assert (school.folder / "marks/hw0/marks.csv").is_file()


def test_who_has_handed_in_nothing_any_more_has_no_page(school, capsys):
    school.hands_in(ann=notebook(*GOOD), bob=notebook(*GOOD))
    assert school.grade() == 0
    school.gives("bob", "2")
    (school.folder / "in" / "bob.ipynb").unlink()
    school.hands_in(ann=silent())
    (school.marks / "by_hand" / "notes.txt").write_text("mine")
    assert school.grade() == 0
    assert [path.name for path in (school.marks / "students").iterdir()] == ["ann.html"]
    assert [path.name for path in (school.marks / "by_hand").iterdir()] == ["notes.txt"]
    assert school.rows("by_hand.csv")["bob"] == {
        **{"student": "bob", "q5": "2", "comment": "", "changed": "nothing is handed in any more"},
    }
    assert "marked by hand, and nothing is handed in any more: bob" in capsys.readouterr().err


def test_totals_without_all_marks_reach_no_gradebook_in_silence(school, capsys):
    school.hands_in(ann=notebook(*GOOD), bob=notebook(*GOOD), cy=silent())
    assert school.grade() == 0
    assert "3 marked, 0 to look at, 2 with answers to mark" in capsys.readouterr().out
    canvas = export(school, "ann", "bob", "cy")
    assert school.fill("--canvas", str(canvas)) == 2
    assert "2 have answers that are not marked yet: ann, bob." in capsys.readouterr().err
    assert not canvas.with_name("canvas.filled.csv").exists()
    school.gives("ann", "3")
    assert school.fill("--canvas", str(canvas), "--unmarked-as-zero") == 2
    assert "by_hand.csv has changed since marks.csv was written: q5 of ann" in capsys.readouterr().err
    assert school.grade() == 0
    assert school.fill("--canvas", str(canvas), "--unmarked-as-zero") == 0
    assert "which count 0: bob" in capsys.readouterr().err
    filled = canvas.with_name("canvas.filled.csv").read_text()
    assert "ann,ann,ann,19\nbob,bob,bob,16\ncy,cy,cy,16" in filled
    school.gives("bob", "1.5")
    assert school.grade() == 0
    assert school.fill("--canvas", str(canvas)) == 0


ANSWERS = {
    "in a cell below": ([HEADING, PLACEHOLDER, cell("A gap.", "markdown")], "A gap."),
    "below, as a raw cell": ([HEADING, PLACEHOLDER, cell("A gap.", "raw")], "A gap."),
    "below, as code": ([HEADING, PLACEHOLDER, cell("# A gap.")], "# A gap."),
    "above the placeholder": ([HEADING, cell("A gap.", "markdown"), PLACEHOLDER], "A gap."),
    "on its line": ([HEADING, cell("*Your answer here.* A gap.", "markdown", question="q5")], "A gap."),
    "under the heading": ([cell("## q5. In words (3 points)\n\nA gap.", "markdown"), PLACEHOLDER], "A gap."),
    "in the middle of a cell": ([cell("Before.\n\n## q5. In words\nA gap.", "markdown")], "A gap."),
    "under a heading of one's own": ([HEADING, cell("### Mine\nA gap.", "markdown")], "### Mine\nA gap."),
    "under a heading of one's own that names another question":
        ([HEADING, cell("### Q1 said it already\nA gap.", "markdown")], "### Q1 said it already\nA gap."),
    "before another question": ([HEADING, cell("A gap.\n\n## q6. More\nNo.", "markdown")], "A gap."),
    "without its mark": ([HEADING, cell("A gap.", "markdown")], "A gap."),
    "without its heading": ([cell("A gap.", "markdown", question="q5")], "A gap."),
    "marked as another's": ([HEADING, cell("A gap.", "markdown", question="q3")], "A gap."),
    "in two cells": ([HEADING, *[cell(text, "markdown", question="q5") for text in ("A gap.", "Hers.")]],
                     "A gap.\n\nHers."),
    "nowhere: the placeholder": ([HEADING, PLACEHOLDER], ""),
    "nowhere: emptied": ([HEADING, cell("", "markdown", question="q5")], ""),
    "nowhere: another dress": ([HEADING, cell("__your answer here__", "markdown")], ""),
    "nowhere: three dots": ([HEADING, cell("...", "markdown")], ""),
    "nowhere: a check": ([HEADING, cell('check("q5")', tags=["check"])], ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_what_a_student_wrote_wherever_that_stands(name):
    cells, want = ANSWERS[name]
    found = worker.answers(worker.read(own(*cells))[0], ["q5"], notebooks.given(HW0))["q5"]
    assert found == want


def test_the_question_is_no_answer_and_an_answer_behind_it_is_one():
    hw2 = grading.notebooks.load("hw2")
    given = notebooks.given(hw2)
    cells = [dict(kind="code" if one.cell_type == "code" else "markdown", source=one.source,
                  question=one.metadata.get("question", "")) for one in notebooks.starter(hw2).cells]  # fmt: skip
    assert worker.answers(cells, ["q7"], given) == {"q7": ""}
    assert worker.answers(cells[:-1], ["q7"], given) == {"q7": ""}
    cells[-2]["source"] += " To her: no."
    assert worker.answers(cells, ["q7"], given) == {"q7": "To her: no."}


def test_a_mark_by_hand_says_when_its_answer_has_changed(school, capsys):
    school.hands_in(ann=notebook(*GOOD), bob=notebook(*GOOD))
    school.grade()
    school.gives("ann", "2.5", "Good")
    school.gives("bob", "1")
    school.grade()
    assert school.rows()["ann"]["status"] == "ok"
    school.hands_in(ann=notebook(*GOOD).replace(b"A gap", b"A hole"), bob=silent())
    capsys.readouterr()
    for _ in range(2):
        assert school.grade() == 0
        row = school.rows("by_hand.csv")["ann"]
        assert (row["q5"], row["changed"]) == ("2.5", "q5: the answer has changed since it was marked")
        assert "the answer has changed since it was marked: ann, bob" in capsys.readouterr().err
    assert "the answer has changed since it was marked" in (school.marks / "class.html").read_text()
    assert not (school.marks / "by_hand" / "bob.q5.txt").exists()
    assert school.fill("--canvas", str(export(school, "ann", "bob"))) == 0
    assert "changed since they were marked: ann, bob" in capsys.readouterr().err
    school.gives("ann", "2.5", "Still good")  # and with it the words in the last column
    school.gives("bob", "0")
    school.grade()
    assert [row["changed"] for row in school.rows("by_hand.csv").values()] == ["", ""]
    school.hands_in(ann=notebook(*GOOD))
    school.grade()
    assert school.rows("by_hand.csv")["ann"]["changed"]


def test_what_is_written_in_words_is_not_damaged(school):
    """By students or by whoever marks: spaces of any kind, several lines, three thousand letters."""
    said = (
        "Très bien\u00a0! Et\u202fla\tsuite\u2009? \u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f52c;=1; -2 'so'"
    )
    plain = re.sub("[\u00a0\u202f\t\u2009]", " ", said)
    school.hands_in(
        ann=notebook(*GOOD).replace(b"A gap, and the seller bears it.", json.dumps(said)[1:-1].encode())
    )
    school.grade()
    assert (school.marks / "by_hand" / "ann.q5.txt").read_text() == plain + "\n"
    school.hand.write_text(f'student,q5,comment\nann,3,"{said}\r\n{"word " * 600}end"\n', newline="")
    for _ in range(3):
        assert school.grade() == 0
        row = school.rows("by_hand.csv")["ann"]
        assert marks.unquoted(row["comment"]) == f"{plain} {'word ' * 600}end"
        assert ";'=1; '-2 'so'" in row["comment"]
    page = (school.marks / "students" / "ann.html").read_text()
    assert "bien ! Et la suite ?" in page
    assert "end" in page


@pytest.mark.parametrize("text", ["=1", "'=1", "a;=1", "a; '@x;;+1", ";'", "'a;'b", "-", "it's;'-'", "a\nb;\t=c"])
def test_no_cell_of_a_table_begins_a_formula_and_each_reads_as_it_was(text):
    written = marks.quoted(text)
    assert not re.search(r"(?:^|[;\t\n]) *[=+@-]", written)
    assert marks.unquoted(written) == re.sub(r"\s", " ", text)


def test_points_that_were_given_at_the_time_of_a_new_answer_are_of_the_old_one(school):
    school.hands_in(ann=notebook(*GOOD))
    school.grade()
    school.gives("ann", "3")
    school.hands_in(ann=notebook(*GOOD).replace(b"A gap", b"A hole"))
    school.grade()
    assert school.rows("by_hand.csv")["ann"]["changed"]


def test_no_answer_is_prefilled_until_there_is_one(school):
    school.hands_in(ann=silent(), bob=b"")
    school.grade()
    for _ in range(2):
        for row in school.rows("by_hand.csv").values():
            assert (row["q5"], row["comment"], row["changed"]) == ("0", "no answer", "")
        school.grade()
    assert not list((school.marks / "by_hand").iterdir())
    school.hands_in(ann=notebook(*GOOD), bob=notebook(*GOOD))
    school.grade()
    for row in school.rows("by_hand.csv").values():
        assert (row["q5"], row["comment"], row["changed"]) == ("", "", "")
    page = (school.marks / "students" / "ann.html").read_text()
    assert "16 of 16 so far, 3 to be marked" in page


@pytest.mark.parametrize(("wrong", "right"), [("12", "0012"), ("anne", "annie"), ("ANN", "ann"), ("7.0", "7")])
def test_marks_for_an_id_that_does_not_exist_are_refused(wrong, right, school, capsys):
    school.hands_in(**{right: notebook(*GOOD)})
    school.grade()
    school.hand.write_text(f"student,q5,comment\n{wrong},3,\n")
    assert school.grade() == 2
    assert f"by_hand.csv: {wrong} has handed nothing in.  Is it {right}?" in capsys.readouterr().err
    school.hand.write_text(f"student,q5,comment\n{right},3,\nnobody,3,\n")
    assert school.grade() == 2
    assert "of nobody nothing was ever handed in" in capsys.readouterr().err


def test_lateness_is_said_without_a_rule_and_who_is_not_in_the_table(school, capsys):
    school.hands_in(ann=notebook(*GOOD), bob=notebook(*GOOD))
    (school.folder / "times.csv").write_text("student,submitted\nann,2027-03-04T00:00\nzoe,2027-03-01T00:00\n")
    assert school.grade("--due", "2027-03-01T23:59", "--times", str(school.folder / "times.csv")) == 0
    told = capsys.readouterr().err
    assert "nothing handed in by zoe" in told
    assert "so in time: bob" in told
    assert "3 days late." in (school.marks / "students" / "ann.html").read_text()
    assert "<h2>Late</h2>" in (school.marks / "class.html").read_text()
    assert [(row["days late"], row["late"], row["total"]) for row in school.rows().values()] == [
        *(("3", "0", "16"), ("0", "0", "16")),
    ]


@pytest.mark.parametrize("name", [" ann ", "=ann", "-ann", "'ann", "\u200fann"])
def test_a_student_is_the_same_in_every_table_however_the_name_begins(name, school):
    """With spaces around it, a sign that would make it a spreadsheet's formula, or a mark that nobody sees."""
    school.hands_in(**{name: notebook(*GOOD)})
    assert school.grade() == 0
    (student,) = school.rows()
    assert student == marks.quoted(name.strip().replace("\u200f", "?"))
    for said in (student, name):  # as our table has it, and as the learning system does
        school.hand.write_text(f"student,q5,comment\n {said},2,\n", encoding="utf-8")
        times = school.folder / "times.csv"
        times.write_text(f"student,submitted\n{said} ,2027-03-02T12:00\n", encoding="utf-8")
        assert school.grade("--due", "2027-03-01T23:59", "--times", str(times)) == 0
        row = school.rows()[student]
        assert (row["q5 (by hand)"], row["days late"]) == ("2", "1")


def test_marks_do_not_lie_among_what_was_handed_in(school, capsys):
    """Where students have folders they would be one of them at the next run."""
    school.hands_in(ann=notebook(*GOOD))
    for out in (school.folder / "in" / "marks", school.folder / "in"):
        assert school.grade("--out", str(out)) == 2
        assert (
            f"{out} lies in {school.folder / 'in'}, and would be taken for a student's" in capsys.readouterr().err
        )
    assert [path.name for path in (school.folder / "in").iterdir()] == ["ann.ipynb"]


MISTAKES = {
    "another sign": (
        "lambda x: x * x, 2",
        "lambda x: -x * x, 2",
        "q1, two squares (square): the model solution earns 0, not 2: the wrong value: it gave",
    ),
    "hidden": (
        "lambda x: x * x, 4",
        "lambda x: x * x * x, 4",
        "q1, other squares (square): the model solution earns 0, not 4",
    ),
    "a name": (
        'Check("most_traded"',
        'Check("most_trade"',
        "(most_trade): the model solution earns 0, not 2: most_trade is not defined",
    ),
    "a judge": ("told = generator", "told = generato", "line 24: NameError: name 'generato' is not defined"),
    "a call": (
        "start - np.cumsum",
        "start - np.cumsumm",
        "line 10: AttributeError: module 'numpy' has no attribute 'cumsumm' (q2, one round trip)",
    ),
    "grammar": ("def days(generator):", "def days(generator)", "checks.py, line 13: SyntaxError: expected ':'"),
    "an import": (
        "import numpy as np",
        "import numpie as np",
        "line 3: ModuleNotFoundError: No module named 'numpie'",
    ),
    "an argument": (
        "minutes=(5, 10),",
        "",
        "TypeError: Assignment.__init__() missing 1 required positional argument: 'minutes'",
    ),
    "no call": ("size=4)", "size=0)", "ValueError: no call is drawn (q1, other squares)"),
    "no tuple": ("[(2.0,), (-3.0,)]", "[2.0]", "checks.py: TypeError:"),
    "a question twice": ('Question("q2"', 'Question("q1"', "questions are called q1, q2 and so on, each once"),
    "a question that is not asked": (
        'Question("q5", "In words"',
        'Question("q6", "In words"',
        "notebook.md asks q5, which checks.py lacks",
    ),
    "nothing to do": (
        "lambda x: x * x, 2",
        "lambda x: x * x, 0",
        "q1 needs a check or a rubric, and each more than 0 points",
    ),
    "passed by all": (
        'Check("most_traded", None, lambda: "Monday"',
        'Check("csv_", None, lambda: None',
        "csv_ is not defined",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("command", ["grade", "assignments"])
def test_a_mistake_in_an_assignment_is_told_before_it_is_the_class_s(name, command, school, capsys):
    old, new, said = MISTAKES[name]
    school.another("hw0", old, new)
    school.hands_in(ann=notebook(*GOOD))
    into = ["assignments", str(school.folder / "hw0"), "--into", str(school.folder / "made")]
    assert (school.grade() if command == "grade" else __main__.main(into)) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not school.marks.exists()
    assert not (school.folder / "made" / "hw0").exists()


def test_what_the_handed_out_notebook_earns_is_told(school, capsys):
    there = school.folder / "hw0" / "notebook.md"
    there.write_text(
        there.read_text().replace("# STUDENT: most_traded = ...", '# STUDENT: most_traded = "Monday"')
    )
    school.hands_in(ann=notebook(*GOOD))
    assert school.grade() == 2
    assert "the notebook as it is handed out earns 2, not 0" in capsys.readouterr().err


def test_an_assignment_is_tried_once(school, monkeypatch):
    school.hands_in(ann=notebook(*GOOD))
    into = ["assignments", str(school.folder / "hw0"), "--into", str(school.folder / "made")]
    assert school.grade() == __main__.main(into) == 0
    monkeypatch.setattr(grading, "Session", None)
    assert school.grade() == __main__.main(into) == 0


BAD = {
    "empty": (b"", "has nothing in it"),
    "a header alone": (b"Student,ID,hw0 (7)\r\n", "has a header and nothing below it"),
    "binary": (b"PK\x03\x04\xff\xfe\x00", "is no table in UTF-8"),
    "Latin-1": ("Student,ID,hw0\r\nZoé,1,\r\n".encode("latin-1"), "is no table in UTF-8"),
    "zeros": (bytes(300), "has a header and nothing below it"),
    "blank lines": (b"\r\n\r\n\r\n", "has no column"),
    "nobody": (b"Student,ID,hw0 (7)\r\nZoe,77,\r\n", "none of ID matches anybody in"),
    "two columns": (b"Student,ID,hw0 (1),hw0 (2)\r\nann,ann,,\r\n", "has 2 columns 'hw0': hw0 (1) and hw0 (2)"),
    "no column": (b"Student,ID,hw5 (1)\r\nann,ann,\r\n", "has no column 'hw0'; it has Student, ID, hw5 (1)"),
    "no points": (
        b"Student,ID,hw0\r\nPoints Possible,,many\r\nann,ann,\r\n",
        "is a number of points, got 'many'",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_an_export_that_is_none_is_named_and_refused(name, school, capsys):
    raw, said = BAD[name]
    school.hands_in(ann=silent())
    school.grade()
    path = school.folder / "canvas.csv"
    path.write_bytes(raw)
    for system in ("--canvas", "--moodle"):
        capsys.readouterr()
        assert school.fill(system, str(path)) == 2
        told = capsys.readouterr().err
        assert str(path) in told
        assert said in told or (system == "--moodle" and "has no column 'Identifier'" in told)
    assert not path.with_name("canvas.filled.csv").exists()


@pytest.mark.parametrize(
    ("name", "raw"),
    [("marks.csv", b""), ("marks.csv", b"student,name\n"), ("marks.csv", b"\xff\xfe"), ("by_hand.csv", b""),
     ("by_hand.csv", b"\xff\xfe"), ("kept.json", b"{"), ("marks.csv", b"student,total,out of,status\n")],
)  # fmt: skip
def test_a_table_of_ours_that_is_none_is_named_and_refused(name, raw, school, capsys):
    school.hands_in(ann=silent())
    school.grade()
    (school.marks / name).write_bytes(raw)
    assert school.fill("--canvas", str(export(school, "ann"))) == 2
    assert str(school.marks / name) in capsys.readouterr().err


def test_what_is_handed_in_may_be_one_notebook_and_a_damaged_zip_is_called_that(school, capsys):
    school.hands_in(ann=notebook(*GOOD))
    assert school.grade(where="in/ann.ipynb") == 0
    with zipfile.ZipFile(school.folder / "class.zip", "w") as archive:
        archive.write(school.folder / "in" / "ann.ipynb", "ann.ipynb")
    whole = (school.folder / "class.zip").read_bytes()
    with zipfile.ZipFile(school.folder / "twice.zip", "w") as archive:
        archive.write(school.folder / "class.zip", "class.zip")
    (school.folder / "cut.zip").write_bytes(whole[:-30])
    (school.folder / "hole.zip").write_bytes(whole.replace(b"PK\x01\x02", b"XX\x01\x02"))
    for name, said in {
        "cut.zip": "is a damaged zip",
        "hole.zip": "is a damaged zip",
        "twice.zip": "there is no notebook in",
        "mistyped": "mistyped is not there",
    }.items():
        capsys.readouterr()
        assert school.grade("--out", str(school.folder / "other"), where=name) == 2
        told = capsys.readouterr().err
        assert said in told
        assert name != "twice.zip" or "but class.zip: unpack that" in told
    assert not (school.folder / "other").exists()


def test_who_wants_eyes_is_listed_and_counted(school, capsys):
    school.hands_in(
        ann=notebook(*GOOD),
        bob=notebook("x = 1"),
        cy=notebook(),
        dot=b"",
        eve=notebook("raise 1"),
        flo=notebook("square = 1"),
    )
    (school.folder / "in" / "two").mkdir()
    for name in ("hw0-1", "hw0"):
        (school.folder / "in" / "two" / f"{name}.ipynb").write_bytes(notebook(SQUARE))
    assert school.grade() == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == f"7 marked, 6 to look at, 6 with answers to mark: {school.marks / 'class.html'}"
    page = (school.marks / "class.html").read_text()
    assert page.count("nothing that is asked for is defined: is it the right notebook?") == 3
    assert page.count("no check gives a point") == 1
    assert "2 files: hw0-1.ipynb is marked" in page
    assert "unreadable: an empty file" in page
    assert len(list((school.marks / "by_hand").iterdir())) == 6
    assert sum(row["q5"] == "" for row in school.rows("by_hand.csv").values()) == 6
    unread = (school.marks / "students" / "dot.html").read_text()
    assert "Read again" not in unread
    assert re.findall(r'<text x="\d+" y="137"[^>]*>([^<]*)</text>', page)[:4] == ["0", "2", "4", "6"]


def test_how_far_it_is_is_said_where_there_is_no_terminal(school, capsys, monkeypatch):
    monkeypatch.setattr(grading, "EVERY", 0.0)
    school.hands_in(ann=notebook(*GOOD), bob=notebook(*GOOD))
    school.grade()
    assert "hw0: 1 of 2" in capsys.readouterr().err


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_so_many_at_a_time_is_a_number(jobs, school, capsys):
    with pytest.raises(SystemExit):
        school.grade("--jobs", jobs)
    assert f"argument --jobs: 1 or more at a time, got {jobs}" in capsys.readouterr().err


def test_threads_are_bounded_whoever_grades(wall):
    """The kernel counts everybody's but root's, the grader root's too."""
    code = """
import threading, time
count = 0
try:
    while count < 500:
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
time.sleep(0.3)
raise ValueError(count)
"""
    with session.Session(HW0, notebook(code), wall) as asked:
        asked.run()
    most = worker.LIMITS["NPROC"] if os.geteuid() else sandbox.MOST_THREADS
    assert asked.left_out == {0: "ended its process"} or int(asked.errors[0][1]) < most


def test_some_threads_are_nobody_s_business(wall):
    code = (
        "import threading, time\nfor _ in range(50):\n    threading.Thread(target=time.sleep, args=(9,)).start()"
    )
    with session.Session(HW0, notebook(code, "time.sleep(0.3)", SQUARE), wall) as asked:
        assert asked.run()
        assert asked.ask(HW0.questions[0].checks[0], (3.0,)) == 9.0
    assert not asked.errors
    assert not asked.left_out


def test_the_notebooks_check_makes_one_object_and_names_the_key_that_is_wrong(monkeypatch, capsys):
    """As the grader does, which says of a hidden check no key."""

    class Counter:
        def __init__(self):
            self.count = 0

        def holding(self):
            self.count += 1
            return {"a": 1.0, "b": float(self.count)}

    about = {
        "name": "Counter",
        "label": "x",
        "points": 1,
        "share": False,
        "relative": 0,
        "absolute": 0,
        "seconds": 1,
    }
    want = [[[], {"a": 1.0, "b": 1.0}]]
    names, made = {"Counter": Counter}, {}
    assert check.calls({**about, "calls": want}, names, made) == [("", "")]
    phrase, shown = check.calls({**about, "calls": want}, names, made)[0]
    assert phrase == "the wrong value under 'b'"
    assert shown == "Counter() gave {'a': 1.0, 'b': 2.0}"


def test_a_hidden_check_names_no_key(school):
    school.another("hw0", "lambda x: x * x, 4", 'lambda x: {"a": x, "b": x}, 4')
    marker = grading.Marker(grading.notebooks.load(school.folder / "hw0"), KEY, sandbox.best())
    result = marker.mark(notebook("def square(x):\n    return {'a': x, 'b': 0} if x not in (2, -3) else x * x"))
    said = [line["said"] for line in result["scores"] if line["question"] == "q1"]
    assert said == ["", "the wrong value"]
