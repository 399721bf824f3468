"""How a surface is fitted: slice by slice, none below the one before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.smile import ssvi_fit, svi_fit
from hedgelab.smile.calendars import crossing
from hedgelab.smile.observed import Observed
from hedgelab.smile.repairs import without_arbitrage
from hedgelab.smile.reports import SurfaceReport, reported
from hedgelab.smile.surfaces import Surface
from hedgelab.smile.svi import SVI
from hedgelab.smile.svi_model import Candidate


def fitted(seen: Sequence[Observed], spot: float, forwards: ArrayLike | None) -> Surface:
    """The surface, with its report."""
    first = [svi_fit.fitted(each, butterflies=False) for each in seen]
    slices, repaired, way = above_each_other(seen, first)
    before, after = (_rms(seen, each) for each in (first, slices))
    left_out = tuple(sorted(row for each in seen for row in each.left_out))
    report = SurfaceReport(after, repaired, way, max(after - before, 0.0) if way else 0.0, left_out)
    surface: Surface = reported(Surface(slices, spot, forwards), report)  # type: ignore[arg-type]
    return surface


def above_each_other(
    seen: Sequence[Observed], first: Sequence[SVI]
) -> tuple[list[SVI], tuple[float, ...], str | None]:
    """Slices of which none is below the one before; expiries of those that had to change; and how."""
    slices: list[SVI] = []
    repaired, way = [], None
    for here, smile in zip(seen, first, strict=True):
        if slices and crossing(slices[-1], smile).gap < 0:
            found = without_arbitrage(here, slices[-1])
            if found is None:
                return _all_of_ssvi(seen, first)
            smile = svi_fit.with_report(here, found, here.rms(smile), 0)
            repaired.append(here.expiry)
            way = found.way
        slices.append(smile)
    return slices, tuple(repaired), way


def _all_of_ssvi(
    seen: Sequence[Observed], first: Sequence[SVI]
) -> tuple[list[SVI], tuple[float, ...], str | None]:
    way, surface = "the nearest SSVI surface", ssvi_fit.fitted(seen)
    slices = []
    for here, smile in zip(seen, first, strict=True):
        found = Candidate(surface.slice(here.expiry), 0.0, 0, ("SSVI",), way)
        slices.append(svi_fit.with_report(here, found, here.rms(smile), 0))
    return slices, tuple(each.expiry for each in seen), way


def _rms(seen: Sequence[Observed], slices: Sequence[SVI]) -> float:
    """That of all quotes."""
    squares = [each.rms(smile) ** 2 for each, smile in zip(seen, slices, strict=True)]
    return float(np.sqrt(np.average(squares, weights=[len(each.log_moneyness) for each in seen])))
