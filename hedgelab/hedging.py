"""Hedge options with the stock, and with other options, on many paths at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hedgelab import validation
from hedgelab.beliefs import Belief, EachItsOwn, Pricer, Rates, pricer_of
from hedgelab.costs import Cost, NoCost, chargeable
from hedgelab.engine import Account, Hedge
from hedgelab.instruments import Option
from hedgelab.markets import Block, Market, Seed
from hedgelab.overlays import Overlay, spanning
from hedgelab.parallel import blocks, each
from hedgelab.policies import Clock, Decision, decision
from hedgelab.positions import Leg
from hedgelab.runs import HedgeRun
from hedgelab.smile.rules import FOLLOWS
from hedgelab.validation import Floats, refusal


def hedge(
    option: Option | Mapping[Option, float] | None,
    *,
    market: Market,
    volatility: Belief = "true",
    quotes: Belief | None = None,
    delta: str | Callable[..., Any] = "delta",
    quantity: float | None = None,
    steps: int | ArrayLike | None = None,
    n_paths: int = 1,
    seed: Seed = None,
    policy: Decision | None = None,
    cost: Cost | None = None,
    rate: float = 0.0,
    dividend: float = 0.0,
    premium: float | None = None,
    account: Account | None = None,
    horizon: float | None = None,
    overlay: Overlay | None = None,
) -> HedgeRun:
    """Hedge a position in options from inception to expiry, on many paths at once.

    The hedger is paid the premium, buys or sells shares as the policy says at each step, earns `rate` on cash (or
    pays it), and at the end settles the options and values the shares at the last price.

    Parameters
    ----------
    option : one option, or a book of them: a dict of options and their numbers, negative when sold.  Expiries are
        counted from the market's first date; one that falls before the horizon must be one of the market's times.
        None for an `account` without options
    market : where prices come from: `GBM`, `Merton`, `Heston`, `CEV`, `LognormalSABR`, `Bootstrap`, `Replay`,
        `Scenarios`, or your own
    volatility : what the hedger believes, from which delta and the other Greeks come.  A volatility, annual, zero
        or more: a number; an array of shape (steps + 1,), or (steps + 1, n_paths), in a recorded market also a
        column as long as the record; "true" for the market's own at each moment; or a function ``volatility(time,
        quote, option)`` of the years since inception, what the market shows and the option.  Or a model,
        `Heston`, `Merton`, `CEV` or `LognormalSABR`, with its own Greeks.  Or a `MovingSmile`.  Or a dict with one
        of these for each option
    quotes : what the market quotes for options, at which they are sold, bought and marked, in the same forms; what
        the hedger believes unless given
    delta : the rule by which a delta is made: the derivative of the price by the spot unless given; another Greek
        of a model by name, as "minimum_variance_delta" of `Heston`; "sticky_strike", "sticky_moneyness" or
        "sticky_local_volatility", rules of the smile that is quoted, see `smile_delta`; a `LearnedDelta`; or a
        function ``delta(time, quote, option)``
    quantity : number of options, negative when sold; one is sold unless given.  A book has its own numbers; a fund
        without options has its policy count shares by so many, by one unless given
    steps : number of equal steps to the horizon, or the times of your own, in years from 0 to the horizon; a
        `Replay` and `Scenarios` have theirs
    n_paths, seed : number of simulated paths, and where their randomness comes from (a whole number, a Generator,
        a SeedSequence or None); the same seed gives the same paths, of which a larger run has more
    policy : when and how far to trade; ``Clock()``, at each step, unless given
    cost : what trading the stock costs; nothing unless given
    rate, dividend : continuously compounded, per year
    premium : price of one option at inception (of the whole book, negative when sold, if `option` is a book); what
        is quoted unless given
    account : what there is at inception, instead of a premium: a fund, or a hedge that is running already
    horizon : years to the end; the last expiry unless given.  Options that outlive it are marked at their quote
    overlay : options that hedge the book, where shares alone are not to do it all

    `computing` says how: in how many processes, in blocks of which size, with a bar or without.

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    A thousand calls sold and hedged daily for a quarter; the P&L is near zero, give or take the hedging error:

    >>> from hedgelab import GBM, Option, Overlay
    >>> call, market = Option("call", strike=105, expiry=0.25), GBM(spot=100, volatility=0.3)
    >>> run = hedge(call, quantity=-1000, market=market, steps=63, n_paths=10_000, seed=1, volatility=0.3)
    >>> bool(abs(run.pnl.mean()) < 3 * run.standard_error())
    True

    With a half-year option to offset gamma, less than a third of the spread is left:

    >>> other = Overlay("delta-gamma", [Option("call", strike=100, expiry=0.5)])
    >>> both = hedge(call, quantity=-1000, market=market, steps=63, n_paths=10_000, seed=1, volatility=0.3,
    ...              overlay=other)
    >>> bool(both.pnl.std() < run.pnl.std() / 3)
    True
    """
    validation.has_methods("market", market, "times", "stream")
    cost = chargeable("cost", NoCost() if cost is None else cost)
    validation.not_negative("the market's volatility", getattr(market, "volatility", 0.0))
    book, quantity = _book(option, quantity)
    horizon = _horizon(horizon, book)
    times = validation.rising("times of a market", market.times(horizon, steps), horizon)
    parts = blocks(n_paths, seed)
    rates = Rates(validation.finite_scalar("rate", rate), validation.finite_scalar("dividend", dividend))
    held = [*(each for each, _ in book), *_hedging(overlay, times)]
    known = (held, market, len(times), n_paths, rates)
    belief = pricer_of("volatility", volatility, *known)
    quoted = belief if quotes is None else pricer_of("quotes", quotes, *known)
    terms = Hedge(
        legs=tuple(Leg(option, number, _settled(option, times)) for option, number in book),
        quantity=quantity,
        opening=_opening(premium, account, book, overlay),
        market=market,
        policy=decision("policy", Clock() if policy is None else policy),
        cost=cost,
        belief=belief,
        delta=_rule(delta, belief, quoted),
        quotes=quoted,
        rates=rates,
        overlay=overlay,
        times=times,
    )
    _check_overlay(terms, parts[0])
    totals = zip(*(total for _, total in each(_totals, terms, parts)), strict=True)
    pnl, charged, wealth, trades = (np.concatenate(part) for part in totals)
    return HedgeRun(terms, pnl, charged, trades.astype(np.int64), wealth, parts)


@np.errstate(all="ignore")  # amounts too large for a double are found and named by the checks
def _totals(terms: Hedge, block: Block) -> tuple[Floats, Floats, Floats, NDArray[np.int32]]:
    """P&L, cost, wealth and number of trades of one block of paths."""
    charged = np.zeros(block.n_paths)
    trades = np.zeros(block.n_paths, dtype=np.int32)  # counts fast
    rate = terms.rates.rate
    for step in terms.walk(block):
        charged += step.charge * np.exp(rate * step.view.time_left) if rate else step.charge
        trades += step.traded != 0
    pnl = validation.finite("the P&L", terms.pnl(step))
    return pnl, charged, pnl + step.stake, trades


def _book(
    option: Option | Mapping[Option, float] | None, quantity: float | None
) -> tuple[list[tuple[Option, float]], float]:
    """The options and their numbers, and what a premium is for: so many options, or one book."""
    if isinstance(option, Option):
        number = -1.0 if quantity is None else validation.finite_scalar("quantity", quantity)
        return [(option, number)], number
    if option is None:
        return [], 1.0 if quantity is None else validation.positive_scalar("quantity", quantity)
    if quantity is not None:
        raise refusal("quantity must be left out for a book, which has its own numbers", quantity)
    if not isinstance(option, Mapping) or not option or not all(isinstance(each, Option) for each in option):
        raise refusal("option must be an Option, or a dict of Options and their numbers", option)
    numbers = {each: validation.finite_scalar(f"number of {each}", number) for each, number in option.items()}
    if not any(numbers.values()):
        raise ValueError("option must hold at least one option, got a book of zeros")
    order = sorted(numbers, key=attrgetter("expiry", "strike", "kind"))  # whichever came first
    return [(each, numbers[each]) for each in order], 1.0


def _opening(
    premium: float | None, account: Account | None, book: Sequence[Any], overlay: Overlay | None
) -> float | Account | None:
    """What the account opens with, if it is not the quoted price of its options."""
    if account is None:
        if not book:
            raise ValueError("account must be given where there is no option, got None")
        return None if premium is None else validation.finite_scalar("premium", premium)
    if not isinstance(account, Account):
        raise refusal("account must be an Account", account)
    if premium is not None:
        raise refusal("premium must be left out where an account is given", premium)
    options = len(overlay.options) if overlay else 0
    if len(account.contracts) not in (0, options):
        raise ValueError(f"contracts must be one for each of the overlay's {options} options, got {account}")
    return account


def _rule(delta: Any, belief: Pricer, quotes: Pricer) -> Any:
    """How a delta is made: by a rule of the quoted smile, or by one that belongs to what the hedger believes."""
    named = isinstance(delta, str) and delta in belief.deltas
    if isinstance(delta, str) and delta in FOLLOWS:
        if isinstance(quotes, EachItsOwn):
            raise ValueError(f"quotes must be of all strikes for delta={delta!r}, not of each option by itself")
        return delta
    if hasattr(delta, "quoted_delta") and not isinstance(delta, type):
        return delta
    if not named and (isinstance(delta, str | type) or not callable(delta)):
        known = ", ".join(map(repr, [*belief.deltas, *FOLLOWS]))
        raise refusal(f"delta must be a function, or one of {known} for this volatility", delta)
    return delta


def _horizon(horizon: float | None, book: Sequence[tuple[Option, float]]) -> float:
    """The end of the hedge, no later than the last expiry."""
    latest = max((option.expiry for option, _ in book), default=np.inf)
    horizon = latest if horizon is None else validation.positive_scalar("horizon", horizon)
    if horizon == np.inf:
        raise ValueError("horizon must be given where there is no option, got None")
    if horizon > latest:
        raise ValueError(f"horizon must be no later than the last expiry, {latest}, got {horizon}")
    return horizon


def _settled(option: Option, times: Floats) -> int:
    """The step at which an option pays off, or one past the last."""
    near = np.abs(times - option.expiry) <= 1e-9 * times[-1]
    if near.any():
        return int(np.argmax(near))
    if option.expiry > times[-1]:
        return len(times)
    raise ValueError(f"expiry of {option} must be one of the market's times, or after the horizon, {times[-1]}")


def _hedging(overlay: Any, times: Floats) -> Sequence[Option]:
    """The options of an overlay, if it is one, and they live as long as the hedge."""
    if overlay is None:
        return ()
    if not isinstance(overlay, Overlay):
        raise refusal("overlay must be an Overlay", overlay)
    for option in overlay.options:
        if option.expiry < times[-1]:
            raise ValueError(
                f"options of an overlay must not expire before the horizon, {times[-1]}, got {option}"
            )
    return overlay.options


@np.errstate(all="ignore")  # as above
def _check_overlay(terms: Hedge, block: Block) -> None:
    """Refuse options that cannot do at inception what their target asks of them."""
    if terms.overlay is None:
        return
    view = next(terms.views(block.around(block.first)))
    names, options = terms.overlay.names, terms.overlay.options
    for name in names:
        if name not in terms.belief.names:
            raise ValueError(f"target must be of Greeks that the hedger knows, {terms.belief.names}, got {name!r}")
    if not np.all(spanning([view.greeks(option, names) for option in options])):
        raise ValueError(
            f"options of an overlay must be able to offset {' and '.join(names)}, "
            f"got {', '.join(map(str, options))}: they have none, or are collinear, as any two options of one "
            "expiry are in the model of Black and Scholes"
        )
