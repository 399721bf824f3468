"""A desk that runs, from quotes to fills, and survives being killed.

::

    a market, a record, a server                         venues, simulated or served
              | quotes                                    ^ orders      | answers
              v                                           |             v
    +---------------------------------- Desk.receive ----------------------------------+
    |  feed     which quotes may be used        state    the fold of all events        |
    |  pricing  the book's value and Greeks     risk     limits, modes, each check     |
    |  hedger   the library's policy is asked   routing  over venues, to least cost    |
    |  journal  input and decisions in one commit -- and only then orders leave        |
    +----------------------------------------------------------------------------------+
              | replay: decides again, the same to the last bit

What happens is an event (`events`), whose text (`codec`) stands in the journal before anybody acts on it.
`state` folds events, `decisions` decides about each input, `desk` runs the loop, on one `clock`.  `sources` and
`venues` simulate what is around a desk, `server`, `client` and `terminal` put it on a socket and a screen::

    python -m hedgelab.desk run --market heston --minutes 5
"""

from hedgelab.desk.clock import SECONDS_PER_YEAR, Real, Simulated
from hedgelab.desk.desk import Desk, Replayed, replay
from hedgelab.desk.feed import Gate
from hedgelab.desk.journal import Journal, JournalError
from hedgelab.desk.moments import moment
from hedgelab.desk.pricing import BookGreeks, Portfolio
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
from hedgelab.desk.settings import Limits, Settings, Terms
from hedgelab.desk.sources import Faults, Faulty, MarketSource, Record, Showing
from hedgelab.desk.venues import Habits, Venue

__all__ = [
    "BookGreeks",
    "Desk",
    "Faults",
    "Faulty",
    "Frontier",
    "Gate",
    "Habits",
    "Impact",
    "Journal",
    "JournalError",
    "Limits",
    "MarketSource",
    "Offer",
    "Portfolio",
    "Real",
    "Record",
    "Replayed",
    "SECONDS_PER_YEAR",
    "Schedule",
    "Settings",
    "Showing",
    "Simulated",
    "Split",
    "Terms",
    "Venue",
    "at_once",
    "best_price_first",
    "efficient_frontier",
    "equal_slices",
    "moment",
    "pro_rata",
    "replay",
    "route",
    "schedule",
    "urgency",
]
