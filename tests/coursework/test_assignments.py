"""Every assignment that lies in `coursework/assignments`: its model solution, its student's copy, its checks."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import json
import os
import re
import runpy
import sys
import time
import zipfile
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import pytest

from coursework import Check
from coursework.check import decoded, encoded
from coursework.compare import Unfit, called, plain, verdict
from coursework.notebooks import BOOK, every, files, model, shipped, starter, write

matplotlib.use("agg")

ASSIGNMENTS = {assignment.name: assignment for assignment in every()}
each = pytest.mark.parametrize("name", ASSIGNMENTS)
KEYS = [b"class of %d" % year for year in range(2027, 2037)]


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Where the students' folders lie."""
    into = tmp_path_factory.mktemp("assignments")
    for assignment in ASSIGNMENTS.values():
        write(assignment, into)
    return into


def checker(folder):
    """A student's own `check.py`, imported from its folder."""
    specification = importlib.util.spec_from_file_location("check", folder / "check.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def executed(cells, folder, monkeypatch):
    """The names that a notebook defines, what its cells printed, and the errors of those that failed."""
    monkeypatch.chdir(folder)
    monkeypatch.setitem(__import__("sys").modules, "check", checker(folder))
    names, printed, errors = {"__name__": "__main__"}, io.StringIO(), []
    for cell in cells:
        if cell.cell_type == "code":
            try:
                with contextlib.redirect_stdout(printed):
                    exec(cell.source, names)
            except Exception as error:
                errors.append(error)
    return names, printed.getvalue(), errors


def value(check, names, arguments):
    """What a notebook gives to one call, or under a name, as a plain value."""
    thing = names[check.name]
    if isinstance(check, Check) and check.inputs is None:
        return plain(thing)
    return plain(called(thing)(*decoded(encoded(plain(arguments)))))


def phrase(check, names, arguments, want):
    """What is wrong with that; the grader counts an error as wrong."""
    try:
        return verdict(value(check, names, arguments), want, check.relative, check.absolute)
    except Unfit as unfit:
        return str(unfit)
    except Exception:
        return "an error"


def earned(assignment, names, key):
    """Points by the checks of a notebook, as the grader gives them: visible, then hidden."""
    points = {False: 0.0, True: 0.0}
    for question in assignment.questions:
        for number, check in enumerate(question.checks):
            generator = assignment.generator(key, question, number)
            if isinstance(check, Check):
                right = [not phrase(check, names, *pair) for pair in check.calls(generator)]
                share = sum(right) / len(right) if check.share else float(all(right))
            else:
                try:
                    share = check.judge(lambda *arguments, check=check: value(check, names, arguments), generator)
                except Exception:
                    share = 0.0
            points[check.hidden] += share * check.points
    return points[False], points[True]


def of_checks(assignment):
    """All points that checks give: visible, and hidden."""
    checks = [check for question in assignment.questions for check in question.checks]
    return tuple(sum(check.points for check in checks if check.hidden is hidden) for hidden in (False, True))


@each
def test_the_model_solution_earns_all_points_under_ten_keys(name, folders, monkeypatch):
    assignment = ASSIGNMENTS[name]
    begun = time.process_time()
    names, printed, errors = executed(model(assignment).cells, folders / name, monkeypatch)
    assert not errors
    assert time.process_time() - begun < 5
    assert "not yet" not in printed
    assert printed.count("  right ") == sum(
        isinstance(check, Check) and not check.hidden for question in assignment.questions for check in question.checks
    )
    for key in KEYS:
        assert earned(assignment, names, key) == pytest.approx(of_checks(assignment), abs=1e-9), key


@each
def test_the_notebook_as_it_is_handed_out_earns_nothing(name, folders, monkeypatch):
    assignment = ASSIGNMENTS[name]
    names, printed, _ = executed(starter(assignment).cells, folders / name, monkeypatch)
    assert "  right " not in printed
    assert "  not yet" in printed
    assert earned(assignment, names, KEYS[0]) == (0, 0)


def solutions(assignment):
    """The lines of the model solution that the student is to write, without those that say nothing by themselves."""
    found = []
    for cell in model(assignment).cells:
        for part in re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", cell.source, re.DOTALL):
            found += part.splitlines()
        for part in re.findall(r"<!-- BEGIN SOLUTION -->\n(.*?)<!-- END", cell.source, re.DOTALL):
            found += part.splitlines()
    return {line.strip() for line in found if len(line.strip()) > 12}


@each
def test_the_students_copy_has_no_line_of_a_solution_and_no_answer_of_a_hidden_check(name):
    assignment = ASSIGNMENTS[name]
    content = {path: data.decode("utf8") for path, data in files(assignment).items()}
    lines = {line.strip() for cell in starter(assignment).cells for line in cell.source.splitlines()}
    assert solutions(assignment)
    assert not solutions(assignment) & lines
    assert "SOLUTION" not in content[f"{name}.ipynb"]
    kept = json.loads(content["checks.json"])
    for question in assignment.questions:
        visible = [check for check in question.checks if not check.hidden]
        assert [one["label"] for one in kept[question.name]["visible"]] == [check.label for check in visible]
        assert all(set(one) == {"label", "points"} for one in kept[question.name]["hidden"])
        for check in question.checks:
            if isinstance(check, Check) and check.inputs is None:
                for text in shown(plain(check.answer())):
                    assert text not in content[f"{name}.ipynb"] + content["checks.json"], (check.name, text)


def shown(answer):
    """How an answer may be found in a text: all of it, and each number that is not a round one."""
    if isinstance(answer, float):
        return [] if answer == round(answer, 2) else [f"{answer:.5g}"]
    return [json.dumps(answer)] if isinstance(answer, list) else []


class HardCoded:
    """Gives the visible answers and nothing else."""

    def __init__(self, checks):
        self.known = {repr(plain(arguments)): answer for check in checks for arguments, answer in check.calls(None)}

    def __call__(self, *arguments):
        return self.known.get(repr(plain(arguments)), "no idea")


@each
def test_hard_coded_visible_answers_earn_the_visible_points_only(name):
    assignment = ASSIGNMENTS[name]
    checks = [check for question in assignment.questions for check in question.checks]
    visible = [check for check in checks if not check.hidden]
    names = {check.name: HardCoded([one for one in visible if one.name == check.name]) for check in checks}
    for key in KEYS[:3]:
        assert earned(assignment, names, key) == (of_checks(assignment)[0], 0)


def spoilt(answer):
    """Values that are not the answer, or are it in other clothes."""
    yield from (answer, None, "call", True, [], {}, ..., object(), float("nan"), np.inf, 1e300, [[1], [1, 2]])
    if isinstance(answer, (int, float)) and not isinstance(answer, bool):
        yield from (np.float64(answer), np.array([answer]), answer * (1 + 1e-12), answer * 1.5 + 1, str(answer))
    if isinstance(answer, (list, np.ndarray)) and len(answer):
        yield from (tuple(answer), answer[:-1], [*answer, 0.0])
        with contextlib.suppress(TypeError, ValueError):
            yield from (np.asarray(answer) * 1.0, np.asarray(answer) + 0.5, list(np.asarray(answer) * (1 + 1e-12)))


@each
def test_the_notebooks_check_and_the_grader_agree_on_the_same_value(name, folders):
    assignment, own = ASSIGNMENTS[name], checker(folders / name)
    kept = json.loads((folders / name / "checks.json").read_text("utf8"))
    compared = set()
    for question in assignment.questions:
        visible = [check for check in question.checks if not check.hidden]
        for check, one in zip(visible, kept[question.name]["visible"], strict=True):
            pairs = list(check.calls(None))
            for given in spoilt(plain(pairs[0][1])):
                names = {check.name: lambda *_, given=given: given}
                said = [said for said, _ in own.calls(one, names)]
                assert said == [phrase(check, names, *pair) for pair in pairs]
                compared.add(said[0])
    assert {"", "the wrong value"} < compared


@each
def test_a_student_gets_a_valid_notebook_whose_head_says_points_and_minutes(name, folders):
    assignment = ASSIGNMENTS[name]
    notebook = nbformat.read(folders / name / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    first = notebook.cells[0].source
    assert first.startswith(f"# {assignment.title}\n")
    head = " ".join(first.split())
    low, high = assignment.minutes
    assert f"*{low} to {high} minutes, {assignment.points:g} points: " in head
    assert 60 <= low < high <= 120
    by_hand = sum(question.written.points for question in assignment.questions if question.written)
    said = re.search(r": (\d+) by checks .*, (\d+) by hidden .*, (\d+) by a reader", head)
    assert tuple(map(float, said.groups())) == (*of_checks(assignment), by_hand)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^## (q\d+)\. (.+) \((\S+) points?\)$", text, re.MULTILINE)
    asked = [(question.name, question.title, f"{question.points:g}") for question in assignment.questions]
    assert headings == asked
    assert 5 <= len(asked) <= 7
    assert sum(question.written is not None for question in assignment.questions) == 1


@each
def test_each_question_has_its_check_or_its_place_for_an_answer(name):
    assignment, notebook = ASSIGNMENTS[name], starter(ASSIGNMENTS[name])
    run = [cell.source for cell in notebook.cells if "check" in cell.metadata.get("tags", ())]
    answers = [cell for cell in notebook.cells if "question" in cell.metadata]
    assert run == [f'check("{question.name}")' for question in assignment.questions if question.checks]
    written = [question.name for question in assignment.questions if question.written]
    assert [cell.metadata["question"] for cell in answers] == written
    assert all(cell.source == "*Your answer here.*" for cell in answers)
    for question in assignment.questions:
        if question.checks:
            assert any(check.hidden for check in question.checks)
        for line in question.written.rubric if question.written else ():
            assert line[0] > 0


def anchors(page):
    """The places of a page that can be pointed at: its labels and its headings."""
    text = page.read_text("utf8")
    labels = re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {*labels, *(re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") for heading in headings)}


@each
def test_what_to_read_again_is_in_the_book(name):
    assignment = ASSIGNMENTS[name]
    assert (BOOK / f"{assignment.follows}.md").is_file()
    pointed = [check.again for question in assignment.questions for check in question.checks if check.hidden]
    assert all(pointed), "each hidden check says what to read again"
    for place in pointed:
        page, _, anchor = place.partition("#")
        source = BOOK / page.replace(".html", ".md")
        assert source.is_file(), place
        assert anchor in anchors(source), place


@each
def test_a_notebook_imports_only_what_every_student_has(name):
    assignment = ASSIGNMENTS[name]
    allowed = {"check", "numpy", "scipy", "pandas", "matplotlib", *assignment.libraries}
    imported = set()
    for cell in model(assignment).cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    imported.add(node.module.split(".")[0])
    assert imported <= allowed | sys.stdlib_module_names


@each
def test_the_data_are_what_their_script_makes(name):
    folder = ASSIGNMENTS[name].folder
    made = runpy.run_path(str(folder / "data.py"))["tables"]()
    assert {path.name for path in (folder / "data").iterdir()} == set(made)
    for file, lines in made.items():
        assert (folder / "data" / file).read_text("utf8").splitlines() == lines


def test_the_same_assignment_always_becomes_the_same_bytes(tmp_path):
    assignment = next(iter(ASSIGNMENTS.values()))
    for copy in ("one", "other"):
        write(assignment, tmp_path / copy)
        os.utime(assignment.folder / "notebook.md")
    one, other = ((tmp_path / copy / f"{assignment.name}.zip").read_bytes() for copy in ("one", "other"))
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert inside == {f"{assignment.name}/{name}": data for name, data in files(assignment).items()}


def test_an_answer_that_is_an_array_or_a_dict_survives_the_way_to_the_student():
    kept = {"a": np.arange(3.0), "b": [None, True, "x", 2, {"array": [1.5]}]}
    back = decoded(json.loads(json.dumps(encoded(plain(kept)))))
    assert back["a"].dtype == float
    assert back["a"].tolist() == [0, 1, 2]
    assert back["b"] == kept["b"]


def test_the_check_tells_where_an_error_is_and_shows_the_students_own_value_only(tmp_path, capsys):
    assignment = ASSIGNMENTS["hw1"]
    (tmp_path / "checks.json").write_text(shipped(assignment), "utf8")
    (tmp_path / "check.py").write_text(files(assignment)["check.py"].decode(), "utf8")
    own = checker(tmp_path)
    exec(
        "def from_list(prices, values, price):\n    return 1 / 0\n\n"
        "def trade(*given):\n    return (1, -200.0)\n\n"
        'check("q1")\ncheck("q2")\ncheck("q3")\n',
        {"check": own.check},
    )
    said = capsys.readouterr().out
    assert "  not yet  on a line, and half-way (1 point): an error\n" in said
    assert "raised ZeroDivisionError: division by zero, in line 2" in said
    assert "shares_to_hold is not defined yet" in said
    assert "gave (1, -200.0)" in said
    assert "16990" not in said
    assert "  hidden   other lists and prices (1 point): marked after you hand in" in said


def test_a_student_finds_no_american_spelling():
    american = r"\b\w*(?:color|behavior|neighbor|favor|honor|center|meter\b|analyz|realiz|organiz|defense|gray)\w*"
    for assignment in ASSIGNMENTS.values():
        for path in (assignment.folder / "notebook.md", assignment.folder / "checks.py"):
            assert not re.findall(american, Path(path).read_text("utf8")), path
