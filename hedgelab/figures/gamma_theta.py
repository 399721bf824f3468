"""Figures of gamma against theta: single days, roads to an end, and what depends on the path."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike
from scipy.special import ndtr

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, in_style, money, new
from hedgelab.validation import Floats


@in_style
def day_results(kept: ArrayLike) -> Figure:
    """Days of a hedged seller by the part of the rent that each left, with the shares to expect.

    A day leaves ``1 - Z**2`` of its rent when realised is implied.  The first bar holds all worse days as well.

    Examples
    --------
    >>> figure = day_results(1 - np.random.default_rng(1).standard_normal(1000) ** 2)
    """
    edges = np.linspace(-9.0, 1.0, 21)
    share = np.histogram(np.maximum(kept, edges[0]), edges)[0] / np.size(kept)
    worse = np.append(0.0, 2 * ndtr(-np.sqrt(1 - edges[1:])))
    figure, axes = new()
    kept = np.asarray(kept, float)
    lost, won = f"gamma won{_on_average(kept[kept < 0])}", f"theta won{_on_average(kept[kept > 0])}"
    for side, name, label in ((edges[1:] <= 0, "loss", lost), (edges[1:] > 0, "hedged", won)):
        axes.bar(edges[:-1][side], share[side], 0.5, align="edge", color=PALETTE[name], alpha=0.6, label=label)
    axes.stairs(np.diff(worse), edges, color=PALETTE["theory"], linewidth=1.4, label="to expect")
    axes.axvline(0, color=PALETTE["faint"], linewidth=0.8)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set(xlabel="kept of the day's rent, in rents", title="share of days")
    axes.legend(loc="upper left")
    return figure


def _on_average(kept: Floats) -> str:
    """What such days kept, in words."""
    return f": {kept.mean():+.2f} on average".replace("-", MINUS) if kept.size else ""


@in_style
def roads(times: ArrayLike, families: dict[str, Floats], end: float) -> Figure:
    """Running P&L of a few paths (times down, paths across), a panel for each family, and where all might end."""
    figure, panels = new(1, len(families), height=3.2, sharey=True, squeeze=False)
    for axes, (name, paths, colour) in zip(
        panels[0], coloured(families, "hedged", "unhedged", "loss"), strict=True
    ):
        axes.plot(times, paths, color=colour, linewidth=1, alpha=0.8)
        axes.axhline(end, color=PALETTE["theory"], linestyle="--", linewidth=1.4)
        axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
        axes.set(title=name, xlabel="years")
    money(panels[0][0].yaxis)
    panels[0][0].set_ylabel("profit so far")
    return figure


@in_style
def by_path(feature: ArrayLike, outcomes: dict[str, Floats], *, xlabel: str) -> Figure:
    """A dot for each path: what came out against one thing that the path did."""
    figure, axes = new()
    for label, outcome, colour in coloured(outcomes, "unhedged", "hedged", "theory"):
        axes.plot(feature, outcome, ".", color=colour, markersize=4, alpha=0.55, label=label)
    axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    money(axes.yaxis)
    axes.set(xlabel=xlabel, title="profit or loss at expiry")
    axes.legend(loc="best", markerscale=2.5)
    return figure
