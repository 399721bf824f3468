"""What marks `Ten thousand holiday certificates`."""

import csv
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from coursework import Assignment, Check, Question, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "foundations/greeks.html"
NAMES = ("delta", "gamma", "vega", "theta", "vanna", "charm")
TONIGHT = (104.0, 0.5, 0.22)
SOLD = 10_000


def call(spot, strike, left, volatility):
    total = volatility * np.sqrt(left)
    d1 = np.log(spot / strike) / total + total / 2
    return spot * ndtr(d1) - strike * ndtr(d1 - total)


def greeks_of_call(spot, strike, left, volatility):
    """By the formulas of the chapter, which knows them without interest."""
    total = volatility * np.sqrt(left)
    d1 = np.log(spot / strike) / total + total / 2
    d2, bell = d1 - total, np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi)
    return np.array([
        ndtr(d1), bell / (spot * total), spot * bell * np.sqrt(left),
        -spot * bell * volatility / (2 * np.sqrt(left)), -bell * d2 / volatility, bell * d2 / (2 * left),
    ])  # fmt: skip


def worth(spot, time, volatility):
    return 100 + call(spot, 100, 1 - time, volatility) - call(spot, 115, 1 - time, volatility)


def greeks(spot, time, volatility):
    return greeks_of_call(spot, 100, 1 - time, volatility) - greeks_of_call(spot, 115, 1 - time, volatility)


def greek(name, spot, time, volatility):
    return greeks(spot, time, volatility)[NAMES.index(name)]


def gamma_error(step, fourth, noise):
    return step**2 * abs(fourth) / 12 + 4 * noise / step**2


def gamma_step(fourth, noise):
    return (48 * noise / abs(fourth)) ** 0.25


def zeros(book, first, second):
    (_, g1, v1), (_, g2, v2) = first, second
    if abs(g1 * v2 - g2 * v1) <= 1e-6 * (abs(g1 * v2) + abs(g2 * v1)):
        return None
    n1, n2 = np.linalg.solve([[g1, g2], [v1, v2]], [-book[1], -book[2]])
    return [n1, n2, -(book[0] + n1 * first[0] + n2 * second[0])]


def foretold(gamma, charm, vanna, move, days, points):
    return [gamma * move, charm * days / 365, vanna * points / 100]


def worst_night():
    _, gamma, _, _, vanna, charm = greeks(*TONIGHT)

    def miss(row):
        change = [float(row[name]) for name in ("move", "days", "points")]
        then = greeks(TONIGHT[0] + change[0], TONIGHT[1] + change[1] / 365, TONIGHT[2] + change[2] / 100)
        return abs(sum(foretold(gamma, charm, vanna, *change)) - (then[0] - greeks(*TONIGHT)[0]))

    with open(DATA / "nights.csv") as file:
        return max(csv.DictReader(file), key=miss)["night"]


def hedges():
    with open(DATA / "hedges.csv") as file:
        return [(float(row["strike"]), float(row["expiry"])) for row in csv.DictReader(file)]


def aftermath(spot, days, volatility):
    """P&L since tonight of the certificates and what hedges them."""
    spot_0, time_0, volatility_0 = TONIGHT
    options = hedges()
    rows = [greeks_of_call(spot_0, strike, expiry - time_0, volatility_0)[:3] for strike, expiry in options]
    *numbers, shares = zeros(list(-SOLD * greeks(*TONIGHT)[:3]), *map(list, rows))
    time = time_0 + days / 365
    gained = shares * (spot - spot_0) - SOLD * (worth(spot, time, volatility) - worth(*TONIGHT))
    for number, (strike, expiry) in zip(numbers, options, strict=True):
        gained += number * (
            call(spot, strike, expiry - time, volatility) - call(spot_0, strike, expiry - time_0, volatility_0)
        )
    return gained


def states(generator):
    for _ in range(6):
        yield tuple(float(generator.uniform(*ends)) for ends in ((85, 130), (0, 0.7), (0.18, 0.45)))


def named_states(generator):
    for name in (*NAMES, *NAMES):
        yield name, *next(iter(states(generator)))


def noises(generator):
    for _ in range(3):
        yield float(generator.normal()) * 1e-4, float(10 ** generator.uniform(-14, -4))


def noisy_steps(generator):
    for fourth, noise in noises(generator):
        yield float(10 ** generator.uniform(-3, 0)), fourth, noise


def books(generator):
    for _ in range(5):
        yield tuple([float(value) for value in generator.normal(size=3) * [1, 0.05, 20]] for _ in range(3))


def some_parallel(generator):
    for number, (book, first, second) in enumerate(books(generator)):
        if number % 2:
            second = [second[0], *(1.7 * value for value in first[1:])]
        yield book, first, second


def nights(generator):
    for _ in range(4):
        slopes = generator.normal(size=3) * [0.03, 0.2, 0.5]
        yield *(float(slope) for slope in slopes), float(generator.normal()), int(generator.integers(1, 5)), 2.5


def mornings(generator):
    for _ in range(5):  # far enough from tonight to have something in the balance
        move, shift = generator.choice([-1, 1]) * generator.uniform(8, 18), generator.uniform(0.04, 0.15)
        yield TONIGHT[0] + float(move), int(generator.integers(1, 10)), TONIGHT[2] + float(shift)


ASSIGNMENT = Assignment(
    "hw3",
    "Ten thousand holiday certificates",
    follows="foundations/greeks",
    minutes=(75, 120),
    questions=[
        Question("q1", "What a certificate is worth", [
            Check("worth", [(100.0, 0.0, 0.22), (104.0, 0.5, 0.22)], worth, 1, "when sold, and tonight",
                  relative=1e-6),
            Check("worth", states, worth, 2, "other prices, times and volatilities", relative=1e-6,
                  again=f"{CHAPTER}#where-gamma-and-vega-live"),
        ]),
        # differences with any sensible step are within half a per cent; a wrong sign, unit or order is not
        Question("q2", "Six Greeks without a formula", [
            Check("greek", [("delta", *TONIGHT), ("theta", *TONIGHT)], greek, 1, "tonight's delta and theta",
                  relative=5e-3, absolute=1e-4),
            Check("greek", named_states, greek, 5, "all six, elsewhere", share=True, relative=5e-3,
                  absolute=1e-4,
                  again=f"{CHAPTER}#measure-one"),
        ]),
        Question("q3", "A step for gamma", [
            Check("gamma_error", [(0.1, -2e-5, 1e-9)], gamma_error, 1, "one step's error"),
            Check("gamma_error", noisy_steps, gamma_error, 1, "other steps", again=f"{CHAPTER}#measure-one"),
            Check("gamma_step", noises, gamma_step, 2, "the best step", share=True, relative=0.01,
                  again=f"{CHAPTER}#measure-one"),
        ]),
        Question("q4", "Three zeros", [
            Check("zeros", [([-4000.0, 120.0, 30000.0], [0.4, 0.03, 20.0], [0.6, 0.01, 30.0])], zeros, 1,
                  "one book"),
            Check("zeros", books, zeros, 3, "other books", share=True, again=f"{CHAPTER}#a-row-of-zeros"),
            Check("zeros", some_parallel, zeros, 1, "books where it works, and where it does not",
                  again=f"{CHAPTER}#a-row-of-zeros"),
        ]),
        Question("q5", "Eight nights", [
            Check("foretold", [(0.02, -0.1, 0.3, 1.5, 3, -2.0)], foretold, 1, "a weekend"),
            Check("foretold", nights, foretold, 1, "other nights", again=f"{CHAPTER}#tomorrows-hedge"),
            Check("worst_night", None, worst_night, 2, "the night that was foretold worst",
                  again=f"{CHAPTER}#break-it-on-purpose"),
        ]),
        Question("q6", "The morning after", [
            Check("aftermath", [(92.0, 3, 0.30)], aftermath, 1, "one morning", relative=0.01, absolute=20.0),
            Check("aftermath", mornings, aftermath, 4, "other mornings", share=True, relative=0.01,
                  absolute=20.0,
                  again=f"{CHAPTER}#a-row-of-zeros"),
        ]),
        Question("q7", "A note to the treasurer", written=Written([
            (1, "says that a zero holds at one price, one time and one volatility"),
            (2, "gives a loss of this book in dollars for a state that it names, and one state where it gains or "
                "loses little"),
            (1, "names the Greek or Greeks that would have warned, with their sign for this book"),
            (1, "proposes something that can be done on an ordinary morning"),
        ])),
    ],
)  # fmt: skip
