"""Makes data/index.csv: three invented years of a share index, with a month that falls by more than a fifth.

Run by hand: python coursework/assignments/hw8/data.py
"""

from pathlib import Path

import numpy as np


def tables():
    """What the file holds, a line a month."""
    returns = 0.006 + 0.035 * np.random.default_rng(17).standard_normal(36)
    returns[22] = np.log(1 - 0.214)
    index = 1000 * np.exp(np.append(0, returns.cumsum()))
    return {"index.csv": ["month,index", *(f"{month},{level:.1f}" for month, level in enumerate(index))]}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
