"""A large order spread over time: slowly it moves the price less, but the price has time to move by itself.

R. Almgren & N. Chriss (2000), "Optimal execution of portfolio transactions", Journal of Risk 3, in its discrete
form and with its symbols: X shares in N trades, one in each interval of length tau, at the price at its start;
``n[j]`` traded in the j-th, ``x[j]`` left after it.  Trading moves the price for good by gamma for each share, and
for the trade alone by epsilon and by eta for each share in a unit of time; by itself the price moves by sigma in
the root of a unit of time::

    expected cost  E = gamma X**2 / 2 + epsilon sum(abs(n)) + (eta - gamma tau / 2) / tau sum(n**2)
    variance       V = sigma**2 tau sum(x**2)

Any unit of time will do, the same for all; the paper's is a day.  Costs are against the price at the beginning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.introductions import Introduced, written
from hedgelab.validation import (
    Checked,
    Floats,
    NotNegative,
    Positive,
    count,
    finite,
    finite_scalar,
    instance,
    kept,
    not_negative,
    not_negative_scalar,
    positive_scalar,
    read_only,
    refusal,
)

STRAIGHT = 1e-8  # urgency times horizon below which the holdings fall in a straight line, to a double


def _trades(name: str, value: Any) -> Floats:
    trades = finite(name, value)
    if trades.ndim != 1 or not trades.size:
        raise refusal(f"{name} must be a list of at least one number", value)
    return kept(name, trades)


@dataclass(frozen=True)
class Impact(Introduced, Checked):
    """How a price moves, by itself and when it is traded at.

    Parameters
    ----------
    volatility : sigma, standard deviation of the price's change in a unit of time, in currency (not a fraction)
    temporary : eta, currency a share for each share traded in a unit of time, positive; gone after the trade
    permanent : gamma, currency a share for each share traded, and it stays
    fixed : epsilon, currency a share for any trade: half the spread, and fees

    Examples
    --------
    The paper's example: a share at $50 with 30 % volatility a year, a spread of 1/8, 5 million a day traded.

    >>> Impact(volatility=0.95, temporary=2.5e-6, permanent=2.5e-7, fixed=0.0625)
    Impact(volatility=0.95, temporary=2.5e-06, permanent=2.5e-07, fixed=0.0625)
    """

    volatility: NotNegative
    temporary: Positive
    permanent: NotNegative = 0.0
    fixed: NotNegative = 0.0

    def adjusted(self, interval: float) -> float:
        """Eta less gamma tau / 2: what is left of the temporary impact when the permanent one is paid apart."""
        adjusted = self.temporary - self.permanent * positive_scalar("interval", interval) / 2
        if not adjusted > 0:
            least = 2 * self.temporary / self.permanent
            raise ValueError(f"interval must be below 2 * temporary / permanent, {least:g}, got {interval:g}")
        return adjusted


@dataclass(frozen=True, eq=False)
class Schedule(Introduced, Checked):
    """Trades at equal intervals, and what they are expected to cost.

    Parameters
    ----------
    trades : shares in each interval, bought if positive
    interval : tau, its length
    impact : how the price moves

    Attributes
    ----------
    times : by which the trades are done: the ends of the intervals
    holdings : what is left of the order after each trade
    expected, deviation : mean and standard deviation of the cost, in currency

    Examples
    --------
    A million shares sold on the first of five days:

    >>> impact = Impact(volatility=0.95, temporary=2.5e-6, permanent=2.5e-7, fixed=0.0625)
    >>> at_once = Schedule([-1e6, 0, 0, 0, 0], 1.0, impact)
    >>> round(at_once.expected), at_once.deviation
    (2562500, 0.0)
    """

    trades: Annotated[Floats, _trades]
    interval: Positive
    impact: Annotated[Impact, instance(Impact, "an Impact")]
    times: Floats = field(init=False)
    holdings: Floats = field(init=False)
    expected: float = field(init=False)
    deviation: float = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        trades, tau, impact = self.trades, self.interval, self.impact
        slope = impact.adjusted(tau) / tau
        with np.errstate(over="ignore", invalid="ignore"):
            holdings = np.append(trades.sum() - np.cumsum(trades[:-1]), 0.0)
            once = impact.permanent * trades.sum() ** 2 / 2 + impact.fixed * np.abs(trades).sum()
            expected = finite_scalar("expected cost", once + slope * (trades**2).sum())
            deviation = finite_scalar("deviation", impact.volatility * np.sqrt(tau * (holdings**2).sum()))
        known = read_only(tau * np.arange(1, trades.size + 1)), read_only(holdings), expected, deviation
        for name, value in zip(("times", "holdings", "expected", "deviation"), known, strict=True):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        told = f"{written(self.trades.sum())} shares in {self.trades.size} trades"
        return f"Schedule({told}, expected={written(self.expected)}, deviation={written(self.deviation)})"


def schedule(shares: float, horizon: float, trades: int, impact: Impact, risk_aversion: float) -> Schedule:
    """The trades of least ``E + risk_aversion V``, in closed form.

    ``x[j] = sinh(kappa (T - t[j])) / sinh(kappa T) X``: the more risk counts, the faster; without risk aversion
    all trades are equal.  See `urgency` for kappa.  Almgren & Chriss (2000), section 2.2.

    Parameters
    ----------
    shares : to buy, or negative to sell
    horizon : T, in the impact's unit of time, in which all is to be done
    trades : N, one in each of as many equal intervals
    impact : how the price moves
    risk_aversion : lambda, per unit of currency, zero or more

    Raises
    ------
    ValueError
        Names the argument, the value found and the rule it breaks.

    Examples
    --------
    The paper's example, a million shares to sell in five days:

    >>> impact = Impact(volatility=0.95, temporary=2.5e-6, permanent=2.5e-7, fixed=0.0625)
    >>> slow = schedule(-1e6, horizon=5, trades=5, impact=impact, risk_aversion=1e-6)
    >>> slow.holdings.round(1)
    array([-541955.6, -289854.2, -147897.5,  -62141.8,       0. ])
    >>> round(slow.expected, 2), round(slow.deviation, 2)
    (911226.99, 603430.67)
    """
    shares, horizon = finite_scalar("shares", shares), positive_scalar("horizon", horizon)
    trades = count("trades", trades)
    instance(Impact, "an Impact")("impact", impact)
    kappa = urgency(impact, horizon / trades, risk_aversion)
    left = np.arange(trades, -1.0, -1.0) / trades  # of the horizon
    a = kappa * horizon
    if a > STRAIGHT:  # sinh(a left) / sinh(a), in exponentials that cannot overflow
        left = np.exp(a * (left - 1)) * np.expm1(-2 * a * left) / np.expm1(-2 * a)
    return Schedule(-shares * np.diff(left), horizon / trades, impact)


def urgency(impact: Impact, interval: float, risk_aversion: float) -> float:
    """Kappa, the inverse of the time in which the order shrinks to 1/e, at trades so far apart.

    ``cosh(kappa tau) = 1 + lambda sigma**2 tau**2 / (2 (eta - gamma tau / 2))``, solved by the inverse hyperbolic
    sine of the half, which keeps its digits where the right side is nearly one.

    Examples
    --------
    >>> impact = Impact(volatility=0.95, temporary=2.5e-6, permanent=2.5e-7, fixed=0.0625)
    >>> round(urgency(impact, interval=1.0, risk_aversion=1e-6), 10)
    0.6070761632
    """
    aversion, adjusted = not_negative_scalar("risk_aversion", risk_aversion), impact.adjusted(interval)
    rate = math.sqrt(aversion / adjusted) * impact.volatility
    return finite_scalar("urgency", 2 / interval * math.asinh(rate * interval / 2))


def equal_slices(shares: float, horizon: float, trades: int, impact: Impact) -> Schedule:
    """The same number in each trade: the least expected cost, whatever the risk.

    Examples
    --------
    >>> equal_slices(1000, horizon=5, trades=4, impact=Impact(0.95, temporary=2.5e-6)).trades
    array([250., 250., 250., 250.])
    """
    return schedule(shares, horizon, trades, impact, risk_aversion=0.0)


def at_once(shares: float, horizon: float, trades: int, impact: Impact) -> Schedule:
    """All in the first trade: no risk after it, and the most impact.

    Examples
    --------
    >>> at_once(1000, horizon=5, trades=4, impact=Impact(0.95, temporary=2.5e-6)).holdings
    array([0., 0., 0., 0.])
    """
    trades = count("trades", trades)
    sizes = np.zeros(trades)
    sizes[0] = finite_scalar("shares", shares)
    return Schedule(sizes, positive_scalar("horizon", horizon) / trades, impact)


class Frontier(NamedTuple):
    """What patience costs: arrays with an entry for each risk aversion."""

    risk_aversion: Any
    expected: Any  # cost, in currency
    deviation: Any


def efficient_frontier(
    shares: float, horizon: float, trades: int, impact: Impact, risk_aversions: ArrayLike
) -> Frontier:
    """Expected cost and standard deviation of the best schedules: no other has less of both.

    Examples
    --------
    >>> impact = Impact(volatility=0.95, temporary=2.5e-6, permanent=2.5e-7, fixed=0.0625)
    >>> frontier = efficient_frontier(1e6, 5, 5, impact, risk_aversions=[0, 1e-6, 1e-5])
    >>> (frontier.expected / 1000).round(), (frontier.deviation / 1000).round()
    (array([ 662.,  911., 1845.]), array([1041.,  603.,  172.]))
    """
    aversions = np.ravel(not_negative("risk_aversions", risk_aversions))
    best = [schedule(shares, horizon, trades, impact, aversion) for aversion in aversions.tolist()]
    return Frontier(
        aversions, *(np.array([getattr(each, name) for each in best]) for name in Frontier._fields[1:])
    )
