"""February and March 2020."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hedgelab.cases.records import Case, on_days, read, timed


@dataclass(frozen=True, repr=False)
class March2020(Case):
    """The fall of February and March 2020.

    Attributes
    ----------
    title : what happened
    prices : daily `close` of the index, in points, by date
    events : what happened when, in words: `time` where it has one (Eastern, else NaT), `who` failed or lost and
        what `kind` they were (else NaN), `event`, `status` ("recorded" in a data file; "read"; "second hand") and
        `source`
    vix : closes in per cent a year, by the dates of the prices; NaN on each day that is not in our sources

    Examples
    --------
    >>> march_2020().title
    'The fall of February and March 2020'
    """

    vix: pd.Series

    @property
    def failures(self) -> pd.DataFrame:
        """The events that name somebody who failed or lost."""
        return self.events[self.events.who.notna()].drop(columns="time")


def march_2020() -> March2020:
    """The S&P 500 from January to June 2020, in closes.

    The VIX is known on ten days.  The other days have none: fill them yourself, and say so, if you must.

    Examples
    --------
    >>> crash = march_2020()
    >>> closes = crash.prices.close
    >>> round(float(closes["2020-03-23"] / closes["2020-02-19"] - 1), 4)
    -0.3392
    >>> float(crash.vix["2020-03-16"]), int(crash.vix.notna().sum())
    (82.69, 10)
    >>> crash.events.time.dropna().dt.strftime("%d %B %H:%M").tolist()
    ['09 March 09:34', '12 March 09:35', '16 March 09:30', '18 March 12:56']
    >>> crash.failures.who.unique().tolist()[:2]
    ['AIMCo', 'Ronin Capital']
    >>> crash.market
    Replay(125 dates, 2020-01-02 to 2020-06-30)
    """
    prices = read("sp500_2020.csv")
    return March2020(
        title="The fall of February and March 2020",
        prices=prices,
        events=timed(read("march_2020_events.csv")),
        vix=on_days(read("vix_2020.csv").vix, prices.index),
    )
