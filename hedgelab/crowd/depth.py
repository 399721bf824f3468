"""How deep a market is: by how much purchases and sales move its log price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hedgelab import validation
from hedgelab.introductions import Introduced
from hedgelab.validation import between

THINNING = between(0, 100)


def _amount(name: str, value: Any) -> float:
    """A positive amount; it may be infinite."""
    array = np.asarray(value)
    if array.ndim == 0 and array.dtype.kind == "f" and array == np.inf:
        return float(array)
    number = validation.finite_scalar(name, value)
    if not 1e-12 <= number <= 1e18:
        raise ValueError(f"{name} must be positive, from 1e-12 to 1e+18 or infinite, got {number}")
    return number


@dataclass(frozen=True)
class LinearDepth(Introduced):
    """A market in which each purchase moves the log price by its share of the depth.

    ``d ln S = bought / depth``; where the depth shrinks, it is ``depth * exp(thinning * x)`` at a log price of
    ``x`` beyond the reference, so that a market that has fallen is thinner.  Kyle (1985), "Continuous auctions and
    insider trading", Econometrica 53, has the linear law.

    Parameters
    ----------
    depth : what moves the log price by one when it is bought, positive: at 100 billion, the purchase of one
        billion moves the price by one per cent.  Infinite where nobody moves the price
    thinning : how fast the depth shrinks with the log price, zero or more

    Examples
    --------
    One billion bought where depth is 85 billion, in per cent; and the same after a fall of 20 per cent, where the
    depth shrinks twice as fast as the price:

    >>> round(100 * LinearDepth(85.0).move(0.0, 1.0), 3)
    1.176
    >>> round(100 * float(LinearDepth(85.0, thinning=2.0).move(0.0, 1.0, np.log(0.8))), 3)
    1.838
    """

    depth: float
    thinning: float = 0.0

    def __post_init__(self) -> None:
        validation.fields(self, depth=_amount, thinning=THINNING)

    def impact(self, price: Any = 0.0) -> Any:
        """Change of the log price for each unit bought, at a log price beyond the reference."""
        if self.thinning == 0:
            return 1 / self.depth
        return np.exp(-self.thinning * price) / self.depth

    def move(self, before: Any, bought: Any, price: Any = 0.0) -> Any:
        """Change of the log price by a purchase, whatever was bought `before`; a sale is negative."""
        return self.impact(price) * bought

    def slope(self, before: Any, price: Any = 0.0) -> Any:
        """Change of the log price for the next unit bought."""
        return self.impact(price)


@dataclass(frozen=True)
class SquareRootDepth(Introduced):
    """A market that a sale moves by the square root of its share of the day's volume.

    ``ln S`` is moved by ``coefficient * volatility * sqrt(amount / volume)``, the amount being what was bought in
    all since the beginning, or sold: the next billion moves the price less than the first.  The law is that of
    `hedgelab.SquareRootImpact`, here of an order of many parts (Toth et al. 2011, Physical Review X 1).

    Parameters
    ----------
    volume : what is traded in a day, positive; infinite where nobody moves the price
    volatility : of a day, not of a year
    coefficient : near one
    thinning : how fast the depth shrinks with the log price, zero or more

    Examples
    --------
    Six billion sold where 20 billion are traded a day at a volatility of 1.35 per cent a day, in per cent:

    >>> round(100 * float(SquareRootDepth(20.0, 0.0135).move(0.0, -6.0)), 2)
    -0.74
    """

    volume: float
    volatility: float
    coefficient: float = 1.0
    thinning: float = 0.0

    def __post_init__(self) -> None:
        rules = {"volatility": between(0, 10), "coefficient": between(0, 100), "thinning": THINNING}
        validation.fields(self, volume=_amount, **rules)

    def impact(self, price: Any = 0.0) -> Any:
        """Move of the log price by the first unit bought, at a log price beyond the reference."""
        first = self.coefficient * self.volatility / np.sqrt(self.volume)
        return first if self.thinning == 0 else first * np.exp(-self.thinning * price)

    def move(self, before: Any, bought: Any, price: Any = 0.0) -> Any:
        """Change of the log price by a purchase after so much was bought `before`; a sale is negative."""
        return self.impact(price) * (_root(before + bought) - _root(before))

    def slope(self, before: Any, price: Any = 0.0) -> Any:
        """Change of the log price for the next unit bought: infinite for the first, so no gain is small."""
        return self.impact(price) / (2 * np.sqrt(np.abs(before)))

    def sustained_fall(self, slope: float) -> float:
        """The log fall that a crowd whose sales rise by `slope` a unit of log price keeps up by itself.

        A smaller fall calls for sales that move the price further than it fell, a larger one does not: the square
        root has no threshold for the slope, but a size of its own, ``impact**2 * slope``.

        Examples
        --------
        >>> round(100 * SquareRootDepth(20.0, 0.0135).sustained_fall(112.5), 3)
        0.103
        """
        return float(self.impact() ** 2 * between(0, 1e18)("slope", slope))


Depth = LinearDepth | SquareRootDepth


def _root(amount: Any) -> Any:
    return np.copysign(np.sqrt(np.abs(amount)), amount)
