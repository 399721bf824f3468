"""Do the tests notice?  Break hedgelab in one place at a time, run its tests, and say which breaks nobody saw.

    python tools/mutants.py               every mutant, which takes an hour
    python tools/mutants.py engine        those of one module

Each mutant of ``mutants.txt`` changes one thing in a line of the core; its tests are those that ought to see it.
Whoever changes a line that stands there changes it there too: a mutant that no longer fits its module is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no"]


class Mutant(NamedTuple):
    """One break: in a module, what stands there, what it becomes, and the test files to run."""

    module: str
    original: str
    changed: str
    tests: str


def mutants(text: str) -> Iterator[Mutant]:
    """The mutants of the list: ``module: tests``, then ``- original`` and ``+ changed`` in turn."""
    module = tests = original = ""
    for line in text.splitlines():
        told = line[2:].replace("\\n", "\n")
        if line.startswith("- "):
            original = told
        elif line.startswith("+"):
            yield Mutant(module, original, told, tests)
        elif line and not line.startswith("#"):
            module, tests = line.split(": ")


def seen(mutant: Mutant, folder: Path) -> bool:
    """Whether its tests fail once it is in place; that a module cannot be imported does not count."""
    path = folder / "hedgelab" / f"{mutant.module}.py"
    text = path.read_text("utf8")
    if mutant.original not in text:
        raise SystemExit(f"{mutant.module} has no {mutant.original!r}")
    path.write_text(text.replace(mutant.original, mutant.changed, 1), "utf8")
    tests = [f"tests/hedgelab/test_{name}.py" for name in mutant.tests.split()]
    environment = os.environ | {"CI": "1", "PYTHONPATH": str(folder)}
    done = subprocess.run([*PYTEST, *tests], cwd=folder, env=environment, capture_output=True, text=True)
    path.write_text(text, "utf8")
    if done.returncode not in (0, 1):
        raise SystemExit(f"{mutant} is no mutant:\n{done.stdout}{done.stderr}")
    return done.returncode == 1


def main(only: list[str]) -> None:
    """Try them, and end with an error if more than one in twenty went unseen."""
    listed = mutants((Path(__file__).with_suffix(".txt")).read_text("utf8"))
    chosen = [mutant for mutant in listed if not only or mutant.module in only]
    unseen = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("hedgelab", "tests/hedgelab"):
            shutil.copytree(ROOT / part, folder / part)
        shutil.copy(ROOT / "pyproject.toml", folder)
        for mutant in chosen:
            noticed = seen(mutant, folder)
            unseen += not noticed
            print(f"{'seen  ' if noticed else 'UNSEEN'} {mutant.module}: {mutant.changed}", flush=True)
    print(f"{len(chosen) - unseen} of {len(chosen)} seen")
    sys.exit(20 * unseen > len(chosen))


if __name__ == "__main__":
    main(sys.argv[1:])
