"""Eleven assumptions, each broken by itself: every break does what it says, and no more."""

import numpy as np
import pytest

import hedgelab as hl
from hedgelab import assumptions, black_scholes
from hedgelab.assumptions import ASSUMPTIONS, EXPIRY, STEPS, Breaks, Months

MONTHS = Months(assumptions.shocks(4000, seed=5))
TRADED = {"frequency", "costs", "feed", "limit"}  # the desk alone


def ends(names, breaks=None):
    return MONTHS.news(names).simulate(EXPIRY).spot[-1] / 100


def test_nothing_broken_is_the_library_s_own_hedge_in_geometric_brownian_motion():
    ours = MONTHS.run()
    theirs = hl.hedge(
        Breaks().put, quantity=-1000, market=hl.GBM(100, 0.2), volatility=0.2, steps=84, n_paths=4000, seed=1
    )
    error = np.hypot(ours.standard_error(), theirs.standard_error())
    assert abs(ours.pnl.mean() - theirs.pnl.mean()) < 3.5 * error
    assert ours.pnl.std() == pytest.approx(theirs.pnl.std(), rel=0.06)


@pytest.mark.parametrize("names", [(), *ASSUMPTIONS, "all"])
def test_the_news_have_no_trend_whatever_is_broken(names):
    found = ends(names)
    assert abs(found.mean() - 1) < 3.5 * found.std() / np.sqrt(found.size)


@pytest.mark.parametrize("name", ["moods", "jumps", "gaps"])
def test_a_break_of_how_moves_come_leaves_their_variance(name):
    square = np.diff(np.log(MONTHS.news(name).simulate(EXPIRY).spot), axis=0) ** 2
    total = square.sum(axis=0)
    assert abs(total.mean() - 0.04 * EXPIRY) < 3.5 * total.std() / np.sqrt(total.size)


def test_jumps_are_mertons_where_there_is_one_at_most():
    breaks = Breaks()
    jumps = MONTHS.news("jumps").simulate(EXPIRY).spot
    largest = np.diff(np.log(jumps), axis=0).min(axis=0)
    assert (largest < -0.03).mean() == pytest.approx(1 / 12, abs=0.02)
    market = hl.Merton(
        100, 0.2 * np.sqrt(0.8), jump_rate=-12 * np.log1p(-1 / 12), jump_mean=breaks.jump_mean,
        jump_volatility=breaks.jump_spread,
    )  # fmt: skip
    theirs = market.simulate(EXPIRY, STEPS, 4000, seed=3).spot[-1] / 100
    for part in (0.01, 0.05, 0.5, 0.95):
        assert np.quantile(ends("jumps"), part) == pytest.approx(np.quantile(theirs, part), abs=0.012)


def test_volatility_that_follows_the_price_is_cev():
    cev = hl.CEV(100, 0.2, exponent=1 - Breaks().follows)
    theirs = cev.simulate(EXPIRY, STEPS, 4000, seed=3).spot[-1] / 100
    for part in (0.05, 0.5, 0.95):
        assert np.quantile(ends("smile"), part) == pytest.approx(np.quantile(theirs, part), abs=0.006)


def test_half_of_a_day_s_variance_comes_at_night():
    square = np.diff(np.log(MONTHS.news("gaps").simulate(EXPIRY).spot), axis=0) ** 2
    by_step = square.mean(axis=1).reshape(21, 8).mean(axis=0)
    assert by_step[-1] / by_step.sum() == pytest.approx(0.5, abs=0.01)
    assert by_step[:-1] / by_step.sum() == pytest.approx(np.full(7, 0.5 / 7), abs=0.005)


@pytest.mark.parametrize("name", sorted(TRADED))
def test_a_break_of_the_desk_leaves_prices_alone(name):
    assert MONTHS.prices(name) is MONTHS.prices()
    assert not np.array_equal(MONTHS.losses(name), MONTHS.losses())


def test_liquidity_alone_costs_and_moves_nothing_and_with_a_crowd_it_thins_the_market():
    run = MONTHS.run("liquidity")
    assert np.allclose(run.pnl + run.cost, MONTHS.run().pnl)
    crowded, thin = (MONTHS.prices(names).simulate(EXPIRY).spot for names in ("crowd", ["crowd", "liquidity"]))
    low = crowded.min(axis=0) < 93
    assert (thin.min(axis=0) < crowded.min(axis=0))[low].mean() > 0.9


def test_the_crowd_moves_the_price_by_the_gain_at_first():
    breaks = Breaks(gain=0.2)
    market = hl.CrowdMarket(
        hl.Scenarios([0, assumptions.DT, 2 * assumptions.DT], [[100.0], [99.9], [99.9]]),
        assumptions.depth((), breaks), [assumptions.others(breaks)],
    )  # fmt: skip
    spot = market.simulate(2 * assumptions.DT, None, n_paths=1).spot[:, 0]
    assert np.log(spot[2] / spot[1]) / np.log(spot[1] / spot[0]) == pytest.approx(0.2, rel=0.01)


def test_the_desk_hedges_by_a_quote_that_lies_once_and_within_its_limit():
    months = MONTHS.first(500)
    spot = months.prices().simulate(EXPIRY).spot
    run, plain = months.run(["feed", "limit"]), months.run()
    desk = months.desk(["feed", "limit"])
    path = int(np.flatnonzero(np.isfinite(desk.lies_at))[0])
    look = int(desk.lies_at[path])
    ledger, honest = run.ledger(path), plain.ledger(path)
    seen = spot[look, path] * (1 + desk.misprint[path])
    wrong = black_scholes.greeks("put", seen, 100, EXPIRY * (1 - look / 84), 0.2).delta
    assert ledger.shares.iloc[look] == pytest.approx(1000 * max(wrong, -0.7))
    others = np.arange(84) != look
    expected = np.maximum(honest.shares.to_numpy()[:84], -700)
    assert ledger.shares.to_numpy()[:84][others] == pytest.approx(expected[others])


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"jump_mean": -0.04, "jump_spread": 0.02},
        {"strike": 95.0},
        {"strike": 105.0},
        {"gain": 0.1},
        {"thinning": 0.0},
    ],
)
def test_all_at_once_is_more_than_the_sum_path_by_path(change):
    months = Months(MONTHS.drawn, Breaks(**change))
    base, everything = months.losses(), months.losses("all")
    apart = base + sum(months.losses(name) - base for name in ASSUMPTIONS)
    more, error = assumptions.mean_and_error(assumptions.influences(everything) - assumptions.influences(apart))
    assert more > 3.5 * error


def test_low_puts_make_more_than_the_plain_sum_also_at_the_depth_of_those_at_the_money():
    gammas = [Breaks(strike=strike).put.greeks(("gamma",), 100.0, EXPIRY, 0.2)[0] for strike in (95.0, 100.0)]
    breaks = Breaks(strike=95.0, gain=0.2 * gammas[0] / gammas[1])
    assert assumptions.depth((), breaks).depth == pytest.approx(assumptions.depth((), Breaks()).depth)
    months = Months(MONTHS.drawn, breaks)
    base = assumptions.influences(months.losses())
    plain = sum(assumptions.influences(months.losses(name)) - base for name in ASSUMPTIONS)
    total = assumptions.influences(months.losses("all")) - base
    assert total.mean() / plain.mean() == pytest.approx(1.25, abs=0.15)


def test_a_quote_lies_on_the_paths_it_is_drawn_for_however_they_are_walked():
    """In blocks, and in a ledger, which walks a part of them."""
    months = Months(assumptions.shocks(2500, seed=3))
    whole = months.losses("feed")
    with hl.computing(block_size=1000):
        np.testing.assert_array_equal(months.losses("feed"), whole)
    run = months.run("feed")
    assert -run.ledger(2300).pnl.iloc[-1] == pytest.approx(whole[2300], rel=1e-9)


def test_the_error_of_a_tail_is_that_of_many_tails():
    draws = np.random.default_rng(2).standard_t(4, size=(400, 4000))
    tails = np.array([assumptions.influences(each).mean() for each in draws])
    errors = [assumptions.mean_and_error(assumptions.influences(each))[1] for each in draws]
    assert np.mean(errors) == pytest.approx(tails.std(), rel=0.15)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: MONTHS.losses("weather"), "broken must be among"),
        (lambda: Months(np.zeros((3, 2))), "drawn must have 340 rows"),
        (lambda: assumptions.influences(np.ones(10), part=0.01), "part must leave a path"),
        (lambda: Months(MONTHS.drawn, Breaks(jump=0.9)).losses("jumps"), "no more than all of the variance"),
        (lambda: Months(MONTHS.drawn, Breaks(strike=80.0)).losses("all"), "keep its prices above zero"),
    ],
)
def test_nonsense_is_refused_by_name(call, words):
    with pytest.raises(ValueError, match=words):
        call()
