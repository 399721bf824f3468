"""The state of a desk is the fold of its journal: `fold(state, event)` for each event from the first on.

Folding prices nothing and decides nothing; it counts.  What it finds wrong it leaves in `State.found` until the
next input, for the desk to report, and what cannot be true in `State.contradictions`, for the desk to halt.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.desk.events import (
    Answer,
    CancelAsked,
    Command,
    Event,
    FaultFound,
    Filled,
    Message,
    Opened,
    OptionQuote,
    Ordered,
    RatesQuote,
    Refused,
    Settled,
    SmileQuote,
    StateChanged,
    StatusAsked,
    StockQuote,
)
from hedgelab.desk.feed import HARMLESS, Feed, Seen
from hedgelab.desk.orders import Order
from hedgelab.desk.settings import Limits, Settings
from hedgelab.validation import Floats

#: Shares and currency that a fill may be of; more is a mistake, which a person has to look into.
MOST = 1e12

#: Beats of the desk's own timer that may be missed before the clock is doubted.
MISSED = 10

MODES = ("trading", "hedging only", "flatten", "halted")  # each may do less than the one before


@dataclass(slots=True)
class State:
    """All that a desk knows.

    Attributes
    ----------
    time : of the last event, in seconds; it never goes back
    mode, since, by, reason : one of `MODES`, since when, laid upon the desk by whom ("desk" for itself), and why
    cash : from fills, interest and options that paid, with `fees`, `interest` and `turnover` beside it
    shares : held
    open : orders of which something may still come; `ended` are the others
    step, due : moments at which the policy was asked so far, and when it is asked next
    anchor : the price at the last trade that the policy asked for
    """

    settings: Settings
    feed: Feed
    limits: Limits
    volatility: Floats
    rate: float
    dividend: float
    cash: float
    anchor: float
    time: float = 0.0
    run: int = 0
    mode: str = "trading"
    since: float = 0.0
    by: str = "desk"
    reason: str = "opened"
    shares: float = 0.0
    fees: float = 0.0
    interest: float = 0.0
    turnover: float = 0.0
    accrued: float | None = None  # the time up to which interest has been counted
    settled: dict[Any, float] = field(default_factory=dict)  # options that have paid, and what
    open: dict[str, Order] = field(default_factory=dict)
    ended: dict[str, Order] = field(default_factory=dict)
    fills: dict[tuple[str, str], Filled] = field(default_factory=dict)
    numbered: int = 0  # orders of this run, those that were refused too
    sent: deque[float] = field(default_factory=deque)  # when the last orders were
    step: int = -1
    due: float = -math.inf
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: list[tuple[str, str, str]] = field(default_factory=list)  # venue, fault, detail
    contradictions: list[str] = field(default_factory=list)
    command: Command | None = None
    moment: bool = False  # whether the policy is to be asked at this event
    used: bool = False  # whether a message passed the gate at this event

    @property
    def price(self) -> float:
        """The price of the share, as the desk sees it."""
        return self.feed.price

    @property
    def years(self) -> float:
        """Years of trading since the desk's start."""
        return self.time / SECONDS_PER_YEAR


def opened(settings: Settings) -> State:
    """The state before anything has happened.

    Examples
    --------
    >>> from hedgelab import Option
    >>> state = opened(Settings((Option("call", 100, 0.5),), (-10,), spot=100, volatility=0.2, cash=56.4))
    >>> state.mode, state.cash, state.shares
    ('trading', 56.4, 0.0)
    """
    feed = Feed(settings.gate, {venue: Seen() for venue in settings.venues}, settings.spot)
    volatility = np.array(np.broadcast_to(settings.volatility, len(settings.options)))
    rates = settings.rate, settings.dividend
    return State(settings, feed, settings.limits, volatility, *rates, cash=settings.cash, anchor=settings.spot)


def fold(state: State, event: Event) -> None:
    """Count an event in."""
    if event.input:
        state.found, state.contradictions, state.command = [], [], None
        state.moment = state.used = False
        _tell_time(state, event)
        if isinstance(event, Opened):
            state.feed.open(event.time)
        state.found += state.feed.sweep(state.time)
    if isinstance(event, Message):
        _message(state, event)
    elif isinstance(event, Answer):
        _answer(state, event)
    elif isinstance(event, Command):
        _command(state, event)
    elif isinstance(event, FaultFound):
        state.faults[event.venue, event.fault] += 1
    elif isinstance(event, Opened):
        state.run, state.numbered = event.run, 0
    elif isinstance(event, Ordered):
        _ordered(state, event)
    elif isinstance(event, CancelAsked | StatusAsked):
        order = state.open[event.order]
        order.news = event.time
        order.cancelling |= isinstance(event, CancelAsked)
    elif isinstance(event, Refused):
        state.numbered += 1
    elif isinstance(event, Settled):
        _accrue(state)
        state.settled[event.option] = event.paid
        state.cash += event.paid
    elif isinstance(event, StateChanged):
        state.mode, state.since, state.reason, state.by = event.after, event.time, event.reason, event.by


def limited(limits: Limits, what: str) -> Limits:
    """The limits after "limit NAME VALUE".

    Raises
    ------
    ValueError
        Where there is no such limit, or it cannot be that.

    Examples
    --------
    >>> limited(Limits(), "limit loss 5000").loss
    5000.0
    """
    words = what.split()
    if len(words) != 3 or words[0] != "limit" or words[1] not in Limits.__dataclass_fields__:
        raise ValueError(
            f"a limit is changed by 'limit NAME VALUE', NAME one of {', '.join(Limits.__annotations__)}"
        )
    return replace(limits, **{words[1]: float(words[2])})


def _tell_time(state: State, event: Event) -> None:
    """Move on; a clock that goes back is held, and one that leaps ahead is reported."""
    ahead = event.time - state.time
    if ahead < 0:
        state.found.append(("", "clock went back", f"by {-ahead:.6g} s"))
    elif ahead > MISSED * state.settings.beat and not isinstance(event, Opened):
        state.found.append(("", "clock leapt ahead", f"by {ahead:.6g} s"))
    state.time = max(state.time, event.time)


def _command(state: State, command: Command) -> None:
    """Change a limit, where that is asked by somebody who may; other commands are the desk's to decide."""
    if not command.what.startswith("limit"):
        state.command = command
    elif command.who not in state.settings.officers:
        state.found.append(("", "not allowed", f"{command.what!r} by {command.who!r}"))
    else:
        try:
            state.limits = limited(state.limits, command.what)
        except ValueError as problem:
            state.found.append(("", "bad command", f"{command.what!r} by {command.who!r}: {problem}"))


def _message(state: State, message: Message) -> None:
    """Use a message if it passes the gate."""
    faults = state.feed.judge(message)
    if isinstance(message, SmileQuote) and len(message.volatilities) not in (1, state.volatility.size):
        faults.append(("malformed", f"{len(message.volatilities)} volatilities"))
    if isinstance(message, OptionQuote) and message.option not in state.settings.options:
        faults.append(("malformed", f"{message.option} is not in the book"))
    state.found += [(message.venue, *fault) for fault in faults]
    state.used = all(name in HARMLESS for name, _ in faults)
    if not state.used:
        return
    if isinstance(message, StockQuote):
        state.feed.take(message)
        _accrue(state)
        if state.time >= state.due:
            state.moment, state.step = True, state.step + 1
            state.due = state.time + state.settings.every
            if state.step == 0:
                state.anchor = state.price
    elif isinstance(message, SmileQuote):
        state.volatility[:] = message.volatilities
    elif isinstance(message, RatesQuote):
        _accrue(state)
        state.rate, state.dividend = message.rate, message.dividend


def _answer(state: State, answer: Answer) -> None:
    """Count what a venue says of an order in, a fill once."""
    if isinstance(answer, Filled) and not _new(state, answer):
        return
    order = state.open.get(answer.order) or state.ended.get(answer.order)
    if order is None or order.asked.venue != answer.venue:
        wrong = f"{type(answer).__name__} for an order that it was never sent"
        if not isinstance(answer, Filled):
            state.found.append((answer.venue, "unknown order", f"{wrong}: {answer.order}"))
            return
    else:
        wrong = order.heard(answer)
        beyond = isinstance(answer, Filled) and (answer.price - order.asked.limit) * answer.shares > 0
        if beyond:
            state.found.append((answer.venue, "price beyond limit", f"{answer.order}: {answer}"))
        if order.ended and answer.order in state.open:
            state.ended[answer.order] = state.open.pop(answer.order)
        elif not order.ended and answer.order in state.ended:
            state.open[answer.order] = state.ended.pop(answer.order)
    if wrong:
        state.found.append((answer.venue, "contradiction", f"{answer.order}: {wrong}"))
        state.contradictions.append(f"{answer.venue} on {answer.order}: {wrong}")


def _new(state: State, fill: Filled) -> bool:
    """Whether a fill was not counted before; if so its money is, whatever the order says of it."""
    known = state.fills.get((fill.venue, fill.fill))
    if known is None:
        money = abs(fill.shares) * max(fill.price, 1.0) + abs(fill.fee)
        if fill.shares and fill.price > 0 and money <= MOST and fill.venue in state.feed.venues:
            _accrue(state)
            state.fills[fill.venue, fill.fill] = fill
            state.shares += fill.shares
            state.cash -= fill.shares * fill.price + fill.fee
            state.fees += fill.fee
            state.turnover += abs(fill.shares * fill.price)
            return True
        wrong = f"a fill that cannot be: {fill.shares:g} shares at {fill.price:g}, fee {fill.fee:g}"
    elif (known.order, known.shares, known.price, known.fee) == (fill.order, fill.shares, fill.price, fill.fee):
        state.found.append((fill.venue, "fill repeated", fill.fill))
        return False
    else:
        wrong = f"fill {fill.fill} is not what it was before"
    state.found.append((fill.venue, "contradiction", wrong))
    state.contradictions.append(f"{fill.venue} on {fill.order}: {wrong}")
    return False


def _ordered(state: State, order: Ordered) -> None:
    state.open[order.order] = Order(order, order.time)
    state.numbered += 1
    state.sent.append(order.time)
    while state.sent[0] <= order.time - 1.0:
        state.sent.popleft()
    state.anchor = state.price


def _accrue(state: State) -> None:
    """Count interest on cash and dividends on shares since they were counted last, at the present price."""
    dt = 0.0 if state.accrued is None else (state.time - state.accrued) / SECONDS_PER_YEAR
    state.accrued = state.time
    earned = state.cash * math.expm1(state.rate * dt) + state.shares * state.price * math.expm1(
        state.dividend * dt
    )
    state.interest += earned
    state.cash += earned
