"""Where the tests of coursework mark what they mark."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from places import KEY, Place

from coursework import sandbox
from coursework.assignment import load


@pytest.fixture
def wall() -> str:
    """The wall of this machine; where there is none, the tests that need one say so."""
    try:
        return sandbox.best()
    except sandbox.Refused as refused:
        pytest.skip(f"no sandbox here: {str(refused).splitlines()[-1]}")


@pytest.fixture
def place(wall: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A place with things to be had: a key, an open file, a secret, another process, a library."""
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
