"""The engine against the books kept by hand, published tables, and an independent simulation."""

import csv
from pathlib import Path

import numpy as np
import pytest

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.markets import BLOCK

# Hull, Options, Futures, and Other Derivatives, table 19.2: week, stock price, delta, shares purchased, cost,
# cumulative cost and interest, the last three in thousands.  Rows are rounded as printed.
with (Path(__file__).parent / "hull_table_19_2.csv").open(encoding="utf-8") as table:
    HULL = list(csv.DictReader(table))

MARKET = hl.GBM(spot=100, volatility=0.3, drift=0.1)
OPTIONS = [hl.Option("call", strike=105, expiry=0.25), hl.Option("put", strike=95, expiry=0.25)]
POLICIES = [hl.Clock(), hl.Clock(every=7), hl.DeltaBand(0.05), hl.DeltaBand(0.03, to="edge")]


def hull_run():
    weekly = hl.Replay(np.arange(21) / 52, [float(row["stock"]) for row in HULL])
    return hl.hedge(
        hl.Option("call", strike=50, expiry=20 / 52),
        quantity=-100_000,
        market=weekly,
        volatility=0.20,
        rate=0.05,
        premium=0.0,
    )


def test_hulls_table_is_reproduced_row_by_row():
    ledger = hull_run().ledger()
    assert -ledger.cash.iloc[-1] == pytest.approx(5_263_300, abs=500)
    for row, (_, books) in zip(HULL, ledger.iterrows(), strict=True):
        assert books.delta == pytest.approx(float(row["delta"]), abs=5.1e-4)
        assert books.traded == pytest.approx(float(row["shares_purchased"]), abs=101)
        assert -books.cash == pytest.approx(1000 * float(row["cum_cost_k"]), abs=5_000)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.kind)
@pytest.mark.parametrize("policy", POLICIES, ids=repr)
@pytest.mark.parametrize("quantity", [-1000.0, 250.0])
def test_the_books_close_on_every_path(option, policy, quantity):
    """Self-financing: premium, trading gains, interest, dividends and costs add up to the P&L, path by path."""
    terms = {"rate": 0.04, "dividend": 0.02, "volatility": 0.25}
    paths = MARKET.simulate(option.expiry, steps=50, n_paths=200, seed=11)
    run = hl.hedge(
        option,
        quantity=quantity,
        market=MARKET,
        steps=50,
        n_paths=200,
        seed=11,
        policy=policy,
        cost=hl.ProportionalCost(0.002),
        **terms,
    )
    dt = np.diff(paths.times)
    cash = np.full(200, -quantity * black_scholes.price(option.kind, 100, option.strike, 0.25, 0.25, 0.04, 0.02))
    costs = np.zeros(200)
    held = np.zeros(200)
    for step, spot in enumerate(paths.spot[:-1]):
        delta = black_scholes.greeks(
            option.kind, spot, option.strike, 0.25 - paths.times[step], 0.25, 0.04, 0.02
        ).delta
        target = policy.holding(hl.Moment(step, 0.25 - paths.times[step], spot, delta, held))
        shares = -quantity * (target - held)
        charge = 0.002 * np.abs(shares) * spot
        cash = (cash - shares * spot - charge) * np.exp(0.04 * dt[step])
        costs = (costs + charge) * np.exp(0.04 * dt[step])
        held = target
        cash += -quantity * held * paths.spot[step + 1] * np.expm1(0.02 * dt[step])
    pnl = cash - quantity * held * paths.spot[-1] + quantity * option.payoff(paths.spot[-1])
    scale = np.abs(quantity) * 100
    np.testing.assert_allclose(run.pnl, pnl, rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(run.cost, costs, rtol=1e-9)


def test_each_row_of_a_ledger_follows_from_the_row_before():
    run = hl.hedge(
        OPTIONS[0], quantity=-1000, market=MARKET, steps=40, n_paths=BLOCK + 5, seed=3, volatility=0.3, rate=0.05,
        cost=hl.ProportionalCost(0.001), policy=hl.DeltaBand(0.04),
    )  # fmt: skip
    for path in (0, BLOCK - 1, BLOCK + 4):
        books = run.ledger(path)
        np.testing.assert_allclose(books.shares.diff().iloc[1:], books.traded.iloc[1:], atol=1e-9)
        bought = books.traded * books.spot + books.cost
        np.testing.assert_allclose(books.cash.diff().iloc[1:], (books.interest - bought).iloc[1:], atol=1e-7)
        assert books.pnl.iloc[-1] == pytest.approx(run.pnl[path], rel=1e-12)
        assert (books.traded != 0).sum() == run.trades[path]
        assert books.pnl.iloc[0] == pytest.approx(-books.cost.iloc[0])  # sold at the model's price


def independent_hedging_errors(n_steps, n_paths, seed):
    """Derman and Kamal's option hedged by a full-matrix simulation that shares no code with hedgelab."""
    from scipy.stats import norm

    spot, strike, expiry, sigma, rate = 100.0, 100.0, 1 / 12, 0.20, 0.05
    dt = expiry / n_steps
    shocks = np.random.default_rng(seed).normal(size=(n_paths, n_steps))
    growth = np.cumsum((rate - sigma**2 / 2) * dt + sigma * np.sqrt(dt) * shocks, axis=1)
    paths = spot * np.exp(np.hstack([np.zeros((n_paths, 1)), growth]))
    left = expiry - dt * np.arange(n_steps)
    d1 = (np.log(paths[:, :-1] / strike) + (rate + sigma**2 / 2) * left) / (sigma * np.sqrt(left))
    deltas = norm.cdf(d1)
    premium = spot * norm.cdf(d1[0, 0]) - strike * np.exp(-rate * expiry) * norm.cdf(
        d1[0, 0] - sigma * np.sqrt(expiry)
    )
    discounted = paths * np.exp(-rate * dt * np.arange(n_steps + 1))
    gains = (deltas * np.diff(discounted, axis=1)).sum(axis=1)
    return premium + gains - np.exp(-rate * expiry) * np.maximum(paths[:, -1] - strike, 0)


@pytest.mark.parametrize(("n_steps", "formula"), [(21, 0.443), (84, 0.222)])
def test_the_hedging_error_agrees_with_an_independent_simulation(n_steps, formula):
    """Derman & Kamal (1999): sd close to sqrt(pi / 4) vega sigma / sqrt(N), which the text shows beside it."""
    n_paths = 40_000
    run = hl.hedge(
        hl.Option("call", strike=100, expiry=1 / 12),
        market=hl.GBM(spot=100, volatility=0.20, drift=0.05),
        steps=n_steps,
        n_paths=n_paths,
        seed=21,
        volatility=0.20,
        rate=0.05,
    )
    ours = run.pnl * np.exp(-0.05 / 12)
    other = independent_hedging_errors(n_steps, n_paths, seed=84)

    def spread_and_error(sample):
        """The standard deviation and its standard error, which fat tails make wider than the normal's."""
        variance = sample.var()
        fourth = ((sample - sample.mean()) ** 4).mean()
        return np.sqrt(variance), np.sqrt((fourth - variance**2) / n_paths) / (2 * np.sqrt(variance))

    (sd, error), (other_sd, other_error) = spread_and_error(ours), spread_and_error(other)
    assert abs(sd - other_sd) < 3 * np.hypot(error, other_error)
    assert abs(ours.mean()) < 3 * sd / np.sqrt(n_paths)
    vega = black_scholes.greeks("call", 100, 100, 1 / 12, 0.20, 0.05).vega
    law = np.sqrt(np.pi / 4) * vega * 0.20 / np.sqrt(n_steps)
    assert law == pytest.approx(formula, abs=5e-4)
    assert sd == pytest.approx(law, rel=0.05)  # the leading term only; at 21 it is about 4 % high


def test_hedging_at_the_true_volatility_locks_in_the_premium_difference():
    # Ahmad & Wilmott (2005): actual 30 %, implied 20 %; present value 3.780671.
    implied = black_scholes.price("call", 100, 100, 1, 0.20, 0.05)
    run = hl.hedge(
        hl.Option("call", strike=100, expiry=1),
        quantity=1,
        market=hl.GBM(spot=100, volatility=0.30, drift=0.05),
        steps=500,
        n_paths=4000,
        seed=5,
        volatility=0.30,
        rate=0.05,
        premium=implied,
    )
    present_value = run.pnl * np.exp(-0.05)
    assert present_value.mean() == pytest.approx(3.780671, abs=3 * run.standard_error())
    assert present_value.std() < 0.6  # what discreteness leaves of it


def test_the_same_seed_gives_the_same_run_and_simulate_shows_its_paths():
    terms = {"quantity": -1, "market": MARKET, "steps": 10, "n_paths": BLOCK + 10, "volatility": 0.3}
    first, again, other = (hl.hedge(OPTIONS[0], seed=seed, **terms) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.pnl, again.pnl)
    assert not np.array_equal(first.pnl, other.pnl)
    paths = MARKET.simulate(0.25, steps=10, n_paths=BLOCK + 10, seed=1)
    np.testing.assert_array_equal(first.ledger(BLOCK + 9).spot, paths.spot[:, BLOCK + 9])


def test_a_seed_sequence_is_left_as_it_was_and_a_generator_moves_on():
    sequence, generator = np.random.SeedSequence(5), np.random.default_rng(5)
    terms = {"market": MARKET, "steps": 4, "volatility": 0.3}
    first, again = (hl.hedge(OPTIONS[0], seed=sequence, **terms).pnl for _ in range(2))
    np.testing.assert_array_equal(first, again)
    first, again = (hl.hedge(OPTIONS[0], seed=generator, **terms).pnl for _ in range(2))
    assert first != again


def test_a_hedged_call_and_a_hedged_put_are_the_same_bet():
    runs = [
        hl.hedge(hl.Option(kind, 100, 0.5), quantity=-100, market=MARKET, steps=30, n_paths=50, seed=9,
                 volatility=0.2, rate=0.03, dividend=0.01)
        for kind in ("call", "put")
    ]  # fmt: skip
    np.testing.assert_allclose(runs[0].pnl, runs[1].pnl, atol=1e-8)


def test_the_gap_of_october_1987_breaks_the_replica():
    # An independent calculation: strike 90, 3 months, spot 100, volatility 20 %, gap -20.47 %.
    put = black_scholes.greeks("put", 100, 90, 0.25, 0.20)
    gain = black_scholes.price("put", 100 * (1 - 0.2047), 90, 0.25, 0.20) - put.price
    replica = put.delta * -20.47
    assert [gain, replica, gain - replica] == pytest.approx([10.20, 2.76, 7.44], abs=5e-3)


TERMS = {"market": MARKET, "volatility": 0.25, "steps": 10, "rate": 0.04, "dividend": 0.02}


def test_every_row_of_a_ledger_is_marked_to_the_model():
    books = hl.hedge(OPTIONS[1], quantity=250, seed=3, **TERMS).ledger()
    time_left = 0.25 - books.index.to_numpy()
    value = 250 * black_scholes.price("put", books.spot, 95, time_left, 0.25, 0.04, 0.02)
    np.testing.assert_allclose(books.option, value, rtol=1e-12)
    np.testing.assert_allclose(books.pnl, books.cash + books.shares * books.spot + value, atol=1e-9)


def test_the_ledger_of_a_replay_is_indexed_by_its_dates():
    dates = ["1987-10-15", "1987-10-16", "1987-10-19"]
    run = hl.hedge(hl.Option("call", 300, 4 / 365), market=hl.Replay(dates, [298.0, 282.0, 224.0]), volatility=0.2)
    assert run.ledger().index.strftime("%Y-%m-%d").tolist() == dates


def test_the_summary_states_the_sample_and_its_error():
    run = hl.hedge(OPTIONS[0], seed=3, n_paths=3, **TERMS)
    spread = np.sqrt(((run.pnl - run.pnl.mean()) ** 2).sum() / 2)
    summary = run.summary()
    assert summary["standard deviation"] == pytest.approx(spread)
    assert summary["standard error"] == pytest.approx(spread / np.sqrt(3)) == run.standard_error()
    assert np.isnan(hl.hedge(OPTIONS[0], seed=3, **TERMS).summary()["standard error"])


def test_children_of_a_seed_and_different_generators_give_different_paths():
    seeds = [*np.random.SeedSequence(5).spawn(2), *(np.random.default_rng(seed) for seed in range(50))]
    assert len({hl.hedge(OPTIONS[0], seed=seed, **TERMS).pnl[0] for seed in seeds}) == len(seeds)


def test_a_market_may_reuse_its_own_array():
    class Reuses(hl.GBM):
        def stream(self, times, n_paths, generator):
            own = np.empty(n_paths)
            for spot in super().stream(times, n_paths, generator):
                own[:] = spot
                yield own

    terms = {**TERMS, "n_paths": 20, "seed": 3}
    reuses = hl.hedge(OPTIONS[0], **{**terms, "market": Reuses(spot=100, volatility=0.3, drift=0.1)})
    usual = hl.hedge(OPTIONS[0], **terms)
    np.testing.assert_array_equal(reuses.pnl, usual.pnl)
    np.testing.assert_array_equal(reuses.ledger(7), usual.ledger(7))


def test_a_policy_may_reuse_its_own_array():
    class Reuses:
        own = None

        def holding(self, moment):
            self.own = np.empty_like(moment.delta) if self.own is None else self.own
            self.own[:] = moment.delta
            return self.own

    runs = [hl.hedge(OPTIONS[0], seed=3, n_paths=20, policy=policy, **TERMS) for policy in (Reuses(), hl.Clock())]
    np.testing.assert_array_equal(runs[0].pnl, runs[1].pnl)
