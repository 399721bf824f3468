"""The parts of a P&L add up to it, and each is what its name says."""

import tracemalloc

import numpy as np
import pytest
from examples import COSTS, POLICIES, made, simulated
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl

RETURNS = np.random.default_rng(3).normal(0, 0.02, 50)
MARKETS = [
    *simulated().values(),
    hl.GBM(spot=100, volatility=0.0),
    hl.Merton(spot=100, volatility=0.2, jump_rate=20.0, jump_mean=-0.1, jump_volatility=0.2),
    hl.Heston(
        spot=100, variance=0.04, mean_reversion=2.0, long_variance=0.05, vol_of_variance=0.9, correlation=-0.7
    ),
    hl.Replay(np.arange(7) / 24, 100 * np.exp(np.cumsum(RETURNS[:7]))),
]
RULES = [*made(POLICIES).values(), hl.Clock(), hl.DeltaBand(0.05), lambda moment: 0.5 * moment.delta]
CHARGES = [*made(COSTS).values(), hl.SquareRootImpact(1e4), hl.ProportionalCost(0.001) + hl.FixedCost(0.01)]
TARGETS = {
    None: [],
    "delta-gamma": [hl.Option("call", 105, 0.5)],
    "delta-vega": [hl.Option("put", 95, 1.0)],
    "delta-gamma-vega": [hl.Option("call", 105, 0.5), hl.Option("put", 95, 1.0)],
}
VOLATILITIES = [
    0.05,
    0.2,
    0.8,
    "true",
    lambda time, quote, option: 0.2 + 0.1 * np.abs(quote.spot / option.strike - 1),
]
EXPIRIES = [2 / 24, 4 / 24, 6 / 24]

options = st.builds(hl.Option, st.sampled_from(["call", "put"]), st.floats(50, 200), st.sampled_from(EXPIRIES))
books = st.dictionaries(
    options, st.floats(-1e4, 1e4).filter(lambda number: abs(number) > 1e-3), min_size=1, max_size=3
)


@st.composite
def runs(draw):
    """A hedge of any book in any market, by any policy, at any cost, to any target."""
    market = draw(st.sampled_from(MARKETS))
    target = draw(st.sampled_from(list(TARGETS)))
    replay = isinstance(market, hl.Replay)
    knows = isinstance(market, hl.Heston) or getattr(market, "volatility", 0.0) > 0
    volatilities = [each for each in VOLATILITIES if knows or each != "true"]
    book = draw(books)
    horizon = max(option.expiry for option in book)
    charged = {"inception": draw(st.booleans()), "liquidation": draw(st.booleans())}
    stock, options = (draw(st.sampled_from(CHARGES)).charged(**charged) for _ in range(2))
    return hl.hedge(
        book,
        market=market,
        overlay=hl.Overlay(target, TARGETS[target], cost=options) if target else None,
        volatility=draw(st.sampled_from(volatilities)),
        steps=None if replay else round(horizon * 24),
        n_paths=1 if replay else draw(st.integers(1, 80)),
        seed=draw(st.integers(0, 2**32)),
        policy=draw(st.sampled_from(RULES)),
        cost=stock,
        rate=draw(st.sampled_from([0.0, 0.05, -0.02])),
        dividend=draw(st.sampled_from([0.0, 0.03])),
        premium=draw(st.sampled_from([None, 0.0, 1.5])),
    )


@settings(max_examples=300, deadline=None)  # of forty paths each, on average
@given(runs())
def test_the_parts_sum_to_the_pnl(run):
    """Relative to the amounts at stake: a P&L may be nearly zero while millions change hands."""
    parts = hl.explain(run)
    books = run.ledger()
    at_stake = parts.abs().sum(axis=1) + np.abs(books.shares * books.spot).max() + np.abs(books.cash).max()
    assert np.isfinite(parts.to_numpy()).all()
    rounding = 1e-13 * run.hedge.unit * run.hedge.market.spot  # of other paths, which may trade when this does not
    assert (np.abs(parts.sum(axis=1) - run.pnl) <= 1e-9 * at_stake + rounding).all()
    steps = hl.explain(run, path=0)
    assert (np.abs(steps.sum() - parts.loc[0]) <= 1e-9 * at_stake[0]).all()
    running = steps.sum(axis=1).cumsum()
    assert (np.abs(running - books.pnl) <= 1e-9 * at_stake[0]).all()


CALL = hl.Option("call", strike=100, expiry=0.25)
TERMS = {"market": hl.GBM(100, 0.2), "volatility": 0.2, "n_paths": 4000, "seed": 1}


def test_each_part_is_what_its_name_says():
    """One path of one short call, its parts computed from the public Greeks."""
    run = hl.hedge(CALL, quantity=-10, steps=5, rate=0.03, cost=hl.ProportionalCost(0.001), premium=5.0,
                   policy=hl.DeltaBand(0.1), **TERMS)  # fmt: skip
    books, parts = run.ledger(3), hl.explain(run, path=3)
    for step in range(1, 6):
        before, after = books.iloc[step - 1], books.iloc[step]
        left = 0.25 - books.index[step - 1]
        greeks = hl.black_scholes.greeks("call", before.spot, 100, left, 0.2, 0.03)
        move, elapsed = after.spot - before.spot, books.index[step] - books.index[step - 1]
        row = parts.iloc[step]
        assert row.delta == pytest.approx((-10 * greeks.delta + before.shares) * move)
        assert row.gamma == pytest.approx(-10 * 0.5 * greeks.gamma * move**2)
        assert row.theta == pytest.approx(-10 * greeks.theta * elapsed)
        assert row.financing == pytest.approx(after.interest)
        assert row.cost == -after.cost
        assert (row[["vega", "vanna", "volga", "premium"]] == 0).all()
    value = hl.black_scholes.price("call", 100, 100, 0.25, 0.2, 0.03)
    assert parts.premium.iloc[0] == pytest.approx(-10 * (value - 5.0))
    totals = hl.explain(run)
    for path in range(20):
        assert totals.cost[path] == pytest.approx(-run.ledger(path).cost.sum())


def test_the_residual_vanishes_as_the_steps_shrink():
    """Third order in the moves: a quarter of the step leaves about half of what each path left before."""
    left = [hl.explain(hl.hedge(CALL, steps=steps, **TERMS)).residual.std() for steps in (16, 64, 256)]
    assert left[1] < 0.7 * left[0]
    assert left[2] < 0.7 * left[1]


def test_gamma_pays_theta_on_average_when_realised_is_implied():
    parts = hl.explain(hl.hedge(CALL, steps=63, **TERMS))
    both = parts.gamma + parts.theta + parts.residual
    assert abs(both.mean()) < 3 * both.std() / np.sqrt(len(both))
    assert parts.theta.mean() > 1.9


def test_a_move_of_volatility_is_vega():
    """The hedger's volatility jumps once while the spot stays: vega, volga, and little else."""
    shift = lambda time, quote, option: 0.2 if time < 0.1 else 0.22  # noqa: E731
    still = hl.GBM(100, 0.0)
    parts = hl.explain(hl.hedge(CALL, market=still, volatility=shift, steps=50), path=0)
    change = parts.loc[(parts.vega != 0)]
    assert len(change) == 1
    left = 0.25 - (change.index[0] - 0.005)
    greeks = hl.black_scholes.greeks("call", 100, 100, left, 0.2)
    assert change.vega.iloc[0] == pytest.approx(-greeks.vega * 0.02)
    assert change.volga.iloc[0] == pytest.approx(-greeks.volga * 0.02**2 / 2)
    assert abs(change.residual.iloc[0]) < 0.02 * abs(change.vega.iloc[0])  # the cross term with time


def test_vanna_is_the_cross_term_of_spot_and_volatility():
    """Both move at once, either way: the term has the sign and size of the Greek, and closes the expansion."""
    option = hl.Option("call", 110, 0.5)
    for move, shift in ((0.05, 0.03), (0.05, -0.03), (-0.05, 0.03)):
        replay = hl.Replay([0, 0.01], [100, 100 * (1 + move)])
        run = hl.hedge(option, quantity=-7, market=replay, horizon=0.01, volatility=[0.2, 0.2 + shift])
        parts = hl.explain(run, path=0).iloc[-1]
        greeks = hl.black_scholes.greeks("call", 100, 110, 0.5, 0.2)
        assert parts.vanna == pytest.approx(-7 * greeks.vanna * 100 * move * shift)
        assert abs(parts.residual) < 0.6 * abs(parts.vanna)


def test_an_option_that_expires_leaves_no_vega_at_its_last_step():
    """Its last step is one of spot and time alone, on the way or at the end."""
    near, far = hl.Option("call", 100, 0.1), hl.Option("call", 100, 0.2)

    def volatility(time, quote, option):
        return 0.2 + time

    replay = hl.Replay([0, 0.1, 0.2], [100, 103, 101])
    run = hl.hedge({near: -1, far: -1}, market=replay, volatility=volatility)
    steps = hl.explain(run, path=0)
    far_vega = hl.black_scholes.greeks("call", 100, 100, 0.2, 0.2).vega
    assert steps.vega.iloc[1] == pytest.approx(-far_vega * 0.1)
    assert steps.vega.iloc[2] == 0


def test_a_policy_that_remembers_is_found_out():
    class Counts:
        asked = 0

        def holding(self, moment):
            self.asked += 1
            return moment.delta + 0.01 * self.asked

    run = hl.hedge(CALL, steps=5, policy=Counts(), **TERMS)
    for explain in (lambda: hl.explain(run), lambda: hl.explain(run, path=0)):
        with pytest.raises(ValueError, match="walked again, the path differs"):
            explain()


def test_explaining_one_path_keeps_what_belongs_to_it():
    """Not the thousand paths with which it shares its random numbers."""
    run = hl.hedge(
        hl.Option("call", 100, 0.25), market=MARKETS[0], volatility=0.2, steps=1000, n_paths=1000, seed=1
    )
    tracemalloc.start()
    hl.explain(run, path=3)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10e6


def test_a_term_that_no_double_holds_is_left_to_the_residual():
    """A volatility of 1e308 for a step: its square is infinite, and nought times that no number."""
    terms = {"method": hl.RealPut(), "quotes": np.array([0, 0, 1e308, 0]), "steps": 3, "n_paths": 2, "seed": 1}
    run = hl.insure(100, 0.9, 1, hl.GBM(100, 0.2), **terms)
    np.testing.assert_allclose(hl.explain(run).sum(axis=1), run.pnl, rtol=0, atol=1e-9)
