"""The Python for the browser: where its packages may come from, what is taken, what is said if there are none."""

from __future__ import annotations

import io
import json
import lzma
import subprocess
import sys
import tarfile
import zipfile
import zlib
from http.client import IncompleteRead
from pathlib import Path

import browser_python
import pytest
from browser_python import NotFoundError, Package, closure, collect, in_folder_or_archive, licences, packed, sha256

ROOT = Path(__file__).parents[2]

WHEEL = packed({"small/__init__.py": b"N = 1\n", "small-1.dist-info/licenses/LICENSE": b"Do what you like."})


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """A package that is nowhere yet: no cache, no network, no carrier."""
    monkeypatch.setattr(browser_python, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(browser_python, "PLACES", (browser_python.named_by_the_builder,))
    monkeypatch.delenv("PYODIDE_DIST", raising=False)
    return Package("small", "1", "small-1-py3-none-any.whl", sha256(WHEEL))


def as_folder(place: Path, data: bytes) -> Path:
    """The file in a folder below a folder."""
    (place / "deep" / "down").mkdir(parents=True)
    (place / "deep" / "down" / "small-1-py3-none-any.whl").write_bytes(data)
    return place / "deep"


def as_zip(place: Path, data: bytes) -> Path:
    """The file in an archive, below another's name."""
    with zipfile.ZipFile(place / "carrier.whl", "w") as archive:
        archive.writestr("theirs/small-1-py3-none-any.whl", data)
        archive.writestr("theirs/other.whl", b"no")
    return place / "carrier.whl"


def as_tar(place: Path, data: bytes) -> Path:
    """The file in an archive as Pyodide releases it."""
    with tarfile.open(place / "pyodide.tar.bz2", "w:bz2") as archive:
        member = tarfile.TarInfo("pyodide/small-1-py3-none-any.whl")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return place / "pyodide.tar.bz2"


@pytest.mark.parametrize("stored", [as_folder, as_zip, as_tar])
def test_a_package_is_found_in_whatever_the_builder_names_and_then_in_the_cache(
    small, stored, tmp_path, monkeypatch
):
    """A folder, an archive of Pyodide's release, any wheel that carries it."""
    monkeypatch.setenv("PYODIDE_DIST", str(stored(tmp_path, WHEEL)))
    assert collect([small]) == {small.file_name: WHEEL}
    monkeypatch.delenv("PYODIDE_DIST")
    assert collect([small]) == {small.file_name: WHEEL}


@pytest.mark.parametrize("stored", [as_folder, as_zip, as_tar])
def test_a_file_with_the_right_name_and_other_bytes_is_not_taken(small, stored, tmp_path, monkeypatch):
    """Pyodide is trusted, not whoever carries it."""
    monkeypatch.setenv("PYODIDE_DIST", str(stored(tmp_path, WHEEL + b"!")))
    with pytest.raises(NotFoundError, match=r"small-1-py3-none-any\.whl found nowhere\. PYODIDE_DIST may name"):
        collect([small])


def test_a_file_that_went_bad_in_the_cache_is_fetched_again(small, tmp_path, monkeypatch):
    """A disk was full, a run interrupted."""
    monkeypatch.setenv("PYODIDE_DIST", str(as_folder(tmp_path, WHEEL)))
    collect([small])
    (browser_python.CACHE / small.sha256).write_bytes(WHEEL[:-1])
    assert collect([small]) == {small.file_name: WHEEL}


def test_a_bad_file_in_the_cache_is_nothing_where_there_is_no_other(small):
    """It is said that the package is nowhere, in the words of a build, and nothing is made of it."""
    browser_python.CACHE.mkdir(parents=True)
    (browser_python.CACHE / small.sha256).write_bytes(WHEEL[:-1])
    with pytest.raises(NotFoundError, match="found nowhere"):
        collect([small])


@pytest.mark.parametrize(
    "error",
    [
        OSError("no route"),
        IncompleteRead(b"half"),
        subprocess.CalledProcessError(1, "pip"),
        tarfile.TarError(),
        EOFError("a compressed file ended"),
        zlib.error(),
        lzma.LZMAError(),
    ],
)
def test_a_place_that_fails_is_passed_over(small, error, tmp_path, monkeypatch):
    """No network, no such package, half an archive: the next place may have it."""

    def broken(names):
        raise error
        yield b""

    monkeypatch.setenv("PYODIDE_DIST", str(as_folder(tmp_path, WHEEL)))
    monkeypatch.setattr(browser_python, "PLACES", (broken, browser_python.named_by_the_builder))
    assert collect([small]) == {small.file_name: WHEEL}


def test_nothing_is_there_where_nothing_is(tmp_path):
    """Not even an error."""
    assert list(in_folder_or_archive(tmp_path / "nowhere", {"small.whl"})) == []


def test_the_lock_names_all_that_is_needed():
    """NumPy, SciPy, pandas, Matplotlib and what they depend on, each with a digest."""
    lock = json.loads((browser_python.PYODIDE / "pyodide-lock.json").read_text("utf8"))
    found = closure(browser_python.COMPILED, lock["packages"])
    names = {package.name for package in found}
    assert {"numpy", "scipy", "pandas", "matplotlib", "pillow", "python-dateutil"} <= names
    assert not names & browser_python.LEFT_OUT
    assert all(set(package.depends) <= names and len(package.sha256) == 64 for package in found)


def test_licences_are_shipped_in_full(small):
    """Also Pyodide's own and CPython's, which npm brings without a file."""
    text = licences({small: WHEEL}, "1.2.3")
    assert "Do what you like." in text
    assert "Mozilla Public License 2.0" in text
    assert "https://github.com/pyodide/pyodide/tree/1.2.3" in text


def test_what_is_packed_twice_is_the_same():
    """So that a browser keeps it."""
    assert packed({"b": b"2", "a": b"1"}) == packed({"a": b"1", "b": b"2"})


def test_a_build_without_the_packages_says_so_in_one_line_and_leaves_nothing(tmp_path):
    """The book is then built without buttons."""
    (tmp_path / "out").mkdir()
    program = (
        "import sys, browser_python as it; from pathlib import Path;"
        "it.PLACES = (); it.CACHE = Path(sys.argv[1]) / 'none'; it.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "out")],
        cwd=ROOT / "tools",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("The pages will have no Run buttons: ")
    assert not (tmp_path / "out").exists()
