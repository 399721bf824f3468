"""Data, positions and rules of the reader's own."""

import numpy as np
import pandas as pd
import pytest

import hedgelab as hl
from hedgelab import black_scholes

CALL = hl.Option("call", 100, 0.25)
MARKET = hl.GBM(100, 0.2)
TERMS = {"market": MARKET, "volatility": 0.2, "steps": 10, "seed": 3, "n_paths": 40}


def test_times_of_ones_own_are_those_that_are_walked():
    times = np.array([0.0, 0.01, 0.02, 0.1, 0.25])
    run = hl.hedge(CALL, **(TERMS | {"steps": times}))
    np.testing.assert_array_equal(run.ledger(2).index, times)
    np.testing.assert_array_equal(run.ledger(2).spot, MARKET.simulate(0.25, times, 40, seed=3).spot[:, 2])
    same = hl.hedge(CALL, **(TERMS | {"steps": np.linspace(0, 0.25, 11)}))
    np.testing.assert_array_equal(same.pnl, hl.hedge(CALL, **TERMS).pnl)


@pytest.mark.parametrize(
    "times",
    [[0, 0.1, 0.1, 0.25], [0.1, 0.25], [0, 0.3], [0, 0.2499976], [0, 0.2500024], [0], [0, np.nan, 0.25], []],
    ids=str,
)
def test_times_must_rise_from_zero_to_the_end(times):
    for act in (lambda: hl.hedge(CALL, **(TERMS | {"steps": times})), lambda: MARKET.simulate(0.25, times, 2)):
        with pytest.raises(ValueError, match=r"steps must (rise from 0|be)"):
            act()


@pytest.mark.parametrize("end", [0.25 - 1e-11, 0.25 + 1e-11])
def test_times_that_end_at_the_horizon_but_for_rounding_end_there(end):
    """So that the option is settled, and kept apart from the reader's own array."""
    times = np.array([0.0, 0.1, end])
    run = hl.hedge(CALL, **(TERMS | {"steps": times}))
    times[1] = 0.2
    np.testing.assert_array_equal(run.hedge.times, [0.0, 0.1, 0.25])
    np.testing.assert_array_equal(run.pnl, hl.hedge(CALL, **(TERMS | {"steps": [0.0, 0.1, 0.25]})).pnl)


def test_a_running_position_goes_on_as_it_would_have():
    """Cut in two: the second half begins with what the first ended with, at the same prices."""
    overlay = hl.Overlay("delta-gamma", [hl.Option("call", 105, 0.6)], cost=hl.HalfSpread(0.02))
    whole = hl.hedge(CALL, quantity=-10, overlay=overlay, rate=0.03, cost=hl.ProportionalCost(0.001), **TERMS)
    books = whole.ledger(5)
    spots = books.spot.to_numpy()
    cut, last = 4, books.iloc[3]
    grown = last.cash * np.exp(0.03 * 0.025)
    later = hl.Option("call", 100, 0.25 - 0.1)
    rest = hl.hedge(
        later, quantity=-10, market=hl.Scenarios(np.arange(7) * 0.025, spots[cut:, None]), volatility=0.2,
        overlay=hl.Overlay("delta-gamma", [hl.Option("call", 105, 0.5)], cost=hl.HalfSpread(0.02)), rate=0.03,
        cost=hl.ProportionalCost(0.001), account=hl.Account(grown, last.shares, [last["call 105, 0.6 y"]]),
    )  # fmt: skip
    np.testing.assert_allclose(rest.ledger().cash, books.cash.iloc[cut:], rtol=1e-9)
    np.testing.assert_allclose(rest.ledger().shares, books.shares.iloc[cut:], rtol=1e-9)
    assert rest.wealth[0] == pytest.approx(whole.pnl[5], rel=1e-9)
    assert rest.wealth[0] - rest.pnl[0] == pytest.approx(
        grown + last.shares * spots[cut] + books.option.iloc[cut] * 0
        + last["call 105, 0.6 y"] * black_scholes.price("call", spots[cut], 105, 0.5, 0.2, 0.03)
        - 10 * black_scholes.price("call", spots[cut], 100, 0.15, 0.2, 0.03)
    )  # fmt: skip
    parts = hl.explain(rest)
    assert "premium" in parts
    assert parts.premium[0] == 0
    assert parts.sum(axis=1)[0] == pytest.approx(rest.pnl[0], abs=1e-8)


def test_a_fund_without_options_is_what_its_policy_makes_of_its_wealth():
    """Constant mix: half in shares at each step."""
    seen = []

    def half(moment):
        seen.append(moment.wealth)
        return 0.5 * moment.wealth / moment.spot

    run = hl.hedge(None, account=hl.Account(1000.0), horizon=0.25, policy=half, rate=0.04, **TERMS)
    spots, growth = MARKET.simulate(0.25, 10, 40, seed=3).spot, np.exp(0.04 * 0.025)
    wealth = np.full(40, 1000.0)
    for step in range(10):
        np.testing.assert_allclose(seen[step], wealth)
        wealth = 0.5 * wealth * growth + 0.5 * wealth * spots[step + 1] / spots[step]
    np.testing.assert_allclose(run.wealth, wealth)
    np.testing.assert_allclose(run.pnl, wealth - 1000)
    assert "a fund" in repr(run)


def test_wealth_counts_options_as_the_market_quotes_them():
    seen = []
    policy = lambda moment: (seen.append(moment.wealth), 0.0)[1]  # noqa: E731
    hl.hedge(CALL, quantity=-5, quotes=0.3, premium=4.0, policy=policy, **TERMS)
    assert seen[0][0] == pytest.approx(5 * (4.0 - black_scholes.price("call", 100, 100, 0.25, 0.3)))


def test_a_column_as_long_as_the_record_serves_a_shorter_hedge():
    record = hl.Replay(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], [100, 101, 99, 98])
    column = pd.Series([0.2, 0.3, 0.4, 0.5], index=record.dates)
    option = hl.Option("put", 100, 0.5)
    short, same = (hl.hedge(option, market=record, volatility=each, horizon=record.years_until("2024-01-04"))
                   for each in (column, [0.2, 0.3, 0.4]))  # fmt: skip
    assert short.ledger().equals(same.ledger())
    with pytest.raises(ValueError, match=r"volatility must be one number, or an array of shape \(3,\)"):
        hl.hedge(option, market=record, volatility=[0.2, 0.3], horizon=record.years_until("2024-01-04"))


def test_a_series_keeps_its_index():
    spot = pd.Series([90.0, 100.0], index=["a", "b"])
    price = black_scholes.price("call", spot, 100, 0.25, 0.2)
    assert list(price.index) == ["a", "b"]
    greeks = black_scholes.greeks("call", spot, 100, 0.25, pd.Series([0.2, 0.3], index=["a", "b"]))
    assert list(greeks.gamma.index) == ["a", "b"]
    implied = black_scholes.implied_volatility(price, "call", spot, 100, 0.25)
    np.testing.assert_allclose(implied["b"], 0.2)
    with pytest.raises(ValueError, match="the Series must have one index"):
        black_scholes.price("call", spot, pd.Series([100.0, 100.0]), 0.25, 0.2)


@pytest.mark.parametrize("copied", [False, True])
def test_who_does_not_trade_keeps_the_spot_of_the_last_trade(copied):
    """Whether the policy answers with the moment's own array, or with a copy of it."""
    seen = []

    def policy(moment):
        seen.append(np.array(moment.last_traded))
        return moment.held.copy() if copied and moment.step else moment.held if moment.step else moment.delta

    hl.hedge(CALL, policy=policy, **TERMS)
    assert all((spot == 100).all() for spot in seen)
    seen.clear()
    still = hl.hedge(CALL, policy=lambda moment: (seen.append(np.array(moment.last_traded)), moment.delta)[1],
                     **(TERMS | {"market": hl.GBM(100, 0.0), "volatility": 0.0, "steps": 4}))  # fmt: skip
    assert (still.trades == 1).all()


def test_zakamoulines_time_is_the_options_not_the_hedges():
    asked = []
    policy = hl.Zakamouline(0.002, 1.0)
    terms = {"market": MARKET, "volatility": 0.2, "steps": 5, "seed": 1, "horizon": 0.1}
    hl.hedge(CALL, policy=lambda moment: (asked.append(moment), moment.delta)[1], **terms)
    alone = hl.Moment.of(CALL, spot=100.0, volatility=0.2)
    assert asked[0].time_left == 0.1
    assert asked[0].time_to_expiry == 0.25
    for half_width in (policy.half_width_at, hl.WhalleyWilmott(0.002, 1.0).half_width_at):
        assert half_width(asked[0])[0] == pytest.approx(half_width(alone))
    book = {CALL: -1, hl.Option("call", 110, 0.5): -3}
    hl.hedge(book, policy=lambda moment: (asked.append(moment), moment.delta)[1], **terms)
    assert asked[5].time_to_expiry == pytest.approx((0.25 + 3 * 0.5) / 4)


def test_a_surface_that_divides_by_the_time_left_is_not_asked_at_expiry():
    asked = []

    def surface(time, quote, option):
        asked.append(option.expiry - time)
        return 0.2 + 0.01 / np.sqrt(option.expiry - time) * np.abs(np.log(quote.spot / option.strike))

    near = hl.Option("put", 100, 0.125)
    paths = hl.Scenarios(np.linspace(0, 0.25, 11), MARKET.simulate(0.25, 10, 40, seed=3).spot)
    cost = hl.VolatilitySpread(0.001, 0.2).charged(liquidation=True)
    run = hl.hedge({CALL: -1, near: -1}, market=paths, volatility=surface, cost=cost, n_paths=40)
    assert min(asked) > 0.02
    assert np.isfinite(hl.explain(run).to_numpy()).all()


def test_a_policy_may_remember_if_it_begins_anew():
    class High:
        def holding(self, moment):
            self.high = moment.spot if moment.step == 0 else np.maximum(self.high, moment.spot)
            return np.where(moment.spot == self.high, moment.delta, moment.held)

    run = hl.hedge(CALL, policy=High(), **(TERMS | {"n_paths": 2500}))
    assert run.ledger(2100).pnl.iloc[-1] == pytest.approx(run.pnl[2100])
    np.testing.assert_allclose(hl.explain(run).sum(axis=1), run.pnl, atol=1e-10)


def test_a_delta_of_ones_own_is_a_rule():
    """A function of time, quote and option, as a volatility is; here Black and Scholes's at another one."""

    def rule(time, quote, option):
        return black_scholes.greeks(option.kind, quote.spot, option.strike, option.expiry - time, 0.1).delta

    own = hl.hedge(CALL, delta=rule, quotes=0.2, **TERMS)
    same = hl.hedge(CALL, **(TERMS | {"volatility": 0.1}), quotes=0.2)
    np.testing.assert_allclose(own.pnl, same.pnl, atol=1e-12)
