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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np

from hedgelab.introductions import Introduced
from hedgelab.validation import (
    Checked,
    Finite,
    Floats,
    NotNegative,
    finite_scalar,
    not_negative_scalar,
    positive_scalar,
    refusal,
)

MOST = 1e12  # lots in an order: up to it their count is certain
ROUNDING = 1e-9  # of a lot


def _depth(name: str, value: Any) -> float:
    return np.inf if isinstance(value, float) and value == np.inf else positive_scalar(name, value)


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


def _split(shares: float, offers: Sequence[Offer], lot: float, way: Callable[..., Floats]) -> Split:
    """The order, split by one of the ways, each of which counts in lots."""
    shares, lot = finite_scalar("shares", shares), not_negative_scalar("lot", lot)
    offers = list(offers) if isinstance(offers, Sequence) else [offers]
    for offer in offers:
        if not isinstance(offer, Offer):
            raise refusal("offers must be a list of Offers", offer)
    unit = lot or 1.0
    if not abs(shares) / unit <= MOST:
        raise ValueError(f"shares must be at most {MOST:g} lots, got {shares}")
    columns = [(offer.cost, offer.depth / unit, min(offer.size / unit, MOST)) for offer in offers]
    cost, depth, size = np.reshape(np.array(columns), (-1, 3)).T
    wanted = abs(shares) / unit
    if lot:
        wanted, size = np.floor(wanted + ROUNDING), np.floor(size + ROUNDING)
    wanted = min(wanted, size.sum())
    taken = unit * (way(wanted, cost, depth, size, bool(lot)) if wanted else np.zeros(len(offers)))
    left = abs(shares) - taken.sum()
    sign = np.copysign(1.0, shares)
    return Split(
        tuple((sign * taken + 0.0).tolist()),
        float(sign * left) if left > ROUNDING * unit and left > 1e-12 * abs(shares) else 0.0,
        sum(offer.paid(each) for offer, each in zip(offers, taken.tolist(), strict=True)),
        max((offer.cost + each / offer.depth for offer, each in zip(offers, taken.tolist(), strict=True) if each),
            default=0.0),
    )  # fmt: skip


def _least(wanted: float, cost: Floats, depth: Floats, size: Floats, whole: bool) -> Floats:
    """The parts at which the last share costs the same wherever shares are left."""
    flat = np.isinf(depth)
    level = np.unique([cost, cost + size / depth])[
        :, None
    ]  # of the last share's cost: where a venue joins or ends
    sloping = np.where(level >= cost + size / depth, size, (level - cost) * np.where(flat, 0.0, depth))
    sloping = np.clip(sloping, 0.0, size)
    before, after = (np.where(flat, size * has, sloping) for has in (level > cost, level >= cost))
    corners = np.stack([before, after], axis=1).reshape(-1, size.size)
    sums = corners.sum(axis=1)
    to = int(np.clip(np.searchsorted(sums, wanted), 1, max(len(sums) - 1, 1)))
    ends = corners[to - 1 : to + 1]
    taken = ends[0] + (wanted - sums[to - 1]) / (np.ptp(sums[to - 1 : to + 1]) or 1.0) * (ends[-1] - ends[0])
    return _nearest_lots(wanted, taken, cost, depth, size) if whole else taken


def _nearest_lots(wanted: float, taken: Floats, cost: Floats, depth: Floats, size: Floats) -> Floats:
    """Whole lots instead, as many: the nearest, then one by one where the next is cheap or the last one dear."""
    lots = np.minimum(np.floor(taken + 0.5), size)
    while lots.sum() < wanted:
        lots[np.argmin(np.where(lots < size, cost + (lots + 0.5) / depth, np.inf))] += 1
    while lots.sum() > wanted:
        lots[np.argmax(np.where(lots > 0, cost + (lots - 0.5) / depth, -np.inf))] -= 1
    return lots


def _by_size(wanted: float, cost: Floats, depth: Floats, size: Floats, whole: bool) -> Floats:
    taken = wanted * size / (size.sum() or 1.0)
    if not whole:
        return taken
    lots = np.minimum(np.floor(taken + ROUNDING), size)
    missing = int(wanted - lots.sum())
    lots[np.argsort(lots - taken, kind="stable")[:missing]] += 1
    return lots


def _in_turn(wanted: float, cost: Floats, depth: Floats, size: Floats, whole: bool) -> Floats:
    order = np.argsort(cost, kind="stable")
    before = np.cumsum(size[order]) - size[order]
    taken = np.empty_like(size)
    taken[order] = np.clip(wanted - before, 0.0, size[order])
    return taken
