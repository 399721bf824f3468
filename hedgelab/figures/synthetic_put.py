"""Figures of insured funds: how much is in stock, how they end, what switching costs, and who wins where."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, in_style, mark, money, new
from hedgelab.validation import Floats


@in_style
def stock_shares(index: ArrayLike, shares: dict[str, Floats], strike: float) -> Figure:
    """Which part of an insured fund is in stock, by the level of the index, a curve for each time left."""
    figure, axes = new()
    for label, share, colour in coloured(shares, "theory", "unhedged", "hedged", "loss"):
        axes.plot(index, share, color=colour, label=label)
    mark(axes, strike, "strike", PALETTE["ink"], height=0.05, line=":")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set(xlabel="index", title="part of the fund in stock", ylim=(-0.03, 1.03))
    axes.legend(loc="lower right")
    return figure


@in_style
def endings(index: ArrayLike, dots: dict[str, Floats], curves: dict[str, tuple[Floats, Floats]]) -> Figure:
    """What funds end with against where the index ends: a dot for each path, and curves where there is one."""
    figure, axes = new(height=3.9)
    for label, ends, colour in coloured(dots, "loss", "theory", "hedged"):
        axes.plot(index, ends, ".", color=colour, markersize=3.5, alpha=0.5, label=label)
    for style, (label, (at, ends)) in zip(("-", "--"), curves.items(), strict=False):
        axes.plot(at, ends, style, color=PALETTE["ink"], linewidth=1.2, label=label)
    money(axes.yaxis)
    axes.set(xlabel="index at the end", title="fund at the end, in millions")
    axes.legend(loc="upper left", markerscale=2.5)
    return figure


@in_style
def looks(counts: ArrayLike, spreads: dict[str, ArrayLike], limit: float) -> Figure:
    """The standard deviation that rules leave, by how often in the year they look, and where one of them ends."""
    figure, axes = new()
    for label, spread, colour in coloured(spreads, "loss", "hedged", "unhedged"):
        axes.plot(counts, spread, "o-", color=colour, label=label)
    axes.axhline(limit, color=PALETTE["theory"], linestyle="--", linewidth=1.4, label="half the local time")
    axes.set(xscale="log", ylim=(0, None), xlabel="looks in the year", title="standard deviation, in millions")
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(counts))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    money(axes.yaxis)
    axes.legend(loc="center right")
    return figure


@in_style
def winners(index: ArrayLike, volatility: ArrayLike, ends: dict[str, Floats]) -> Figure:
    """Which fund ends with most, by the index at the end (across) and the realised volatility (down the rows)."""
    figure, axes = new(height=3.9)
    across, up = np.meshgrid(np.asarray(index, float), 100 * np.asarray(volatility, float))
    for label, end, colour in coloured(ends, "hedged", "theory", "unhedged", "loss"):
        ahead = end - np.max([other for name, other in ends.items() if name != label], axis=0)
        axes.contourf(across, up, ahead, levels=[0, np.inf], colors=[colour], alpha=0.35)
        axes.fill_between([], [], color=colour, alpha=0.35, linewidth=0, label=label)
    axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.grid(visible=False)
    axes.set(xlabel="index at the end", title="realised volatility")
    figure.legend(loc="outside lower center", ncols=len(ends))
    return figure
