"""Limits, and the checks that stand before each order and on each event.

What a desk may do has four names, each of which allows less than the one before:

trading
    the policy may hold what it likes, within the limits;
hedging only
    only orders that bring the net delta (of options and shares together) nearer to zero.  It ends by itself when
    its cause has gone and a stated time has passed, unless a person laid it upon the desk;
flatten
    the policy is not asked any more; all orders are cancelled, and the net delta is traded to zero.  This desk
    trades shares alone, so flat means without delta: its options, and their gamma, stay.  When it is flat, it is
halted
    no order is sent at all.

Anybody may make the desk do less, at once ("halt" is the kill switch); only an officer may make it do more, after
flatten and halted, or where a person has spoken before.

Each order is checked against the worst case: as if every share that is still in flight on its side were traded
too.  So orders alone never bring the position beyond its limit, whatever of them is filled and in whichever order.
Only a fill that contradicts what its venue has said can (of more than was asked, after the venue had cancelled, of
no order of the desk).  The first of them halts the desk, which then sends no order; but whatever a venue still
fills against its word counts too, for those shares are in its book.  So the bound is the limit and all fills that
contradict; a venue that sends one of them costs that one.  Where a limit is lowered, all orders that stand are
cancelled; what is filled before their venues hear of it is within the limit as it was.  The delta also moves with
the market; beyond its limit only orders that bring it back are sent.  A fill whose price and fee cost more than
its limit and its venue's terms allow is reported, and halts the desk where that is more than the collar would have
let an order give away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from hedgelab.desk.events import Ordered
from hedgelab.desk.orders import ROUNDING
from hedgelab.desk.pricing import BookGreeks
from hedgelab.desk.settings import Limits, refuse_idle
from hedgelab.desk.state import MODES, State

#: What anybody can ask of a desk, and the mode that it means; and "limit NAME VALUE".
COMMANDS = {"halt": "halted", "flatten": "flatten", "hedge only": "hedging only", "resume": "trading"}


class Exposure(NamedTuple):
    """What the whole account would gain or lose: shares and options together."""

    delta: float  # shares
    gamma: float
    vega: float
    profit: float  # since the book was sold, in currency


def exposure(state: State, book: BookGreeks) -> Exposure:
    """The exposure of options that are worth `book` and the shares against them."""
    worth = state.cash + state.shares * state.price + book.price
    return Exposure(book.delta + state.shares, book.gamma, book.vega, worth)


def limited(state: State, what: str) -> tuple[str, Limits]:
    """The limit that "limit NAME VALUE" changes, and the limits after it.

    Raises
    ------
    ValueError
        Where there is no such limit, it cannot be that, or it would leave the desk nothing to do.
    """
    words = what.split()
    if len(words) != 3 or words[0] != "limit" or words[1] not in Limits.__dataclass_fields__:
        names = ", ".join(Limits.__dataclass_fields__)
        raise ValueError(f"a limit is changed by 'limit NAME VALUE', NAME one of {names}")
    after = replace(state.limits, **{words[1]: float(words[2])})
    refuse_idle(after, state.settings.lot, state.settings.slip)
    return words[1], after


def severity(mode: str) -> int:
    """How little a mode allows."""
    return MODES.index(mode)


def causes(state: State, now: Exposure, doubts: list[str]) -> Iterator[tuple[str, str]]:
    """The modes that something now asks for, each with its reason; `doubts` are about the model."""
    limits = state.limits
    yield from (("halted", f"contradiction: {each}") for each in state.contradictions)
    if not now.profit >= -limits.loss:
        yield "flatten", f"loss of {-now.profit:.6g}, limit {limits.loss:.6g}"
    held = {"delta": now.delta, "gamma": now.gamma, "vega": now.vega, "position": state.shares}
    for name, value in held.items():
        if not abs(value) <= getattr(limits, name):
            yield "hedging only", f"{name} of {value:.6g}, limit {getattr(limits, name):.6g}"
    if state.feed.stale:
        yield "hedging only", "stale data: no venue shows a price"
    if state.doubt:
        yield "hedging only", f"the {state.doubt}"
    yield from (("hedging only", doubt) for doubt in doubts)


def in_flight(state: State, side: float) -> float:
    """Shares of all open orders that may still be traded on the side of that sign: their sum, rounded once."""
    return float(state.flying[side > 0])


def reducing(value: float, change: float) -> bool:
    """Whether a change brings a value nearer to zero, and not beyond."""
    return value * change < 0 and abs(change) <= abs(value) * (1 + ROUNDING)


def room(state: State, now: Exposure, shares: float) -> float:
    """So many of the shares as bring the net delta nearer to zero, those in flight on their side counted."""
    if now.delta * shares >= 0:
        return 0.0
    most = max(abs(now.delta) - abs(in_flight(state, shares)), 0.0)
    return max(min(shares, most), -most)


def check(state: State, now: Exposure, order: Ordered) -> tuple[str, str] | None:
    """What stops an order, the limit name and a reason; None if nothing does."""
    return next(_broken(state, now, order), None)


def _broken(state: State, now: Exposure, order: Ordered) -> Iterator[tuple[str, str]]:
    limits, worst = state.limits, in_flight(state, order.shares) + order.shares
    position, delta = state.shares + worst, now.delta + worst
    recent = sum(each > order.time - 1.0 for each in state.sent)
    if state.mode == "halted":
        yield "state", state.mode
    if not state.feed.fresh:
        yield "stale data", "no venue shows a price"
    if not 0 < abs(order.shares) <= limits.order:
        yield "order", f"{order.shares:.6g} shares, limit {limits.order:.6g}"
    if not recent < limits.rate:
        yield "rate", f"{recent} orders within a second, limit {limits.rate:.6g}"
    if not abs(order.limit / state.price - 1) <= limits.collar + ROUNDING:
        yield "collar", f"{order.limit:.6g} where the price is {state.price:.6g}"
    if not (abs(position) <= limits.position or reducing(state.shares, worst)):
        yield "position", f"at worst {position:.6g} shares, limit {limits.position:.6g}"
    if not (abs(delta) <= limits.delta or reducing(now.delta, worst)):
        yield "delta", f"at worst {delta:.6g}, limit {limits.delta:.6g}"
    if not (state.mode == "trading" or reducing(now.delta, worst)):
        yield "state", f"{state.mode}, and delta {now.delta:.6g}"
