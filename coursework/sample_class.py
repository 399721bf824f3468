"""A class of thirty to try the grader on: what students hand in, from the good to the hostile, and what it earns.

`python -m coursework sample class` writes ``submissions.zip``, as Canvas would, a key, and ``expected.csv``, the
marks that `grade hw2` has to give.  Who they are stands in ``sample/class.toml``.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from coursework import notebooks, sandbox
from coursework.assignment import load

NAME, KEY = "hw2", "the key of the sample class\n"
LATE = "10% a day, at most 50%"
SAMPLE = Path(__file__).parent / "sample"
MARKS = re.compile(r"^[ \t]*(?:# (?:STUDENT:|BEGIN|END)|<!-- (?:BEGIN|END)).*\n?", re.MULTILINE)
Cells = list[dict[str, Any]]

#: The other names of who copied `shared.txt`.
RENAMED = dict(slope="hedge_ratio", history="seen", walk="backwards", high="good", low="bad", pair="p")


def cell(source: str, kind: str = "code", metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """One cell."""
    rest: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata or {}, "source": source, **rest}


def up_to(question: str) -> Cells:
    """The model solution, as if a student had written it, as far as that question; the others not begun."""
    solved, given = notebooks.model(load(NAME)).cells, notebooks.starter(load(NAME)).cells
    at = next((n for n, one in enumerate(given) if one["source"].startswith(f"## {question}.")), len(given))
    both = [*solved[:at], *given[at:]]
    return [cell(MARKS.sub("", one.source), one.cell_type, dict(one.metadata)) for one in both]


def renamed(text: str) -> str:
    """The same code with other names and without its comments."""
    text = re.sub(r"^ +#.*\n", "", text, flags=re.MULTILINE)
    for old, new in RENAMED.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return text


def handed_in(student: dict[str, Any]) -> bytes:
    """The bytes of a submission."""
    if "bytes" in student:
        return str(student["bytes"]).encode()
    cells = up_to(student.get("until", "its end"))
    if "old" in student:  # that it was there is seen to
        assert sum(one["source"].count(student["old"]) for one in cells) == 1, student["old"]
        cells = [{**one, "source": one["source"].replace(student["old"], student["new"])} for one in cells]
    if "more" in student:
        at = next(n for n, one in enumerate(cells, 1) if student["mark"] in one["source"])
        cells.insert(at, cell(student["more"]))
    if "own" in student:
        cells = up_to("q1")[:2] + [cell((SAMPLE / f"{name}.txt").read_text("utf8")) for name in student["own"]]
    cells = [cell(student["first"]), *cells] if "first" in student else cells
    cells = {
        "reversed": cells[::-1],
        "after a draft": up_to("q3") + cells,
        "stripped": [{**one, "metadata": {}} for one in cells],
        "renamed": [{**one, "source": renamed(one["source"])} for one in cells],
        "emptied": [],
    }.get(student.get("how", ""), cells)
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    whole = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode(student.get("encoding", "utf-8"))


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be said on the command line."""
    parser.add_argument("folder", type=Path, help="a folder that is not there yet")


def run(options: argparse.Namespace) -> None:
    """Write a class of thirty for `grade hw2`: submissions, a key, and the marks that are expected."""
    folder = options.folder
    if folder.exists():
        raise sandbox.Refused(f"{folder} is there already")
    most = {q.name: sum(check.points for check in q.checks) for q in load(NAME).questions if q.checks}
    files: dict[str, bytes] = {}
    rows = []
    for number, student in enumerate(tomllib.loads((SAMPLE / "class.toml").read_text("utf8"))["student"]):
        late, points = student.get("late", False), student.get("points", list(most.values()))
        start = f"{student['name']}{'_LATE' * late}_{1001 + number}_{50001 + number}_{NAME}"
        files[f"{start}.ipynb"] = handed_in(student)
        if student["name"] == "chen":  # Canvas counts from the second on
            files |= {f"{start}.ipynb": handed_in({"until": "q4"}), f"{start}-1.ipynb": files[f"{start}.ipynb"]}
        lost = round(sum(points) / 10, 2) if late else 0
        row = {"student": 1001 + number, **{name: student[name] for name in ("name", "kind", "what")}}
        numbers = {**dict(zip(most, points, strict=True)), "late": -lost or 0, "total": sum(points) - lost}
        rows.append(row | {name: f"{value:g}" for name, value in numbers.items()})
        rows[-1]["status"] = student.get("status", "ok")
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for name, data in files.items():  # of no date: always the same bytes
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    (folder / "class.key").write_text(KEY, encoding="utf-8")
    with (folder / "expected.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(
        f"Now:  python -m coursework grade {NAME} {folder}/submissions.zip --key {folder}/class.key"
        f' --out {folder}/marks --late "{LATE}"\nand compare {folder}/marks/marks.csv with {folder}/expected.csv.'
    )
