"""The state of a desk is the fold of its journal: `fold(state, event)` for each event from the first on.

Folding prices nothing and decides nothing; it counts.  What it finds wrong it leaves in `State.found` until the
next input, for the desk to report, and what cannot be true in `State.contradictions`, for the desk to halt.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from hedgelab.desk import events
from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.desk.feed import HARMLESS
from hedgelab.desk.orders import ROUNDING, Order
from hedgelab.desk.state import State

#: Shares and currency that a fill may be of; more is a mistake, which a person has to look into.
MOST = 1e12

#: Beats of the desk's own timer that may be missed before the clock is doubted.
MISSED = 10

#: Events in a row, over a beat at least, after which a clock that leapt ahead is believed.
AGREED = 3

#: What the last notes of a desk are about.
NOTED = (events.FaultFound, events.LimitChanged, events.Rejected)


def fold(state: State, event: events.Event) -> None:
    """Count an event in."""
    if event.input:
        state.found, state.contradictions, state.command = [], [], None
        state.moment = state.used = False
        _tell_time(state, event)
        if event.time != state.time:  # from here on only the time that is believed counts
            event = replace(event, time=state.time)
        if isinstance(event, events.Opened):
            state.feed.open(event.time)
        state.found += state.feed.sweep(state.time)
    if isinstance(event, NOTED):
        state.noted.append(event)
    if isinstance(event, events.Message):
        _message(state, event)
    elif isinstance(event, events.Answer):
        _answer(state, event)
    elif isinstance(event, events.Command):
        state.command = event
    elif isinstance(event, events.FaultFound):
        venue = event.venue if event.venue in state.feed.venues else ""  # a stranger may have any name
        state.faults[venue, event.fault] += 1
    elif isinstance(event, events.Failed):
        state.found.append((event.venue, event.what, event.detail))
    elif isinstance(event, events.LimitChanged):
        state.limits = replace(state.limits, **{event.limit: event.after})
    elif isinstance(event, events.Opened):
        if event.version != state.version and state.run:
            state.found.append(("", "another version", f"{event.version} of the library after {state.version}"))
        state.run, state.numbered, state.version = event.run, 0, event.version
    elif isinstance(event, events.Ordered):
        _ordered(state, event)
    elif isinstance(event, events.CancelAsked | events.StatusAsked):
        order = state.open[event.order]
        order.news = event.time
        order.cancelling |= isinstance(event, events.CancelAsked)
        _keep(state, order, order.working)
    elif isinstance(event, events.Refused):
        state.numbered += 1
        state.refusals, state.refused = state.refusals + 1, event
    elif isinstance(event, events.Settled):
        _accrue(state)
        state.settled[event.option] = event.paid
        state.feed.fixing.paid(event.option)
        state.cash += event.paid
    elif isinstance(event, events.StateChanged):
        state.mode, state.since, state.reason, state.by = event.after, event.time, event.reason, event.by


def _tell_time(state: State, event: events.Event) -> None:
    """Move on; a clock that goes back is held, and one that leaps ahead until it is believed.

    One event cannot say whether its time is a mistake or the desk was asleep.  A leap is believed when the events
    in a row after it agree, for a beat; or when an officer resumes.  Where an option would have expired meanwhile,
    which nothing undoes, it takes an officer, or a new start.
    """
    ahead, before, state.leap, state.doubt = event.time - state.time, state.leap, None, ""
    if ahead < 0:
        state.doubt = f"clock went back by {-ahead:.6g} s"
        state.found.append(("", "clock went back", f"by {-ahead:.6g} s"))
        return
    if ahead > (beats := MISSED * state.settings.beat) and not isinstance(event, events.Opened):
        state.doubt = f"clock leapt ahead by {ahead:.6g} s"
        state.found.append(("", "clock leapt ahead", f"by {ahead:.6g} s"))
        goes_on = before is not None and 0 <= event.time - before[2] <= beats
        first, times, _ = before if before and goes_on else (event.time, 0, 0.0)
        state.leap = first, times + 1, event.time
        agreed = times + 1 >= AGREED and event.time - first >= state.settings.beat
        command = event if isinstance(event, events.Command) else None
        if command and command.what == "resume" and command.who in state.settings.officers:
            state.doubt = ""  # somebody who can see a clock says that all is well
        elif not agreed or _expiring(state, event):
            return
        state.leap = None
    state.time = event.time


def _expiring(state: State, event: events.Event) -> bool:
    """Whether an option that has not paid expires by the time of the event."""
    years = event.time / SECONDS_PER_YEAR
    return any(option.expiry <= years and option not in state.settled for option in state.settings.options)


def _message(state: State, message: events.Message) -> None:
    """Use a message if it passes the gate."""
    faults = state.feed.judge(message)
    state.found += [(message.venue, *fault) for fault in faults]
    state.used = all(name in HARMLESS for name, _ in faults)
    if not state.used:
        return
    if isinstance(message, events.RatesQuote):
        _accrue(state)  # at the old ones
    state.feed.take(message)
    if isinstance(message, events.StockQuote):
        _accrue(state)
        if state.time >= state.due:
            state.moment, state.step = True, state.step + 1
            state.due = state.time + state.settings.every
            if state.step == 0:
                state.anchor = state.price


def _answer(state: State, answer: events.Answer) -> None:
    """Count what a venue says of an order in, a fill once."""
    if isinstance(answer, events.Filled) and not _new(state, answer):
        return
    order = state.open.get(answer.order) or state.ended.get(answer.order)
    if order is None or order.asked.venue != answer.venue:
        wrong = f"{type(answer).__name__} for an order that it was never sent"
        if not isinstance(answer, events.Filled):
            state.found.append((answer.venue, "unknown order", f"{wrong}: {answer.order}"))
            return
    else:
        dear = _dear(state, order, answer) if isinstance(answer, events.Filled) else ""
        before = order.working
        wrong = order.heard(answer) or dear
        _keep(state, order, before)
    if wrong:
        state.found.append((answer.venue, "contradiction", f"{answer.order}: {wrong}"))
        state.contradictions.append(f"{answer.venue} on {answer.order}: {wrong}")


def _dear(state: State, order: Order, fill: events.Filled) -> str:
    """Report a fill at another price than its limit allows, or a fee than the terms; what halts the desk, if so.

    It halts where the two together cost more than the collar would have let an order give away.
    """
    shares, limit = abs(fill.shares), order.asked.limit
    most = state.settings.venues[fill.venue].fee * shares
    worse = math.copysign(fill.price - limit, (fill.price - limit) * fill.shares) * shares
    fee = max(fill.fee - most, -fill.fee, 0.0)
    collar = state.limits.collar * limit * shares
    wrong = {
        "price beyond limit": worse > 0,
        "price far from limit": -worse > collar,
        "fee beyond terms": fee > ROUNDING * (most + collar),
    }
    state.found += [(fill.venue, fault, f"{fill.order}: {fill}") for fault, there in wrong.items() if there]
    cost = max(worse, 0.0) + fee
    return f"a fill that costs {cost:.6g} more than its limit and fee allow" if cost > collar else ""


def _new(state: State, fill: events.Filled) -> bool:
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


def _keep(state: State, order: Order, before: float) -> None:
    """Put an order where it belongs, after news of it: among the ended, or as the last of those that are open.

    What was `working` of it before is counted off the sum over all of its side, and what is now, on.
    """
    number, now = order.asked.order, order.working
    state.open.pop(number, None)
    state.ended.pop(number, None)
    (state.ended if order.ended else state.open)[number] = order
    if now != before:
        state.flying[order.asked.shares > 0] += Fraction(now) - Fraction(before)


def _ordered(state: State, order: events.Ordered) -> None:
    _keep(state, Order(order, order.time), 0.0)
    state.numbered += 1
    state.sent.append(order.time)
    while state.sent[0] <= order.time - 1.0:
        state.sent.popleft()
    state.anchor = state.price


def _accrue(state: State) -> None:
    """Count interest on cash and dividends on shares since they were counted last, at the present price."""
    dt = 0.0 if state.accrued is None else (state.time - state.accrued) / SECONDS_PER_YEAR
    state.accrued = state.time
    growth = state.rate * dt, state.dividend * dt
    if not max(map(abs, growth)) <= 1:
        state.found.append(("", "interest not counted", f"{growth[0]:.6g} of cash, {growth[1]:.6g} of shares"))
        return
    earned = state.cash * math.expm1(growth[0]) + state.shares * state.price * math.expm1(growth[1])
    state.interest += earned
    state.cash += earned
