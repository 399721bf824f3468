"""An instructor's own assignment, begun from a template that works as it stands."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from coursework import sandbox

HERE = Path(__file__).parent


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be said on the command line."""
    parser.add_argument("folder", type=Path, help="where it goes; the last part is its name, such as hw11")


def run(options: argparse.Namespace) -> None:
    """Begin an assignment of one's own: a model solution and its checks, to be changed."""
    folder, name = options.folder, options.folder.name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise sandbox.Refused(
            f"an assignment's name is of small letters, digits and _, such as hw11; got {name!r}"
        )
    if folder.exists() or (HERE / "assignments" / name).exists():
        raise sandbox.Refused(f"there is an assignment {name} already: choose another name")
    folder.mkdir(parents=True)
    for path in sorted(HERE.glob("template/*.*")):
        text = path.read_text(encoding="utf-8").replace('"template"', f'"{name}"')
        (folder / path.name).write_text(text, encoding="utf-8")
    print(
        f"{folder / 'notebook.md'} is the model solution, {folder / 'checks.py'} what marks it.\n"
        f"They work as they are:\n"
        f"  python -m coursework assignments {folder}       tries them, and makes what a student gets\n"
        f"  python -m coursework grade {folder} submissions.zip --key class.key"
    )
