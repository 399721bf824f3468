"""Policies that follow from proportional costs and a dislike of risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from hedgelab.policies.moment import Moment
from hedgelab.policies.rules import within
from hedgelab.validation import Checked, Fraction, between, finite_scalar

Aversion = Annotated[float, between(1e-12, 1e12)]

#: The least volatility that the formulas work with, annual: at it the bands are wider than any delta.
LEAST_VOLATILITY = 1e-6


@dataclass(frozen=True)
class WhalleyWilmott(Checked):
    """Trade to the edge of the band that is optimal when proportional costs are small (Whalley & Wilmott 1997).

    Parameters
    ----------
    cost : proportional, of the value traded: what `ProportionalCost` calls its rate
    risk_aversion : absolute, per unit of currency, for the whole book

    Examples
    --------
    >>> from hedgelab import Moment, Option
    >>> moment = Moment.of(Option("call", strike=100, expiry=1), spot=100.0, volatility=0.2, rate=0.05, held=0.3)
    >>> policy = WhalleyWilmott(cost=0.01, risk_aversion=1.0)
    >>> round(float(policy.half_width_at(moment)), 7)
    0.0794899
    """

    cost: Fraction
    risk_aversion: Aversion

    def half_width_at(self, moment: Moment) -> Any:
        """Half-width of the no-trade band around delta, in shares per option.

        The band is wide where trading is dear and narrow where being wrong is dear.  It grows with the two-thirds
        power of gamma, so the move of the spot that fills it shrinks.
        """
        dear = 1.5 * np.exp(-moment.rate * moment.time_to_expiry) * self.cost * moment.spot
        return np.cbrt(dear * moment.gamma**2 / _aversion(self, moment))

    def holding(self, moment: Moment) -> Any:
        """What is held while it is inside the band, otherwise the band's nearest edge."""
        return within(moment.held, moment.delta, self.half_width_at(moment), "edge")


@dataclass(frozen=True)
class Zakamouline(Checked):
    """Trade to the edge of a band around the delta at a cost-adjusted volatility (Zakamouline 2005, 2006).

    The formulas were fitted to the numerical optimum of a hedger with exponential utility and proportional costs;
    for options sold they stay closer to it than Whalley and Wilmott's when costs are not small::

        half-width = 1.12 cost**0.31 T**0.05 (exp(-r T) / sigma)**0.25 (gamma / a)**0.5 + cost / (a S sigma**2 T)
        sigma_m**2 = sigma**2 (1 + K)     for a short position, (1 - K) for a long one
        K          = adjustment cost**0.78 T**-0.02 (exp(-r T) / sigma)**0.25 (a S**2 gamma)**0.15

    Sources disagree on the constant in K, and the papers' own tables were not at hand: programs that cite the
    working paper (Zakamouline 2005) have 4.76; one has 5.76 from a book it does not name and, with other powers of
    T, 6.85 from the 2006 paper.  Against the exact optimum neither 4.76 nor 5.76 wins everywhere (see
    ``benchmarks/zakamouline.py``).  For an option sold, hedging costs up to 1 % less with 4.76 where risk aversion
    times spot is 10 to 30, 0.3 to 8 % less with 5.76 where it is 300 or more, and at 100 the two are within 1 %.
    For one bought, neither is reliably ahead at costs up to 0.5 %; from 1 %, 4.76 mostly loses less, often far
    less.  There K nears one and sigma_m zero, and where risk aversion times spot is 100 or more, Whalley and
    Wilmott tend to do better.

    Parameters
    ----------
    cost : proportional, of the value traded: what `ProportionalCost` calls its rate
    risk_aversion : absolute, per unit of currency, for the whole book
    adjustment : the constant in K

    Examples
    --------
    >>> from hedgelab import Moment, Option
    >>> moment = Moment.of(Option("call", strike=100, expiry=1), spot=100.0, volatility=0.2, rate=0.05, held=0.3)
    >>> policy = Zakamouline(cost=0.01, risk_aversion=1.0)
    >>> round(float(policy.half_width_at(moment)), 4), round(float(policy.modified_volatility(moment)), 4)
    (0.0568, 0.2387)
    """

    cost: Fraction
    risk_aversion: Aversion
    adjustment: Annotated[float, between(0, 1e3)] = 4.76

    def half_width_at(self, moment: Moment) -> Any:
        """Half-width of the no-trade band, in shares per option."""
        aversion = _aversion(self, moment)
        curved = np.sqrt(np.abs(moment.gamma) / aversion)
        near_delta = 1.12 * self.cost**0.31 * moment.time_to_expiry**0.05 * self._discount(moment) * curved
        flat = self.cost / (aversion * moment.spot * _volatility(moment) ** 2 * moment.time_to_expiry)
        return near_delta + flat

    def modified_volatility(self, moment: Moment) -> Any:
        """The volatility whose delta is the middle of the band, annual; zero where K is more than one."""
        return moment.volatility * self._adjusted(moment)

    def _adjusted(self, moment: Moment) -> Any:
        """sigma_m over sigma, for every option of the book."""
        aversion = _aversion(self, moment)
        curved = (aversion * moment.spot**2 * np.abs(moment.gamma)) ** 0.15
        K = self.adjustment * self.cost**0.78 * moment.time_to_expiry**-0.02 * self._discount(moment) * curved
        return np.sqrt(np.maximum(1 + np.sign(moment.gamma) * K, 0.0))

    def holding(self, moment: Moment) -> Any:
        """What is held while it is inside the band, otherwise the band's nearest edge."""
        adjusted = self._adjusted(moment)
        middle = moment.delta_at(lambda own: own * adjusted)
        return within(moment.held, middle, self.half_width_at(moment), "edge")

    @staticmethod
    def _discount(moment: Moment) -> Any:
        return (np.exp(-moment.rate * moment.time_to_expiry) / _volatility(moment)) ** 0.25


def _aversion(policy: WhalleyWilmott | Zakamouline, moment: Moment) -> float:
    """The risk aversion of one option: that of the whole book, times the number of options."""
    return policy.risk_aversion * max(abs(moment.quantity), 1e-12)


def _volatility(moment: Moment) -> Any:
    return np.maximum(moment.volatility, LEAST_VOLATILITY)


def leland_volatility(volatility: float, cost: float, interval: float, quantity: float = -1.0) -> float:
    """The volatility at which a hedge every `interval` years breaks even after proportional costs (Leland 1985).

    ``volatility**2 * (1 + A)`` with the Leland number ``A = sqrt(2 / pi) * 2 * cost / (volatility *
    sqrt(interval))`` is the variance to price and hedge a short option with; a long one is worth only ``1 - A``.

    Parameters
    ----------
    volatility : annual, positive
    cost : one way, of the value traded: what `ProportionalCost` calls its rate; a round trip costs twice that
    interval : years between two trades
    quantity : negative for options sold, positive for options bought

    Raises
    ------
    ValueError
        Names the argument, the value and the rule; also when a long option's variance would not be positive, for
        then trading that often costs more than the option can earn.

    Examples
    --------
    >>> round(leland_volatility(0.20, cost=0.005, interval=1 / 252), 4)
    0.2556
    """
    volatility = between(LEAST_VOLATILITY, 1e6)("volatility", volatility)
    cost, interval = between(0, 1)("cost", cost), between(1e-12, 1e6)("interval", interval)
    A = np.sqrt(2 / np.pi) * 2 * cost / (volatility * np.sqrt(interval))
    factor = 1 - np.sign(finite_scalar("quantity", quantity)) * A
    if factor <= 0:
        raise ValueError(f"interval must be longer, or cost lower, for a long option: Leland number {A:.3g} >= 1")
    return float(volatility * np.sqrt(factor))
