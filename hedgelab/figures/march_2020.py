"""Figures of March 2020: a desk that sold week after week, what a move costs it, what more hedges would save."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, count, dates, in_style, money, new, note


@in_style
def weeks_sold(closes: pd.Series, vix: pd.Series, results: pd.Series) -> Figure:
    """The index, the VIX and the result of each sale, on the day of the sale."""
    figure, (above, middle, below) = new(3, 1, height=5.4, sharex=True)
    above.plot(closes.index, closes, color=PALETTE["unhedged"])
    above.set_title("S&P 500 at the close")
    count(above.yaxis)
    middle.plot(vix.index, 100 * vix, color=PALETTE["theory"])
    middle.set(title="VIX at the close (%)", ylim=(0, 90))
    for place, result in results.items():
        colour = PALETTE["loss" if result < 0 else "hedged"]
        below.bar(place, result, width=5, align="edge", color=colour, alpha=0.8)
    below.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    below.set_title("each sale's result, to its expiry, for $100 of premium")
    money(below.yaxis)
    dates(below.xaxis)
    return figure


@in_style
def losses_by_move(fresh: pd.DataFrame, named: dict[str, str], curve: tuple[ArrayLike, ArrayLike]) -> Figure:
    """First days of straddles, by the move in per cent and in widths that the premium had paid for.

    `fresh` has a row for each day and the columns "move", "widths" and "pnl"; a `curve` is drawn over the second.
    """
    figure, (left, right) = new(1, 2, height=3.6, sharey=True)
    for axes, column, scale in ((left, "move", 100), (right, "widths", 1)):
        axes.plot(scale * fresh[column], fresh.pnl, "o", color=PALETTE["hedged"], markersize=4, alpha=0.7)
        for day, label in named.items():
            point = (scale * float(fresh[column][day]), float(fresh.pnl[day]))
            axes.plot(*point, "o", color=PALETTE["loss"], markersize=6)
            note(axes, label, point, PALETTE["loss"])
        axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    right.plot(*curve, color=PALETTE["theory"], linewidth=1, zorder=0)
    left.set(xlabel="move of the day (%)", title="P&L for $100 of premium")
    right.set(xlabel="the same, in widths paid for")
    money(left.yaxis)
    return figure


@in_style
def by_choice(totals: pd.DataFrame) -> Figure:
    """Totals by a choice of ours, a row each, a dot for each starting day."""
    figure, axes = new(height=0.36 * len(totals) + 1.1)
    rows = np.arange(len(totals))[::-1]
    for _, column in totals.items():
        axes.plot(column, rows, "o", color=PALETTE["hedged"], markersize=5, alpha=0.6)
    axes.plot(totals.mean(axis=1), rows, "|", color=PALETTE["loss"], markersize=16, markeredgewidth=2)
    axes.axvline(0, color=PALETTE["ink"], linewidth=1)
    axes.set_yticks(rows, list(totals.index))
    axes.set_title("P&L of eight sales; bar: mean of five starts")
    axes.set_xlim(right=80)
    money(axes.xaxis)
    return figure


@in_style
def hedges_inside(hedges: ArrayLike, losses: dict[str, ArrayLike]) -> Figure:
    """The day's result by the number of hedges in it; each path has a row of means and one of standard errors."""
    figure, axes = new(height=3.8)
    for label, (mean, error), colour in coloured(losses, "theory", "hedged", "unhedged", "loss"):
        axes.errorbar(hedges, mean, 2 * np.asarray(error), fmt="o-", markersize=4, color=colour, label=label)
    axes.axhline(0, color=PALETTE["ink"], linewidth=0.8)
    axes.set(xscale="log", xlabel="hedges in the day, the first on the evening before", title="P&L of 16 March")
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(hedges))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    money(axes.yaxis)
    axes.legend(loc="lower right", fontsize=10)
    return figure
