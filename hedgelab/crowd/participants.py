"""Who trades in a market that they move: value buyers and dealers; and what all participants have in common.

Each is described by a value object and, on the paths of a block, stands for a trader: something with
``orders(seen)``, what it wants to buy in the step (negative to sell) after what it has `Seen`. Log prices count
from the market's reference, the close before. Amounts are shares, told by what they cost at the reference price in
any one unit of currency, billions for instance: who sells a billion after a fall of a fifth gets 800 million.
Times are in years of trading, for which `HOUR` and `DAY` are the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, Protocol

import numpy as np

from hedgelab import validation
from hedgelab.introductions import Introduced
from hedgelab.validation import Checked, Floats, Truth, between

#: A trading day, in years.
DAY = 1 / 252

#: One of its six and a half hours, in years.
HOUR = DAY / 6.5

AMOUNT = between(0, 1e15)
SPAN = between(1e-9, 1e6)


class Seen(NamedTuple):
    """What a trader knows when the orders of a step are placed; an entry per path, or one for all."""

    step: int
    time: float  # years since the beginning, at the end of the step
    dt: float  # years of trading since the step before
    spot: Any  # the last price
    price: Any  # its logarithm, beyond the reference
    news: Any  # the same without anybody's orders, this step's news in it
    closed: Any = None  # paths on which nothing can be traded now; None if there are none
    queue: bool = False  # whether sell orders are taken there, for the reopening


class Trader(Protocol):
    """A participant on the paths of a block."""

    def orders(self, seen: Seen) -> Any:
        """What to buy in this step, negative to sell, path by path."""
        ...


class Participant(Protocol):
    """Somebody whose orders move the price."""

    @property
    def hidden(self) -> float:
        """The share of the impact that is left after they have been announced."""
        ...

    @property
    def at_once(self) -> float:
        """What is bought for each unit that the log price rises, within the very step."""
        ...

    def worth(self, spot: float) -> float:
        """The most that they can sell."""
        ...

    def enter(self, spot: Floats, price: Floats) -> Trader:
        """The trader on paths that begin at these prices."""
        ...


@dataclass(frozen=True)
class ValueBuyers(Introduced, Checked):
    """Buyers who know what the news alone would make of the price, and take time to come.

    They want to hold ``appetite`` for each unit of log price that the market has fallen below the news, and buy
    that within their delay.  They follow the clock: orders gather while a market is halted, and overnight.

    Parameters
    ----------
    appetite : what is bought for each unit of log price below the news, zero or more
    delay : years in which they have bought ``1 - 1/e`` of it

    Examples
    --------
    >>> buyers = ValueBuyers(appetite=200.0, delay=4 * HOUR)
    >>> f"{200.0 * 0.10:.0f} wanted ten per cent below the news; delay of {buyers.delay / HOUR:.0f} hours"
    '20 wanted ten per cent below the news; delay of 4 hours'
    """

    appetite: Annotated[float, AMOUNT]
    delay: Annotated[float, SPAN]

    hidden, at_once = 1.0, 0.0

    def worth(self, spot: float) -> float:
        """They sell no more than they bought."""
        return 0.0

    def enter(self, spot: Floats, price: Floats) -> ComingBuyers:
        """Buyers who hold nothing yet."""
        return ComingBuyers(self, np.zeros(len(price)))


@dataclass
class ComingBuyers:
    """Value buyers on the paths of a block, and what they have bought."""

    terms: ValueBuyers
    bought: Any

    def orders(self, seen: Seen) -> Any:
        """What they buy, and sell again as the price returns to the news."""
        order = seen.news - seen.price
        np.maximum(order, 0.0, out=order)
        order *= self.terms.appetite
        order -= self.bought
        order *= min(seen.dt / self.terms.delay, 1.0)
        self.bought += order
        return order

    def overnight(self, seen: Seen, impact: Any) -> Any:
        """What they buy in a night of ``seen.dt`` years, as it moves the price that they look at."""
        share = -np.expm1(-seen.dt / self.terms.delay)
        wanted = (self.terms.appetite * np.maximum(seen.news - seen.price, 0.0) - self.bought) * share
        order = wanted / (1 + impact * self.terms.appetite * share)
        self.bought = self.bought + order
        return order


@dataclass(frozen=True)
class Dealers(Introduced, Checked):
    """Dealers who hedge the gamma of their book.

    Parameters
    ----------
    gamma : of their own book, the shares (at the reference price) by which its delta changes for each unit of log
        price: negative when they are short, and so buy as the price rises and sell as it falls
    late : whether they hedge a move in the step after it, rather than at once

    Examples
    --------
    Short gamma of half the depth doubles the market's volatility:

    >>> import hedgelab as hl
    >>> crowd = hl.CrowdMarket(hl.GBM(100, 0.2), hl.LinearDepth(100.0), [Dealers(gamma=-50.0)])
    >>> spot = crowd.simulate(1, 252, n_paths=1000, seed=1).spot
    >>> round(float(np.diff(np.log(spot), axis=0).std() / 0.2 * 252**0.5), 2)
    2.0
    """

    gamma: Annotated[float, between(-1e15, 1e15)]
    late: Truth = False

    hidden = 1.0

    @property
    def at_once(self) -> float:
        """What they buy within the step, for each unit that the log price rises."""
        return 0.0 if self.late else -self.gamma

    def worth(self, spot: float) -> float:
        """Not known: gamma says what they trade next, not what they have."""
        return 0.0

    def enter(self, spot: Floats, price: Floats) -> LateDealers:
        """Dealers who are hedged at the first price."""
        return LateDealers(self, price)


@dataclass
class LateDealers:
    """Dealers on the paths of a block: the log price at which they are hedged."""

    terms: Dealers
    hedged: Any

    def orders(self, seen: Seen) -> Any:
        """What hedges the last move, if they come late; what they do at once is the market's to clear."""
        if not self.terms.late:
            return 0.0
        order = -self.terms.gamma * (seen.price - self.hedged)
        if seen.closed is None:
            self.hedged = seen.price
        else:
            order[seen.closed] = 0.0
            self.hedged = np.where(seen.closed, self.hedged, seen.price)
        return order


def crowd_of(crowd: Any) -> tuple[Any, ...]:
    """A crowd as a tuple of participants; one of them, or a list.

    Examples
    --------
    >>> crowd_of([Dealers(-1.0)])
    (Dealers(gamma=-1.0, late=False),)
    """
    members = tuple(crowd) if isinstance(crowd, Sequence) and not isinstance(crowd, str | bytes) else (crowd,)
    for member in members:
        validation.has_methods("crowd", member, "enter", "worth")
    return members
