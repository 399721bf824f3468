"""Nothing depends on the order in which a book is written down, and each of its options has its own volatility."""

import numpy as np
import pytest
from examples import POLICIES, made
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab import black_scholes

NEAR, FAR = hl.Option("call", 100, 0.1), hl.Option("call", 100, 1.0)
SMILE = {NEAR: 0.2, FAR: 0.4}
RECORD = hl.Replay(np.arange(11) / 100, 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.03, 11))))
MARKETS = {
    "GBM": {"market": hl.GBM(100, 0.3), "steps": 10, "n_paths": 5, "seed": 1},
    "Replay": {"market": RECORD},
}


def smile(time, quote, option):
    return 0.15 + 0.002 * option.strike / 100 + 0.2 * option.expiry + 0.001 * (option.kind == "put")


@pytest.mark.parametrize("market", MARKETS.values(), ids=MARKETS)
@pytest.mark.parametrize("policy", made(POLICIES).values(), ids=POLICIES)
@settings(max_examples=30, deadline=None)
@given(
    data=st.data(),
    book=st.dictionaries(
        st.builds(
            hl.Option, st.sampled_from(["call", "put"]), st.sampled_from([90.0, 100.0, 110.0]),
            st.sampled_from([0.05, 0.1, 0.5]),
        ),
        st.sampled_from([-1.0, 10.0, 3.0, -0.1]),
        min_size=2, max_size=4,
    ),
)  # fmt: skip
def test_a_book_is_hedged_the_same_in_any_order(market, policy, data, book):
    """Two orders of a book at a time."""
    terms = market | {
        "volatility": smile, "policy": policy, "horizon": 0.1 if max(o.expiry for o in book) >= 0.1 else 0.05,
        "cost": hl.VolatilitySpread(0.001, reference_volatility=0.2, power=1.0),
        "overlay": hl.Overlay("delta-gamma", [hl.Option("call", 105, 1.0)], hl.MoveBand(0.01),
                              hl.VolatilitySpread(0.01, reference_volatility=0.2)),
    }  # fmt: skip
    orders = sorted(book.items(), key=str), data.draw(st.permutations(list(book.items())))
    one, other = (hl.hedge(dict(order), **terms) for order in orders)
    np.testing.assert_array_equal(one.pnl, other.pnl)
    np.testing.assert_array_equal(one.cost, other.cost)
    assert hl.explain(one).equals(hl.explain(other))


@pytest.mark.parametrize("book", [{NEAR: -1, FAR: 10}, {FAR: 10, NEAR: -1}], ids=["near first", "far first"])
def test_each_option_has_its_own_gamma(book):
    seen = []
    hl.hedge(
        book, market=hl.GBM(100, 0.3), volatility=lambda time, quote, option: SMILE[option], steps=10, seed=1,
        policy=lambda moment: (seen.append(moment), moment.delta)[1],
    )  # fmt: skip
    now = seen[0]
    near, far = (
        black_scholes.greeks("call", 100, 100, each.expiry, volatility) for each, volatility in SMILE.items()
    )
    assert now.gamma[0] == pytest.approx((near.gamma - 10 * far.gamma) / 11)
    assert now.delta_at(lambda own: own)[0] == pytest.approx((near.delta - 10 * far.delta) / 11)
    assert now.volatility == pytest.approx((10 * 0.4 + 0.2) / 11)  # by numbers, whatever their sign
    doubled = [black_scholes.greeks("call", 100, 100, o.expiry, 2 * v).delta for o, v in SMILE.items()]
    assert now.delta_at(lambda own: 2 * own)[0] == pytest.approx((doubled[0] - 10 * doubled[1]) / 11)
    same = [black_scholes.greeks("call", 100, 100, o.expiry, 0.3).delta for o in SMILE]
    assert now.delta_at(0.3)[0] == pytest.approx((same[0] - 10 * same[1]) / 11)


def test_zakamoulines_band_closes_on_the_books_own_delta_where_its_options_differ():
    """Without cost nothing is adjusted: each option stays at its own volatility."""
    terms = dict(
        market=hl.GBM(100, 0.3), volatility=lambda time, quote, option: SMILE[option], steps=10, seed=1, n_paths=3
    )
    book = {NEAR: -1, FAR: 10}
    free = hl.hedge(book, policy=hl.Zakamouline(0.0, 1.0), **terms)
    np.testing.assert_allclose(free.pnl, hl.hedge(book, **terms).pnl, rtol=1e-12)


def test_a_spread_that_widens_with_volatility_sees_the_whole_book_where_the_market_knows_none():
    asked = []

    class Listens(hl.Cost):
        def charge(self, shares, spot, volatility=None):
            asked.append(float(np.ravel(volatility)[0]))
            return 0.0 * np.abs(shares)

    hl.hedge({FAR: 10, NEAR: -1}, market=RECORD, volatility=lambda time, quote, option: SMILE[option],
             horizon=0.1, cost=Listens())  # fmt: skip
    assert asked[0] == pytest.approx((10 * 0.4 + 0.2) / 11)


def test_a_book_of_zeros_that_is_left_over_has_a_volatility_too():
    run = hl.hedge({NEAR: -1, FAR: 0, hl.Option("put", 90, 1.0): 0}, market=hl.GBM(100, 0.3), volatility=0.3,
                   steps=20, seed=1, policy=hl.AdaptiveBand(0.05, 0.3, 0.02))  # fmt: skip
    assert np.isfinite(run.pnl).all()
