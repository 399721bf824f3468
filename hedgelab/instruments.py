"""What is bought and sold: a European option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab import black_scholes
from hedgelab.black_scholes.formula import Formula
from hedgelab.introductions import Introduced
from hedgelab.validation import Checked, Positive, finite, refusal


@dataclass(frozen=True)
class Option(Introduced, Checked):
    """A European option on one share.

    Parameters
    ----------
    kind : "call" or "put", or "C", "P", in letters of any case; kept as "call" or "put"
    strike : in the currency of the spot, positive
    expiry : years from the first date of the market it is hedged in, positive

    Examples
    --------
    >>> Option("call", strike=105, expiry=0.25).payoff([100, 110])
    array([0., 5.])
    """

    kind: Kind
    strike: Positive
    expiry: Positive

    def __str__(self) -> str:
        return f"{self.kind} {self.strike:g}, {self.expiry:.4g} y"

    def payoff(self, spot: ArrayLike) -> Any:
        """What the option pays its holder at expiry, in currency, for each `spot`."""
        return np.maximum(self._sign * (finite("spot", spot) - self.strike), 0.0)

    def value(self, spot: Any, time_left: Any, volatility: Any, rate: float = 0.0, dividend: float = 0.0) -> Any:
        """Black-Scholes value with `time_left` years to go.  Unchecked, for inner loops."""
        return black_scholes.value(self._sign, spot, self.strike, time_left, volatility, rate, dividend)

    def delta(self, spot: Any, time_left: Any, volatility: Any, rate: float = 0.0, dividend: float = 0.0) -> Any:
        """Black-Scholes delta with `time_left` years to go.  Unchecked, for inner loops."""
        return black_scholes.delta(self._sign, spot, self.strike, time_left, volatility, rate, dividend)

    def greeks(
        self,
        names: Sequence[str],
        spot: Any,
        time_left: Any,
        volatility: Any,
        rate: float = 0.0,
        dividend: float = 0.0,
    ) -> Sequence[Any]:
        """The named Black-Scholes Greeks (or "price"), with `time_left` years to go.  Unchecked, as above."""
        if names == ("delta",):
            return [self.delta(spot, time_left, volatility, rate, dividend)]
        if names == ("price",) and time_left == 0:
            return [self.payoff(spot)]
        return self.formula(spot, time_left, volatility, rate, dividend).numbers(names)

    def formula(
        self, spot: Any, time_left: Any, volatility: Any, rate: float = 0.0, dividend: float = 0.0
    ) -> Formula:
        """The formula with `time_left` years to go, for whoever asks it more than once.  Unchecked, as above."""
        return Formula(self._sign, spot, self.strike, time_left, volatility, rate, dividend)

    @property
    def _sign(self) -> float:
        return black_scholes.SIGN[self.kind]


def _kind(name: str, value: Any) -> str:
    kind = black_scholes.KINDS.get(value.lower()) if isinstance(value, str) else None
    if kind is None:
        raise refusal(f'{name} must be "call" or "put"', value)
    return kind


Kind = Annotated[str, _kind]
