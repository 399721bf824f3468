"""Interactive figures, alive on a published page and ipywidgets in a notebook.

Importing this brings in ipywidgets, so `hedgelab` itself does not:

>>> from hedgelab.explorers import OnePath
>>> hedger = OnePath(volatility=0.5)
>>> hedger.half_width = 0.1
"""

from hedgelab.explorers.anatomy import Anatomy
from hedgelab.explorers.assumptions import Assumptions
from hedgelab.explorers.autumn_1987 import Autumn1987
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.desk_day import DeskDay
from hedgelab.explorers.five_quotes import FiveQuotes
from hedgelab.explorers.flash_crash import FlashCrash
from hedgelab.explorers.four_insurers import FourInsurers
from hedgelab.explorers.gamma_theta import GammaTheta
from hedgelab.explorers.gap_survived import GapSurvived
from hedgelab.explorers.how_often import HowOften
from hedgelab.explorers.limits_in_a_crash import LimitsInACrash
from hedgelab.explorers.march_2020 import March2020
from hedgelab.explorers.one_path import OnePath
from hedgelab.explorers.price_of_certainty import PriceOfCertainty
from hedgelab.explorers.smile_follows import SmileFollows
from hedgelab.explorers.spiral import Spiral
from hedgelab.explorers.split_order import SplitOrder
from hedgelab.explorers.trained_elsewhere import TrainedElsewhere
from hedgelab.explorers.you_hedge import YouHedge

__all__ = [
    "Anatomy",
    "Assumptions",
    "Autumn1987",
    "DeskDay",
    "Explorer",
    "FiveQuotes",
    "FlashCrash",
    "FourInsurers",
    "GammaTheta",
    "GapSurvived",
    "HowOften",
    "LimitsInACrash",
    "March2020",
    "OnePath",
    "PriceOfCertainty",
    "SmileFollows",
    "Spiral",
    "SplitOrder",
    "TrainedElsewhere",
    "YouHedge",
]
