"""A crowd that hedges by any policy of the library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hedgelab import validation
from hedgelab.crowd.participants import AMOUNT, Seen
from hedgelab.engine import Account
from hedgelab.instruments import Option
from hedgelab.introductions import Introduced
from hedgelab.policies import Clock, Decision, Moment, decision
from hedgelab.validation import Floats, between, read_only


@dataclass(frozen=True)
class Hedgers(Introduced):
    """A crowd that hedges options, or runs a fund, by a policy of the library or one of your own.

    They see a price, ask their policy, and trade in the step after: nobody hedges a price before it is there.
    What they hold at the beginning moved no price.

    Parameters
    ----------
    option : what all of them have sold or bought, its expiry counted from the first price; None for a fund, which
        has an `account` only, like CPPI
    quantity : number of options of the whole crowd, negative when sold; times the reference price, it is in the
        unit of currency that the market's depth is in
    volatility : by which they hedge, annual
    policy : a policy, or a function of a `Moment`, whose shares are per option (of a fund, in all); to delta at
        each step unless given
    rate : that their cash earns, continuously compounded
    account : cash and shares that they have to begin with
    hidden : the share of their impact that is left when orders are announced beforehand, from 0 to 1

    Examples
    --------
    A fund that holds shares for four times what it has beyond its floor of 90, by `hedgelab.hedge`'s own rules:

    >>> import hedgelab as hl
    >>> fund = Hedgers(None, account=hl.Account(cash=100.0),
    ...                policy=lambda moment: 4 * np.maximum(moment.wealth - 90, 0) / moment.spot)
    >>> market = hl.CrowdMarket(hl.GBM(100, 0.2), hl.LinearDepth(1e5), [fund])
    >>> bool(market.simulate(1, 52, n_paths=1000, seed=1).spot[-1].std() > 20)
    True
    """

    option: Option | None
    quantity: float = -1.0
    volatility: float = 0.2
    policy: Decision = field(default_factory=Clock)
    rate: float = 0.0
    account: Account = field(default_factory=Account)
    hidden: float = 1.0

    at_once = 0.0

    def __post_init__(self) -> None:
        validation.fields(
            self,
            quantity=between(-1e15, 1e15),
            volatility=between(1e-6, 100),
            rate=between(-10, 10),
            hidden=between(0, 1),
        )
        decision("policy", self.policy)
        if not isinstance(self.option, Option | None):
            raise ValueError(f"option must be an Option or None, got {validation.short(self.option)}")
        if not isinstance(self.account, Account):
            raise ValueError(f"account must be an Account, got {validation.short(self.account)}")
        for name in ("cash", "shares"):
            AMOUNT(name, abs(getattr(self.account, name)))

    def worth(self, spot: float) -> float:
        """The shares behind their options, or the fund, at a price."""
        if self.option is not None:
            return abs(self.quantity) * spot
        return self.account.cash + self.account.shares * spot

    def enter(self, spot: Floats, price: Floats) -> TradingHedgers:
        """Hedgers who hold what their policy says at the first price."""
        cash, shares = (np.full(len(spot), held) for held in (self.account.cash, self.account.shares))
        reference = spot * np.exp(-price)
        trader = TradingHedgers(self, shares, cash, spot, reference)
        trader.fill(trader.wanted(0, 0.0, spot) * reference, spot)
        return trader


@dataclass
class TradingHedgers:
    """Hedgers on the paths of a block: shares and cash of them all, spot at their last trade, reference."""

    terms: Hedgers
    shares: Any
    cash: Any
    last_traded: Any
    reference: Any

    def orders(self, seen: Seen) -> Any:
        """What their policy asks for at the last price; nothing where that is not a new one."""
        if seen.step == 1:
            order = np.zeros(len(self.shares))
        else:
            order = self.wanted(seen.step - 1, seen.time - seen.dt, seen.spot) * self.reference
        self.cash = self.cash * np.exp(self.terms.rate * seen.dt)
        return order if seen.closed is None else np.where(seen.closed, 0.0, order)

    def wanted(self, step: int, time: float, spot: Any) -> Any:
        """Shares to buy at this price, negative to sell."""
        option = self.terms.option
        if option is not None and option.expiry - time <= 1e-9 * option.expiry:
            return np.zeros(len(self.shares))
        unit = abs(self.terms.quantity) or 1.0 if option else 1.0
        moment = self._moment(option, unit, step, time, read_only(spot))
        answer = validation.finite(f"holding at step {step}", decision("policy", self.terms.policy)(moment))
        wanted: Any = unit * validation.one_a_path("holding", answer, np.asarray(spot)) - self.shares
        return wanted

    def fill(self, bought: Any, spot: Any) -> None:
        """Take note of what was bought, in shares at the reference price, and at which price."""
        shares = bought / self.reference
        self.shares = self.shares + shares
        self.cash = self.cash - shares * spot
        self.last_traded = np.where(bought != 0, spot, self.last_traded)

    def _moment(self, option: Option | None, unit: float, step: int, time: float, spot: Any) -> Moment:
        held, before = read_only(self.shares / unit), read_only(self.last_traded)
        if option is None:
            fund = _Fund(read_only(self.cash + self.shares * spot), self.terms, time)
            none = read_only(np.zeros(len(held)))
            return Moment(step, np.inf, spot, none, held, 0.0, self.terms.rate, 1.0, before, np.inf, fund)
        return Moment.of(
            option,
            spot=spot,
            volatility=self.terms.volatility,
            held=held,
            step=step,
            time_left=option.expiry - time,
            rate=self.terms.rate,
            quantity=self.terms.quantity,
            last_traded=before,
            cash=self.cash,
        )


@dataclass(frozen=True)
class _Fund:
    """The account of a fund, which has no options, as a `Moment` knows it."""

    worth: Any
    terms: Hedgers
    time: float

    def selling(self, moment: Moment, option: Option) -> Moment:
        """The moment, were the option sold, which the fund's policy replicates."""
        return Moment.of(
            option,
            spot=moment.spot,
            volatility=self.terms.volatility,
            held=moment.held,
            step=moment.step,
            time_left=max(option.expiry - self.time, 1e-9 * option.expiry),  # at expiry its payoff's slope
            rate=self.terms.rate,
            last_traded=moment.last_traded,
            cash=self.worth - moment.held * moment.spot,
        )

    def gamma(self) -> Any:
        """No options, no gamma."""
        return np.zeros_like(self.worth)

    def delta_at(self, changed: Any) -> Any:
        """Nor delta, at any volatility."""
        return np.zeros_like(self.worth)

    def wealth(self) -> Any:
        """Cash and shares."""
        return self.worth

    def lowest(self) -> float:
        """None, without options."""
        return 0.0
