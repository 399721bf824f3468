"""The engine: hold an option, trade the stock by a policy, and see what is left at expiry.

`hedge` walks all paths of a block forward together, one step at a time: the loop reads like the ten-line loop a
student writes for one path, with arrays in place of numbers.  Only what a run needs to report is kept, so memory
does not grow with the number of steps; a ledger is made by walking its block again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hedgelab import validation
from hedgelab.costs import Cost, ProportionalCost
from hedgelab.instruments import Option
from hedgelab.markets import Block, Market, Replay, Seed, blocks_of
from hedgelab.policies import Clock, Moment, Policy
from hedgelab.validation import Floats


class Step(NamedTuple):
    """The hedger's books after one step; each but the first two has one entry per path."""

    time: float  # years from inception
    time_left: float  # years to expiry
    spot: Any
    delta: Any  # of one option, in shares
    traded: Any  # shares bought, negative when sold
    charge: Any  # the cost of that trade
    interest: Any  # interest and dividends since the step before
    held: Any  # shares held against one option, after the trade
    cash: Any  # after the trade and its cost


@dataclass(frozen=True, eq=False)
class Hedge:
    """A position in one option and the way it is hedged: everything that a run depends on but chance."""

    option: Option
    quantity: float
    market: Market
    policy: Policy
    volatility: float
    cost: Cost
    rate: float
    dividend: float
    premium: float
    times: Floats = field(repr=False)

    def walk(self, block: Block) -> Iterator[Step]:
        """The books at every step of a block of paths.

        At expiry nothing is traded: the option is worth its payoff and the shares their price.
        """
        last, n_paths = len(self.times) - 1, block.n_paths
        held = nothing = _read_only(np.zeros(n_paths))  # held: shares against one option
        cash = np.full(n_paths, -self.quantity * self.premium)
        stream = self.market.stream(self.times, n_paths, block.random())
        for step, time in enumerate(self.times):
            spot = _read_only(next(stream, None))
            if spot is None:
                raise ValueError(f"stream must yield prices at {last + 1} times, it stopped after {step}")
            time_left = self.times[last] - time
            delta = _read_only(self.option.delta(spot, time_left, self.volatility, self.rate, self.dividend))
            interest = traded = charge = nothing
            if step and (self.rate or self.dividend):
                dt = time - self.times[step - 1]
                interest = cash * np.expm1(self.rate * dt)
                if self.dividend:
                    interest = interest - self.quantity * held * spot * np.expm1(self.dividend * dt)
                cash = cash + interest
            if step < last:
                target = self.policy.holding(Moment(step, time_left, spot, delta, held))
                if target is not delta:  # any other array may be the policy's own, to be used again: take a copy
                    target = _read_only(np.array(target, dtype=np.float64))
                traded = self.quantity * (held - target)
                charge = self.cost.charge(traded, spot)
                cash = cash - traded * spot - charge
                held = target
            if cash.shape != (n_paths,) or not np.isfinite(cash).all() or np.less(charge, 0).any():
                _blame(step, n_paths, spot=spot, holding=held, charge=charge)
            yield Step(time, time_left, spot, delta, traded, charge, interest, held, cash)


def _read_only(array: Any) -> Any:
    """A view of the array that those it is shown to cannot change; whoever owns the array still can."""
    if not isinstance(array, np.ndarray):
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def _blame(step: int, n_paths: int, **given: Any) -> None:
    """Name what the market, the policy or the cost returned that broke the books."""
    for name, array in given.items():
        if np.shape(array) not in ((), (n_paths,)):
            raise ValueError(f"{name} must have one value a path, shape ({n_paths},), got shape {np.shape(array)}")
        validation.finite(f"{name} at step {step}", array)
    validation.positive(f"spot at step {step}", given["spot"])
    validation.not_negative(f"charge at step {step}", given["charge"])
    raise ValueError(f"the cash at step {step} must be finite: the amounts are too large for it")


@dataclass(frozen=True, eq=False)
class HedgeRun:
    """What came of a hedge: one number per path, and any path's ledger.

    Attributes
    ----------
    pnl : profit or loss at expiry, in currency, from the hedger's side, costs included
    cost : trading costs, carried to expiry at the riskless rate; ``pnl + cost`` is the P&L before costs
    trades : number of trades in the stock, the first purchase included
    """

    hedge: Hedge
    pnl: Floats
    cost: Floats
    trades: NDArray[np.int64]
    _blocks: list[Block] = field(repr=False)

    def standard_error(self) -> float:
        """The standard error of the mean P&L."""
        if self.pnl.size < 2:
            raise ValueError(f"n_paths must be at least 2 for a standard error, got {self.pnl.size}")
        return float(self.pnl.std(ddof=1) / np.sqrt(self.pnl.size))

    def summary(self) -> pd.Series:
        """Mean P&L with its standard error, standard deviation of the P&L, mean cost and mean number of trades.

        A single path has no spread: its two deviations are NaN.
        """
        several = self.pnl.size > 1
        return pd.Series(
            {
                "mean": self.pnl.mean(),
                "standard error": self.standard_error() if several else np.nan,
                "standard deviation": self.pnl.std(ddof=1) if several else np.nan,
                "cost": self.cost.mean(),
                "trades": self.trades.mean(),
            }
        )

    def ledger(self, path: int = 0) -> pd.DataFrame:
        """The books of one path, a row for each step, indexed by date (in a replay) or by time in years.

        Columns: the spot, the option's delta, shares traded and held, the cost of the trade, interest (and
        dividends) since the row before, cash after the trade, the value of the option position at the hedge
        volatility, and `pnl`, the sum of cash, shares and option: what closing everything at once would leave.
        The last row's `pnl` is the run's.
        """
        path = validation.whole("path", path, minimum=0)
        if path >= self.pnl.size:
            raise ValueError(f"path must be below {self.pnl.size}, the number of paths, got {path}")
        block = next(block for block in reversed(self._blocks) if block.first <= path).around(path)
        names = ("spot", "delta", "traded", "held", "charge", "interest", "cash")
        rows = [
            [float(np.broadcast_to(getattr(step, name), block.n_paths)[path - block.first]) for name in names]
            for step in self.hedge.walk(block)
        ]
        terms = self.hedge
        table = pd.DataFrame(rows, index=self._index(), columns=names)
        table = table.rename(columns={"charge": "cost", "held": "shares"})
        table["shares"] *= -terms.quantity
        time_left = terms.times[-1] - terms.times
        value = terms.option.value(table.spot.to_numpy(), time_left, terms.volatility, terms.rate, terms.dividend)
        table["option"] = terms.quantity * value
        table["pnl"] = table.cash + table.shares * table.spot + table.option
        scale = table[["cash", "option"]].abs().max(axis=None) + (table.shares * table.spot).abs().max()
        if abs(table.pnl.iloc[-1] - self.pnl[path]) > 1e-9 * scale:
            raise ValueError(
                "policy and cost must decide from what they are given: walked again, the path differs"
            )
        return table

    def _index(self) -> pd.Index:
        market, times = self.hedge.market, self.hedge.times
        if isinstance(market, Replay) and market.dates.dtype.kind == "M":
            return pd.DatetimeIndex(market.dates[: len(times)], name="date")
        return pd.Index(times, name="time")


def hedge(
    option: Option,
    *,
    market: Market,
    volatility: float,
    quantity: float = -1.0,
    steps: int | None = None,
    n_paths: int = 1,
    seed: Seed = None,
    policy: Policy | None = None,
    cost: Cost | None = None,
    rate: float = 0.0,
    dividend: float = 0.0,
    premium: float | None = None,
) -> HedgeRun:
    """Hedge a position in `option` with the stock from inception to expiry, on many paths at once.

    The hedger is paid the premium, buys or sells shares as the policy says at each step, earns `rate` on cash (or
    pays it), and at expiry settles the option and values the shares at the last price.  The first purchase pays
    costs like any other trade; what is held at expiry is delivered or marked at no cost.

    Parameters
    ----------
    option : the option, its expiry counted from the market's first date
    market : where prices come from: `GBM`, `Replay`, ...
    volatility : the volatility the hedger believes, for delta and for the premium; annual, zero or more
    quantity : number of options, negative when sold
    steps : number of equal steps to expiry; a `Replay` has its own
    n_paths, seed : number of simulated paths, and where their randomness comes from (a whole number, a Generator,
        a SeedSequence or None); the same two give the same run, another number of paths gives other paths
    policy : when and how far to trade; ``Clock()``, at each step, unless given
    cost : what trading costs; nothing unless given
    rate, dividend : continuously compounded, per year
    premium : price of one option at inception; its Black-Scholes value at `volatility` unless given

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    A thousand calls sold and hedged daily for a quarter; the P&L is near zero, give or take the hedging error:

    >>> from hedgelab import GBM, Option
    >>> run = hedge(Option("call", strike=105, expiry=0.25), quantity=-1000, market=GBM(spot=100, volatility=0.3),
    ...             steps=63, n_paths=10_000, seed=1, volatility=0.3)
    >>> bool(abs(run.pnl.mean()) < 3 * run.standard_error())
    True
    """
    volatility = validation.not_negative_scalar("volatility", volatility)
    rate = validation.finite_scalar("rate", rate)
    dividend = validation.finite_scalar("dividend", dividend)
    times = _checked_times(market.times(option.expiry, steps), option.expiry)
    if premium is None:
        premium = float(option.value(market.spot, option.expiry, volatility, rate, dividend))
    terms = Hedge(
        option=option,
        quantity=validation.finite_scalar("quantity", quantity),
        market=market,
        policy=Clock() if policy is None else policy,
        volatility=volatility,
        cost=ProportionalCost(0.0) if cost is None else cost,
        rate=rate,
        dividend=dividend,
        premium=validation.finite_scalar("premium", premium),
        times=times,
    )
    blocks = blocks_of(n_paths, seed)
    totals = [_totals(terms, block) for block in blocks]
    pnl, charged, trades = (np.concatenate(column) for column in zip(*totals, strict=True))
    return HedgeRun(terms, pnl, charged, trades, blocks)


def _checked_times(times: Floats, expiry: float) -> Floats:
    """What a market calls its times, if it may."""
    times = validation.finite("times", times)
    rises = times.ndim == 1 and times.size >= 2 and times[0] == 0 and bool((np.diff(times) > 0).all())
    if not rises or not np.isclose(times[-1], expiry):
        raise ValueError(f"times of a market must rise from 0 to the expiry, {expiry}, got {times}")
    return times


def _totals(terms: Hedge, block: Block) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """P&L, cost and number of trades of one block of paths."""
    charged = np.zeros(block.n_paths)
    trades = np.zeros(block.n_paths, dtype=np.int64)
    for step in terms.walk(block):
        charged = charged + step.charge * np.exp(terms.rate * step.time_left)
        trades += step.traded != 0
    pnl = step.cash + terms.quantity * (terms.option.payoff(step.spot) - step.held * step.spot)
    return pnl, charged, trades
