"""A desk."""

from hedgelab.desk.moments import moment
from hedgelab.desk.pricing import Portfolio, Risk
from hedgelab.desk.routing import Offer, Split, best_price_first, pro_rata, route
from hedgelab.desk.scheduling import (
    Frontier,
    Impact,
    Schedule,
    at_once,
    efficient_frontier,
    equal_slices,
    schedule,
    urgency,
)

__all__ = [
    "Frontier",
    "Impact",
    "Offer",
    "Portfolio",
    "Risk",
    "Schedule",
    "Split",
    "at_once",
    "best_price_first",
    "efficient_frontier",
    "equal_slices",
    "moment",
    "pro_rata",
    "route",
    "schedule",
    "urgency",
]
