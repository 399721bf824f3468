"""Figures are SVG in the book's colours, the same bytes on every run."""

import inspect
import re

import numpy as np
import pandas as pd
import pytest

import hedgelab as hl
from hedgelab import desk, figures

CALL = hl.Option("call", strike=105, expiry=0.25)
RUN = hl.hedge(CALL, quantity=-1000, market=hl.GBM(100, 0.3), steps=20, n_paths=300, seed=1, volatility=0.3)
CRASH = hl.cases.october_1987()
HOUR = hl.cases.flash_crash_2010().reconstruction
GRID = np.linspace(1.0, 10.0, 10)
BY_DAYS = pd.DataFrame({"expected": [3e6, 1e6], "deviation": [0.0, 5e5]}, index=[1, 2])
QUOTED = pd.DataFrame({"bid": [3.0], "ask": [5.0], "simulated bid": [3.1], "simulated ask": [4.9]}, index=[1.0])
LEFT = pd.DataFrame({"standard deviation": [90.0, 9.0], "error of deviation": [3.0, 0.3]}, [8, 32])
THIRD = pd.DataFrame({"half a year": [30.0, 20.0], "a year": [25.0, 15.0]}, [90, 110])

LATE = pd.DataFrame(
    {name: -GRID if name == "mean" else GRID for name in (
        "mean", "its error", "spread", "error of spread", "law", "desk, spread"
    )}, GRID - 1
)  # fmt: skip

DRAWN = {
    "remainder": lambda: figures.remainder(CALL, spot=100, volatility=0.3, quantity=-1000, reach=15),
    "rebalancing": lambda: figures.rebalancing(RUN),
    "histogram": lambda: figures.histogram({"one": RUN.pnl, "two": 2 * RUN.pnl}),
    "error_law": lambda: figures.error_law(GRID, 1 / GRID, 1 / GRID),
    "trade_off": lambda: figures.trade_off({"a": pd.DataFrame({"policy": RUN.summary()}).T}),
    "explained": lambda: figures.explained(hl.explain(RUN, path=0)),
    "worlds": lambda: figures.worlds({"a": hl.GBM(100, 0.2).simulate(1, 12, 20, seed=1)}),
    "bump_errors": lambda: figures.bump_errors(GRID, {"a": 1 / GRID}, 1 / GRID),
    "gamma_and_vega": lambda: figures.gamma_and_vega(CALL, 0.25, {"a year": 1.0, "a day": 1 / 365}),
    "delta_tomorrow": lambda: figures.delta_tomorrow(CALL, spot=100, volatility=0.3),
    "gammas": lambda: figures.gammas(GRID, {"20 %": 1 / GRID}, xlabel="strike", turns=(3.0, 7.0)),
    "day_results": lambda: figures.day_results(1 - GRID),
    "roads": lambda: figures.roads(GRID, {"one": np.outer(GRID, [1.0, 2.0]), "two": np.outer(GRID, [3.0])}, end=9),
    "by_path": lambda: figures.by_path(GRID, {"one": GRID, "two": -GRID}, xlabel="last price ($)"),
    "holdings": lambda: figures.holdings(GRID, {"none": -GRID, "some": GRID}, today=5),
    "shares_needed": lambda: figures.shares_needed(GRID, {"soon": GRID, "later": GRID / 2}, strike=5),
    "luck_and_skill": lambda: figures.luck_and_skill({"a": GRID, "b": -GRID}, {"a": GRID, "b": 2 * GRID}),
    "desks": lambda: figures.desks({"one": RUN, "two": RUN}),
    "mismatches": lambda: figures.mismatches(GRID, {"clock": GRID, "band": -GRID}),
    "best_frequency": lambda: figures.best_frequency({"clock": pd.DataFrame({"trades": GRID, "all-in": GRID})}),
    "quotes": lambda: figures.quotes(QUOTED, fair=4.0, band=(3.7, 4.3)),
    "crash_and_desk": lambda: figures.crash_and_desk(
        CRASH.prices.close, CRASH.prices.close - 300, {"at the VXO": CRASH.indices.vxo}
    ),
    "gap_by_strike": lambda: figures.gap_by_strike(GRID, {"loss": -GRID}, before=7, after=5),
    "replica_and_put": lambda: figures.replica_and_put(
        -GRID / 100, GRID, GRID / 2, marked=-0.05, marks={"marked at 125 %": 12.0}
    ),
    "chances_to_trade": lambda: figures.chances_to_trade(GRID, {"a": np.array([1 / GRID, 0.01 / GRID])}),
    "crowd_days": lambda: figures.crowd_days(GRID, {"soon": 100 - GRID, "late": 100 - 2 * GRID}, value=97.0),
    "feedback_threshold": lambda: figures.feedback_threshold(GRID, 1 + 1 / GRID, [[1, 4], [2.5, 2]], [[1], [1.5]]),
    "folded": lambda: figures.folded(-GRID, {"few": -GRID, "many": GRID - 5}, jump=(-0.01, -0.02, -0.2)),
    "share_of_a_fall": lambda: figures.share_of_a_fall(
        GRID / 300, {"six": GRID / 12, "two": GRID / 40}, {"here": (0.01, 0.25)}, threshold=0.009
    ),
    "binomial_tree": lambda: figures.binomial_tree([100, [120, 90]], [5, [15, 0]], [0.5], when=["now", "then"]),
    "tree_convergence": lambda: figures.tree_convergence(GRID, np.cos(GRID) / GRID),
    "cost_of_hedge": lambda: figures.cost_of_hedge({"a": (100 + GRID, 1 / GRID)}, CALL.payoff, 0.5),
    "price_and_volatility": lambda: figures.price_and_volatility(GRID, {"a": 2 * GRID}, [5.0], [4.0, 2.5]),
    "marked_books": lambda: figures.marked_books(["Mon", "Tue"], [100, 101], [0.2, 0.3], {"book": GRID[:2]}),
    "greek_plane": lambda: figures.greek_plane(
        {"a": hl.black_scholes.greeks("call", 100, GRID + 90, 0.25, 0.2)},
        {"buy": (0.05, 40.0), "sell": (-0.02, -20.0)},
    ),
    "rates": lambda: figures.rates({"calm": {"shares": LEFT, "and an option": LEFT / 2}}),
    "third_options": lambda: figures.third_options({"once": {"vanna": THIRD, "zomma": 2 * THIRD}}, {"once": 40.0}),
    "stock_shares": lambda: figures.stock_shares(GRID, {"a year": GRID / 10, "a week": GRID > 5}, strike=5),
    "endings": lambda: figures.endings(GRID, {"stop-loss": GRID}, {"the put": (GRID, np.maximum(GRID, 4))}),
    "looks": lambda: figures.looks(GRID, {"switching": 1 + 1 / GRID, "delta": 1 / GRID}, limit=1.0),
    "winners": lambda: figures.winners(
        GRID, GRID[:5] / 10, {"rising": np.tile(GRID, (5, 1)), "level": np.full((5, 10), 5.0)}
    ),
    "gaps_survived": lambda: figures.gaps_survived(90 + GRID, {"a month": GRID / 50}, {"CPPI, 4": 0.25}, 0.2, 95),
    "told_and_held": lambda: figures.told_and_held(GRID, GRID, 4, {"without": GRID, "with": -GRID}),
    "misprints": lambda: figures.misprints(GRID / 100, GRID, GRID / 9, gate=0.05),
    "lateness": lambda: figures.lateness(LATE, LATE),
    "missing_parts": lambda: figures.missing_parts(LATE),
    "depths_below": lambda: figures.depths_below({"a": GRID, "b": GRID / 2}, reach=20),
    "holes_by_frequency": lambda: figures.holes_by_frequency(GRID, {"a": np.array([1 / GRID, 0.01 / GRID])}),
    "last_shares": lambda: figures.last_shares(
        {"A": desk.Offer(0.01, 4e5, 3000), "B": desk.Offer(0.02, 2e5, 900)}, [2000, 0], level=0.015
    ),
    "saved_by_order": lambda: figures.saved_by_order(1000 * GRID, {"pro rata": 1 / GRID, "by depth": 0.1 / GRID}),
    "patience": lambda: figures.patience(1e6 / GRID, 1e5 * GRID, BY_DAYS),
    "hedges_in_no_hurry": lambda: figures.hedges_in_no_hurry(
        {"at once": pd.DataFrame({"cost": GRID, "risk": 1 / GRID}, index=["a"] + [""] * 9)}
    ),
    "second_looks": lambda: figures.second_looks(
        GRID / 100, {"route": 140 + 3 * GRID, "pro rata": 150 + GRID}, least=140
    ),
    "insured_autumn": lambda: figures.insured_autumn({"put": CRASH.prices.close}, CRASH.prices.close - 9),
    "two_afternoons": lambda: figures.two_afternoons(GRID, {"Tuesday": (GRID, -GRID, GRID)}, 3.0, 2.0),
    "loss_tails": lambda: figures.loss_tails({"jumps": {"hedged on": -1e4 * GRID, "closed": -GRID}}, 2e4),
    "alarms_and_saves": lambda: figures.alarms_and_saves(1e4 * GRID, {"jumps": (1 / GRID, 1 / GRID, GRID / 100)}),
    "limits_of_1987": lambda: figures.limits_of_1987(1e3 * GRID, {"hedged on": -GRID, "closed": GRID}),
    "alone_and_repaired": lambda: figures.alone_and_repaired(LEFT, 2 * LEFT),
    "losses_beyond": lambda: figures.losses_beyond({"one": GRID, "all": 2 * GRID}),
    "together": lambda: figures.together(LEFT.corr(), -LEFT.corr()),
    "stress_test": lambda: figures.stress_test(GRID / 40, {"alone": GRID, "in company": 2 * GRID}, capital=5.0),
    "cost_of_closing": lambda: figures.cost_of_closing(GRID, {"constant depth": (GRID, GRID / 9)}, {"sd": 5.0}),
    "weeks_sold": lambda: figures.weeks_sold(
        CRASH.prices.close[:40], CRASH.indices.vxo / 200, CRASH.indices.vxo - 99
    ),
    "losses_by_move": lambda: figures.losses_by_move(
        pd.DataFrame({"move": GRID / 100, "widths": GRID / 9, "pnl": -GRID}, index=[*"abcdefghij"]),
        {"b": "a Monday"},
        curve=(GRID / 9, -GRID),
    ),
    "by_choice": lambda: figures.by_choice(pd.DataFrame({0: [-3.0, -2.0], 1: [-1.0, 1.0]}, index=["so", "or so"])),
    "hedges_inside": lambda: figures.hedges_inside(GRID, {"straight": (-1 / GRID, 0.01 / GRID)}),
    "smile_and_density": lambda: figures.smile_and_density(GRID, GRID / 30, GRID - 4, (2.0, 6.0, 3.0), "strike"),
    "causes_of_a_smile": lambda: figures.causes_of_a_smile(GRID, {"fear": 1 / GRID, "leverage": 2 / GRID}, [2, 5]),
    "svi_parameters": lambda: figures.svi_parameters(
        GRID, {"a": {"1": GRID, "2": GRID + 1}, "b": {"1": GRID, "2": -GRID}}
    ),
    "fitted_smiles": lambda: figures.fitted_smiles(
        (GRID, GRID / 30), GRID, {"nearest": GRID / 30, "free": GRID / 40}, {"nearest": GRID - 4, "free": GRID}
    ),
    "total_variances": lambda: figures.total_variances(
        GRID, {"near": GRID, "far": 9 - GRID}, {"far, mended": GRID + 1}
    ),
    "moved_smiles": lambda: figures.moved_smiles(GRID, 1 / GRID, {"a": 2 / GRID, "b": 1 / GRID}, strike=4),
    "volatility_moves": lambda: figures.volatility_moves(
        {"a": GRID / 100, "b": -GRID / 100}, {"a": -GRID / 200, "b": 0 * GRID}, {"one": 0.0, "two": -0.5}
    ),
    "risk_by_share": lambda: figures.risk_by_share(
        GRID - 5, [{"a": 1 + GRID / 20}, {"b": 1.5 - GRID / 20}], {"strike": 0.0}
    ),
    "gains_by_days": lambda: figures.gains_by_days({"one": {"21": GRID / 50, "63": GRID / 80}}, {"formula": 0.1}),
    "elsewhere": lambda: figures.elsewhere(LEFT - 20, LEFT / 9, digits=1, full=9.0),
    "bands_by_spot": lambda: figures.bands_by_spot(GRID, {"a": (GRID - 1, GRID + 1)}, GRID),
    "books_by_rule": lambda: figures.books_by_rule(LEFT),
    "known_points": lambda: figures.known_points(
        HOUR.path(seconds=60).price, HOUR.points, HOUR.label, {"it starts": pd.Timestamp("2010-05-06 14:32")}
    ),
    "without_a_part": lambda: figures.without_a_part(GRID, {"whole": -GRID / 100, "part": -GRID / 200}, 5.0),
    "cliff": lambda: figures.cliff(GRID / 100, {"small": -GRID / 90, "large": -GRID / 200}, 0.08, 0.09),
    "desks_in_the_hour": lambda: figures.desks_in_the_hour(
        HOUR.path(seconds=60).price, {"clock": HOUR.path(seconds=60).price - 1142}, HOUR.label
    ),
    "first_beats": lambda: figures.first_beats({"a minute": (GRID / 10, -1e4 * GRID)}, {"never": -4e4}),
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


def test_the_results_of_days_are_shares_beside_those_to_expect():
    z = np.random.default_rng(1).standard_normal(200_000)
    axes = figures.day_results(1 - z**2).axes[0]
    heights = [bar.get_height() for bars in axes.containers for bar in bars]
    expected, *_ = axes.patches[-1].get_data()
    np.testing.assert_allclose(heights, expected, atol=0.004)
    assert sum(expected) == pytest.approx(1)
    assert sum(heights[-2:]) == pytest.approx(0.6827, abs=0.004)  # P(|Z| < 1)


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


def test_the_error_of_a_tree_stays_between_the_curves_that_fall_like_one_over_n():
    steps = np.arange(5, 60)
    lines = figures.tree_convergence(steps, np.sin(steps) / steps).axes[0].get_lines()
    above, below, error = (line.get_ydata() for line in lines[:3])
    np.testing.assert_allclose(above * steps, above[0] * steps[0])
    assert np.all(below <= error + 1e-12)
    assert np.all(error <= above + 1e-12)


def test_the_tries_of_a_search_lie_on_the_first_curve():
    axes = figures.price_and_volatility(GRID, {"a": 2 * GRID, "b": 3 * GRID}, [5.0, 1.0], [4.0, 2.5]).axes[0]
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.get_lines() if line.get_marker() == "o"]
    np.testing.assert_allclose(points, [(4.0, 8.0), (2.5, 5.0)])


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
