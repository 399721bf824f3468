"""Figures of what is learned: what it gains by days of data, in which world, and the bands it ends in."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, in_style, new
from hedgelab.validation import Floats


@in_style
def gains_by_days(gains: dict[str, dict[str, Floats]], lines: dict[str, float]) -> Figure:
    """What learners gained, a dot for each draw of so many days, a colour for each learner; lines for comparison.

    Examples
    --------
    >>> figure = gains_by_days({"one": {"21": np.array([0.1, -0.1])}}, {"formula": 0.15})
    """
    figure, axes = new(height=3.8)
    step = 0.36 / max(len(gains), 2)
    for number, (label, by_days, colour) in enumerate(coloured(gains, "unhedged", "hedged", "loss")):
        shift = (number - (len(gains) - 1) / 2) * 2 * step
        for place, drawn in enumerate(by_days.values()):
            across = place + shift + np.linspace(-0.6, 0.6, drawn.size) * step
            axes.plot(across, drawn, "o", color=colour, markersize=3.5, label=label if place == 0 else None)
            ends = [place + shift - step, place + shift + step]
            axes.plot(ends, [drawn.mean()] * 2, color=colour, linewidth=2.5)
    for (label, level, colour), line in zip(coloured(lines, "theory", "ink"), ("--", ":"), strict=False):
        axes.axhline(level, color=colour, linestyle=line, linewidth=1.3, label=label)
    axes.axhline(0, color=PALETTE["ink"], linewidth=0.8)
    days = list(next(iter(gains.values())))
    axes.set_xticks(range(len(days)), days)
    axes.set(title="variance saved, on years not seen", xlabel="days of data")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=10)
    return figure


@in_style
def elsewhere(values: pd.DataFrame, errors: pd.DataFrame, *, digits: int, full: float) -> Figure:
    """A number for each row's training and each column's use, with its standard error, coloured by its sign.

    The colour is the fuller the larger the number, and full from `full` on.

    Examples
    --------
    >>> table = pd.DataFrame({"calm": [1.0, -2.0], "wild": [0.5, 3.0]}, ["calm", "wild"])
    >>> figure = elsewhere(table, table.abs() / 10, digits=1, full=2.0)
    """
    figure, axes = new(height=0.55 * len(values) + 0.9)
    for (row, column), value in np.ndenumerate(values.to_numpy(float)):
        error = float(errors.to_numpy(float)[row, column])
        depth = 0.24 * np.sqrt(min(abs(value) / full, 1.0))
        colour = PALETTE["hedged" if value > 0 else "loss"]
        axes.add_patch(Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, color=colour, alpha=depth, linewidth=0))
        axes.text(column + 0.5, row + 0.36, _rounded(value, digits), ha="center", va="center", size=11)
        finer = digits + (round(error, digits) == 0)
        axes.text(column + 0.5, row + 0.74, f"± {error:.{finer}f}", ha="center", va="center", size=9)
    axes.set(xlim=(0, values.shape[1]), ylim=(len(values), 0))
    axes.set_xlabel("used in", labelpad=8)
    axes.set_xticks(
        np.arange(values.shape[1]) + 0.5, [fill(str(name), 8, break_long_words=False) for name in values.columns]
    )
    axes.set_yticks(
        np.arange(len(values)) + 0.5, [fill(str(name), 11, break_long_words=False) for name in values.index]
    )
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def _rounded(value: float, digits: int) -> str:
    """A number with its sign, where what is printed has one."""
    text = f"{abs(value):.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and float(text) > 0 else text


@in_style
def bands_by_spot(spots: ArrayLike, bands: dict[str, tuple[Floats, Floats]], delta: ArrayLike) -> Figure:
    """No-trade bands around delta by the spot, as what their edges hold more than delta.

    Examples
    --------
    >>> figure = bands_by_spot([90, 110], {"one": (np.zeros(2), np.ones(2))}, [0.2, 0.8])
    """
    figure, axes = new(height=3.6)
    spots, delta = np.asarray(spots, float), np.asarray(delta, float)
    axes.axhline(0, color=PALETTE["ink"], linewidth=0.8)
    for (label, edges, colour), line in zip(
        coloured(bands, "theory", "unhedged", "hedged"), ("--", ":", "-"), strict=False
    ):
        for number, edge in enumerate(edges):
            axes.plot(spots, edge - delta, color=colour, linestyle=line, label=None if number else label)
    axes.set(title="edges of the band, less delta (shares)", xlabel="stock price ($)")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=10)
    return figure
