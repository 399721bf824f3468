"""Data files that say where they come from, and what every case has."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hedgelab.markets import Replay

#: Where the data files are.
DATA = Path(__file__).parent / "data"


class CaseDataError(ValueError):
    """A data file is missing, or is not what its header says."""


@dataclass(frozen=True)
class Case:
    """A crash to replay.

    Attributes
    ----------
    title : what happened
    prices : of the index by date, in points: daily closes, and open, high and low where they are at hand
    events : what happened when, in words, each with its `status` and `source`

    Examples
    --------
    >>> from hedgelab import cases
    >>> for case in (cases.october_1987(), cases.flash_crash_2010(), cases.march_2020()):
    ...     print(case)
    October1987('The crash of October 1987', 106 days, 11 events)
    FlashCrash2010('The Flash Crash of 6 May 2010', 63 days, 18 events)
    March2020('The fall of February and March 2020', 125 days, 18 events)
    """

    title: str
    prices: pd.DataFrame
    events: pd.DataFrame

    @property
    def market(self) -> Replay:
        """The closes as a market."""
        return Replay(self.prices.index, self.prices.close)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r}, {len(self.prices)} days, {len(self.events)} events)"


def read(name: str, folder: Path = DATA, index: str = "date") -> pd.DataFrame:
    """A data file by its name, indexed by date or another column, checked against the digest in its header.

    Raises
    ------
    CaseDataError
        Names the file and what is wrong with it.

    Examples
    --------
    >>> read("sp500_1987.csv").attrs["provenance"]["sha256"][:8]
    '86588ca7'
    """
    path = folder / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        raise CaseDataError(f"{path} is missing: reinstall hedgelab, or restore it from the repository") from None
    except UnicodeDecodeError as error:
        raise CaseDataError(f"{path} is corrupted: it is not UTF-8 text ({error})") from None
    length = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    header = dict(line[2:].rstrip("\n").split(": ", 1) for line in lines[:length] if ": " in line)
    body = "".join(lines[length:])
    if "sha256" not in header:
        raise CaseDataError(f"{path} is corrupted: its header states no sha256")
    found = hashlib.sha256(body.encode()).hexdigest()
    if found != header["sha256"]:
        raise CaseDataError(
            f"{path} is corrupted: the data have sha256 {found}, but the header states {header['sha256']}"
        )
    table = pd.read_csv(io.StringIO(body), index_col=index, parse_dates=["date"] if index == "date" else False)
    table.attrs["provenance"] = header
    return table


def timed(table: pd.DataFrame) -> pd.DataFrame:
    """A table by date whose column `time` has the hour and minute: these with the day; NaT where there is none."""
    days = pd.Series(pd.DatetimeIndex(table.index).strftime("%Y-%m-%d "), index=table.index)
    told = table.assign(time=pd.to_datetime(days + table["time"]))
    told.attrs = table.attrs
    return told


def on_days(closes: pd.Series, days: pd.Index) -> pd.Series:
    """Closes by trading day, NaN where none is known: a gap is left a gap."""
    missing = closes.index.difference(days)
    if len(missing):
        raise CaseDataError(
            f"closes must be of trading days, got one of {missing[0]:%Y-%m-%d}, which has no price"
        )
    return closes.reindex(days)
