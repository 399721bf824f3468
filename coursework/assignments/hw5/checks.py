"""What marks `The harbour fund's record`."""

import csv
from math import ceil, log
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from coursework import Assignment, Check, Question, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "algorithm/gamma_theta.html"


def day(dollar_gamma, implied, move):
    return dollar_gamma * implied**2 / 504, dollar_gamma * move**2 / 2


def record(pnl):
    pnl = np.asarray(pnl)
    counted = pnl[abs(pnl) > 0.01]
    won, lost = counted[counted > 0], counted[counted < 0]
    return {"won": len(won) / len(counted), "gain": won.mean(), "loss": -lost.mean(), "total": pnl.sum()}


def fair_share(implied, volatilities, shares):
    return float(np.dot(shares, 2 * ndtr(implied / np.asarray(volatilities)) - 1))


def mean_day(dollar_gamma, implied, volatilities, shares):
    return float(dollar_gamma * np.dot(shares, implied**2 - np.asarray(volatilities) ** 2) / 504)


def edge(implied, moves):
    daily = np.asarray(implied) ** 2 - 252 * np.asarray(moves) ** 2
    return [daily.mean(), daily.std(ddof=1) / np.sqrt(len(daily))]


def break_even_chance(calm, wild):
    return calm / (calm - wild)


def quarters_to_see(chance, doubt):
    return ceil(log(doubt) / log(1 - chance))


def gaps(quarters, expected, reported):
    names = list(dict.fromkeys(quarters))
    apart, labels = np.asarray(reported) - np.asarray(expected), np.asarray(quarters)
    return {name: float(apart[labels == name].sum()) for name in names}


def four_years():
    """What the days should have brought, in all, and the quarter that is told otherwise."""
    with open(DATA / "record.csv") as file:
        rows = list(csv.DictReader(file))
    numbers = [[float(row[name]) for name in ("dollar_gamma", "implied", "move", "pnl")] for row in rows]
    expected = [rent - bill for rent, bill in (day(*row[:3]) for row in numbers)]
    apart = gaps([row["quarter"] for row in rows], expected, [row[3] for row in numbers])
    return sum(expected), max(apart, key=lambda name: abs(apart[name]))


def days(generator):
    for _ in range(4):
        yield (
            float(generator.uniform(1e6, 5e7)),
            float(generator.uniform(0.1, 0.4)),
            float(generator.normal() / 60),
        )


def records(generator):
    for _ in range(4):
        pnl = 900 * (1 - generator.standard_normal(80) ** 2)
        pnl[generator.integers(0, 80, size=7)] = generator.choice([0.0, 0.004, -0.009], size=7)
        yield (np.round(pnl, 3),)


def worlds(generator):
    for _ in range(4):
        wild = float(generator.uniform(0.02, 0.3))
        calm, high = float(generator.uniform(0.08, 0.18)), float(generator.uniform(0.25, 0.6))
        yield float(generator.uniform(0.15, 0.25)), [calm, high], [1 - wild, wild]


def worlds_with_stakes(generator):
    for world in worlds(generator):
        yield float(generator.uniform(1e6, 5e7)), *world


def years(generator):
    for _ in range(3):
        yield generator.uniform(0.15, 0.3, size=120), generator.standard_t(5, size=120) / 90


def trades(generator):
    for _ in range(3):
        yield float(generator.uniform(100, 900)), -float(generator.uniform(1_000, 9_000))


def doubts(generator):
    for _ in range(4):
        yield float(generator.uniform(0.01, 0.4)), float(generator.uniform(0.01, 0.3))


def told(generator):
    for _ in range(3):
        lengths = generator.integers(2, 6, size=3)
        names = [name for name, length in zip(("Q3", "Q4", "Q1"), lengths, strict=True) for _ in range(length)]
        yield names, *(generator.normal(scale=500, size=len(names)) for _ in range(2))


ASSIGNMENT = Assignment(
    "hw5",
    "The harbour fund's record",
    follows="algorithm/gamma_theta",
    minutes=(60, 100),
    questions=[
        Question("q1", "One day", [
            Check("day", [(25e6, 0.2, 0.01)], day, 1, "one day's rent and bill"),
            Check("day", days, day, 1, "other days", again=f"{CHAPTER}#where-the-money-goes"),
        ]),
        Question("q2", "The record as it is sold", [
            Check("record", [([120.0, -50.0, 0.001, 80.0, -300.0, 60.0],)], record, 1, "six days"),
            Check("record", records, record, 3, "other records", share=True,
                  again=f"{CHAPTER}#two-days-of-three"),
        ]),
        Question("q3", "What a fair record looks like", [
            Check("fair_share", [(0.2, [0.2], [1.0])], fair_share, 1, "one volatility"),
            Check("fair_share", worlds, fair_share, 2, "two volatilities", share=True,
                  again=f"{CHAPTER}#two-days-of-three"),
            Check("mean_day", [(25e6, 0.2, [0.15, 0.4], [0.9, 0.1])], mean_day, 1, "an average day"),
            Check("mean_day", worlds_with_stakes, mean_day, 1, "other average days",
                  again=f"{CHAPTER}#two-days-of-three"),
        ]),
        Question("q4", "Every return alike", [
            Check("edge", [([0.2, 0.2, 0.18, 0.18], [0.01, -0.005, 0.0, 0.02])], edge, 1, "four days"),
            Check("edge", years, edge, 3, "other years", share=True,
                  again=f"{CHAPTER}#same-volatility-another-bill"),
        ]),
        Question("q5", "The quarter that is not there", [
            Check("break_even_chance", [(400.0, -3600.0)], break_even_chance, 1, "one trade"),
            Check("break_even_chance", trades, break_even_chance, 1, "other trades",
                  again=f"{CHAPTER}#variance-premium"),
            Check("quarters_to_see", [(0.1, 0.05)], quarters_to_see, 1, "one chance in ten", relative=0,
                  absolute=0.1),
            Check("quarters_to_see", doubts, quarters_to_see, 1, "other chances", relative=0, absolute=0.1,
                  again=f"{CHAPTER}#variance-premium"),
        ]),
        Question("q6", "Do the days add up?", [
            Check("gaps", [(["Q1", "Q1", "Q2"], [10.0, -5.0, 7.0], [9.0, -5.5, 27.0])], gaps, 1, "three days"),
            Check("gaps", told, gaps, 1, "other quarters", again=f"{CHAPTER}#where-the-money-goes"),
            Check("doctored", None, lambda: four_years()[1], 2, "the quarter",
                  again=f"{CHAPTER}#where-the-money-goes"),
            Check("honest_total", None, lambda: four_years()[0], 2, "the four years as they were", absolute=20.0,
                  again=f"{CHAPTER}#where-the-money-goes"),
        ]),
        Question("q7", "A letter to the trustees", written=Written([
            (1, "separates what the returns show from what is inferred about intentions"),
            (2, "shows with three numbers or more that the record is not what it says, and what it was"),
            (1, "says why a share of winning days proves nothing, with that of a fair or a losing seller"),
            (1, "recommends, and says what evidence would change the recommendation"),
        ])),
    ],
)  # fmt: skip
