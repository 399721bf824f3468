"""Where a price falls by itself: the prices that clear a market of insurers, and the fold between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from hedgelab import validation
from hedgelab.crowd.depth import LinearDepth
from hedgelab.crowd.insurers import Insurers
from hedgelab.validation import Floats, between

#: Log prices at which a curve is looked at, between two of which it turns once at most, and how many spreads
#: beyond the floors: there all of a crowd has sold, or nobody, to the last digit.
LOOKS, BEYOND = 20_001, 40.0


class Fold(NamedTuple):
    """The point at which a price has to fall by itself; log prices and news beyond the reference."""

    exists: bool
    peak_gain: float  # the highest gain at any price
    news: float  # at which the price jumps; NaN where there is no fold, as the next two
    before: float  # the price it jumps from
    after: float  # the price it lands at


def clearing_prices(news: float, insurers: Insurers, depth: LinearDepth) -> Floats:
    """All log prices at which a market clears when insurers have sold what is called for: one, or three and more.

    The solutions ``x`` of ``x + hidden * called(x) / depth = news``, in rising order.  Gennotte & Leland (1990)
    and Sircar & Papanicolaou (1998) have such a map; this one is of log prices.

    Examples
    --------
    Two sizes of a crowd, and the same piece of news:

    >>> few, many = (Insurers(insured, floor=-0.08, spread=0.1) for insured in (10.0, 30.0))
    >>> depth = LinearDepth(100.0)
    >>> clearing_prices(0.005, few, depth).round(4), clearing_prices(0.005, many, depth).round(4)
    (array([0.007]), array([-0.1921, -0.0726,  0.0234]))
    """
    news = between(-100, 100)("news", news)  # a log price
    looks, excess, _ = _looked_at(insurers, depth, news)
    changes = np.flatnonzero((excess[:-1] < 0) != (excess[1:] < 0))
    return np.array([_root(insurers, depth, news, looks[k], looks[k + 1]) for k in changes])


def fold(insurers: Insurers, depth: LinearDepth) -> Fold:
    """The news at which the price, falling from above, has nowhere near to go, and where it lands.

    Where the gain reaches 1 the crowd sells as much as the fall makes it sell, and the next price that clears is
    far below.  Without a fold, ``exists`` is False and the numbers are NaN.

    Examples
    --------
    >>> found = fold(Insurers(30.0, floor=-0.08, spread=0.1), LinearDepth(100.0))
    >>> round(found.peak_gain, 3), round(found.news, 4), round(found.before, 3), round(found.after, 3)
    (1.197, -0.0013, -0.02, -0.207)
    >>> fold(Insurers(20.0, floor=-0.08, spread=0.1), LinearDepth(100.0)).exists
    False
    """
    looks, cleared, gains = _looked_at(insurers, depth, 0.0)
    peak = float(gains.max())
    if peak < 1:
        return Fold(False, peak, np.nan, np.nan, np.nan)
    top = np.flatnonzero(gains >= 1)[-1]
    impact = _impact(insurers, depth)
    before = _crossing(lambda x: 1 - impact * insurers.slope(x), looks[top], looks[top + 1])
    bottom = np.flatnonzero(gains[:top] < 1)[-1]
    news = float(min(before + impact * insurers.called(before), cleared[bottom + 1]))
    lower = np.flatnonzero(cleared[: bottom + 1] < news)[-1]
    return Fold(True, peak, news, before, _root(insurers, depth, news, looks[lower], looks[lower + 1]))


def _impact(insurers: Insurers, depth: LinearDepth) -> float:
    """Of the insurers' sales, on a market whose depth does not change."""
    if not isinstance(insurers, Insurers):
        raise ValueError(f"insurers must be Insurers, got {validation.short(insurers)}")
    if not isinstance(depth, LinearDepth) or depth.thinning:
        raise ValueError(f"depth must be a LinearDepth that does not shrink, got {validation.short(depth)}")
    return float(insurers.hidden * depth.impact())


def _looked_at(insurers: Insurers, depth: LinearDepth, news: float) -> tuple[Floats, Floats, Floats]:
    """Log prices that hold all that can clear, what news each needs beyond `news`, and the gain there.

    They are close together between the floors, and around each; beyond, where the curve is straight, there is one.
    """
    impact = _impact(insurers, depth)
    floor, spread = insurers.floor[:, None], insurers.spread[:, None]
    around = floor + spread * np.linspace(-BEYOND, BEYOND, LOOKS // insurers.insured.size)
    start, end = (floor - BEYOND * spread).min(), (floor + BEYOND * spread).max()
    least, most = impact * insurers.called(np.array([end, start]))
    lowest = min(start + least - most, news - most)  # where news at a fold, or `news`, can take the price
    highest = max(end, news - least)
    margin = 1e-3 * (1 + most - least)
    ends = (lowest - margin, highest + margin)
    looks = np.unique(np.concatenate([np.linspace(start, end, LOOKS), around.ravel(), ends]))
    gains = impact * np.concatenate([insurers.slope(part) for part in np.array_split(looks, 200)])
    return looks, looks + impact * insurers.called(looks) - news, gains


def _crossing(function: Callable[[float], Any], low: float, high: float) -> float:
    """Where a function crosses zero between two places."""
    from scipy.optimize import brentq  # takes as long to import as all the rest

    return float(brentq(function, low, high, xtol=1e-15))


def _root(insurers: Insurers, depth: LinearDepth, news: float, low: float, high: float) -> float:
    """The price between two looks at which the market clears."""
    impact = _impact(insurers, depth)
    return _crossing(lambda x: x + impact * insurers.called(x) - news, low, high)
