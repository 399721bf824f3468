"""Builds of small books, each in a process of its own that finds Sphinx and the extensions already loaded.

Loading them takes ten times as long as such a book.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: What a build loads: the tools, and the book's own extensions.
LOADED = ["jupyter_book.cli.main", "jupyter_book.sphinx", "sphinx.cmd.build", "sphinx_book_theme", "sphinx_design"]
LOADED += ["myst_nb.sphinx_ext", "myst_nb.ext.download", "jupyter_cache.cache.db", "sphinx_exercise"]
LOADED += sorted(path.stem for path in (ROOT / "book" / "_ext").glob("*.py"))

METHODS = multiprocessing.get_all_start_methods()
PROCESSES = multiprocessing.get_context("forkserver" if "forkserver" in METHODS else "spawn")
PROCESSES.set_forkserver_preload(LOADED)


def act(folder: Path, said: tuple[str, str], module: str, arguments: list[str]) -> None:
    """Run a module's `main` in a folder, and write down what it says."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ["NO_COLOR"] = "1"
    for stream, path in zip((sys.stdout, sys.stderr), said, strict=True):
        stream.flush()
        with open(path, "wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    sys.exit(import_module(module).main(arguments))


def build(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What came of `python -m module arguments` in a folder."""
    with tempfile.TemporaryDirectory() as place:
        said = f"{place}/stdout", f"{place}/stderr"
        process = PROCESSES.Process(target=act, args=(folder, said, module, list(arguments)))
        process.start()
        process.join()
        stdout, stderr = (Path(path).read_text("utf8") for path in said)
        return subprocess.CompletedProcess([module, *arguments], process.exitcode or 0, stdout, stderr)
