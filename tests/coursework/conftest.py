"""Where the tests of coursework mark what they mark."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from coursework import grading, marks, reports, sandbox
from coursework.assignment import Assignment, load
from coursework.grading import Result

KEY = b"the key of a class that is not there\n"


@dataclass
class Place:
    """A folder of its own with an assignment, a key, and submissions to mark."""

    folder: Path
    assignment: Assignment
    wall: str
    victim: int

    @property
    def out(self) -> Path:
        return self.folder / "marks"

    def mark(self, raws: dict[str, bytes], jobs: int = 2) -> dict[str, Result]:
        """Mark a class, with all that is written; its results by student."""
        there = self.folder / "submissions"
        shutil.rmtree(there, ignore_errors=True)
        for student, raw in raws.items():
            (there / student).mkdir(parents=True)
            (there / student / "hw0.ipynb").write_bytes(self.aimed(raw))
        marker = grading.Marker(self.assignment, KEY, self.wall)
        results = grading.grade(marker, there, self.out, jobs)
        found = marks.marks(self.assignment, results, self.out, {}, "")
        marks.write_tables(self.assignment, found, self.out)
        reports.write_pages(self.assignment, found, self.out, "")
        return {result["student"]: result for result in results}

    def aimed(self, raw: bytes) -> bytes:
        """A submission that knows where what it is after would be."""
        places = {b"KEY_PATH": "key", b"CHECKS_PATH": "hw0/checks.py", b"SUBMISSIONS_PATH": "submissions"}
        for word, path in places.items():
            raw = raw.replace(word, str(self.folder / path).encode())
        return raw.replace(b"VICTIM", str(self.victim).encode())

    def written(self) -> dict[str, str]:
        """Everything that was written for people."""
        files = [*self.out.glob("*.csv"), *self.out.glob("**/*.html"), *self.out.glob("**/*.txt")]
        return {str(file.relative_to(self.out)): file.read_text(encoding="utf-8") for file in sorted(files)}


@pytest.fixture
def wall() -> str:
    """The wall of this machine; where there is none, the tests that need one say so."""
    try:
        return sandbox.best()
    except sandbox.Refused as refused:
        pytest.skip(f"no sandbox here: {str(refused).splitlines()[-1]}")


@pytest.fixture
def place(wall: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A place with things to be had: a key, an open file, a secret in the environment, another process, a library."""
    shutil.copytree("tests/coursework/hw0", tmp_path / "hw0")
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "packages" / "hedgelab").mkdir(parents=True)
    (tmp_path / "packages" / "hedgelab" / "__init__.py").write_text("black_scholes = True\n")
    packages = sandbox.packages()
    monkeypatch.setattr(sandbox, "packages", lambda: [*packages, tmp_path / "packages"])
    monkeypatch.setenv("COURSEWORK_SECRET", "a token")
    quick = [
        replace(q, checks=[replace(c, seconds=0.7) for c in q.checks]) for q in load(tmp_path / "hw0").questions
    ]
    assignment = replace(load(tmp_path / "hw0"), questions=quick, cell_seconds=0.7, total_seconds=10.0)
    open_file = os.open(tmp_path / "key", os.O_RDONLY)
    os.dup2(open_file, 77)
    os.set_inheritable(77, True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        yield Place(tmp_path, assignment, wall, victim.pid)
        victim.kill()
    os.close(open_file)
    os.close(77)
