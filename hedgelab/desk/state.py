"""All that a desk knows; `folding` counts events into it."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.desk.events import Command, Event, Filled, Refused
from hedgelab.desk.feed import Feed, Fixing, Seen
from hedgelab.desk.orders import Order
from hedgelab.desk.settings import Limits, Settings
from hedgelab.validation import Floats

MODES = ("trading", "hedging only", "flatten", "halted")  # each may do less than the one before


@dataclass(slots=True)
class State:
    """All that a desk knows.

    Attributes
    ----------
    time : of the last event, in seconds; it never goes back, nor on where the clock is in `doubt`
    leap : when a clock that leapt ahead first said so, how often, and when last; None where it did not
    mode, since, by, reason : one of `MODES`, since when, laid upon the desk by whom ("desk" for itself), and why
    cash : from fills, interest and options that paid, with `fees`, `interest` and `turnover` beside it
    shares : held
    open : orders of which something may still come, the one of which nothing was heard for longest first
    ended : the others
    flying : shares that may still be traded of the orders that are open: bought (True) and sold, exact sums
    step, due : moments at which the policy was asked so far, and when it is asked next
    anchor : the price at the last trade that the policy asked for
    refused : the last order that a check stopped, and `refusals`, how many were
    noted : the last faults, rejections and changes of a limit
    faults : how many were found, by venue and name; the venue is "" for what concerns none, or none of the desk's

    Orders that ended and their fills are kept, some 650 bytes for each: by them a late or repeated fill is told
    from a new one.  So fills grow with what venues send, as the journal does; the names of strangers do not.
    """

    settings: Settings
    feed: Feed
    limits: Limits
    cash: float
    anchor: float
    time: float = 0.0
    leap: tuple[float, int, float] | None = None
    doubt: str = ""  # what is wrong with the clock at this event
    version: str = ""  # of the library in this run
    run: int = 0
    mode: str = "trading"
    since: float = 0.0
    by: str = "desk"
    reason: str = "opened"
    shares: float = 0.0
    fees: float = 0.0
    interest: float = 0.0
    turnover: float = 0.0
    accrued: float | None = None  # the time up to which interest has been counted
    settled: dict[Any, float] = field(default_factory=dict)  # options that have paid, and what
    open: dict[str, Order] = field(default_factory=dict)
    ended: dict[str, Order] = field(default_factory=dict)
    flying: dict[bool, Fraction] = field(default_factory=lambda: {True: Fraction(), False: Fraction()})
    fills: dict[tuple[str, str], Filled] = field(default_factory=dict)
    numbered: int = 0  # orders of this run, those that were refused too
    sent: deque[float] = field(default_factory=deque)  # when the last orders were
    step: int = -1
    due: float = -math.inf
    refused: Refused | None = None
    refusals: int = 0
    noted: deque[Event] = field(default_factory=lambda: deque(maxlen=5))
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: list[tuple[str, str, str]] = field(default_factory=list)  # venue, fault, detail
    contradictions: list[str] = field(default_factory=list)
    command: Command | None = None
    moment: bool = False  # whether the policy is to be asked at this event
    used: bool = False  # whether a message passed the gate at this event

    @property
    def price(self) -> float:
        """The price of the share, as the desk sees it."""
        return self.feed.price

    @property
    def volatility(self) -> Floats:
        """Of each option, annual, as the desk believes it."""
        return self.feed.volatility

    @property
    def rate(self) -> float:
        """What cash earns."""
        return self.feed.rates[0]

    @property
    def dividend(self) -> float:
        """What shares pay."""
        return self.feed.rates[1]

    @property
    def years(self) -> float:
        """Years of trading since the desk's start."""
        return self.time / SECONDS_PER_YEAR


def opened(settings: Settings) -> State:
    """The state before anything has happened.

    Examples
    --------
    >>> from hedgelab import Option
    >>> state = opened(Settings((Option("call", 100, 0.5),), (-10,), spot=100, volatility=0.2, cash=56.4))
    >>> state.mode, state.cash, state.shares
    ('trading', 56.4, 0.0)
    """
    volatility = np.array(np.broadcast_to(settings.volatility, len(settings.options)))
    rates, options = (settings.rate, settings.dividend), frozenset(settings.options)
    venues = {venue: Seen() for venue in settings.venues}
    feed = Feed(settings.gate, venues, settings.spot, volatility, rates, options, Fixing(options))
    return State(settings, feed, settings.limits, cash=settings.cash, anchor=settings.spot)
