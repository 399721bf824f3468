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
import shutil
import sys
import time
import zipfile
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import pytest

from coursework import Assignment, Check, Question, wire
from coursework.__main__ import main
from coursework.assignment import load
from coursework.check import decoded
from coursework.compare import Unfit, called, plain, verdict
from coursework.grading import Marker
from coursework.notebooks import BOOK, encoded, every, files, model, shipped, starter, without_solution, write
from coursework.notebooks import checker as student_check

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
    return plain(called(thing)(*wire.decoded(*wire.encoded(list(arguments)), trusted=True)))  # as the grader asks


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
    checks = [check for question in assignment.questions for check in question.checks]
    assert printed.count("  right ") == sum(not check.hidden for check in checks)
    for key in KEYS:
        assert earned(assignment, names, key) == pytest.approx(of_checks(assignment), abs=1e-9), key


@each
def test_the_grader_itself_gives_the_model_all_and_the_handed_out_copy_nothing(name):
    """Without a wall, for these notebooks are ours: so that it runs on every machine."""
    assignment = ASSIGNMENTS[name]
    marker = Marker(assignment, KEYS[0], "none")
    for notebook, points in ((model(assignment), sum(of_checks(assignment))), (starter(assignment), 0)):
        result = marker.mark(nbformat.writes(notebook).encode())
        assert result["status"] == "ok"
        assert sum(line["points"] for line in result["scores"]) == pytest.approx(points)


#: What a student may well get wrong: a line of the model solution, what stands there instead, and the least that
#: it costs in hidden points.
MISTAKES = [
    ("hw1", "return np.interp(price, prices, values)", "return np.interp(round(price), prices, values)", 1),
    ("hw1", "return -quantity * (up - down) / 2", "return quantity * (up - down) / 2", 3),
    ("hw1", "return -quantity * (up - down) / 2", "return -quantity * (up - down)", 3),
    ("hw1", "return -quantity * (up - down) / 2", "return abs(quantity * (up - down)) / 2", 1.5),
    ("hw1", "abs(bought) * half_spread, target", "bought * half_spread, target", 1),
    ("hw1", "cash, shares, made = -quantity * values[0]", "cash, shares, made = quantity * values[0]", 4),
    ("hw1", "if i < len(targets):", "if i + 1 < len(targets):", 4),
    ("hw1", "quantity * (moved - before), quantity * (after - moved)", "0, quantity * (after - before)", 3),
    ("hw1", "targets[i], -2400", "targets[i], -1000", 2),
    ("hw2", "cash = (value_up - shares * up) / growth", "cash = value_up - shares * up", 8),
    ("hw2", "in_the_bank = spot * growth", "in_the_bank = spot", 2),
    ("hw2", "best = max(best, spot)\n", "best = best\n", 4),
    ("hw2", "return 0.0, best - spot", "return 0.0, best", 4),
    ("hw2", "hold(spot * down, stages[1:], growth, spot),", "hold(spot * down, stages[1:], growth, 0),", 2),
    ("hw2", "d1 = (log(spot / strike) + rate * expiry)", "d1 = log(spot / strike)", 2),
    ("hw2", "low, high = 1e-4, 8.0", "low, high = 1e-4, 0.3", 1),
    ("hw2", "if not floor < price < spot:", "if False:", 1),
    ("hw2", "(spot + put_ask - call_bid)", "(spot + put_bid - call_ask)", 2),
    ("hw2", "return max(carry, reverse, 0.0)", "return max(carry, 0.0)", 1),
    ("hw3", "- call(spot, 115, left, volatility)", "", 3),
    ("hw3", "left = 1 - time", "left = time", 3),
    ("hw3", 'theta=["time"]', 'theta=["volatility"]', 0.8),
    ("hw3", "slope(others, down)) / (2 * step[first])", "slope(others, down)) / step[first]", 5),
    ("hw3", "return slope(by[name], here)", "return abs(slope(by[name], here))", 1),
    ("hw3", "dict(spot=0.05, time=1e-3", "dict(spot=10, time=1e-3", 2),
    ("hw3", "dict(spot=0.05, time=1e-3", "dict(spot=1e-7, time=1e-3", 0.8),
    ("hw3", "(48 * noise / abs(fourth)) ** (1 / 4)", "(24 * noise / abs(fourth)) ** (1 / 4)", 2),
    ("hw3", "-(book[0] + n1 * first[0] + n2 * second[0])", "-book[0]", 3),
    ("hw3", "        return None\n    n1", "        pass\n    n1", 1),
    ("hw3", "charm * days / 365, vanna * points / 100", "charm * days / 252, vanna * points / 100", 1),
    ("hw3", "charm * days / 365, vanna * points / 100", "charm * days / 365, vanna * points", 1),
    ("hw3", "+ shares * spot - SOLD", "- SOLD", 4),
    ("hw4", "return 2 * call - spot + bond, 2 * ndtr(d1) - 1", "return 2 * call, 2 * ndtr(d1) - 1", 6),
    ("hw4", "return 2 * call - spot + bond, 2 * ndtr(d1) - 1", "return 2 * call - spot + bond, ndtr(d1)", 11),
    ("hw4", "cash = cash * np.exp(rate * (times[i + 1] - times[i]))", "pass", 4),
    ("hw4", "for i in range(len(times) - 1):", "for i in range(len(times) - 2):", 4),
    ("hw4", "if i % every == 0:", "if i % every == every - 1:", 3),
    ("hw4", "np.std(hedge(", "np.var(hedge(", 5),
    ("hw4", "np.random.default_rng(seed)", "np.random.default_rng()", 5),
    ("hw4", "dt = expiry / runs", "dt = 1 / runs", 5),
    ("hw4", "int(np.ceil(runs * (deviation / wanted) ** 2))", "int(np.ceil(runs * deviation / wanted))", 1),
    ("hw4", "int(np.ceil(runs * (deviation / wanted) ** 2))", "round(runs * (deviation / wanted) ** 2)", 1),
    ("hw4", "np.sqrt(aversion * variance_once / (2 * fee))", "np.sqrt(aversion * variance_once / fee)", 2),
    ("hw4", "max(int(np.sqrt(aversion * variance_once / (2 * fee))), 1)", "int(np.sqrt(variance_once)) - 1", 3),
    ("hw5", "dollar_gamma * implied**2 / 252 / 2, dollar", "dollar_gamma * implied**2 / 365 / 2, dollar", 3),
    ("hw5", "abs(pnl) > 0.01", "abs(pnl) > -1", 3),
    ("hw5", "won.size / counted.size", "won.size / pnl.size", 3),
    ("hw5", '"loss": -lost.mean()', '"loss": lost.mean()', 3),
    ("hw5", "2 * ndtr(implied / np.asarray(volatilities)) - 1", "ndtr(implied / np.asarray(volatilities))", 2),
    ("hw5", "np.asarray(volatilities) ** 2)", "np.asarray(volatilities)) ** 2", 1),
    ("hw5", "days.std(ddof=1) / np.sqrt(days.size)", "days.std(ddof=1)", 3),
    ("hw5", "days.std(ddof=1) / np.sqrt(days.size)", "days.std() / np.sqrt(days.size)", 3),
    ("hw5", "return calm / (calm - wild)", "return -calm / wild", 1),
    ("hw5", "int(np.floor(np.log(doubt) / np.log(1 - chance))) + 1", "int(np.log(doubt) / np.log(1 - chance))", 1),
    ("hw5", "+ said - should", "+ should - said", 1),
    ("hw5", "honest_total = (rents - bills).sum()", "honest_total = pnl.sum()", 2),
    ("hw6", "[one - other for one", "[one + other for one", 2),
    ("hw6", "duty * abs(shares[i] - held) * prices[i]", "duty * abs(shares[i] - held)", 4),
    ("hw6", "less.std(ddof=1) / np.sqrt(less.size)", "less.std(ddof=1)", 2),
    ("hw6", "np.square(gamma) / (number * aversion)", "np.square(gamma) / aversion", 10),
    ("hw6", "np.clip(held, delta - h, delta + h)", "np.where(abs(held - delta) > h, delta, held)", 0.3),
    ("hw6", "np.clip(held, delta - h, delta + h)", "delta + 0 * held", 9),
    ("hw6", "gamma, duty / 2, aversion", "gamma, duty, aversion", 2),
    ("hw7", "middle[1] + low[1]) / spot_step**2", "middle[1] + low[1]) / spot_step", 2),
    ("hw7", "/ (4 * spot_step * variance_step)", "/ (spot_step * variance_step)", 2),
    ("hw7", "owed[0] - numbers @", "owed[0] + numbers @", 2.4),
    ("hw7", "        return None\n    numbers", "        pass\n    numbers", 1),
    ("hw7", "max(abs(owed) / vega - fewer, 0)", "abs(owed) / vega", 3),
    ("hw7", "if bill < least:", "if False:", 7),
    ("hw8", "np.exp(-rate * (j + 1 - i) / 12)", "np.exp(-rate * (j - i) / 12)", 5),
    ("hw8", "np.minimum(wanted, worth[-1])", "wanted", 0.6),
    ("hw8", "last - 1e-6", "last", 0.5),
    ("hw8", "1 - doubt ** (1 / trials)", "-np.log(doubt) / trials", 1),
    ("hw8", "taken = world", "taken = 0 * world", 2),
    ("hw8", '["share"] <= 0.02', '["share"] <= 0.06', 3),
    ("hw9", "first / (2 * volatility * expiry)", "first", 3),
    ("hw9", "- share * vega * slope / spot", "+ share * vega * slope / spot", 8),
    ("hw9", '- (kind == "put")', "", 1.5),
    ("hw9", "1 - slope / skew", "-slope / skew", 3),
    ("hw9", "(x.size - 2)", "x.size", 2),
    ("hw9", "(np.sqrt(np.maximum(w, 1e-10) / expiry) - quoted)", "(w - quoted**2)", 1),
    ("hw10", "/ 365, volatility)[0]", "/ 252, volatility)[0]", 3),
    ("hw10", "- units * spot * move", "", 2.4),
    ("hw10", "volatility + point, day)", "volatility, day)", 2),
    ("hw10", "units = -delta(", "units = delta(", 4),
    ("hw10", "if own < must", "if own < 0", 1),
    ("hw10", "> 1.2 * volatilities[0], 0.0, kept", "> 2 * volatilities[0], 0.0, kept", 4),
]  # fmt: skip


@pytest.mark.parametrize(("name", "right", "wrong", "costs"), MISTAKES)
def test_a_likely_mistake_costs_hidden_points(name, right, wrong, costs, folders, monkeypatch):
    assignment, cells = ASSIGNMENTS[name], model(ASSIGNMENTS[name]).cells
    assert any(right in cell.source for cell in cells)
    for cell in cells:
        cell.source = cell.source.replace(right, wrong)
    names, _, _ = executed(cells, folders / name, monkeypatch)
    names = {check.name: ... for question in assignment.questions for check in question.checks} | names
    for key in KEYS[:3]:
        assert earned(assignment, names, key)[1] <= of_checks(assignment)[1] - costs + 1e-9


#: What model answers say in words, and what says so in the model solution.
SAID = [
    ("hw1", "1,405", "-week_pnl"),
    ("hw1", "1,260", "wages"),
    ("hw1", "2,484", "-bills"),
    ("hw1", "181", "spread_paid"),
    ("hw1", "3,996", "2400 * values[0]"),
    ("hw1", "13,200", "2400 * (80 - 80.5 + stock[-1] - stock[0])"),
    ("hw1", "9,204", "2400 * (80 - 80.5 + stock[-1] - stock[0] - values[0])"),
    ("hw2", "6.15", "lookback(25, PROGRAMME, 1.005)"),
    ("hw3", "551", "aftermath(104, 3, 0.28)"),
    ("hw3", "10,000", "-aftermath(92, 3, 0.30)"),
    ("hw3", "20,000", "-aftermath(86, 3, 0.34)"),
    ("hw3", "13,500", "aftermath(116, 3, 0.30)"),
    ("hw4", "444", "-daily"),
    ("hw4", "198", "weekly"),
    ("hw4", "275", "300 * deviation(126, 60, 60, 0.5, 0.35, 0.04, 20_000, 1)"),
    ("hw4", "600", "300 * deviation(26, 60, 60, 0.5, 0.35, 0.04, 20_000, 1)"),
    ("hw5", "134,000", "apart[doctored]"),
    ("hw5", "115,000", "pnl.sum()"),
    ("hw5", "15,000", "-honest_total"),
    ("hw5", "5,000", "max(abs(gap) for name, gap in apart.items() if name != doctored)"),
    ("hw5", "0.00005", "edge(implied, move)[0]"),
    ("hw5", "0.003", "edge(implied, move)[1]"),
    ("hw6", "5,850", "all_in(*tried['your rule'], AVERSION)"),
    ("hw6", "7,200", "all_in(*tried[best], AVERSION)"),
    ("hw6", "8,200", "all_in(*tried['every 1 looks'], AVERSION)"),
    ("hw6", "1,350", "gain"),
    ("hw6", "100", "error"),
    ("hw7", "18,000", "PUTS * owed_month.std()"),
    ("hw7", "2,000", "PUTS * abs(bought) @ half_spreads"),
    ("hw8", "66", "ends_of(ACTUARY, m, 8_000, 3).mean() - LAST"),
    ("hw8", "70", "ends_of(ACTUARY, 6, 8_000, 3).mean() - LAST"),
    ("hw9", "0.38", "silver_share"),
    ("hw9", "0.035", "share_error"),
    ("hw9", "56,500", "-OUNCES * smile_delta('put', SPOT, STRIKE, EXPIRY, silver_smile, 0)"),
    ("hw9", "58,500", "-OUNCES * smile_delta('put', SPOT, STRIKE, EXPIRY, silver_smile, silver_share)"),
    ("hw9", "0.293", "-smile_delta('put', SPOT, STRIKE, EXPIRY, silver_smile, silver_share)"),
    ("hw10", "20,700", "owned[0][3]"),
    ("hw10", "11,600", "friday_asked[0]"),
    ("hw10", "15,600", "owned[1][3]"),
    ("hw10", "10,800", "friday_asked[1]"),
    ("hw10", "16,100", "owned[2][3]"),
    ("hw10", "13,900", "friday_asked[2]"),
    ("hw10", "14,400", "monday_left[0]"),
    ("hw10", "8,600", "monday_left[1]"),
    ("hw10", "29,300", "-monday_left[2]"),
    ("hw10", "11,900", "-wednesday_left[2]"),
]


@each
def test_the_numbers_of_a_model_answer_are_those_of_its_code(name, folders, monkeypatch):
    names, _, _ = executed(model(ASSIGNMENTS[name]).cells, folders / name, monkeypatch)
    words = " ".join(cell.source for cell in model(ASSIGNMENTS[name]).cells if "question" in cell.metadata)
    for of, said, expression in SAID:
        if of == name:
            assert re.search(rf"(?<![\d,.]){re.escape(said)}(?![\d,]*\d)", words), said
            assert float(said.replace(",", "")) == pytest.approx(eval(expression, names), rel=0.1, abs=0.5e-3), (
                said
            )


@each
def test_the_notebook_as_it_is_handed_out_earns_nothing(name, folders, monkeypatch):
    assignment = ASSIGNMENTS[name]
    names, printed, _ = executed(starter(assignment).cells, folders / name, monkeypatch)
    assert "  right " not in printed
    assert "  not yet" in printed
    assert earned(assignment, names, KEYS[0]) == (0, 0)


def solutions(assignment):
    """The lines of the model solution that the student is to write, but those that say nothing by themselves."""
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
        assert all(set(one) == {"name", "label", "points"} for one in kept[question.name]["hidden"])
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
        self.known = {
            repr(plain(arguments)): answer for check in checks for arguments, answer in check.calls(None)
        }

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
    kept = json.loads((folders / name / "checks.json").read_text("utf8"), object_hook=decoded)
    compared = set()
    for question in assignment.questions:
        visible = [check for check in question.checks if not check.hidden]
        for check, one in zip(visible, kept[question.name]["visible"], strict=True):
            pairs = list(check.calls(None))
            for given in spoilt(plain(pairs[0][1])):
                names = {check.name: lambda *_, given=given: given}
                said = [said.partition(" under ")[0] for said, _ in own.calls(one, names, {})]
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
    back = json.loads(json.dumps(encoded(plain(kept))), object_hook=decoded)
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


class Holder:
    """A policy as a student may write one."""

    def __init__(self):
        self.asked = 0

    def holding(self, delta):
        self.asked += 1
        return {"late": 0.5, "wide": object(), "shaky": delta + self.asked}[WAYS[0]] if WAYS else delta


WAYS: list[str] = []


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ((), "  right    two moments (3 points)"),
        (("late",), "  not yet  two moments (3 points, 1 of 2 right): the wrong value"),
        (
            ("wide",),
            "  not yet  two moments (3 points, 0 of 2 right): not a number, a text, a list, a dict or an array",
        ),
        (("shaky",), "  not yet  two moments (3 points, 0 of 2 right): the wrong value"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_the_check_asks_a_policy_and_tells_shares(way, said, tmp_path, capsys, monkeypatch):
    check = Check("Holder", [(0.5,), (0.25,)], lambda delta: delta, 3, "two moments", share=True)
    late = Check("Holder", None, lambda: 1, 2, "a hidden one")
    missing = Check("nowhere", None, lambda: 1, 1, "another")
    assignment = Assignment(
        "hw0", "A title", "index", (60, 90), [Question("q1", "A question", [check, late, missing])]
    )
    (tmp_path / "checks.json").write_text(shipped(assignment), "utf8")
    (tmp_path / "check.py").write_text(student_check(), "utf8")
    monkeypatch.setattr(f"{__name__}.WAYS", list(way))
    exec('check("q1")', {"check": checker(tmp_path).check, "Holder": Holder})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "q1. A question"
    assert lines[1] == said
    assert lines[-2:] == [
        "  hidden   a hidden one (2 points): marked after you hand in",
        "  hidden   another (1 point): nowhere is not defined yet",
    ]


def test_a_call_that_takes_too_long_is_told_so(tmp_path, capsys):
    check = Check("slow", [(1,)], lambda x: x, 1, "one call", seconds=0.01)
    assignment = Assignment("hw0", "A title", "index", (60, 90), [Question("q1", "A question", [check])])
    (tmp_path / "checks.json").write_text(shipped(assignment), "utf8")
    (tmp_path / "check.py").write_text(student_check(), "utf8")
    exec('check("q1")', {"check": checker(tmp_path).check, "slow": lambda x: time.sleep(0.06) or x})
    assert re.search(r"too slow: \d\.\d seconds, where 0.01 are allowed", capsys.readouterr().out)


@pytest.mark.parametrize(
    "code",
    ["# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "def f():\n    # BEGIN SOLUTION\n    return 1", "# END SOLUTION"],
    ids=["at top level without what the student finds", "not closed", "not opened"],
)
def test_a_solution_that_would_stay_in_the_students_copy_is_refused(code):
    with pytest.raises(ValueError, match="hw1: "):
        without_solution(code, ASSIGNMENTS["hw1"])


def test_the_command_makes_the_named_ones(tmp_path, capsys):
    assert main(["assignments", "hw2", "--into", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hw2", "hw2.zip", "made.json"]
    assert "Three holes in the ground, 31 points" in capsys.readouterr().out


def test_a_folder_that_is_named_is_the_one_that_is_meant(tmp_path, monkeypatch):
    book = ASSIGNMENTS["hw3"].folder
    monkeypatch.chdir(tmp_path)
    assert load("hw3").folder == book
    with pytest.raises(ValueError, match=r"an assignment is a folder with checks\.py"):
        load("./hw3")
    shutil.copytree(book, tmp_path / "hw3")
    for way in ("./hw3", "hw3/", tmp_path / "hw3", "../" + tmp_path.name + "/hw3"):
        assert load(way).folder == tmp_path / "hw3"
    said = f"hw3 is one of the book's and a folder here: say {book}, or ./hw3"
    with pytest.raises(ValueError, match=re.escape(said)):
        load("hw3")
    assert load(book).folder == book
    monkeypatch.chdir(book.parent)
    assert load("hw3").folder == book


@pytest.fixture
def own(tmp_path):
    """An instructor's own assignment, as `new` begins it."""
    assert main(["new", str(tmp_path / "hw11")]) == 0
    return tmp_path / "hw11"


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def makes(own, into):
    return main(["assignments", str(own), "--into", str(into)])


def test_an_assignment_is_not_written_over_itself(own, capsys):
    before = contents(own)
    for into in (own.parent, own, own / "made"):
        assert makes(own, into) == 2
        assert (
            "hw11 lies in the assignment's own folder, or around it: give another --into"
            in capsys.readouterr().err
        )
    assert contents(own) == before


def test_only_what_was_made_is_replaced(own, tmp_path, capsys):
    """Nothing of an instructor's own: a zip of that name, a notebook that was worked in, notes beside it."""
    into = tmp_path / "course"
    (into / "hw11").mkdir(parents=True)
    (into / "hw11" / "by_hand.csv").write_text("student,q2\n")
    (into / "hw11.zip").write_text("what was handed in")
    assert makes(own, into) == 2
    assert (
        f"{into / 'hw11.zip'} is there already, and not as it was last written: move it" in capsys.readouterr().err
    )
    assert (into / "hw11.zip").read_text() == "what was handed in"
    assert [path.name for path in (into / "hw11").iterdir()] == ["by_hand.csv"]
    (into / "hw11.zip").unlink()
    (own / "data").mkdir()
    (own / "data" / "old.csv").write_text("a\n")
    assert makes(own, into) == 0
    (own / "data" / "old.csv").unlink()
    (own / "data" / "new.csv").write_text("a\n")
    assert makes(own, into) == 0
    assert [path.name for path in (into / "hw11" / "data").iterdir()] == ["new.csv"]
    assert (into / "hw11" / "by_hand.csv").read_text() == "student,q2\n"
    (into / "hw11" / "hw11.ipynb").write_text("{}")
    before = contents(into)
    assert makes(own, into) == 2
    assert f"{into / 'hw11/hw11.ipynb'} is there already" in capsys.readouterr().err
    assert contents(into) == before


def test_a_student_finds_no_american_spelling():
    american = r"\b\w*(?:color|behavior|neighbor|favor|honor|center|meter\b|analyz|realiz|organiz|defense|gray)\w*"
    for assignment in ASSIGNMENTS.values():
        for path in (assignment.folder / "notebook.md", assignment.folder / "checks.py"):
            assert not re.findall(american, Path(path).read_text("utf8")), path
