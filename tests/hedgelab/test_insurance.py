"""Insured funds: they end as the closed forms say, the replica is a hedge, and the real put holds its floor."""

import numpy as np
import pytest
from examples import POLICIES, made, simulated

import hedgelab as hl
from hedgelab import insurance

GBM = hl.GBM(100, 0.2, drift=0.08)
CRASHES = hl.Merton(100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1, drift=0.08)
HESTON = hl.Heston(100, 0.04, 2.0, 0.04, 0.5, -0.7, drift=0.08)
RETURNS = np.random.default_rng(7).normal(0.0002, 0.012, 500)
FUND = {"value": 100, "floor": 0.9, "horizon": 1.0}
TERMS = {"rate": 0.03, "steps": 252, "n_paths": 20_000, "seed": 5}
WORLD = {"value": 100, "floor": 0.9, "horizon": 1.0, "volatility": 0.2, "drift": 0.08, "rate": 0.03}

RECORD = 100 * np.exp(np.cumsum(np.append(0.0, RETURNS[:60])))
MARKETS = {
    **simulated(),
    "GBM": GBM,
    "Merton": CRASHES,
    "Heston": HESTON,
    "Replay": hl.Replay(np.arange(61) / 60, RECORD),
    "Scenarios": hl.Scenarios(*CRASHES.simulate(1.0, 60, 40, seed=9)),
}
METHODS = {
    "holding": insurance.Holding(),
    "real put": hl.RealPut(),
    "synthetic put": hl.SyntheticPut(),
    "CPPI": hl.CPPI(4),
    "capped CPPI": hl.CPPI(6, cap=1.0),
    "stop-loss": hl.StopLoss(),
    "stop-loss that reenters": hl.StopLoss(reenter=True),
    "constant mix": hl.ConstantMix(0.6),
}


def insured(method, market=GBM, **changes):
    return hl.insure(**{**FUND, "market": market, "method": method, **TERMS, **changes})


def small(market, **changes):
    """Terms for a few paths in any market, its volatility taken to be 20 %."""
    given = isinstance(market, hl.Replay | hl.Scenarios)
    few = {"steps": None if given else 60, "n_paths": 1 if isinstance(market, hl.Replay) else 40}
    return {"rate": 0.03, "seed": 5, "volatility": 0.2} | few | changes


def near(sample, value, errors=3.0):
    """Whether a mean is within three standard errors of what it should be."""
    return abs(sample.mean() - value) < errors * sample.std(ddof=1) / np.sqrt(sample.size)


def near_deviation(sample, value):
    squares = (sample - sample.mean()) ** 2
    return abs(np.sqrt(squares.mean()) - value) < 3 * squares.std() / np.sqrt(sample.size) / (2 * value)


# What the closed forms say


def test_a_fund_with_a_real_put_ends_as_option_based_insurance_does():
    law, run = insurance.option_based_law(**WORLD), insured(hl.RealPut(), steps=1, n_paths=100_000)
    assert run.fund.put.strike == pytest.approx(law.strike, rel=1e-12)
    assert run.fund.units == pytest.approx(law.units, rel=1e-12)
    assert near(run.wealth, law.mean)
    assert near_deviation(run.wealth, law.deviation)
    assert near(run.wealth < 90 + 1e-9, law.at_floor)
    assert run.omega() == pytest.approx(law.omega, abs=3 * 0.0222)  # its standard error, from `compare`
    assert near(run.given_up, 1.404328)


def test_one_path_has_no_standard_errors():
    """Whether or not it ends below the floor."""
    row = insurance.compare(**FUND, market=GBM, methods={"stop": hl.StopLoss()}, **(TERMS | {"n_paths": 1})).iloc[
        0
    ]
    for name in ("mean", "deviation", "median", "below floor", "omega", "given up"):
        assert np.isnan(row[f"error of {name}"])


def test_cppi_traded_daily_ends_as_its_closed_forms_say():
    run, daily = insured(hl.CPPI(4)), insurance.rebalanced_cppi_law(**WORLD, multiplier=4, steps=252)
    law = insurance.cppi_law(**WORLD, multiplier=4)
    assert near(run.wealth, daily.mean)
    assert near_deviation(run.wealth, law.deviation)
    table = insurance.compare(**FUND, market=GBM, methods={"CPPI": hl.CPPI(4)}, **TERMS).loc["CPPI"]
    assert abs(table["median"] - law.median) < 3 * table["error of median"]
    assert abs(table.omega - law.omega) < 3 * table["error of omega"]
    assert abs(table["given up"] - 2.394954) < 3 * table["error of given up"]
    assert not run.failed.any()


@pytest.mark.parametrize(("floor", "multiplier", "steps"), [(0.8, 10, 12), (0.9, 15, 52)])
def test_cppi_traded_rarely_fails_between_two_trades(floor, multiplier, steps):
    law = insurance.rebalanced_cppi_law(**(WORLD | {"floor": floor}), multiplier=multiplier, steps=steps)
    run = insured(hl.CPPI(multiplier), floor=floor, steps=steps, n_paths=60_000)
    assert near(run.failed, law.failure)
    assert near(run.shortfall[run.failed], law.shortfall)
    assert near(run.wealth, law.mean)
    rarely = insured(hl.CPPI(multiplier), floor=floor, steps=4 * steps, n_paths=60_000, policy=hl.Clock(every=4))
    assert near(rarely.failed, law.failure)


@pytest.mark.parametrize("multiplier", [4, 6])
def test_cppi_fails_at_jumps(multiplier):
    law = insurance.cppi_under_jumps(100, 0.9, multiplier, 1, CRASHES, rate=0.03)
    run = insured(hl.CPPI(multiplier), CRASHES, n_paths=30_000)
    assert near(run.failed, law.failure)
    assert near(run.shortfall[run.failed], law.shortfall)
    assert near(run.wealth, law.mean)


def test_cppi_fails_at_kous_jumps_with_their_probability():
    random, steps, paths = np.random.default_rng(3), 260, 4000
    jumps = random.poisson(5 / steps, (steps, paths))
    falls = random.binomial(jumps, 0.6)
    rises = random.gamma(np.maximum(jumps - falls, 1e-300), 0.05)
    moves = -0.02 + 0.05 * np.sqrt(5 / steps) * random.standard_normal((steps, paths))
    moves += rises - random.gamma(np.maximum(falls, 1e-300), 0.1) + 0.02
    spot = 100 * np.exp(np.vstack([np.zeros(paths), moves.cumsum(axis=0)]))
    market = hl.Scenarios(np.linspace(0, 5, steps + 1), spot)
    run = hl.insure(100, 0.9, 5.0, market, hl.CPPI(4), rate=0.03, n_paths=paths)
    assert near(run.failed, 0.1554408841)


def test_a_stop_loss_watched_daily_stops_as_if_its_floor_were_a_little_lower():
    """Broadie, Glasserman & Kou (1997): the barrier moves by 0.5826 standard deviations of a day."""
    run = insured(hl.StopLoss())
    lower = 0.9 * np.exp(-0.5826 * 0.2 * np.sqrt(1 / 252))
    law = insurance.stop_loss_law(**(WORLD | {"floor": lower}))
    assert near(run.trades == 2, law.stopped)
    assert near(run.wealth, law.mean)
    assert near(run.given_up, insurance.holding_law(100, 1, 0.2, 0.08).mean - law.mean)
    assert law.omega == pytest.approx(run.omega(), abs=3 * 0.042)  # its standard error, from `compare`


@pytest.mark.parametrize(("strike", "gain"), [(100, 7.965567455), (110, 4.292010941)])
def test_in_at_the_strike_and_out_at_the_strike_costs_the_start_gain(strike, gain):
    """Whatever the number of looks, where the share has no drift: the mean is the call's time value."""
    run = hl.hedge(
        hl.Option("call", strike, 1.0), market=hl.GBM(100, 0.2), steps=50, n_paths=20_000, seed=2, premium=0.0,
        policy=lambda moment: np.where(moment.spot > strike, 1.0, 0.0),
    )  # fmt: skip
    assert near(-run.pnl, gain)


def test_a_stop_loss_that_reenters_costs_the_start_gain():
    run = insured(hl.StopLoss(reenter=True), hl.GBM(100, 0.2), rate=0.0)
    ideal = np.maximum(run.uninsured, 90)  # what it would end with, did switching cost nothing
    assert near(ideal - run.wealth, insurance.start_gain(100, 90, 1, 0.2))


def test_hulls_stop_loss_column_tends_to_half_the_local_time():
    run = hl.hedge(
        hl.Option("call", 50, 20 / 52), market=hl.GBM(49, 0.2, drift=0.13), steps=640, n_paths=16_000, seed=4,
        policy=lambda moment: np.where(moment.spot > 50, 1.0, 0.0), premium=0.0,
    )  # fmt: skip
    assert near_deviation(run.pnl / 2.40053, 0.752553)


def test_daily_trading_under_jumps():
    """A program of plain NumPy of our own, 100,000 other paths: probability and mean shortfall below 90."""
    table = insurance.compare(
        **FUND, market=CRASHES, **TERMS,
        methods={"replica": hl.SyntheticPut(0.2), "CPPI": hl.CPPI(4), "stop-loss": hl.StopLoss(),
                 "real put": hl.RealPut()},
    )  # fmt: skip
    told = {"replica": (0.2053, 0.0013, 6.10, 0.03), "CPPI": (0.0921, 0.0009, 2.41, 0.03),
            "stop-loss": (0.3551, 0.0015, 5.35, 0.03)}  # fmt: skip
    for name, (failure, error, shortfall, its_error) in told.items():
        row = table.loc[name]
        assert abs(row["below floor"] - failure) < 3 * np.hypot(row["error of below floor"], error)
        assert abs(row.shortfall - shortfall) < 3 * np.hypot(row["error of shortfall"], its_error)
    assert table.loc["real put", "below floor"] == 0


def test_without_jumps_the_replica_misses_its_floor_often_but_by_little():
    run = insured(hl.SyntheticPut())
    assert near(run.wealth, insurance.option_based_law(**WORLD).mean)
    assert abs(run.failed.mean() - 0.132) < 3 * np.sqrt(0.132 * 0.868 * (1 / 20_000 + 1 / 100_000)) + 0.001
    assert (run.wealth < 89).mean() < 0.007


# What must hold in every market


def from_the_middle(policy):
    """The policy, but for the first trade: a fund comes to its band from below, a hedge from above."""
    return lambda moment: policy.holding(moment) if moment.step else moment.delta


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize(
    ("cost", "dividend"),
    [(hl.NoCost(), 0.0), (hl.ProportionalCost(0.002) + hl.FixedCost(0.01), 0.02)],
    ids=["free", "with costs and dividends"],
)
@pytest.mark.parametrize("policy", list(map(from_the_middle, made(POLICIES).values())), ids=POLICIES)
def test_a_synthetic_put_is_holding_and_the_hedge_of_that_put(name, policy, cost, dividend):
    """The fund ends with its shares, the payoff of its puts, and what the hedge of as many sold gains or loses."""
    market = MARKETS[name]
    terms = small(market, dividend=dividend, cost=cost.charged(inception=False))
    run = hl.insure(**FUND, market=market, method=hl.SyntheticPut(), policy=policy, **terms)
    put, units = run.fund.put, run.fund.units
    hedged = hl.hedge(put, quantity=-units, market=market, policy=policy, **terms)
    held = hl.hedge(None, account=hl.Account(cash=100 * units), quantity=units, horizon=1.0, market=market,
                    policy=lambda moment: 1.0, **(terms | {"cost": None}))  # fmt: skip
    last = market.simulate(1.0, *([60, 40, 5] if name in simulated() else [])).spot[-1]
    np.testing.assert_allclose(run.wealth, held.wealth + units * put.payoff(last) + hedged.pnl, rtol=0, atol=1e-8)
    assert units * (100 + hedged.premium) == pytest.approx(100, abs=1e-10)


@pytest.mark.parametrize(
    "belief",
    [0.35, "true", HESTON, lambda time, quote, option: 0.25 - 0.1 * time],
    ids=["35 %", "true", "Heston", "falling"],
)
@pytest.mark.parametrize("rule", ["delta", "minimum_variance_delta"])
def test_whatever_the_fund_believes(belief, rule):
    if rule != "delta" and belief is not HESTON:
        with pytest.raises(ValueError, match="delta must be a function"):
            insured(hl.SyntheticPut(belief, rule), HESTON, steps=20, n_paths=10)
        return
    terms = {"steps": 20, "n_paths": 10, "rate": 0.03, "seed": 5}
    run = hl.insure(**FUND, market=HESTON, method=hl.SyntheticPut(belief, rule), **terms)
    units = run.fund.units
    hedged = hl.hedge(run.fund.put, quantity=-units, market=HESTON, volatility=belief, delta=rule, **terms)
    last = HESTON.simulate(1.0, 20, 10, seed=5).spot[-1]
    ends = units * np.maximum(last, run.fund.put.strike) + hedged.pnl
    np.testing.assert_allclose(run.wealth, ends, rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize("quotes", [0.15, 0.4, CRASHES, HESTON], ids=["15 %", "40 %", "Merton", "Heston"])
def test_a_real_put_never_ends_below_its_floor_whatever_it_costs(name, quotes):
    market = MARKETS[name]
    if quotes is HESTON and name != "Heston":
        return
    cost = hl.ProportionalCost(0.01) + hl.FixedCost(0.3)
    run = hl.insure(**FUND, market=market, method=hl.RealPut(), quotes=quotes, cost=cost, **small(market))
    assert not run.failed.any()
    assert run.wealth.min() > 90 - 1e-10
    put, units = run.fund.put, run.fund.units
    assert units * put.strike == pytest.approx(90)
    row = run.ledger(0).iloc[0]
    assert row.cash == pytest.approx(0, abs=1e-10)
    assert row.cost + row.option + units * 100 == pytest.approx(100)
    assert (run.trades == 1).all()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("name", MARKETS)
def test_every_method_works_in_every_market_and_its_gain_is_explained(name, method):
    market = MARKETS[name]
    cost = hl.ProportionalCost(0.001) + hl.SquareRootImpact(daily_volume=1e4)
    run = hl.insure(**FUND, market=market, method=method, cost=cost, dividend=0.01, **small(market))
    np.testing.assert_allclose(run.wealth - 100, run.pnl, atol=1e-12)
    assert (run.cost > 0).all()
    parts = hl.explain(run)
    np.testing.assert_allclose(parts.sum(axis=1), run.pnl, rtol=0, atol=1e-9 * 100)
    assert (parts.premium == 0).all()
    books = run.ledger(0)
    assert books.wealth.iloc[-1] == pytest.approx(run.wealth[0])
    np.testing.assert_allclose(books.exposure * books.wealth, books.shares * books.spot)
    assert books.floor.iloc[0] == pytest.approx(90 * np.exp(-0.03))
    assert run.turnover[0] == pytest.approx((books.traded.abs() * books.spot).sum())
    assert "InsuredRun" in repr(run)


# What the methods do, step by step


def test_cppi_in_plain_python():
    spots = CRASHES.simulate(1.0, 12, 5, seed=8).spot
    for cap in (None, 1.0):
        run = insured(hl.CPPI(5, cap=cap), CRASHES, steps=12, n_paths=5, seed=8, cost=hl.ProportionalCost(0.001))
        for path in range(5):
            cash, shares = 100.0, 0.0
            for step in range(12):
                spot = spots[step, path]
                wealth = cash + shares * spot
                exposure = 5 * max(wealth - 90 * np.exp(-0.03 * (1 - step / 12)), 0)
                exposure = exposure if cap is None else min(exposure, wealth)
                traded = exposure / spot - shares
                cash = (cash - traded * spot - 0.001 * abs(traded) * spot) * np.exp(0.03 / 12)
                shares += traded
            assert run.wealth[path] == pytest.approx(cash + shares * spots[12, path], rel=1e-12)


def test_a_stop_loss_sells_once_and_for_good():
    market = hl.Scenarios([0, 0.25, 0.5, 0.75, 1], np.array([[100, 95, 88, 120, 130.0]]).T)
    for method, shares in ((hl.StopLoss(), [1, 1, 0, 0, 0]), (hl.StopLoss(reenter=True), [1, 1, 0, 1, 1])):
        run = hl.insure(**FUND, market=market, method=method)
        assert run.ledger().shares.tolist() == shares
    assert run.wealth[0] == pytest.approx(88 + 10)
    assert hl.insure(**FUND, market=market, method=hl.StopLoss()).wealth[0] == pytest.approx(88)


def test_a_band_counts_by_the_shares_that_are_insured():
    """A fund of a billion trades as one of a hundred does, and rounding is no trade."""
    for method in METHODS.values():
        for policy in (hl.DeltaBand(0.03, to="edge"), hl.MoveBand(0.04), hl.Clock(every=5)):
            one, many = (
                insured(method, steps=40, n_paths=50, policy=policy, value=value, cost=hl.ProportionalCost(0.001))
                for value in (100, 1e9)
            )
            np.testing.assert_array_equal(one.trades, many.trades)
            np.testing.assert_allclose(many.wealth, 1e7 * one.wealth, rtol=1e-9)
    assert (insured(insurance.Holding(), value=1e9, n_paths=50).trades == 1).all()
    banded, daily = (insured(hl.CPPI(4), policy=policy, n_paths=500) for policy in (hl.DeltaBand(0.05), None))
    assert banded.trades.mean() < daily.trades.mean() / 5
    assert banded.turnover.mean() < daily.turnover.mean()


def test_a_policy_that_needs_gamma_needs_a_put_to_replicate():
    with pytest.raises(ValueError, match=r"policy must do without gamma .* got CPPI\(multiplier=4.0, cap=None\)"):
        insured(hl.CPPI(4), policy=hl.WhalleyWilmott(0.001, 1.0), n_paths=2)


def test_a_cost_that_depends_on_volatility_is_told_what_is_believed_of_the_share():
    """In a record that does not know its own volatility: before, such a fund traded at no impact at all."""
    record, cost = MARKETS["Replay"], hl.SquareRootImpact(daily_volume=1e4)
    low, high = (
        hl.insure(**FUND, market=record, method=hl.CPPI(4), cost=cost, volatility=volatility).cost[0]
        for volatility in (0.2, lambda time, quote, option: 0.4)
    )
    assert high == pytest.approx(2 * low, rel=0.01)
    with pytest.raises(ValueError, match="volatility must be given to SquareRootImpact"):
        hl.insure(**FUND, market=record, method=hl.CPPI(4), cost=cost)
    assert hl.insure(**FUND, market=record, method=hl.CPPI(4), cost=hl.ProportionalCost(0.01)).cost[0] > 0


PUTS = {
    "a real put at its quote": (hl.RealPut(), {"quotes": 0.4}),
    "a replica that believes more": (hl.SyntheticPut(volatility=0.4), {}),
    "one that believes a smile": (hl.SyntheticPut(lambda time, quote, option: 0.4 + 20 / option.strike), {}),
}


@pytest.mark.parametrize(("method", "terms"), PUTS.values(), ids=PUTS)
def test_costs_go_by_what_is_believed_of_the_share_and_not_by_what_prices_the_put(method, terms):
    """So that methods with and without a put pay the same spread: one per cent, at twenty per cent."""
    terms = terms | FUND | {"market": MARKETS["Replay"], "cost": hl.VolatilitySpread(0.01, 0.2)}
    run = hl.insure(method=method, volatility=0.2, **terms)
    books = run.ledger()
    assert (books.cost / (books.traded.abs() * books.spot))[books.traded != 0].to_numpy() == pytest.approx(0.01)
    assert run.uninsured == pytest.approx(hl.insure(method=insurance.Holding(), volatility=0.2, **terms).wealth)
    plain = hl.insure(method=method, volatility=0.2, **terms | {"cost": hl.ProportionalCost(0.01)})
    assert run.fund.put.strike == pytest.approx(plain.fund.put.strike, rel=1e-12)
    assert run.wealth == pytest.approx(plain.wealth, rel=1e-12)


def test_a_real_put_leaves_nothing_over_where_costs_go_by_a_smile():
    terms = FUND | {"market": MARKETS["Replay"], "cost": hl.VolatilitySpread(0.01, 0.2)}
    run = hl.insure(method=hl.RealPut(), volatility=lambda time, quote, option: 20 / option.strike, **terms)
    assert run.ledger().cash.iloc[0] == pytest.approx(0, abs=1e-9)


def test_where_nothing_is_said_of_the_share_its_costs_go_by_what_prices_the_put():
    terms = FUND | {"market": MARKETS["Replay"], "method": hl.SyntheticPut(volatility=0.4)}
    spread, plain = hl.VolatilitySpread(0.01, 0.2), hl.ProportionalCost(0.02)
    assert hl.insure(**terms, cost=spread).cost == pytest.approx(hl.insure(**terms, cost=plain).cost, rel=1e-12)


def test_what_holding_would_have_given_is_walked_on_the_same_paths():
    run = insured(hl.CPPI(4), n_paths=2500, dividend=0.02, cost=hl.FixedCost(1.0))
    held = insured(insurance.Holding(), n_paths=2500, dividend=0.02, cost=hl.FixedCost(1.0))
    np.testing.assert_array_equal(run.uninsured, held.wealth)
    np.testing.assert_array_equal(run.given_up, held.wealth - run.wealth)
    put = insured(hl.RealPut(), n_paths=2500, dividend=0.02, cost=hl.FixedCost(1.0))
    np.testing.assert_allclose(put.uninsured, held.wealth)


def test_a_table_compares_methods_on_the_same_paths():
    terms = TERMS | {"n_paths": 3000, "steps": 30}
    table = insurance.compare(**FUND, market=CRASHES, methods=METHODS, threshold=95, **terms)
    assert list(table.index) == list(METHODS)
    for name, method in METHODS.items():
        run, row = hl.insure(**FUND, market=CRASHES, method=method, **terms), table.loc[name]
        assert row["mean"] == run.wealth.mean()
        assert row["error of mean"] == pytest.approx(run.standard_error())
        assert row["worst"] == run.wealth.min()
        assert row["median"] == np.median(run.wealth)
        assert row["below floor"] == run.failed.mean()
        assert row["omega"] == run.omega(95)
        assert row["given up"] == pytest.approx(run.given_up.mean(), abs=1e-12)
        assert run.summary()["shortfall"] == row["shortfall"]
    assert table.loc["holding", "given up"] == 0
    one = insurance.compare(**FUND, market=MARKETS["Replay"], methods={"CPPI": hl.CPPI(4)}, seed=1)
    assert np.isnan(one["error of mean"].iloc[0])


def test_the_errors_of_a_table_are_the_spread_of_its_numbers_over_seeds():
    terms = FUND | {"market": CRASHES, "methods": {"CPPI": hl.CPPI(5)}, "rate": 0.03, "steps": 12, "n_paths": 500}
    tables = [insurance.compare(**terms, seed=seed).loc["CPPI"] for seed in range(100)]
    for name in ("mean", "median", "below floor", "shortfall", "omega", "given up"):
        spread = np.std([table[name] for table in tables], ddof=1)
        told = np.mean([table[f"error of {name}"] for table in tables])
        assert told == pytest.approx(spread, rel=0.3), name


def test_a_run_goes_to_a_file_and_comes_back_and_workers_change_nothing(tmp_path):
    run = insured(hl.CPPI(4, cap=1.5), n_paths=3000, steps=20)
    run.save(tmp_path / "run")
    again = insurance.InsuredRun.load(tmp_path / "run")
    np.testing.assert_array_equal(again.wealth, run.wealth)
    np.testing.assert_array_equal(again.turnover, run.turnover)
    with hl.computing(block_size=1000):
        cut = insured(hl.CPPI(4, cap=1.5), n_paths=3000, steps=20)
    np.testing.assert_array_equal(cut.wealth, run.wealth)
    np.testing.assert_array_equal(cut.uninsured, run.uninsured)


def test_a_moment_by_hand_can_sell_an_option_too():
    """As the walk does it: delta, gamma and volatility of the option sold, and wealth that owes it."""
    call, put = hl.Option("call", 100, 1.0), hl.Option("put", 90, 0.75)
    asked = []
    hl.hedge(call, market=GBM, volatility=0.25, rate=0.03, premium=10.0, steps=4, n_paths=3, seed=1,
             policy=lambda moment: (asked.append(moment), moment.delta)[1])  # fmt: skip
    alone = hl.Moment.of(call, spot=100.0, volatility=0.25, rate=0.03, cash=10.0)
    for moment in (asked[0], alone):
        sold = moment.selling(put)
        direct = hl.Moment.of(put, spot=100.0, volatility=0.25, rate=0.03, cash=10.0)
        for name in ("delta", "gamma", "wealth", "volatility", "time_to_expiry"):
            np.testing.assert_allclose(getattr(sold, name), getattr(direct, name), rtol=1e-12)
