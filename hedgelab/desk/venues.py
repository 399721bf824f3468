"""Simulated venues: a book that is shown, and what becomes of orders there.

A venue keeps the desk's contract (`desk.AnyVenue`) whatever its habits: it may be slow, refuse, fill in parts,
answer twice, late or never, and trade at another price than it should; but it fills no id twice, sends each fill
with one id, and tells the truth when asked.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hedgelab.desk import events
from hedgelab.desk.clock import Clock
from hedgelab.desk.orders import Order
from hedgelab.desk.settings import Terms
from hedgelab.validation import Checked, Fraction, NotNegative


@dataclass(frozen=True)
class Habits(Checked):
    """How a venue behaves; all but the first three are chances, for each order, fill or answer.

    Parameters
    ----------
    latency : seconds that a message takes, on its way there and back
    jitter : seconds more that an answer takes, on average (exponential): late answers overtake each other
    hidden : shares that are there beyond those shown, as a share of them
    refuses : to take an order
    parts : to fill only a part of what it could, and the rest with the next quote
    repeats : to send an answer twice
    loses : to send an answer never
    misprices : to fill one per cent worse than it should

    Examples
    --------
    >>> Habits(refuses=1.5)
    Traceback (most recent call last):
    ValueError: refuses must be between 0 and 1, got 1.5
    """

    latency: NotNegative = 0.0
    jitter: NotNegative = 0.0
    hidden: NotNegative = 0.0
    refuses: Fraction = 0.0
    parts: Fraction = 0.0
    repeats: Fraction = 0.0
    loses: Fraction = 0.0
    misprices: Fraction = 0.0


@dataclass(slots=True)
class Standing:
    """An order as its venue has it."""

    asked: events.Ordered
    status: str  # as in `Reconciled`
    fills: list[events.Filled]
    filled: float = 0.0
    reason: str = ""


class Venue:
    """One venue, on the desk's clock; `deliver` takes its answers.

    Attributes
    ----------
    orders : all that it has heard of, by id
    shares, cash : what its fills made of whoever trades here

    Examples
    --------
    >>> from hedgelab.desk.clock import Simulated
    >>> clock, answers = Simulated(), []
    >>> venue = Venue("A", clock, answers.append)
    >>> venue.show(events.StockQuote(0.0, "A", 1, 0.0, 99.9, 100.1, 300.0, 300.0, 100.0))
    >>> venue.send(events.Ordered(0.0, "1-1", "A", 500.0, 101.0, "hedge"))
    >>> clock.run(until=1.0)
    >>> [(type(answer).__name__, getattr(answer, "shares", None)) for answer in answers]
    [('Acknowledged', None), ('Filled', 300.0)]
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        deliver: Callable[[events.Answer], Any],
        terms: Terms | None = None,
        habits: Habits | None = None,
        seed: int = 0,
    ) -> None:
        self.name, self.clock, self.deliver = name, clock, deliver
        self.terms, self.habits = terms or Terms(), habits or Habits()
        self.orders: dict[str, Standing] = {}
        self.shares = self.cash = 0.0
        self._chance = np.random.Generator(np.random.PCG64(seed))
        self._arrives = -np.inf
        self._quote: events.StockQuote | None = None
        self._left: dict[float, float] = {}  # shares to be had, by side
        self._standing: dict[float, list[tuple[float, int, Standing]]] = {1.0: [], -1.0: []}  # by side, best first
        self._fills = 0

    def show(self, quote: events.StockQuote) -> None:
        """From now on this is its book; orders that stand are tried on it, the best limit first.

        Those that the price does not reach, and those for which nothing is left, cost no time.
        """
        self._quote = quote
        more = 1 + self.habits.hidden
        self._left = {1.0: quote.ask_size * more, -1.0: quote.bid_size * more}
        for side, price in ((1.0, quote.ask), (-1.0, quote.bid)):
            standing, tried = self._standing[side], 0
            while tried < len(standing) and standing[tried][0] <= -side * price and self._left[side] > 0:
                if standing[tried][-1].status == "open":
                    self._match(standing[tried][-1])
                tried += 1
            standing[:tried] = [each for each in standing[:tried] if each[-1].status == "open"]

    def recall(self, orders: Iterable[Order], fills: Iterable[events.Filled]) -> None:
        """Be the venue again that a desk's journal knows: its orders stand as they did, no fill's id comes twice.

        What was on its way when both ended is gone: an order of which the desk had heard nothing never came, a
        fill that it had not heard of never was, and where that one was promised, it is to be had again.
        """
        of: dict[str, list[events.Filled]] = {}
        for fill in fills:
            if fill.venue == self.name:
                of.setdefault(fill.order, []).append(fill)
                number = fill.fill.removeprefix(self.name)
                self._fills = max(self._fills, int(number) if number.isdecimal() else 0)
                self.shares += fill.shares
                self.cash -= fill.shares * fill.price + fill.fee
        for known in sorted(orders, key=_asked):
            if known.asked.venue == self.name and known.status != "asked":
                asked, status = known.asked, "unknown" if known.status == "lost" else known.status
                if known.working:
                    status = "open"
                    asked = asked if known.claimed is None else replace(asked, shares=known.claimed)
                self._stand(Standing(asked, status, of.get(asked.order, []), known.filled))

    def _stand(self, order: Standing) -> None:
        """Know an order from now on."""
        asked, side = order.asked, 1.0 if order.asked.shares > 0 else -1.0
        self.orders[asked.order] = order
        if order.status == "open":
            insort(self._standing[side], (-side * asked.limit, len(self.orders), order))

    def send(self, asked: events.Ordered | events.CancelAsked | events.StatusAsked) -> None:
        """Take what a desk asks, when it arrives: nothing overtakes what was sent before."""
        self._arrives = max(self._arrives, self.clock.now() + self.habits.latency)
        self.clock.at(self._arrives, lambda: self._take(asked))

    def _take(self, asked: events.Ordered | events.CancelAsked | events.StatusAsked) -> None:
        order = self.orders.get(asked.order)
        if isinstance(asked, events.Ordered):
            if order is not None:
                self._tell(order)
                return
            order = Standing(asked, "open", [])
            if self._happens(self.habits.refuses):
                order.status, order.reason = "rejected", "the venue does not want it"
            self._stand(order)
            self._tell(order)
            if order.status == "open":
                self._match(order)
        elif isinstance(asked, events.StatusAsked) or order is None:
            self._report(asked)
        else:
            if order.status == "open":
                order.status = "cancelled"
            self._tell(order)

    def _tell(self, order: Standing) -> None:
        """Say how an order stands."""
        now, number = self.clock.now(), order.asked.order
        if order.status == "open":
            self._answer(events.Acknowledged(now, self.name, number))
        elif order.status in ("rejected", "unknown"):
            reason = order.reason or "it was asked for before it came, and called unknown"
            self._answer(events.Rejected(now, self.name, number, reason))
        else:
            self._answer(events.Cancelled(now, self.name, number, order.filled))

    def _report(self, asked: events.CancelAsked | events.StatusAsked) -> None:
        """All that became of an order, again; one that it does not know it will never take."""
        nothing = events.Ordered(asked.time, asked.order, self.name, 0.0, 0.0, "")
        order = self.orders.setdefault(asked.order, Standing(nothing, "unknown", []))
        for fill in order.fills:
            self._answer(fill)
        self._answer(events.Reconciled(self.clock.now(), self.name, asked.order, order.status, order.filled))

    def _match(self, order: Standing) -> None:
        """Fill what the book has within the order's limit."""
        asked, quote = order.asked, self._quote
        side = 1.0 if asked.shares > 0 else -1.0
        wanted = abs(asked.shares - order.filled)
        if quote is None:
            return
        price, impact = (quote.ask if side > 0 else quote.bid), self.terms.impact
        most = min(wanted, self._left[side])
        if impact:
            most = min(most, max(float(np.floor(side * (asked.limit - price) / impact)), 0.0))
        if most <= 0 or side * (price - asked.limit) > 0:
            return
        if most > 1 and self._happens(self.habits.parts):
            most = min(most, float(np.ceil(most * self._chance.random())))
        paid = price + side * 0.5 * impact * most
        if self._happens(self.habits.misprices):
            paid *= 1 + side * 0.01
        self._left[side] -= most
        self._fill(order, side * most, paid)

    def _fill(self, order: Standing, shares: float, price: float) -> None:
        self._fills += 1
        fee = self.terms.fee * abs(shares)
        number = f"{self.name}{self._fills}"
        fill = events.Filled(self.clock.now(), self.name, order.asked.order, number, shares, price, fee)
        order.fills.append(fill)
        order.filled += shares
        self.shares += shares
        self.cash -= shares * price + fee
        if abs(order.asked.shares - order.filled) <= 1e-9 * abs(order.asked.shares):
            order.status = "filled"
        self._answer(fill)

    def _answer(self, answer: events.Answer) -> None:
        """Send an answer back, as the venue's habits have it; never its answer to a question wrongly."""
        for _ in range(1 + self._happens(self.habits.repeats)):
            if isinstance(answer, events.Reconciled) or not self._happens(self.habits.loses):
                delay = self.habits.latency
                if self.habits.jitter:
                    delay += float(self._chance.exponential(self.habits.jitter))
                self.clock.at(self.clock.now() + delay, lambda: self._deliver(answer))

    def _deliver(self, answer: events.Answer) -> None:
        self.deliver(replace(answer, time=self.clock.now()))

    def _happens(self, chance: float) -> bool:
        return chance > 0 and bool(self._chance.random() < chance)


def _asked(known: Order) -> tuple[float, int, int]:
    """When a desk asked for an order: of one time are those of one decision, which the desk numbers."""
    run, number = known.asked.order.split("-")
    return known.asked.time, int(run), int(number)
