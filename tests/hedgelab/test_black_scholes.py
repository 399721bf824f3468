"""Prices and Greeks against published values, a price in 100 digits, finite differences and their limits."""

import itertools

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.black_scholes import Greeks
from hedgelab.black_scholes.formula import Formula

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

# Haug, second edition, ch. 2, as the tests of the public package BlackScholesGreeks.jl have them; his cost of
# carry is rate - dividend.  Each row: kind, spot, strike, expiry, volatility, rate, dividend.
GREEKS_OF_HAUG = [
    ("delta", ("call", 105, 100, 0.5, 0.36, 0.10, 0.10), 0.5946),
    ("delta", ("put", 105, 100, 0.5, 0.36, 0.10, 0.10), -0.3566),
    ("gamma", ("call", 55, 60, 0.75, 0.30, 0.10, 0), 0.0278),
    ("vega", ("call", 55, 60, 0.75, 0.30, 0.105, 0.0355), 18.5027),
    ("theta", ("put", 430, 405, 0.0833, 0.20, 0.07, 0.05), -31.1924),
    ("rho", ("call", 72, 75, 1, 0.19, 0.09, 0), 38.7325),
    ("vanna", ("put", 90, 80, 0.25, 0.20, 0.05, 0), -1.0008),
    ("volga", ("put", 90, 130, 0.75, 0.28, 0.05, 0.05), 92.3444),
    ("charm", ("put", 105, 90, 0.25, 0.24, 0.14, 0.14), 0.3700),
    ("speed", ("put", 50, 48, 0.0833, 0.20, 0.06, 0.05), -0.0291),
    ("zomma", ("put", 100, 80, 0.25, 0.26, 0.05, 0.05), 0.0463),
]


@pytest.mark.parametrize(("greek", "published", "tolerance"), GREEKS_OF_HULL)
def test_greeks_agree_with_hull_to_the_printed_digits(greek, published, tolerance):
    assert getattr(black_scholes.greeks("call", **HULL), greek) == pytest.approx(published, abs=tolerance)


@pytest.mark.parametrize(("kind", "terms", "published"), HAUG)
def test_prices_agree_with_haug_to_the_printed_digits(kind, terms, published):
    assert black_scholes.price(kind, **terms) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(("greek", "terms", "published"), GREEKS_OF_HAUG)
def test_greeks_agree_with_haug_to_the_printed_digits(greek, terms, published):
    assert getattr(black_scholes.greeks(*terms), greek) == pytest.approx(published, abs=5e-5)


def test_the_price_agrees_with_derman_and_kamal():
    # Derman & Kamal (1999), the example of their note.
    value = black_scholes.price("call", 100, 100, 1 / 12, 0.20, 0.05)
    assert value == pytest.approx(2.512, abs=5e-4)


# Against the price in 100 digits, differentiated by central differences of 1e-20 of each argument.

STEP = mp.mpf(10) ** -20
TINY = mp.mpf(10) ** -300  # below it doubles lose digits, then everything


def extreme_options(count, seed):
    """Sign and terms: seconds to centuries, volatility from 1e-6 to 50, up to 37 deviations from the money."""
    random = np.random.default_rng(seed)
    while count:
        spot = 10 ** random.uniform(-150, 150) if random.random() < 0.2 else 10 ** random.uniform(-3, 6)
        expiry = 10 ** random.uniform(-8, 2.3) if random.random() < 0.7 else random.uniform(0.02, 5)
        volatility = 10 ** random.uniform(-6, 1.7) if random.random() < 0.7 else random.uniform(0.05, 1)
        total = volatility * np.sqrt(expiry)
        deviations = random.choice([0.0, total / 2, random.normal(), random.uniform(-37, 37)])
        rate, dividend = random.uniform(-0.2, 0.5, 2) if random.random() < 0.7 else (0.0, 0.0)
        if total < 1e-3 and abs(rate - dividend) * expiry > 1e4 * total:
            rate = dividend = 0.0  # else a rounding of the terms alone would move d1 too much
        log_strike = np.log(spot) + (rate - dividend) * expiry - (deviations - total / 2) * total
        if total < 50 and abs(log_strike) < 600:
            yield random.choice([1.0, -1.0]), spot, np.exp(log_strike), expiry, volatility, rate, dividend
            count -= 1


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def exact_greeks(sign, *terms):
    """The Greeks, and for each the sum of the absolute values of its terms.

    A probability above one half is split into 1, whose derivatives are known, and its small complement, whose
    digits the 1 would drown.  d1 is taken to be known to five roundings of the terms of the log moneyness.
    """
    spot, strike, expiry, volatility, rate, dividend = (mp.mpf(float(term)) for term in terms)

    def deviations(s=0, t=0, v=0, r=0):
        """d1 and d2 with the arguments so many steps away."""
        left, total = expiry * (1 + t * STEP), volatility * (1 + v * STEP) * mp.sqrt(expiry * (1 + t * STEP))
        middle = (mp.log(spot * (1 + s * STEP) / strike) + (rate + r * STEP - dividend) * left) / total
        return middle + total / 2, middle - total / 2

    d1, d2 = deviations()
    flips = [-1 if sign * d > 0 else 1 for d in (d1, d2)]

    def price(s=0, t=0, v=0, r=0):
        left, tails = expiry * (1 + t * STEP), zip(flips, deviations(s, t, v, r), strict=True)
        stock, bond = (flip * normal(flip * sign * d) for flip, d in tails)
        stock *= spot * (1 + s * STEP) * mp.exp(-dividend * left)
        return sign * (stock - bond * strike * mp.exp(-(rate + r * STEP) * left))

    sides = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    at = {(s, t, v): price(s, t, v) for s in (-1, 0, 1) for t, v in sides}
    slope = {(t, v): (at[1, t, v] - at[-1, t, v]) / (2 * STEP * spot) for t, v in sides}
    bend = {(t, v): (at[1, t, v] - 2 * at[0, t, v] + at[-1, t, v]) / (STEP * spot) ** 2 for t, v in sides}
    years, points = 2 * STEP * expiry, 2 * STEP * volatility
    share, discount = mp.exp(-dividend * expiry), mp.exp(-rate * expiry)
    shares, bonds = (sign if flip < 0 else 0 for flip in flips)
    stock, bond = shares * share * spot, bonds * discount * strike
    exact = Greeks(
        price=at[0, 0, 0] + stock - bond,
        delta=slope[0, 0] + shares * share,
        gamma=bend[0, 0],
        vega=(at[0, 0, 1] - at[0, 0, -1]) / points,
        theta=-(at[0, 1, 0] - at[0, -1, 0]) / years + dividend * stock - rate * bond,
        rho=(price(r=1) - price(r=-1)) / (2 * STEP) + expiry * bond,
        vanna=(slope[0, 1] - slope[0, -1]) / points,
        volga=(at[0, 0, 1] - 2 * at[0, 0, 0] + at[0, 0, -1]) / (STEP * volatility) ** 2,
        charm=-(slope[1, 0] - slope[-1, 0]) / years + dividend * shares * share,
        speed=(price(s=2) - 2 * at[1, 0, 0] + 2 * at[-1, 0, 0] - price(s=-2)) / (2 * (STEP * spot) ** 3),
        zomma=(bend[0, 1] - bend[0, -1]) / points,
        color=-(bend[1, 0] - bend[-1, 0]) / years,
    )

    total, ratio, drift = volatility * mp.sqrt(expiry), mp.log(spot / strike), abs(rate - dividend)
    roundings = mp.mpf("1e-9") * (abs(ratio) + abs(rate * expiry) + abs(dividend * expiry))
    middle = (abs(ratio + (rate - dividend) * expiry) + roundings) / total
    size = middle + total / 2
    density, held = share * (mp.npdf(d1) + TINY), share * (normal(sign * d1) + TINY)
    paid, gamma = strike * discount * (normal(sign * d2) + TINY), density / spot / total
    decay = spot * density * volatility / 2 / mp.sqrt(expiry)
    scale = Greeks(
        price=exact.price + (spot * share + strike * discount) * TINY,
        delta=held,
        gamma=gamma,
        vega=spot * density * mp.sqrt(expiry),
        theta=abs(dividend) * spot * held + abs(rate) * paid + decay,
        rho=expiry * paid,
        vanna=density * size / volatility,
        volga=spot * density * mp.sqrt(expiry) * size**2 / volatility,
        charm=abs(dividend) * held + density * (drift / total + size / expiry / 2),
        speed=gamma / spot * (middle / total + 1.5),
        zomma=gamma / volatility * (size**2 + 1),
        color=gamma * (abs(dividend) + drift * (middle / total + 0.5) + (1 + size**2) / expiry / 2),
    )
    return exact, scale


@pytest.fixture(scope="module")
def precise():
    options = list(extreme_options(400, seed=1900))
    with mp.workdps(100):
        return options, [exact_greeks(*option) for option in options]


@pytest.mark.parametrize("greek", Greeks._fields)
def test_greeks_of_extreme_options_agree_with_an_arbitrary_precision_price(precise, greek):
    options, exact_and_scale = precise
    sign, *terms = np.transpose(options)
    found = getattr(black_scholes.greeks(np.where(sign > 0, "call", "put"), *terms), greek)
    for option, value, (exact, scale) in zip(options, found, exact_and_scale, strict=True):
        expected, unit = getattr(exact, greek), getattr(scale, greek)
        if abs(expected) < 1e308:
            assert abs(mp.mpf(float(value)) - expected) <= 1e-6 * unit + TINY, (option, value, expected)
        else:
            assert abs(value) > 1e307, (option, value, expected)


# Against finite differences of one another, 10,000 options at once.

RANDOM = np.random.default_rng(1987)
COUNT = 10_000
OPTIONS = {
    "kind": RANDOM.choice(["call", "put"], COUNT),
    "spot": RANDOM.uniform(50, 150, COUNT),
    "strike": RANDOM.uniform(50, 150, COUNT),
    "expiry": RANDOM.uniform(0.05, 3, COUNT),
    "volatility": RANDOM.uniform(0.1, 0.8, COUNT),
    "rate": RANDOM.uniform(-0.02, 0.1, COUNT),
    "dividend": RANDOM.uniform(0, 0.08, COUNT),
}


@pytest.mark.parametrize(
    ("greek", "of", "argument"),
    [
        ("delta", "price", "spot"),
        ("gamma", "delta", "spot"),
        ("vega", "price", "volatility"),
        ("theta", "price", "expiry"),
        ("rho", "price", "rate"),
        ("vanna", "delta", "volatility"),
        ("vanna", "vega", "spot"),
        ("volga", "vega", "volatility"),
        ("charm", "delta", "expiry"),
        ("speed", "gamma", "spot"),
        ("zomma", "gamma", "volatility"),
        ("zomma", "vanna", "spot"),
        ("color", "gamma", "expiry"),
    ],
)
def test_each_greek_is_the_derivative_of_another(greek, of, argument):
    # Central differences of sixth order, in steps small against the width over which the Greek varies.
    total = OPTIONS["volatility"] * np.sqrt(OPTIONS["expiry"])
    deviations = np.log(OPTIONS["spot"] / OPTIONS["strike"]) / total
    width = {
        "spot": OPTIONS["spot"] * total,
        "volatility": OPTIONS["volatility"] / (1 + deviations**2),
        "expiry": OPTIONS["expiry"] / (1 + deviations**2),
        "rate": total / OPTIONS["expiry"],
    }[argument]
    step = 5e-3 * width / (1 + abs(deviations))
    weights = {1: 45 / 60, 2: -9 / 60, 3: 1 / 60}
    around = {
        shift: getattr(black_scholes.greeks(**{**OPTIONS, argument: OPTIONS[argument] + shift * step}), of)
        for shift in (-3, -2, -1, 1, 2, 3)
    }
    derivative = sum(weight * (around[n] - around[-n]) for n, weight in weights.items()) / step
    if argument == "expiry":
        derivative = -derivative  # calendar time runs against time to expiry
    exact = getattr(black_scholes.greeks(**OPTIONS), greek)
    largest = np.max(np.abs(list(around.values())), axis=0)
    error = np.abs(exact - derivative) / (np.abs(exact) + 1e-2 * largest / width)
    doubles_suffice = np.abs(deviations) < 10  # further out, differences lose digits: the test above goes there
    assert doubles_suffice.mean() > 0.95
    assert error[doubles_suffice].max() < 1e-7


# What holds between prices and Greeks


def test_calls_and_puts_keep_put_call_parity():
    terms = {name: value for name, value in OPTIONS.items() if name != "kind"}
    call, put = (black_scholes.greeks(kind, **terms) for kind in ("call", "put"))
    share, discount = np.exp(-terms["dividend"] * terms["expiry"]), np.exp(-terms["rate"] * terms["expiry"])
    stock, bond = terms["spot"] * share, terms["strike"] * discount
    difference = {
        "price": stock - bond,
        "delta": share,
        "theta": terms["dividend"] * stock - terms["rate"] * bond,
        "rho": terms["expiry"] * bond,
        "charm": terms["dividend"] * share,
    }
    for greek in Greeks._fields:
        expected = difference.get(greek, 0.0)
        np.testing.assert_allclose(getattr(call, greek) - getattr(put, greek), expected, rtol=0, atol=4e-13)


def test_the_greeks_satisfy_the_black_scholes_equation():
    greeks = black_scholes.greeks(**OPTIONS)
    spot, rate, drift = OPTIONS["spot"], OPTIONS["rate"], OPTIONS["rate"] - OPTIONS["dividend"]
    earned = drift * spot * greeks.delta + 0.5 * (OPTIONS["volatility"] * spot) ** 2 * greeks.gamma
    np.testing.assert_allclose(greeks.theta + earned, rate * greeks.price, rtol=0, atol=1e-12)


def test_greeks_do_not_depend_on_the_currency_unit():
    for unit in (1e-170, 1.0, 1e170):
        greeks = black_scholes.greeks("call", 100 * unit, 100 * unit, 1, 0.2)
        assert greeks.gamma * unit == pytest.approx(black_scholes.greeks("call", 100, 100, 1, 0.2).gamma)


@pytest.mark.parametrize("kind", ["call", "put"])
@pytest.mark.parametrize("volatility", [0.0, 1e-12, 1e-5, 1e-3, 0.1, 3.0, 1e308])
def test_no_price_is_negative_or_below_the_discounted_payoff_of_the_forward(kind, volatility):
    spot, expiry = 100 * np.exp(np.linspace(-40, 40, 20_001)), 0.7
    rate, dividend = 0.05, 0.03
    price = black_scholes.price(kind, spot, 100, expiry, volatility, rate, dividend)
    stock, bond = spot * np.exp(-dividend * expiry), 100 * np.exp(-rate * expiry)
    intrinsic = black_scholes.SIGN[kind] * (stock - bond)
    assert np.all(price >= 0)
    assert np.all(price >= intrinsic - 4e-16 * np.maximum(stock, bond))
    assert np.all(price <= (stock if kind == "call" else bond) * (1 + 1e-15))


# Limits


@pytest.mark.parametrize("kind", ["call", "put"])
@pytest.mark.parametrize("volatility", [0.0, 0.2])
def test_at_expiry_the_price_is_the_payoff(kind, volatility):
    spot = np.array([90.0, 100.0, 110.0])
    sign = black_scholes.SIGN[kind]
    greeks = black_scholes.greeks(kind, spot, 100, 0.0, volatility, rate=0.05)
    np.testing.assert_array_equal(greeks.price, np.maximum(sign * (spot - 100), 0))
    np.testing.assert_array_equal(greeks.delta, sign * np.array([sign < 0, 0.5, sign > 0]))
    np.testing.assert_array_equal(greeks.gamma, [0, np.inf, 0])
    for zero in (greeks.vega, greeks.rho, greeks.vanna, greeks.volga):
        np.testing.assert_array_equal(zero, 0)


def test_without_volatility_the_price_is_the_discounted_payoff_of_the_forward():
    spot = np.array([80.0, 100.0, 120.0])
    forward = spot * np.exp((0.05 - 0.02) * 2)
    expected = np.exp(-0.05 * 2) * np.maximum(forward - 100, 0)
    np.testing.assert_allclose(black_scholes.price("call", spot, 100, 2, 0.0, 0.05, 0.02), expected, atol=1e-13)


def test_without_volatility_the_greeks_are_those_of_a_forward_or_of_nothing():
    share, discount = np.exp(-0.02 * 2), np.exp(-0.05 * 2)
    stock, bond = 120 * share, 100 * discount
    forward = Greeks(stock - bond, share, 0, 0, 0.02 * stock - 0.05 * bond, 2 * bond, 0, 0, 0.02 * share, 0, 0, 0)
    np.testing.assert_allclose(black_scholes.greeks("call", 120, 100, 2, 0.0, 0.05, 0.02), forward, rtol=1e-14)
    np.testing.assert_array_equal(black_scholes.greeks("put", 120, 100, 2, 0.0, 0.05, 0.02), 0)


def test_at_the_kink_the_greeks_are_the_limits_of_vanishing_volatility():
    kink = black_scholes.greeks("call", 100, 100, 1, 0.0)
    density = 1 / np.sqrt(2 * np.pi)
    finite = {
        "price": 0,
        "delta": 0.5,
        "vega": 100 * density,
        "theta": 0,
        "rho": 50,
        "vanna": density / 2,
        "volga": 0,
    }
    for greek, limit in finite.items():
        assert getattr(kink, greek) == pytest.approx(limit)
        near = getattr(black_scholes.greeks("call", 100, 100, 1, 1e-7), greek)
        assert near == pytest.approx(limit, abs=1e-4)
    assert (kink.gamma, kink.speed, kink.zomma, kink.color) == (np.inf, -np.inf, -np.inf, np.inf)
    assert kink.charm == 0
    assert black_scholes.greeks("call", 100, 100, 1, 0.0, rate=0.05, dividend=0.05).charm == pytest.approx(
        0.5 * 0.05 * np.exp(-0.05)
    )


def test_at_the_kink_at_expiry_theta_and_charm_are_infinite():
    kink, near = (black_scholes.greeks("put", 100, 100, expiry, 0.2) for expiry in (0.0, 1e-14))
    for greek in ("gamma", "theta", "charm", "speed", "zomma", "color"):
        assert np.isinf(getattr(kink, greek))
        assert np.sign(getattr(kink, greek)) == np.sign(getattr(near, greek))
    assert (kink.price, kink.delta, kink.vega, kink.rho, kink.vanna, kink.volga) == (0, -0.5, 0, 0, 0, 0)


def test_far_strikes_neither_overflow_nor_turn_into_nan():
    strikes = np.array([1e-300, 1e-10, 1e10, 1e300])
    for kind in ("call", "put"):
        for result in black_scholes.greeks(kind, 100.0, strikes, 1.0, 0.2, 0.01):
            assert np.isfinite(result).all()
    np.testing.assert_allclose(black_scholes.price("call", 100.0, strikes[:2], 1.0, 0.2), [100, 100])
    far = black_scholes.greeks("call", 1e300, 1e-300, 1.0, 0.2)
    assert (far.price, far.delta, far.gamma, far.rho) == (1e300, 1, 0, 1e-300)


@pytest.mark.parametrize(("volatility", "expiry"), [(1e308, 1.0), (1e308, 1e308), (1.0, 1e308)])
def test_without_end_of_volatility_a_call_is_the_stock_and_a_put_the_bond(volatility, expiry):
    call, put = (black_scholes.greeks(kind, 100, 90, expiry, volatility) for kind in ("call", "put"))
    assert call == Greeks(100, 1, *[0] * 10)
    assert put == Greeks(90, 0, 0, 0, 0, -90.0 if expiry == 1 else -np.inf, *[0] * 6)


def test_a_discount_factor_may_underflow():
    call = black_scholes.greeks("call", 100, 90, 1, 0.2, rate=1e6)
    assert (call.price, call.delta, call.rho, call.theta) == (100, 1, 0, 0)
    assert black_scholes.price("put", 100, 90, 1, 0.2, dividend=1e300) == 90


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"rate": -1000}, r"strike \* exp\(-rate \* expiry\) must be finite, got inf"),
        ({"dividend": [0.0, -1000]}, r"spot \* exp\(-dividend \* expiry\) must be finite, got inf at index 1"),
        ({"strike": 1e300, "rate": -30}, r"strike \* exp\(-rate \* expiry\) must be finite"),
        ({"rate": 1e200, "expiry": 1e200}, r"rate \* expiry must be finite"),
        ({"only": ["price", "vomma"]}, "only must be names out of price, delta, .*, got 'vomma'"),
    ],
)
def test_what_cannot_be_discounted_is_refused(terms, message):
    with pytest.raises(ValueError, match=message):
        black_scholes.greeks("put", **{"spot": 100, "strike": 100, "expiry": 1, "volatility": 0.2, **terms})


# Shapes, blocks and the versions for inner loops


def test_scalars_give_scalars_and_arrays_broadcast():
    assert isinstance(black_scholes.price("call", 100, 100, 1, 0.2), np.float64)
    assert all(isinstance(value, np.float64) for value in black_scholes.greeks("put", 100, 100, 1, 0.2))
    grid = black_scholes.greeks([["call"], ["put"]], [90, 100, 110], 100, 1, 0.2)
    assert {np.shape(value) for value in grid} == {(2, 3)}
    assert grid.price[1, 0] == black_scholes.price("put", 90, 100, 1, 0.2)
    assert black_scholes.price("put", [[90]], 100, 1, 0.2).shape == (1, 1)
    assert black_scholes.price("put", [], 100, 1, 0.2).shape == (0,)


def test_only_the_greeks_asked_for_are_worked_out():
    asked = black_scholes.greeks(**OPTIONS, only=("vanna", "price"))
    everything = black_scholes.greeks(**OPTIONS)
    for greek in Greeks._fields:
        if greek in ("vanna", "price"):
            np.testing.assert_array_equal(getattr(asked, greek), getattr(everything, greek))
        else:
            assert getattr(asked, greek) is None


def test_an_option_does_not_depend_on_those_in_its_block(monkeypatch):
    mixed = {**OPTIONS, "expiry": np.where(np.arange(COUNT) % 7, OPTIONS["expiry"], 0.0)}
    mixed["volatility"] = np.where(np.arange(COUNT) % 5, OPTIONS["volatility"], 1e-7)
    whole = black_scholes.greeks(**mixed)
    monkeypatch.setattr(black_scholes.pricing, "BLOCK", 3)
    np.testing.assert_array_equal(black_scholes.greeks(**mixed), whole)


def test_the_versions_for_inner_loops_agree_with_the_checked_ones():
    sign = np.where(OPTIONS["kind"] == "call", 1.0, -1.0)
    terms = {name: value for name, value in OPTIONS.items() if name != "kind"}
    greeks = black_scholes.greeks(**OPTIONS)
    np.testing.assert_array_equal(black_scholes.value(sign, **terms), greeks.price)
    # delta goes by the fast normal distribution, whose error is relative to one share
    np.testing.assert_allclose(black_scholes.delta(sign, **terms), greeks.delta, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(Formula(sign, **terms).numbers(Greeks._fields), greeks)


@pytest.mark.parametrize(("expiry", "volatility"), [(0.0, 0.2), (1.0, 0.0), (0.0, 0.0)])
def test_for_inner_loops_every_greek_is_finite_with_nothing_left(expiry, volatility):
    terms = {"spot": np.array([90.0, 100.0, 110.0]), "strike": 100.0, "expiry": expiry, "volatility": volatility}
    for sign in (1.0, -1.0):
        np.testing.assert_array_equal(
            black_scholes.value(sign, **terms), np.maximum(sign * (terms["spot"] - 100), 0)
        )
        np.testing.assert_array_equal(
            black_scholes.delta(sign, **terms), sign * np.array([sign < 0, 0.5, sign > 0])
        )
        found = Greeks(*Formula(sign, **terms).numbers(Greeks._fields))
        assert np.isfinite(found).all()
        for greek in ("gamma", "vega", "vanna", "volga", "speed", "zomma", "color"):
            np.testing.assert_array_equal(getattr(found, greek), 0)


SHAPES = [(), (1,), (3,), (2, 1), (2, 3), (0,)]
EDGES = [0.0, -0.0, 5e-324, 1e-310, 1e-300, 1e-162, 1e-8, 1.0, 1.0, 100.0, 100.0, 1e16, 1e154, 1e300, 1e308]


@st.composite
def numbers(draw, *, anything):
    shape = draw(st.sampled_from(SHAPES))
    number = st.floats(allow_subnormal=True) if anything else st.sampled_from(EDGES) | st.floats(1e-3, 1e3)
    size = int(np.prod(shape))
    return np.array(draw(st.lists(number, min_size=size, max_size=size))).reshape(shape)


ANY = st.booleans().flatmap(lambda anything: numbers(anything=anything))


@given(st.sampled_from(["call", "put"]), ANY, ANY, ANY, ANY, ANY, ANY)
@settings(max_examples=500, deadline=None)
def test_any_numbers_give_a_price_within_its_bounds_or_a_named_error(
    kind, spot, strike, expiry, volatility, rate, dividend
):
    terms = {"spot": spot, "strike": strike, "expiry": expiry, "volatility": volatility, "rate": rate}
    terms["dividend"] = dividend
    try:
        greeks = black_scholes.greeks(kind, **terms)
    except ValueError as error:
        message = str(error)
    else:
        message = ""
    if message:
        assert " must " in message
        assert any(name in message for name in terms)
        return
    shape = np.broadcast_shapes(*(term.shape for term in terms.values()))
    assert all(np.shape(greek) == shape for greek in greeks)
    assert np.isfinite(greeks.price).all()
    assert np.isfinite(greeks.delta).all()
    sign = black_scholes.SIGN[kind]
    with np.errstate(all="ignore"):
        share, discount = np.exp(-dividend * expiry), np.exp(-rate * expiry)
        stock, bond = spot * share, strike * discount
        assert np.all(greeks.price >= sign * (stock - bond) - 4e-16 * np.maximum(stock, bond) - 1e-320)
        assert np.all(greeks.price <= (stock if sign > 0 else bond) * (1 + 1e-12) + 1e-320)
    assert np.all(greeks.price >= 0)
    assert np.all((sign * greeks.delta >= 0) & (sign * greeks.delta <= share))
    assert np.all((greeks.gamma >= 0) & (greeks.vega >= 0))
    assert not any(np.isnan(greek).any() for greek in greeks) or beyond_1e100(*terms.values())


def beyond_1e100(*terms):
    sizes = [np.abs(term[term != 0]) for term in terms]
    return any(np.any((size > 1e100) | (size < 1e-100)) for size in sizes)


def test_every_pair_of_edges_gives_a_price():
    edges = np.array(EDGES)
    positive = edges[edges > 0]
    spot, strike, expiry, volatility = map(
        np.array, zip(*itertools.product(positive, positive, edges, edges), strict=True)
    )
    for kind in ("call", "put"):
        price = black_scholes.price(kind, spot, strike, expiry, volatility)
        assert np.all((price >= 0) & (price <= (spot if kind == "call" else strike)))


@pytest.mark.parametrize(("written", "kind"), [("C", "call"), ("Call", "call"), ("p", "put"), ("PUT", "put")])
def test_a_kind_may_be_written_as_data_sets_do(written, kind):
    """Alone, among others, and in an option, which keeps its own way."""
    terms = {"spot": 100, "strike": 105, "expiry": 0.5, "volatility": 0.2}
    value = black_scholes.price(kind, **terms)
    assert black_scholes.price(written, **terms) == value
    for several in ([written, kind], np.array([written, kind], dtype=object)):
        assert (black_scholes.price(several, **terms) == black_scholes.price([kind, kind], **terms)).all()
    assert hl.Option(written, 105, 0.5) == hl.Option(kind, 105, 0.5)
    assert hl.Option(written, 105, 0.5).kind == kind
