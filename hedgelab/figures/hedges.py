"""Figures of hedges: what is left, how it is spread, what it costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    MaxNLocator,
    NullLocator,
    PercentFormatter,
    StrMethodFormatter,
)
from numpy.typing import ArrayLike

from hedgelab import black_scholes
from hedgelab.figures.style import PALETTE, Figure, coloured, count, in_style, money, new, note
from hedgelab.instruments import Option
from hedgelab.markets import Paths
from hedgelab.runs import HedgeRun
from hedgelab.validation import Floats


@in_style
def remainder(option: Option, spot: float, volatility: float, quantity: float, reach: float) -> Figure:
    """P&L of an option position at once after a move of up to `reach`: naked, hedged, and the gamma parabola."""
    greeks = black_scholes.greeks(option.kind, spot, option.strike, option.expiry, volatility)
    after = np.linspace(spot - reach, spot + reach, 201)
    naked = quantity * (option.value(after, option.expiry, volatility) - greeks.price)
    hedged = naked - quantity * greeks.delta * (after - spot)
    parabola = 0.5 * quantity * greeks.gamma * (after - spot) ** 2

    figure, axes = new()
    axes.plot(after, naked, color=PALETTE["unhedged"], label="option alone")
    axes.plot(after, hedged, color=PALETTE["hedged"], label="option and shares")
    axes.plot(after, parabola, color=PALETTE["theory"], linestyle="--", label="second-order term")
    axes.axvline(spot, color=PALETTE["faint"], linewidth=0.8)
    money(axes.yaxis)
    axes.set(xlabel="stock price after the move ($)", title="profit or loss at once")
    axes.legend(loc="lower left")
    return figure


@in_style
def rebalancing(run: HedgeRun, path: int = 0) -> Figure:
    """One path: the price above, and below it the shares held (steps) against the shares delta asks for (line)."""
    ledger = run.ledger(path)
    figure, (above, below) = new(2, 1, height=4.4, sharex=True)
    above.plot(ledger.index, ledger.spot, color=PALETTE["unhedged"])
    above.set(title="stock price ($)")
    asked = run.hedge.unit * ledger.delta
    below.plot(ledger.index, asked, color=PALETTE["theory"], linewidth=1, label="delta asks for")
    below.step(ledger.index, ledger.shares, where="post", color=PALETTE["hedged"], label="held")
    below.set(title="shares", xlabel="years since the sale" if ledger.index.name == "time" else "")
    count(below.yaxis)
    below.legend(loc="lower left")
    return figure


@in_style
def histogram(samples: dict[str, Floats], *, xlabel: str = "profit or loss at expiry", bins: int = 61) -> Figure:
    """Outcomes of several strategies over the same bins, each labelled with its name; name the widest first."""
    reach = float(np.quantile(np.abs(np.concatenate(list(samples.values()))), 0.995))
    edges = np.linspace(-reach, reach, bins)
    figure, axes = new()
    for label, sample, colour in coloured(samples, "unhedged", "theory", "hedged", "loss"):
        share = np.histogram(sample, edges)[0] / sample.size
        axes.stairs(share, edges, color=colour, fill=True, alpha=0.35)
        axes.stairs(share, edges, color=colour, linewidth=1.4, label=label)
    axes.axvline(0, color=PALETTE["faint"], linewidth=0.8)
    money(axes.xaxis)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set(xlabel=xlabel, title="share of paths")
    axes.legend(loc="upper left")
    return figure


@in_style
def error_law(steps: ArrayLike, simulated: ArrayLike, formula: ArrayLike) -> Figure:
    """The standard deviation of the hedging error against the number of rebalances, both axes logarithmic."""
    figure, axes = new()
    axes.loglog(steps, formula, color=PALETTE["theory"], linestyle="--", label="formula")
    axes.loglog(steps, simulated, "o", color=PALETTE["hedged"], label="simulated")
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(steps))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set(xlabel="number of rebalances", title="standard deviation of the P&L")
    axes.legend(loc="lower left")
    return figure


@in_style
def trade_off(families: dict[str, pd.DataFrame]) -> Figure:
    """Risk against cost, a line for each family of policies: from `frontier`, or rows of `HedgeRun.summary`.

    Bars of one standard error are drawn where the table has them.
    """
    figure, axes = new()
    for family, table, colour in coloured(families, "unhedged", "hedged", "theory"):
        bars = {"xerr": table.get("error of cost"), "yerr": table.get("error of deviation")}
        axes.errorbar(table["cost"], table["standard deviation"], fmt="o-", color=colour, label=family, **bars)
        for label, row in table.iterrows():
            point = (row["cost"], row["standard deviation"])
            note(axes, str(label), point, colour, below=colour == PALETTE["hedged"])
    money(axes.xaxis)
    money(axes.yaxis)
    axes.margins(x=0.13, y=0.1)  # room for the notes
    axes.set(xlabel="mean cost", title="standard deviation of the P&L")
    axes.legend(loc="upper center")
    return figure


@in_style
def explained(parts: pd.DataFrame) -> Figure:
    """One path's P&L and what it is made of, both cumulated: the largest parts of `explain` with a path given.

    Examples
    --------
    >>> import hedgelab as hl
    >>> call, market = hl.Option("call", 100, 0.25), hl.GBM(100, 0.25)
    >>> run = hl.hedge(call, market=market, volatility=0.2, steps=63, seed=1)
    >>> figure = explained(hl.explain(run, path=0))
    """
    running = parts.cumsum()
    largest = parts.abs().sum().nlargest(4).index
    figure, axes = new(height=3.8)
    shown = {name: running[name] for name in parts.columns if name in largest and running[name].any()}
    for label, part, colour in coloured(shown, "loss", "hedged", "theory", "unhedged"):
        axes.plot(running.index, part, color=colour, linewidth=1.3, label=label)
    axes.plot(running.index, running.sum(axis=1), color=PALETTE["ink"], linewidth=2.2, label="profit or loss")
    axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    money(axes.yaxis)
    axes.set(title="gain since inception", xlabel="years since inception" if parts.index.name == "time" else "")
    axes.legend(loc="best", ncols=2)
    return figure


@in_style
def worlds(markets: dict[str, Paths], shown: int = 12) -> Figure:
    """A few paths of each market, one panel each, on one scale.

    Examples
    --------
    >>> import hedgelab as hl
    >>> figure = worlds({"calm": hl.GBM(100, 0.1).simulate(expiry=1, steps=12, n_paths=5, seed=1)})
    """
    figure, panels = new(1, len(markets), height=2.8, sharey=True, squeeze=False)
    for axes, (name, paths, colour) in zip(
        panels[0], coloured(markets, "hedged", "unhedged", "theory", "loss"), strict=True
    ):
        axes.plot(paths.times, paths.spot[:, :shown], color=colour, linewidth=0.8, alpha=0.8)
        axes.set(title=name, xlabel="years")
        axes.xaxis.set_major_locator(MaxNLocator(3))
    money(panels[0][0].yaxis)
    return figure
