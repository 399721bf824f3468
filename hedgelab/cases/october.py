"""The crash of October 1987."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hedgelab.cases.records import Case, read


@dataclass(frozen=True, repr=False)
class October1987(Case):
    """The crash of October 1987.

    Attributes
    ----------
    title : what happened
    prices : daily open, high, low and close of the index, by date
    events : what happened when, in words, each with its `status` and `source`
    indices : other indices on the days of the crash, by date
    sizes : how large those who traded were: `low`, `high` (NaN where a source says *at least*), `unit`, `status`
        ("read" or "second hand") and `source`

    Examples
    --------
    >>> october_1987().title
    'The crash of October 1987'
    """

    indices: pd.DataFrame
    sizes: pd.DataFrame


def october_1987() -> October1987:
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
    return October1987(
        title="The crash of October 1987",
        prices=read("sp500_1987.csv"),
        events=read("october_1987_events.csv"),
        indices=read("october_1987_indices.csv"),
        sizes=read("october_1987_sizes.csv"),
    )
