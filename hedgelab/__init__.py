"""hedgelab: a laboratory for dynamic hedging.

>>> import hedgelab as hl
>>> call = hl.Option("call", strike=105, expiry=0.25)
>>> run = hl.hedge(call, quantity=-1000, market=hl.GBM(spot=100, volatility=0.3), steps=63, n_paths=1000, seed=1,
...                policy=hl.DeltaBand(0.05), volatility=0.3, cost=hl.ProportionalCost(0.001))
>>> run.pnl.shape
(1000,)
"""

from hedgelab import black_scholes, cases, figures
from hedgelab.costs import Cost, ProportionalCost
from hedgelab.hedging import HedgeRun, hedge
from hedgelab.instruments import Option
from hedgelab.markets import GBM, Market, Paths, Replay
from hedgelab.policies import Clock, DeltaBand, Moment, Policy

__version__ = "0.1.0"

__all__ = [
    "Clock",
    "Cost",
    "DeltaBand",
    "GBM",
    "HedgeRun",
    "Market",
    "Moment",
    "Option",
    "Paths",
    "Policy",
    "ProportionalCost",
    "Replay",
    "black_scholes",
    "cases",
    "figures",
    "hedge",
]
