"""The look of every figure: colours, letters, and the marks that figures share.

Nothing here touches pyplot or its global state.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import ConciseDateFormatter, MonthLocator
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.ticker import FuncFormatter, StrMethodFormatter

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


def in_style(draw: Callable[Parameters, Figure]) -> Callable[Parameters, Figure]:
    """Draw in the book's style, whatever the reader's own settings are: a decorator.

    >>> @in_style
    ... def one_line() -> Figure:
    ...     figure, axes = new()
    ...     axes.plot([1, 2], [3, 4], color=PALETTE["hedged"])
    ...     return figure
    >>> figure = one_line()
    """

    @functools.wraps(draw)
    def styled(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return styled


def coloured(items: dict[str, Any], *names: str) -> Iterator[tuple[str, Any, str]]:
    """Each item with a colour of its own."""
    if len(items) > len(names):
        raise ValueError(f"at most {len(names)} can be told apart in this figure, got {len(items)}")
    for (label, item), name in zip(items.items(), names, strict=False):
        yield label, item, PALETTE[name]


def note(axes: Axes, text: str, point: tuple[float, float], colour: str, *, below: bool = False) -> None:
    """Words beside a point: to the right and above it, or to the left and below."""
    offset, alignment = ((-6.0, -12.0), "right") if below else ((6.0, 5.0), "left")
    axes.annotate(text, point, xytext=offset, textcoords="offset points", ha=alignment, color=colour, size=10)


def mark(axes: Axes, position: float, text: str, colour: str, *, height: float = 0.03, line: str = "-") -> None:
    """An upright line at `position` with words beside it, at a `height` that is a fraction of the panel's."""
    axes.axvline(position, color=colour, linewidth=1, linestyle=line)
    point, system = (position, height), axes.get_xaxis_transform()
    axes.annotate(text, point, xycoords=system, xytext=(5, 0), textcoords="offset points", color=colour, size=10)


def money(axis: Axis) -> None:
    """Dollars with thousands separators, the minus sign before the dollar."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{MINUS if value < 0 else ''}${abs(value):,.6g}"))


def count(axis: Axis) -> None:
    """Whole numbers with thousands separators."""
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def dates(axis: Axis) -> None:
    """Months by name."""
    locator = MonthLocator()
    axis.set_major_locator(locator)
    axis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
