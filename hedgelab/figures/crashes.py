"""Figures of crashes: a desk in one, gaps, and replicas that fall short."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, count, dates, in_style, mark, money, new
from hedgelab.validation import Floats


@in_style
def crash_and_desk(closes: pd.Series, pnl: pd.Series) -> Figure:
    """The index above, and below it the running P&L of a desk that hedged its options through it."""
    figure, (above, below) = new(2, 1, height=4.6, sharex=True)
    above.plot(closes.index, closes, color=PALETTE["unhedged"])
    above.set_title("S&P 500 at the close")
    count(above.yaxis)
    below.plot(pnl.index, pnl, color=PALETTE["hedged"])
    below.fill_between(
        pnl.index, pnl, 0, where=(pnl < 0).to_numpy(), color=PALETTE["loss"], alpha=0.18, linewidth=0
    )
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
        mark(axes, price, name, PALETTE["ink"])
    money(axes.yaxis)
    axes.set(xlabel="strike", title="profit or loss on the day")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.12))
    return figure


@in_style
def replica_and_put(moves: ArrayLike, put: Floats, replica: Floats, marked: float) -> Figure:
    """What a put gains in a gap and what the shares that imitate it gain, with one gap marked."""
    figure, axes = new()
    percent = 100 * np.asarray(moves)
    axes.plot(percent, put, color=PALETTE["hedged"], label="the put")
    axes.plot(percent, replica, color=PALETTE["unhedged"], label="its replica")
    axes.fill_between(percent, replica, put, color=PALETTE["loss"], alpha=0.15, linewidth=0)
    mark(axes, 100 * marked, "19 October 1987", PALETTE["loss"], height=0.93, line=":")
    axes.xaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    money(axes.yaxis)
    axes.set(xlabel="size of the gap", title="gain per option")
    axes.legend(loc="upper center", bbox_to_anchor=(0.6, 0.85))
    return figure


@in_style
def chances_to_trade(trades: ArrayLike, shortfall: ArrayLike) -> Figure:
    """What the replica falls short of the put, by the number of times it could trade on the way down."""
    figure, axes = new()
    axes.semilogx(trades, shortfall, "o-", color=PALETTE["loss"])
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(trades))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:.2f}"))
    axes.set(xlabel="trades on the way down", title="shortfall per option")
    return figure
