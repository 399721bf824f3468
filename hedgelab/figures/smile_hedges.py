"""Figures of smiles that move, and of deltas that reckon with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, in_style, mark, money, new
from hedgelab.validation import Floats


@in_style
def moved_smiles(strikes: ArrayLike, before: ArrayLike, after: dict[str, Floats], strike: float) -> Figure:
    """The smile before a move and the ways in which it may look after it, with dots at one strike.

    Examples
    --------
    >>> figure = moved_smiles([90, 100], [0.25, 0.24], {"stays": np.array([0.25, 0.24])}, strike=90)
    """
    figure, axes = new(height=3.6)
    axes.plot(strikes, before, color=PALETTE["ink"], linestyle="--", linewidth=1.2, label="before", zorder=3)
    for label, curve, colour in coloured(after, "unhedged", "theory", "hedged"):
        axes.plot(strikes, curve, color=colour, label=label)
        axes.plot(strike, np.interp(strike, np.asarray(strikes), curve), "o", color=colour)
    mark(axes, strike, "the put", PALETTE["faint"], height=0.05, line=":")
    axes.set(xlabel="strike ($)", title="implied volatility")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend()
    return figure


@in_style
def volatility_moves(
    returns: dict[str, ArrayLike], changes: dict[str, ArrayLike], rules: dict[str, float]
) -> Figure:
    """Changes of an option's volatility against returns, a panel for each market; what rules foresee as lines.

    `rules` has the points of volatility for each 1.00 of return by which each says that it moves.

    Examples
    --------
    >>> figure = volatility_moves({"calm": [0.01, -0.01]}, {"calm": [0.0, 0.001]}, {"stays": 0.0})
    """
    figure, panels = new(1, len(returns), height=3.6, sharey=True, sharex=True, squeeze=False)
    reach = max(float(np.abs(np.asarray(each)).max()) for each in returns.values())
    ends = np.array([-reach, reach])
    for axes, (market, moves) in zip(panels[0], returns.items(), strict=True):
        moved = 100 * np.asarray(changes[market])
        axes.plot(100 * np.asarray(moves), moved, "o", color=PALETTE["faint"], markersize=3)
        for label, slope, colour in coloured(rules, "unhedged", "theory", "hedged"):
            axes.plot(100 * ends, 100 * slope * ends, color=colour, label=label)
        axes.set(title=market, xlabel="return of the day (%)")
    panels[0][0].set_ylabel("change of volatility (points)")
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@in_style
def risk_by_share(shares: ArrayLike, panels: Sequence[dict[str, Floats]], rules: dict[str, float]) -> Figure:
    """What hedges leave by the share of a move that they expect the smile to follow, against a share of zero.

    A panel for each group of markets; upright lines at the shares of named rules.

    Examples
    --------
    >>> x = np.linspace(-2, 2, 5)
    >>> figure = risk_by_share(x, [{"calm": 1 + x**2}], {"strike": 0.0})
    """
    figure, axes = new(2, len(panels), height=4.8, sharey="row", squeeze=False, height_ratios=(1, 0.22))
    for one, curves in zip(axes[0], panels, strict=True):
        for label, curve, colour in coloured(curves, "hedged", "theory", "unhedged", "loss"):
            one.plot(shares, curve, color=colour, label=label)
            best = int(np.argmin(curve))
            one.plot(np.asarray(shares)[best], curve[best], "o", color=colour)
        for share in rules.values():
            one.axvline(share, color=PALETTE["faint"], linewidth=1, linestyle=":")
        one.set(xlabel="share that the smile follows", ylim=(0.5, 1.95))
        ticks = {-2: f"{MINUS}2", 2: "2"} | {share: rule for rule, share in rules.items()}
        one.set_xticks(list(ticks), list(ticks.values()), fontsize=10, rotation=35, ha="right")
        one.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for one, legend in zip(*axes, strict=True):
        legend.axis("off")
        legend.legend(*one.get_legend_handles_labels(), loc="center", fontsize=10, ncols=2, columnspacing=1)
    axes[0][0].set_title("risk left, sticky strike = 100 %")
    return figure


@in_style
def books_by_rule(table: pd.DataFrame) -> Figure:
    """What books leave, a row for each, a dot for each rule of the delta: the columns of the table.

    Examples
    --------
    >>> figure = books_by_rule(pd.DataFrame({"strike": [9.0, 2.0], "slope": [7.0, 3.0]}, ["bare", "hedged"]))
    """
    figure, axes = new(height=3.2)
    rows = np.arange(len(table))[::-1]
    axes.hlines(rows, table.min(axis=1), table.max(axis=1), color=PALETTE["faint"], linewidth=3)
    looks = dict(zip(table.columns, ("s", "o", "D"), strict=False))
    for label, column, colour in coloured(
        {str(label): column for label, column in table.items()}, "unhedged", "theory", "hedged"
    ):
        axes.plot(column, rows, looks[label], color=colour, label=label)
    axes.set_yticks(rows, table.index)
    axes.set(title="standard deviation after a month", xlim=(0, None), ylim=(-0.6, len(table) - 0.4))
    money(axes.xaxis)
    axes.legend(loc="lower right")
    return figure
