"""What marks `A week on Mette's desk`."""

import csv
from pathlib import Path

import numpy as np

from coursework import Assignment, Check, Question, Written

DATA = Path(__file__).parent / "data"
QUANTITY, HALF_SPREAD = -2400, 0.05
CHAPTER = "foundations/the_hedge.html"


def from_list(prices, values, price):
    return float(np.interp(price, prices, values))


def shares_to_hold(prices, values, price, quantity):
    return -quantity * (from_list(prices, values, price + 1) - from_list(prices, values, price - 1)) / 2


def trade(cash, shares, price, target, half_spread):
    bought = target - shares
    return cash - bought * price - abs(bought) * half_spread, target


def marks(prices, values, targets, quantity, half_spread):
    cash, shares, made = -quantity * values[0], 0.0, []
    for number, (price, value) in enumerate(zip(prices, values, strict=True)):
        made.append(cash + shares * price + quantity * value)
        if number < len(targets):
            cash, shares = trade(cash, shares, price, targets[number], half_spread)
    return np.array(made)


def split(before, moved, after, shares, quantity, move):
    return shares * move + quantity * (moved - before), quantity * (after - moved)


def week():
    """P&L of the week, its wages, its bills, and what trading cost."""
    with open(DATA / "list.csv") as file:
        rows = list(csv.DictReader(file))
    with open(DATA / "week.csv") as file:
        looks = list(csv.DictReader(file))
    prices = [float(row["price"]) for row in rows]
    columns = {days: [float(row[f"days_{days}"]) for row in rows] for days in range(6)}
    stock, left = [float(look["price"]) for look in looks], [int(look["days_left"]) for look in looks]
    values = [from_list(prices, columns[days], price) for price, days in zip(stock, left, strict=True)]
    last = len(stock) - 1
    targets = [shares_to_hold(prices, columns[left[i]], stock[i], QUANTITY) for i in range(last)]
    parts = [
        split(
            values[i], from_list(prices, columns[left[i]], stock[i + 1]), values[i + 1], targets[i], QUANTITY,
            stock[i + 1] - stock[i],
        )
        for i in range(last)
    ]  # fmt: skip
    bills, wages = np.sum(parts, axis=0)
    pnl = marks(stock, values, targets, QUANTITY, HALF_SPREAD)[-1]
    return float(pnl), float(wages), float(bills), float(wages + bills - pnl)


def a_list(generator):
    """A printed list of puts or of calls: bent, and uneven as a printed one is."""
    prices = np.arange(40.0, 61.0)
    bent = np.logaddexp(0, (prices - generator.uniform(45, 55)) / generator.uniform(1, 3)) * generator.uniform(
        1, 3
    )
    return prices, np.round(bent if generator.random() < 0.5 else bent[::-1], 2)


def readings(generator):
    for _ in range(6):
        yield *a_list(generator), float(generator.uniform(40.5, 59.5))


def positions(generator):
    for sign in (-1, 1, -1, 1, -1, 1):
        yield *a_list(generator), float(generator.uniform(42, 58)), sign * int(generator.integers(1, 50)) * 100


def orders(generator):
    for sign in (-1, 1, -1, 1):  # bought and sold, from long and from short
        shares = float(generator.normal(scale=800))
        target = shares + sign * float(generator.uniform(50, 900))
        yield float(generator.normal(scale=1e4)), shares, float(generator.uniform(20, 90)), target, 0.03


def weeks(generator):
    for _ in range(4):
        n = int(generator.integers(3, 12))
        prices = 50 + generator.normal(size=n).cumsum()
        values, targets = generator.uniform(0.5, 4, size=n), generator.uniform(-900, 900, size=n - 1)
        yield prices, values, targets, int(generator.choice([-1, 1]) * generator.integers(200, 2000)), 0.04


def stretches(generator):
    for _ in range(5):
        before, moved, after = (float(value) for value in generator.uniform(0.5, 4, size=3))
        yield before, moved, after, float(generator.normal(scale=900)), -700, float(generator.normal())


SHORT_LIST = ([79, 80, 81, 82], [2.42, 1.89, 1.44, 1.08])

ASSIGNMENT = Assignment(
    "hw1",
    "A week on Mette's desk",
    follows="foundations/the_hedge",
    minutes=(60, 100),
    questions=[
        Question("q1", "Between two lines", [
            Check("from_list", [(*SHORT_LIST, 80), (*SHORT_LIST, 80.5)], from_list, 1,
                  "on a line, and half-way"),
            Check("from_list", readings, from_list, 1, "other lists and prices", again=f"{CHAPTER}#the-hedge"),
        ]),
        Question("q2", "How many shares", [
            Check("shares_to_hold", [(*SHORT_LIST, 80.5, -100)], shares_to_hold, 1, "a hundred puts sold"),
            Check("shares_to_hold", positions, shares_to_hold, 3, "calls and puts, bought and sold", share=True,
                  again=f"{CHAPTER}#how-many-shares"),
        ]),
        Question("q3", "An order", [
            Check("trade", [(1000.0, 0.0, 80.0, -200.0, 0.05)], trade, 1, "two hundred shares sold short"),
            Check("trade", orders, trade, 2, "bought and sold, from long and short", share=True,
                  again=f"{CHAPTER}#what-the-quote-must-add"),
        ]),
        Question("q4", "The book, look by look", [
            Check("marks", [([80, 82, 81], [2.0, 1.25, 1.5], [-50.0, -30.0], -100, 0.0)], marks, 1,
                  "three looks, trading free"),
            Check("marks", weeks, marks, 4, "other weeks, with a spread", share=True,
                  again=f"{CHAPTER}#the-rule-in-ten-lines"),
        ]),
        Question("q5", "Wage and bill", [
            Check("split", [(2.0, 1.5, 1.25, -50.0, -100, 1.0)], split, 1, "one stretch"),
            Check("split", stretches, split, 3, "other stretches", share=True, again=f"{CHAPTER}#who-pays"),
        ]),
        Question("q6", "Mette's week", [
            Check("week_pnl", None, lambda: week()[0], 2, "what the week made", absolute=0.5,
                  again=f"{CHAPTER}#the-rule-in-ten-lines"),
            Check("wages", None, lambda: week()[1], 1, "its wages", absolute=0.5, again=f"{CHAPTER}#who-pays"),
            Check("bills", None, lambda: week()[2], 1, "its bills", absolute=0.5, again=f"{CHAPTER}#who-pays"),
            Check("spread_paid", None, lambda: week()[3], 1, "what the broker kept", absolute=0.5,
                  again=f"{CHAPTER}#what-the-quote-must-add"),
        ]),
        Question("q7", "An answer for Mr Brekke", written=Written([
            (1, "says that nobody could know on Monday that the shares would rise"),
            (2, "gives in kroner what unhedged puts would have cost in a week that fell as far as this one rose, "
                "or argues as concretely from the list"),
            (1, "compares wages with bills, and says which of the two the market made large that week"),
            (1, "names something that one week cannot show, and what would"),
        ])),
    ],
)  # fmt: skip
