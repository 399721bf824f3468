"""Marks written into the file that Canvas or Moodle exported: all else in it stays as it is, to the byte."""

from __future__ import annotations

import re
import sys
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from coursework.marks import table, unquoted
from coursework.sandbox import Refused

FIELD = re.compile(r'(\ufeff?"(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|\n|\r|\Z)')


@dataclass
class Sheet:
    """A table whose fields are kept as they were written, quotation marks and all."""

    rows: list[list[str]]
    ends: list[str]

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """The fields of a file, and how each row ends."""
        text, at = path.read_bytes().decode("utf-8"), 0
        rows: list[list[str]] = [[]]
        ends: list[str] = []
        while at < len(text):
            field = FIELD.match(text, at)
            if not field:
                raise Refused(f"{path} is no table of fields with commas between")
            rows[-1].append(field[1])
            at = field.end()
            if field[2] != ",":
                ends.append(field[2])
                rows.append([])
        if rows[-1]:  # the last field of all is empty, and no line end follows
            rows[-1].append("")
            ends.append("")
            rows.append([])
        return cls(rows[:-1], ends)

    def value(self, row: int, column: int) -> str:
        """What a field says."""
        raw = self.rows[row][column] if column < len(self.rows[row]) else ""
        raw = raw.removeprefix("\ufeff")
        return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw

    def column(self, name: str) -> int:
        """The place of a column, by its name or, in Canvas's way, its name and a number in brackets."""
        head = [self.value(0, column).strip() for column in range(len(self.rows[0]))]
        found = [at for at, title in enumerate(head) if re.fullmatch(re.escape(name) + r"(?: \(\d+\))?", title)]
        if len(found) != 1:
            raise Refused(f"one column is to be called {name!r}; the file has {', '.join(head)}")
        return found[0]

    def text(self) -> str:
        """The file."""
        return "".join(",".join(row) + end for row, end in zip(self.rows, self.ends, strict=True))


def canvas(export: Path, folder: Path, column: str, scale: bool = False) -> Path:
    """Fill a column of Canvas's export of grades; its students go by `ID`, by login or by the school's number."""
    sheet = Sheet.read(export)
    names = [sheet.value(0, at).strip() for at in range(len(sheet.rows[0]))]
    known = [names.index(name) for name in ("ID", "SIS Login ID", "SIS User ID") if name in names]
    at = sheet.column(column)
    possible = [row for row in range(1, len(sheet.rows)) if sheet.value(row, 0).strip() == "Points Possible"]
    most = sheet.value(possible[0], at) if possible else ""
    rows = [row for row in range(1, len(sheet.rows)) if row not in possible]
    students = {row: [sheet.value(row, way).strip() for way in known] for row in rows}
    return filled(sheet, export, folder, at, dict.fromkeys(students, most), students, scale)


def moodle(export: Path, folder: Path, scale: bool = False) -> Path:
    """Fill the grades of Moodle's grading worksheet, whose students go by the number in `Identifier`."""
    sheet = Sheet.read(export)
    who, at, _ = (sheet.column(name) for name in ("Identifier", "Grade", "Last modified (grade)"))
    names = [sheet.value(0, place).strip() for place in range(len(sheet.rows[0]))]
    limit = names.index("Maximum Grade") if "Maximum Grade" in names else len(names)
    students = {row: re.findall(r"\d+", sheet.value(row, who))[-1:] for row in range(1, len(sheet.rows))}
    return filled(sheet, export, folder, at, {row: sheet.value(row, limit) for row in students}, students, scale)


def known(who: dict[int, list[str]], marks: Container[str]) -> dict[int, str]:
    """The student of each row, by the first column that knows the name; each student is of one row.

    Numbers go by one column for all: one system's number may be another student's in the other.
    """
    found: dict[int, str] = {}
    numbered = False
    for way in range(max(map(len, who.values()), default=0)):
        names = {row: own[way] for row, own in who.items() if row not in found and way < len(own)}
        new = {row: name for row, name in names.items() if name in marks and name not in found.values()}
        found |= {row: name for row, name in new.items() if not (numbered and name.isdigit())}
        numbered |= any(name.isdigit() for name in new.values())
    return found


def filled(
    sheet: Sheet, export: Path, folder: Path, at: int, most: dict[int, str], who: dict[int, list[str]], scale: bool
) -> Path:
    """Write the sheet with its marks beside the export, and say whom it lacks."""
    marks = {unquoted(row["student"]): row for row in table(folder / "marks.csv")}
    missing, found, unmarked = set(marks), 0, []
    for row, student in known(who, marks).items():
        if at >= len(sheet.rows[row]):
            continue
        if marks[student]["status"].startswith("NOT MARKED"):
            missing.discard(student)
            unmarked.append(student)
            continue
        total, out_of = float(marks[student]["total"]), float(marks[student]["out of"])
        if most[row].strip() and float(most[row].replace(",", ".")) != out_of:
            if not scale:
                raise Refused(f"marks are of {out_of:g}, the column of {most[row]}: change it there, or --scale")
            total *= float(most[row].replace(",", ".")) / out_of
        sheet.rows[row][at] = f"{round(total, 2):.10g}"  # a number of ours: nothing of a student's goes in
        missing.discard(student)
        found += 1
    target = export.with_name(f"{export.stem}.filled{export.suffix}")
    try:
        with target.open("xb") as file:
            file.write(sheet.text().encode())
    except FileExistsError:
        raise Refused(f"{target} is there already") from None
    print(f"{found} marks in {target}", file=sys.stderr)
    if unmarked:
        print(f"not marked, and left as they were: {', '.join(sorted(unmarked))}", file=sys.stderr)
    if missing:
        print(f"not in {export}: {', '.join(sorted(missing))}", file=sys.stderr)
    return target
