"""How SABR is fitted: a parabola as a start, then least squares of three parameters."""

from __future__ import annotations

import numpy as np

from hedgelab.smile.hagan import hagan
from hedgelab.smile.least_squares import Box, differences
from hedgelab.smile.observed import Observed
from hedgelab.smile.reports import FitReport, reported
from hedgelab.smile.sabr import SABR
from hedgelab.validation import Floats

PARAMETERS = ("alpha", "rho", "nu")


def fitted(seen: Observed, beta: float, forward: float) -> SABR:
    """The smile nearest to the quotes, with its report; searched for with a forward of 1."""
    level, most = 4 * seen.volatility.max(), min(8 / np.sqrt(seen.expiry), 99.0)
    scale = np.array([level, 1.0, most])  # alpha and nu are searched for as shares of these
    lowest, highest = max(1e-3, 1.01e-4 / level), min(1.0, 99 / level)
    limits = Box(np.array([lowest, -0.9995, 1e-4]), np.array([highest, 0.9995, 1.0]))

    def volatility(shares: Floats) -> Floats:
        alpha, rho, nu = shares * scale[:, None]
        found: Floats = hagan(seen.log_moneyness[:, None], alpha, beta, rho, nu, seen.expiry)
        return found

    def model(shares: Floats) -> tuple[Floats, Floats]:
        here, slopes = differences(volatility, shares)
        residuals, by_volatility = seen.residuals(here)
        return residuals, slopes * np.broadcast_to(by_volatility, here.shape)[:, None]

    starts = [start(seen, beta, tilt) / scale for tilt in (1.0, 0.3)]
    found = [limits.nearest(model, each) for each in starts]
    shares, _, _ = min(found, key=lambda each: each[1])
    alpha, rho, nu = map(float, shares * scale)
    smile = SABR(alpha * forward ** (1 - beta), beta, rho, nu, seen.expiry, forward)
    quoted = smile.butterfly(*seen.log_moneyness[[0, -1]])
    steps, binding = sum(each[2] for each in found), limits.binding(shares, PARAMETERS)
    report = FitReport(seen.rms(smile), steps, binding, quoted, left_out=seen.left_out)
    answer: SABR = reported(smile, report)
    return answer


def start(seen: Observed, beta: float, tilt: float) -> Floats:
    """The parameters of the parabola in log moneyness nearest to the quotes, those in the middle above all.

    Hagan et al. (2002), equation 3.1, solved for alpha, rho and nu; with a share of its tilt.
    """
    k, c = seen.log_moneyness, 1 - beta
    weight = seen.root_weight * np.exp(-2 * (k / np.abs(k).max()) ** 2)
    columns = weight[:, None] * np.stack([np.ones_like(k), k, k * k], axis=-1)
    level, slope, bend = np.linalg.lstsq(columns, weight * seen.volatility, rcond=None)[0]
    level = max(level, 0.1 * seen.volatility.min())
    along = tilt * (2 * slope / level + c)  # rho nu / alpha
    square = max(0.5 * (12 * bend / level - c * c + 3 * along**2), along**2 / 0.9**2, 1e-4)
    return np.array([level, along / np.sqrt(square), level * np.sqrt(square)])
