"""What an option is worth: to the market, which quotes it, and to the hedger, who believes something of her own.

Either is a `Pricer`: it answers what an option's price and Greeks are at one step of the walk.  `pricer_of` makes
one of all that `hedge` takes for `volatility` and `quotes`, before the walk begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple, Protocol

from hedgelab import black_scholes
from hedgelab.instruments import Option
from hedgelab.introductions import Introduced
from hedgelab.validation import not_negative, one_a_path, read_only, refusal

#: What may be believed of volatility, or quoted: numbers, "true", a function of time, quote and option, a model,
#: or a dict with any of these for each option.
Belief = Any


class Rates(NamedTuple):
    """What cash earns and what shares pay, continuously compounded, per year."""

    rate: float = 0.0
    dividend: float = 0.0


class Pricer(Protocol):
    """Prices and Greeks of options that are alive at one step, a `View`; path by path, or one number for all.

    `names` are the Greeks that it knows, those that `explain` needs among them; `deltas` are those that can serve
    `hedge` as its rule.
    """

    @property
    def names(self) -> Sequence[str]:
        """What `greeks` can be asked for."""

    @property
    def deltas(self) -> Sequence[str]:
        """Which of them say how many shares to hold."""

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """Some of `names` for one option; vega, vanna and volga are derivatives by what `state` returns."""

    def state(self, option: Option, view: Any) -> Any:
        """What prices depend on besides spot and time: a volatility, or a variance."""

    def volatility(self, option: Option, view: Any) -> Any:
        """The annual volatility at which somebody who knows nothing but Black and Scholes would hedge."""


@dataclass(frozen=True)
class BlackScholes:
    """Black and Scholes at a volatility for each option and step.

    Examples
    --------
    >>> import hedgelab as hl
    >>> call = hl.Option("call", 100, 0.25)
    >>> run = hl.hedge(call, market=hl.GBM(100, 0.2), volatility=0.3, steps=3, seed=1)
    >>> now = next(run.hedge.views(run.block_of(path=0)))
    >>> run.hedge.belief.volatility(call, now), run.hedge.belief.greeks(("delta",), call, now)[0].round(4)
    (0.3, array([0.5299]))
    """

    source: Callable[[Option, Any], Any]
    rates: Rates
    says_more: bool = True  # than what the market shows of itself
    names: ClassVar[Sequence[str]] = black_scholes.Greeks._fields
    deltas: ClassVar[Sequence[str]] = ("delta",)

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """The named Greeks (or "price") of one option; what they have in common is worked out once a step."""
        terms = (view.spot, option.expiry - view.time, self.volatility(option, view), *self.rates)
        key = (self.source, option, "formula")
        if key not in view.seen:
            if names == ("delta",):  # alone, it has a faster way
                return [option.delta(*terms)]
            view.seen[key] = option.formula(*terms)
        return [read_only(number) for number in view.seen[key].numbers(names)]

    def volatility(self, option: Option, view: Any) -> Any:
        """The volatility of one option, asked for once a step."""
        key = (self.source, option)
        if key not in view.seen:
            view.seen[key] = read_only(self.source(option, view))
        return view.seen[key]

    def state(self, option: Option, view: Any) -> Any:
        """The same volatility."""
        return self.volatility(option, view)


@dataclass(frozen=True)
class EachItsOwn:
    """A pricer for each option.

    Examples
    --------
    >>> import hedgelab as hl
    >>> put, call = hl.Option("put", 95, 0.25), hl.Option("call", 105, 0.25)
    >>> run = hl.hedge({put: -1, call: -1}, market=hl.GBM(100, 0.2), volatility={put: 0.25, call: 0.22}, steps=3)
    >>> now = next(run.hedge.views(run.block_of(path=0)))
    >>> run.hedge.belief.volatility(put, now), run.hedge.belief.volatility(call, now)
    (0.25, 0.22)
    """

    pricers: Mapping[Option, Pricer]
    says_more: ClassVar[bool] = False  # of a share without options

    @property
    def names(self) -> Sequence[str]:
        """What all of them know."""
        return _common([pricer.names for pricer in self.pricers.values()])

    @property
    def deltas(self) -> Sequence[str]:
        """The rules that all of them know."""
        return _common([pricer.deltas for pricer in self.pricers.values()])

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """The named Greeks (or "price") of one option."""
        return self.pricers[option].greeks(names, option, view)

    def state(self, option: Option, view: Any) -> Any:
        """What the option's own pricer calls its state."""
        return self.pricers[option].state(option, view)

    def volatility(self, option: Option, view: Any) -> Any:
        """What the option's own pricer calls its volatility."""
        return self.pricers[option].volatility(option, view)


def quoted_volatility(pricer: Pricer, option: Option, view: Any) -> Any:
    """The volatility that a pricer's price of any option implies at one step; NaN where it implies none.

    Examples
    --------
    >>> import hedgelab as hl
    >>> call, heston = hl.Option("call", 100, 0.25), hl.Heston(100, 0.04, 2, 0.04, 0.5, -0.7)
    >>> run = hl.hedge(call, market=heston, quotes=heston, steps=3, seed=1)
    >>> now = next(run.hedge.views(run.block_of(path=0)))
    >>> quoted_volatility(run.hedge.quotes, call, now).round(4)
    array([0.1892])
    """
    if isinstance(pricer, BlackScholes):
        return pricer.volatility(option, view)
    price = pricer.greeks(("price",), option, view)[0]
    terms = (option.kind, view.spot, option.strike, option.expiry - view.time, *view.terms.rates)
    return black_scholes.implied_volatility(price, *terms)


def pricer_of(
    name: str, given: Belief, options: Sequence[Option], market: Any, n_times: int, n_paths: int, rates: Rates
) -> Pricer:
    """The pricer that somebody means who gives `hedge` this as its argument called `name`.

    Examples
    --------
    >>> pricer_of("volatility", 0.2, [], None, 4, 1, Rates()).source(None, None)
    0.2
    """
    made = partial(pricer_of, options=options, market=market, n_times=n_times, n_paths=n_paths, rates=rates)
    if callable(getattr(given, "pricer", None)) and not isinstance(given, type):
        model: Pricer = given.pricer(rates)
        return model
    if isinstance(given, Mapping):
        missing = [str(option) for option in options if option not in given]
        if missing:
            raise ValueError(f"{name} must have an entry for each option, got none for {missing[0]}")
        return EachItsOwn({option: made(f"{name} of {option}", given[option]) for option in options})
    source = _source(name, given, market, n_times, n_paths)
    return BlackScholes(source, rates, says_more=not isinstance(given, str))


def _source(name: str, given: Any, market: Any, n_times: int, n_paths: int) -> Callable[[Option, Any], Any]:
    """Where the volatility of an option comes from."""
    if callable(given) and not isinstance(given, type):
        return partial(_asked, name, given)
    if isinstance(given, str):
        if given != "true":
            raise refusal(f'{name} must be numbers, a function, a model or "true"', given)
        return partial(_true, name)
    if isinstance(given, Introduced):
        raise refusal(f'{name} must be numbers, a function, a model, a MovingSmile or "true"', given)
    array = not_negative(name, given)
    longest = getattr(market, "recorded", n_times)  # a column of the record, of which the hedge is the beginning
    if array.ndim and len(array) == longest:
        array = array[:n_times]
    if array.shape not in ((), (n_times,), (n_times, n_paths)):
        raise ValueError(
            f"{name} must be one number, or an array of shape ({n_times},) or ({n_times}, {n_paths}), "
            f"got shape {array.shape}"
        )
    return partial(_recorded, array.copy()) if array.ndim else partial(_constant, float(array))


def _common(lists: Sequence[Sequence[str]]) -> Sequence[str]:
    first, *others = lists or [("delta",)]
    return [name for name in first if all(name in each for each in others)]


def _constant(number: float, option: Option, view: Any) -> float:
    return number


def _recorded(array: Any, option: Option, view: Any) -> Any:
    return array[view.step] if array.ndim == 1 else array[view.step, view.paths]


def _true(name: str, option: Option, view: Any) -> Any:
    if view.true_volatility is None:
        raise ValueError(f"{name} must be given in a market that does not know its own, got 'true'")
    return view.true_volatility


def _asked(name: str, function: Callable[..., Any], option: Option, view: Any) -> Any:
    """What a function answers; of an option that expires now, as of the step before, for it has none any more."""
    time = view.time_before if view.expired(option) else view.time
    answer = not_negative(f"{name} at step {view.step}", function(time, view.quote, option))
    return one_a_path(name, answer, view.spot)
