"""The walk: hold options, trade the stock by a policy, and keep the books, step by step.

All paths of a block go forward together: the loop reads like the ten-line loop a student writes for one path, with
arrays in place of numbers.  Nothing is stored, so memory does not grow with the number of steps; whoever wants to
know more of a path (its ledger, its explanation) walks it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from hedgelab import validation
from hedgelab.costs import Cost
from hedgelab.instruments import Option
from hedgelab.markets import Block, Market, Quote, as_quote
from hedgelab.policies import Moment
from hedgelab.positions import Change, Leg, View
from hedgelab.validation import Floats, read_only, short

#: A smaller change of what is held against one option is rounding, and no trade.
ROUNDING = 1e-12


class Step(NamedTuple):
    """The hedger's books after one step; each but the first has one entry per path, or one number for all."""

    view: View
    delta: Any  # shares that offset one option of the book and the options that hedge it
    traded: Any  # shares bought, negative when sold
    charge: Any  # the cost of all trades
    interest: Any  # interest and dividends since the step before
    held: Any  # shares held against one option, after the trade
    contracts: Sequence[Any]  # hedging options held against one option, after the trade
    cash: Any  # after the trades and their costs


@dataclass(frozen=True, eq=False)
class Hedge:
    """A book of options and the way it is hedged: everything that a run depends on but chance.

    `hedgelab.hedge` makes one of its arguments; a run keeps it as ``run.hedge``, to walk any of its blocks again.

    Examples
    --------
    >>> import hedgelab as hl
    >>> run = hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.2), volatility=0.2, steps=3, seed=1)
    >>> [round(step.view.time, 4) for step in run.hedge.walk(run.block_of(path=0))]
    [0.0, 0.0833, 0.1667, 0.25]
    """

    legs: tuple[Leg, ...]
    quantity: float
    market: Market
    policy: Callable[[Moment], Any]
    volatility: Any
    cost: Cost
    rate: float
    dividend: float
    premium: float | None
    target: str
    instruments: tuple[Option, ...]
    instrument_policy: Callable[[Moment], Any]
    instrument_cost: Cost
    instrument_limit: float
    inception_cost: bool
    liquidation_cost: bool
    times: Floats = field(repr=False)

    def __repr__(self) -> str:
        held = [f"{self.quantity * leg.weight:,g} {leg.option}" for leg in self.legs]
        more = [f"{len(held) - 3} more"] if len(held) > 3 else []
        return f"Hedge of {'; '.join(held[:3] + more)} in {short(self.market)}"

    def walk(self, block: Block) -> Iterator[Step]:
        """The books at every step of a block of paths.

        At the last step nothing is traded: options are worth their payoff or, if they live on, their value, and
        shares their price.
        """
        last = len(self.times) - 1
        held = nothing = read_only(np.zeros(block.n_paths))
        contracts: list[Any] = [nothing] * len(self.instruments)
        cash: Any = nothing
        anchors: list[Any] = [self.market.spot] * (1 + len(self.instruments))  # the spot at the last trade of each
        stream = iter(self.market.stream(self.times, block.n_paths, block.random()))
        for step in range(last + 1):
            view = self._view(step, next(stream, None), block)
            interest = traded = nothing
            charge: Any = 0.0
            if step == 0:
                cash = cash - self.quantity * self.price(view)
            elif self.rate or self.dividend:
                interest = self._interest(view, cash, held)
                cash = cash + interest
            for leg in self.legs:
                if leg.settled == step < last:
                    cash = cash + self.quantity * leg.weight * leg.option.payoff(view.spot)
            if self.instruments and step < last:
                contracts, paid, charge = self._trade_options(view, contracts, anchors)
                cash = cash - paid
            delta = read_only(view.net(("delta",), contracts)[0])
            if step < last:
                wanted, anchors[0] = self._ask(self.policy, view, delta, held, anchors[0], contracts)
                traded = self.quantity * (held - wanted)
                held = wanted
                stock_charge = self._charge(self.cost, view, traded, view.spot)
                charge = charge + stock_charge if self.instruments else stock_charge
                cash = cash - traded * view.spot
            elif self.liquidation_cost:
                charge = self._liquidation(view, held, contracts)
            cash = cash - charge
            _check(step, block.n_paths, cash, spot=view.spot, holding=held, charge=charge)
            yield Step(view, delta, traded, charge, interest, held, contracts, cash)

    def options(self, step: Step) -> Any:
        """What all options together are worth at one step, those that hedge the book included."""
        return self.quantity * step.view.net(("price",), step.contracts)[0]

    def worth(self, step: Step) -> Any:
        """Cash, shares and options together, as marked at one step: the P&L so far."""
        return step.cash + self.options(step) - self.quantity * step.held * step.view.spot

    def _view(self, step: int, shown: Any, block: Block) -> View:
        """What the hedger sees when the market shows a quote."""
        if shown is None:
            raise ValueError(f"stream must yield prices at {len(self.times)} times, it stopped after {step}")
        time, last = float(self.times[step]), len(self.times) - 1
        quote = as_quote(shown)
        if np.shape(quote.spot) != (block.n_paths,) or not quote.spot.min() > 0:
            _blame(step, block.n_paths, spot=quote.spot)
        true = getattr(self.market, "volatility", None)
        if quote.variance is not None:
            _blame(step, block.n_paths, variance=quote.variance)
            true = read_only(np.sqrt(quote.variance))
        sigma = self._sigma(quote, true, step, block)
        legs = [leg for leg in self.legs if leg.settled > step or leg.settled == step == last]
        return View(
            step=step,
            time=time,
            time_left=float(self.times[last]) - time,
            spot=quote.spot,
            true_volatility=true,
            legs=legs,
            instruments=self.instruments,
            sigma=sigma,
            rate=self.rate,
            dividend=self.dividend,
        )

    def value(self, view: View) -> Any:
        """What the hedger's model says one option of the book is worth."""
        return view.net(("price",), [0.0] * len(self.instruments))[0]

    def price(self, view: View) -> Any:
        """What one option is sold or bought for: its value to the hedger unless the market says otherwise."""
        return self.value(view) if self.premium is None else self.premium

    def options_held(self, step: Step) -> Iterator[tuple[Option, Any]]:
        """Each option and how many of it are held after a step, those that hedge the book included."""
        for leg in step.view.legs:
            yield leg.option, self.quantity * leg.weight
        for option, number in zip(self.instruments, step.contracts, strict=True):
            yield option, -self.quantity * number

    def _sigma(self, quote: Quote, true: Any, step: int, block: Block) -> Callable[[Option], Any]:
        """The hedger's volatility at one step, as a function of the option."""
        given = self.volatility
        if isinstance(given, float):
            return lambda option: given
        if callable(given):

            def asked(option: Option) -> Any:
                answer = validation.not_negative(
                    f"volatility at step {step}", given(float(self.times[step]), quote, option)
                )
                if answer.shape not in ((), (block.n_paths,)):
                    _blame(step, block.n_paths, volatility=answer)
                return answer

            return asked
        if isinstance(given, str):
            if true is None:
                raise ValueError(f"volatility must be given in a market that does not know its own, got {given!r}")
            return lambda option: true
        volatility = given[step] if given.ndim == 1 else given[step, block.first : block.first + block.n_paths]
        return lambda option: volatility

    def _interest(self, view: View, cash: Any, held: Any) -> Any:
        """Interest on cash and dividends on shares since the step before."""
        dt = view.time - self.times[view.step - 1]
        interest = cash * np.expm1(self.rate * dt)
        if self.dividend:
            interest = interest - self.quantity * held * view.spot * np.expm1(self.dividend * dt)
        return interest

    def _trade_options(self, view: View, held: list[Any], anchors: list[Any]) -> tuple[list[Any], Any, Any]:
        """What is held of each instrument after trading, what was paid for it, and the cost."""
        wanted = view.neutral(self.target, held, self.instrument_limit)
        contracts, paid, charge = [], 0.0, 0.0
        for k, option in enumerate(self.instruments):
            goal = read_only(wanted[k])
            number, anchors[k + 1] = self._ask(self.instrument_policy, view, goal, held[k], anchors[k + 1])
            traded = self.quantity * (held[k] - number)
            (price,) = view.greeks(option, ("price",))
            contracts.append(number)
            paid = paid + traded * price
            charge = charge + self._charge(self.instrument_cost, view, traded, price)
        return contracts, paid, charge

    def _charge(self, cost: Cost, view: View, traded: Any, price: Any) -> Any:
        """What a trade costs, at inception only if that is to be charged."""
        if view.step == 0 and not self.inception_cost:
            return 0.0
        charge = cost.charge(read_only(traded), read_only(price), view.market_volatility)
        known = isinstance(charge, np.ndarray) and charge.dtype == np.float64
        return charge if known else validation.not_negative(f"charge at step {view.step}", charge)

    def _liquidation(self, view: View, held: Any, contracts: Sequence[Any]) -> Any:
        """What it costs to close shares and contracts at the last step."""
        charge = self._charge(self.cost, view, self.quantity * held, view.spot)
        for option, number in zip(self.instruments, contracts, strict=True):
            (price,) = view.greeks(option, ("price",))
            charge = charge + self._charge(self.instrument_cost, view, self.quantity * number, price)
        return charge

    def _ask(
        self, policy: Callable[[Moment], Any], view: View, goal: Any, held: Any, anchor: Any, contracts: Any = None
    ) -> tuple[Any, Any]:
        """What the policy holds when neutral were `goal`, and the spot at the last trade."""

        def greek(name: str, changed: Change = None) -> Any:
            return view.net((name,), contracts, changed)[0]

        moment = Moment(
            view.step,
            view.time_left,
            view.spot,
            goal,
            held,
            volatility=view.book_volatility(),
            rate=self.rate,
            quantity=self.quantity,
            last_traded=anchor,
            greek=None if contracts is None else greek,
        )
        answer = policy(moment)
        if answer is held:
            return held, anchor
        if answer is not goal:
            answer = validation.kept(f"holding at step {view.step}", answer)
        idle = np.abs(answer - held) <= ROUNDING
        if not idle.any():
            return answer, view.spot
        return read_only(np.where(idle, held, answer)), read_only(np.where(idle, anchor, view.spot))


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
