"""Where the search for an SVI smile starts: a grid, a refinement of it, and a slice that is always there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from hedgelab.smile.least_squares import Box, differences, levenberg_marquardt
from hedgelab.smile.observed import Observed
from hedgelab.smile.svi import SVI
from hedgelab.smile.svi_model import Candidate
from hedgelab.validation import Floats

REFINING = 25  # steps; most quotes take a tenth, and some lead away without end
STEPS = 60  # towards an SSVI slice


def start(seen: Observed) -> Floats:
    """The best point of a grid of m and sigma, with the other three."""
    k, w = seen.log_moneyness, seen.total_variance
    weight = seen.root_weight / (2 * seen.volatility * seen.expiry)  # a residual of variance as one of volatility
    span = k[-1] - k[0]
    m = np.linspace(k[0] - 0.25 * span, k[-1] + 0.25 * span, 15)[:, None, None]
    sigma = (span * np.geomspace(0.02, 3.0, 12))[:, None]
    y = (k - m) / sigma
    columns = weight * np.stack([np.ones_like(y), y, np.sqrt(1 + y * y)], axis=-2)
    normal = columns @ columns.swapaxes(-1, -2)
    normal += 1e-12 * np.trace(normal, axis1=-2, axis2=-1)[..., None, None] * np.eye(3)
    _, tilt, bend = np.moveaxis(np.linalg.solve(normal, (columns @ (weight * w))[..., None])[..., 0], -1, 0)
    bend = np.maximum(bend, 1e-6 * w.mean())  # so that it has wings, and both rise
    tilt = np.clip(tilt, -0.98 * bend, 0.98 * bend)
    shape = tilt[..., None] * y + bend[..., None] * np.sqrt(1 + y * y)
    dip = np.sqrt(bend**2 - tilt**2)
    least = np.maximum(np.average(w - shape, axis=-1, weights=weight**2) + dip, 0.02 * w.min())
    cost = np.sum(((least - dip)[..., None] * weight + shape * weight - w * weight) ** 2, axis=-1)
    i, j = np.unravel_index(np.argmin(cost), cost.shape)
    wings = (bend[i, j] - tilt[i, j]) / sigma[j, 0], (bend[i, j] + tilt[i, j]) / sigma[j, 0]
    return np.array([least[i, j], *wings, m[i, 0, 0], sigma[j, 0]])


def refined(seen: Observed, first: Floats) -> tuple[float, float, int]:
    """The m and sigma of the least squares of total variance, the other three solved for at every step.

    Variable projection, with the Jacobian of L. Kaufman (1975), "A variable projection method for solving
    separable nonlinear least squares problems".
    """
    k = seen.log_moneyness
    weight = seen.root_weight / (2 * seen.volatility * seen.expiry)
    goal = weight * seen.total_variance
    limits = np.log(np.array([2e-3, 100]) * (k[-1] - k[0]))

    def model(at: Floats) -> tuple[Floats, Floats]:
        sigma = np.exp(np.clip(at[1], *limits))
        x = (k - at[0]) / sigma
        columns, slopes = np.empty((len(k), 3)), np.empty((len(k), 2))
        columns[:, 0], columns[:, 1] = weight, weight * x
        columns[:, 2] = weight * np.sqrt(1 + x * x)
        basis, triangle = np.linalg.qr(columns)
        along = basis.T @ goal
        _, tilt, bend = _back(triangle, along)
        by_x = weight * (tilt + bend * x / np.sqrt(1 + x * x))
        slopes[:, 0], slopes[:, 1] = -by_x / sigma, -by_x * x
        return basis @ along - goal, slopes - basis @ (basis.T @ slopes)

    found, _, steps = levenberg_marquardt(model, np.array([first[3], np.log(first[4])]), 1e-7, REFINING)
    return float(found[0]), float(np.exp(np.clip(found[1], *limits))), steps


def given(seen: Observed, m: float, sigma: float) -> Floats:
    """All parameters, from those two; outside the box where there are none that make sense."""
    k = seen.log_moneyness
    weight = seen.root_weight / (2 * seen.volatility * seen.expiry)
    x = (k - m) / sigma
    columns = weight[:, None] * np.stack([np.ones_like(x), x, np.sqrt(1 + x * x)], axis=-1)
    basis, triangle = np.linalg.qr(columns)
    level, tilt, bend = _back(triangle, basis.T @ (weight * seen.total_variance))
    if not abs(tilt) < bend:
        return np.full(5, np.inf)
    dip = np.sqrt(bend**2 - tilt**2)
    return np.array([level + dip, (bend - tilt) / sigma, (bend + tilt) / sigma, m, sigma])


def _back(triangle: Floats, goal: Floats) -> Any:
    """The solution of three equations in a triangle; endless where they do not determine it."""
    with np.errstate(all="ignore"):
        third = goal[2] / triangle[2, 2]
        second = (goal[1] - triangle[1, 2] * third) / triangle[1, 1]
        first = (goal[0] - triangle[0, 1] * second - triangle[0, 2] * third) / triangle[0, 0]
    return first, second, third


@lru_cache(maxsize=2)  # a start and a repair of the same quotes ask for it
def ssvi_slice(seen: Observed) -> Candidate:
    """The nearest SSVI slice with ``theta phi (1 + |rho|) < 4`` and ``theta phi**2 (1 + |rho|) <= 4``.

    These suffice: Gatheral & Jacquier (2014), theorem 4.2.
    """
    k = seen.log_moneyness[:, None]
    level = float(np.interp(0.0, seen.log_moneyness, seen.total_variance))

    def terms(parameters: Floats) -> tuple[Floats, Floats, Floats]:
        theta, rho, share = np.exp(parameters[0]), parameters[1], parameters[2]
        most = 3.999 / (theta * (1 + np.abs(rho)))
        most = np.minimum(most, np.sqrt(most))
        flattest = np.minimum(0.025, 0.5 * most)
        return theta, rho, flattest + (most - flattest) * share

    def volatility(parameters: Floats) -> Floats:
        theta, rho, phi = terms(parameters)
        w = 0.5 * theta * (1 + rho * phi * k + np.sqrt((phi * k + rho) ** 2 + 1 - rho**2))
        return np.asarray(np.sqrt(w / seen.expiry))

    def model(parameters: Floats) -> tuple[Floats, Floats]:
        here, slopes = differences(volatility, parameters)
        residuals, by_volatility = seen.residuals(here)
        return residuals, slopes * np.broadcast_to(by_volatility, here.shape)[:, None]

    limits = Box(np.array([np.log(level / 20), -0.999, 0.0]), np.array([np.log(4 * level), 0.999, 1.0]))
    found = [
        limits.nearest(model, np.array([np.log(level), tilt, 0.3]), most=STEPS, tolerance=1e-6)
        for tilt in (-0.7, 0.5)
    ]
    parameters, least, _ = min(found, key=lambda each: each[1])
    theta, rho, phi = map(float, terms(parameters))
    smile = SVI.from_natural(0.0, 0.0, rho, theta, phi, seen.expiry)
    return Candidate(smile, least, sum(steps for _, _, steps in found), ("SSVI",), "the nearest SSVI slice")
