"""Makes data/heating_oil.csv: half a year of closes of an invented fund that holds heating oil.

Run by hand: python coursework/assignments/hw4/data.py
"""

from pathlib import Path

import numpy as np


def tables():
    """What the file holds: 126 trading days after the first close, at a volatility of 35 % a year."""
    moves = 0.35 / np.sqrt(252) * np.random.default_rng(9).standard_normal(126)
    closes = 60 * np.exp(np.concatenate([[0], (moves + 0.04 / 252 - 0.35**2 / 504).cumsum()]))
    return {"heating_oil.csv": ["day,close", *(f"{day},{close:.2f}" for day, close in enumerate(closes))]}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
