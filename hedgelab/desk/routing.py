"""An order split over venues, to the least cost.

A venue sells its first share at some cost beyond the mid-price, its fee included, and each further one dearer as
the order eats into its book: q shares cost ``cost + q / (2 depth)`` each on average, as far as ``size`` goes.  The
last share then costs ``cost + q / depth``, and a split is cheapest where that is the same wherever shares are
left; else some could move from where the last one is dear to where the next one is cheap.  As the order grows,
each venue's part runs straight from corner to corner, where a venue joins in or is empty, so that sorting the
corners is all there is to do.

Further reading, on orders that wait and may not be filled: R. Cont & A. Kukanov (2017), "Optimal order placement
in limit order markets", Quantitative Finance 17.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, NamedTuple

from hedgelab.introductions import Introduced
from hedgelab.validation import (
    Checked,
    Finite,
    NotNegative,
    finite_scalar,
    instance,
    not_negative_scalar,
    positive_scalar,
)

MOST = 1e12  # lots in an order: up to it their count is certain
ROUNDING = 1e-9  # of a lot


def _depth(name: str, value: Any) -> float:
    return math.inf if isinstance(value, float) and value == math.inf else positive_scalar(name, value)


@dataclass(frozen=True)
class Offer(Introduced, Checked):
    """What a venue sells at, or buys at, now.

    Parameters
    ----------
    cost : of the first share beyond the mid-price, its fee included, in currency; negative where the venue pays
    depth : the shares that make the next one dearer by one unit of currency, positive; infinite where all of
        `size` has one price, as at the top of a book
    size : the most shares to be had, zero or more

    Examples
    --------
    >>> Offer(cost=0.01, depth=400_000, size=3000).paid(2000)
    25.0
    """

    cost: Finite
    depth: Annotated[float, _depth]
    size: NotNegative

    def paid(self, shares: float) -> float:
        """What so many shares cost beyond the mid-price, in currency."""
        return shares * (self.cost + shares / (2 * self.depth))


class Split(NamedTuple):
    """An order by venue.

    Examples
    --------
    >>> Split(shares=(600.0, 400.0), left=0.0, cost=12.5, dearest=0.015).left
    0.0
    """

    shares: tuple[float, ...]  # for each venue, signed as the order is
    left: float  # what no venue has, or is less than a lot; signed likewise
    cost: float  # of all that is traded, beyond the mid-price, in currency
    dearest: float  # what the dearest share costs beyond the mid-price; zero where none is traded


def route(shares: float, offers: Sequence[Offer], lot: float = 1.0) -> Split:
    """The split of an order that costs least.

    In whole lots, too, it is the cheapest: each venue gets the lots nearest to its part, the next cheapest are
    added or the dearest taken away until the number is right, and no other lots cost less (the argument of
    O. Gross 1956, "A class of discrete-type minimization problems", RAND; costs are convex).  Lots make it dearer
    by at most the sum over the venues of ``lot**2 / (2 depth)``, sizes being whole lots.

    Parameters
    ----------
    shares : to buy, or negative to sell
    offers : of each venue, on the side that the order needs
    lot : shares are traded in multiples of it; in any fraction if it is zero

    Returns
    -------
    Split
        What is `left` is for the caller to keep.

    Raises
    ------
    ValueError
        Names the argument, the value found and the rule it breaks.

    Examples
    --------
    >>> costs, depths = (0.010, 0.012, 0.008, 0.015, 0.011), (4e5, 2e5, 1e5, 6e5, 3e5)
    >>> offers = [Offer(*each) for each in zip(costs, depths, (3000, 5000, 1500, 8000, 4000))]
    >>> split = route(10_000, offers)
    >>> split.shares, round(split.cost, 4), round(split.dearest, 5)
    ((3000.0, 1350.0, 1075.0, 2250.0, 2325.0), 148.9375, 0.01875)
    >>> [round(way(10_000, offers, lot=0).cost, 4) for way in (pro_rata, best_price_first)]
    [159.4159, 158.7917]
    """
    return _split(shares, offers, lot, _least)


def pro_rata(shares: float, offers: Sequence[Offer], lot: float = 1.0) -> Split:
    """To each venue in proportion to its size, lots of the largest remainders first; otherwise as `route`.

    Examples
    --------
    >>> pro_rata(1000, [Offer(0.01, 4e5, 3000), Offer(0.02, 1e5, 1000)]).shares
    (750.0, 250.0)
    """
    return _split(shares, offers, lot, _by_size)


def best_price_first(shares: float, offers: Sequence[Offer], lot: float = 1.0) -> Split:
    """All to the venue whose first share costs least, the rest to the next, and so on; otherwise as `route`.

    Examples
    --------
    >>> best_price_first(3500, [Offer(0.02, 1e5, 1000), Offer(0.01, 4e5, 3000)]).shares
    (500.0, 3000.0)
    """
    return _split(shares, offers, lot, _in_turn)


class _Venue(NamedTuple):
    """An offer, counted in lots."""

    cost: float
    depth: float
    size: float

    def reached(self, level: float, joining: bool) -> float:
        """The lots of which the last costs less than `level`; or just as much, where a flat one is `joining`."""
        if self.depth == math.inf:  # or its last share costs what the first does, to rounding
            return self.size if level > self.cost or (joining and level == self.cost) else 0.0
        return min(max((level - self.cost) * self.depth, 0.0), self.size) if level < self.end else self.size

    @property
    def end(self) -> float:
        """What the last of all its lots costs."""
        return self.cost + self.size / self.depth


def _split(shares: float, offers: Sequence[Offer], lot: float, way: Callable[..., list[float]]) -> Split:
    """The order, split by one of the ways, each of which counts in lots."""
    shares, lot = finite_scalar("shares", shares), not_negative_scalar("lot", lot)
    offers = list(offers) if isinstance(offers, Sequence) else [offers]
    for offer in offers:
        instance(Offer, "a list of Offers")("offers", offer)
    unit = lot or 1.0
    wanted, sizes = abs(shares) / unit, [min(offer.size / unit, MOST) for offer in offers]
    if not wanted <= MOST:
        raise ValueError(f"shares must be at most {MOST:g} lots, got {shares}")
    if lot:
        wanted, *sizes = (float(math.floor(each + ROUNDING)) for each in (wanted, *sizes))
    wanted = min(wanted, sum(sizes))
    venues = [_Venue(offer.cost, offer.depth / unit, size) for offer, size in zip(offers, sizes, strict=True)]
    venues = [each._replace(depth=math.inf if each.end == each.cost else each.depth) for each in venues]
    taken = [unit * each for each in way(wanted, venues, bool(lot))] if wanted else [0.0] * len(venues)
    left, sign = abs(shares) - sum(taken), math.copysign(1.0, shares)
    parts = list(zip(offers, taken, strict=True))
    return Split(
        tuple(sign * each + 0.0 for each in taken),
        sign * left if left > max(ROUNDING * unit, 1e-12 * abs(shares)) else 0.0,
        sum(offer.paid(each) for offer, each in parts),
        max((offer.cost + each / offer.depth for offer, each in parts if each), default=0.0),
    )


def _least(wanted: float, venues: list[_Venue], whole: bool) -> list[float]:
    """The parts at which the last share costs the same wherever shares are left."""
    levels = sorted({end for venue in venues for end in (venue.cost, venue.end)})  # where a venue joins or ends

    def corner(place: int) -> list[float]:
        return [venue.reached(levels[place // 2], joining=bool(place % 2)) for venue in venues]

    last = 2 * len(levels) - 1
    place = bisect_left(range(last), wanted, lo=1, key=lambda place: sum(corner(place)))
    low, high = corner(place - 1), corner(place)
    share = (wanted - sum(low)) / ((sum(high) - sum(low)) or 1.0)
    taken = [here + share * (there - here) for here, there in zip(low, high, strict=True)]
    return _nearest_lots(wanted, taken, venues) if whole else taken


def _nearest_lots(wanted: float, taken: list[float], venues: list[_Venue]) -> list[float]:
    """Whole lots instead, as many: the nearest, then one by one where the next is cheap or the last one dear."""
    lots = [min(math.floor(each + 0.5), venue.size) for each, venue in zip(taken, venues, strict=True)]

    def cost_of(lot: float, place: int) -> float:
        return venues[place].cost + (lots[place] + lot) / venues[place].depth

    places = range(len(venues))
    for _ in places:  # each of them is half a lot off at most
        if sum(lots) < wanted:
            room = [place for place in places if lots[place] < venues[place].size]
            lots[min(room, key=partial(cost_of, 0.5))] += 1
        elif sum(lots) > wanted:
            lots[max(filter(lots.__getitem__, places), key=partial(cost_of, -0.5))] -= 1
    return lots


def _by_size(wanted: float, venues: list[_Venue], whole: bool) -> list[float]:
    total = sum(venue.size for venue in venues)
    taken = [wanted * venue.size / total for venue in venues]
    if not whole:
        return taken
    lots = [min(math.floor(each + ROUNDING), venue.size) for each, venue in zip(taken, venues, strict=True)]
    by_rest = sorted(range(len(venues)), key=lambda place: lots[place] - taken[place])
    for place in by_rest[: int(wanted - sum(lots))]:
        lots[place] += 1
    return lots


def _in_turn(wanted: float, venues: list[_Venue], whole: bool) -> list[float]:
    taken = [0.0] * len(venues)
    for place in sorted(range(len(venues)), key=lambda place: venues[place].cost):
        taken[place] = min(wanted, venues[place].size)
        wanted -= taken[place]
    return taken
