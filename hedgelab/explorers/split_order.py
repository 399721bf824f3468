"""Where should an order go?"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from hedgelab import figures
from hedgelab.desk.routing import Offer, Split, best_price_first, pro_rata, route
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Slider
from hedgelab.figures import PALETTE, Figure
from hedgelab.validation import Floats

#: What each venue sells at: first share beyond the middle, fee included; shares for a dollar more; shares it has.
VENUES = {
    "A": (0.010, 4e5, 3000.0),
    "B": (0.012, 2e5, 5000.0),
    "C": (0.008, 1e5, 1500.0),
    "D": (0.015, 6e5, 8000.0),
    "E": (0.011, 3e5, 4000.0),
}
WAYS: dict[str, Callable[..., Split]] = {
    "route": route,
    "pro_rata": pro_rata,
    "best_first": best_price_first,
}
ALL = 21_500.0
ORDERS = np.append(np.linspace(100, 21_300, 54), ALL)  # 400 apart


class SplitOrder(Explorer):
    """An order for shares split over five venues, one of which can be changed, and can show what it has not.

    Shares that a venue shows and has not are tried again, by the same way, on what the venues then still have,
    after prices have moved away.

    Controls: the `shares` of the order; the `venue` that is changed, how many times as deep it is (`deeper`) and
    by how many cents its first share is dearer (`dearer`); how many times its shares and depth it shows (`shows`),
    and by how many cents prices move away before the second try (`away`).

    Examples
    --------
    >>> numbers = SplitOrder(shares=10_000).numbers()
    >>> [round(numbers[name], 4) for name in ("route", "pro_rata", "part", "last")]
    [148.9375, 159.4159, 2250.0, 1.875]
    """

    name = "split-order"
    question = "Where should an order go?"
    alt = (
        "Two charts. Above, what the next share costs at each of five venues, as rising lines, with the parts of "
        "the order as dots and the level that they reach. Below, the cost a share by the size of the order, for "
        "the best split, pro rata, and the best price first."
    )
    readouts: ClassVar = {
        "part": ("Sent to that venue", "count"),
        "last": ("Last share, cents", "number"),
        "route": ("Best split", "dollars"),
        "pro_rata": ("Pro rata", "dollars"),
        "best_first": ("Best price first", "dollars"),
        "missed": ("Missed at first", "count"),
        "missed_pro_rata": ("Missed, pro rata", "count"),
    }
    height = (34, 32)

    shares = Slider(10_000, 100, ALL, 100, "Shares to buy", "count")
    venue = Choice("D", {name: name for name in VENUES}, "Venue to change")
    deeper = Slider(1.0, 0.2, 5.0, 0.1, "Its depth, times", "number")
    dearer = Slider(0.0, -1.5, 1.5, 0.1, "Its first share, cents more", "number")
    shows = Slider(1.0, 1.0, 5.0, 0.1, "It shows, times what it has", "number")
    away = Slider(0.0, 0.0, 1.0, 0.05, "Prices move away, cents", "number")
    more = ("shows", "away")

    def offers(self, *, shown: bool) -> list[Offer]:
        """What the venues show, or what they have."""
        made = []
        for name, (cost, depth, size) in VENUES.items():
            here = name == self.venue
            times = self.shows if here and shown else 1.0
            deep = depth * self.deeper if here else depth
            first = cost + self.dearer / 100 if here else cost
            made.append(Offer(first, deep * times, size * times))
        return made

    def done(self, way: str, shares: float) -> tuple[Split, float, float]:
        """How an order is sent at first, what it costs in the end, and how much of it is missed at first."""
        return _done(WAYS[way], shares, self.offers(shown=True), self.offers(shown=False), self.away / 100)

    def curves(self) -> dict[str, Floats]:
        """Cents a share by the size of the order, for each way."""
        return {
            way: np.array([100 * self.done(way, shares)[1] / shares for shares in ORDERS.tolist()]) for way in WAYS
        }

    def numbers(self) -> dict[str, float]:
        """The best split, what it and others cost, and what they miss."""
        split, least, missed = self.done("route", self.shares)
        _, pro_rata_cost, missed_pro_rata = self.done("pro_rata", self.shares)
        return {
            "part": split.shares[list(VENUES).index(self.venue)],
            "last": 100 * split.dearest,
            "route": least,
            "pro_rata": pro_rata_cost,
            "best_first": self.done("best_first", self.shares)[1],
            "missed": missed,
            "missed_pro_rata": missed_pro_rata,
        }

    def picture(self) -> Figure:
        """The venues with their parts, and cost by size."""
        figure, (above, below) = figures.new(2, 1, height=6.4)
        split = self.done("route", self.shares)[0]
        for name, offer, part in zip(VENUES, self.offers(shown=True), split.shares, strict=True):
            colour = PALETTE["loss" if name == self.venue else "hedged"]
            ends = np.array([0.0, offer.size])
            above.plot(ends, 100 * (offer.cost + ends / offer.depth), color=colour, linewidth=1.5)
            above.plot(part, 100 * (offer.cost + part / offer.depth), "o", color=colour)
        above.axhline(100 * split.dearest, color=PALETTE["ink"], linewidth=1, linestyle=":")
        above.set(title="the next share costs (cents)", xlabel="shares at a venue")
        for (way, curve), colour, line in zip(
            self.curves().items(), ("hedged", "unhedged", "theory"), ("-", "--", "-."), strict=True
        ):
            below.plot(ORDERS, curve, color=PALETTE[colour], linestyle=line, label=self.readouts[way][0].lower())
        below.axvline(self.shares, color=PALETTE["ink"], linewidth=1, linestyle=":")
        below.set(title="cost a share (cents)", xlabel="shares to buy")
        below.legend()
        return figure


def _done(
    way: Callable[..., Split], shares: float, shown: list[Offer], there: list[Offer], away: float
) -> tuple[Split, float, float]:
    sent = way(shares, shown, lot=0)
    filled = [min(part, offer.size) for part, offer in zip(sent.shares, there, strict=True)]
    missed = shares - sum(filled)
    if missed <= 1e-9 * shares:
        missed = 0.0
    left = [
        Offer(offer.cost + part / offer.depth + away, offer.depth, offer.size - part)
        for offer, part in zip(there, filled, strict=True)
    ]
    again = way(missed, left, lot=0).cost
    return sent, sum(offer.paid(part) for offer, part in zip(there, filled, strict=True)) + again, missed
