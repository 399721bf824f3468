"""The picture beside a link to the book: what a hedge takes out of a sold option, and the book's name."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np

from hedgelab.figures.style import PALETTE, STYLE, Figure
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.markets import GBM
from hedgelab.policies import Clock

#: In pixels: what the places that show such cards ask for.
SIZE = (1200, 630)
PAPER = "#fffefb"


def social_card(title: str, author: str = "") -> bytes:
    """A PNG of 1200 by 630 pixels, drawn from 3,000 hedges; the same bytes on every run.

    >>> social_card("A book")[1:4]
    b'PNG'
    """
    call = Option("call", strike=100, expiry=0.25)
    market = GBM(spot=100, volatility=0.20)
    runs = [
        hedge(
            call, quantity=-1000, market=market, volatility=0.20, steps=steps, n_paths=3_000, seed=1, policy=policy
        )
        for steps, policy in ((63, Clock(63)), (63, None))
    ]
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor=PAPER)
        axes = figure.add_axes((0.07, 0.12, 0.86, 0.46))
        bins = np.linspace(-9_000, 5_000, 90).tolist()
        for run, colour in zip(runs, ("unhedged", "hedged"), strict=True):
            axes.hist(run.pnl, bins=bins, color=PALETTE[colour], alpha=0.75)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xticks([])
        for place, words, colour in (
            ((0.05, 0.30), "sold, and hedged once", "unhedged"),
            ((0.68, 0.75), "hedged every day", "hedged"),
        ):
            axes.text(*place, words, transform=axes.transAxes, color=PALETTE[colour], fontsize=20)
        figure.text(0.07, 0.80, title, fontsize=38, color="#1d2530", weight="bold")
        figure.text(0.07, 0.06, "profit or loss on 1,000 calls, 3,000 paths", fontsize=14, color=PALETTE["ink"])
        figure.text(0.07, 0.70, author, fontsize=20, color="#55606e")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=100, facecolor=PAPER, metadata={"Software": None})
    return buffer.getvalue()
