"""A class of thirty to try the grader on: what students hand in, from the good to the hostile, and what it earns.

`python -m coursework sample class` writes ``submissions.zip``, as Canvas would, a key, and ``expected.csv``, the
marks that `grade hw2` has to give.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursework import notebooks, sandbox
from coursework.assignment import Assignment, load

NAME, KEY = "hw2", "the key of the sample class\n"
LATE = "10% a day, at most 50%"
MARKS = re.compile(r"^[ \t]*(?:# (?:STUDENT:|BEGIN|END)|<!-- (?:BEGIN|END)).*\n?", re.MULTILINE)
Cells = list[dict[str, Any]]

#: The other names of who copied `shared.txt`.
RENAMED = dict(slope="hedge_ratio", history="seen", walk="backwards", high="good", low="bad", pair="p")


def solved(what: Callable[[Assignment], Any] = notebooks.model) -> Cells:
    """The cells of the model solution, as if a student had written it."""
    cells = what(load(NAME)).cells
    return [cell(MARKS.sub("", one.source), one.cell_type, dict(one.metadata)) for one in cells]


def starter() -> Cells:
    """The cells as they were handed out."""
    return solved(notebooks.starter)


def cell(source: str, kind: str = "code", metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """One cell."""
    rest: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata or {}, "source": source, **rest}


def having(old: str, new: str, times: int = 1) -> Cells:
    """The model solution with another text in it; that it was there is seen to."""
    cells = solved()
    assert sum(one["source"].count(old) for one in cells) == times, old
    return [{**one, "source": one["source"].replace(old, new)} for one in cells]


def up_to(question: str) -> Cells:
    """The model solution as far as that question; the others not begun."""
    own, given = solved(), starter()
    at = next(n for n, one in enumerate(given) if one["source"].startswith(f"## {question}."))
    return own[:at] + given[at:]


def after(mark: str, more: str) -> Cells:
    """The model solution with one more cell after the one that has the mark."""
    cells = solved()
    at = next(n for n, one in enumerate(cells) if mark in one["source"])
    return [*cells[: at + 1], cell(more), *cells[at + 1 :]]


def own(*codes: str, first: int = 2) -> Cells:
    """The first cells as they were handed out, then code of one's own."""
    return [*starter()[:first], *map(cell, codes)]


def code(name: str) -> str:
    """What somebody wrote: other right ways than the model's, one that two share, answers by heart, tricks."""
    return (Path(__file__).parent / "sample" / f"{name}.txt").read_text(encoding="utf-8")


def renamed(text: str) -> str:
    """The same code with other names and without its comments."""
    text = re.sub(r"^ +#.*\n", "", text, flags=re.MULTILINE)
    for old, new in RENAMED.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return text


def raw(cells: Cells) -> bytes:
    """A notebook's bytes."""
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}).encode()


def stripped(cells: Cells) -> Cells:
    """Without what the cells knew of themselves."""
    return [{**one, "metadata": {}} for one in cells]


@dataclass(frozen=True)
class Student:
    """One of the class: what is handed in, and the points it earns by checks, from q1 to q6."""

    name: str
    kind: str
    about: str
    points: tuple[float, ...]
    makes: Callable[[], bytes | Cells]
    status: str = "ok"
    late: bool = False


ALL, NONE = (2.0, 3.0, 5.0, 4.0, 7.0, 5.0), (0.0,) * 6
UNREADABLE = "unreadable: "
SEEN, ENDED = "    best = max(best, spot)\n", "    if not stages:\n        return 0.0, best - spot\n"
CLASS = [
    Student("adams", "good", "the model solution", ALL, solved),
    Student("baker", "good", "right by other methods", ALL, lambda: own(code("matrix"))),
    Student("chen", "good", "handed in twice: the second counts", ALL, solved),
    Student("diaz", "good", "cells in reverse order", ALL, lambda: solved()[::-1]),
    Student("evans", "good", "cells twice, the older copies first", ALL, lambda: up_to("q3") + solved()),
    Student("fischer", "good", "saved without metadata", ALL, lambda: stripped(solved())),
    Student("garcia", "partial", "cash not discounted", (0, 3, 0, 0, 7, 5),
            lambda: having("(value_up - shares * up) / growth", "value_up - shares * up")),
    Student("haas", "partial", "the last price is not among those seen", (2, 3, 0, 0, 7, 5),
            lambda: having(SEEN + ENDED, ENDED + SEEN)),
    Student("ito", "partial", "visible answers by heart", (1, 1, 1, 0, 0, 0), lambda: own(code("by_heart"))),
    Student("jones", "partial", "never says that there is no volatility", (2, 3, 5, 4, 5, 5),
            lambda: having("return None", "pass")),
    Student("kaya", "partial", "two questions done", (2, 3, 0, 0, 0, 0), lambda: up_to("q3")),
    Student("lopez", "partial", "rounds to cents", (0, 3, 0, 0, 7, 5),
            lambda: having("return shares, cash", "return round(shares, 2), round(cash, 2)")),
    Student("mbeki", "partial", "buys at the bid", (2, 3, 5, 4, 7, 1),
            lambda: having("put_ask - call_bid", "put_bid - call_bid")),
    Student("novak", "partial", "the density for the distribution", (2, 3, 5, 4, 0, 5),
            lambda: having("(1 + erf(x / sqrt(2))) / 2", "exp(-x * x / 2) / 2.5066282746")),
    Student("okoye", "partial", "prints and returns nothing", (2, 3, 0, 4, 7, 5),
            lambda: having("return shares * spot + cash", "print(shares * spot + cash)")),
    Student("park", "starter", "as it was handed out", NONE, starter),
    Student("quinn", "empty", "an empty file", NONE, lambda: b"", UNREADABLE + "an empty file"),
    Student("rossi", "empty", "a notebook without cells", NONE, lambda: []),
    Student("silva", "broken", "one cell is no Python", (2, 0, 5, 4, 7, 5),
            lambda: having("def free_lunch(spot, up, down, growth):", "def free_lunch(spot, up, down, growth)")),
    Student("tanaka", "broken", "a web page called .ipynb", NONE, lambda: b"<!doctype html>",
            "not a notebook"),
    Student("ueda", "broken", "saved as UTF-16", ALL, lambda: raw(solved()).decode().encode("utf-16")),
    Student("vogel", "broken", "a zip called .ipynb", NONE, lambda: b"PK\x03\x04" + bytes(60),
            UNREADABLE + "a zip archive, not a notebook"),
    Student("weber", "broken", "magics and a shell", ALL,
            lambda: [cell("%matplotlib inline\n!pip install numpy"), *solved()]),
    Student("xu", "late", "right, a day late", ALL, solved, late=True),
    Student("young", "alike", "two pieces of work", (2, 3, 0, 0, 0, 0), lambda: own(code("shared"))),
    Student("zhang", "alike", "that are one", (2, 3, 0, 0, 0, 0), lambda: own(renamed(code("shared")))),
    Student("abel", "hostile", "a cell without an end", ALL,
            lambda: after("def lookback", "while True:\n    pass"), "cells left out"),
    Student("bloom", "hostile", "a cell that ends the process", ALL,
            lambda: after("def plan", "import os\nos._exit(0)"), "cells left out"),
    Student("cohen", "hostile", "a function that takes all memory", (2, 3, 0, 4, 7, 5),
            lambda: having("    return shares * spot + cash", "    return sum([0.0] * 10**11)")),
    Student("dent", "hostile", "looks for the key, forges its marks", NONE,
            lambda: own(code("forged"), code("snooping"))),
]  # fmt: skip


def files() -> dict[str, bytes]:
    """The submissions by the names that Canvas gives them."""
    found = {}
    for number, student in enumerate(CLASS):
        made = student.makes()
        start = f"{student.name}{'_LATE' if student.late else ''}_{1001 + number}_{50001 + number}_{NAME}"
        found[f"{start}.ipynb"] = made if isinstance(made, bytes) else raw(made)
        if student.name == "chen":  # Canvas counts from the second on
            found = {**found, f"{start}.ipynb": raw(up_to("q4")), f"{start}-1.ipynb": found[f"{start}.ipynb"]}
    return found


def expected() -> list[dict[str, str]]:
    """What the marks have to be, as `marks.csv` writes them, with what each submission is."""
    names = [question.name for question in load(NAME).questions if question.checks]
    rows = []
    for number, student in enumerate(CLASS):
        lost = round(sum(student.points) / 10, 2) if student.late else 0
        points = {name: f"{value:g}" for name, value in zip(names, student.points, strict=True)}
        about = {"student": str(1001 + number), "name": student.name, "kind": student.kind, "what": student.about}
        total = {"late": f"{-lost or 0:g}", "total": f"{sum(student.points) - lost:g}", "status": student.status}
        rows.append(about | points | total)
    return rows


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be said on the command line."""
    parser.add_argument("folder", type=Path, help="a folder that is not there yet")


def run(options: argparse.Namespace) -> None:
    """Write a class of thirty for `grade hw2`: submissions, a key, and the marks that are expected."""
    folder = options.folder
    if folder.exists():
        raise sandbox.Refused(f"{folder} is there already")
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for name, data in files().items():
            archive.writestr(
                zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED
            )  # of no date: always the same bytes
    (folder / "class.key").write_text(KEY, encoding="utf-8")
    with (folder / "expected.csv").open("w", newline="", encoding="utf-8") as file:
        rows = expected()
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(
        f"Now:  python -m coursework grade {NAME} {folder}/submissions.zip --key {folder}/class.key"
        f' --out {folder}/marks --late "{LATE}"\nand compare {folder}/marks/marks.csv with {folder}/expected.csv.'
    )
