"""What did March 2020 do to a desk that sold a week at a time?"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from hedgelab import black_scholes, cases, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Count, Draw, Pick, Slider
from hedgelab.explorers.shocks import normals
from hedgelab.figures import PALETTE, Figure
from hedgelab.figures.style import count, money
from hedgelab.validation import Floats

PREMIUM = 100.0  # of each sale
LAST_SALE = 41  # closes after 31 January: 31 March
PARTS = 24  # of the way from one close to the next
YEAR = 252
CENT = 0.005


@cache
def record() -> pd.DataFrame:
    """Closes of the index and of the VIX, 31 January to 30 April."""
    vix = cases.read("vix_2020_copy.csv").vix / 100
    return pd.DataFrame({"close": cases.march_2020().prices.close.reindex(vix.index), "vix": vix})


class March2020(Explorer):
    """A desk that sells straddles on the S&P 500 again and again until the end of March 2020, and hedges them.

    Each sale is at the money, at the VIX of the close, for $100 of premium, and is followed to its expiry.
    Between the closes of the record the path is a reconstruction: straight, or one that trembles.

    Controls: the `day` of the first sale, counted in closes from 31 January; the `expiry` of each in trading days;
    the `hedges` from one close to the next; the `tremble` between closes, in what the VIX of the evening before
    implies for a day, and which `shocks` it has; and the `level` at which the desk sells, in times the VIX.

    Examples
    --------
    >>> desk = March2020()
    >>> round(desk.numbers()["worst"], 1)  # 16 March
    -112.1
    """

    name = "straddles-of-2020"
    question = "What did March 2020 do to a desk that sold a week at a time?"
    alt = (
        "Two charts from 31 January to 30 April 2020. Above, closes of the S&P 500 as dots, with a line between "
        "them that is a reconstruction; they fall by a third until 23 March. Below, the running profit or loss of "
        "the desk, which falls in steps, with an upright line where each sale is made."
    )
    readouts: ClassVar = {
        "sales": ("Sales", "count"),
        "total": ("In all", "dollars"),
        "won": ("Days won", "percent"),
        "worst": ("Worst day", "dollars"),
        "move": ("Index that day", "percent"),
        "implied": ("In implied days", "shares"),
        "crash": ("On 16 March", "dollars"),
    }
    height = (31, 26)

    day = Count(0, 0, LAST_SALE, 1, "First sale, closes after 31 January", "count", plays=True)
    expiry = Pick(5, (1, 2, 3, 4, 5, 10, 21), "Each runs for", "days")
    hedges = Pick(1, (1, 2, 4, 8, 24), "Hedges from close to close", "count")
    tremble = Slider(0.0, 0.0, 2.0, 0.1, "Tremble between closes, invented", "number")
    shocks = Draw(1, "Another tremble")
    level = Slider(1.0, 0.5, 2.0, 0.05, "Sold at so many times the VIX", "number")
    more = ("level",)

    def path(self) -> Floats:
        """The reconstruction: so many prices from each close to the next, and the last close."""
        close, vix = (record()[name].to_numpy() for name in ("close", "vix"))
        days = len(close) - 1
        along = np.arange(PARTS) / PARTS
        shocks = normals(self.shocks, days * PARTS, 1)[:, 0].reshape(days, PARTS) / np.sqrt(PARTS)
        walk = np.hstack([np.zeros((days, 1)), shocks.cumsum(axis=1)])
        bridge = walk[:, :-1] - along * walk[:, -1:]
        implied = self.tremble * vix[:-1, np.newaxis] / np.sqrt(YEAR)
        line = close[:-1, np.newaxis] + np.diff(close)[:, np.newaxis] * along
        return np.append((line * np.exp(implied * bridge)).ravel(), close[-1])

    def days(self) -> Floats:
        """The desk's P&L on each day, all its straddles valued at the volatility at which they were sold."""
        path, vix = self.path(), record().vix.to_numpy()
        pnl = np.zeros(len(vix) - 1)
        left = np.arange(self.expiry * self.hedges, -1, -1) / self.hedges / YEAR
        for sold in range(self.day, LAST_SALE + 1, self.expiry):
            spot = path[sold * PARTS : (sold + self.expiry) * PARTS + 1 : PARTS // self.hedges]
            call = black_scholes.greeks(
                "call", spot, spot[0], left, self.level * vix[sold], only=("price", "delta")
            )
            owed, delta = 2 * call.price - spot + spot[0], 2 * call.delta - 1
            gained = PREMIUM / owed[0] * (delta[:-1] * np.diff(spot) - np.diff(owed))
            pnl[sold : sold + self.expiry] += gained.reshape(self.expiry, self.hedges).sum(axis=1)
        return pnl

    @property
    def end(self) -> int:
        """The close at which the last sale expires."""
        return self.day + self.expiry * ((LAST_SALE - self.day) // self.expiry + 1)

    def numbers(self) -> dict[str, float]:
        """Sales, what they made in all, the worst day with its move, and 16 March."""
        told, pnl = record(), self.days()
        live = pnl[self.day : self.end]
        worst = self.day + int(np.argmin(live))
        move = float(told.close.iloc[worst + 1] / told.close.iloc[worst] - 1)
        return {
            "sales": (self.end - self.day) // self.expiry,
            "total": float(pnl.sum()),
            "won": float((live > CENT).mean()),
            "worst": float(pnl[worst]),
            "move": move,
            "implied": float(move / (told.vix.iloc[worst] / np.sqrt(YEAR))),
            "crash": float(pnl[told.index.searchsorted(pd.Timestamp("2020-03-16")) - 1]),
        }

    def picture(self) -> Figure:
        """Closes and the line between them; the running result."""
        told, pnl = record(), self.days()
        at = np.arange(len(told))
        figure, (above, below) = figures.new(2, 1, height=5.6, sharex=True)
        above.plot(
            np.arange(len(at) * PARTS - PARTS + 1) / PARTS, self.path(), color=PALETTE["faint"], linewidth=1
        )
        above.plot(at, told.close, ".", color=PALETTE["unhedged"])
        above.set(title="S&P 500: closes, and a reconstruction between them", xlim=(0, at[-1]))
        count(above.yaxis)
        running = np.append(0.0, pnl.cumsum())
        below.plot(at[self.day : self.end + 1], running[self.day : self.end + 1], color=PALETTE["hedged"])
        for sold in range(self.day, LAST_SALE + 1, self.expiry):
            below.axvline(sold, color=PALETTE["faint"], linewidth=0.8, linestyle=":")
        below.axhline(0, color=PALETTE["ink"], linewidth=0.8)
        below.set(title="running P&L, $100 of premium a sale; dotted: a sale", xlabel="closes after 31 January")
        money(below.yaxis)
        return figure

    def data(self) -> dict[str, Any]:
        """The record."""
        told = record()
        return {
            "dates": [f"{date:%A} {date.day} {date:%B}" for date in told.index],
            "closes": told.close.tolist(),
            "vix": told.vix.tolist(),
        }
