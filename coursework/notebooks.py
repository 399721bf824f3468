"""From a model solution to what a student gets: the notebook without its solutions, its visible checks, the data.

The same assignment always becomes the same bytes.  Run by `python -m coursework assignments`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import re
import textwrap
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from coursework.assignment import Assignment, Trial, load
from coursework.check import worth
from coursework.compare import plain

HERE = Path(__file__).parent
BOOK = HERE.parent / "book"

#: From the line that begins a solution to the one that ends it, perhaps after what the student's copy has instead.
SOLUTION = re.compile(
    r"(?:^[ \t]*# STUDENT: (?P<instead>[^\n]*)\n)?^(?P<indent>[ \t]*)# BEGIN SOLUTION\n.*?^[ \t]*# END SOLUTION",
    re.MULTILINE | re.DOTALL,
)
UNFINISHED = "raise NotImplementedError  # your code here"
WRITTEN = re.compile(r"<!-- BEGIN SOLUTION -->.*?<!-- END SOLUTION -->", re.DOTALL)
HEADING = re.compile(r"^## (q\d+)\. [^\n]*$", re.MULTILINE)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def every() -> list[Assignment]:
    """The assignments of the book, in their order."""
    found = [path.parent for path in (HERE / "assignments").glob("*/checks.py")]
    return [load(folder) for folder in sorted(found, key=lambda folder: (len(folder.name), folder.name))]


def model(assignment: Assignment) -> Any:
    """The model solution as a notebook."""
    import jupytext  # here, and so nbformat below: half a second for which nobody waits who marks a class

    return jupytext.read(assignment.folder / "notebook.md")


def starter(assignment: Assignment) -> Any:
    """The notebook that a student gets: what the model solution is without what it is to show."""
    import nbformat

    cells = []
    for number, cell in enumerate(model(assignment).cells, 1):
        metadata = {name: cell.metadata[name] for name in ("question", "tags") if name in cell.metadata}
        kept = {"metadata": metadata, "id": f"{assignment.name}-{number:02}"}
        if cell.cell_type == "code":
            cells.append(nbformat.v4.new_code_cell(without_solution(cell.source, assignment), **kept))
        else:
            cells.append(nbformat.v4.new_markdown_cell(prose(cell.source, assignment), **kept))
    cells[0].source = re.sub(r"\n|\Z", lambda end: f"\n\n{head(assignment)}{end[0]}", cells[0].source, count=1)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}, "title": assignment.title}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def without_solution(code: str, assignment: Assignment) -> str:
    """The code of a cell as the student finds it."""
    left = SOLUTION.sub(lambda found: found["indent"] + (found["instead"] or UNFINISHED), code)
    if "SOLUTION" in left:
        raise ValueError(f"{assignment.name}: a solution is not closed, or not opened, in the cell\n{code}")
    if re.search(rf"^{UNFINISHED}", left, re.MULTILINE):
        raise ValueError(f"{assignment.name}: outside a function say `# STUDENT: name = ...` before\n{code}")
    return left


def prose(text: str, assignment: Assignment) -> str:
    """The text of a cell as the student finds it: an empty place for an answer, and points at the questions."""
    asked = {question.name: question for question in assignment.questions}
    left = WRITTEN.sub("*Your answer here.*", text)
    if unknown := [name for name in HEADING.findall(left) if name not in asked]:
        raise ValueError(f"{assignment.name}: notebook.md asks {unknown[0]}, which checks.py lacks")
    return HEADING.sub(lambda found: f"{found[0]} ({worth(asked[found[1]].points)})", left)


def given(assignment: Assignment) -> list[str]:
    """The lines of the notebook as it is handed out, which are nobody's answer."""
    text = (assignment.folder / "notebook.md").read_text(encoding="utf-8")
    return prose(SOLUTION.sub(lambda found: found["instead"] or UNFINISHED, text), assignment).splitlines()


def head(assignment: Assignment) -> str:
    """What the notebook's first lines say: how long, how many points and from whom, after which chapter."""
    by_hand = sum(question.written.points for question in assignment.questions if question.written)
    checks = [check for question in assignment.questions for check in question.checks]
    visible = sum(check.points for check in checks if not check.hidden)
    hidden = assignment.points - by_hand - visible
    quick, slow = assignment.minutes
    text = (
        f"*{quick} to {slow} minutes, {worth(assignment.points)}: {visible:g} by checks that you can run here, "
        f"{hidden:g} by hidden ones on other inputs, {by_hand:g} by a reader. After the "
        f"chapter “{chapter(assignment.follows)}”. Hand in this notebook and nothing else.*"
    )
    return textwrap.fill(text, 100)


def chapter(page: str) -> str:
    """The title of a page of the book; the page's name where there is no book."""
    path = BOOK / f"{page}.md"
    found = re.search(r"^# (.+)$", path.read_text("utf8"), re.MULTILINE) if path.is_file() else None
    return found[1] if found else page


def encoded(value: Any) -> Any:
    """A plain value as JSON can hold it; `check.decoded` makes it the same again."""
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "of": value.dtype.str}
    if isinstance(value, dict):
        return {"dict": [[key, encoded(item)] for key, item in value.items()]}
    return [encoded(item) for item in value] if isinstance(value, list) else value


def shipped(assignment: Assignment) -> str:
    """What the student's `check` knows: visible checks with their answers, and what hidden ones are about."""
    told = {}
    for question in assignment.questions:
        visible, hidden = [], []
        for number, check in enumerate(question.checks):
            about = {name: getattr(check, name) for name in ("name", "label", "points")}
            if isinstance(check, Trial) or check.hidden:
                hidden.append(about)
                continue
            calls = assignment.calls(b"", question, number)
            about |= {name: getattr(check, name) for name in ("share", "relative", "absolute", "seconds")}
            visible.append(
                about | {"calls": [[encoded(plain(given)), encoded(answer)] for given, answer in calls]}
            )
        written = question.written.points if question.written else 0
        told[question.name] = {"title": question.title, "visible": visible, "hidden": hidden, "written": written}
    return json.dumps(told, indent=1)


def checker() -> str:
    """The text of the student's `check.py`: ours, with what compares two values in it instead of an import."""
    compare = (HERE / "compare.py").read_text("utf8").split("from __future__ import annotations\n", 1)[1].strip()
    own = (HERE / "check.py").read_text("utf8")
    return re.sub(r"^from coursework\.compare import .*$", lambda _: compare, own, flags=re.MULTILINE)


def files(assignment: Assignment) -> dict[str, bytes]:
    """All that a student gets, by its place in the folder."""
    import nbformat

    made = {
        f"{assignment.name}.ipynb": nbformat.writes(starter(assignment)) + "\n",
        "check.py": checker(),
        "checks.json": shipped(assignment) + "\n",
    }
    data = {f"data/{path.name}": path.read_bytes() for path in sorted((assignment.folder / "data").glob("*.csv"))}
    return {name: text.encode() for name, text in made.items()} | data


def packed(assignment: Assignment) -> bytes:
    """A student's folder as a zip: always the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files(assignment).items():
            entry = zipfile.ZipInfo(f"{assignment.name}/{name}")  # of no date
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return made.getvalue()


def write(assignment: Assignment, into: Path, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Write a student's folder, and the same as a zip; the digest of each file, by its place.

    Stops an instructor's own work from being written over: only what is as it was written `before` is replaced.
    """
    folder, own = (into / assignment.name).resolve(), assignment.folder
    if folder.is_relative_to(own) or own.is_relative_to(folder):
        raise ValueError(
            f"{into / assignment.name} lies in the assignment's own folder, or around it: give another --into"
        )
    made = {f"{assignment.name}/{name}": data for name, data in files(assignment).items()}
    made[f"{assignment.name}.zip"] = packed(assignment)
    digests = {place: hashlib.sha256(data).hexdigest() for place, data in made.items()}
    there = {
        place: hashlib.sha256((into / place).read_bytes()).hexdigest()
        for place in {**digests, **(before or {})}
        if (into / place).exists()
    }
    ours = {place for place, digest in there.items() if digest == (before or {}).get(place)}
    for place in sorted(made):
        if place in there and place not in ours and there[place] != digests[place]:
            raise ValueError(f"{into / place} is there already, and not as it was last written: move it")
    for place in ours - set(made):
        (into / place).unlink()
    for place, data in made.items():
        (into / place).parent.mkdir(parents=True, exist_ok=True)
        (into / place).write_bytes(data)
    return digests


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be said on the command line."""
    parser.add_argument(
        "names", nargs="*", metavar="ASSIGNMENT", help="such as hw3, or a folder; all if none is named"
    )
    parser.add_argument("--into", type=Path, default=Path("_build/assignments"), help="a folder (%(default)s)")


def run(options: argparse.Namespace) -> None:
    """Make the students' notebooks, with their visible checks and data: of each assignment a folder and a zip."""
    from coursework import grading, sandbox

    try:
        wall = sandbox.best()
    except sandbox.Refused:
        wall = "none"  # the model solution is one's own
    made = options.into / "made.json"
    before: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        before = json.loads(made.read_text(encoding="utf-8"))
    for assignment in [load(name) for name in options.names] or every():
        marker = grading.Marker(assignment, b"a key to try it by", wall)
        last = before.get(assignment.name, {})
        tried = grading.tried(marker, last.get("tried", ""))
        before[assignment.name] = {"tried": tried, "files": write(assignment, options.into, last.get("files"))}
        made.write_text(json.dumps(before, indent=1), encoding="utf-8")
        print(f"{options.into / assignment.name}: {assignment.title}, {worth(assignment.points)}")
