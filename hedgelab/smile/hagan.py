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

NEAR = 0.1  # chi, below which z / chi is a sum of eleven terms
SERIES = 1 / np.cumprod(np.arange(1.0, 12.0))  # 1 / (k + 1)!


class Along(NamedTuple):
    """A volatility, and the first two derivatives of its logarithm along a way."""

    volatility: Any
    first: Any
    second: Any


def hagan(k: Any, alpha: Any, beta: float, rho: Any, nu: Any, expiry: float) -> Any:
    """The formula's volatility for a forward of 1, broadcast over all but beta.

    Examples
    --------
    >>> round(float(hagan(np.log(0.6), 0.2, 0.5, -0.3, 0.4, 1.0)), 6)
    0.27683
    """
    c = 1 - beta
    lognormal = alpha * np.exp(-0.5 * c * k)
    even, bent, both = _correction(lognormal, c, rho, nu)
    z = -nu / lognormal * k
    small = np.abs(z) < 1e-8
    g = np.where(small, 1 - 0.5 * rho * z, z / np.where(small, 1.0, _chi(z, rho, _root(z, rho))))
    flat = 1 + (c * k) ** 2 / 24 + (c * k) ** 4 / 1920
    return lognormal * g * (1 + (even + bent + both) * expiry) / flat


def along(
    k: Any, lognormal: Any, beta: float, rho: float, nu: float, expiry: float, way: tuple[float, float, float]
) -> Along:
    """The formula on a way along which log moneyness and the logarithm of `lognormal` move; NaN if it has no volatility.

    `way` has the derivative of the one, which is constant, and the first and second derivatives of the other.

    Examples
    --------
    At a higher strike, with beta 1, so that `lognormal` stays:

    >>> here = along(0.1, 0.2, 1.0, -0.7, 1.0, 0.25, way=(1, 0, 0))
    >>> there = along(0.1 + 1e-6, 0.2, 1.0, -0.7, 1.0, 0.25, way=(1, 0, 0))
    >>> round(float(here.first), 4), round(float(np.log(there.volatility / here.volatility)) / 1e-6, 4)
    (-0.7907, -0.7907)
    """
    c, (moved, rise, bend) = 1 - beta, way
    steep = nu / lognormal
    z, z1 = -steep * k, -steep * (moved - rise * k)
    z2 = steep * (2 * moved * rise + (bend - rise * rise) * k)
    g, g1, g2 = shape(z, rho)
    even, bent, both = (part * expiry for part in _correction(lognormal, c, rho, nu))
    near, near1 = 1 + even + bent + both, rise * (2 * even + bent)
    near2 = rise * rise * (4 * even + bent) + bend * (2 * even + bent)
    square = (c * k) ** 2
    flat = 1 + square * (1 / 24 + square / 1920)
    flat1 = moved * c * c * k * (1 / 12 + square / 480)
    flat2 = (moved * c) ** 2 * (1 / 12 + square / 160)
    volatility = np.where(near > 0, lognormal * near * g / flat, np.nan)
    by_g, by_near, by_flat = g1 * z1 / g, near1 / near, flat1 / flat
    second = bend + (g2 * z1 * z1 + g1 * z2) / g - by_g * by_g
    second = second + near2 / near - by_near * by_near - flat2 / flat + by_flat * by_flat
    return Along(volatility, rise + by_g + by_near - by_flat, second)


def shape(z: Any, rho: float) -> tuple[Any, Any, Any]:
    """``z / chi`` and its first two derivatives by `z`: those by `chi`, which are plain, and the chain rule.

    Examples
    --------
    >>> shape(np.array([0.0, 1.0]), -0.7)[0].round(6)
    array([1.      , 1.250814])
    """
    z = np.asarray(z)
    by_chi = _root(z, rho)  # of z; the second such derivative is z - rho
    chi = _chi(z, rho, by_chi)
    near = np.abs(chi) < NEAR
    away = np.where(near, 1.0, chi)
    g = np.asarray(z / away)
    first = np.asarray((by_chi - g) / away)
    second = np.asarray((z - rho - 2 * first) / away)
    if near.any():
        g[near], first[near], second[near] = _series(chi[near], rho)
    return g, first / by_chi, (second - first * (z - rho) / by_chi) / (by_chi * by_chi)


def _root(z: Any, rho: Any) -> Any:
    """``cosh chi - rho sinh chi``, which is ``sqrt(1 - 2 rho z + z**2)``."""
    x = z - rho
    return np.sqrt(x * x + (1 - rho) * (1 + rho))


def _chi(z: Any, rho: Any, root: Any) -> Any:
    """The log of ``(root + z - rho) / (1 - rho)``, without cancellation."""
    sign = np.copysign(1.0, z)
    return sign * np.log1p((np.abs(z) + z * (z - 2 * rho) / (root + 1)) / (1 - sign * rho))


def _series(chi: Any, rho: float) -> list[Any]:
    """``(sinh chi + rho (1 - cosh chi)) / chi`` and two derivatives near zero, by their Taylor series."""
    polynomial = np.polynomial.Polynomial(SERIES * np.where(np.arange(SERIES.size) % 2, -rho, 1.0))
    return [polynomial.deriv(k)(chi) if k else polynomial(chi) for k in range(3)]


def _correction(lognormal: Any, c: float, rho: Any, nu: Any) -> tuple[Any, Any, Any]:
    """The three terms of the correction that is linear in expiry, per year."""
    return (
        c * c / 24 * (lognormal * lognormal),
        0.25 * rho * (1 - c) * nu * lognormal,
        (2 - 3 * rho**2) / 24 * nu**2,
    )
