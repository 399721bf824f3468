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
LAYERS = pd.DataFrame({"standard deviation": [90.0, 9.0], "error of deviation": [3.0, 0.3]}, ["delta", "gamma"])

DRAWN = {
    "remainder": lambda: figures.remainder(CALL, spot=100, volatility=0.3, quantity=-1000, reach=15),
    "rebalancing": lambda: figures.rebalancing(RUN),
    "histogram": lambda: figures.histogram({"one": RUN.pnl, "two": 2 * RUN.pnl}),
    "error_law": lambda: figures.error_law(GRID, 1 / GRID, 1 / GRID),
    "trade_off": lambda: figures.trade_off({"a": pd.DataFrame({"policy": RUN.summary()}).T}),
    "explained": lambda: figures.explained(hl.explain(RUN, path=0)),
    "worlds": lambda: figures.worlds({"a": hl.GBM(100, 0.2).simulate(1, 12, 20, seed=1)}),
    "crash_and_desk": lambda: figures.crash_and_desk(CRASH.prices.close, CRASH.prices.close - 300),
    "gap_by_strike": lambda: figures.gap_by_strike(GRID, {"loss": -GRID}, before=7, after=5),
    "replica_and_put": lambda: figures.replica_and_put(-GRID / 100, GRID, GRID / 2, marked=-0.05),
    "chances_to_trade": lambda: figures.chances_to_trade(GRID, 1 / GRID),
    "marked_books": lambda: figures.marked_books(["Mon", "Tue"], [100, 101], [0.2, 0.3], {"book": GRID[:2]}),
    "greek_plane": lambda: figures.greek_plane({"a": hl.black_scholes.greeks("call", 100, GRID + 90, 0.25, 0.2)},
                                               {"buy": (0.05, 40.0), "sell": (-0.02, -20.0)}),
    "layers": lambda: figures.layers({"calm": {"daily": LAYERS, "once": 2 * LAYERS}}),
    "asked_for": lambda: figures.asked_for(GRID, {"zomma": 5 * GRID, "vanna": GRID}, limit=10, today=5),
}


def test_every_figure_of_the_module_is_drawn_here():
    public = {name for name, thing in inspect.getmembers(figures, inspect.isfunction)
              if not name.startswith("_")}  # fmt: skip
    assert public - {"new", "in_style"} == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_deterministic_svg_with_text_and_no_foreign_colour(name):
    first, again = (DRAWN[name]()._repr_svg_() for _ in range(2))
    assert first == again
    assert "<text" in first
    colours = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", first)}
    assert colours <= set(figures.PALETTE.values())


def drawn(figure, panel=0):
    """The lines of one panel by their labels."""
    return {line.get_label(): line.get_ydata() for line in figure.axes[panel].get_lines()}


def test_the_remainder_shows_the_hedged_position_and_its_parabola():
    lines = drawn(figures.remainder(CALL, spot=100, volatility=0.3, quantity=-1000, reach=15))
    greeks = hl.black_scholes.greeks("call", 100, 105, 0.25, 0.3)
    up = hl.black_scholes.price("call", 115, 105, 0.25, 0.3) - greeks.price
    assert lines["option alone"][-1] == pytest.approx(-1000 * up)
    assert lines["option and shares"][-1] == pytest.approx(-1000 * (up - 15 * greeks.delta))
    assert lines["second-order term"][-1] == pytest.approx(-500 * greeks.gamma * 15**2)


@pytest.mark.parametrize("policy", [hl.Clock(), hl.DeltaBand(0.1, to="edge")], ids=repr)
def test_rebalancing_shows_what_delta_asks_for_whatever_is_held(policy):
    run = hl.hedge(CALL, quantity=-1000, market=hl.GBM(100, 0.3), steps=20, seed=1, volatility=0.3, policy=policy)
    lines = drawn(figures.rebalancing(run), panel=1)
    np.testing.assert_allclose(lines["delta asks for"], 1000 * run.ledger().delta)
    np.testing.assert_allclose(lines["held"], run.ledger().shares)


def test_a_figure_refuses_more_series_than_it_has_colours():
    with pytest.raises(ValueError, match="at most 4 can be told apart in this figure, got 5"):
        figures.histogram(dict.fromkeys("abcde", RUN.pnl))


def test_what_is_explained_adds_up_to_the_pnl():
    lines = drawn(figures.explained(hl.explain(RUN, path=4)))
    np.testing.assert_allclose(lines["profit or loss"][-1], RUN.pnl[4])
    assert {"gamma", "theta"} < set(lines)


def test_the_trade_off_shows_a_frontier_with_its_standard_errors():
    table = hl.frontier(CALL, {"daily": hl.Clock(), "band": hl.DeltaBand(0.1)}, hl.ProportionalCost(0.001),
                        market=hl.GBM(100, 0.3), volatility=0.3, steps=20, n_paths=200, seed=1)  # fmt: skip
    axes = figures.trade_off({"policies": table}).axes[0]
    bars = axes.containers[0].lines[2][1].get_segments()
    middles = [(x, (bottom + top) / 2) for (x, bottom), (_, top) in bars]
    np.testing.assert_allclose(middles, table[["cost", "standard deviation"]].to_numpy(float))
    reach = [top - bottom for (_, bottom), (_, top) in bars]
    np.testing.assert_allclose(reach, 2 * table["error of deviation"].to_numpy(float))


def test_options_of_one_expiry_lie_on_the_ray_that_is_drawn_for_them():
    greeks = hl.black_scholes.greeks("call", 100, GRID + 90, 0.25, 0.2)
    figure = figures.greek_plane({"a": greeks}, {"buy": (0.05, 40.0), "sell": (-0.02, -20.0)})
    ray, options, book = figure.axes[0].get_lines()
    slope = ray.get_ydata()[1] / ray.get_xdata()[1]
    np.testing.assert_allclose(options.get_ydata(), slope * options.get_xdata())
    np.testing.assert_allclose([book.get_xdata(), book.get_ydata()], [[0.03], [0.2]])


def test_what_a_rule_asks_for_is_cut_off_at_the_limit():
    lines = drawn(figures.asked_for([90, 100, 110], {"rule": np.array([1.0, 40.0, -2.0])}, limit=10, today=100))
    np.testing.assert_array_equal(lines["rule"], [1.0, np.nan, -2.0])
