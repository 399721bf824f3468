"""The obvious way to simulate hedging, every path at every date in one matrix: what `hedge` is compared with.

It returns what a `HedgeRun` holds: P&L, cost and number of trades per path.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

import hedgelab as hl


def hedge(
    option: hl.Option, market: hl.GBM, steps: int, n_paths: int, volatility: float, cost: float, rate: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One call sold and hedged at every step, with a proportional cost."""
    dt = option.expiry / steps
    shocks = np.random.default_rng(1).standard_normal((n_paths, steps))
    growth = (market.drift - market.volatility**2 / 2) * dt + market.volatility * np.sqrt(dt) * shocks
    spot = market.spot * np.exp(np.cumsum(growth, axis=1))
    spot = np.hstack([np.full((n_paths, 1), market.spot), spot])

    time_left = option.expiry - dt * np.arange(steps)
    total = volatility * np.sqrt(time_left)
    delta = norm.cdf((np.log(spot[:, :-1] / option.strike) + rate * time_left) / total + total / 2)
    traded = np.diff(delta, axis=1, prepend=0.0)
    charges = cost * np.abs(traded) * spot[:, :-1]

    carried = np.exp(rate * time_left)  # from each date to expiry
    premium = option.value(market.spot, option.expiry, volatility, rate) * np.exp(rate * option.expiry)
    paid = (traded * spot[:, :-1] * carried).sum(axis=1)
    charged = (charges * carried).sum(axis=1)
    pnl = premium - paid - charged + delta[:, -1] * spot[:, -1] - option.payoff(spot[:, -1])
    return pnl, charged, (traded != 0).sum(axis=1)
