"""What does a hedger do all day?"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hedgelab import cases, figures
from hedgelab.costs import ProportionalCost
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Count, Draw, Slider
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.markets import Replay
from hedgelab.policies import Clock, DeltaBand
from hedgelab.runs import HedgeRun
from hedgelab.validation import Floats

DAYS = 63
CALL = Option("call", strike=100, expiry=DAYS / 252)
QUANTITY = -1000


class OnePath(Explorer):
    """A thousand calls, sold and hedged along one path: the shares, the trades and the P&L, day by day.

    Controls: the `path` ("drawn" or "october_1987"; `shocks` says which drawn one), the `volatility` of a drawn
    path and the hedger's `hedge_volatility`, the `policy` ("clock" or "band") with `every` or `half_width`, `cost`
    as a share of the value traded, and the `day` up to which it is told.

    Examples
    --------
    >>> hedger = OnePath(path="october_1987", day=33)
    >>> round(hedger.numbers()["spot"], 2)  # 19 October, with 1 September at 100
    69.52
    >>> float(hedger.run().pnl[0]) < 0
    True
    """

    name = "one-path"
    question = "What does a hedger do all day?"
    alt = (
        "Three charts over 63 trading days: the stock price, the shares held in steps against those that delta "
        "asks for, and the profit or loss so far."
    )
    readouts: ClassVar = {
        "spot": ("Stock", "dollars"),
        "delta": ("Delta", "shares"),
        "shares": ("Shares held", "count"),
        "trades": ("Trades", "count"),
        "cost": ("Costs", "whole dollars"),
        "cash": ("Cash", "whole dollars"),
        "pnl": ("Profit or loss", "whole dollars"),
    }
    height = (36, 28)
    on_paper: ClassVar = {"day": 42}

    day = Count(5, 0, DAYS, 1, "Day", "count", plays=True)
    every = Count(1, 1, 21, 1, "Clock: trade every", "days", when=("policy", "clock"))
    volatility = Slider(0.30, 0.05, 1.0, 0.01, "Volatility of the stock", "percent", when=("path", "drawn"))
    shocks = Draw(1, "New path")
    path = Choice("drawn", {"drawn": "drawn at random", "october_1987": "S&P 500, autumn 1987"}, "Path")
    hedge_volatility = Slider(0.30, 0.05, 1.0, 0.01, "Volatility the hedger believes", "percent")
    policy = Choice("clock", {"clock": "by the clock", "band": "by a band"}, "Trade")
    half_width = Slider(0.05, 0.01, 0.30, 0.01, "Band: trade at a delta off by", "shares", when=("policy", "band"))
    cost = Slider(0.0, 0.0, 0.01, 0.0005, "Cost of trading", "basis points")
    more = ("path", "hedge_volatility", "policy", "half_width", "cost")

    def run(self) -> HedgeRun:
        """The hedge that is shown, to its end."""
        market: Any = Shown(spot=100.0, volatility=self.volatility, shocks=self.shocks)
        if self.path != "drawn":
            market = Replay(np.arange(DAYS + 1) / 252, _autumn_1987())
        return hedge(
            CALL,
            quantity=QUANTITY,
            market=market,
            steps=None if self.path != "drawn" else DAYS,
            volatility=self.hedge_volatility,
            policy=Clock(self.every) if self.policy == "clock" else DeltaBand(self.half_width),
            cost=ProportionalCost(self.cost),
        )

    def numbers(self) -> dict[str, float]:
        """Where the hedger stands on the evening of `day`."""
        past = self.run().ledger().iloc[: self.day + 1]
        shown = {name: past[name].iloc[-1] for name in ("spot", "delta", "shares", "cash", "pnl")}
        return {name: float(x) for name, x in shown.items()} | {
            "trades": int((past.traded != 0).sum()),
            "cost": float(past.cost.sum()),
        }

    def picture(self) -> Figure:
        """The three charts up to `day`."""
        past = self.run().ledger().iloc[: self.day + 1]
        days = np.arange(len(past))
        figure, (stock, shares, result) = figures.new(3, 1, height=6.6, sharex=True)
        stock.plot(days, past.spot, color=PALETTE["unhedged"])
        stock.set(title="stock price ($)", xlim=(0, DAYS))
        shares.plot(days, -QUANTITY * past.delta, color=PALETTE["theory"], linewidth=1, label="delta asks for")
        shares.step(days, past.shares, where="post", color=PALETTE["hedged"], label="held")
        shares.set(title="shares")
        shares.legend()
        result.plot(days, past.pnl, color=PALETTE["hedged"])
        result.axhline(0, color=PALETTE["faint"])
        result.set(title="profit or loss so far ($)", xlabel="trading day")
        return figure

    def data(self) -> dict[str, Any]:
        """The closes of 1987, which no browser could compute."""
        return {"october_1987": [round(float(close), 6) for close in _autumn_1987()]}


def _autumn_1987() -> Floats:
    """Closes of the S&P 500 from 1 September 1987 on, a quarter of them, with the first at 100."""
    closes = np.asarray(cases.october_1987().prices.close["1987-09-01":], dtype=np.float64)[: DAYS + 1]
    rebased: Floats = np.round(100 * closes / closes[0], 6)
    return rebased
