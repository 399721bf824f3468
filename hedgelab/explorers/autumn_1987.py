"""What did the autumn of 1987 do to a desk that had sold options?"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from hedgelab import black_scholes, cases, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Count
from hedgelab.figures import PALETTE, Figure
from hedgelab.figures.style import count, dates, money
from hedgelab.hedging import hedge
from hedgelab.instruments import Option

#: The VXO was quoted for trading days; the options here live on the calendar.
TO_CALENDAR = float(np.sqrt(252 / 365))
RATES: Any = {"rate": 0.06, "dividend": 0.03}
DAYS = 63
CRASH = 33  # trading days from 1 September to 19 October


@cache
def story() -> pd.DataFrame:
    """The desk day by day, to the cent: index, units of it traded, and P&L by two marks.

    A thousand calls and a thousand puts are sold at the money on 1 September, expire on 1 December and are hedged
    at every close.  `pnl` values them throughout at one volatility, the lowest documented; `marked`, at what the
    market asked that evening, where that is documented.  `attrs` has the premium and the one volatility.
    """
    crash = cases.october_1987()
    market = crash.market.since("1987-09-01")
    expiry = market.years_until("1987-12-01")
    quoted = crash.indices.vxo / 100 * TO_CALENDAR
    volatility = float(quoted["1987-10-13"])
    sold = [Option(kind, strike=market.spot, expiry=expiry) for kind in ("call", "put")]
    runs = [hedge(option, quantity=-1000, market=market, volatility=volatility, **RATES) for option in sold]
    books = runs[0].ledger() + runs[1].ledger()
    days = pd.DataFrame({"close": runs[0].ledger().spot, "traded": books.traded, "pnl": books.pnl})
    days["volatility"] = quoted.reindex(days.index)
    left = expiry - np.array([market.years_until(day) for day in days.index])
    at = days.volatility.to_numpy()[:, np.newaxis]
    known = np.flatnonzero(days.volatility.notna())  # where the market's volatility is documented
    terms = (days.close.to_numpy()[known, np.newaxis], market.spot, left[known, np.newaxis], at[known])
    owed = 1000 * black_scholes.price(["call", "put"], *terms, **RATES).sum(axis=1)
    days["marked"] = books.cash + books.shares * days.close
    days["marked"] = days.marked.iloc[known] - owed
    told = days.round({"close": 2, "traded": 2, "pnl": 2, "marked": 2, "volatility": 4})
    told.attrs = {"premium": 1000 * sum(float(run.premium) for run in runs), "volatility": round(volatility, 4)}
    return told


class Autumn1987(Explorer):
    """A desk that was short options, hedged through the closes of autumn 1987: the index and the desk, day by day.

    Control: the `day`, counted in trading days from 1 September.

    Examples
    --------
    >>> autumn = Autumn1987(day=33)
    >>> autumn.numbers()["close"]  # 19 October
    224.84
    """

    name = "autumn-1987"
    question = "What did the autumn of 1987 do to a desk that had sold options?"
    alt = (
        "Two charts from September to December 1987. Above, the S&P 500 moves between 300 and 330, slides to 283 "
        "and drops to 225 on 19 October. Below, the desk's profit or loss: with its options at one volatility a "
        "small fall on that day, at the market's volatility that evening one to some 30,000 dollars of loss."
    )
    readouts: ClassVar = {
        "close": ("S&P 500", "shares"),
        "change": ("On the day", "percent"),
        "traded": ("Units traded", "count"),
        "today": ("Desk, on the day", "whole dollars"),
        "pnl": ("Since 1 September", "whole dollars"),
    }
    height = (27, 20)

    day = Count(CRASH, 0, DAYS, 1, "Day", "count", plays=True)

    def numbers(self) -> dict[str, float]:
        """Index and desk at the close of `day`, the options valued at one volatility."""
        days = story().iloc[: self.day + 1]
        before, now = days.iloc[max(self.day - 1, 0)], days.iloc[-1]
        return {
            "close": float(now.close),
            "change": float(now.close / before.close - 1),
            "traded": float(now.traded),
            "today": float(now.pnl - before.pnl),
            "pnl": float(now.pnl),
        }

    def picture(self) -> Figure:
        """Index and desk up to `day`, and faintly what the index did then."""
        days = story()
        past = days.iloc[: self.day + 1]
        figure, (above, below) = figures.new(2, 1, height=5, sharex=True)
        above.plot(days.index, days.close, color=PALETTE["faint"], linewidth=1)
        above.plot(past.index, past.close, color=PALETTE["unhedged"])
        above.set_title("S&P 500 at the close")
        count(above.yaxis)
        below.plot(past.index, past.pnl, color=PALETTE["hedged"], label="options at one volatility")
        marked = past.marked.dropna()
        below.plot(marked.index, marked, "o-", color=PALETTE["loss"], label="at the market's that evening")
        below.axhline(0, color=PALETTE["faint"], linewidth=0.8)
        below.set(title="profit or loss of the desk", ylim=(1.1 * days.marked.min(), 6000))
        below.legend(loc="lower left")
        money(below.yaxis)
        dates(below.xaxis)
        return figure

    def data(self) -> dict[str, Any]:
        """The record, and the desk's books as hedgelab keeps them."""
        days = story()
        known = [column.where(column.notna(), None).tolist() for _, column in days.astype(object).items()]
        return {
            "dates": [f"{date:%A} {date.day} {date:%B}" for date in days.index],
            "volatility": days.attrs["volatility"],
            **dict(zip(("closes", "traded", "pnl", "volatilities", "marked"), known, strict=True)),
        }
