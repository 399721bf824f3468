"""The sample class earns what its table says, and an assignment begun from the template works at once."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from coursework import __main__, assignment, grading, notebooks, sample_class


def table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_the_sample_class_earns_what_its_table_says(wall, tmp_path, monkeypatch, capsys):
    """Graded by the words that the command itself says, with less patience."""
    load = assignment.load
    monkeypatch.setattr(assignment, "load", lambda where: replace(load(where), cell_seconds=12.0))
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["sample", "class"]) == 0
    said = re.search(r"python -m coursework (grade .*)", capsys.readouterr().out)[1]
    words = [quoted or word for quoted, word in re.findall(r'"(.*?)"|(\S+)', said)]
    assert __main__.main(words) == 0
    found, expected = table(tmp_path / "class/marks/marks.csv"), table(tmp_path / "class/expected.csv")
    assert len(expected) == 30
    assert {student: {name: found[student][name] for name in row if name in found[student]}
            for student, row in expected.items()} == {
        student: {name: value for name, value in row.items() if name not in ("kind", "what")}
        for student, row in expected.items()
    }  # fmt: skip
    glance = (tmp_path / "class/marks/class.html").read_text("utf8")
    alike = re.findall(r"<td>(\d+ and \d+)</td>", glance)
    assert alike == ["1025 and 1026"]
    assert [row["kind"] for row in expected.values()].count("alike") == 2
    written = "".join(path.read_text("utf8") for path in (tmp_path / "class/marks").rglob("*.html"))
    assert sample_class.KEY.strip() not in written


def test_the_sample_class_is_the_same_each_time_and_overwrites_nothing(tmp_path, capsys):
    for copy in ("one", "other"):
        assert __main__.main(["sample", str(tmp_path / copy)]) == 0
    for name in ("submissions.zip", "class.key", "expected.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    assert __main__.main(["sample", str(tmp_path / "one")]) == 2
    assert "is there already" in capsys.readouterr().err


def marked(chosen: assignment.Assignment, cells: nbformat.NotebookNode) -> float:
    """Points by checks, of what is our own and needs no wall."""
    marker = grading.Marker(chosen, b"a key", "none")
    result = marker.mark(nbformat.writes(cells).encode())
    assert result["status"] == "ok"
    return sum(line["points"] for line in result["scores"])


def test_an_assignment_from_the_template_works_at_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["new", "hw11"]) == 0
    assert len((tmp_path / "hw11/checks.py").read_text("utf8").splitlines()) < 40
    chosen = assignment.load("hw11")
    by_checks = sum(check.points for question in chosen.questions for check in question.checks)
    assert marked(chosen, notebooks.model(chosen)) == by_checks
    assert marked(chosen, notebooks.starter(chosen)) == 0
    assert __main__.main(["assignments", "hw11"]) == 0
    assert (tmp_path / "_build/assignments/hw11.zip").is_file()
    capsys.readouterr()


@pytest.mark.parametrize(
    ("name", "said"),
    [("hw1", "there is an assignment hw1 already"), ("mine", "there is an assignment mine already"),
     ("My own", "of small letters, digits and _")],
)  # fmt: skip
def test_a_name_that_is_taken_or_none_is_refused(name, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert __main__.main(["new", name]) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
