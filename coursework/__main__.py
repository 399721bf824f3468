"""``python -m coursework``: what an instructor does with assignments, one command each."""

from __future__ import annotations

import argparse
import importlib
import os
import secrets
import sys
from pathlib import Path

from coursework import assignment, grading, learning_systems, marks, reports, sandbox

#: Commands that are written elsewhere: each module has `arguments(parser)` and `run(options)`.
ELSEWHERE = {
    "assignments": ("notebooks", "make the students' notebooks"),
    "tournament": ("tournament", "rank policies on the same hidden paths"),
    "new": ("new", "begin an assignment of your own"),
    "sample": ("sample_class", "make a class of 30 to try the grader on"),
}


def grade(options: argparse.Namespace) -> int:
    """Mark a class."""
    chosen = assignment.load(options.assignment)
    secret = sandbox.key(options.key)
    if bool(options.due) != bool(options.times):
        raise sandbox.Refused("--due and --times go together: when it was due, and when each student handed in")
    if options.late:
        marks.share_lost(options.late, 0)
    wall = "none" if options.unsafe else sandbox.best()
    if options.unsafe:
        print("UNSAFE: submissions run as you, and can do whatever you can.", file=sys.stderr)
    else:
        sandbox.keep_apart(chosen, [options.key, options.submissions, options.out, chosen.folder])
    marker = grading.Marker(chosen, secret, wall)
    marks.by_hand(chosen, options.out)  # a mistake in it is told before anything is run
    days = marks.days_late(options.due, options.times) if options.due else {}
    results = grading.grade(marker, options.submissions, options.out, options.jobs, options.student)
    found = marks.marks(chosen, results, options.out, days, options.late)
    marks.write_tables(chosen, found, options.out)
    reports.write_pages(chosen, found, options.out, options.book.rstrip("/"))
    undone = [result["student"] for result in results if result["status"].startswith("NOT MARKED")]
    if undone:
        print(
            f"Not marked, through no fault of theirs: {', '.join(undone)}.  See marks.csv; run again.",
            file=sys.stderr,
        )
    return 1 if undone else 0


def fill(options: argparse.Namespace) -> int:
    """Write marks into what the learning system exported."""
    if options.canvas:
        learning_systems.canvas(
            options.canvas, options.marks, options.column or options.canvas.stem, options.scale
        )
    else:
        learning_systems.moodle(options.moodle, options.marks, options.scale)
    return 0


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
    one.add_argument("submissions", type=Path, help="a folder, a zip, or what a learning system gives to download")
    one.add_argument("--key", type=Path, required=True, help="the class's key, from which hidden inputs are drawn")
    one.add_argument("--out", type=Path, default=Path("marks"), help="where marks and pages go (marks)")
    one.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time (one a core)")
    one.add_argument("--student", action="append", default=[], metavar="ID", help="mark this student anew")
    one.add_argument("--late", default="", metavar="RULE", help='"10%% a day, at most 50%%" of the points earned')
    one.add_argument("--due", default="", metavar="TIME", help="2027-03-01T23:59")
    one.add_argument("--times", type=Path, help="a table student,submitted of such times")
    one.add_argument(
        "--book", default="", metavar="URL", help="where the book is, for links to what to read again"
    )
    one.add_argument("--unsafe", action="store_true", help="without a sandbox: for your own notebooks only")
    two = commands.add_parser(
        "fill", help="write marks into Canvas's or Moodle's export", description=fill.__doc__
    )
    two.set_defaults(run=fill)
    two.add_argument("marks", type=Path, help="the folder that grade wrote")
    which = two.add_mutually_exclusive_group(required=True)
    which.add_argument("--canvas", type=Path, metavar="CSV", help="Grades, Export")
    which.add_argument("--moodle", type=Path, metavar="CSV", help="Download grading worksheet")
    two.add_argument("--column", help="the assignment's name in Canvas")
    two.add_argument("--scale", action="store_true", help="convert where the column is out of other points")
    three = commands.add_parser("key", help="make a class's key", description=key.__doc__)
    three.set_defaults(run=key)
    three.add_argument("file", type=Path)
    for name, (module, about) in ELSEWHERE.items():
        if importlib.util.find_spec(f"coursework.{module}"):
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
