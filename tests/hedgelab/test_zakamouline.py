"""Optimal bands under proportional costs: the formulas of Whalley & Wilmott and Zakamouline, and their worth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hedgelab as hl

CALL = hl.Option("call", strike=100, expiry=1.0)
QUARTER = hl.Option("call", strike=100, expiry=0.25)


class Flat:
    """An account without gamma."""

    def gamma(self):
        return 0.0

    def delta_at(self, changed):
        return 1.0


def moment(**changes):
    terms = {"spot": 100.0, "volatility": 0.2, "rate": 0.05, "held": 0.3}
    return hl.Moment.of(CALL, **{**terms, **changes})


def test_the_formulas_give_what_they_give_by_hand():
    """Term by term for a = 1, cost 1 %, S = 100, r = 5 %, T = 1, sigma = 20 %, so that d1 = 0.35."""
    gamma = math.exp(-(0.35**2) / 2) / math.sqrt(2 * math.pi) / 20
    assert gamma == pytest.approx(0.0187620, abs=1e-7)
    discount = math.exp((math.log(5) - 0.05) / 4)  # (exp(-r T) / sigma) ** 0.25
    width = 1.12 * 10**-0.62 * discount * math.sqrt(gamma) + 0.01 / (100 * 0.04)
    correction = 4.76 * 10**-1.56 * discount * (1e4 * gamma) ** 0.15
    policy = hl.Zakamouline(cost=0.01, risk_aversion=1.0)
    assert policy.half_width_at(moment()) == pytest.approx(width, rel=1e-6)
    assert policy.half_width_at(moment()) == pytest.approx(0.0568465, abs=1e-7)
    assert policy.modified_volatility(moment()) == pytest.approx(0.2 * math.sqrt(1 + correction), rel=1e-6)
    assert policy.modified_volatility(moment()) == pytest.approx(0.2387077, abs=1e-7)
    assert policy.modified_volatility(moment(quantity=2.0)) == pytest.approx(
        0.2 * math.sqrt(1 - 2**0.15 * correction), rel=1e-6
    )


def test_the_middle_is_the_delta_at_the_modified_volatility_and_trades_go_to_the_edge():
    policy = hl.Zakamouline(cost=0.01, risk_aversion=1.0)
    now = moment(held=np.linspace(0.0, 1.0, 21))
    middle = hl.black_scholes.greeks("call", 100, 100, 1, float(policy.modified_volatility(now)), 0.05).delta
    width = policy.half_width_at(now)
    np.testing.assert_allclose(policy.holding(now), np.clip(now.held, middle - width, middle + width), rtol=1e-12)


def test_the_seller_hedges_as_if_volatility_were_higher_and_the_buyer_as_if_it_were_lower():
    policy = hl.Zakamouline(cost=0.005, risk_aversion=1.0)
    short, long = policy.modified_volatility(moment(quantity=-1)), policy.modified_volatility(moment(quantity=1))
    assert short > 0.2 > long
    # so the seller's delta moves less with the spot: more shares out of the money, fewer in the money
    out_of_the_money, in_the_money = moment(spot=80.0), moment(spot=130.0)
    assert out_of_the_money.delta_at(short) > out_of_the_money.delta
    assert in_the_money.delta_at(short) < in_the_money.delta


def test_the_correction_of_variance_is_the_same_for_seller_and_buyer_and_grows_with_cost_and_aversion():
    def correction(cost, aversion, quantity):
        policy = hl.Zakamouline(cost, aversion)
        return abs(float(policy.modified_volatility(moment(quantity=quantity))) ** 2 / 0.04 - 1)

    assert correction(0.002, 1.0, 1) == pytest.approx(correction(0.002, 1.0, -1))
    assert correction(0.002, 1.0, -1) < correction(0.004, 1.0, -1)
    assert correction(0.002, 1.0, -1) < correction(0.002, 2.0, -1)


def test_what_counts_is_the_sign_of_the_books_gamma_not_of_its_number():
    """A book that is short gamma hedges as the seller of an option, one that is long as the buyer."""
    policy = hl.Zakamouline(cost=0.005, risk_aversion=1.0)

    def center(book):
        seen = []

        def listen(now):
            seen.append(float(np.ravel(policy.modified_volatility(now))[0]))
            return now.delta

        hl.hedge(book, market=hl.GBM(100, 0.2), volatility=0.2, steps=1, horizon=0.25, policy=listen, seed=1)
        return seen[0]

    other = hl.Option("put", 100, 0.25)
    assert center({QUARTER: -1, other: -1}) > 0.2
    assert center({QUARTER: 1, other: 1}) < 0.2
    assert center({QUARTER: 1, other: -3}) > 0.2
    assert center({QUARTER: 3, other: -1}) < 0.2


def test_a_buyer_for_whom_k_exceeds_one_hedges_the_payoff():
    policy = hl.Zakamouline(cost=0.05, risk_aversion=10.0)
    assert policy.modified_volatility(moment(quantity=1)) == 0.0
    assert -1 <= policy.holding(moment(quantity=1, spot=120.0, held=-1.0)) <= 0


@pytest.mark.parametrize("policy", [hl.WhalleyWilmott, hl.Zakamouline])
def test_without_cost_the_band_closes_on_delta(policy):
    free = policy(cost=0.0, risk_aversion=1.0)
    assert free.half_width_at(moment()) == 0.0
    assert free.holding(moment()) == pytest.approx(moment().delta, abs=1e-15)
    terms = {"market": hl.GBM(100, 0.2), "steps": 20, "n_paths": 50, "seed": 1, "volatility": 0.2}
    np.testing.assert_allclose(hl.hedge(QUARTER, policy=free, **terms).pnl, hl.hedge(QUARTER, **terms).pnl)


POSITIVE = st.floats(0.01, 10.0)


@pytest.mark.parametrize("policy", [hl.WhalleyWilmott, hl.Zakamouline])
@given(number=st.floats(0.1, 1e6), sign=st.sampled_from([-1, 1]), aversion=POSITIVE, cost=st.floats(1e-5, 0.02))
def test_many_options_are_hedged_one_by_one_as_one_by_a_hedger_as_much_more_averse(
    policy, number, sign, aversion, cost
):
    """exp(-a * N * x) is the utility of N options at aversion a, and of one at N * a."""
    held = np.linspace(0, 1, 11)
    many = policy(cost, aversion).holding(moment(quantity=sign * number, held=held))
    one = policy(cost, aversion * number).holding(moment(quantity=sign, held=held))
    np.testing.assert_allclose(many, one, rtol=1e-9)


def test_a_thousand_options_are_hedged_like_one_by_a_hedger_a_thousand_times_as_averse():
    terms = {"market": hl.GBM(100, 0.2), "steps": 20, "n_paths": 50, "seed": 1, "volatility": 0.2,
             "cost": hl.ProportionalCost(0.005)}  # fmt: skip
    for policy in (hl.WhalleyWilmott, hl.Zakamouline):
        many = hl.hedge(QUARTER, quantity=-1000, policy=policy(0.005, 0.001), **terms)
        one = hl.hedge(QUARTER, quantity=-1, policy=policy(0.005, 1.0), **terms)
        np.testing.assert_allclose(many.pnl / 1000, one.pnl, atol=1e-12)
        np.testing.assert_array_equal(many.trades, one.trades)


def test_the_bands_narrow_with_the_powers_of_the_number_of_options_that_the_formulas_have():
    for number in (8.0, 1000.0):
        one, many = moment(quantity=-1.0), moment(quantity=-number)
        whalley = hl.WhalleyWilmott(0.01, 1.0)
        assert whalley.half_width_at(many) == pytest.approx(whalley.half_width_at(one) * number ** (-1 / 3))
        policy, flat = hl.Zakamouline(0.01, 1.0), 0.01 / (100 * 0.04)
        curved = policy.half_width_at(one) - flat
        assert policy.half_width_at(many) == pytest.approx(curved * number**-0.5 + flat / number)
        ratio = (policy.modified_volatility(many) ** 2 - 0.04) / (policy.modified_volatility(one) ** 2 - 0.04)
        assert ratio == pytest.approx(number**0.15)


@given(factor=st.floats(0.01, 100.0))
def test_only_risk_aversion_times_spot_matters(factor):
    """Prices in cents, or of a hundredth of a share, with the aversion that goes with them: the same shares."""
    option = hl.Option("call", strike=100 * factor, expiry=1.0)
    scaled = hl.Moment.of(option, spot=100.0 * factor, volatility=0.2, rate=0.05, held=0.3)
    for policy in (hl.WhalleyWilmott, hl.Zakamouline):
        assert policy(0.01, 1.0 / factor).holding(scaled) == pytest.approx(policy(0.01, 1.0).holding(moment()))


def test_without_volatility_nothing_is_traded():
    """As volatility falls the band widens without end; a path of Heston's variance can touch zero."""
    policy = hl.Zakamouline(cost=0.01, risk_aversion=1.0)
    still = hl.Moment(step=0, time_left=1.0, spot=100.0, delta=1.0, held=0.3, volatility=0.0, account=Flat())
    assert policy.half_width_at(still) > 1e6
    assert policy.holding(still) == 0.3
    volatility = np.full((6, 3), 0.2)
    volatility[2, 1] = 0.0
    run = hl.hedge(
        QUARTER, policy=policy, market=hl.GBM(100, 0.2), steps=5, n_paths=3, seed=1, volatility=volatility
    )
    assert run.ledger(path=1).traded.iloc[2] == 0


def pnl(policy, quantity, cost, n_paths):
    return hl.hedge(QUARTER, quantity=quantity, market=hl.GBM(100, 0.2), steps=63, n_paths=n_paths, seed=7,
                    volatility=0.2, policy=policy, cost=hl.ProportionalCost(cost)).pnl  # fmt: skip


def dearer(one, other, aversion):
    """By how many standard errors one certainty-equivalent cost is above another, on the same paths."""
    first, second = np.exp(-aversion * one), np.exp(-aversion * other)
    influence = first / first.mean() - second / second.mean()
    for weight in (first, second):  # a few paths must not decide
        assert weight.sum() ** 2 / (weight**2).sum() > 0.1 * weight.size
    return np.log(first.mean() / second.mean()) / (influence.std() / np.sqrt(influence.size))


@pytest.mark.parametrize(
    ("quantity", "aversion", "cost"),
    [(-1, 0.3, 0.01), (1, 1.0, 0.01), (1, 0.3, 0.01)],
    ids=["short", "long", "long, less averse"],
)
def test_the_hedger_pays_less_for_4_76_than_for_5_76(quantity, aversion, cost):
    """The constant that some sources have against the one that others have; see benchmarks/zakamouline.py."""
    assert hl.Zakamouline(cost, aversion).adjustment == 4.76
    ours, other = (hl.Zakamouline(cost, aversion, adjustment=constant) for constant in (4.76, 5.76))
    assert dearer(pnl(other, quantity, cost, 8000), pnl(ours, quantity, cost, 8000), aversion) > 6


def test_the_buyer_at_small_cost_pays_less_for_5_76():
    """Neither constant wins everywhere: at a cost of 0.5 % and aversion times spot of 10, 5.76 leads by a hair."""
    ours, other = (hl.Zakamouline(0.005, 0.1, adjustment=constant) for constant in (4.76, 5.76))
    assert dearer(pnl(other, 1, 0.005, 50_000), pnl(ours, 1, 0.005, 50_000), 0.1) < -4


def test_the_seller_pays_less_than_with_whalley_and_wilmott_when_cost_is_large():
    ours, theirs = hl.Zakamouline(0.02, 0.3), hl.WhalleyWilmott(0.02, 0.3)
    assert dearer(pnl(theirs, -1, 0.02, 8000), pnl(ours, -1, 0.02, 8000), 0.3) > 6


def test_the_averse_buyer_pays_more_than_with_whalley_and_wilmott_when_cost_is_large():
    """K is near one there, and the formula of Zakamouline out of its depth."""
    ours, theirs = hl.Zakamouline(0.01, 1.0), hl.WhalleyWilmott(0.01, 1.0)
    assert dearer(pnl(ours, 1, 0.01, 8000), pnl(theirs, 1, 0.01, 8000), 1.0) > 6
