"""The Black-Scholes formula without units, to full relative accuracy, and its inverse.

Nothing here is checked: `black_scholes.implied_volatility` does that.  Measure everything in units of the lower of
the discounted spot ``S exp(-q T)`` and the discounted strike ``K exp(-r T)``.  An option out of the money is worth
less than that, so its price is a share between 0 and 1, and only two numbers are left: the distance
``x = abs(ln(F / K))`` and the total volatility ``s = sigma sqrt(T)``.  With N and n the normal distribution and
density::

    share = N(d1) - exp(x) N(d2)        d1 = s / 2 - x / s        d2 = -s / 2 - x / s

A deep out-of-the-money share is 1e-300 as readily as 0.1, so the formula must not subtract two nearly equal
numbers, and the inverse must look at logarithms.  Both follow from one identity, ``n(d1) = exp(x) n(d2)``, and the
Mills ratio ``M(z) = N(-z) / n(z)``, a number of the order of 1 / z even where both its parts vanish::

    share = n(d1) [M(-d1) - M(-d2)]        1 - share = n(d1) [M(d1) + M(-d2)]

The vega, ``d share / ds``, is ``n(d1)`` itself.  So each bracket is a value over its vega, which is what Newton's
method asks for.

After Jäckel, "Let's Be Rational", Wilmott (2015): the out-of-the-money option, logarithms as the objective, steps
of the fourth order.  He starts from rational functions in four regions; here one closed formula is close enough.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erfcx

from hedgelab.validation import Floats

BLOCK = 8192  # options at a time, so that the arrays of one step stay in the processor's cache
EPSILON = np.finfo(float).eps
STEPS = 2  # from a start that is 13 % off at worst, to 3e-5, to rounding
NARROW = 0.02  # the total volatility below which the first bracket is a series
SMALLEST = 5e-324  # the smallest positive float


def share(distance: Any, total: Any) -> Any:
    """The price of the out-of-the-money option as a share of its upper bound, from 0 to 1.

    Parameters
    ----------
    distance : abs(ln(F / K)), zero or more
    total : volatility times the root of time, positive

    Examples
    --------
    At the money the share is ``2 N(s / 2) - 1``; far out of the money all digits count.

    >>> share(distance=np.array([0.0, 5.0]), total=np.array([0.2, 0.2]))
    array([7.96556746e-002, 2.95483336e-139])
    """
    distance, total = np.broadcast_arrays(distance, total)
    d1 = total / 2 - distance / total
    side = np.where(d1 < 0.7, -1.0, 1.0)  # where d1 < 0.7 the share may be small, elsewhere it is above one half
    part = np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi) * _over_vega(distance, total, side)
    return np.where(side < 0, part, 1 - part)[()]


def total_volatility(price: Floats, sign: Floats, stock: Floats, bond: Floats) -> Floats:
    """The total volatility at which an option costs `price`, and NaN where there is none.

    Parameters
    ----------
    price : today's price of the option
    sign : +1 for a call, -1 for a put
    stock, bond : the discounted spot and the discounted strike

    Returns
    -------
    Array of the broadcast shape; zero where the price is the intrinsic value.
    """
    columns = np.broadcast_arrays(price, sign, stock, bond)
    result = np.empty(columns[0].shape)
    flat_columns, flat_result = [column.reshape(-1) for column in columns], result.reshape(-1)
    with np.errstate(over="ignore"):  # a price far below zero is none, however far
        for start in range(0, result.size, BLOCK):
            block = slice(start, start + BLOCK)
            flat_result[block] = _solve(*(column[block] for column in flat_columns))
    return result


def _solve(price: Floats, sign: Floats, stock: Floats, bond: Floats) -> Floats:
    """`total_volatility` of one block: set aside the prices that have none, and leave the units behind."""
    low, high = np.minimum(stock, bond), np.maximum(stock, bond)
    bound = np.where(sign > 0, stock, bond)
    intrinsic = bound - low
    rounding = 4 * EPSILON * high * (intrinsic > 0)
    at_intrinsic = (abs(price - intrinsic) <= rounding) & (price >= 0) & (price < bound)
    result = np.where(at_intrinsic, 0.0, np.nan)

    some = np.flatnonzero((intrinsic < price) & (price < bound) & ~at_intrinsic)
    price, bound, intrinsic, low, high = (each[some] for each in (price, bound, intrinsic, low, high))
    rounded = (bound - intrinsic) - low  # exactly what `intrinsic` lost to rounding
    unit = np.log(low)
    log_share = np.log((price - intrinsic) - rounded) - unit
    log_rest = np.log(bound - price) - unit
    gap = (high - low) / high
    near = -np.log1p(-np.minimum(gap, 0.5))  # all digits of the distance near the money
    distance = np.where(gap < 0.5, near, np.log(high) - unit)

    result[some] = _inverse(distance, log_share, log_rest)
    return result


def _inverse(distance: Floats, log_share: Floats, log_rest: Floats) -> Any:
    """The total volatility at which ``ln(share)`` and ``ln(1 - share)`` have these values."""
    upper = log_share > np.log(0.5)
    side = np.where(upper, 1.0, -1.0)
    target = np.where(upper, log_rest, log_share)  # the smaller number has the digits
    total = np.maximum(_start(distance, log_share, log_rest), SMALLEST)
    for _ in range(STEPS):
        total = np.maximum(total * (1 + _move(distance, total, side, target)), SMALLEST)
    return total


def _start(distance: Floats, log_share: Floats, log_rest: Floats) -> Any:
    """A closed formula for the total volatility, at most 13 % off.

    Pólya's ``N(d) = (1 + sqrt(1 - exp(-2 d**2 / pi))) / 2`` for positive d makes the formula for the share ``p`` a
    quadratic equation in ``g = exp(-2 d1**2 / pi)``: Stefanica & Radoičić, "An Explicit Implied Volatility
    Formula", International Journal of Theoretical and Applied Finance (2017).  Multiplied out, with
    ``k = exp(-x)`` and ``j = k ** (4 / pi - 1)``, it is ``a g**2 + b g = 2 c p``, in which nothing cancels.

    Near the money the Bachelier price, linear in s, is closer still.
    """
    value, rest = np.exp(log_share), np.exp(log_rest)
    not_k, not_j = -np.expm1(-distance), -np.expm1((1 - 4 / np.pi) * distance)
    k, j = 1 - not_k, 1 - not_j
    p = np.maximum(value, 1e-300)

    r = not_k + k * p
    a = (not_k - not_j) ** 2 / (8 * r)
    b = p * (k + j) + not_k / r * not_j / 2
    c = rest * (1 + k * p)
    log_g = log_share + np.log(4 * c / (b + np.sqrt(b**2 + 8 * a * c * p)))
    d1 = np.sqrt(-np.pi / 2 * np.minimum(log_g, 0.0))  # its size; the sign is that of 4 p r - (1 - k) - (1 - j)
    d2 = np.sqrt(d1**2 + 2 * distance)
    polya = np.where(4 * p * r > not_k + not_j, d2 + d1, 2 * distance / np.maximum(d2 + d1, 1e-300))

    bachelier = np.sqrt(2 * np.pi) * (value + distance / 2)
    return np.where((distance <= value) & (value < 0.1), bachelier, polya)


def _move(distance: Floats, total: Floats, side: Floats, target: Floats) -> Any:
    """One of Householder's steps, of the fourth order, as a fraction of `total`.

    The objective is ``f(s) = ln(share) - target``, or ``ln(1 - share) - target`` for `side` +1.  All its
    derivatives follow from the value over vega and from ``d ln(vega) / ds``, which is ``(h**2 - t**2) / s``.
    """
    h, t = distance / total, total / 2
    over_vega = _over_vega(distance, total, side)
    miss = np.log(over_vega) - ((t - h) ** 2 + np.log(2 * np.pi)) / 2 - target  # f
    slope = -side * total / over_vega  # s f'
    bend = (h + t) * (h - t)  # s d ln(vega) / ds
    second = bend - slope  # s f'' / f'
    third = bend * (bend - 3 * slope) + 2 * slope**2 - 3 * h**2 - t**2  # s**2 f''' / f'
    newton = -miss / slope
    return newton * (1 + second * newton / 2) / (1 + newton * (second + third * newton / 6))


def _over_vega(distance: Floats, total: Floats, side: Floats) -> Any:
    """The share (`side` -1), or what it lacks to one (+1), over vega: the brackets at the head of this module.

    At low volatility the two ratios of the first bracket nearly cancel.  There it is the Taylor series of their
    difference around ``h = x / s``, where they meet: the derivatives follow from ``M'(z) = z M(z) - 1``.
    """
    h, t = distance / total, total / 2
    bracket = _mills(side * (t - h)) + side * _mills(t + h)
    narrow = np.flatnonzero((total < NARROW) & (side < 0))
    if narrow.size:
        z, s = h[narrow], total[narrow]
        m0 = _mills(z)
        m1 = 1 - z * m0  # -M', and so on in turn
        m2 = m0 - z * m1
        m3 = 2 * m1 - z * m2
        m4 = 3 * m2 - z * m3
        m5 = 4 * m3 - z * m4
        bracket[narrow] = s * (m1 + s**2 / 24 * (m3 + s**2 / 80 * m5))
    return bracket


def _mills(z: Floats) -> Any:
    """The Mills ratio ``N(-z) / n(z)``."""
    return np.sqrt(np.pi / 2) * erfcx(z * np.sqrt(0.5))
