"""What marks `The robot that charges by the run`."""

import csv
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from coursework import Assignment, Check, Question, Trial, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "algorithm/delta_rebalancing.html"


def straddle(spot, strike, left, volatility, rate):
    if left == 0:
        return abs(spot - strike), np.sign(spot - strike)
    total = volatility * np.sqrt(left)
    d1 = (np.log(spot / strike) + rate * left) / total + total / 2
    delta, bond = 2 * ndtr(d1) - 1, strike * np.exp(-rate * left)
    return spot * delta - bond * (2 * ndtr(d1 - total) - 1), delta


def hedge_some(times, prices, strike, volatility, rate, every):
    """Works on one path, and on many side by side."""
    expiry, held = times[-1], 0.0
    cash = straddle(prices[0], strike, expiry, volatility, rate)[0]
    for number in range(len(times) - 1):
        if number % every == 0:
            delta = straddle(prices[number], strike, expiry - times[number], volatility, rate)[1]
            cash, held = cash - (delta - held) * prices[number], delta
        cash = cash * np.exp(rate * (times[number + 1] - times[number]))
    return cash + held * prices[-1] - abs(prices[-1] - strike)


def hedge(times, prices, strike, volatility, rate):
    return hedge_some(times, prices, strike, volatility, rate, 1)


def deviation(runs, spot, strike, expiry, volatility, rate, paths, seed):
    times = np.arange(runs + 1) * expiry / runs
    moves = np.random.default_rng(seed).standard_normal((runs, paths)) * volatility * np.sqrt(expiry / runs)
    logs = (moves + (rate - volatility**2 / 2) * expiry / runs).cumsum(axis=0)
    prices = spot * np.exp(np.vstack([np.zeros(paths), logs]))
    return hedge(times, prices, strike, volatility, rate).std()


def fits(ask, generator):
    """How many of four deviations are right, to 12 %: 2,000 paths know them to some 3 %."""
    right = []
    for runs in (4, 16, 12, 48):
        spot = float(generator.uniform(40, 90))
        terms = (
            spot,
            spot * float(generator.uniform(0.95, 1.05)),
            *map(float, generator.uniform(0.2, 0.6, size=2)),
        )
        asked = (runs, *terms, float(generator.uniform(0, 0.06)), 2_000, int(generator.integers(1, 10**6)))
        given = [ask(*asked), ask(*asked)]
        fine = all(isinstance(value, (float, np.floating)) for value in given) and given[0] == given[1]
        right.append(fine and abs(given[0] / deviation(*asked[:-2], 10_000, 1) - 1) < 0.12)
    return float(np.mean(right))


def exponent(runs, deviations):
    return np.polyfit(np.log(runs), np.log(deviations), 1)[0]


def needed(deviation, runs, wanted):
    return int(np.ceil(runs * (deviation / wanted) ** 2))


def best_runs(variance_once, aversion, fee):
    def all_in(runs):
        return fee * runs + aversion * variance_once / runs / 2

    near = max(int(np.sqrt(aversion * variance_once / fee / 2)), 1)
    return min((near, near + 1), key=all_in)


def half_year(every):
    """P&L of 300 straddles on the fund's half year."""
    with open(DATA / "heating_oil.csv") as file:
        closes = [float(row["close"]) for row in csv.DictReader(file)]
    return 300 * hedge_some(np.arange(127) / 252, closes, 60.0, 0.35, 0.04, every)


def straddles(generator):
    for left in (0.0, *generator.uniform(0.02, 1.5, size=5)):
        spot = float(generator.uniform(40, 90))
        strike = spot * float(generator.uniform(0.8, 1.25))
        yield spot, strike, float(left), float(generator.uniform(0.1, 0.7)), float(generator.uniform(0, 0.08))


def some_paths(generator):
    for _ in range(4):
        n = int(generator.integers(6, 25))
        times = np.concatenate([[0], generator.uniform(0.005, 0.05, size=n).cumsum()])
        prices = 60 * np.exp(np.concatenate([[0], generator.normal(scale=0.04, size=n).cumsum()]))
        yield times, prices, float(generator.uniform(52, 68)), float(generator.uniform(0.2, 0.5)), 0.06


def rarer(generator):
    for path in some_paths(generator):
        yield *path, int(generator.integers(2, 5))


def fee_schedules(generator):
    for number in range(6):
        if number == 5:  # a fee so high that once is enough
            yield float(generator.uniform(100, 1000)), 1e-4, float(generator.uniform(5, 20))
        else:
            best = int(generator.integers(2, 400)) + float(
                generator.uniform(0.1, 0.4)
            )  # no tie between neighbours
            aversion, fee = float(10 ** generator.uniform(-4, -2)), float(generator.uniform(2, 30))
            yield 2 * fee * best**2 / aversion, aversion, fee


def tables_of_runs(generator):
    for _ in range(3):
        runs = np.sort(generator.choice(np.arange(3, 400), size=5, replace=False))
        yield runs, 9 * runs ** -float(generator.uniform(0.2, 0.6)) * np.exp(generator.normal(scale=0.03, size=5))


def wishes(generator):
    for _ in range(4):
        runs, share = int(generator.integers(5, 200)), float(generator.uniform(0.2, 0.9))
        yield (found := float(generator.uniform(0.5, 9))), runs, found * share


WEEK = ([0.0, 0.1, 0.15, 0.25], [60.0, 63.0, 58.5, 61.0], 60.0, 0.35, 0.04)

ASSIGNMENT = Assignment(
    "hw4",
    "The robot that charges by the run",
    follows="algorithm/delta_rebalancing",
    minutes=(75, 120),
    questions=[
        Question("q1", "The straddle", [
            Check("straddle", [(60.0, 60.0, 0.5, 0.35, 0.04), (55.0, 60.0, 0.0, 0.35, 0.04)], straddle, 1,
                  "at the start, and at the end"),
            Check("straddle", straddles, straddle, 2, "other straddles", share=True,
                  again="foundations/replication.html#the-limit"),
        ]),
        Question("q2", "One path, interest and all", [
            Check("hedge", [WEEK], hedge, 1, "three trades"),
            Check("hedge", some_paths, hedge, 4, "other paths", share=True, again=f"{CHAPTER}#ten-lines"),
        ]),
        Question("q3", "A robot that comes less often", [
            Check("hedge_some", [(*WEEK, 2)], hedge_some, 1, "every second price"),
            Check("hedge_some", rarer, hedge_some, 2, "other paths and rhythms", share=True,
                  again=f"{CHAPTER}#ten-thousand-quarters"),
            Check("daily", None, lambda: half_year(1), 1, "the fund's half year, every close", absolute=0.5,
                  again=f"{CHAPTER}#ten-lines"),
            Check("weekly", None, lambda: half_year(5), 1, "the same, every fifth close", absolute=0.5,
                  again=f"{CHAPTER}#ten-lines"),
        ]),
        Question("q4", "Two thousand half years", [
            Trial("deviation", fits, 5, "deviations in other worlds, and the same seed the same number",
                  "Not all of four deviations are what many hedged paths have, or the same seed gave two numbers.",
                  again=f"{CHAPTER}#ten-thousand-quarters"),
        ]),
        Question("q5", "The law, and what it promises", [
            Check("exponent", [([4, 16, 64], [8.0, 4.0, 2.0])], exponent, 1, "a table without noise"),
            Check("exponent", tables_of_runs, exponent, 1, "other tables",
                  again=f"{CHAPTER}#the-square-root-law"),
            Check("needed", [(2.0, 26, 1.0)], needed, 1, "half of it", relative=0, absolute=0.1),
            Check("needed", wishes, needed, 1, "other wishes", relative=0, absolute=0.1,
                  again=f"{CHAPTER}#the-square-root-law"),
        ]),
        Question("q6", "How many runs to book", [
            Check("best_runs", [(4_000_000.0, 0.001, 9.0)], best_runs, 1, "one tariff", relative=0,
                  absolute=0.1),
            Check("best_runs", fee_schedules, best_runs, 3, "other tariffs", share=True, relative=0,
                  absolute=0.1,
                  again=f"{CHAPTER}#the-square-root-law"),
        ]),
        Question("q7", "What the treasurer saw", written=Written([
            (1, "says that the difference of the two results on one path is chance, and does not explain it away"),
            (2, "compares it with the standard deviations of the two rhythms, in dollars for 300 straddles"),
            (1, "says what the number of runs changes and what it does not"),
            (1, "recommends a number of runs, with the price of risk that it rests on"),
        ])),
    ],
)  # fmt: skip
