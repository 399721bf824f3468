"""What a risky P&L is worth to somebody with exponential utility."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.validation import Floats, between, finite


class CertaintyEquivalent(NamedTuple):
    """A sure amount that is as good as a risky one, in currency, and its standard error."""

    value: float
    error: float


def certainty_equivalent(
    pnl: ArrayLike, risk_aversion: float, beside: ArrayLike | None = None
) -> CertaintyEquivalent:
    """The sure amount that somebody with exponential utility likes as much as this P&L.

    ``-log(mean(exp(-risk_aversion pnl))) / risk_aversion``: the mean less half the risk aversion times the
    variance, where the P&L is normal.  The worst paths decide, so where the P&L has a heavy lower tail, as under
    jumps, the standard error is no guide; report mean and variance there.  K. J. Arrow (1965), "Aspects of the
    theory of risk-bearing"; S. D. Hodges & A. Neuberger (1989), "Optimal replication of contingent claims under
    transaction costs", Review of Futures Markets 8.

    Parameters
    ----------
    pnl : one number per path, two or more
    risk_aversion : absolute, per unit of currency
    beside : the P&L of another policy on the same paths, of which the certainty equivalent is taken off; the
        standard error is that of the difference, which common luck does not blur

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    A coin that pays 1 or takes it:

    >>> found = certainty_equivalent([1.0, -1.0], risk_aversion=1.0)
    >>> bool(np.isclose(found.value, -np.log(np.cosh(1))))
    True
    """
    aversion = between(1e-12, 1e12)("risk_aversion", risk_aversion)
    columns = [_paths("pnl", pnl)]
    if beside is not None:
        columns.append(_paths("beside", beside))
        if columns[1].size != columns[0].size:
            raise ValueError(f"beside must have one number per path, {columns[0].size}, got {columns[1].size}")
    values, spreads = [], []
    for column in columns:
        worst = column.min()
        pain = np.exp(-aversion * (column - worst))
        mean = pain.mean()
        values.append(worst - np.log(mean) / aversion)
        spreads.append(pain / mean)
    apart = values[0] - (values[1] if beside is not None else 0.0)
    noise = spreads[0] - (spreads[1] if beside is not None else 1.0)
    return CertaintyEquivalent(float(apart), float(noise.std() / (aversion * np.sqrt(noise.size))))


def _paths(name: str, pnl: ArrayLike) -> Floats:
    column = finite(name, pnl)
    if column.ndim != 1 or column.size < 2:
        raise ValueError(f"{name} must have one number per path, two or more, got shape {column.shape}")
    return column
