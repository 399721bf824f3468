"""All code of the book runs a second time and says the same: in another kernel, or in the browser's Python.

Where a change is judged (`CI`), the browser's Python takes all pages, and the kernel, which also compares figures,
every eighth of them, others for another commit. On a desk the kernel takes all, and the browser's Python two small
ones.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
import yaml
from jupyter_cache import get_cache

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "_build"
PARTS = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))["parts"]
FILES = [
    page["file"] for part in PARTS for entry in part["chapters"] for page in [entry, *entry.get("sections", ())]
]
WITH_CODE = sorted(
    name
    for name in ["book/index", *FILES]
    if (ROOT / f"{name}.md").is_file() and "{code-cell}" in (ROOT / f"{name}.md").read_text("utf8")
)

NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent)) or "node"

#: Whether the site was built with the browser's Python.
LAID_OUT = (BUILT / "html" / "_static" / "run" / "files.json").is_file()

in_the_browsers_python = pytest.mark.skipif(
    not LAID_OUT and not os.environ.get("REQUIRE_BROWSER"),
    reason="the site was built without the browser's Python",
)

#: Files of the library's tests, with and without Hypothesis, that take a minute there; all of them each night.
LIBRARY = [
    "tests/hedgelab/test_merton.py",
    "tests/hedgelab/test_normal.py",
    "tests/hedgelab/test_introductions.py",
]

#: How a page shows what was executed.
CELL = 'class="cell'

#: How `tools/test_library.mjs` ends where Hypothesis for that Python cannot be fetched.
NOT_FETCHED = 75


def eighth() -> list[str]:
    """Every eighth page, from one of the first eight: the same for a commit, whenever it is tried."""
    git = shutil.which("git") or "git"
    try:
        commit = subprocess.check_output([git, "rev-parse", "HEAD"], cwd=ROOT, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        commit = b"0"
    return WITH_CODE[int(commit, 16) % 8 :: 8]


JUDGED = LAID_OUT and "CI" in os.environ
ELSEWHERE = WITH_CODE if JUDGED else ["book/foundations/greeks", "book/reference/everyday"]
IN_A_KERNEL = eighth() if JUDGED else WITH_CODE


def as_built(name: str) -> nbformat.NotebookNode:
    """The executed notebook that a page was made of: the one in the cache with the code of today's source."""
    (folder,) = (BUILT / "executed").iterdir()
    cache = get_cache(folder)
    code = [cell.source for cell in jupytext.read(ROOT / f"{name}.md").cells if cell.cell_type == "code"]
    for record in cache.list_cache_records():
        notebook = cache.get_cache_bundle(record.pk).nb
        cells = [cell.source.strip() for cell in notebook.cells if cell.cell_type == "code"]
        if [cell for cell in cells if not cell.startswith("from myst_nb import glue\nglue(")] == code:
            return notebook
    pytest.fail(f"The book was not built from today's {name}.md: run `make html`.")


@pytest.mark.parametrize("name", IN_A_KERNEL)
def test_a_page_gives_the_same_numbers_in_another_kernel(name):
    """What the build executed is compared cell by cell, figures included, with a second execution."""
    executed = BUILT / "notebooks" / f"{name}.ipynb"
    executed.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(as_built(name), executed)
    plugins = ("-p", "nbval.plugin", "-p", "no:cacheprovider")  # no other plugin has to do with it
    again = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--nbval", "-q", "-o", "addopts=", str(executed)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        # as in the build, and a bar would appear after two seconds, or not, as the machine likes
        env=os.environ | {"TQDM_DISABLE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert again.returncode == 0, again.stdout[-6000:] + again.stderr[-2000:]


def tried(tool: str, *given: str) -> subprocess.CompletedProcess[str]:
    """Run a tool with this Python."""
    print(tool, *given)  # shown where the test fails
    command = [NODE, str(ROOT / "tools" / tool), *given]
    env = os.environ | {"PYTHON": sys.executable}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def told_by(tool: str, *given: str) -> tuple[int, dict[str, Any], str]:
    """How a tool ended, its last line, and what it complained of."""
    done = tried(tool, *given)
    complaint = done.stderr[-2000:]
    if done.returncode == NOT_FETCHED and not os.environ.get("REQUIRE_BROWSER"):
        pytest.skip(complaint.partition("\n")[0])
    last = done.stdout.strip().rpartition("\n")[2]
    assert last.startswith("{"), f"{tool} ends with {done.returncode}: {complaint}"
    return done.returncode, json.loads(last), complaint


@in_the_browsers_python
def test_pages_say_the_same_in_the_browsers_python():
    """Nothing fails; printed text, tables and the numbers in sentences agree."""
    code, told, complaint = told_by("run_cells.mjs", "--together", *ELSEWHERE)
    assert sorted(told["pages"]) == sorted(ELSEWHERE)
    for page, each in told["pages"].items():
        assert each["cells"] > 0, page
        assert each["failed"] == [], page
        assert each["differing"] == [], page
    assert sum(each["cells"] for each in told["pages"].values()) > 5 * len(told["pages"])
    assert code == 0, complaint


@in_the_browsers_python
def test_a_page_that_is_not_there_is_an_error():
    """And not a run in which nothing fails."""
    done = tried("run_cells.mjs", "--together", "greeks", "greecks")
    assert done.returncode == 1
    assert "has greecks in its name" in done.stderr


@in_the_browsers_python
def test_the_librarys_own_tests_pass_in_the_browsers_python():
    """Some of them: on 32 bits, with other versions of NumPy, SciPy and pandas."""
    code, told, complaint = told_by("test_library.mjs", *LIBRARY)
    assert told["failed"] == {}
    assert sum(each["passed"] for each in told["files"].values()) > 30
    assert code == 0, complaint


def test_each_page_that_shows_code_runs_twice():
    """None of the built site is left out."""
    site = BUILT / "html"
    pages = [page for page in (site / "book").rglob("*.html") if CELL in page.read_text("utf8")]
    shown = {page.relative_to(site).with_suffix("").as_posix() for page in pages}
    assert shown == {*IN_A_KERNEL, *ELSEWHERE} == set(WITH_CODE)
