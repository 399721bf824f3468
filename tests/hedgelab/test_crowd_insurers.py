"""What insurers sell: one replicated put, or many folded into one curve."""

import numpy as np
import pytest

from hedgelab import black_scholes
from hedgelab.crowd import HOUR, Insurers, Seen


def test_insurers_sell_what_a_replicated_put_gives_up():
    insurers = Insurers.put(100.0, strike=92, expiry=0.5, volatility=0.2, reference=100.0, rate=0.03)
    spot = np.linspace(60, 120, 25)
    deltas = black_scholes.greeks("put", np.append(spot, 100.0), 92, 0.5, 0.2, 0.03).delta
    assert insurers.called(np.log(spot / 100)) == pytest.approx(-100 * (deltas[:-1] - deltas[-1]), abs=1e-12)


def test_the_slope_is_the_derivative_of_what_is_called():
    insurers = Insurers([30.0, 45.0], floor=[-0.05, -0.2], spread=[0.25, 0.1], overhang=8.0)
    x, h = np.linspace(-0.5, 0.2, 15), 1e-4
    alone = [Insurers(*each) for each in ((30.0, -0.05, 0.25), (45.0, -0.2, 0.1))]
    rise = sum(each.called(x - h) - each.called(x + h) for each in alone) / (2 * h)
    assert insurers.slope(x) == pytest.approx(rise, rel=1e-5)
    assert Insurers(75.0).slope(0.0) == pytest.approx(117.31, abs=0.005)


def test_a_crowd_of_a_hundred_thousand_folds_into_the_sum_of_their_curves():
    rng = np.random.default_rng(1)
    floor, spread = rng.uniform(-0.3, 0.1, 1000), rng.uniform(0.08, 0.25, 1000)
    insured = rng.dirichlet(np.ones(1000)) * 75
    crowd = Insurers(insured, floor, spread, overhang=8.0)
    x = np.linspace(-0.6, 0.2, 97)
    alone = sum(Insurers(*each).called(x) for each in zip(insured, floor, spread, strict=True)) + 8.0
    assert crowd.called(x) == pytest.approx(alone, abs=1e-4)
    same = Insurers(np.full(100_000, 75e-5), floor=-0.05, spread=0.25)
    assert same.called(x) == pytest.approx(Insurers(75.0).called(x), abs=1e-4)
    assert same.called(np.array([-1e3, 1e3])) == pytest.approx(Insurers(75.0).called(np.array([-1e3, 1e3])))


def test_insurers_sell_their_share_of_what_is_called_in_a_step_and_no_more_than_they_can():
    seen = Seen(1, 0.05 * HOUR, 0.05 * HOUR, np.array([90.0]), np.log([0.9]), np.log([0.9]))
    called = float(Insurers(75.0).called(np.log(0.9)))
    for terms, sold in (
        ({}, 0.2 * called),
        ({"delay": 0.01 * HOUR}, called),
        ({"pace": 2.0 / HOUR}, 0.1),
        ({"overhang": 8.0}, 0.2 * (called + 8)),
    ):
        trader = Insurers(75.0, **terms).enter(seen.spot, seen.price)
        assert -trader.orders(seen) == pytest.approx([sold])
        assert trader.sold == pytest.approx([sold])


def test_insurers_buy_back_only_if_they_say_so():
    risen = Seen(1, HOUR, HOUR, np.array([105.0]), np.log([1.05]), np.log([1.05]))
    for buy_back in (False, True):
        order = Insurers(75.0, buy_back=buy_back).enter(risen.spot, risen.price).orders(risen)
        assert (order[0] > 0) == buy_back
