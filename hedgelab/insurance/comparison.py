"""Ways to insure one fund side by side, on the same paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hedgelab import validation
from hedgelab.insurance.insuring import insure
from hedgelab.insurance.methods import Holding, Method
from hedgelab.insurance.runs import InsuredRun
from hedgelab.markets import Market
from hedgelab.validation import Floats

if TYPE_CHECKING:
    import pandas as pd


def compare(
    value: float,
    floor: float,
    horizon: float,
    market: Market,
    methods: Mapping[str, Method],
    *,
    threshold: float | None = None,
    **terms: Any,
) -> pd.DataFrame:
    """How one fund ends by each method, on the same paths, every number with its standard error.

    Parameters
    ----------
    value, floor, horizon, market : as in `insure`
    methods : what to call each method, and the method
    threshold : of omega, in currency; the value at first unless given
    terms : the other arguments of `insure`; `seed` must be given, so that all methods meet the same paths

    Returns
    -------
    pandas.DataFrame
        A row for each method, amounts in currency: `mean`, `deviation` and `median` of what the fund ends with;
        `below floor`, the fraction of paths that end there, and `shortfall`, by how much those do on average (0
        where none does); the `worst` path; `omega`, infinite where no path ends below the threshold; and `given
        up`, by how much less the fund ends with than had it held shares.  "error of ..." is the standard error
        of each but `worst`; NaN where paths are too few for one.

    Raises
    ------
    ValueError
        When there is no method, the seed is missing, or as `insure` does.

    Examples
    --------
    >>> import hedgelab as hl
    >>> table = compare(100, 0.9, 1.0, hl.GBM(100, 0.2, drift=0.08), {"put": hl.RealPut(), "stop": hl.StopLoss()},
    ...                 rate=0.03, steps=252, n_paths=2000, seed=1)
    >>> float(table["below floor"]["put"]), bool(table["below floor"]["stop"] > 0.3)
    (0.0, True)
    """
    import pandas as pd  # takes as long to import as all the rest

    if terms.get("seed") is None or isinstance(terms["seed"], np.random.Generator):
        raise ValueError(
            f"seed must be a number or a SeedSequence: all methods are to meet the same paths, "
            f"got {validation.short(terms.get('seed'))}"
        )
    if not isinstance(methods, Mapping) or not methods:
        raise ValueError(f"methods must be a dict of at least one, got {validation.short(methods)}")
    level = value if threshold is None else validation.finite_scalar("threshold", threshold)
    held = insure(value, floor, horizon, market, Holding(), **(terms | {"policy": None})).wealth
    rows = {
        name: _row(insure(value, floor, horizon, market, method, **terms), held, level)
        for name, method in methods.items()
    }
    return pd.DataFrame(rows).T.rename_axis("method")


def _row(run: InsuredRun, held: Floats, level: float) -> dict[str, float]:
    """The numbers of one method."""
    wealth, short, given_up = run.wealth, run.shortfall[run.failed], held - run.wealth
    above, below = np.maximum(wealth - level, 0.0), np.maximum(level - wealth, 0.0)
    omega = run.omega(level)
    failing = run.failed.mean()
    several = wealth.size > 1
    deviation = wealth.std(ddof=1) if several else np.nan
    of_variance = _error((wealth - wealth.mean()) ** 2)
    found = {
        "mean": (wealth.mean(), _error(wealth)),
        "deviation": (deviation, of_variance / (2 * deviation) if deviation else 0.0),
        "median": (np.median(wealth), _error_of_median(wealth)),
        "below floor": (failing, np.sqrt(failing * (1 - failing) / wealth.size) if several else np.nan),
        "shortfall": (short.mean() if short.size else 0.0, _error(short) if short.size else 0.0),
        "worst": (wealth.min(),),
        "omega": (omega, _error(above - omega * below) / below.mean() if np.isfinite(omega) else np.nan),
        "given up": (given_up.mean(), _error(given_up)),
    }
    row = {}
    for name, numbers in found.items():
        for label, number in zip((name, f"error of {name}"), numbers, strict=False):
            row[label] = float(number)
    return row


def _error(sample: Floats) -> float:
    """The standard error of a mean."""
    return float(sample.std(ddof=1) / np.sqrt(sample.size)) if sample.size > 1 else np.nan


def _error_of_median(sample: Floats) -> float:
    """Half the distance between the order statistics one standard error of a rank above and below the middle."""
    away = 0.5 / np.sqrt(sample.size)
    low, high = np.quantile(sample, [0.5 - away, 0.5 + away]) if sample.size > 1 else (np.nan, np.nan)
    return float(high - low) / 2
