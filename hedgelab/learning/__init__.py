"""Hedges that are learned: a delta from what options did day by day, and a band from simulated paths.

`LearnedDelta` is fitted to `daily_changes` of options and serves `hedge` as its ``delta``.  `LearnedBand` and
`LearnedHolding` are policies, networks of a few hundred weights in plain NumPy.  What is learned knows the market
that it learned in and no other: judge it on paths that it has not seen, and in markets it was not trained for.
"""

from hedgelab.learning.changes import DailyChanges, daily_changes
from hedgelab.learning.policies import LearnedBand, LearnedHolding
from hedgelab.learning.regression import LearnedDelta
from hedgelab.learning.training import Training
from hedgelab.learning.utility import CertaintyEquivalent, certainty_equivalent

__all__ = [
    "CertaintyEquivalent",
    "DailyChanges",
    "LearnedBand",
    "LearnedDelta",
    "LearnedHolding",
    "Training",
    "certainty_equivalent",
    "daily_changes",
]
