"""From results to marks: marks by hand come in, what lateness costs goes off; tables to read and to fill in.

A rule for lateness reads ``10% a day, at most 50%``: of what was earned, for each day begun after the time due.
What a folder has to remember (its assignment, which answers were marked by hand) stands in its ``kept.json``.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import hashlib
import io
import json
import math
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from coursework.assignment import Assignment
from coursework.grading import Result, put
from coursework.sandbox import Refused
from coursework.session import clean
from coursework.submissions import line

RULE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*% a day(?:, at most (\d+(?:\.\d+)?)\s*%)?\s*")
NO_ANSWER, CHANGED = "no answer", "the answer has changed since it was marked"
GONE, NOT_MARKED = "nothing is handed in any more", "NOT MARKED"
Kept = dict[str, Any]


@dataclass(frozen=True)
class ByHand:
    """What somebody has given a student: points by question (None where not yet), a comment, what to look at.

    Without `changed` a table says nothing on that; where we wrote something and it is empty, somebody has seen it.
    """

    points: dict[str, float | None]
    comment: str = ""
    changed: str | None = None


@dataclass(frozen=True)
class Mark:
    """A student's marks: by question, by hand, what is lost, days late."""

    result: Result
    checked: dict[str, float]
    own: ByHand
    lost: float
    days: int

    @property
    def total(self) -> float:
        """All that counts."""
        by_hand = sum(value or 0 for value in self.own.points.values())
        return round(sum(self.checked.values()) + by_hand - self.lost, 2)

    @property
    def unmarked(self) -> list[str]:
        """The questions whose answers nobody has marked yet."""
        answered = [name for name, text in self.result["written"].items() if text]
        return [name for name, value in self.own.points.items() if value is None and name in answered]

    @property
    def status(self) -> str:
        """What came of the submission, and of marks that are older than it."""
        return "; ".join(filter(None, (self.result["status"], self.own.changed)))


def share_lost(rule: str, days: int) -> float:
    """The share of what was earned that so many days cost."""
    said = RULE.fullmatch(rule)
    if not said:
        raise Refused(f'a rule for lateness reads "10% a day" or "10% a day, at most 50%", got {rule!r}')
    return min(float(said[1]) * days, float(said[2] or 100), 100.0) / 100


def days_late(due: str, times: Path) -> dict[str, int]:
    """The days begun after `due`, by student, from a table ``student,submitted`` of ISO times in one time zone."""
    end, late = time(due, "--due"), {}
    rows = table(times, ("student", "submitted"))
    if not rows:
        raise Refused(f"{times} has no row: it is a table student,submitted")
    for row in rows:
        student = line(unquoted(row["student"].strip()))
        who = f"{times}: {student or 'a row without a student'}"
        if not student or student in late:
            raise Refused(f"{who}: a row for each student, and one" + (", got two" if student else ""))
        submitted = time(row["submitted"], who)
        if (submitted.tzinfo is None) != (end.tzinfo is None):
            raise Refused(f"{who}: --due and every time have a time zone or none has, got {submitted} and {end}")
        late[student] = max(0, math.ceil((submitted - end).total_seconds() / 86400))
    return late


def time(text: str, what: str) -> datetime:
    """A time, as the command and its table write it; a date alone would be its first minute."""
    with contextlib.suppress(ValueError):
        found = datetime.fromisoformat(text.strip())
        if re.search(r"[T ]\d", text.strip()):
            return found
    raise Refused(f"{what}: a time is written 2027-03-01T23:59, got {text.strip()!r}")


def strangers(of: Path, names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Stops marks and times from being lost where a spreadsheet rewrote an id; who else handed nothing in."""
    known = list(known)

    def plain(name: str) -> str:
        return name.strip().casefold().lstrip("0").removesuffix(".0")

    unknown = sorted(set(names) - set(known))
    for name in unknown:
        near = [other for other in known if plain(other) == plain(name)]
        near = near or ([] if name.isdigit() else difflib.get_close_matches(name, known, 1, 0.85))
        if near and near[0] not in names:
            raise Refused(f"{of}: {clean(name, 60)} has handed nothing in.  Is it {near[0]}?")
    return unknown


def tell(what: str, students: Collection[str]) -> None:
    """Say whom something is about, if anybody."""
    if students:
        print(what, ", ".join(sorted(students)), file=sys.stderr)


def kept(out: Path) -> Kept:
    """What a folder remembers."""
    try:
        found = json.loads((out / "kept.json").read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Refused(f"{out / 'kept.json'} is damaged: {error}") from None


def keep(out: Path, **what: Any) -> None:
    """Let it remember this too."""
    put(out / "kept.json", json.dumps(kept(out) | what, indent=1, sort_keys=True))


def belongs(out: Path, assignment: Assignment, students: Collection[str]) -> None:
    """Stops the marks of one assignment, or class, from becoming those of another: a folder is of who wrote it."""
    mine, there = f"{assignment.name}: {assignment.title}", kept(out).get("assignment")
    if there is None and (out / "marks.csv").exists():
        there = "an assignment that it does not name"
    others = set(kept(out).get("answers", {}))
    if there == mine and others and not others & set(students):
        there = f"other students, such as {min(others)}"
    if there not in (None, mine):
        own = f"--out {out}-{assignment.name}"
        raise Refused(f"{out} has the marks of {there}.  Give {mine} a folder of its own, such as {own}")


def by_hand(assignment: Assignment, out: Path) -> dict[str, ByHand]:
    """The points that somebody has written into ``by_hand.csv``, and the comments."""
    found: dict[str, ByHand] = {}
    path, columns = out / "by_hand.csv", ["student", *open_questions(assignment), "comment"]
    for row in table(path, columns) if path.is_file() else ():
        if set(row) - {"changed"} != set(columns):  # it is written anew: what is not understood would be lost
            raise Refused(f"{path} has the columns {', '.join(columns)}, changed; got {', '.join(map(str, row))}")
        student = line(unquoted(row["student"].strip()))
        if student in found:
            raise Refused(f"{path} has {student} twice")
        points = {
            name: number(row[name], f"{path}: {name} of {student}", most) if row[name].strip() else None
            for name, most in open_questions(assignment).items()
        }
        found[student] = ByHand(points, unquoted(row["comment"]), row.get("changed"))
    return found


def number(text: str, what: str, most: float = math.inf) -> float:
    """Points that stand in a table; with a decimal comma, too."""
    try:
        value = float(text.strip().replace(",", "."))
        if 0 <= value <= most and math.isfinite(value):
            return value
    except ValueError:
        pass
    up_to = f"from 0 to {most:g}" if most < math.inf else "a number of"
    raise Refused(f"{what} is {up_to} points, got {text.strip()!r}")


def open_questions(assignment: Assignment) -> dict[str, float]:
    """What is marked by hand, and for how many points."""
    return {question.name: question.written.points for question in assignment.questions if question.written}


def reviewed(result: Result, own: ByHand, before: Mapping[str, list[Any]]) -> tuple[ByHand, dict[str, list[Any]]]:
    """Stops a mark by hand from outliving its answer in silence; who wrote nothing has 0 until there is an answer.

    Before and after, by question: the answer that was shown last, the points, the answer that they were given for,
    whether it was told that the two differ.
    """
    if result["status"].startswith(NOT_MARKED):
        return own, dict(before)
    points, comment, now_kept, changed = dict(own.points), own.comment, {}, []
    silent = [name for name in points if not result["written"].get(name)]
    said = NO_ANSWER if len(silent) == len(points) else f"{NO_ANSWER} to {', '.join(silent)}"
    ours = not comment or re.fullmatch(rf"{NO_ANSWER}(?: to [q\d, ]+)?", comment)
    for name in points:
        text = "" if name in silent else result["written"][name]
        now = hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""
        shown, old, marked, told = before.get(name, [now, None, None, False])
        if ours and text and old == points[name] == 0 and marked == "":
            points[name] = None  # it was ours, and there is an answer now
        if points[name] is None:
            points[name], marked = (None, None) if text else (0.0, "")
        elif (
            points[name] != old or marked is None or (told and own.changed is not None and name not in own.changed)
        ):
            marked = shown
        told = marked not in (None, now)
        changed += [f"{name}: {CHANGED}"] * told
        now_kept[name] = [now, points[name], marked, told]
    if ours:
        comment = said if any(now_kept[name][1:3] == [0.0, ""] for name in silent) else ""
    return ByHand(points, comment, "; ".join(changed)), now_kept


def marks(
    assignment: Assignment, results: Sequence[Result], out: Path, days: dict[str, int], rule: str
) -> list[Mark]:
    """The marks of a class, which are written too; of who handed in late without a time being known, a day."""
    found, hand, before = [], by_hand(assignment, out), kept(out).get("answers", {})
    after = dict(before)
    for result in results:
        checked = {question.name: 0.0 for question in assignment.questions if question.checks}
        for score in result["scores"]:
            checked[score["question"]] += score["points"]
        student, nothing = result["student"], ByHand(dict.fromkeys(open_questions(assignment)))
        own, after[student] = reviewed(result, hand.pop(student, nothing), before.get(student, {}))
        late = days.get(student, int(result["late"]))
        earned = sum(checked.values()) + sum(value or 0 for value in own.points.values())
        lost = round(earned * share_lost(rule, late), 2) if late and rule else 0.0
        found.append(Mark(result, checked, own, lost, late))
    for student, own in hand.items():
        given = any(value is not None for value in own.points.values())
        hand[student] = ByHand(own.points, own.comment, GONE if given else "")
    write_tables(assignment, found, hand, out)
    keep(out, assignment=f"{assignment.name}: {assignment.title}", answers=after)
    return found


def write_tables(assignment: Assignment, found: Sequence[Mark], others: dict[str, ByHand], out: Path) -> None:
    """Write ``marks.csv``, and ``by_hand.csv``, in which the rows of others stay."""
    questions = list(open_questions(assignment))
    head = ["student", "name", *[question.name for question in assignment.questions if question.checks]]
    head += [*[f"{name} (by hand)" for name in questions], "days late", "late", "total", "out of", "status"]
    rows = []
    for mark in found:
        result, points = mark.result, [*mark.checked.values(), *mark.own.points.values()]
        sums = [mark.days, -mark.lost, mark.total, assignment.points]
        rows.append([result["student"], result["name"], *points, *sums, mark.status])
    replace(out / "marks.csv", [head, *rows])
    if questions:
        everybody = {mark.result["student"]: mark.own for mark in found} | others
        own = [
            [who, *row.points.values(), row.comment, row.changed or ""] for who, row in sorted(everybody.items())
        ]
        replace(out / "by_hand.csv", [["student", *questions, "comment", "changed"], *own])


def table(path: Path, columns: Iterable[str] = ()) -> list[dict[str, str]]:
    """The rows of a table, as a spreadsheet of any country saves it; each has these columns."""
    try:
        text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
        comma = ";" if ";" in text.partition("\n")[0] else ","
        read = csv.DictReader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
        rows, head = list(read), read.fieldnames or []
    except FileNotFoundError:
        raise Refused(f"there is no {path}") from None
    except (csv.Error, UnicodeError) as error:
        raise Refused(f"{path} is no table in UTF-8: {error}") from None
    if missing := [name for name in columns if name not in head]:
        raise Refused(
            f"{path} lacks the column {missing[0]}" + (f", it has {', '.join(head)}" if head else ": it is empty")
        )
    if twice := [name for name in head if list(head).count(name) > 1]:
        raise Refused(f"{path} has the column {twice[0]} twice")
    rows = [{name: value if name is None else value or "" for name, value in row.items()} for row in rows]
    return [row for row in rows if any(row.values())]


def replace(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Write a table."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([quoted(value) for value in row] for row in rows)
    put(path, made.getvalue())


def quoted(value: Any) -> str:
    """Stops a spreadsheet from taking a student's text for a formula, also where it parts cells at semicolons."""
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else f"{value or 0:.10g}"
    return re.sub(r"(^|; *)(?=[=+@'-])", r"\1'", clean(value).replace("\n", " "))


def unquoted(text: str) -> str:
    """The text that `quoted` was given."""
    return re.sub(r"(^|; *)'(?=[=+@'-])", r"\1", text)
