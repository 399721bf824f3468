"""What takes the place of a smile that has arbitrage: the nearest that is found without."""

from __future__ import annotations

from typing import Any

import numpy as np

from hedgelab.smile.calendars import crossing
from hedgelab.smile.least_squares import Box
from hedgelab.smile.observed import Observed
from hedgelab.smile.svi import SVI
from hedgelab.smile.svi_model import PARAMETERS, Candidate, box, misfit, parameters_of, smile_of, total_variance
from hedgelab.smile.svi_starts import ssvi_slice
from hedgelab.validation import Floats

MARGIN = 1e-4  # of g above zero, and of the steepest wing below 2: a price charged at points holds between them
POINTS = np.sinh(np.linspace(-4, 4, 61)) / np.sinh(4)  # where negative g has a price, as a share of the farthest
PRICES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # of negative g, in turn, as volatility is to be paid with
STEPS = 40  # at each price


def without_arbitrage(seen: Observed, below: SVI | None = None) -> Candidate | None:
    """The nearest smile without butterflies, and nowhere below another slice if there is one; None if not found.

    A fit pays for negative g at points, and for what it lacks above the slice below, at prices that rise until
    there is nothing to pay for; where g was least is among the points of the next.  It starts from the nearest
    SSVI slice, which has no butterflies and is the answer where that is nearer, or the fit not free.
    """
    safe = ssvi_slice(seen)
    paid = penalised(seen, safe, below)
    if below is not None and crossing(below, safe.smile).gap < 0:
        return paid
    return safe if paid is None or safe.misfit <= paid.misfit else paid


def penalised(seen: Observed, safe: Candidate, below: SVI | None) -> Candidate | None:
    """The fit that pays for arbitrage."""
    limits, at = narrowed(box(seen), seen, below), parameters_of(safe.smile)
    reach = 6 * np.abs(seen.log_moneyness).max() + 8 * np.sqrt(seen.total_variance.max())
    points, steps = reach * POINTS, safe.steps
    for price in PRICES:
        floor = None if below is None else below.derivatives(points).value

        def model(p: Floats, price: float = price, points: Floats = points, floor: Floats | None = floor) -> Any:
            rows = [misfit(seen, p), _lack_of_g(p, points, price)]
            if floor is not None:
                rows.append(_lack_of_variance(p, points, floor, price))
            return tuple(np.concatenate(each) for each in zip(*rows, strict=True))

        at, _, more = limits.nearest(model, at, STEPS, 1e-5)
        steps += more
        smile = smile_of(at, seen.expiry)
        butterfly = smile.butterfly()
        crossed = None if below is None else crossing(below, smile)
        if butterfly.free and (crossed is None or crossed.gap >= 0):
            residuals, _ = misfit(seen, at)
            binding = ("g" if below is None else "g or the slice below", *limits.binding(at, PARAMETERS))
            return Candidate(smile, float(residuals @ residuals), steps, binding, "a fit that pays for arbitrage")
        dips = [butterfly.where, *([] if crossed is None else [crossed.where])]
        points = np.append(points, [dip for dip in dips if np.isfinite(dip)])
    return None


def narrowed(limits: Box, seen: Observed, below: SVI | None) -> Box:
    """The limits without wings that no price can keep free of arbitrage."""
    low, high = limits.low.copy(), limits.high.copy()
    high[1:3] = 2 - MARGIN
    if below is not None:
        low[1:3] = np.minimum(parameters_of(below)[1:3] * (1 + MARGIN), 2 - 2 * MARGIN)
        high[0] = max(high[0], 1.1 * below.derivatives(seen.log_moneyness).value.max())
    return Box(low, high)


def _lack_of_g(parameters: Floats, k: Floats, price: float) -> tuple[Floats, Floats]:
    """What g lacks at points, and its derivatives by the parameters."""
    _, left, right, m, sigma = parameters
    value, by_value = total_variance(parameters, k)
    x, b = k - m, 0.5 * (left + right)
    r2 = x * x + sigma * sigma
    r = np.sqrt(r2)
    bend = sigma * sigma / (r * r2)
    slope, curvature = 0.5 * (right * (1 + x / r) - left * (1 - x / r)), b * bend
    by_slope = np.stack([0 * k, 0.5 * (x / r - 1), 0.5 * (x / r + 1), -curvature, -b * x * bend / sigma], axis=-1)
    rounder = curvature * (2 / sigma - 3 * sigma / r2)
    by_curvature = np.stack([0 * k, 0.5 * bend, 0.5 * bend, 3 * curvature * x / r2, rounder], axis=-1)
    u = 1 - k * slope / (2 * value)
    g = u * u - slope**2 / 4 * (1 / value + 0.25) + curvature / 2
    by_terms = (
        (u * k * slope + slope**2 / 4) / value**2,
        -u * k / value - slope / 2 * (1 / value + 0.25),
        0.5 + 0 * k,
    )
    turned = sum(w[:, None] * by for w, by in zip(by_terms, (by_value, by_slope, by_curvature), strict=True))
    lacking = g < MARGIN
    return price * np.where(lacking, g - MARGIN, 0.0), price * np.where(lacking[:, None], turned, 0.0)


def _lack_of_variance(parameters: Floats, k: Floats, floor: Floats, price: float) -> tuple[Floats, Floats]:
    """What total variance lacks above a floor, as a share of it, and its derivatives by the parameters."""
    value, slopes = total_variance(parameters, k)
    share = value / floor - 1 - MARGIN
    lacking = share < 0
    return price * np.where(lacking, share, 0.0), price * np.where(lacking[:, None], slopes / floor[:, None], 0.0)
