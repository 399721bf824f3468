"""The SABR model with beta 1: Hagan's formula, how far it is off, and paths against an integral of their own."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import hedgelab as hl
from hedgelab import black_scholes

WORLD = hl.LognormalSABR(100, 0.2, vol_of_volatility=1.0, correlation=-0.7)
STRIKES = [("put", 80), ("put", 90), ("call", 100), ("call", 110), ("call", 120)]


def at(model, names, option, spot, volatility, time=0.0, rates=(0.0, 0.0)):
    quote = hl.Quote(np.atleast_1d(spot).astype(float), np.square(np.atleast_1d(volatility).astype(float)))
    view = SimpleNamespace(time=time, spot=quote.spot, quote=quote)
    return [np.ravel(number) for number in model.pricer(rates).greeks(names, option, view)]


def test_the_formula_lands_on_the_volatilities_of_quantlib_and_pysabr():
    published = {90: 0.2373105386, 95: 0.2176578929, 100: 0.1993541667, 105: 0.1830618251, 110: 0.1698588825}
    for strike, volatility in published.items():
        price = WORLD.price(hl.Option("call", strike, 0.25))
        assert price == pytest.approx(black_scholes.price("call", 100, strike, 0.25, volatility), abs=1e-8)


@pytest.mark.parametrize("correlation", [-1.0, -0.7, 0.0])
@pytest.mark.parametrize("strike", [60, 97, 99.9, 100.5, 102, 115])
def test_greeks_are_differences_of_greeks(correlation, strike):
    """Theta too, which no equation gives: the formula solves none."""
    model = hl.LognormalSABR(100, 0.25, 1.3, correlation)
    option, rates = hl.Option("call", strike, 0.4), (0.03, 0.01)
    greeks = model.greeks(option, *rates)

    def difference(name, step, spot=0.0, volatility=0.0, time=0.0):
        ends = [
            at(model, (name,), option, 100 + sign * spot, 0.25 + sign * volatility, sign * time, rates)[0][0]
            for sign in (step, -step)
        ]
        return (ends[0] - ends[1]) / (2 * step)

    assert greeks.delta == pytest.approx(difference("price", 1e-3, spot=1), rel=1e-6, abs=1e-8)
    assert greeks.gamma == pytest.approx(difference("delta", 1e-3, spot=1), rel=1e-5, abs=1e-8)
    assert greeks.vega == pytest.approx(difference("price", 1e-5, volatility=1), rel=1e-6, abs=1e-6)
    assert greeks.vanna == pytest.approx(difference("delta", 1e-5, volatility=1), rel=1e-5, abs=1e-6)
    assert greeks.volga == pytest.approx(difference("vega", 1e-5, volatility=1), rel=1e-4, abs=1e-4)
    assert greeks.theta == pytest.approx(difference("price", 1e-5, time=1), rel=1e-5, abs=1e-5)


def test_delta_is_that_of_sticky_moneyness():
    """Price is homogeneous in spot and strike: what Euler's theorem says of the derivatives."""
    for strike in (90, 100, 115):
        h = 1e-3
        up, down = (WORLD.price(hl.Option("put", strike + move, 0.25)) for move in (h, -h))
        by_strike = (up - down) / (2 * h)
        price, delta = WORLD.greeks(hl.Option("put", strike, 0.25))[:2]
        assert 100 * delta + strike * by_strike == pytest.approx(price, abs=1e-6)


def test_shares_by_the_minimum_variance_delta_leave_less_of_a_day_than_any_others():
    """Simulated: the variance of what is left is a parabola in the shares held, whose lowest point it is."""
    day, option = 1 / 252, hl.Option("call", 100, 0.25)
    paths = WORLD.simulate(day, 1, 20_000, seed=3)
    after = at(WORLD, ("price",), option, paths.spot[-1], np.sqrt(paths.variance[-1]), day)[0]
    moves = paths.spot[-1] - 100
    slope = np.cov(moves, after)[0, 1] / moves.var(ddof=1)
    error = (after - slope * moves).std() / (moves.std() * np.sqrt(moves.size))
    assert WORLD.minimum_variance_delta(option) == pytest.approx(slope, abs=4 * error)
    assert abs(WORLD.greeks(option).delta - slope) > 10 * error


@pytest.fixture(scope="module")
def mixed():
    """Prices, and their standard errors: given the path of the volatility, the last price is lognormal.

    M. Romano & N. Touzi (1997), "Contingent claims and market completeness in a stochastic volatility model": an
    average of Black-Scholes prices over paths of the volatility alone, here by trapezia of 1/400 of a year.
    """
    random, years, steps, n = np.random.default_rng(4), 0.25, 100, 40_000
    noise = np.concatenate([half := random.standard_normal((steps, n)), -half]) * np.sqrt(years / steps)
    noise = np.concatenate([noise[:steps], noise[steps:]], axis=1)
    times = np.linspace(0, years, steps + 1)[:, None]
    walk = np.vstack([np.zeros(2 * n), np.cumsum(noise, axis=0)])
    volatility = 0.2 * np.exp(walk - times / 2)
    total = np.trapezoid(volatility**2, dx=years / steps, axis=0)
    spot = 100 * np.exp(-0.7 * (volatility[-1] - 0.2) - 0.5 * 0.49 * total)
    own = np.sqrt((1 - 0.49) * total / years)
    found = []
    for kind, strike in STRIKES:
        each = black_scholes.price(kind, spot, strike, years, own)
        pairs = each.reshape(2, n).mean(axis=0)
        found.append((pairs.mean(), pairs.std() / np.sqrt(n)))
    return np.array(found)


def test_simulated_prices_are_those_of_the_integral_over_paths_of_volatility(mixed):
    n = 200_000
    last = WORLD.simulate(0.25, 16, n, seed=6).spot[-1]
    assert last.mean() == pytest.approx(100, abs=3 * last.std() / np.sqrt(n))
    for (kind, strike), (value, error) in zip(STRIKES, mixed, strict=True):
        payoffs = hl.Option(kind, strike, 0.25).payoff(last)
        assert payoffs.mean() == pytest.approx(value, abs=3 * np.hypot(error, payoffs.std() / np.sqrt(n)) + 2e-4)


def test_the_formula_is_off_by_what_its_docstring_says(mixed):
    """In price and, at four strikes, in points of implied volatility."""
    stated = [0.012, 0.015, 0.002, -0.010, -0.002]
    for (kind, strike), (value, error), off in zip(STRIKES, mixed, stated, strict=True):
        formula = WORLD.price(hl.Option(kind, strike, 0.25))
        assert formula - value == pytest.approx(off, abs=3 * error + 1e-3)
    for (kind, strike), (value, error), points in zip(STRIKES, mixed, [0.24, 0.12, 0.01, -0.09], strict=False):
        formula = WORLD.price(hl.Option(kind, strike, 0.25))
        ends = black_scholes.implied_volatility([formula, value], kind, 100, strike, 0.25)
        vega = black_scholes.greeks(kind, 100, strike, 0.25, ends[1]).vega
        assert 100 * (ends[0] - ends[1]) == pytest.approx(points, abs=0.01 + 300 * error / vega)


def test_a_single_long_step_has_thin_tails_and_few_more_have_not():
    """As `stream` says: a call at 120 is worth 0.0313."""
    for steps, value in ((1, 0.0238), (4, 0.0308), (16, 0.0313)):
        payoffs = hl.Option("call", 120, 0.25).payoff(WORLD.simulate(0.25, steps, 400_000, seed=1).spot[-1])
        assert payoffs.mean() == pytest.approx(value, abs=3 * payoffs.std() / np.sqrt(400_000))


def test_without_a_volatility_of_volatility_it_is_black_scholes():
    for nu in (0.0, 1e-12, 1e-7):
        calm = hl.LognormalSABR(100, 0.2, nu, -0.7, drift=0.05)
        option = hl.Option("put", 95, 0.5)
        same = black_scholes.greeks("put", 100, 95, 0.5, 0.2, 0.05, 0.01)
        assert calm.greeks(option, 0.05, 0.01)[:4] == pytest.approx(same[:3] + same[4:5], rel=1e-6)
        paths = calm.simulate(0.5, 5, 20_000, seed=1)
        np.testing.assert_allclose(paths.variance, 0.04, rtol=1e-5)
        assert np.log(paths.spot[-1]).std() == pytest.approx(0.2 * np.sqrt(0.5), rel=0.02)


def test_the_volatility_is_lognormal_and_moves_with_the_price():
    paths = replace(WORLD, drift=0.1).simulate(1, 40, 50_000, seed=2)
    moved = 0.5 * np.log(paths.variance / 0.04)
    assert moved[-1].mean() == pytest.approx(-0.5, abs=3 / np.sqrt(50_000))
    assert moved[-1].std() == pytest.approx(1, rel=3 / np.sqrt(100_000))
    correlation = np.corrcoef(np.diff(np.log(paths.spot[:2]), axis=0)[0], moved[1])[0, 1]
    assert correlation == pytest.approx(-0.7, abs=0.01)
    spot = paths.spot[-1]
    assert spot.mean() == pytest.approx(100 * np.exp(0.1), abs=3 * spot.std() / np.sqrt(50_000))


def test_where_one_noise_moves_both_no_price_is_above_its_highest():
    """With a correlation of -1 the price would have to take the volatility below zero."""
    model = hl.LognormalSABR(100, 0.2, 1.0, -1.0)
    highest = 100 * np.exp(0.2 / 1)
    spot = model.simulate(2, 50, 20_000, seed=1).spot
    assert 0.98 * highest < spot.max() < highest
    assert model.price(hl.Option("call", highest + 1, 0.25)) < 1e-4


def test_it_needs_a_market_that_shows_its_variance():
    with pytest.raises(ValueError, match="a SABR model needs a market that shows its variance"):
        hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.2), volatility=WORLD, steps=3)


def test_where_there_is_no_volatility_left_an_option_is_worth_its_payoff():
    for strike in (90, 100, 110):
        price, delta = at(WORLD, ("price", "delta"), hl.Option("call", strike, 0.25), 100, 0.0)
        assert price[0] == pytest.approx(max(100 - strike, 0), abs=1e-6)
        assert 0 <= delta[0] <= 1
