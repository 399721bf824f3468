"""Figures of options that hedge options: what they offset, what they leave, how many it takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.black_scholes import Greeks
from hedgelab.figures.style import PALETTE, Figure, coloured, count, in_style, mark, money, new
from hedgelab.validation import Floats


@in_style
def marked_books(
    days: Sequence[str], closes: ArrayLike, volatility: ArrayLike, books: dict[str, Floats]
) -> Figure:
    """The stock, the volatility at which its options trade, and the running P&L of books marked at it.

    Examples
    --------
    >>> figure = marked_books(["Mon", "Tue"], [100, 101], [0.2, 0.25], {"delta": np.array([0.0, -300.0])})
    """
    figure, (above, middle, below) = new(3, 1, height=5.6, sharex=True, height_ratios=(1, 1, 1.8))
    above.plot(days, closes, "o-", color=PALETTE["ink"])
    above.set_title("stock at the close")
    above.margins(y=0.3)
    money(above.yaxis)
    middle.plot(days, volatility, "o-", color=PALETTE["theory"])
    middle.set_title("implied volatility")
    middle.margins(y=0.2)
    middle.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for label, pnl, colour in coloured(books, "unhedged", "loss", "theory", "hedged"):
        below.plot(days, pnl, "o-", color=colour, label=label)
    below.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    below.set_title("profit or loss, every option marked to market")
    money(below.yaxis)
    figure.legend(*below.get_legend_handles_labels(), loc="outside lower right", ncols=len(books))
    return figure


@in_style
def greek_plane(expiries: dict[str, Greeks], trades: dict[str, tuple[float, float]]) -> Figure:
    """Options as arrows (gamma, vega per point): those of one expiry on one ray; trades laid end to end.

    Parameters
    ----------
    expiries : for each expiry, gamma and vega of options of several strikes
    trades : what each trade adds to gamma and to vega per unit of volatility; the last one ends at the book

    Examples
    --------
    >>> import hedgelab as hl
    >>> figure = greek_plane({"3 months": hl.black_scholes.greeks("call", 100, [95.0, 105.0], 0.25, 0.2)},
    ...                      {"buy 2": (0.05, 40.0), "sell 1": (-0.02, -20.0)})
    """
    figure, axes = new(height=4.2)
    for label, greeks, colour in coloured(expiries, "unhedged", "hedged", "theory"):
        far = 1.25 * float(np.max(greeks.gamma))
        slope = float(np.max(greeks.vega) / np.max(greeks.gamma)) / 100
        axes.plot([0, far], [0, slope * far], color=colour, linewidth=0.9, linestyle=":")
        axes.plot(greeks.gamma, np.asarray(greeks.vega) / 100, "o", color=colour, label=label)
    stops = np.cumsum([(0.0, 0.0), *trades.values()], axis=0) / (1, 100)
    arrow = {"arrowstyle": "-|>", "color": PALETTE["ink"], "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    for label, start, end in zip(trades, stops, stops[1:], strict=False):
        axes.annotate("", end, start, arrowprops=arrow)
        outwards = end[0] > start[0]
        axes.annotate(
            label,
            0.3 * start + 0.7 * end,
            xytext=(-8, 2) if outwards else (8, -6),
            textcoords="offset points",
            ha="right" if outwards else "left",
            color=PALETTE["ink"],
            size=10,
        )
    axes.plot(*stops[-1], "s", color=PALETTE["loss"], markersize=8, label="what was sold")
    axes.set(xlabel="gamma: shares per dollar", title="vega: dollars per point")
    axes.set(xlim=(0, 1.12 * stops[:, 0].max()), ylim=(0, 1.08 * stops[:, 1].max()))
    axes.legend(loc="upper left")
    return figure


@in_style
def rates(worlds: dict[str, dict[str, pd.DataFrame]]) -> Figure:
    """What hedges leave against the number of steps, both logarithmic, a panel for each world.

    Each table has a row for each number of steps and the columns "standard deviation" and "error of deviation".

    Examples
    --------
    >>> table = pd.DataFrame({"standard deviation": [30.0, 15.0], "error of deviation": [2.0, 1.0]}, [8, 32])
    >>> figure = rates({"calm": {"shares": table}})
    """
    figure, panels = new(1, len(worlds), height=4.4, sharey=True, squeeze=False)
    for axes, (world, tables) in zip(panels[0], worlds.items(), strict=True):
        for label, table, colour in coloured(tables, "unhedged", "loss", "hedged", "theory"):
            spread, error = table["standard deviation"], table["error of deviation"]
            axes.errorbar(table.index, spread, yerr=2 * error, fmt="o-", markersize=4, color=colour, label=label)
        axes.set(xscale="log", yscale="log", xlabel="steps", title=world)
        counts = sorted({steps for table in tables.values() for steps in table.index})
        axes.set_xticks(counts, [f"{steps:,}" for steps in counts])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(StrMethodFormatter("${x:,.0f}"))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return figure


@in_style
def third_options(
    clocks: dict[str, dict[str, pd.DataFrame]], levels: dict[str, float], level: str = "two options"
) -> Figure:
    """The standard deviation that a third option leaves, by its strike; a colour for each Greek.

    Parameters
    ----------
    clocks : for each panel and each Greek a table with a row for each strike and a column for each of two
        expiries, of which the second is drawn dashed
    levels : for each panel what is left without a third option
    level : what that is called

    Examples
    --------
    >>> table = pd.DataFrame({"half a year": [30.0, 20.0], "a year": [25.0, 15.0]}, [90, 110])
    >>> figure = third_options({"once": {"vanna": table}}, {"once": 40.0})
    """
    figure, panels = new(1, len(clocks), height=4.2, sharey=True, squeeze=False)
    for axes, (clock, greeks) in zip(panels[0], clocks.items(), strict=True):
        axes.axhline(levels[clock], color=PALETTE["ink"], linewidth=1.2, label=level)
        for greek, table, colour in coloured(greeks, "loss", "hedged", "theory"):
            for (_, spread), look, label in zip(table.items(), ("o-", "s--"), (greek, None), strict=False):
                axes.plot(table.index, spread, look, markersize=4, color=colour, label=label)
        axes.set(yscale="log", xlabel="strike of the third option", title=clock)
        money(axes.xaxis)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(StrMethodFormatter("${x:,.0f}"))
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@in_style
def asked_for(spots: ArrayLike, numbers: dict[str, Floats], limit: float, today: float) -> Figure:
    """How many of an option each rule asks for as the stock moves, cut off at plus and minus `limit`.

    Examples
    --------
    >>> figure = asked_for([90.0, 100.0, 110.0], {"rule": np.array([1.0, 40.0, -2.0])}, limit=10, today=100)
    """
    figure, axes = new()
    for label, number, colour in coloured(numbers, "loss", "hedged"):
        shown = np.where(np.abs(number) <= limit, number, np.nan)
        axes.plot(spots, shown, color=colour, label=label)
    axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    mark(axes, today, "at the sale", PALETTE["ink"], height=0.7, line=":")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    count(axes.yaxis)
    least = -limit if min(map(np.min, numbers.values())) < 0 else -0.05 * limit
    axes.set(xlabel="stock price ($)", title="options bought for each option sold", ylim=(least, limit))
    axes.legend(loc="upper left")
    return figure
