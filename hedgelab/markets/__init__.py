"""Where prices come from: simulated worlds, and the recorded past.

A market has a `spot` to start from, a list of `times` at which its price can be traded, and a `stream` of prices
at those times, one array of paths after another.  Nothing needs the whole matrix of paths, so nothing stores it
unless you ask with `simulate`.
"""

from hedgelab.markets.cev import CEV
from hedgelab.markets.cev_options import CEVGreeks
from hedgelab.markets.diffusions import GBM
from hedgelab.markets.heston import Heston
from hedgelab.markets.heston_options import HestonGreeks
from hedgelab.markets.lognormal_sabr import LognormalSABR
from hedgelab.markets.merton import Merton, MertonGreeks
from hedgelab.markets.paths import Market, Paths, Quote, as_quote, simulate
from hedgelab.markets.records import Bootstrap, Replay
from hedgelab.markets.sabr_options import SABRGreeks
from hedgelab.markets.scenarios import Scenarios
from hedgelab.markets.streams import BLOCK, Block, RandomStreams, Seed, blocks_of

__all__ = [
    "BLOCK",
    "Block",
    "Bootstrap",
    "CEV",
    "CEVGreeks",
    "GBM",
    "Heston",
    "HestonGreeks",
    "LognormalSABR",
    "Market",
    "Merton",
    "MertonGreeks",
    "Paths",
    "Quote",
    "RandomStreams",
    "Replay",
    "SABRGreeks",
    "Scenarios",
    "Seed",
    "as_quote",
    "blocks_of",
    "simulate",
]
