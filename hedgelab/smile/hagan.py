"""Hagan's formula for the volatility of an option in the SABR model, and the shape that it gives a smile.

P. S. Hagan, D. Kumar, A. S. Lesniewski & D. E. Woodward (2002), "Managing smile risk", Wilmott Magazine, equation
2.17a.  With ``K`` the strike, ``F`` the forward, ``c = 1 - beta``, ``k = log(K / F)``::

    lognormal = alpha F**-c exp(-c k / 2),    z = -nu k / lognormal
    volatility = lognormal (z / chi) (1 + correction expiry) / flat,    z = sinh chi + rho (1 - cosh chi)
    correction = c**2 / 24 lognormal**2 + rho beta nu lognormal / 4 + (2 - 3 rho**2) / 24 nu**2
    flat = 1 + (c k)**2 / 24 + (c k)**4 / 1920

Nothing here is checked.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hedgelab.validation import Floats

NEAR = 0.1  # chi, below which z / chi is a sum of eleven terms
SERIES = 1 / np.cumprod(np.arange(1.0, 12.0))  # 1 / (k + 1)!, of the k-th power
TERMS = np.zeros((11, 3))  # of the series and its two derivatives
for order in range(3):
    TERMS[: 11 - order, order] = np.polynomial.polynomial.polyder(SERIES, order)
ODD = np.add.outer(np.arange(11), np.arange(3)) % 2 == 1  # powers, before they are derived


class Along(NamedTuple):
    """A volatility, and the derivatives of its logarithm along a way; the second only where it is asked for."""

    volatility: Any
    first: Any
    second: Any = None


def hagan(k: Any, alpha: Any, beta: float, rho: Any, nu: Any, expiry: float) -> Any:
    """The formula's volatility for a forward of 1, broadcast over all but beta.

    Examples
    --------
    >>> round(float(hagan(np.log(0.6), 0.2, 0.5, -0.3, 0.4, 1.0)), 6)
    0.27683
    """
    c = 1 - beta
    lognormal = alpha * np.exp(-0.5 * c * k)
    even, bent, both = _correction(lognormal, c, rho, nu, expiry)
    flat = 1 + (c * k) ** 2 / 24 + (c * k) ** 4 / 1920
    return lognormal * (1 + even + bent + both) * _ratio(-nu / lognormal * k, rho) / flat


def along(
    k: Any,
    lognormal: Any,
    beta: float,
    rho: float,
    nu: float,
    expiry: float,
    way: tuple[float, float, float],
    twice: bool = True,
) -> Along:
    """The formula on a way on which log moneyness and the logarithm of `lognormal` move; NaN where there is none.

    `way` has the derivative of the one, which is constant, and the first and second derivatives of the other.

    Examples
    --------
    At a higher strike, with beta 1, so that `lognormal` stays:

    >>> here, there = (along(k, 0.2, 1.0, -0.7, 1.0, 0.25, way=(1, 0, 0)) for k in (0.1, 0.1 + 1e-6))
    >>> round(float(here.first), 4), round(float(np.log(there.volatility / here.volatility)) / 1e-6, 4)
    (-1.412, -1.412)
    """
    c, (moved, rise, bend) = 1 - beta, way
    steep = -nu / lognormal
    z, z1 = steep * k, (moved - rise * k) * steep
    g, g1, g2 = shape(z, rho, twice)
    even, bent, both = _correction(lognormal, c, rho, nu, expiry)
    near, near1 = 1 + both + bent + even, rise * (2 * even + bent)
    x = c * k if c else 0.0
    square = x * x
    flat, flat1 = 1 + square * (1 / 24 + square / 1920), moved * c * x * (1 / 12 + square / 480)
    volatility = np.where(near > 0, lognormal * near / flat * g, np.nan)
    by_g, by_near, by_flat = g1 * z1 / g, near1 / near, flat1 / flat
    first = by_g + (by_near - by_flat + rise)
    if not twice:
        return Along(volatility, first)
    z2 = (2 * moved * rise + (bend - rise * rise) * k) * -steep
    near2 = rise * rise * (4 * even + bent) + bend * (2 * even + bent)
    flat2 = (moved * c) ** 2 * (1 / 12 + square / 160)
    second = near2 / near - by_near * by_near - flat2 / flat + by_flat * by_flat + bend
    return Along(volatility, first, (g2 * z1 * z1 + g1 * z2) / g - by_g * by_g + second)


def shape(z: Any, rho: float, twice: bool = True) -> tuple[Any, Any, Any]:
    """``z / chi`` and its first two derivatives by `z`: those by `chi`, which are plain, and the chain rule.

    Examples
    --------
    >>> shape(np.array([0.0, 1.0]), -0.7)[0].round(6)
    array([1.      , 1.361281])
    """
    x, width = np.asarray(z - rho), (1 - rho) * (1 + rho)
    by_chi = np.sqrt(x * x + width)  # derivative of z, and x is the second
    chi = np.asarray(np.arcsinh(x * width**-0.5) + np.arcsinh(rho * width**-0.5))
    with np.errstate(divide="ignore", invalid="ignore"):  # at 0, which is near
        ratio = z / chi
        found = [ratio, (by_chi - ratio) / chi]
        if twice:
            found.append((x - 2 * found[1]) / chi)
    near = np.abs(chi) < NEAR
    if near.any():
        found = [np.asarray(each) for each in found]
        for each, sums in zip(found, _series(chi[near], rho, len(found)), strict=True):
            each[near] = sums
    g, first = found[:2]
    slope = first / by_chi
    second = (found[2] - x * slope) / (by_chi * by_chi) if twice else None
    return g, slope, second


def _ratio(z: Any, rho: Any) -> Any:
    """``z / chi`` without cancellation, chi the log of ``(sqrt(1 - 2 rho z + z**2) + z - rho) / (1 - rho)``."""
    sign = np.where(z < 0, -1.0, 1.0)
    rest = z * (z - 2 * rho)
    chi = sign * np.log1p((np.abs(z) + rest / (np.sqrt(1 + rest) + 1)) / (1 - sign * rho))
    small = np.abs(z) < 1e-8
    return np.where(small, 1 - 0.5 * rho * z, z / np.where(small, 1.0, chi))


def _series(chi: Any, rho: float, many: int) -> list[Floats]:
    """``(sinh chi + rho (1 - cosh chi)) / chi`` and derivatives near zero, by their Taylor series; so many."""
    terms = np.where(ODD, -rho, 1.0) * TERMS
    return [np.polynomial.polynomial.polyval(chi, terms[: len(SERIES) - order, order]) for order in range(many)]


def _correction(lognormal: Any, c: float, rho: Any, nu: Any, expiry: float) -> tuple[Any, Any, Any]:
    """The three terms of the correction that is linear in expiry."""
    even, bent = expiry * c * c / 24 * (lognormal * lognormal), 0.25 * expiry * (1 - c) * rho * nu * lognormal
    return even, bent, expiry * (2 - 3 * rho**2) / 24 * nu**2
