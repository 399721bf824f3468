"""Prices and Greeks: checked, and block by block."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.black_scholes.formula import KINDS, SIGN, Formula
from hedgelab.validation import Floats, broadcast, finite, keeps_index, not_negative, positive, refusal

BLOCK = 16_384  # options worked out at a time, so that the terms of the formula stay in the cache


class Greeks(NamedTuple):
    """The price of an option and its sensitivities, each with the broadcast shape of the inputs.

    Per unit of volatility or rate (divide by 100 for one point or one per cent, `volga` by 10,000), and per year
    of calendar time (divide by 365 for one day): `theta`, `charm` and `color` say what tomorrow brings.
    """

    price: Any = None  # in the currency of the spot
    delta: Any = None  # d price / d spot: shares per option
    gamma: Any = None  # d delta / d spot: shares per unit of spot
    vega: Any = None  # d price / d volatility
    theta: Any = None  # -d price / d expiry
    rho: Any = None  # d price / d rate
    vanna: Any = None  # d delta / d volatility
    volga: Any = None  # d vega / d volatility
    charm: Any = None  # -d delta / d expiry
    speed: Any = None  # d gamma / d spot
    zomma: Any = None  # d gamma / d volatility
    color: Any = None  # -d gamma / d expiry


@keeps_index
def price(
    kind: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    expiry: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
) -> Any:
    """The value of a European option, in the currency of `spot`.

    At expiry it is the payoff, without volatility the discounted payoff of the forward, and but for rounding never
    less than the latter.  Far out of the money it keeps its relative accuracy.

    Parameters
    ----------
    kind : "call" or "put", or an array of them
    spot, strike : price of the underlying and strike, positive
    expiry : years left, zero or more
    volatility : annual, zero or more
    rate, dividend : continuously compounded, per year

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.  Rates may be as negative as the discounted strike
        and spot, ``strike * exp(-rate * expiry)`` and ``spot * exp(-dividend * expiry)``, allow without overflow.

    Examples
    --------
    Haug's example (*The Complete Guide to Option Pricing Formulas*), a call on a stock without dividends:

    >>> round(price("call", spot=60, strike=65, expiry=0.25, volatility=0.30, rate=0.08), 4)
    np.float64(2.1334)
    """
    return greeks(kind, spot, strike, expiry, volatility, rate, dividend, only=("price",)).price


@keeps_index
def greeks(
    kind: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    expiry: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
    *,
    only: Iterable[str] = Greeks._fields,
) -> Greeks:
    """The price and the Greeks; arguments and errors as in `price`.

    `only` names those that are wanted, which saves time; the others are None.  The arrays share one allocation.

    Where nothing is left to chance (no volatility, no time, a strike far away) terms with the normal density are
    zero.  At the kink, where moreover the forward is the strike, delta has half the stock, and the others are
    limits of an option there whose volatility, or at expiry whose time, runs out: gamma, speed, zomma and color
    are infinite, theta and charm too at expiry, and charm where rate and dividend differ.  A Greek beyond the
    largest double is infinite; NaN takes inputs beyond 1e100, or below 1e-100, that set infinite terms against
    each other.

    Examples
    --------
    Hull's call (table 19.2): 49 spot, 50 strike, 20 weeks.

    >>> hull = greeks("call", spot=49, strike=50, expiry=20 / 52, volatility=0.20, rate=0.05)
    >>> round(hull.delta, 3), round(hull.gamma, 3), round(hull.vega, 1), round(hull.theta, 2), round(hull.rho, 2)
    (np.float64(0.522), np.float64(0.066), np.float64(12.1), np.float64(-4.31), np.float64(8.91))
    """
    names = tuple(only)
    if unknown := [name for name in names if name not in Greeks._fields]:
        raise refusal(f"only must be names out of {', '.join(Greeks._fields)}", unknown[0])
    arrays = checked(kind, spot, strike, expiry, volatility, rate, dividend)
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    columns = [array.reshape(()) if array.size == 1 else np.broadcast_to(array, shape).ravel() for array in arrays]
    results = np.empty((len(names), math.prod(shape)))
    with np.errstate(all="ignore"):
        for start in range(0, results.shape[1], BLOCK):
            part = slice(start, start + BLOCK)
            formula = Formula(*(column[part] if column.ndim else column[()] for column in columns))
            for name, result in zip(names, results, strict=True):
                result[part] = getattr(formula, name)
    return Greeks(**{name: result.reshape(shape)[()] for name, result in zip(names, results, strict=True)})


def checked(kind: ArrayLike, *numbers: ArrayLike) -> list[Floats]:
    """Sign, spot, strike, expiry, volatility, rate and dividend, if all are what they should be."""
    rules = {"spot": positive, "strike": positive, "expiry": not_negative, "volatility": not_negative}
    rules |= {"rate": finite, "dividend": finite}
    arrays = {"kind": _sign(kind)}
    arrays |= {name: rules[name](name, number) for name, number in zip(rules, numbers, strict=True)}
    broadcast(**arrays)
    expiry = arrays["expiry"]
    with np.errstate(all="ignore"):
        for name, amount in (("rate", "strike"), ("dividend", "spot")):
            rate, discounted = arrays[name], arrays[amount]
            fastest = max(rate.max(initial=0.0), -rate.min(initial=0.0)) * expiry.max(initial=0.0)
            if fastest >= 300 or discounted.max(initial=0.0) >= 1e150:  # else no product is out of range
                finite(f"{name} * expiry", rate * expiry)
                finite(f"{amount} * exp(-{name} * expiry)", discounted * np.exp(-rate * expiry))
    return list(arrays.values())


def _sign(kind: ArrayLike) -> Floats:
    """+1 for a call and -1 for a put."""
    kinds = np.asarray(kind)
    try:
        sign = np.asarray(np.subtract(kinds == "call", kinds == "put", dtype=np.float64))
    except TypeError:  # pandas.NA does not say what it equals
        sign = np.zeros(kinds.shape)
    if not sign.all():  # written in another way, or something else
        named = [SIGN.get(KINDS.get(str(each).lower(), ""), 0.0) for each in kinds.ravel().tolist()]
        sign = np.reshape(named, kinds.shape)
    if not sign.all():
        raise refusal('kind must be "call" or "put"', kinds[sign == 0].tolist()[0])
    return sign
