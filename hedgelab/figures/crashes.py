"""Figures of crashes: a desk in one, gaps, and replicas that fall short."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, count, dates, in_style, mark, money, new, note
from hedgelab.validation import Floats


@in_style
def crash_and_desk(closes: pd.Series, pnl: pd.Series, marked: dict[str, pd.Series] | None = None) -> Figure:
    """The index above, and below it the running P&L of a desk that hedged its options through it.

    What the desk was worth on some days at other `marked` volatilities is drawn beside it, a dot a day.
    """
    figure, (above, below) = new(2, 1, height=4.6, sharex=True)
    above.plot(closes.index, closes, color=PALETTE["unhedged"])
    above.set_title("S&P 500 at the close")
    count(above.yaxis)
    below.plot(pnl.index, pnl, color=PALETTE["hedged"])
    below.fill_between(
        pnl.index, pnl, 0, where=(pnl < 0).to_numpy(), color=PALETTE["loss"], alpha=0.18, linewidth=0
    )
    for label, worth, colour in coloured(marked or {}, "loss", "theory"):
        below.plot(worth.index, worth, ".-", color=colour, linewidth=0.8, label=label)
    if marked:
        below.lines[0].set_label("volatility of the sale")
        below.legend(loc="lower left")
    below.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    below.set_title("Running profit or loss of the desk")
    money(below.yaxis)
    dates(below.xaxis)
    return figure


@in_style
def gap_by_strike(strikes: ArrayLike, losses: dict[str, Floats], before: float, after: float) -> Figure:
    """What one day's gap from `before` to `after` cost a hedged option, by its strike."""
    figure, axes = new()
    for label, loss, colour in coloured(losses, "loss", "hedged", "theory"):
        axes.plot(strikes, loss, color=colour, label=label)
    for price, name in ((before, "before"), (after, "after")):
        mark(axes, price, name, PALETTE["ink"], height=0.93)
    money(axes.yaxis)
    axes.set(xlabel="strike", title="profit or loss on the day")
    axes.set_ylim(bottom=1.6 * min(float(np.min(loss)) for loss in losses.values()))
    axes.legend(loc="lower left")
    return figure


@in_style
def replica_and_put(
    moves: ArrayLike, put: Floats, replica: Floats, marked: float, marks: dict[str, float] | None = None
) -> Figure:
    """What a put gains in a gap and what the shares that imitate it gain, with one gap marked.

    There, dots show what the put gains where its volatility is marked up as well.
    """
    figure, axes = new()
    percent = 100 * np.asarray(moves)
    axes.plot(percent, put, color=PALETTE["hedged"], label="the put")
    axes.plot(percent, replica, color=PALETTE["unhedged"], label="its replica")
    axes.fill_between(percent, replica, put, color=PALETTE["loss"], alpha=0.15, linewidth=0)
    mark(axes, 100 * marked, "19 October 1987", PALETTE["loss"], height=0.03, line=":")
    for label, gain in (marks or {}).items():
        axes.plot(100 * marked, gain, "o", color=PALETTE["hedged"])
        note(axes, label, (100 * marked, gain), PALETTE["hedged"])
    axes.margins(y=0.1)
    axes.xaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    money(axes.yaxis)
    axes.set(xlabel="size of the gap", title="gain per option")
    axes.legend(loc="upper center", bbox_to_anchor=(0.7, 0.75))
    return figure


@in_style
def chances_to_trade(steps: ArrayLike, shortfalls: dict[str, ArrayLike]) -> Figure:
    """What the replica falls short of the put, by the number of steps of the fall, with a trade before each.

    Each kind of fall has a row of means and a row of their standard errors.
    """
    figure, axes = new()
    for label, (mean, error), colour in coloured(shortfalls, "theory", "hedged", "loss"):
        axes.errorbar(steps, mean, 2 * np.asarray(error), fmt="o-", markersize=4, color=colour, label=label)
    axes.set(xscale="log", yscale="log", xlabel="steps, with a trade before each", title="shortfall per option")
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(steps))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:.2f}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.legend()
    return figure
