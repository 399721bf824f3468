"""What to hold: the library's own policy is asked, and its answer made into orders for the venues."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from hedgelab.desk.moments import moment
from hedgelab.desk.pricing import Portfolio
from hedgelab.desk.routing import MOST, Offer, route
from hedgelab.desk.state import State
from hedgelab.engine import ROUNDING
from hedgelab.policies import decision
from hedgelab.validation import finite_scalar


def wanted(state: State, book: Portfolio, policy: Any, held: float) -> float:
    """Shares to trade, by the policy, as if all that is in flight were traded: `held` counts it.

    When no option is left, what is held is sold.

    Raises
    ------
    ValueError
        Where the policy answers what is no number of shares.
    """
    if len(state.settled) == len(book.options):
        return -held
    now = moment(book, held, step=state.step, last_traded=state.anchor, cash=state.cash)
    answer = finite_scalar("holding of the policy", np.squeeze(decision("policy", policy)(now)))
    return 0.0 if abs(answer - now.held) <= ROUNDING else book.unit * answer - held


def orders(state: State, shares: float, lot: float) -> Iterator[tuple[str, float, float]]:
    """Venue, shares and limit of each part of an order, by the router; what there is no room for waits.

    Every venue's top is dear or cheap beside the desk's own price, its median.  Where venues quote in turn, those
    that have not yet are a moment old, and look dear or cheap by what the price has done since.
    """
    shares = max(min(shares, MOST * (lot or 1.0)), -MOST * (lot or 1.0))
    if lot:
        shares = math.copysign(lot * round(abs(shares) / lot), shares)
    if not shares:
        return
    tops, terms, side = list(state.feed.tops()), state.settings.venues, math.copysign(1.0, shares)
    offers = []
    for top in tops:
        price, size = (top.ask, top.ask_size) if side > 0 else (top.bid, top.bid_size)
        known = terms[top.venue]
        offers.append(
            Offer(side * (price - state.price) + known.fee, 1 / known.impact if known.impact else math.inf, size)
        )
    limit = state.price * (1 + side * state.settings.slip)
    most = math.floor(state.limits.order / lot) * lot if lot else state.limits.order
    for top, part in zip(tops, route(shares, offers, lot).shares, strict=True):
        if part and most:
            yield top.venue, side * min(abs(part), most), limit
