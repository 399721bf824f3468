"""A thin market, against the numbers of a prototype of the same model, and by hand.

The prototype had 400 paths with a noise of half a basis point a second; three standard errors are allowed.
"""

from dataclasses import replace

import numpy as np
import pytest

from hedgelab.crowd import LinearDepth, SellProgram, Stop, ThinMarket

PATHS = 200
MARKET = ThinMarket(noise=5e-5)
QUIET = ThinMarket()
PROGRAM = SellProgram()
DEEP = LinearDepth(MARKET.depth.depth)  # whatever makers hold

TABLE = [  # market, program, stop, low in per cent, the prototype's standard error
    (MARKET, PROGRAM, Stop(), -6.19, 0.04),
    (MARKET, PROGRAM, None, -7.03, 0.03),
    (replace(MARKET, passing=0), PROGRAM, None, -0.60, 0.005),
    (replace(MARKET, depth=DEEP), PROGRAM, None, -2.71, 0.02),
    (replace(MARKET, depth=DEEP, passing=0), PROGRAM, None, -0.57, 0.01),
    (replace(MARKET, delay=QUIET.delay / 2), PROGRAM, None, -6.84, 0.04),
    (MARKET, SellProgram(share=0.12), None, -12.63, 0.01),
    (MARKET, PROGRAM, Stop(at=688), -6.59, 0.04),
]


@pytest.mark.parametrize(("market", "program", "stop", "low", "error"), TABLE)
def test_lows_are_those_of_the_prototype(market, program, stop, low, error):
    percent = 100 * market.sell(program, n_paths=PATHS, seed=2, stop=stop).low
    rounding = 0.005
    assert percent.mean() == pytest.approx(low, abs=3 * np.hypot(percent.std() / PATHS**0.5, error) + rounding)


@pytest.mark.parametrize("program", [SellProgram(share=0.06), SellProgram(pace=75_000 / 18_000)])
def test_a_slow_sale_moves_nothing(program):
    sale = MARKET.sell(program, n_paths=20, seed=1)
    assert (sale.low == 0).all()
    assert (sale.held == 0).all()


def in_plain_python(share, stop=None, seconds=2400):
    """One path without noise, a second at a time."""
    x = held = called = 0.0
    left, volumes, price = 75_000.0, [QUIET.others] * 60, [0.0]
    for second in range(seconds):
        called += (max(-x, 0) - called) / QUIET.delay
        volume = 0.0
        if stop is None or not stop.at <= second < stop.at + stop.lasts:
            full = held / QUIET.limit
            sells = min(share * sum(volumes) / 60, left)
            net = sells - QUIET.takers * (left > 0) - 100 * QUIET.appetite * called
            move = -net / (QUIET.depth.depth * 0.01**full)
            x += -0.1 * x if net < 0 and x + move > 0 else move
            held += net * (1 - full) if net > 0 else max(net, -held)
            volume = QUIET.others * (1 + QUIET.passing * full**2) + sells
            left -= sells
        elif second == stop.at + stop.lasts - 1:
            held *= 1 - stop.frees
        volumes = [*volumes[1:], volume]
        price.append(x)
    return price, 75_000 - left, held


@pytest.mark.parametrize("stop", [None, Stop(), Stop(at=700, lasts=90, frees=0.5)])
@pytest.mark.parametrize("share", [0.07, 0.085, 0.09, 0.13])
def test_one_path_is_what_a_loop_makes_of_it(share, stop):
    price, sold, held = in_plain_python(share, stop)
    sale = QUIET.sell(SellProgram(share=share), stop=stop)
    assert sale.price[:, 0] == pytest.approx(price, rel=1e-9, abs=1e-12)
    assert (sale.sold[-1, 0], sale.held[-1, 0]) == pytest.approx((sold, held), rel=1e-9, abs=1e-6)


def test_makers_begin_to_fill_at_the_share_at_which_the_program_outsells_ordinary_buyers():
    edge = QUIET.takers / (QUIET.others + QUIET.takers)
    sale = QUIET.sell(SellProgram(share=[0.999 * edge, 1.001 * edge]), seconds=3600, n_paths=2)
    assert sale.held[:, 0].max() == 0 < sale.held[:, 1].max()


def test_a_program_that_looks_at_the_clock_does_not_notice_the_hot_potato():
    program = SellProgram(pace=62.5)
    lows = [replace(QUIET, passing=passing).sell(program).low[0] for passing in (0, 9)]
    assert lows[0] == lows[1] < 0


def test_the_program_sells_what_it_was_told_and_no_more():
    sale = MARKET.sell(PROGRAM, n_paths=20, seed=3)
    assert (np.diff(sale.sold, axis=0) >= 0).all()
    assert sale.sold.max() <= 75_000
    done = sale.done(75_000)
    assert (sale.sold[-1] == 75_000).tolist() == np.isfinite(done).tolist()
    assert np.isnan(QUIET.sell(PROGRAM, seconds=60).done(75_000)).all()


def test_nothing_trades_in_a_stop_and_the_noise_is_the_same_without_one():
    stop = Stop(at=800, lasts=20)
    stopped, free = (MARKET.sell(PROGRAM, seconds=900, n_paths=5, seed=4, stop=each) for each in (stop, None))
    assert (np.diff(stopped.price[800:821], axis=0) == 0).all()
    assert (np.diff(stopped.sold[800:821], axis=0) == 0).all()
    assert np.array_equal(stopped.price[:801], free.price[:801])
    assert (stopped.held[820] == (1 - stop.frees) * stopped.held[800]).all()


def test_numbers_may_be_one_a_path():
    limits = [3_500.0, 7_000.0]
    both = replace(QUIET, limit=limits).sell(PROGRAM, n_paths=2)
    for column, limit in enumerate(limits):
        one = replace(QUIET, limit=limit).sell(PROGRAM)
        assert both.price[:, column] == pytest.approx(one.price[:, 0], abs=1e-15)


def test_shocks_of_ones_own_are_the_noise():
    shocks = np.random.default_rng(5).standard_normal((600, 3))
    assert np.array_equal(
        MARKET.sell(PROGRAM, 600, 3, shocks=shocks).price, MARKET.sell(PROGRAM, 600, 3, seed=5).price
    )
