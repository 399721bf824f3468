"""Figures of a desk's afternoon: what it was told and held, what errors, lateness and missing parts cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, count, in_style, mark, money, new, note
from hedgelab.validation import Floats


@in_style
def told_and_held(hours: ArrayLike, price: Floats, misprint: int, held: dict[str, Floats]) -> Figure:
    """The price over an afternoon, the quote that was off by ten, and the shares that desks held."""
    hours = np.asarray(hours)
    figure, (above, below) = new(2, 1, height=4.8, sharex=True)
    above.plot(hours, price, color=PALETTE["ink"], linewidth=1)
    top = float(price.max() + 0.25 * np.ptp(price))
    above.plot(hours[misprint], top, "^", color=PALETTE["loss"])
    note(above, f"one quote of ${10 * price[misprint]:,.2f}", (hours[misprint], top), PALETTE["loss"], below=True)
    above.set(title="price", ylim=(float(price.min() - 0.1 * np.ptp(price)), top + 0.1 * np.ptp(price)))
    above.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"${value:,.2f}"))
    for (label, shares, colour), width in zip(coloured(held, "loss", "hedged"), (1.2, 2.2), strict=False):
        below.plot(hours, shares, color=colour, linewidth=width, label=label)
    below.set(title="shares held", xlim=(hours[0], hours[-1]))
    below.xaxis.set_major_locator(FixedLocator(np.arange(np.ceil(hours[0]), hours[-1] + 0.1, 0.5).tolist()))
    below.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{hour:.0f}:{60 * (hour % 1):02.0f}"[-5:]))
    count(below.yaxis)
    below.legend(loc="upper left")
    return figure


@in_style
def misprints(sizes: ArrayLike, believed: pd.Series, waited: pd.Series, gate: float) -> Figure:
    """What a believed misprint costs, by its size, and how far waiting spreads a real jump of that size."""
    figure, axes = new(height=3.8)
    percents = 100 * np.asarray(sizes)
    axes.plot(
        percents, believed, "o-", color=PALETTE["loss"], markersize=4, label="a misprint, believed: its cost"
    )
    axes.plot(
        percents, waited, "o--", color=PALETTE["hedged"], markersize=4, label="a real jump, held back: spread"
    )
    mark(axes, 100 * gate, "gate", PALETTE["ink"], line=":")
    axes.set(xscale="log", yscale="log", xlabel="size of the move", title="dollars")
    axes.xaxis.set_major_locator(FixedLocator(percents.tolist()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    axes.yaxis.set_major_locator(FixedLocator([100, 1_000, 10_000]))
    money(axes.yaxis)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.legend(loc="upper left", fontsize=10)
    return figure


@in_style
def lateness(quiet: pd.DataFrame, gap: pd.DataFrame) -> Figure:
    """The spread of P&L by how late a desk is, beside its law; and the mean of afternoons with a gap."""
    figure, (above, below) = new(2, 1, height=5.4, sharex=True, height_ratios=(1.4, 1))
    seconds = quiet.index.to_numpy(dtype=float)
    above.plot(seconds, quiet["law"], "--", color=PALETTE["theory"], label="law")
    above.errorbar(
        seconds, quiet["spread"], 2 * quiet["error of spread"], fmt="o", markersize=4, color=PALETTE["hedged"],
        label="delta at each quote, no costs",
    )  # fmt: skip
    above.plot(
        seconds,
        quiet["desk, spread"],
        "s",
        markersize=4,
        color=PALETTE["unhedged"],
        label="the desk, with its band",
    )
    above.set(title="spread of a quiet afternoon", ylim=(0, None))
    above.legend(loc="upper left", fontsize=10)
    below.errorbar(
        gap.index.to_numpy(dtype=float), gap["mean"], 2 * gap["its error"], fmt="o-", markersize=4,
        color=PALETTE["loss"],
    )  # fmt: skip
    below.set(title="mean of an afternoon with a gap", xlabel="seconds late", ylim=(1.3 * gap["mean"].min(), 0))
    below.set_xscale("symlog", linthresh=10)
    below.set_xlim(-1.5, 1.3 * seconds[-1])
    below.xaxis.set_major_locator(FixedLocator(seconds.tolist()))
    below.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    below.xaxis.set_minor_locator(NullLocator())
    for axes in (above, below):
        money(axes.yaxis)
    return figure


@in_style
def missing_parts(parts: pd.DataFrame) -> Figure:
    """The spread of an afternoon's P&L without one part or another, with two errors, and the mean beside it."""
    figure, axes = new(height=0.5 + 0.45 * len(parts))
    places = np.arange(len(parts))[::-1]
    colours = [PALETTE["hedged"], *[PALETTE["unhedged"]] * (len(parts) - 1)]
    axes.barh(
        places, parts["spread"], 0.6, xerr=2 * parts["error of spread"], color=colours, ecolor=PALETTE["ink"]
    )
    reach = 1.45 * float(parts["spread"].max())
    for place, value in zip(places, parts["mean"], strict=True):
        worst = value == parts["mean"].min()
        text = f"{MINUS if value < 0 else ''}${abs(value):,.0f}"
        axes.text(reach, place, text, va="center", ha="right", color=PALETTE["loss" if worst else "ink"])
    axes.text(reach, places[0] + 0.75, "mean", ha="right", color=PALETTE["ink"])
    axes.set_yticks(places, [str(each) for each in parts.index], fontsize=9.5)
    axes.set(xlim=(0, reach), ylim=(-0.6, places[0] + 0.6))
    axes.set_title("spread")
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(FixedLocator([0, 2_000, 4_000]))
    money(axes.xaxis)
    return figure
