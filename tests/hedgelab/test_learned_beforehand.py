"""What `tools/learn_beforehand.py` has kept is what it would find again."""

from __future__ import annotations

import learn_beforehand
import numpy as np
import pytest

import hedgelab as hl
from hedgelab.learning import beforehand


@pytest.mark.parametrize("world", ["skew", "none", "flat"])
def test_the_first_learners_of_a_world_find_the_same_again(world):
    """The first month of all draws; a shorter record of the same seed begins with the same days."""
    seen = learn_beforehand.records(world, learn_beforehand.DRAWS, learn_beforehand.TO_LEARN, days=756)
    found = np.array(learn_beforehand.learned(seen, 21))
    np.testing.assert_allclose(found, beforehand.records().learned[world]["21"], rtol=1e-3, atol=1e-3)


def test_the_moments_of_a_test_world_are_those_of_its_records():
    found = learn_beforehand.tests("flat")
    np.testing.assert_allclose(found, beforehand.records().tests["flat"], rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("world", ["half", "none"])
def test_other_paths_of_a_test_world_say_the_same(world):
    kept = beforehand.gain(beforehand.records().tests[world], [0, 0, 0, 1])
    again = beforehand.gain(beforehand.moments(learn_beforehand.records(world, 16, 7)), [0, 0, 0, 1])
    assert abs(kept.value - again.value) < 4 * np.hypot(kept.error, again.error)


def test_a_gain_by_moments_is_the_gain_by_rows():
    seen = learn_beforehand.records("skew", 2, 7, days=40)
    fit = hl.LearnedDelta.fit(seen)
    products = beforehand.moments(seen)
    assert beforehand.fitted(products)[:3] == pytest.approx([fit.a, fit.b, fit.c], rel=1e-7)
    assert beforehand.gain(products, beforehand.fitted(products)).value == pytest.approx(fit.gain(seen), rel=1e-9)
    slope = beforehand.gain(products, [0, 0, 0, 1]).value
    assert slope == pytest.approx(seen.gain(beforehand.SLOPE), rel=1e-9)
    assert np.isnan(beforehand.gain(products[:1], [0, 0, 0, 1]).error)


def test_the_standard_error_of_a_gain_is_its_scatter():
    """Histories drawn anew from those that there are."""
    products, random = beforehand.records().tests["skew"], np.random.default_rng(1)
    drawn = [
        beforehand.gain(products[random.integers(0, len(products), len(products))], [0, 0, 0, 1])
        for _ in range(800)
    ]
    error = beforehand.gain(products, [0, 0, 0, 1]).error
    assert np.std([each.value for each in drawn]) == pytest.approx(error, rel=0.15)


def test_a_network_is_trained_to_the_same_band_again():
    again = learn_beforehand.band("GBM", 1)
    np.testing.assert_allclose(again.weights, beforehand.bands("GBM")[0].weights, rtol=1e-3, atol=1e-3)


def test_what_the_networks_made_elsewhere_is_what_they_make_on_other_paths():
    kept = beforehand.elsewhere()
    base = learn_beforehand.pnl(hl.WhalleyWilmott(0.002, 1.0), learn_beforehand.MERTON, 3_000)
    for who, policy in {"GBM 2": beforehand.bands("GBM")[1], "Zakamouline": hl.Zakamouline(0.002, 1.0)}.items():
        value, error = learn_beforehand.beside(learn_beforehand.pnl(policy, learn_beforehand.MERTON, 3_000), base)
        assert abs(value - kept[who]["Merton"][0]) < 4 * error


def test_as_many_networks_are_kept_as_the_script_trains():
    for world, (_, _, seeds) in learn_beforehand.NETWORKS.items():
        assert len(beforehand.bands(world)) == seeds
    assert len(beforehand.holdings()) == learn_beforehand.HOLDINGS
