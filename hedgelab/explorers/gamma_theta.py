"""Who wins, gamma or theta?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import ndtr

from hedgelab import figures
from hedgelab.attribution import explain
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Count, Draw, Slider
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.runs import HedgeRun

DAYS = 63
CALL = Option("call", strike=100, expiry=DAYS / 252)
CENT = 0.01  # where neither is left, near expiry, rounding noise has a sign too


class GammaTheta(Explorer):
    """Each day's theta against each day's gamma loss for a seller of a thousand calls who hedges every day.

    Controls: the volatility `implied` in the price and used for the hedge, the one `realised` by the stock, the
    `day` up to which it is told, and which `shocks`.

    Examples
    --------
    >>> calm, wild = (GammaTheta(implied=0.2, realised=realised).numbers()["pnl"] for realised in (0.1, 0.4))
    >>> calm > 0 > wild
    True
    """

    name = "gamma-theta"
    question = "Who wins, gamma or theta?"
    alt = (
        "Two charts over 63 trading days. Above, bars: theta earned each day, nearly level, and gamma paid, small "
        "on most days and large on a few. Below, both added up, and the profit or loss between them."
    )
    readouts: ClassVar = {
        "theta": ("Theta earned", "whole dollars"),
        "gamma": ("Gamma", "whole dollars"),
        "residual": ("The rest", "whole dollars"),
        "pnl": ("Profit or loss", "whole dollars"),
        "won": ("Days theta won", "count"),
        "expected": ("Share to expect", "percent"),
    }
    height = (32, 25)

    day = Count(DAYS, 0, DAYS, 1, "Day", "count", plays=True)
    implied = Slider(0.20, 0.05, 0.60, 0.01, "Implied volatility, sold", "percent")
    realised = Slider(0.20, 0.05, 0.60, 0.01, "Actual volatility, got", "percent")
    shocks = Draw(1, "New path")

    def run(self) -> HedgeRun:
        """The hedge that is shown, to its end."""
        market = Shown(spot=100.0, volatility=self.realised, shocks=self.shocks)
        return hedge(CALL, quantity=-1000, market=market, volatility=self.implied, steps=DAYS)

    def days(self) -> pd.DataFrame:
        """Gamma, theta and P&L of each day up to `day`."""
        run = self.run()
        parts = explain(run, path=0)[["gamma", "theta"]]
        return parts.assign(pnl=run.ledger().pnl.diff()).iloc[1 : self.day + 1]

    def numbers(self) -> dict[str, float]:
        """Theta, gamma, what neither explains, P&L up to `day`; the days on which theta was more, and their share.

        The share to expect is the probability that a move is smaller than the one that is paid for, one standard
        deviation of the implied volatility: 68 % where realised is implied.
        """
        days = self.days()
        gamma, theta, pnl = (float(days[name].sum()) for name in ("gamma", "theta", "pnl"))
        return {
            "theta": theta,
            "gamma": gamma,
            "residual": pnl - gamma - theta,
            "pnl": pnl,
            "won": int((days.theta + days.gamma > CENT).sum()),
            "expected": float(2 * ndtr(self.implied / self.realised) - 1),
        }

    def picture(self) -> Figure:
        """Day by day, and added up."""
        days = self.days()
        number = np.arange(1, len(days) + 1)
        figure, (daily, total) = figures.new(2, 1, height=6, sharex=True)
        daily.bar(number, days.theta, width=1, color=PALETTE["hedged"], label="theta, earned")
        daily.bar(number, days.gamma, width=1, color=PALETTE["loss"], label="gamma, paid")
        daily.set(title="one day at a time ($)", xlim=(0, DAYS + 1))
        daily.legend(loc="lower left")
        for name, colour in (("theta", "hedged"), ("gamma", "loss"), ("pnl", "ink")):
            label = "profit or loss" if name == "pnl" else name
            total.plot(number, days[name].cumsum(), color=PALETTE[colour], label=label)
        total.set(title="added up ($)", xlabel="trading day")
        total.legend(loc="lower left")
        return figure
