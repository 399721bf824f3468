"""Figures are SVG in the book's colours, the same bytes on every run."""

import inspect
import re

import numpy as np
import pandas as pd
import pytest

import hedgelab as hl
from hedgelab import figures

CALL = hl.Option("call", strike=105, expiry=0.25)
RUN = hl.hedge(CALL, quantity=-1000, market=hl.GBM(100, 0.3), steps=20, n_paths=300, seed=1, volatility=0.3)
CRASH = hl.cases.october_1987()
GRID = np.linspace(1.0, 10.0, 10)

DRAWN = {
    "remainder": lambda: figures.remainder(CALL, spot=100, volatility=0.3, quantity=-1000, reach=15),
    "rebalancing": lambda: figures.rebalancing(RUN.ledger()),
    "histogram": lambda: figures.histogram({"one": RUN.pnl, "two": 2 * RUN.pnl}),
    "error_law": lambda: figures.error_law(GRID, 1 / GRID, 1 / GRID),
    "trade_off": lambda: figures.trade_off({"a": pd.DataFrame({"policy": RUN.summary()}).T}),
    "crash_and_desk": lambda: figures.crash_and_desk(CRASH.prices.close, CRASH.prices.close - 300),
    "gap_by_strike": lambda: figures.gap_by_strike(GRID, {"loss": -GRID}, spot=5),
    "replica_and_put": lambda: figures.replica_and_put(-GRID / 100, GRID, GRID / 2, marked=-0.05),
    "chances_to_trade": lambda: figures.chances_to_trade(GRID, 1 / GRID),
}


def test_every_figure_of_the_module_is_drawn_here():
    public = {name for name, thing in inspect.getmembers(figures, inspect.isfunction)
              if thing.__module__ == figures.__name__ and not name.startswith("_")}  # fmt: skip
    assert public - {"new", "in_style"} == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_deterministic_svg_with_text_and_no_foreign_colour(name):
    first, again = (DRAWN[name]()._repr_svg_() for _ in range(2))
    assert first == again
    assert "<text" in first
    colours = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", first)}
    assert colours <= set(figures.PALETTE.values())
