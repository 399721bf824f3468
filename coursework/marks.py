"""From results to marks: marks by hand come in, what lateness costs goes off; tables to read and to fill in.

A rule for lateness reads ``10% a day, at most 50%``: of what was earned, for each day begun after the time due.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from coursework.assignment import Assignment
from coursework.grading import Result
from coursework.sandbox import Refused
from coursework.session import clean

RULE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*% a day(?:, at most (\d+(?:\.\d+)?)\s*%)?\s*")


@dataclass(frozen=True)
class Mark:
    """A student's marks: by question, by hand (None where nobody has marked yet), what is lost, days late."""

    result: Result
    checked: dict[str, float]
    by_hand: dict[str, float | None]
    comment: str
    lost: float
    days: int

    @property
    def total(self) -> float:
        """All that counts."""
        return round(
            sum(self.checked.values()) + sum(value or 0 for value in self.by_hand.values()) - self.lost, 2
        )


def share_lost(rule: str, days: int) -> float:
    """The share of what was earned that so many days cost."""
    said = RULE.fullmatch(rule)
    if not said:
        raise Refused(f'a rule for lateness reads "10% a day" or "10% a day, at most 50%", got {rule!r}')
    return min(float(said[1]) * days, float(said[2] or 100), 100.0) / 100


def days_late(due: str, times: Path) -> dict[str, int]:
    """The days begun after `due`, by student, from a table ``student,submitted`` of ISO times in one time zone."""
    try:
        end = datetime.fromisoformat(due)
        rows = [(row["student"], datetime.fromisoformat(row["submitted"]) - end) for row in table(times)]
        late = dict(rows)
        if not rows or len(late) < len(rows):
            raise ValueError("a row for each student, got " + ("a student twice" if rows else "none"))
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            f"--due is a time such as 2027-03-01T23:59, {times} a table student,submitted: {error}"
        ) from None
    return {student: max(0, math.ceil(time.total_seconds() / 86400)) for student, time in late.items()}


def marks(
    assignment: Assignment, results: Iterable[Result], out: Path, days: dict[str, int], rule: str
) -> list[Mark]:
    """The marks of a class; of who handed in late without a time being known, a day."""
    found, hand = [], by_hand(assignment, out)
    for result in results:
        checked = {question.name: 0.0 for question in assignment.questions if question.checks}
        for line in result["scores"]:
            checked[line["question"]] += line["points"]
        own, comment = hand.get(result["student"], ({name: None for name in open_questions(assignment)}, ""))
        late = days.get(result["student"], int(result["late"])) if rule else 0
        earned = sum(checked.values()) + sum(value or 0 for value in own.values())
        found.append(
            Mark(result, checked, own, comment, round(earned * share_lost(rule, late), 2) if late else 0.0, late)
        )
    return found


def open_questions(assignment: Assignment) -> dict[str, float]:
    """What is marked by hand, and for how many points."""
    return {question.name: question.written.points for question in assignment.questions if question.written}


def by_hand(assignment: Assignment, out: Path) -> dict[str, tuple[dict[str, float | None], str]]:
    """The points that somebody has written into ``by_hand.csv``, and the comments."""
    found: dict[str, tuple[dict[str, float | None], str]] = {}
    columns = ["student", *open_questions(assignment), "comment"]
    for row in table(out / "by_hand.csv") if (out / "by_hand.csv").is_file() else ():
        if set(row) != set(columns):  # it is written anew: what is not understood would be lost
            raise Refused(f"by_hand.csv has the columns {', '.join(columns)}, got {', '.join(map(str, row))}")
        student, own = unquoted(row["student"] or ""), {}
        if student in found:
            raise Refused(f"by_hand.csv has {student} twice")
        for name, most in open_questions(assignment).items():
            text = (row.get(name) or "").strip()
            try:
                own[name] = float(text.replace(",", ".")) if text else None
                if text and not 0 <= float(own[name] or 0) <= most:
                    raise ValueError
            except ValueError:
                raise Refused(
                    f"by_hand.csv: {name} of {student} is from 0 to {most:g} points, got {text!r}"
                ) from None
        found[student] = own, unquoted(row.get("comment") or "")
    return found


def write_tables(assignment: Assignment, found: Sequence[Mark], out: Path) -> None:
    """Write ``marks.csv``, and ``by_hand.csv`` with a row for everybody who has none yet; no row of it is lost."""
    hand, questions = by_hand(assignment, out), list(open_questions(assignment))
    head = ["student", "name", *[question.name for question in assignment.questions if question.checks]]
    head += [*[f"{name} (by hand)" for name in questions], "late", "total", "out of", "status"]
    rows = []
    for mark in found:
        result, points = mark.result, [*mark.checked.values(), *mark.by_hand.values()]
        sums = [-mark.lost, mark.total, assignment.points]
        rows.append([result["student"], result["name"], *points, *sums, result["status"]])
    replace(out / "marks.csv", [head, *rows])
    if questions:
        everybody = {mark.result["student"]: (mark.by_hand, mark.comment) for mark in found} | hand
        own = [[student, *points.values(), comment] for student, (points, comment) in sorted(everybody.items())]
        replace(out / "by_hand.csv", [["student", *questions, "comment"], *own])


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a table, as a spreadsheet of any country saves it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        comma = ";" if ";" in text.partition("\n")[0] else ","
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=comma, strict=True))
    except (csv.Error, UnicodeError) as error:
        raise Refused(f"{path} is no table in UTF-8: {error}") from None


def replace(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Write a table, all of it or nothing."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([quoted(value) for value in row] for row in rows)
    os.replace(fresh, path)


def quoted(value: Any) -> str:
    """Stops a spreadsheet from taking a student's text for a formula."""
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else f"{value or 0:.10g}"
    text = clean(value, 2000).replace("\n", " ")
    return "'" + text if text[:1] in tuple("=+-@'") else text


def unquoted(text: str) -> str:
    """The text that `quoted` was given."""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@'") else text
