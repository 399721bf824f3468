"""Implied volatility against 60 digits and more, published prices, its limits and whatever else can be typed."""

import re

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hedgelab.black_scholes import implied_volatility, normalised, price

DIGITS = 60
ALL_DIGITS = 700  # of the difference between any two floats

# Hull, Options, Futures, and Other Derivatives, ch. 19; Haug, The Complete Guide to Option Pricing Formulas
# (QuantLib's europeanoption.cpp carries the two): prices, and the volatility of each.
PUBLISHED = [
    ("call", 2.40053, {"spot": 49, "strike": 50, "expiry": 20 / 52, "rate": 0.05}, 0.20),
    ("call", 2.1334, {"spot": 60, "strike": 65, "expiry": 0.25, "rate": 0.08}, 0.30),
    ("put", 2.4648, {"spot": 100, "strike": 95, "expiry": 0.5, "rate": 0.10, "dividend": 0.05}, 0.20),
]


@pytest.mark.parametrize(("kind", "published", "terms", "volatility"), PUBLISHED)
def test_published_prices_give_the_volatility_they_were_computed_with(kind, published, terms, volatility):
    assert implied_volatility(published, kind, **terms) == pytest.approx(volatility, abs=1e-5)


def normal(z):
    return mpmath.erfc(-z / mpmath.sqrt(2)) / 2


def exact_share(distance, total):
    """The share by its definition: enough digits are left of those that cancel."""
    if distance == 0:
        return mpmath.erf(total / mpmath.sqrt(8))
    d1, d2 = total / 2 - distance / total, -total / 2 - distance / total
    return normal(d1) - mpmath.exp(distance) * normal(d2)


def exact_time_value(spot, strike, total):
    """The value of the out-of-the-money option without rates."""
    low, high = sorted([mpmath.mpf(float(spot)), mpmath.mpf(float(strike))])
    return low * exact_share(mpmath.log(high / low), mpmath.mpf(total))


def test_the_share_has_all_its_digits_from_one_down_to_the_smallest_float():
    random = np.random.default_rng(1973)
    distance = np.concatenate([np.zeros(20), np.exp(random.uniform(-30, 4, 200))])
    d1 = random.uniform(-36, 5, distance.size)
    total = np.where(distance > 0, d1 + np.sqrt(d1**2 + 2 * distance), np.exp(d1))
    with mpmath.workdps(DIGITS):
        exact = np.array(
            [float(exact_share(*map(mpmath.mpf, both))) for both in zip(distance, total, strict=True)]
        )
    assert exact.min() < 1e-250
    # exp(-d1**2 / 2) alone turns the rounding of d1 into d1**2 of the same.
    np.testing.assert_allclose(normalised.share(distance, total), exact, rtol=1e-13 + 4e-16 * 36**2)


def hard_case(random):
    """A call or put without rates and its exact price, rounded: kind, spot, strike, price."""
    log_moneyness, smallest = [
        (random.uniform(-10, 10), 1e-4),
        (0.1 * random.standard_normal(), 1e-4),
        (1e-6 * random.standard_normal(), 1e-8),
        (random.choice([-1, 1]) * np.exp(random.uniform(-35, 2)), 1e-8),
        (0.0, 1e-12),
    ][random.integers(5)]
    strike = np.exp(3 * random.standard_normal())
    spot = strike * np.exp(log_moneyness)
    kind = random.choice(["call", "put"])
    total = np.exp(random.uniform(np.log(smallest), np.log(15)))
    intrinsic = (
        max(mpmath.mpf(spot) - mpmath.mpf(strike), 0) if kind == "call" else max(strike - mpmath.mpf(spot), 0)
    )
    return kind, spot, strike, float(intrinsic + exact_time_value(spot, strike, total))


def exact_total_volatility(kind, spot, strike, value, guess):
    """The total volatility of the rounded price, and how far one unit in its last place moves it, relatively."""
    low, bound = mpmath.mpf(min(spot, strike)), mpmath.mpf(spot if kind == "call" else strike)
    time_value = mpmath.mpf(value) - (bound - low)
    distance = abs(mpmath.log(mpmath.mpf(spot) / mpmath.mpf(strike)))
    total = mpmath.mpf(guess)
    for _ in range(50):  # Newton on the logarithm of the nearer of the two ends
        share = exact_share(distance, total)
        vega = mpmath.npdf(total / 2 - distance / total)
        if 2 * time_value < low:
            step = mpmath.log(share * low / time_value) * share / vega
        else:
            step = mpmath.log((1 - share) * low / (low - time_value)) * (share - 1) / vega
        total -= step
        if abs(step) < total * mpmath.mpf("1e-25"):
            return total, float(np.spacing(value) / (low * vega * total))
    raise AssertionError("Newton's method did not converge")


def test_the_volatility_is_exact_to_rounding_wherever_the_price_determines_it():
    random = np.random.default_rng(2015)
    errors, ulps = [], []
    with mpmath.workdps(DIGITS):
        while len(errors) < 300:
            kind, spot, strike, value = hard_case(random)
            found = implied_volatility(value, kind, spot, strike, expiry=1)
            if value > 1e-300 and found > 0:
                exact, ulp = exact_total_volatility(kind, spot, strike, value, found)
                errors.append(float(abs(found / exact - 1)))
                ulps.append(ulp)
    errors, ulps = np.array(errors), np.array(ulps)
    assert (ulps < 1e-9).sum() > 250
    assert errors[ulps < 1e-9].max() < 1e-9
    assert np.all(errors < 2e-13 + ulps)


def grid():
    """Distances from nothing to exp(1400), all total volatilities with a share from 1e-300 to 1 - 1e-13."""
    gap = np.concatenate([[0.0], np.exp(np.linspace(-36, 0, 60)), np.linspace(1.1, 1400, 60)])
    distance, d1 = np.meshgrid(gap, np.linspace(-37, 7.4, 400), indexing="ij")
    possible = (distance > 0) | (d1 > 0)
    distance, d1 = distance[possible], d1[possible]
    root = np.sqrt(d1**2 + 2 * distance)
    total = np.where(d1 < 0, 2 * distance / (root + np.abs(d1)), root + d1)
    usable = normalised.share(distance, total) > 1e-300
    return distance[usable], total[usable]


def logarithms(distance, total):
    """ln(share) and ln(1 - share), each from the smaller of the two."""
    share = normalised.share(distance, total)
    d1 = total / 2 - distance / total
    mills = normalised._mills
    rest = np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi) * (mills(np.maximum(d1, 0)) + mills(total - d1))
    rest = np.where(share < 0.5, 1 - share, rest)
    return np.log(share), np.log(rest)


def test_the_start_is_13_per_cent_off_at_most_and_two_steps_reach_rounding():
    distance, total = grid()
    log_share, log_rest = logarithms(distance, total)
    start = normalised._start(distance, log_share, log_rest)
    assert np.abs(start / total - 1).max() < 0.13
    found = normalised._inverse(distance, log_share, log_rest)
    np.testing.assert_allclose(found, total, rtol=3e-13)


def terms(count):
    random = np.random.default_rng(7)
    return {
        "kind": random.choice(["call", "put"], count),
        "spot": random.uniform(50, 150, count),
        "strike": random.uniform(50, 150, count),
        "expiry": random.uniform(0.05, 3, count),
        "rate": random.uniform(-0.02, 0.1, count),
        "dividend": random.uniform(0, 0.08, count),
    }


def test_the_volatility_of_a_price_gives_that_price_with_rates_and_dividends():
    options = terms(50_000)
    volatility = np.random.default_rng(8).uniform(0.05, 2, 50_000)
    value = price(volatility=volatility, **options)
    found = implied_volatility(value, **options)
    seen = found > 0  # deep in the money at low volatility the price rounds to intrinsic value
    assert seen.mean() > 0.99
    again = price(volatility=found[seen], **{name: each[seen] for name, each in options.items()})
    np.testing.assert_allclose(again, value[seen], rtol=0, atol=5e-13)  # some roundings of a spot of 150


def test_a_price_without_a_volatility_is_nan_and_intrinsic_value_is_zero():
    options = {"spot": [110, 110, 110, 90, 90, 110], "strike": 100, "expiry": 2}
    call = implied_volatility([9.9, 10, 110, 90, -0.1, 109.9], "call", **options)
    np.testing.assert_array_equal(np.isnan(call), [True, False, True, True, True, False])
    assert call[1] == 0
    put = implied_volatility([0, 100, 99.9, 10, 9.9, 101], "put", **options)
    np.testing.assert_array_equal(np.isnan(put), [False, True, False, False, True, True])
    assert put[0] == put[3] == 0


def test_the_bounds_are_those_of_the_discounted_spot_and_strike():
    stock, bond = 100 * np.exp(-0.03 * 2), 80 * np.exp(-0.05 * 2)
    values = [stock - bond - 1e-12, stock - bond, stock - bond + 1e-12, stock - 1e-12, stock]
    found = implied_volatility(values, "call", 100, 80, 2, rate=0.05, dividend=0.03)
    np.testing.assert_array_equal(np.isnan(found), [True, False, False, False, True])
    np.testing.assert_array_equal(found == 0, [False, True, False, False, False])


def test_the_price_of_no_volatility_is_no_volatility_whatever_its_rounding():
    options = terms(10_000)
    np.testing.assert_array_equal(implied_volatility(price(volatility=0, **options), **options), 0)


def test_at_expiry_only_the_payoff_has_a_volatility_and_it_is_zero():
    found = implied_volatility([5, 6, 4, 0, 1], ["call", "call", "call", "put", "put"], 105, 100, expiry=0)
    np.testing.assert_array_equal(found, [0, np.nan, np.nan, 0, np.nan])


def test_scalars_give_a_scalar_and_arrays_broadcast():
    assert isinstance(implied_volatility(10, "call", 100, 100, 1), np.float64)
    value = price("call", 100, np.array([[90], [100], [110]]), np.array([0.5, 1, 2, 3]), 0.3)
    found = implied_volatility(value[:, None], ["call"], 100, np.array([[[90]], [[100]], [[110]]]), [0.5, 1, 2, 3])
    assert found.shape == (3, 1, 4)
    np.testing.assert_allclose(found[:, 0], 0.3, rtol=1e-13)
    assert implied_volatility([], "call", 100, 100, 1).shape == (0,)


def test_blocks_do_not_change_a_number():
    options = terms(2 * normalised.BLOCK + 5)
    value = price(volatility=0.3, **options)
    whole = implied_volatility(value, **options)
    for part in (slice(0, 1000), slice(-1000, None)):
        some = implied_volatility(value[part], **{name: each[part] for name, each in options.items()})
        np.testing.assert_array_equal(some, whole[part])


STRICT = [
    ({"price": [3, 20, 9.5], "spot": 110}, "price must be at least its intrinsic value 10.0, got 3.0 at index 0"),
    ({"price": [[20, 110]], "spot": 110}, "price must be below its upper bound 110.0, got 110.0 at index (0, 1)"),
    ({"price": 100, "kind": "put"}, "price must be below its upper bound 100.0, got 100.0"),
    ({"price": -1}, "price must be at least its intrinsic value 0.0, got -1.0"),
    ({"price": 12, "spot": 110, "expiry": 0}, "price must be the payoff 10.0 at expiry, got 12.0"),
]
BAD = [
    ({"price": [1, np.inf]}, "price must be finite, or NaN where it is missing, got inf at index 1"),
    ({"price": "1"}, "price must be a number or an array of numbers, got '1'"),
    ({"kind": "straddle"}, 'kind must be "call" or "put", got \'straddle\''),
    ({"spot": -100}, "spot must be positive and finite, got -100.0"),
    ({"strike": [100, 0]}, "strike must be positive and finite, got 0.0 at index 1"),
    ({"expiry": -1}, "expiry must be zero or more, and finite, got -1.0"),
    ({"rate": np.inf}, "rate must be finite, got inf"),
    ({"dividend": np.nan}, "dividend must be finite, got nan"),
    ({"price": [1, 2, 3], "strike": [1, 2]}, "got price (3,), strike (2,)"),
    ({"rate": -1e308, "expiry": 1e308}, "rate * expiry must be finite, got -inf"),
    ({"dividend": [0, -800]}, "spot * exp(-dividend * expiry) must be finite, got inf at index 1"),
]


def change(changes, **options):
    return implied_volatility(
        **{**{"price": 5, "kind": "call", "spot": 100, "strike": 100, "expiry": 1}, **changes}, **options
    )


@pytest.mark.parametrize(("changes", "message"), STRICT)
def test_strict_names_the_first_price_without_a_volatility(changes, message):
    assert np.isnan(change(changes)).any()
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        change(changes, strict=True)


@pytest.mark.parametrize("missing", [np.nan, None, pd.NA])
def test_a_missing_quote_leaves_the_others_alone(missing):
    column = np.array([6.1, missing, 1.2], dtype=object)
    strikes = [95, 100, 110]
    found = implied_volatility(column, "call", 100, strikes, 0.25)
    np.testing.assert_array_equal(np.isnan(found), [False, True, False])
    alone = [implied_volatility(price, "call", 100, strike, 0.25) for price, strike in ((6.1, 95), (1.2, 110))]
    np.testing.assert_array_equal(found[[0, 2]], alone)
    with pytest.raises(ValueError, match="price must be known, got nan at index 1"):
        implied_volatility(column, "call", 100, strikes, 0.25, strict=True)
    assert np.isnan(implied_volatility(missing, "call", 100, 100, 0.25))


def test_a_column_of_a_table_may_have_holes():
    quotes = pd.Series([6.1, None, 1.2], dtype="Float64")
    assert np.isnan(implied_volatility(quotes, "call", 100, [95, 100, 110], 0.25)).tolist() == [False, True, False]


def test_strict_says_nothing_where_all_is_well():
    assert change({}, strict=True) == change({})


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_bad_input_names_the_argument_the_value_and_the_rule(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        change(changes)


ANY = st.one_of(st.floats(), st.sampled_from([0.0, 5e-324, 1e-308, 1e-300, 1.0, 100.0, 1e300, 1.7e308]))
POSITIVE = st.floats(min_value=5e-324, max_value=1.7e308)


@given(ANY, ANY, ANY, ANY, ANY, ANY, st.sampled_from(["call", "put"]))
@example(value=-1.797693124862316e308, spot=1e300, strike=1.0, expiry=0.0, rate=0.0, dividend=0.0, kind="call")
@settings(max_examples=1000, deadline=None)
def test_anything_gives_a_volatility_or_nan_or_a_value_error(value, spot, strike, expiry, rate, dividend, kind):
    try:
        found = implied_volatility(value, kind, spot, strike, expiry, rate, dividend)
    except ValueError:
        return
    assert np.isnan(found) or 0 <= found < np.inf


@given(st.floats(0, 1), POSITIVE, POSITIVE, POSITIVE, st.sampled_from(["call", "put"]))
@example(fraction=5e-15, spot=1.0, strike=0.3, kind="call", expiry=1.0)  # what 1 - 0.3 loses to rounding counts
@example(fraction=0.5, spot=2.0**45, strike=1.188422437713965e29, kind="put", expiry=1.0)
@settings(max_examples=400, deadline=None)
def test_the_price_lies_between_those_a_billionth_of_volatility_below_and_above(
    fraction, spot, strike, expiry, kind
):
    bound = spot if kind == "call" else strike
    low = min(spot, strike)
    value = (bound - low) + fraction * low
    found = implied_volatility(value, kind, spot, strike, expiry)
    if value <= bound - low or value >= bound:
        assert found == 0 if value == bound - low < bound else np.isnan(found)
        return
    if found == 0:  # the price is the intrinsic value, as far as a double of its size can tell
        assert value - (bound - low) <= 4 * np.finfo(float).eps * max(spot, strike)
        return
    with mpmath.workdps(ALL_DIGITS):
        time_value = mpmath.mpf(value) - (mpmath.mpf(bound) - mpmath.mpf(low))
    with mpmath.workdps(DIGITS):
        root = mpmath.sqrt(expiry)
        total = float(found) * root
        width = mpmath.mpf("1e-9") * total + mpmath.mpf(1e-323) * max(root, 1)  # two of the smallest floats
        below = exact_time_value(spot, strike, total - width) if width < total else 0
        assert below < time_value < exact_time_value(spot, strike, total + width)
