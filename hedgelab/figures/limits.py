"""Figures of limits: two afternoons, what is left of bad days, false alarms, and what getting out costs."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, in_style, mark, new
from hedgelab.validation import Floats


def _thousands(value: float, _: object = None) -> str:
    return f"{MINUS if value < 0 else ''}${abs(value) / 1e3:,.4g}k" if value else "$0"


@in_style
def two_afternoons(
    hours: ArrayLike, days: dict[str, tuple[Floats, Floats, Floats]], tripped: float, limit: float
) -> Figure:
    """Of each day the price, and the profits of a desk that hedged on and of one that its limit halted."""
    figure, axes = new(2, len(days), height=4.6, sharex=True, sharey="row", squeeze=False)
    for (name, (price, hedged, halted)), (above, below) in zip(days.items(), axes.T, strict=True):
        above.plot(hours, price, color=PALETTE["ink"], linewidth=1.2)
        above.set_title(f"{name}: price ($)")
        below.plot(hours, hedged, color=PALETTE["unhedged"], label="hedges on")
        below.plot(hours, halted, color=PALETTE["hedged"], linestyle="--", label="halted by its limit")
        below.axhline(-limit, color=PALETTE["loss"], linewidth=1, linestyle=":")
        below.set(title="profit of the day", xlabel="hours after the opening")
        below.yaxis.set_major_formatter(FuncFormatter(_thousands))
        for panel in (above, below):
            panel.axvline(tripped, color=PALETTE["loss"], linewidth=1)
    axes[1, 0].legend(loc="lower left", fontsize=9.5)
    return figure


@in_style
def loss_tails(worlds: dict[str, dict[str, Floats]], limit: float) -> Figure:
    """How often a day loses more than so much, in each world: hedged on, halted, or closed at the limit."""
    figure, axes = new(1, len(worlds), height=3.6, sharey=True, squeeze=False)
    for (world, results), panel in zip(worlds.items(), axes[0], strict=True):
        most = max(-float(np.quantile(result, 0.001)) for result in results.values())
        losses = np.linspace(0, most, 200)
        styles = ("-", "--", "-")
        for (label, result, colour), style in zip(
            coloured(results, "unhedged", "loss", "hedged"), styles, strict=False
        ):
            beyond = np.searchsorted(np.sort(-result), losses, side="right")
            share = 1 - beyond / np.size(result)
            panel.plot(losses, np.where(share > 0, 100 * share, np.nan), style, color=colour, label=label)
        mark(panel, limit, "the limit", PALETTE["ink"], line=":")
        panel.set(yscale="log", xlabel="loss of the day above", title=world, ylim=(0.08, 80))
        panel.xaxis.set_major_formatter(FuncFormatter(_thousands))
        panel.xaxis.set_major_locator(FixedLocator(np.arange(0, most, 1e5 if most > 2e5 else 5e4).tolist()))
    axes[0, 0].set_ylabel("share of days")
    axes[0, 0].yaxis.set_major_locator(FixedLocator([0.1, 1, 10]))
    axes[0, 0].yaxis.set_minor_locator(NullLocator())
    axes[0, 0].yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
    axes[0, 0].legend(fontsize=9.5, loc="upper right")
    return figure


@in_style
def alarms_and_saves(limits: ArrayLike, curves: dict[str, tuple[Floats, Floats, Floats]]) -> Figure:
    """Of each world, by the limit: days stopped for nothing, disasters avoided and the standard error of that."""
    figure, axes = new(height=3.9)
    names = [_thousands(limit) for limit in np.asarray(limits)]
    for label, (alarms, saves, error), colour in coloured(curves, "unhedged", "hedged", "theory"):
        axes.errorbar(
            100 * alarms,
            100 * saves,
            200 * error,
            fmt="o-",
            markersize=4,
            linewidth=1.4,
            color=colour,
            label=label,
        )
        for name, x, y in zip(names, 100 * alarms, 100 * saves, strict=True):
            axes.annotate(name, (x, y), xytext=(7, -11), textcoords="offset points", color=PALETTE["ink"], size=9)
    axes.set(xlabel="other days that were stopped", title="disasters avoided", ylim=(0, 104))
    axes.set_xlim(0, 1.15 * axes.get_xlim()[1])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.legend(loc="lower right")
    return figure


@in_style
def limits_of_1987(limits: ArrayLike, ends: dict[str, ArrayLike]) -> Figure:
    """What a desk ends with by its loss limit, in dollars, for each thing that the limit may do."""
    figure, axes = new(height=3.6)
    for (label, end, colour), style in zip(
        coloured(ends, "unhedged", "loss", "hedged"), (":", "--", "-"), strict=False
    ):
        axes.step(limits, np.asarray(end), style, where="mid", color=colour, label=label)
    axes.set(xscale="log", xlabel="loss limit", title="result on 1 December")
    axes.xaxis.set_major_locator(FixedLocator([500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000]))
    axes.xaxis.set_minor_locator(NullLocator())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(_thousands))
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.42), fontsize=10)
    return figure


@in_style
def cost_of_closing(desks: ArrayLike, costs: dict[str, tuple[Floats, Floats]], left: dict[str, float]) -> Figure:
    """What getting out costs by how many get out, means and standard errors, against what staying in risks."""
    figure, axes = new(height=3.6)
    for (label, (mean, error), colour), style in zip(coloured(costs, "theory", "loss"), ("--", "-"), strict=False):
        axes.errorbar(desks, mean, 2 * error, linestyle=style, color=colour, label=label)
    for label, amount in left.items():
        axes.axhline(amount, color=PALETTE["hedged"], linewidth=1, linestyle=":")
        axes.annotate(
            label,
            (float(np.max(np.asarray(desks))), amount),
            xytext=(0, 4),
            textcoords="offset points",
            ha="right",
            color=PALETTE["hedged"],
            size=10,
        )
    axes.set(xlabel="desks that close at once", title="cost of closing, each", ylim=(0, None))
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(desks))))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.legend(loc="upper left")
    return figure
