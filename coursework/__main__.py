"""``python -m coursework``: what an instructor does with assignments, one command each."""

from __future__ import annotations

import argparse
import importlib
import os
import secrets
import sys
from pathlib import Path

from coursework import assignment, grading, marks, reports, sandbox
from coursework.submissions import find, line

#: Commands that are written elsewhere: each module has `arguments(parser)` and `run(options)`.
ELSEWHERE = {
    "fill": ("learning_systems", "write marks into Canvas's or Moodle's export"),
    "assignments": ("notebooks", "make the students' notebooks"),
    "tournament": ("tournament", "rank policies on the same hidden paths"),
    "new": ("new", "begin an assignment of your own"),
    "sample": ("sample_class", "make a class of 30 to try the grader on"),
}


def grade(options: argparse.Namespace) -> int:
    """Mark a class."""
    chosen, secret = assignment.load(options.assignment), sandbox.key(options.key)
    out = options.out = options.out or Path("marks") / chosen.name
    if bool(options.due) != bool(options.times):
        raise sandbox.Refused("--due and --times go together: when it was due, and when each student handed in")
    if options.late:
        marks.share_lost(options.late, 0)
    wall = sandbox.chosen(options, chosen)
    submissions = find(options.submissions, chosen.name)
    students = [one.student for one in submissions]
    options.student = [line(student) for student in options.student]
    if unknown := set(options.student) - set(students):
        raise sandbox.Refused(f"there is no submission of {', '.join(sorted(unknown))}")
    marks.belongs(out, chosen, students)  # this and a mistake by hand are told before anything is run
    known, hand = marks.kept(out), marks.by_hand(chosen, out)
    if lost := marks.strangers(out / "by_hand.csv", hand, [*students, *known.get("answers", {})]):
        raise sandbox.Refused(f"{out / 'by_hand.csv'}: of {', '.join(lost)} nothing was ever handed in")
    before = known.get("answers", {})
    dropped = [who for who in before if who not in hand and any(points for _, points, *_ in before[who].values())]
    marks.tell(f"{out / 'by_hand.csv'} has no row any more, and so no points, of", dropped)
    days = marks.days_late(options.due, options.times) if options.due else {}
    if days:
        marks.tell(f"{options.times}: nothing handed in by", marks.strangers(options.times, days, students))
        late = {one.student for one in submissions if one.late} - set(days)
        marks.tell(f"not in {options.times}, so in time:", set(students) - set(days) - late)
        marks.tell(f"not in {options.times}, so a day late, as Canvas says:", late)
    marker = grading.Marker(chosen, secret, wall)
    tried = grading.tried(marker, known.get("tried", ""))
    out.mkdir(parents=True, exist_ok=True)
    marks.keep(out, assignment=f"{chosen.name}: {chosen.title}", tried=tried)
    results = grading.grade(marker, submissions, out, options.jobs, options.student)
    found = marks.marks(chosen, results, out, days, options.late)
    seen = reports.write_pages(chosen, found, out, options.book.rstrip("/"))
    undone = [mark.result["student"] for mark in found if mark.status.startswith(marks.NOT_MARKED)]
    marks.tell("Not marked, through no fault of theirs (see marks.csv; run again):", undone)
    marks.tell(f"{marks.CHANGED}:", [mark.result["student"] for mark in found if mark.own.changed])
    marks.tell(f"marked by hand, and {marks.GONE}:", set(hand) - set(students))
    print(seen)
    return 1 if undone else 0


def key(options: argparse.Namespace) -> int:
    """Make a class's key."""
    try:
        with os.fdopen(os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
    except FileExistsError:
        raise sandbox.Refused(f"{options.file} is there already, and marks depend on it") from None
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    made = argparse.ArgumentParser(prog="python -m coursework", description=__doc__)
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser(
        "grade", help="mark a class, each submission in a sandbox", description=grade.__doc__
    )
    one.set_defaults(run=grade)
    one.add_argument("assignment", help="hw1, or a folder with checks.py")
    about_key = "the class's key, from which hidden inputs are drawn"
    sandbox.arguments(one, about_key, None, "where marks and pages go (marks/hw1)")
    one.add_argument("--student", action="append", default=[], metavar="ID", help="mark this student anew")
    one.add_argument("--late", default="", metavar="RULE", help='"10%% a day, at most 50%%" of the points earned')
    one.add_argument("--due", default="", metavar="TIME", help="2027-03-01T23:59")
    one.add_argument("--times", type=Path, help="a table student,submitted of such times")
    one.add_argument("--book", default="", metavar="URL", help="where the book is, for links to it")
    two = commands.add_parser("key", help="make a class's key", description=key.__doc__)
    two.set_defaults(run=key)
    two.add_argument("file", type=Path)
    for name, (module, about) in ELSEWHERE.items():
        there = importlib.import_module(f"coursework.{module}")
        command = commands.add_parser(name, help=about, description=there.run.__doc__)
        there.arguments(command)
        command.set_defaults(run=there.run)
    return made


def main(words: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = parser().parse_args(words)
    try:
        return int(options.run(options) or 0)
    except (sandbox.Refused, ValueError, OSError) as refused:
        print(refused, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
