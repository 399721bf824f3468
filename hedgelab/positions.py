"""One step of the walk as the hedger sees it: options held, what they are worth, and how options hedge options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hedgelab.instruments import Option
from hedgelab.markets import Quote
from hedgelab.overlays import Overlay, solve
from hedgelab.policies.moment import Moment, lowest
from hedgelab.smile.rules import FOLLOWS, quoted_delta
from hedgelab.validation import finite, one_a_path, read_only

if TYPE_CHECKING:
    from hedgelab.engine import Hedge


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
        """The market's own volatility, or where it does not know it what the hedger believes of the book.

        Of a fund without options it is what she believes of one at the money that expires at the end; None where
        that, too, is the market's own.
        """
        if self.true_volatility is not None:
            return self.true_volatility
        if self.legs:
            return self.book_volatility()
        belief = self.terms.belief
        if not getattr(belief, "says_more", True):
            return None
        return belief.volatility(Option("call", self.terms.market.spot, float(self.terms.times[-1])), self)

    def book_volatility(self) -> Any:
        """The mean of the hedger's volatilities for the options of the book, by their numbers."""
        return read_only(self._mean(lambda option: self.terms.belief.volatility(option, self)))

    def time_to_expiry(self) -> float:
        """The mean of the years that the options of the book have to live, by their numbers."""
        return float(self._mean(lambda option: option.expiry - self.time))

    def _mean(self, of: Callable[[Option], Any]) -> Any:
        if len(self.legs) == 1:
            return of(self.legs[0].option)
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
        rule: Any = self.terms.delta
        learned = hasattr(rule, "quoted_delta")
        if self.expired(option) and (learned or isinstance(rule, str)):
            return self.greeks(option, ("delta",))[0]
        if learned:
            return finite(f"delta at step {self.step}", rule.quoted_delta(option, self))
        if isinstance(rule, str):
            return quoted_delta(rule, option, self) if rule in FOLLOWS else self.greeks(option, (rule,))[0]
        answer = finite(f"delta at step {self.step}", rule(self.time, self.quote, option))
        return one_a_path("delta", answer, self.spot)

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


class Behind(NamedTuple):
    """The account before a trade, for what a policy asks of it."""

    view: View
    cash: Any
    shares: Any
    contracts: Sequence[Any]

    def selling(self, moment: Moment, option: Option) -> Moment:
        """The moment, were `option` sold, one for each that the policy counts by, and no other."""
        unit, terms = self.view.terms.unit, self.view.terms
        view = replace(self.view, legs=[Leg(option, -unit, len(terms.times))])
        return replace(
            moment,
            delta=read_only(view.net(view.delta, sign=-1 / unit)),
            volatility=view.book_volatility(),
            quantity=-unit,
            time_to_expiry=view.time_to_expiry(),
            account=Behind(view, self.cash, self.shares, ()),
        )

    def gamma(self) -> Any:
        """Change of the neutral shares per option, per unit of spot."""
        view = self.view
        return view.net(lambda option: view.greeks(option, ("gamma",))[0], self.contracts, -1 / view.terms.unit)

    def delta_at(self, changed: Callable[[Any], Any]) -> Any:
        """Neutral shares per option, were each option's volatility what `changed` makes of it."""
        view = self.view
        return view.net(lambda option: view.delta_at(option, changed), self.contracts, -1 / view.terms.unit)

    def wealth(self) -> Any:
        """What the account is worth, as quoted."""
        return read_only(self.view.terms.wealth(self.view, self.cash, self.shares, self.contracts))

    def lowest(self) -> float:
        """Neutral shares per option of the book at their least."""
        return sum(lowest(leg.option, leg.number) for leg in self.view.legs) / self.view.terms.unit


def _times(number: Any, value: Any) -> Any:
    """So many of it; as it is for one, to spare the inner loop the work."""
    return value if isinstance(number, float) and number == 1.0 else number * value
