"""How SVI is fitted: a start, a refinement in all parameters, and a repair of butterflies."""

from __future__ import annotations

from hedgelab.smile.observed import Observed
from hedgelab.smile.repairs import without_arbitrage
from hedgelab.smile.reports import FitReport, reported
from hedgelab.smile.svi import SVI
from hedgelab.smile.svi_model import PARAMETERS, Candidate, box, misfit, parameters_of, smile_of
from hedgelab.smile.svi_starts import given, refined, ssvi_slice, start

STEPS = 60  # in all parameters; where no hyperbola is near the quotes, more would gain a tenth of a basis point


def fitted(seen: Observed, butterflies: bool) -> SVI:
    """The smile nearest to the quotes, with its report."""
    best = nearest(seen)
    rms, repaired = seen.rms(best.smile), None
    if not butterflies and best.butterfly:
        repaired = without_arbitrage(seen)
    return with_report(seen, repaired or best, rms, best.steps if repaired else 0)


def with_report(seen: Observed, found: Candidate, nearest_rms: float, before: int) -> SVI:
    """The smile that was found, with its report; what was nearer had this rms, and took so many steps before."""
    rms = seen.rms(found.smile)
    cost = max(rms - nearest_rms, 0.0) if found.way else 0.0
    steps = before + found.steps
    report = FitReport(rms, steps, found.binding, found.butterfly, found.way, cost, seen.left_out)
    smile: SVI = reported(found.smile, report)
    return smile


def nearest(seen: Observed) -> Candidate:
    """The least squares of volatility, butterflies or not."""
    limits, first = box(seen), start(seen)
    m, sigma, steps = refined(seen, first)
    whole = given(seen, m, sigma)
    if (limits.low < whole).all() and (whole < limits.high).all():
        tried = [whole]
    else:  # nearest is no hyperbola, or one with a wing that falls
        tried = [first, parameters_of(ssvi_slice(seen).smile)]
    found = [limits.nearest(lambda p: misfit(seen, p), each, STEPS) for each in tried]
    parameters, least, _ = min(found, key=lambda each: each[1])
    steps += sum(more for _, _, more in found)
    return Candidate(smile_of(parameters, seen.expiry), least, steps, limits.binding(parameters, PARAMETERS))
