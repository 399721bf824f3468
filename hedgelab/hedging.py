"""Hedge options with the stock, and with other options, on many paths at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any

import joblib
import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm.auto import tqdm

from hedgelab import validation
from hedgelab.costs import Cost, NoCost
from hedgelab.engine import Hedge
from hedgelab.instruments import Option
from hedgelab.markets import BLOCK, Block, Market, Seed, blocks_of
from hedgelab.policies import Clock, Moment, Policy
from hedgelab.positions import TARGETS, Leg, spanning
from hedgelab.runs import HedgeRun
from hedgelab.validation import Floats

#: A policy: a function of the `Moment`, or anything with such a method, ``holding``.
Decision = Policy | Callable[[Moment], Any]
#: What a hedger believes of volatility: numbers, "true", or a function of time, quote and option.
HedgeVolatility = ArrayLike | str | Callable[..., Any]


def hedge(
    option: Option | Mapping[Option, float],
    *,
    market: Market,
    volatility: HedgeVolatility,
    quantity: float | None = None,
    steps: int | None = None,
    n_paths: int = 1,
    seed: Seed = None,
    policy: Decision | None = None,
    cost: Cost | None = None,
    rate: float = 0.0,
    dividend: float = 0.0,
    premium: float | None = None,
    horizon: float | None = None,
    target: str = "delta",
    instruments: Sequence[Option] = (),
    instrument_policy: Decision | None = None,
    instrument_cost: Cost | None = None,
    instrument_limit: float = 10.0,
    inception_cost: bool = True,
    liquidation_cost: bool = False,
    workers: int | None = None,
    block_size: int | None = None,
    progress: bool | None = None,
) -> HedgeRun:
    """Hedge a position in options from inception to expiry, on many paths at once.

    The hedger is paid the premium, buys or sells shares as the policy says at each step, earns `rate` on cash (or
    pays it), and at the end settles the options and values the shares at the last price.

    Parameters
    ----------
    option : one option, or a book of them: a dict of options and their numbers, negative when sold.  Expiries are
        counted from the market's first date; one that falls before the horizon must be one of the market's times
    market : where prices come from: `GBM`, `Merton`, `Heston`, `Bootstrap`, `Replay`, or your own
    volatility : the volatility the hedger believes, for Greeks and premium, annual, zero or more: a number; an
        array of shape (steps + 1,), or (steps + 1, n_paths); "true" for the market's own at each moment; or a
        function ``volatility(time, quote, option)`` of the years since inception, what the market shows and the
        option
    quantity : number of options, negative when sold; one is sold unless given.  A book has its own numbers
    steps : number of equal steps to the horizon; a `Replay` has its own
    n_paths, seed : number of simulated paths, and where their randomness comes from (a whole number, a Generator,
        a SeedSequence or None); the same seed gives the same paths, of which a larger run has more
    policy : when and how far to trade; ``Clock()``, at each step, unless given
    cost : what trading the stock costs; nothing unless given
    rate, dividend : continuously compounded, per year
    premium : price of one option at inception (of the whole book, negative when sold, if `option` is a book); the
        value at `volatility` unless given
    horizon : years to the end; the last expiry unless given.  Options that outlive it are valued at `volatility`
    target : "delta", or with options among the hedges "delta-gamma", "delta-vega" (one) or "delta-gamma-vega"
        (two)
    instruments : the options to hedge with; they trade at their value at `volatility`, and must outlive the
        horizon
    instrument_policy, instrument_cost : when they trade, ``Clock()`` unless given, and what that costs.  The
        policy reads their number against one option of the book as `delta` and `held`
    instrument_limit : the most of each that is held against one option of the book; where the target takes more,
        or their Greeks have run out, their number stays as it is
    inception_cost, liquidation_cost : whether the first purchase, and the sale of what is held at the end, is
        charged
    workers : blocks of paths walked at a time, in processes of their own, which take a second to start and then
        stay; joblib's own setting unless given, so that ``with joblib.parallel_config(backend="dask")`` sends the
        blocks to a cluster.  Functions given to a run must not count on seeing each other's blocks
    block_size : paths walked together, 16,000 unless given, more for several workers: speed and memory depend on
        it, results do not
    progress : show a bar; unless given, only on runs of more than two seconds

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    A thousand calls sold and hedged daily for a quarter; the P&L is near zero, give or take the hedging error:

    >>> from hedgelab import GBM, Option
    >>> call, market = Option("call", strike=105, expiry=0.25), GBM(spot=100, volatility=0.3)
    >>> run = hedge(call, quantity=-1000, market=market, steps=63, n_paths=10_000, seed=1, volatility=0.3)
    >>> bool(abs(run.pnl.mean()) < 3 * run.standard_error())
    True

    With a half-year option to offset gamma, less than a third of the spread is left:

    >>> other = Option("call", strike=100, expiry=0.5)
    >>> both = hedge(call, quantity=-1000, market=market, steps=63, n_paths=10_000, seed=1, volatility=0.3,
    ...              target="delta-gamma", instruments=[other])
    >>> bool(both.pnl.std() < run.pnl.std() / 3)
    True
    """
    cost = NoCost() if cost is None else cost
    instrument_cost = NoCost() if instrument_cost is None else instrument_cost
    _require_methods("market", market, "times", "stream")
    _require_methods("cost", cost, "charge")
    _require_methods("instrument_cost", instrument_cost, "charge")
    validation.not_negative("the market's volatility", getattr(market, "volatility", 0.0))
    book, quantity, premium = _book(option, quantity, premium)
    horizon = _horizon(horizon, book)
    times = _checked_times(market.times(horizon, steps), horizon)
    instruments = tuple(instruments) if isinstance(instruments, Iterable) else (instruments,)
    workers = None if workers is None else validation.whole("workers", workers, minimum=1)
    blocks = blocks_of(n_paths, seed, _block_size(n_paths, workers) if block_size is None else block_size)
    terms = Hedge(
        legs=tuple(Leg(option, weight, _settled(option, times)) for option, weight in book),
        quantity=quantity,
        market=market,
        policy=_decision("policy", policy),
        volatility=_checked_volatility(volatility, len(times), n_paths),
        cost=cost,
        rate=validation.finite_scalar("rate", rate),
        dividend=validation.finite_scalar("dividend", dividend),
        premium=premium,
        target=target,
        instruments=instruments,
        instrument_policy=_decision("instrument_policy", instrument_policy),
        instrument_cost=instrument_cost,
        instrument_limit=validation.positive_scalar("instrument_limit", instrument_limit),
        inception_cost=validation.truth("inception_cost", inception_cost),
        liquidation_cost=validation.truth("liquidation_cost", liquidation_cost),
        times=times,
    )
    _check_instruments(terms, blocks[0])
    pnl, charged = np.empty(n_paths), np.empty(n_paths)
    trades = np.empty(n_paths, dtype=np.int64)
    results = _walked(terms, blocks, workers)
    if progress is None and os.environ.get("TQDM_DISABLE"):  # which tqdm's bar for notebooks does not heed
        progress = False
    shown = results if progress is False else tqdm(results, "hedge", len(blocks), delay=0 if progress else 2)
    try:
        for block, totals in zip(blocks, shown, strict=True):
            for whole, part in zip((pnl, charged, trades), totals, strict=True):
                whole[block.first : block.first + block.n_paths] = part
    finally:
        results.close()
    return HedgeRun(terms, pnl, charged, trades, blocks)


class _Parallel(joblib.Parallel):  # type: ignore[misc]
    """Blocks that nobody will ask for any more, since the run was interrupted, are called off without a word."""

    def _warn_exit_early(self) -> None:  # to silence it by a filter would change the filters of all threads
        pass


def _walked(terms: Hedge, blocks: Sequence[Block], workers: int | None) -> Generator[Any, None, None]:
    """The totals of the blocks in their order, each as soon as it is there if the backend can do that."""
    # threads would do as well, but for Python's lock, handed over at each of the loop's many short operations
    options = {"n_jobs": workers and min(workers, len(blocks)), "prefer": "processes"}
    walk = joblib.delayed(_totals)
    try:
        results = _Parallel(return_as="generator", **options)
    except ValueError:  # joblib's multiprocessing: all of them at once, and what it is sent must be packed for it
        packed = joblib.wrap_non_picklable_objects(terms, keep_wrapper=False)
        yield from _Parallel(**options)(walk(packed, block) for block in blocks)
    else:
        yield from results(walk(terms, block) for block in blocks)


@np.errstate(all="ignore")  # amounts too large for a double are found and named by the checks
def _totals(terms: Hedge, block: Block) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """P&L, cost and number of trades of one block of paths."""
    charged = np.zeros(block.n_paths)
    trades = np.zeros(block.n_paths, dtype=np.int32)  # counts fast
    for step in terms.walk(block):
        charged += step.charge * np.exp(terms.rate * step.view.time_left) if terms.rate else step.charge
        trades += step.traded != 0
    return validation.finite("the P&L", terms.worth(step)), charged, trades


def _book(
    option: Option | Mapping[Option, float], quantity: float | None, premium: float | None
) -> tuple[list[tuple[Option, float]], float, float | None]:
    """The options and their weights, how many options there are in all, and the premium of one."""
    if premium is not None:
        premium = validation.finite_scalar("premium", premium)
    if isinstance(option, Option):
        number = -1.0 if quantity is None else validation.finite_scalar("quantity", quantity)
        return [(option, 1.0)], number, premium
    if not isinstance(option, Mapping) or not option or not all(isinstance(each, Option) for each in option):
        raise ValueError(
            f"option must be an Option, or a dict of Options and their numbers, got {validation.short(option)}"
        )
    if quantity is not None:
        raise ValueError(
            f"quantity must be left out for a book, which has its own numbers, got {validation.short(quantity)}"
        )
    numbers = {each: validation.finite_scalar(f"number of {each}", number) for each, number in option.items()}
    numbers = dict(sorted(numbers.items(), key=_place))  # so that the order in which they came makes no difference
    total = sum(abs(number) for number in numbers.values())
    if total == 0:
        raise ValueError("option must hold at least one option, got a book of zeros")
    weights = [(each, number / total) for each, number in numbers.items()]
    return weights, total, None if premium is None else premium / total


def _place(item: tuple[Option, float]) -> tuple[float, float, str]:
    """Where an option stands in a book."""
    option, _ = item
    return option.expiry, option.strike, option.kind


def _horizon(horizon: float | None, book: Sequence[tuple[Option, float]]) -> float:
    """The end of the hedge, no later than the last expiry."""
    latest = max(option.expiry for option, _ in book)
    if horizon is None:
        return latest
    horizon = validation.positive_scalar("horizon", horizon)
    if horizon > latest:
        raise ValueError(f"horizon must be no later than the last expiry, {latest}, got {horizon}")
    return horizon


def _checked_times(times: Floats, horizon: float) -> Floats:
    """What a market calls its times, if it may."""
    times = validation.finite("times", times)
    rises = times.ndim == 1 and times.size >= 2 and times[0] == 0 and bool((np.diff(times) > 0).all())
    if not rises or not np.isclose(times[-1], horizon):
        raise ValueError(
            f"times of a market must rise from 0 to the end of the hedge, {horizon}, got {validation.short(times)}"
        )
    return times


def _settled(option: Option, times: Floats) -> int:
    """The step at which an option pays off, or one past the last."""
    near = np.abs(times - option.expiry) <= 1e-9 * times[-1]
    if near.any():
        return int(np.argmax(near))
    if option.expiry > times[-1]:
        return len(times)
    raise ValueError(f"expiry of {option} must be one of the market's times, or after the horizon, {times[-1]}")


def _checked_volatility(volatility: HedgeVolatility, n_times: int, n_paths: int) -> Any:
    """The hedger's volatility in one of its forms."""
    if callable(volatility) or (isinstance(volatility, str) and volatility == "true"):
        return volatility
    if isinstance(volatility, str):
        raise ValueError(f'volatility must be numbers, a function or "true", got {validation.short(volatility)}')
    array = validation.not_negative("volatility", volatility)
    if array.shape not in ((), (n_times,), (n_times, n_paths)):
        raise ValueError(
            f"volatility must be one number, or an array of shape ({n_times},) or ({n_times}, {n_paths}), "
            f"got shape {array.shape}"
        )
    return array.copy() if array.ndim else float(array)


def _require_methods(name: str, thing: Any, *methods: str) -> None:
    for method in methods:
        if isinstance(thing, type) or not callable(getattr(thing, method, None)):
            raise ValueError(f"{name} must have a method {method}, got {validation.short(thing)}")


def _decision(name: str, policy: Decision | None) -> Callable[[Moment], Any]:
    """A policy as a function of the moment."""
    decide = getattr(Clock() if policy is None else policy, "holding", policy)
    if not callable(decide) or isinstance(policy, type):
        given = validation.short(policy)
        raise ValueError(f"{name} must be a function of a Moment, or have a method holding(moment), got {given}")
    return decide


def _block_size(n_paths: int, workers: int | None) -> int:
    """As many paths as fit the processor's cache; for several workers fewer and larger blocks, of equal shares."""
    if workers in (None, 1):
        return BLOCK
    share = -(-validation.whole("n_paths", n_paths, minimum=1) // workers)
    return min(max(share, BLOCK), 4 * BLOCK)


@np.errstate(all="ignore")  # as above
def _check_instruments(terms: Hedge, block: Block) -> None:
    """Refuse instruments that cannot do at inception what the target asks of them."""
    if not isinstance(terms.target, str) or terms.target not in TARGETS:
        raise ValueError(
            f"target must be one of {', '.join(map(repr, TARGETS))}, got {validation.short(terms.target)}"
        )
    names, instruments = TARGETS[terms.target], terms.instruments
    if len(instruments) != len(names) or not all(isinstance(each, Option) for each in instruments):
        raise ValueError(
            f"instruments must be {len(names)} options for target {terms.target!r}, "
            f"got {validation.short(instruments)}"
        )
    for option in instruments:
        if option.expiry < terms.times[-1]:
            raise ValueError(f"instruments must not expire before the horizon, {terms.times[-1]}, got {option}")
    if not instruments:
        return
    view = next(terms.walk(block.around(block.first))).view
    if not np.all(spanning([view.greeks(option, names) for option in instruments])):
        raise ValueError(
            f"instruments must be able to offset {' and '.join(names)}, got {', '.join(map(str, instruments))}: "
            "they have none, or are collinear, as any two options of one expiry are in this model"
        )
