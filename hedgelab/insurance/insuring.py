"""Insure a fund, on many paths at once: the door to the engine for funds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab import validation
from hedgelab.beliefs import Belief, Pricer, Rates, pricer_of
from hedgelab.costs import Cost, NoCost
from hedgelab.engine import Account, Hedge
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.insurance.methods import Fund, Method, RealPut, SyntheticPut
from hedgelab.insurance.runs import InsuredRun, policy_of
from hedgelab.markets import Market, Seed, blocks_of
from hedgelab.policies import Clock, Decision, decision
from hedgelab.positions import Leg, View
from hedgelab.validation import Floats, between, short


@np.errstate(all="ignore")  # amounts too large for a double are found and named by the checks
def insure(
    value: float,
    floor: float,
    horizon: float,
    market: Market,
    method: Method,
    *,
    policy: Decision | None = None,
    cost: Cost | None = None,
    rate: float = 0.0,
    dividend: float = 0.0,
    volatility: Belief = "true",
    quotes: Belief | None = None,
    steps: int | ArrayLike | None = None,
    n_paths: int = 1,
    seed: Seed = None,
) -> InsuredRun:
    """Insure a fund that begins in cash, and see what it is worth at the end, on many paths at once.

    It is `hedge` with a fund as the account and the method as what its policy trades to.  The floor is what the
    fund is to be worth at the horizon; until then its present value counts.  Costs are paid from the fund's
    cash, which may be owed.  Dividends stay in cash.

    Parameters
    ----------
    value : of the fund at first, in currency
    floor : what is insured, as a fraction of `value`; less than ``exp(rate * horizon)``, which cash alone would
        reach
    horizon : years
    market : where prices come from, as in `hedge`
    method : `CPPI`, `SyntheticPut`, `RealPut`, `StopLoss`, `ConstantMix`, `Holding`, or a `Method` of your own
    policy : when and how far the fund trades to what the method wants: ``Clock()``, at each step, unless
        given.  It counts shares by those that are insured, so ``DeltaBand(0.05)`` lets five of a hundred be
        missing; policies that ask for gamma, such as `WhalleyWilmott`, need a `SyntheticPut`
    cost : what trading shares costs; nothing unless given
    rate, dividend : continuously compounded, per year
    volatility : what is believed, as in `hedge`: by a `SyntheticPut` without one of its own, and by costs that
        depend on volatility in a market that does not know its own; where it is "true" in such a market, those
        costs go by what prices the put
    quotes : what the market quotes for the put that `RealPut` buys, in the same forms; `volatility` unless given
    steps, n_paths, seed : as in `hedge`

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    >>> import hedgelab as hl
    >>> market = hl.Merton(100, volatility=0.15, jump_rate=0.5, jump_mean=-0.2, jump_volatility=0.1, drift=0.08)
    >>> run = hl.insure(value=1e9, floor=0.9, horizon=1.0, market=market, method=hl.CPPI(multiplier=4), rate=0.03,
    ...                 steps=252, n_paths=10_000, seed=1)
    >>> law = hl.insurance.cppi_under_jumps(1e9, 0.9, 4, 1.0, market, rate=0.03)
    >>> bool(abs(run.failed.mean() - law.failure) < 0.01)
    True
    """
    cost = NoCost() if cost is None else cost
    validation.has_methods("market", market, "times", "stream")
    validation.has_methods("cost", cost, "charge")
    if not isinstance(method, Method):
        raise ValueError(f"method must be one of hedgelab's or derive from Method, got {short(method)}")
    rates = Rates(validation.finite_scalar("rate", rate), validation.finite_scalar("dividend", dividend))
    fund = _fund(value, floor, horizon, rates.rate, market)
    times = _times(market, fund.horizon, steps)
    book, paid, own = None, 0.0, volatility
    if isinstance(method, RealPut | SyntheticPut):
        bought = isinstance(method, RealPut)
        name, own = _own(method, volatility, quotes)
        view = _inception(name, own, volatility, market, times, n_paths, rates)
        if isinstance(volatility, str) and view.true_volatility is None:  # nothing else is known of it
            volatility, view.terms = own, replace(view.terms, belief=view.terms.quotes)
        put = _affordable(fund, view, cost if bought else NoCost())
        fund = replace(fund, units=fund.floor / put.strike, put=put)
        if bought:
            book, paid = {put: fund.units}, fund.units * _price(view, put)
        elif own is not volatility:
            volatility = _Apart(put, view.terms.quotes, view.terms.belief)
    run = hedge(
        book,
        quantity=None if book else fund.units,
        account=Account(cash=fund.value - paid),
        policy=policy_of(decision("policy", Clock() if policy is None else policy), method, fund),
        volatility=volatility,
        quotes=None if own is volatility else own,
        delta=method.delta if isinstance(method, SyntheticPut) else "delta",
        market=market,
        horizon=fund.horizon,
        steps=steps,
        n_paths=n_paths,
        seed=seed,
        cost=cost,
        rate=rates.rate,
        dividend=rates.dividend,
    )
    return InsuredRun(run.hedge, run.pnl, run.cost, run.trades, run.wealth, run.blocks, fund, method)


def _fund(value: float, floor: float, horizon: float, rate: float, market: Market) -> Fund:
    """The fund, if cash alone could reach its floor."""
    value, share = between(1e-6, 1e18)("value", value), between(1e-6, 1e6)("floor", floor)
    horizon = validation.positive_scalar("horizon", horizon)
    most = float(np.exp(rate * horizon))
    if not share < most:
        raise ValueError(f"floor must be below exp(rate * horizon), {most:.6g}, what cash grows to, got {share}")
    units = validation.positive_scalar("value / spot", value / market.spot)
    return Fund(value, share * value, horizon, rate, units)


@dataclass(frozen=True)
class _Apart:
    """What a fund believes of the put that it replicates, and, for costs, of everything else."""

    put: Option
    own: Pricer
    others: Pricer

    @property
    def names(self) -> Sequence[str]:
        """What is known of the put."""
        return self.own.names

    @property
    def deltas(self) -> Sequence[str]:
        """Rules for its delta."""
        return self.own.deltas

    def pricer(self, rates: Rates) -> Pricer:
        """The same."""
        return self

    def greeks(self, names: Sequence[str], option: Option, view: View) -> Sequence[Any]:
        """The put's."""
        return self.own.greeks(names, option, view)

    def state(self, option: Option, view: View) -> Any:
        """The put's."""
        return self.own.state(option, view)

    def volatility(self, option: Option, view: View) -> Any:
        """Of the put, or of the share."""
        return (self.own if option == self.put else self.others).volatility(option, view)


def _own(method: Method, volatility: Belief, quotes: Belief | None) -> tuple[str, Belief]:
    """What prices the put of a method that has one, and the argument that says it."""
    if isinstance(method, RealPut) and quotes is not None:
        return "quotes", quotes
    own = method.volatility if isinstance(method, SyntheticPut) else None
    return "volatility", volatility if own is None else own


def _times(market: Market, horizon: float, steps: Any) -> Floats:
    """The market's times to the horizon, if it goes so far."""
    try:
        times = market.times(horizon, steps)
    except ValueError as error:
        raise ValueError(
            f"horizon and steps must suit the market, got {horizon} and {short(steps)}: {error}"
        ) from None
    return validation.rising("times of a market", times, horizon)


def _inception(
    name: str, own: Belief, volatility: Belief, market: Market, times: Floats, n_paths: int, rates: Rates
) -> View:
    """The first moment of a fund without options, at which any option can be priced."""
    for each, belief in {"volatility": volatility, name: own}.items():
        if isinstance(belief, Mapping):
            raise ValueError(f"{each} must hold for any strike, for it decides the put's, got {short(belief)}")
    known = (market, len(times), validation.whole("n_paths", n_paths, minimum=1), rates)
    pricer = pricer_of(name, own, [], *known)
    terms = Hedge(
        legs=(),
        quantity=1.0,
        opening=Account(),
        market=market,
        policy=Clock().holding,
        cost=NoCost(),
        belief=pricer if own is volatility else pricer_of("volatility", volatility, [], *known),
        delta="delta",
        quotes=pricer,
        rates=rates,
        overlay=None,
        times=times,
    )
    return next(terms.views(blocks_of(min(n_paths, 1000), seed=0)[0]))


def _price(view: View, option: Option) -> float:
    """What an option costs at inception, one price for all paths."""
    prices = validation.finite("the put's price", view.price(option))
    if np.ptp(prices) > 1e-12 * np.max(prices):
        low, high = prices.min(), prices.max()
        raise ValueError(f"volatility must give the put one price on all paths at first, got {low} to {high}")
    return float(prices.flat[0])


def _affordable(fund: Fund, view: View, cost: Cost) -> Option:
    """The put for which the fund can just pay, beside as many shares and the cost of buying them."""
    from scipy.optimize import brentq  # takes a while

    spot = view.terms.market.spot
    charged = getattr(cost, "inception", True)

    def put(moneyness: float) -> Option:
        return Option("put", float(spot * np.exp(moneyness)), fund.horizon)

    def left(moneyness: float) -> float:
        """What fraction of the value is left when all is bought: the more, the higher the strike."""
        option = put(moneyness)
        units = fund.floor / option.strike
        volatility = replace(view, legs=[Leg(option, units, len(view.terms.times))]).market_volatility
        paid = cost.charge(np.array([units]), np.array([spot]), volatility) if charged else 0.0
        spent = units * (spot + _price(view, option)) + float(np.max(paid))
        return 1.0 - spent / fund.value

    low = float(np.log(fund.floor / fund.value))  # as many shares as the value buys, and nothing for the puts
    high = next((low + width for width in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0) if left(low + width) > 0), None)
    if high is None:
        raise ValueError(f"floor must leave the fund enough for a put, got {fund.floor / fund.value}")
    return put(brentq(left, low, high, xtol=1e-15, rtol=1e-15) if left(low) < 0 else low)
