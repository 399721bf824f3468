"""Figures of crowds: a day that feeds itself, the threshold, the fold, and what depth makes of a size."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, in_style, mark, new
from hedgelab.validation import Floats


@in_style
def crowd_days(hours: ArrayLike, prices: dict[str, Floats], value: float) -> Figure:
    """The price over a day, by how soon buyers come, and what the news are worth.

    >>> figure = crowd_days([0.0, 1.0], {"soon": [97.0, 92.0]}, value=97.0)
    """
    figure, axes = new(height=3.6)
    for label, path, colour in coloured(prices, "hedged", "unhedged", "loss"):
        axes.plot(hours, path, color=colour, label=label)
    axes.axhline(value, color=PALETTE["theory"], linestyle="--", linewidth=1.2, label="what the news are worth")
    axes.set(xlabel="hours of trading", title="price, of 100 at the close before")
    axes.legend(loc="lower right")
    return figure


@in_style
def feedback_threshold(delays: ArrayLike, threshold: ArrayLike, grew: ArrayLike, died: ArrayLike) -> Figure:
    """The gain from which a fall feeds itself, by the buyers' delay, and what simulations beside it did.

    `grew` and `died` have a row of delays and a row of gains.

    >>> figure = feedback_threshold([1.0, 4.0], [1.9, 1.2], grew=[[1.0], [2.0]], died=[[1.0], [1.8]])
    """
    figure, axes = new()
    axes.plot(delays, threshold, "--", color=PALETTE["theory"], label="threshold")
    axes.plot(*np.asarray(grew), "^", color=PALETTE["loss"], label="grew")
    axes.plot(*np.asarray(died), "o", color=PALETTE["hedged"], label="died out")
    axes.axhline(1, color=PALETTE["faint"], linewidth=0.8)
    axes.set(xscale="log", xlabel="hours within which buyers come", title="gain", ylim=(0.8, None))
    _ticks(axes, (0.25, 0.5, 1, 2, 4, 8, 16))
    axes.legend()
    return figure


@in_style
def folded(prices: ArrayLike, news: dict[str, Floats], jump: tuple[float, float, float]) -> Figure:
    """Which prices clear at which news, in logarithms, for crowds of two sizes; and where one of them jumps.

    The `jump` is the news, the price before and the price after.

    >>> figure = folded([-0.2, 0.0], {"few": [-0.1, 0.0]}, jump=(-0.01, -0.02, -0.2))
    """
    figure, axes = new()
    for label, needed, colour in coloured(news, "hedged", "unhedged"):
        axes.plot(100 * np.asarray(needed), 100 * np.asarray(prices), color=colour, label=label)
    at, before, after = (100 * part for part in jump)
    arrow = {"arrowstyle": "->", "color": PALETTE["loss"], "linewidth": 1.8}
    axes.annotate("", (at, after), xytext=(at, before), arrowprops=arrow)
    axes.set(xlabel="news", title="price at which the market clears")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.legend(loc="upper left")
    return figure


@in_style
def share_of_a_fall(
    impacts: ArrayLike, shares: dict[str, Floats], marked: dict[str, tuple[float, float]], threshold: float
) -> Figure:
    """The part of a fall that sales of given sizes explain, by how far a billion moves the price.

    Some depths are `marked` by name, each an impact and a share; beyond the `threshold` sellers who follow the
    price would feed its fall.

    >>> figure = share_of_a_fall([0.1, 1.0], {"six": [0.02, 0.2]}, {"here": (1.0, 0.2)}, threshold=0.9)
    """
    figure, axes = new(height=3.8)
    for label, share, colour in coloured(shares, "unhedged", "hedged"):
        axes.plot(100 * np.asarray(impacts), 100 * np.asarray(share), color=colour, label=label)
    mark(axes, 100 * threshold, "gain of one", PALETTE["theory"], height=0.93, line="--")
    for label, (impact, share) in marked.items():
        axes.plot(100 * impact, 100 * share, "o", color=PALETTE["unhedged"])
        offset, side = ((9, -4), "left") if impact > threshold else ((-7, 5), "right")
        point = (100 * impact, 100 * share)
        axes.annotate(label, point, xytext=offset, textcoords="offset points", ha=side, size=10)
    axes.set(xscale="log", xlabel="a billion moves the price by, in per cent", title="share of Monday's fall")
    axes.set(xlim=(0.014, None), ylim=(0, 105))
    axes.yaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    _ticks(axes, (0.03, 0.1, 0.3, 1, 3))
    axes.legend(loc="upper left")
    return figure


def _ticks(axes: Axes, places: tuple[float, ...]) -> None:
    """Where a logarithmic axis has its numbers."""
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
