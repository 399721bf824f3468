"""Surfaces: what is between slices and beyond them, and that total variance does not fall."""

import numpy as np
import pytest
from smiles import VOGT

import hedgelab as hl
from hedgelab.smile import Blend

NEAR = hl.SVI(0.01, 0.04, -0.5, 0, 0.1, expiry=0.25)
MIDDLE = hl.SVI(0.02, 0.05, -0.4, 0.01, 0.1, expiry=0.5)
FAR = hl.SABR(0.25, 1, -0.3, 0.2, expiry=1)
SURFACE = hl.Surface([FAR, NEAR, MIDDLE], spot=100, forwards=[100.5, 101, 102.5])
K = np.linspace(-0.5, 0.5, 11)


def flat(volatility, expiry):
    return hl.SVI(volatility**2 * expiry, 0, 0, 0, 1, expiry)


def test_slices_are_kept_by_expiry_and_found_there():
    assert SURFACE.expiries == (0.25, 0.5, 1)
    for smile in (NEAR, MIDDLE, FAR):
        assert SURFACE.slice(smile.expiry) is smile
        np.testing.assert_allclose(SURFACE.volatility(K, smile.expiry), smile.volatility(K), rtol=1e-12)


def test_between_two_slices_total_variance_runs_straight():
    for share in (0.1, 0.5, 0.8):
        between = (1 - share) * MIDDLE.total_variance(K) + share * FAR.total_variance(K)
        np.testing.assert_allclose(SURFACE.total_variance(K, 0.5 + 0.5 * share), between, rtol=1e-12)


def test_beyond_the_slices_the_volatility_stays():
    for years in (0, 1e-9, 0.01, 0.25):
        np.testing.assert_allclose(SURFACE.volatility(K, years), NEAR.volatility(K), rtol=1e-12)
    for years in (1, 1.5, 30):
        np.testing.assert_allclose(SURFACE.volatility(K, years), FAR.volatility(K), rtol=1e-12)
    assert SURFACE.total_variance(0.1, 0) == 0


def test_total_variance_rises_with_expiry_where_that_of_the_slices_does():
    assert SURFACE.calendar(-0.5, 0.5).free
    years = np.linspace(0, 3, 301)[:, None]
    assert (np.diff(SURFACE.total_variance(np.linspace(-0.5, 0.5, 81), years), axis=0) > 0).all()


@pytest.mark.parametrize("years", [0.1, 0.25, 0.4, 0.5, 0.9, 1, 2])
def test_a_slice_of_any_expiry_is_the_surface_there(years):
    smile = SURFACE.slice(years)
    assert smile.expiry == years
    np.testing.assert_allclose(smile.volatility(K), SURFACE.volatility(K, years), rtol=1e-12)
    assert smile.butterfly(-1, 1).free


def test_expiries_and_strikes_broadcast():
    strike, years = np.array([80.0, 100.0, 120.0]), np.array([[0.1], [0.5], [0.7], [2.0]])
    found = SURFACE(strike, years)
    assert found.shape == (4, 3)
    for i, j in np.ndindex(4, 3):
        one = SURFACE(strike[j], years[i, 0])
        assert isinstance(one, np.float64)
        assert one == pytest.approx(found[i, j], rel=1e-14)
        assert one == pytest.approx(
            SURFACE.volatility(np.log(strike[j] / SURFACE.forward(years[i, 0])), years[i, 0]), rel=1e-12
        )


def test_the_log_of_the_forward_runs_straight_from_the_spot_and_on():
    np.testing.assert_allclose(SURFACE.forward([0, 0.25, 0.5, 1]), [100, 100.5, 101, 102.5])
    assert SURFACE.forward(0.75) == pytest.approx(np.sqrt(101 * 102.5))
    assert SURFACE.forward(1.5) == pytest.approx(102.5**2 / 101)
    np.testing.assert_array_equal(hl.Surface([NEAR], spot=100).forward([0, 3]), 100)


def test_a_crossing_is_found_with_its_size_and_place():
    """Two flat smiles; then a hyperbola that dips below a flat one by an amount worked out by hand."""
    found = hl.Surface([flat(0.3, 1), flat(0.2, 2)]).calendar()
    assert len(found.crossings) == 1
    assert found.crossings[0].gap == pytest.approx(0.08 - 0.09)
    dip = hl.SVI(0.03, 0.1, 0, 0.3, 0.05, expiry=2)  # 0.035 at 0.3
    (crossing,) = hl.Surface([flat(0.2, 1), dip]).calendar().crossings
    assert crossing.gap == pytest.approx(0.035 - 0.04)
    assert crossing.where == pytest.approx(0.3, abs=1e-5)
    assert (crossing.near, crossing.far) == (1, 2)


def test_a_crossing_in_the_wing_is_found_at_infinity():
    steep, less = hl.SVI(0.01, 0.1, 0.2, 0, 0.1, expiry=1), hl.SVI(0.05, 0.099, 0.2, 0, 0.1, expiry=2)
    (crossing,) = hl.Surface([steep, less]).calendar().crossings
    assert crossing.gap == -np.inf
    assert np.isinf(crossing.where)
    assert hl.Surface([steep, less]).calendar(-3, 3).free


def test_equal_slices_do_not_cross():
    smile = hl.SVI(0.01, 0.1, -0.5, 0.02, 0.15, expiry=0.5)
    later = hl.SVI(0.01, 0.1, -0.5, 0.02, 0.15, expiry=0.6)
    assert hl.Surface([smile, later]).calendar().free


def test_a_surface_says_which_slices_have_butterflies():
    surface = hl.Surface(
        [NEAR, hl.SVI(*[getattr(VOGT, name) for name in ("a", "b", "rho", "m", "sigma")], expiry=2)]
    )
    assert list(surface.butterflies()) == [2]
    assert surface.butterflies(-1, 0.5) == {}


def test_a_blend_of_two_free_slices_may_have_a_butterfly_and_is_asked():
    """Half of a low flat smile, half of one far out: nobody promises that lines of total variance are free."""
    near, far = hl.SVI(0.0002, 0.0195, -0.9, 0.0, 0.02, expiry=0.1), hl.SVI(0.012, 0.9, 0.6, 0.9, 0.55, expiry=1)
    assert Blend((near, far), (0.5, 0.5), 0.5).butterfly().least == pytest.approx(
        min(Blend((near, far), (0.5, 0.5), 0.5).g(np.linspace(-5, 5, 200_001))), abs=1e-6
    )


def noisy_surface(number, noise):
    """Quotes of an SSVI surface, with noise."""
    random = np.random.default_rng(number)
    thetas = np.cumsum(random.uniform(0.001, 0.02, 5))
    rho = random.uniform(-0.9, 0.3)
    surface = hl.SSVI(rho, 1.9 / (1 + abs(rho)) * random.uniform(0.3, 1), random.uniform(0.2, 0.5),
                      [0.05, 0.1, 0.25, 0.5, 1], thetas)  # fmt: skip
    k = np.concatenate([np.linspace(-3, 2.5, 15) * np.sqrt(theta) for theta in thetas])
    years = np.repeat(surface.expiries, 15)
    true = np.concatenate([surface.slice(T).volatility(k[years == T]) for T in surface.expiries])
    return k, true * np.exp(noise * random.standard_normal(len(k))), years


def test_an_exact_surface_is_found_as_it_is():
    for number in range(3):
        found = hl.Surface.fit(*noisy_surface(number, 0.0))
        assert found.report.rms < 0.001
        assert found.report.repaired == ()
        assert found.report.repair is None


@pytest.mark.parametrize("noise", [0.01, 0.04])
def test_noisy_surfaces_have_neither_butterflies_nor_crossings(noise):
    repaired = 0
    grid = np.linspace(-15, 15, 6001)
    for number in range(6):
        quotes = noisy_surface(number, noise)
        found = hl.Surface.fit(*quotes)
        assert found.calendar().free
        assert found.butterflies() == {}
        levels = np.array([smile.total_variance(grid) for smile in found.slices])
        assert (np.diff(levels, axis=0) >= -1e-12 * levels[1:]).all()
        repaired += len(found.report.repaired)
        assert found.report.rms == pytest.approx(
            1e4 * np.sqrt(np.mean((found.volatility(quotes[0], quotes[2]) - quotes[1]) ** 2)), rel=1e-6
        )
        assert found.report.rms < 1.5 * 1e4 * noise * quotes[1].mean() + 5
    assert repaired >= 3


def test_where_slices_cannot_be_lifted_all_are_of_an_ssvi_surface(monkeypatch):
    """A few in a hundred noisy surfaces; here, by decree."""
    monkeypatch.setattr("hedgelab.smile.surface_fit.without_arbitrage", lambda *given: None)
    quotes = noisy_surface(1, 0.04)
    found = hl.Surface.fit(*quotes)
    assert found.report.repair == "the nearest SSVI surface"
    assert found.report.repaired == found.expiries
    assert found.report.rms == pytest.approx(hl.SSVI.fit(*quotes).report.rms, rel=1e-6)
    assert found.calendar().free
    assert found.butterflies() == {}


def test_what_a_repair_of_crossings_costs_is_told():
    k, years = np.tile(np.linspace(-0.3, 0.3, 9), 2), np.repeat([0.25, 0.5], 9)
    volatility = np.where(years < 0.3, 0.3, 0.2) + 0.1 * k**2
    found = hl.Surface.fit(k, volatility, years)
    assert found.report.repaired == (0.5,)
    alone = hl.SVI.fit(k[9:], volatility[9:], 0.5)
    nearest = np.sqrt(np.mean(np.square([found.slices[0].report.rms, alone.report.rms])))
    assert found.report.repair_cost == pytest.approx(found.report.rms - nearest)
    assert found.slices[1].report.repair == found.report.repair
    assert found.slices[1].report.repair_cost > 10
    lifted = found.volatility(0.0, 0.5)
    assert lifted == pytest.approx(0.3 * np.sqrt(0.5), rel=0.01)


def test_a_surface_of_other_peoples_slices_works():
    class Line(hl.smile.Slice):
        expiry = 0.75

        def derivatives(self, log_moneyness):
            return hl.smile.Derivatives(0.05 - 0.01 * log_moneyness, -0.01 + 0 * log_moneyness, 0 * log_moneyness)

    surface = hl.Surface([NEAR, Line()])
    assert surface.total_variance(0.1, 0.5) == pytest.approx(0.5 * (NEAR.total_variance(0.1) + 0.049))
    assert not surface.calendar().free
    assert surface.calendar(-0.3, 0.3).free
