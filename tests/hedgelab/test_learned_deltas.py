"""A delta learned from daily changes of options: Hull and White's regression, and what it gains where."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.learning import DailyChanges, daily_changes

WORLD = hl.Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
CALM = hl.Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.8, correlation=0)
GBM = hl.GBM(100, 0.2)
RULES = ["sticky_local_volatility", "minimum_variance_delta"]
PATHS = 12


@cache
def past():
    return daily_changes(WORLD, quotes=WORLD, n_paths=PATHS, seed=100)


@cache
def future():
    return daily_changes(WORLD, quotes=WORLD, n_paths=PATHS, seed=200, rules=RULES)


def one_by_one(seen):
    """Path by path."""
    return [seen[seen.path == path] for path in range(PATHS)]


@cache
def fits():
    """One for each path's three years."""
    return [hl.LearnedDelta.fit(seen) for seen in one_by_one(past())]


def mean_and_error(gains):
    return np.mean(gains), np.std(gains, ddof=1) / np.sqrt(len(gains))


@pytest.mark.parametrize(
    ("rule", "gain"), [("learned", 0.138), ("sticky_local_volatility", 0.153), ("minimum_variance_delta", 0.174)]
)
def test_three_years_of_heston_gain_less_than_a_rule_without_data_and_than_the_model(rule, gain):
    """An independent program, with splines of volatilities and 40 paths: .138 (.006), .153 and .174."""
    if rule == "learned":
        gains = [fit.gain(seen) for fit, seen in zip(fits(), one_by_one(future()), strict=True)]
    else:
        gains = [seen.gain(rule) for seen in one_by_one(future())]
    mean, error = mean_and_error(gains)
    assert error < 0.015
    assert abs(mean - gain) < 3 * np.hypot(error, 0.006)


def test_what_is_learned_looks_better_in_sample():
    gap = [fit.in_sample - fit.gain(seen) for fit, seen in zip(fits(), one_by_one(future()), strict=True)]
    assert np.mean(gap) > 0


def test_a_month_to_learn_from_gains_less_and_who_knows_what():
    """The same program: a gain of .06 with a standard deviation of .14."""
    months = [hl.LearnedDelta.fit(seen[seen.day < 21]) for seen in one_by_one(past())]
    gains = [fit.gain(seen) for fit, seen in zip(months, one_by_one(future()), strict=True)]
    years = [fit.gain(seen) for fit, seen in zip(fits(), one_by_one(future()), strict=True)]
    assert np.mean(gains) < np.mean(years) - 0.01
    assert np.std(gains) > 1.5 * np.std(years)
    assert 0.05 < np.std(gains, ddof=1) < 0.25


@pytest.mark.parametrize(
    ("market", "quotes", "gain"), [(CALM, CALM, -0.044), (GBM, 0.2, -1.92)], ids=["rho 0", "GBM"]
)
def test_what_was_learned_in_one_world_loses_in_another(market, quotes, gain):
    """The same program: -.044 where price and variance are independent, -1.92 where volatility stands still."""
    seen = one_by_one(daily_changes(market, quotes=quotes, n_paths=PATHS, seed=200))
    mean, error = mean_and_error([fit.gain(each) for fit, each in zip(fits(), seen, strict=True)])
    assert abs(mean - gain) < 3 * np.sqrt(2) * error
    assert mean < 0


def made_up(random, days=300, noise=1e-3):
    """Changes by the formula, with noise that the options of a day share."""
    delta = np.tile(np.linspace(0.1, 0.9, 9), days)
    day, spot = np.repeat(np.arange(days), 9), 50.0
    vega, years = 40 * delta * (1 - delta), 0.25
    moved = np.repeat(random.normal(0, 0.01, days), 9)
    own = delta + vega / (spot * np.sqrt(years)) * (-0.3 + 0.5 * delta - 0.4 * delta**2)
    luck = np.sum([np.repeat(random.normal(0, noise, days), 9) * delta**power for power in range(4)], axis=0)
    return DailyChanges(0, day, spot, years, delta, vega, spot * moved, spot * (own * moved + luck))


def test_the_fit_finds_what_was_put_in():
    fit = hl.LearnedDelta.fit(made_up(np.random.default_rng(1), noise=0.0))
    assert (fit.a, fit.b, fit.c) == pytest.approx((-0.3, 0.5, -0.4), abs=1e-12)
    assert fit.in_sample == pytest.approx(1.0)


def test_the_standard_errors_are_the_scatter_of_fits_though_a_day_s_options_share_its_luck():
    """Were each row an observation, they would be a third of it."""
    random = np.random.default_rng(2)
    several = [hl.LearnedDelta.fit(made_up(random)) for _ in range(300)]
    scatter = np.std([(fit.a, fit.b, fit.c) for fit in several], axis=0)
    np.testing.assert_allclose(np.mean([fit.errors for fit in several], axis=0), scatter, rtol=0.12)


def test_in_heston_the_coefficients_of_two_periods_differ_by_more_than_their_errors():
    """They depend on the variance, which moves slowly."""
    scatter = np.std([(fit.a, fit.b, fit.c) for fit in fits()], axis=0, ddof=1)
    assert np.all(scatter > 1.5 * np.mean([fit.errors for fit in fits()], axis=0))


def test_the_data_are_nine_calls_a_day_near_the_money_at_the_model_s_own_prices():
    """The nine of one day of one path, priced by the integral alone."""
    seen = daily_changes(WORLD, quotes=WORLD, days=4, n_paths=2, seed=5)
    paths = WORLD.simulate(4 / 252, 4, 2, seed=5)
    assert len(seen) == 4 * 2 * 3 * 9
    nine = seen[(seen.path == 1) & (seen.day == 2) & (np.abs(seen.expiry - 63 / 252) < 1e-9)]
    spot, after = (float(paths.spot[day, 1]) for day in (2, 3))
    likely = np.sqrt(WORLD.expected_variance(paths.variance[2, 1], 0.25) * 0.25)
    listed = 0.1 * np.sqrt(0.04 * 0.25)
    moneyness = np.linspace(-1.3, 1.3, 9) * likely + np.log(spot / 100)
    strikes = 100 * np.exp(listed * np.rint(moneyness / listed))
    before, later = (
        [
            hl.Heston(
                float(paths.spot[day, 1]), float(paths.variance[day, 1]), mean_reversion=2, long_variance=0.04,
                vol_of_variance=0.5, correlation=-0.7,
            ).price(hl.Option("call", float(strike), years))
            for strike in strikes
        ]
        for day, years in ((2, 63 / 252), (3, 62 / 252))
    )  # fmt: skip
    volatility = black_scholes.implied_volatility(before, "call", spot, strikes, 0.25)
    greeks = black_scholes.greeks("call", spot, strikes, 0.25, volatility)
    order = np.argsort(-nine.delta)
    np.testing.assert_allclose(nine.price_change[order], np.subtract(later, before), atol=2e-5)
    np.testing.assert_allclose(nine.delta[order], greeks.delta, atol=1e-5)
    np.testing.assert_allclose(nine.vega[order], greeks.vega, rtol=1e-3)
    np.testing.assert_array_equal(nine.spot_change, after - spot)


CALL, PUT = hl.Option("call", 105, 0.25), hl.Option("put", 105, 0.25)
LEARNED = hl.LearnedDelta(-0.2, 0.3, -0.25)


def test_the_walk_asks_it_at_the_quoted_volatility():
    """Whatever the hedger believes."""
    run = hl.hedge(CALL, market=GBM, volatility=0.5, quotes=0.22, delta=LEARNED, steps=5, n_paths=3, seed=1)
    for step in run.hedge.walk(run.block_of(path=0)):
        view = step.view
        if view.step < 5:
            greeks = black_scholes.greeks("call", view.spot, 105, 0.25 - view.time, 0.22)
            wanted = LEARNED.shares(greeks.delta, greeks.vega, view.spot, 0.25 - view.time)
            np.testing.assert_allclose(step.shares, wanted, atol=1e-12)
        else:
            np.testing.assert_array_equal(step.neutral, view.spot > 105)


def test_a_put_is_hedged_as_its_call_less_a_share():
    terms = {"market": WORLD, "quotes": WORLD, "volatility": 0.2, "delta": LEARNED, "steps": 8, "n_paths": 50}
    call, put = (hl.hedge(option, seed=3, **terms) for option in (CALL, PUT))
    np.testing.assert_allclose(call.pnl, put.pnl, atol=1e-6)


def test_its_coefficients_at_zero_are_black_and_scholes():
    still = hl.LearnedDelta(0, 0, 0)
    terms = {"market": WORLD, "quotes": 0.2, "volatility": 0.2, "steps": 8, "n_paths": 5, "seed": 3}
    np.testing.assert_allclose(hl.hedge(CALL, delta=still, **terms).pnl, hl.hedge(CALL, **terms).pnl, atol=1e-12)
    assert future().gain(future().delta) == 0


def test_hedging_by_what_was_learned_leaves_less_at_expiry_too():
    """Of three months with daily hedges, as minimum variance does: 1.05 by Black and Scholes, .96 by the model."""
    terms = {"market": WORLD, "quotes": WORLD, "steps": 63, "n_paths": 2000, "seed": 4}
    call = hl.Option("call", 100, 0.25)
    plain = hl.hedge(call, delta="sticky_strike", **terms).pnl.std()
    learned = hl.hedge(call, delta=fits()[0], **terms).pnl.std()
    best = hl.hedge(call, volatility=WORLD, delta="minimum_variance_delta", **terms).pnl.std()
    assert best < 1.02 * learned
    assert learned < 0.97 * plain


def test_the_hedge_is_explained_to_the_last_cent():
    run = hl.hedge(CALL, market=WORLD, quotes=WORLD, volatility=0.2, delta=LEARNED, steps=8, n_paths=5, seed=3)
    np.testing.assert_allclose(hl.explain(run).sum(axis=1), run.pnl, atol=1e-9)


def test_where_nothing_but_intrinsic_value_is_quoted_there_is_nothing_to_add():
    terms = SimpleNamespace(quotes=SimpleNamespace(greeks=lambda *asked: [np.array([20.0])]), rates=(0.0, 0.0))
    view = SimpleNamespace(terms=terms, time=0.0, spot=np.array([120.0]))
    assert LEARNED.quoted_delta(hl.Option("call", 100, 0.25), view) == 1.0


def test_rows_are_picked_and_groups_are_days_of_a_path():
    seen = daily_changes(GBM, quotes="true", days=6, n_paths=2, seed=1, rules=["sticky_strike"])
    late = seen[seen.day >= 4]
    assert len(late) == len(seen) / 3
    assert late.groups()[1] == 4
    np.testing.assert_array_equal(late.others["sticky_strike"], late.delta)
    with pytest.raises(ValueError, match="read-only"):
        late.spot[0] = 1.0


@pytest.mark.parametrize(
    "market",
    [hl.CEV(100, 0.2, -1.0), hl.LognormalSABR(100, 0.2, 1.0, -0.7), hl.Merton(100, 0.2, 1.0, -0.1, 0.1)],
    ids=["CEV", "LognormalSABR", "Merton"],
)
def test_any_market_with_quotes_makes_data_and_minimum_variance_gains_there(market):
    seen = daily_changes(market, quotes=market, days=60, n_paths=3, seed=1, rules=["minimum_variance_delta"])
    assert seen.gain("minimum_variance_delta") > 0
    assert hl.LearnedDelta.fit(seen).in_sample > 0


def test_changes_keep_copies_of_what_they_are_given():
    """Whoever gave a column may use it again."""
    day, other = np.array([0.0, 1.0]), np.array([0.4, 0.6])
    seen = DailyChanges(0, day, 100.0, 0.25, 0.5, 20.0, [1.0, -2.0], [0.4, -0.8], {"mine": other})
    day[0] = other[0] = -7
    np.testing.assert_array_equal([seen.day, seen.others["mine"]], [[0, 1], [0.4, 0.6]])
