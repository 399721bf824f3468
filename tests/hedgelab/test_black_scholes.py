"""Prices and Greeks against published values, finite differences and their limits."""

import numpy as np
import pytest

from hedgelab import black_scholes

# Hull, Options, Futures, and Other Derivatives, ch. 19: the call that tables 19.1 to 19.4 hedge.
HULL = {"spot": 49, "strike": 50, "expiry": 20 / 52, "volatility": 0.20, "rate": 0.05}

GREEKS_OF_HULL = [
    ("price", 2.40053, 5e-6),
    ("delta", 0.52160, 5e-6),
    ("gamma", 0.065544, 5e-7),
    ("vega", 12.1055, 5e-5),
    ("theta", -4.3053, 5e-5),
    ("rho", 8.90696, 5e-6),
]

# Haug, The Complete Guide to Option Pricing Formulas; QuantLib's regression tests (europeanoption.cpp) carry them.
HAUG = [
    ("call", {"spot": 60, "strike": 65, "expiry": 0.25, "rate": 0.08, "volatility": 0.30}, 2.1334),
    (
        "put",
        {"spot": 100, "strike": 95, "expiry": 0.5, "rate": 0.10, "dividend": 0.05, "volatility": 0.20},
        2.4648,
    ),
]

RANDOM = np.random.default_rng(1987)
COUNT = 1000
OPTIONS = {
    "kind": RANDOM.choice(["call", "put"], COUNT),
    "spot": RANDOM.uniform(50, 150, COUNT),
    "strike": RANDOM.uniform(50, 150, COUNT),
    "expiry": RANDOM.uniform(0.05, 3, COUNT),
    "volatility": RANDOM.uniform(0.1, 0.8, COUNT),
    "rate": RANDOM.uniform(-0.02, 0.1, COUNT),
    "dividend": RANDOM.uniform(0, 0.08, COUNT),
}


@pytest.mark.parametrize(("greek", "published", "tolerance"), GREEKS_OF_HULL)
def test_greeks_agree_with_hull_to_the_printed_digits(greek, published, tolerance):
    assert getattr(black_scholes.greeks("call", **HULL), greek) == pytest.approx(published, abs=tolerance)


@pytest.mark.parametrize(("kind", "terms", "published"), HAUG)
def test_prices_agree_with_haug_to_the_printed_digits(kind, terms, published):
    assert black_scholes.price(kind, **terms) == pytest.approx(published, abs=5e-5)


def test_the_price_agrees_with_derman_and_kamal():
    # Derman & Kamal (1999), the example of their note.
    value = black_scholes.price("call", 100, 100, 1 / 12, 0.20, 0.05)
    assert value == pytest.approx(2.512, abs=5e-4)


def derivative(argument, order=1):
    """Central differences of the price, of fourth order in the step."""
    step = 1e-3 * OPTIONS[argument]
    prices = {
        shift: black_scholes.price(**{**OPTIONS, argument: OPTIONS[argument] + shift * step})
        for shift in (-2, -1, 0, 1, 2)
    }
    if order == 1:
        return (prices[-2] - 8 * prices[-1] + 8 * prices[1] - prices[2]) / (12 * step)
    return (-prices[-2] + 16 * prices[-1] - 30 * prices[0] + 16 * prices[1] - prices[2]) / (12 * step**2)


@pytest.mark.parametrize(
    ("greek", "argument", "order", "sign"),
    [
        ("delta", "spot", 1, 1),
        ("gamma", "spot", 2, 1),
        ("vega", "volatility", 1, 1),
        ("theta", "expiry", 1, -1),  # calendar time runs against time to expiry
        ("rho", "rate", 1, 1),
    ],
)
def test_greeks_are_the_derivatives_of_the_price(greek, argument, order, sign):
    exact = getattr(black_scholes.greeks(**OPTIONS), greek)
    np.testing.assert_allclose(exact, sign * derivative(argument, order), rtol=1e-5, atol=1e-6)


def test_calls_and_puts_keep_put_call_parity():
    terms = {name: value for name, value in OPTIONS.items() if name != "kind"}
    call, put = (black_scholes.price(kind, **terms) for kind in ("call", "put"))
    forward = terms["spot"] * np.exp(-terms["dividend"] * terms["expiry"])
    strike = terms["strike"] * np.exp(-terms["rate"] * terms["expiry"])
    np.testing.assert_allclose(call - put, forward - strike, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["call", "put"])
@pytest.mark.parametrize("volatility", [0.0, 0.2])
def test_at_expiry_the_price_is_the_payoff(kind, volatility):
    spot = np.array([90.0, 100.0, 110.0])
    sign = black_scholes.SIGN[kind]
    greeks = black_scholes.greeks(kind, spot, 100, 0.0, volatility, rate=0.05)
    np.testing.assert_array_equal(greeks.price, np.maximum(sign * (spot - 100), 0))
    np.testing.assert_array_equal(greeks.delta, sign * np.array([sign < 0, 0.5, sign > 0]))
    np.testing.assert_array_equal(greeks.gamma, [0, np.inf, 0])
    np.testing.assert_array_equal(greeks.vega, 0)


def test_without_volatility_the_price_is_the_discounted_payoff_of_the_forward():
    spot = np.array([80.0, 100.0, 120.0])
    forward = spot * np.exp((0.05 - 0.02) * 2)
    expected = np.exp(-0.05 * 2) * np.maximum(forward - 100, 0)
    np.testing.assert_allclose(black_scholes.price("call", spot, 100, 2, 0.0, 0.05, 0.02), expected, atol=1e-13)


def test_far_strikes_neither_overflow_nor_turn_into_nan():
    strikes = np.array([1e-300, 1e-10, 1e10, 1e300])
    for kind in ("call", "put"):
        for result in black_scholes.greeks(kind, 100.0, strikes, 1.0, 0.2, 0.01):
            assert np.isfinite(result).all()
    np.testing.assert_allclose(black_scholes.price("call", 100.0, strikes[:2], 1.0, 0.2), [100, 100])


def test_scalars_give_scalars_and_arrays_broadcast():
    assert isinstance(black_scholes.price("call", 100, 100, 1, 0.2), np.float64)
    assert all(isinstance(value, np.float64) for value in black_scholes.greeks("put", 100, 100, 1, 0.2))
    grid = black_scholes.greeks([["call"], ["put"]], [90, 100, 110], 100, 1, 0.2)
    assert {np.shape(value) for value in grid} == {(2, 3)}
    assert grid.price[1, 0] == black_scholes.price("put", 90, 100, 1, 0.2)


def test_without_volatility_theta_is_the_carry():
    theta = black_scholes.greeks("call", 110, 100, 1, 0.0, 0.05, 0.02).theta
    assert theta == pytest.approx(0.02 * 110 * np.exp(-0.02) - 0.05 * 100 * np.exp(-0.05))


def test_greeks_do_not_depend_on_the_currency_unit():
    for unit in (1e-170, 1.0, 1e170):
        greeks = black_scholes.greeks("call", 100 * unit, 100 * unit, 1, 0.2)
        assert greeks.gamma * unit == pytest.approx(black_scholes.greeks("call", 100, 100, 1, 0.2).gamma)
