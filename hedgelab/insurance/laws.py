"""What an insured fund ends with, where it is known in closed form.

All of it is for a share that follows geometric Brownian motion and pays no dividend, and for trading that goes
on all the time and costs nothing.  `value` is the fund's at first and `floor` a fraction of it, as in `insure`;
amounts are in the value's currency, rates are continuously compounded, per year, and arrays broadcast.

An `omega` is what the fund ends with above `threshold`, on average over all outcomes, for each unit by which it
ends below, infinite where it never does; the threshold is the value at first unless given.  C. Keating & W. F.
Shadwick (2002), "A universal performance measure", Journal of Performance Measurement 6.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from hedgelab import black_scholes, validation
from hedgelab.insurance.terms import CALL, PUT, at_least_one, beyond, omega_of, positives, world


class HoldingLaw(NamedTuple):
    """Of a fund that holds shares: mean, standard deviation and median at the end, and omega."""

    mean: Any
    deviation: Any
    median: Any
    omega: Any


class OptionBasedLaw(NamedTuple):
    """Of a fund of shares and puts: the strike, the units of both, the premium of all puts; and the end."""

    strike: Any
    units: Any
    premium: Any
    mean: Any
    deviation: Any
    at_floor: Any  # the probability of ending there
    omega: Any


class CPPILaw(NamedTuple):
    """Of a fund that trades all the time by CPPI: mean, standard deviation and median at the end, and omega."""

    mean: Any
    deviation: Any
    median: Any
    omega: Any


@np.errstate(all="ignore")
def holding_law(
    value: ArrayLike,
    horizon: ArrayLike,
    volatility: ArrayLike,
    drift: ArrayLike,
    threshold: ArrayLike | None = None,
) -> HoldingLaw:
    """What a fund ends with that buys shares for all it has and holds them: a lognormal amount.

    Examples
    --------
    >>> round(float(holding_law(100, horizon=1, volatility=0.2, drift=0.08).omega), 9)
    2.74044646
    """
    value, horizon, volatility = positives(value=value, horizon=horizon, volatility=volatility)
    drift = validation.finite("drift", drift)
    level = value if threshold is None else validation.positive("threshold", threshold)
    mean = value * np.exp(drift * horizon)
    deviation = mean * np.sqrt(np.expm1(volatility**2 * horizon))
    median = value * np.exp((drift - volatility**2 / 2) * horizon)
    above, below = (beyond(kind, value, level, horizon, volatility, drift) for kind in (CALL, PUT))
    return HoldingLaw(mean, deviation, median, omega_of(above, below))


@np.errstate(all="ignore")
def option_based_law(
    value: ArrayLike,
    floor: ArrayLike,
    horizon: ArrayLike,
    volatility: ArrayLike,
    drift: ArrayLike,
    rate: ArrayLike = 0.0,
    spot: ArrayLike | None = None,
    threshold: ArrayLike | None = None,
) -> OptionBasedLaw:
    """Option-based portfolio insurance: so many shares and puts that the fund pays for both and ends at the floor.

    The fund buys ``units`` of the share and of a put, with ``units (spot + put) = value`` and ``units strike`` the
    floor, and ends with ``units max(S, strike)``.  H. E. Leland (1980), "Who should buy portfolio insurance?",
    Journal of Finance 35; M. Rubinstein (1985), "Alternative paths to portfolio insurance", Financial Analysts
    Journal 41.  The strike is found by Newton's method, in the form ``call(strike) / strike = value / floor -
    exp(-rate horizon)``, whose left side is convex in the strike's logarithm.

    Parameters
    ----------
    spot : the share's first price; the value (one share) unless given

    Examples
    --------
    >>> law = option_based_law(100, floor=0.9, horizon=1, volatility=0.2, drift=0.08, rate=0.03)
    >>> round(float(law.strike), 8), round(float(law.units), 10), round(float(law.at_floor), 10)
    (93.43827614, 0.9632027015, 0.2612990716)
    """
    value, least, horizon, volatility, drift, rate = world(value, floor, horizon, volatility, drift, rate)
    spot = value if spot is None else validation.positive("spot", spot)
    level = value if threshold is None else validation.positive("threshold", threshold)
    strike = spot * _strike(least / value, horizon, volatility, rate)
    units = least / strike
    total = volatility * np.sqrt(horizon)
    d2 = (np.log(spot / strike) + (drift - volatility**2 / 2) * horizon) / total
    grown = spot * np.exp(drift * horizon)
    gain = grown * ndtr(d2 + total) - strike * ndtr(d2)
    square = (
        grown**2 * np.exp(total**2) * ndtr(d2 + 2 * total)
        - 2 * strike * grown * ndtr(d2 + total)
        + strike**2 * ndtr(d2)
    )
    premium = units * black_scholes.value(PUT, spot, strike, horizon, volatility, rate)
    mean = least + units * gain
    at = strike + np.maximum(level - least, 0.0) / units  # where the share ends if the fund ends at the level
    call, put, sure = (
        units * beyond(*of, horizon, volatility, drift)
        for of in ((CALL, spot, at), (PUT, spot, at), (PUT, spot, strike))
    )
    omega = omega_of(call + np.maximum(least - level, 0.0), put - sure)
    return OptionBasedLaw(strike, units, premium, mean, units * np.sqrt(square - gain**2), ndtr(-d2), omega)


@np.errstate(all="ignore")
def cppi_law(
    value: ArrayLike,
    floor: ArrayLike,
    multiplier: ArrayLike,
    horizon: ArrayLike,
    volatility: ArrayLike,
    drift: ArrayLike,
    rate: ArrayLike = 0.0,
    threshold: ArrayLike | None = None,
) -> CPPILaw:
    """Constant-proportion portfolio insurance, traded all the time and without a cap: the floor and a lognormal.

    The cushion over the floor's present value, of which `multiplier` times as much is in shares, grows like a
    share with a volatility of ``multiplier volatility`` and a drift of ``rate + multiplier (drift - rate)``. P.
    Bertrand & J.-L. Prigent (2005), "Portfolio insurance strategies: CPPI versus OBPI", Finance 26; after A. F.
    Perold (1986), "Constant proportion portfolio insurance".

    Examples
    --------
    >>> law = cppi_law(100, floor=0.9, multiplier=4, horizon=1, volatility=0.2, drift=0.08, rate=0.03)
    >>> round(float(law.mean), 7), round(float(law.deviation), 8), round(float(law.median), 7)
    (105.9337528, 15.08650321, 101.5702792)
    """
    value, least, horizon, volatility, drift, rate = world(value, floor, horizon, volatility, drift, rate)
    multiplier = at_least_one(multiplier)
    level = value if threshold is None else validation.positive("threshold", threshold)
    cushion = value - least * np.exp(-rate * horizon)
    growth = rate + multiplier * (drift - rate)
    law = holding_law(cushion, horizon, multiplier * volatility, growth, np.maximum(level - least, 1e-300))
    return CPPILaw(least + law.mean, law.deviation, least + law.median, law.omega)


@np.errstate(all="ignore")
def equal_mean_multiplier(
    spot: ArrayLike,
    strike: ArrayLike,
    horizon: ArrayLike,
    volatility: ArrayLike,
    drift: ArrayLike,
    rate: ArrayLike = 0.0,
) -> Any:
    """The multiplier at which CPPI has the mean of option-based insurance with this strike and the same floor.

    ``1 + log(call(drift) / call(rate)) / ((drift - rate) horizon)``, with the call's Black-Scholes value at the
    one and the other as riskless rate.  Bertrand & Prigent (2005).  Where drift and rate are one it is the
    call's elasticity.

    Examples
    --------
    >>> round(float(equal_mean_multiplier(100, 100, horizon=1, volatility=0.2, drift=0.10, rate=0.05)), 9)
    5.776473101
    """
    spot, strike, horizon, volatility = positives(spot=spot, strike=strike, horizon=horizon, volatility=volatility)
    drift, rate = validation.finite("drift", drift), validation.finite("rate", rate)
    at_drift, at_rate = (
        black_scholes.value(CALL, spot, strike, horizon, volatility, each) for each in (drift, rate)
    )
    elasticity = spot * black_scholes.delta(CALL, spot, strike, horizon, volatility, rate) / at_rate
    apart = (drift - rate) * horizon
    return np.where(np.abs(apart) > 1e-9, 1 + np.log(at_drift / at_rate) / apart, elasticity)[()]


def _strike(share: Any, horizon: Any, volatility: Any, rate: Any) -> Any:
    """The strike of option-based insurance, in first prices, for a floor that is `share` of the value."""
    wanted = 1 / share - np.exp(-rate * horizon)
    strike = np.array(
        np.broadcast_arrays(share, wanted, volatility)[0]
    )  # too low, so that Newton comes from the left
    for _ in range(200):
        call = black_scholes.value(CALL, 1.0, strike, horizon, volatility, rate)
        delta = black_scholes.delta(CALL, 1.0, strike, horizon, volatility, rate)
        step = (call - strike * wanted) / delta
        strike = strike * np.exp(step)
        if np.all(np.abs(step) < 1e-15):
            break
    return strike[()]
