"""Figures of the Greeks: how they are measured, where they live, what they say of tomorrow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab import black_scholes
from hedgelab.figures.style import PALETTE, Figure, coloured, in_style, mark, new
from hedgelab.instruments import Option
from hedgelab.validation import Floats


@in_style
def bump_errors(steps: ArrayLike, errors: dict[str, Floats], formula: Floats) -> Figure:
    """The error of finite differences against their step, on logarithmic axes, and what a formula says of one."""
    figure, axes = new(height=3.8)
    for label, error, colour in coloured(errors, "unhedged", "hedged", "loss"):
        seen = np.where(error > 0, error, np.nan)
        axes.loglog(steps, seen, ".", color=colour, label=label)
    axes.loglog(steps, formula, color=PALETTE["theory"], linestyle="--", label="round-off + truncation")
    axes.set_ylim(1e-14, 3)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=8))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(_power_of_ten))
    axes.set(xlabel="step in the stock price ($)", title="error")
    axes.legend(loc="lower left")
    return figure


@in_style
def gamma_and_vega(option: Option, volatility: float, expiries: dict[str, float]) -> Figure:
    """Gamma above and vega, a point, below, against the stock price, for options with less and less time left."""
    spots = np.linspace(0.7, 1.35, 261) * option.strike
    figure, (above, below) = new(2, 1, height=5, sharex=True)
    for label, expiry, colour in coloured(expiries, "unhedged", "theory", "hedged", "loss"):
        greeks = black_scholes.greeks(option.kind, spots, option.strike, expiry, volatility)
        above.plot(spots, greeks.gamma, color=colour, label=label)
        below.plot(spots, greeks.vega / 100, color=colour)
    above.set(title="gamma (shares per dollar)")
    below.set(title="vega, a point ($)", xlabel="stock price ($)")
    above.legend(loc="upper right", title="left to expiry", alignment="left")
    return figure


@in_style
def delta_tomorrow(option: Option, spot: float, volatility: float) -> Figure:
    """Delta as days pass and as volatility moves, with the straight lines that charm and vanna draw today."""
    days = np.linspace(0, 365 * option.expiry, 201)
    points = np.linspace(-0.4, 0.4, 201) * volatility
    today = black_scholes.greeks(option.kind, spot, option.strike, option.expiry, volatility)
    later = black_scholes.greeks(option.kind, spot, option.strike, option.expiry - days / 365, volatility).delta
    moved = black_scholes.greeks(option.kind, spot, option.strike, option.expiry, volatility + points).delta

    figure, (left, right) = new(1, 2, height=3.2, sharey=True)
    left.plot(days, later, color=PALETTE["hedged"])
    left.plot(days, today.delta + today.charm * days / 365, "--", color=PALETTE["theory"])
    left.set(xlabel="days that pass", title="delta")
    right.plot(100 * points, moved, color=PALETTE["hedged"], label="delta")
    line = today.delta + today.vanna * points
    right.plot(100 * points, line, "--", color=PALETTE["theory"], label="straight line")
    right.set(xlabel="change of volatility (points)")
    right.xaxis.set_major_locator(MaxNLocator(5))
    right.legend(loc="upper left")
    return figure


@in_style
def gammas(x: ArrayLike, curves: dict[str, Floats], *, xlabel: str, turns: Sequence[float] = ()) -> Figure:
    """Gamma at several volatilities against a strike or a price, with upright lines where something turns."""
    figure, axes = new()
    for label, gamma, colour in coloured(curves, "hedged", "unhedged", "loss"):
        axes.plot(x, gamma, color=colour, label=label)
    for turn in turns:
        mark(axes, turn, f"${round(turn, 1):g}", PALETTE["ink"], height=0.93, line=":")
    axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set(xlabel=xlabel, title="gamma (shares per dollar)")
    axes.legend(loc="best", title="volatility", alignment="left")
    return figure


def _power_of_ten(value: float, _: int) -> str:
    """A tick of a logarithmic axis in plain letters."""
    exponent = round(np.log10(value))
    raised = f"{exponent}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if exponent == 0 else f"10{raised}"
