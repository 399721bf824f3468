"""Rules of thumb: the clock, and bands that somebody chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from hedgelab.policies.moment import Moment
from hedgelab.validation import Checked, Count, NotNegative, between, refusal


@dataclass(frozen=True)
class Clock(Checked):
    """Trade to delta at every `every`-th step, whatever the price did.

    Examples
    --------
    >>> Clock(every=5).holding(Moment(step=5, time_left=0.1, spot=101.0, delta=0.6, held=0.5))
    0.6
    >>> Clock(every=5).holding(Moment(step=6, time_left=0.1, spot=102.0, delta=0.7, held=0.6))
    0.6
    """

    every: Count = 1

    def holding(self, moment: Moment) -> Any:
        """Delta when the step is a multiple of `every`, otherwise what is held."""
        return moment.delta if moment.step % self.every == 0 else moment.held


@dataclass(frozen=True)
class DeltaBand(Checked):
    """Trade when delta is more than `half_width` shares per option away from what is held.

    Parameters
    ----------
    half_width : shares per option; 0.05 is the market maker's five deltas
    to : "middle" trades back to delta itself, "edge" only to the nearest edge of the band

    Examples
    --------
    >>> moment = Moment(step=7, time_left=0.1, spot=100.0, delta=0.58, held=0.50)
    >>> float(DeltaBand(0.05).holding(moment)), round(float(DeltaBand(0.05, to="edge").holding(moment)), 2)
    (0.58, 0.53)
    """

    half_width: NotNegative
    to: EndOfTrade = "middle"

    def holding(self, moment: Moment) -> Any:
        """What is held while delta is inside the band, delta or the band's edge once it is outside."""
        return within(moment.held, moment.delta, self.half_width, self.to)


@dataclass(frozen=True)
class MoveBand(Checked):
    """Trade to delta when the spot has moved by more than `width` since the last trade: 0.02 is two per cent.

    Examples
    --------
    >>> from hedgelab import Option
    >>> option = Option("call", strike=100, expiry=1)
    >>> small, large = (Moment.of(option, spot=spot, volatility=0.2, held=0.5, step=3, last_traded=100.0)
    ...                 for spot in (101.0, 103.0))
    >>> float(MoveBand(0.02).holding(small)), round(float(MoveBand(0.02).holding(large)), 4)
    (0.5, 0.5979)
    """

    width: NotNegative

    def holding(self, moment: Moment) -> Any:
        """Delta at inception and after a large enough move, otherwise what is held."""
        if moment.step == 0:
            return moment.delta
        moved = np.abs(moment.spot / moment.last_traded - 1.0)
        return np.where(moved > self.width, moment.delta, moment.held)


@dataclass(frozen=True)
class AdaptiveBand(Checked):
    """A delta band that widens when volatility or gamma rises, as the article has it.

    ``half_width * (volatility / reference_volatility) ** volatility_power * (gamma / reference_gamma) **
    gamma_power``

    Parameters
    ----------
    half_width : shares per option, when volatility and gamma are at their references
    reference_volatility, reference_gamma : annual; per unit of spot; both positive
    volatility_power, gamma_power : 0 for a band that does not care; 2/3 is Whalley and Wilmott's power of gamma
    to : "middle" trades back to delta itself, "edge" only to the nearest edge of the band

    Examples
    --------
    >>> from hedgelab import Option
    >>> policy = AdaptiveBand(0.05, reference_volatility=0.20, reference_gamma=0.0198, gamma_power=0.0)
    >>> call = Option("call", strike=100, expiry=1)
    >>> [round(float(policy.half_width_at(Moment.of(call, spot=100.0, volatility=v))), 3) for v in (0.1, 0.2, 0.4)]
    [0.025, 0.05, 0.1]
    """

    half_width: Annotated[float, between(0, 1e6)]
    reference_volatility: Annotated[float, between(1e-6, 1e6)]
    reference_gamma: Annotated[float, between(1e-12, 1e12)]
    volatility_power: Annotated[float, between(0, 10)] = 1.0
    gamma_power: Annotated[float, between(0, 10)] = 2 / 3
    to: EndOfTrade = "middle"

    def half_width_at(self, moment: Moment) -> Any:
        """Half-width of the band, in shares per option."""
        nervous = (moment.volatility / self.reference_volatility) ** self.volatility_power
        curved = (np.abs(moment.gamma) / self.reference_gamma) ** self.gamma_power
        return self.half_width * nervous * curved

    def holding(self, moment: Moment) -> Any:
        """What is held while delta is inside the band, delta or the band's edge once it is outside."""
        return within(moment.held, moment.delta, self.half_width_at(moment), self.to)


def within(held: Any, middle: Any, half_width: Any, to: str) -> Any:
    """What to hold to be in the band: `held` if it is there already, otherwise the middle or nearest edge."""
    if to == "edge":
        return np.clip(held, middle - half_width, middle + half_width)
    return np.where(np.abs(middle - held) > half_width, middle, held)


def _end_of_trade(name: str, value: Any) -> str:
    if value not in ("middle", "edge"):
        raise refusal(f'{name} must be "middle" or "edge"', value)
    return str(value)


EndOfTrade = Annotated[str, _end_of_trade]
