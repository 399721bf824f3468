"""What options did from one day to the next: what a delta is learned from, and judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hedgelab import validation
from hedgelab.beliefs import Belief, Pricer, Rates, pricer_of, quoted_volatility
from hedgelab.costs import NoCost
from hedgelab.engine import Hedge
from hedgelab.instruments import Option
from hedgelab.introductions import Introduced
from hedgelab.markets import Market, Paths, Quote, Seed, simulate
from hedgelab.policies import Clock
from hedgelab.positions import View
from hedgelab.smile.rules import FOLLOWS, quoted_delta
from hedgelab.validation import Floats, count, finite, kept, positive, refusal

DAY = 1 / 252  # of a year
EXPIRIES = (21, 63, 126)  # days that the options have to live
DISTANCES = tuple(np.linspace(-1.3, 1.3, 9).tolist())  # of strikes from the money, in deviations to expiry
LISTED = 0.1  # between two strikes that can be traded, in deviations of the first day


@dataclass(frozen=True, eq=False)
class DailyChanges(Introduced):
    """Options and their shares on one day and on the next, a row for each option and day.

    Attributes
    ----------
    path, day : which path, or share, and which day; the rows of one day of one path share a move of the spot
    spot, expiry : on the first of the two days; the years that the option then had to live
    delta, vega : Black and Scholes's at the volatility that was quoted then, vega per unit of volatility
    spot_change, price_change : of the share, and of the quoted price, to the next day
    others : deltas of other rules, by name

    Raises
    ------
    ValueError
        Names the column, the value and the rule it breaks.

    Examples
    --------
    Three days of one option; what a rule of one's own would have gained, in variance, on Black and Scholes's:

    >>> seen = DailyChanges(path=0, day=[0, 1, 2], spot=100.0, expiry=[0.25, 0.246, 0.242], delta=0.5, vega=20.0,
    ...                     spot_change=[1.0, -2.0, 1.0], price_change=[0.4, -0.8, 0.4])
    >>> round(seen.gain(0.4), 9), round(seen.gain(0.45), 9), len(seen[seen.day > 0])
    (1.0, 0.75, 2)
    """

    path: Floats
    day: Floats
    spot: Floats
    expiry: Floats
    delta: Floats
    vega: Floats
    spot_change: Floats
    price_change: Floats
    others: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rules = dict.fromkeys(COLUMNS, finite) | {"spot": positive, "expiry": positive}
        rules["vega"] = validation.not_negative
        columns = {name: kept(name, rule(name, getattr(self, name))) for name, rule in rules.items()}
        if not isinstance(self.others, Mapping):
            raise refusal("others must be a dict of deltas by the names of their rules", self.others)
        others = {str(name): kept(name, finite(f"others[{name!r}]", each)) for name, each in self.others.items()}
        validation.broadcast(**columns, **others)
        shape = np.broadcast_shapes(*(each.shape for each in [*columns.values(), *others.values()]))
        if len(shape) != 1 or shape[0] == 0:
            raise ValueError(f"the columns must be lists of one length, got shape {shape}")
        for name, column in columns.items():
            object.__setattr__(self, name, validation.read_only(np.broadcast_to(column, shape)))
        every = {name: validation.read_only(np.broadcast_to(each, shape)) for name, each in others.items()}
        object.__setattr__(self, "others", MappingProxyType(every))

    def __len__(self) -> int:
        return int(self.day.size)

    def __getitem__(self, rows: slice | NDArray[Any]) -> DailyChanges:
        """Some of the rows: a slice, or whatever picks them out of an array."""
        columns = {name: getattr(self, name)[rows] for name in COLUMNS}
        return DailyChanges(**columns, others={name: each[rows] for name, each in self.others.items()})

    def __repr__(self) -> str:
        paths, days = (np.unique(each).size for each in (self.path, self.day))
        return f"DailyChanges({len(self):,} rows: {paths:,} paths, {days:,} days)"

    def introduction(self) -> Mapping[str, str]:
        """How much there is."""
        counts = {name: np.unique(each).size for name, each in (("paths", self.path), ("days", self.day))}
        told = {name: f"{number:,}" for name, number in ({"rows": len(self)} | counts).items()}
        return told | {"other deltas": ", ".join(self.others) or "none"}

    def groups(self) -> tuple[NDArray[np.int64], int]:
        """For each row the number of its day of its path, and how many such days there are."""
        _, path = np.unique(self.path, return_inverse=True)
        days, day = np.unique(self.day, return_inverse=True)
        _, group = np.unique(path * days.size + day, return_inverse=True)
        return group, int(group.max()) + 1

    @np.errstate(all="ignore")  # what is too large is found below
    def gain(self, delta: ArrayLike | str) -> float:
        """By what fraction a delta left less variance of a day's P&L than Black and Scholes's.

        ``1 - sum((price_change - delta spot_change)**2) / sum((price_change - delta_BS spot_change)**2)``, each
        row in units of its spot; J. Hull & A. White (2017), whose measure it is.  Below zero where it left more.

        Parameters
        ----------
        delta : a number for each row, or the name of one of `others`
        """
        if isinstance(delta, str):
            if delta not in self.others:
                raise refusal(
                    f"delta must be numbers, or one of the others, {{{', '.join(map(repr, self.others))}}}", delta
                )
            delta = self.others[delta]
        delta = finite("delta", delta)
        if delta.shape not in ((), self.day.shape):
            raise ValueError(f"delta must have a number for each of {len(self)} rows, got shape {delta.shape}")
        left, by_the_book = (
            finite("variance", np.sum(((self.price_change - each * self.spot_change) / self.spot) ** 2))
            for each in (delta, self.delta)
        )
        if by_the_book == 0:
            raise ValueError("price_change must leave Black and Scholes's hedge some variance, got none")
        return float(finite("gain", 1 - left / by_the_book))


COLUMNS = ("path", "day", "spot", "expiry", "delta", "vega", "spot_change", "price_change")


def daily_changes(
    market: Market,
    *,
    quotes: Belief,
    days: int = 756,
    n_paths: int = 1,
    seed: Seed = None,
    rules: Sequence[str] = (),
) -> DailyChanges:
    """What calls were quoted at in a market, day by day: training data, or a test, for a delta.

    On each day there are calls with 21, 63 and 126 days to live, nine of each, whose strikes are the listed ones
    nearest to -1.3 ... 1.3 standard deviations from the money; listed is every tenth of such a deviation of the
    first day's.  Rates and dividends are zero, and a year has 252 days.

    Parameters
    ----------
    market : where prices come from
    quotes : what the market quotes for options, as in `hedge`, at all times alike: a model, such as `Heston`, a
        number, a function, or "true"
    days : how many, after the first; 756 are three years
    n_paths, seed : as in `hedge`
    rules : other deltas to compare: "sticky_strike", "sticky_moneyness" or "sticky_local_volatility", of the smile
        that is quoted, or a delta of the model that quotes, as "minimum_variance_delta"

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    >>> from hedgelab import Heston
    >>> world = Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
    >>> seen = daily_changes(world, quotes=world, days=252, seed=1, rules=["minimum_variance_delta"])
    >>> round(seen.gain("minimum_variance_delta"), 2)
    0.21
    """
    paths = simulate(market, count("days", days) * DAY, days, n_paths, seed)
    pricer = pricer_of("quotes", quotes, (), market, 2, 1, Rates())
    _check(quotes, rules, pricer)
    day, path = (each.ravel() for each in np.indices((days, n_paths)))
    parts = []
    for left in EXPIRIES:
        for option, rows in _listed(left * DAY, _view(market, pricer, 0, _states(paths, slice(None, -1)))):
            before, after = (
                _view(market, pricer, step, _states(paths, at, rows))
                for step, at in enumerate((slice(None, -1), slice(1, None)))
            )
            parts.append((path[rows], day[rows], *_columns(option, before, after, rules)))
    joined = [np.concatenate(part) for part in zip(*parts, strict=True)]
    columns = dict(zip((*COLUMNS, *rules), joined, strict=True))
    others = {rule: columns.pop(rule) for rule in rules}
    return DailyChanges(**columns, others=others)


def _check(quotes: Any, rules: Any, pricer: Pricer) -> None:
    """Refuse quotes that belong to dates or options, and rules that nobody knows."""
    if np.ndim(quotes) or isinstance(quotes, Mapping):
        raise refusal(
            "quotes must be of all days and options alike: a model, a number, a function or 'true'", quotes
        )
    known = (*FOLLOWS, *(name for name in pricer.deltas if name != "delta"))
    if isinstance(rules, str) or not isinstance(rules, Sequence) or not set(rules) <= set(known):
        raise refusal(f"rules must be a list of some of {', '.join(map(repr, known))} for these quotes", rules)


def _states(paths: Paths, steps: slice, rows: Any = slice(None)) -> Quote:
    """What the market shows on some days, one path after another within each, as one long list."""
    shown = (None if each is None else each[steps].ravel()[rows] for each in (paths.spot, paths.variance))
    return Quote(*shown)


def _view(market: Market, pricer: Pricer, step: int, quote: Quote) -> View:
    """Days of many paths as one step of a walk of two, to an option that lives from the first."""
    terms = Hedge(
        legs=(), quantity=1.0, opening=None, market=market, policy=Clock().holding, cost=NoCost(), belief=pricer,
        delta="delta", quotes=pricer, rates=Rates(), overlay=None, times=np.array([0.0, DAY]),
    )  # fmt: skip
    known = getattr(market, "volatility", None) if quote.variance is None else np.sqrt(quote.variance)
    return View(terms, step, quote, slice(0, quote.spot.size), (), known)


def _listed(years: float, now: View) -> Iterator[tuple[Option, NDArray[np.int64]]]:
    """The calls that have so long to live, each with the rows on which it is wanted."""
    first, spot = now.terms.market.spot, now.spot
    volatility = now.terms.quotes.volatility(Option("call", first, years), now)
    spread = np.broadcast_to(volatility * np.sqrt(years), spot.shape)
    if not spread.min() > 0:
        raise ValueError(f"quotes must be of a volatility above zero, got {spread.min()}")
    apart = LISTED * float(spread[0])
    wanted = np.log(spot / first) + np.array(DISTANCES)[:, None] * spread
    number = np.rint(wanted / apart).ravel()
    order = np.argsort(number, kind="stable")
    numbers, starts = np.unique(number[order], return_index=True)
    for each, rows in zip(numbers, np.split(order % spot.size, starts[1:]), strict=True):
        yield Option("call", float(first * np.exp(each * apart)), years), rows


def _columns(option: Option, before: View, after: View, rules: Sequence[str]) -> list[Floats]:
    """What is to be known of one option on these rows, from `spot` on, and its other deltas."""
    quotes = before.terms.quotes
    volatility = np.nan_to_num(quoted_volatility(quotes, option, before))
    delta, vega = option.greeks(("delta", "vega"), before.spot, option.expiry, volatility)
    others = (
        quoted_delta(rule, option, before) if rule in FOLLOWS else quotes.greeks((rule,), option, before)[0]
        for rule in rules
    )
    change = after.price(option) - before.price(option)
    columns = (before.spot, option.expiry, delta, vega, after.spot - before.spot, change, *others)
    return [np.broadcast_to(column, before.spot.shape) for column in columns]
