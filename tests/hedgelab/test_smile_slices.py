"""Slices of a smile, pinned to published values and to ten digits that two libraries agree on."""

import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from smiles import VOGT, free_svi

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.smile import gatheral_g

# A. Vogt's example in jump wings, as Gatheral & Jacquier (2014) print it in section 5.1
JUMP_WINGS = (0.01742625, -0.1752111, 0.6997381, 1.316798, 0.0116249)
HAGAN = hl.SABR(alpha=2, beta=0.5, rho=-0.3, nu=0.4, expiry=1, forward=100)
LOGNORMAL = hl.SABR(alpha=0.2, beta=1, rho=-0.7, nu=1, expiry=0.25, forward=100)
SLICES = {
    "Vogt's SVI": VOGT,
    "SVI": hl.SVI(0.01, 0.1, -0.5, 0.02, 0.15, expiry=0.5),
    "SABR": HAGAN,
    "lognormal SABR": LOGNORMAL,
    "normal SABR": hl.SABR(20, 0, 0.2, 0.5, expiry=0.5, forward=100),
    "SABR without volatility of volatility": hl.SABR(0.3, 0.4, 0.5, 0, expiry=0.5),
    "a blend": hl.smile.Blend((VOGT, HAGAN), (0.3, 0.7), expiry=0.8),
}
each_slice = pytest.mark.parametrize("smile", SLICES.values(), ids=SLICES)


def test_vogts_smile_has_the_printed_jump_wings():
    np.testing.assert_allclose(VOGT.jump_wings, JUMP_WINGS, rtol=5e-7)


def test_vogts_smile_has_the_butterfly_that_thirty_digits_find():
    found = VOGT.butterfly()
    assert found.least == pytest.approx(-0.0328635735, abs=5e-11)
    assert found.where == pytest.approx(0.87926254, abs=5e-8)
    np.testing.assert_allclose(found.regions, [(0.64240788, 1.25691299)], atol=5e-9)
    assert found
    assert not found.free


def test_vogts_smile_has_quantlibs_volatilities():
    found = VOGT.volatility([-1, 0, 1])
    np.testing.assert_allclose(found, [0.3045581261, 0.1320085321, 0.2946637232], atol=5e-11)


def test_vogts_density_is_positive_again_beyond_its_butterfly():
    """A peer has the wrong sign there: 3.5e-8 by strike, of a forward of 100."""
    assert VOGT.density(1.5) / (100 * np.exp(1.5)) == pytest.approx(3.5e-8, abs=0.05e-8)
    assert VOGT.density(1.0) < 0


def test_steep_wings_are_not_the_only_butterflies():
    """``b (1 + |rho|) < 4`` over expiry is necessary, and Vogt's smile passes it."""
    assert VOGT.b * (1 + abs(VOGT.rho)) < 4
    assert VOGT.butterfly()


def test_gatheral_and_jacquiers_repair_of_vogts_smile_is_free():
    variance, skew, put, _, least = VOGT.jump_wings
    call = put + 2 * skew
    floor = variance * 4 * put * call / (put + call) ** 2
    assert call == pytest.approx(0.3493158, abs=5e-8)
    assert floor == pytest.approx(0.01548182, abs=5e-9)
    assert hl.SVI.from_jump_wings(variance, skew, put, call, floor, 1).butterfly().free
    optimal = hl.SVI.from_jump_wings(variance, skew, put, 0.8564763, least, 1).butterfly()
    assert optimal.free
    assert optimal.least == pytest.approx(0.00811832, abs=5e-9)


def test_ssvi_lands_on_quantlibs_total_variances():
    surface = hl.SSVI(rho=-0.7, eta=1, gamma=0.5)
    assert surface.phi(0.04) == pytest.approx(4.9029033785, abs=5e-11)
    found = surface.slice(1, theta=0.04).total_variance([-0.3, -0.1, 0.1, 0.3])
    np.testing.assert_allclose(found, [0.0862985656, 0.0546258448, 0.0280218769, 0.0204243909], atol=5e-11)


@pytest.mark.parametrize(("product", "least"), [(4.0, None), (4.8, 0.2396)], ids=str)
def test_the_second_condition_of_ssvi_suffices_and_is_not_needed(product, least):
    """A product theta phi**2 (1 + |rho|) of 4 or more, with theta 0.04 and rho -0.7."""
    smile = hl.SVI.from_natural(0, 0, -0.7, 0.04, np.sqrt(product / (0.04 * 1.7)), 1)
    assert smile.butterfly().free
    if least:
        assert smile.butterfly().least == pytest.approx(least, abs=5e-5)


def test_ssvi_slices_within_the_theorem_have_no_butterflies():
    random = np.random.default_rng(1)
    assert all(free_svi(random).butterfly().free for _ in range(200))


@pytest.mark.parametrize(
    ("smile", "strikes", "volatilities"),
    [
        (HAGAN, [60, 80, 100, 120], [0.2768299010, 0.2312588649, 0.2017900000, 0.1862324589]),
        (
            LOGNORMAL,
            [90, 95, 100, 105, 110],
            [0.2373105386, 0.2176578929, 0.1993541667, 0.1830618251, 0.1698588825],
        ),
    ],
    ids=["beta one half", "beta one"],
)
def test_sabr_lands_on_what_quantlib_and_pysabr_agree_on(smile, strikes, volatilities):
    np.testing.assert_allclose(smile.volatility(np.log(np.array(strikes) / 100)), volatilities, atol=5e-11)


def test_hagans_formula_has_the_negative_density_that_quantlib_finds():
    smile = hl.SABR(alpha=0.35, beta=0.25, rho=-0.1, nu=1, expiry=1)
    ((low, high),) = smile.butterfly(np.log(0.002), 1.0).regions
    assert np.exp(high) == pytest.approx(0.14323, abs=5e-6)
    assert np.exp(low) == pytest.approx(0.00860, abs=5e-6)
    assert smile.density(np.log(0.1)) < 0 < smile.density(np.log(0.2))


@pytest.mark.parametrize("smile", [HAGAN, LOGNORMAL, SLICES["normal SABR"]], ids=["half", "one", "zero"])
def test_hagans_left_wing_always_has_butterflies(smile):
    """Lee (2004): total variance cannot grow faster than twice log moneyness; here it does."""
    slopes = -smile.derivatives(np.array([-15.0, -30.0])).slope
    assert slopes[1] > slopes[0]
    assert smile.butterfly().least == -np.inf
    assert smile.butterfly().regions[0][0] == -np.inf
    assert smile.butterfly(-0.3, 0.3).free


def test_at_the_money_hagans_formula_is_smooth():
    k = np.array([-2e-9, -1e-9, 0, 1e-9, 2e-9])
    for smile in (HAGAN, LOGNORMAL):
        np.testing.assert_allclose(np.diff(smile.volatility(k)), smile.skew(0) * 1e-9, rtol=1e-5)


@each_slice
def test_derivatives_are_those_of_total_variance(smile):
    k = np.array([-0.9, -0.4, -0.11, -0.05, -0.01, 0.0, 0.02, 0.049, 0.051, 0.2, 0.7])
    step = 1e-4
    low, here, high = (smile.total_variance(k + move) for move in (-step, 0, step))
    found = smile.derivatives(k)
    np.testing.assert_allclose(found.value, here)
    np.testing.assert_allclose(found.slope, (high - low) / (2 * step), atol=1e-6)
    np.testing.assert_allclose(found.curvature, (high - 2 * here + low) / step**2, atol=1e-5)
    volatility = [np.sqrt(w / smile.expiry) for w in (low, high)]
    np.testing.assert_allclose(smile.skew(k), (volatility[1] - volatility[0]) / (2 * step), atol=1e-6)


@each_slice
def test_the_density_is_the_second_derivative_of_call_prices_by_strike(smile):
    """Breeden & Litzenberger (1978), by differences of Black and Scholes's prices at the smile's volatilities."""
    for k in (-0.5, -0.1, 0.0, 0.07, 0.4, 1.0 if smile is VOGT else 0.5):
        strike, step = np.exp(k), 2e-4
        strikes = strike + step * np.array([-1, 0, 1])
        call = black_scholes.price("call", 1.0, strikes, smile.expiry, smile.volatility(np.log(strikes)))
        by_strike = (call[0] - 2 * call[1] + call[2]) / step**2
        assert smile.density(k) == pytest.approx(by_strike * strike, abs=2e-5)


@pytest.mark.parametrize("number", range(3))
def test_a_free_density_is_that_of_a_price_whose_mean_is_the_forward(number):
    smile = free_svi(np.random.default_rng(number))
    ends = np.sqrt(smile.total_variance(0)) * np.array([-40, -3, 0, 3, 12])
    mass, mean = (
        sum(quad(weighed, a, b, limit=200)[0] for a, b in pairwise(ends))
        for weighed in (smile.density, lambda k: np.exp(k) * smile.density(k))
    )
    assert mass == pytest.approx(1, abs=1e-5)
    assert mean == pytest.approx(1, abs=1e-5)


def test_a_flat_smile_is_black_and_scholes():
    for smile in (hl.SVI(0.04, 0, 0, 0, 1, expiry=1), hl.SABR(0.2, 1, 0, 0, expiry=1)):
        assert smile.volatility(np.linspace(-3, 3, 7)) == pytest.approx(0.2)
        assert smile.butterfly().least == 1
        assert smile.density(0.1) == pytest.approx(np.exp(-(0.12**2) / 0.08) / (0.2 * np.sqrt(2 * np.pi)))


@pytest.mark.parametrize("number", range(5))
def test_jump_wings_and_natural_parameters_lead_back(number):
    random = np.random.default_rng(number)
    smile = hl.SVI(
        random.uniform(0, 0.1), random.uniform(0.01, 1), random.uniform(-0.95, 0.95), random.uniform(-1, 1),
        random.uniform(0.01, 1), random.uniform(0.05, 3),
    )  # fmt: skip
    k = np.linspace(-2, 2, 9)
    for same in (
        hl.SVI.from_jump_wings(*smile.jump_wings, smile.expiry),
        hl.SVI.from_natural(*smile.natural, smile.expiry),
    ):
        np.testing.assert_allclose(same.volatility(k), smile.volatility(k), rtol=1e-9)


def test_jump_wings_are_what_they_are_called():
    smile = SLICES["SVI"]
    variance, skew, put, call, least = smile.jump_wings
    assert variance == pytest.approx(smile.volatility(0) ** 2)
    assert skew == pytest.approx(smile.skew(0) * np.sqrt(smile.expiry))
    k = np.linspace(-2, 2, 40_001)
    assert least == pytest.approx(smile.volatility(k).min() ** 2)
    far = smile.derivatives(np.array([-1e7, 1e7])).slope / np.sqrt(smile.total_variance(0))
    np.testing.assert_allclose([-put, call], far, rtol=1e-6)


def test_the_wings_decide_where_the_middle_is_sound():
    """Slopes above and just below 2, the limit of Lee (2004)."""
    steep, fine = (hl.SVI.from_natural(0, 0, 0.5, 4, slope / 3, 1) for slope in (2.1, 1.9999))
    assert fine.butterfly().free
    found = steep.butterfly()
    assert found.least == pytest.approx(0.25 - 2.1**2 / 16)
    assert found.where == np.inf
    ((low, high),) = found.regions
    assert high == np.inf
    around = low * np.array([0.999, 1.001])
    g = gatheral_g(around, *steep.derivatives(around))
    assert g[0] > 0 > g[1]


def test_a_butterfly_between_two_points_of_the_grid_is_found():
    """A dip of g that is a thousandth wide, far from the money."""
    smile = hl.SVI(a=0.05, b=0.3, rho=0.0, m=1.0, sigma=1e-4, expiry=1)
    k = 1.0 + np.linspace(-0.01, 0.01, 200_001)
    here = smile.butterfly(0.99, 1.01)
    assert here.least == pytest.approx(smile.g(k).min(), rel=1e-4)
    assert here.least <= smile.g(k).min()


def test_a_range_without_butterflies_is_free():
    assert VOGT.butterfly(-np.inf, 0.6).free
    assert VOGT.butterfly(1.3, 3).free
    np.testing.assert_allclose(VOGT.butterfly(0.7, 0.9).regions, [(0.7, 0.9)])


@each_slice
def test_scalars_give_scalars_and_arrays_their_shape(smile):
    for asked in (smile.volatility, smile.total_variance, smile.skew, smile.g, smile.density):
        assert isinstance(asked(0.1), np.float64)
        many = asked([[-0.1, 0.1, 0.2]])
        assert many.shape == (1, 3)
        assert many[0, 1] == asked(0.1)


def test_where_hagans_formula_turns_negative_it_is_refused_and_counts_as_a_butterfly():
    smile = hl.SABR(alpha=0.2, beta=0.5, rho=-0.95, nu=1.3, expiry=6, forward=1)
    with pytest.raises(ValueError, match="log_moneyness must be where the formula has a volatility, got"):
        smile.volatility(np.linspace(-20, 0, 201))
    assert smile.volatility(0) > 0
    assert any(low < -12 < high for low, high in smile.butterfly(-20, 0).regions)


def test_a_smile_keeps_its_report_out_of_comparisons_and_copies():
    k = np.linspace(-0.3, 0.3, 9)
    fitted = hl.SVI.fit(k, SLICES["SVI"].volatility(k), 0.5)
    same = hl.SVI(fitted.a, fitted.b, fitted.rho, fitted.m, fitted.sigma, fitted.expiry)
    assert fitted == same
    assert hash(fitted) == hash(same)
    assert same.report is None
    assert replace(fitted, a=0.02).report is None
    assert pickle.loads(pickle.dumps(fitted)).report == fitted.report


def test_a_smile_with_a_butterfly_says_so():
    assert VOGT.introduction()["butterflies"] == "at log moneyness 0.6424 to 1.257"
    assert SLICES["SVI"].introduction()["butterflies"] == "none"
    assert "butterflies" in hl.Surface([VOGT]).introduction()
