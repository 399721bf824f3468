"""When the market moves, what does the smile do?"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from hedgelab import black_scholes, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Count, Slider
from hedgelab.figures import PALETTE, Figure
from hedgelab.smile.rules import FOLLOWS
from hedgelab.validation import Floats

SPOT = 100.0
NUMBER = 1000
LEAST = 0.02  # no volatility is quoted below
REACH = 0.1  # moves up to ten per cent
STRIKES = np.linspace(75.0, 125.0, 51)
RULES = {"strike": "sticky_strike", "moneyness": "sticky_moneyness", "slope": "sticky_local_volatility"}
COLOURS = {"strike": "theory", "moneyness": "unhedged", "slope": "hedged", "knows": "ink"}
LABELS = {
    "strike": "sticky strike",
    "moneyness": "sticky moneyness",
    "slope": "slope of the skew",
    "knows": "who knew",
}


class SmileFollows(Explorer):
    """A thousand puts sold, hedged by four deltas; then the market moves, and the smile with it, or against it.

    Volatility is a straight line in log moneyness, without interest.

    Controls: the `move` of the market, by how much of it the smile `follows` (0: each strike keeps its volatility;
    1: each moneyness; -1: the smile goes against the market), the `skew`, by how much volatility changes over
    ten per cent of the strike; the `strike`, the `level` at the money, and the `months` to expiry.

    Examples
    --------
    >>> shown = SmileFollows(move=-0.03, follows=-1.0).numbers()
    >>> shown["pnl_moneyness"] < shown["pnl_strike"] < shown["pnl_slope"] == shown["pnl_knows"]
    True
    """

    name = "smile-follows"
    question = "When the market moves, what does the smile do?"
    alt = (
        "Two charts. Above, implied volatility by strike, a sloping line before the move and one after it, with "
        "the sold put's own volatility as a dot on either. Below, the profit or loss of a thousand sold puts by "
        "the size of the move, for hedgers with three deltas and for one who knew what the smile would do."
    )
    readouts: ClassVar = {
        "before": ("Volatility before", "percent"),
        "after": ("After", "percent"),
        "hold_moneyness": ("Moneyness: shares", "count"),
        "pnl_moneyness": ("Moneyness: result", "whole dollars"),
        "hold_strike": ("Strike: shares", "count"),
        "pnl_strike": ("Strike: result", "whole dollars"),
        "hold_slope": ("Slope: shares", "count"),
        "pnl_slope": ("Slope: result", "whole dollars"),
        "hold_knows": ("Who knew: shares", "count"),
        "pnl_knows": ("Who knew: result", "whole dollars"),
    }
    height = (32, 27)

    move = Slider(-0.03, -REACH, REACH, 0.005, "The market moves by", "percent", plays=True)
    follows = Slider(-1.0, -2.0, 2.0, 0.1, "The smile follows it by", "percent")
    skew = Slider(-0.03, -0.06, 0.03, 0.002, "Skew, over 10 % of strike", "percent")
    strike = Slider(95.0, 85.0, 115.0, 1.0, "Strike of the puts", "whole dollars")
    level = Slider(0.235, 0.15, 0.60, 0.005, "Volatility at the money", "percent")
    months = Count(3, 1, 24, 1, "Time to expiry", "months")
    more = ("level", "months")

    def volatility(self, strike: Any, move: Any) -> Floats:
        """What is quoted at a strike after a move."""
        k = np.log(np.asarray(strike) / SPOT) - self.follows * np.log1p(move)
        line: Floats = np.maximum(self.level + 10 * self.skew * k, LEAST)
        return line

    def holdings(self) -> dict[str, float]:
        """The shares that hedge the puts, by rule: negative, as they are sold short."""
        terms = ("put", SPOT, self.strike, self.months / 12, self.volatility(self.strike, 0.0))
        greeks = black_scholes.greeks(*terms)
        shares = {rule: FOLLOWS[name] for rule, name in RULES.items()} | {"knows": self.follows}
        return {
            rule: float(NUMBER * (greeks.delta - share * greeks.vega * 10 * self.skew / SPOT))
            for rule, share in shares.items()
        }

    def results(self, move: Any) -> dict[str, Floats]:
        """What each of the hedgers makes of a move."""

        def value(by: Any) -> Any:
            at = self.volatility(self.strike, by)
            return black_scholes.price("put", SPOT * (1 + np.asarray(by)), self.strike, self.months / 12, at)

        change = value(move) - value(0.0)
        earned = SPOT * np.asarray(move)
        return {rule: shares * earned - NUMBER * change for rule, shares in self.holdings().items()}

    def numbers(self) -> dict[str, float]:
        """The put's volatility before and after; the shares of each hedger, and what they make."""
        holdings, results = self.holdings(), self.results(self.move)
        shown = {
            "before": float(self.volatility(self.strike, 0.0)),
            "after": float(self.volatility(self.strike, self.move)),
        }
        for rule in holdings:
            shown |= {f"hold_{rule}": holdings[rule], f"pnl_{rule}": float(results[rule])}
        return shown

    def picture(self) -> Figure:
        """The smile before and after, and what each hedger makes of every move."""
        figure, (above, below) = figures.new(2, 1, height=6)
        for move, line, label in ((0.0, "--", "before"), (self.move, "-", "after")):
            colour = PALETTE["loss" if line == "-" else "ink"]
            above.plot(STRIKES, 100 * self.volatility(STRIKES, move), color=colour, linestyle=line, label=label)
            above.plot(self.strike, 100 * self.volatility(self.strike, move), "o", color=colour)
        above.axvline(self.strike, color=PALETTE["ink"], linewidth=1, linestyle=":")
        above.set(title="implied volatility by strike (%); dots: the puts")
        above.legend()
        moves = np.linspace(-REACH, REACH, 81)
        for rule, result in self.results(moves).items():
            line = "--" if rule == "knows" else "-"
            below.plot(100 * moves, result, color=PALETTE[COLOURS[rule]], linestyle=line, label=LABELS[rule])
        below.axvline(100 * self.move, color=PALETTE["ink"], linewidth=1, linestyle=":")
        below.set(title="profit or loss ($)", xlabel="the market moves by (%)")
        below.legend(fontsize=9)
        return figure
