"""What is known of a crowd without simulating it: gains, thresholds, the fold, and what others have published.

The gain ``g`` is the impact of a unit of currency times the crowd's slope: the share of a fall that the crowd adds
to it, of which it adds the same share again.  Where a formula has no answer it says so, by ``exists`` and a NaN.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from hedgelab import validation
from hedgelab.validation import Floats, between


class Amplification(NamedTuple):
    """By how much a crowd multiplies what happens, and whether there is such a number."""

    factor: Any  # NaN where there is none
    exists: Any


def amplification(gain: ArrayLike, late: bool = False) -> Amplification:
    """What a crowd makes of a shock, and of the volatility: ``1 / (1 - gain)``, below the fold at 1.

    A crowd that follows at once multiplies each move by this number, so also the volatility of news that come
    all the time (Sircar & Papanicolaou 1998, "General Black-Scholes models accounting for increased market
    volatility from hedging strategies", Applied Mathematical Finance 5).  From a gain of 1 on no price clears.

    One that is `late` by a step makes returns ``r = news + gain * r before``.  The volatility of one step is
    multiplied by ``1 / sqrt(1 - gain**2)``, the autocorrelation of returns is the gain, and over many steps the
    volatility is multiplied by ``1 / (1 - gain)`` again.  There is no answer at gains of 1 or -1 and beyond: a
    late crowd that is long gamma sells so much into a rise that its own fall is larger.

    Parameters
    ----------
    gain : share of a fall that the crowd adds; negative where it leans against it
    late : whether it trades in the step after the move; then the answer is that of one step

    Examples
    --------
    >>> amplification(0.5)
    Amplification(factor=2.0, exists=True)
    >>> amplification(1.2)
    Amplification(factor=nan, exists=False)
    >>> round(float(amplification(-0.9, late=True).factor), 4)
    2.2942
    """
    gain = validation.finite("gain", gain)
    exists = np.abs(gain) < 1 if validation.truth("late", late) else gain < 1
    within = np.where(exists, gain, 0.0)
    factor = 1 / np.sqrt((1 - within) * (1 + within)) if late else 1 / (1 - within)
    factor = np.where(exists, factor, np.nan)
    return Amplification(factor, exists) if gain.ndim else Amplification(float(factor), bool(exists))


def threshold(absorption: ArrayLike, insurers_delay: ArrayLike, buyers_delay: ArrayLike) -> Any:
    """The gain from which a move that insurers follow both ways feeds itself although value buyers come.

    ``1 + min(absorption, (1 + absorption) * insurers_delay / buyers_delay)``: late buyers count by what they buy
    in the time that insurers take, twice as late as much as half as many. Derived here from the trace and the
    determinant of the linear system whose `eigenvalues` confirm it; so it is about small moves, and about buyers
    who also sell short above the news. Insurers who do not buy back multiply a shock, above the threshold too,
    until the growth rates are real. Where they do, an oscillation that carries the price above the news, where
    buyers hold nothing, may feed itself below the threshold already.

    Parameters
    ----------
    absorption : impact times the buyers' appetite, zero or more
    insurers_delay, buyers_delay : years, or any one unit, positive

    Examples
    --------
    Insurers within a quarter of an hour, buyers within one and within four hours:

    >>> threshold(2.4, 0.25, [1.0, 4.0])
    array([1.85  , 1.2125])
    """
    absorption, insurers_delay, buyers_delay = _race(absorption, insurers_delay, buyers_delay)
    with np.errstate(over="ignore"):
        return 1 + np.minimum(absorption, (1 + absorption) * (insurers_delay / buyers_delay))


def eigenvalues(gain: float, absorption: float, insurers_delay: float, buyers_delay: float) -> Any:
    """The growth rates of a small fall, one over the unit of the delays: it dies out if no real part is above 0.

    Of the linear system of what insurers have sold, Q, and buyers hold, B, both as log moves of the price, with
    the log price ``x = news - Q + B``::

        Q' = (-gain * x - Q) / insurers_delay
        B' = (absorption * (news - x) - B) / buyers_delay

    Examples
    --------
    On both sides of the threshold, 1.2125:

    >>> [round(float(eigenvalues(gain, 2.4, 0.25, 4.0).real.max()), 3) for gain in (1.2, 1.225)]
    [-0.025, 0.025]
    """
    gain = between(-1e6, 1e6)("gain", gain)
    given = {"absorption": absorption, "insurers_delay": insurers_delay, "buyers_delay": buyers_delay}
    for name, value in given.items():
        validation.finite_scalar(name, value)
    absorption, insurers_delay, buyers_delay = map(float, _race(absorption, insurers_delay, buyers_delay))
    rows = [
        [(gain - 1) / insurers_delay, -gain / insurers_delay],
        [absorption / buyers_delay, -(1 + absorption) / buyers_delay],
    ]
    return np.linalg.eigvals(np.array(rows))


def _race(absorption: ArrayLike, insurers_delay: ArrayLike, buyers_delay: ArrayLike) -> tuple[Floats, ...]:
    """How much buyers would absorb, and how soon the two come, within what can be divided."""
    absorption = validation.not_negative("absorption", absorption)
    delays = [
        validation.positive(name, delay)
        for name, delay in (("insurers_delay", insurers_delay), ("buyers_delay", buyers_delay))
    ]
    for name, array, low, high in (
        ("absorption", absorption, 0.0, 1e12),
        ("insurers_delay", delays[0], 1e-12, 1e12),
        ("buyers_delay", delays[1], 1e-12, 1e12),
    ):
        for number in (array.min(), array.max()) if array.size else ():
            between(low, high)(name, number)
    validation.broadcast(absorption=absorption, insurers_delay=delays[0], buyers_delay=delays[1])
    return absorption, *delays


def feedback_volatility(
    spot: ArrayLike, strike: ArrayLike, expiry: ArrayLike, volatility: ArrayLike, share: ArrayLike
) -> Amplification:
    """By how much the volatility is multiplied where a share of the market hedges an option by Black and Scholes.

    ``(1 - share * N) / (1 - share * N - share * spot * dN/dspot)`` with ``N = N(d1)``, for replicators of a put
    (or hedgers of a call sold) beside a demand of unit elasticity; with a negative share, for hedgers of a call
    bought.  Frey & Stremme (1997), "Market volatility and feedback effects from dynamic hedging", Mathematical
    Finance 7.  It has no answer from `critical_share` on, at the spot where that is first reached.

    Examples
    --------
    >>> round(feedback_volatility(95, 95, 0.25, 0.2, share=0.1).factor, 9)
    1.72502059
    >>> feedback_volatility(95, 95, 0.25, 0.2, share=0.25).exists
    False
    """
    given = {"spot": spot, "strike": strike, "expiry": expiry, "volatility": volatility}
    arrays = {name: validation.positive(name, value) for name, value in given.items()}
    share = validation.finite("share", share)
    validation.broadcast(**arrays, share=share)
    if np.any(np.abs(share) >= 1):
        worst = share.flat[np.argmax(np.abs(share))]
        raise ValueError(f"share must be below 1, the whole market, got {worst}")
    spot, strike, expiry, volatility = arrays.values()
    with np.errstate(all="ignore"):
        spread = np.clip(volatility * np.sqrt(expiry), 1e-150, 1e150)
        d1 = np.log(spot / strike) / spread + spread / 2
        rest = 1 - share * ndtr(d1)
        gain = share * np.exp(-0.5 * d1 * d1) / np.sqrt(2 * np.pi) / spread / rest
    return amplification(np.clip(np.nan_to_num(gain), -1e300, 1e300))


def critical_share(expiry: ArrayLike, volatility: ArrayLike) -> Any:
    """The least share of the market whose hedges leave no price that clears somewhere: ``1 / (N(s) + n(s) / s)``.

    With ``s = volatility * sqrt(expiry)``; it is first reached at ``spot = strike * exp(s**2 / 2)``, where
    `feedback_volatility`'s denominator is least.

    Examples
    --------
    >>> round(float(critical_share(0.25, 0.2)), 10)
    0.2217612883
    """
    expiry, volatility = validation.positive("expiry", expiry), validation.positive("volatility", volatility)
    validation.broadcast(expiry=expiry, volatility=volatility)
    with np.errstate(all="ignore"):
        spread = np.clip(volatility * np.sqrt(expiry), 1e-150, 1e150)
        return 1 / (ndtr(spread) + np.exp(-0.5 * spread * spread) / np.sqrt(2 * np.pi) / spread)


def hidden_to_announced(
    informed: float, signal_variance: float, liquidity_variance: float, risk_aversion: float
) -> float:
    """Impact of sales that nobody knows to be a hedge, over that of sales announced as one.

    In the linear core of Gennotte & Leland (1990), "Market liquidity, hedging, and crashes", American Economic
    Review 80: a share `informed` of investors sees the value with an error, the others only the price, from which
    they guess what the informed know; so a hedge that is hidden looks like bad news.  ``1 + (1 - k) Se / (k Sn)``
    with ``Sn = Se + c**2 SL`` and ``c = a Se / k``: up to ``1 / k`` where little else blurs the price.  The
    derivation is ours, and a test simulates it.

    Parameters
    ----------
    informed : share k of investors who see a signal, above 0, up to 1
    signal_variance : Se, of the signal's error, positive
    liquidity_variance : SL, of supply that has no reason, zero or more
    risk_aversion : a, of all, positive

    Examples
    --------
    >>> round(hidden_to_announced(0.1, 0.25, 1.0, 0.1), 10)
    8.2
    """
    informed = between(1e-9, 1)("informed", informed)
    signal_variance = between(1e-12, 1e12)("signal_variance", signal_variance)
    liquidity_variance = between(0, 1e12)("liquidity_variance", liquidity_variance)
    risk_aversion = between(1e-12, 1e12)("risk_aversion", risk_aversion)
    noise = signal_variance + (risk_aversion * signal_variance / informed) ** 2 * liquidity_variance
    return 1 + (1 - informed) * signal_variance / (informed * noise)
