"""How a fund can be insured: each method says at every step how many shares the fund is to hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from hedgelab.beliefs import Belief
from hedgelab.instruments import Option
from hedgelab.policies import Moment
from hedgelab.policies.moment import Books
from hedgelab.validation import Checked, Truth, between, not_negative_scalar, optional, read_only


@dataclass(frozen=True)
class Fund:
    """A fund that is insured.

    Attributes
    ----------
    value, floor : what it is worth at first, and what it is to be worth at the end at least; in currency
    horizon : years to the end
    rate : what cash earns
    units : how many shares are insured, which policies and methods count by: all that the value buys, or with a
        put as many as there are puts
    put : the put that insures them, bought or replicated, where there is one

    Examples
    --------
    >>> fund = Fund(value=1e6, floor=9e5, horizon=1.0, rate=0.03, units=1e4)
    >>> round(fund.floor_at(time_left=1.0))
    873401
    """

    value: float
    floor: float
    horizon: float
    rate: float
    units: float
    put: Option | None = None

    def floor_at(self, time_left: float) -> float:
        """What the floor is worth when so many years are left, in currency: cash of as much would reach it."""
        return float(self.floor * np.exp(-self.rate * time_left))


class Method(Checked):
    """A way to insure a fund.  One of your own derives from this and has a `target`.

    Examples
    --------
    Less in shares for each year that passes:

    >>> class LifeCycle(Method):
    ...     def target(self, fund, moment):
    ...         return moment.time_left / fund.horizon
    >>> import hedgelab as hl
    >>> run = hl.insure(value=100, floor=0.9, horizon=1, market=hl.GBM(100, 0.2), method=LifeCycle(), steps=4,
    ...                 seed=1)
    >>> run.ledger().shares.tolist()
    [1.0, 0.75, 0.5, 0.25, 0.25]
    """

    def target(self, fund: Fund, moment: Moment) -> Any:
        """How many shares to hold for each that is insured, path by path."""
        raise NotImplementedError

    def seen(self, fund: Fund, moment: Moment) -> Moment:
        """The moment as a policy is shown it: its `delta` is what the method wants to hold."""
        wanted = self.target(fund, moment)
        books = None if moment.account is None else _Plain(moment.account, repr(self))
        return replace(moment, delta=read_only(wanted + np.zeros_like(moment.spot)), account=books)


@dataclass(frozen=True)
class Holding(Method):
    """No insurance: shares for the whole value, held to the end.

    Examples
    --------
    >>> Holding().target(None, None)
    1.0
    """

    def target(self, fund: Fund, moment: Moment) -> Any:
        """One."""
        return 1.0


@dataclass(frozen=True)
class RealPut(Method):
    """As many puts as shares, bought at what the market quotes, so that the fund never ends below its floor.

    Their strike is the one at which the fund can just pay for shares, puts and the cost of buying the shares.

    Examples
    --------
    >>> RealPut().target(None, None)
    1.0
    """

    def target(self, fund: Fund, moment: Moment) -> Any:
        """One: the puts do the rest."""
        return 1.0


@dataclass(frozen=True)
class SyntheticPut(Method):
    """Option-based insurance without the option: the fund replicates the put that it would have bought.

    The strike is the one at which the fund could just pay for shares and puts, were puts sold at the volatility it
    believes; for each pair it holds one share plus the put's delta, less than one.  H. E. Leland & M. Rubinstein
    (1988), "The evolution of portfolio insurance".

    Parameters
    ----------
    volatility : what the fund believes, in any form that `hedge` takes, but for a dict; that of `insure` unless
        given
    delta : the rule by which a delta is made, as in `hedge`

    Examples
    --------
    >>> import hedgelab as hl
    >>> run = hl.insure(value=100, floor=0.9, horizon=1, market=hl.GBM(100, 0.2), method=SyntheticPut(), rate=0.03,
    ...                 steps=252, seed=1)
    >>> round(run.fund.put.strike, 8), round(run.fund.units, 10)
    (93.43827614, 0.9632027015)
    """

    volatility: Belief | None = None
    delta: str | Callable[..., Any] = "delta"

    def target(self, fund: Fund, moment: Moment) -> Any:
        """One share, and what hedges a put sold."""
        assert fund.put is not None
        return 1.0 + moment.selling(fund.put).delta

    def seen(self, fund: Fund, moment: Moment) -> Moment:
        """The moment of somebody who holds a share for each put that she has sold."""
        assert fund.put is not None
        assert moment.account is not None
        sold = moment.selling(fund.put)
        assert sold.account is not None
        return replace(sold, delta=read_only(1.0 + sold.delta), account=_Insured(moment.account, sold.account))


@dataclass(frozen=True)
class CPPI(Method):
    """Constant-proportion portfolio insurance: in shares, `multiplier` times the cushion over the floor.

    The cushion is what the fund is worth over the floor's present value; where there is none, all is in cash.
    F. Black & R. Jones (1987), "Simplifying portfolio insurance", Journal of Portfolio Management 14.

    Parameters
    ----------
    multiplier : one or more
    cap : the most that is in shares, as a fraction of the fund; 1 lets it borrow nothing; no limit unless given

    Examples
    --------
    >>> fund = Fund(value=100, floor=90, horizon=1.0, rate=0.0, units=1.0)
    >>> moment = Moment.of(Option("put", 90, 1), spot=100.0, volatility=0.2, quantity=0, cash=95.0)
    >>> float(CPPI(multiplier=4).target(fund, moment))
    0.2
    """

    multiplier: Annotated[float, between(1, 1e6)]
    cap: Annotated[float | None, optional(not_negative_scalar)] = None

    def target(self, fund: Fund, moment: Moment) -> Any:
        """The multiple of the cushion, in shares."""
        wealth = moment.wealth
        exposure = self.multiplier * np.maximum(wealth - fund.floor_at(moment.time_left), 0.0)
        if self.cap is not None:
            exposure = np.minimum(exposure, self.cap * np.maximum(wealth, 0.0))
        return exposure / (fund.units * moment.spot)


@dataclass(frozen=True)
class StopLoss(Method):
    """Shares for the whole value, until the fund is worth the floor's present value; then cash.

    Parameters
    ----------
    reenter : whether the fund buys the shares back (borrowing what it lacks) whenever they are worth more than the
        floor's present value, and sells them again; otherwise it sells for good

    Examples
    --------
    >>> fund = Fund(value=100, floor=90, horizon=1.0, rate=0.0, units=1.0)
    >>> moment = Moment.of(Option("put", 90, 1), spot=88.0, volatility=0.2, quantity=-1, held=1.0, step=3)
    >>> float(StopLoss(reenter=True).target(fund, moment))
    0.0
    """

    reenter: Truth = False

    def target(self, fund: Fund, moment: Moment) -> Any:
        """What is held, or none."""
        floor = fund.floor_at(moment.time_left)
        if self.reenter:
            return np.where(fund.units * moment.spot > floor, 1.0, 0.0)
        held = 1.0 if moment.step == 0 else moment.held
        return np.where(moment.wealth > floor, held, 0.0)


@dataclass(frozen=True)
class ConstantMix(Method):
    """The same share of the fund in shares at all times, whatever the floor: it buys what falls.

    Parameters
    ----------
    share : of the fund's wealth, zero or more

    Examples
    --------
    >>> fund = Fund(value=100, floor=90, horizon=1.0, rate=0.0, units=1.0)
    >>> moment = Moment.of(Option("put", 90, 1), spot=80.0, volatility=0.2, quantity=0, cash=80.0)
    >>> float(ConstantMix(0.5).target(fund, moment))
    0.5
    """

    share: Annotated[float, between(0, 1e6)]

    def target(self, fund: Fund, moment: Moment) -> Any:
        """The share of what the fund is worth."""
        return self.share * moment.wealth / (fund.units * moment.spot)


class _Plain(NamedTuple):
    """A fund without options: there is no gamma that a policy could ask for."""

    fund: Books
    method: str

    def selling(self, moment: Moment, option: Option) -> Moment:
        return self.fund.selling(moment, option)

    def gamma(self) -> Any:
        raise ValueError(
            f"policy must do without gamma and delta_at where no option is replicated, got {self.method}"
        )

    def delta_at(self, changed: Callable[[Any], Any]) -> Any:
        return self.gamma()

    def wealth(self) -> Any:
        return self.fund.wealth()

    def lowest(self) -> float:
        return 0.0


class _Insured(NamedTuple):
    """A fund, and the put that it replicates beside its shares."""

    fund: Books
    put: Books

    def selling(self, moment: Moment, option: Option) -> Moment:
        return self.fund.selling(moment, option)

    def gamma(self) -> Any:
        return self.put.gamma()

    def delta_at(self, changed: Callable[[Any], Any]) -> Any:
        return 1.0 + self.put.delta_at(changed)

    def wealth(self) -> Any:
        return self.fund.wealth()

    def lowest(self) -> float:
        return 1.0 + self.put.lowest()
