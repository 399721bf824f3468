"""Marks written into the file that Canvas or Moodle exported: all else in it stays as it is, to the byte."""

from __future__ import annotations

import argparse
import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from coursework.grading import put
from coursework.marks import CHANGED, GONE, NOT_MARKED, keep, kept, number, table, tell, unquoted
from coursework.sandbox import Refused

FIELD = r'(\ufeff?"(?:[^"]|"")*"|[^"{0}\r\n]*)([{0}]|\r\n|\n|\r)'
OWN_WORDS = " (by hand)"


@dataclass
class Sheet:
    """A table whose fields are kept as they were written, quotation marks and all."""

    path: Path
    rows: list[list[str]]
    ends: list[str]
    comma: str = ","

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """The fields of a file, and how each row ends."""
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            raise Refused(f"there is no {path}") from None
        except UnicodeError:
            raise Refused(f"{path} is no table in UTF-8: take the export as it came") from None
        end = "" if text.endswith(("\r", "\n")) else "\n"
        first = re.match(FIELD.format(",;"), text + end)
        comma = ";" if first and first[2] == ";" else ","
        fields = re.findall(FIELD.format(comma), text + end)
        if "".join(map("".join, fields)) != text + end:
            raise Refused(f"{path} is no table of fields with {comma} between")
        rows: list[list[str]] = [[]]
        ends: list[str] = []
        for field, after in fields:
            rows[-1].append(field)
            if after != comma:
                ends.append(after)
                rows.append([])
        if len(rows) < 3:
            raise Refused(f"{path} has " + ("a header and nothing below it" if text else "nothing in it"))
        return cls(path, rows[:-1], [*ends[:-1], ends[-1].removesuffix(end)], comma)

    def value(self, row: int, column: int) -> str:
        """What a field says."""
        raw = self.rows[row][column] if column < len(self.rows[row]) else ""
        raw = unicodedata.normalize("NFC", raw.removeprefix("\ufeff"))
        return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw

    @property
    def head(self) -> list[str]:
        """What the columns are called."""
        return [self.value(0, column).strip() for column in range(len(self.rows[0]))]

    def column(self, name: str) -> int:
        """The place of a column, by its name or, in Canvas's way, its name and a number in brackets."""
        named = re.compile(re.escape(name) + r"(?: \(\d+\))?")
        found = [at for at, title in enumerate(self.head) if named.fullmatch(title) or title == name]
        if not found:
            raise Refused(f"{self.path} has no column {name!r}; it has {', '.join(self.head)}")
        if len(found) > 1:
            both = " and ".join(self.head[at] for at in found)
            raise Refused(f"{self.path} has {len(found)} columns {name!r}: {both}; give the one in full")
        return found[0]

    def text(self) -> str:
        """The file."""
        return "".join(self.comma.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))


def canvas(sheet: Sheet, column: str) -> tuple[int, dict[int, str], dict[int, list[str]], str]:
    """In Canvas's export the column to fill, by row its points and a student's numbers, how those are called."""
    if "ID" not in sheet.head:  # whose place another system's numbers would take
        raise Refused(f"{sheet.path} has no column 'ID', Canvas's own numbers: take the export as it came")
    ways = [name for name in ("ID", "SIS Login ID", "SIS User ID") if name in sheet.head]
    at = sheet.column(column)
    possible = [row for row in range(1, len(sheet.rows)) if sheet.value(row, 0).strip() == "Points Possible"]
    most = sheet.value(possible[0], at) if possible else ""
    rows = [row for row in range(1, len(sheet.rows)) if row not in possible]
    places = [sheet.head.index(way) for way in ways]
    students = {row: [sheet.value(row, place).strip() for place in places] for row in rows}
    return at, dict.fromkeys(students, most), students, ", ".join(ways)


def moodle(sheet: Sheet, column: str = "Grade") -> tuple[int, dict[int, str], dict[int, list[str]], str]:
    """The same of Moodle's grading worksheet, whose students go by the number in `Identifier`."""
    who, at, _ = (sheet.column(name) for name in ("Identifier", column, "Last modified (grade)"))
    limit = sheet.head.index("Maximum Grade") if "Maximum Grade" in sheet.head else len(sheet.head)
    students = {row: re.findall(r"\d+", sheet.value(row, who))[-1:] for row in range(1, len(sheet.rows))}
    return at, {row: sheet.value(row, limit) for row in students}, students, "Identifier"


def known(who: dict[int, list[str]], marks: dict[str, dict[str, str]], ways: str) -> dict[int, str]:
    """Stops a mark from going to somebody whom another column happens to call so: the student of each row.

    A learning system's own number, which came with a name, stands in the first column; what an instructor called
    submissions, in one column for all.
    """
    count = max(map(len, who.values()), default=0)
    columns = [{row: own[at] for row, own in who.items() if own[at:] and own[at] in marks} for at in range(count)]
    names = {name for column in columns for name in column.values()}
    called = {name for name in names if unquoted(marks[name].get("name", name)) == name}
    sound = [column for column in columns if called <= set(column.values())]
    pairs = {pair for column in sound for pair in column.items() if pair[1] in called}
    pairs |= {pair for column in columns[:1] for pair in column.items() if pair[1] not in called}
    often = Counter(part for pair in pairs for part in pair)
    unclear = {pair[1] for pair in pairs if max(often[part] for part in pair) > 1} or (set() if sound else called)
    if unclear:
        whom = ", ".join(sorted(unclear))
        raise Refused(f"{ways}: which row is whose is unclear of {whom}: call all submissions by one column")
    return dict(pairs)


def marked(folder: Path) -> dict[str, dict[str, str]]:
    """Stops marks from being filled in that are older than what somebody wrote since; the marks by student."""
    ours = folder / "marks.csv"
    rows = table(ours, ("student", "total", "out of", "status"))
    if not rows:
        raise Refused(f"{ours} has a header and nothing below it")
    marks, hand = {unquoted(row["student"]): row for row in rows}, folder / "by_hand.csv"
    unmarked = {name: "" for name in rows[0] if name.endswith(OWN_WORDS)}  # of an id that a spreadsheet rewrote
    for own in table(hand, ("student",)) if hand.is_file() else ():
        row = marks.get(unquoted(own["student"]), {} if own.get("changed") == GONE else unmarked)
        for name in (name.removesuffix(OWN_WORDS) for name in row if name.endswith(OWN_WORDS)):
            given, then = own.get(name, "").strip(), row[name + OWN_WORDS]
            who = f"{name} of {unquoted(own['student'])}"
            both = [number(text, f"{file}, {who}") for file, text in ((hand, given), (ours, then)) if text]
            if bool(given) != bool(then) or len(set(both)) > 1:
                raise Refused(
                    f"{hand} has changed since marks.csv was written: {who}.  Run grade again, then fill"
                )
    return marks


def arguments(parser: argparse.ArgumentParser) -> None:
    """What can be said on the command line."""
    parser.add_argument("marks", type=Path, help="the folder that grade wrote")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--canvas", type=Path, metavar="CSV", help="Grades, Export")
    which.add_argument("--moodle", type=Path, metavar="CSV", help="Download grading worksheet")
    parser.add_argument("--column", help="the assignment's name in Canvas, where it is not that of the folder's")
    parser.add_argument("--scale", action="store_true", help="convert where the column is out of other points")
    parser.add_argument(
        "--unmarked-as-zero", action="store_true", help="although answers in words are not marked yet"
    )


def run(options: argparse.Namespace) -> None:
    """Write marks into what the learning system exported."""
    export, marks = options.canvas or options.moodle, marked(options.marks)
    sheet, mine = Sheet.read(export), kept(options.marks)
    column = options.column or str(mine.get("assignment", export.stem)).partition(":")[0]
    at, most, who, ways = canvas(sheet, column) if options.canvas else moodle(sheet)
    found = known(who, marks, f"{export}: {ways}")
    if not found:
        raise Refused(f"{export}: none of {ways} matches anybody in {options.marks / 'marks.csv'}")
    left = [student for student in found.values() if marks[student]["status"].startswith(NOT_MARKED)]
    own = [name for name in next(iter(marks.values())) if name.endswith(OWN_WORDS)]
    open_ones = sorted(who for who in set(found.values()) - set(left) if not all(marks[who][name] for name in own))
    if open_ones and not options.unmarked_as_zero:
        who_all, hand = ", ".join(open_ones), options.marks / "by_hand.csv"
        raise Refused(
            f"{len(open_ones)} have answers that are not marked yet: {who_all}.  "
            f"Write points into {hand} and run grade again, or fill with --unmarked-as-zero"
        )
    for row, student in found.items():
        if student in left:
            continue
        total, out_of = (
            number(marks[student][name], f"marks.csv, {name} of {student}") for name in ("total", "out of")
        )
        limit = number(most[row], f"{export}: what {column} is out of") if most[row].strip() else out_of
        if limit != out_of and not (options.scale and limit):
            change = "change it there" + (", or --scale" if limit else "")
            raise Refused(f"{export}: marks are of {out_of:g}, the column of {limit:g}: {change}")
        sheet.rows[row] += [""] * (at + 1 - len(sheet.rows[row]))  # a spreadsheet drops what is empty at the end
        sheet.rows[row][at] = f"{round(total * limit / out_of, 2):.10g}"  # ours: nothing of a student's goes in
    target = export.with_name(f"{export.stem}.filled{export.suffix}")
    written, text = mine.get("filled", {}), sheet.text()
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() != written.get(target.name):
        raise Refused(f"{target} is there already, and not as fill last wrote it: move it")
    put(target, text)
    keep(options.marks, filled=written | {target.name: hashlib.sha256(text.encode()).hexdigest()})
    tell(f"{len(found) - len(left)} marks in {target}", [""])
    tell("with answers that are not marked, which count 0:", open_ones)
    tell("not marked, and left as they were:", left)
    for part, what in (
        ("unreadable", "could not be read, and get 0 by checks:"),
        (CHANGED, "changed since they were marked:"),
    ):
        tell(what, [student for student in found.values() if part in marks[student]["status"]])
    tell(f"not in {export}:", sorted(set(marks) - set(found.values())))
