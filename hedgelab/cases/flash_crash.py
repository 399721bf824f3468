"""The Flash Crash of 6 May 2010."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hedgelab.cases.reconstruction import Reconstruction
from hedgelab.cases.records import Case, on_days, read, timed
from hedgelab.validation import between


@dataclass(frozen=True, repr=False)
class FlashCrash2010(Case):
    """The Flash Crash of 6 May 2010.

    Attributes
    ----------
    title : what happened
    prices : daily open, high, low and close of the index, in points, by date
    events : what happened when, in words: `time` where it has one (Eastern, else NaT), `event`, `status`
        ("recorded" in a data file; "read"; "read, as quoted"; "second hand") and `source`
    vix : closes in per cent a year, by the dates of the prices; NaN on each day that is not in our sources
    reconstruction : of the E-mini future on the index, from 14:00 to 15:00 on the day

    Examples
    --------
    >>> flash_crash_2010().title
    'The Flash Crash of 6 May 2010'
    """

    vix: pd.Series
    reconstruction: Reconstruction


def flash_crash_2010(fall: float = 0.05) -> FlashCrash2010:
    """The S&P 500 from April to June 2010, and a reconstruction of the hour in which its future fell and rose.

    No series of that hour is free.  The exchange said what the future was worth at its start, its end and its
    lowest; the regulators' report says when it fell.  `Reconstruction` draws a line through these, and says what
    is what.

    Parameters
    ----------
    fall : by what share the future fell from 14:41:00 to its lowest at 14:45:27.  The report says *more than 5 per
        cent*, so that 0.05 is the least; the future's highest price of the hour allows 0.0767

    Examples
    --------
    >>> crash = flash_crash_2010()
    >>> day, before = crash.prices.loc["2010-05-06"], crash.prices.close["2010-05-05"]
    >>> round(float(day.low / before - 1), 4), round(float(day.close / before - 1), 4)
    (-0.0858, -0.0324)
    >>> crash.vix["2010-05-05":"2010-05-07"].tolist()
    [24.91, 32.8, nan]
    >>> crash.reconstruction.points.price.round(2).tolist()
    [1142.0, 1111.58, 1068.75, 1056.0, 1056.5, 1097.0, 1113.0]
    """
    prices = read("sp500_2010.csv")
    return FlashCrash2010(
        title="The Flash Crash of 6 May 2010",
        prices=prices,
        events=timed(read("flash_crash_2010_events.csv")),
        vix=on_days(read("vix_2010.csv").vix, prices.index),
        reconstruction=_reconstruction(fall),
    )


def _reconstruction(fall: float) -> Reconstruction:
    """The known points of the hour, one of which follows from the fall."""
    table = timed(read("flash_crash_2010_points.csv"))
    points = table.set_index("time")
    told = table.attrs["provenance"]
    began, halted, resumed = (pd.Timestamp(f"2010-05-06 {told[when]}") for when in ("began", "halted", "resumed"))
    lowest, highest = float(told["lowest"]), float(told["highest"])
    share = between(0.05, round(1 - lowest / highest, 4))("fall", fall)
    points.loc[began, "price"] = lowest / (1 - share)
    return Reconstruction(told["of"], points, began, (halted, resumed), lowest, highest)
