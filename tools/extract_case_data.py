# /// script
# requires-python = ">=3.11"
# dependencies = ["great_tables==0.20.0", "skfolio==1.12.2"]
# ///
"""Cut the case studies' price windows out of published data packages.

Run rarely, by hand; the CSV files it writes are committed, and the packages it reads are needed for nothing else.
Nothing of them is imported, so they do without what they depend on::

    uv run tools/extract_case_data.py                                   or, in an environment of your own:
    python -m pip install --no-deps great_tables==0.20.0 skfolio==1.12.2
    python tools/extract_case_data.py
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent.parent / "hedgelab" / "cases" / "data"


class Source(NamedTuple):
    """A file of daily prices in a published package."""

    package: str
    file: str
    licence: str
    columns: dict[str, str]  # of the file: our name for it

    def rows(self, first: str, last: str) -> list[list[str]]:
        """Its rows from `first` to `last`, oldest first, in our columns."""
        packed = Path(str(metadata.distribution(self.package).locate_file(self.file))).read_bytes()
        text = (gzip.decompress(packed) if self.file.endswith(".gz") else packed).decode()
        found = [[row[column] for column in self.columns] for row in csv.DictReader(text.splitlines())]
        return sorted(row for row in found if first <= row[0] <= last)


OHLC = {name: name for name in ("date", "open", "high", "low", "close")}
GREAT_TABLES = Source("great_tables", "great_tables/data/04-sp500.csv", "MIT (the package)", OHLC)
SKFOLIO = Source(
    "skfolio",
    "skfolio/datasets/data/sp500_index.csv.gz",
    "BSD-3-Clause (the package)",
    {"Date": "date", "SP500": "close"},
)


class Window(NamedTuple):
    """What one of our files has."""

    title: str
    source: Source
    first: str
    last: str
    caution: str


#: file name -> what is in it
WINDOWS = {
    "sp500_1987.csv": Window(
        "S&P 500 index, daily, August to December 1987",
        GREAT_TABLES,
        "1987-08-01",
        "1987-12-31",
        "in this era the recorded open is mostly the previous day's close: the index was computed from "
        "last trades, and few stocks had traded yet",
    ),
    "sp500_2010.csv": Window(
        "S&P 500 index, daily, April to June 2010",
        GREAT_TABLES,
        "2010-04-01",
        "2010-06-30",
        "the index, not its future; it is computed from last trades, so its open is near the previous day's close",
    ),
    "sp500_2020.csv": Window(
        "S&P 500 index, daily closes, January to June 2020",
        SKFOLIO,
        "2020-01-01",
        "2020-06-30",
        "the package offers its prices for tests and examples; those of March agree with what is in print",
    ),
}


def render(window: Window) -> str:
    """The text of one CSV file: the provenance header, then the data whose digest the header states."""
    source = window.source
    names = list(source.columns.values())
    body = "".join(",".join(row) + "\n" for row in [names, *source.rows(window.first, window.last)])
    header = {
        "title": window.title,
        "source": f"PyPI package {source.package} {metadata.version(source.package)}, file {source.file}",
        "licence": source.licence,
        "columns": f"date (year-month-day); {', '.join(names[1:])} (index points)",
        "caution": window.caution,
        "extracted by": "tools/extract_case_data.py",
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    return "".join(f"# {name}: {value}\n" for name, value in header.items()) + body


def main() -> None:
    """Write every window."""
    for name, window in WINDOWS.items():
        (DATA / name).write_text(render(window), encoding="utf-8")
        print(f"wrote {DATA / name}")


if __name__ == "__main__":
    main()
