"""The whole book at once: its value and its Greeks, by bucket too, and again when one option changes.

Every option is priced by the library's own formula, all of them in one sweep over arrays.  What is kept are the
values of each option; what is asked for are sums of them.  A change of one option prices that one again and sums
again, so the answer is that of a full revaluation, to the last bit: the formula gives an option the same value
wherever it stands in the book, and the sums are exact.

The sums are exact because their terms are first rounded to one grid, 53 binary digits below what the sum could
be at most (J. Demmel & H. D. Nguyen 2013, "Fast reproducible floating-point summation", IEEE ARITH 21).  Sums of
numbers on such a grid lose nothing, in whatever order: the buckets add up to the total, however they are cut.
It costs digits: over 10,000 options a sum is good to 1e-12 of the sizes of its terms in all, not to 1e-16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab import black_scholes
from hedgelab.black_scholes.formula import Formula
from hedgelab.instruments import Option
from hedgelab.introductions import Introduced
from hedgelab.validation import (
    Floats,
    Rule,
    finite,
    finite_scalar,
    instance,
    not_negative,
    not_negative_scalar,
    positive_scalar,
    read_only,
    refusal,
)

BLOCK = 4096  # options priced at a time: a third faster than 10,000 at once, which leave the cache
ROUNDING = 1e-9  # of its life: an option with less to live has expired


def expired_from(expiry: Any) -> Any:
    """The time from which on an option of that expiry has expired, both in years."""
    return expiry * (1 - ROUNDING)


class BookGreeks(NamedTuple):
    """What a book is worth and what moves it, its numbers signed; or arrays of that, by bucket or by option.

    In the units of `black_scholes.greeks`: `vega` per unit of volatility, `theta` per year of calendar time.
    """

    price: Any  # in currency
    delta: Any  # shares
    gamma: Any  # shares per unit of spot
    vega: Any
    theta: Any


class Conditions(NamedTuple):
    """The market when the book was last valued."""

    spot: float
    years: float  # since the desk's start
    rate: float
    dividend: float


class Portfolio(Introduced):
    """Options, how many of each, and a volatility for each.

    Parameters
    ----------
    options : all different; their expiries are years from the desk's start
    numbers : of each option, negative when sold, or one number for all
    volatility : annual; of each option, or one number for all, or a function of strike and years to expiry such
        as a `Surface`

    Raises
    ------
    ValueError
        Names the argument, the value found and the rule it breaks.

    Examples
    --------
    >>> call, put = Option("call", strike=105, expiry=0.25), Option("put", strike=95, expiry=0.5)
    >>> book = Portfolio([call, put], numbers=[-1000, -500], volatility=[0.25, 0.28])
    >>> risk = book.value(spot=100.0, years=0.0, rate=0.02)
    >>> round(risk.price, 2), round(risk.delta, 2), round(risk.gamma, 2), round(risk.vega, 1), round(risk.theta, 1)
    (-5686.51, -216.03, -39.89, -32113.0, 13520.3)

    The volatility of one option changes; the book is what it would be had it been valued anew:

    >>> book.change(call, volatility=0.27)
    >>> book.total() == Portfolio([call, put], [-1000, -500], [0.27, 0.28]).value(100.0, 0.0, rate=0.02)
    True
    """

    def __init__(self, options: Sequence[Option], numbers: ArrayLike, volatility: Any) -> None:
        self.options = tuple(options) if isinstance(options, Sequence) else (options,)
        for option in self.options:
            instance(Option, "a list of Options")("options", option)
        self._place = {option: place for place, option in enumerate(self.options)}
        if len(self._place) < len(self.options):
            raise refusal("options must be all different", self.options)
        self.sign = read_only(np.array([black_scholes.SIGN[option.kind] for option in self.options]))
        self.strike = read_only(np.array([option.strike for option in self.options]))
        self.expiry = read_only(np.array([option.expiry for option in self.options]))
        self._numbers = self._one_each("numbers", finite, numbers)
        self.settled = np.zeros(len(self.options), dtype=bool)
        self._known: tuple[Conditions, Floats] | None = None  # the market, and the rows of `BookGreeks` in it
        self._sums: BookGreeks | None = None  # where nothing has changed since they were asked for
        self._volatility = np.zeros(len(self.options))
        self.mark(volatility)

    @property
    def numbers(self) -> Any:
        """Of each option, negative when sold."""
        return read_only(self._numbers)

    @property
    def volatility(self) -> Any:
        """Of each option, annual."""
        return read_only(self._volatility)

    @property
    def seen(self) -> Conditions:
        """The market when the book was last valued."""
        return self._last()[0]

    @property
    def unit(self) -> float:
        """What a policy's shares are counted by: how many options there are, sold or bought, as in `hedge`."""
        return float(np.abs(self._numbers).sum()) or 1.0

    def value(
        self, spot: float, years: float, rate: float = 0.0, dividend: float = 0.0, volatility: Any = None
    ) -> BookGreeks:
        """The value and the Greeks of the book: all options priced anew.

        An option whose time has come is worth its payoff, until it is settled; then it is worth nothing.

        Parameters
        ----------
        spot, years : price of the share, positive; since the desk's start, zero or more
        rate, dividend : continuously compounded, per year
        volatility : annual, of each option, or one number for all; as it was unless given
        """
        rates = finite_scalar("rate", rate), finite_scalar("dividend", dividend)
        seen = Conditions(positive_scalar("spot", spot), not_negative_scalar("years", years), *rates)
        marked = self._volatility if volatility is None else self._one_each("volatility", not_negative, volatility)
        self._known, self._volatility, self._sums = (seen, self._priced(slice(None), marked, seen)), marked, None
        return self.total()

    def total(self) -> BookGreeks:
        """The same sums from what is known of each option, nothing priced; what `change` and `mark` lead to."""
        if self._sums is None:
            self._sums = BookGreeks(*self._parts().sum(axis=1).tolist())
        return self._sums

    def each(self) -> BookGreeks:
        """The value and the Greeks of one option of each kind, whatever their numbers: arrays."""
        return BookGreeks(*map(read_only, self._last()[1]))

    def by(self, expiries: ArrayLike, strikes: ArrayLike) -> BookGreeks:
        """The sums by bucket: arrays with a row for each stretch of expiries and a column for each of strikes.

        Limits `a, b` make three stretches: below a, from a to below b, and from b on.  Whatever the limits, the
        buckets sum to `total` exactly.

        Parameters
        ----------
        expiries, strikes : limits, rising, in years from the desk's start and in currency; may be none

        Examples
        --------
        >>> options = [Option("put", strike, expiry) for strike in (90, 100, 110) for expiry in (0.25, 0.5)]
        >>> book = Portfolio(options, -10, 0.2)
        >>> vega = book.value(spot=100.0, years=0.0).vega
        >>> buckets = book.by(expiries=[0.4], strikes=[95, 105]).vega
        >>> buckets.round(1)
        array([[-108.5, -199.2, -132.7],
               [-202.3, -281.4, -235.2]])
        >>> bool(buckets.sum() == vega)
        True
        """
        limits = _rising("expiries", expiries), _rising("strikes", strikes)
        shape = limits[0].size + 1, limits[1].size + 1
        row = np.searchsorted(limits[0], self.expiry, side="right")
        cell = row * shape[1] + np.searchsorted(limits[1], self.strike, side="right")
        return BookGreeks(*(np.bincount(cell, part, shape[0] * shape[1]).reshape(shape) for part in self._parts()))

    def change(self, option: Option, number: float | None = None, volatility: float | None = None) -> None:
        """Another number or volatility of one option, which alone is priced again.

        `total`, `by` and `moment` then tell what they would had all been valued again in the same market.
        """
        place = self.place(option)
        number = self._numbers[place] if number is None else finite_scalar("number", number)
        if volatility is not None:
            self._remark(slice(place, place + 1), not_negative("volatility", [volatility]))
        self._numbers[place], self._sums = number, None

    def mark(self, volatility: Any) -> None:
        """Other volatilities of all options, given as at first; all are priced again, if they ever were.

        A function is asked at the years that the options had to live when they were last valued, or at first.
        """
        if callable(volatility) and not isinstance(volatility, type):
            volatility = volatility(self.strike, self.left(self._known[0].years if self._known else 0.0))
        self._remark(slice(None), self._one_each("volatility", not_negative, volatility))

    def settle(self, spot: float, years: float) -> dict[Option, float]:
        """What each option pays in all that has expired by `years`, in currency; once, as then it is gone.

        Examples
        --------
        >>> book = Portfolio([Option("call", strike=105, expiry=0.25)], -1000, 0.25)
        >>> book.settle(spot=108.0, years=0.2), book.settle(spot=107.0, years=0.25), book.settle(106.0, 0.3)
        ({}, {Option(kind='call', strike=105.0, expiry=0.25): -2000.0}, {})
        """
        due = (self.left(not_negative_scalar("years", years)) == 0) & ~self.settled
        paid = self._numbers * np.maximum(self.sign * (positive_scalar("spot", spot) - self.strike), 0.0)
        self.settled |= due
        if self._known:
            self._known[1][:, due], self._sums = 0.0, None
        return {self.options[place]: float(paid[place]) for place in np.flatnonzero(due)}

    def introduction(self) -> Mapping[str, str]:
        """How many options, and the market in which they were last valued."""
        told = {"options": f"{len(self.options):,}", "number": f"{np.abs(self._numbers).sum():,.6g}"}
        return told | {"spot": f"{self._known[0].spot:,.6g}"} if self._known else told

    def __repr__(self) -> str:
        return f"Portfolio({', '.join(f'{name}={text}' for name, text in self.introduction().items())})"

    def place(self, option: Option) -> int:
        """Where in the list the option stands."""
        if not isinstance(option, Option) or option not in self._place:
            raise refusal("option must be one of the portfolio's", option)
        return self._place[option]

    def _one_each(self, name: str, rule: Rule, value: Any) -> Floats:
        """A copy, with an entry for each option."""
        array, n = rule(name, value), len(self.options)
        if array.shape not in ((), (n,)):
            raise ValueError(f"{name} must be one for each of {n} options, got shape {array.shape}")
        return np.array(np.broadcast_to(array, n))

    def left(self, years: float) -> Floats:
        """The years that each option has to live, zero for those whose time has come, to rounding."""
        return np.asarray(np.where(years >= expired_from(self.expiry), 0.0, self.expiry - years))

    def _last(self) -> tuple[Conditions, Floats]:
        if self._known is None:
            raise ValueError("the portfolio must have been valued once: see Portfolio.value")
        return self._known

    def _remark(self, which: slice, volatility: Floats) -> None:
        """Other volatilities of some; where they cannot be priced, all stays as it was."""
        if self._known:
            seen, rows = self._known
            rows[:, which] = self._priced(which, volatility, seen)
        self._volatility[which], self._sums = volatility, None

    def _priced(self, which: slice, volatility: Floats, seen: Conditions) -> Floats:
        """The rows of `BookGreeks` for some of the options, one of each."""
        spot, years, *rates = seen
        sign, strike, left = self.sign[which], self.strike[which], self.left(years)[which]
        rows = np.empty((len(BookGreeks._fields), left.size))
        for start in range(0, left.size, BLOCK):
            part = slice(start, start + BLOCK)
            terms = (sign[part], spot, strike[part], left[part], volatility[part], *rates)
            rows[:, part] = Formula(*terms).numbers(BookGreeks._fields)
        if not left.all():
            rows[-1, left == 0] = 0.0  # a payoff earns no theta
            rows[:, self.settled[which]] = 0.0
        if not np.isfinite(rows).all():
            row, place = map(int, np.argwhere(~np.isfinite(rows))[0])
            name, option = BookGreeks._fields[row], self.options[which][place]
            raise ValueError(f"{name} of {option} must be finite, got {rows[row, place]} at {seen}")
        return rows

    def _parts(self) -> Floats:
        """What each option adds to the sums, on a grid on which no sum loses a digit."""
        with np.errstate(over="ignore"):
            parts: Floats = self._numbers * self._last()[1]
        largest = np.maximum(parts.max(axis=1, initial=1e-250), -parts.min(axis=1, initial=0.0))[:, None]
        if not np.isfinite(largest).all():
            raise refusal("numbers must leave the value of the book finite", self._numbers)
        grid = np.ldexp(1.0, np.frexp(largest)[1] + (len(self.options) - 1).bit_length() - 53)
        parts /= grid  # in place: fresh arrays of this size cost more than what is done with them
        np.rint(parts, out=parts)
        parts *= grid
        return parts


def _rising(name: str, value: ArrayLike) -> Floats:
    """Limits of buckets: none, or some that rise."""
    limits = finite(name, value)
    if limits.ndim != 1 or not (np.diff(limits) > 0).all():
        raise refusal(f"{name} must be a list of rising numbers", value)
    return limits
