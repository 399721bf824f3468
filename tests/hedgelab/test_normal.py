"""The fast normal distribution against SciPy's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from hedgelab.black_scholes.normal import distribution, with_tails


def test_it_agrees_with_scipy_everywhere():
    x = np.concatenate([np.linspace(-40, 40, 2_000_001), np.random.default_rng(1).standard_normal(1_000_000)])
    assert np.abs(distribution(x) - ndtr(x)).max() < 5e-16


@given(st.floats(-1e40, 1e40))
def test_it_takes_any_number_up_to_1e40(x):
    assert abs(distribution(x) - ndtr(x)) < 5e-16


def test_what_is_no_number_stays_none():
    with np.errstate(invalid="ignore"):
        assert np.isnan(distribution(np.nan))


def test_it_rises_and_is_symmetric():
    x = np.linspace(0, 9, 10_001)
    assert (np.diff(distribution(x)) >= -2.3e-16).all()
    np.testing.assert_allclose(distribution(x) + distribution(-x), 1, rtol=0, atol=2.3e-16)


def test_with_tails_it_is_right_to_a_share_of_the_answer():
    x = np.concatenate([np.linspace(-39, 41, 1_000_001), [-np.inf, np.inf, -1e300, 1e300, 0.0, -0.0]])
    np.testing.assert_allclose(with_tails(x), ndtr(x), rtol=1e-13, atol=0)
    assert np.isnan(with_tails(np.array([np.nan]))).all()
    assert with_tails(-20.0) == ndtr(-20.0)
