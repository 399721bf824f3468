"""What must make no difference: how a book is written down, how large it is, calls or puts, blocks and workers."""

import dataclasses
import inspect

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab.engine import Hedge

HESTON = hl.Heston(100, 0.05, mean_reversion=2, long_variance=0.05, vol_of_variance=0.5, correlation=-0.7)
MERTON = hl.Merton(100, 0.2, jump_rate=1.0, jump_mean=-0.1, jump_volatility=0.1)
CEV = hl.CEV(100, 0.2, exponent=-1)
SABR = hl.LognormalSABR(100, 0.2, vol_of_volatility=1.0, correlation=-0.7)
OTHER, THIRD = hl.Option("call", 105, 0.6), hl.Option("put", 95, 0.9)


def test_the_door_and_the_engine_stay_small():
    assert len(inspect.signature(hl.hedge).parameters) <= 17
    assert len(dataclasses.fields(Hedge)) <= 12


def smile(time, quote, option):
    return 0.2 + 0.4 * (option.strike / 100 - 1) ** 2


@st.composite
def terms(draw):
    """Any belief, quote, overlay and rate of one market, for a policy and costs that are the same at any size."""
    beliefs = [0.2, "true", smile, HESTON, MERTON, CEV, SABR]
    belief = draw(st.sampled_from(beliefs))
    target = draw(st.sampled_from([None, "delta-gamma", "delta-vega", ["gamma", "vega"]]))
    if belief in (MERTON, CEV) and target != "delta-gamma":
        target = None  # they know no vega
    options = [OTHER, THIRD][: 2 if isinstance(target, list) else 1]
    overlay = hl.Overlay(target, options, hl.MoveBand(0.01), hl.HalfSpread(0.02)) if target else None
    return {
        "market": draw(st.sampled_from([HESTON, CEV, SABR])), "steps": 8, "n_paths": 4,
        "seed": draw(st.integers(0, 1000)), "horizon": 0.2,
        "volatility": belief, "quotes": draw(st.sampled_from([None, *beliefs])), "overlay": overlay,
        "rate": draw(st.sampled_from([0.0, 0.04])), "dividend": draw(st.sampled_from([0.0, 0.03])),
        "policy": draw(st.sampled_from([hl.Clock(), hl.DeltaBand(0.05), hl.MoveBand(0.01)])),
        "cost": draw(st.sampled_from([hl.NoCost(), hl.ProportionalCost(0.002)])),
    }  # fmt: skip


OPTIONS = st.builds(
    hl.Option, st.sampled_from(["call", "put"]), st.floats(85, 115).map(round), st.sampled_from([0.2, 0.25, 0.5])
)
BOOKS = st.dictionaries(OPTIONS, st.sampled_from([-3.0, -1.0, 2.0, 5.0]), min_size=2, max_size=4)


def results(run):
    return np.array([run.pnl, run.cost, run.wealth])


@settings(max_examples=60, deadline=None)
@given(terms=terms(), book=BOOKS, data=st.data())
def test_the_order_of_a_book_makes_no_difference(terms, book, data):
    shuffled = dict(data.draw(st.permutations(list(book.items()))))
    np.testing.assert_array_equal(results(hl.hedge(book, **terms)), results(hl.hedge(shuffled, **terms)))


@settings(max_examples=60, deadline=None)
@given(terms=terms(), option=OPTIONS, quantity=st.sampled_from([-700.0, -1.0, 3.0]))
def test_an_option_split_into_two_halves_is_the_option(terms, option, quantity):
    """As two books, and as one of two options that hardly differ."""
    whole = hl.hedge(option, quantity=quantity, **terms)
    half = hl.hedge(option, quantity=quantity / 2, **terms)
    scale = abs(quantity) * 100
    np.testing.assert_allclose(2 * results(half), results(whole), atol=1e-10 * scale)
    np.testing.assert_array_equal(half.trades, whole.trades)
    nearly = hl.Option(option.kind, option.strike * (1 + 1e-13), option.expiry)
    both = hl.hedge({option: quantity / 2, nearly: quantity / 2}, **terms)
    np.testing.assert_allclose(results(both), results(whole), atol=1e-7 * scale)
    alone = hl.hedge({option: quantity}, **terms)
    np.testing.assert_array_equal(results(alone), results(whole))


@settings(max_examples=60, deadline=None)
@given(terms=terms(), book=BOOKS, factor=st.sampled_from([0.001, 2.0, 1000.0]))
def test_a_larger_book_is_so_many_times_the_smaller(terms, book, factor):
    small, large = hl.hedge(book, **terms), hl.hedge({o: factor * n for o, n in book.items()}, **terms)
    np.testing.assert_allclose(results(large), factor * results(small), atol=1e-9 * factor * 1000)
    np.testing.assert_array_equal(large.trades, small.trades)


@settings(max_examples=60, deadline=None)
@given(terms=terms(), option=OPTIONS, quantity=st.sampled_from([-700.0, 3.0]))
def test_a_put_is_hedged_like_the_call_that_parity_makes_of_it(terms, option, quantity):
    """With the shares that parity adds, which lose nothing: the same gain, step by step."""
    terms |= {"cost": hl.NoCost(), "policy": hl.Clock()}
    call, put = (hl.hedge(hl.Option(kind, option.strike, option.expiry), quantity=quantity, **terms)
                 for kind in ("call", "put"))  # fmt: skip
    np.testing.assert_allclose(call.ledger().pnl, put.ledger().pnl, atol=1e-8 * abs(quantity) * 100)
    np.testing.assert_allclose(call.pnl, put.pnl, atol=1e-8 * abs(quantity) * 100)


@pytest.mark.parametrize("how", [{"block_size": 1000}, {"block_size": 1000, "workers": 2}, "threading"], ids=str)
@pytest.mark.parametrize(("belief", "quotes"), [(HESTON, MERTON), (SABR, CEV)], ids=["Heston", "SABR"])
def test_blocks_workers_and_backends_make_no_difference_to_quotes_by_a_model(how, belief, quotes):
    terms = {"market": belief, "volatility": belief, "quotes": quotes, "steps": 5, "n_paths": 2_500, "seed": 4,
             "delta": "minimum_variance_delta", "overlay": hl.Overlay("delta-vega", [OTHER])}  # fmt: skip
    option = hl.Option("put", 95, 0.25)
    with hl.computing(block_size=100_000):
        whole = hl.hedge(option, **terms)
    if how == "threading":
        with joblib.parallel_config(backend="threading", n_jobs=2), hl.computing(block_size=1000):
            cut = hl.hedge(option, **terms)
    else:
        with hl.computing(**how):
            cut = hl.hedge(option, **terms)
    np.testing.assert_array_equal(results(cut), results(whole))
