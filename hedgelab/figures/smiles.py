"""Figures of smiles: the densities that they imply, their causes, parameters and fits, and expiries that cross."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hedgelab.figures.style import MINUS, PALETTE, Figure, coloured, in_style, mark, new
from hedgelab.validation import Floats


def _signed(axes: Axes, x: Floats, values: Floats, colour: str, **look: object) -> None:
    """A curve in its colour, in that of losses where it is negative, over a line at zero."""
    axes.axhline(0, color=PALETTE["ink"], linewidth=0.8)
    axes.plot(x, np.where(values >= 0, values, np.nan), color=colour, **look)  # type: ignore[arg-type]
    below = np.where(values <= 0, values, np.nan)
    axes.plot(x, below, color=PALETTE["loss"], linewidth=2.4)
    axes.fill_between(x, below, 0, color=PALETTE["loss"], alpha=0.25, linewidth=0)


@in_style
def smile_and_density(
    strikes: ArrayLike, volatility: ArrayLike, density: ArrayLike, closer: tuple[float, float, float], xlabel: str
) -> Figure:
    """A smile, the density that it implies, and the same between two strikes up to a height."""
    strikes, volatility, density = (np.asarray(each, float) for each in (strikes, volatility, density))
    low, high, height = closer
    figure, axes = new(1, 3, height=2.9)
    axes[0].plot(strikes, 100 * volatility, color=PALETTE["hedged"])
    axes[0].set(title="volatility, %", xlabel=xlabel, ylim=(0, None))
    _signed(axes[1], strikes, density, PALETTE["hedged"])
    axes[1].set(title="density", xlabel=xlabel)
    near = (strikes >= low) & (strikes <= high)
    _signed(axes[2], strikes[near], density[near], PALETTE["hedged"])
    axes[2].set(title="a part of it, closer", xlabel=xlabel, ylim=(-height, height), xlim=(low, high))
    for each in axes[1:]:
        each.set_yticks([0], labels=["0"])
    for each in axes:
        each.locator_params(axis="x", nbins=3)
    return figure


@in_style
def causes_of_a_smile(strikes: ArrayLike, smiles: dict[str, Floats], quoted: ArrayLike) -> Figure:
    """The volatilities that markets of different kinds imply, by strike; those `quoted` strikes are shaded."""
    figure, axes = new()
    quoted = np.asarray(quoted, float)
    axes.axvspan(float(quoted.min()), float(quoted.max()), color=PALETTE["faint"], alpha=0.25, linewidth=0)
    for (label, volatility, colour), line in zip(
        coloured(smiles, "loss", "hedged", "theory"), ("-", "--", "-."), strict=False
    ):
        axes.plot(strikes, 100 * volatility, color=colour, linestyle=line, label=label)
    axes.set(title="implied volatility, %", xlabel="strike ($)")
    axes.legend()
    return figure


@in_style
def svi_parameters(log_moneyness: ArrayLike, turned: dict[str, dict[str, Floats]]) -> Figure:
    """The total variance before and after each parameter is turned, each under the value that it has."""
    figure, axes = new(2, 3, height=4.2, sharex=True, sharey=True)
    for each, (name, (before, after)) in zip(
        axes.flat, ((name, tuple(pair.items())) for name, pair in turned.items()), strict=False
    ):
        each.plot(log_moneyness, before[1], color=PALETTE["faint"])
        each.plot(log_moneyness, after[1], color=PALETTE["hedged"])
        each.set_title(f"{name}: {before[0]} → {after[0]}".replace("-", MINUS), size=10)
    for each in axes.flat[len(turned) :]:
        each.set_axis_off()
    for each in axes[-1]:
        each.set_xlabel("log moneyness k")
    return figure


@in_style
def fitted_smiles(
    quotes: tuple[ArrayLike, ArrayLike],
    log_moneyness: ArrayLike,
    volatility: dict[str, Floats],
    g: dict[str, Floats],
) -> Figure:
    """Quotes with the smiles that were fitted to them, and the g of each below."""
    k = np.asarray(log_moneyness, float)
    figure, (above, below) = new(2, 1, height=5.2, sharex=True)
    seen, quoted = (np.asarray(each, float) for each in quotes)
    above.plot(seen, 100 * quoted, "o", color=PALETTE["ink"], markersize=3, label="quotes")
    for (label, line, colour), style in zip(coloured(volatility, "unhedged", "hedged"), ("-", "--"), strict=False):
        above.plot(k, 100 * line, color=colour, linestyle=style, label=label)
        _signed(below, k, g[label], colour, linestyle=style)
    mark(below, float(seen.max()), "last quote", PALETTE["ink"], height=0.85, line=":")
    above.axvline(float(seen.max()), color=PALETTE["ink"], linewidth=1, linestyle=":")
    above.set_title("implied volatility, %")
    above.legend()
    below.set(title="g", xlabel="log moneyness k")
    return figure


@in_style
def total_variances(log_moneyness: ArrayLike, quoted: dict[str, Floats], mended: dict[str, Floats]) -> Figure:
    """Total variance of some expiries, as quoted and as a surface that may not fall has it."""
    k = np.asarray(log_moneyness, float)
    figure, axes = new()
    for label, variance, colour in coloured(quoted, "loss", "hedged"):
        axes.plot(k, variance, color=colour, label=label)
    for label, variance, colour in coloured(mended, "theory", "unhedged"):
        axes.plot(k, variance, color=colour, linestyle="--", label=label)
    axes.set(title="total variance w", xlabel="log moneyness k", ylim=(0, None))
    axes.legend()
    return figure
