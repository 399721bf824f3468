"""The walk, its costs, last trades and explanation against one path's books in plain Python, on uneven dates."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab import black_scholes

DATES = [0.0, 0.01, 0.05, 0.06, 0.14, 0.16, 0.25, 0.26, 0.33]
NEAR, FAR, OTHER = 0.14, 0.33, 0.33  # one option expires on the way, the others with the record
BELIEFS = {"near": 0.25, "far": 0.32, "other": 0.28}


def greek(name, option, spot, time, volatility, rate, dividend):
    """One Greek of one option at one time, 0 or the payoff once it has expired."""
    left = option.expiry - time
    if left <= 0:
        return float(option.payoff(spot)) if name == "price" else 0.0
    terms = (option.kind, spot, option.strike, left, volatility, rate, dividend)
    return float(getattr(black_scholes.greeks(*terms), name))


def by_hand(prices, book, other, *, volatility, width, limit, rates, spread, fee, instrument_rate, liquidation):
    """P&L, trades and ledger rows of a hedge with shares and one other option, each traded when the spot moved."""
    rate, dividend = rates
    shares = contracts = cash = 0.0
    anchor = other_anchor = prices[0]
    trades, rows = 0, []
    total = sum(abs(number) for number in book.values())
    for step, (time, spot) in enumerate(zip(DATES, prices, strict=True)):
        last = step == len(DATES) - 1
        if step == 0:
            cash -= sum(n * greek("price", o, spot, 0, volatility[o], *rates) for o, n in book.items())
        else:
            dt = time - DATES[step - 1]
            interest = cash * math.expm1(rate * dt) + shares * spot * math.expm1(dividend * dt)
            cash += interest
        for option, number in book.items():
            if option.expiry == time and not last:
                cash += number * float(option.payoff(spot))
        live = {o: n for o, n in book.items() if o.expiry > time}
        seen = live or {option: number for option, number in book.items() if option.expiry == time}
        believed = sum(abs(n) * volatility[o] for o, n in seen.items()) / sum(abs(n) for n in seen.values())
        charge = 0.0

        def dear(value, believed=believed):
            return spread * (believed / 0.2) * abs(value)

        price = greek("price", other, spot, time, volatility[other], *rates)
        if not last:
            gamma = sum(n * greek("gamma", o, spot, time, volatility[o], *rates) for o, n in live.items())
            own = greek("gamma", other, spot, time, volatility[other], *rates)
            wanted = -gamma / own
            if abs(wanted) > limit * total:
                wanted = contracts
            if step and abs(spot / other_anchor - 1) <= width:
                wanted = contracts
            if abs(wanted - contracts) <= 1e-12 * total:  # rounding
                wanted = contracts
            if wanted != contracts:
                other_anchor = spot
            charge += instrument_rate * abs(wanted - contracts) * price
            cash -= (wanted - contracts) * price
            contracts = wanted
            delta = sum(n * greek("delta", o, spot, time, volatility[o], *rates) for o, n in live.items())
            delta += contracts * greek("delta", other, spot, time, volatility[other], *rates)
            target = -delta
            if step and abs(spot / anchor - 1) <= width:
                target = shares
            if abs(target - shares) <= 1e-12 * total:
                target = shares
            if target != shares:
                anchor, trades = spot, trades + 1
                charge += dear((target - shares) * spot) + fee
            cash -= (target - shares) * spot
            shares = target
        elif liquidation:
            charge += (dear(shares * spot) + fee if shares else 0.0) + instrument_rate * abs(contracts) * price
        cash -= charge
        rows.append((spot, shares, contracts, cash, charge))
    end = len(DATES) - 1
    owed = sum(n * float(o.payoff(prices[end])) for o, n in book.items() if o.expiry >= DATES[end])
    owed += contracts * greek("price", other, prices[end], DATES[end], volatility[other], *rates)
    return cash + shares * prices[end] + owed, trades, rows


@settings(max_examples=150, deadline=None)
@given(
    moves=st.lists(st.floats(-0.08, 0.08), min_size=8, max_size=8),
    numbers=st.tuples(st.floats(-9, 9), st.floats(-9, 9)).filter(lambda pair: min(map(abs, pair)) > 0.1),
    kinds=st.tuples(st.sampled_from(["call", "put"]), st.sampled_from(["call", "put"])),
    outlives=st.booleans(),
    rates=st.tuples(st.sampled_from([0.0, 0.05, -0.01]), st.sampled_from([0.0, 0.03])),
    width=st.sampled_from([0.0, 0.03]),
    liquidation=st.booleans(),
    swap=st.booleans(),
)
def test_the_walk_agrees_with_books_in_plain_python(
    moves, numbers, kinds, outlives, rates, width, liquidation, swap
):
    prices = 100 * np.exp(np.cumsum([0.0, *moves]))
    near, far = hl.Option(kinds[0], 101, NEAR), hl.Option(kinds[1], 97, FAR)
    other = hl.Option("call", 103, 0.6 if outlives else OTHER)
    volatility = dict(zip((near, far, other), BELIEFS.values(), strict=True))
    items = list(zip((near, far), numbers, strict=True))

    def closing(cost):
        return cost.charged(liquidation=liquidation)

    run = hl.hedge(
        dict(items[::-1] if swap else items),
        market=hl.Replay(DATES, prices),
        volatility=lambda time, quote, option: volatility[option],
        overlay=hl.Overlay(
            "delta-gamma", [other], hl.MoveBand(width), closing(hl.ProportionalCost(0.004)), limit=1e3
        ),
        policy=hl.MoveBand(width),
        cost=closing(hl.VolatilitySpread(0.001, reference_volatility=0.2, power=1.0) + hl.FixedCost(0.02)),
        rate=rates[0],
        dividend=rates[1],
    )
    expected, trades, rows = by_hand(
        prices, dict(items), other, volatility=volatility, width=width, limit=1e3, rates=rates, spread=0.001,
        fee=0.02, instrument_rate=0.004, liquidation=liquidation,
    )  # fmt: skip
    scale = 1 + max(abs(each) for row in rows for each in row)
    assert run.pnl[0] == pytest.approx(expected, abs=1e-11 * scale)
    assert abs(run.trades[0] - trades) <= 0
    books = run.ledger()
    for name, column in (("shares", 1), (str(other), 2), ("cash", 3), ("cost", 4)):
        np.testing.assert_allclose(books[name], [row[column] for row in rows], rtol=1e-9, atol=1e-10 * scale)
    parts = hl.explain(run)
    assert parts.sum(axis=1)[0] == pytest.approx(run.pnl[0], abs=1e-9 * scale)
    assert parts.cost[0] == pytest.approx(-books.cost.sum(), abs=1e-9 * scale)
