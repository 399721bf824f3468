"""What is read: a page for each student, the class at a glance, the answers that somebody has to mark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import jinja2

from coursework import notebooks
from coursework.assignment import Assignment
from coursework.grading import put, slug
from coursework.marks import NOT_MARKED, Mark, open_questions
from coursework.session import MISSING
from coursework.worker import fingerprints

CODE = re.compile(r"^```\{code-cell\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```$", re.MULTILINE | re.DOTALL)
#: From how many rows of tokens of one's own two submissions are compared, and what share in common is suspicious;
#: how many may copy in a class however small, and how many lines a solution has that anybody would write so.
ENOUGH, ALIKE, RING, SHORT = 40, 0.85, 6, 2


def escaping() -> jinja2.Environment:
    """Stops a student's text from becoming a part of a page: it is escaped wherever it stands."""
    pages = jinja2.FileSystemLoader(Path(__file__).parent / "pages")
    found = jinja2.Environment(loader=pages, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    found.filters["points"] = lambda value: f"{value:.10g}"
    found.filters["sentence"] = sentence
    return found


def sentence(text: str) -> str:
    """A phrase as a sentence begins; what the notebook calls something keeps its letters."""
    return text if text.endswith(MISSING) else text[:1].upper() + text[1:]


def write_pages(assignment: Assignment, marks: Sequence[Mark], out: Path, book: str) -> str:
    """Write ``students/ID.html``, ``class.html`` and ``by_hand/ID.QUESTION.txt``; in a line, what came of it."""
    pages = escaping()
    pages.filters["chapter"] = lambda place: notebooks.chapter(place.partition(".html")[0])
    made = {}
    for mark in marks:
        name, result = slug(mark.result["student"]), mark.result
        scores = {(line["question"], line["number"]): line for line in result["scores"]}
        unmarked = sum(open_questions(assignment)[question] for question in mark.unmarked)
        told = {"a": assignment, "mark": mark, "scores": scores, "book": book, "unmarked": unmarked}
        made[out / "students" / f"{name}.html"] = pages.get_template("student.html").render(told)
        for question in open_questions(assignment):
            if result["written"].get(question):
                made[out / "by_hand" / f"{name}.{question}.txt"] = result["written"][question] + "\n"
    for folder, ending in (("students", r"\.html"), ("by_hand", r"\.q\d+\.txt")):
        (out / folder).mkdir(exist_ok=True)
        for path in (out / folder).iterdir():  # of who has handed in nothing any more, or no answer
            if path not in made and re.search(ending + r"\Z", path.name):
                path.unlink()
    seen = glance(assignment, marks)
    made[out / "class.html"] = pages.get_template("class.html").render(a=assignment, marks=marks, **seen)
    for path, text in made.items():
        put(path, text)
    look = {mark.result["student"] for mark, _ in seen["eyes"]} | {who for one in seen["alike"] for who in one[:2]}
    undone = sum(mark.status.startswith(NOT_MARKED) for mark in marks)
    said = f"{len(marks) - undone} marked, " + (f"{undone} not marked, " if undone else "")
    return f"{said}{len(look)} to look at, {seen['unmarked']} with answers to mark: {out / 'class.html'}"


def glance(assignment: Assignment, marks: Sequence[Mark]) -> dict[str, Any]:
    """The class: how many are in each tenth of the points, which questions are missed, and whom to look at."""
    tenths = Counter(min(9, max(0, int(10 * mark.total / assignment.points))) for mark in marks)
    missed = []
    for question in assignment.questions:
        most = sum(check.points for check in question.checks)
        got = [mark.checked[question.name] for mark in marks if question.checks and mark.result["scores"]]
        if got and most:
            missed.append((sum(got) / len(got) / most, sum(value == 0 for value in got), question))
    return {
        "tenths": [tenths[number] for number in range(10)],
        "missed": sorted(missed, key=lambda row: row[0]),
        "eyes": [(mark, found) for mark in marks if (found := reasons(mark))],
        "late": [mark for mark in marks if mark.days],
        "alike": alike(assignment, marks),
        "unmarked": sum(bool(mark.unmarked) for mark in marks),
    }


def reasons(mark: Mark) -> list[str]:
    """Why somebody should look at a submission."""
    result = mark.result
    found = [] if mark.status == "ok" else [mark.status]
    found += [f"cell {cell} {why}" for cell, why in result["left out"]]
    if result["language"] not in ("", "python"):
        found.append(f"says it is {result['language']}")
    if result["scores"] and all(line["said"].endswith(MISSING) for line in result["scores"]):
        found.append("nothing that is asked for is defined: is it the right notebook?")
    elif mark.status == "ok" and not any(mark.checked.values()):
        found.append("no check gives a point")
    return [*found, *filter(None, [result["note"]])]


def alike(assignment: Assignment, marks: Sequence[Mark]) -> list[tuple[str, str, float]]:
    """Pairs of students whose code is the same but for names and values, beyond what anybody would write.

    That is what was given out, the model's short solutions, what more than half of a class wrote, and what many
    wrote whose code is otherwise unlike: those who are alike count as one, so that a ring of copiers stays seen.
    """
    given = handed_out(assignment)
    own = [(mark.result["student"], set(mark.result["prints"]) - given) for mark in marks]
    unlike: list[set[int]] = []
    for _, prints in own:
        if not any(in_common(prints, other) >= ALIKE for other in unlike):
            unlike.append(prints)
    often = Counter(value for _, prints in own for value in prints)
    apart = Counter(value for prints in unlike for value in prints)
    most, many = max(RING, len(own) / 2), max(3, len(unlike) / 4)
    usual = {value for value, count in often.items() if count > most or apart[value] > many}
    own = [(student, left) for student, prints in own if len(left := prints - usual) >= ENOUGH]
    pairs = [(one, two, in_common(a, b)) for (one, a), (two, b) in combinations(own, 2)]
    return sorted((pair for pair in pairs if pair[2] >= ALIKE), key=lambda pair: -pair[2])


def in_common(one: set[int], other: set[int]) -> float:
    """The share that two have in common of what either has."""
    both = len(one & other)
    return both / max(1, len(one) + len(other) - both)


def handed_out(assignment: Assignment) -> set[int]:
    """The rows of tokens that are nobody's own: of the notebook as handed out, and with its short solutions."""
    text = (assignment.folder / "notebook.md").read_text(encoding="utf-8")
    found: set[int] = set()
    for longest in (0, SHORT):

        def left(solution: re.Match[str], longest: int = longest) -> str:
            lines = solution[0].partition("# BEGIN SOLUTION\n")[2].count("\n")
            return solution[0] if lines <= longest else solution["instead"] or notebooks.UNFINISHED

        found.update(fingerprints(CODE.findall(notebooks.SOLUTION.sub(left, text))))
    return found
