"""What a smile does when the spot moves, and the deltas of those who believe it.

As the spot moves, so does the volatility at which an option is quoted, and its delta is Black and Scholes's with
a term for that: ``delta + vega * d volatility / d spot``.  The smile of one day does not say what that derivative
is.  Rules do, of which three need the smile alone; with volatility a function ``f`` of the log moneyness ``k``:

- sticky strike: each strike keeps its volatility, and nothing is added;
- sticky moneyness: each moneyness keeps its own, so that the derivative is ``-f'(k) / spot``;
- sticky local volatility: the smile goes against the spot, as far as the spot goes, ``+f'(k) / spot``.

E. Derman (1999), "Regimes of volatility", Risk 12(4).  The fourth, minimum variance, also takes along what the
volatility of a SABR model does on average when the spot moves: B. Bartlett (2006), "Hedging under SABR model",
Wilmott Magazine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.beliefs import quoted_volatility
from hedgelab.instruments import Option
from hedgelab.smile.sabr import SABR
from hedgelab.smile.slices import Slice, checked
from hedgelab.smile.surfaces import Surface
from hedgelab.validation import Floats, finite, finite_scalar, positive, refusal

#: How far the smile goes with the spot, in log moneyness, by the rules that need nothing else.
FOLLOWS = {"sticky_strike": 0.0, "sticky_moneyness": 1.0, "sticky_local_volatility": -1.0}
RULES = (*FOLLOWS, "minimum_variance")

BLOCK = 8192  # spots at a time: their arrays stay in the processor's cache
APART = 0.005  # of the log of the strike, between options whose quotes tell the skew


class SmileGreeks(NamedTuple):
    """An option's price at the smile's volatility, and derivatives along with which the smile moves by a rule.

    `vega` is by a shift of all volatilities, per unit of volatility.
    """

    price: Any
    volatility: Any
    delta: Any
    gamma: Any
    vega: Any


class _Response(NamedTuple):
    """An option's volatility and its derivatives by the log of the spot; the second only where it is asked for."""

    volatility: Any
    first: Any
    second: Any = None


def smile_delta(
    option: Option,
    spot: ArrayLike,
    smile: Slice | Surface,
    rule: str = "sticky_strike",
    *,
    rate: float = 0.0,
    dividend: float = 0.0,
) -> Any:
    """The shares that hedge an option, if its smile moves with the spot by a rule.

    Parameters
    ----------
    option : its expiry is that of the smile, if that is a slice
    spot : price of the share, any shape
    smile : a slice, such as `SVI` and `SABR`, or a `Surface`: the volatility by log moneyness at each of the spots
    rule : "sticky_strike", "sticky_moneyness", "sticky_local_volatility", or, of a `SABR`, "minimum_variance"
    rate, dividend : continuously compounded, per year

    Returns
    -------
    Shares for each option, of the shape of `spot`.

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    One put, four deltas:

    >>> put, smile = Option("put", 95, 0.25), SABR(alpha=0.2, beta=1, rho=-0.7, nu=1, expiry=0.25)
    >>> [round(float(smile_delta(put, 100, smile, rule)), 4) for rule in RULES]
    [-0.2995, -0.2366, -0.3624, -0.3565]
    """

    def greeks(spot: Floats, response: _Response) -> Sequence[Any]:
        terms = (spot, option.expiry, response.volatility, rate, dividend)
        delta, vega = option.greeks(("delta", "vega"), *terms)
        return [delta + vega * response.first / spot]

    (found,) = _responding(greeks, option, spot, smile, rule, rate, dividend, twice=False)
    return finite("the delta", found)[()]


def smile_greeks(
    option: Option,
    spot: ArrayLike,
    smile: Slice | Surface,
    rule: str = "sticky_strike",
    *,
    rate: float = 0.0,
    dividend: float = 0.0,
) -> SmileGreeks:
    """An option's price, volatility, delta, gamma and vega, if its smile moves by a rule; arguments as above.

    Examples
    --------
    >>> smile = SABR(alpha=0.2, beta=1, rho=-0.7, nu=1, expiry=0.25)
    >>> found = smile_greeks(Option("put", 95, 0.25), 100.0, smile, "sticky_moneyness")
    >>> round(float(found.volatility), 4), round(float(found.gamma), 4), round(float(found.vega), 2)
    (0.2177, 0.0269, 17.37)
    """
    names = ("price", "delta", "gamma", "vega", "vanna", "volga")

    def greeks(spot: Floats, response: _Response) -> Sequence[Any]:
        volatility, first, second = response
        terms = (spot, option.expiry, volatility, rate, dividend)
        price, delta, gamma, vega, vanna, volga = option.greeks(names, *terms)
        by_spot, twice = first / spot, (second - first) / spot**2
        gamma = gamma + 2 * vanna * by_spot + volga * by_spot**2 + vega * twice
        return SmileGreeks(price, volatility, delta + vega * by_spot, gamma, vega)

    found = _responding(greeks, option, spot, smile, rule, rate, dividend, twice=True)
    return SmileGreeks(
        *(finite(f"the {name}", each)[()] for name, each in zip(SmileGreeks._fields, found, strict=True))
    )


def quoted_delta(rule: str, option: Option, view: Any) -> Any:
    """The delta by one of the first three rules of what the market quotes at one step of a walk.

    `view` is the step, as in `hedgelab.beliefs`.  The skew is read off the quotes of two strikes nearby; where
    nothing but its intrinsic value is quoted for the option, its volatility is zero and there is none.
    """
    quotes, years = view.terms.quotes, option.expiry - view.time
    below, here, above = (
        np.nan_to_num(quoted_volatility(quotes, replace(option, strike=float(strike)), view))
        for strike in option.strike * np.exp([-APART, 0.0, APART])
    )
    delta, vega = option.greeks(("delta", "vega"), view.spot, years, here, *view.terms.rates)
    return delta - FOLLOWS[rule] * vega * (above - below) / (2 * APART) / view.spot


def _responding(
    greeks: Callable[[Floats, _Response], Sequence[Any]],
    option: Any, spot: Any, smile: Any, rule: Any, rate: Any, dividend: Any, twice: bool,
) -> Sequence[Floats]:  # fmt: skip
    """The Greeks by spots and what the smile does there, if all that is given makes sense."""
    if not isinstance(option, Option):
        raise refusal("option must be an Option", option)
    spot = positive("spot", spot)
    respond = _rule(rule, smile)
    growth = finite_scalar("rate", rate) - finite_scalar("dividend", dividend)
    k = checked(np.log(option.strike) - np.log(spot) - growth * option.expiry)
    here = _slice(smile, option)
    with np.errstate(all="ignore"):
        if spot.size <= BLOCK:
            return greeks(spot, respond(here, k, twice))
        cuts = np.arange(BLOCK, spot.size, BLOCK)
        blocks = zip(*(np.split(each.ravel(), cuts) for each in (spot, k)), strict=True)
        parts = [greeks(spots, respond(here, moneyness, twice)) for spots, moneyness in blocks]
    return [np.concatenate(each).reshape(spot.shape) for each in zip(*parts, strict=True)]


def _rule(rule: Any, smile: Any) -> Callable[[Slice, Any, bool], _Response]:
    """How a slice responds to the spot by a rule."""
    if one_of(RULES, "rule", rule) == "minimum_variance":
        if not isinstance(smile, SABR):
            raise refusal("smile must be a SABR smile, which has a model, for minimum variance", smile)
        return _taken_along
    return partial(_follows, FOLLOWS[rule])


def one_of(rules: Collection[str], name: str, value: Any) -> str:
    """A rule's name, if it is among these."""
    if not isinstance(value, str) or value not in rules:
        raise refusal(f"{name} must be one of {', '.join(map(repr, rules))}", value)
    return value


def slice_or_surface(name: str, value: Any) -> Slice | Surface:
    """What has a volatility for each strike, if it is one of the two."""
    if not isinstance(value, Slice | Surface):
        raise refusal(f"{name} must be a slice, such as SVI, or a Surface", value)
    return value


def _slice(smile: Any, option: Option) -> Slice:
    """The smile of the option's expiry."""
    known = slice_or_surface("smile", smile)
    if isinstance(known, Surface):
        return known.slice(option.expiry)
    if abs(known.expiry - option.expiry) > 1e-9 * option.expiry:
        raise ValueError(f"smile must have the option's expiry, {option.expiry}, got {known.expiry}")
    return known


def _follows(share: float, smile: Slice, k: Any, twice: bool) -> _Response:
    """Of a smile that goes with the spot, by a share of its way."""
    value, slope, *curvature = smile.derivatives(k) if twice else smile.value_and_slope(k)
    volatility = np.sqrt(value / smile.expiry)
    skew = slope / (2 * volatility * smile.expiry)
    if not twice:
        return _Response(volatility, -share * skew)
    second = share**2 * (curvature[0] / (2 * smile.expiry) - skew**2) / volatility
    return _Response(volatility, -share * skew, second)


def _taken_along(smile: Slice, k: Any, twice: bool) -> _Response:
    """Of a SABR smile, with what alpha does on average: it moves by rho nu F**(1 - beta) for each log of F."""
    assert isinstance(smile, SABR)
    drift = smile.rho * smile.nu / (smile.alpha * smile.forward ** (smile.beta - 1))
    way = (-1.0, drift + 0.5 * (smile.beta - 1), -drift * drift)
    volatility, first, second = smile.along(k, way, twice)
    return _Response(volatility, volatility * first, volatility * (first * first + second) if twice else None)
