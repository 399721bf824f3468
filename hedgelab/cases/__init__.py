"""Case studies: what happened, with sources, and a market that replays it; and a smile as it was quoted.

Each CSV file in ``data/`` opens with its provenance: lines ``# name: value`` that state the source, the licence,
the columns and the SHA-256 digest of everything below them.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hedgelab.markets import Replay

DATA = Path(__file__).parent / "data"


class CaseDataError(ValueError):
    """A data file is missing, or is not what its header says."""


@dataclass(frozen=True)
class Case:
    """A crash to replay.

    Attributes
    ----------
    title : what happened
    prices : daily open, high, low and close of the index, by date
    indices : other indices on the days of the crash, by date
    events : what happened when, in words, with a `source` for each
    sizes : how large those who traded were: `low`, `high` (NaN where a source says *at least*), `unit`, `status`
        ("read" or "second hand") and `source`
    market : the closes as a market

    Examples
    --------
    >>> october_1987().title
    'The crash of October 1987'
    """

    title: str
    prices: pd.DataFrame
    indices: pd.DataFrame
    events: pd.DataFrame
    sizes: pd.DataFrame
    market: Replay

    def __repr__(self) -> str:
        return f"Case({self.title!r}, {len(self.prices)} days, {len(self.events)} events)"


def october_1987() -> Case:
    """The S&P 500 from August to December 1987, and the crash of Monday 19 October.

    The VXO among the indices is in per cent and per trading day; multiply by ``sqrt(252 / 365)`` for the
    volatility that Black–Scholes uses with time in calendar years (Carr & Wu 2006, at second hand).

    Examples
    --------
    >>> crash = october_1987()
    >>> closes = crash.prices.close
    >>> round(float(closes["1987-10-19"] / closes["1987-10-16"] - 1), 4)
    -0.2047
    >>> called = crash.sizes[crash.sizes.quantity.str.contains("called for on the 14th")]
    >>> float(called.low.iloc[0]), called.unit.iloc[0], called.status.iloc[0]
    (12.0, '$bn', 'read')
    >>> crash.market
    Replay(106 dates, 1987-08-03 to 1987-12-31)
    """
    prices = read("sp500_1987.csv")
    return Case(
        title="The crash of October 1987",
        prices=prices,
        indices=read("october_1987_indices.csv"),
        events=read("october_1987_events.csv"),
        sizes=read("october_1987_sizes.csv"),
        market=Replay(prices.index, prices.close),
    )


@dataclass(frozen=True)
class QuotedSmile:
    """Implied volatilities of one expiry, as they were quoted.

    Attributes
    ----------
    title : whose, when
    volatility : by strike
    spot : price of the share, US dollars; with a rate of zero also the forward
    expiry : years of 365 days
    log_moneyness : of the strikes

    Examples
    --------
    >>> apple_smile().title
    'Implied volatilities of Apple options on 27 May 2015, expiring on 19 June 2015'
    """

    title: str
    volatility: pd.Series
    spot: float
    expiry: float

    @property
    def log_moneyness(self) -> pd.Series:
        """The log of strike over spot, by strike."""
        strike = self.volatility.index
        return pd.Series(np.log(strike.to_numpy() / self.spot), index=strike)

    def __repr__(self) -> str:
        return f"QuotedSmile({self.title!r}, {len(self.volatility)} quotes)"


def apple_smile() -> QuotedSmile:
    """The smile of Apple's options on 27 May 2015, three weeks before they expired: 42 noisy quotes.

    Examples
    --------
    >>> from hedgelab import SVI
    >>> quoted = apple_smile()
    >>> smile = SVI.fit(quoted.log_moneyness, quoted.volatility, quoted.expiry)
    >>> round(smile.report.rms), smile.butterfly().free
    (102, True)
    """
    table = read("apple_smile_2015.csv", index="strike")
    told = table.attrs["provenance"]
    days = pd.Timestamp(told["expiry"]) - pd.Timestamp(told["date"])
    return QuotedSmile(told["title"], table.implied_volatility, float(told["spot"]), days / pd.Timedelta(days=365))


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
