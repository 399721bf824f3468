"""Every plot the chapters use.

A figure makes one point.  Each function here takes results (a run, a case, arrays) and returns a `Figure`
that a notebook shows as SVG: transparent, its text left as text, its colours from the one `PALETTE`, so that a
page can recolour it for dark mode.
"""

from hedgelab.figures.crashes import chances_to_trade, crash_and_desk, gap_by_strike, replica_and_put
from hedgelab.figures.hedges import error_law, explained, histogram, rebalancing, remainder, trade_off, worlds
from hedgelab.figures.option_hedges import asked_for, greek_plane, layers, marked_books
from hedgelab.figures.style import PALETTE, STYLE, Figure, in_style, new

__all__ = [
    "PALETTE",
    "STYLE",
    "Figure",
    "asked_for",
    "chances_to_trade",
    "crash_and_desk",
    "error_law",
    "explained",
    "gap_by_strike",
    "greek_plane",
    "histogram",
    "in_style",
    "layers",
    "marked_books",
    "new",
    "rebalancing",
    "remainder",
    "replica_and_put",
    "trade_off",
    "worlds",
]
