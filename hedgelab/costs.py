"""What a trade costs beyond its price.

A cost is anything with ``charge(shares, spot, volatility)``: the currency paid for trading `shares` (positive to
buy, negative to sell) at `spot`, never negative, with the market's annual `volatility` at that moment.  Costs add
up::

    ProportionalCost(0.0005) + FixedCost(1.0)

A cost of your own is a class of three lines; if it derives from `Cost`, it adds up too.  The first purchase is
charged, and the sale of what is left at the end is not; `Cost.charged` has it otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Annotated, Any

import numpy as np

from hedgelab.validation import Checked, Fraction, Truth, between, has_methods

TRADING_DAYS = 252


class Cost(Checked):
    """The one method a cost needs; costs add up, also by `sum`, and a number times a cost is as many of it.

    Examples
    --------
    >>> class Commission(Cost):
    ...     def charge(self, shares, spot, volatility=None):
    ...         return 0.005 * np.abs(shares)
    >>> float((Commission() + FixedCost(1.0)).charge(-200, spot=50.0))
    2.0
    >>> float((2 * sum([Commission(), FixedCost(1.0)])).charge(-200, spot=50.0))
    4.0
    """

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        raise NotImplementedError

    def __add__(self, other: Cost) -> Cost:
        """Both costs together."""
        if not callable(getattr(other, "charge", None)):
            return NotImplemented
        return SumOfCosts(self, other)

    def __radd__(self, other: object) -> Cost:
        """What `sum` begins with is no cost."""
        if not (isinstance(other, int) and other == 0):
            return NotImplemented
        return self

    def __mul__(self, factor: float) -> Cost:
        """So many times this cost."""
        if not isinstance(factor, Real):
            return NotImplemented
        return TimesCost(self, factor)

    __rmul__ = __mul__

    def charged(self, *, inception: bool = True, liquidation: bool = False) -> Charged:
        """The cost, paid for the first purchase or not, and for closing what is held at the end or not."""
        return Charged(self, inception, liquidation)


@dataclass(frozen=True)
class Charged(Checked):
    """A cost and when it is paid; what `Cost.charged` makes, of the sum if there are several.

    Examples
    --------
    >>> cost = FixedCost(5.0).charged(inception=False, liquidation=True)
    >>> cost.charge(-200, spot=50.0), cost.inception, cost.liquidation
    (array(5.), False, True)
    """

    cost: Annotated[Cost, chargeable]
    inception: Truth = True
    liquidation: Truth = False

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        return self.cost.charge(shares, spot, volatility)


@dataclass(frozen=True)
class TimesCost(Cost):
    """A cost so many times; what ``*`` makes.

    Examples
    --------
    >>> float((0.5 * FixedCost(5.0)).charge(-200, spot=50.0))
    2.5
    """

    cost: Cost
    factor: Annotated[float, between(0, 1e6)]

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        return self.factor * self.cost.charge(shares, spot, volatility)


@dataclass(frozen=True)
class SumOfCosts(Cost):
    """Two costs, both paid; what ``+`` makes.

    Examples
    --------
    >>> both = ProportionalCost(0.001) + FixedCost(5.0)
    >>> float(both.charge(-200, spot=50.0))
    15.0
    """

    one: Cost
    other: Cost

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        return self.one.charge(shares, spot, volatility) + self.other.charge(shares, spot, volatility)


@dataclass(frozen=True)
class NoCost(Cost):
    """Trading is free, as in the textbook's first chapters.

    Examples
    --------
    >>> NoCost().charge(1_000_000, spot=50.0)
    0.0
    """

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Nothing."""
        return 0.0


@dataclass(frozen=True)
class ProportionalCost(Cost):
    """A fixed fraction of the value traded: 0.001 is ten basis points, one dollar in a thousand.

    Examples
    --------
    >>> float(ProportionalCost(0.001).charge(-200, spot=50.0))
    10.0
    """

    rate: Fraction

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        return self.rate * np.abs(np.multiply(shares, spot))


@dataclass(frozen=True)
class HalfSpread(Cost):
    """Half the distance between bid and ask, in currency a share: a two-cent market costs 0.01.

    Examples
    --------
    >>> float(HalfSpread(0.01).charge(-200, spot=50.0))
    2.0
    """

    half_spread: Annotated[float, between(0, 1e12)]

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares`, path by path."""
        return self.half_spread * np.abs(shares)


@dataclass(frozen=True)
class FixedCost(Cost):
    """The same fee for every trade, however small; no trade, no fee.

    Examples
    --------
    >>> FixedCost(5.0).charge([-200, 0, 1], spot=50.0)
    array([5., 0., 5.])
    """

    fee: Annotated[float, between(0, 1e12)]

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for each trade, path by path."""
        return np.where(np.asarray(shares) != 0, self.fee, 0.0)


@dataclass(frozen=True)
class SquareRootImpact(Cost):
    """The trade moves the price against itself by the square root of its share of the day's volume.

    ``cost = coefficient * daily volatility * sqrt(|shares| / daily_volume) * |shares| * spot``: the empirical
    square-root law, with a coefficient near one (Almgren, Thum, Hauptmann & Li 2005; Toth et al. 2011).

    Parameters
    ----------
    daily_volume : shares that the market trades in a day, positive
    coefficient : dimensionless, zero or more

    Examples
    --------
    One per cent of the day's volume, at 32 % volatility (about 2 % a day), costs about 0.2 % of its value:

    >>> paid = SquareRootImpact(daily_volume=1e6).charge(10_000, spot=50.0, volatility=0.32)
    >>> round(float(paid) / (10_000 * 50), 4)
    0.002
    """

    daily_volume: Annotated[float, between(1e-6, 1e18)]
    coefficient: Annotated[float, between(0, 1e6)] = 1.0

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        daily = _known(self, volatility) / np.sqrt(TRADING_DAYS)
        size = np.abs(shares)
        return self.coefficient * daily * np.sqrt(size / self.daily_volume) * size * spot


@dataclass(frozen=True)
class VolatilitySpread(Cost):
    """A proportional cost that widens when the market is nervous: market makers ask more when they risk more.

    ``cost = rate * (volatility / reference_volatility) ** power`` of the value traded.

    Parameters
    ----------
    rate : fraction of the value traded when volatility is at its reference, zero or more
    reference_volatility : annual, positive
    power : 1 for a spread in proportion to volatility, 0 for a constant one

    Examples
    --------
    >>> quiet, nervous = (VolatilitySpread(0.001, 0.20).charge(200, 50.0, volatility) for volatility in (0.2, 0.6))
    >>> round(float(quiet), 9), round(float(nervous), 9)
    (10.0, 30.0)
    """

    rate: Fraction
    reference_volatility: Annotated[float, between(1e-6, 1e6)]
    power: Annotated[float, between(0, 10)] = 1.0

    def charge(self, shares: Any, spot: Any, volatility: Any = None) -> Any:
        """Currency paid for trading `shares` at `spot`, path by path."""
        widened = self.rate * (_known(self, volatility) / self.reference_volatility) ** self.power
        return widened * np.abs(np.multiply(shares, spot))


def chargeable(name: str, cost: Any) -> Any:
    """`cost`, if it is one.

    Examples
    --------
    >>> chargeable("cost", NoCost())
    NoCost()
    """
    return has_methods(name, cost, "charge")


def _known(cost: Cost, volatility: Any) -> Any:
    """The volatility, if it was given."""
    if volatility is None:
        raise ValueError(f"volatility must be given to {type(cost).__name__}.charge, got None")
    return volatility
