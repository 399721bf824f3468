"""Markets: the moments of geometric Brownian motion, and the past as it was."""

import numpy as np
import pytest

import hedgelab as hl


def test_gbm_has_the_moments_it_should():
    paths = hl.GBM(spot=50, volatility=0.4, drift=0.1).simulate(expiry=2, steps=8, n_paths=40_000, seed=3)
    log_returns = np.log(paths.spot[-1] / 50)
    error = 0.4 * np.sqrt(2) / np.sqrt(40_000)
    assert log_returns.mean() == pytest.approx((0.1 - 0.08) * 2, abs=3 * error)
    assert log_returns.std() == pytest.approx(0.4 * np.sqrt(2), rel=3 / np.sqrt(2 * 40_000))
    assert paths.spot[-1].mean() == pytest.approx(50 * np.exp(0.2), abs=3 * paths.spot[-1].std() / 200)
    steps = np.diff(np.log(paths.spot), axis=0)
    assert abs(np.corrcoef(steps[0], steps[1])[0, 1]) < 3 / np.sqrt(40_000)


def test_blocks_have_different_random_numbers():
    from hedgelab.markets.streams import STREAM

    last = hl.GBM(spot=100, volatility=0.2).simulate(1, 1, 2 * STREAM, seed=1).spot[-1]
    assert not np.isin(last[:STREAM], last[STREAM:]).any()


def test_without_volatility_gbm_grows_at_its_drift():
    paths = hl.GBM(spot=100, volatility=0.0, drift=0.05).simulate(expiry=1, steps=2, n_paths=1, seed=1)
    np.testing.assert_allclose(paths.spot[:, 0], 100 * np.exp([0, 0.025, 0.05]))


def test_a_replay_shows_what_was_recorded_in_calendar_time():
    week = hl.Replay(["1987-10-15", "1987-10-16", "1987-10-19"], [298.08, 282.70, 224.84])
    expiry = week.years_until("1987-10-19")
    assert expiry == pytest.approx(4 / 365)
    times, spot, _ = week.simulate(expiry)
    np.testing.assert_array_equal(spot[:, 0], [298.08, 282.70, 224.84])
    np.testing.assert_allclose(times, [0, 1 / 365, 4 / 365])
    np.testing.assert_array_equal(week.times(4.4 / 365), [0, 1 / 365, 4.4 / 365])  # expires later that day
    for wrong in (5 / 365, 0.1 / 365):
        with pytest.raises(ValueError, match="recorded date"):
            week.times(wrong)
    assert week.since("1987-10-16").spot == 282.70
    assert repr(week) == "Replay(3 dates, 1987-10-15 to 1987-10-19)"


def test_a_replay_takes_years_instead_of_dates():
    weekly = hl.Replay(np.arange(4) / 52, [1.0, 2.0, 3.0, 4.0])
    assert weekly.years_until(2 / 52) == 2 / 52
    run = hl.hedge(hl.Option("call", 2, 3 / 52), market=weekly, volatility=0.2)
    assert run.ledger().index.name == "time"


def test_a_market_is_anything_with_the_three_members():
    class Doubling:
        spot = 1.0

        def times(self, expiry, steps):
            return np.linspace(0, expiry, steps + 1)

        def stream(self, times, n_paths, generator):
            for step in range(len(times)):
                yield np.full(n_paths, 2.0**step)

    run = hl.hedge(hl.Option("call", strike=0.5, expiry=1), market=Doubling(), steps=3, n_paths=2, volatility=0.0)
    np.testing.assert_allclose(run.pnl, 0, atol=1e-12)  # certain to be exercised: one share hedges it perfectly


def test_a_replay_keeps_its_own_prices():
    prices = np.array([1.0, 2.0])
    replay = hl.Replay([0, 1], prices)
    prices[1] = 50.0
    assert replay.prices[1] == 2.0
