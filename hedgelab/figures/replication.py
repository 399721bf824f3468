"""Figures of replication: what an option costs to imitate, and what its price says of volatility."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.ticker import FixedLocator, MultipleLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, in_style, money, new
from hedgelab.validation import Floats


@in_style
def binomial_tree(
    prices: Sequence[ArrayLike], values: Sequence[ArrayLike], shares: Sequence[ArrayLike], *, when: Sequence[str]
) -> Figure:
    """A small tree: at each node the price, what the option is worth there, and the shares that replicate it.

    Each list has an entry for each step, highest price first; the last step holds no shares.
    """
    figure, axes = new(height=4.0)
    steps, worth, held = ([np.atleast_1d(step) for step in table] for table in (prices, values, shares))
    for step, (here, after) in enumerate(pairwise(steps)):
        for node, price in enumerate(here):
            for child in after[node : node + 2]:
                axes.plot([step, step + 1], [price, child], color=PALETTE["faint"], linewidth=1.2)
    for step, here in enumerate(steps):
        for node, price in enumerate(here):
            words = [(f"${price:g}", "ink"), (f"call ${worth[step][node]:.2f}", "hedged")]
            if step < len(held):
                words.append((f"hold {held[step][node]:.3f}", "theory"))
            axes.plot(step, price, "o", color=PALETTE["ink"])
            # where no line passes: left of the root, right of the leaves, over upper and under lower nodes between
            last = step == len(steps) - 1
            top = 10 if last or step == 0 else 28 if node < len(here) / 2 else -14
            side: dict[str, Any] = {"ha": "left" if last else "right", "textcoords": "offset points", "size": 10.5}
            for line, (text, colour) in enumerate(words):
                offset = (9 if last else -7, top - 14 * line)
                axes.annotate(text, (step, price), offset, color=PALETTE[colour], **side)
    axes.xaxis.set_major_locator(FixedLocator(range(len(steps))))
    axes.set_xticklabels(when)
    axes.set_xlim(-0.45, len(steps) - 0.5)
    axes.margins(y=0.12)
    axes.grid(visible=False)
    axes.yaxis.set_visible(False)
    axes.spines.left.set_visible(False)
    axes.set(title="share price, cost of the call, shares to hold")
    return figure


@in_style
def tree_convergence(steps: ArrayLike, errors: ArrayLike) -> Figure:
    """What trees of a growing number of steps miss the formula by, between two curves that fall like 1/N."""
    steps, cents = np.asarray(steps), 100 * np.asarray(errors)
    reach = np.abs(steps * cents).max() / steps
    figure, axes = new()
    axes.plot(steps, reach, color=PALETTE["theory"], linestyle="--", linewidth=1.2, label="like 1/N")
    axes.plot(steps, -reach, color=PALETTE["theory"], linestyle="--", linewidth=1.2)
    axes.plot(steps, cents, color=PALETTE["faint"], linewidth=0.6)
    for label, remainder, colour in (("N even", 0, "hedged"), ("N odd", 1, "unhedged")):
        chosen = steps % 2 == remainder
        axes.plot(steps[chosen], cents[chosen], ".", color=PALETTE[colour], markersize=5, label=label)
    axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    axes.yaxis.set_major_formatter(lambda cent, _: f"{cent:g} ¢".replace("-", MINUS))
    axes.set_ylim(-1.2 * np.abs(cents).max(), 1.2 * np.abs(cents).max())
    axes.set(xlabel="steps of the tree, N", title="tree less formula, a call")
    axes.legend(loc="upper right")
    return figure


@in_style
def cost_of_hedge(
    outcomes: dict[str, tuple[Floats, Floats]],
    payoff: Callable[[Any], Any],
    formula: float,
    *,
    shown: int = 150,
) -> Figure:
    """What each path's hedge cost, against the stock's last price: (last prices, costs) by the name of a market.

    The payoff that the hedge had to deliver, and the formula's value, are drawn as lines.
    """
    figure, axes = new()
    lasts = [last[:shown] for last, _ in outcomes.values()]
    span = np.linspace(min(map(np.min, lasts)), max(map(np.max, lasts)), 201)
    axes.plot(span, payoff(span), color=PALETTE["ink"], linestyle=":", label="paid to the client")
    axes.axhline(formula, color=PALETTE["theory"], linewidth=1.2, label="the formula")
    for label, (last, cost), colour in coloured(outcomes, "unhedged", "hedged", "loss"):
        axes.plot(last[:shown], cost[:shown], "o", color=colour, markersize=3, alpha=0.5, label=label)
    money(axes.yaxis)
    money(axes.xaxis)
    axes.set(xlabel="stock price at expiry", title="cost of the hedge, a call")
    axes.legend(loc="upper left")
    return figure


@in_style
def price_and_volatility(
    volatilities: ArrayLike, prices: dict[str, Floats], quotes: Sequence[float], tried: Sequence[float]
) -> Figure:
    """The price of options against volatility, one quote for each, and the first volatilities a search tried."""
    volatilities = np.asarray(volatilities, float)
    figure, axes = new()
    curves = coloured(prices, "hedged", "unhedged", "loss")
    for (label, curve, colour), quote in zip(curves, quotes, strict=True):
        axes.plot(volatilities, curve, color=colour, label=label)
        axes.axhline(quote, color=colour, linewidth=1, linestyle="--")
        axes.annotate(
            f"quote ${quote:.2f}",
            (volatilities[-1], quote),
            (0, 4),
            textcoords="offset points",
            ha="right",
            color=colour,
            size=10,
        )
    first = np.asarray(next(iter(prices.values())), float)
    for number, volatility in enumerate(tried, start=1):
        point = (volatility, float(np.interp(volatility, volatilities, first)))
        axes.plot(*point, "o", color=PALETTE["theory"], markersize=4)
        axes.annotate(str(number), point, (4, -12), textcoords="offset points", color=PALETTE["theory"], size=10)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:g}"))
    axes.yaxis.set_major_locator(MultipleLocator(2))
    axes.set_ylim(bottom=0)
    axes.set(xlabel="volatility", title="price of a call")
    axes.legend(loc="upper left")
    return figure
