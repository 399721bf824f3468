"""What marks `The mint's silver`."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares
from scipy.special import ndtr

from coursework import Assignment, Check, Question, Trial, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "smile/smile_aware_hedging.html"
SURFACE = "smile/volatility_surface.html"


def variance(k, parameters):
    """Total variance and its first two derivatives."""
    a, b, rho, m, sigma = parameters
    x = np.asarray(k) - m
    root = np.sqrt(x**2 + sigma**2)
    return a + b * (rho * x + root), b * (rho + x / root), b * sigma**2 / root**3


def smile(k, parameters, expiry):
    w, first, second = variance(k, parameters)
    g = (1 - k * first / (2 * w)) ** 2 - first**2 / 4 * (1 / w + 1 / 4) + second / 2
    return [np.sqrt(w / expiry), first / (2 * np.sqrt(w * expiry)), g]


def misses(parameters, k, quoted, half_spreads, expiry):
    """By how many half-spreads a smile misses each quote."""
    w = np.maximum(variance(k, parameters)[0], 1e-10)
    return (np.sqrt(w / expiry) - quoted) / half_spreads


def fit(k, quoted, half_spreads, expiry):
    """The best of several searches."""
    k, quoted, half_spreads = (np.asarray(each, float) for each in (k, quoted, half_spreads))
    level = quoted.min() ** 2 * expiry
    low, high = [-1, 0, -0.999, -1, 1e-3], [2, 3, 0.999, 1, 2]
    found = []
    for rho in (-0.5, 0.5):
        for sigma in (0.05, 0.2):
            start = [level / 2, level, rho, 0.0, sigma]
            how = {"bounds": (low, high), "x_scale": [0.01, 0.05, 0.3, 0.1, 0.1], "max_nfev": 200}
            found.append(least_squares(misses, start, args=(k, quoted, half_spreads, expiry), **how))
    return min(found, key=lambda each: each.cost).x.tolist()


def value(kind, spot, strike, expiry, volatility):
    """Price, delta and vega without interest."""
    total = volatility * np.sqrt(expiry)
    d1 = np.log(spot / strike) / total + total / 2
    vega = spot * np.sqrt(expiry) * np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi)
    price, delta = spot * ndtr(d1) - strike * ndtr(d1 - total), ndtr(d1)
    return (price, delta, vega) if kind == "call" else (price - spot + strike, delta - 1, vega)


def smile_delta(kind, spot, strike, expiry, parameters, share):
    volatility, slope, _ = smile(np.log(strike / spot), parameters, expiry)
    _, delta, vega = value(kind, spot, strike, expiry, volatility)
    return delta - share * vega * slope / spot


def measured(moves, changes, skew):
    moves, changes = np.asarray(moves), np.asarray(changes)
    x, n = moves - moves.mean(), len(moves)
    slope = x @ changes / (x @ x)
    rest = changes - changes.mean() - slope * x
    return [1 - slope / skew, np.sqrt(rest @ rest / (n - 2) / (x @ x)) / abs(skew)]


@cache
def of_silver():
    """Volatility at the money, skew, and the share that the smile follows."""
    with open(DATA / "chain.csv") as file:
        rows = np.array([[float(row[name]) for name in ("strike", "bid", "ask")] for row in csv.DictReader(file)])
    strike, bid, ask = rows.T
    parameters = fit(np.log(strike / 30), (bid + ask) / 2, (ask - bid) / 2, 0.25)
    at_money, skew, _ = smile(0.0, parameters, 0.25)
    with open(DATA / "evenings.csv") as file:
        evenings = np.array([[float(row["silver"]), float(row["volatility"])] for row in csv.DictReader(file)])
    moves, changes = np.diff(np.log(evenings[:, 0])), np.diff(evenings[:, 1])
    return at_money, skew, measured(moves, changes, skew)[0]


def some_smile(generator, expiry):
    """A hyperbola without butterflies among the strikes that are quoted, which leans, to either side."""
    k = np.linspace(-0.4, 0.4, 81)
    while True:
        level = float(generator.uniform(0.15, 0.4)) ** 2 * expiry
        rho = float(generator.uniform(0.35, 0.75) * generator.choice([-1, 1]))
        sigma, b = float(generator.uniform(0.08, 0.25)), float(generator.uniform(1.0, 2.2) * level)
        m = float(generator.uniform(-0.08, 0.08))
        parameters = [level - b * sigma * np.sqrt(1 - rho**2), b, rho, m, sigma]
        w, first, _ = variance(k, parameters)
        leans = abs(first[40]) > 0.3 * b and abs(first[30:51]).min() > 0.1 * b  # at the money, and around it
        if leans and w.min() > 0.3 * level and smile(k, parameters, expiry)[2].min() > 0.05:
            return parameters


def some_quotes(generator, expiry, noise):
    """Sixteen quotes of a smile, each wrong by so much of its half-spread."""
    parameters = some_smile(generator, expiry)
    k = np.linspace(-0.35, 0.35, 16) + generator.uniform(-0.02, 0.02, size=16)
    half_spreads = 0.002 + 0.03 * abs(k)
    quoted = smile(k, parameters, expiry)[0] + noise * half_spreads * generator.uniform(-1, 1, size=16)
    return parameters, k, quoted, half_spreads


def fits(ask, generator):
    """For four lists how near a fit comes to the best: within 3 % of its root mean square earns all."""
    earned = []
    for noise in (0.0, 0.5, 1.0, 1.0):
        expiry = float(generator.uniform(0.1, 1))
        truth, *told = some_quotes(generator, expiry, noise)
        own, best = np.asarray(ask(*told, expiry), float), fit(*told, expiry) if noise else truth
        if own.shape != (5,):  # before anything is computed with it
            earned.append(0.0)
            continue
        left, least = (np.sqrt(np.mean(misses(each, *told, expiry) ** 2)) for each in (own, best))
        positive = own[1] >= 0 and abs(own[2]) <= 1 and variance(told[0], own)[0].min() > 0
        earned.append(np.clip((1.5 - left / max(least, 0.03)) / 0.47, 0, 1) if positive else 0.0)
    return float(np.mean(earned))


def hedges(ask, generator):
    """How much of the variance that a better delta than sticky strike can remove is removed, in ten markets.

    In each there are 400 days, half of them mirror images of the others: the price moves, the smile with it by its
    own share, and by itself a little.  Seven tenths of what can be removed earn all, as quotes are noisy.
    """
    gained, possible = 0.0, 0.0
    for number in range(10):
        expiry, spot = float(generator.uniform(0.15, 0.5)), float(generator.uniform(20, 60))
        parameters, k, quoted, half_spreads = some_quotes(generator, expiry, 0.1)
        share = float(generator.uniform(-1.5, -0.9) if number % 2 else generator.uniform(0.9, 1.5))
        at_money, skew, _ = smile(0.0, parameters, expiry)
        moves, by_itself = at_money / np.sqrt(252) * generator.standard_normal((2, 500))
        changes = (1 - share) * skew * moves + 0.1 * abs(skew) * by_itself
        kind = str(generator.choice(["put", "call"]))
        strike = spot * float(np.exp(generator.uniform(-0.04, 0.04)))
        now, delta, _ = value(kind, spot, strike, expiry, smile(np.log(strike / spot), parameters, expiry)[0])
        got = float(ask(kind, spot, strike, expiry, k, quoted, half_spreads, moves, changes))
        day = at_money / np.sqrt(252) * generator.standard_normal(200)
        day = np.append(day, -day)
        then = smile(np.log(strike / spot) - share * day, parameters, expiry)[0]
        then = then + 0.1 * abs(skew) * at_money / np.sqrt(252) * generator.standard_normal(400)
        change = (value(kind, spot * np.exp(day), strike, expiry, then)[0] - now) / spot
        moved = np.expm1(day)
        best = np.cov(change, moved)[0, 1] / moved.var(ddof=1)
        plain, own, least = ((change - held * moved).var() for held in (delta, got, best))
        gained, possible = gained + (plain - own) / plain, possible + (plain - least) / plain
    return float(np.clip(gained / (0.7 * possible), 0, 1))


def slices(generator):
    for _ in range(5):
        expiry = float(generator.uniform(0.1, 1))
        yield float(generator.uniform(-0.3, 0.3)), some_smile(generator, expiry), expiry


def options(generator):
    for number in range(6):
        expiry, spot = float(generator.uniform(0.1, 1)), float(generator.uniform(20, 60))
        strike = spot * float(np.exp(generator.uniform(-0.15, 0.15)))
        kind = ("put", "call")[number % 2]
        yield kind, spot, strike, expiry, some_smile(generator, expiry), float(generator.uniform(-1.5, 1.5))


def years(generator):
    for _ in range(3):
        moves = generator.normal(scale=0.015, size=60)
        skew = float(generator.uniform(0.1, 0.4) * generator.choice([-1, 1]))
        yield moves, skew * generator.uniform(0, 2) * moves + generator.normal(0.001, 0.003, size=60), skew


SILVER = [0.01, 0.08, 0.3, -0.05, 0.15]

ASSIGNMENT = Assignment(
    "hw9",
    "The mint's silver",
    follows="smile/smile_aware_hedging",
    minutes=(80, 120),
    questions=[
        Question("q1", "Five numbers for a smile", [
            Check("smile", [(0.1, SILVER, 0.25)], smile, 1, "one place"),
            Check("smile", slices, smile, 3, "other places and smiles", share=True, relative=1e-4, absolute=1e-6,
                  again=f"{SURFACE}#five-numbers-for-a-smile"),
        ]),
        Question("q2", "Fitted to what can be traded", [
            Trial("fit", fits, 4, "as near as any, for four hidden lists",
                  "For one of four lists there is a nearer smile, in half-spreads; or this is no smile at all.",
                  again=f"{SURFACE}#fit-it"),
            Check("at_money", None, lambda: of_silver()[0], 1, "silver at the money", relative=0, absolute=0.0015,
                  again=f"{SURFACE}#fit-it"),
            Check("skew", None, lambda: of_silver()[1], 1, "its skew there", relative=0, absolute=0.01,
                  again=f"{CHAPTER}#where-is-the-put-quoted-now"),
        ]),
        Question("q3", "A delta that goes along", [
            Check("smile_delta", [("put", 30.0, 28.0, 0.25, SILVER, 1.0)], smile_delta, 1, "one put",
                  relative=0, absolute=2e-5),
            Check("smile_delta", options, smile_delta, 3, "other options, smiles and shares", share=True,
                  relative=0, absolute=2e-5, again=f"{CHAPTER}#the-chain-rule"),
        ]),
        Question("q4", "What silver does", [
            Check("measured", [([0.01, -0.02, 0.015, 0.0], [0.003, -0.004, 0.002, 0.001], 0.2)], measured, 1,
                  "four evenings"),
            Check("measured", years, measured, 2, "other years", share=True,
                  again=f"{CHAPTER}#break-it-quotes-that-exaggerate"),
            Check("silver_share", None, lambda: of_silver()[2], 1, "silver's share", relative=0, absolute=0.04,
                  again=f"{CHAPTER}#break-it-quotes-that-exaggerate"),
        ]),
        Question("q5", "The mint's delta", [
            Trial("mint_delta", hedges, 5, "leaves less than sticky strike, over ten hidden options",
                  "Much of the variance is left that a delta by the measured share would remove.",
                  again=f"{CHAPTER}#break-it-quotes-that-exaggerate"),
        ]),
        Question("q6", "The dealer's rule", written=Written([
            (1, "gives the deltas of the mint's put by two rules or more, and the ounces between them"),
            (1, "gives the measured share with its error, and says which rules it rules out"),
            (1, "explains why on a smile that leans to the right the rules change sides"),
            (2, "says what the measurement supposes, and names a case where it misleads: a jump, a change of "
                "habits, a strike or expiry far from the one measured"),
        ])),
    ],
)  # fmt: skip
