"""What marks `The Valley's stamp`."""

import csv
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from coursework import Assignment, Check, Question, Trial, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "algorithm/costs_and_bands.html"
LOOKS, PATHS, CLOCKS = 126, 600, (1, 2, 3, 4, 6, 8, 12, 16, 24)


def call(spot, strike, left, volatility):
    if left == 0:
        return np.maximum(spot - strike, 0), np.where(spot > strike, 1.0, 0.0), 0 * spot
    total = volatility * np.sqrt(left)
    d1 = np.log(spot / strike) / total + total / 2
    bell = np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi)
    return spot * ndtr(d1) - strike * ndtr(d1 - total), ndtr(d1), bell / (spot * total)


def bonus(spot, low, high, left, volatility):
    pair = call(spot, low, left, volatility), call(spot, high, left, volatility)
    return [one - other for one, other in zip(*pair, strict=True)]


def account(prices, shares, low, high, premium, duty):
    prices, shares = np.asarray(prices, float), np.asarray(shares, float)
    traded = abs(np.diff(shares, axis=0, prepend=np.zeros_like(shares[:1])))
    paid = duty * (traded * prices[:-1]).sum(axis=0)
    owed = np.clip(prices[-1] - low, 0, high - low)
    return [premium + (shares * np.diff(prices, axis=0)).sum(axis=0) - owed - paid, paid]


def half_width(spot, gamma, duty, aversion, number):
    return np.cbrt(1.5 * duty * spot * np.square(gamma) / (number * aversion))


def weighed(pnl, paid, aversion):
    pnl = np.asarray(pnl)
    return np.asarray(paid) + aversion / 2 * (pnl - pnl.mean()) ** 2


def all_in(pnl, paid, aversion):
    return weighed(pnl, paid, aversion).mean()


def saving(pnl, paid, other_pnl, other_paid, aversion):
    less = weighed(other_pnl, other_paid, aversion) - weighed(pnl, paid, aversion)
    return [less.mean(), less.std(ddof=1) / np.sqrt(len(less))]


def buyer_pays(spot, gamma, duty, aversion, number):
    return half_width(spot, gamma, duty / 2, aversion, number)


def the_quarter():
    """P&L and stamp of the desk, for all bonuses, in francs."""
    with open(DATA / "quarter.csv") as file:
        rows = list(csv.DictReader(file))
    shares = np.array([float(row["shares"]) for row in rows[:-1]]) / 20_000
    premium = bonus(50.0, 50.0, 60.0, 0.25, 0.3)[0]
    return [20_000 * one for one in account([float(row["price"]) for row in rows], shares, 50, 60, premium, 0.002)]


def clock(every):
    def rule(look, spot, held, left, terms):
        return held if look % every else bonus(spot, terms["low"], terms["high"], left, terms["volatility"])[1]

    return rule


def band(look, spot, held, left, terms):
    _, delta, gamma = bonus(spot, terms["low"], terms["high"], left, terms["volatility"])
    h = half_width(spot, gamma, terms["duty"], terms["aversion"], terms["number"])
    return np.clip(held, delta - h, delta + h)


def taken(rule, prices, terms):
    """What a rule takes all in, for one bonus: it sees the prices of a look and nothing of the next."""
    held, shares = np.zeros(prices.shape[1]), []
    for look, spot in enumerate(prices[:-1]):
        held = np.asarray(rule(look, spot, held, terms["expiry"] * (1 - look / LOOKS), terms), float)
        if held.shape != spot.shape or not np.isfinite(held).all():
            raise ValueError("not one number of shares for each price")
        shares.append(held)
    premium = bonus(prices[0, 0], terms["low"], terms["high"], terms["expiry"], terms["volatility"])[0]
    made = account(prices, np.array(shares), terms["low"], terms["high"], premium, terms["duty"])
    return all_in(*made, terms["number"] * terms["aversion"])


def savings(ask, generator):
    """In three worlds what the best of the clocks takes all in, the student's rule, and the chapter's band."""
    found = []
    for _ in range(3):
        spot, volatility = float(generator.uniform(30, 80)), float(generator.uniform(0.2, 0.4))
        low = spot * float(generator.uniform(0.94, 1.03))
        number = int(generator.integers(5, 50)) * 1000
        aversion = float(generator.uniform(0.3, 1)) * 100 / spot / number
        terms = {"low": low, "high": low * float(generator.uniform(1.15, 1.3)), "volatility": volatility}
        terms |= {"expiry": 0.25, "duty": 0.002, "aversion": aversion, "number": number}
        dt = 0.25 / LOOKS
        moves = volatility * np.sqrt(dt) * generator.standard_normal((LOOKS, PATHS)) - volatility**2 * dt / 2
        prices = spot * np.exp(np.vstack([np.zeros(PATHS), moves.cumsum(axis=0)]))
        best = min(taken(clock(every), prices, terms) for every in CLOCKS)
        found.append((best, taken(lambda look, *now: ask(*now), prices, terms), taken(band, prices, terms)))
    return np.array(found)


def beats(ask, generator):
    """In how many of three worlds the rule takes less than the best of nine clocks does, on the same paths."""
    best, own, _ = savings(ask, generator).T
    return float((own < best).mean())


def by_far(ask, generator):
    """How much of the band's saving the rule has; 85 % of it earns all, for the band is not the only good rule."""
    best, own, of_band = savings(ask, generator).T
    return float(np.clip((best - own) / (0.85 * (best - of_band)), 0, 1).mean())


def bonuses(generator):
    for left in (0.0, *generator.uniform(0.01, 1, size=5)):
        low = float(generator.uniform(30, 60))
        spot, high = low * float(generator.uniform(0.8, 1.3)), low * float(generator.uniform(1.1, 1.4))
        yield spot, low, high, float(left), float(generator.uniform(0.1, 0.5))


def quarters(generator):
    for paths in ((), (), (3,)):
        n = int(generator.integers(4, 12))
        prices = 50 * np.exp(0.03 * generator.standard_normal((n + 1, *paths)).cumsum(axis=0))
        shares = generator.uniform(0, 1, size=(n, *paths))
        low = float(generator.uniform(45, 52))
        yield prices, shares, low, low + 6, float(generator.uniform(1, 4)), float(generator.uniform(0.001, 0.005))


def books(generator):
    for _ in range(4):
        gamma = float(generator.uniform(-0.08, 0.08))
        spot, number = float(generator.uniform(20, 90)), int(generator.integers(1, 60)) * 1000
        yield spot, gamma, float(generator.uniform(0.001, 0.006)), float(10 ** generator.uniform(-5, -3)), number


def samples(generator):
    for _ in range(3):
        paid, other = generator.uniform(100, 300, size=(2, 60))
        pnl = generator.normal(scale=900, size=60)
        other_pnl = pnl + generator.normal(scale=300, size=60)
        yield pnl - paid, paid, other_pnl, other, float(10 ** generator.uniform(-4, -3))


def one_sample(generator):
    for pnl, paid, *_, aversion in samples(generator):
        yield pnl, paid, aversion


RULE = dict(name="rule", again=f"{CHAPTER}#why-a-band-beats-a-clock", seconds=2.0)

ASSIGNMENT = Assignment(
    "hw6",
    "The Valley's stamp",
    follows="algorithm/costs_and_bands",
    minutes=(75, 120),
    questions=[
        Question("q1", "A bonus with a ceiling", [
            Check("bonus", [(50.0, 50.0, 60.0, 0.25, 0.3), (63.0, 50.0, 60.0, 0.0, 0.3)], bonus, 1,
                  "at the start, and at the end"),
            Check("bonus", bonuses, bonus, 2, "other bonuses", share=True, relative=1e-5, absolute=1e-6,
                  again="foundations/replication.html#the-limit"),
        ]),
        Question("q2", "What the quarter brought, and what the Valley took", [
            Check("account", [([50.0, 52.0, 49.0, 54.0], [0.4, 0.6, 0.5], 50.0, 53.0, 1.5, 0.002)], account, 1,
                  "three trades"),
            Check("account", quarters, account, 2, "other quarters, and three at once", share=True,
                  again=f"{CHAPTER}#what-a-clock-pays"),
            Check("made", None, lambda: the_quarter()[0], 1, "what the desk made", absolute=1.0,
                  again=f"{CHAPTER}#what-a-clock-pays"),
            Check("stamped", None, lambda: the_quarter()[1], 1, "the stamp it paid", absolute=1.0,
                  again=f"{CHAPTER}#what-a-clock-pays"),
        ]),
        Question("q3", "Better, and surely better", [
            Check("all_in", [([-200.0, 100.0, 40.0], [30.0, 50.0, 40.0], 0.001)], all_in, 1, "three quarters"),
            Check("all_in", one_sample, all_in, 1, "other samples", again=f"{CHAPTER}#how-often-then"),
            Check("saving", [([10.0, -30.0, 5.0], [5.0, 6.0, 4.0], [0.0, -50.0, 20.0], [9.0, 9.0, 8.0], 0.01)],
                  saving, 1, "two rules, three quarters"),
            Check("saving", samples, saving, 2, "other pairs of rules", again=f"{CHAPTER}#how-often-then"),
        ]),
        Question("q4", "How wide", [
            Check("half_width", [(50.0, 0.05, 0.002, 0.0001, 20_000)], half_width, 1, "one book"),
            Check("half_width", books, half_width, 2, "other books", share=True,
                  again=f"{CHAPTER}#why-a-band-beats-a-clock"),
        ]),
        Question("q5", "Your rule", [
            Trial(judge=beats, points=3, label="beats the best of nine clocks, in three hidden worlds",
                  hint="There is a world in which a clock takes less, all in, on the same paths.", **RULE),
            Trial(judge=by_far, points=6, label="by as much as a good band does",
                  hint="A band round delta, as wide as gamma asks, saves more; trade to its edge.", **RULE),
        ]),
        Question("q6", "Only the buyer pays", [
            Check("buyer_pays", [(50.0, 0.05, 0.004, 0.0001, 20_000)], buyer_pays, 1, "one book"),
            Check("buyer_pays", books, buyer_pays, 2, "other books", share=True,
                  again=f"{CHAPTER}#why-a-band-beats-a-clock"),
        ]),
        Question("q7", "A note to the head of trading", written=Written([
            (1, "names a rule and says what it saves against the best clock, with the standard error"),
            (1, "says what the saving rests on: the price of risk, one volatility, two looks a day"),
            (2, "explains why the rule saves: cost is linear, risk quadratic, so start late and stop early"),
            (1, "says that one quarter proves neither rule, and what would: many, on the same paths"),
        ])),
    ],
)  # fmt: skip
