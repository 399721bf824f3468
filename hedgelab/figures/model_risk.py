"""Figures of model risk: assumptions alone and among others, sums and totals, correlations, a stress test."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, in_style, new
from hedgelab.validation import Floats


def _thousands(value: float, _: object = None) -> str:
    return f"{MINUS if value < 0 else ''}${abs(value) / 1000:,.3g}k" if value else "$0"


@in_style
def alone_and_repaired(alone: pd.DataFrame, repaired: pd.DataFrame) -> Figure:
    """What breaking each assumption alone adds to a loss, and what repairing it alone takes off, with errors.

    Each table has a row for each assumption, its first two columns a number and its standard error.

    >>> table = pd.DataFrame({"tail": [5.0, 1.0], "error": [0.5, 0.1]}, ["jumps", "costs"])
    >>> figure = alone_and_repaired(table, 2 * table)
    """
    figure, axes = new(height=0.36 * len(alone) + 1.2)
    places = np.arange(len(alone))
    for name, table, colour, shape in (
        ("broken alone", alone, "unhedged", "o"),
        ("repaired alone, the others broken", repaired, "hedged", "D"),
    ):
        number, error = table.iloc[:, 0].to_numpy(), table.iloc[:, 1].to_numpy()
        axes.errorbar(
            number, places, xerr=error, fmt=shape, color=PALETTE[colour], markersize=5.5, label=name, linewidth=1.2
        )
    first, second = (table.iloc[:, 0].to_numpy() for table in (alone, repaired))
    axes.hlines(places, first, second, color=PALETTE["faint"], linewidth=1.2)
    axes.axvline(0, color=PALETTE["ink"], linewidth=0.8)
    axes.set_yticks(places, alone.index)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.set(xlabel="in the worst hundredth of months")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=2, fontsize=10)
    return figure


@in_style
def losses_beyond(losses: dict[str, Floats]) -> Figure:
    """How often a month costs more than so much, of several books or sums, with the hundredth marked.

    >>> figure = losses_beyond({"one": np.arange(1000.0), "all": 2 * np.arange(1000.0)})
    """
    figure, axes = new(height=3.8)
    most = max(float(np.quantile(each, 0.999)) for each in losses.values())
    at = np.linspace(0, most, 160)
    styles = ("-", "--", "-")
    for (label, each, colour), style in zip(coloured(losses, "unhedged", "theory", "loss"), styles, strict=False):
        share = 1 - np.searchsorted(np.sort(each), at, side="right") / each.size
        axes.plot(at, np.where(share > 0, 100 * share, np.nan), style, color=colour, label=label)
    axes.axhline(1, color=PALETTE["ink"], linewidth=0.8, linestyle=":")
    axes.set(yscale="log", xlabel="loss of the month above", ylabel="share of months", ylim=(0.1, 100))
    axes.yaxis.set_major_locator(FixedLocator([0.1, 1, 10, 100]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g} %"))
    axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.legend(loc="upper right", fontsize=10)
    return figure


@in_style
def together(normal: pd.DataFrame, crash: pd.DataFrame) -> Figure:
    """Correlations in most months, below the diagonal, and in crashes, above it.

    >>> table = pd.DataFrame([[1.0, 0.2], [0.2, 1.0]], ["jumps", "crowd"], ["jumps", "crowd"])
    >>> figure = together(table, table / 2)
    """
    count = len(normal)
    figure, axes = new(height=0.46 * count + 1.0)
    for (row, column), _ in np.ndenumerate(normal.to_numpy()):
        if row == column:
            continue
        value = float((crash if column > row else normal).to_numpy()[row, column])
        colour = PALETTE["loss" if value > 0 else "hedged"]
        box = Rectangle(
            (column + 0.03, row + 0.03), 0.94, 0.94, color=colour, alpha=0.5 * min(abs(value), 1), linewidth=0
        )
        axes.add_patch(box)
        words = f"{MINUS if round(value, 2) < 0 else ''}{abs(value):.2f}"
        axes.text(column + 0.5, row + 0.52, words, ha="center", va="center", size=9.5)
    axes.plot([0, count], [0, count], color=PALETTE["faint"], linewidth=1)
    axes.set(xlim=(0, count), ylim=(count, 0))
    axes.set_xticks(np.arange(count) + 0.5, normal.columns, rotation=35, ha="right")
    axes.set_yticks(np.arange(count) + 0.5, normal.index)
    figure.suptitle("above the diagonal crashes, below it the other months", x=0.02, ha="left", size=11.5)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


@in_style
def stress_test(falls: ArrayLike, losses: dict[str, Floats], capital: float) -> Figure:
    """What a fall costs a desk, alone and in company, and its capital as a level line.

    >>> figure = stress_test([0.0, 0.1], {"alone": np.array([0.0, 3.0])}, capital=2.0)
    """
    figure, axes = new(height=3.8)
    styles = (":", "--", "-", "-")
    drawn = coloured(losses, "theory", "hedged", "unhedged", "loss")
    for (label, loss, colour), style in zip(drawn, styles, strict=False):
        axes.plot(100 * np.asarray(falls), loss, style, color=colour, label=label)
    axes.axhline(capital, color=PALETTE["ink"], linewidth=0.9, linestyle="-.")
    axes.annotate("capital", (0, capital), xytext=(4, 4), textcoords="offset points", size=10)
    axes.set(xlabel="fall of the news, in one move", title="loss of the desk")
    axes.xaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    axes.yaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93), fontsize=10)
    return figure
