"""The walk: hold options, trade the stock by a policy, and keep the books, step by step.

All paths of a block go forward together: the loop reads like the ten-line loop a student writes for one path, with
arrays in place of numbers.  Nothing is stored, so memory does not grow with the number of steps; whoever wants to
know more of a path (its ledger, its explanation) walks it again.

The books are those of a desk.  Whatever is owned counts as positive, whatever is owed as negative, all in whole
units::

    shares      of the stock
    contracts   of each option of the overlay
    number      of each option of the book, fixed at inception
    cash        in currency

    wealth = cash + shares * spot + (number and contracts) * what the market quotes for their options

Only a policy counts otherwise, in shares per option of the book (see `Moment`); `Hedge._asked` converts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from hedgelab import validation
from hedgelab.beliefs import BlackScholes, Pricer, Rates
from hedgelab.costs import Cost
from hedgelab.instruments import Option
from hedgelab.markets import Block, Market, as_quote
from hedgelab.overlays import Overlay
from hedgelab.policies import Moment, decision
from hedgelab.positions import Behind, Leg, View
from hedgelab.validation import Floats, read_only, short

#: A smaller change of what is held per option is rounding, and no trade.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Account:
    """What an account begins with, instead of the price of the options that it sells.

    A fund has cash; a hedge that is already running has cash, shares and, with an overlay, contracts as well.  The
    options of the book are in the account from the start: nobody pays for them.

    Parameters
    ----------
    cash : in currency, negative where it is owed
    shares : how many are held, negative when short
    contracts : how many of each option of the overlay are held; none unless given

    Examples
    --------
    >>> Account(cash=1e6)
    Account(cash=1000000.0, shares=0.0, contracts=())
    """

    cash: float = 0.0
    shares: float = 0.0
    contracts: Sequence[float] = ()

    def __post_init__(self) -> None:
        rule = validation.finite_scalar
        validation.fields(self, cash=rule, shares=rule, contracts=validation.finite)
        object.__setattr__(self, "contracts", tuple(np.ravel(self.contracts).tolist()))


class Step(NamedTuple):
    """The books after one step; each number but the first has one entry per path, or is one for all."""

    view: View
    neutral: Any  # shares that would offset all options held, by the hedger's delta
    traded: Any  # shares bought, negative when sold
    charge: Any  # the cost of all trades
    interest: Any  # interest and dividends since the step before
    shares: Any  # held after the trade
    contracts: Sequence[Any]  # of the overlay, held after the trade
    cash: Any  # after the trades and their costs
    stake: Any  # what the account was worth to begin with


@dataclass(frozen=True, eq=False)
class Hedge:
    """An account and the way it is hedged: everything that a run depends on but chance.

    `hedgelab.hedge` makes one of its arguments; a run keeps it as ``run.hedge``, to walk any of its blocks again.

    Examples
    --------
    >>> import hedgelab as hl
    >>> run = hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.2), volatility=0.2, steps=3, seed=1)
    >>> [round(step.view.time, 4) for step in run.hedge.walk(run.block_of(path=0))]
    [0.0, 0.0833, 0.1667, 0.25]
    """

    legs: tuple[Leg, ...]
    quantity: float  # what premiums are quoted for: so many options, or one book; or a fund's unit
    opening: float | Account | None  # what one is sold for, if not as quoted; or what there is already
    market: Market
    policy: Callable[[Moment], Any]
    cost: Cost
    belief: Pricer
    delta: str | Callable[..., Any]
    quotes: Pricer
    rates: Rates
    overlay: Overlay | None
    times: Floats = field(repr=False)

    def __repr__(self) -> str:
        held = [f"{leg.number:,g} {leg.option}" for leg in self.legs]
        more = [f"{len(held) - 3} more"] if len(held) > 3 else []
        return f"Hedge of {'; '.join(held[:3] + more) or 'a fund'} in {short(self.market)}"

    @property
    def unit(self) -> float:
        """What a policy's shares are counted by: the number of options, sold or bought, or what a fund says."""
        return sum(abs(leg.number) for leg in self.legs) or abs(self.quantity) or 1.0

    @property
    def hedging_options(self) -> Sequence[Option]:
        """The options that hedge the book."""
        return self.overlay.options if self.overlay else ()

    @property
    def by_the_book(self) -> bool:
        """Whether the hedger's delta is that of Black and Scholes, at her volatility."""
        return self.delta == "delta" and isinstance(self.belief, BlackScholes)

    def walk(self, block: Block) -> Iterator[Step]:
        """The books at every step of a block of paths.

        At the last step nothing is traded: options are worth their payoff or, if they live on, what is quoted for
        them, and shares their price.
        """
        last = len(self.times) - 1
        nothing = read_only(np.zeros(block.n_paths))
        cash, shares, contracts = self._opened(nothing)
        anchors: list[Any] = [self.market.spot] * (1 + len(contracts))  # the spot at the last trade of each
        stake: Any = 0.0
        for view in self.views(block):
            interest = traded = nothing
            charge: Any = 0.0
            if view.step:
                if any(self.rates):
                    interest = self._interest(view, cash, shares)
                    cash = cash + interest
                cash = self._settled(view, cash)
            elif isinstance(self.opening, Account):
                stake = self.wealth(view, cash, shares, contracts)
            else:
                cash = cash - (view.net(view.price) if self.opening is None else self.quantity * self.opening)
            if self.overlay and view.step < last:
                contracts, paid, charge = self._trade_options(view, self.overlay, cash, shares, contracts, anchors)
                cash = cash - paid
            neutral = read_only(view.net(view.delta, contracts, sign=-1.0))
            if view.step < last:
                wanted, anchors[0] = self._asked(
                    self.policy, view, neutral, shares, anchors[0], Behind(view, cash, shares, contracts)
                )
                traded = wanted - shares
                shares = wanted
                cash = cash - traded * view.spot
                charge = charge + self._charge(self.cost, view, traded, view.spot)
            else:
                charge = self._closing(view, shares, contracts)
            cash = cash - charge
            _check(view.step, block.n_paths, cash, spot=view.spot, holding=shares, charge=charge)
            yield Step(view, neutral, traded, charge, interest, shares, contracts, cash, stake)

    def wealth(self, view: View, cash: Any, shares: Any, contracts: Sequence[Any]) -> Any:
        """Cash, shares and options together, as quoted."""
        return cash + view.net(view.price, contracts) + shares * view.spot

    def pnl(self, step: Step) -> Any:
        """What has been gained since inception, all at the market's quotes."""
        return self.wealth(step.view, step.cash, step.shares, step.contracts) - step.stake

    def _opened(self, nothing: Any) -> tuple[Any, Any, list[Any]]:
        """Cash, shares and contracts before anything happens."""
        begun = self.opening if isinstance(self.opening, Account) else Account()
        contracts = begun.contracts or (0.0,) * len(self.hedging_options)
        cash, shares, *held = (read_only(nothing + number) for number in (begun.cash, begun.shares, *contracts))
        return cash, shares, held

    def views(self, block: Block) -> Iterator[View]:
        """What the hedger sees at each step, as the market shows it."""
        last, paths = len(self.times) - 1, slice(block.first, block.first + block.n_paths)
        known = getattr(self.market, "volatility", None)
        stream = iter(self.market.stream(self.times, block.n_paths, block.random()))
        for step in range(last + 1):
            shown = next(stream, None)
            if shown is None:
                raise ValueError(f"stream must yield prices at {last + 1} times, it stopped after {step}")
            quote = as_quote(shown)
            if np.shape(quote.spot) != (block.n_paths,) or not quote.spot.min() > 0:
                _blame(step, block.n_paths, spot=quote.spot)
            if quote.variance is not None:
                _blame(step, block.n_paths, variance=quote.variance)
                known = read_only(np.sqrt(quote.variance))
            legs = [leg for leg in self.legs if leg.settled > step or leg.settled == step == last]
            yield View(self, step, quote, paths, legs, known)

    def _interest(self, view: View, cash: Any, shares: Any) -> Any:
        """Interest on cash and dividends on shares since the step before."""
        dt = view.time - view.time_before
        interest = cash * np.expm1(self.rates.rate * dt)
        if self.rates.dividend:
            interest = interest + shares * view.spot * np.expm1(self.rates.dividend * dt)
        return interest

    def _settled(self, view: View, cash: Any) -> Any:
        """The cash after options of the book that expire on the way have paid."""
        for leg in self.legs:
            if leg.settled == view.step < len(self.times) - 1:
                cash = cash + leg.number * leg.option.payoff(view.spot)
        return cash

    def _trade_options(
        self, view: View, overlay: Overlay, cash: Any, shares: Any, held: list[Any], anchors: list[Any]
    ) -> tuple[list[Any], Any, Any]:
        """What is held of each option of the overlay after trading, what was paid for it, and the cost."""
        decide = decision("policy", overlay.policy)
        contracts, paid, charge = [], 0.0, 0.0
        behind = Behind(view, cash, shares, held)
        for k, (option, goal) in enumerate(zip(overlay.options, view.neutral(overlay, held), strict=True)):
            number, anchors[k + 1] = self._asked(decide, view, read_only(goal), held[k], anchors[k + 1], behind)
            price = view.price(option)
            contracts.append(number)
            paid = paid + (number - held[k]) * price
            charge = charge + self._charge(overlay.cost, view, number - held[k], price)
        return contracts, paid, charge

    def _charge(self, cost: Cost, view: View, traded: Any, price: Any) -> Any:
        """What a trade costs, at inception only if that is to be charged."""
        if view.step == 0 and not getattr(cost, "inception", True):
            return 0.0
        charge = cost.charge(read_only(traded), read_only(price), view.market_volatility)
        if isinstance(charge, np.ndarray) and charge.dtype == np.float64 and charge.shape == view.spot.shape:
            return charge
        name = f"charge at step {view.step}"
        return validation.not_negative(name, validation.one_a_path(name, charge, view.spot))

    def _closing(self, view: View, shares: Any, contracts: Sequence[Any]) -> Any:
        """What it costs to close shares and contracts at the last step, where that is to be charged."""
        charge: Any = 0.0
        if getattr(self.cost, "liquidation", False):
            charge = charge + self._charge(self.cost, view, -shares, view.spot)
        if self.overlay and getattr(self.overlay.cost, "liquidation", False):
            for option, number in zip(self.overlay.options, contracts, strict=True):
                charge = charge + self._charge(self.overlay.cost, view, -number, view.price(option))
        return charge

    def _asked(
        self, policy: Callable[[Moment], Any], view: View, goal: Any, held: Any, anchor: Any, behind: Behind
    ) -> tuple[Any, Any]:
        """What is held once the policy has been asked, in its unit, and the spot at the last trade."""
        unit = self.unit
        wanted, own = (goal, held) if unit == 1 else (read_only(goal / unit), read_only(held / unit))
        moment = Moment(
            view.step,
            view.time_left,
            view.spot,
            wanted,
            own,
            volatility=view.book_volatility(),
            rate=self.rates.rate,
            quantity=self.legs[0].number if len(self.legs) == 1 else unit,
            last_traded=anchor,
            time_to_expiry=view.time_to_expiry(),
            account=behind,
            paths=view.paths,
        )
        answer = policy(moment)
        if answer is own:
            return held, anchor
        if answer is not wanted:
            answer = validation.one_a_path(f"holding at step {view.step}", answer, view.spot)
        idle = np.abs(answer - own) <= ROUNDING
        whole = answer if unit == 1 else read_only(unit * answer)
        if not idle.any():
            return whole, view.spot
        return read_only(np.where(idle, held, whole)), read_only(np.where(idle, anchor, view.spot))


def _check(step: int, n_paths: int, cash: Any, **given: Any) -> None:
    """Find out at once when the market, a policy or a cost returned what breaks the books."""
    if cash.shape != (n_paths,) or not np.isfinite(cash).all() or np.min(given["charge"]) < 0:
        _blame(step, n_paths, **given)
        raise ValueError(f"the cash at step {step} must be finite: the amounts are too large for it")


def _blame(step: int, n_paths: int, **given: Any) -> None:
    """Name what was returned that breaks the books."""
    rules = {"spot": validation.positive}
    rules |= dict.fromkeys(("charge", "variance"), validation.not_negative)
    for name, array in given.items():
        if np.shape(array) not in ((), (n_paths,)):
            raise ValueError(f"{name} must have one value a path, shape ({n_paths},), got shape {np.shape(array)}")
        rules.get(name, validation.finite)(f"{name} at step {step}", array)
