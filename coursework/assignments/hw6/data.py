"""Makes data/quarter.csv: the cable-car share over an invented quarter, and what the desk held after each look.

The desk goes to the delta of its model, in whole shares, twice a day.  Run by hand:
python coursework/assignments/hw6/data.py
"""

from pathlib import Path

import numpy as np
from scipy.special import ndtr

LOW, HIGH, VOLATILITY, SOLD = 50.0, 60.0, 0.30, 20_000


def delta(spot, left):
    """Of one bonus."""
    total = VOLATILITY * np.sqrt(left)
    rise, most = (ndtr(np.log(spot / strike) / total + total / 2) for strike in (LOW, HIGH))
    return rise - most


def tables():
    """What the file holds, a line a look; at the last there is nothing left to hold."""
    generator = np.random.default_rng(12)
    moves = VOLATILITY * np.sqrt(0.25 / 126) * generator.standard_normal(126)
    prices = np.round(50 * np.exp(np.append(0, np.cumsum(moves - VOLATILITY**2 * 0.25 / 252))), 2)
    lines = ["look,price,shares"]
    for look, price in enumerate(prices):
        shares = round(SOLD * delta(price, 0.25 * (1 - look / 126))) if look < 126 else ""
        lines.append(f"{look},{price:.2f},{shares}")
    return {"quarter.csv": lines}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
