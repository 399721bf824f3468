"""What a policy is, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from hedgelab import black_scholes
from hedgelab.instruments import Option
from hedgelab.introductions import written
from hedgelab.validation import positive_scalar


@dataclass(frozen=True, slots=True)
class Moment:
    """What a hedger knows when it decides.  All but the scalars have one entry per path, and are read-only.

    Attributes
    ----------
    step : 0 at inception
    time_left : years to the end of the hedge
    spot : the price of the share
    delta : shares that offset one option (with the options that hedge it) at the hedger's volatility
    held : shares held against one option, before trading
    volatility, rate : the hedger's, annual; of a book the mean of its options' volatilities, by their numbers
    quantity : number of options, negative when sold
    last_traded : the spot when the path last traded; before that, the spot at inception
    greek : the book's sensitivity per option by name, each option at its own volatility or at what a function
        makes of that; `gamma` and `delta_at` come from it

    Examples
    --------
    >>> moment = Moment.of(Option("call", strike=100, expiry=1), spot=100.0, volatility=0.2, held=0.5)
    >>> round(float(moment.delta), 4), round(float(moment.gamma), 4), round(float(moment.delta_at(0.3)), 4)
    (0.5398, 0.0198, 0.5596)
    """

    step: int
    time_left: float
    spot: Any
    delta: Any
    held: Any
    volatility: Any = None
    rate: float = 0.0
    quantity: float = -1.0
    last_traded: Any = None
    greek: Callable[[str, Callable[[Any], Any] | None], Any] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        known = {name: getattr(self, name) for name in ("step", "time_left", "spot", "delta", "held", "quantity")}
        return f"Moment({', '.join(f'{name}={written(value)}' for name, value in known.items())})"

    @property
    def gamma(self) -> Any:
        """Change of `delta` per unit of spot."""
        return self._greek("gamma")

    def delta_at(self, volatility: Any) -> Any:
        """What `delta` would be at another volatility, or at what a function makes of each option's own."""
        return self._greek("delta", volatility if callable(volatility) else lambda own: volatility)

    def _greek(self, name: str, changed: Callable[[Any], Any] | None = None) -> Any:
        if self.greek is None:
            raise ValueError(f"greek must be given for a moment to know its {name}; see Moment.of")
        return self.greek(name, changed)

    @classmethod
    def of(
        cls,
        option: Option,
        *,
        spot: Any,
        volatility: Any,
        held: Any = 0.0,
        step: int = 0,
        time_left: float | None = None,
        rate: float = 0.0,
        dividend: float = 0.0,
        quantity: float = -1.0,
        last_traded: Any = None,
    ) -> Moment:
        """The moment of one option, to ask a policy by hand; `time_left` is the option's expiry unless given."""
        left = option.expiry if time_left is None else positive_scalar("time_left", time_left)

        def greek(name: str, changed: Callable[[Any], Any] | None = None) -> Any:
            believed = volatility if changed is None else changed(volatility)
            terms = (option.kind, spot, option.strike, left, believed, rate, dividend)
            return getattr(black_scholes.greeks(*terms, only=(name,)), name)

        before = spot if last_traded is None else last_traded
        delta = greek("delta")
        return cls(step, left, spot, delta, held, volatility, rate, quantity, before, greek)


class Policy(Protocol):
    """The one method of a policy that is not a plain function.

    It decides from the `Moment` alone: one policy serves all paths, and a ledger asks it the same questions again.
    """

    def holding(self, moment: Moment) -> Any:
        """Shares to hold against one option after trading, path by path."""
        ...
