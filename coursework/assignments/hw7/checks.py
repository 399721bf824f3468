"""What marks `The glassmaker's shares`."""

import csv
from itertools import combinations
from pathlib import Path

import numpy as np

import hedgelab as hl
from coursework import Assignment, Check, Question, Trial, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "algorithm/hedging_with_options.html"
WORLD = hl.Heston(50, 0.07, mean_reversion=2.5, long_variance=0.07, vol_of_variance=0.55, correlation=-0.65)
PUTS, AVERSION = 40_000, 0.0003


def from_grid(prices, spot_step, variance_step):
    table = np.asarray(prices)
    return {
        "delta": (table[2, 1] - table[0, 1]) / (2 * spot_step),
        "gamma": (table[2, 1] - 2 * table[1, 1] + table[0, 1]) / spot_step**2,
        "vega": (table[1, 2] - table[1, 0]) / (2 * variance_step),
        "vanna": (table[2, 2] - table[2, 0] - table[0, 2] + table[0, 0]) / (4 * spot_step * variance_step),
    }


def two_options(owed, first, second):
    (delta, gamma, vega), (delta_1, gamma_1, vega_1), (delta_2, gamma_2, vega_2) = owed, first, second
    one, other = gamma_1 * vega_2, gamma_2 * vega_1
    if abs(one - other) <= 1e-6 * (abs(one) + abs(other)):
        return None
    n_1 = (gamma * vega_2 - gamma_2 * vega) / (one - other)
    n_2 = (gamma_1 * vega - gamma * vega_1) / (one - other)
    return [n_1, n_2, delta - n_1 * delta_1 - n_2 * delta_2]


def cheapest(owed, listed, half_spreads):
    found = []
    for pair in combinations(range(len(listed)), 2):
        numbers = two_options(owed, *(listed[i] for i in pair))
        if numbers:
            cost = sum(abs(n) * half_spreads[i] for n, i in zip(numbers[:2], pair, strict=True))
            found.append((cost, list(pair), numbers[:2]))
    cost, pair, numbers = min(found)
    return {"pair": pair, "numbers": numbers, "cost": cost}


def worth_buying(owed, vega, unexplained, aversion, half_spread):
    saved_by_spread = half_spread / (aversion * (unexplained * vega) ** 2)
    return np.sign(owed) * max(abs(owed) / vega - saved_by_spread, 0)


def greeks(option):
    found = WORLD.greeks(option)
    return [found.delta, found.gamma, found.variance_vega]


def listed():
    """The options of the list, and half of what lies between bid and ask."""
    with open(DATA / "listed.csv") as file:
        rows = list(csv.DictReader(file))
    options = [hl.Option(row["kind"], float(row["strike"]), int(row["months"]) / 12) for row in rows]
    return options, [(float(row["ask"]) - float(row["bid"])) / 2 for row in rows]


def of_the_glassmaker():
    """What the cheapest neutral pair of the list is for 40,000 puts struck at 47, four months to run."""
    options, half_spreads = listed()
    owed = [PUTS * each for each in greeks(hl.Option("put", 47.0, 4 / 12))]
    return cheapest(owed, [greeks(option) for option in options], half_spreads)


def month(option, seed):
    """P&L of one option over four weeks, its delta of least variance hedged once a week, path by path."""
    with hl.computing(workers=1, progress=False):
        run = hl.hedge(option, quantity=1, market=WORLD, volatility=WORLD, delta="minimum_variance_delta", steps=4,
                       horizon=20 / 252, n_paths=600, seed=seed)  # fmt: skip
    return run.pnl


def kept(ask, generator):
    """For four clients: how far a basket gets from shares alone to the best neutral pair, in risk and all in.

    Both are counted in logarithms, as half of what is left is half wherever one stands.  All P&Ls are linear in
    the numbers, so that one walk of each option judges every basket, on the same paths.
    """
    options, spreads = listed()
    seed = int(generator.integers(2**31))
    tools = np.array([month(option, seed) for option in options])
    table = [greeks(option) for option in options]
    found = []
    for months in (3, 4, 5, 4):
        strike = float(generator.uniform(45, 53))
        half_spreads = np.array([spread * float(generator.uniform(0.7, 1.4)) for spread in spreads])
        put = hl.Option("put", strike, months / 12)
        sold = month(put, seed)

        def bill(numbers, sold=sold, half_spreads=half_spreads):
            deviation = PUTS * (numbers @ tools - sold).std()
            return PUTS * abs(numbers) @ half_spreads + AVERSION / 2 * deviation**2, deviation

        goal = min(bill(numbers) for numbers in neutral(greeks(put), table))
        own = np.asarray(ask(strike, months / 12, half_spreads.tolist()), float)
        if own.shape != half_spreads.shape or not np.isfinite(own).all():
            raise ValueError("not one number for each option of the list")
        alone, goal, got = np.log([bill(0 * own), goal, bill(own)])
        found.append((alone - got) / (alone - goal))
    return np.array(found)


def neutral(owed, table):
    """The pairs that have the gamma and vega that are owed, as numbers of all options."""
    for pair in combinations(range(len(table)), 2):
        numbers = two_options(owed, *(table[i] for i in pair))
        if numbers:
            yield np.bincount(pair, numbers[:2], minlength=len(table))


def quieter(ask, generator):
    """Two thirds of the way, in logarithms, earn all: a pair that is good all in need not leave the least."""
    return float(np.clip(kept(ask, generator)[:, 1] / 0.65, 0, 1).mean())


def cheaper(ask, generator):
    """88 % of the way earn all, for the best pair of these paths may be another on those that a student sees."""
    return float(np.clip(kept(ask, generator)[:, 0] / 0.88, 0, 1).mean())


def grids(generator):
    for _ in range(4):
        spot_step, variance_step = float(generator.uniform(0.1, 1)), float(generator.uniform(0.001, 0.01))
        x = spot_step * np.array([-1, 0, 1])[:, None]
        y = variance_step * np.array([-1, 0, 1])
        c = generator.uniform(-1, 1, size=6)
        prices = 4 + c[0] * x + 0.2 * c[1] * x**2 + 20 * c[2] * y + c[3] * x * y + 90 * c[4] * y**2
        yield prices, spot_step, variance_step


def triples(generator):
    for number in range(5):
        rows = generator.uniform([-0.9, 0.01, 5], [0.9, 0.06, 40], size=(3, 3))
        owed, first, second = rows.tolist()
        if number == 3:  # one as good as twice the other, but for its delta
            second = [second[0], 2 * first[1], 2 * first[2]]
        yield [40_000 * each for each in owed], first, second


def lists(generator):
    for number in range(4):
        rows = generator.uniform([-1, 0.01, 300], [1, 0.06, 1500], size=(6, 3))
        rows[:, 2] *= rows[:, 1]  # what was drawn is the proportion of vega to gamma
        rows = rows.tolist()
        if number == 1:  # twins
            rows[4] = [0.1, 2 * rows[2][1], 2 * rows[2][2]]
        owed = [-12_000.0, 900.0, 900.0 * float(generator.uniform(500, 1200))]
        yield owed, rows, [float(spread) for spread in generator.uniform(0.01, 0.1, size=6)]


def one_option(generator):
    for number in range(6):
        owed = float(generator.uniform(2e5, 9e5)) * (-1 if number == 1 else 1)
        vega, aversion = float(generator.uniform(10, 40)), float(10 ** generator.uniform(-4.5, -3))
        spread = float(generator.uniform(0.02, 0.2)) * (400 if number == 2 else 1)
        yield owed, vega, float(generator.uniform(0.02, 0.06)), aversion, spread


GRID = [[2.9, 3.1, 3.4], [2.5, 2.7, 3.0], [2.2, 2.4, 2.6]]
OWED = [-11_000.0, 1_400.0, 480_000.0]
ROWS = [[-0.3, 0.05, 9.0], [0.5, 0.04, 18.0], [0.4, 0.025, 20.0], [0.5, 0.02, 22.0]]

ASSIGNMENT = Assignment(
    "hw7",
    "The glassmaker's shares",
    follows="algorithm/hedging_with_options",
    minutes=(75, 120),
    libraries=("hedgelab",),
    questions=[
        Question("q1", "Nine prices", [
            Check("from_grid", [(GRID, 0.5, 0.01)], from_grid, 1, "nine prices"),
            Check("from_grid", grids, from_grid, 2, "other nines", share=True,
                  again=f"{CHAPTER}#where-the-money-went"),
        ]),
        Question("q2", "Two options, and the shares last", [
            Check("two_options", [(OWED, ROWS[0], ROWS[2])], two_options, 1, "one pair"),
            Check("two_options", triples, two_options, 3, "other pairs, and a pair that cannot", share=True,
                  again=f"{CHAPTER}#two-equations-two-unknowns"),
        ]),
        Question("q3", "The cheapest neutral pair", [
            Check("cheapest", [(OWED, ROWS, [0.04, 0.05, 0.06, 0.07])], cheapest, 1, "a short list"),
            Check("cheapest", lists, cheapest, 2, "other lists", share=True,
                  again=f"{CHAPTER}#what-it-costs-and-how-often"),
            Check("pair", None, lambda: of_the_glassmaker()["pair"], 1, "the glassmaker's pair",
                  again=f"{CHAPTER}#one-direction-for-each-expiry"),
            Check("pair_cost", None, lambda: of_the_glassmaker()["cost"], 1, "what it costs", relative=0.01,
                  again=f"{CHAPTER}#what-it-costs-and-how-often"),
        ]),
        Question("q4", "How many are worth their spread", [
            Check("worth_buying", [(480_000.0, 20.0, 0.04, 0.0003, 0.06)], worth_buying, 1, "one option"),
            Check("worth_buying", one_option, worth_buying, 3, "other options, and one too dear", share=True,
                  again=f"{CHAPTER}#what-it-costs-and-how-often"),
        ]),
        Question("q5", "Four clients", [
            Trial("basket", quieter, 3, "leaves little of the risk of shares alone, for four hidden clients",
                  "More risk is left than a pair that is neutral in gamma and vega leaves, by the variance.",
                  again=f"{CHAPTER}#when-volatility-moves-by-itself"),
            Trial("basket", cheaper, 4, "and does so for little, all in",
                  "All in, spread and price of risk, another neutral pair takes less.",
                  again=f"{CHAPTER}#what-it-costs-and-how-often"),
        ]),
        Question("q6", "What you would tell the glassmaker's bank", written=Written([
            (1, "says in dollars what is left with shares alone, with the pair, and what the pair costs"),
            (1, "says why two options: gamma and vega are two numbers, and why of two expiries"),
            (1, "prefers a pair on both sides of the client's expiry, or says why small numbers are good"),
            (2, "names two things or more that the number does not cover: a wrong model, a jump, quotes that "
                "leave it, the spread on the way out"),
        ])),
    ],
)  # fmt: skip
