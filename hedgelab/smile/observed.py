"""The quotes of one expiry that a smile is fitted to, checked, in order, and the distance of a smile from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab.smile.slices import Slice, checked
from hedgelab.validation import Floats, between, finite, not_negative, positive, require

LEAST_VOLATILITY, MOST_VOLATILITY = 1e-4, 100.0
TIE = 1e-3  # what a distance from the middle counts between bid and ask, where distance from the edge counts 1


@dataclass(frozen=True, eq=False)
class Observed:
    """Volatilities by log moneyness, in its order; roots of weights whose squares are 1 on average."""

    log_moneyness: Floats
    volatility: Floats
    expiry: float
    root_weight: Floats
    spread: tuple[Floats, Floats] | None
    left_out: tuple[tuple[int, str], ...]

    @property
    def total_variance(self) -> Floats:
        """The square of volatility times expiry."""
        return self.volatility**2 * self.expiry

    def residuals(self, volatility: Any) -> tuple[Any, Any]:
        """What a fit makes the squares of least, and its derivative by volatility."""
        distance = volatility - self.volatility
        if self.spread is None:
            return self.root_weight * distance, self.root_weight
        bid, ask = self.spread
        outside = volatility - np.clip(volatility, bid, ask)
        counted = np.where(outside == 0, TIE, 1.0 + TIE)
        return self.root_weight * (outside + TIE * distance), self.root_weight * counted

    def rms(self, smile: Slice) -> float:
        """Root mean square of a smile's distance, in basis points; between bid and ask there is none."""
        volatility = np.sqrt(smile.derivatives(self.log_moneyness).value / self.expiry)
        if self.spread is None:
            distance = volatility - self.volatility
        else:
            distance = volatility - np.clip(volatility, *self.spread)
        return float(1e4 * np.sqrt(np.mean((self.root_weight * distance) ** 2)))


def observed(
    log_moneyness: ArrayLike,
    volatility: ArrayLike,
    expiry: float,
    weights: ArrayLike | None,
    bid: ArrayLike | None,
    ask: ArrayLike | None,
    parameters: int,
) -> Observed:
    """The quotes, if a smile with so many parameters can be fitted to them."""
    expiry = between(1e-6, 1000)("expiry", expiry)
    k = checked(log_moneyness)
    columns = {"volatility": volatilities("volatility", volatility)}
    if weights is not None:
        columns["weights"] = not_negative("weights", weights)
    if (bid is None) != (ask is None):
        raise ValueError(
            f"bid and ask must both be given or both be left out, got only {'ask' if bid is None else 'bid'}"
        )
    if bid is not None and ask is not None:
        columns |= {"bid": volatilities("bid", bid), "ask": volatilities("ask", ask)}
        for name in ("bid", "ask"):
            _as_long_as(k, name, columns[name])
    for name, column in columns.items():
        _as_long_as(k, name, column)
    if "bid" in columns:
        require("bid", columns["bid"], columns["bid"] <= columns["ask"], "must not be above ask, crossed")
        middle = columns["volatility"]
        inside = (columns["bid"] <= middle) & (middle <= columns["ask"])
        require("volatility", middle, inside, "must lie between bid and ask")
    variance = columns["volatility"] ** 2 * expiry
    require("volatility**2 * expiry", variance, (variance >= 1e-12) & (variance <= 25), "must be from 1e-12 to 25")
    weight = columns.get("weights", np.ones(len(k)))
    counted = np.flatnonzero(weight > 0)
    _enough(k, counted, parameters)
    order = counted[np.argsort(k[counted], kind="stable")]
    twice = np.flatnonzero(np.diff(k[order]) == 0)
    if twice.size:
        raise ValueError(
            f"log_moneyness must not have a strike twice, got {k[order[twice[0]]]} at index {order[twice[0]]} and "
            f"{order[twice[0] + 1]}"
        )
    root = np.sqrt(weight[order] / weight[order].max())
    root = root / np.sqrt(np.mean(root**2))
    spread = (columns["bid"][order], columns["ask"][order]) if "bid" in columns else None
    left_out = tuple((int(i), "its weight is 0") for i in np.flatnonzero(weight == 0))
    return Observed(k[order], columns["volatility"][order], expiry, root, spread, left_out)


def observed_surface(
    log_moneyness: ArrayLike,
    volatility: ArrayLike,
    expiry: ArrayLike,
    weights: ArrayLike | None,
    bid: ArrayLike | None,
    ask: ArrayLike | None,
    parameters: int,
) -> list[Observed]:
    """The quotes of each expiry in turn, if a smile with so many parameters can be fitted to each."""
    k, years = checked(log_moneyness), positive("expiry", expiry)
    columns: dict[str, Any] = {"volatility": volatilities("volatility", volatility), "expiry": years}
    for name, column in (("weights", weights), ("bid", bid), ("ask", ask)):
        if column is not None:
            columns[name] = finite(name, column)
    for name, column in columns.items():
        _as_long_as(k, name, column)
    seen = []
    for each in np.unique(years):
        rows = np.flatnonzero(years == each)
        weight, low, high = (
            columns[name][rows] if name in columns else None for name in ("weights", "bid", "ask")
        )
        try:
            here = observed(k[rows], columns["volatility"][rows], each, weight, low, high, parameters)
        except ValueError as error:
            raise ValueError(f"at expiry {each:g}, {error}") from None
        seen.append(replace(here, left_out=tuple((int(rows[i]), why) for i, why in here.left_out)))
    if not seen:
        raise ValueError("log_moneyness must have quotes, got none")
    return seen


def volatilities(name: str, value: ArrayLike) -> Floats:
    """`value` as volatilities that a smile can have."""
    array = positive(name, value)
    return require(
        name, array, (array >= LEAST_VOLATILITY) & (array <= MOST_VOLATILITY), "must be between 0.0001 and 100"
    )


def _as_long_as(k: Floats, name: str, column: Floats) -> None:
    if k.ndim != 1 or column.shape != k.shape:
        raise ValueError(
            f"log_moneyness and {name} must be lists of one length, got shapes {k.shape} and {column.shape}"
        )


def _enough(k: Floats, counted: Any, parameters: int) -> None:
    """Refuse what cannot tell so many parameters, or says nothing of one side."""
    if len(counted) < parameters:
        raise ValueError(f"log_moneyness must have at least {parameters} quotes with a weight, got {len(counted)}")
    if not k[counted].min() < 0 < k[counted].max():
        raise ValueError(
            "log_moneyness must have quotes on both sides of the money, got "
            f"{finite('log_moneyness', k[counted]).min():g} to {k[counted].max():g}"
        )
