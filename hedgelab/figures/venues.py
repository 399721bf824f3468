"""Figures of execution: an order split over venues and over time, and what a hedge pays for being done at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.desk.routing import Offer
from hedgelab.figures.style import PALETTE, Figure, coloured, count, in_style, mark, money, new, note
from hedgelab.validation import Floats

#: So that five venues can be told apart, without colour too.
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


@in_style
def last_shares(offers: dict[str, Offer], parts: Sequence[float], level: float) -> Figure:
    """What each venue's next share costs as an order eats into it, and where a split stops."""
    figure, axes = new(height=3.8)
    colours = ("hedged", "unhedged", "loss", "theory", "ink")
    for (label, offer, colour), part, line in zip(coloured(offers, *colours), parts, LINES, strict=False):
        ends = np.array([0.0, offer.size])
        axes.plot(ends, 100 * (offer.cost + ends / offer.depth), color=colour, linestyle=line)
        axes.plot(part, 100 * (offer.cost + part / offer.depth), "o", color=colour, markersize=7)
        note(axes, label, (offer.size, 100 * (offer.cost + offer.size / offer.depth)), colour)
    axes.axhline(100 * level, color=PALETTE["ink"], linewidth=1, linestyle=":")
    axes.set(xlabel="shares bought at the venue", title="the next share costs (cents)")
    axes.margins(x=0.06)
    count(axes.xaxis)
    return figure


@in_style
def saved_by_order(shares: ArrayLike, saved: dict[str, Floats]) -> Figure:
    """The part of the cost that the best split saves against simpler ones, by the size of the order."""
    figure, axes = new()
    colours, lines = ("unhedged", "loss", "hedged"), ("--", "-.", "-")
    for (label, part, colour), line in zip(coloured(saved, *colours), lines, strict=False):
        axes.plot(shares, 100 * part, color=colour, linestyle=line, label=f"against {label}")
    axes.set(xscale="log", xlabel="shares to buy", title="cost saved")
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.xaxis.set_major_locator(FixedLocator([100, 300, 1000, 3000, 10_000]))
    axes.xaxis.set_minor_locator(NullLocator())
    count(axes.xaxis)
    axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.legend()
    return figure


@in_style
def patience(expected: Floats, deviation: Floats, slices: pd.DataFrame) -> Figure:
    """The best schedules of an order, and equal slices in the first so many days.

    `slices` has the columns `expected` and `deviation`, and the number of days as its index.
    """
    figure, axes = new(height=3.8)
    axes.plot(deviation / 1e6, expected / 1e6, color=PALETTE["hedged"], label="best for some price of risk")
    axes.plot(
        slices.deviation / 1e6,
        slices.expected / 1e6,
        "s",
        color=PALETTE["unhedged"],
        markersize=6,
        label="equal slices in so many days",
    )
    for days, row in slices.iterrows():
        note(axes, f"{days}", (row.deviation / 1e6, row.expected / 1e6), PALETTE["unhedged"])
    axes.set(xlabel="standard deviation of the cost ($ million)", title="expected cost ($ million)")
    axes.margins(x=0.08)
    axes.set_ylim(0, 1.08 * axes.get_ylim()[1])
    axes.legend()
    return figure


@in_style
def hedges_in_no_hurry(families: dict[str, pd.DataFrame]) -> Figure:
    """What is left of a hedge's risk by what its trades cost, for families of policies.

    Each has the columns `cost` and `risk`, in dollars, and the name of each policy as its index.
    """
    figure, axes = new(height=3.8)
    colours, looks = ("unhedged", "hedged", "theory"), ("s--", "o-", "^:")
    for (label, rows, colour), look in zip(coloured(families, *colours), looks, strict=False):
        axes.plot(rows.cost / 1000, rows.risk / 1000, look, color=colour, markersize=6, label=label)
        for name, row in rows.iterrows():
            if name:
                note(axes, str(name), (row.cost / 1000, row.risk / 1000), colour, below="^" in look)
    axes.set(xlabel="mean cost of trading ($ thousand)", title="standard deviation of the P&L ($ thousand)")
    axes.set(ylim=(0, 1.08 * axes.get_ylim()[1]))
    axes.margins(x=0.1)
    axes.legend()
    money(axes.xaxis)
    money(axes.yaxis)
    return figure


@in_style
def second_looks(moves: ArrayLike, costs: dict[str, Floats], least: float) -> Figure:
    """What an order costs when a venue had less than it showed, by how far prices move before the second try."""
    figure, axes = new()
    colours, lines = ("hedged", "unhedged", "loss", "theory"), ("-", "--", "-.", ":")
    for (label, cost, colour), line in zip(coloured(costs, *colours), lines, strict=False):
        axes.plot(100 * np.asarray(moves), cost, color=colour, linestyle=line, label=label)
    axes.axhline(least, color=PALETTE["ink"], linewidth=1, linestyle=":")
    axes.set(xlabel="prices move away before the second try (cents)", title="cost of the order")
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:.0f}"))
    axes.legend()
    crossing = np.flatnonzero(np.diff(np.sign(np.subtract(*list(costs.values())[:2]))))
    if crossing.size:
        mark(axes, 100 * float(np.asarray(moves)[crossing[0]]), "", PALETTE["faint"], line=":")
    return figure
