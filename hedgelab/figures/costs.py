"""Figures of costs: what a rule for trading pays, what it leaves open, and what the client is quoted for it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import PALETTE, Figure, coloured, count, in_style, money, new, note
from hedgelab.runs import HedgeRun


@in_style
def desks(runs: dict[str, HedgeRun], path: int = 0) -> Figure:
    """One path, hedged by several rules: the shares held above, and below what the broker has been paid so far.

    Examples
    --------
    >>> import hedgelab as hl
    >>> call, terms = hl.Option("call", 100, 0.25), dict(market=hl.GBM(100, 0.2), volatility=0.2, steps=63, seed=1)
    >>> cost = hl.ProportionalCost(0.002)
    >>> figure = desks({str(rule): hl.hedge(call, policy=rule, cost=cost, **terms)
    ...                 for rule in (hl.Clock(), hl.DeltaBand(0.1))})
    """
    figure, (above, below) = new(2, 1, height=4.6, sharex=True)
    for label, run, colour in coloured(runs, "unhedged", "hedged", "theory"):
        ledger = run.ledger(path).iloc[:-1]  # at expiry nothing is traded
        above.step(ledger.index, ledger.shares, where="post", color=colour, linewidth=1.4, label=label)
        below.step(ledger.index, ledger.cost.cumsum(), where="post", color=colour, label=label)
    above.set(title="shares held")
    count(above.yaxis)
    above.legend(loc="best")
    below.set(title="paid to the broker so far", xlabel="years since the sale")
    below.set_ylim(bottom=0)
    money(below.yaxis)
    return figure


@in_style
def mismatches(times: ArrayLike, rules: dict[str, ArrayLike], *, xlabel: str = "time") -> Figure:
    """How far what is held is from delta, a panel for each rule, all on one scale.

    Examples
    --------
    >>> figure = mismatches([0, 1, 2], {"clock": [0.0, 0.1, 0.0], "band": [0.0, 0.05, 0.05]})
    """
    figure, panels = new(len(rules), 1, height=1.1 + 1.15 * len(rules), sharex=True, sharey=True, squeeze=False)
    for axes, (label, mismatch, colour) in zip(
        panels[:, 0], coloured(dict(rules), "unhedged", "theory", "hedged"), strict=True
    ):
        axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
        axes.plot(times, mismatch, color=colour, linewidth=0.9)
        axes.set(title=label)
    panels[-1, 0].set(xlabel=xlabel)
    return figure


@in_style
def best_frequency(families: Mapping[str, pd.DataFrame], column: str = "all-in") -> Figure:
    """What hedging takes, risk included, by the mean number of trades; the least of each family is marked.

    Examples
    --------
    >>> table = pd.DataFrame({"trades": [10, 30, 100], "all-in": [50.0, 30.0, 60.0]})
    >>> figure = best_frequency({"clock": table})
    """
    figure, axes = new()
    for label, table, colour in coloured(dict(families), "unhedged", "hedged", "theory"):
        axes.plot(table["trades"], table[column], "o-", color=colour, markersize=4, label=label)
        least = table.loc[table[column].idxmin()]
        axes.plot(least["trades"], least[column], "o", color=colour, markersize=11, fillstyle="none")
        note(axes, f"${least[column]:,.0f}", (least["trades"], least[column] * 0.97), colour, below=True)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator([5, 10, 20, 50, 100, 200, 500]))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(bottom=0)
    money(axes.yaxis)
    axes.set(xlabel="mean number of trades", title="mean cost and the price of the risk left")
    axes.legend(loc="lower left")
    return figure


@in_style
def quotes(table: pd.DataFrame, fair: float, band: tuple[float, float] | None = None) -> Figure:
    """The bid and the ask that pay for hedging by the clock, by the days between trades: formula and simulation.

    Parameters
    ----------
    table : indexed by days; columns "bid" and "ask" from a formula, "simulated bid" and "simulated ask"
    fair : what the option is worth where trading is free
    band : bid and ask of a hedger who trades by a band, drawn as a strip

    Examples
    --------
    >>> columns = ["bid", "simulated bid", "ask", "simulated ask"]
    >>> table = pd.DataFrame([[3.0, 3.1, 5.0, 4.9], [3.5, 3.5, 4.5, 4.4]], [1, 5], columns)
    >>> figure = quotes(table, fair=4.0, band=(3.8, 4.2))
    """
    figure, axes = new()
    days = table.index.to_numpy(dtype=np.float64)
    for side, colour in (("ask", PALETTE["unhedged"]), ("bid", PALETTE["theory"])):
        axes.plot(days, table[side], color=colour, label=f"{side}, formula")
        axes.plot(days, table[f"simulated {side}"], "o", color=colour, label=f"{side}, simulated")
    if band is not None:
        axes.axhspan(*band, color=PALETTE["hedged"], alpha=0.15, linewidth=0, label="bid to ask of the band")
    axes.axhline(fair, color=PALETTE["ink"], linewidth=0.9, label="fair value")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(days)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:.2f}"))
    axes.set(xlabel="trading days between two trades", title="price of one call")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.08), ncols=3, fontsize=10)
    return figure
