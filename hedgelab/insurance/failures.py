"""Where floors fail: between two trades, at a jump, and where everything is sold at a price; in closed form.

As in `hedgelab.insurance.laws`: no dividends, no costs, `value` and `floor` as in `insure`, and arrays broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import exprel, log_ndtr, ndtr

from hedgelab import black_scholes, validation
from hedgelab.insurance.terms import CALL, PUT, at_least_one, floor_amount, omega_of, positives, world
from hedgelab.markets import Merton


class GapLaw(NamedTuple):
    """Of a fund whose floor can fail: the probability, the mean shortfall where it does, and the mean of all."""

    failure: Any
    shortfall: Any  # NaN where the floor cannot fail
    mean: Any


class StopLossLaw(NamedTuple):
    """Of a fund that sells everything at the floor: how likely it does, the mean at the end, and omega."""

    stopped: Any
    mean: Any
    omega: Any


class SwitchingCost(NamedTuple):
    """What switching in and out at a strike costs: mean and standard deviation."""

    mean: Any
    deviation: Any


@np.errstate(all="ignore")
def rebalanced_cppi_law(
    value: ArrayLike,
    floor: ArrayLike,
    multiplier: ArrayLike,
    horizon: ArrayLike,
    volatility: ArrayLike,
    drift: ArrayLike,
    rate: ArrayLike = 0.0,
    *,
    steps: int,
) -> GapLaw:
    """CPPI without a cap that trades at `steps` equal intervals, and holds cash once the floor is lost.

    In each interval the cushion is lost if the share falls by more than ``1 / multiplier`` against cash.
    S. Balder, M. Brandl & A. Mahayni (2009), "Effectiveness of CPPI strategies under discrete-time trading",
    Journal of Economic Dynamics and Control 33.

    Examples
    --------
    >>> law = rebalanced_cppi_law(100, 0.8, multiplier=10, horizon=1, volatility=0.2, drift=0.08, rate=0.03,
    ...                           steps=12)
    >>> round(float(law.failure), 10), round(float(law.shortfall), 9), round(float(law.mean), 7)
    (0.3135646359, 7.062004634, 118.1734839)
    """
    value, least, horizon, volatility, drift, rate = world(value, floor, horizon, volatility, drift, rate)
    multiplier = at_least_one(multiplier)
    steps = validation.whole("steps", steps, minimum=1)
    cushion, dt = value - least * np.exp(-rate * horizon), horizon / steps
    total = volatility * np.sqrt(dt)
    d2 = (np.log(multiplier / (multiplier - 1)) + (drift - rate - volatility**2 / 2) * dt) / total
    ahead = multiplier * np.exp((drift - rate) * dt)  # against cash, which stays at 1
    kept = ahead * ndtr(d2 + total) - (multiplier - 1) * ndtr(d2)
    lost = ahead * ndtr(-d2 - total) - (multiplier - 1) * ndtr(-d2)  # negative
    failure = -np.expm1(steps * log_ndtr(d2))
    times = np.where(kept == 1, steps, np.expm1(steps * np.log(kept)) / (kept - 1))  # 1 + kept + kept**2 + ...
    grown = cushion * np.exp(rate * horizon)
    short = -grown * lost * times
    return GapLaw(failure, np.where(failure > 0, short / failure, np.nan)[()], least + grown * kept**steps - short)


@np.errstate(all="ignore")
def gap_probability(
    multiplier: ArrayLike, horizon: ArrayLike, jump_rate: ArrayLike, below: Callable[[Any], Any]
) -> Any:
    """The probability that a jump takes a CPPI fund through its floor, however often it trades.

    It is ``1 - exp(-jump_rate horizon below(log(1 - 1 / multiplier)))``: only a fall by more than
    ``1 / multiplier`` at once exhausts the cushion.  R. Cont & P. Tankov (2009), "Constant proportion portfolio
    insurance in the presence of jumps in asset prices", Mathematical Finance 19.

    Parameters
    ----------
    jump_rate : expected number of jumps a year
    below : the distribution of the log return of one jump: a function that says how likely it is to be lower

    Examples
    --------
    Kou's jumps, 60 % of them falls that are exponential with a mean of a tenth:

    >>> kou = lambda jump: 0.6 * np.exp(10 * jump)
    >>> round(float(gap_probability(4, horizon=5, jump_rate=1, below=kou)), 10)
    0.1554408841
    """
    multiplier, (horizon,) = at_least_one(multiplier), positives(horizon=horizon)
    jump_rate = validation.not_negative("jump_rate", jump_rate)
    if isinstance(below, type) or not callable(below):
        raise ValueError(f"below must be a function of a log return, got {validation.short(below)}")
    likely = validation.not_negative("below", below(np.log1p(-1 / multiplier)))
    return -np.expm1(-jump_rate * horizon * likely)


@np.errstate(all="ignore")
def cppi_under_jumps(
    value: ArrayLike,
    floor: ArrayLike,
    multiplier: ArrayLike,
    horizon: ArrayLike,
    market: Merton,
    rate: ArrayLike = 0.0,
) -> GapLaw:
    """CPPI without a cap, traded all the time, in Merton's market: only jumps can take it through its floor.

    Cont & Tankov (2009); the fund holds cash once the floor is lost.  The volatility between jumps does not matter
    to these three numbers.

    Examples
    --------
    >>> market = Merton(100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1, drift=0.08)
    >>> law = cppi_under_jumps(100, floor=0.9, multiplier=4, horizon=1, market=market, rate=0.03)
    >>> round(float(law.failure), 10), round(float(law.shortfall), 9), round(float(law.mean), 7)
    (0.090759829, 2.406471106, 105.9562612)
    """
    if not isinstance(market, Merton):
        raise ValueError(f"market must be a Merton, got {validation.short(market)}")
    value, horizon = positives(value=value, horizon=horizon)
    rate = validation.finite("rate", rate)
    multiplier, least = at_least_one(multiplier), floor_amount(value, floor, horizon, rate)
    cushion = value - least * np.exp(-rate * horizon)
    room, spread = np.log1p(-1 / multiplier) - market.jump_mean, market.jump_volatility

    def below(tilt: float) -> Any:
        """How likely a jump is to take the fund through its floor, were its mean so many deviations higher."""
        return ndtr(room / spread - tilt) if spread else np.where(room > 0, 1.0, 0.0)

    fatal = market.jump_rate * below(0.0)  # jumps a year that exhaust the cushion
    deep = market.jump_rate * (1 + market.mean_jump) * below(spread) - fatal  # what they add to the drift
    drift = market.drift - rate - market.jump_rate * market.mean_jump
    growth = multiplier * (drift + market.jump_rate * market.mean_jump - deep) - fatal
    failure = -np.expm1(-fatal * horizon)
    grown = cushion * np.exp(rate * horizon)
    short = -grown * (fatal + multiplier * deep) * horizon * exprel(growth * horizon)
    mean = least + grown * np.exp(growth * horizon) - short
    return GapLaw(failure, np.where(failure > 0, short / failure, np.nan)[()], mean)


@np.errstate(all="ignore")
def stop_loss_law(
    value: ArrayLike,
    floor: ArrayLike,
    horizon: ArrayLike,
    volatility: ArrayLike,
    drift: ArrayLike,
    rate: ArrayLike = 0.0,
    threshold: ArrayLike | None = None,
) -> StopLossLaw:
    """A fund that holds shares until it is worth the floor's present value, at which it sells them for good.

    Watched all the time, so that it sells at that price: the law of a Brownian motion with a drift and its lowest
    point, by reflection.  M. B. Goldman, H. B. Sosin & M. A. Gatto (1979), "Path dependent options", Journal of
    Finance 34.

    Examples
    --------
    >>> law = stop_loss_law(100, floor=0.9, horizon=1, volatility=0.2, drift=0.08, rate=0.03)
    >>> round(float(law.stopped), 10), round(float(law.mean), 7), round(float(law.omega), 9)
    (0.4483666901, 107.1021534, 2.521917758)
    """
    value, least, horizon, volatility, drift, rate = world(value, floor, horizon, volatility, drift, rate)
    level = value if threshold is None else validation.positive("threshold", threshold)
    barrier = np.log(least / value) - rate * horizon  # of the log of the share against cash
    trend, total = drift - rate - volatility**2 / 2, volatility * np.sqrt(horizon)

    def alive(tilt: Any, end: Any) -> Any:
        """How likely the fund never stops and ends above `end`, at a trend that is `tilt` higher."""
        moved = (trend + tilt) * horizon
        image = 2 * (trend + tilt) * barrier / volatility**2 + log_ndtr((2 * barrier + moved - end) / total)
        return ndtr((moved - end) / total) - np.exp(image)

    def excess(level: Any) -> Any:
        """What it ends with over a level of at least the floor, on average."""
        end = np.log(level / value) - rate * horizon
        return value * np.exp(drift * horizon) * alive(volatility**2, end) - level * alive(0.0, end)

    mean = least + excess(least)
    above = excess(np.maximum(level, least)) + np.maximum(least - level, 0.0)
    return StopLossLaw(1 - alive(0.0, barrier), mean, omega_of(above, above - mean + level))


@np.errstate(all="ignore")
def start_gain(
    spot: ArrayLike, strike: ArrayLike, horizon: ArrayLike, volatility: ArrayLike, rate: ArrayLike = 0.0
) -> Any:
    """What it costs to hold a share whenever it is above the strike's present value, and none below.

    It looks as if that replicated a call for its intrinsic value alone.  But each crossing loses a little, and
    watched all the time the losses add up to half the local time at the strike, whose risk-neutral mean is the
    call's time value: its price less ``max(spot - strike exp(-rate horizon), 0)``.  P. P. Carr & R. A. Jarrow
    (1990), "The stop-loss start-gain paradox and option valuation: a new decomposition into intrinsic and time
    value", Review of Financial Studies 3.

    Examples
    --------
    >>> round(float(start_gain(100, 110, horizon=1, volatility=0.2)), 9)
    4.292010941
    """
    spot, strike, horizon, volatility = positives(spot=spot, strike=strike, horizon=horizon, volatility=volatility)
    rate = validation.finite("rate", rate)
    below = np.where(
        spot > strike * np.exp(-rate * horizon), PUT, CALL
    )  # the option out of the money is time value
    return black_scholes.value(below, spot, strike, horizon, volatility, rate)


@np.errstate(all="ignore")
def switching_cost(
    spot: float, strike: float, horizon: float, volatility: float, drift: float = 0.0
) -> SwitchingCost:
    """Mean and deviation of the same cost where the share has a drift and cash earns nothing; scalars only.

    The joint density of a Brownian motion and its local time (A. N. Borodin & P. Salminen, 2002, "Handbook of
    Brownian Motion", part II.1) is integrated over where the share ends in closed form, and over the rest by
    Gauss and Legendre's rule.

    Examples
    --------
    Hull's table of a stop-loss hedge, 2.40 being the option's price, tends to 0.75 as it is traded more often:

    >>> round(float(switching_cost(49, 50, 20 / 52, 0.2, drift=0.13).deviation / 2.40053), 6)
    0.752553
    """
    rule = validation.positive_scalar
    given = {"spot": spot, "strike": strike, "horizon": horizon, "volatility": volatility}
    spot, strike, horizon, volatility = (rule(name, number) for name, number in given.items())
    trend = validation.finite_scalar("drift", drift) / volatility - volatility / 2
    pull, reach = abs(trend), 12 * np.sqrt(horizon)
    start = np.log(spot / strike) / volatility  # of a Brownian motion that is zero at the strike
    nodes, weights = np.polynomial.legendre.leggauss(400)
    likely = pull * horizon - abs(start)
    least, most = max(likely - reach, 0.0), max(likely, 0.0) + reach
    room, weights = least + (nodes + 1) / 2 * (most - least), weights / 2 * (most - least)
    away = abs(start) + room  # room: local time, and how far from zero it ends
    exponent = -((away - pull * horizon) ** 2) / (2 * horizon) - pull * abs(start) - trend * start
    density = (
        weights * away / np.sqrt(2 * np.pi * horizon**3) * np.exp(exponent)
    )  # and exp(x) in it, against below
    x = pull * room  # local time and its square, integrated over the ends that leave it room
    flat = x < 1e-2
    first = (room * exprel(-x)) ** 2
    odd = -2 * np.expm1(-2 * x) - 4 * x * np.exp(-x)  # 4 (sinh(x) - x) exp(-x)
    second = room**3 * np.where(flat, np.exp(-x) * (2 / 3 + x**2 / 30), odd / np.where(flat, 1, x) ** 3)
    mean, square = (density * first).sum(), (density * second).sum()
    scale = strike * volatility / 2
    return SwitchingCost(scale * mean, scale * np.sqrt(square - mean**2))
