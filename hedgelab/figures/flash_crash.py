"""Figures of 6 May 2010: what is known of an hour, a market without some of its parts, desks that hedged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.dates import DateFormatter, MinuteLocator
from matplotlib.ticker import FuncFormatter, PercentFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, count, in_style, mark, new
from hedgelab.validation import Floats


def _clock(axis: Axis, every: int = 10) -> None:
    """Times of the day."""
    axis.set_major_locator(MinuteLocator(byminute=range(0, 60, every)))
    axis.set_major_formatter(DateFormatter("%H:%M"))


def _thousands(value: float, _: object = None) -> str:
    return f"{MINUS if value < 0 else ''}${abs(value) / 1e3:,.4g}k" if value else "$0"


@in_style
def known_points(path: pd.Series, points: pd.DataFrame, label: str, marks: dict[str, Any]) -> Figure:
    """A reconstructed path, and in their colours the points it was drawn through: read, second hand, derived."""
    figure, axes = new(height=3.9)
    axes.plot(path.index, path, color=PALETTE["faint"], linewidth=1.4, label="joined by us")
    kinds = {status: points[points.status == status] for status in points.status.unique()}
    for status, known, colour in coloured(kinds, "hedged", "unhedged", "loss", "theory"):
        hollow = {} if status == "read" else {"markerfacecolor": "none", "markeredgewidth": 1.6, "markersize": 10}
        axes.plot(known.index, known.price, "o", color=colour, label=status, **hollow)
    low = float(path.min())
    for name, time in marks.items():
        axes.axvline(time, color=PALETTE["ink"], linewidth=1, linestyle=":")
        axes.annotate(name, (time, low), xytext=(-5, 0), textcoords="offset points", ha="right", size=10)
    _clock(axes.xaxis)
    count(axes.yaxis)
    axes.set_title(label, fontsize=10.5)
    axes.set_xlabel("6 May 2010, Eastern time")
    axes.legend(loc="upper right", fontsize=10)
    return figure


@in_style
def without_a_part(minutes: ArrayLike, falls: dict[str, Floats], reported: float) -> Figure:
    """The mean price of a thin market by the minute, whole and without some of its parts."""
    figure, axes = new(height=3.9)
    styles = ("-", "--", "-", "-.")
    for (label, fall, colour), style in zip(
        coloured(falls, "loss", "unhedged", "hedged", "theory"), styles, strict=False
    ):
        axes.plot(minutes, 100 * fall, style, color=colour, label=label)
    mark(axes, reported, "the turn, as reported", PALETTE["ink"], height=0.03, line=":")
    axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.set(xlabel="minutes after the program starts", title="price, mean of the paths", xlim=(0, 40))
    axes.set_ylim(bottom=115 * min(float(fall.min()) for fall in falls.values()))
    axes.legend(loc="lower left", fontsize=10)
    return figure


@in_style
def cliff(shares: ArrayLike, lows: dict[str, Floats], edge: float, reported: float) -> Figure:
    """The low of a thin market by the program's share of the volume, and where its cliff is by formula."""
    figure, axes = new(height=3.6)
    percent = 100 * np.asarray(shares)
    for label, low, colour in coloured(lows, "loss", "unhedged", "hedged", "theory"):
        axes.plot(percent, 100 * low, color=colour, label=label)
    mark(axes, 100 * edge, "", PALETTE["theory"], line="--")
    axes.annotate(
        "the edge",
        (100 * edge, 0.06),
        xycoords=axes.get_xaxis_transform(),
        xytext=(-5, 0),
        textcoords="offset points",
        ha="right",
        color=PALETTE["theory"],
        size=10,
    )
    mark(axes, 100 * reported, "the program", PALETTE["ink"], height=0.06, line=":")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.set(xlabel="share of the last minute’s volume", title="low")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.12), fontsize=10)
    return figure


@in_style
def desks_in_the_hour(price: pd.Series, profits: dict[str, pd.Series], label: str) -> Figure:
    """The reconstructed price above, and below it the running profit of desks that hedged by different rules."""
    figure, (above, below) = new(2, 1, height=5.0, sharex=True)
    above.plot(price.index, price, color=PALETTE["ink"], linewidth=1.2)
    above.set_title(label, fontsize=10.5)
    count(above.yaxis)
    styles = ("-", "-", "--", "-.")
    for (name, profit, colour), style in zip(
        coloured(profits, "unhedged", "loss", "hedged", "theory"), styles, strict=False
    ):
        below.plot(profit.index, profit, style, color=colour, label=name)
    below.yaxis.set_major_formatter(FuncFormatter(_thousands))
    below.set(title="profit since 14:00", xlabel="6 May 2010, Eastern time")
    _clock(below.xaxis)
    below.legend(loc="lower left", fontsize=10)
    return figure


@in_style
def first_beats(clocks: dict[str, tuple[ArrayLike, ArrayLike]], others: dict[str, float]) -> Figure:
    """What desks with one clock lost, by when it first struck, as a share of the beat; others as level lines."""
    figure, axes = new(height=3.8)
    for (label, (first, profit), colour), sign in zip(
        coloured(clocks, "hedged", "loss", "theory"), ("o-", "s-", "^-"), strict=False
    ):
        axes.plot(100 * np.asarray(first), profit, sign, color=colour, markersize=4, linewidth=1.2, label=label)
    for label, profit, colour in coloured(others, "unhedged", "ink"):
        axes.axhline(profit, color=colour, linewidth=1.2, linestyle="--", label=label)
    axes.xaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    least = min(float(np.min(np.asarray(profit))) for _, profit in clocks.values())
    axes.set(
        xlabel="start of the clock, later by this share of its beat",
        title="profit of the hour, on the reconstruction",
    )
    axes.set_ylim(bottom=1.3 * least)
    axes.legend(loc="lower right", fontsize=9.5, ncols=2)
    return figure
