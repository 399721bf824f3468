"""Least squares of a few parameters, fast: Levenberg and Marquardt's way, in a box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit

from hedgelab.validation import Floats

#: Residuals and their derivatives, shape (residuals, parameters), at some parameters.
Model = Callable[[Floats], tuple[Floats, Floats]]

MOST = 100  # steps


@dataclass(frozen=True)
class Box:
    """Limits of parameters, and free variables in their place: a logistic curve leads from these into the box."""

    low: Floats
    high: Floats

    def inside(self, free: Floats) -> tuple[Floats, Floats]:
        """The parameters, and their derivatives by the free variables."""
        share = expit(free)
        width = self.high - self.low
        return self.low + width * share, width * share * (1 - share)

    def free(self, parameters: Floats) -> Floats:
        """The free variables, of parameters that may lie at an edge or outside."""
        return np.asarray(logit(np.clip((parameters - self.low) / (self.high - self.low), 1e-6, 1 - 1e-6)))

    def binding(self, parameters: Floats, names: tuple[str, ...]) -> tuple[str, ...]:
        """Which parameters have come to an edge."""
        share = (parameters - self.low) / (self.high - self.low)
        return tuple(name for name, at in zip(names, share, strict=True) if not 1e-5 < at < 1 - 1e-5)

    def nearest(
        self, model: Model, start: Floats, most: int = MOST, tolerance: float = 1e-7
    ) -> tuple[Floats, float, int]:
        """The parameters of the least sum of squares that is found from a start; that sum; and the steps."""

        def freed(free: Floats) -> tuple[Floats, Floats]:
            parameters, by_free = self.inside(free)
            residuals, slopes = model(parameters)
            return residuals, slopes * by_free

        found, least, steps = levenberg_marquardt(freed, self.free(start), tolerance, most)
        return self.inside(found)[0], least, steps


@np.errstate(all="ignore")  # a step too far is not taken
def levenberg_marquardt(
    model: Model, start: Floats, tolerance: float = 1e-7, most: int = MOST
) -> tuple[Floats, float, int]:
    """The least sum of squares from a start: its place, itself and the steps taken.

    D. W. Marquardt (1963), "An algorithm for least-squares estimation of nonlinear parameters".  It ends where a
    step changes the sum by less than a share of `tolerance`, or the residuals are rounding.

    Examples
    --------
    >>> place, least, steps = levenberg_marquardt(lambda x: (x**2 - 4, np.diag(2 * x)), np.array([1.0, 5.0]))
    >>> place.round(6)
    array([2., 2.])
    """
    at = start
    residuals, slopes = model(at)
    least, damping, steps = float(residuals @ residuals), 1e-3, 0
    while steps < most and damping < 1e10:
        steps += 1
        normal, gradient = slopes.T @ slopes, slopes.T @ residuals
        scale = damping * (normal.diagonal() + 1e-300)
        move = _solved(normal + np.diag(scale), -gradient)
        expected = float(move @ (scale * move - gradient))
        after, turned = model(at + move)
        fallen = least - float(after @ after)
        if fallen > 0:
            done = fallen < tolerance * least and expected < 10 * tolerance * least
            at, residuals, slopes, least = at + move, after, turned, least - fallen
            damping = max(damping / (5 if fallen > 0.5 * expected else 1), 1e-9)
            if done or least < 1e-22 * len(residuals):
                break
        else:
            if expected < tolerance * least:
                break
            damping *= 6
    return at, least, steps


def differences(function: Callable[[Floats], Floats], parameters: Floats) -> tuple[Floats, Floats]:
    """A function of columns of parameters at one, and its derivatives there by differences of its neighbours.

    Examples
    --------
    >>> value, slopes = differences(lambda p: p[0] * p[1] + np.zeros((2, 1)), np.array([2.0, 3.0]))
    >>> value, slopes.round(6)
    (array([6., 6.]), array([[3., 2.],
           [3., 2.]]))
    """
    steps = 1e-5 * (1 + np.abs(parameters))
    moved = parameters[:, None] + np.concatenate(
        [np.zeros((len(steps), 1)), np.diag(steps), -np.diag(steps)], axis=1
    )
    found = function(moved)
    many = len(parameters)
    return found[:, 0], (found[:, 1 : many + 1] - found[:, many + 1 :]) / (2 * steps)


def _solved(matrix: Floats, vector: Floats) -> Any:
    try:
        return np.linalg.solve(matrix, vector)
    except np.linalg.LinAlgError:
        return np.zeros_like(vector)
