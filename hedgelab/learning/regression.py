"""A delta that is learned from what options did: Hull and White's minimum-variance regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab import validation
from hedgelab.beliefs import quoted_volatility
from hedgelab.instruments import Option
from hedgelab.introductions import Introduced, written
from hedgelab.learning.changes import DailyChanges
from hedgelab.validation import (
    Checked,
    Finite,
    Floats,
    finite,
    finite_scalar,
    not_negative,
    optional,
    positive,
    refusal,
)

FEWEST = 10  # days that a fit begins with


def _three(name: str, value: Any) -> tuple[float, ...]:
    numbers = not_negative(name, value)
    if numbers.shape != (3,):
        raise ValueError(f"{name} must be three numbers, got shape {numbers.shape}")
    return tuple(numbers.tolist())


@dataclass(frozen=True)
class LearnedDelta(Introduced, Checked):
    """Black and Scholes's delta, and what the smile's moves with the spot add to it, learned from data.

    ::

        delta_MV = delta + vega / (spot sqrt(expiry)) (a + b delta + c delta**2)

    J. Hull & A. White (2017), "Optimal delta hedging for options", Journal of Banking & Finance 82.  `hedge` takes
    it as its ``delta``; delta and vega are then those at the quoted volatility.  A put counts with the delta of
    the call at its strike, as parity asks.

    Parameters
    ----------
    a, b, c : without unit; `fit` finds them
    errors : their standard errors
    in_sample : the gain in variance on the data of the fit

    Examples
    --------
    Three years to learn from, and what the delta gains on three others:

    >>> from hedgelab import Heston
    >>> from hedgelab.learning import daily_changes
    >>> world = Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
    >>> past, future = (daily_changes(world, quotes=world, seed=seed) for seed in (1, 2))
    >>> learned = LearnedDelta.fit(past)
    >>> round(learned.in_sample, 2), round(learned.gain(future), 2)
    (0.17, 0.18)
    """

    a: Finite
    b: Finite
    c: Finite
    errors: Annotated[tuple[float, ...] | None, optional(_three)] = None
    in_sample: Annotated[float | None, optional(finite_scalar)] = None

    @classmethod
    @np.errstate(all="ignore")  # what is too large is found below
    def fit(cls, changes: DailyChanges) -> LearnedDelta:
        """Least squares, every row with the same weight.

        What Black and Scholes's hedge leaves of a day, per unit of spot, is regressed on three numbers, without a
        constant::

            (price_change - delta spot_change) / spot
                on  vega / sqrt(expiry) spot_change / spot**2   times   1, delta, delta**2

        Options of one day share its luck, so the standard errors take each day of each path for one observation:
        K.-Y. Liang & S. L. Zeger (1986), "Longitudinal data analysis using generalized linear models", Biometrika
        73.  They are those of one formula for all times; where the best coefficients depend on a variance that
        moves slowly, as in Heston's model, those of two periods differ by several errors.  Judge the fit on data
        that it has not seen: later days, or other paths.

        Raises
        ------
        ValueError
            Where the days are fewer than ten, or do not tell the three coefficients apart.
        """
        if not isinstance(changes, DailyChanges):
            raise refusal("changes must be DailyChanges", changes)
        group, n_groups = changes.groups()
        if n_groups < FEWEST:
            raise ValueError(f"changes must be of at least {FEWEST} days, got {n_groups}")
        moved = changes.spot_change / changes.spot
        left = finite("what is left", changes.price_change / changes.spot - changes.delta * moved)
        columns = finite("vega", _terms(changes.delta, changes.vega, changes.spot, changes.expiry) * moved)
        (a, b, c), _, rank, _ = np.linalg.lstsq(columns.T, left, rcond=1e-7)
        if rank < 3:
            raise ValueError("changes must be of options of at least three deltas, with spots that move")
        scores = columns * (left - np.array([a, b, c]) @ columns)
        by_day = np.array([np.bincount(group, weights=score) for score in scores])
        share = np.linalg.solve(columns @ columns.T, by_day)  # of each day in the coefficients
        errors = np.sqrt(np.sum(share**2, axis=1) * n_groups / (n_groups - 1)).tolist()
        return cls(a, b, c, tuple(errors), cls(a, b, c).gain(changes))

    @np.errstate(all="ignore")  # as above
    def shares(self, delta: ArrayLike, vega: ArrayLike, spot: ArrayLike, expiry: ArrayLike) -> Any:
        """The shares that hedge options with these deltas and vegas at the quoted volatility.

        `vega` is per unit of volatility, `expiry` in years from now; arrays broadcast.

        Examples
        --------
        >>> LearnedDelta(-0.25, 0.5, -0.5).shares(0.5, vega=20.0, spot=100.0, expiry=0.25).round(4)
        np.float64(0.45)
        """
        delta, vega = finite("delta", delta), not_negative("vega", vega)
        spot, expiry = positive("spot", spot), positive("expiry", expiry)
        validation.broadcast(delta=delta, vega=vega, spot=spot, expiry=expiry)
        return finite("the shares", self._shares(delta, vega, spot, expiry))[()]

    @np.errstate(all="ignore")  # as above
    def gain(self, changes: DailyChanges) -> float:
        """By what fraction it leaves less variance than Black and Scholes's delta; see `DailyChanges.gain`."""
        return changes.gain(self._shares(changes.delta, changes.vega, changes.spot, changes.expiry))

    def quoted_delta(self, option: Option, view: Any) -> Any:
        """The shares for one option at one step of a walk, at the volatility that is quoted."""
        years = option.expiry - view.time
        volatility = np.nan_to_num(quoted_volatility(view.terms.quotes, option, view))
        delta, vega = option.greeks(("delta", "vega"), view.spot, years, volatility, *view.terms.rates)
        return self._shares(delta, vega, view.spot, years)

    def introduction(self) -> Mapping[str, str]:
        """The coefficients with their errors, and the gain."""
        errors = self.errors or (None,) * 3
        told = {
            name: f"{getattr(self, name):.4g}" + ("" if error is None else f" ({error:.2g})")
            for name, error in zip("abc", errors, strict=True)
        }
        return told | {"gain in sample": written(self.in_sample)}

    def _shares(self, delta: Any, vega: Any, spot: Any, expiry: Any) -> Any:
        """The formula."""
        return delta + np.tensordot([self.a, self.b, self.c], _terms(delta, vega, spot, expiry), 1)


def _terms(delta: Any, vega: Any, spot: Any, expiry: Any) -> Floats:
    """What the coefficients are multiplied with, a row for each."""
    of_the_call = delta + (delta < 0)
    unit = vega / (spot * np.sqrt(expiry))
    return np.array(np.broadcast_arrays(unit, unit * of_the_call, unit * of_the_call**2))
