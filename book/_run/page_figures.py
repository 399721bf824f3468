"""Matplotlib's backend on a page: `pyplot.show()` shows what is open below the cell."""

from __future__ import annotations

from typing import Any

from cells import show_figures
from matplotlib.backends.backend_svg import FigureCanvasSVG as FigureCanvas
from matplotlib.backends.backend_svg import FigureManagerSVG as FigureManager

__all__ = ["FigureCanvas", "FigureManager", "show"]


def show(*_: Any, **__: Any) -> None:
    """What `pyplot.show` does."""
    show_figures()
