"""Every plot the chapters use.

A figure makes one point.  Each function here takes results (a run, a case, arrays) and returns a `Figure`
that a notebook shows as SVG: transparent, its text left as text, its colours from the one `PALETTE` below, so
that a page can recolour it for dark mode.  Nothing here touches pyplot or its global state.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import ConciseDateFormatter, MonthLocator
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullLocator,
    PercentFormatter,
    StrMethodFormatter,
)
from numpy.typing import ArrayLike

from hedgelab import black_scholes
from hedgelab.instruments import Option
from hedgelab.markets import Paths
from hedgelab.runs import HedgeRun
from hedgelab.validation import Floats

#: The book's colours by role.  Each is legible on white and on the dark page; the site's style sheet lists the
#: same names and swaps lighter shades in when the page is dark.
PALETTE = {
    "ink": "#5b6472",  # text, ticks, axes: becomes the page's own text colour
    "faint": "#aab1bb",  # grid, spines, things one looks past
    "hedged": "#0f766e",  # the strategy under discussion
    "unhedged": "#b45309",  # what it is compared with
    "loss": "#be123c",  # losses, crashes
    "theory": "#6d4fc4",  # a formula drawn over an experiment
}

Parameters = ParamSpec("Parameters")

MINUS = "\N{MINUS SIGN}"

STYLE: Any = {
    "font.family": ["sans-serif"],
    "font.size": 11.5,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.labelcolor": PALETTE["ink"],
    "axes.edgecolor": PALETTE["faint"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALETTE["faint"],
    "grid.alpha": 0.35,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "lines.linewidth": 1.8,
    "text.color": PALETTE["ink"],
    "xtick.color": PALETTE["ink"],
    "ytick.color": PALETTE["ink"],
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "hedgelab",  # the same figure gives the same bytes on every run
}


class Figure(MatplotlibFigure):
    """A Matplotlib figure in the book's style that shows itself as SVG in a notebook.

    Examples
    --------
    >>> "<svg" in Figure()._repr_svg_()
    True
    """

    def _repr_svg_(self) -> str:
        with mpl.rc_context(STYLE):
            buffer = io.StringIO()
            self.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return buffer.getvalue()


def new(rows: int = 1, columns: int = 1, *, height: float = 3.4, **options: Any) -> tuple[Figure, Any]:
    """An empty figure as wide as the page's text, and its axes (one, or an array of them).

    >>> figure, axes = new()
    """
    figure = Figure(figsize=(5.8, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def _in_style(draw: Callable[Parameters, Figure]) -> Callable[Parameters, Figure]:
    """Draw in the book's style, whatever the reader's own settings are."""

    @functools.wraps(draw)
    def styled(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return styled


@_in_style
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
    _money(axes.yaxis)
    axes.set(xlabel="stock price after the move ($)", title="profit or loss at once")
    axes.legend(loc="lower left")
    return figure


@_in_style
def rebalancing(run: HedgeRun, path: int = 0) -> Figure:
    """One path: the price above, and below it the shares held (steps) against the shares delta asks for (line)."""
    ledger = run.ledger(path)
    figure, (above, below) = new(2, 1, height=4.4, sharex=True)
    above.plot(ledger.index, ledger.spot, color=PALETTE["unhedged"])
    above.set(title="stock price ($)")
    asked = -run.hedge.quantity * ledger.delta
    below.plot(ledger.index, asked, color=PALETTE["theory"], linewidth=1, label="delta asks for")
    below.step(ledger.index, ledger.shares, where="post", color=PALETTE["hedged"], label="held")
    below.set(title="shares", xlabel="years since the sale" if ledger.index.name == "time" else "")
    _count(below.yaxis)
    below.legend(loc="lower left")
    return figure


@_in_style
def histogram(samples: dict[str, Floats], *, xlabel: str = "profit or loss at expiry", bins: int = 61) -> Figure:
    """Outcomes of several strategies over the same bins, each labelled with its name; name the widest first."""
    reach = float(np.quantile(np.abs(np.concatenate(list(samples.values()))), 0.995))
    edges = np.linspace(-reach, reach, bins)
    figure, axes = new()
    for label, sample, colour in _coloured(samples, "unhedged", "theory", "hedged", "loss"):
        share = np.histogram(sample, edges)[0] / sample.size
        axes.stairs(share, edges, color=colour, fill=True, alpha=0.35)
        axes.stairs(share, edges, color=colour, linewidth=1.4, label=label)
    axes.axvline(0, color=PALETTE["faint"], linewidth=0.8)
    _money(axes.xaxis)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set(xlabel=xlabel, title="share of paths")
    axes.legend(loc="upper left")
    return figure


@_in_style
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


@_in_style
def trade_off(families: dict[str, pd.DataFrame]) -> Figure:
    """Risk against cost, a line for each family of policies: from `frontier`, or rows of `HedgeRun.summary`.

    Bars of one standard error are drawn where the table has them.
    """
    figure, axes = new()
    for family, table, colour in _coloured(families, "unhedged", "hedged", "theory"):
        bars = {"xerr": table.get("error of cost"), "yerr": table.get("error of deviation")}
        axes.errorbar(table["cost"], table["standard deviation"], fmt="o-", color=colour, label=family, **bars)
        for label, row in table.iterrows():
            point = (row["cost"], row["standard deviation"])
            _note(axes, str(label), point, colour, below=colour == PALETTE["hedged"])
    _money(axes.xaxis)
    _money(axes.yaxis)
    axes.margins(x=0.13, y=0.1)  # room for the notes
    axes.set(xlabel="mean cost", title="standard deviation of the P&L")
    axes.legend(loc="upper center")
    return figure


@_in_style
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
    for label, part, colour in _coloured(shown, "loss", "hedged", "theory", "unhedged"):
        axes.plot(running.index, part, color=colour, linewidth=1.3, label=label)
    axes.plot(running.index, running.sum(axis=1), color=PALETTE["ink"], linewidth=2.2, label="profit or loss")
    axes.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    _money(axes.yaxis)
    axes.set(title="gain since inception", xlabel="years since inception" if parts.index.name == "time" else "")
    axes.legend(loc="best", ncols=2)
    return figure


@_in_style
def worlds(markets: dict[str, Paths], shown: int = 12) -> Figure:
    """A few paths of each market, one panel each, on one scale.

    Examples
    --------
    >>> import hedgelab as hl
    >>> figure = worlds({"calm": hl.GBM(100, 0.1).simulate(expiry=1, steps=12, n_paths=5, seed=1)})
    """
    figure, panels = new(1, len(markets), height=2.8, sharey=True, squeeze=False)
    for axes, (name, paths, colour) in zip(
        panels[0], _coloured(markets, "hedged", "unhedged", "theory", "loss"), strict=True
    ):
        axes.plot(paths.times, paths.spot[:, :shown], color=colour, linewidth=0.8, alpha=0.8)
        axes.set(title=name, xlabel="years")
        axes.xaxis.set_major_locator(MaxNLocator(3))
    _money(panels[0][0].yaxis)
    return figure


@_in_style
def crash_and_desk(closes: pd.Series, pnl: pd.Series) -> Figure:
    """The index above, and below it the running P&L of a desk that hedged its options through it."""
    figure, (above, below) = new(2, 1, height=4.6, sharex=True)
    above.plot(closes.index, closes, color=PALETTE["unhedged"])
    above.set_title("S&P 500 at the close")
    _count(above.yaxis)
    below.plot(pnl.index, pnl, color=PALETTE["hedged"])
    below.fill_between(
        pnl.index, pnl, 0, where=(pnl < 0).to_numpy(), color=PALETTE["loss"], alpha=0.18, linewidth=0
    )
    below.axhline(0, color=PALETTE["faint"], linewidth=0.8)
    below.set_title("Running profit or loss of the desk")
    _money(below.yaxis)
    _dates(below.xaxis)
    return figure


@_in_style
def gap_by_strike(strikes: ArrayLike, losses: dict[str, Floats], before: float, after: float) -> Figure:
    """What one day's gap from `before` to `after` cost a hedged option, by its strike."""
    figure, axes = new()
    for label, loss, colour in _coloured(losses, "loss", "hedged", "theory"):
        axes.plot(strikes, loss, color=colour, label=label)
    for price, name in ((before, "before"), (after, "after")):
        _mark(axes, price, name, PALETTE["ink"])
    _money(axes.yaxis)
    axes.set(xlabel="strike", title="profit or loss on the day")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.12))
    return figure


@_in_style
def replica_and_put(moves: ArrayLike, put: Floats, replica: Floats, marked: float) -> Figure:
    """What a put gains in a gap and what the shares that imitate it gain, with one gap marked."""
    figure, axes = new()
    percent = 100 * np.asarray(moves)
    axes.plot(percent, put, color=PALETTE["hedged"], label="the put")
    axes.plot(percent, replica, color=PALETTE["unhedged"], label="its replica")
    axes.fill_between(percent, replica, put, color=PALETTE["loss"], alpha=0.15, linewidth=0)
    _mark(axes, 100 * marked, "19 October 1987", PALETTE["loss"], height=0.93, line=":")
    axes.xaxis.set_major_formatter(PercentFormatter(100, decimals=0))
    _money(axes.yaxis)
    axes.set(xlabel="size of the gap", title="gain per option")
    axes.legend(loc="upper center", bbox_to_anchor=(0.6, 0.85))
    return figure


@_in_style
def chances_to_trade(trades: ArrayLike, shortfall: ArrayLike) -> Figure:
    """What the replica falls short of the put, by the number of times it could trade on the way down."""
    figure, axes = new()
    axes.semilogx(trades, shortfall, "o-", color=PALETTE["loss"])
    axes.xaxis.set_major_locator(FixedLocator(list(np.asarray(trades))))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:.2f}"))
    axes.set(xlabel="trades on the way down", title="shortfall per option")
    return figure


def _coloured(items: dict[str, Any], *names: str) -> Iterator[tuple[str, Any, str]]:
    """Each item with a colour of its own."""
    if len(items) > len(names):
        raise ValueError(f"at most {len(names)} can be told apart in this figure, got {len(items)}")
    for (label, item), name in zip(items.items(), names, strict=False):
        yield label, item, PALETTE[name]


def _note(axes: Axes, text: str, point: tuple[float, float], colour: str, *, below: bool = False) -> None:
    """Words beside a point: to the right and above it, or to the left and below."""
    offset, alignment = ((-6.0, -12.0), "right") if below else ((6.0, 5.0), "left")
    axes.annotate(text, point, xytext=offset, textcoords="offset points", ha=alignment, color=colour, size=10)


def _mark(axes: Axes, position: float, text: str, colour: str, *, height: float = 0.03, line: str = "-") -> None:
    """An upright line at `position` with words beside it, at a `height` that is a fraction of the panel's."""
    axes.axvline(position, color=colour, linewidth=1, linestyle=line)
    point, system = (position, height), axes.get_xaxis_transform()
    axes.annotate(text, point, xycoords=system, xytext=(5, 0), textcoords="offset points", color=colour, size=10)


def _money(axis: Axis) -> None:
    """Dollars with thousands separators, the minus sign before the dollar."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{MINUS if value < 0 else ''}${abs(value):,.6g}"))


def _count(axis: Axis) -> None:
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _dates(axis: Axis) -> None:
    locator = MonthLocator()
    axis.set_major_locator(locator)
    axis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
