"""Makes data/: a printed list of put prices, and a week of a ferry company's share.  Both are invented.

Run by hand: python coursework/assignments/hw1/data.py
"""

from pathlib import Path

import numpy as np
from scipy.special import ndtr

STRIKE, VOLATILITY = 80, 0.42
HOURS = ("09:00", "13:00", "17:00")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def put(price, days):
    """The worth of a put without interest."""
    total = VOLATILITY * np.sqrt(days / 252)
    d1 = np.log(price / STRIKE) / total + total / 2
    return STRIKE * ndtr(total - d1) - price * ndtr(-d1)


def tables():
    """What each file holds."""
    lines = ["price," + ",".join(f"days_{days}" for days in range(5, -1, -1))]
    for price in range(60, 101):
        worth = [put(price, days) for days in range(5, 0, -1)] + [max(STRIKE - price, 0)]
        lines.append(f"{price}," + ",".join(f"{value:.2f}" for value in worth))
    stretches = np.array([0, *([0.45, 0.45, 0.9] * 5)[:14]]) / 1.8  # a night counts as much as a day's trading
    moves = VOLATILITY / np.sqrt(252) * np.sqrt(stretches) * np.random.default_rng(26).standard_normal(15)
    prices = np.round(2 * 80.5 * np.exp(moves.cumsum())) / 2
    week = ["day,hour,days_left,price"]
    for number, price in enumerate(prices):
        left = 0 if number == 14 else 5 - number // 3
        week.append(f"{DAYS[number // 3]},{HOURS[number % 3]},{left},{price:.2f}")
    return {"list.csv": lines, "week.csv": week}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
