"""SVI as a fit sees it: parameters that are nearly independent, their limits, and residuals with derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hedgelab.smile.butterflies import Butterfly
from hedgelab.smile.least_squares import Box
from hedgelab.smile.observed import Observed
from hedgelab.smile.svi import LEAST, SVI
from hedgelab.validation import Floats

#: What is searched for: least total variance, slopes of the two wings, place and roundness of the middle.
PARAMETERS = ("least", "left wing", "right wing", "m", "sigma")

FLATTEST, STEEPEST = 1e-6, 6.0  # wing that is looked for; one steeper than 2 has butterflies


@dataclass(frozen=True)
class Candidate:
    """A smile with its sum of squared residuals, the steps that led to it, and what it came by."""

    smile: SVI
    misfit: float
    steps: int
    binding: tuple[str, ...] = ()
    way: str | None = None

    @cached_property
    def butterfly(self) -> Butterfly:
        """The smile's, which takes a fifth of a fit to find."""
        return self.smile.butterfly()


def box(seen: Observed) -> Box:
    """Where the parameters are looked for."""
    k, w = seen.log_moneyness, seen.total_variance
    span = k[-1] - k[0]
    low = np.array([1e-4 * w.min(), FLATTEST, FLATTEST, k[0] - 10 * span, 2e-3 * span])
    high = np.array([w.max(), STEEPEST, STEEPEST, k[-1] + 10 * span, 100 * span])
    return Box(low, high)


def smile_of(parameters: Floats, expiry: float) -> SVI:
    """The smile with these parameters."""
    least, left, right, m, sigma = map(float, parameters)
    b, dip = 0.5 * (left + right), sigma * np.sqrt(left * right)
    rho = np.clip((right - left) / (right + left), -1 + 1e-12, 1 - 1e-12)
    return SVI(max(least, LEAST + 1e-15 * dip) - dip, b, rho, m, sigma, expiry)  # positive in spite of rounding


def parameters_of(smile: SVI) -> Floats:
    """The parameters of a smile."""
    left, right = smile.b * (1 - smile.rho), smile.b * (1 + smile.rho)
    return np.array([smile.least, left, right, smile.m, smile.sigma])


def misfit(seen: Observed, parameters: Floats) -> tuple[Floats, Floats]:
    """The residuals of volatility, and their derivatives by the parameters."""
    value, slopes = total_variance(parameters, seen.log_moneyness)
    volatility = np.sqrt(value / seen.expiry)
    residuals, by_volatility = seen.residuals(volatility)
    return residuals, slopes * (by_volatility / (2 * volatility * seen.expiry))[:, None]


def total_variance(parameters: Floats, k: Floats) -> tuple[Floats, Floats]:
    """Total variance and its derivatives by the parameters."""
    least, left, right, m, sigma = parameters
    x, root = k - m, np.sqrt(left * right)
    r = np.sqrt(x * x + sigma * sigma)
    by_parameters = np.empty((len(k), 5))
    by_parameters[:, 0] = 1.0
    by_parameters[:, 1] = 0.5 * (r - x - sigma * right / root)
    by_parameters[:, 2] = 0.5 * (r + x - sigma * left / root)
    by_parameters[:, 3] = -0.5 * (right * (1 + x / r) - left * (1 - x / r))
    by_parameters[:, 4] = 0.5 * (left + right) * sigma / r - root
    return least + 0.5 * (right * (r + x) + left * (r - x)) - sigma * root, by_parameters
