"""Makes data/chain.csv and data/evenings.csv: an invented smile of silver, and what it did on 250 evenings.

The smile leans to the right.  Each quote stands a little beside it; bid and ask are volatilities around the quote,
further apart away from the money.  In the evenings the smile follows silver by about a third.  Run by hand:
python coursework/assignments/hw9/data.py
"""

from pathlib import Path

import numpy as np

SPOT, EXPIRY, SHARE = 30.0, 0.25, 0.35
SMILE = (0.006, 0.09, 0.35, -0.06, 0.14)


def volatility(k):
    """The smile that the quotes come from."""
    a, b, rho, m, sigma = SMILE
    return np.sqrt((a + b * (rho * (k - m) + np.sqrt((k - m) ** 2 + sigma**2))) / EXPIRY)


def tables():
    """What the files hold."""
    generator = np.random.default_rng(8)
    chain = ["strike,bid,ask"]
    for strike in np.arange(23.0, 41.0):
        k = np.log(strike / SPOT)
        half = 0.003 + 0.03 * abs(k)
        middle = volatility(k) + half * generator.uniform(-0.8, 0.8)
        chain.append(f"{strike:g},{middle - half:.4f},{middle + half:.4f}")
    skew = (volatility(0.001) - volatility(-0.001)) / 0.002
    evenings, silver, at_money = ["evening,silver,volatility"], 30.0, volatility(0.0)
    for evening in range(251):
        evenings.append(f"{evening},{silver:.3f},{at_money:.5f}")
        move = volatility(0.0) / np.sqrt(252) * generator.standard_normal()
        silver *= np.exp(move)
        at_money += (1 - SHARE) * skew * move + 0.0045 * generator.standard_normal()
        at_money += 0.02 * (volatility(0.0) - at_money)
    return {"chain.csv": chain, "evenings.csv": evenings}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
