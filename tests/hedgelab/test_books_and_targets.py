"""Books of options, options that hedge options, volatilities that move, and what is charged when."""

import numpy as np
import pytest
from examples import POLICIES, made

import hedgelab as hl
from hedgelab import black_scholes

CALL = hl.Option("call", strike=105, expiry=0.25)
PUT = hl.Option("put", strike=95, expiry=0.25)
LONG_CALL = hl.Option("call", strike=100, expiry=0.5)
LONG_PUT = hl.Option("put", strike=95, expiry=0.75)
MARKET = hl.GBM(spot=100, volatility=0.3, drift=0.1)
TERMS = {"market": MARKET, "volatility": 0.3, "steps": 50, "n_paths": 500, "seed": 11, "rate": 0.03}


def test_a_book_is_the_sum_of_its_options():
    parts = [hl.hedge(CALL, quantity=-1000, **TERMS), hl.hedge(PUT, quantity=400, **TERMS)]
    book = hl.hedge({CALL: -1000, PUT: 400}, **TERMS)
    np.testing.assert_allclose(book.pnl, sum(part.pnl for part in parts), atol=1e-8)
    assert book.premium == pytest.approx(-1000 * parts[0].premium + 400 * parts[1].premium)
    single = hl.hedge({CALL: -1000}, **TERMS)
    np.testing.assert_allclose(single.pnl, parts[0].pnl, atol=1e-8)
    np.testing.assert_allclose(single.ledger().shares, parts[0].ledger().shares, atol=1e-8)


def test_the_premium_of_a_book_is_that_of_all_of_it():
    """Not of one option: who sells it for $100 more has $100 more, with interest."""
    at_the_model = hl.hedge({CALL: -1000, PUT: 400}, **TERMS)
    dearer = hl.hedge({CALL: -1000, PUT: 400}, premium=at_the_model.premium - 100, **TERMS)
    np.testing.assert_allclose(dearer.pnl - at_the_model.pnl, 100 * np.exp(0.03 * 0.25), atol=1e-8)


def test_a_calendar_spread_settles_its_first_leg_on_the_way():
    near = hl.Option("call", strike=100, expiry=0.1)
    book = hl.hedge({near: -10, CALL: 10}, **TERMS)
    alone = hl.hedge(CALL, quantity=10, **TERMS)
    early = hl.hedge(near, quantity=-10, **(TERMS | {"steps": 20}))
    # from its own expiry on, what came of the first leg earns interest; the random paths agree step by step
    np.testing.assert_allclose(book.pnl, alone.pnl + early.pnl * np.exp(0.03 * 0.15), atol=1e-8)


def test_a_horizon_before_expiry_marks_what_is_left_to_the_model():
    run = hl.hedge(CALL, quantity=-1, horizon=0.1, **(TERMS | {"steps": 20}))
    spot = MARKET.simulate(0.1, 20, 500, seed=11).spot
    assert run.ledger(3).option.iloc[-1] == pytest.approx(
        -black_scholes.price("call", spot[-1, 3], 105, 0.15, 0.3, 0.03)
    )


def books_by_hand(spot, names, instruments, quantity, volatility, rate, price_cost, stock_cost):
    """One path of a short CALL hedged with options and stock, in plain Python and NumPy's linear solver."""
    steps = len(spot) - 1
    dt = 0.25 / steps

    def greeks(option, k):
        return black_scholes.greeks(option.kind, spot[k], option.strike, option.expiry - k * dt, volatility, rate)

    cash = -quantity * greeks(CALL, 0).price
    contracts, shares = np.zeros(len(instruments)), 0.0
    for k in range(steps):
        cash *= np.exp(rate * dt) if k else 1.0
        matrix = [[getattr(greeks(each, k), name) for each in instruments] for name in names]
        wanted = -quantity * np.linalg.solve(matrix, [getattr(greeks(CALL, k), name) for name in names])
        prices = np.array([greeks(each, k).price for each in instruments])
        cash -= (wanted - contracts) @ prices + price_cost * np.abs(wanted - contracts) @ prices
        contracts = wanted
        deltas = np.array([greeks(each, k).delta for each in instruments])
        target = -quantity * greeks(CALL, k).delta - contracts @ deltas
        cash -= (target - shares) * spot[k] + stock_cost * abs(target - shares) * spot[k]
        shares = target
    cash *= np.exp(rate * dt)
    prices = np.array([greeks(each, steps).price for each in instruments])
    return cash + shares * spot[-1] + quantity * CALL.payoff(spot[-1]) + contracts @ prices


@pytest.mark.parametrize(
    ("target", "names", "instruments"),
    [
        ("delta-gamma", ["gamma"], [LONG_CALL]),
        ("delta-vega", ["vega"], [LONG_CALL]),
        ("delta-gamma-vega", ["gamma", "vega"], [LONG_CALL, LONG_PUT]),
    ],
)
def test_options_hedge_options_as_the_linear_equations_say(target, names, instruments):
    run = hl.hedge(
        CALL, quantity=-100, cost=hl.ProportionalCost(0.001), **(TERMS | {"steps": 10}),
        overlay=hl.Overlay(target, instruments, cost=hl.ProportionalCost(0.01), limit=1e6),
    )  # fmt: skip
    spot = MARKET.simulate(0.25, 10, 500, seed=11).spot
    for path in range(20):
        expected = books_by_hand(spot[:, path], names, instruments, -100, 0.3, 0.03, 0.01, 0.001)
        assert run.pnl[path] == pytest.approx(expected, rel=1e-7, abs=1e-6)
        assert run.ledger(path).pnl.iloc[-1] == pytest.approx(run.pnl[path], abs=1e-7)


def test_neutral_means_that_the_greeks_are_gone():
    run = hl.hedge(CALL, overlay=hl.Overlay("delta-gamma-vega", [LONG_CALL, LONG_PUT], limit=1e9), **TERMS)
    for step in list(run.hedge.walk(run.blocks[0]))[:40]:
        gamma, vega, delta = (
            step.view.net(lambda option, name=name: step.view.greeks(option, (name,))[0], step.contracts)  # noqa: B023
            for name in ("gamma", "vega", "delta")
        )
        scale_gamma, scale_vega = step.view.greeks(LONG_CALL, ("gamma", "vega"))
        assert np.abs(gamma).max() < 1e-8 * np.max(scale_gamma)
        assert np.abs(vega).max() < 1e-8 * np.max(scale_vega)
        np.testing.assert_allclose(-delta, step.shares, atol=1e-12)


def test_holdings_of_options_stay_within_their_limit():
    run = hl.hedge(CALL, overlay=hl.Overlay("delta-gamma", [hl.Option("call", 130, 0.26)], limit=2.0), **TERMS)
    held = np.array([step.contracts[0] for step in run.hedge.walk(run.blocks[0])])
    assert np.abs(held).max() <= 2.0
    assert np.isfinite(run.pnl).all()


def test_the_hedgers_volatility_takes_every_form():
    known = hl.hedge(CALL, **TERMS)
    at_times, at_paths = np.full(51, 0.3), np.full((51, 500), 0.3)
    for volatility in (at_times, at_paths, "true", lambda time, quote, option: 0.3,
                       lambda time, quote, option: np.full(quote.spot.shape, 0.3)):  # fmt: skip
        np.testing.assert_array_equal(hl.hedge(CALL, **(TERMS | {"volatility": volatility})).pnl, known.pnl)


def test_the_true_volatility_of_heston_is_the_root_of_its_variance():
    market = hl.Heston(100, 0.04, 2.0, 0.06, 0.5, -0.5)
    terms = TERMS | {"market": market}
    true = hl.hedge(CALL, **(terms | {"volatility": "true"}))
    variance = market.simulate(0.25, 50, 500, seed=11).variance
    np.testing.assert_array_equal(true.pnl, hl.hedge(CALL, **(terms | {"volatility": np.sqrt(variance)})).pnl)
    own = hl.hedge(CALL, **(terms | {"volatility": lambda time, quote, option: np.sqrt(quote.variance)}))
    np.testing.assert_array_equal(true.pnl, own.pnl)


def test_a_volatility_that_knows_the_option_sees_each_of_them():
    smile = {CALL: 0.25, LONG_CALL: 0.35}
    run = hl.hedge(CALL, overlay=hl.Overlay("delta-gamma", [LONG_CALL]),
                   **(TERMS | {"volatility": lambda time, quote, option: smile[option]}))  # fmt: skip
    view = next(run.hedge.walk(run.blocks[0])).view
    for option, volatility in smile.items():
        expected = black_scholes.price(option.kind, 100, option.strike, option.expiry, volatility, 0.03)
        assert view.greeks(option, ("price",))[0][0] == pytest.approx(expected)


def test_inception_and_liquidation_are_charged_when_asked():
    cost = hl.ProportionalCost(0.01)
    charged = {
        (inception, liquidation): hl.hedge(
            CALL, quantity=-1, cost=cost.charged(inception=inception, liquidation=liquidation), **TERMS
        )
        for inception in (True, False)
        for liquidation in (True, False)
    }
    books = charged[True, True].ledger(5)
    first, last = 0.01 * abs(books.traded.iloc[0]) * 100, 0.01 * abs(books.shares.iloc[-1]) * books.spot.iloc[-1]
    carried = first * np.exp(0.03 * 0.25)
    neither = charged[False, False].pnl[5]
    assert charged[True, False].pnl[5] == pytest.approx(neither - carried, rel=1e-9)
    assert charged[False, True].pnl[5] == pytest.approx(neither - last, rel=1e-9)
    assert charged[True, True].pnl[5] == pytest.approx(neither - carried - last, rel=1e-9)
    for run in charged.values():
        np.testing.assert_allclose(run.pnl + run.cost, charged[False, False].pnl + charged[False, False].cost)


def test_closing_the_hedging_options_costs_too():
    cost = hl.HalfSpread(0.05).charged(inception=False, liquidation=True)
    run = hl.hedge(CALL, overlay=hl.Overlay("delta-gamma", [LONG_CALL], cost=cost), **TERMS)
    books = run.ledger(4)
    assert books.cost.iloc[0] == 0
    assert books.cost.iloc[-1] == pytest.approx(0.05 * abs(books[str(LONG_CALL)].iloc[-1]))


def test_a_plain_function_is_a_policy():
    class Lazy:
        def holding(self, moment):
            return np.where(moment.gamma > 0.02, moment.delta, moment.held)

    function = hl.hedge(CALL, policy=Lazy().holding, **TERMS)
    np.testing.assert_array_equal(function.pnl, hl.hedge(CALL, policy=Lazy(), **TERMS).pnl)


@pytest.mark.parametrize("policy", made(POLICIES).values(), ids=POLICIES)
def test_a_policy_asked_by_hand_gives_what_the_engine_gets(policy):
    """Every number a policy sees in the engine is the one that `Moment.of` computes from the option."""
    run = hl.hedge(CALL, quantity=-50, policy=policy, **TERMS)
    books = run.ledger(9)
    last_traded = 100.0
    for step, (time, row) in enumerate(books.iloc[:-1].iterrows()):
        held = books.shares.iloc[step - 1] / 50 if step else 0.0
        moment = hl.Moment.of(
            CALL, spot=row.spot, volatility=0.3, held=held, step=step, time_left=0.25 - time, rate=0.03,
            quantity=-50, last_traded=last_traded,
        )  # fmt: skip
        assert row.shares / 50 == pytest.approx(float(policy.holding(moment)), abs=1e-9)
        last_traded = row.spot if row.traded else last_traded


def test_the_frontier_is_a_table_of_hedges_on_the_same_paths():
    policies = {"daily": hl.Clock(), "band": hl.DeltaBand(0.05)}
    costs = {"free": hl.NoCost(), "dear": hl.ProportionalCost(0.01)}
    table = hl.frontier(CALL, policies, costs, **TERMS)
    for (cost, policy), row in table.iterrows():
        run = hl.hedge(CALL, policy=policies[policy], cost=costs[cost], **TERMS)
        assert row["standard deviation"] == run.pnl.std(ddof=1)
        assert row["mean"] == run.pnl.mean()
    one = hl.frontier(CALL, policies, costs["dear"], **TERMS)
    assert one.equals(table.loc["dear"])


def test_the_frontier_of_one_path_has_no_spread():
    """As the summary: the two deviations and their errors are NaN, without a warning."""
    replay = hl.Replay([0, 0.1, 0.25], [100, 104, 99])
    policies = {"daily": hl.Clock(), "band": hl.DeltaBand(0.05)}
    table = hl.frontier(CALL, policies, hl.ProportionalCost(0.001), market=replay, volatility=0.2, seed=1)
    unknown = ["standard error", "standard deviation", "error of deviation", "error of cost"]
    assert table[unknown].isna().all(axis=None)
    assert table.drop(columns=unknown).notna().all(axis=None)


def test_the_frontiers_standard_errors_are_the_spread_over_seeds():
    tables = [
        hl.frontier(
            CALL, {"band": hl.DeltaBand(0.05)}, hl.ProportionalCost(0.01), **(TERMS | {"seed": seed, "rate": 0})
        )
        for seed in range(60)
    ]
    for value, error in (("mean", "standard error"), ("standard deviation", "error of deviation"),
                         ("cost", "error of cost")):  # fmt: skip
        spread = np.std([table[value]["band"] for table in tables], ddof=1)
        assert spread == pytest.approx(np.mean([table[error]["band"] for table in tables]), rel=0.35)


@pytest.mark.parametrize("volatility", [0.3, np.full(51, 0.3), "true"], ids=["number", "array", "true"])
def test_what_a_policy_and_a_cost_are_shown_is_not_theirs_to_change(volatility):
    """Each array, in a market whose variance moves and a book of two options that a third hedges."""
    shown = []

    def policy(moment):
        shown.extend([moment.spot, moment.delta, moment.held, moment.volatility, moment.last_traded])
        return 0.5 * (moment.delta + moment.held)

    class Cost(hl.NoCost):
        def charge(self, shares, price, volatility):
            shown.extend([shares, price, volatility])
            return np.zeros_like(price)

    market = hl.Heston(100, 0.09, mean_reversion=2, long_variance=0.09, vol_of_variance=0.3, correlation=-0.7)
    terms = TERMS | {"market": market, "volatility": volatility, "n_paths": 20}
    hl.hedge(
        {CALL: -1000, PUT: 400}, policy=policy, cost=Cost().charged(liquidation=True), **terms,
        overlay=hl.Overlay("delta-gamma", [LONG_CALL], policy=policy, cost=Cost().charged(liquidation=True)),
    )  # fmt: skip
    arrays = [each for each in shown if isinstance(each, np.ndarray)]
    assert len(arrays) > 500
    assert not any(each.flags.writeable for each in arrays)
