"""What the closed forms of insured funds have in common: their arguments, and the means beyond a level."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab import black_scholes, validation
from hedgelab.validation import Floats

CALL, PUT = 1.0, -1.0


def beyond(kind: float, spot: Any, level: Any, horizon: Any, volatility: Any, drift: Any) -> Any:
    """The mean of how far a lognormal price ends above a level, for `CALL`, or below it, for `PUT`."""
    return np.exp(drift * horizon) * black_scholes.value(kind, spot, level, horizon, volatility, drift)


@np.errstate(divide="ignore")
def omega_of(above: Any, below: Any) -> Any:
    """What is above a level for each unit below it, infinite where nothing is."""
    return np.divide(above, np.maximum(below, 0.0))


def positives(**given: ArrayLike) -> list[Floats]:
    """Each of these, if they are positive numbers whose shapes go together."""
    arrays = {name: validation.positive(name, value) for name, value in given.items()}
    validation.broadcast(**arrays)
    return list(arrays.values())


def world(
    value: ArrayLike,
    floor: ArrayLike,
    horizon: ArrayLike,
    volatility: ArrayLike,
    drift: ArrayLike,
    rate: ArrayLike,
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """A fund's value, its floor in currency, the horizon and its share's terms, if they go together."""
    value, horizon, volatility = positives(value=value, horizon=horizon, volatility=volatility)
    drift, rate = validation.finite("drift", drift), validation.finite("rate", rate)
    return value, floor_amount(value, floor, horizon, rate), horizon, volatility, drift, rate


def floor_amount(value: Floats, floor: ArrayLike, horizon: Floats, rate: Floats) -> Floats:
    """The floor in currency, if cash alone could reach it."""
    share = validation.positive("floor", floor)
    validation.broadcast(floor=share, value=value, horizon=horizon, rate=rate)
    high = share * np.exp(-rate * horizon) >= 1
    if np.any(high):
        most = np.broadcast_to(np.exp(rate * horizon), high.shape)[high].flat[0]
        found = np.broadcast_to(share, high.shape)[high].flat[0]
        raise ValueError(f"floor must be below exp(rate * horizon), {most:.6g}, what cash grows to, got {found}")
    return share * value


def at_least_one(multiplier: ArrayLike) -> Floats:
    """A multiplier of at least one."""
    array = validation.positive("multiplier", multiplier)
    if np.any(array < 1):
        raise ValueError(f"multiplier must be at least 1, got {array.min()}")
    return array
