"""Bad input raises a ValueError that names the argument, the value and the rule: one table."""

import io
import re
import tracemalloc
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
import pytest

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.validation import between

CALL = hl.Option("call", strike=100, expiry=0.25)
LATER = hl.Option("call", strike=110, expiry=0.5)
MARKET = hl.GBM(spot=100, volatility=0.2)
GOOD = {"market": MARKET, "volatility": 0.2, "steps": 4, "seed": 1}
HOUR = hl.cases.flash_crash_2010().reconstruction
DATES = ["1987-10-16", "1987-10-19", "1987-10-20"]


def price(**changes):
    terms = {"kind": "call", "spot": 100, "strike": 100, "expiry": 1, "volatility": 0.2}
    return black_scholes.price(**{**terms, **changes})


def hedge(option=CALL, **changes):
    return hl.hedge(option, **{**GOOD, **changes})


def insure(**changes):
    terms = {"value": 100, "floor": 0.9, "horizon": 1.0, "market": MARKET, "method": hl.CPPI(4), "steps": 4}
    return hl.insure(**{**terms, **changes})


def compare(methods=None, **changes):
    terms = {"value": 100, "floor": 0.9, "horizon": 1.0, "market": MARKET, "steps": 4, "seed": 1}
    return hl.insurance.compare(
        methods={"CPPI": hl.CPPI(4)} if methods is None else methods, **{**terms, **changes}
    )


def law(name, **changes):
    terms = {"value": 100, "floor": 0.9, "horizon": 1, "volatility": 0.2, "drift": 0.08, "rate": 0.03}
    return getattr(hl.insurance, name)(**{**terms, **changes})


def crowd(**changes):
    """A market of insurers, one of its terms changed."""
    terms = {"news": MARKET, "depth": hl.LinearDepth(85.0), "crowd": hl.Insurers(75.0)}
    return hl.CrowdMarket(**{**terms, **changes})


K = np.array([-0.4, -0.2, -0.1, 0.0, 0.1, 0.3])
VOLATILITY = 0.2 - 0.1 * K


def svi(**changes):
    terms = {"a": 0.01, "b": 0.1, "rho": -0.5, "m": 0.02, "sigma": 0.15, "expiry": 0.5}
    return hl.SVI(**{**terms, **changes})


def sabr(**changes):
    terms = {"alpha": 0.2, "beta": 0.5, "rho": -0.5, "nu": 0.5, "expiry": 0.5}
    return hl.SABR(**{**terms, **changes})


def jump_wings(**changes):
    terms = {
        "variance": 0.04,
        "skew": -0.1,
        "put_wing": 0.8,
        "call_wing": 0.6,
        "least_variance": 0.03,
        "expiry": 1,
    }
    return hl.SVI.from_jump_wings(**{**terms, **changes})


def fit(kind=hl.SVI, **changes):
    return kind.fit(**{"log_moneyness": K, "volatility": VOLATILITY, "expiry": 0.5, **changes})


def fit_all(kind=hl.Surface, **changes):
    terms = {"log_moneyness": np.tile(K, 2), "volatility": np.tile(VOLATILITY, 2)}
    return kind.fit(**{**terms, "expiry": np.repeat([0.5, 1.0], 6), **changes})


def changed(column, index, value):
    """A column with another value at an index."""
    column = np.array(column, dtype=float)
    column[index] = value
    return column


def quotes(**changes):
    terms = {"kind": ["call"], "strike": [100], "expiry": [1], "bid": [2], "ask": [3], "spot": 100}
    return hl.Quotes(**{**terms, **changes})


def computing(**how):
    with hl.computing(**how):
        hedge()


class Charging(hl.NoCost):
    """A cost that answers what it was made with."""

    def __init__(self, answer):
        self.answer = answer

    def charge(self, shares, price, volatility):
        return self.answer


class Told:
    """A market that shows what it was told to, in lists."""

    spot = 100.0

    def __init__(self, volatility=0.2, **shown):
        self.volatility, self.shown = volatility, shown

    def times(self, expiry, steps):
        return np.linspace(0, expiry, steps + 1)

    def stream(self, times, n_paths, random):
        for _ in times:
            yield hl.Quote(self.shown.get("spot", [100.0] * n_paths), self.shown.get("variance"))


def train(kind=hl.LearnedBand, **changes):
    terms = {"option": CALL, "market": MARKET, "cost": 0.002, "risk_aversion": 1.0, "steps": 4, "seed": 1}
    return kind.train(**{**terms, **changes})


def changes(**others):
    """Four days of one option, one of their columns changed."""
    columns = {"path": 0, "day": np.arange(4), "spot": 100, "expiry": 0.25, "delta": 0.5, "vega": 20,
               "spot_change": [1, -2, 1, 2], "price_change": [0.4, -1, 0.4, 1]}  # fmt: skip
    return hl.learning.DailyChanges(**{**columns, **others})


def daily(**others):
    return hl.learning.daily_changes(**{"market": MARKET, "quotes": 0.2, "days": 3, "seed": 1, **others})


TABLE = [
    (lambda: train(option="call"), "option must be an Option, got 'call'"),
    (lambda: train(market=None), "market must have a method times, got None"),
    (lambda: train(cost=2), "cost must be between 0 and 1, got 2.0"),
    (lambda: train(risk_aversion=0), "risk_aversion must be between 1e-12 and 1e+12, got 0.0"),
    (lambda: train(rounds=0), "rounds must be a whole number of at least 1, got 0"),
    (lambda: train(seed=-1), "seed must be a whole number of at least 0"),
    (lambda: train(delta="gamma"), "delta must be a function, or one of 'delta'"),
    (lambda: hl.LearnedBand(np.zeros(7)), "weights must be 231 numbers, got 7"),
    (lambda: hl.LearnedHolding(np.zeros((353, 1))), "weights must be a list of numbers, got shape (353, 1)"),
    (lambda: hl.LearnedBand(np.full(231, np.nan)), "weights must be finite, got nan at index 0"),
    (lambda: hl.LearnedBand(np.zeros(231), 3), "training must be a Training, or None, got 3"),
    (lambda: changes(spot=0), "spot must be positive and finite, got 0.0"),
    (lambda: changes(delta=np.nan), "delta must be finite, got nan"),
    (lambda: changes(day=[1, 2]), "the shapes must broadcast together, got"),
    (lambda: changes(day=np.ones((2, 4))), "the columns must be lists of one length, got shape (2, 4)"),
    (lambda: changes()[:0], "the columns must be lists of one length, got shape (0,)"),
    (lambda: changes(others=3), "others must be a dict of deltas by the names of their rules, got 3"),
    (lambda: changes(others={"mine": "x"}), "others['mine'] must be a number or an array of numbers, got 'x'"),
    (lambda: changes().gain("mine"), "delta must be numbers, or one of the others, {}, got 'mine'"),
    (lambda: changes().gain([1, 2]), "delta must have a number for each of 4 rows, got shape (2,)"),
    (
        lambda: changes(price_change=[0.5, -1, 0.5, 1]).gain(0.4),
        "price_change must leave Black and Scholes's hedge some variance, got none",
    ),
    (lambda: daily(days=0), "days must be a whole number of at least 1, got 0"),
    (lambda: daily(quotes=[0.2, 0.2]), "quotes must be of all days and options alike"),
    (lambda: daily(quotes=0), "quotes must be of a volatility above zero, got 0.0"),
    (lambda: daily(rules=["vega"]), "rules must be a list of some of 'sticky_strike', 'sticky_moneyness'"),
    (lambda: daily(rules="sticky_strike"), "for these quotes, got 'sticky_strike'"),
    (lambda: hl.LearnedDelta("x", 0, 0), "a must be a number or an array of numbers, got 'x'"),
    (lambda: hl.LearnedDelta(0, 0, 0, errors=(1, 2)), "errors must be three numbers, got shape (2,)"),
    (lambda: hl.LearnedDelta.fit([1, 2]), "changes must be DailyChanges, got [1, 2]"),
    (lambda: hl.LearnedDelta.fit(changes()), "changes must be of at least 10 days, got 4"),
    (
        lambda: hl.LearnedDelta.fit(
            changes(day=np.arange(12), spot_change=np.arange(12), price_change=np.arange(12))
        ),
        "changes must be of options of at least three deltas, with spots that move",
    ),
    (lambda: hl.LearnedDelta(0, 0, 0).shares(0.5, -1, 100, 1), "vega must be zero or more, and finite, got -1.0"),
    (lambda: hedge(delta=hl.LearnedDelta), "delta must be a function, or one of"),
    (
        lambda: hl.learning.certainty_equivalent([1], 1.0),
        "pnl must have one number per path, two or more, got shape (1,)",
    ),
    (
        lambda: hl.learning.certainty_equivalent([1, 2], 1.0, [1, 2, 3]),
        "beside must have one number per path, 2, got 3",
    ),
    # what is done, and what the message must say: argument, rule, value
    (lambda: price(volatility=-0.2), "volatility must be zero or more, and finite, got -0.2"),
    (lambda: price(volatility=[0.1, 0.2, 0.3, -0.2]), "got -0.2 at index 3"),
    (lambda: price(spot=np.nan), "spot must be positive and finite, got nan"),
    (lambda: price(spot=[[100, np.inf]]), "spot must be positive and finite, got inf at index (0, 1)"),
    (lambda: price(strike=0), "strike must be positive and finite, got 0.0"),
    (lambda: price(expiry=-0.1), "expiry must be zero or more, and finite, got -0.1"),
    (lambda: price(rate=np.nan), "rate must be finite, got nan"),
    (lambda: price(kind="straddle"), 'kind must be "call" or "put", got \'straddle\''),
    (lambda: price(kind=["call", 3]), 'kind must be "call" or "put", got \'3\''),
    (lambda: price(kind={}), 'kind must be "call" or "put", got {}'),
    (
        lambda: price(kind=pd.Series(["call", pd.NA], dtype="string"), spot=[90, 100]),
        'kind must be "call" or "put", got <NA>',
    ),
    (lambda: price(spot="100"), "spot must be a number or an array of numbers, got '100'"),
    (lambda: price(expiry=np.timedelta64(90, "D")), "expiry must be a number or an array of numbers"),
    (lambda: price(spot=np.ma.masked_equal([100.0, 999.0], 999)), "spot must be a number or an array of numbers"),
    (lambda: price(spot=np.array(["100", 101.0], dtype=object)), "spot must be a number or an array of numbers"),
    (lambda: price(spot=np.array([True, 101.0], dtype=object)), "spot must be a number or an array of numbers"),
    (lambda: price(spot=pd.Series(["100", "101"])), "spot must be a number or an array of numbers"),
    (
        lambda: price(spot=np.array([None, 101.0], dtype=object)),
        "spot must be positive and finite, got nan at index 0",
    ),
    (lambda: price(spot=10**400), "spot must be a number or an array of numbers, got 1000"),
    (
        lambda: price(strike=[1, 10**5000]),  # which Python has had words for since 3.14: how many digits it has
        "strike must be a number or an array of numbers, got ",
    ),
    (lambda: hl.Option("call", 10**400, 1), "strike must be a number or an array of numbers, got 1000"),
    (lambda: hedge(steps=10**400), "steps must be at most 9007199254740992, got 1000"),
    (lambda: hedge(n_paths=10**30), "n_paths must be at most 9007199254740992, got 1000"),
    (lambda: price(spot="a hundred"), "spot must be a number or an array of numbers, got 'a hundred'"),
    (lambda: price(spot=[1, 2, 3], strike=[1, 2]), "got spot (3,), strike (2,)"),
    (lambda: hl.Option("binary", 100, 1), 'kind must be "call" or "put", got \'binary\''),
    (lambda: hl.Option(["call"], 100, 1), 'kind must be "call" or "put", got [\'call\']'),
    (lambda: hl.Option("call", 0, 1), "strike must be positive and finite, got 0.0"),
    (lambda: hl.Option("call", 100, -1), "expiry must be positive and finite, got -1.0"),
    (lambda: hl.Option("call", [100, 110], 1), "strike must be one number, got an array of shape (2,)"),
    (lambda: CALL.payoff([100, np.nan]), "spot must be finite, got nan at index 1"),
    (lambda: hl.GBM(spot=np.nan, volatility=0.2), "spot must be positive and finite, got nan"),
    (lambda: hl.GBM(spot=100, volatility=-0.2), "volatility must be zero or more, and finite, got -0.2"),
    (lambda: hl.GBM(spot=100, volatility=0.2, drift=np.inf), "drift must be finite, got inf"),
    (lambda: hl.CEV(100, 0.2, exponent=1.5), "exponent must be between -10 and 1, got 1.5"),
    (lambda: hl.CEV(100, -0.2, exponent=0), "volatility must be between 0 and 1e+50, got -0.2"),
    (lambda: hl.LognormalSABR(100, 0.2, 1.0, 0.3), "correlation must be between -1 and 0, got 0.3"),
    (
        lambda: hl.LognormalSABR(100, 0.2, -1.0, 0.0),
        "vol_of_volatility must be zero or more, and finite, got -1.0",
    ),
    (lambda: MARKET.simulate(expiry=-1, steps=4, n_paths=2), "expiry must be positive and finite, got -1.0"),
    (lambda: hl.Replay([], []), "dates must be at least two, got 0: an empty replay"),
    (lambda: hl.Replay(DATES[:1], [1.0]), "dates must be at least two, got 1"),
    (lambda: hl.Replay(DATES[::-1], [1, 2, 3]), "strictly increasing, got 1987-10-19 after 1987-10-20 at index 1"),
    (lambda: hl.Replay([0, 1, 1], [1, 2, 3]), "strictly increasing, got 1.0 after 1.0 at index 2"),
    (lambda: hl.Replay(DATES, [1, 2]), "prices must be one a date, got shape (2,) for dates of shape (3,)"),
    (lambda: hl.Replay(DATES, [1, -2, 3]), "prices must be positive and finite, got -2.0 at index 1"),
    (
        lambda: hl.Replay(["Black Monday", "x"], [1, 2]),
        "dates must be dates such as 1987-10-19, without a time zone",
    ),
    (lambda: hl.Replay(["1987-10-19", "NaT"], [1, 2]), "dates must be known, got NaT"),
    (lambda: hl.Replay(DATES, [1, 2, 3]).since("1987-10-17"), "date must be one of the recorded"),
    (lambda: hl.Replay(DATES, [1, 2, 3]).since("Monday"), "date must be one of the recorded"),
    (
        lambda: hl.Replay(pd.DatetimeIndex(DATES, tz="Asia/Tokyo"), [1, 2, 3]),
        "dates must be dates such as 1987-10-19, without a time zone",
    ),
    (lambda: hl.Replay(["1987-10-16 16:00", "1987-10-19 09:30"], [1, 2]), "dates must be whole days"),
    (lambda: hl.Replay([19871016, 19871019], [1, 2]), "dates as plain numbers are years, got 19871019.0"),
    (lambda: hl.cases.flash_crash_2010(fall=0.04), "fall must be between 0.05 and 0.0767, got 0.04"),
    (lambda: hl.cases.flash_crash_2010(fall="more"), "fall must be"),
    (lambda: HOUR.path(seconds=0), "seconds must be a whole number of at least 1, got 0"),
    (lambda: HOUR.path(seconds=0.5), "seconds must be a whole number of at least 1, got 0.5"),
    (lambda: HOUR.path(3601), "seconds must be at most the 3600 of the path, got 3601"),
    (
        lambda: HOUR.path(since="13:59:59"),
        "since must come before until, both from 14:00:00 to 15:00:00, got '13:59:59'",
    ),
    (lambda: HOUR.path(since="14:46", until="14:46"), "since must come before until"),
    (lambda: HOUR.path(since="14:45:27.5"), "since must be a time of 2010-05-06, to the second, such as '14:41'"),
    (lambda: HOUR.path(until="2010-05-07 14:41"), "until must be a time of 2010-05-06, to the second"),
    (
        lambda: HOUR.path(until=pd.Timestamp("2010-05-06 14:41", tz="Asia/Tokyo")),
        "until must be a time of 2010-05-06",
    ),
    (lambda: HOUR.path(since=14.75), "since must be a time of 2010-05-06, to the second, such as '14:41' or"),
    (lambda: HOUR.path(since="a quarter to three"), "since must be a time of 2010-05-06"),
    (
        lambda: HOUR.market(2, "14:45:28", "14:45:33"),
        "since and until must leave two times at which something trades",
    ),
    (lambda: HOUR.years(pd.NaT), "time must be a time of 2010-05-06"),
    (lambda: HOUR.with_noise(-0.1, seed=1), "volatility must be zero or more, and finite, got -0.1"),
    (lambda: HOUR.with_noise(0.1, seed=-1), "seed must be"),
    (
        lambda: HOUR.assuming("14:45:30", 1060, "x"),
        "time must not be in the halt, in which nothing traded, got '14:45:30'",
    ),
    (lambda: HOUR.assuming("14:45:27", 1060, "x"), "time must not be that of a point on record, got '14:45:27'"),
    (
        lambda: HOUR.assuming("15:00", 1060, "x"),
        "time must be between the first and the last known point, got '15:00'",
    ),
    (
        lambda: HOUR.assuming("14:32", 1050, "x"),
        "price must be between 1056.0 and 1143.75, which are on record, got 1050",
    ),
    (lambda: HOUR.assuming("14:32", float("nan"), "x"), "price must be positive and finite, got nan"),
    (lambda: HOUR.assuming("14:32", 1130, ""), "why must say in words what speaks for it, got ''"),
    (lambda: hl.Replay([0, 1e-4], [1, 2]).times(3e-4), "expiry must fall on a recorded date"),
    (lambda: hl.ProportionalCost(-0.001), "rate must be between 0 and 1, got -0.001"),
    (lambda: hl.Clock(every=0), "every must be a whole number of at least 1, got 0"),
    (lambda: hl.DeltaBand(-0.05), "half_width must be zero or more, and finite, got -0.05"),
    (lambda: hl.DeltaBand(0.05, to="centre"), 'to must be "middle" or "edge", got \'centre\''),
    (lambda: hedge(volatility=-0.2), "volatility must be zero or more, and finite, got -0.2"),
    (
        lambda: hedge(volatility=[0.1, 0.2]),
        "volatility must be one number, or an array of shape (5,) or (5, 1), got shape (2,)",
    ),
    (lambda: hedge(steps=0), "steps must be a whole number of at least 1, got 0"),
    (lambda: hedge(steps=None), "steps must be a whole number of at least 1, got None"),
    (lambda: hedge(steps=2.5), "steps must be a whole number of at least 1, got 2.5"),
    (lambda: hedge(n_paths=0), "n_paths must be a whole number of at least 1, got 0"),
    (
        lambda: hedge(seed=-1),
        "seed must be a whole number of at least 0, a Generator, a SeedSequence or None, got -1",
    ),
    (lambda: hedge(quantity=np.nan), "quantity must be finite, got nan"),
    (lambda: hedge(premium=np.inf), "premium must be finite, got inf"),
    (lambda: hedge(rate=np.nan), "rate must be finite, got nan"),
    (lambda: hedge(market=hl.Replay(DATES, [1, 2, 3]), steps=None), "expiry must fall on a recorded date"),
    (
        lambda: hedge(hl.Option("call", 100, 4 / 365), market=hl.Replay(DATES, [1, 2, 3])),
        "steps must be left out or be the 2 that the record has, got 4",
    ),
    (
        lambda: hedge(hl.Option("call", 100, 4 / 365), market=hl.Replay(DATES, [1, 2, 3]), steps=None, n_paths=2),
        "n_paths must be 1 in a replay",
    ),
    (lambda: hedge().ledger(path=1), "path must be below 1, the number of paths, got 1"),
    (lambda: hedge().ledger(path=-1), "path must be a whole number of at least 0, got -1"),
    (lambda: hedge().standard_error(), "n_paths must be at least 2 for a standard error, got 1"),
]


class Policy:
    """Holds whatever it is told to."""

    def __init__(self, held):
        self.held = held

    def holding(self, moment):
        return self.held


class Cost:
    """Charges whatever it is told to."""

    def __init__(self, charged):
        self.charged = charged

    def charge(self, shares, spot, volatility):
        return self.charged


class Market:
    """Yields whatever it is told to, at the times it is told."""

    spot = 100.0

    def __init__(self, prices, times=(0, 0.25)):
        self.prices, self.given = prices, times

    def times(self, expiry, steps):
        return np.array(self.given)

    def stream(self, times, n_paths, generator):
        yield from (np.full(n_paths, price, dtype=float) for price in self.prices)


class ChangesItsMind:
    """Decides by how often it was asked, which a policy must not."""

    asked = 0

    def holding(self, moment):
        self.asked += 1
        return np.full(moment.delta.shape, 0.1 * self.asked)


class EditsItsInput:
    """Writes into the engine's own arrays, which a policy must not."""

    def holding(self, moment):
        moment.held[:] = moment.delta
        return moment.held


TABLE += [
    (lambda: hedge(policy=Policy(np.nan)), "holding at step 0 must be finite, got nan"),
    (
        lambda: hedge(policy=Policy([0.1, 0.2])),
        "holding at step 0 must have one value a path, shape (1,), got shape (2,)",
    ),
    (lambda: hedge(cost=Cost(np.nan)), "charge at step 0 must be zero or more, and finite, got nan"),
    (lambda: hedge(cost=Cost(-1.0)), "charge at step 0 must be zero or more, and finite, got -1.0"),
    (
        lambda: hedge(cost=Cost([1.0, 2.0])),
        "charge at step 0 must have one value a path, shape (1,), got shape (2,)",
    ),
    (
        lambda: hedge(market=Market([100, np.nan, 100], times=(0, 0.1, 0.25))),
        "spot at step 1 must be positive and finite, got nan",
    ),
    (lambda: hedge(market=Market([100])), "stream must yield prices at 2 times, it stopped after 1"),
    (
        lambda: hedge(market=Market([100, 101], times=(0, 2))),
        "times of a market must rise from 0 to the end of the hedge, 0.25",
    ),
    (
        lambda: hedge(market=Market([100, 101], times=(0.25, 0))),
        "times of a market must rise from 0 to the end of the hedge",
    ),
    (lambda: hl.HalfSpread(np.nan), "half_spread must be finite, got nan"),
    (lambda: hl.FixedCost(-1), "fee must be between 0 and 1e+12, got -1.0"),
    (lambda: hl.SquareRootImpact(0), "daily_volume must be between 1e-06 and 1e+18, got 0.0"),
    (lambda: hl.SquareRootImpact(1e6).charge(100, 50.0), "volatility must be given to SquareRootImpact.charge"),
    (lambda: hl.VolatilitySpread(0.001, 0), "reference_volatility must be between 1e-06 and 1e+06, got 0.0"),
    (lambda: hl.MoveBand("2 %"), "width must be a number or an array of numbers, got '2 %'"),
    (lambda: hl.WhalleyWilmott(0.01, 0), "risk_aversion must be between 1e-12 and 1e+12, got 0.0"),
    (lambda: hl.AdaptiveBand(0.05, 0.2, -1), "reference_gamma must be between 1e-12 and 1e+12, got -1.0"),
    (lambda: hl.AdaptiveBand(0.05, 0.2, 0.02, to="top"), 'to must be "middle" or "edge", got \'top\''),
    (lambda: hl.leland_volatility(0.2, 0.05, 1 / 252, quantity=1), "interval must be longer, or cost lower"),
    (lambda: hl.Moment(1, 0.1, 100.0, 0.5, 0.5).gamma, "account must be given for a moment to know its gamma"),
    (lambda: hedge(option="a call"), "option must be an Option, or a dict of Options and their numbers"),
    (lambda: hedge(option={}), "option must be an Option, or a dict of Options and their numbers, got {}"),
    (lambda: hedge(option={CALL: np.nan}), "number of call 100, 0.25 y must be finite, got nan"),
    (lambda: hedge(option={CALL: 0}), "option must hold at least one option, got a book of zeros"),
    (lambda: hedge(option={CALL: -1}, quantity=-1), "quantity must be left out for a book"),
    (lambda: hedge(option={CALL: -1, hl.Option("put", 90, 0.1): 1}), "expiry of put 90, 0.1 y must be one of"),
    (lambda: hedge(horizon=0.3), "horizon must be no later than the last expiry, 0.25, got 0.3"),
    (
        lambda: hl.Overlay("gamma", [LATER]),
        "target must be one of 'delta-gamma', 'delta-vega', 'delta-gamma-vega', or a list of Greeks, got 'gamma'",
    ),
    (lambda: hl.Overlay([], []), "target must be one of"),
    (lambda: hl.Overlay([3], [LATER]), "or a list of Greeks, got [3]"),
    (lambda: hedge(overlay=hl.Overlay(["mystery"], [LATER])), "target must be of Greeks that the hedger knows"),
    (lambda: hl.Overlay("delta-gamma", []), "options must be 1 options for target 'delta-gamma', got []"),
    (lambda: hl.Overlay("delta-gamma", 3), "options must be 1 options for target 'delta-gamma', got 3"),
    (lambda: hl.Overlay("delta-gamma", [LATER], limit=0), "limit must be positive and finite, got 0.0"),
    (lambda: hl.Overlay("delta-gamma", [LATER], cost=0.1), "cost must have a method charge, got 0.1"),
    (lambda: hl.Overlay("delta-gamma", [LATER], policy=3), "policy must be a function of a Moment, or have a"),
    (lambda: hedge(overlay=[LATER]), "overlay must be an Overlay, got [Option("),
    (
        lambda: hedge(overlay=hl.Overlay("delta-gamma", [hl.Option("call", 100, 0.2)])),
        "options of an overlay must not expire before the horizon, 0.25, got call 100, 0.2 y",
    ),
    (
        lambda: hedge(overlay=hl.Overlay("delta-gamma-vega", [LATER, hl.Option("put", 90, 0.5)])),
        "options of an overlay must be able to offset gamma and vega, got call 110, 0.5 y, put 90, 0.5 y: they "
        "have none, or are collinear",
    ),
    (
        lambda: hedge(overlay=hl.Overlay("delta-gamma", [hl.Option("call", 1e9, 0.5)])),
        "options of an overlay must be able to offset gamma, got call 1e+09, 0.5 y: they have none",
    ),
    (lambda: hedge(delta=3), "'sticky_local_volatility' for this volatility, got 3"),
    (lambda: hedge(delta="gamma"), "'sticky_local_volatility' for this volatility, got 'gamma'"),
    (
        lambda: hedge(delta="minimum_variance_delta"),
        "delta must be a function, or one of 'delta', 'sticky_strike', 'sticky_moneyness', ",
    ),
    (lambda: hedge(delta=lambda *seen: np.nan), "delta at step 0 must be finite, got nan"),
    (lambda: hedge(quotes=-0.2), "quotes must be zero or more, and finite, got -0.2"),
    (lambda: hedge(quotes="model"), "quotes must be numbers, a function, a model or \"true\", got 'model'"),
    (
        lambda: hedge(quotes={LATER: 0.2}),
        "quotes must have an entry for each option, got none for call 100, 0.25 y",
    ),
    (lambda: hedge(quotes={CALL: -1}), "quotes of call 100, 0.25 y must be zero or more, and finite, got -1.0"),
    (lambda: hedge(account=100.0), "account must be an Account, got 100.0"),
    (
        lambda: hedge(account=hl.Account(1.0), premium=1.0),
        "premium must be left out where an account is given, got 1.0",
    ),
    (
        lambda: hedge(account=hl.Account(1.0, contracts=[1, 2])),
        "contracts must be one for each of the overlay's 0 options, got Account(",
    ),
    (lambda: hl.Account(cash=np.nan), "cash must be finite, got nan"),
    (lambda: hedge(option=None), "horizon must be given where there is no option, got None"),
    (lambda: hedge(option=None, horizon=0.25), "account must be given where there is no option, got None"),
    (lambda: hedge(policy=3), "policy must be a function of a Moment, or have a method holding(moment), got 3"),
    (lambda: hedge(market="S&P"), "market must have a method times, got 'S&P'"),
    (lambda: hedge(cost=0.001), "cost must have a method charge, got 0.001"),
    (lambda: hl.NoCost().charged(inception="yes"), "inception must be True or False, got 'yes'"),
    (lambda: computing(workers=0), "workers must be a whole number of at least 1, got 0"),
    (lambda: computing(block_size=0), "block_size must be a whole number of at least 1, got 0"),
    (lambda: computing(progress=1), "progress must be True or False, got 1"),
    (
        lambda: hedge(volatility="implied"),
        "volatility must be numbers, a function, a model or \"true\", got 'implied'",
    ),
    (
        lambda: hedge(volatility=lambda *seen: -0.1),
        "volatility at step 0 must be zero or more, and finite, got -0.1",
    ),
    (lambda: hedge(volatility=lambda *seen: [0.1, 0.2]), "volatility must have one value a path, shape (1,)"),
    (
        lambda: hedge(volatility="true", market=hl.Replay([0, 0.25], [100, 101]), steps=None),
        "volatility must be given in a market that does not know its own, got 'true'",
    ),
    (lambda: hedge(quantity=1e308), "must be finite"),
    (lambda: hl.explain(hedge(), path=1), "path must be below 1, the number of paths, got 1"),
    (
        lambda: hl.frontier(CALL, {"a": hl.Clock()}, hl.NoCost(), **(GOOD | {"seed": None})),
        "seed must be a number",
    ),
    (lambda: hl.frontier(CALL, {}, hl.NoCost(), **GOOD), "policies must be a dict of at least one, got {}"),
    (
        lambda: hl.frontier(CALL, [hl.Clock()], hl.NoCost(), **GOOD),
        "policies must be a dict of at least one, got [",
    ),
    (lambda: hl.frontier(CALL, {"a": hl.Clock()}, {}, **GOOD), "cost must be a cost, or a dict of at least one"),
    (lambda: hedge(policy=hl.Clock), "policy must be a function of a Moment, or have a method holding(moment)"),
    (lambda: hedge(policy=lambda moment: (h for h in [0.5])), "holding at step 0 must be a number or an array"),
    (lambda: hedge(policy=lambda moment: None), "holding at step 0 must be finite, got nan"),
    (lambda: hedge(market=hl.GBM), "market must have a method times, got <class"),
    (lambda: hedge(cost=hl.NoCost), "cost must have a method charge, got <class"),
    (lambda: hedge(cost=Charging(None)), "charge at step 0 must be zero or more, and finite, got nan"),
    (lambda: hedge(cost=Charging("free")), "charge at step 0 must be a number or an array of numbers, got 'free'"),
    (lambda: hedge(market=Told(variance=np.nan)), "variance at step 0 must be zero or more, and finite, got nan"),
    (lambda: hedge(market=Told(variance=-0.04)), "variance at step 0 must be zero or more, and finite, got -0.04"),
    (lambda: hedge(market=Told(volatility=-0.2)), "the market's volatility must be zero or more, and finite"),
    (lambda: hedge(market=Told(spot="100")), "spot must be a number or an array of numbers, got '100'"),
    (lambda: insure(value=0), "value must be between 1e-06 and 1e+18, got 0.0"),
    (lambda: insure(floor=-0.9), "floor must be between 1e-06 and 1e+06, got -0.9"),
    (lambda: insure(floor=1.0), "floor must be below exp(rate * horizon), 1, what cash grows to, got 1.0"),
    (
        lambda: insure(floor=1.04, rate=0.03, method=hl.RealPut()),
        "floor must be below exp(rate * horizon), 1.03045, what cash grows to, got 1.04",
    ),
    (lambda: insure(horizon=0), "horizon must be positive and finite, got 0.0"),
    (
        lambda: insure(horizon=2.0, steps=None, market=hl.Replay([0, 0.5, 1], [100, 101, 99])),
        "horizon and steps must suit the market, got 2.0 and None: expiry must fall on a recorded date",
    ),
    (
        lambda: insure(horizon=2.0, steps=None, market=hl.Scenarios([0, 1], [[100], [99]])),
        "horizon and steps must suit the market, got 2.0 and None: expiry must be one of the market's times",
    ),
    (
        lambda: insure(steps=0),
        "horizon and steps must suit the market, got 1.0 and 0: steps must be a whole number",
    ),
    (lambda: insure(method="CPPI"), "method must be one of hedgelab's or derive from Method, got 'CPPI'"),
    (lambda: insure(method=hl.StopLoss), "method must be one of hedgelab's or derive from Method, got <class"),
    (lambda: insure(market=hl.GBM), "market must have a method times, got <class"),
    (lambda: insure(cost=hl.NoCost), "cost must have a method charge, got <class"),
    (lambda: insure(policy="daily"), "policy must be a function of a Moment, or have a method holding(moment)"),
    (lambda: insure(n_paths=0), "n_paths must be a whole number of at least 1, got 0"),
    (lambda: insure(n_paths=0, method=hl.RealPut()), "n_paths must be a whole number of at least 1, got 0"),
    (
        lambda: insure(method=hl.SyntheticPut(volatility=-0.2)),
        "volatility must be zero or more, and finite, got -0.2",
    ),
    (
        lambda: insure(method=hl.SyntheticPut({CALL: 0.2})),
        "volatility must hold for any strike, for it decides the put's, got {Option(",
    ),
    (
        lambda: insure(method=hl.RealPut(), quotes={CALL: 0.2}),
        "quotes must hold for any strike, for it decides the put's, got {Option(",
    ),
    (
        lambda: insure(method=hl.SyntheticPut(), volatility=np.full((5, 2), [0.2, 0.3]), n_paths=2),
        "volatility must give the put one price on all paths at first, got ",
    ),
    (
        lambda: insure(method=hl.RealPut(), market=hl.Replay([0, 1], [100, 101]), steps=None),
        "volatility must be given in a market that does not know its own, got 'true'",
    ),
    (
        lambda: insure(method=hl.SyntheticPut(delta="gamma")),
        "'sticky_local_volatility' for this volatility, got 'gamma'",
    ),
    (
        lambda: insure(method=hl.RealPut(), cost=hl.FixedCost(50)),
        "floor must leave the fund enough for a put, got 0.9",
    ),
    (lambda: hl.CPPI(0.5), "multiplier must be between 1 and 1e+06, got 0.5"),
    (lambda: hl.CPPI(4, cap=-1), "cap must be zero or more, and finite, got -1.0"),
    (lambda: hl.ConstantMix(-0.1), "share must be between 0 and 1e+06, got -0.1"),
    (lambda: hl.StopLoss(reenter=1), "reenter must be True or False, got 1"),
    (lambda: insure().omega("high"), "threshold must be a number or an array of numbers, got 'high'"),
    (lambda: insure().ledger(path=1), "path must be below 1, the number of paths, got 1"),
    (lambda: compare({}), "methods must be a dict of at least one, got {}"),
    (lambda: compare([hl.CPPI(4)]), "methods must be a dict of at least one, got [CPPI("),
    (
        lambda: compare(seed=None),
        "seed must be a number or a SeedSequence: all methods are to meet the same paths",
    ),
    (lambda: compare(threshold=np.nan), "threshold must be finite, got nan"),
    (lambda: law("option_based_law", floor=[0.9, 1.2]), "floor must be below exp(rate * horizon), 1.03045"),
    (lambda: law("option_based_law", value=0), "value must be positive and finite, got 0.0"),
    (lambda: law("cppi_law", multiplier=[1, 0.9]), "multiplier must be at least 1, got 0.9"),
    (lambda: law("cppi_law", multiplier=4, threshold=-1), "threshold must be positive and finite, got -1.0"),
    (lambda: law("cppi_law", multiplier=[4, 5], horizon=[1, 2, 3]), "the shapes must broadcast together"),
    (
        lambda: law("rebalanced_cppi_law", multiplier=4, steps=0),
        "steps must be a whole number of at least 1, got 0",
    ),
    (lambda: law("stop_loss_law", volatility=0), "volatility must be positive and finite, got 0.0"),
    (
        lambda: hl.insurance.cppi_under_jumps(100, 0.9, 4, 1, MARKET),
        "market must be a Merton, got GBM(spot=100.0, volatility=0.2, drift=0.0)",
    ),
    (
        lambda: hl.insurance.gap_probability(4, 1, 0.5, below=0.1),
        "below must be a function of a log return, got 0.1",
    ),
    (lambda: hl.insurance.gap_probability(4, 1, -1, below=np.exp), "jump_rate must be zero or more, and finite"),
    (lambda: hl.insurance.start_gain(100, 0, 1, 0.2), "strike must be positive and finite, got 0.0"),
    (
        lambda: hl.insurance.switching_cost([100], 100, 1, 0.2),
        "spot must be one number, got an array of shape (1,)",
    ),
    (lambda: hl.insurance.equal_mean_multiplier(100, 100, 1, 0.2, np.nan), "drift must be finite, got nan"),
    (
        lambda: hl.hedge(None, quantity=-1, account=hl.Account(1.0), horizon=1.0, **GOOD),
        "quantity must be positive",
    ),
    (
        lambda: hl.Moment(0, 1.0, 100.0, 0.5, 0.0).selling(CALL),
        "account must be given for a moment to know its selling",
    ),
    (lambda: hedge(policy=EditsItsInput()), "read-only"),
    (lambda: hl.LinearDepth(0), "depth must be positive, from 1e-12 to 1e+18 or infinite, got 0.0"),
    (lambda: hl.LinearDepth(-85.0), "depth must be positive, from 1e-12 to 1e+18 or infinite, got -85.0"),
    (lambda: hl.LinearDepth(np.nan), "depth must be finite, got nan"),
    (lambda: hl.LinearDepth(85.0, thinning=-1), "thinning must be between 0 and 100, got -1.0"),
    (
        lambda: hl.SquareRootDepth(-20.0, 0.02),
        "volume must be positive, from 1e-12 to 1e+18 or infinite, got -20.0",
    ),
    (lambda: hl.SquareRootDepth(20.0, -0.02), "volatility must be between 0 and 10, got -0.02"),
    (lambda: hl.Insurers(-75.0), "insured must be zero or more, and finite, got -75.0"),
    (lambda: hl.Insurers(75.0, spread=0), "spread must be positive and finite, got 0.0"),
    (lambda: hl.Insurers(75.0, delay=0), "delay must be between 1e-09 and 1e+06, got 0.0"),
    (lambda: hl.Insurers(75.0, pace=-1), "pace must be between 0 and 1e+15, got -1.0"),
    (lambda: hl.Insurers(75.0, hidden=1.5), "hidden must be between 0 and 1, got 1.5"),
    (lambda: hl.Insurers(75.0, buy_back="yes"), "buy_back must be True or False, got 'yes'"),
    (
        lambda: hl.Insurers([1.0, 2.0], floor=[0.1, 0.2, 0.3]),
        "insured, floor and spread must be numbers or lists of one length, got [(2,), (3,), ()]",
    ),
    (lambda: hl.ValueBuyers(-1.0, 0.1), "appetite must be between 0 and 1e+15, got -1.0"),
    (lambda: hl.ValueBuyers(1.0, 0), "delay must be between 1e-09 and 1e+06, got 0.0"),
    (lambda: hl.Dealers(np.inf), "gamma must be finite, got inf"),
    (
        lambda: hl.Hedgers(CALL, policy=3),
        "policy must be a function of a Moment, or have a method holding(moment)",
    ),
    (lambda: hl.Hedgers("call"), "option must be an Option or None, got 'call'"),
    (lambda: hl.Hedgers(None, account=100.0), "account must be an Account, got 100.0"),
    (lambda: hl.Halts(levels=(0.07, 0.20, 0.13)), "levels must rise, each between 0 and 1, got (0.07, 0.2, 0.13)"),
    (lambda: hl.Halts(levels=(0.07, 1.2)), "levels must rise, each between 0 and 1, got (0.07, 1.2)"),
    (lambda: hl.Halts(levels=()), "levels must rise, each between 0 and 1, got ()"),
    (lambda: hl.Halts(length=0), "length must be between 1e-09 and 1e+06, got 0.0"),
    (lambda: hl.PriceLimits(0.0), "fall must be between 1e-06 and 0.999999, got 0.0"),
    (
        lambda: hl.crowd.clearing_prices(1e153, hl.Insurers(30.0), hl.LinearDepth(100.0)),
        "news must be between -100 and 100, got 1e+153",
    ),
    (lambda: crowd(news="news"), "news must have a method times, got 'news'"),
    (lambda: crowd(depth=85.0), "depth must be a LinearDepth or a SquareRootDepth, got 85.0"),
    (lambda: crowd(crowd=3), "crowd must have a method enter, got 3"),
    (lambda: crowd(crowd=[hl.Insurers]), "crowd must have a method enter, got <class"),
    (lambda: crowd(value=50.0), "crowd must not be larger than the market's value, 50, got 75"),
    (lambda: crowd(value=0.0), "value must be positive and finite, got 0.0"),
    (lambda: crowd(breakers=0.07), "breakers must be Halts or PriceLimits, got 0.07"),
    (lambda: crowd(reference=-1), "reference must be positive and finite, got -1.0"),
    (lambda: crowd(reference=1e-9), "reference must be near the first price, 100, got 1e-09"),
    (lambda: crowd(night=-1), "night must be between 0 and 1e+06, got -1.0"),
    (
        lambda: crowd(crowd=hl.Dealers(-100.0)),
        "gain of dealers who hedge at once must be below 1 for a price to clear, got 1.17647 at step 0",
    ),
    (
        lambda: crowd(crowd=hl.Dealers(-10.0), breakers=hl.Halts()),
        "dealers must be late in a market with breakers or square-root depth, got Dealers(gamma=-10.0",
    ),
    (
        lambda: crowd(crowd=hl.Dealers(-10.0), depth=hl.SquareRootDepth(20.0, 0.02)),
        "dealers must be late in a market with breakers or square-root depth, got Dealers(gamma=-10.0",
    ),
    (
        lambda: crowd(depth=hl.SquareRootDepth(20.0, 0.02)).gain(),
        "depth must be a LinearDepth for a crowd to have a gain, got SquareRootDepth(",
    ),
    (
        lambda: hedge(market=crowd(news=Market([100])), steps=None),
        "stream of the news must yield prices at 2 times, it stopped after 1",
    ),
    (lambda: hedge(market=crowd(news=Told(spot=[100.0, 100.0]))), "spot must have one value a path, shape (1,)"),
    (
        lambda: hedge(market=crowd(crowd=hl.Hedgers(CALL, policy=Policy(np.nan)))),
        "holding at step 0 must be finite, got nan",
    ),
    (lambda: hl.crowd.episode(MARKET, 0.1, 3), "market must be a CrowdMarket, got GBM("),
    (lambda: hl.crowd.books(MARKET, 0.1, 3), "market must be a CrowdMarket, got GBM("),
    (lambda: hl.crowd.books(crowd(), 0.1, 3, path=1), "path must be below 1, the number of paths, got 1"),
    (lambda: hl.crowd.fold(hl.Insurers(75.0), 85.0), "depth must be a LinearDepth that does not shrink, got 85.0"),
    (
        lambda: hl.crowd.fold(hl.Insurers(75.0), hl.LinearDepth(85.0, thinning=1.0)),
        "depth must be a LinearDepth that does not shrink, got LinearDepth(",
    ),
    (lambda: hl.crowd.fold(75.0, hl.LinearDepth(85.0)), "insurers must be Insurers, got 75.0"),
    (lambda: hl.crowd.SellProgram(-1), "contracts must be between 0 and 1e+12, got -1.0"),
    (lambda: hl.crowd.SellProgram(share=1.5), "share must be between 0 and 1, got 1.5"),
    (lambda: hl.crowd.SellProgram(share=[0.1, np.nan]), "share must be finite, got nan at index 1"),
    (lambda: hl.crowd.SellProgram(pace=-1), "pace must be between 0 and 1e+12, got -1.0"),
    (lambda: hl.crowd.Stop(at=-1), "at must be a whole number of at least 0, got -1"),
    (lambda: hl.crowd.Stop(lasts=0), "lasts must be a whole number of at least 1, got 0"),
    (lambda: hl.crowd.Stop(frees=2), "frees must be between 0 and 1, got 2.0"),
    (lambda: hl.crowd.ThinMarket(limit=0), "limit must be between 1e-09 and 1e+12, got 0.0"),
    (lambda: hl.crowd.ThinMarket(delay=0.5), "delay must be between 1 and 1e+12, got 0.5"),
    (lambda: hl.crowd.ThinMarket(limit=[[1.0]]), "limit must be one number, or one a path, got an array of shape"),
    (lambda: hl.crowd.ThinMarket(depth=100.0), "depth must be a LinearDepth, got 100.0"),
    (lambda: hl.crowd.ThinMarket().sell(0.09), "program must be a SellProgram, got 0.09"),
    (
        lambda: hl.crowd.ThinMarket().sell(hl.crowd.SellProgram(), stop=808),
        "stop must be a Stop or None, got 808",
    ),
    (
        lambda: hl.crowd.ThinMarket().sell(hl.crowd.SellProgram(), seconds=0),
        "seconds must be a whole number of at least 1, got 0",
    ),
    (
        lambda: hl.crowd.ThinMarket(limit=[1.0, 2.0]).sell(hl.crowd.SellProgram(), n_paths=3),
        "limit must be one number, or one a path, 3, got 2",
    ),
    (
        lambda: hl.crowd.ThinMarket().sell(hl.crowd.SellProgram(), 5, 2, shocks=np.zeros((5, 3))),
        "shocks must have shape (5, 2), got (5, 3)",
    ),
    (lambda: hl.crowd.amplification(np.nan), "gain must be finite, got nan"),
    (lambda: hl.crowd.threshold(-1, 1, 1), "absorption must be zero or more, and finite, got -1.0"),
    (lambda: hl.crowd.threshold(1, 0, 1), "insurers_delay must be positive and finite, got 0.0"),
    (lambda: hl.crowd.eigenvalues(1, 1, 1, -1), "buyers_delay must be positive and finite, got -1.0"),
    (
        lambda: hl.crowd.feedback_volatility(100, 100, 1, 0.2, share=1.5),
        "share must be below 1, the whole market, got 1.5",
    ),
    (lambda: hl.crowd.hidden_to_announced(0, 1, 1, 1), "informed must be between 1e-09 and 1, got 0.0"),
    (lambda: svi(rho=1), "rho must lie between -1 and 1, and be neither, got 1.0"),
    (lambda: svi(rho=-1), "rho must lie between -1 and 1, and be neither, got -1.0"),
    (lambda: svi(expiry=0), "expiry must be between 1e-06 and 1000, got 0.0"),
    (lambda: svi(sigma=0), "sigma must be between 1e-08 and 10000, got 0.0"),
    (lambda: svi(b=-0.1), "b must be between 0 and 1e+06, got -0.1"),
    (lambda: svi(m=np.nan), "m must be finite, got nan"),
    (lambda: svi(a=-0.1), "a must leave a positive total variance: a + b sigma sqrt(1 - rho**2) must be 1e-18"),
    (lambda: svi().volatility(np.nan), "log_moneyness must be finite, got nan"),
    (lambda: svi().density([0, 60]), "log_moneyness must be between -50 and 50, got 60.0 at index 1"),
    (lambda: svi().butterfly(low=np.nan), "low must be finite, got nan"),
    (lambda: svi().butterfly(high=100), "high must be between -50 and 50, got 100.0"),
    (lambda: svi().butterfly(1, -1), "low must be below high, got 1 and -1"),
    (
        lambda: jump_wings(skew=-0.4),
        "skew must lie between -put_wing / 2 and call_wing / 2, -0.4 and 0.3, and not",
    ),
    (lambda: jump_wings(skew=0), "skew must lie between -put_wing / 2 and call_wing / 2, -0.4 and 0.3, and not"),
    (lambda: jump_wings(least_variance=0.05), "least_variance must be below variance, 0.04, got 0.05"),
    (lambda: jump_wings(put_wing=0), "put_wing must be positive and finite, got 0.0"),
    (lambda: hl.SVI.from_natural(0, 0, 1, 0.04, 1, 1), "rho must lie between -1 and 1, and be neither, got 1.0"),
    (lambda: hl.SVI.from_natural(0, 0, 0, -0.04, 1, 1), "omega must be zero or more, got -0.04"),
    (lambda: sabr(alpha=0), "alpha must be between 1e-12 and 1e+12, got 0.0"),
    (lambda: sabr(beta=1.1), "beta must be between 0 and 1, got 1.1"),
    (lambda: sabr(rho=-1), "rho must lie between -1 and 1, and be neither, got -1.0"),
    (lambda: sabr(forward=1e9), "alpha * forward**(beta - 1) must be between 0.0001 and 100, got 6.32"),
    (
        lambda: sabr(nu=20, rho=-0.9),
        "nu must be small enough for Hagan's formula to have a volatility at the money",
    ),
    (
        lambda: sabr(nu=1.3, rho=-0.95, expiry=6).volatility([0, -12.5]),
        "log_moneyness must be where the formula has a volatility, got -12.5 at index 1",
    ),
    (lambda: hl.SSVI(-0.7, 0, 0.5), "eta must be between 1e-09 and 1e+06, got 0.0"),
    (
        lambda: hl.SSVI(-0.7, 1, 0.5, [1, 2], [0.04, 0.03]),
        "thetas must be a list of numbers that do not fall, got",
    ),
    (lambda: hl.SSVI(-0.7, 1, 0.5, [1, 2], [0.04]), "thetas must be one for each of expiries, none twice, got 1"),
    (lambda: hl.SSVI(-0.7, 1, 0.5).slice(1), "theta must be given for a surface without expiries, got None"),
    (lambda: hl.SSVI(-0.7, 1, 0.5, [1], [0.04]).slice(0), "expiry must be positive and finite, got 0.0"),
    (lambda: fit(expiry=0), "expiry must be between 1e-06 and 1000, got 0.0"),
    (
        lambda: fit(volatility=changed(VOLATILITY, 3, np.nan)),
        "volatility must be positive and finite, got nan at ind",
    ),
    (
        lambda: fit(volatility=changed(VOLATILITY, 3, 0)),
        "volatility must be positive and finite, got 0.0 at index 3",
    ),
    (
        lambda: fit(volatility=VOLATILITY[1:]),
        "log_moneyness and volatility must be lists of one length, got shapes",
    ),
    (lambda: fit(log_moneyness=changed(K, 2, np.nan)), "log_moneyness must be finite, got nan at index 2"),
    (
        lambda: fit(log_moneyness=changed(K, 4, -0.1)),
        "log_moneyness must not have a strike twice, got -0.1 at index 2 and 4",
    ),
    (
        lambda: fit(log_moneyness=K - 1),
        "log_moneyness must have quotes on both sides of the money, got -1.4 to -0.7",
    ),
    (
        lambda: fit(hl.SABR, log_moneyness=K + 1),
        "log_moneyness must have quotes on both sides of the money, got 0.6",
    ),
    (
        lambda: fit(log_moneyness=K[1:5], volatility=VOLATILITY[1:5]),
        "log_moneyness must have at least 5 quotes with a weight, got 4",
    ),
    (
        lambda: fit(hl.SABR, weights=[1, 0, 0, 0, 1, 0]),
        "log_moneyness must have at least 3 quotes with a weight, got 2",
    ),
    (
        lambda: fit(weights=changed(np.ones(6), 2, -1)),
        "weights must be zero or more, and finite, got -1.0 at index 2",
    ),
    (lambda: fit(bid=VOLATILITY), "bid and ask must both be given or both be left out, got only bid"),
    (
        lambda: fit(bid=changed(VOLATILITY, 1, 0.3), ask=VOLATILITY),
        "bid must not be above ask, crossed, got 0.3 at index 1",
    ),
    (
        lambda: fit(bid=changed(VOLATILITY, 1, np.nan), ask=VOLATILITY),
        "bid must be positive and finite, got nan at index 1",
    ),
    (
        lambda: fit(bid=VOLATILITY + 0.5, ask=VOLATILITY + 0.6),
        "volatility must lie between bid and ask, got 0.24",
    ),
    (lambda: fit(butterflies="yes"), "butterflies must be True or False, got 'yes'"),
    (lambda: fit(hl.SABR, beta=2), "beta must be between 0 and 1, got 2.0"),
    (lambda: fit_all(expiry=changed(np.ones(12), 3, 0)), "expiry must be positive and finite, got 0.0 at index 3"),
    (
        lambda: fit_all(log_moneyness=np.tile(K, 2) + 1),
        "at expiry 0.5, log_moneyness must have quotes on both sides",
    ),
    (
        lambda: fit_all(volatility=changed(np.ones(12), 7, -1)),
        "volatility must be positive and finite, got -1.0 at i",
    ),
    (
        lambda: fit_all(expiry=np.arange(1.0, 13)),
        "at expiry 1, log_moneyness must have at least 5 quotes with a weig",
    ),
    (
        lambda: fit_all(hl.SSVI, log_moneyness=[-1, 1], volatility=[0.2, 0.2], expiry=[1, 1]),
        "log_moneyness must have at least 4 quotes for 1 expiries, got 2",
    ),
    (lambda: fit_all(spot=0), "spot must be positive and finite, got 0.0"),
    (lambda: fit_all(forwards=[100.0]), "forwards must be one for each of 2 slices, got 1"),
    (lambda: hl.Surface([]), "slices must be a list of slices, at least one, got []"),
    (lambda: hl.Surface(svi()), "slices must be a list of slices, at least one, got SVI("),
    (lambda: hl.Surface([svi(), 0.2]), "slices must be a list of slices, at least one, got [SVI("),
    (lambda: hl.Surface([svi(), svi(a=0.02)]), "slices must have different expiries, got [0.5, 0.5]"),
    (lambda: hl.Surface([svi()])(strike=-1, expiry=1), "strike must be positive and finite, got -1.0"),
    (lambda: hl.Surface([svi()])(strike=1, expiry=-1), "expiry must be zero or more, and finite, got -1.0"),
    (
        lambda: hl.Surface([svi()])(strike=[1, 2], expiry=[1, 2, 3]),
        "the shapes must broadcast together, got strike",
    ),
    (lambda: hl.Surface([svi()]).slice(0), "expiry must be positive and finite, got 0.0"),
    (lambda: hl.Surface([svi()]).slice([1, 2]), "expiry must be one number, got an array of shape (2,)"),
    (lambda: quotes(kind=["straddle"]), 'line 2: kind must be "call" or "put", got \'straddle\''),
    (lambda: quotes(bid=[4]), "line 2: bid must not be above ask, got 4 and 3, crossed"),
    (lambda: quotes(bid=[None]), "line 2: bid must be zero or more, and finite, got nan"),
    (
        lambda: quotes(ask=[3, 4]),
        "quotes must be lists of one length, got kind (1,), strike (1,), expiry (1,), bid (1",
    ),
    (lambda: quotes(spot=0), "spot must be positive and finite, got 0.0"),
    (lambda: quotes(rate=np.nan), "rate must be finite, got nan"),
    (lambda: quotes(kind=[], strike=[], expiry=[], bid=[], ask=[]), "quotes must be at least one, got none"),
    (lambda: quotes().fit(), "quotes must have an expiry with at least 5 to be fitted, got none"),
    (
        lambda: hl.Quotes.read_csv(io.StringIO("strike,bid\n"), spot=100),
        "columns must be kind, strike, expiry, bid, ask, got ['strike', 'bid']: kind, expiry, ask missing",
    ),
    (
        lambda: hl.Quotes.read_csv(io.StringIO(""), spot=100),
        "columns must be kind, strike, expiry, bid, ask, got []",
    ),
    (
        lambda: hl.Quotes.read_csv(io.StringIO(""), spot=100, today="Wednesday"),
        "today must be a date such as 2015-05-27, got 'Wednesday'",
    ),
    (lambda: hedge(policy=ChangesItsMind()).ledger(), "policy and cost must decide from what they are given"),
]


HUGE = [
    "x" * 700_000,
    list(range(100_000)),
    {n: n for n in range(100_000)},
    np.arange(1e6),
    10**4000,
    b"x" * 10**6,
]
TAKERS = {
    "spot": lambda value: price(spot=value if not isinstance(value, np.ndarray) else value.astype(str)),
    "kind": lambda value: price(kind=value),
    "option": hedge,
    "kind of an option": lambda value: hl.Option(value, 100, 1),
    "steps": lambda value: hedge(steps=value),
    "seed": lambda value: hedge(seed=value if not isinstance(value, int) else -value),
    "policy": lambda value: hedge(policy=value),
    "cost": lambda value: hedge(cost=value),
    "market": lambda value: hedge(market=value),
    "volatility": lambda value: hedge(volatility=value if not isinstance(value, int) else -1),
    "target": lambda value: hl.Overlay(value, [LATER]),
    "options": lambda value: hl.Overlay("delta-gamma", value),
    "overlay": lambda value: hedge(overlay=value),
    "account": lambda value: hedge(account=value),
    "delta": lambda value: hedge(delta=value),
    "quotes": lambda value: hedge(quotes=value if not isinstance(value, int) else -1),
    "inception": lambda value: hl.NoCost().charged(inception=value),
    "method": lambda value: insure(method=value),
    "reenter": lambda value: hl.StopLoss(reenter=value),
    "methods": lambda value: compare(value if not isinstance(value, dict) else {}),
    "quotes of a put": lambda value: insure(
        method=hl.RealPut(), quotes=value if not isinstance(value, int) else -1, rate=0.01
    ),
    "dates": lambda value: hl.Replay(value, [1.0, 2.0]),
    "date": lambda value: hl.Replay(DATES, [1, 2, 3]).since(value),
    "to": lambda value: hl.DeltaBand(0.1, to=value),
    "crowd": lambda value: crowd(crowd=value),
    "news": lambda value: crowd(news=value),
    "depth": lambda value: crowd(depth=value),
    "breakers": lambda value: crowd(breakers=value),
    "levels": lambda value: hl.Halts(levels=value),
    "insured": lambda value: hl.Insurers(value if not isinstance(value, np.ndarray | list) else [value, "x"]),
    "slices": lambda value: hl.Surface(value),
    "log moneyness": lambda value: svi().volatility(value if not isinstance(value, np.ndarray) else value - 100),
    "kinds": lambda value: hl.Quotes(value, [100], [1], [2], [3], spot=100),
    "today": lambda value: hl.Quotes.read_csv(io.StringIO(""), spot=100, today=value),
    "seed of a frontier": lambda value: hl.frontier(
        CALL, {"a": hl.Clock()}, hl.NoCost(), **(GOOD | {"seed": np.random.default_rng(1)})
    ),
}


@pytest.mark.parametrize("value", HUGE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
def test_a_message_is_short_however_much_it_was_given(take, value):
    with pytest.raises(ValueError) as caught:  # noqa: PT011, the length is what is tested
        take(value)
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize(("act", "message"), TABLE, ids=[message for _, message in TABLE])
def test_bad_input_is_named(act, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        act()


@pytest.mark.parametrize("rate", [0, 1])
def test_the_ends_of_a_range_are_in_it(rate):
    """A rule that says *between 0 and 1* allows both."""
    assert hl.ProportionalCost(rate).charge(2.0, 50.0, 0.2) == 100 * rate


@dataclass(frozen=True)
class Ticket(hl.Cost):
    """A cost of somebody's own, whose types mean nothing to Python."""

    fee: "in dollars"  # noqa: F722

    def charge(self, shares, spot, volatility=None):
        return self.fee


@dataclass(frozen=True)
class Taxed(hl.ProportionalCost):
    """A cost of somebody's own, with a rule and with a type that only says something."""

    tax: Annotated[float, between(0, 10)] = 1
    country: Annotated[str, "where it is paid"] = "GB"


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("holding", {"policy": Policy(np.full((4000, 1), 0.1))}),
        ("charge", {"cost": Cost(np.full((4000, 1), 0.1))}),
    ],
    ids=["holding", "charge"],
)
def test_a_column_is_refused_before_it_fills_the_memory(name, terms):
    """Against 4000 paths it would be a matrix of 128 MB."""
    tracemalloc.start()
    try:
        with pytest.raises(
            ValueError, match=rf"{name} at step 0 must have .* shape \(4000,\), got shape \(4000, 1\)"
        ):
            hedge(n_paths=4000, **terms)
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


def test_the_fields_of_a_class_of_ones_own_may_have_any_types():
    assert Ticket(5).charge(1, 2) == 5
    assert Taxed(0.01).country == "GB"


def test_the_fields_of_a_class_of_ones_own_may_have_rules_and_keep_those_they_inherit():
    assert repr(Taxed(1).tax) == "1.0"
    with pytest.raises(ValueError, match="tax must be between 0 and 10, got 11"):
        Taxed(0.01, tax=11)
    with pytest.raises(ValueError, match="rate must be between 0 and 1, got 2"):
        Taxed(2)
