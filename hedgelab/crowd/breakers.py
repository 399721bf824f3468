"""What stops a market that falls: halts and price limits.

While a path is stopped its price stands still, so those who follow the price place no orders, and those who follow
the clock do; what has gathered is traded when the path opens again, at one price.  A limit on the pace of sales is
the insurers' own, see `Insurers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from hedgelab import validation
from hedgelab.crowd.participants import DAY, HOUR, SPAN
from hedgelab.introductions import Introduced
from hedgelab.validation import Floats, between


class Gate(Protocol):
    """A breaker on the paths of a block; `time` is that of the day, in years."""

    def closed(self, time: float) -> Any:
        """Paths that are stopped as a step begins."""
        ...

    def opens(self, time: float, clearing: Any) -> Any:
        """Paths of these that open by the end of the step, at the log price at which all would trade."""
        ...

    def after(self, time: float, price: Any, trading: Any) -> Any:
        """The price that is shown at the end of a step, if this is the one at which it would trade."""
        ...

    def new_day(self, close: Any) -> None:
        """Open all paths and count from the close."""
        ...


@dataclass(frozen=True)
class Halts(Introduced):
    """Pauses of the whole market when it has fallen by certain shares since the close before.

    The last level closes the market for the day; unless given, the levels are those of today's rule, 7, 13 and 20
    per cent, with a quarter of an hour at the first two until 3:25 in the afternoon (second hand).  A market that
    reopens below its next level is halted again at once.

    Parameters
    ----------
    levels : falls from the close before, rising, each between 0 and 1
    length : years of trading that a halt lasts
    latest : time of day, in years since the opening, from which only the last level stops trading
    queue : whether sell orders are taken during a halt, for the reopening; those of value buyers always are

    Examples
    --------
    >>> Halts(levels=(0.07, 0.13, 0.20)).levels
    (0.07, 0.13, 0.2)
    """

    levels: Sequence[float] = (0.07, 0.13, 0.20)
    length: float = 0.25 * HOUR
    latest: float = (5 + 55 / 60) * HOUR
    queue: bool = False

    def __post_init__(self) -> None:
        levels = validation.positive("levels", self.levels)
        rises = levels.ndim == 1 and levels.size > 0 and bool((np.diff(levels) > 0).all()) and levels.max() < 1
        if not rises:
            raise ValueError(f"levels must rise, each between 0 and 1, got {validation.short(self.levels)}")
        object.__setattr__(self, "levels", tuple(levels.tolist()))
        validation.fields(self, length=SPAN, latest=between(0, 1e6), queue=validation.truth)

    def enter(self, n_paths: int) -> Halting:
        """The halts of a block whose log prices are nought at the close before."""
        return Halting(self, np.zeros(n_paths), np.zeros(n_paths, dtype=np.int64), np.full(n_paths, -1.0))


@dataclass
class Halting:
    """Halts on the paths of a block."""

    terms: Halts
    reference: Any  # the log price at the close before
    level: Any  # how many levels have been reached today
    until: Any  # the time of day at which the path opens

    def closed(self, time: float) -> Any:
        """Paths that are halted as a step begins."""
        return self.until > time + 1e-9 * DAY

    def opens(self, time: float, clearing: Any) -> Any:
        """Paths whose halt is over by the end of the step."""
        return self.until <= time + 1e-9 * DAY

    def after(self, time: float, price: Any, trading: Any) -> Any:
        """The price, after halting the paths that have reached their next level."""
        marks = np.append(np.log1p(-np.array(self.terms.levels)), -np.inf)
        hit = (price - self.reference <= marks[self.level]) & trading
        if hit.any():
            last = self.level[hit] == len(self.terms.levels) - 1
            length = self.terms.length if time < self.terms.latest else 0.0
            self.until[hit] = np.where(last, np.inf, time + length)
            self.level[hit] += 1
        return price

    def new_day(self, close: Any) -> None:
        """Open all paths and count falls from the close."""
        self.reference, self.level, self.until = (
            close.copy(),
            np.zeros_like(self.level),
            np.full_like(self.until, -1.0),
        )


@dataclass(frozen=True)
class PriceLimits(Introduced):
    """Bands around the close before which no trade can leave.

    At a limit there is nobody to trade with: orders of those who follow the price are not taken, those of value
    buyers gather, and the path opens when all that is known would trade inside the band.

    Parameters
    ----------
    fall, rise : shares of the close before, `fall` between 0 and 1, `rise` above 0; as wide as you like
    queue : whether sell orders are taken at a limit, for the reopening

    Examples
    --------
    >>> import hedgelab as hl
    >>> market = hl.CrowdMarket(hl.GBM(100, 0.8), hl.LinearDepth(100.0), breakers=PriceLimits(fall=0.05))
    >>> round(float(market.simulate(hl.crowd.DAY, 390, n_paths=1000, seed=1).spot.min()), 2)
    95.0
    """

    fall: float
    rise: float = 10.0
    queue: bool = False

    def __post_init__(self) -> None:
        validation.fields(self, fall=between(1e-6, 1 - 1e-6), rise=between(1e-6, 1e6), queue=validation.truth)

    def enter(self, n_paths: int) -> Limiting:
        """The limits of a block whose log prices are nought at the close before."""
        return Limiting(self, np.zeros(n_paths), np.zeros(n_paths, dtype=bool))


@dataclass
class Limiting:
    """Price limits on the paths of a block."""

    terms: PriceLimits
    reference: Any  # the log price at the close before
    locked: Any  # paths at a limit

    def _band(self) -> tuple[Floats, Floats]:
        """The lowest and the highest log price."""
        return self.reference + np.log1p(-self.terms.fall), self.reference + np.log1p(self.terms.rise)

    def closed(self, time: float) -> Any:
        """Paths at a limit."""
        return self.locked.copy()

    def opens(self, time: float, clearing: Any) -> Any:
        """Paths that would trade inside the band."""
        low, high = self._band()
        return (clearing > low) & (clearing < high)

    def after(self, time: float, price: Any, trading: Any) -> Any:
        """The price as far as the band lets it go."""
        low, high = self._band()
        self.locked = np.where(trading, (price <= low) | (price >= high), self.locked)
        return np.where(trading, np.clip(price, low, high), price)

    def new_day(self, close: Any) -> None:
        """Open all paths, with the band around the close."""
        self.reference, self.locked = close.copy(), np.zeros(len(close), dtype=bool)


Breakers = Halts | PriceLimits
