"""The price that many hedgers move.

A `CrowdMarket` is a market like the others: its price is the news and what the orders of a crowd make of it.
The crowd are portfolio insurers, value buyers, dealers with their gamma, or hedgers with any policy of the
library; the depth of the market says how far an order moves the price, and breakers stop it.  Beside it stand the
formulas: the gain at which a fall feeds itself, the fold beyond it, and the volatility on the way there.

A `ThinMarket` is another, by the second: into it one program sells at a share of the volume.
"""

from hedgelab.crowd.breakers import Halts, PriceLimits
from hedgelab.crowd.depth import LinearDepth, SquareRootDepth
from hedgelab.crowd.episodes import Episode, books, episode
from hedgelab.crowd.folds import Fold, clearing_prices, fold
from hedgelab.crowd.formulas import (
    Amplification,
    amplification,
    critical_share,
    eigenvalues,
    feedback_volatility,
    hidden_to_announced,
    threshold,
)
from hedgelab.crowd.hedgers import Hedgers
from hedgelab.crowd.insurers import Insurers
from hedgelab.crowd.market import CrowdMarket, CrowdStep
from hedgelab.crowd.participants import DAY, HOUR, Dealers, Participant, Seen, Trader, ValueBuyers
from hedgelab.crowd.thin import Sale, SellProgram, Stop, ThinMarket

__all__ = [
    "Amplification",
    "CrowdMarket",
    "CrowdStep",
    "DAY",
    "Dealers",
    "Episode",
    "Fold",
    "HOUR",
    "Halts",
    "Hedgers",
    "Insurers",
    "LinearDepth",
    "Participant",
    "PriceLimits",
    "Sale",
    "Seen",
    "SellProgram",
    "SquareRootDepth",
    "Stop",
    "ThinMarket",
    "Trader",
    "ValueBuyers",
    "amplification",
    "books",
    "clearing_prices",
    "critical_share",
    "eigenvalues",
    "episode",
    "feedback_volatility",
    "fold",
    "hidden_to_announced",
    "threshold",
]
