"""Can you beat the algorithm?"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
import traitlets

from hedgelab import figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Count, Draw, Moves, Switch
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.policies import Clock

DAYS = 20
CALL = Option("call", strike=100, expiry=DAYS / 252)
VOLATILITY = 0.30
QUANTITY = -1000


class YouHedge(Explorer):
    """A game: a thousand calls are sold, and each day the reader says how many shares to hold.

    Controls: the number of `shares` to hold next, the decisions so far in `held` ("500,520,480"), `hint` to see
    what the algorithm holds, and which `shocks`.  `scores` has the months that were played, and those that were
    left before their end, as the browser notes them.

    Examples
    --------
    >>> game = YouHedge(held="500,500,500")
    >>> game.numbers()["day"]
    3
    """

    name = "you-hedge"
    question = "Can you beat the algorithm?"
    alt = (
        "Three charts over 20 trading days: the stock price so far, the shares that you hold, and your profit or "
        "loss beside the algorithm's."
    )
    readouts: ClassVar = {
        "day": ("Day", "count"),
        "spot": ("Stock", "dollars"),
        "pnl": ("You made", "whole dollars"),
        "algorithm": ("The algorithm", "whole dollars"),
        "typical": ("Your typical day", "whole dollars"),
        "typical_algorithm": ("Its typical day", "whole dollars"),
    }
    height = (30, 34)
    on_paper: ClassVar = {"held": "500,500,500,550,500,400,400,400,450,500,500,600,600,600"}

    shares = Count(500, 0, 1000, 10, "Shares to hold", "count")
    held = Moves("Trade and sleep", rest="Hold to the end", most=DAYS, source="shares", deal="shocks")
    hint = Switch(False, "Show what the algorithm holds")
    shocks = Draw(1, "New month")
    keeps = "scores"
    scores = traitlets.List(traitlets.Dict()).tag(sync=True)

    @property
    def decisions(self) -> list[int]:
        """Shares held from each day on which the reader has decided."""
        return [int(number) for number in self.held.split(",") if number]

    def books(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The ledgers of the reader, who goes on holding the last number, and of the algorithm."""
        decided = [*self.decisions] or [0]

        def reader(moment: Any) -> Any:
            return np.full_like(moment.spot, decided[min(moment.step, len(decided) - 1)] / -QUANTITY)

        market = Shown(spot=100.0, volatility=VOLATILITY, shocks=self.shocks)
        terms: dict[str, Any] = {"quantity": QUANTITY, "market": market, "volatility": VOLATILITY, "steps": DAYS}
        mine, its = (hedge(CALL, policy=policy, **terms).ledger() for policy in (reader, Clock()))
        return mine, its

    def numbers(self) -> dict[str, float]:
        """Day, stock price, and both P&Ls, each with its typical day: the root of its changes' mean square."""
        day = len(self.decisions)
        mine, its = (books.iloc[: day + 1] for books in self.books())
        return {
            "day": day,
            "spot": float(mine.spot.iloc[-1]),
            "pnl": float(mine.pnl.iloc[-1]),
            "algorithm": float(its.pnl.iloc[-1]),
            "typical": _typical(mine.pnl),
            "typical_algorithm": _typical(its.pnl),
        }

    def picture(self) -> Figure:
        """The game so far."""
        day = len(self.decisions)
        mine, its = (books.iloc[: day + 1] for books in self.books())
        days = np.arange(day + 1)
        figure, (stock, shares, result) = figures.new(3, 1, height=6, sharex=True)
        stock.plot(days, mine.spot, "o-", color=PALETTE["unhedged"])
        stock.set(title="stock price ($)", xlim=(0, DAYS))
        shares.step(days[:-1], mine.shares.iloc[:-1], where="post", color=PALETTE["hedged"])
        shares.set(title="shares you hold", ylim=(-50, 1050))
        result.plot(days, mine.pnl, color=PALETTE["hedged"], label="you")
        result.plot(days, its.pnl, color=PALETTE["theory"], label="the algorithm")
        result.set(title="profit or loss so far ($)", xlabel="trading day")
        result.legend(loc="lower left")
        return figure


def _typical(pnl: pd.Series) -> float:
    return float(np.sqrt((pnl.diff().iloc[1:] ** 2).mean())) if len(pnl) > 1 else 0.0
