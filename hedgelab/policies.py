"""When to trade, and how far.

A policy answers one question at each step: given this `Moment`, how many shares per option are to be held?  It is
anything with ``holding(moment)``; returning ``moment.held`` means "do not trade".  Your own policy is a class of
three lines::

    class HalfHedge:
        def holding(self, moment):
            return 0.5 * moment.delta
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from hedgelab import validation


class Moment(NamedTuple):
    """What a hedger knows when it decides; the last three have one entry per path."""

    step: int  # 0 at inception
    time_left: float  # years to expiry
    spot: Any
    delta: Any  # of one option, in shares
    held: Any  # shares held against one option, before trading


class Policy(Protocol):
    """The one method a policy needs.

    It decides from the `Moment` alone: one policy serves all paths, and a ledger asks it the same questions again.
    The arrays of a `Moment` are read-only.
    """

    def holding(self, moment: Moment) -> Any:
        """Shares to hold against one option after trading, path by path."""
        ...


@dataclass(frozen=True)
class Clock:
    """Trade to delta at every `every`-th step, whatever the price did.

    Examples
    --------
    >>> Clock(every=5).holding(Moment(step=5, time_left=0.1, spot=101.0, delta=0.6, held=0.5))
    0.6
    >>> Clock(every=5).holding(Moment(step=6, time_left=0.1, spot=102.0, delta=0.7, held=0.6))
    0.6
    """

    every: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "every", validation.whole("every", self.every, minimum=1))

    def holding(self, moment: Moment) -> Any:
        """Delta on the steps of the clock, what is held on the others."""
        return moment.delta if moment.step % self.every == 0 else moment.held


@dataclass(frozen=True)
class DeltaBand:
    """Trade when delta is more than `half_width` shares per option away from what is held.

    Parameters
    ----------
    half_width : shares per option; 0.05 is the market maker's five deltas
    to : "middle" trades back to delta itself, "edge" only to the nearest edge of the band

    Examples
    --------
    >>> moment = Moment(step=7, time_left=0.1, spot=100.0, delta=0.58, held=0.50)
    >>> float(DeltaBand(0.05).holding(moment)), round(float(DeltaBand(0.05, to="edge").holding(moment)), 2)
    (0.58, 0.53)
    """

    half_width: float
    to: str = "middle"

    def __post_init__(self) -> None:
        object.__setattr__(self, "half_width", validation.not_negative_scalar("half_width", self.half_width))
        if self.to not in ("middle", "edge"):
            raise ValueError(f'to must be "middle" or "edge", got {self.to!r}')

    def holding(self, moment: Moment) -> Any:
        """What is held while delta is inside the band, delta or the band's edge once it is outside."""
        if self.to == "edge":
            return np.clip(moment.held, moment.delta - self.half_width, moment.delta + self.half_width)
        drift = np.abs(moment.delta - moment.held)
        return np.where(drift > self.half_width, moment.delta, moment.held)
