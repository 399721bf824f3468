"""What a trade costs beyond its price.

A cost is anything with ``charge(shares, spot)``: the currency paid for trading `shares` (positive to buy, negative
to sell) at `spot`, never negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from hedgelab import validation


class Cost(Protocol):
    """The one method a cost needs."""

    def charge(self, shares: Any, spot: Any) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        ...


@dataclass(frozen=True)
class ProportionalCost:
    """A fixed fraction of the value traded: 0.001 is ten basis points, one dollar in a thousand.

    Examples
    --------
    >>> float(ProportionalCost(0.001).charge(-200, spot=50.0))
    10.0
    """

    rate: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", validation.not_negative_scalar("rate", self.rate))

    def charge(self, shares: Any, spot: Any) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        return self.rate * np.abs(shares) * spot
