"""hedgelab: a laboratory for dynamic hedging.

>>> import hedgelab as hl
>>> call = hl.Option("call", strike=105, expiry=0.25)
>>> run = hl.hedge(call, quantity=-1000, market=hl.GBM(spot=100, volatility=0.3), steps=63, n_paths=1000, seed=1,
...                policy=hl.DeltaBand(0.05), volatility=0.3, cost=hl.ProportionalCost(0.001))
>>> run.pnl.shape
(1000,)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hedgelab import black_scholes, crowd, insurance, learning, smile
from hedgelab.attribution import explain
from hedgelab.costs import (
    Cost,
    FixedCost,
    HalfSpread,
    NoCost,
    ProportionalCost,
    SquareRootImpact,
    VolatilitySpread,
)
from hedgelab.crowd import (
    CrowdMarket,
    Dealers,
    Halts,
    Hedgers,
    Insurers,
    LinearDepth,
    PriceLimits,
    SquareRootDepth,
    ValueBuyers,
)
from hedgelab.engine import Account
from hedgelab.experiments import frontier
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.insurance import CPPI, ConstantMix, InsuredRun, RealPut, StopLoss, SyntheticPut, insure
from hedgelab.learning import LearnedBand, LearnedDelta, LearnedHolding
from hedgelab.markets import (
    CEV,
    GBM,
    Bootstrap,
    Heston,
    LognormalSABR,
    Market,
    Merton,
    Paths,
    Quote,
    RandomStreams,
    Replay,
    Scenarios,
)
from hedgelab.overlays import Overlay
from hedgelab.parallel import computing
from hedgelab.policies import (
    AdaptiveBand,
    Clock,
    DeltaBand,
    Moment,
    MoveBand,
    Policy,
    WhalleyWilmott,
    Zakamouline,
    leland_volatility,
)
from hedgelab.runs import HedgeRun
from hedgelab.smile import SABR, SSVI, SVI, MovingSmile, Quotes, Surface, smile_delta

if TYPE_CHECKING:
    from hedgelab import cases, figures

__all__ = [
    "Account",
    "AdaptiveBand",
    "Bootstrap",
    "CEV",
    "CPPI",
    "Clock",
    "ConstantMix",
    "Cost",
    "CrowdMarket",
    "Dealers",
    "DeltaBand",
    "FixedCost",
    "GBM",
    "HalfSpread",
    "Halts",
    "HedgeRun",
    "Hedgers",
    "Heston",
    "InsuredRun",
    "Insurers",
    "LearnedBand",
    "LearnedDelta",
    "LearnedHolding",
    "LinearDepth",
    "LognormalSABR",
    "Market",
    "Merton",
    "Moment",
    "MoveBand",
    "MovingSmile",
    "NoCost",
    "Option",
    "Overlay",
    "Paths",
    "Policy",
    "PriceLimits",
    "ProportionalCost",
    "Quote",
    "Quotes",
    "RandomStreams",
    "RealPut",
    "Replay",
    "SABR",
    "SSVI",
    "SVI",
    "Scenarios",
    "SquareRootDepth",
    "SquareRootImpact",
    "StopLoss",
    "Surface",
    "SyntheticPut",
    "ValueBuyers",
    "VolatilitySpread",
    "WhalleyWilmott",
    "Zakamouline",
    "black_scholes",
    "cases",
    "computing",
    "crowd",
    "explain",
    "figures",
    "frontier",
    "hedge",
    "insurance",
    "insure",
    "learning",
    "leland_volatility",
    "smile",
    "smile_delta",
]


def __getattr__(name: str) -> Any:
    """What takes longer to import than all the rest, when asked for; the version stands in pyproject.toml."""
    if name in ("cases", "figures"):
        return import_module(f"hedgelab.{name}")
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("hedgelab")
        except PackageNotFoundError:  # a copy that nobody has installed
            return "0+unknown"
    raise AttributeError(f"module 'hedgelab' has no attribute {name!r}")
