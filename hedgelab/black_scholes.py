"""Black-Scholes prices and Greeks of European options.

Every function broadcasts like NumPy and returns NumPy scalars for scalars.  Time is in years; rates and yields are
continuously compounded; volatility is annual; all are plain numbers (0.2, not 20).  Where the mathematics has a
limit the code returns it: at expiry the payoff, at zero volatility the discounted forward payoff.

With forward ``F = S exp((r - q) T)`` and total volatility ``w = sigma sqrt(T)``::

    d1 = (ln(F / K) + w**2 / 2) / w        d2 = d1 - w
    call = S exp(-q T) N(d1) - K exp(-r T) N(d2)

Black & Scholes (1973), Merton (1973); notation of Hull, *Options, Futures, and Other Derivatives*, ch. 15 and 19.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from hedgelab import normalised_black, validation
from hedgelab.validation import Floats

SIGN = {"call": 1.0, "put": -1.0}


class Greeks(NamedTuple):
    """The price of an option and its sensitivities, each with the broadcast shape of the inputs.

    `delta` is in shares per option and `gamma` in shares per unit of spot.  `vega` is per unit of volatility
    (divide by 100 for one point), `theta` per year in calendar time (divide by 365 for one day), `rho` per unit of
    rate (divide by 100 for one per cent).
    """

    price: Any
    delta: Any
    gamma: Any
    vega: Any
    theta: Any
    rho: Any


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
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    Haug's example (*The Complete Guide to Option Pricing Formulas*), a call on a stock without dividends:

    >>> round(price("call", spot=60, strike=65, expiry=0.25, volatility=0.30, rate=0.08), 4)
    np.float64(2.1334)
    """
    sign, *numbers = _checked(kind, spot, strike, expiry, volatility, rate, dividend)
    return value(sign, *numbers)[()]


def greeks(
    kind: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    expiry: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    dividend: ArrayLike = 0.0,
) -> Greeks:
    """The price and the five main Greeks; arguments and errors as in `price`.

    Exactly at the strike with no volatility left the payoff has a kink: there delta is that of the middle
    (one half of a share, discounted) and gamma is infinite.

    Examples
    --------
    Hull's call (table 19.2): 49 spot, 50 strike, 20 weeks.

    >>> hull = greeks("call", spot=49, strike=50, expiry=20 / 52, volatility=0.20, rate=0.05)
    >>> round(hull.delta, 3), round(hull.gamma, 3), round(hull.vega, 1), round(hull.theta, 2), round(hull.rho, 2)
    (np.float64(0.522), np.float64(0.066), np.float64(12.1), np.float64(-4.31), np.float64(8.91))
    """
    sign, spot, strike, expiry, volatility, rate, dividend = _checked(
        kind, spot, strike, expiry, volatility, rate, dividend
    )
    plus, stock, bond, in_the_money, exercised = _parts(sign, spot, strike, expiry, volatility, rate, dividend)
    density = stock * np.exp(-0.5 * plus**2) / np.sqrt(2 * np.pi)

    carry = sign * (dividend * stock * in_the_money - rate * bond * exercised)
    results = (
        sign * (stock * in_the_money - bond * exercised),
        sign * np.exp(-dividend * expiry) * in_the_money,
        _ratio(density / spot, spot * volatility * np.sqrt(expiry)),
        density * np.sqrt(expiry),
        carry - _ratio(density * volatility, 2 * np.sqrt(expiry)),
        sign * expiry * bond * exercised,
    )
    shape = np.broadcast_shapes(*(np.shape(result) for result in results))
    return Greeks(*(np.broadcast_to(result, shape).copy()[()] for result in results))


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
    intrinsic value it is 0.  At expiry it is 0 for the payoff, NaN for any other price.

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
    sign, spot, strike, expiry, _, rate, dividend = _checked(kind, spot, strike, expiry, 0.0, rate, dividend)
    price = validation.finite("price", price)
    validation.broadcast(
        price=price, kind=sign, spot=spot, strike=strike, expiry=expiry, rate=rate, dividend=dividend
    )
    with np.errstate(over="ignore"):
        stock = validation.finite("the discounted spot", spot * np.exp(-dividend * expiry))
        bond = validation.finite("the discounted strike", strike * np.exp(-rate * expiry))
    total = normalised_black.total_volatility(price, sign, stock, bond)
    expired = np.where(total == 0, 0.0, np.nan)
    volatility = np.divide(total, np.sqrt(expiry), out=expired, where=expiry > 0)
    if strict:
        _refuse(volatility, price, sign, stock, bond)
    return volatility[()]


def _refuse(volatility: Floats, *terms: Floats) -> None:
    """ValueError for the first price whose volatility is NaN, if there is one."""
    if not np.isnan(volatility).any():
        return
    first = tuple(int(i) for i in np.argwhere(np.isnan(volatility))[0])
    price, sign, stock, bond = (float(term[first]) for term in np.broadcast_arrays(*terms))
    intrinsic, bound = max(sign * (stock - bond), 0.0), stock if sign > 0 else bond
    if price < intrinsic:
        rule = f"at least its intrinsic value {intrinsic}"
    elif price >= bound:
        rule = f"below its upper bound {bound}"
    else:
        rule = f"the payoff {intrinsic} at expiry"
    place = f" at index {first[0] if len(first) == 1 else first}" if first else ""
    raise ValueError(f"price must be {rule}, got {price}{place}")


def d1(spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0) -> Any:
    """The d1 of the formula, unchecked; plus or minus infinity when the outcome is certain."""
    total = volatility * np.sqrt(expiry)
    return _ratio(np.log(spot / strike) + ((rate - dividend) * expiry + 0.5 * total**2), total)


def value(
    sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0
) -> Any:
    """`price` for inner loops: nothing is checked, and `sign` is +1 for calls and -1 for puts."""
    _, stock, bond, in_the_money, exercised = _parts(sign, spot, strike, expiry, volatility, rate, dividend)
    return sign * (stock * in_the_money - bond * exercised)


def delta(
    sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0
) -> Any:
    """The delta of `greeks` for inner loops: nothing is checked, and `sign` is +1 for calls and -1 for puts."""
    in_the_money = ndtr(sign * d1(spot, strike, expiry, volatility, rate, dividend))
    return (sign * np.exp(-dividend * expiry)) * in_the_money


def _parts(
    sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any, dividend: Any
) -> tuple[Any, Any, Any, Any, Any]:
    """d1, the share without its dividends, the strike paid at expiry, and the two probabilities of the formula."""
    plus = d1(spot, strike, expiry, volatility, rate, dividend)
    minus = plus - volatility * np.sqrt(expiry)  # d2
    stock = spot * np.exp(-dividend * expiry)
    bond = strike * np.exp(-rate * expiry)
    return plus, stock, bond, ndtr(sign * plus), ndtr(sign * minus)


def _checked(
    kind: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    expiry: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike,
    dividend: ArrayLike,
) -> tuple[Floats, ...]:
    arrays = {
        "kind": _sign(kind),
        "spot": validation.positive("spot", spot),
        "strike": validation.positive("strike", strike),
        "expiry": validation.not_negative("expiry", expiry),
        "volatility": validation.not_negative("volatility", volatility),
        "rate": validation.finite("rate", rate),
        "dividend": validation.finite("dividend", dividend),
    }
    validation.broadcast(**arrays)
    return tuple(arrays.values())


def _sign(kind: ArrayLike) -> Floats:
    """+1 for a call and -1 for a put."""
    kinds = np.asarray(kind)
    calls = np.asarray(kinds == "call")
    known = calls | (kinds == "put")
    if not known.all():
        raise ValueError(f'kind must be "call" or "put", got {kinds[~known].tolist()[0]!r}')
    return np.where(calls, 1.0, -1.0)


def _ratio(numerator: Any, denominator: Any) -> Any:
    """The quotient, and zero wherever the numerator is zero: there the limit is zero, whatever the denominator."""
    if np.ndim(denominator) == 0 and denominator > 1e-100:  # the inner loop's case: nothing special can happen
        return numerator / denominator
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(numerator == 0, 0.0, numerator / denominator)
