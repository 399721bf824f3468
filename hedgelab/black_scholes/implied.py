"""The volatility that a price implies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.black_scholes import normalised
from hedgelab.black_scholes.pricing import checked
from hedgelab.validation import Floats, broadcast, finite, finite_or_missing, keeps_index, require


@keeps_index
def implied_volatility(
    price: ArrayLike,
    kind: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    expiry: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
    *,
    strict: bool = False,
) -> Any:
    """The annual volatility at which the formula gives `price`; after Jäckel, "Let's Be Rational" (2015).

    The intrinsic value is the discounted forward payoff.  A price below it has no volatility, nor has one at or
    above its upper bound, ``S exp(-q T)`` for a call and ``K exp(-r T)`` for a put: the answer is NaN.  At the
    intrinsic value, give or take rounding, it is 0.  At expiry it is 0 for the payoff, NaN for any other price.
    Where the price itself is missing, NaN or None, so is the answer.

    Out of the money the answer is exact to rounding.  In the money only the price above intrinsic value tells the
    volatility, and the rounding of a large price drowns a small one: it moves the answer by its own size over
    vega.  Where both kinds trade, invert the one that is out of the money.

    Parameters
    ----------
    price : the option's price today, in the currency of `spot`
    strict : raise ValueError where the answer would be NaN; the other arguments are those of `price`

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks; with `strict`, the first price without a volatility.

    Examples
    --------
    >>> round(implied_volatility(2.1334, "call", spot=60, strike=65, expiry=0.25, rate=0.08), 4)
    np.float64(0.3)
    >>> implied_volatility([4, 5, 105], "call", spot=105, strike=100, expiry=1)
    array([nan,  0., nan])
    """
    sign, spot, strike, expiry, _, rate, dividend = checked(kind, spot, strike, expiry, 0.0, rate, dividend)
    price = finite_or_missing("price", price)
    broadcast(price=price, kind=sign, spot=spot, strike=strike, expiry=expiry, rate=rate, dividend=dividend)
    with np.errstate(over="ignore"):
        stock = finite("the discounted spot", spot * np.exp(-dividend * expiry))
        bond = finite("the discounted strike", strike * np.exp(-rate * expiry))
    total = normalised.total_volatility(price, sign, stock, bond)
    expired = np.where(total == 0, 0.0, np.nan)
    volatility = np.divide(total, np.sqrt(expiry), out=expired, where=expiry > 0)
    if strict:
        _refuse(volatility, price, sign, stock, bond)
    return volatility[()]


def _refuse(volatility: Floats, *terms: Floats) -> None:
    """ValueError for the first price whose volatility is NaN, if there is one."""
    known = ~np.isnan(volatility)
    if known.all():
        return
    columns = np.broadcast_arrays(*terms)
    price, sign, stock, bond = (column[~known][0] for column in columns)
    intrinsic, bound = max(sign * (stock - bond), 0.0), stock if sign > 0 else bond
    if np.isnan(price):
        rule = "known"
    elif price < intrinsic:
        rule = f"at least its intrinsic value {intrinsic}"
    elif price >= bound:
        rule = f"below its upper bound {bound}"
    else:
        rule = f"the payoff {intrinsic} at expiry"
    require("price", columns[0], known, f"must be {rule}")
