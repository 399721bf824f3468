"""Closed forms of insured funds, pinned to ten digits and each held to an independent way to find it.

The digits were found twice, by the formula and by quadrature or recursion in thirty digits; here a second way is a
quadrature or a recursion of SciPy's.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

import hedgelab as hl
from hedgelab import black_scholes, insurance

#: One year; a fund of 100 whose floor is 90.
WORLD = {"horizon": 1.0, "volatility": 0.2, "drift": 0.08, "rate": 0.03}
FUND = {"value": 100, "floor": 0.9} | WORLD
CRASHES = hl.Merton(100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1, drift=0.08)


def expected(function, kinks=(), drift=0.08):
    """The mean of a function of the share's last price, by quadrature between its kinks."""

    def weighed(z):
        return function(100 * np.exp(drift - 0.02 + 0.2 * z)) * norm.pdf(z)

    ends = sorted([-12, 0, 4, 12, *((np.log(kink / 100) - drift + 0.02) / 0.2 for kink in kinks)])
    return sum(quad(weighed, a, b, epsabs=1e-13, epsrel=1e-13)[0] for a, b in pairwise(ends))


def test_option_based_insurance_lands_on_its_strike_units_and_premium():
    law = insurance.option_based_law(**FUND)
    assert law.strike == pytest.approx(93.43827614, abs=5e-9)
    assert law.units == pytest.approx(0.9632027015, abs=5e-11)
    assert law.premium == pytest.approx(3.679729852, abs=5e-10)
    pays = lambda strike: 0.9 * (100 + black_scholes.price("put", 100, strike, 1, 0.2, 0.03)) - strike  # noqa: E731
    assert law.strike == pytest.approx(brentq(pays, 50, 200, xtol=1e-13), abs=1e-10)
    assert law.units * 100 + law.premium == pytest.approx(100, abs=1e-10)


@pytest.mark.parametrize(
    ("floor", "strike", "units", "mean", "deviation", "at_floor"),
    [
        (0.80, 80.76277121, 0.9905554107, 107.8870705, 20.76579625, 0.08561372698),
        (0.90, 93.43827614, 0.9632027015, 106.924379, 17.980818, 0.2612990716),
        (0.95, 102.1091067, 0.9303773491, 106.0281107, 15.10574829, 0.4224454446),
        (1.00, 116.714953, 0.8567882469, 104.6123237, 9.868248298, 0.6818300496),
    ],
)
def test_option_based_insurance_lands_on_how_it_ends(floor, strike, units, mean, deviation, at_floor):
    law = insurance.option_based_law(**(FUND | {"floor": floor}))
    found = [law.strike, law.units, law.mean, law.deviation, law.at_floor]
    np.testing.assert_allclose(found, [strike, units, mean, deviation, at_floor], rtol=5e-10)
    end = lambda spot: law.units * max(spot, law.strike)  # noqa: E731
    assert law.mean == pytest.approx(expected(end, [law.strike]), rel=1e-11)
    square = expected(lambda spot: (end(spot) - mean) ** 2, [law.strike])
    assert law.deviation == pytest.approx(np.sqrt(square), rel=1e-8)


@pytest.mark.parametrize(
    ("floor", "multiplier", "mean", "deviation", "median"),
    [
        (0.8, 4, 108.1477803, 26.65107115, 100.4394836),
        (0.9, 2, 104.4174557, 6.005538711, 103.308989),
        (0.9, 4, 105.9337528, 15.08650321, 101.5702792),
        (0.9, 6, 107.6095202, 31.60256817, 98.57147367),
    ],
)
def test_cppi_lands_on_its_moments(floor, multiplier, mean, deviation, median):
    law = insurance.cppi_law(**(FUND | {"floor": floor}), multiplier=multiplier)
    np.testing.assert_allclose([law.mean, law.deviation, law.median], [mean, deviation, median], rtol=5e-10)
    cushion = 100 - 100 * floor * np.exp(-0.03)
    scale = cushion * np.exp(0.03 - multiplier * (0.03 - 0.02) - 0.02 * multiplier**2)
    end = lambda spot: 100 * floor + scale * (spot / 100) ** multiplier  # noqa: E731
    assert law.mean == pytest.approx(expected(end), rel=1e-10)
    assert law.median == pytest.approx(end(100 * np.exp(0.06)), rel=1e-12)


@pytest.mark.parametrize(("strike", "multiplier"), [(90, 4.595705544), (100, 5.776473101), (110, 7.072931980)])
def test_bertrand_and_prigents_multiplier_makes_the_means_agree(strike, multiplier):
    terms = {"horizon": 1, "volatility": 0.2, "drift": 0.10, "rate": 0.05}
    found = insurance.equal_mean_multiplier(100, strike, **terms)
    assert found == pytest.approx(multiplier, abs=5e-10)
    value = 100 + black_scholes.price("put", 100, strike, 1, 0.2, 0.05)  # one share and one put, floor the strike
    cppi = insurance.cppi_law(value, strike / value, found, **terms)
    options = insurance.option_based_law(value, strike / value, spot=100, **terms)
    assert options.strike == pytest.approx(strike, rel=1e-12)
    assert cppi.mean == pytest.approx(options.mean, rel=1e-12)


def test_where_drift_and_rate_are_one_the_multiplier_is_the_calls_elasticity():
    at, near = (insurance.equal_mean_multiplier(100, 95, 1, 0.2, 0.05 + apart, 0.05) for apart in (0, 1e-6))
    assert at == pytest.approx(near, rel=1e-5)


@pytest.mark.parametrize(
    ("floor", "multiplier", "steps", "failure", "shortfall", "mean"),
    [
        (0.8, 10, 12, 0.3135646359, 7.062004634, 118.1734839),
        (0.9, 6, 12, 0.008180464188, 1.154933775, 107.5567381),
        (0.9, 15, 52, 0.2711657191, 2.833768829, 117.7905618),
        (0.9, 20, 252, 0.005640843733, 1.187371628, 125.3984803),
    ],
)
def test_balder_brandl_and_mahaynis_gaps_between_two_trades(floor, multiplier, steps, failure, shortfall, mean):
    law = insurance.rebalanced_cppi_law(**(FUND | {"floor": floor}), multiplier=multiplier, steps=steps)
    np.testing.assert_allclose(law, [failure, shortfall, mean], rtol=5e-10)
    dt, m = 1 / steps, multiplier
    grown = lambda z: m * np.exp((0.08 - 0.02) * dt + 0.2 * np.sqrt(dt) * z) - (m - 1) * np.exp(0.03 * dt)  # noqa: E731
    edge = brentq(grown, -40, 10)
    kept, lost = (
        quad(lambda z: grown(z) * norm.pdf(z), a, b, epsabs=1e-15)[0] for a, b in ((edge, 12), (edge - 12, edge))
    )
    alive, dead = 100 - 100 * floor * np.exp(-0.03), 0.0
    for _ in range(steps):  # step by step
        alive, dead = alive * kept, dead * np.exp(0.03 * dt) + alive * lost
    chance = 1 - norm.sf(edge) ** steps
    np.testing.assert_allclose(law, [chance, -dead / chance, 100 * floor + alive + dead], rtol=1e-7)


@pytest.mark.parametrize(
    ("multiplier", "failure", "shortfall", "mean"),
    [
        (3, 0.009928562651, 1.005049168, 105.1574215),
        (4, 0.09075982896, 2.406471106, 105.9562612),
        (6, 0.2480463334, 7.538511681, 107.897778),
        (8, 0.3116357681, 15.72264038, 110.4547805),
    ],
)
def test_cont_and_tankovs_gaps_at_a_jump(multiplier, failure, shortfall, mean):
    law = insurance.cppi_under_jumps(100, 0.9, multiplier, 1, CRASHES, rate=0.03)
    np.testing.assert_allclose(law, [failure, shortfall, mean], rtol=5e-10)
    edge, density = np.log(1 - 1 / multiplier), lambda x: 0.5 * norm.pdf(x, -0.2, 0.1)
    over = lambda f, a, b: quad(lambda x: f(x) * density(x), a, b, epsabs=1e-14)[0]  # noqa: E731
    fatal = over(lambda x: 1.0, edge - 1.5, edge)
    loss = over(lambda x: 1 + multiplier * np.expm1(x), edge - 1.5, edge)
    gain = over(lambda x: multiplier * np.expm1(x), edge, 1.5)
    growth = multiplier * (0.08 - 0.03 - 0.5 * CRASHES.mean_jump) + gain - fatal
    lost = -(100 - 90 * np.exp(-0.03)) * np.exp(0.03) * loss * quad(lambda t: np.exp(growth * t), 0, 1)[0]
    np.testing.assert_allclose([-np.expm1(-fatal), lost / -np.expm1(-fatal)], law[:2], rtol=1e-8)
    assert insurance.gap_probability(multiplier, 1, 0.5, lambda jump: norm.cdf(jump, -0.2, 0.1)) == pytest.approx(
        law.failure, rel=1e-12
    )


def test_kous_jumps_fail_a_floor_with_their_own_probability():
    # Cont & Tankov (2009), for double exponential jumps: rate 1, 60 % falls with mean a tenth, five years
    found = insurance.gap_probability(4, 5, 1, lambda jump: 0.6 * np.exp(10 * jump))
    assert found == pytest.approx(0.1554408841, abs=5e-11)


@pytest.mark.parametrize(
    ("floor", "stopped", "mean"),
    [(0.80, 0.1689101958, 108.0562995), (0.90, 0.4483666901, 107.1021534), (0.95, 0.6419602437, 106.0585007)],
)
def test_stop_loss_lands_on_its_probability_and_mean(floor, stopped, mean):
    law = insurance.stop_loss_law(**(FUND | {"floor": floor}))
    np.testing.assert_allclose([law.stopped, law.mean], [stopped, mean], rtol=5e-10)
    b, v = np.log(floor) - 0.03, 0.08 - 0.03 - 0.02

    def alive(x):  # the density of the log price against cash, by images
        image = np.exp(2 * v * b / 0.04) * norm.pdf(x, 2 * b + v, 0.2)
        return norm.pdf(x, v, 0.2) - image

    survive = quad(alive, b, b + 3)[0]
    assert law.stopped == pytest.approx(1 - survive, rel=1e-8)
    held = quad(lambda x: 100 * np.exp(x + 0.03) * alive(x), b, b + 3)[0]
    assert law.mean == pytest.approx(100 * floor * (1 - survive) + held, rel=1e-9)


@pytest.mark.parametrize(
    ("floor", "volatility", "drift", "stopped", "mean"),
    [(0.9, 0.003, -0.05, 0, 100 * np.exp(-0.05)), (0.5, 0.03, -0.8, 1, 50), (0.3, 0.05, -1, 0, 100 * np.exp(-1))],
)
def test_a_stop_loss_that_is_certain_is_no_product_of_infinity_and_zero(floor, volatility, drift, stopped, mean):
    law = insurance.stop_loss_law(100, floor, 1, volatility, drift)
    np.testing.assert_allclose([law.stopped, law.mean], [stopped, mean], rtol=1e-3, atol=1e-4)
    assert np.isfinite(law.omega)


@pytest.mark.parametrize("more", [-1e-9, 0.0, 1e-9])
def test_jumps_of_one_size_fail_a_floor_if_they_are_larger_than_it_can_bear(more):
    """One of exactly a quarter takes the whole cushion, and nothing beyond: only larger ones fail."""
    market = hl.Merton(100, 0.15, jump_rate=0.5, jump_mean=float(np.log1p(-1 / 4)) - more, jump_volatility=0.0)
    law = insurance.cppi_under_jumps(100, 0.9, 4, 1, market)
    assert law.failure == pytest.approx(-np.expm1(-0.5) if more > 0 else 0.0, abs=1e-15)
    grown = -market.jump_rate * market.mean_jump * 4 - 0.5  # what is left of the cushion, by jumps that leave none
    assert law.mean == pytest.approx(90 + 10 * np.exp(grown), abs=1e-6)
    assert np.isnan(law.shortfall) if more <= 0 else 0 < law.shortfall < 1e-6


def test_omega_of_each_way_to_insure():
    """Over a threshold of 100; the second way is quadrature of gains and losses."""
    holding = insurance.holding_law(100, 1, 0.2, 0.08)
    options = insurance.option_based_law(**FUND)
    cppi = insurance.cppi_law(**FUND, multiplier=4)
    stopped = insurance.stop_loss_law(**FUND)
    found = [law.omega for law in (holding, options, cppi, stopped)]
    np.testing.assert_allclose(found, [2.740446460, 2.940750911, 4.532171015, 2.521917758], rtol=5e-10)
    scale = (100 - 90 * np.exp(-0.03)) * np.exp(0.03 - 4 * 0.01 - 0.32)
    ends = {
        holding: (lambda spot: spot, [100]),
        options: (lambda spot: options.units * max(spot, options.strike), [options.strike, 100 / options.units]),
        cppi: (lambda spot: 90 + scale * (spot / 100) ** 4, [100 * (10 / scale) ** 0.25]),
    }
    for law, (end, kinks) in ends.items():
        above, below = (
            expected(lambda s, end=end, sign=sign: max(sign * (end(s) - 100), 0), kinks) for sign in (1, -1)
        )
        assert law.omega == pytest.approx(above / below, rel=1e-9)


def test_omega_far_below_is_a_call_over_a_put():
    """To all digits, where next to nothing is lost; floors of next to nothing leave a fund that holds shares."""
    terms = {"horizon": 1, "volatility": 0.1, "drift": 0.05, "threshold": 50}
    call, put = (black_scholes.price(kind, 100, 50, 1, 0.1, rate=0.05) for kind in ("call", "put"))
    assert put < 1e-13
    assert insurance.holding_law(100, **terms).omega == pytest.approx(call / put, rel=1e-12)
    assert insurance.option_based_law(100, 0.01, **terms).omega == pytest.approx(call / put, rel=1e-9)
    assert insurance.cppi_law(100, 1e-14, 1, **terms).omega == pytest.approx(call / put, rel=1e-9)


def test_mean_given_up_against_holding():
    holding = insurance.holding_law(100, 1, 0.2, 0.08).mean
    laws = (
        insurance.option_based_law(**FUND),
        insurance.cppi_law(**FUND, multiplier=4),
        insurance.stop_loss_law(**FUND),
    )
    np.testing.assert_allclose([holding - law.mean for law in laws], [1.404328, 2.394954, 1.226553], atol=5e-7)


def test_below_the_floor_there_is_nothing_to_lose_and_omega_is_infinite():
    for law in (insurance.option_based_law, insurance.cppi_law, insurance.stop_loss_law):
        more = {"multiplier": 4} if law is insurance.cppi_law else {}
        assert law(**FUND, **more, threshold=80).omega > 1e12
        at = [law(**FUND, **more, threshold=level).omega for level in (92, 95, 100, 120)]
        assert (np.diff(at) < 0).all()


@pytest.mark.parametrize(("strike", "gain"), [(100, 7.965567455), (110, 4.292010941), (90, 3.589108116)])
def test_carr_and_jarrows_start_gain_is_half_the_local_time(strike, gain):
    assert insurance.start_gain(100, strike, 1, 0.2) == pytest.approx(gain, abs=5e-10)

    def density(root):  # of the price at the strike at time root**2, which tames 1 / sqrt(t) at the start
        t = root * root
        at = norm.pdf((np.log(strike / 100) + 0.02 * t) / (0.2 * root)) / (strike * 0.2 * root) if root else 0.0
        return 0.5 * (0.2 * strike) ** 2 * at * 2 * root

    assert insurance.start_gain(100, strike, 1, 0.2) == pytest.approx(quad(density, 0, 1)[0], rel=1e-7)
    assert insurance.switching_cost(100, strike, 1, 0.2).mean == pytest.approx(gain, rel=1e-9)


def test_what_switching_costs_has_the_spread_to_which_hulls_stop_loss_column_tends():
    """Hull, Options, Futures and Other Derivatives, table 19.1: more trades do not take it to zero."""
    law = insurance.switching_cost(49, 50, 20 / 52, 0.2, drift=0.13)
    assert law.mean == pytest.approx(2.0680711729, rel=1e-9)
    assert law.deviation == pytest.approx(1.8065263832, rel=1e-9)
    assert law.deviation / 2.40053 == pytest.approx(0.752553, abs=5e-7)
    at = insurance.switching_cost(100, 100, 1, 0.2)
    assert at.deviation == pytest.approx(6.024960685, rel=1e-9)
    flat, curved = (insurance.switching_cost(100, 90, 1, 0.2, drift) for drift in (0.0200001, 0.0201))
    np.testing.assert_allclose(flat, curved, rtol=1e-3)  # through the drift at which the trend is zero


@pytest.mark.parametrize(("spot", "volatility", "drift", "horizon"), [
    (100, 0.02, 1.0, 1), (100, 0.02, 0.3, 5), (100, 0.001, -0.5, 2), (99, 0.02, 1.0, 1), (101, 0.2, 1.0, 1),
])  # fmt: skip
def test_what_switching_costs_where_the_share_leaves_the_strike_for_good(spot, volatility, drift, horizon):
    """The mean by how likely the share is at the strike; from there, local time is exponential in the end."""
    found = insurance.switching_cost(spot, 100, horizon, volatility, drift)
    trend, start = drift / volatility - volatility / 2, np.log(spot / 100) / volatility
    at = max(-start / trend, 1 / trend**2)

    def density(time):
        return 50 * volatility * norm.pdf((start + trend * time) / np.sqrt(time)) / np.sqrt(time)

    def root(u):  # tames 1 / sqrt(t) at the start
        return 2 * u * density(u * u) if u else 0.0

    edges = np.sqrt(np.clip(at + np.array([-40, -10, 0, 10, 40, 160]) * (np.sqrt(at) / abs(trend)), 0, horizon))
    edges = np.unique([0.0, *edges, np.sqrt(horizon)])
    mean = sum(quad(root, *pair, epsabs=0)[0] for pair in pairwise(edges))
    assert found.mean == pytest.approx(mean, rel=1e-7)
    if spot == 100:
        assert found.deviation == pytest.approx(mean, rel=1e-4)


def test_a_gap_that_the_replica_of_a_put_does_not_follow():
    """The put at 90 of the fall of 19 October 1987, 20.47 %: what it gained, its replica, and what was short."""
    price, delta = (black_scholes.price("put", spot, 90, 0.25, 0.2) for spot in (100 * (1 - 0.2047), 100))
    put, replica = price - delta, black_scholes.greeks("put", 100, 90, 0.25, 0.2).delta * -20.47
    np.testing.assert_allclose([put, replica, put - replica], [10.197203, 2.761039, 7.436163], atol=6e-7)


def test_formulas_broadcast():
    multipliers, floors = np.array([2.0, 4.0, 6.0]), np.array([[0.8], [0.9]])
    terms = WORLD | {"value": 100}
    for law in (insurance.cppi_law, insurance.rebalanced_cppi_law):
        more = {"steps": 12} if law is insurance.rebalanced_cppi_law else {}
        whole = law(floor=floors, multiplier=multipliers, **terms, **more)
        assert whole.mean.shape == (2, 3)
        assert whole.mean[1, 2] == law(floor=0.9, multiplier=6, **terms, **more).mean
    assert insurance.option_based_law(floor=floors.ravel(), **terms).strike == pytest.approx(
        [insurance.option_based_law(floor=floor, **terms).strike for floor in floors.ravel()]
    )
    jumps = insurance.cppi_under_jumps(100, 0.9, multipliers, 1, CRASHES, 0.03)
    assert jumps.failure[1] == insurance.cppi_under_jumps(100, 0.9, 4, 1, CRASHES, 0.03).failure
    assert insurance.stop_loss_law(floor=floors, **terms).stopped.shape == (2, 1)


def test_a_multiplier_of_one_is_holding_and_cannot_fail():
    law = insurance.rebalanced_cppi_law(**FUND, multiplier=1, steps=12)
    assert law.failure == 0
    assert np.isnan(law.shortfall)
    assert law.mean == pytest.approx(90 + (100 - 90 * np.exp(-0.03)) * np.exp(0.08))
    assert insurance.cppi_under_jumps(100, 0.9, 1, 1, CRASHES, 0.03).failure == 0
