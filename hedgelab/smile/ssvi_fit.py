"""How SSVI is fitted: all expiries at once, in parameters that keep it free of arbitrage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hedgelab.smile.least_squares import Box, differences
from hedgelab.smile.observed import Observed
from hedgelab.smile.reports import FitReport, reported
from hedgelab.smile.ssvi import SSVI
from hedgelab.validation import Floats

EDGE = 1 - 1e-9  # of the limit of eta, which rounding is not to cross


def fitted(seen: Sequence[Observed]) -> SSVI:
    """The surface nearest to the quotes, with its report."""
    quotes = sum(len(each.log_moneyness) for each in seen)
    if quotes < 3 + len(seen):
        raise ValueError(
            f"log_moneyness must have at least {3 + len(seen)} quotes for {len(seen)} expiries, got {quotes}"
        )
    expiries = [each.expiry for each in seen]
    k = np.concatenate([each.log_moneyness for each in seen])[:, None]
    which = np.repeat(np.arange(len(seen)), [len(each.log_moneyness) for each in seen])
    years = np.array(expiries)[which][:, None]
    cuts = np.flatnonzero(np.diff(which)) + 1

    def volatility(parameters: Floats) -> Floats:
        rho, eta, gamma, thetas = _terms(parameters)
        theta = thetas[which]
        steep = k * eta * theta**-gamma * (1 + theta) ** (gamma - 1)
        w = 0.5 * theta * (1 + rho * steep + np.sqrt((steep + rho) ** 2 + 1 - rho**2))
        return np.asarray(np.sqrt(w / years))

    def model(parameters: Floats) -> tuple[Floats, Floats]:
        here, slopes = differences(volatility, parameters)
        parts = [each.residuals(part) for each, part in zip(seen, np.split(here, cuts), strict=True)]
        by_volatility = np.concatenate([np.broadcast_to(slope, part.shape) for part, slope in parts])
        return np.concatenate([part for part, _ in parts]), slopes * by_volatility[:, None]

    level = np.maximum.accumulate([np.interp(0, each.log_moneyness, each.total_variance) for each in seen])
    limits = Box(
        np.array([-0.999, 1e-3, 0.0, *np.full(len(seen), -20.0)]), np.array([0.999, EDGE, 0.5, *np.log(4 * level)])
    )
    rises = np.log(np.diff(level, prepend=0) + 1e-3 * level)
    starts = [np.array([tilt, 0.5, 0.4, *rises]) for tilt in (-0.6, 0.3)]
    found = [limits.nearest(model, start) for start in starts]
    parameters, _, _ = min(found, key=lambda each: each[1])
    rho, eta, gamma, thetas = _terms(parameters[:, None])
    surface = SSVI(float(rho[0]), float(eta[0]), float(gamma[0]), tuple(expiries), tuple(thetas[:, 0].tolist()))
    slices = [surface.slice(each) for each in expiries]
    rms = np.sqrt(np.average(np.square([each.rms(smile) for each, smile in zip(seen, slices, strict=True)]),
                             weights=[len(each.log_moneyness) for each in seen]))  # fmt: skip
    worst = min((smile.butterfly() for smile in slices), key=lambda each: each.least)
    names = ("rho", "eta", "gamma", *(f"theta at {each:g}" for each in expiries))
    steps, left_out = sum(each[2] for each in found), tuple(sorted(row for each in seen for row in each.left_out))
    report = FitReport(float(rms), steps, limits.binding(parameters, names), worst, left_out=left_out)
    answer: SSVI = reported(surface, report)
    return answer


def _terms(parameters: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """rho, eta, gamma and the thetas: eta as a share of its limit, thetas by the logs of how much they rise."""
    rho, share, gamma = parameters[:3]
    return rho, 2 * share / (1 + np.abs(rho)), gamma, np.cumsum(np.exp(parameters[3:]), axis=0)
