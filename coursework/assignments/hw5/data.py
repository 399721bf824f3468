"""Makes data/record.csv: four years of an invented seller of volatility; one quarter is not as it happened.

Each quarter begins with straddles of half a year, sold at the money and hedged at every close at the volatility in
their price; it ends with buying them back at that volatility.

Run by hand: python coursework/assignments/hw5/data.py
"""

from pathlib import Path

import numpy as np
from scipy.special import ndtr

DOLLAR_GAMMA = 25e6
MENDED = "2022 Q2"


def straddle(spot, strike, left, volatility):
    """Value, delta and gamma without interest."""
    total = volatility * np.sqrt(left)
    d1 = np.log(spot / strike) / total + total / 2
    bell = np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi)
    delta = 2 * ndtr(d1) - 1
    return spot * delta - strike * (2 * ndtr(d1 - total) - 1), delta, 2 * bell / (spot * total)


def tables():
    """What the file holds, a line a day."""
    generator = np.random.default_rng(30)
    lines, spot = ["quarter,implied,dollar_gamma,move,pnl"], 1000.0
    for number in range(16):
        quarter = f"{2020 + number // 4} Q{number % 4 + 1}"
        implied = round(0.18 + 0.02 * generator.uniform(-1, 1), 3)
        actual = implied * (1.75 if quarter == MENDED else generator.uniform(0.75, 1.0))
        moves = actual / np.sqrt(252) * generator.standard_t(6, size=63) / np.sqrt(1.5)
        strike = spot
        sold = DOLLAR_GAMMA / (straddle(spot, strike, 0.5, implied)[2] * spot**2)
        rows = []
        for day, move in enumerate(np.round(moves, 5)):
            value, delta, gamma = straddle(spot, strike, 0.5 - day / 252, implied)
            after = spot * (1 + move)
            later = straddle(after, strike, 0.5 - (day + 1) / 252, implied)[0]
            rows.append((implied, sold * gamma * spot**2, move, sold * (delta * (after - spot) - (later - value))))
            spot = after
        worst = sorted(range(63), key=lambda day: rows[day][3])[:7] if quarter == MENDED else ()
        for day, (volatility, dollar_gamma, move, pnl) in enumerate(rows):
            told = 0.3 * pnl if day in worst else pnl
            lines.append(f"{quarter},{volatility:.3f},{dollar_gamma:.0f},{move:.5f},{told:.0f}")
    return {"record.csv": lines}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
