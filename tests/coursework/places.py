"""A folder of its own for a test that marks, and how a class is marked there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from coursework import grading, marks, reports, submissions
from coursework.assignment import Assignment
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
        results = grading.grade(marker, submissions.find(there, "hw0"), self.out, jobs)
        found = marks.marks(self.assignment, results, self.out, {}, "")
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
