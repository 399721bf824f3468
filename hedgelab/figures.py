"""Every plot the chapters use.

A figure makes one point.  Each function here takes results (a run, a case, arrays) and returns a `Figure`
that a notebook shows as SVG: transparent, its text left as text, its colours from the one `PALETTE` below, so
that a page can recolour it for dark mode.  Nothing here touches pyplot or its global state.
"""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MatplotlibFigure

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

STYLE: dict[str, Any] = {
    "font.family": ["sans-serif"],
    "font.size": 11,
    "axes.titlesize": 11,
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
    """A Matplotlib figure in the book's style that shows itself as SVG in a notebook."""

    def _repr_svg_(self) -> str:
        with mpl.rc_context(STYLE):
            buffer = io.StringIO()
            self.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return buffer.getvalue()


def new(rows: int = 1, columns: int = 1, *, height: float = 3.6, **options: Any) -> tuple[Figure, Any]:
    """An empty figure as wide as the page's text, and its axes (one, or an array of them)."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, height), layout="constrained")
        axes = figure.subplots(rows, columns, **options)
    return figure, axes
