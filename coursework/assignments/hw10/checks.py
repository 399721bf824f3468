"""What marks `The night clerk of LaSalle Street`."""

import csv
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from coursework import Assignment, Check, Question, Trial, Written

DATA = Path(__file__).parent / "data"
CHAPTER = "crashes/october_1987.html"
RATE, DIVIDEND = 0.06, 0.03
MOVES, POINTS = [-0.15, -0.10, -0.05, 0.0, 0.05, 0.10, 0.15], [0.0, 0.15]
START = {"Abel": 25_000.0, "Bruna": 20_000.0, "Celia": 15_000.0}


def option(kind, spot, strike, left, volatility):
    """Price and delta."""
    if left <= 0:
        sign = 1 if kind == "call" else -1
        return max(sign * (spot - strike), 0.0), sign * float(sign * (spot - strike) > 0)
    total, paid, grown = volatility * np.sqrt(left), np.exp(-DIVIDEND * left), np.exp(-RATE * left)
    d1 = (np.log(spot / strike) + (RATE - DIVIDEND) * left) / total + total / 2
    price, delta = spot * paid * ndtr(d1) - strike * grown * ndtr(d1 - total), paid * ndtr(d1)
    return (price, delta) if kind == "call" else (price - spot * paid + strike * grown, delta - paid)


def worth(book, spot, volatility, day):
    return sum(
        number * option(kind, spot, strike, (expiry - day) / 365, volatility)[0]
        for kind, strike, expiry, number in book
    )


def delta(book, spot, volatility, day):
    return sum(
        number * option(kind, spot, strike, (expiry - day) / 365, volatility)[1]
        for kind, strike, expiry, number in book
    )


def requirement(book, units, spot, volatility, day, moves, points):
    now = worth(book, spot, volatility, day)
    change = [
        worth(book, spot * (1 + move), volatility + point, day) - now + units * spot * move
        for move in moves for point in points
    ]  # fmt: skip
    return max(-min(change), 0.0)


def nights(book, start, closes, volatilities, days):
    equity = [start]
    for i in range(1, len(days)):
        units = -delta(book, closes[i - 1], volatilities[i - 1], days[i - 1])
        before, after = (worth(book, closes[j], volatilities[j], days[j]) for j in (i - 1, i))
        equity.append(equity[-1] + after - before + units * (closes[i] - closes[i - 1]))
    return equity


def called(equities, requirements):
    pairs = zip(equities, requirements, strict=True)
    return next(([night, own - asked] for night, (own, asked) in enumerate(pairs) if own < asked), None)


def october():
    """The seven evenings, and the book of each account."""
    with open(DATA / "crash.csv") as file:
        rows = list(csv.DictReader(file))
    closes, volatilities, days = ([float(row[name]) for row in rows] for name in ("close", "volatility", "day"))
    books = {name: [] for name in START}
    with open(DATA / "books.csv") as file:
        for row in csv.DictReader(file):
            line = (row["kind"], float(row["strike"]), float(row["expiry"]), float(row["number"]))
            books[row["account"]].append(line)
    return closes, volatilities, days, books


def of_evening(night):
    """What each account has, and what it must have, on one of the evenings."""
    closes, volatilities, days, books = october()
    own, asked = [], []
    for name, book in books.items():
        now = closes[night], volatilities[night], days[night]
        own.append(nights(book, START[name], closes, volatilities, days)[night])
        asked.append(requirement(book, -delta(book, *now), *now, MOVES, POINTS))
    return own, asked


EVENINGS, PATHS, AVERSION = 60, 300, 1.0


def straddle(spot, left, volatility):
    """Price and delta of a straddle struck at 100, without interest."""
    total = volatility * np.sqrt(left)
    d1 = np.log(spot / 100) / total + total / 2
    held = 2 * ndtr(d1) - 1
    return spot * held - 100 * (2 * ndtr(d1 - total) - 1), held


def months(generator):
    """Prices and volatilities, evenings down: calm, slides of two days, and crashes, each after a slide."""
    level = float(generator.uniform(0.18, 0.24))
    moves = 0.55 * level / np.sqrt(252) * generator.standard_normal((EVENINGS, PATHS))
    jumps = 1 + 0.01 * generator.standard_normal((EVENINGS, PATHS))
    day, path = generator.integers(20, 57, size=PATHS), np.arange(PATHS)
    kind = generator.uniform(size=PATHS)
    crash, slide = kind < 0.25, kind < 0.45
    for before in (2, 1):
        moves[day - before, path] -= 0.02 * slide
        jumps[day - before, path] *= 1 + 0.15 * slide
    moves[day, path] = np.where(crash, -generator.uniform(0.08, 0.2, size=PATHS), moves[day, path])
    jumps[day, path] *= np.where(crash, generator.uniform(1.8, 3, size=PATHS), 1)
    volatility = np.full((EVENINGS, PATHS), level)
    for evening in range(1, EVENINGS):
        volatility[evening] = (level + 0.85 * (volatility[evening - 1] - level)) * jumps[evening]
    moves[0] = 0
    return 100 * np.exp(moves.cumsum(axis=0)), volatility


def account(keep, closes, volatility):
    """What an account that is short straddles and begins with 1 has at the end, path by path."""
    left = (90 - np.arange(EVENINGS)) / 252
    value, held = (np.array(each) for each in zip(*map(straddle, closes, left, volatility), strict=True))
    fallen = straddle(85.0, left[1], 2.5 * volatility[0, 0])[0]
    size = 1.2 / (fallen - value[0, 0] + 15 * held[0, 0])  # a large crash takes more than there is
    equity, kept = np.ones(PATHS), np.ones(PATHS)
    for evening in range(EVENINGS - 1):
        spot, own = closes[evening], volatility[evening]
        tomorrows = [
            straddle(spot * (1 + move), left[evening], own + point)[0] - held[evening] * spot * move
            for move in (-0.1, 0.1) for point in (0.0, 0.1)
        ]  # fmt: skip
        asked = size * kept * (np.max(tomorrows, axis=0) - value[evening])
        wanted = np.asarray(keep(closes[: evening + 1], volatility[: evening + 1], equity, asked, kept), float)
        if wanted.shape != (PATHS,) or not np.isfinite(wanted).all():
            raise ValueError("not one number for each path")
        wanted = np.clip(wanted, 0, kept)
        forced = equity < asked * wanted / np.maximum(kept, 1e-12)
        wanted = np.where(forced, 0, wanted)
        spread = 0.01 * own / volatility[0] * np.where(forced, 3, 1)
        equity = equity - size * (kept - wanted) * value[evening] * spread
        kept = wanted
        change = value[evening + 1] - value[evening] - held[evening] * (closes[evening + 1] - spot)
        equity = equity - size * kept * change
    return equity


def score(equity):
    return equity.mean() - AVERSION / 2 * equity.var()


def careful(closes, volatilities, equity, asked, kept):
    """All in calm, nothing from when volatility is a fifth above what it was."""
    alarm = volatilities[-1] > 1.2 * volatilities[0]
    return np.where(alarm, 0.0, kept)


def kept_well(ask, generator):
    """How much better than the best of holding on and leaving at once, as a share of what a simple alarm gains."""
    gained, possible = 0.0, 0.0
    for _ in range(2):
        world = months(generator)
        ends = [account(keep, *world) for keep in (lambda *now: now[-1], lambda *now: 0 * now[-1], careful, ask)]
        hold, leave, goal, own = map(score, ends)
        base = max(hold, leave)
        gained, possible = gained + own - base, possible + goal - base
    return float(np.clip(gained / (0.8 * possible), 0, 1))


def some_book(generator):
    lines = []
    for _ in range(int(generator.integers(1, 5))):
        kind = str(generator.choice(["call", "put"]))
        number = float(generator.integers(1, 10) * 100 * generator.choice([-1, 1]))
        lines.append((kind, float(generator.integers(220, 340)), float(generator.integers(20, 90)), number))
    return lines


def some_evening(generator):
    spot, volatility = generator.uniform([220, 0.15], [330, 1.2]).tolist()
    return spot, volatility, float(generator.integers(0, 19))


def evenings(generator):
    for number in range(5):
        book, (spot, volatility, day) = some_book(generator), some_evening(generator)
        if number == 2:  # one line ends on that very day
            book.append(("put", spot + 10, day, 300.0))
        yield book, spot, volatility, day


def frights(generator):
    for _ in range(4):
        moves = sorted(generator.uniform(-0.25, 0.25, size=4).tolist())
        units, points = float(generator.integers(-900, 900)), [0.0, float(generator.uniform(0.05, 0.5))]
        yield some_book(generator), units, *some_evening(generator), moves, points
    yield [("call", 300.0, 30.0, 100.0)], 0.0, 300.0, 0.2, 0.0, [0.05, 0.1], [0.0]  # nothing can be lost


def weeks(generator):
    for _ in range(3):
        closes = 300 * np.exp(0.03 * generator.standard_normal(6).cumsum())
        volatilities = 0.2 * np.exp(0.2 * generator.standard_normal(6).cumsum())
        days = [0.0, 1.0, 2.0, 3.0, 6.0, 7.0]
        yield some_book(generator), 20_000.0, closes.tolist(), volatilities.tolist(), days


def calls(generator):
    for number in range(4):
        equities = generator.uniform(5, 20, size=7)
        asked = equities - generator.uniform(0.5, 5, size=7)
        if number != 1:  # one that nobody calls
            asked[generator.integers(1, 7, size=2)] += 6
        yield equities.tolist(), asked.tolist()


BOOK = [("call", 300.0, 38.0, -400.0), ("put", 300.0, 38.0, -400.0)]

ASSIGNMENT = Assignment(
    "hw10",
    "The night clerk of LaSalle Street",
    follows="crashes/october_1987",
    minutes=(90, 120),
    questions=[
        Question("q1", "What an account is worth", [
            Check("worth", [(BOOK, 314.52, 0.2, 0.0)], worth, 1, "two lines", relative=1e-5),
            Check("worth", evenings, worth, 3, "other books and evenings", share=True, relative=1e-5,
                  absolute=0.01, again=f"{CHAPTER}#two-ledgers"),
        ]),
        Question("q2", "What it could lose by tomorrow", [
            Check("requirement", [(BOOK, 100.0, 314.52, 0.2, 0.0, [-0.1, 0.0, 0.1], [0.0, 0.1])], requirement, 1,
                  "six tomorrows", relative=1e-5),
            Check("requirement", frights, requirement, 3, "other books, and one that cannot lose", share=True,
                  relative=1e-5, absolute=0.01, again=f"{CHAPTER}#where-the-strike-lies"),
        ]),
        Question("q3", "Seven evenings", [
            Check("nights", [(BOOK, 25_000.0, [314.52, 305.23, 298.08], [0.2, 0.22, 0.23], [0.0, 1.0, 2.0])],
                  nights, 1, "two nights", relative=1e-5),
            Check("nights", weeks, nights, 2, "other weeks", share=True, relative=1e-5, absolute=0.05,
                  again=f"{CHAPTER}#two-ledgers"),
            Check("friday_asked", None, lambda: of_evening(3)[1], 1, "what was asked on Friday", relative=1e-4,
                  again=f"{CHAPTER}#who-could-wait"),
            Check("monday_left", None, lambda: of_evening(4)[0], 1, "what was left on Monday", relative=1e-4,
                  again=f"{CHAPTER}#two-ledgers"),
            Check("wednesday_left", None, lambda: of_evening(6)[0], 1, "what was left on Wednesday", relative=1e-4,
                  again=f"{CHAPTER}#two-ledgers"),
        ]),
        Question("q4", "The call", [
            Check("called", [([9.0, 7.0, 6.0], [5.0, 8.0, 9.0])], called, 1, "three evenings"),
            Check("called", calls, called, 1, "other weeks, and one without a call",
                  again=f"{CHAPTER}#who-could-wait"),
        ]),
        Question("q5", "How much to keep", [
            Trial("keep", kept_well, 6, "does better than holding on or leaving at once, in hidden quarters",
                  "Watch what the last evenings have in common before a crash, and be small by then.",
                  again=f"{CHAPTER}#who-could-wait"),
        ]),
        Question("q6", "The morning after", written=Written([
            (2, "decides for each account what should have been done on Friday, by what was known then"),
            (1, "uses numbers: equity and requirement on Friday, what was left on Monday and on Wednesday"),
            (1, "separates the loss that would come back from the one that would not, and says who could wait"),
            (1, "says what the marks are worth: one volatility for all strikes, perhaps not to be had"),
            (1, "draws one rule for the next crash, and says what it costs in calm months"),
        ])),
    ],
)  # fmt: skip
