"""What takes the place of a smile that has arbitrage: the nearest that is found without."""

from __future__ import annotations

from typing import Any

import numpy as np

from hedgelab.smile.calendars import crossing
from hedgelab.smile.least_squares import Box
from hedgelab.smile.observed import Observed
from hedgelab.smile.slices import gatheral_g
from hedgelab.smile.svi import SVI
from hedgelab.smile.svi_model import PARAMETERS, Candidate, box, misfit, parameters_of, smile_of, total_variance
from hedgelab.smile.svi_starts import ssvi_slice
from hedgelab.validation import Floats

MARGIN = 1e-4  # of g above zero, and of the steepest wing below 2: a price charged at points holds between them
POINTS = np.sinh(np.linspace(-4, 4, 61)) / np.sinh(4)  # where negative g has a price, as a share of the farthest
#: Prices of negative g, in turn, as volatility is to be paid with, and the tolerance of the search at each: at the
#: first it finds the valley, at the others it follows it.
PRICES = {0.1: 1e-5, 1.0: 1e-4, 10.0: 1e-4, 100.0: 1e-4, 1000.0: 1e-4}
STEPS = 40  # at each price
PAID = "a fit that pays for arbitrage"


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
    for price, tolerance in PRICES.items():
        floor = None if below is None else below.derivatives(points).value

        def model(p: Floats, price: float = price, points: Floats = points, floor: Floats | None = floor) -> Any:
            rows = [misfit(seen, p), _lack_of_g(p, points, price)]
            if floor is not None:
                rows.append(_lack_of_variance(p, points, floor, price))
            return tuple(np.concatenate(each) for each in zip(*rows, strict=True))

        at, _, more = limits.nearest(model, at, STEPS, tolerance)
        steps += more
        residuals, _ = misfit(seen, at)
        binding = ("g" if below is None else "g or the slice below", *limits.binding(at, PARAMETERS))
        found = Candidate(smile_of(at, seen.expiry), float(residuals @ residuals), steps, binding, PAID)
        crossed = None if below is None else crossing(below, found.smile)
        if found.butterfly.free and (crossed is None or crossed.gap >= 0):
            return found
        dips = [found.butterfly.where, *([] if crossed is None else [crossed.where])]
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
    """What g lacks at points, where it lacks something, and its derivatives by the parameters."""
    least, left, right, m, sigma = parameters
    x = k - m
    r2 = x * x + sigma * sigma
    r = np.sqrt(r2)
    b, tilt = 0.5 * (left + right), 0.5 * (right - left)
    value = least + tilt * x + b * r - sigma * np.sqrt(left * right)
    slope, curvature = tilt + b * x / r, b * sigma * sigma / (r * r2)
    g = gatheral_g(k, value, slope, curvature)
    (at,) = np.nonzero(g < MARGIN)
    k, x, r, r2, slope, curvature = (each[at] for each in (k, x, r, r2, slope, curvature))
    value, by_value = total_variance(parameters, k)
    lean, bend = x / r, sigma * sigma / (r * r2)
    by_slope, by_curvature = np.zeros((len(at), 5)), np.zeros((len(at), 5))
    by_slope[:, 1], by_slope[:, 2] = 0.5 * (lean - 1), 0.5 * (lean + 1)
    by_slope[:, 3], by_slope[:, 4] = -curvature, -b * x * bend / sigma
    by_curvature[:, 1] = by_curvature[:, 2] = 0.5 * bend
    by_curvature[:, 3], by_curvature[:, 4] = 3 * curvature * x / r2, curvature * (2 / sigma - 3 * sigma / r2)
    u = 1 - k * slope / (2 * value)
    with_value = (u * k * slope + slope * slope / 4) / (value * value)
    with_slope = -u * k / value - slope / 2 * (1 / value + 0.25)
    turned = with_value[:, None] * by_value + with_slope[:, None] * by_slope + 0.5 * by_curvature
    return price * (g[at] - MARGIN), price * turned


def _lack_of_variance(parameters: Floats, k: Floats, floor: Floats, price: float) -> tuple[Floats, Floats]:
    """What total variance lacks above a floor, where it does, as a share of it; and its derivatives."""
    value, slopes = total_variance(parameters, k)
    share = value / floor - 1 - MARGIN
    at = share < 0
    return price * share[at], price * slopes[at] / floor[at, None]
