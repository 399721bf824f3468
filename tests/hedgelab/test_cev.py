"""Constant elasticity of variance: prices of QuantLib and of older formulas, and paths that agree with them."""

from dataclasses import replace
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincc
from scipy.stats import ncx2, norm

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.markets.cev_options import CEVGreeks, _log_bessel, exact, greeks, table

WORLD = hl.CEV(100, 0.2, exponent=-2)


@pytest.mark.parametrize(
    ("exponent", "expiry", "put_80", "call_100", "call_120"),
    [
        # QuantLib 1.44, AnalyticCEVEngine with alpha 0.2 * 100**(1 - exponent), 73 and 365 days
        (-2.0, 0.2, 0.154211797844, 3.578005298333, 0.007600052640),
        (-2.0, 1.0, 3.108004913367, 8.103311320548, 0.925515532691),
        (0.0, 0.2, 0.039426464464, 3.568248232306, 0.039426464464),
        (0.0, 1.0, 1.666309411754, 7.978845608029, 1.666309411754),
        (0.5, 0.2, 0.025872037051, 3.567355835305, 0.055035155553),
        (0.5, 1.0, 1.411791688683, 7.968853232423, 1.896548165797),
        (0.9, 0.2, 0.017924490813, 3.567071031795, 0.070590118764),
        (0.9, 1.0, 1.228963105412, 7.965698467093, 2.095419953133),
    ],
)
def test_cev_lands_on_the_prices_of_quantlib(exponent, expiry, put_80, call_100, call_120):
    market = hl.CEV(100, 0.2, exponent)
    options = (("put", 80, put_80), ("call", 100, call_100), ("call", 120, call_120))
    for kind, strike, value in options:
        assert market.price(hl.Option(kind, strike, expiry)) == pytest.approx(value, abs=3e-12)


@pytest.mark.parametrize("order", [1 / 6, 5.0, 50.0, 500.0])
def test_the_log_of_a_bessel_function_is_that_of_30_digits(order):
    for z in (0.5, 30.0, 999.0, 1001.0, 2e4, 1e9):
        with mpmath.workdps(30):
            expected = float(mpmath.log(mpmath.besseli(order, z)) - z)
        with np.errstate(all="ignore"):
            assert _log_bessel(order, z) == pytest.approx(expected, rel=1e-12, abs=3e-13)


def schroder(spot, strike, expiry, sigma, beta, rate):
    """His formula (1989) as he has it, with the variance of returns ``sigma**2 S**(beta - 2)``."""
    k = 2 * rate / (sigma**2 * (2 - beta) * np.expm1(rate * (2 - beta) * expiry))
    x, y = k * spot ** (2 - beta) * np.exp(rate * (2 - beta) * expiry), k * strike ** (2 - beta)
    held = ncx2.sf(2 * y, 2 + 2 / (2 - beta), 2 * x)
    return spot * held - strike * np.exp(-rate * expiry) * ncx2.cdf(2 * x, 2 / (2 - beta), 2 * y)


@pytest.mark.parametrize("exponent", [-3.0, -0.5, 0.0, 0.5, 0.9])
@pytest.mark.parametrize(("strike", "expiry", "rate"), [(80, 0.25, 0.1), (100, 1.0, 0.05), (130, 2.0, -0.03)])
def test_cev_is_schroders_formula_where_there_are_rates(exponent, strike, expiry, rate):
    market = hl.CEV(100, 0.3, exponent)
    value = schroder(100, strike, expiry, 0.3 * 100 ** (1 - exponent), 2 * exponent, rate)
    call, put = (market.price(hl.Option(kind, strike, expiry), rate) for kind in ("call", "put"))
    assert call == pytest.approx(value, abs=1e-9)
    assert call - put == pytest.approx(100 - strike * np.exp(-rate * expiry), abs=1e-10)
    foreign = market.price(hl.Option("call", strike, expiry), rate + 0.04, 0.04)
    assert foreign == pytest.approx(np.exp(-0.04 * expiry) * value, abs=1e-9)


@pytest.mark.parametrize("strike", [60, 100, 170])
@pytest.mark.parametrize(("volatility", "expiry"), [(0.2, 0.5), (0.9, 2.0)])
def test_an_exponent_of_zero_is_the_absolute_diffusion_of_cox_and_ross(strike, volatility, expiry):
    """Cox & Ross (1976), "The valuation of options for alternative stochastic processes", equation 38."""
    rate = 0.05
    spread = 100 * volatility * np.sqrt(-np.expm1(-2 * rate * expiry) / (2 * rate))
    bond = strike * np.exp(-rate * expiry)
    up, down = (100 - bond) / spread, (-100 - bond) / spread
    value = (100 - bond) * norm.cdf(up) + (100 + bond) * norm.cdf(down) + spread * (norm.pdf(up) - norm.pdf(down))
    assert hl.CEV(100, volatility, 0).price(hl.Option("call", strike, expiry), rate) == pytest.approx(value)


def test_an_exponent_of_one_is_black_scholes_and_those_near_it_are_close():
    option = hl.Option("put", 90, 0.5)
    same = black_scholes.greeks("put", 100, 90, 0.5, 0.25, 0.03, 0.01)
    expected = [same.price, same.delta, same.gamma, same.theta]
    assert hl.CEV(100, 0.25, 1).greeks(option, 0.03, 0.01) == pytest.approx(expected, rel=1e-13)
    for away in (1e-3, 1e-6, 1e-9):
        near = hl.CEV(100, 0.25, 1 - away).greeks(option, 0.03, 0.01)
        assert near == pytest.approx(expected, rel=2 * away + 1e-7)


def test_without_volatility_an_option_is_worth_its_forwards_payoff():
    calm = hl.CEV(100, 0.0, -1, drift=0.05)
    assert calm.price(hl.Option("call", 90, 1), 0.05) == pytest.approx(100 - 90 * np.exp(-0.05))
    assert calm.price(hl.Option("call", 110, 1), 0.05) == 0
    paths = calm.simulate(1, 4, 3, seed=1)
    np.testing.assert_allclose(paths.spot, 100 * np.exp(0.05 * paths.times)[:, None] * np.ones(3))


@pytest.mark.parametrize("exponent", [-4.0, -0.5, 0.5, 0.95])
@pytest.mark.parametrize("option", [hl.Option("call", 95, 0.4), hl.Option("put", 70, 1.5)], ids=str)
@pytest.mark.parametrize("spot", [55.0, 100.0, 120.0])
def test_greeks_are_the_derivatives_of_the_price(exponent, option, spot):
    market, rates = hl.CEV(100, 0.3, exponent), (0.04, 0.01)

    def price(spot, years):
        return greeks(market, ["price"], option, np.array([spot]), years, rates)[0][0]

    found = greeks(market, CEVGreeks._fields, option, np.array([spot]), option.expiry, rates)
    _, delta, gamma, theta = np.ravel(found)
    h, day = 1e-2, 1e-4
    up, middle, down = (price(spot + move, option.expiry) for move in (h, 0, -h))
    assert delta == pytest.approx((up - down) / (2 * h), abs=1e-6)
    assert gamma == pytest.approx((up - 2 * middle + down) / h**2, abs=1e-6)
    older, newer = (price(spot, option.expiry + move) for move in (-day, day))
    assert theta == pytest.approx((older - newer) / (2 * day), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("part", range(4))
def test_the_tables_hold_along_paths_of_four_hundred_worlds(part):
    """A price within 1e-9 of the spot, a delta within 2e-9, the density of gamma within 1e-9."""
    random = np.random.default_rng(part)
    for number in range(100):
        exponent = random.choice([random.uniform(-8, 1), 1 - 10 ** random.uniform(-6, 0)])
        world, expiry = hl.CEV(100, random.uniform(0.03, 1), exponent), random.uniform(0.003, 2)
        spot = world.simulate(expiry, 1, 8, seed=number).spot[-1] * np.exp(0.1 * random.standard_normal(8))
        n = 1 / (1 - exponent)
        end = n * random.uniform(0.7, 1.4) ** (1 / n) / (world.volatility * np.sqrt(expiry))
        beyond = end * np.expm1(np.log(spot / 100) / n)
        price, delta, density = np.abs(table(n, end)(beyond, range(3)) - exact(n, end, beyond)).max(axis=1)
        assert max(price, delta / 2, density) <= 1e-9


PATHS = 60_000


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize(
    ("exponent", "volatility", "expiry", "drift"),
    [(-2, 0.2, 0.25, 0.0), (-2, 0.3, 1, 0.1), (0, 0.6, 2, 0.05), (0.5, 0.4, 1, -0.2), (0.99, 0.3, 1, 0.05)],
)
def test_simulated_and_exact_prices_agree_however_long_the_steps(exponent, volatility, expiry, drift, steps):
    market = hl.CEV(100, volatility, exponent, drift)
    last = market.simulate(expiry, steps, PATHS, seed=steps).spot[-1]
    discounted = np.exp(-drift * expiry) * last
    assert discounted.mean() == pytest.approx(100, abs=3.5 * discounted.std() / np.sqrt(PATHS))
    for kind, strike in (("put", 70), ("put", 100), ("call", 100), ("call", 130)):
        option = hl.Option(kind, strike, expiry)
        payoffs = np.exp(-drift * expiry) * option.payoff(last)
        error = payoffs.std() / np.sqrt(PATHS)
        assert payoffs.mean() == pytest.approx(market.price(option, drift), abs=3.5 * error)


@pytest.mark.parametrize("steps", [1, 20])
def test_a_price_falls_to_zero_as_often_as_it_should_and_stays_there(steps):
    """The probability: Cox (1975); of a square of a Bessel process of dimension ``2 - n``."""
    market = hl.CEV(100, 0.4, -1, drift=0.05)
    paths = market.simulate(1, steps, 20_000, seed=2)
    nothing = paths.spot == 100 * 1e-9
    clock = -np.expm1(-4 * 0.05) / (4 * 0.05)
    expected = gammaincc(0.25, 1 / (2 * (2 * 0.4) ** 2 * clock))
    assert nothing[-1].mean() == pytest.approx(expected, abs=3 * np.sqrt(expected / 20_000))
    assert (nothing[1:] >= nothing[:-1]).all()
    assert (paths.variance[nothing] == 0).all()
    alive = ~nothing
    np.testing.assert_allclose(paths.variance[alive], 0.4**2 * (paths.spot[alive] / 100) ** -4)


def test_a_price_that_has_fallen_to_zero_is_hedged_like_any_other():
    """A put then is worth its strike, for certain; the books and their parts stay finite."""
    market = hl.CEV(100, 0.4, -1)
    put = hl.Option("put", 80, 1)
    run = hl.hedge(put, market=market, volatility=market, steps=50, n_paths=500, seed=2)
    paths = market.simulate(1, 50, 500, seed=2)
    fallen = np.flatnonzero(paths.spot[40] == 100 * 1e-9)
    assert fallen.size > 5
    np.testing.assert_allclose(run.ledger(fallen[0]).option.iloc[40:], -80, rtol=1e-8)
    parts = hl.explain(run)
    np.testing.assert_allclose(parts.sum(axis=1), run.pnl, atol=1e-9)
    assert abs(run.pnl.mean()) < 3 * run.standard_error()


def test_the_volatility_of_a_pricer_is_implied_where_little_time_is_left():
    quote = hl.Quote(np.array([80.0, 95.0, 100.0, 110.0]))
    view = SimpleNamespace(time=0.0, spot=quote.spot, quote=quote)
    pricer = WORLD.pricer((0.0, 0.0))
    for strike in (90, 100):
        option = hl.Option("call", strike, 0.02)
        (price,) = pricer.greeks(("price",), option, view)
        implied = black_scholes.implied_volatility(price, "call", quote.spot, strike, 0.02)
        said, known = pricer.volatility(option, view), price - option.payoff(quote.spot) > 1e-6
        assert known.sum() >= 2
        np.testing.assert_allclose(said[known], implied[known], rtol=0.004)


def test_a_days_move_of_an_option_follows_its_delta_which_has_the_least_variance():
    """Delta takes the spot's volatility along, unlike Black and Scholes's at the implied volatility."""
    day, option = 1 / 252, hl.Option("call", 100, 0.25)
    moved = WORLD.simulate(day, 1, 4_000, seed=3).spot[-1]
    (after,) = greeks(WORLD, ["price"], option, moved, 0.25 - day, (0.0, 0.0))
    moves = moved - 100
    slope = np.cov(moves, after)[0, 1] / moves.var(ddof=1)
    rest = after - slope * moves
    error = rest.std() / (moves.std() * np.sqrt(moves.size))
    assert WORLD.greeks(option).delta == pytest.approx(slope, abs=4 * error)
    implied = black_scholes.implied_volatility(WORLD.price(option), "call", 100, 100, 0.25)
    assert abs(black_scholes.greeks("call", 100, 100, 0.25, implied).delta - slope) > 10 * error


def test_another_first_price_is_another_market_of_the_same_shape():
    """Twice the spot and strike, twice the price: the volatility belongs to the first price."""
    double = replace(WORLD, spot=200).price(hl.Option("put", 180, 0.5), 0.03)
    assert double == pytest.approx(2 * WORLD.price(hl.Option("put", 90, 0.5), 0.03), rel=1e-12)


@given(
    strikes=st.lists(st.floats(20, 500), min_size=3, max_size=3, unique=True).map(sorted),
    expiry=st.floats(0.003, 20),
    volatility=st.floats(0, 2),
    exponent=st.floats(-10, 1),
    rate=st.floats(-0.1, 0.2),
)
def test_prices_fall_and_bend_upwards_in_the_strike(strikes, expiry, rate, **parameters):
    market = hl.CEV(spot=100, **parameters)
    low, middle, high = (market.greeks(hl.Option("call", strike, expiry), rate) for strike in strikes)
    slopes = [
        (middle.price - low.price) / (strikes[1] - strikes[0]),
        (high.price - middle.price) / (strikes[2] - strikes[1]),
    ]
    slack = 1e-9 / min(np.diff(strikes))
    assert -np.exp(-rate * expiry) - slack <= slopes[0] <= slopes[1] + slack
    assert slopes[1] <= slack
    for each, strike in zip((low, middle, high), strikes, strict=True):
        assert max(100 - strike * np.exp(-rate * expiry), 0) - 1e-9 <= each.price <= 100 + 1e-9
        assert -1e-9 <= each.delta <= 1 + 1e-9
        assert each.gamma >= 0
