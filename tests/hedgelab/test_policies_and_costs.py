"""Policies decide, costs charge."""

from types import SimpleNamespace

import numpy as np
import pytest

import hedgelab as hl


def moment(**changes):
    return hl.Moment(**{"step": 3, "time_left": 0.1, "spot": 100.0, "delta": 0.5, "held": 0.5, **changes})


def test_a_clock_trades_on_its_steps_and_only_then():
    held = [hl.Clock(every=4).holding(moment(step=step, delta=0.9, held=0.1)) for step in range(9)]
    assert held == [0.9, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9]


def test_a_band_waits_inside_and_trades_to_the_middle_or_the_edge_outside():
    deltas = np.array([0.44, 0.46, 0.50, 0.54, 0.56])
    to_middle = hl.DeltaBand(0.05).holding(moment(delta=deltas, held=np.full(5, 0.5)))
    np.testing.assert_allclose(to_middle, [0.44, 0.50, 0.50, 0.50, 0.56])
    to_edge = hl.DeltaBand(0.05, to="edge").holding(moment(delta=deltas, held=np.full(5, 0.5)))
    np.testing.assert_allclose(to_edge, [0.49, 0.50, 0.50, 0.50, 0.51])


def test_a_band_of_no_width_is_a_clock():
    terms = {"market": hl.GBM(100, 0.2), "steps": 20, "n_paths": 30, "seed": 1, "volatility": 0.2}
    option = hl.Option("call", 100, 0.25)
    clock = hl.hedge(option, **terms)
    for to in ("middle", "edge"):
        np.testing.assert_allclose(hl.hedge(option, policy=hl.DeltaBand(0.0, to=to), **terms).pnl, clock.pnl)


def test_rounding_is_no_trade_and_pays_no_fee():
    """A call so deep in the money that its delta is one but for the last digits: bought once, and left alone."""
    terms = {"market": hl.GBM(100, 0.2), "steps": 63, "n_paths": 20, "seed": 1, "volatility": 0.2}
    run = hl.hedge(hl.Option("call", 40, 0.25), cost=hl.FixedCost(1.0), **terms)
    assert run.trades.tolist() == [1] * 20
    np.testing.assert_array_equal(run.cost, 1.0)


def test_a_readers_own_policy_works():
    class Never:
        def holding(self, moment):
            return moment.held

    market = hl.GBM(100, 0.2)
    terms = {"quantity": -1, "volatility": 0.2, "steps": 5, "n_paths": 100, "seed": 1}
    run = hl.hedge(hl.Option("call", 100, 0.25), market=market, policy=Never(), **terms)
    paths = market.simulate(0.25, 5, 100, seed=1)
    np.testing.assert_allclose(run.pnl, run.premium - np.maximum(paths.spot[-1] - 100, 0))
    assert not run.trades.any()


def test_costs_are_charged_on_the_value_traded_whichever_way():
    np.testing.assert_allclose(hl.ProportionalCost(0.001).charge(np.array([-100.0, 100.0]), 50.0), [5.0, 5.0])


def test_costs_lower_the_pnl_by_what_they_are():
    terms = {"market": hl.GBM(100, 0.2), "steps": 20, "n_paths": 30, "seed": 1, "volatility": 0.2, "rate": 0.05}
    option = hl.Option("put", 100, 0.25)
    free = hl.hedge(option, **terms)
    charged = hl.hedge(option, cost=hl.ProportionalCost(0.002), **terms)
    np.testing.assert_allclose(charged.pnl + charged.cost, free.pnl, atol=1e-10)
    assert (charged.cost > 0).all()


def test_costs_of_every_kind_follow_their_formula():
    shares, spot = np.array([-300.0, 0.0, 40.0]), np.array([50.0, 60.0, 70.0])
    value = np.abs(shares) * spot
    volatility = np.array([0.2, 0.3, 0.4])
    expected = {
        hl.NoCost(): [0, 0, 0],
        hl.ProportionalCost(0.001): 0.001 * value,
        hl.HalfSpread(0.02): [6.0, 0, 0.8],
        hl.FixedCost(3.0): [3.0, 0, 3.0],
        hl.SquareRootImpact(1e4, coefficient=0.7): 0.7
        * volatility
        / 252**0.5
        * (np.abs(shares) / 1e4) ** 0.5
        * value,
        hl.VolatilitySpread(0.001, 0.2, power=2): 0.001 * (volatility / 0.2) ** 2 * value,
    }
    for cost, charge in expected.items():
        np.testing.assert_allclose(cost.charge(shares, spot, volatility), charge)
    total = hl.ProportionalCost(0.001) + hl.HalfSpread(0.02) + hl.FixedCost(3.0)
    np.testing.assert_allclose(total.charge(shares, spot, volatility), 0.001 * value + [9.0, 0, 3.8])


def test_costs_see_the_markets_volatility():
    """Twice the volatility, twice the spread; the hedger's own belief does not matter where the market knows."""
    option, cost = hl.Option("call", 100, 0.25), hl.VolatilitySpread(0.001, 0.2)
    terms = {"steps": 1, "n_paths": 3, "seed": 1, "volatility": 0.3}
    for volatility in (0.2, 0.4):
        market = hl.GBM(100, volatility)
        expected = hl.hedge(option, cost=hl.ProportionalCost(0.005 * volatility), market=market, **terms)
        np.testing.assert_allclose(hl.hedge(option, cost=cost, market=market, **terms).cost, expected.cost)
    replay = hl.Replay([0, 0.25], [100, 101])  # here the hedger's is all there is
    run = hl.hedge(option, cost=cost, market=replay, volatility=0.3)
    same = hl.hedge(option, cost=hl.ProportionalCost(0.0015), market=replay, volatility=0.3)
    np.testing.assert_allclose(run.cost, same.cost)


def test_each_part_of_a_cost_sees_the_markets_volatility():
    """The first and the second."""
    spread, fee = hl.VolatilitySpread(0.002, reference_volatility=0.2), hl.FixedCost(1.0)
    assert (spread + fee).charge(100, 50.0, 0.4) == (fee + spread).charge(100, 50.0, 0.4) == pytest.approx(21.0)


def test_a_move_band_remembers_the_price_of_the_last_trade():
    """By hand: trades at inception, then whenever the close is 2 % from the close of the last trade."""
    closes = np.array([100.0, 101.5, 102.5, 101.0, 100.4, 104.0, 103.0])
    run = hl.hedge(hl.Option("call", 100, 0.6), market=hl.Replay(np.arange(7) / 10, closes), volatility=0.2,
                   policy=hl.MoveBand(0.02))  # fmt: skip
    assert (run.ledger().traded != 0).tolist() == [True, False, True, False, True, True, False]


def test_a_policy_that_answers_with_delta_itself_is_told_the_last_price_too():
    """By hand: it trades every third day."""
    seen = []

    class EveryThird:
        def holding(self, moment):
            seen.append(float(np.ravel(moment.last_traded)[0]))
            return moment.held if moment.step % 3 else moment.delta

    closes = [100.0, 101.5, 102.5, 101.0, 100.4, 104.0, 103.0]
    hl.hedge(hl.Option("call", 100, 0.6), market=hl.Replay(np.arange(7) / 10, closes), volatility=0.2,
             policy=EveryThird())  # fmt: skip
    assert seen[1:6] == [100.0, 100.0, 100.0, 101.0, 101.0]


def test_an_adaptive_band_widens_as_the_article_says():
    call = hl.Option("call", 100, 1.0)
    policy = hl.AdaptiveBand(
        0.05, reference_volatility=0.2, reference_gamma=0.0198, volatility_power=1, gamma_power=1
    )
    calm = hl.Moment.of(call, spot=100.0, volatility=0.2)
    assert policy.half_width_at(calm) == pytest.approx(0.05 * calm.gamma / 0.0198)
    nervous = hl.Moment.of(call, spot=150.0, volatility=0.4)  # off the money gamma rises with volatility
    still = hl.Moment.of(call, spot=150.0, volatility=0.2)
    assert nervous.gamma > still.gamma
    assert policy.half_width_at(nervous) > 2 * policy.half_width_at(still)
    for gamma in (0.01, -0.01):  # a book may bend down
        bent = SimpleNamespace(volatility=0.3, gamma=gamma)
        assert policy.half_width_at(bent) == pytest.approx(0.05 * 1.5 * 0.01 / 0.0198)


def test_lelands_volatility_is_the_published_one():
    """Leland (1985): S = K = 100, r 5 %, sigma 20 %, a year, 252 trades at half a per cent one way."""
    volatility = hl.leland_volatility(0.20, 0.005, 1 / 252)
    assert volatility == pytest.approx(0.25560, abs=5e-6)
    assert (volatility / 0.20) ** 2 - 1 == pytest.approx(0.6333, abs=5e-5)
    premium = hl.black_scholes.price("call", 100, 100, 1, [volatility, 0.20], 0.05)
    assert premium[0] - premium[1] == pytest.approx(2.0974, abs=5e-5)
    assert hl.leland_volatility(0.20, 0.001, 1 / 52, quantity=1) < 0.20 < hl.leland_volatility(0.20, 0.001, 1 / 52)


def test_lelands_premium_pays_for_the_trading():
    """Sold and hedged at Leland's volatility the seller breaks even on average; at the market's it does not."""
    cost, steps = 0.002, 252
    option, market = hl.Option("call", 100, 1.0), hl.GBM(100, 0.2)
    terms = {"market": market, "steps": steps, "n_paths": 20_000, "seed": 1,
             "cost": hl.ProportionalCost(cost).charged(inception=False)}  # fmt: skip
    leland = hl.hedge(option, volatility=hl.leland_volatility(0.2, cost, 1 / steps), **terms)
    naive = hl.hedge(option, volatility=0.2, **terms)
    assert abs(leland.pnl.mean()) < 0.1 * abs(naive.pnl.mean())


def test_whalley_and_wilmotts_band_is_the_published_one():
    """Whalley & Wilmott (1997): S = K = 100, a year, r 5 %, sigma 20 %, cost 1 %, risk aversion 1."""
    moment = hl.Moment.of(hl.Option("call", 100, 1.0), spot=100.0, volatility=0.2, rate=0.05)
    policy = hl.WhalleyWilmott(cost=0.01, risk_aversion=1.0)
    assert policy.half_width_at(moment) == pytest.approx(0.0794899, abs=5e-8)
    edge = 0.0794899
    for held, expected in ((0.0, moment.delta - edge), (1.0, moment.delta + edge), (moment.delta, moment.delta)):
        asked = hl.Moment.of(hl.Option("call", 100, 1.0), spot=100.0, volatility=0.2, rate=0.05, held=held)
        assert policy.holding(asked) == pytest.approx(expected, abs=1e-7)


def test_costs_add_up_by_sum_and_multiply_by_a_number():
    commission, spread = hl.FixedCost(3.0), hl.ProportionalCost(0.001)
    trade = {"shares": np.array([-200.0, 0.0, 50.0]), "spot": 50.0}
    alone = commission.charge(**trade) + spread.charge(**trade)
    np.testing.assert_allclose(sum([commission, spread]).charge(**trade), alone)
    halves = (
        0.5 * sum([commission, spread]),
        (commission + spread) * np.float64(0.5),
        0.5 * commission + spread * 0.5,
    )
    for half in halves:
        np.testing.assert_allclose(half.charge(**trade), alone / 2)
    with pytest.raises(TypeError):
        1 + commission
    with pytest.raises(TypeError):
        commission * "2"
    with pytest.raises(ValueError, match="factor must be between 0 and 1e"):
        -1 * commission
