"""A reader's own matrix of paths is a market like any other."""

import numpy as np
import pytest

import hedgelab as hl

CALL = hl.Option("call", 105, 0.25)
HESTON = hl.Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.3, correlation=-0.7)
PATHS = HESTON.simulate(0.25, 20, 2500, seed=1)
GIVEN = hl.Scenarios(*PATHS)
TERMS = {"volatility": "true", "n_paths": 2500, "policy": hl.DeltaBand(0.05), "cost": hl.ProportionalCost(0.001)}


@pytest.mark.parametrize("how", [{}, {"block_size": 1000}, {"block_size": 1000, "workers": 2}], ids=str)
def test_given_paths_are_hedged_like_the_market_that_they_came_from(how):
    """Each path its own, in whatever blocks they are walked."""
    theirs = hl.hedge(CALL, market=HESTON, steps=20, seed=1, **TERMS)
    with hl.computing(**how):
        ours = hl.hedge(CALL, market=GIVEN, **TERMS)
    np.testing.assert_array_equal(ours.pnl, theirs.pnl)
    assert ours.ledger(2100).equals(theirs.ledger(2100))
    assert np.allclose(hl.explain(ours).sum(axis=1), theirs.pnl)


def test_fewer_paths_and_an_earlier_end_are_the_first_of_them():
    near = hl.Option("call", 105, float(PATHS.times[8]))
    cut = hl.Scenarios(PATHS.times[:9], PATHS.spot[:9, :3], PATHS.variance[:9, :3])
    few, same = (hl.hedge(near, market=market, **(TERMS | {"n_paths": 3})) for market in (GIVEN, cut))
    np.testing.assert_array_equal(few.pnl, same.pnl)
    assert GIVEN.simulate(near.expiry, n_paths=3).spot.shape == (9, 3)
    np.testing.assert_array_equal(GIVEN.simulate(0.25).variance, PATHS.variance)


def test_times_need_not_be_equally_far_apart():
    """Interest is earned for as long as it takes."""
    market = hl.Scenarios([0, 0.01, 1.0], [[100.0], [100.0], [100.0]])
    ledger = hl.hedge(hl.Option("put", 1, 1.0), market=market, volatility=0.1, rate=0.05, premium=10).ledger()
    assert ledger.cash.iloc[-1] == pytest.approx(10 * np.exp(0.05))


def test_what_is_kept_is_a_copy():
    spot = PATHS.spot.copy()
    market = hl.Scenarios(PATHS.times, spot)
    spot[:] = 1
    np.testing.assert_array_equal(market.simulate(0.25).spot, PATHS.spot)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: hl.Scenarios([0, 1], [100, 101]), r"each of the 2 times and a column for each path, got \(2,\)"),
        (lambda: hl.Scenarios([0, 1], [[100], [101], [102]]), r"each path, got \(3, 1\)"),
        (lambda: hl.Scenarios([0, 1], [[100], [101]], [[0.04, 0.04]] * 2), r"got \(2, 1\) and \(2, 2\)"),
        (
            lambda: hl.Scenarios([0, 1], [[100, 100], [101, -1]]),
            r"spot must be positive and finite, got -1\.0",
        ),
        (lambda: hl.Scenarios([0, 1], [[100, 99], [101, 101]]), "spot must be the same on all paths at first"),
        (lambda: hl.Scenarios([0, 1], [[100], [101]], [[-1], [0]]), "variance must be zero or more"),
        (
            lambda: hl.Scenarios([0, 0], [[100], [101]]),
            r"times must rise from 0, at least two, got \[0, 0\]",
        ),
        (lambda: hl.Scenarios([1, 2], [[100], [101]]), "times must rise from 0"),
        (lambda: hl.Scenarios([[0, 1]], [[100], [101]]), "times must rise from 0"),
        (
            lambda: GIVEN.times(0.26),
            "expiry must be one of the market's times, up to 0.25, got 0.26",
        ),
        (lambda: GIVEN.times(0.25, 21), "steps must be left out or be the 20 that the paths have, got 21"),
        (lambda: GIVEN.simulate(0.25, n_paths=2501), "n_paths must be at most 2500, the paths that are given"),
        (lambda: hl.hedge(CALL, market=GIVEN, **(TERMS | {"n_paths": 5000})), "n_paths must be at most 2500"),
    ],
)
def test_bad_paths_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()
