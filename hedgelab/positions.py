"""One step of the walk as the hedger sees it: options held, what they are worth, and how options hedge options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hedgelab import validation
from hedgelab.costs import Cost, NoCost
from hedgelab.instruments import Option
from hedgelab.markets import Quote
from hedgelab.policies import Clock, Decision, decision
from hedgelab.validation import read_only, short

if TYPE_CHECKING:
    from hedgelab.engine import Hedge

#: What options can make neutral besides delta, by its usual name; shares alone take care of delta.
TARGETS: dict[str, tuple[str, ...]] = {
    "delta-gamma": ("gamma",),
    "delta-vega": ("vega",),
    "delta-gamma-vega": ("gamma", "vega"),
}


@dataclass(frozen=True)
class Overlay:
    """Options that hedge a book of options, for what shares cannot do.

    Parameters
    ----------
    target : what is to be neutral: "delta-gamma" or "delta-vega", which takes one option, or "delta-gamma-vega",
        which takes two; or the names of any Greeks that the hedger's belief has, one for each option
    options : the options to trade, which must outlive the hedge
    policy : when they are traded, ``Clock()`` unless given; it reads their number per option of the book as
        `delta` and `held`
    cost : what trading them costs; nothing unless given
    limit : the most of each that is held per option of the book; where the target takes more, or their Greeks have
        run out, their number stays as it is

    Examples
    --------
    >>> Overlay("delta-gamma", [Option("call", strike=100, expiry=0.5)]).names
    ('gamma',)
    """

    target: str | Sequence[str]
    options: Sequence[Option]
    policy: Decision = field(default_factory=Clock)
    cost: Cost = field(default_factory=NoCost)
    limit: float = 10.0

    def __post_init__(self) -> None:
        listed = isinstance(self.target, tuple | list) and all(isinstance(name, str) for name in self.target)
        if not (listed and self.target) and not (isinstance(self.target, str) and self.target in TARGETS):
            known = ", ".join(map(repr, TARGETS))
            raise ValueError(f"target must be one of {known}, or a list of Greeks, got {short(self.target)}")
        options = tuple(self.options) if isinstance(self.options, Sequence) else (self.options,)
        if len(options) != len(self.names) or not all(isinstance(option, Option) for option in options):
            raise ValueError(
                f"options must be {len(self.names)} options for target {self.target!r}, got {short(self.options)}"
            )
        object.__setattr__(self, "options", options)
        validation.has_methods("cost", self.cost, "charge")
        decision("policy", self.policy)
        validation.fields(self, limit=validation.positive_scalar)

    @property
    def names(self) -> tuple[str, ...]:
        """The Greeks that the options are to offset."""
        return TARGETS[self.target] if isinstance(self.target, str) else tuple(self.target)


class Leg(NamedTuple):
    """One kind of option in the book."""

    option: Option
    number: float  # negative when sold
    settled: int  # the step at which it pays off; after the last step if it outlives the hedge


@dataclass(slots=True)
class View:
    """One step as the hedger sees it; what is not a time has an entry per path, or one for all."""

    terms: Hedge
    step: int
    quote: Quote
    paths: slice  # their place in the run
    legs: Sequence[Leg]  # of the book, those not settled yet
    true_volatility: Any  # the market's own, None where it does not know it
    seen: dict[Any, Any] = field(default_factory=dict)  # what was asked for once

    @property
    def spot(self) -> Any:
        """The price of the share."""
        return self.quote.spot

    @property
    def time(self) -> float:
        """Years from inception."""
        return float(self.terms.times[self.step])

    @property
    def time_before(self) -> float:
        """Years from inception to the step before."""
        return float(self.terms.times[max(self.step - 1, 0)])

    @property
    def time_left(self) -> float:
        """Years to the end of the hedge."""
        return float(self.terms.times[-1]) - self.time

    @property
    def market_volatility(self) -> Any:
        """The market's own volatility, or where it does not know it what the hedger believes of the book."""
        return self.book_volatility() if self.true_volatility is None else self.true_volatility

    def book_volatility(self) -> Any:
        """The mean of the hedger's volatilities for the options of the book, by their numbers."""
        if len(self.legs) == 1:
            return self.terms.belief.volatility(self.legs[0].option, self)
        return read_only(self._mean(lambda option: self.terms.belief.volatility(option, self)))

    def time_to_expiry(self) -> float:
        """The mean of the years that the options of the book have to live, by their numbers."""
        return float(self._mean(lambda option: option.expiry - self.time))

    def _mean(self, of: Callable[[Option], Any]) -> Any:
        sizes = [abs(leg.number) for leg in self.legs]
        if not any(sizes):  # what is left of the book are zeros, or there is none
            sizes = [1.0] * len(sizes)
        parts = [size * of(leg.option) for size, leg in zip(sizes, self.legs, strict=True)]
        return sum(parts[1:], start=parts[0]) / sum(sizes) if parts else 0.0

    def expired(self, option: Option) -> bool:
        """Whether the option's time has come, to rounding."""
        return bool(option.expiry - self.time <= 1e-9 * self.terms.times[-1])

    def price(self, option: Option) -> Any:
        """What the market quotes for one option, its payoff at expiry."""
        if self.expired(option):
            return option.payoff(self.spot)
        return self.terms.quotes.greeks(("price",), option, self)[0]

    def greeks(self, option: Option, names: Sequence[str]) -> Sequence[Any]:
        """The named Greeks (or the price) of one option, as the hedger believes."""
        if self.expired(option):
            return option.greeks(names, self.spot, 0.0, 0.0)
        return self.terms.belief.greeks(names, option, self)

    def delta(self, option: Option) -> Any:
        """The delta of one option by the hedger's rule."""
        rule = self.terms.delta
        if isinstance(rule, str):
            return self.greeks(option, ("delta" if self.expired(option) else rule,))[0]
        answer = validation.finite(f"delta at step {self.step}", rule(self.time, self.quote, option))
        return validation.one_a_path("delta", answer, self.spot)

    def delta_at(self, option: Option, changed: Callable[[Any], Any]) -> Any:
        """The same, moved as Black and Scholes's delta is by what `changed` makes of the option's volatility."""
        own = self.terms.belief.volatility(option, self)
        left = max(option.expiry - self.time, 0.0)
        moved, still = (option.delta(self.spot, left, each, *self.terms.rates) for each in (changed(own), own))
        return moved if self.terms.by_the_book else self.delta(option) + (moved - still)

    def held(self, contracts: Sequence[Any]) -> Iterator[tuple[Option, Any]]:
        """Each option that is held and how many, `contracts` being those that hedge the book, if any."""
        yield from ((leg.option, leg.number) for leg in self.legs)
        yield from zip(self.terms.hedging_options, contracts, strict=False)

    def net(self, of: Callable[[Option], Any], contracts: Sequence[Any] = (), sign: float = 1.0) -> Any:
        """The sum of something over the options of the book and so many `contracts` of those that hedge it."""
        parts = [_times(sign * number, of(option)) for option, number in self.held(contracts)]
        return sum(parts[1:], start=parts[0]) if parts else read_only(np.zeros_like(self.spot))

    def neutral(self, overlay: Overlay, held: Sequence[Any]) -> list[Any]:
        """How many of each of the overlay's options make the book neutral to its target's Greeks.

        Where that takes more than the overlay's limit, or the options' Greeks have run out, what is `held` stays:
        the hedge that the formula asks for there is not to be had.
        """
        limit = overlay.limit * self.terms.unit
        book = self.net(lambda option: np.array(self.greeks(option, overlay.names)))
        with np.errstate(all="ignore"):
            wanted = solve([self.greeks(option, overlay.names) for option in overlay.options], book)
            sound = np.all([np.abs(number) <= limit for number in wanted], axis=0)  # false for NaN
        return [np.where(sound, -number, before) for number, before in zip(wanted, held, strict=True)]


def solve(greeks: Sequence[Sequence[Any]], book: Sequence[Any]) -> Sequence[Any]:
    """The numbers of options whose Greeks add up to the book's; not finite where there are none.

    ``greeks[i][j]`` is Greek j of option i; two options by Cramer's rule.
    """
    if len(greeks) == 1:
        return [book[0] / greeks[0][0]]
    fit = spanning(greeks)
    if len(greeks) == 2:
        (a, c), (b, d) = greeks
        determinant = np.where(fit, a * d - b * c, np.nan)
        return [(book[0] * d - b * book[1]) / determinant, (a * book[1] - book[0] * c) / determinant]
    matrix = np.where(fit[..., None, None], _matrix(greeks), np.eye(len(greeks)))
    asked = np.stack(np.broadcast_arrays(*book, fit)[:-1], axis=-1)
    numbers = np.linalg.solve(matrix, asked[..., None])[..., 0]
    return list(np.moveaxis(np.where(fit[..., None], numbers, np.nan), -1, 0))


def spanning(greeks: Sequence[Sequence[Any]]) -> Any:
    """Whether the options' Greeks point in different directions, to more than rounding."""
    if len(greeks) == 1:
        return np.not_equal(greeks[0][0], 0.0)
    if len(greeks) == 2:
        (a, c), (b, d) = greeks
        return np.abs(a * d - b * c) > 1e-9 * (np.abs(a * d) + np.abs(b * c))
    matrix = _matrix(greeks)
    scaled = matrix / np.abs(matrix).max(axis=-1, keepdims=True)  # so that no Greek's unit matters
    lengths = np.linalg.norm(scaled, axis=-2).prod(axis=-1)
    return np.abs(np.linalg.det(np.nan_to_num(scaled))) > 1e-9 * lengths


def _matrix(greeks: Sequence[Sequence[Any]]) -> Any:
    """For each path a matrix with a row for each Greek and a column for each option."""
    flat = np.array(np.broadcast_arrays(*(number for option in greeks for number in option)))
    return np.moveaxis(flat.reshape(len(greeks), len(greeks), *flat.shape[1:]), (1, 0), (-2, -1))


def _times(number: Any, value: Any) -> Any:
    """So many of it; as it is for one, to spare the inner loop the work."""
    return value if isinstance(number, float) and number == 1.0 else number * value
