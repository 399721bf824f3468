"""Whose file is it: Canvas's, Moodle's and nbgrader's ways of naming, one's own, in a folder or in a zip of it.

Names and contents are students': nothing is unpacked, no link followed, and no more read than a notebook may have.
"""

from __future__ import annotations

import contextlib
import lzma
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from coursework.session import clean

MOST_BYTES = 60 << 20
CANVAS = re.compile(r"(?P<name>[^/]+?)(?P<late>_LATE)?_(?P<id>\d+)_\d+_(?P<file>[^/]+)")
MOODLE = re.compile(r"(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_file_?(?P<file>[^/]*)")
RESUBMITTED = re.compile(r"-(\d{1,9})$")
BEHIND = re.compile(r"\.ipynb(-\d{1,9})?\.(?:txt|json)$", re.IGNORECASE)

UNPACKING = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)  # what a damaged member of a zip raises


class Unreadable(Exception):
    """Why a submission cannot be read."""


@dataclass(frozen=True)
class Submission:
    """A student's file: the student (the learning system's number where it gives one), the name it goes by."""

    student: str
    name: str
    file: str
    contents: Callable[[], bytes]
    late: bool = False
    trouble: str = ""
    note: str = ""

    def read(self) -> bytes:
        """Its bytes, if they can be a notebook."""
        if self.trouble:
            raise Unreadable(self.trouble)
        try:
            raw = self.contents()
        except (OSError, RuntimeError, NotImplementedError, EOFError, ValueError, *UNPACKING):
            raise Unreadable("a file that cannot be read") from None
        if len(raw) > MOST_BYTES:
            raise Unreadable(f"more than {MOST_BYTES >> 20} MB")
        if raw[:2] == b"PK":
            inside = "a zip inside: unpack it, and mark the notebook" if self.file.lower().endswith(".zip") else ""
            raise Unreadable(inside or "a zip archive, not a notebook")
        if not raw.strip():
            raise Unreadable("an empty file")
        return raw


def find(where: Path, assignment: str) -> list[Submission]:
    """One submission for each student, in the order of their names."""
    if where.is_dir():
        files = dict(in_folder(where))
    elif where.suffix.lower() == ".ipynb" and where.is_file():
        files = {PurePosixPath(where.name): lambda: regular(where)}
    elif zipfile.is_zipfile(where):
        try:
            files = dict(in_zip(where))
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise ValueError(f"{where} is a damaged zip: download it again") from None
    else:
        damaged = where.is_file() and (where.suffix.lower() == ".zip" or where.read_bytes()[:2] == b"PK")
        what = "a damaged zip: download it again" if damaged else "none of them" if where.exists() else "not there"
        raise ValueError(f"submissions are a folder, a zip or a notebook; {where} is {what}")
    every = {path: read for path, read in files.items() if not any(map(hidden, path.parts))}
    files = {path: every[path] for path in every if plainly(path.name).suffix.lower() in (".ipynb", ".zip")}
    if all(path.suffix.lower() == ".zip" for path in files):
        zips = ", ".join(str(path) for path in sorted(files)[:3])
        raise ValueError(
            f"there is no notebook in {where}" + (f", but {line(zips)}: unpack that" if files else "")
        )
    while len({path.parts[0] for path in files}) == 1 < len({path.parts[1:2] for path in files}):
        (around,) = {path.parts[0] for path in files}
        if MOODLE.fullmatch(around):
            break
        every = {PurePosixPath(*path.parts[1:]): every[path] for path in every if path.parts[0] == around}
        files = {PurePosixPath(*path.parts[1:]): read for path, read in files.items()}  # a folder of it all
    found: dict[str, list[Submission]] = {}
    for path in sorted(files):
        one = whose(path, files[path])
        found.setdefault(one.student, []).append(one)
    marked = {student: chosen(found[student], assignment) for student in found}
    folders = all(path.parts[1:] for path in files) and all(one.student == one.name for one in marked.values())
    for path in sorted(set(every) - set(files)):  # of who has no notebook, unless it may be nobody's
        one = whose(path, every[path])
        if one.student != one.name or (folders and path.parts[1:]):
            marked.setdefault(one.student, replace(one, trouble=f"not a notebook: {line(one.file)}"))
    return [marked[student] for student in sorted(marked)]


def plainly(name: str) -> PurePosixPath:
    """A file's name without what a browser put behind a notebook's: hw3.ipynb.txt, or Canvas's hw3.ipynb-1.txt."""
    return PurePosixPath(BEHIND.sub(r"\1.ipynb", name))


def hidden(part: str) -> bool:
    """Whether a folder or file is a system's own, not a student's."""
    return part.startswith(".") or part == "__MACOSX"


def in_folder(folder: Path) -> Iterator[tuple[PurePosixPath, Callable[[], bytes]]]:
    """The files below a folder."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            yield PurePosixPath(path.relative_to(folder)), lambda path=path: regular(path)  # type: ignore[misc]


def regular(path: Path) -> bytes:
    """Stops the reading of what is no file of one's own: links, devices and pipes."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError
        return file.read(MOST_BYTES + 1)


def in_zip(path: Path) -> Iterator[tuple[PurePosixPath, Callable[[], bytes]]]:
    """Stops a zip from writing anywhere or filling the memory: members are only read, and up to a limit.

    A Mac's names are in UTF-8 without the mark for it, those of Windows' own PowerShell have \\ between folders.
    """
    with zipfile.ZipFile(path) as archive:
        members = [(member.filename, member) for member in archive.infolist()]
    if not any("/" in name for name, _ in members):
        members = [(name.replace("\\", "/"), member) for name, member in members]
    for name, member in members:
        if not name.endswith("/"):

            def read(member: zipfile.ZipInfo = member) -> bytes:
                with zipfile.ZipFile(path) as own, own.open(member) as file:
                    return file.read(MOST_BYTES + 1)

            if not member.flag_bits & 0x800:
                with contextlib.suppress(UnicodeError):
                    name = name.encode("cp437").decode("utf-8")
            yield PurePosixPath(*(p for p in name.split("/") if p not in ("", ".", ".."))), read


def whose(path: PurePosixPath, read: Callable[[], bytes]) -> Submission:
    """The submission in a file, by its path.

    Stops a file's name from handing in for another: in a student's folder the folder decides, and of two ways to
    read a name the one that ends first, as what follows is the student's own.
    """
    folder = path.parts[0] if len(path.parts) > 1 else ""
    moodle = (
        next(filter(None, map(MOODLE.fullmatch, path.parts[:-1])), None) if folder else MOODLE.fullmatch(path.name)
    )
    canvas = None if folder else CANVAS.fullmatch(path.name)
    if canvas and (not moodle or canvas.start("id") < moodle.start("id")):
        return Submission(canvas["id"], line(canvas["name"]), canvas["file"], read, bool(canvas["late"]))
    if moodle:
        return Submission(moodle["id"], line(moodle["name"]), moodle["file"] or path.name, read)
    student = line(folder or plainly(path.name).stem)
    return Submission(student, student, path.name, read)


def line(name: str) -> str:
    """A name as one line of a table has it, an accented letter as one, where some systems write it as two."""
    return clean(unicodedata.normalize("NFC", name), 200).replace("\n", " ").strip()


def chosen(files: list[Submission], assignment: str) -> Submission:
    """Of several files of a student the one named as the assignment, then the one handed in last; else none."""

    def turn(one: Submission) -> int:
        number = RESUBMITTED.search(plainly(one.file).stem)
        return int(number[1]) if number else 0

    def base(one: Submission) -> str:
        return RESUBMITTED.sub("", plainly(one.file).stem)

    named = [one for one in files if base(one) == assignment] or files
    named.sort(key=turn)
    several, who = f"{len(files)} files", {one.name for one in files}
    if (
        len(who) == 1
        and len({base(one) for one in named}) == 1
        and len({turn(one) for one in named}) == len(named)
    ):
        note = f"{several}: {line(named[-1].file)} is marked" if len(files) > 1 else ""
        return replace(named[-1], note=note)
    names = line(", ".join(sorted(one.file for one in files)))
    trouble = f"{several}: choose one, leave out the rest or name it {assignment}.ipynb: {names}"
    if len(who) > 1:
        trouble = f"{several} of {', '.join(sorted(who))}, who have the same number: rename them"
    return replace(files[0], trouble=trouble)
