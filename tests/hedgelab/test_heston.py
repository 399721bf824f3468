"""Heston's market: published prices, independent integrals, and paths that agree with them."""

import itertools
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

import hedgelab as hl
from hedgelab import black_scholes

# spot, variance, mean reversion, long-run variance, volatility of variance, correlation
FANG_OOSTERLEE = hl.Heston(100, 0.0175, 1.5768, 0.0398, 0.5751, -0.5711)  # Feller's condition fails
LEWIS = hl.Heston(100, 0.04, 4, 0.25, 1, -0.5)
ANDERSEN_1 = hl.Heston(100, 0.04, 0.5, 0.04, 1, -0.9)  # Feller's condition fails by far
CALM = hl.Heston(100, 0.04, 2, 0.04, 0.3, -0.7)


@pytest.mark.parametrize(
    ("market", "kind", "strike", "expiry", "rate", "dividend", "published", "tolerance"),
    [
        # Fang & Oosterlee (2008) print 5.785155450, which is off in its eighth digit, and 22.318945791474590
        (FANG_OOSTERLEE, "call", 100, 1, 0, 0, 5.785155434376, 1e-12),
        (FANG_OOSTERLEE, "call", 100, 10, 0, 0, 22.318945791474590, 1e-8),
        # Alan Lewis's reference prices, which QuantLib's tests carry (AlanLewisReferencePrices)
        (LEWIS, "put", 80, 1, 0.01, 0.02, 7.958878113256768285, 1e-12),
        (LEWIS, "put", 120, 1, 0.01, 0.02, 29.811026202682471843, 1e-12),
        (LEWIS, "call", 80, 1, 0.01, 0.02, 26.774758743998854221, 1e-12),
        (LEWIS, "call", 100, 1, 0.01, 0.02, 16.070154917028834278, 1e-12),
        (LEWIS, "call", 120, 1, 0.01, 0.02, 9.024913483457835637, 1e-12),
        # Broadie & Kaya (2006), Exact simulation of stochastic volatility, tables 1 and 2
        (hl.Heston(100, 0.010201, 6.21, 0.019, 0.61, -0.70), "call", 100, 1, 0.0319, 0, 6.8061, 5e-5),
        (hl.Heston(100, 0.09, 2, 0.09, 1, -0.3), "call", 100, 5, 0.05, 0, 34.9998, 5e-5),
        # Andersen (2008), case I
        (ANDERSEN_1, "call", 60, 10, 0, 0, 44.330, 5e-4),
        (ANDERSEN_1, "call", 100, 10, 0, 0, 13.085, 5e-4),
        (ANDERSEN_1, "call", 140, 10, 0, 0, 0.296, 5e-4),
    ],
)
def test_heston_lands_on_published_prices(market, kind, strike, expiry, rate, dividend, published, tolerance):
    assert market.price(hl.Option(kind, strike, expiry), rate, dividend) == pytest.approx(published, abs=tolerance)


SMILING = hl.Heston(100, 0.04, 2, 0.04, 0.5, -0.7)


@pytest.mark.parametrize(("strike", "value"), [(90, 11.0274002459), (100, 3.7685226491), (110, 0.4350461187)])
def test_heston_prices_a_three_month_smile(strike, value):
    # QuantLib 1.44, its integral and its cosine expansion
    assert SMILING.price(hl.Option("call", strike, 91 / 365)) == pytest.approx(value, abs=1e-9)


def test_heston_greeks_land_on_those_of_quantlib():
    # QuantLib 1.44: differences of its prices
    option = hl.Option("call", 100, 91 / 365)
    greeks = SMILING.greeks(option)
    assert greeks.price == SMILING.price(option)
    assert greeks.delta == pytest.approx(0.5969400, abs=5e-8)
    assert greeks.variance_vega == pytest.approx(40.161910, abs=5e-7)
    assert SMILING.minimum_variance_delta(option) == pytest.approx(0.4563733, abs=1e-7)


def richardson(value, at, step):
    """First and second derivative of a function, by two central differences each, good to the fourth order."""
    steps, middle = np.array([step, step / 2]), value(at)
    ups, downs = (np.array([value(at + sign * s) for s in steps]) for sign in (1, -1))
    both = (ups - downs) / (2 * steps), (ups - 2 * middle + downs) / steps**2
    return [(4 * fine - coarse) / 3 for coarse, fine in both]


@pytest.mark.parametrize("market", [FANG_OOSTERLEE, LEWIS, ANDERSEN_1, CALM, SMILING], ids=range(5))
@pytest.mark.parametrize(("kind", "strike", "expiry"), [("call", 90, 0.5), ("put", 105, 1.0), ("call", 130, 3.0)])
def test_heston_greeks_are_the_derivatives_of_its_price(market, kind, strike, expiry):
    """By differences of the price, theta too, which comes from Heston's equation instead."""

    def price(**terms):
        years = terms.pop("expiry", expiry)
        return replace(market, **terms).price(hl.Option(kind, strike, years), rate=0.03, dividend=0.01)

    greeks = market.greeks(hl.Option(kind, strike, expiry), rate=0.03, dividend=0.01)
    v = market.variance
    delta, gamma = richardson(lambda spot: price(spot=spot), 100, 0.5)
    vega, volga = richardson(lambda variance: price(variance=variance), v, v / 8)
    vanna, _ = richardson(
        lambda variance: richardson(lambda spot: price(spot=spot, variance=variance), 100, 0.5)[0], v, v / 8
    )
    ageing, _ = richardson(lambda years: price(expiry=years), expiry, expiry / 50)
    found = [greeks.delta, greeks.gamma, greeks.theta, greeks.variance_vega, greeks.variance_vanna]
    assert found == pytest.approx([delta, gamma, -ageing, vega, vanna], rel=2e-4, abs=1e-6)
    assert greeks.variance_volga == pytest.approx(volga, rel=2e-3, abs=1e-3)


def test_shares_by_the_minimum_variance_delta_leave_less_of_a_day_than_any_others():
    """Simulated: the variance of what is left is a parabola in the shares held, whose lowest point it is."""
    day, option = 1 / 365, hl.Option("call", 100, 91 / 365)
    paths = SMILING.simulate(day, 1, n_paths=400, seed=3)
    after = [
        replace(SMILING, spot=spot, variance=variance).price(hl.Option("call", 100, option.expiry - day))
        for spot, variance in zip(paths.spot[-1], paths.variance[-1], strict=True)
    ]
    moves = paths.spot[-1] - 100
    slope = np.cov(moves, after)[0, 1] / moves.var(ddof=1)
    rest = np.array(after) - slope * moves
    error = rest.std() / (moves.std() * np.sqrt(moves.size))
    assert SMILING.minimum_variance_delta(option) == pytest.approx(slope, abs=4 * error)
    assert abs(SMILING.greeks(option).delta - slope) > 10 * error


def integrated(market, strike, expiry):
    """The call by Heston's own two probabilities, in 25 digits, along the real line (the forward is the spot)."""
    with mpmath.workdps(25):
        v, kappa, theta, xi, rho, time, log_moneyness = (
            mpmath.mpf(float(number))
            for number in (
                market.variance,
                market.mean_reversion,
                market.long_variance,
                market.vol_of_variance,
                market.correlation,
                expiry,
                np.log(market.spot / strike),
            )
        )

        def f(u):
            beta = kappa - 1j * rho * xi * u
            d = mpmath.sqrt(beta**2 + xi**2 * (u**2 + 1j * u))
            g = (beta - d) / (beta + d)
            fade = mpmath.exp(-d * time)
            level = (beta - d) / xi**2 * (1 - fade) / (1 - g * fade)
            return mpmath.exp(
                level * v + kappa * theta / xi**2 * ((beta - d) * time - 2 * mpmath.log((1 - g * fade) / (1 - g)))
            )

        def in_the_money(shift):
            """The probability that the price ends above the strike; counted in shares where `shift` is 1."""
            turn = lambda u: (mpmath.exp(1j * u * log_moneyness) * f(u - 1j * shift) / (1j * u)).real  # noqa: E731
            scale = 1 / mpmath.sqrt(time * (v + kappa * theta * time) / (1 + kappa * time))
            ends = [
                0,
                *(scale * step for step in (0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)),
            ]
            return mpmath.mpf(1) / 2 + mpmath.quad(turn, ends) / mpmath.pi

        return float(market.spot * in_the_money(1) - strike * in_the_money(0))


@pytest.mark.parametrize(
    ("market", "strike", "expiry"),
    [
        (CALM, 100, 1 / 365),
        (CALM, 104, 1 / 365),
        (CALM, 50, 2),
        (hl.Heston(100, 0.09, 1, 0.09, 1, -0.3), 200, 30),
        (hl.Heston(100, 0.01, 0.5, 0.04, 0.8, 0.6), 130, 1),
        (hl.Heston(100, 0.04, 0, 0.04, 0.4, -0.3), 90, 3),
    ],
)
def test_heston_agrees_with_an_integral_in_25_digits_to_1e_10(market, strike, expiry):
    expected = integrated(market, strike, expiry)
    assert market.price(hl.Option("call", strike, expiry)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("vol_of_variance", [0.0, 1e-12, 1e-7])
def test_where_the_variance_hardly_moves_heston_is_black_scholes_at_its_expected_variance(vol_of_variance):
    market = hl.Heston(100, 0.09, 3, 0.04, vol_of_variance, -0.7)
    volatility = np.sqrt(market.expected_variance(0.09, 0.5))
    for strike in (60, 100, 150):
        expected = black_scholes.price("put", 100, strike, 0.5, volatility, 0.03, 0.01)
        assert market.price(hl.Option("put", strike, 0.5), 0.03, 0.01) == pytest.approx(expected, abs=1e-6)
    paths = market.simulate(expiry=0.5, steps=5, n_paths=20_000, seed=1)
    times = paths.times[:, np.newaxis]
    np.testing.assert_allclose(paths.variance, (0.04 + 0.05 * np.exp(-3 * times)) * np.ones(20_000), rtol=1e-5)
    assert np.log(paths.spot[-1]).std() == pytest.approx(volatility * np.sqrt(0.5), rel=0.02)


@pytest.mark.parametrize(
    ("variance", "mean_reversion", "long_variance", "vol_of_variance", "correlation", "expiry", "steps"),
    [
        (0.04, 2, 0.04, 0.3, -0.7, 0.5, 50),
        (0.0175, 1.5768, 0.0398, 0.5751, -0.5711, 1, 100),
        (0.04, 0.5, 0.04, 1, -0.9, 10, 160),
        (0.04, 0.3, 0.04, 0.9, -0.5, 5, 100),
        (0.09, 1, 0.09, 1, 0.9, 1, 100),
        (0.01, 5, 0.09, 2, -0.99, 0.25, 63),
        (0.25, 0, 0.0, 1, 0.3, 1, 100),
    ],
)
def test_simulated_and_integrated_prices_agree(
    variance, mean_reversion, long_variance, vol_of_variance, correlation, expiry, steps
):
    n_paths, rate = 60_000, 0.03
    market = hl.Heston(100, variance, mean_reversion, long_variance, vol_of_variance, correlation, drift=rate)
    random = np.random.default_rng(1)
    last = market.simulate(expiry, steps, n_paths, seed=random).spot[-1]
    discounted = np.exp(-rate * expiry) * last
    assert discounted.mean() == pytest.approx(100, abs=3 * discounted.std() / np.sqrt(n_paths))
    for kind, strike in (("put", 70), ("put", 100), ("call", 100), ("call", 130)):
        option = hl.Option(kind, strike, expiry)
        payoffs = np.exp(-rate * expiry) * option.payoff(last)
        error = payoffs.std() / np.sqrt(n_paths)
        assert payoffs.mean() == pytest.approx(market.price(option, rate), abs=3 * error)


class Grid:
    """Random numbers that cover the distribution instead of sampling it: first all quantiles, then nodes."""

    def __init__(self, normal, other):
        self.draws = iter((normal, other))

    def standard_normal(self):
        return next(self.draws)


@pytest.mark.parametrize("dt", [1 / 252, 0.25])
@pytest.mark.parametrize("variance", [0.0, 0.0005, 0.01, 0.2])
@pytest.mark.parametrize("correlation", [-0.95, 0.0, 0.7])
def test_one_step_has_the_exact_mean_and_variance_of_the_variance_and_growth_of_the_price(
    dt, variance, correlation
):
    """Cox, Ingersoll & Ross (1985), equation 19; the growth is what the martingale correction is for."""
    kappa, theta, xi = 1.5, 0.04, 0.6
    market = hl.Heston(100, variance, kappa, theta, xi, correlation, drift=0.05)
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    n = 100_000
    quantiles = ndtri((np.arange(n) + 0.5) / n)
    normal, other = (part.ravel() for part in np.meshgrid(quantiles, nodes))
    quotes = list(market.stream(np.array([0, dt]), normal.size, Grid(normal, other)))
    probability = np.repeat(weights / weights.sum(), n) / n

    after = quotes[-1].variance
    fade = np.exp(-kappa * dt)
    mean = theta + (variance - theta) * fade
    spread = xi**2 * (1 - fade) / kappa * (variance * fade + theta * (1 - fade) / 2)
    assert probability @ after == pytest.approx(mean, rel=1e-4)
    assert probability @ (after - mean) ** 2 == pytest.approx(spread, rel=2e-3)
    assert probability @ quotes[-1].spot == pytest.approx(100 * np.exp(0.05 * dt), rel=1e-5)


def test_expected_variance_is_the_average_over_the_time_left():
    market = hl.Heston(100, 0.09, 3, 0.04, 0.5, -0.7)
    times = np.linspace(0, 0.5, 100_001)
    for now in (0.0, 0.09):
        average = np.trapezoid(0.04 + (now - 0.04) * np.exp(-3 * times), times) / 0.5
        assert market.expected_variance(now, 0.5) == pytest.approx(average, rel=1e-8)
    assert market.expected_variance(0.09, 0) == 0.09
    assert market.expected_variance([[0.0], [0.09]], [0, 0.5, 1]).shape == (2, 3)
    assert hl.Heston(100, 0.09, 0, 0.04, 0.5, -0.7).expected_variance(0.05, 2) == 0.05
    paths = market.simulate(expiry=0.5, steps=100, n_paths=40_000, seed=1).variance
    averages = np.trapezoid(paths, dx=0.005, axis=0) / 0.5
    assert averages.mean() == pytest.approx(market.expected_variance(0.09, 0.5), abs=3 * averages.std() / 200)


def test_price_and_variance_move_with_their_correlation():
    paths = hl.Heston(100, 0.04, 2, 0.04, 0.3, -0.7).simulate(expiry=0.01, steps=1, n_paths=50_000, seed=1)
    correlation = np.corrcoef(np.log(paths.spot[-1]), paths.variance[-1])[0, 1]
    assert correlation == pytest.approx(-0.7, abs=0.01)


def test_variance_that_nothing_feeds_dies_out_and_stays_dead():
    paths = hl.Heston(100, 0.04, 1, 0.0, 2, 0.0).simulate(expiry=5, steps=50, n_paths=1000, seed=1)
    dead = paths.variance == 0
    assert dead[-1].mean() > 0.9
    assert (dead[1:] >= dead[:-1]).all()
    np.testing.assert_array_equal(paths.spot[1:][dead[:-1]], paths.spot[:-1][dead[:-1]])


def test_a_step_too_long_for_the_martingale_correction_is_refused():
    market = hl.Heston(100, 0.04, 2, 0.04, 3, 0.9)
    with pytest.raises(ValueError, match=r"steps must be shorter than 1\.0 years for a correlation of 0\.9"):
        market.simulate(expiry=1, steps=1, n_paths=1)
    market.simulate(expiry=1, steps=4, n_paths=1)
    hl.Heston(100, 0.04, 2, 0.04, 3, -0.9).simulate(expiry=10, steps=1, n_paths=1, seed=1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"variance": -0.04}, "variance must be zero or more, and finite, got -0.04"),
        ({"mean_reversion": np.nan}, "mean_reversion must be zero or more, and finite, got nan"),
        ({"long_variance": np.inf}, "long_variance must be zero or more, and finite, got inf"),
        ({"vol_of_variance": -1}, "vol_of_variance must be zero or more, and finite, got -1.0"),
        ({"correlation": 1.01}, "correlation must be between -1 and 1, got 1.01"),
        ({"drift": "0.1"}, "drift must be a number or an array of numbers, got '0.1'"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    names = ("spot", "variance", "mean_reversion", "long_variance", "vol_of_variance", "correlation")
    with pytest.raises(ValueError, match=message):
        hl.Heston(**dict.fromkeys(names, 0.5) | changed)


@given(
    strikes=st.lists(st.floats(20, 500), min_size=3, max_size=3, unique=True).map(sorted),
    expiry=st.floats(0.003, 20),
    variance=st.floats(0.0, 1),
    mean_reversion=st.floats(0, 10),
    long_variance=st.floats(0.0, 1),
    vol_of_variance=st.floats(0, 5),
    correlation=st.floats(-1, 1),
)
def test_prices_fall_and_bend_upwards_in_the_strike(strikes, expiry, **parameters):
    market = hl.Heston(spot=100, **parameters)
    call, *_ = prices = [market.price(hl.Option("call", strike, expiry)) for strike in strikes]
    slopes = [
        (after - before) / (high - low)
        for (low, before), (high, after) in itertools.pairwise(zip(strikes, prices, strict=True))
    ]
    slack = 1e-10 / min(np.diff(strikes))
    assert -1 - slack <= slopes[0] <= slopes[1] + slack
    assert slopes[1] <= slack
    assert max(100 - strikes[0], 0) - 1e-10 <= call <= 100 + 1e-10
    put = market.price(hl.Option("put", strikes[0], expiry))
    assert call - put == pytest.approx(100 - strikes[0], abs=1e-11)


NOT_NEGATIVE = st.floats(0, 2) | st.floats(0, allow_infinity=False)
POSITIVE = st.floats(0.01, 3) | st.floats(5e-324, allow_infinity=False)


@given(
    spot=POSITIVE,
    variance=NOT_NEGATIVE,
    mean_reversion=NOT_NEGATIVE,
    long_variance=NOT_NEGATIVE,
    vol_of_variance=NOT_NEGATIVE,
    correlation=st.floats(-1, 1),
    drift=st.floats(-1, 1) | st.floats(allow_nan=False, allow_infinity=False),
    expiry=POSITIVE,
    strike=POSITIVE,
    kind=st.sampled_from(["call", "put"]),
)
def test_extremes_are_refused_or_finite(kind, strike, expiry, **parameters):
    market = hl.Heston(**parameters)
    try:
        _, spot, variance = market.simulate(expiry, steps=3, n_paths=5, seed=1)
    except ValueError:
        pass
    else:
        assert ((spot > 0) & np.isfinite(spot)).all()
        assert ((variance >= 0) & np.isfinite(variance)).all()
    try:
        price = market.price(hl.Option(kind, strike, expiry), rate=0.01)
    except ValueError:
        return
    bound = market.spot if kind == "call" else strike
    assert 0 <= price <= bound * (1 + 1e-12)
