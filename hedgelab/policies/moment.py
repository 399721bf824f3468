"""What a policy is, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from hedgelab import black_scholes
from hedgelab.instruments import Option
from hedgelab.introductions import written
from hedgelab.validation import positive_scalar, refusal


@dataclass(frozen=True, slots=True)
class Moment:
    """What a hedger knows when it decides.  All but the scalars have one entry per path, and are read-only.

    Shares are counted per option of the book, sold or bought, so that a band of five deltas means the same for one
    option and for a thousand; a positive number of them is owned, a negative one is owed.

    Attributes
    ----------
    step : 0 at inception
    time_left : years to the end of the hedge
    spot : the price of the share
    delta : shares per option whose holding leaves the account neutral: the delta of an option sold, less that of
        one bought, and so on through the book and the options that hedge it
    held : shares held per option, before trading
    volatility, rate : the hedger's, annual; of a book the mean of its options' volatilities, by their numbers
    quantity : number of options, negative when sold; of a book, how many there are in all
    last_traded : the spot when the path last traded; before that, the spot at inception
    time_to_expiry : years that the option has to live; of a book the mean, by numbers; `time_left` unless given
    account : what is behind it all, for `gamma`, `delta_at` and `wealth`
    paths : which of all paths these are, since a market is walked in blocks: for a policy with numbers of its own

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
    time_to_expiry: Any = None
    account: Books | None = field(default=None, repr=False)
    paths: slice = field(default_factory=lambda: slice(None), repr=False)

    def __post_init__(self) -> None:
        if self.time_to_expiry is None:
            object.__setattr__(self, "time_to_expiry", self.time_left)

    def __repr__(self) -> str:
        known = {name: getattr(self, name) for name in ("step", "time_left", "spot", "delta", "held", "quantity")}
        return f"Moment({', '.join(f'{name}={written(value)}' for name, value in known.items())})"

    @property
    def gamma(self) -> Any:
        """Change of `delta` per unit of spot: positive where options are sold."""
        return self._behind("gamma").gamma()

    @property
    def wealth(self) -> Any:
        """What the whole account is worth before trading, in currency: cash, shares and options as quoted."""
        return self._behind("wealth").wealth()

    def delta_at(self, volatility: Any) -> Any:
        """What `delta` would be at another volatility, or at what a function makes of each option's own."""
        changed = volatility if callable(volatility) else lambda own: volatility
        return self._behind("delta_at").delta_at(changed)

    def selling(self, option: Option) -> Moment:
        """The same moment, were one `option` sold and no other: with its delta, gamma and volatility.

        It is how a policy replicates an option that is not in the account.  One is sold for each option that
        shares are counted by; `wealth` is that of cash and shares, and owes its value.

        Examples
        --------
        >>> call, put = Option("call", strike=100, expiry=1), Option("put", strike=100, expiry=1)
        >>> moment = Moment.of(call, spot=100.0, volatility=0.2)
        >>> round(float(moment.delta), 4), round(float(moment.selling(put).delta), 4)
        (0.5398, -0.4602)
        """
        return self._behind("selling").selling(self, option)

    def _behind(self, name: str) -> Books:
        if self.account is None:
            raise ValueError(f"account must be given for a moment to know its {name}; see Moment.of")
        return self.account

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
        cash: Any = 0.0,
    ) -> Moment:
        """The moment of one option, to ask a policy by hand; `time_left` is the option's expiry unless given."""
        left = option.expiry if time_left is None else positive_scalar("time_left", time_left)
        account = _OneOption(option, quantity, spot, left, volatility, (rate, dividend), held, cash)
        before = spot if last_traded is None else last_traded
        delta = account.delta_at(lambda own: own)
        return cls(step, left, spot, delta, held, volatility, rate, quantity, before, left, account)


class Books(Protocol):
    """The account behind a moment: what it says is worked out when it is asked for."""

    def selling(self, moment: Moment, option: Option) -> Moment:
        """The moment, were `option` sold, one for each that shares are counted by, and no other."""
        ...

    def gamma(self) -> Any:
        """Change of the neutral shares per option, per unit of spot."""

    def delta_at(self, changed: Callable[[Any], Any]) -> Any:
        """Neutral shares per option, were each option's volatility what `changed` makes of it."""

    def wealth(self) -> Any:
        """What the account is worth, in currency."""

    def lowest(self) -> float:
        """Neutral shares per option at their least, whatever the spot; see `lowest`."""


def lowest(option: Option, number: float) -> float:
    """Shares that leave so many of an option neutral, at their least: all for calls bought and puts sold, or none.

    Examples
    --------
    >>> lowest(Option("put", strike=100, expiry=1), -2.0), lowest(Option("call", strike=100, expiry=1), -2.0)
    (-2.0, 0.0)
    """
    return min(-black_scholes.SIGN[option.kind] * number, 0.0)


class _OneOption(NamedTuple):
    """An account with so many of one option, and shares against each of them."""

    option: Option
    quantity: float
    spot: Any
    time_left: float
    volatility: Any
    rates: tuple[float, float]
    held: Any
    cash: Any

    def selling(self, moment: Moment, option: Option) -> Moment:
        left = max(self.time_left + option.expiry - self.option.expiry, 0.0)
        sold = self._replace(option=option, quantity=-abs(self.quantity), time_left=left)
        delta = sold.delta_at(lambda own: own)
        return replace(moment, delta=delta, quantity=sold.quantity, time_to_expiry=left, account=sold)

    def _greek(self, name: str, volatility: Any) -> Any:
        terms = (self.option.kind, self.spot, self.option.strike, self.time_left, volatility, *self.rates)
        return getattr(black_scholes.greeks(*terms, only=(name,)), name)

    def gamma(self) -> Any:
        return -np.sign(self.quantity) * self._greek("gamma", self.volatility)

    def delta_at(self, changed: Callable[[Any], Any]) -> Any:
        return -np.sign(self.quantity) * self._greek("delta", changed(self.volatility))

    def wealth(self) -> Any:
        options = self.quantity * self._greek("price", self.volatility)
        return self.cash + abs(self.quantity) * self.held * self.spot + options

    def lowest(self) -> float:
        return lowest(self.option, float(np.sign(self.quantity)))


class Policy(Protocol):
    """The one method of a policy that is not a plain function.

    It decides from the `Moment` alone: one policy serves all paths, and a ledger asks it the same questions again.
    It may remember what it saw on the way if it begins anew at step 0, with arrays of that moment's size.
    """

    def holding(self, moment: Moment) -> Any:
        """Shares to hold per option after trading, path by path."""


#: A policy: a function of the `Moment`, or anything with such a method, ``holding``.
Decision = Policy | Callable[[Moment], Any]


def decision(name: str, policy: Decision) -> Callable[[Moment], Any]:
    """A policy as a function of the moment.

    Examples
    --------
    >>> decision("policy", lambda moment: 0.5)(None)
    0.5
    """
    decide = getattr(policy, "holding", policy)
    if not callable(decide) or isinstance(policy, type):
        raise refusal(f"{name} must be a function of a Moment, or have a method holding(moment)", policy)
    return decide
