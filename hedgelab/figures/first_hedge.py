"""Figures of a first hedge: how many shares, how soon that number is wrong, and luck beside skill."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, count, in_style, mark, money, new
from hedgelab.validation import Floats


@in_style
def holdings(prices: ArrayLike, results: dict[str, Floats], today: float) -> Figure:
    """P&L at once against the stock price, a line for each number of shares held against the same options."""
    figure, axes = new()
    for label, result, colour in coloured(results, "unhedged", "hedged", "theory", "loss"):
        axes.plot(prices, result, color=colour, label=label)
    axes.plot(today, 0, "o", color=PALETTE["ink"], markersize=5)
    axes.annotate("now", (today, 0), xytext=(0, 12), textcoords="offset points", ha="center", size=10)
    axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))
    money(axes.yaxis)
    axes.set(xlabel="stock price ($)", title="profit or loss at once")
    axes.legend(loc="lower center")
    return figure


@in_style
def shares_needed(prices: ArrayLike, needed: dict[str, Floats], strike: float) -> Figure:
    """The shares that hedge an option against the stock price, a curve for each time left."""
    figure, axes = new()
    for label, shares, colour in coloured(needed, "hedged", "theory", "unhedged", "loss"):
        axes.plot(prices, shares, color=colour, label=label)
    mark(axes, strike, "strike", PALETTE["faint"])
    count(axes.yaxis)
    axes.set(xlabel="stock price ($)", title="shares needed")
    axes.legend(loc="upper left")
    return figure


@in_style
def luck_and_skill(results: dict[str, Floats], days: dict[str, Floats]) -> Figure:
    """The typical day against the final result, a dot for each path and a colour for each rule."""
    figure, axes = new(height=3.8)
    for label, result, colour in coloured(results, "unhedged", "theory", "hedged", "loss"):
        axes.semilogy(result, days[label], "o", color=colour, markersize=3.2, alpha=0.55, label=label)
    axes.axvline(0, color=PALETTE["faint"], linewidth=0.8)
    every = np.concatenate(list(days.values()))
    ticks = [tick for tick in (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000) if every.min() < tick < every.max()]
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    money(axes.xaxis)
    money(axes.yaxis)
    axes.set(xlabel="result of the month", title="typical day")
    axes.legend(loc="lower left", markerscale=1.8)
    return figure
