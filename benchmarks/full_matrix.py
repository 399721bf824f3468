"""The obvious way to simulate hedging, every path at every date in one matrix: what `hedge` is compared with."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

import hedgelab as hl


def pnl(option: hl.Option, market: hl.GBM, steps: int, n_paths: int, volatility: float, cost: float) -> np.ndarray:
    """P&L per option sold, hedged at every step, with no interest."""
    dt = option.expiry / steps
    shocks = np.random.default_rng(1).standard_normal((n_paths, steps))
    growth = (market.drift - market.volatility**2 / 2) * dt + market.volatility * np.sqrt(dt) * shocks
    spot = market.spot * np.exp(np.cumsum(growth, axis=1))
    spot = np.hstack([np.full((n_paths, 1), market.spot), spot])
    time_left = option.expiry - dt * np.arange(steps)
    d1 = (
        np.log(spot[:, :-1] / option.strike) / (volatility * np.sqrt(time_left))
        + volatility * np.sqrt(time_left) / 2
    )
    delta = norm.cdf(d1)
    trades = np.diff(delta, axis=1, prepend=0.0)
    charges = cost * np.abs(trades) * spot[:, :-1]
    premium = option.value(market.spot, option.expiry, volatility)
    gains = (delta * np.diff(spot, axis=1)).sum(axis=1)
    return premium + gains - charges.sum(axis=1) - option.payoff(spot[:, -1])
