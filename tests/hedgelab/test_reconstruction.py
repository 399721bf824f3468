"""A reconstruction keeps to what is on record, says what is not, and trades at no price that was not there."""

import numpy as np
import pandas as pd
import pytest

import hedgelab as hl
from hedgelab.cases.reconstruction import SECONDS_PER_YEAR
from hedgelab.desk import clock

DRAWN = hl.cases.flash_crash_2010().reconstruction
NOISY = DRAWN.with_noise(volatility=0.4, seed=1)
HALT = ["14:45:28", "14:45:29", "14:45:30", "14:45:31", "14:45:32"]


def at(time):
    return pd.Timestamp(f"2010-05-06 {time}")


def test_it_says_what_it_is_wherever_it_is_shown():
    for text in (repr(DRAWN), DRAWN.label, type(DRAWN).__doc__, DRAWN._repr_html_()):
        assert "econstruction" in text.splitlines()[0]
    assert "noise of 40% a year" in repr(NOISY)
    assert "noise" not in repr(DRAWN)


def test_the_exchanges_prices_and_the_reports_times():
    """Donohue, 22 June 2010: the hour began at about 1142, ended at about 1113, and was lowest at 1056."""
    read = DRAWN.points[DRAWN.points.status == "read"]
    assert read.price.to_dict() == {at("14:00"): 1142, at("14:45:27"): 1056, at("15:00"): 1113}
    assert DRAWN.points.source.str.len().gt(3).all()
    assert (DRAWN.lowest, DRAWN.highest) == (1056, 1143.75)


def test_the_two_derived_prices_follow_from_what_was_said():
    """It fell by more than 5 per cent from 14:41, and by 12.75 points in the last half second."""
    derived = DRAWN.points[DRAWN.points.status == "derived"].price
    assert derived[at("14:41")] == pytest.approx(1056 / 0.95)
    assert derived[at("14:45:26")] == 1056 + 12.75
    deeper = hl.cases.flash_crash_2010(fall=0.06).reconstruction.points.price
    assert 1056 / deeper[at("14:41")] - 1 == pytest.approx(-0.06)


@pytest.mark.parametrize("drawn", [DRAWN, NOISY], ids=["straight", "with noise"])
def test_the_path_goes_through_every_known_point_and_stays_between_what_was_lowest_and_highest(drawn):
    path = drawn.path()
    known = path.loc[drawn.points.index]
    assert known.price.tolist() == drawn.points.price.tolist()
    assert known.status.tolist() == drawn.points.status.tolist()
    assert path.price.min() == 1056
    assert path.price.max() <= 1143.75
    assert set(path.status) == {"read", "second hand", "derived", "joined", "halt"}
    assert path.relative[at("14:41")] == 1


def test_between_known_points_the_log_price_is_straight():
    log = np.log(DRAWN.path(since="14:41", until="14:45:26").price)
    assert np.ptp(np.diff(log)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("drawn", [DRAWN, NOISY], ids=["straight", "with noise"])
def test_in_the_halt_there_is_no_price_and_nothing_trades(drawn):
    path = drawn.path()
    assert [f"{time:%H:%M:%S}" for time in path.index[~path.tradable]] == HALT
    assert path.price.isna().tolist() == (~path.tradable).tolist() == (path.status == "halt").tolist()
    market = drawn.market()
    assert market.recorded == 3601 - len(HALT)
    assert not set(market.dates) & {drawn.years(time) for time in HALT}


def test_every_price_that_a_hedger_trades_at_is_in_the_path_at_its_time():
    market = NOISY.market(seconds=7, since="14:41", until="14:46:01")
    horizon = market.years_until(NOISY.years("14:46:01"))
    run = hl.hedge({hl.Option("call", 1100, 5 / 252): -1}, market=market, volatility=0.3, horizon=horizon)
    path = NOISY.path()
    there = path.price[path.tradable]
    assert set(run.ledger().spot) <= set(there)
    assert run.ledger().spot.tolist() == there[market_times(market)].tolist()


def market_times(market):
    """The times of the day at which a market has prices."""
    seconds = np.rint(np.asarray(market.dates) * SECONDS_PER_YEAR).astype(int)
    return at("09:30") + pd.to_timedelta(seconds, unit="s")


def test_a_coarse_grid_takes_its_prices_from_the_fine_one():
    every_second, every_minute = NOISY.path(), NOISY.path(60)
    assert every_minute.index.freq == pd.Timedelta(minutes=1)
    pd.testing.assert_frame_equal(every_minute, every_second.loc[every_minute.index], check_freq=False)


def test_its_years_are_those_of_a_desk():
    assert SECONDS_PER_YEAR == clock.SECONDS_PER_YEAR
    assert DRAWN.years("16:00") == pytest.approx(1 / 252)
    market = DRAWN.market(since="14:41")
    assert market.years_until(DRAWN.years("14:45:27")) == pytest.approx(267 / SECONDS_PER_YEAR)


def test_the_noise_has_its_volatility_and_its_seed():
    """On 2,460 seconds the standard error is 1.4 per cent of it; the walk is not near its mirrors."""
    log = np.log(NOISY.path(until="14:41").price)
    assert np.diff(log).std() * np.sqrt(SECONDS_PER_YEAR) == pytest.approx(0.4, rel=0.05)
    again, other = DRAWN.with_noise(0.4, seed=1), DRAWN.with_noise(0.4, seed=2)
    pd.testing.assert_frame_equal(again.path(), NOISY.path())
    assert not again.path().price.equals(other.path().price)
    pd.testing.assert_frame_equal(DRAWN.with_noise(0, seed=1).path(), DRAWN.path())


@pytest.mark.parametrize("seed", [None, np.random.default_rng(1), np.random.SeedSequence(1)])
def test_a_noise_is_one_noise_however_often_it_is_asked_for(seed):
    noisy = DRAWN.with_noise(0.4, seed)
    pd.testing.assert_frame_equal(noisy.path(), noisy.path())


def test_a_point_of_ones_own_is_assumed_and_leaves_the_others():
    drawn = DRAWN.assuming("14:32", 1130, why="to see whether it matters").assuming("14:41", 1120, why="the same")
    assert drawn.points.status[at("14:32")] == drawn.points.status[at("14:41")] == "assumed"
    assert drawn.path().price[at("14:32")] == 1130
    assert "2 assumed" in repr(drawn)
    assert len(DRAWN.points) == 7
    assert len(drawn.points) == 8
    assert drawn.path().relative[at("14:41")] == 1
