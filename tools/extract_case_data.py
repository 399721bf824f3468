# /// script
# requires-python = ">=3.11"
# dependencies = ["great_tables==0.20.0"]
# ///
"""Cut the case studies' price windows out of published data packages.

Run rarely, by hand; the CSV files it writes are committed, and the package it reads is needed for nothing else::

    uv run tools/extract_case_data.py          or, with great_tables 0.20.0 installed:
    python tools/extract_case_data.py
"""

from __future__ import annotations

import csv
import hashlib
from importlib import metadata, resources
from pathlib import Path

DATA = Path(__file__).parent.parent / "hedgelab" / "cases" / "data"

PACKAGE, RESOURCE = "great_tables", "04-sp500.csv"
COLUMNS = ("date", "open", "high", "low", "close")

#: file name -> (title, first date, last date)
WINDOWS = {
    "sp500_1987.csv": ("S&P 500 index, daily, August to December 1987", "1987-08-01", "1987-12-31"),
}


def rows(first: str, last: str) -> list[dict[str, str]]:
    """The rows of the source from `first` to `last`, oldest first."""
    text = resources.files(PACKAGE).joinpath("data", RESOURCE).read_text(encoding="utf-8")
    wanted = [row for row in csv.DictReader(text.splitlines()) if first <= row["date"] <= last]
    return sorted(wanted, key=lambda row: row["date"])


def render(title: str, first: str, last: str) -> str:
    """The text of one CSV file: the provenance header, then the data whose digest the header states."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(row[column] for column in COLUMNS) for row in rows(first, last)]
    body = "\n".join(lines) + "\n"
    header = {
        "title": title,
        "source": f"PyPI package {PACKAGE} {metadata.version(PACKAGE)}, file {PACKAGE}/data/{RESOURCE}",
        "licence": "MIT (the package)",
        "columns": "date (year-month-day); open, high, low, close (index points)",
        "caution": "in this era the recorded open is mostly the previous day's close: the index was computed from "
        "last trades, and few stocks had traded yet",
        "extracted by": "tools/extract_case_data.py",
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return "".join(f"# {name}: {value}\n" for name, value in header.items()) + body


def main() -> None:
    """Write every window."""
    for name, window in WINDOWS.items():
        (DATA / name).write_text(render(*window), encoding="utf-8")
        print(f"wrote {DATA / name}")


if __name__ == "__main__":
    main()
