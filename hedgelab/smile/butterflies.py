"""Where a slice lets somebody live off it: the least of Gatheral's g, and where it is negative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hedgelab.introductions import Introduced
from hedgelab.smile.searches import below, lowest
from hedgelab.validation import Floats

if TYPE_CHECKING:
    from hedgelab.smile.slices import Slice

ROUNDING = 1e-12  # of g, which is near 1 where all is well


@dataclass(frozen=True)
class Butterfly(Introduced):
    """Whether butterflies cost less than nothing somewhere; true if they do.

    Attributes
    ----------
    least : the least of Gatheral's g, negative if there is a butterfly
    where : the log moneyness of it, which may be infinite
    regions : where g is negative: pairs of log moneyness, from the left to the right

    Examples
    --------
    A fit that Axel Vogt came upon, with a butterfly in its right wing (Gatheral & Jacquier 2014, section 3.1):

    >>> from hedgelab import SVI
    >>> found = SVI(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153, expiry=1).butterfly()
    >>> found.free, round(found.least, 8), round(found.where, 6)
    (False, -0.03286357, 0.879263)
    >>> [(round(low, 6), round(high, 6)) for low, high in found.regions]
    [(0.642408, 1.256913)]
    """

    least: float
    where: float
    regions: tuple[tuple[float, float], ...]

    @property
    def free(self) -> bool:
        """Whether there is none."""
        return not self.regions

    def __bool__(self) -> bool:
        return not self.free

    def __str__(self) -> str:
        if self.free:
            return "none"
        regions = ", ".join(f"{low:.4g} to {high:.4g}" for low, high in self.regions[:3])
        return f"at log moneyness {regions}{' ...' if len(self.regions) > 3 else ''}"


def searched(smile: Slice, low: float, high: float) -> Butterfly:
    """The least of g between `low` and `high`, and where it is negative."""
    from hedgelab.smile.slices import gatheral_g

    def g(k: Floats) -> Floats:
        found = gatheral_g(k, *smile.derivatives(k))
        return np.where(np.isnan(found), -np.inf, found)  # no variance, no price

    k = smile.grid()
    ends = [end for end in (low, high) if np.isfinite(end)]
    k = np.sort(np.concatenate([k[(k > low) & (k < high)], ends]))
    values = g(k)
    least, where = lowest(g, k, values)
    if least >= -ROUNDING:
        regions = []
    else:  # which may lie between two points of the grid
        place = int(np.searchsorted(k, where))
        regions = below(g, -ROUNDING, np.insert(k, place, where), np.insert(values, place, least))
    for end, limit, edge in zip((low, high), smile.wings(), (k[0], k[-1]), strict=True):
        if np.isinf(end):
            regions = _with_wing(regions, end, limit, float(edge))
            least, where = min((least, where), (limit, end))
    return Butterfly(least, where, tuple(regions))


def _with_wing(
    regions: list[tuple[float, float]], end: float, limit: float, edge: float
) -> list[tuple[float, float]]:
    """The regions, the last of which goes on beyond the edge of the grid if g is negative there."""
    if limit >= -ROUNDING:
        return regions
    if end < 0:
        first = regions.pop(0)[1] if regions and regions[0][0] == edge else edge
        return [(end, first), *regions]
    last = regions.pop()[0] if regions and regions[-1][1] == edge else edge
    return [*regions, (last, end)]
