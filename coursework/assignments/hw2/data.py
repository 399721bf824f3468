"""Makes data/chain.csv: an option chain of an invented mining company, with two quotes that cannot stand.

Run by hand: python coursework/assignments/hw2/data.py
"""

from pathlib import Path

import numpy as np
from scipy.special import ndtr

SPOT, EXPIRY, RATE = 25.0, 0.4, 0.04


def call(strike, volatility):
    """The Black-Scholes value of a call."""
    total = volatility * np.sqrt(EXPIRY)
    d1 = (np.log(SPOT / strike) + RATE * EXPIRY) / total + total / 2
    return SPOT * ndtr(d1) - strike * np.exp(-RATE * EXPIRY) * ndtr(d1 - total)


def tables():
    """What the file holds: bid and ask of calls and of puts, in cents of a dollar."""
    generator = np.random.default_rng(8)
    lines = ["strike,call_bid,call_ask,put_bid,put_ask"]
    for strike in np.arange(17.5, 35.1, 1.25):
        value = call(strike, 0.52 + 0.25 * np.log(strike / SPOT) ** 2)
        other = value - SPOT + strike * np.exp(-RATE * EXPIRY)
        width = 0.04 + 0.01 * generator.integers(0, 4, size=2)
        quotes = np.array([value - width[0], value + width[0], other - width[1], other + width[1]])
        quotes += 0.02 * generator.uniform(-1, 1, size=4)
        if strike == 21.25:  # a stale call: its bid has stayed behind above
            quotes[:2] += 0.38
        if strike == 30.0:  # a put that somebody must sell
            quotes[2:] -= 0.29
        lines.append(f"{strike:.2f}," + ",".join(f"{max(quote, 0.01):.2f}" for quote in quotes))
    return {"chain.csv": lines}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
