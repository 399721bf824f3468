"""One good example of every market, cost and policy, as its arguments: what tests of a whole kind begin with.

A new one has a row here.  Then it is given garbage, walked in blocks and processes, simulated, printed and
explained as the others are.
"""

import numpy as np

import hedgelab as hl

RETURNS = np.random.default_rng(1).normal(0, 0.01, 30)

MARKETS = {
    "GBM": {"spot": 100.0, "volatility": 0.2, "drift": 0.1},
    "Merton": {
        "spot": 100.0, "volatility": 0.2, "jump_rate": 2.0, "jump_mean": -0.1, "jump_volatility": 0.1,
        "drift": 0.1,
    },
    "Heston": {
        "spot": 100.0, "variance": 0.04, "mean_reversion": 2.0, "long_variance": 0.05, "vol_of_variance": 0.5,
        "correlation": -0.7, "drift": 0.1,
    },
    "CEV": {"spot": 100.0, "volatility": 0.2, "exponent": -1.0, "drift": 0.1},
    "LognormalSABR": {
        "spot": 100.0, "volatility": 0.2, "vol_of_volatility": 1.0, "correlation": -0.7, "drift": 0.1,
    },
    "Bootstrap": {"spot": 100.0, "returns": RETURNS, "block_length": 5.0, "drift": 0.1},
    "Replay": {"dates": [0, 0.1, 0.2], "prices": [100.0, 101.0, 99.0]},
    "Scenarios": {
        "times": [0, 0.1, 0.2], "spot": [[100.0, 100.0], [101.0, 99.0], [99.0, 98.0]],
        "variance": [[0.04, 0.04], [0.05, 0.03], [0.05, 0.04]],
    },
}  # fmt: skip
COSTS = {
    "NoCost": {},
    "ProportionalCost": {"rate": 0.001},
    "HalfSpread": {"half_spread": 0.01},
    "FixedCost": {"fee": 1.0},
    "SquareRootImpact": {"daily_volume": 1e6, "coefficient": 1.0},
    "VolatilitySpread": {"rate": 0.001, "reference_volatility": 0.2, "power": 1.0},
}
POLICIES = {
    "Clock": {"every": 2},
    "DeltaBand": {"half_width": 0.05, "to": "edge"},
    "MoveBand": {"width": 0.02},
    "WhalleyWilmott": {"cost": 0.001, "risk_aversion": 1.0},
    "Zakamouline": {"cost": 0.001, "risk_aversion": 1.0},
    "LearnedBand": {"weights": np.random.default_rng(2).normal(0, 0.3, 231)},
    "LearnedHolding": {"weights": np.random.default_rng(3).normal(0, 0.3, 353)},
    "AdaptiveBand": {
        "half_width": 0.05, "reference_volatility": 0.2, "reference_gamma": 0.02, "volatility_power": 1.0,
        "gamma_power": 1.0, "to": "edge",
    },
}  # fmt: skip


def made(table):
    """The things of a table, by their names."""
    return {name: getattr(hl, name)(**terms) for name, terms in table.items()}


def simulated():
    """The markets that make as many paths as one asks for, at any times."""
    return {name: market for name, market in made(MARKETS).items() if not hasattr(market, "recorded")}
