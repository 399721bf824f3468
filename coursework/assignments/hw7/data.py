"""Makes data/listed.csv: what the exchange quotes for eight options on an invented share, in a Heston world.

Bid and ask lie around the model's price, further apart for dearer and for longer options, in whole cents.
Run by hand: python coursework/assignments/hw7/data.py
"""

from pathlib import Path

import numpy as np

import hedgelab as hl

WORLD = hl.Heston(50, 0.07, mean_reversion=2.5, long_variance=0.07, vol_of_variance=0.55, correlation=-0.65)
MONTHS = {2: (46, 50), 6: (44, 48, 52), 12: (44, 50, 56)}


def tables():
    """What the file holds, a line an option."""
    generator = np.random.default_rng(4)
    lines = ["kind,strike,months,bid,ask"]
    for months, strikes in MONTHS.items():
        for strike in strikes:
            kind = "put" if strike < 50 else "call"
            price = WORLD.price(hl.Option(kind, strike, months / 12))
            half = (0.02 + 0.012 * price) * (1 + months / 24) * generator.uniform(0.8, 1.25)
            lines.append(f"{kind},{strike},{months},{price - half:.2f},{price + half:.2f}")
    return {"listed.csv": lines}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
