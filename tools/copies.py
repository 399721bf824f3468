"""A reader's copies of files that go on changing: refreshed until somebody edits them, never overwritten after."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary

#: Where a copy remembers what was written: in a notebook's metadata, or in a comment that no reader sees.
MARK = "dynamic_hedging_by_experiment"
COMMENT = re.compile(rf"\n% {MARK}: (\w+)\s*\Z")


def digest(content: NotebookNode | dict[str, Any] | str) -> str:
    """A name for what a person reads and edits; what running a notebook leaves in it does not count."""
    if isinstance(content, str):
        essence = COMMENT.sub("", content).rstrip()
    else:
        essence = json.dumps([[cell["cell_type"], "".join(cell["source"])] for cell in content["cells"]])
    return hashlib.sha256(essence.encode()).hexdigest()[:16]


def marked(content: NotebookNode | str) -> str:
    """A file's text with its mark."""
    if isinstance(content, str):
        return f"{content.rstrip()}\n\n% {MARK}: {digest(content)}\n"
    content.metadata[MARK] = digest(content)
    return nbformat.writes(content) + "\n"


def state(path: Path) -> tuple[str | None, bool]:
    """What a copy was made from, and whether it has been edited since."""
    try:
        text = path.read_text("utf8")
        if path.suffix != ".ipynb":
            found = COMMENT.search(text)
            made_from = found and found[1]
            return made_from, made_from != digest(text)
        notebook = json.loads(text)
        made_from = notebook["metadata"].get(MARK)
        return made_from, made_from != digest(notebook)
    except (ValueError, KeyError, TypeError, AttributeError):  # whatever it is, it is not ours to overwrite
        return None, True


def write(path: Path, text: str) -> None:
    """All or nothing: whoever interrupts leaves the file that was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, "utf8")
    os.replace(partial, path)


def versions(path: Path) -> Iterator[Path]:
    """Where a copy may stand: in its place, and beside it."""
    yield path
    for number in count(1):
        yield path.with_name(f"{path.stem}-new{'' if number == 1 else f'-{number}'}{path.suffix}")


def keep(path: Path, content: NotebookNode | str, notary: NotebookNotary) -> Path:
    """Bring a copy up to date, in its place or, if the one there has been edited, beside it; say where it stands.

    A notebook is signed: it is ours, and JupyterLab may show what its cells give.
    """
    for version in versions(path):
        made_from, edited = state(version) if version.exists() else (None, False)
        if made_from != digest(content):
            if edited:
                continue
            write(version, marked(content))
            if isinstance(content, NotebookNode):
                notary.sign(content)
        return version
    raise AssertionError("versions never end")
