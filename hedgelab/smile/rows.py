"""A file of option quotes, row by row, and everything that is wrong with it at once."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np

from hedgelab import black_scholes

COLUMNS = ("kind", "strike", "expiry", "bid", "ask")
DAYS_PER_YEAR = 365.0
LARGEST, LONGEST = 1e12, 50  # price, and years to expiry
MOST = 100  # complaints that a message quotes


class Row(NamedTuple):
    """One quote and the line of the file that it is in."""

    line: int
    kind: str
    strike: float
    expiry: float
    bid: float
    ask: float


class QuotesError(ValueError):
    """Quotes that cannot be; `complaints` has the line and what is wrong, for each."""

    def __init__(self, complaints: Iterable[tuple[int, str]]) -> None:
        self.complaints = tuple(sorted(complaints))
        lines = [f"line {line}: {what}" for line, what in self.complaints[:MOST]]
        more = len(self.complaints) - MOST
        told = "\n".join(lines) + (f"\nand {more} more" if more > 0 else "")
        super().__init__(f"quotes must be what a market can show, got {len(self.complaints)} bad:\n{told}")


def read(source: str | os.PathLike[str] | TextIO, today: Any) -> list[Row]:
    """The rows of a file, if all of them can be read and can be quotes."""
    day = _day("today", today)
    try:
        if hasattr(source, "read"):
            return checked(_parsed(source, day))
        with Path(source).open(encoding="utf-8-sig", newline="") as file:
            return checked(_parsed(file, day))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"source must be comma-separated text in UTF-8, but {error}") from None


def checked(rows: Iterable[Row | tuple[int, str]]) -> list[Row]:
    """The rows, if there is nothing to complain of in any, or in all together."""
    complaints: list[tuple[int, str]] = []
    good: list[Row] = []
    for row in rows:
        if isinstance(row, Row):
            wrong = [(row.line, what) for what in _wrong(row)]
            complaints += wrong
            good += [] if wrong else [row]
        else:
            complaints.append(row)
    complaints += _repeated(good)
    complaints += _for_nothing(good)
    if complaints:
        raise QuotesError(complaints)
    return good


def number(value: Any) -> float:
    """`value` as a float, NaN if it is missing or none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan


def _parsed(file: Any, today: date | None) -> Iterator[Row | tuple[int, str]]:
    """Each row, or its line and what cannot be read in it."""
    reader = csv.DictReader(file)
    given = reader.fieldnames or ()
    headings = [str(name).strip().lower() for name in given]
    names = dict(zip(headings, given, strict=True))
    for wrong, times in (("missing", 0), ("there twice", 2)):
        those = [name for name in COLUMNS if min(headings.count(name), 2) == times]
        if those:
            raise ValueError(f"columns must be {', '.join(COLUMNS)}, got {headings}: {', '.join(those)} {wrong}")
    for cells in reader:
        if any(map(str.strip, cells.get(None) or ())):  # as where a comma is the decimal point
            yield reader.line_num, f"must have a cell for each of {len(given)} columns, got more"
            continue
        texts = {name: (cells[names[name]] or "").strip() for name in COLUMNS}
        if any(texts.values()):
            yield from _row(reader.line_num, texts, today)


def _row(line: int, texts: dict[str, str], today: date | None) -> Iterator[Row | tuple[int, str]]:
    found: dict[str, Any] = {}
    for name in ("strike", "expiry", "bid", "ask"):
        try:
            found[name] = _years(texts[name], today) if name == "expiry" else _float(texts[name])
        except ValueError as error:
            told = "is missing" if not texts[name] else f"must be a number, got {texts[name][:40]!r}"
            yield line, f"{name} {error if name == 'expiry' and texts[name] else told}"
    if len(found) == 4:
        yield Row(line, texts["kind"], **found)


def _float(text: str) -> float:
    """The number that a cell has; Python's own way to write a million, 1_000_000, is none here."""
    return float("not a number" if "_" in text else text)


def _years(text: str, today: date | None) -> float:
    """An expiry in years, or the days until a date."""
    try:
        return _float(text)
    except ValueError:
        pass
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        raise ValueError(f"must be years or a date such as 2015-06-19, got {text[:40]!r}") from None
    if today is None:
        raise ValueError(f"is a date, {text[:40]}: today must be given")
    return (day - today).days / DAYS_PER_YEAR


def _day(name: str, value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ValueError(f"{name} must be a date such as 2015-05-27, got {str(value)[:40]!r}") from None


def _wrong(row: Row) -> Iterator[str]:
    """What cannot be in one quote."""
    if row.kind.lower() not in black_scholes.KINDS:
        yield f'kind must be "call" or "put", got {row.kind[:40]!r}'
    for name, most in (("strike", LARGEST), ("expiry", LONGEST), ("ask", LARGEST)):
        number = getattr(row, name)
        if not 0 < number <= most:
            passed = " (it has passed)" if name == "expiry" and number <= 0 else ""
            yield f"{name} must be positive and at most {most:g}, got {number:g}{passed}"
    if not 0 <= row.bid < np.inf:
        yield f"bid must be zero or more, and finite, got {row.bid:g}"
    if row.bid > row.ask:
        yield f"bid must not be above ask, got {row.bid:g} and {row.ask:g}, crossed"


def _repeated(rows: list[Row]) -> Iterator[tuple[int, str]]:
    """Options that are quoted twice."""
    first: dict[tuple[str, float, float], int] = {}
    for row in rows:
        option = (black_scholes.KINDS[row.kind.lower()], row.strike, row.expiry)
        if option in first:
            yield row.line, f"{option[0]} {row.strike:g} is quoted already in line {first[option]}"
        first.setdefault(option, row.line)


def _for_nothing(rows: list[Row]) -> Iterator[tuple[int, str]]:
    """Calls that are sold for more than a call of a lower strike costs; puts, of a higher."""
    groups: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        groups.setdefault((black_scholes.KINDS[row.kind.lower()], row.expiry), []).append(row)
    for (kind, _), group in groups.items():
        change = "fall" if kind == "call" else "rise"
        best: Row | None = None  # the cheapest so far
        for row in sorted(group, key=lambda each: each.strike, reverse=kind == "put"):
            if best is not None and row.strike != best.strike and row.bid > best.ask:
                bid, ask = f"a bid of {row.bid:g} at {row.strike:g}", f"an ask of {best.ask:g} at {best.strike:g}"
                yield row.line, f"{kind}s must {change} with strike, got {bid} above {ask} in line {best.line}"
            if best is None or row.ask < best.ask:
                best = row
