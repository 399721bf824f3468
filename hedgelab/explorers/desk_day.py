"""What does a late or bad quote cost?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from hedgelab import black_scholes, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Draw, Pick, Slider, Switch
from hedgelab.explorers.shocks import Shown, normals
from hedgelab.figures import PALETTE, Figure
from hedgelab.validation import Floats

Truths = NDArray[np.bool_]

STEPS = 720  # quotes after the first, one each ten seconds from two to four o'clock
SECONDS_PER_YEAR = 252 * 6.5 * 3600
HOURS = 10 * STEPS / SECONDS_PER_YEAR  # the two hours, in years of trading
WEEK = 5 / 252
STRADDLES = 50_000
STRIKE, VOLATILITY = 100.0, 0.20
HALF_SPREAD, IMPACT = 5e-5, 5e-6  # of the price; dollars for each share
LEAP, AGREED = 0.1, 3  # the gate's: a larger move is refused until so many in a row
TIMES_TOO_HIGH = {"ten": 10.0, "five": 1.05}


class DeskDay(Explorer):
    """A desk that has sold 50,000 straddles hedges them for an afternoon, late, on quotes of which some are bad.

    A sketch of `hedgelab.desk`: its policy, costs, gate and lateness, with one venue that fills every order whole.

    Controls: how many seconds `late` orders are filled; the share of quotes that are `bad`, and how (`wrong`);
    whether the `gate` stands; which `shocks`.  Behind "More": the `band` around delta, in shares.

    Examples
    --------
    >>> open_, shut = (DeskDay(gate=gate).numbers() for gate in (False, True))
    >>> open_["behind"] > 10_000, abs(shut["behind"]) < 500
    (True, True)
    """

    name = "desk-day"
    question = "What does a late or a bad quote cost?"
    alt = (
        "Three charts from two to four o'clock. On top the price, with the bad quotes as points. In the middle "
        "the shares that the desk holds, beside those of a perfect desk: at each bad quote that is believed a "
        "needle of fifty thousand. Below their profit and loss, which parts at each needle."
    )
    readouts: ClassVar = {
        "pnl": ("P&L", "whole dollars"),
        "perfect": ("Of the perfect desk", "whole dollars"),
        "behind": ("Behind it", "whole dollars"),
        "spoilt": ("Bad quotes", "count"),
        "refused": ("Refused", "count"),
        "traded": ("Shares traded", "count"),
    }
    height = (36, 32)
    more = ("band",)

    late = Pick(0, (0, 10, 20, 30, 60, 120, 300, 600), "Seconds late", "count")
    bad = Slider(0.004, 0.0, 0.02, 0.001, "Bad quotes", "percent")
    wrong = Choice("ten", {"ten": "ten times too high", "five": "5 % too high"}, "They are")
    gate = Switch(False, "Gate: refuses leaps of 10 %")
    shocks = Draw(1, "New path")
    band = Slider(1_000.0, 0.0, 5_000.0, 100.0, "Band, shares", "count")

    def prices(self) -> Floats:
        """What is true, at each quote."""
        market = Shown(STRIKE, VOLATILITY, shocks=self.shocks)
        spots: Floats = market.simulate(expiry=HOURS, steps=STEPS, n_paths=1).spot[:, 0]
        return spots

    def spoils(self) -> Truths:
        """Which quotes are bad; never the first and the last."""
        chance = ndtr(normals(self.shocks, STEPS + 1, 2)[:, 1])
        chosen: Truths = chance < self.bad
        chosen[[0, -1]] = False
        return chosen

    def afternoon(self) -> pd.DataFrame:
        """Quote by quote: the true price, what is told and used; shares and P&L, also of the perfect desk."""
        true, spoilt = self.prices(), self.spoils()
        told = np.where(spoilt, TIMES_TOO_HIGH[self.wrong] * true, true)
        every = np.full(told.size, True)
        used = passed(told) if self.gate else every
        wanted, perfect = held(told, used, self.band), held(true, every, self.band)
        late = self.late // 10
        shares = np.concatenate([np.zeros(late), wanted[: told.size - late]])
        return pd.DataFrame(
            {
                "true": true, "told": told, "spoilt": spoilt, "used": used, "shares": shares, "perfect": perfect,
                "pnl": profit(shares, true), "perfect_pnl": profit(perfect, true),
            }
        )  # fmt: skip

    def numbers(self) -> dict[str, float]:
        """P&L of the desk and of the perfect one, bad quotes and refused ones, and how much was traded."""
        day = self.afternoon()
        pnl, perfect = float(day.pnl.iloc[-1]), float(day.perfect_pnl.iloc[-1])
        return {
            "pnl": pnl,
            "perfect": perfect,
            "behind": perfect - pnl,
            "spoilt": float(day.spoilt.sum()),
            "refused": float((~day.used).sum()),
            "traded": float(np.abs(np.diff(day.shares, prepend=0.0)).sum()),
        }

    def picture(self) -> Figure:
        """Price, shares and P&L."""
        day = self.afternoon()
        hours = 14 + np.arange(STEPS + 1) / 360
        figure, (price, shares, pnl) = figures.new(3, 1, height=6.4, sharex=True)
        few = slice(None, None, 3)  # of curves without a spike; the page is lighter for it
        price.plot(hours[few], day.true[few], color=PALETTE["ink"], linewidth=1)
        level = float(day.true.max())
        price.plot(hours[day.spoilt], np.full(int(day.spoilt.sum()), level), "^", color=PALETTE["loss"])
        price.set_title("price ($); bad quotes as triangles")
        shares.plot(hours[few], day.perfect[few], color=PALETTE["theory"], linewidth=2.2, label="perfect desk")
        shares.plot(hours, day.shares, color=PALETTE["hedged"], linewidth=1.2, label="this desk")
        shares.set_title("shares held")
        shares.legend()
        pnl.plot(hours[few], day.perfect_pnl[few], color=PALETTE["theory"], linewidth=2.2)
        pnl.plot(hours[few], day.pnl[few], color=PALETTE["hedged"], linewidth=1.2)
        pnl.set(title="P&L ($)", xlabel="o'clock", xlim=(14, 16))
        return figure


def left() -> Floats:
    """Years to expiry at each quote."""
    return WEEK - np.arange(STEPS + 1) * HOURS / STEPS


def passed(told: Floats) -> Truths:
    """Which quotes the gate lets through: not one that leaps, unless it is the third in a row that agrees."""
    price, row, used = told[0], list[float](), list[bool]()
    for quote in told:
        leaps = abs(quote / price - 1) > LEAP
        row = [each for each in row if abs(quote / each - 1) <= LEAP] + [quote] if leaps else []
        used.append(not leaps or len(row) >= AGREED)
        if used[-1]:
            price, row = quote, []
    return np.array(used)


def held(told: Floats, used: Truths, band: float) -> Floats:
    """Shares after each quote, by a desk that trades to delta where it is out by more than the band."""
    call = black_scholes.greeks("call", told, STRIKE, left(), VOLATILITY, only=("delta",))
    wanted = STRADDLES * (2 * call.delta - 1)
    shares, rows = 0.0, []
    for target, use in zip(wanted, used, strict=True):
        if use and abs(target - shares) > band:
            shares = target
        rows.append(shares)
    return np.array(rows)


def profit(shares: Floats, true: Floats) -> Floats:
    """P&L since two o'clock, at each quote: what shares and straddles are worth, less what trades cost."""
    trades = np.diff(shares, prepend=0.0)
    paid = trades * true + HALF_SPREAD * true * np.abs(trades) + IMPACT / 2 * trades**2
    owed = STRADDLES * sum(black_scholes.price(kind, true, STRIKE, left(), VOLATILITY) for kind in ("call", "put"))
    worth: Floats = shares * true - np.cumsum(paid) - owed + owed[0]
    return worth
