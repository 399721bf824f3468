"""What the hedger holds in options, what the hedger's model says of it, and how options hedge options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from hedgelab.instruments import Option
from hedgelab.validation import read_only

#: What is to be neutral, and the Greeks that options are needed for: shares alone take care of delta.
TARGETS: dict[str, tuple[str, ...]] = {
    "delta": (),
    "delta-gamma": ("gamma",),
    "delta-vega": ("vega",),
    "delta-gamma-vega": ("gamma", "vega"),
}

#: What is made of each option's own volatility; as it is where there is none.
Change = Callable[[Any], Any] | None


class Leg(NamedTuple):
    """One kind of option in the book."""

    option: Option
    weight: float  # how many of them there are in one option of the book; negative where the book is short
    settled: int  # the step at which it pays off; after the last step if it outlives the hedge


@dataclass(slots=True)
class View:
    """One step as the hedger's model sees it; what is not a time has an entry per path, or one for all."""

    step: int
    time: float  # years from inception
    time_left: float  # years to the end of the hedge
    spot: Any
    true_volatility: Any  # the market's own, None where it does not know it
    legs: Sequence[Leg]  # of the book, those not settled yet
    instruments: Sequence[Option]  # that hedge it
    sigma: Callable[[Option], Any]  # the hedger's volatility for an option
    rate: float
    dividend: float
    _seen: dict[Option, Any] = field(default_factory=dict)

    @property
    def market_volatility(self) -> Any:
        """The market's own volatility, or where it does not know it what the hedger believes of the book."""
        return self.book_volatility() if self.true_volatility is None else self.true_volatility

    def volatility(self, option: Option) -> Any:
        """The hedger's volatility for an option, asked for once a step."""
        if option not in self._seen:
            self._seen[option] = read_only(self.sigma(option))
        return self._seen[option]

    def book_volatility(self) -> Any:
        """The mean of the hedger's volatilities for the options of the book, by their numbers."""
        if len(self.legs) == 1:
            return self.volatility(self.legs[0].option)
        sizes = [abs(leg.weight) for leg in self.legs]
        if not any(sizes):  # what is left of the book are zeros
            sizes = [1.0] * len(sizes)
        parts = [size * self.volatility(leg.option) for size, leg in zip(sizes, self.legs, strict=True)]
        return read_only(sum(parts[1:], start=parts[0]) / sum(sizes))

    def greeks(self, option: Option, names: Sequence[str], changed: Change = None) -> Sequence[Any]:
        """The named Greeks (or the price) of one option, at its volatility or at what `changed` makes of it."""
        volatility = self.volatility(option)
        if changed is not None:
            volatility = changed(volatility)
        time_left = max(option.expiry - self.time, 0.0)
        return option.greeks(names, self.spot, time_left, volatility, self.rate, self.dividend)

    def net(self, names: Sequence[str], contracts: Sequence[Any], changed: Change = None) -> Sequence[Any]:
        """The named Greeks (or the price) of one option of the book less the `contracts` that hedge it."""
        held = [(leg.option, leg.weight) for leg in self.legs]
        held += [(option, -number) for option, number in zip(self.instruments, contracts, strict=True)]
        parts = [_times(weight, self.greeks(option, names, changed)) for option, weight in held]
        return [sum(part[1:], start=part[0]) for part in zip(*parts, strict=True)] or [0.0] * len(names)

    def neutral(self, target: str, held: Sequence[Any], limit: float) -> list[Any]:
        """How many of each instrument make the book neutral to the target's Greeks.

        Where that takes more than `limit` of one against one option of the book, or the instruments' Greeks have
        run out, what is `held` stays: the hedge that the formula asks for there is not to be had.
        """
        names = TARGETS[target]
        book = self.net(names, [0.0] * len(self.instruments))
        greeks = [self.greeks(option, names) for option in self.instruments]
        with np.errstate(all="ignore"):
            wanted = solve(greeks, book)
            sound = np.all([np.abs(number) <= limit for number in wanted], axis=0)  # false for NaN
        return [np.where(sound, number, before) for number, before in zip(wanted, held, strict=True)]


def solve(greeks: Sequence[Sequence[Any]], book: Sequence[Any]) -> list[Any]:
    """The numbers of one or two instruments whose Greeks add up to the book's; not finite where there are none.

    ``greeks[i][j]`` is Greek j of instrument i; two instruments by Cramer's rule.
    """
    if len(greeks) == 1:
        return [book[0] / greeks[0][0]]
    (a, c), (b, d) = greeks
    determinant = np.where(spanning(greeks), a * d - b * c, np.nan)
    return [(book[0] * d - b * book[1]) / determinant, (a * book[1] - book[0] * c) / determinant]


def spanning(greeks: Sequence[Sequence[Any]]) -> Any:
    """Whether the instruments' Greeks point in different directions, to more than rounding."""
    if len(greeks) == 1:
        return np.not_equal(greeks[0][0], 0.0)
    (a, c), (b, d) = greeks
    return np.abs(a * d - b * c) > 1e-9 * (np.abs(a * d) + np.abs(b * c))


def _times(weight: Any, greeks: Sequence[Any]) -> Sequence[Any]:
    """The Greeks of so many options; as they are for one, to spare the inner loop the work."""
    return greeks if isinstance(weight, float) and weight == 1.0 else [weight * greek for greek in greeks]
