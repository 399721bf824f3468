"""What does a loss limit do in a crash?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.ticker import FuncFormatter

from hedgelab import black_scholes, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import MINUS, Choice, Draw, Slider
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.validation import Floats

STEPS = 78  # of five minutes
DAYS = 21  # of trading to expiry
NUMBER = 100_000  # straddles sold, struck at 100
IMPLIED = 0.54
FALLS = (30, 32)  # the fall begins after this step, and has come by that one
SPREAD = 0.0002  # half of it, on shares, as a share of the price
POINTS = 0.5  # half the spread on options, in points of volatility
TENTH = 0.1  # the fall after which `leaves` of the depth has left


@dataclass(frozen=True)
class Day:
    """A desk's day.

    Attributes
    ----------
    profit : at each step, after costs
    shares : held after each step
    paid : for trading, in all
    stopped : the step at which its limit stopped it; None if none did
    """

    profit: Floats
    shares: Floats
    paid: float
    stopped: int | None


class LimitsInACrash(Explorer):
    """One day of a desk that has sold straddles, with its loss limit and without, through a fall of ten minutes.

    Controls: the `loss` limit and what it `does` ("halt" or "close"), by how much the price `falls`, what share of
    that comes `back` by the close, the `delta` limit beyond which the desk trades, how much depth `leaves` by the
    time the price is a tenth lower, and which `shocks` with which `volatility`.

    Examples
    --------
    >>> back, on = (LimitsInACrash(back=back).numbers()["earned"] for back in (0.0, -1.0))
    >>> bool(back > 0 > on)
    True
    """

    name = "limits-in-a-crash"
    question = "What does a loss limit do in a crash?"
    alt = (
        "Two charts over one day of trading. Above, the price, which falls steeply after two and a half hours. "
        "Below, the day's profit of a desk that its loss limit stops and of one that has no limit, with the limit "
        "as a level line and an upright line where it trips."
    )
    readouts: ClassVar = {
        "limited": ("With the limit", "whole dollars"),
        "free": ("Without it", "whole dollars"),
        "earned": ("The limit earned", "whole dollars"),
        "minute": ("Stopped at minute", "count"),
        "paid": ("Paid for trading, with", "whole dollars"),
        "paid_free": ("Paid, without", "whole dollars"),
        "left": ("Depth left, least", "percent"),
    }
    height = (32, 27)

    back = Slider(0.0, -1.0, 1.0, 0.05, "Comes back of the fall", "percent", plays=True)
    loss = Slider(50_000.0, 10_000.0, 300_000.0, 5_000.0, "Loss limit", "whole dollars")
    does = Choice("halt", {"halt": "stops the hedge", "close": "buys the options back"}, "The limit")
    falls = Slider(0.08, 0.0, 0.2, 0.005, "Fall in ten minutes", "percent")
    shocks = Draw(1, "Other moves")
    delta = Slider(0.0, 0.0, 60_000.0, 2_000.0, "Delta limit, shares", "count")
    leaves = Slider(0.5, 0.0, 0.95, 0.05, "Depth gone at 10 % down", "percent")
    volatility = Slider(0.40, 0.0, 0.8, 0.02, "Volatility of the day", "percent")
    more = ("delta", "leaves", "volatility")

    def spots(self) -> Floats:
        """The price at each step."""
        market = Shown(spot=100.0, volatility=self.volatility, shocks=self.shocks)
        moves = market.simulate(expiry=1 / 252, steps=STEPS, n_paths=1).spot[:, 0]
        step = np.arange(STEPS + 1)
        first, last = FALLS
        fallen = np.clip((step - first) / (last - first), 0, 1)
        after = np.clip((step - last) / (STEPS - last), 0, 1)
        spots: Floats = moves * np.exp(np.log1p(-self.falls) * (fallen - self.back * after))
        return spots

    def depth(self, spots: Floats) -> Floats:
        """What is left of the depth."""
        left: Floats = (1 - self.leaves) ** (np.maximum(1 - spots / 100, 0) / TENTH)
        return left

    def day(self, limited: bool) -> Day:
        """A desk's day, with its loss limit or without one."""
        spots, step = self.spots(), np.arange(STEPS + 1)
        call = black_scholes.greeks("call", spots, 100, (DAYS - step / STEPS) / 252, IMPLIED)
        owed, neutral = NUMBER * (2 * call.price - spots + 100), NUMBER * (2 * call.delta - 1)
        left = self.depth(spots)
        half, closing = SPREAD * spots / left, 2 * NUMBER * call.vega / 100 * POINTS / left
        cash, shares, paid, stopped, closed = float(owed[0]), 0.0, 0.0, None, 0.0
        profit, held = np.zeros(STEPS + 1), np.zeros(STEPS + 1)
        for k in step.tolist():
            profit[k] = (
                closed if stopped is not None and self.does == "close" else cash + shares * spots[k] - owed[k]
            )
            trips = limited and stopped is None and profit[k] < -self.loss
            wanted = shares
            if trips and self.does == "close":
                wanted = 0.0
            elif trips or (stopped is None and abs(neutral[k] - shares) > self.delta):
                wanted = float(neutral[k])
            if k < STEPS and (wanted != shares or trips):
                charge = abs(wanted - shares) * half[k] + (closing[k] if trips and self.does == "close" else 0.0)
                cash -= (wanted - shares) * spots[k] + charge
                paid, shares = paid + charge, wanted
                if trips:
                    stopped, closed = k, profit[k] - charge
            held[k] = shares
        return Day(profit, held, paid, stopped)

    def numbers(self) -> dict[str, float]:
        """The day's results with the limit and without, when it tripped, and what trading took."""
        limited, free = self.day(True), self.day(False)
        return {
            "limited": float(limited.profit[-1]),
            "free": float(free.profit[-1]),
            "earned": float(limited.profit[-1] - free.profit[-1]),
            "minute": 5.0 * (STEPS if limited.stopped is None else limited.stopped),
            "paid": float(limited.paid),
            "paid_free": float(free.paid),
            "left": float(self.depth(self.spots()).min()),
        }

    def picture(self) -> Figure:
        """The price, and the two desks."""
        limited, free = self.day(True), self.day(False)
        hours = np.arange(STEPS + 1) / 12
        figure, (above, below) = figures.new(2, 1, height=5.6, sharex=True)
        above.plot(hours, self.spots(), color=PALETTE["theory"])
        above.set(title="price ($)", xlim=(0, 6.5))
        below.plot(hours, free.profit, color=PALETTE["unhedged"], label="without a limit")
        below.plot(hours, limited.profit, "--", color=PALETTE["hedged"], label="with the limit")
        below.axhline(-self.loss, color=PALETTE["loss"], linewidth=1, linestyle="-.")
        if limited.stopped is not None:
            for axes in (above, below):
                axes.axvline(limited.stopped / 12, color=PALETTE["loss"], linewidth=1, linestyle=":")
        below.yaxis.set_major_formatter(
            FuncFormatter(lambda x, _: f"{MINUS if x < 0 else ''}${abs(x) / 1000:,.0f}k")
        )
        below.set(title="profit of the day; the limit is the level line", xlabel="hours of trading")
        below.legend(loc="lower left")
        return figure
