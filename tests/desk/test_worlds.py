"""The markets by name: what is recorded in them is the record, and what is made says so."""

import numpy as np
import pytest

from hedgelab.cases import october_1987
from hedgelab.desk.worlds import BETWEEN, DAY, WORLDS, bridged, world
from hedgelab.markets import as_quote, blocks_of, simulate


@pytest.mark.parametrize("every", [DAY, 1800.0, 150.0])
def test_each_close_of_1987_is_the_record_to_the_last_digit(every):
    served = world("october_1987", every, seed=3)
    path = simulate(served.market, served.times[-1], None, 1, seed=0).spot.ravel()
    closes = october_1987().market.since("1987-10-02").prices
    assert (path[:: round(DAY / every)] == closes).all()
    assert served.times[-1] == pytest.approx((closes.size - 1) / 252)
    assert "Recorded: the 63 closes. Made: everything between" in served.told


def test_what_is_made_between_two_closes_has_the_stated_volatility():
    """A flat record: the variance of the steps is the bridge's, less the share that its two ends take."""
    per_day = 390
    path = bridged(np.full(2001, 100.0), per_day, BETWEEN, seed=5)
    variance = np.log(path[1:] / path[:-1]).var() * 252 * per_day
    assert variance == pytest.approx(BETWEEN**2 * (1 - 1 / per_day), rel=0.01)
    middle = np.log(path[per_day // 2 :: per_day] / 100)
    assert middle.var() == pytest.approx(BETWEEN**2 / 252 / 4, rel=0.1)


def test_the_same_seed_is_the_same_autumn_and_another_is_not():
    one, same, other = (world("october_1987", 1800.0, seed).market.prices for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_has_a_price_at_each_of_its_times_and_a_book_near_it(name):
    served = world(name, every=3600.0, seed=1)
    assert served.times[0] == 0
    assert np.diff(served.times)[:-1] == pytest.approx(served.times[1])
    spots = [float(np.squeeze(shown.spot)) for shown in first(served, 20)]
    assert spots[0] == served.market.spot
    assert all(0.5 * served.market.spot < spot < 2 * served.market.spot for spot in spots)
    assert all(abs(option.strike / served.market.spot - 1) < 0.2 for option in served.options)
    assert len(served.options) == len(served.numbers)
    assert served.told


@pytest.mark.parametrize("name", WORLDS)
def test_how_long_a_world_lasts_changes_nothing_in_what_comes_before(name):
    shown = [np.squeeze(first(world(name, 1800.0, 1, days * DAY), 20)[-1].spot) for days in (2, 40, 400)]
    assert shown[0] == shown[1] == shown[2]


def first(served, number):
    """The first prices of a world."""
    (block,) = blocks_of(1, seed=1)
    stream = served.market.stream(served.times, 1, block.random())
    return [as_quote(shown) for shown, _ in zip(stream, range(number), strict=False)]


def test_an_unknown_market_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="market must be one of gbm, merton, heston, october_1987, got 'moon'"):
        world("moon")
    with pytest.raises(ValueError, match="every must be positive and finite, got 0"):
        world("gbm", every=0)
