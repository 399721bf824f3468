"""Whether total variance falls from one expiry to the next, which lets somebody live off the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hedgelab.introductions import Introduced
from hedgelab.smile.searches import lowest
from hedgelab.smile.slices import Slice
from hedgelab.validation import Floats

ROUNDING = 1e-12  # of total variance, as a share


class Crossing(NamedTuple):
    """The least that the total variance of one expiry is above that of an earlier one, and where."""

    near: float  # expiry, years
    far: float  # expiry, years
    gap: float  # of total variance, negative where the earlier one is above
    where: float  # log moneyness, which may be infinite


@dataclass(frozen=True)
class Calendar(Introduced):
    """Whether a calendar spread costs less than nothing somewhere; true if one does.

    Attributes
    ----------
    crossings : for each two neighbouring expiries whose total variances cross, how much and where

    Examples
    --------
    >>> from hedgelab import SVI, Surface
    >>> near, far = SVI(0.01, 0.1, -0.5, 0, 0.1, expiry=0.25), SVI(0.02, 0.08, -0.5, 0, 0.1, expiry=0.5)
    >>> found = Surface([near, far]).calendar(-2, 2)
    >>> found.free, found.crossings[0].where, round(found.crossings[0].gap, 4)
    (False, -2.0, -0.05)
    """

    crossings: tuple[Crossing, ...]

    @property
    def free(self) -> bool:
        """Whether there is none."""
        return not self.crossings

    def __bool__(self) -> bool:
        return not self.free

    def introduction(self) -> Mapping[str, str]:
        """Whether there is none, and how many there are."""
        return {"free": str(self.free), "crossings": str(self)}

    def __str__(self) -> str:
        if self.free:
            return "none"
        worst = min(self.crossings, key=lambda each: each.gap)
        return f"{len(self.crossings)}, the largest at log moneyness {worst.where:.4g}, expiry {worst.far:.4g}"


def crossing(near: Slice, far: Slice, low: float = -np.inf, high: float = np.inf) -> Crossing:
    """The least gap between two slices from `low` to `high`; one of rounding is zero."""

    def gap(k: Floats) -> Floats:
        here, there = near.derivatives(k).value, far.derivatives(k).value
        found = there - here
        found = np.where(np.abs(found) <= ROUNDING * here, 0.0, found)
        return np.where(np.isnan(found), -np.inf, found)  # where either has no variance

    k = np.union1d(near.grid(), far.grid())
    ends = [end for end in (low, high) if np.isfinite(end)]
    k = np.sort(np.concatenate([k[(k > low) & (k < high)], ends]))
    least, where = lowest(gap, k, gap(k))
    for end, here, there in zip((low, high), near.steepness(), far.steepness(), strict=True):
        if np.isinf(end) and there < here * (1 - ROUNDING):
            least, where = -np.inf, end
    return Crossing(near.expiry, far.expiry, least, where)
