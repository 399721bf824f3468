"""Whatever goes in, what comes out is a number, a documented NaN, or a ValueError: never a warning or a crash."""

import numpy as np
import pytest
from examples import COSTS, MARKETS, POLICIES
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab import black_scholes

OPTION = {
    "kind": "call",
    "spot": 100.0,
    "strike": 105.0,
    "expiry": 0.25,
    "volatility": 0.2,
    "rate": 0.03,
    "dividend": 0.01,
}
IMPLIED = {"price": 4.0} | {name: value for name, value in OPTION.items() if name != "volatility"}
MOMENT = hl.Moment.of(hl.Option("call", 105, 0.25), spot=np.array([90.0, 100.0]), volatility=0.2, rate=0.03)
HEDGE = {
    "option": hl.Option("call", 105, 0.25), "market": hl.GBM(100, 0.2), "volatility": 0.2, "quotes": 0.21,
    "delta": "delta", "quantity": -10.0, "steps": 3, "n_paths": 2, "seed": 1, "policy": hl.Clock(),
    "cost": hl.ProportionalCost(0.001), "rate": 0.03, "dividend": 0.01, "premium": 2.0, "horizon": 0.2,
}  # fmt: skip
OVERLAY = {
    "target": "delta-gamma", "options": (hl.Option("put", 95, 0.5),), "policy": hl.Clock(), "cost": hl.NoCost(),
    "limit": 5.0,
}  # fmt: skip
ACCOUNT = {"cash": 1e3, "shares": -3.0, "contracts": ()}
INSURE = {
    "value": 1e3, "floor": 0.9, "horizon": 0.25, "market": hl.GBM(100, 0.2), "method": hl.CPPI(4), "steps": 3,
    "n_paths": 2, "seed": 1, "policy": hl.Clock(), "cost": hl.ProportionalCost(0.001), "rate": 0.03,
    "dividend": 0.01, "volatility": 0.2, "quotes": 0.21,
}  # fmt: skip
TRADE = {"shares": np.array([-5.0, 0.0]), "spot": 100.0, "volatility": 0.2}
PATHS = {"expiry": 0.25, "steps": 3, "n_paths": 2, "seed": 1}


def hedge(**terms):
    """The P&L of a hedge, and all that can be asked of it."""
    run = hl.hedge(terms.pop("option"), **terms)
    return run.pnl, run.cost, run.trades, run.wealth, run.ledger().to_numpy(), hl.explain(run).to_numpy()


def overlaid(**terms):
    return hedge(**HEDGE, overlay=hl.Overlay(**terms))


def begun(**terms):
    return hedge(
        **{name: value for name, value in HEDGE.items() if name != "premium"}, account=hl.Account(**terms)
    )


def insure(**terms):
    """What an insured fund ends with, and all that can be asked of it but two things that need not be finite.

    They are an omega, and the delta of a put that is bought at a volatility beyond all bounds.
    """
    run = hl.insure(**terms)
    books = run.ledger().drop(columns="delta")
    books.exposure = books.exposure.where(books.wealth.abs() > 0, 0.0)
    return (run.wealth, run.cost, run.shortfall, run.given_up, run.turnover, books.to_numpy(),
            run.summary().drop("omega").to_numpy(), hl.explain(run).to_numpy())  # fmt: skip


def method(kind):
    return lambda **settings: hl.insure(**(INSURE | {"method": kind(**settings)})).wealth


def computed(**how):
    with hl.computing(**how):
        return hedge(**HEDGE)


def crowded(**terms):
    """All that comes of a crowd's market, at good terms where none is given."""
    good = {"news": hl.GBM(100, 0.2), "depth": hl.LinearDepth(1e3), "reference": 101.0}
    market = hl.CrowdMarket(**(good | terms))
    done = hl.crowd.episode(market, **PATHS)
    books = hl.crowd.books(market, **(PATHS | {"n_paths": 1})).to_numpy()
    return market.simulate(**PATHS).spot, done.low, done.bought, done.still_called, done.stopped, books


def paths(market):
    return lambda **terms: tuple(part for part in market.simulate(**terms) if part is not None)


def market(kind):
    """The paths of such a market; of one that is recorded, those that there are."""
    how = {"expiry": 0.2} if hasattr(kind, "recorded") else PATHS
    return lambda **terms: paths(kind(**terms))(**how)


def greeks_of(kind):
    return lambda **terms: tuple(kind(**terms).greeks(hl.Option("call", 100, 0.5)))


SVI = {"a": 0.01, "b": 0.1, "rho": -0.5, "m": 0.02, "sigma": 0.15, "expiry": 0.5}
K = np.array([-0.4, -0.2, -0.1, 0.0, 0.1, 0.3])
QUOTED = {
    "log_moneyness": K, "volatility": hl.SVI(**SVI).volatility(K), "expiry": 0.5, "weights": np.arange(1.0, 7.0),
    "bid": hl.SVI(**SVI).volatility(K) - 0.01, "ask": hl.SVI(**SVI).volatility(K) + 0.01,
}  # fmt: skip
SURFACE = {name: np.tile(column, 2) for name, column in QUOTED.items() if name != "expiry"} | {
    "expiry": np.repeat([0.5, 0.7], 6), "spot": 100.0, "forwards": [100.0, 101.0],
}  # fmt: skip
CHAIN = {
    "kind": np.repeat(["put", "call"], 6), "strike": np.tile([80.0, 85, 90, 100, 110, 120], 2),
    "expiry": np.full(12, 0.5), "bid": [0.5, 0.8, 1.3, 4.9, 11.5, 21, 21, 16, 11.5, 5, 1.4, 0.4],
    "ask": [0.6, 0.9, 1.5, 5.1, 12, 22, 22, 17, 12, 5.2, 1.6, 0.5], "spot": 100.0, "rate": 0.01,
}  # fmt: skip


def asked(smile):
    """What a slice answers; its wings may be of any depth, and its middle."""
    found = smile.butterfly(-1.0, 1.0)
    return (*(ask(K) for ask in (smile.volatility, smile.total_variance, smile.skew, smile.g, smile.density)),
            found.least, found.where)  # fmt: skip


def asked_at(smile):
    return lambda **terms: tuple(ask(**terms) for ask in (smile.volatility, smile.skew, smile.g, smile.density))


def surfaced(surface):
    """What a surface answers."""
    found = surface.calendar(-1.0, 1.0)
    return (surface([90.0, 110.0], 0.6), surface.volatility(K, 0.3), surface.forward([0.0, 0.4, 2.0]),
            tuple(each.gap for each in found.crossings), *asked(surface.slice(0.6)))  # fmt: skip


def chained(**terms):
    """What a chain of quotes leads to."""
    quotes = hl.Quotes(**terms)
    return surfaced(quotes.fit()), tuple(quotes.volatilities)


def cost(kind):
    return lambda **terms: kind(**terms).charge(**TRADE)


def policy(kind):
    return lambda **settings: kind(**settings).holding(MOMENT)


def each(table, what):
    """What is called for each row of a table, and its arguments, if there are any to spoil."""
    return {name: (what(getattr(hl, name)), terms) for name, terms in table.items() if terms}


CALLS = {
    "price": (black_scholes.price, OPTION),
    "greeks": (lambda **terms: tuple(black_scholes.greeks(**terms)), OPTION),
    "implied_volatility": (lambda **terms: black_scholes.implied_volatility(**terms), IMPLIED),
    "Option": (lambda **terms: hl.Option(**terms).payoff(100.0), {"kind": "put", "strike": 100.0, "expiry": 0.25}),
    "payoff": (hl.Option("put", 100, 0.25).payoff, {"spot": 90.0}),
    "simulate": (paths(hl.GBM(100, 0.2)), PATHS),
    **each(MARKETS, market),
    **{f"greeks of {name}": (greeks_of(getattr(hl, name)), terms) for name, terms in MARKETS.items()
       if hasattr(getattr(hl, name), "greeks")},
    **each(COSTS, cost),
    **each(POLICIES, policy),
    "LearnedDelta": (
        lambda **terms: tuple(hl.LearnedDelta(**terms).shares([0.3, -0.4], 20.0, 100.0, 0.25)),
        {"a": -0.25, "b": 0.4, "c": -0.3, "errors": (0.1, 0.1, 0.1), "in_sample": 0.1},
    ),
    "shares of LearnedDelta": (
        hl.LearnedDelta(-0.25, 0.4, -0.3).shares, {"delta": 0.3, "vega": 20.0, "spot": 100.0, "expiry": 0.25}
    ),
    "gain": (
        lambda **terms: (lambda seen: (seen.gain(0.4), hl.LearnedDelta(0.1, 0.2, 0.3).gain(seen)))(
            hl.learning.DailyChanges(**terms)
        ),
        {"path": 0, "day": np.arange(4), "spot": 100.0, "expiry": [0.25, 0.24, 0.23, 0.22], "delta": 0.5,
         "vega": 20.0, "spot_change": [1.0, -2.0, 1.0, 0.5], "price_change": [0.4, -0.8, 0.4, 0.1], "others": {}},
    ),
    "LearnedDelta.fit": (
        lambda **terms: (lambda fit: (fit.a, fit.b, fit.c, *fit.errors, fit.in_sample))(
            hl.LearnedDelta.fit(hl.learning.DailyChanges(**terms))
        ),
        {"path": 0, "day": np.arange(12), "spot": 100.0, "expiry": 0.25, "delta": np.linspace(0.2, 0.8, 12),
         "vega": 20.0, "spot_change": np.cos(np.arange(12)), "price_change": np.cos(np.arange(12)) / 3,
         "others": {}},
    ),
    "certainty_equivalent": (
        lambda **terms: tuple(hl.learning.certainty_equivalent(**terms)),
        {"pnl": [1.0, -2.0, 0.5], "risk_aversion": 1.0, "beside": [0.5, -2.5, 0.5]},
    ),
    "leland_volatility": (
        hl.leland_volatility, {"volatility": 0.2, "cost": 0.001, "interval": 0.01, "quantity": -1.0}
    ),
    "LinearDepth": (
        lambda **terms: crowded(depth=hl.LinearDepth(**terms), crowd=hl.Insurers(75.0)),
        {"depth": 1e3, "thinning": 0.5},
    ),
    "SquareRootDepth": (
        lambda **terms: crowded(depth=hl.SquareRootDepth(**terms), crowd=hl.Insurers(75.0)),
        {"volume": 1e3, "volatility": 0.02, "coefficient": 1.0, "thinning": 0.5},
    ),
    "Insurers": (
        lambda **terms: crowded(crowd=hl.Insurers(**terms)),
        {"insured": [40.0, 30.0], "floor": [-0.1, -0.2], "spread": 0.2, "overhang": 8.0, "delay": 0.1,
         "pace": 100.0, "hidden": 0.5, "buy_back": False},
    ),
    "Insurers.put": (
        lambda **terms: crowded(crowd=hl.Insurers.put(**terms)),
        {"insured": 75.0, "strike": 90.0, "expiry": 0.5, "volatility": 0.2, "reference": 101.0, "rate": 0.03},
    ),
    "ValueBuyers": (
        lambda **terms: crowded(crowd=[hl.Insurers(75.0), hl.ValueBuyers(**terms)], night=0.1),
        {"appetite": 200.0, "delay": 0.1},
    ),
    "Dealers": (
        lambda **terms: crowded(crowd=hl.Dealers(**terms)),
        {"gamma": -50.0, "late": True},
    ),
    "Hedgers": (
        lambda **terms: crowded(crowd=hl.Hedgers(**terms)),
        {"option": hl.Option("call", 105, 0.2), "quantity": -1.0, "volatility": 0.2, "policy": hl.Clock(),
         "rate": 0.03, "account": hl.Account(5.0), "hidden": 0.5},
    ),
    "Halts": (
        lambda **terms: crowded(crowd=hl.Insurers(75.0), breakers=hl.Halts(**terms)),
        {"levels": (0.01, 0.02), "length": 0.1, "latest": 0.2, "queue": True},
    ),
    "PriceLimits": (
        lambda **terms: crowded(crowd=hl.Insurers(75.0), breakers=hl.PriceLimits(**terms)),
        {"fall": 0.02, "rise": 0.02, "queue": False},
    ),
    "CrowdMarket": (
        lambda **terms: crowded(**terms),
        {"news": hl.GBM(100, 0.2), "depth": hl.LinearDepth(1e3), "crowd": [hl.Insurers(75.0)],
         "breakers": hl.Halts(), "reference": 101.0, "night": 0.1, "value": 1e4},
    ),
    "amplification": (lambda **terms: tuple(hl.crowd.amplification(**terms)), {"gain": 0.5, "late": True}),
    "threshold": (hl.crowd.threshold, {"absorption": 2.4, "insurers_delay": 0.25, "buyers_delay": 4.0}),
    "eigenvalues": (
        lambda **terms: np.abs(hl.crowd.eigenvalues(**terms)),
        {"gain": 1.2, "absorption": 2.4, "insurers_delay": 0.25, "buyers_delay": 4.0},
    ),
    "feedback_volatility": (
        lambda **terms: tuple(hl.crowd.feedback_volatility(**terms)),
        {"spot": 95.0, "strike": 95.0, "expiry": 0.25, "volatility": 0.2, "share": 0.1},
    ),
    "critical_share": (hl.crowd.critical_share, {"expiry": 0.25, "volatility": 0.2}),
    "hidden_to_announced": (
        hl.crowd.hidden_to_announced,
        {"informed": 0.1, "signal_variance": 0.25, "liquidity_variance": 1.0, "risk_aversion": 0.1},
    ),
    "fold": (
        lambda **terms: tuple(hl.crowd.fold(**terms)),
        {"insurers": hl.Insurers(30.0, -0.08, 0.1), "depth": hl.LinearDepth(100.0)},
    ),
    "clearing_prices": (
        hl.crowd.clearing_prices,
        {"news": 0.0, "insurers": hl.Insurers(30.0, -0.08, 0.1), "depth": hl.LinearDepth(100.0)},
    ),
    "SVI": (lambda **terms: asked(hl.SVI(**terms)), SVI),
    "SVI.from_jump_wings": (
        lambda **terms: asked(hl.SVI.from_jump_wings(**terms)),
        {"variance": 0.04, "skew": -0.1, "put_wing": 0.8, "call_wing": 0.6, "least_variance": 0.03, "expiry": 0.5},
    ),
    "SVI.from_natural": (
        lambda **terms: asked(hl.SVI.from_natural(**terms)),
        {"delta": 0.0, "mu": 0.01, "rho": -0.5, "omega": 0.04, "zeta": 3.0, "expiry": 0.5},
    ),
    "SABR": (
        lambda **terms: asked(hl.SABR(**terms)),
        {"alpha": 2.0, "beta": 0.5, "rho": -0.3, "nu": 0.4, "expiry": 0.5, "forward": 100.0},
    ),
    "SSVI": (
        lambda **terms: asked(hl.SSVI(**terms).slice(0.6)),
        {"rho": -0.7, "eta": 1.0, "gamma": 0.5, "expiries": [0.5, 1.0], "thetas": [0.02, 0.04]},
    ),
    "SSVI.slice": (
        lambda **terms: asked(hl.SSVI(-0.7, 1.0, 0.5).slice(**terms)), {"expiry": 1.0, "theta": 0.04}
    ),
    "smile_delta": (
        hl.smile_delta,
        {"option": hl.Option("put", 95, 0.5), "spot": 100.0, "smile": hl.SVI(**SVI), "rule": "sticky_moneyness",
         "rate": 0.02, "dividend": 0.01},
    ),
    "smile_greeks": (
        lambda **terms: np.array(hl.smile.smile_greeks(**terms)),
        {"option": hl.Option("call", 105, 0.5), "spot": 100.0, "smile": hl.SABR(0.2, 0.5, -0.3, 0.5, 0.5, 1.0),
         "rule": "minimum_variance", "rate": 0.02, "dividend": 0.01},
    ),
    "MovingSmile": (
        lambda **terms: hl.hedge(hl.Option("call", 105, 0.5), market=hl.GBM(100, 0.2), steps=3, n_paths=2, seed=1,
                                 quotes=hl.MovingSmile(**terms)).pnl,
        {"smile": hl.SVI(**SVI), "rule": "sticky_local_volatility"},
    ),
    "volatility of a slice": (asked_at(hl.SVI(**SVI)), {"log_moneyness": 0.1}),
    "volatility of SABR": (asked_at(hl.SABR(0.2, 0.5, -0.9, 1.0, 2.0)), {"log_moneyness": 0.1}),
    "butterfly": (
        lambda **terms: hl.SVI(**SVI).butterfly(**terms).least, {"low": -1.0, "high": 1.0}
    ),
    "Surface": (
        lambda **terms: surfaced(hl.Surface(**terms)),
        {"slices": [hl.SVI(**SVI), hl.SABR(0.2, 1, -0.3, 0.5, 0.7)], "spot": 100.0, "forwards": [101.0, 102.0]},
    ),
    "surface": (
        hl.Surface([hl.SVI(**SVI), hl.SABR(0.2, 1, -0.3, 0.5, 0.7)], 100.0, [101.0, 102.0]),
        {"strike": [90.0, 110.0], "expiry": 0.6},
    ),
    "SVI.fit": (lambda **terms: asked(hl.SVI.fit(**terms)), QUOTED | {"butterflies": False}),
    "SABR.fit": (lambda **terms: asked(hl.SABR.fit(**terms)), QUOTED | {"beta": 0.5, "forward": 100.0}),
    "SSVI.fit": (
        lambda **terms: asked(hl.SSVI.fit(**terms).slice(0.6)),
        {name: column for name, column in SURFACE.items() if name not in ("spot", "forwards")},
    ),
    "Surface.fit": (lambda **terms: surfaced(hl.Surface.fit(**terms)), SURFACE),
    "Quotes": (chained, CHAIN),
    "hedge": (hedge, HEDGE),
    "Overlay": (overlaid, OVERLAY),
    "Account": (begun, ACCOUNT),
    "insure": (insure, INSURE),
    "RealPut": (insure, INSURE | {"method": hl.RealPut()}),
    "CPPI": (method(hl.CPPI), {"multiplier": 4.0, "cap": 1.0}),
    "StopLoss": (method(hl.StopLoss), {"reenter": True}),
    "ConstantMix": (method(hl.ConstantMix), {"share": 0.5}),
    "SyntheticPut": (method(hl.SyntheticPut), {"volatility": 0.2, "delta": "delta"}),
    "computing": (computed, {"workers": 1, "block_size": 1000, "progress": False}),
    "charged": (
        lambda **terms: hedge(**(HEDGE | {"cost": hl.ProportionalCost(0.001).charged(**terms)})),
        {"inception": True, "liquidation": True},
    ),
}  # fmt: skip

#: NaN is documented for these: no volatility explains the price; infinite terms of a Greek with opposite signs; a
#: crowd whose gain has no answer.
MAY_BE_NAN = {"implied_volatility", "greeks", "amplification", "feedback_volatility", "fold"}
MAY_BE_INFINITE = {"greeks", "greeks of Merton"}  # at the kink

extremes = [0.0, -0.0, 1e-320, 5e-324, 1e-12, 1.0, 3.0, 1e12, 1e154, 1e308, np.inf, np.nan]
numbers = st.sampled_from([sign * extreme for extreme in extremes for sign in (1.0, -1.0)]) | st.floats()
junk = st.sampled_from(
    [None, "", "text", True, [], [[]], {}, 1j, object(), np.datetime64("2020-01-01"), b"1", (1, "a"), -1, 0, 7,
     2.5, "call", "edge", "true", hl.Clock(), hl.NoCost(), float, lambda *seen: np.nan]
)  # fmt: skip
arrays = st.lists(numbers, max_size=4).map(np.array) | st.lists(numbers, min_size=4, max_size=4).map(
    lambda values: np.reshape(values, (2, 2))
)


def is_right(name, result):
    """Whether all that came out is numbers, and what is not finite is documented."""
    if isinstance(result, tuple):
        return all(is_right(name, part) for part in result)
    array = np.asarray(result, dtype=float)
    good = np.isfinite(array)
    if name in MAY_BE_NAN:
        good |= np.isnan(array)
    if name in MAY_BE_INFINITE:
        good |= np.isinf(array)
    return good.all()


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_garbage_is_refused_or_answered(name, data):
    call, good = CALLS[name]
    spoilt = data.draw(st.lists(st.sampled_from(sorted(good)), min_size=1, max_size=3, unique=True))
    terms = good | {argument: data.draw(numbers | arrays | junk, label=argument) for argument in spoilt}
    try:
        result = call(**terms)
    except ValueError:
        return
    assert is_right(name, result)


@pytest.mark.parametrize("rate", [-1e12, -1411.0, -5000.0, 1411.0])
@pytest.mark.parametrize("seed", [1, 2, 6])
def test_an_absurd_rate_is_refused_or_answered_also_where_options_hedge(rate, seed):
    """Found by fresh seeds: the first look at the instruments warned."""
    try:
        result = hedge(**(HEDGE | {"rate": rate, "seed": seed}), overlay=hl.Overlay(**OVERLAY))
    except ValueError:
        return
    assert is_right("hedge", result)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_good_is_answered(name):
    call, good = CALLS[name]
    assert is_right(name, call(**good))


def test_every_public_name_is_here():
    elsewhere = {
        "Cost", "Market", "Moment", "NoCost", "Paths", "Policy", "Quote", "RandomStreams", "HedgeRun", "cases",
        "figures", "InsuredRun", "insurance", "black_scholes", "explain", "frontier",
        "crowd", "smile", "learning",
    }  # fmt: skip
    lacking = sorted(set(hl.__all__) - elsewhere - set(CALLS))
    assert lacking == [], (
        "each needs a call with good arguments in CALLS; a market, a cost or a policy, a row in examples.py; "
        "a protocol, or a record that nobody makes, its name in `elsewhere`"
    )
