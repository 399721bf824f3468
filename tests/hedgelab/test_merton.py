"""Merton's jump diffusion: published prices, an independent integral, and paths that agree with them."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.markets import blocks_of

CRASHES = hl.Merton(spot=100, volatility=0.15, jump_rate=2, jump_mean=-0.1, jump_volatility=0.2, drift=0.05)


@pytest.mark.parametrize(
    ("expiry", "jump_rate", "share", "strike", "published"),
    [
        # Haug, The Complete Guide to Option Pricing Formulas (1998), page 9; `share` of the variance is the jumps'
        (0.10, 1, 0.25, 80, 20.67),
        (0.25, 5, 0.25, 90, 12.75),
        (0.50, 1, 0.50, 100, 8.71),
        (0.25, 10, 0.50, 110, 2.14),
        (0.50, 5, 0.75, 120, 2.21),
        (0.10, 1, 0.75, 100, 2.70),
    ],
)
def test_merton_lands_on_haugs_table(expiry, jump_rate, share, strike, published):
    jump_volatility = 0.25 * np.sqrt(share / jump_rate)
    market = hl.Merton(100, 0.25 * np.sqrt(1 - share), jump_rate, -0.5 * jump_volatility**2, jump_volatility)
    assert market.price(hl.Option("call", strike, expiry), rate=0.08) == pytest.approx(published, abs=0.01)


@pytest.mark.parametrize(("spot", "published"), [(90, 0.527638), (100, 4.391246), (110, 12.643406)])
def test_merton_lands_on_the_calls_of_dhalluin_forsyth_and_vetzal(spot, published):
    # Robust numerical methods for contingent claims under jump diffusion processes (2005), table 2
    market = hl.Merton(spot, 0.15, jump_rate=0.1, jump_mean=-0.9, jump_volatility=0.45)
    assert market.price(hl.Option("call", 100, 0.25), rate=0.05) == pytest.approx(published, abs=1e-6)


@pytest.mark.parametrize("option", [hl.Option("call", 95, 0.25), hl.Option("put", 110, 1.0)], ids=str)
def test_mertons_greeks_are_the_derivatives_of_its_price(option):
    def price(spot):
        return replace(CRASHES, spot=spot).price(option, rate=0.03, dividend=0.01)

    greeks, h = CRASHES.greeks(option, rate=0.03, dividend=0.01), 0.02
    assert greeks.price == price(100)
    assert greeks.delta == pytest.approx((price(100 + h) - price(100 - h)) / (2 * h), abs=1e-6)
    assert greeks.gamma == pytest.approx((price(100 + h) - 2 * price(100) + price(100 - h)) / h**2, abs=1e-6)


@pytest.mark.parametrize("kind", ["call", "put"])
@pytest.mark.parametrize(
    ("volatility", "jump_rate", "jump_mean", "jump_volatility", "expiry", "strike"),
    [
        (0.2, 1.0, -0.1, 0.15, 0.5, 90),
        (0.1, 30.0, 0.02, 0.05, 2.0, 140),
        (0.3, 0.2, 1.5, 0.8, 1.0, 100),
        (0.4, 5.0, -0.5, 0.0, 0.1, 60),
        (0.25, 300.0, -0.01, 0.02, 3.0, 100),
    ],
)
def test_the_series_agrees_with_lewis_integral(
    kind, volatility, jump_rate, jump_mean, jump_volatility, expiry, strike
):
    """Lewis (2001), equation 3.11, of the characteristic function: a way that knows nothing of series."""
    market = hl.Merton(100, volatility, jump_rate, jump_mean, jump_volatility)
    rate, dividend = 0.03, 0.01
    forward = 100 * np.exp((rate - dividend) * expiry)

    def integrand(u):
        z = u - 0.5j
        jump = np.exp(1j * z * jump_mean - 0.5 * z**2 * jump_volatility**2) - 1
        compensation = 1j * z * (np.exp(jump_mean + 0.5 * jump_volatility**2) - 1)
        log_f = expiry * (-0.5 * volatility**2 * z * (z + 1j) + jump_rate * (jump - compensation))
        return (np.exp(1j * u * np.log(forward / strike) + log_f)).real / (u**2 + 0.25)

    points = np.linspace(0, 12 / (volatility * np.sqrt(expiry)), 21)
    integral = sum(quad(integrand, *ends, epsabs=1e-13)[0] for ends in itertools.pairwise(points))
    lesser = np.sqrt(forward * strike) / np.pi * integral
    expected = np.exp(-rate * expiry) * ((forward if kind == "call" else strike) - lesser)
    price = market.price(hl.Option(kind, strike, expiry), rate=rate, dividend=dividend)
    assert price == pytest.approx(expected, abs=1e-9)


def test_without_jumps_merton_is_black_scholes():
    expected = black_scholes.price("put", 100, 110, 0.5, 0.3, 0.04, 0.02)
    option = hl.Option("put", 110, 0.5)
    assert hl.Merton(100, 0.3, 0, -0.2, 0.1).price(option, 0.04, 0.02) == pytest.approx(expected, abs=1e-13)
    assert hl.Merton(100, 0.3, 5, 0, 0).price(option, 0.04, 0.02) == pytest.approx(expected, abs=1e-12)
    assert hl.Merton(100, 0.0, 0, 0, 0).price(option, 0.04) == pytest.approx(110 * np.exp(-0.02) - 100)


@pytest.mark.parametrize("steps", [1, 4, 50])
def test_simulated_and_series_prices_agree_however_many_jumps_share_a_step(steps):
    market = hl.Merton(spot=100, volatility=0.15, jump_rate=6, jump_mean=-0.1, jump_volatility=0.2, drift=0.05)
    last = market.simulate(expiry=0.5, steps=steps, n_paths=100_000, seed=steps).spot[-1]
    assert last.mean() == pytest.approx(100 * np.exp(0.025), abs=3 * last.std() / np.sqrt(100_000))
    for option in (hl.Option("call", 110, 0.5), hl.Option("put", 80, 0.5)):
        payoffs = np.exp(-0.025) * option.payoff(last)
        error = payoffs.std() / np.sqrt(payoffs.size)
        assert payoffs.mean() == pytest.approx(market.price(option, rate=0.05), abs=3 * error)


def test_log_returns_have_the_moments_of_a_compound_poisson_sum():
    """Mean, variance and third cumulant; the last two come from rate * E[J**2] and rate * E[J**3]."""
    n = 200_000
    market = hl.Merton(spot=100, volatility=0.2, jump_rate=3, jump_mean=-0.15, jump_volatility=0.1)
    returns = np.log(market.simulate(expiry=1, steps=2, n_paths=n, seed=5).spot[-1] / 100)
    k = np.exp(-0.15 + 0.005) - 1
    mean, variance = -0.02 - 3 * k - 3 * 0.15, 0.04 + 3 * (0.15**2 + 0.1**2)
    centred = returns - mean
    assert centred.mean() == pytest.approx(0, abs=3 * centred.std() / np.sqrt(n))
    assert np.mean(centred**2) == pytest.approx(variance, abs=3 * np.std(centred**2) / np.sqrt(n))
    third = 3 * (-(0.15**3) - 3 * 0.15 * 0.1**2)
    assert np.mean(centred**3) == pytest.approx(third, abs=3 * np.std(centred**3) / np.sqrt(n))


def test_jumps_strike_at_their_rate():
    market = hl.Merton(spot=100, volatility=0.0, jump_rate=2, jump_mean=-0.5, jump_volatility=0.0)
    spot = market.simulate(expiry=1, steps=4, n_paths=50_000, seed=2).spot
    compensation = -2 * (np.exp(-0.5) - 1) / 4
    jumps = np.round((compensation - np.diff(np.log(spot), axis=0)) / 0.5)
    error = np.sqrt(0.5 / jumps.size)
    assert jumps.mean() == pytest.approx(0.5, abs=3 * error)
    assert jumps.var() == pytest.approx(0.5, abs=3 * np.sqrt((0.5 + 2 * 0.25) / jumps.size))
    assert jumps.mean(axis=1) == pytest.approx(0.5, abs=4 * np.sqrt(0.5 / 50_000))


def test_jumps_strike_in_the_steps_that_are_long():
    """On uneven steps each gets its share of the jumps, and they never come before their time."""
    market = hl.Merton(100, volatility=0.0, jump_rate=40.0, jump_mean=0.1, jump_volatility=0.0)
    times = np.array([0.0, 0.01, 0.02, 0.27, 0.30, 1.0])
    (block,) = blocks_of(4_000, seed=3, block_size=4_000)
    spots = np.array(list(market.stream(times, block.n_paths, block.random())))
    drift = -40.0 * np.expm1(0.1)
    counts = (np.diff(np.log(spots), axis=0) - drift * np.diff(times)[:, None]) / 0.1
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    expected = 40.0 * np.diff(times)
    np.testing.assert_array_less(abs(counts.mean(axis=1) - expected), 4 * np.sqrt(expected / 4_000))


def test_the_jumps_of_a_path_do_not_depend_on_the_number_of_steps():
    market = hl.Merton(spot=100, volatility=0.0, jump_rate=2, jump_mean=-0.1, jump_volatility=0.3)
    few, many = (market.simulate(expiry=1, steps=steps, n_paths=1500, seed=2).spot for steps in (5, 50))
    np.testing.assert_allclose(few, many[::10], rtol=1e-12)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"jump_rate": -1}, "jump_rate must be zero or more, and finite, got -1.0"),
        ({"jump_mean": np.nan}, "jump_mean must be finite, got nan"),
        ({"jump_volatility": -0.1}, "jump_volatility must be zero or more, and finite, got -0.1"),
        ({"jump_volatility": 100}, r"exp\(jump_mean \+ jump_volatility\*\*2 / 2\) must be finite, got inf"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    with pytest.raises(ValueError, match=message):
        hl.Merton(**{"spot": 1, "volatility": 0, "jump_rate": 1, "jump_mean": 0, "jump_volatility": 0} | changed)


def test_jumps_that_are_not_rare_are_refused():
    market = hl.Merton(100, 0.2, jump_rate=3000, jump_mean=0, jump_volatility=0.01)
    with pytest.raises(ValueError, match=r"jump_rate must give at most 1000 jumps to expiry, got 1500\.0"):
        market.simulate(expiry=0.5, steps=1, n_paths=1)
    with pytest.raises(ValueError, match="jump_rate must give at most 1000 jumps"):
        market.price(hl.Option("call", 100, 0.5))


NOT_NEGATIVE = st.floats(0, allow_infinity=False)
ANY = st.floats(allow_nan=False, allow_infinity=False)
TYPICAL = st.floats(0.01, 3)


@given(
    spot=TYPICAL | st.floats(5e-324, exclude_min=False, allow_infinity=False),
    volatility=TYPICAL | NOT_NEGATIVE,
    jump_rate=TYPICAL | st.floats(0, 100),
    jump_mean=st.floats(-2, 2) | ANY,
    jump_volatility=TYPICAL | NOT_NEGATIVE,
    drift=st.floats(-1, 1) | ANY,
    expiry=TYPICAL | st.floats(5e-324, allow_infinity=False),
    strike=TYPICAL | st.floats(5e-324, allow_infinity=False),
    kind=st.sampled_from(["call", "put"]),
)
def test_extremes_are_refused_or_finite(kind, strike, expiry, **parameters):
    try:
        market = hl.Merton(**parameters)
        spot = market.simulate(expiry, steps=3, n_paths=5, seed=1).spot
    except ValueError:
        pass
    else:
        assert ((spot > 0) & np.isfinite(spot)).all()
    try:
        market = hl.Merton(**parameters)
        price = market.price(hl.Option(kind, strike, expiry), rate=0.01)
    except ValueError:
        return
    scale = market.spot + strike
    assert -1e-11 * scale <= price <= (market.spot if kind == "call" else strike) + 1e-11 * scale
