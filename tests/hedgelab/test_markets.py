"""Markets: what all of them promise, geometric Brownian motion, and the past as it was and shuffled."""

import numpy as np
import pytest
from examples import simulated
from hypothesis import given
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab.markets import as_quote, blocks_of

RECORD = 0.02 * np.random.default_rng(7).standard_normal(300)
SIMULATED = [
    *simulated().values(),
    hl.Merton(spot=100, volatility=0.2, jump_rate=20, jump_mean=-0.05, jump_volatility=0.1),
    hl.Heston(100, 0.01, mean_reversion=0.5, long_variance=0.02, vol_of_variance=1.0, correlation=0.5),
]


def walked(market, n_paths, block_size):
    """Price and, where there is one, variance of each path at each time, walked in blocks."""
    times = market.times(0.5, 20)
    blocks = []
    for block in blocks_of(n_paths, 1, block_size):
        quotes = [as_quote(shown) for shown in market.stream(times, block.n_paths, block.random())]
        blocks.append([np.stack(part) for part in zip(*quotes, strict=True) if part[0] is not None])
    return [np.concatenate(part, axis=1) for part in zip(*blocks, strict=True)]


@pytest.mark.parametrize("market", SIMULATED, ids=lambda market: type(market).__name__)
def test_a_path_is_the_same_to_the_bit_in_any_block_and_among_any_number_of_paths(market):
    together = walked(market, 5000, block_size=5000)
    for n_paths, block_size in ((5000, 1000), (5000, 3000), (3, 1000), (1700, 100_000)):
        for whole, part in zip(together, walked(market, n_paths, block_size), strict=True):
            np.testing.assert_array_equal(whole[:, :n_paths], part)


@pytest.mark.parametrize("market", SIMULATED, ids=lambda market: type(market).__name__)
def test_simulate_keeps_what_the_stream_shows(market):
    times, spot, variance = market.simulate(expiry=0.5, steps=20, n_paths=2500, seed=1)
    np.testing.assert_array_equal(times, np.linspace(0, 0.5, 21))
    parts = walked(market, 2500, block_size=1000)
    np.testing.assert_array_equal(spot, parts[0])
    assert (spot[0] == 100).all()
    assert (variance is None) == (len(parts) == 1)
    if variance is not None:
        np.testing.assert_array_equal(variance, parts[1])


@pytest.mark.parametrize("market", SIMULATED, ids=lambda market: type(market).__name__)
def test_a_market_asks_for_steps_and_a_positive_expiry(market):
    for steps in (0, 2.5, None):
        with pytest.raises(ValueError, match="steps must be a whole number of at least 1"):
            market.simulate(expiry=1, steps=steps, n_paths=1)
    with pytest.raises(ValueError, match=r"expiry must be positive and finite, got 0\.0"):
        market.simulate(expiry=0.0, steps=1, n_paths=1)


def test_a_price_beyond_the_floats_is_refused():
    for volatility, drift in ((0.2, 2000), (0.2, -2000), (0.2, 1e308), (1e200, 0)):
        with pytest.raises(ValueError, match=r"spot at \[step, path\] must be positive and finite, got"):
            hl.GBM(spot=100, volatility=volatility, drift=drift).simulate(expiry=1, steps=2, n_paths=2, seed=1)


def test_random_events_are_a_poisson_process():
    """As many as expected, with the Poisson spread, evenly over time."""
    n_paths = 7500
    (block,) = blocks_of(n_paths, 1)
    path, time, normal = block.random().poisson_points(2.0)
    counts = np.bincount(path, minlength=n_paths)
    assert counts.size == n_paths
    assert counts.mean() == pytest.approx(2, abs=3 * np.sqrt(2 / n_paths))
    assert counts.var() == pytest.approx(2, abs=3 * np.sqrt((2 + 2 * 2**2) / n_paths))
    halves = np.bincount((2 * time).astype(int), minlength=2)
    assert halves[0] == pytest.approx(n_paths, abs=3 * np.sqrt(n_paths))
    assert normal.mean() == pytest.approx(0, abs=3 / np.sqrt(normal.size))
    assert abs(np.corrcoef(time, normal)[0, 1]) < 3 / np.sqrt(normal.size)


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


def test_a_bootstrap_walks_through_the_record_and_jumps_as_often_as_its_block_length_says():
    n, length = 500, 8
    market = hl.Bootstrap(spot=1, returns=np.arange(n) / 1e4, block_length=length)
    spot = market.simulate(expiry=1, steps=40, n_paths=2000, seed=1).spot
    places = np.round(np.diff(np.log(spot), axis=0) * 1e4).astype(int)
    jumps = (places[1:] - places[:-1]) % n != 1
    chance = (1 - 1 / n) / length  # a new run may begin by chance where the old one would have gone on
    assert jumps.mean() == pytest.approx(chance, abs=3 * np.sqrt(chance / jumps.size))
    assert places.mean() == pytest.approx((n - 1) / 2, abs=3 * n / np.sqrt(12 * 2000 * 40 / (2 * length)))
    assert set(places[0]) <= set(range(n))


def test_a_bootstrap_at_block_length_1_forgets_and_at_a_long_one_replays():
    returns = np.array([0.01, -0.02, 0.03, 0.0, -0.01])
    spot = hl.Bootstrap(100, returns, block_length=1e12).simulate(1, 7, n_paths=50, seed=1).spot
    for path in np.diff(np.log(spot), axis=0).T:
        assert any(np.allclose(path, np.resize(np.roll(returns, -start), 7)) for start in range(5))
    steps = np.diff(np.log(hl.Bootstrap(100, RECORD, block_length=1).simulate(1, 2, 40_000, seed=1).spot), axis=0)
    assert abs(np.corrcoef(steps[0], steps[1])[0, 1]) < 3 / 200
    assert steps.std() == pytest.approx(RECORD.std(), rel=0.02)


def test_a_bootstrap_grows_at_the_drift_it_is_given_or_else_at_that_of_the_record():
    n = 40_000
    for drift, expected in ((0.2, np.exp(0.2)), (None, np.mean(np.exp(RECORD)) ** 10)):
        last = hl.Bootstrap(1, RECORD, block_length=1, drift=drift).simulate(1, 10, n, seed=3).spot[-1]
        assert last.mean() == pytest.approx(expected, abs=3 * last.std() / np.sqrt(n))


@pytest.mark.parametrize("block_length", [1, 7, 20, 1e12])
def test_a_bootstrap_grows_at_its_drift_however_long_its_runs(block_length):
    """Half a record of rises and half of falls: runs of either make a mean price grow by themselves."""
    n, returns = 40_000, np.r_[np.full(50, 0.05), np.full(50, -0.05)]
    paths = hl.Bootstrap(100, returns, block_length, drift=0.0).simulate(1, 50, n, seed=3).spot
    for step in (1, 10, 50):
        assert paths[step].mean() == pytest.approx(100, abs=3.5 * paths[step].std() / np.sqrt(n))


class UsesItsArrayAgain(hl.GBM):
    """Shows the same array at each time, with other numbers in it."""

    def stream(self, times, n_paths, random):
        mine = np.empty(n_paths)
        for spot in super().stream(times, n_paths, random):
            mine[:] = spot
            yield mine


def test_what_a_market_shows_stays_whatever_it_does_with_its_arrays():
    """In a matrix, and in a hedge that looks back to its last trade."""
    terms = {"volatility": 0.2, "steps": 20, "n_paths": 100, "seed": 1, "policy": hl.MoveBand(0.01)}
    ours, theirs = hl.GBM(100, 0.3), UsesItsArrayAgain(100, 0.3)
    np.testing.assert_array_equal(*(each.simulate(0.25, 20, 100, seed=1).spot for each in (ours, theirs)))
    runs = [hl.hedge(hl.Option("call", 100, 0.25), market=each, **terms) for each in (ours, theirs)]
    np.testing.assert_array_equal(runs[0].pnl, runs[1].pnl)


def test_a_bootstrap_of_prices_keeps_their_returns_and_starts_from_the_last():
    market = hl.Bootstrap.from_prices([100, 110, 99], block_length=3, drift=0.1)
    assert (market.spot, market.block_length, market.drift) == (99, 3, 0.1)
    np.testing.assert_allclose(market.returns, np.log([1.1, 0.9]))
    returns = np.array([0.1, 0.2])
    kept = hl.Bootstrap(1, returns)
    returns[0] = 5
    assert kept.returns[0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        kept.returns[0] = 5


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: hl.Bootstrap(100, []), r"returns must be a list of at least one, got shape \(0,\)"),
        (lambda: hl.Bootstrap(100, 0.1), r"returns must be a list of at least one, got shape \(\)"),
        (lambda: hl.Bootstrap(100, [0.1, np.nan]), "returns must be finite, got nan at index 1"),
        (lambda: hl.Bootstrap(100, [0.1], block_length=0.5), r"block_length must be at least 1, got 0\.5"),
        (lambda: hl.Bootstrap(100, [0.1], drift=np.inf), "drift must be finite, got inf"),
        (lambda: hl.Bootstrap.from_prices([100]), r"prices must be a list of at least two, got shape \(1,\)"),
        (lambda: hl.Bootstrap.from_prices([100, -1]), r"prices must be positive and finite, got -1\.0 at index 1"),
    ],
)
def test_bad_records_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()


@given(
    market=st.builds(
        hl.GBM,
        spot=st.floats(5e-324, allow_infinity=False),
        volatility=st.floats(0, 2) | st.floats(0, allow_infinity=False),
        drift=st.floats(-1, 1) | st.floats(allow_nan=False, allow_infinity=False),
    )
    | st.builds(
        hl.Bootstrap,
        spot=st.floats(5e-324, allow_infinity=False),
        returns=st.lists(st.floats(-1, 1) | st.floats(allow_nan=False, allow_infinity=False), min_size=1),
        block_length=st.floats(1, allow_infinity=False),
        drift=st.none() | st.floats(-1, 1) | st.floats(allow_nan=False, allow_infinity=False),
    ),
    expiry=st.floats(0.01, 3) | st.floats(5e-324, allow_infinity=False),
)
def test_extremes_are_refused_or_finite(market, expiry):
    try:
        spot = market.simulate(expiry, steps=3, n_paths=5, seed=1).spot
    except ValueError:
        return
    assert ((spot > 0) & np.isfinite(spot)).all()
