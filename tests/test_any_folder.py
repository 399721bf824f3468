"""The book works wherever it stands: in a folder of any name, moved, without a network, after an interruption.

Two folders are tried: a copy of this one with all that is in it, and a small one with the tasks and no packages.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAME = "my bücher #1 [100%] (a & b)"

#: Nothing answers at these addresses, so what asks anybody fails, and says so at once.
NOBODY = "http://127.0.0.1:9"
NO_NETWORK = {
    "PIP_INDEX_URL": NOBODY,
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_RETRIES": "0",
    "npm_config_registry": NOBODY,
    "npm_config_fetch_retries": "0",
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOBODY),
}

#: This folder's own settings would lead a copy back to it.
OURS = {"IPYTHONDIR", "MPLCONFIGDIR", "PIP_CACHE_DIR", "UV_CACHE_DIR", "XDG_CACHE_HOME", "npm_config_cache"}


def link(source: str, target: str) -> None:
    """A copy; of a package, which nobody writes into, one that takes no room, where that can be had."""
    if {"site-packages", "node_modules"} & set(Path(source).parts):
        with suppress(OSError):
            return os.link(source, target, follow_symlinks=False)
    shutil.copy2(source, target, follow_symlinks=False)


def same(one: Path, other: Path) -> bool:
    """Whether two files are there and hold the same."""
    return other.is_file() and one.read_bytes() == other.read_bytes()


class Folder:
    """A folder with the tasks, in the home of somebody who has nothing else, and no network."""

    def __init__(self, place: Path, name: str = NAME) -> None:
        self.place, self.root, self.home = place, place / name / "repo", place / "home"
        self.root.mkdir(parents=True)
        self.home.mkdir(mode=0o555)

    def take(self, whence: Path, *names: str) -> None:
        """Take files and folders of another folder over, as if they had always been here."""
        for name in names:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            if (whence / name).is_dir():
                shutil.copytree(whence / name, self.root / name, symlinks=True, copy_function=link)
            elif (whence / name).exists():
                shutil.copy2(whence / name, self.root / name)

    def run(self, *command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program there."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in OURS and not name.startswith(("JUPYTER", "PYTEST", "VIRTUAL_ENV"))
        }
        path = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if ".venv" not in each)
        return subprocess.run(
            [*map(str, command)],
            cwd=cwd or self.root,
            env=kept | NO_NETWORK | {"HOME": str(self.home), "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    def do(self, task: str) -> subprocess.CompletedProcess[str]:
        """Do a task with a Python that belongs to nobody's environment."""
        return self.run(os.path.realpath(sys.executable), "tools/book.py", task)

    def python(self, *command: str) -> str:
        """What the environment's Python says, asked from elsewhere."""
        return self.run(self.root / ".venv" / "bin" / "python", *command, cwd=self.place).stdout.strip()

    def nothing_is_beside_it(self) -> bool:
        """Whether it kept to itself."""
        there = {path for path in self.place.rglob("*") if self.root not in path.parents}
        return there == {self.home, self.root, self.root.parent}


@pytest.fixture
def copy(tmp_path: Path) -> Folder:
    """The whole folder as if it had been moved: with its environment, and the book as it was built before."""
    folder = Folder(tmp_path)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    folder.take(ROOT, *filter(None, files))
    folder.take(ROOT, ".venv", "node_modules", "hedgelab/explorers/static")
    folder.take(ROOT, "_build/html", "_build/.ready", "_build/browser_python")
    shutil.copytree(ROOT / "_build" / "executed", folder.root / "_build" / "executed")  # a database: not shared
    return folder


def differing(one: Path, other: Path) -> set[str]:
    """The pages, style sheets and scripts of a site that are not as they are in another."""
    files = [path for path in one.rglob("*") if path.suffix in {".html", ".css", ".js"}]
    return {path.relative_to(one).as_posix() for path in files if not same(path, other / path.relative_to(one))}


def test_a_moved_book_is_built_again_without_a_network(copy):
    """One page has changed: it is executed there, by that folder's library; the others' results are kept."""
    page = copy.root / "book" / "reference" / "everyday.md"
    cell = "import hedgelab\nprint('executed in', hedgelab.__file__)"
    page.write_text(page.read_text("utf8") + f"\n```{{code-cell}} ipython3\n{cell}\n```\n", "utf8")
    built = copy.do("html")
    assert built.returncode == 0, built.stdout + built.stderr
    assert built.stdout.endswith("\nThe book is in _build/html.\n")
    assert not any(word in built.stdout for word in ("Installing", "Fetching", "not whole"))
    site = copy.root / "_build" / "html"
    shown = (site / "book" / "reference" / "everyday.html").read_text("utf8")
    assert f"{html.escape(NAME)}/repo/hedgelab" in shown
    assert not differing(site, ROOT / "_build" / "html") - {"book/reference/everyday.html"}
    before = str(ROOT).encode()
    kept = [path for path in site.rglob("*") if path.is_file() and before in path.read_bytes()]
    assert [path for path in kept if path.suffix != ".ipynb"] == []
    assert copy.nothing_is_beside_it()

    assert copy.python("-c", "import hedgelab; print(hedgelab.__file__)").startswith(str(copy.root))
    scripts = [copy.root / ".venv" / "bin" / name for name in ("jupyter-book", "jupytext", "jupyter", "pytest")]
    assert [copy.run(script, "--version", cwd=copy.place).returncode for script in scripts] == [0, 0, 0, 0]
    activated = copy.run("sh", "-c", '. .venv/bin/activate && command -v jupytext && printf %s "$VIRTUAL_ENV"')
    assert activated.stdout == f"{scripts[1]}\n{copy.root / '.venv'}"

    written = (site / "index.html").stat().st_mtime_ns
    assert copy.do("html").stdout == "The book is in _build/html.\n"
    assert (site / "index.html").stat().st_mtime_ns == written


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The tasks, and an environment in which nothing is to be installed."""
    folder = Folder(tmp_path_factory.mktemp("first"), "first")
    folder.take(ROOT, "tools/book.py", "tools/editions/downloads.py")
    (folder.root / "requirements.txt").write_text("")
    depend_on_nothing_or(folder)
    (folder.root / "tools" / "bundle_explorers.mjs").write_text(
        'import { mkdirSync } from "node:fs";\nmkdirSync("hedgelab/explorers/static", { recursive: true });\n'
    )
    made = folder.do("explorers")
    assert made.returncode == 0, made.stdout + made.stderr
    assert [line.partition(" ")[0] for line in made.stdout.splitlines()] == ["Installing", "Fetching"]
    return folder


def depend_on_nothing_or(folder: Folder, *names: str) -> None:
    """Write what npm reads, with packages that nobody has."""
    wanted = {"name": "small", "dependencies": dict.fromkeys(names, "1.0.0")}
    locked = {f"node_modules/{name}": {"version": "1.0.0", "resolved": f"{NOBODY}/{name}.tgz"} for name in names}
    (folder.root / "package.json").write_text(json.dumps(wanted))
    lock = {"name": "small", "lockfileVersion": 3, "packages": {"": wanted} | locked}
    (folder.root / "package-lock.json").write_text(json.dumps(lock))


@pytest.fixture
def small(first: Folder, tmp_path: Path) -> Folder:
    """The same, moved."""
    folder = Folder(tmp_path)
    folder.take(first.root, *(path.name for path in first.root.iterdir()))
    return folder


def test_what_was_interrupted_is_made_again_and_what_is_whole_is_kept(small):
    """An environment without its stamp, or without its Python; the explorers' tools."""
    again = small.do("explorers")
    assert (again.returncode, again.stdout) == (0, "")

    environment = small.root / ".venv"
    (environment / ".ready").unlink()  # as it is while packages are being installed
    shutil.rmtree(next(environment.glob("lib/*/site-packages/pip")))
    shutil.rmtree(small.root / "node_modules")
    again = small.do("explorers")
    assert again.returncode == 0, again.stderr
    assert "The environment in .venv is not whole: starting again" in again.stdout
    assert "Fetching" in again.stdout
    assert small.run(environment / "bin" / "pip", "--version").returncode == 0

    (environment / "bin" / "python").unlink()  # as when the system has a newer one
    (environment / "bin" / "python").symlink_to("/nowhere/python")
    assert "The environment in .venv is not whole: starting again" in small.do("explorers").stdout
    assert small.nothing_is_beside_it()


def test_what_cannot_be_fetched_is_named_and_tried_again(small):
    """By pip and by npm, in their own words."""
    (small.root / "requirements.txt").write_text("a-package-that-nobody-has==1.0\n")
    refused = small.do("explorers")
    assert refused.returncode != 0
    assert "a-package-that-nobody-has" in refused.stderr
    (small.root / "requirements.txt").write_text("# nothing\n")
    depend_on_nothing_or(small, "left-out")
    for _ in range(2):
        refused = small.do("explorers")
        assert refused.returncode != 0
        assert "ECONNREFUSED" in refused.stderr
    depend_on_nothing_or(small)
    assert small.do("explorers").returncode == 0
    assert small.nothing_is_beside_it()


def test_a_folder_is_the_same_by_way_of_a_link(small):
    """As where the home directory is a symbolic link."""
    assert small.do("explorers").stdout == ""
    (small.place / "link").symlink_to(small.root.parent, target_is_directory=True)
    small.root = small.place / "link" / "repo"
    places = [small.root / ".venv" / ".place", small.root / ".venv" / "pyvenv.cfg"]
    before = [place.stat().st_mtime_ns for place in places]
    again = small.do("explorers")
    assert (again.returncode, again.stdout) == (0, "")
    assert [place.stat().st_mtime_ns for place in places] == before


#: In the place of Jupyter Book: it says whether it found an earlier site, and may be interrupted.
BUILDER = """
import os, signal
from pathlib import Path

def main():
    site = Path("_build/html")
    print("on top" if site.exists() else "afresh")
    for folder in (site, Path("_build/executed")):
        folder.mkdir(parents=True, exist_ok=True)
    (site / "index.html").write_text("a page")
    if Path("interrupted").exists():
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_site_is_built_afresh_where_the_last_one_is_not_to_be_trusted(small):
    """After an interruption, a move, a change of what is around every page; what was executed is kept."""
    (small.root / "jupyter_book" / "cli").mkdir(parents=True)
    (small.root / "jupyter_book" / "cli" / "main.py").write_text(BUILDER)
    for step in ("take_home", "content_policy"):
        (small.root / "tools" / f"{step}.py").write_text("")
    page, style = small.root / "book" / "page.md", small.root / "book" / "_static" / "book.css"
    style.parent.mkdir(parents=True)

    def built() -> str:
        return small.do("html").stdout.replace("The book is in _build/html.", "").strip()

    assert [built(), built()] == ["afresh", ""]
    page.write_text("a page")
    assert [built(), built()] == ["on top", ""]
    style.write_text("")
    assert [built(), built()] == ["afresh", ""]
    page.write_text("another page")
    (small.root / "interrupted").write_text("")
    assert built() == "on top"
    (small.root / "interrupted").unlink()
    assert [built(), built()] == ["afresh", ""]
    small.root = small.root.rename(small.root.with_name("moved"))
    (small.root / "_build" / "executed" / "results").write_text("kept")
    assert [built(), built()] == ["afresh", ""]
    assert (small.root / "_build" / "executed" / "results").exists()
