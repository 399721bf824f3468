"""What marks `The tramwaymen's fund`."""

import csv
from pathlib import Path

import numpy as np

from coursework import Assignment, Check, Question, Trial, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "insurance/when_the_market_gaps.html"
START, PENSIONS, LAST, RATE = 240.0, [2.5] * 36, 120.0, 0.03
ALLOWED = 0.02


def needed(payments, last, rate):
    worth, growth = [last], np.exp(rate / 12)
    for payment in reversed(payments):
        worth.append((worth[-1] + payment) / growth)
    return worth[::-1]


def protect(index, start, payments, last, rate, multiplier):
    """Works on one path, and on many side by side."""
    index, floors, growth = np.asarray(index, float), needed(payments, last, rate), np.exp(rate / 12)
    worth, stock = [start + 0 * index[0]], []
    for month, payment in enumerate(payments):
        stock.append(np.clip(multiplier * (worth[-1] - floors[month]), 0, np.maximum(worth[-1], 0)))
        cash = (worth[-1] - stock[-1]) * growth
        worth.append(stock[-1] * index[month + 1] / index[month] + cash - payment)
    return {"worth": np.array(worth), "stock": np.array(stock)}


def failure(ends, last):
    ends = np.asarray(ends)
    short = last - ends[ends < last - 1e-6]
    share = len(short) / len(ends)
    return {
        "share": share,
        "share_error": np.sqrt(share * (1 - share) / len(ends)),
        "shortfall": short.mean() if len(short) else np.nan,
    }


def at_most(trials, doubt):
    return 1 - doubt ** (1 / trials)


def three_years(multiplier):
    """What the fund has beyond its promise after the years of the record."""
    with open(DATA / "index.csv") as file:
        index = [float(row["index"]) for row in csv.DictReader(file)]
    return protect(index, START, PENSIONS, LAST, RATE, multiplier)["worth"][-1] - LAST


def indices(world, paths, generator):
    """Many three years of an index that diffuses and jumps, months down, paths across."""
    jumps = generator.poisson(world["jump_rate"] / 12, size=(36, paths))
    scatter = np.sqrt(jumps) * world["jump_volatility"] * generator.standard_normal(jumps.shape)
    mean = np.exp(world["jump_mean"] + world["jump_volatility"] ** 2 / 2) - 1
    steady = (world["drift"] - world["jump_rate"] * mean - world["volatility"] ** 2 / 2) / 12
    calm = world["volatility"] / np.sqrt(12) * generator.standard_normal(jumps.shape)
    moves = steady + calm + jumps * world["jump_mean"] + scatter
    return np.exp(np.vstack([np.zeros(paths), moves.cumsum(axis=0)]))


def some_world(generator):
    names = ("drift", "volatility", "jump_rate", "jump_mean", "jump_volatility")
    drawn = generator.uniform([0.06, 0.10, 0.3, -0.28, 0.04], [0.09, 0.17, 0.9, -0.12, 0.09])
    return dict(zip(names, drawn.tolist(), strict=True))


def outcome(index, multiplier):
    """Share that fails, mean shortfall of those, mean end."""
    ends = protect(index, START, PENSIONS, LAST, RATE, multiplier)["worth"][-1]
    found = failure(ends, LAST)
    return found["share"], found["shortfall"], ends.mean()


def measured(ask, generator):
    """In how many of four worlds both numbers are right, to 4.5 standard errors, and one seed gives one answer."""
    right = []
    for multiplier in (3.0, 4.5, 6.0, 8.0):
        world, seed = some_world(generator), int(generator.integers(1, 10**6))
        share, shortfall, _ = outcome(indices(world, 16_000, generator), multiplier)
        got, again = (np.asarray(ask(world, multiplier, 4_000, seed), float) for _ in range(2))
        near = 4.5 * np.sqrt(share * (1 - share) * (1 / 4_000 + 1 / 16_000)) + 0.001
        failed = share * 4_000
        far = 4.5 * shortfall / np.sqrt(max(failed, 1)) + 0.05  # the shortfalls scatter by less than their mean
        fine = got.shape == (2,) and (got == again).all() and abs(got[0] - share) < near
        right.append(bool(fine and (failed < 40 or abs(got[1] - shortfall) < far)))
    return float(np.mean(right))


def chosen(ask, generator):
    """How well the multiplier is chosen in four worlds: how much of what can be earned, if the promise is kept.

    The share that may fail is 2 %.  On other paths a right choice may fail in 3 %; from there points go, to 5 %.
    """
    found = []
    for _ in range(4):
        world = some_world(generator)
        index = indices(world, 6_000, generator)
        own = float(ask(world))
        if not 0 <= own <= 100:
            raise ValueError("not a multiplier")
        low, high = 1.0, 12.0
        while high - low > 0.2:
            middle = (low + high) / 2
            low, high = (middle, high) if outcome(index, middle)[0] <= ALLOWED else (low, middle)
        (share, _, mean), (_, _, none), (_, _, most) = (outcome(index, times) for times in (own, 0.0, low))
        earned = (mean - none) / (0.9 * (most - none))
        found.append(np.clip(earned, 0, 1) * np.clip((0.05 - share) / 0.02, 0, 1))
    return float(np.mean(found))


def promises(generator):
    for _ in range(4):
        n = int(generator.integers(2, 24))
        payments = [float(payment) for payment in generator.uniform(1, 5, size=n)]
        yield payments, float(generator.uniform(20, 200)), float(generator.uniform(0, 0.06))


def funds(generator):
    for number in range(5):
        n = int(generator.integers(4, 20))
        index = 1000 * np.exp(generator.normal(scale=0.08, size=n + 1).cumsum())
        payments = [float(payment) for payment in generator.uniform(1, 3, size=n)]
        last, rate = float(generator.uniform(80, 150)), float(generator.uniform(0, 0.05))
        start = needed(payments, last, rate)[0] * float(generator.uniform(1.05, 1.4))
        yield index.tolist(), start, payments, last, rate, 14.0 if number == 2 else float(generator.uniform(1, 7))


def endings(generator):
    for number in range(4):
        last = float(generator.uniform(80, 150))
        ends = last + generator.normal(6, 8, size=60)
        if number == 1:  # none fails, but one by a rounding
            ends = last + abs(ends - last)
            ends[7] = last - 1e-9
        yield ends.tolist(), last


def silences(generator):
    for _ in range(4):
        yield int(generator.integers(20, 5_000)), float(generator.uniform(0.01, 0.2))


FUND = ([1000.0, 1060.0, 840.0, 870.0], 130.0, [2.0, 2.0, 2.0], 110.0, 0.03, 5.0)

ASSIGNMENT = Assignment(
    "hw8",
    "The tramwaymen's fund",
    follows="insurance/when_the_market_gaps",
    minutes=(75, 120),
    questions=[
        Question("q1", "What is still promised", [
            Check("needed", [([2.0, 3.0], 100.0, 0.03)], needed, 1, "two pensions"),
            Check("needed", promises, needed, 2, "other promises", share=True,
                  again="insurance/synthetic_put.html#fund-pays"),
        ]),
        Question("q2", "A fund that pays, and meets once a month", [
            Check("protect", [FUND], protect, 1, "three months"),
            Check("protect", funds, protect, 3, "other funds, and one that would borrow", share=True,
                  again="insurance/synthetic_put.html#cppi"),
        ]),
        Question("q3", "Three years that were", [
            Check("surplus_3", None, lambda: three_years(3), 1, "the three years, with three times", absolute=0.02,
                  again="insurance/synthetic_put.html#cppi"),
            Check("surplus_6", None, lambda: three_years(6), 1, "the three years, with six times", absolute=0.02,
                  again="insurance/synthetic_put.html#cppi"),
        ]),
        Question("q4", "How often, how much, how surely", [
            Check("failure", [([118.0, 121.0, 119.5, 130.0], 120.0)], failure, 1, "four ends"),
            Check("failure", endings, failure, 2, "other ends, and none that fails", share=True,
                  again=f"{CHAPTER}#a-world-that-jumps"),
            Check("at_most", [(100, 0.05)], at_most, 1, "a hundred years of peace"),
            Check("at_most", silences, at_most, 1, "other silences", again=f"{CHAPTER}#a-world-that-jumps"),
        ]),
        Question("q5", "Four thousand times three years", [
            Trial("chance", measured, 4, "four hidden worlds, and the same seed the same numbers",
                  "Not all of four worlds have this share of failures and this shortfall, or one seed gave two.",
                  again=f"{CHAPTER}#a-world-that-jumps"),
        ]),
        Question("q6", "How many times", [
            Trial("multiplier", chosen, 5, "keeps the promise in four hidden worlds, and earns what can be earned",
                  "In one of four worlds more than 2 % fail, or much more could have been earned.",
                  again=f"{CHAPTER}#a-method-is-what-it-held-on-friday"),
        ]),
        Question("q7", "To the tramwaymen", written=Written([
            (1, "recommends a multiplier, with the share that fails, its size, and the world that this supposes"),
            (1, "says what the record of one three years shows, and what it does not"),
            (1, "explains why meeting more often would not help against a jump, and against what it would "
                "(at three times it does)"),
            (1, "says what is given up for safety, in money"),
            (1, "says in a sentence that a pensioner understands what failing would mean to them"),
        ])),
    ],
)  # fmt: skip
