"""The walk against a loop in plain Python: any book, overlay, quote, belief, rule, cost, rate and account."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab import black_scholes

DATES = [0.0, 0.02, 0.05, 0.06, 0.1, 0.15]
MODEL = hl.Heston(100, 0.04, mean_reversion=2, long_variance=0.05, vol_of_variance=0.4, correlation=-0.6)
JUMPS = hl.Merton(100, 0.2, jump_rate=1.0, jump_mean=-0.1, jump_volatility=0.1)
OVERLAY = (hl.Option("call", 105, 0.5), hl.Option("put", 95, 0.4))
NAMES = {"delta-gamma": ["gamma"], "delta-vega": ["vega"], "delta-gamma-vega": ["gamma", "vega"]}


def smile(time, quote, option):
    return 0.18 + 0.3 * (option.strike / 100 - 1) ** 2 + 0.1 * np.sqrt(quote.variance)


def rising(time, quote, option):
    """What no option has at expiry: steeper, the less time is left."""
    return 0.2 + 0.001 * np.log(quote.spot / option.strike) ** 2 / np.sqrt(option.expiry - time)


FORMS = {"number": 0.23, "array": np.linspace(0.2, 0.3, len(DATES)), "smile": smile, "rising": rising,
         "true": "true", "Heston": MODEL, "Merton": JUMPS}  # fmt: skip


def greek(form, name, option, step, spot, variance, rates):
    """A Greek of one option by one of the forms, from the library's checked functions for single options."""
    time, left = DATES[step], option.expiry - DATES[step]
    if left <= 0:
        kink = 0.5 * np.sign(spot - option.strike) + (0.5 if option.kind == "call" else -0.5)
        return float(option.payoff(spot)) if name == "price" else float(kink) if name == "delta" else 0.0
    if isinstance(form, hl.Heston):
        view = SimpleNamespace(time=time, spot=np.array([spot]), quote=hl.Quote(spot, np.array([variance])))
        return float(np.ravel(form.pricer(rates).greeks((name,), option, view)[0])[0])
    if isinstance(form, hl.Merton):
        view = SimpleNamespace(time=time, spot=np.array([spot]))
        return float(np.ravel(form.pricer(rates).greeks((name,), option, view)[0])[0])
    if callable(form):
        form = form(time, hl.Quote(spot, variance), option)
    volatility = math.sqrt(variance) if isinstance(form, str) else np.ravel(form)[step if np.ndim(form) else 0]
    terms = (option.kind, spot, option.strike, left, volatility, *rates)
    return float(getattr(black_scholes.greeks(*terms), name))


def by_hand(book, spots, variances, terms):
    """One path's gain, trades, cost and final wealth."""
    belief, quotes, rates, overlay, (cash, shares, contracts) = terms["known"]
    options, last, cost, trades = (overlay.options if overlay else ()), len(DATES) - 1, 0.0, 0
    contracts = list(contracts or [0.0] * len(options))
    unit = sum(abs(number) for number in book.values()) or 1.0

    def now(form, name, option):
        return greek(form, name, option, step, spot, variances[step], rates)

    for step, spot in enumerate(spots):
        alive = {o: n for o, n in book.items() if o.expiry > DATES[step] or step == last == DATES.index(o.expiry)}
        worth = sum(
            n * now(quotes, "price", o) for o, n in [*alive.items(), *zip(options, contracts, strict=True)]
        )
        if step == 0 and terms["account"] is None:
            cash -= worth if terms["premium"] is None else terms["premium"]
            stake = 0.0
        elif step == 0:
            stake = cash + shares * spot + worth
        else:
            elapsed = DATES[step] - DATES[step - 1]
            cash += cash * math.expm1(rates[0] * elapsed) + shares * spot * math.expm1(rates[1] * elapsed)
            cash += sum(
                n * float(o.payoff(spot)) for o, n in book.items() if o.expiry == DATES[step] and o not in alive
            )
        if step == last:
            close = terms["rate"] * abs(shares) * spot if terms["liquidation"] else 0.0
            cost += close
            return cash - close + shares * spot + worth - stake, trades, cost, stake
        grown = math.exp(rates[0] * (DATES[last] - DATES[step]))
        if overlay:
            names = NAMES[overlay.target]
            matrix = [[now(belief, name, each) for each in options] for name in names]
            goal = -np.linalg.solve(
                matrix, [sum(n * now(belief, name, o) for o, n in alive.items()) for name in names]
            )
            if np.all(np.abs(goal) <= overlay.limit * unit):
                for k, each in enumerate(options):
                    price = now(quotes, "price", each)
                    charge = 0.01 * abs(goal[k] - contracts[k])
                    cash -= (goal[k] - contracts[k]) * price + charge
                    cost += charge * grown
                    contracts[k] = goal[k]
        held = [*alive.items(), *zip(options, contracts, strict=True)]
        wanted = -sum(n * now(belief, terms["rule"], o) for o, n in held)
        if abs(wanted - shares) / unit > terms["band"]:
            charge = terms["rate"] * abs(wanted - shares) * spot if step or terms["inception"] else 0.0
            cash -= (wanted - shares) * spot + charge
            cost, trades, shares = cost + charge * grown, trades + (wanted != shares), wanted


@st.composite
def cases(draw, target):
    """A hedge on one recorded path, in both forms."""
    moves = draw(st.lists(st.floats(-0.08, 0.08), min_size=5, max_size=5))
    spots = 100 * np.exp(np.cumsum([0.0, *moves]))
    variances = draw(st.lists(st.floats(0.005, 0.2), min_size=6, max_size=6))
    options = st.builds(hl.Option, st.sampled_from(["call", "put"]), st.sampled_from([90.0, 97.0, 104.0]),
                        st.sampled_from([0.06, 0.15, 0.3]))  # fmt: skip
    numbers = st.floats(-900, 900).filter(lambda number: abs(number) > 0.1)
    account = draw(st.sampled_from([None, hl.Account(1000.0), hl.Account(-50.0, 30.0)]))
    book = draw(st.dictionaries(options, numbers, max_size=3))
    if book or not account:  # something that lives as long as the record
        book |= {
            hl.Option("call", draw(st.sampled_from([95.0, 101.0])), draw(st.sampled_from([0.15, 0.3]))): -10.0
        }
    forms = list(FORMS)
    belief, quotes = FORMS[draw(st.sampled_from(forms))], FORMS[draw(st.sampled_from(forms))]
    if isinstance(belief, hl.Merton) and target in ("delta-vega", "delta-gamma-vega"):
        target = "delta-gamma"  # there is no vega in Merton's model
    rule = (
        "minimum_variance_delta" if isinstance(belief, hl.Heston | hl.Merton) and draw(st.booleans()) else "delta"
    )
    options = OVERLAY[: len(NAMES[target])] if target else ()
    overlay = hl.Overlay(target, options, cost=hl.HalfSpread(0.01), limit=5.0) if target else None
    if overlay and account and draw(st.booleans()):
        account = hl.Account(account.cash, account.shares, tuple(draw(st.floats(-20, 20)) for _ in options))
    if not book:
        overlay = None
        account = hl.Account(account.cash, account.shares)
    return book, spots, variances, {
        "known": (belief, quotes, draw(st.sampled_from([(0.0, 0.0), (0.05, 0.0), (-0.02, 0.03)])), overlay,
                  (account.cash, account.shares, account.contracts) if account else (0.0, 0.0, ())),
        "account": account, "rule": rule, "band": draw(st.sampled_from([0.0, 0.05])),
        "premium": None if account else draw(st.sampled_from([None, -100.0])),
        "rate": draw(st.sampled_from([0.0, 0.002])), "inception": draw(st.booleans()),
        "liquidation": draw(st.booleans()),
    }  # fmt: skip


@pytest.mark.parametrize("target", [None, *NAMES])
@settings(max_examples=125, deadline=None)  # 500 in all
@given(data=st.data())
def test_the_walk_is_the_loop(target, data):
    book, spots, variances, terms = data.draw(cases(target))
    belief, quotes, rates, overlay, _ = terms["known"]
    market = hl.Scenarios(DATES, spots[:, None], np.array(variances)[:, None])
    try:  # an overlay's options may have no vega left, say
        run = hl.hedge(
            book or None, market=market, horizon=DATES[-1],
            volatility=belief, quotes=quotes, delta=terms["rule"], rate=rates[0], dividend=rates[1],
            overlay=overlay, account=terms["account"], premium=terms["premium"],
            policy=hl.DeltaBand(terms["band"]),
            cost=hl.ProportionalCost(terms["rate"]).charged(
                inception=terms["inception"], liquidation=terms["liquidation"]
            ),
        )  # fmt: skip
    except ValueError as refused:
        if "must be able to offset" not in str(refused):
            raise
        return
    gain, trades, cost, stake = by_hand(book, spots, variances, terms)
    books = run.ledger()
    scale = 1 + np.abs(books[["cash", "option"]].to_numpy()).max() + np.abs(books.shares * books.spot).max()
    assert run.pnl[0] == pytest.approx(gain, abs=1e-12 * scale, rel=1e-12)
    assert run.cost[0] == pytest.approx(cost, abs=1e-12 * scale)
    assert run.wealth[0] == pytest.approx(gain + stake, abs=1e-12 * scale)
    assert run.trades[0] == trades
    parts = hl.explain(run)
    assert ("quote" in parts) == (run.hedge.quotes is not run.hedge.belief)
    assert parts.sum(axis=1)[0] == pytest.approx(run.pnl[0], abs=1e-9 * (scale + parts.abs().max(axis=None)))
