"""Makes data/: two options that a savings bank can trade, and eight nights as its risk desk wrote them down.

Run by hand: python coursework/assignments/hw3/data.py
"""

from pathlib import Path

import numpy as np

NIGHTS = ("Mon 2", "Tue 3", "Wed 4", "Thu 5", "Fri 6", "Mon 9", "Tue 10", "Wed 11")


def tables():
    """What each file holds."""
    generator = np.random.default_rng(12)
    nights = ["night,move,days,points"]
    for night in NIGHTS:
        move, points = generator.normal(scale=(1.4, 1.1))
        if night == "Mon 9":  # the minister resigned
            move, points = -7.3, 4.5
        if night == "Tue 10":  # and took it back
            move, points = 4.6, -1.5
        if night == "Wed 4":  # the index was not computed: a quiet night, but for volatility
            move, points = 0.0, 3.8
        nights.append(f"{night},{move:.2f},{3 if night.startswith('Fri') else 1},{points:.1f}")
    return {
        "hedges.csv": ["name,strike,expiry", "short call,110,0.75", "long call,100,1.25"],
        "nights.csv": nights,
    }


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
