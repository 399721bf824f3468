"""What the library's policies are told by a desk: the same `Moment` as in a hedge, of a whole book at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hedgelab import black_scholes
from hedgelab.desk.pricing import Portfolio
from hedgelab.instruments import Option
from hedgelab.policies import Moment
from hedgelab.validation import finite_scalar, not_negative_scalar, positive_scalar


def moment(
    book: Portfolio,
    held: float,
    *,
    step: int = 0,
    time_left: float | None = None,
    last_traded: float | None = None,
    cash: float = 0.0,
) -> Moment:
    """What a policy is to know of a portfolio and the shares against it, in the market of its last valuation.

    Parameters
    ----------
    book : a portfolio that has been valued
    held : shares held in all, before trading
    step : how often the policy was asked before
    time_left : years to the end of the hedge; to the last expiry unless given
    last_traded : the spot of the last trade; the present one unless given
    cash : in currency

    Returns
    -------
    Moment
        Its shares are counted per option; ``book.unit`` times what the policy answers are shares in all.

    Examples
    --------
    >>> from hedgelab import Clock, DeltaBand
    >>> book = Portfolio([Option("call", strike=100, expiry=1)], -1000, 0.2)
    >>> risk = book.value(spot=100.0, years=0.0)
    >>> now = moment(book, held=450.0)
    >>> [round(book.unit * float(policy.holding(now)), 1) for policy in (Clock(), DeltaBand(0.05), DeltaBand(0.1))]
    [539.8, 539.8, 450.0]
    """
    seen, weights = book.seen, np.abs(book.numbers)
    left, whole = book.left(seen.years), float(weights.sum())
    unit = whole or 1.0
    if not left.all() or book.settled.any():
        left = np.where(book.settled, 0.0, left)
        weights = np.where(left > 0, weights, 0.0)
        whole = float(weights.sum())
    if not whole:
        weights = (left > 0).astype(float)
        whole = float(weights.sum()) or 1.0
    return Moment(
        step,
        float(left.max(initial=0.0)) if time_left is None else not_negative_scalar("time_left", time_left),
        seen.spot,
        -book.total().delta / unit,
        finite_scalar("held", held) / unit,
        volatility=float((weights * book.volatility).sum() / whole),
        rate=seen.rate,
        quantity=float(book.numbers[0]) if len(book.options) == 1 else unit,
        last_traded=seen.spot if last_traded is None else positive_scalar("last_traded", last_traded),
        time_to_expiry=float((weights * left).sum() / whole),
        account=Behind(book, held, finite_scalar("cash", cash)),
    )


@dataclass(frozen=True)
class Behind:
    """The account behind a moment: what a policy asks of it is worked out when it is asked for."""

    book: Portfolio
    shares: float
    cash: float

    def selling(self, moment_now: Moment, option: Option) -> Moment:
        """The moment, were `option` of the book sold, one for each that shares are counted by, and no other."""
        sold = Portfolio([option], -self.book.unit, self.book.volatility[self.book.place(option)])
        sold.value(*self.book.seen)
        known = {name: getattr(moment_now, name) for name in ("step", "time_left", "last_traded")}
        return replace(moment(sold, self.shares, cash=self.cash), **known)

    def gamma(self) -> float:
        """Change of the neutral shares per option, per unit of spot."""
        return float(-self.book.total().gamma / self.book.unit)

    def delta_at(self, changed: Callable[[Any], Any]) -> float:
        """Neutral shares per option, were each option's volatility what `changed` makes of it."""
        spot, years, *rates = self.book.seen
        terms = (self.book.sign, spot, self.book.strike, self.book.left(years), changed(self.book.volatility))
        numbers = np.where(self.book.settled, 0.0, self.book.numbers)
        return float(-(numbers * black_scholes.delta(*terms, *rates)).sum() / self.book.unit)

    def wealth(self) -> float:
        """What the account is worth: cash, shares, and options at the book's volatilities."""
        return float(self.cash + self.shares * self.book.seen.spot + self.book.total().price)

    def lowest(self) -> float:
        """Neutral shares per option at their least."""
        least = np.minimum(-self.book.sign * self.book.numbers, 0.0)
        return float(least[~self.book.settled].sum() / self.book.unit)
