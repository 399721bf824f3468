"""What marks `Three holes in the ground`."""

import csv
from math import erf, exp, log, sqrt
from pathlib import Path

from coursework import Assignment, Check, Question, Written

CHAPTER = "foundations/replication.html"
CHAIN = Path(__file__).parent / "data" / "chain.csv"


def replicate(up, down, value_up, value_down, growth):
    shares = (value_up - value_down) / (up - down)
    return shares, (value_up - shares * up) / growth


def free_lunch(spot, up, down, growth):
    return "buy" if down >= spot * growth else "short" if up <= spot * growth else "none"


def hedge(spot, stages, growth, best):
    """Shares and cash that end as the best price less the last, `best` having been seen."""
    best = max(best, spot)
    if not stages:
        return 0.0, best - spot
    (up, down), *later = stages
    worth = []
    for price in (spot * up, spot * down):
        shares, cash = hedge(price, later, growth, best)
        worth.append(shares * price + cash)
    return replicate(spot * up, spot * down, *worth, growth)


def lookback(spot, stages, growth):
    shares, cash = hedge(spot, stages, growth, spot)
    return shares * spot + cash


def plan(spot, stages, growth):
    (up, down), *later = stages
    after = [hedge(spot * factor, later, growth, spot) for factor in (up, down)]
    return [list(pair) for pair in (hedge(spot, stages, growth, spot), *after)]


def normal(x):
    return (1 + erf(x / sqrt(2))) / 2


def call_price(spot, strike, expiry, volatility, rate):
    total = volatility * sqrt(expiry)
    d1 = (log(spot / strike) + rate * expiry) / total + total / 2
    return spot * normal(d1) - strike * exp(-rate * expiry) * normal(d1 - total)


def implied(price, spot, strike, expiry, rate):
    low, high = 1e-6, 10.0
    if not max(spot - strike * exp(-rate * expiry), 0) < price < spot:
        return None
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if call_price(spot, strike, expiry, middle, rate) < price else (low, middle)
    return low


def locked_in(spot, strike, expiry, rate, call_bid, call_ask, put_bid, put_ask):
    bond = strike * exp(-rate * expiry)
    return max(bond - (spot + put_ask - call_bid), spot + put_bid - call_ask - bond, 0.0)


def riskless():
    with open(CHAIN) as file:
        rows = [{name: float(text) for name, text in row.items()} for row in csv.DictReader(file)]
    return [row["strike"] for row in rows if locked_in(25.0, expiry=0.4, rate=0.04, **row) > 0]


def steps(generator):
    for _ in range(4):
        down = float(generator.uniform(20, 60))
        up, growth = down + float(generator.uniform(5, 40)), float(generator.uniform(1, 1.1))
        yield up, down, *(float(value) for value in generator.uniform(0, 30, size=2)), growth


def prices_after(generator):
    """Results below the bank, above and around it; some between today's price and what the bank makes of it."""
    for low, high in ((0.6, 0.9), (1.02, 1.4), (0.7, 1.3), (0.8, 1.0), (1.0, 1.3)) * 2:
        spot, growth = float(generator.uniform(20, 60)), float(generator.uniform(1.04, 1.1))
        bank = spot * growth
        narrow = spot * float(1 + (growth - 1) * generator.uniform(0.2, 0.8))
        up = narrow if high == 1 else bank * high * float(generator.uniform(0.98, 1.02))
        down = narrow if low == 1 else bank * low * float(generator.uniform(0.99, 1.01))
        yield spot, up, down, growth


def programmes(least, most):
    """Drilling programmes of so many holes, each a function of the generator."""

    def drawn(generator):
        for _ in range(5):
            holes = int(generator.integers(least, most + 1))
            growth = float(generator.uniform(1, 1.02))
            stages = [
                [float(generator.uniform(1.1, 1.6)), float(generator.uniform(0.6, 0.95))] for _ in range(holes)
            ]
            yield float(generator.uniform(10, 60)), stages, growth

    return drawn


def options(generator):
    for _ in range(6):  # never so far from the money that a price in cents forgets the volatility
        spot, expiry, volatility = (
            generator.uniform(10, 90),
            generator.uniform(0.2, 2),
            generator.uniform(0.15, 0.8),
        )
        strike = spot * generator.uniform(0.85, 1.2)
        yield float(spot), float(strike), float(expiry), float(volatility), float(generator.uniform(0, 0.08))


def quotes(generator):
    for spot, strike, expiry, volatility, rate in options(generator):
        yield call_price(spot, strike, expiry, volatility, rate), spot, strike, expiry, rate


def beyond(generator):
    """Some quotes that have a volatility, and some below or above all that any can give."""
    for number, (price, spot, strike, expiry, rate) in enumerate(quotes(generator)):
        floor = max(spot - strike * exp(-rate * expiry), 0)
        price = (price, 0.97 * floor - 0.1 if floor > 0.2 else spot * 1.01, spot * 1.05)[number % 3]
        yield price, spot, strike, expiry, rate


def chains(kinds):
    """Quotes that lie off parity by more than their spreads: above (1), below (-1), or not at all (0)."""

    def drawn(generator):
        for kind in kinds:
            _, spot, strike, expiry, rate = next(iter(quotes(generator)))
            call = spot * float(generator.uniform(0.1, 0.3)) + max(spot - strike, 0)
            put = call - spot + strike * exp(-rate * expiry)
            off = kind * float(generator.uniform(0.3, 0.8))
            yield spot, strike, expiry, rate, call + off - 0.05, call + off + 0.05, put - 0.04, put + 0.04

    return drawn


TWO_SIDES = [(3.39, 3.47, 2.2, 2.3), (3.0, 3.08, 2.9, 3.0)]
HOLES = [[1.3, 0.85], [1.25, 0.9]]

ASSIGNMENT = Assignment(
    "hw2",
    "Three holes in the ground",
    follows="foundations/replication",
    minutes=(75, 120),
    questions=[
        Question("q1", "One hole", [
            Check("replicate", [(13.0, 8.5, 0.0, 1.5, 1.01)], replicate, 1, "one step"),
            Check("replicate", steps, replicate, 1, "other steps", again=f"{CHAPTER}#two-equations"),
        ]),
        Question("q2", "Something for nothing", [
            Check("free_lunch", [(10.0, 13.0, 10.5, 1.01), (10.0, 13.0, 8.5, 1.01)], free_lunch, 1,
                  "two results"),
            Check("free_lunch", prices_after, free_lunch, 2, "other results", again=f"{CHAPTER}#the-limit"),
        ]),
        Question("q3", "The promise", [
            Check("lookback", [(10.0, HOLES[:1], 1.01), (10.0, HOLES, 1.01)], lookback, 1, "one hole, and two"),
            Check("lookback", programmes(2, 7), lookback, 4, "other programmes", share=True,
                  again=f"{CHAPTER}#two-sundays"),
        ]),
        Question("q4", "Orders for the broker", [
            Check("plan", [(10.0, HOLES, 1.01)], plan, 1, "two holes"),
            Check("plan", programmes(2, 6), plan, 3, "other programmes", share=True,
                  again=f"{CHAPTER}#two-sundays"),
        ]),
        Question("q5", "The volatility in a price", [
            Check("call_price", [(25.0, 25.0, 0.4, 0.52, 0.04)], call_price, 1, "one call", relative=1e-5),
            Check("call_price", options, call_price, 1, "other calls", relative=1e-5,
                  again=f"{CHAPTER}#the-limit"),
            Check("implied", [(3.4, 25.0, 25.0, 0.4, 0.04), (26.0, 25.0, 25.0, 0.4, 0.04)], implied, 1,
                  "a quote with a volatility, and one without", relative=1e-4),
            Check("implied", quotes, implied, 3, "other quotes", share=True, relative=1e-4,
                  again=f"{CHAPTER}#implied-volatility"),
            Check("implied", beyond, implied, 1, "quotes with and without one", relative=1e-4,
                  again=f"{CHAPTER}#implied-volatility"),
        ]),
        Question("q6", "Two quotes that cannot stand", [
            Check("locked_in", [(25.0, 25.0, 0.4, 0.04, *quotes) for quotes in TWO_SIDES],
                  locked_in, 1, "a put too cheap, and one too dear", absolute=1e-4),
            Check("locked_in", chains((1, -1, 1, -1)), locked_in, 2, "other gaps", share=True, absolute=1e-4,
                  again=f"{CHAPTER}#puts-and-what-waiting-is-worth"),
            Check("locked_in", chains((1, 0, -1, 0)), locked_in, 1, "gaps and none", absolute=1e-4,
                  again=f"{CHAPTER}#puts-and-what-waiting-is-worth"),
            Check("riskless", None, riskless, 1, "the strikes in the chain",
                  again=f"{CHAPTER}#puts-and-what-waiting-is-worth"),
        ]),
        Question("q7", "The geologist's eight in ten", written=Written([
            (2, "the promise costs what its hedge costs, and the hedge uses no chance: says where in the two "
                "equations a chance would have to stand"),
            (1, "says what the eight in ten is good for instead, with a number for this programme"),
            (2, "a third result leaves three equations and two unknowns: says that a share that stays leaves "
                "the bank a surplus, that a result outside the two leaves it short, and what it can do"),
        ])),
    ],
)  # fmt: skip
