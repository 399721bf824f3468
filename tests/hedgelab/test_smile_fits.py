"""Fits of smiles: exact ones are found, noisy ones have no butterflies, and little is lost."""

import numpy as np
import pytest
from scipy.optimize import minimize
from smiles import VOGT, free_sabr, free_svi, least_density, strikes

import hedgelab as hl
from hedgelab.smile import gatheral_g

APPLE = hl.cases.apple_smile()
QUOTED = APPLE.log_moneyness.to_numpy(), APPLE.volatility.to_numpy(), APPLE.expiry


def rms(smile, k, volatility):
    """In basis points."""
    return 1e4 * np.sqrt(np.mean((smile.volatility(k) - volatility) ** 2))


@pytest.mark.parametrize("part", range(3))
def test_exact_svi_smiles_are_found(part):
    random = np.random.default_rng(part)
    for _ in range(25):
        smile = free_svi(random)
        k = strikes(random, smile)
        found = hl.SVI.fit(k, smile.volatility(k), smile.expiry)
        assert rms(found, k, smile.volatility(k)) < 0.001, smile
        assert found.report.rms == pytest.approx(rms(found, k, smile.volatility(k)))
        assert found.report.repair is None


@pytest.mark.parametrize("part", range(3))
def test_exact_sabr_smiles_are_found(part):
    random = np.random.default_rng(part)
    for _ in range(25):
        smile = free_sabr(random)
        k = strikes(random, smile)
        quoted = smile.volatility(k)
        found = hl.SABR.fit(k, quoted, smile.expiry, beta=smile.beta, forward=smile.forward)
        assert rms(found, k, quoted) < 0.001, smile
        assert (found.beta, found.forward) == (smile.beta, smile.forward)


def noisy(number, noise=0.01):
    random = np.random.default_rng(number)
    smile = free_svi(random)
    k = strikes(random, smile)
    return k, smile.volatility(k) * (1 + noise * random.standard_normal(len(k))), smile.expiry


def test_noisy_smiles_have_no_butterflies_and_lose_little():
    lost, repaired = [], 0
    for number in range(80):
        quotes = noisy(number, noise=0.06 if number % 2 else 0.01)
        free, nearest = hl.SVI.fit(*quotes), hl.SVI.fit(*quotes, butterflies=True)
        assert free.butterfly().free
        assert least_density(free) > -1e-4
        lost.append(free.report.rms - nearest.report.rms)
        repaired += free.report.repair is not None
        if free.report.repair is not None:
            assert nearest.report.butterfly
            assert free.report.repair_cost == pytest.approx(lost[-1])
    assert repaired >= 5
    assert np.median(lost) <= 1
    assert max(lost) < 10


@pytest.mark.parametrize("number", range(6))
def test_no_other_search_finds_a_nearer_smile(number):
    """Nelder and Mead's, from where the fit ended: a tenth of a basis point at most."""
    k, volatility, expiry = noisy(number)
    found = hl.SVI.fit(k, volatility, expiry, butterflies=True)

    def misfit(p):
        w = p[0] + p[1] * (np.tanh(p[2]) * (k - p[3]) + np.hypot(k - p[3], p[4]))
        return 1e4 * np.sqrt(np.mean((np.sqrt(np.maximum(w, 1e-12) / expiry) - volatility) ** 2))

    start = np.array([found.a, found.b, np.arctanh(found.rho), found.m, found.sigma])
    other = minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 3000, "xatol": 1e-9, "fatol": 1e-9})
    assert found.report.rms <= other.fun + 0.1


def test_vogts_butterfly_is_removed_for_as_little_as_a_general_search_with_constraints_needs():
    """SciPy's SLSQP, g at 400 points; Gatheral & Jacquier's repairs keep more of the smile, for 235 and 403."""
    k = np.linspace(-1.2, 1.3, 26)
    volatility, points = VOGT.volatility(k), np.linspace(-4, 6, 400)
    found = hl.SVI.fit(k, volatility, 1)
    assert found.butterfly().free

    def derivatives(p, k):
        (low, left, right, m, sigma), r = p, np.hypot(k - p[3], p[4])
        wings = 0.5 * (right * (r + k - m) + left * (r - k + m)) - sigma * np.sqrt(left * right)
        slope = 0.5 * (right * (1 + (k - m) / r) - left * (1 - (k - m) / r))
        return low + wings, slope, 0.5 * (left + right) * sigma**2 / r**3

    least = minimize(
        lambda p: 1e4 * np.mean((np.sqrt(derivatives(p, k)[0]) - volatility) ** 2),
        [found.least, *found.steepness(), found.m, found.sigma],
        bounds=[(1e-6, 1), (1e-4, 2), (1e-4, 2), (-3, 3), (0.01, 5)], method="SLSQP", options={"maxiter": 500},
        constraints={"type": "ineq", "fun": lambda p: gatheral_g(points, *derivatives(p, points))},
    )  # fmt: skip
    assert found.report.rms < 100 * np.sqrt(least.fun) + 0.5
    assert found.report.repair_cost == pytest.approx(found.report.rms, abs=1e-6)
    assert found.report.binding[0] == "g"


def test_with_butterflies_allowed_vogts_smile_is_found_and_says_what_it_has():
    k = np.linspace(-1.2, 1.3, 26)
    found = hl.SVI.fit(k, VOGT.volatility(k), 1, butterflies=True)
    assert found.report.rms < 1e-6
    assert found.report.repair is None
    assert found.report.butterfly.least == pytest.approx(-0.0328635735, abs=1e-8)


def test_apples_smile_of_2015_is_nearest_to_one_with_a_butterfly():
    free, nearest = hl.SVI.fit(*QUOTED), hl.SVI.fit(*QUOTED, butterflies=True)
    assert nearest.report.butterfly
    assert not free.report.butterfly
    assert 100 < nearest.report.rms < free.report.rms < nearest.report.rms + 2
    assert free.report.repair == "a fit that pays for arbitrage"
    assert least_density(free) > -1e-4
    sabr = hl.SABR.fit(*QUOTED)
    assert sabr.report.rms > free.report.rms
    assert sabr.report.butterfly.free
    assert sabr.butterfly()


def test_the_order_of_quotes_makes_no_difference():
    k, volatility, expiry = QUOTED
    mixed = np.random.default_rng(1).permutation(len(k))
    for kind in (hl.SVI, hl.SABR):
        assert kind.fit(k[mixed], volatility[mixed], expiry) == kind.fit(k, volatility, expiry)


def test_a_quote_without_weight_has_no_say_and_is_told():
    k, volatility, expiry = QUOTED
    weights, wrong = np.ones(len(k)), volatility.copy()
    weights[[3, 20]], wrong[[3, 20]] = 0, 5.0
    for kind in (hl.SVI, hl.SABR):
        found = kind.fit(k, wrong, expiry, weights=2 * weights)
        kept = np.delete(np.arange(len(k)), [3, 20])
        assert found == kind.fit(k[kept], volatility[kept], expiry)
        assert found.report.left_out == ((3, "its weight is 0"), (20, "its weight is 0"))


def test_a_weight_counts_as_the_quote_so_many_times():
    """Ten times the weight: as near as ten quotes at places that differ by nothing that matters."""
    k, volatility, expiry = QUOTED
    weights = np.ones(len(k))
    weights[30] = 10
    near = np.concatenate([k, k[30] + 1e-9 * np.arange(1, 10)])
    for kind in (hl.SVI, hl.SABR):
        found = kind.fit(k, volatility, expiry, weights=weights)
        same = kind.fit(near, np.append(volatility, np.full(9, volatility[30])), expiry)
        np.testing.assert_allclose(found.volatility(k), same.volatility(k), atol=2e-5)
        assert found.report.rms == pytest.approx(same.report.rms, rel=1e-3)


@pytest.mark.parametrize("kind", ["SVI", "SABR"])
def test_between_bid_and_ask_nothing_is_lost(kind):
    """Middles are off by up to nine tenths of the half spread; a smile through all spreads is found."""
    random = np.random.default_rng(3)
    for _ in range(8):
        smile = free_svi(random) if kind == "SVI" else free_sabr(random)
        k = strikes(random, smile)
        true, half = smile.volatility(k), random.uniform(0.002, 0.01, len(k))
        middle = true + 0.9 * half * random.uniform(-1, 1, len(k))
        more = {"beta": smile.beta, "forward": smile.forward} if kind == "SABR" else {}
        found = getattr(hl, kind).fit(k, middle, smile.expiry, bid=middle - half, ask=middle + half, **more)
        outside = np.abs(found.volatility(k) - middle) - half
        assert outside.max() < 2e-4
        assert found.report.rms == pytest.approx(1e4 * np.sqrt(np.mean(np.maximum(outside, 0) ** 2)), abs=1e-9)
        assert found.report.rms < 0.5


def test_a_wide_spread_does_not_leave_the_smile_at_large():
    """All of it lies between bid and ask; the middles decide."""
    k = np.linspace(-0.3, 0.3, 13)
    middle = hl.SVI(0.01, 0.1, -0.5, 0.02, 0.15, expiry=0.5).volatility(k)
    found = hl.SVI.fit(k, middle, 0.5, bid=middle - 0.05, ask=middle + 0.05)
    assert rms(found, k, middle) < 0.1


def test_a_parameter_at_the_edge_of_its_range_is_named():
    """A straight line of total variance has no middle: its hyperbola is as round, or as far away, as it may be."""
    k = np.linspace(-0.2, 0.2, 9)
    found = hl.SVI.fit(k, np.sqrt(0.04 + 0.02 * k), 1.0)
    assert found.report.rms < 1
    kink = hl.SVI.fit(k, np.sqrt(0.04 + 0.1 * np.abs(k)), 1.0)
    assert "sigma" in kink.report.binding


@pytest.mark.parametrize("part", range(3))
def test_ssvi_finds_exact_surfaces(part):
    random = np.random.default_rng(part)
    for _ in range(4):
        rho = random.uniform(-0.9, 0.5)
        thetas = np.cumsum(random.uniform(0.002, 0.03, 4))
        eta = 2 / (1 + abs(rho)) * random.uniform(0.2, 0.95)
        surface = hl.SSVI(rho, eta, random.uniform(0.05, 0.5), [0.1, 0.3, 0.7, 1.5], thetas)
        k = np.concatenate([np.linspace(-3, 2.5, 11) * np.sqrt(theta) for theta in thetas])
        years = np.repeat(surface.expiries, 11)
        quoted = np.concatenate([surface.slice(T).volatility(k[years == T]) for T in surface.expiries])
        found = hl.SSVI.fit(k, quoted, years)
        assert found.report.rms < 0.01
        np.testing.assert_allclose(found.thetas, thetas, rtol=1e-4)
        assert found.free


def test_a_noisy_ssvi_is_free_and_its_thetas_rise():
    random = np.random.default_rng(1)
    k, years = np.tile(np.linspace(-0.3, 0.3, 9), 3), np.repeat([0.1, 0.2, 0.3], 9)
    found = hl.SSVI.fit(k, (0.3 - 0.3 * k - 0.5 * years) * np.exp(0.03 * random.standard_normal(27)), years)
    assert found.free
    assert (np.diff(found.thetas) > 0).all()
    assert "theta at 0.3" in found.report.binding
    for near, far in ((0.1, 0.2), (0.2, 0.3)):
        grid = np.linspace(-20, 20, 4001)
        assert (found.slice(far).total_variance(grid) >= found.slice(near).total_variance(grid)).all()
