"""What the market's calls and puts say of the forward price and of interest, by put-call parity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hedgelab.validation import Floats

PAIRS = 3  # strikes with both kinds that it takes to tell the discount factor


class Parity(NamedTuple):
    """The forward price of one expiry, what a unit of currency then is worth now, and from how many strikes."""

    forward: float
    discount: float
    strikes: int


def parity(
    strike: Floats, difference: Floats, width: Floats, expiry: float, spot: float, rate: float | None
) -> Parity:
    """The forward and the discount factor in ``call - put = discount (forward - strike)``.

    The discount factor is ``exp(-rate * expiry)`` if `rate` is given, else the median of minus the slopes between
    strikes (Theil and Sen's line), or 1 with fewer than three strikes or where that is not from 0.5 to 1.05.  The
    forward is the median of what the seven strikes with the narrowest spreads say, so that a few stale quotes do
    not matter.  Where no strike has both kinds, or the median is no price, it is the spot, grown at `rate`.

    Parameters
    ----------
    strike : of those with both kinds
    difference : of the middle prices of call and put
    width : the spreads of both together
    expiry, spot, rate : years; price of the share; per year or None

    Examples
    --------
    >>> strike = np.array([90.0, 100.0, 110.0, 120.0])
    >>> told = parity(strike, 0.98 * (101 - strike), np.ones(4), expiry=0.5, spot=100.0, rate=None)
    >>> round(told.forward, 9), round(told.discount, 9)
    (101.0, 0.98)
    """
    discount = np.exp(-(rate or 0.0) * expiry)
    nothing = Parity(float(spot / discount), float(discount), 0)
    if not len(strike):
        return nothing
    if rate is None and len(strike) >= PAIRS:
        one, other = np.triu_indices(len(strike), 1)
        apart = strike[one] - strike[other]
        wide = np.abs(apart) >= np.median(np.abs(apart))  # the noise of prices is over the distance of strikes
        slope = -np.median((difference[one] - difference[other])[wide] / apart[wide])
        discount = slope if 0.5 <= slope <= 1.05 else 1.0
    best = np.argsort(width, kind="stable")[:7]
    forward = np.median(strike[best] + difference[best] / discount)
    return Parity(float(forward), float(discount), len(strike)) if forward > 0 else nothing
