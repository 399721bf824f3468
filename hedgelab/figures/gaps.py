"""Figures of insured funds and gaps: which they survive, how deep they fall, and what trading faster helps."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, dates, in_style, mark, money, new, note
from hedgelab.validation import Floats


@in_style
def gaps_survived(
    spots: ArrayLike, replica: dict[str, Floats], constant: dict[str, float], gap: float, strike: float
) -> Figure:
    """The largest gap that a replica survives by the price before it, beside funds for which it is a constant."""
    figure, axes = new(height=3.8)
    for label, survived, colour in coloured(replica, "hedged", "theory", "unhedged"):
        axes.plot(spots, 100 * survived, color=colour, label=f"replica, {label}")
    left = float(np.min(np.asarray(spots)))
    for label, survived in constant.items():
        axes.axhline(100 * survived, color=PALETTE["ink"], linewidth=1, linestyle="--")
        up = 4 if survived > gap else -13
        axes.annotate(
            label,
            (left, 100 * survived),
            xytext=(6, up),
            textcoords="offset points",
            color=PALETTE["ink"],
            size=10,
        )
    axes.axhline(100 * gap, color=PALETTE["loss"], linewidth=1, linestyle=":")
    right = float(np.max(np.asarray(spots)))
    note(axes, "19 October 1987", (strike, 100 * gap), PALETTE["loss"])
    mark(axes, strike, "strike", PALETTE["faint"], height=0.9)
    axes.set(xlabel="index before the gap ($)", title="largest gap survived", ylim=(0, 30), xlim=(left, right))
    axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.legend(loc="lower right", fontsize=10)
    return figure


@in_style
def depths_below(shortfalls: dict[str, ArrayLike], reach: float) -> Figure:
    """How often a fund ends more than so far below its floor."""
    figure, axes = new()
    depths = np.linspace(0, reach, 201)
    for label, shortfall, colour in coloured(shortfalls, "loss", "hedged", "theory"):
        deeper = 1 - np.searchsorted(np.sort(shortfall), depths, side="right") / np.size(shortfall)
        axes.plot(depths, np.where(deeper > 0, 100 * deeper, np.nan), color=colour, label=label)
    axes.set(yscale="log", xlabel="below the floor by more than ($)", title="share of years", ylim=(0.09, 40))
    axes.yaxis.set_major_locator(FixedLocator([0.1, 1, 10]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
    axes.legend()
    return figure


@in_style
def holes_by_frequency(trades: ArrayLike, holes: dict[str, Floats]) -> Figure:
    """The mean shortfall over all years by the number of trades in one: of each fund means and standard errors.

    Means of a cent or less are left out.
    """
    figure, axes = new(height=3.8)
    for (label, (mean, error), colour), line in zip(
        coloured(holes, "loss", "unhedged", "hedged", "theory"), ("-", "-", "--", "--"), strict=False
    ):
        shown = np.where(mean > 0.01, mean, np.nan)
        axes.errorbar(trades, shown, 2 * error, fmt="o", linestyle=line, markersize=4, color=colour, label=label)
    axes.set(xscale="log", yscale="log", xlabel="trades a year", title="mean shortfall, all years", ylim=(0.01, 4))
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(trades))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.yaxis.set_major_locator(FixedLocator([0.01, 0.1, 1.0]))
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:.2f}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, fontsize=10)
    return figure


@in_style
def insured_autumn(worth: dict[str, pd.Series], floor: pd.Series) -> Figure:
    """What insured funds were worth, day by day, beside the present value of their floor."""
    figure, axes = new(height=3.8)
    for label, series, colour in coloured(worth, "theory", "loss", "hedged", "unhedged"):
        axes.plot(series.index, series, color=colour, label=label)
    axes.plot(
        floor.index, floor, color=PALETTE["ink"], linewidth=1, linestyle=":", label="floor, in money of the day"
    )
    axes.set_title("worth of the fund, millions")
    money(axes.yaxis)
    dates(axes.xaxis)
    axes.legend(fontsize=10)
    return figure
