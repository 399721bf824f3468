"""Black-Scholes prices and Greeks of European options.

Time is in years; rates and yields are continuously compounded; volatility is annual; all are plain numbers (0.2,
not 20).  With forward ``F = S exp((r - q) T)`` and total volatility ``w = sigma sqrt(T)``::

    d1 = ln(F / K) / w + w / 2        d2 = d1 - w
    call = S exp(-q T) N(d1) - K exp(-r T) N(d2)

Black & Scholes (1973), Merton (1973); notation of Hull, *Options, Futures, and Other Derivatives*, ch. 15 and 19.
`price` and `greeks` check what they are given and broadcast like NumPy, scalars to scalars; `value`, `delta` and
`sensitivities` are for inner loops and check nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from hedgelab import validation
from hedgelab.validation import Floats

SIGN = {"call": 1.0, "put": -1.0}
BLOCK = 16_384  # options worked out at a time, so that the terms of the formula stay in the cache
SMALLEST = np.nextafter(0.0, 1.0)  # stands for no total volatility: 0 / SMALLEST is 0, all else is infinite
LITTLE = 1e-4  # the total volatility below which a price is a small difference of large numbers


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
        raise ValueError(f"only must be names out of {', '.join(Greeks._fields)}, got {unknown[0]!r}")
    arrays = _checked(kind, spot, strike, expiry, volatility, rate, dividend)
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    columns = [array.reshape(()) if array.size == 1 else np.broadcast_to(array, shape).ravel() for array in arrays]
    results = np.empty((len(names), math.prod(shape)))
    with np.errstate(all="ignore"):
        for start in range(0, results.shape[1], BLOCK):
            part = slice(start, start + BLOCK)
            formula = _Formula(*(column[part] if column.ndim else column[()] for column in columns))
            for name, result in zip(names, results, strict=True):
                result[part] = getattr(formula, name)
    return Greeks(**{name: result.reshape(shape)[()] for name, result in zip(names, results, strict=True)})


@np.errstate(all="ignore")
def d1(
    spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0, sign: Any = 1.0
) -> Any:
    """The d1 of the formula times `sign`, unchecked; plus or minus infinity when the outcome is certain."""
    total = np.maximum(volatility * np.sqrt(expiry), SMALLEST)
    return (np.log(spot / strike) + ((rate - dividend) * expiry + 0.5 * total**2)) / (sign * total)


@np.errstate(all="ignore")
def value(
    sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0
) -> Any:
    """`price` for inner loops: nothing is checked, and `sign` is +1 for calls and -1 for puts.

    >>> float(value(-1.0, spot=90.0, strike=100.0, expiry=0.0, volatility=0.2))
    10.0
    """
    return _Formula(sign, spot, strike, expiry, volatility, rate, dividend).price[()]


@np.errstate(all="ignore")
def delta(
    sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0
) -> Any:
    """The delta of `greeks` for inner loops: nothing is checked, and `sign` is +1 for calls and -1 for puts.

    >>> float(delta(-1.0, spot=100.0, strike=100.0, expiry=0.0, volatility=0.2))  # at the kink
    -0.5
    """
    probability = ndtr(d1(spot, strike, expiry, volatility, rate, dividend, sign))
    share = sign * np.exp(_log_discount(dividend, expiry))
    return probability if np.ndim(share) == 0 and share == 1 else share * probability


@np.errstate(all="ignore")
def sensitivities(
    names: Iterable[str],
    sign: Any,
    spot: Any,
    strike: Any,
    expiry: Any,
    volatility: Any,
    rate: Any = 0.0,
    dividend: Any = 0.0,
) -> tuple[Any, ...]:
    """The `greeks` of these names for inner loops: nothing is checked, and `sign` is +1 for calls, -1 for puts.

    They differ from `greeks` at the kink alone: terms with the normal density are zero there, as on either side of
    it, so that gamma times a move is a number.

    >>> sensitivities(("delta", "gamma"), 1.0, spot=100.0, strike=100.0, expiry=0.0, volatility=0.2)
    (np.float64(0.5), np.float64(0.0))
    """
    formula = _Formula(sign, spot, strike, expiry, volatility, rate, dividend)
    nothing_left = formula.total == SMALLEST
    if np.any(nothing_left):
        formula.density = np.where(nothing_left, 0.0, formula.density)
    return tuple(getattr(formula, name)[()] for name in names)


class _Formula:
    """The terms of the formula for a block of options, each worked out when first asked for, and kept."""

    def __init__(
        self, sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any, dividend: Any
    ) -> None:
        self.sign, self.spot, self.strike, self.expiry = sign, spot, strike, expiry
        self.volatility, self.rate, self.dividend = volatility, rate, dividend
        self.root = np.sqrt(expiry)
        self.total = np.maximum(volatility * self.root, SMALLEST)
        self.little = self.total < LITTLE
        log_bond, log_share = _log_discount(rate, expiry), _log_discount(dividend, expiry)
        self.share = np.exp(log_share)  # what one share at expiry costs now
        self.stock, self.bond = spot * self.share, strike * np.exp(log_bond)
        self.log_forward = self.log_ratio() + (log_share - log_bond)  # over the strike
        self.middle, half = self.log_forward / self.total, 0.5 * self.total
        self.d1, self.d2 = self.middle + half, self.middle - half

    def log_ratio(self) -> Any:
        """ln(S / K), which cannot overflow; to its last digit, near zero too, where volatility is little."""
        ratio = np.log(self.spot) - np.log(self.strike)
        if not np.any(self.little):
            return ratio
        change = (self.spot - self.strike) / self.strike
        exact = np.where(abs(change) < 0.5, np.log1p(change), np.log(self.spot / self.strike))
        return np.where(self.little, exact, ratio)

    probability = cached_property(lambda f: ndtr(f.sign * f.d1))
    held = cached_property(lambda f: f.stock * f.probability)
    paid = cached_property(lambda f: f.bond * ndtr(f.sign * f.d2))
    density = cached_property(lambda f: np.exp(-0.5 * f.d1**2) * f.share * (1 / np.sqrt(2 * np.pi)))
    spot_density = cached_property(lambda f: f.spot * f.density)
    certain = cached_property(lambda f: f.density == 0)
    uncertain = cached_property(lambda f: not np.any(f.certain))  # everywhere
    drift = cached_property(lambda f: f.rate - f.dividend)
    slope = cached_property(lambda f: f.middle / f.total)  # d1 / total is one half more, d2 / total one half less
    d1_by_expiry = cached_property(lambda f: (f.drift - 0.5 * (f.slope - 0.5) * np.square(f.volatility)) / f.total)
    widening = cached_property(lambda f: (1 - f.d1 * f.d2) / (2 * np.maximum(f.expiry, SMALLEST)))

    delta = cached_property(lambda f: f.sign * f.share * f.probability)
    gamma = cached_property(lambda f: f.density / f.spot / f.total)
    vega = cached_property(lambda f: f.spot_density * f.root)
    rho = cached_property(lambda f: f.sign * f.expiry * f.paid)
    carry = cached_property(lambda f: f.sign * (f.dividend * f.held - f.rate * f.paid))
    theta = cached_property(lambda f: f.carry - f.spot_density * (0.5 * f.volatility) * f.volatility / f.total)
    vanna = cached_property(lambda f: f.weighed(-f.density * f.root, f.slope - 0.5))
    volga = cached_property(lambda f: f.weighed(f.vega * f.root, f.d1 * (f.slope - 0.5)))
    speed = cached_property(lambda f: f.weighed(-f.gamma / f.spot, f.slope + 1.5))
    charm = cached_property(lambda f: f.dividend * f.delta - f.weighed(f.density, f.d1_by_expiry))
    color = cached_property(lambda f: f.weighed(f.gamma, f.dividend + f.drift * (f.slope + 0.5) + f.widening))
    zomma = cached_property(lambda f: f.weighed(f.gamma, (f.d1 * f.d2 - 1) / np.maximum(f.volatility, SMALLEST)))

    def weighed(self, weight: Any, factor: Any) -> Any:
        """The product, and zero wherever the density in the weight is, even if the factor is infinite."""
        product = weight * factor
        return product if self.uncertain else np.where(self.certain, 0.0, product)

    @cached_property
    def price(self) -> Any:
        intrinsic = np.maximum(self.sign * (self.stock - self.bond), 0.0)
        price = np.maximum(self.sign * (self.held - self.paid), intrinsic)
        return np.where(self.little, self.price_of_little_volatility(), price) if np.any(self.little) else price

    def price_of_little_volatility(self) -> Any:
        """Intrinsic and time value, worked out apart: their difference would lose the digits of the latter.

        The time value is the density times a difference of Mills ratios ``R = N / n`` at d1 and d2, those of the
        kind that is out of the money.  As ``R' = 1 + x R``, two terms of its Taylor series are easy, and enough.
        """
        outside = np.where(self.log_forward < 0, 1.0, -1.0)
        x, total = outside * self.d1, self.volatility * self.root  # zero where self.total only stands for it
        ratio = self.share * ndtr(x) / self.density
        first = 1 + x * ratio
        second = ratio + x * first
        time_value = self.weighed(self.spot_density, total * (first - 0.5 * outside * total * second))
        close = abs(self.log_forward) < 0.1
        forward = np.where(close, self.bond * np.expm1(self.log_forward), self.stock - self.bond)
        return np.maximum(self.sign * forward, 0.0) + time_value


def _log_discount(rate: Any, expiry: Any) -> Any:
    """The log of the discount factor; one zero where the rate is one zero, which spares the exponentials."""
    return 0.0 if np.ndim(rate) == 0 and rate == 0 else -rate * expiry


def _checked(kind: ArrayLike, *numbers: ArrayLike) -> list[Floats]:
    rules = {
        "spot": validation.positive,
        "strike": validation.positive,
        "expiry": validation.not_negative,
        "volatility": validation.not_negative,
        "rate": validation.finite,
        "dividend": validation.finite,
    }
    arrays = {"kind": _sign(kind)}
    arrays |= {name: rules[name](name, number) for name, number in zip(rules, numbers, strict=True)}
    validation.broadcast(**arrays)
    expiry = arrays["expiry"]
    with np.errstate(all="ignore"):
        for name, amount in (("rate", "strike"), ("dividend", "spot")):
            rate, discounted = arrays[name], arrays[amount]
            fastest = max(rate.max(initial=0.0), -rate.min(initial=0.0)) * expiry.max(initial=0.0)
            if fastest >= 300 or discounted.max(initial=0.0) >= 1e150:  # else no product is out of range
                validation.finite(f"{name} * expiry", rate * expiry)
                validation.finite(f"{amount} * exp(-{name} * expiry)", discounted * np.exp(-rate * expiry))
    return list(arrays.values())


def _sign(kind: ArrayLike) -> Floats:
    """+1 for a call and -1 for a put."""
    kinds = np.asarray(kind)
    sign = np.asarray(np.subtract(kinds == "call", kinds == "put", dtype=np.float64))
    if not sign.all():
        raise ValueError(f'kind must be "call" or "put", got {kinds[sign == 0].tolist()[0]!r}')
    return sign
