"""What the desk does about an input: a function of the state and the input alone, so a replay decides the same.

Each output is folded into the state as soon as it is decided, so that the next decision knows of it.
"""

from __future__ import annotations

import copy
import math
import re
from itertools import takewhile
from typing import Any

import numpy as np

from hedgelab.desk import events, hedger, risk
from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.desk.folding import fold
from hedgelab.desk.pricing import BookGreeks
from hedgelab.desk.settings import DESK, NOBODY, Settings
from hedgelab.desk.state import opened


class Decisions:
    """A desk's mind: `react` to inputs, or `remember` what is in the journal already.

    Attributes
    ----------
    state : the fold of all events so far
    book : the options, and `marks`, what they were worth when they were valued last
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.state = settings, opened(settings)
        self._begin()

    def remember(self, event: events.Event) -> None:
        """Fold an event of an earlier run in; nothing is decided."""
        fold(self.state, event)

    @property
    def exposure(self) -> risk.Exposure:
        """Of the whole account, now."""
        return risk.exposure(self.state, self.marks)

    @np.errstate(all="ignore")  # what is no number is found and named
    def react(self, event: events.Event) -> list[events.Event]:
        """Fold an input in, and decide: the outputs, in their order."""
        self._decided: list[events.Event] = []
        fold(self.state, event)
        if isinstance(event, events.Opened):
            self._begin()
        for found in self.state.found:
            self._decide(events.FaultFound(self.state.time, *found))
        self._value(event)
        self._obey()
        self._limit()
        self._tend(isinstance(event, events.Opened))
        self._trade(event)
        return self._decided

    def _decide(self, output: events.Event) -> None:
        fold(self.state, output)
        self._decided.append(output)

    def _begin(self) -> None:
        """What is not of the state begins anew with each run, in a replay as well."""
        self.book = self.settings.portfolio()
        for option in self.state.settled:
            self.book.settled[self.book.place(option)] = True
        self.marks = BookGreeks(0.0, 0.0, 0.0, 0.0, 0.0)
        self._policy = copy.deepcopy(self.settings.policy)  # which may remember what it was asked
        self._unpriced = ""
        self._doubts: dict[Any, str] = {}
        self._troubled = self.state.time
        self._revalue()

    def _value(self, event: events.Event) -> None:
        """Settle what has expired and value the rest, where the event says something new of it.

        A quote that leaves the price where it is says nothing new: between two beats the book is not older for it.
        """
        state = self.state
        if isinstance(event, events.OptionQuote):
            if state.used and not self._unpriced:
                self._compare(event)
            return
        news = isinstance(event, (events.StockQuote, events.SmileQuote, events.RatesQuote)) and state.used
        if not (news or isinstance(event, events.Timer)):
            return
        quoted = isinstance(event, events.StockQuote) and state.time - self._valued < self.settings.beat
        new = not quoted or bool(self._unpriced) or state.price != self.book.seen.spot
        if isinstance(event, events.SmileQuote):
            self._doubts.clear()
        while not state.doubt and (quote := state.feed.paying()):
            new = True
            self._settle(quote)
        if new:
            self._revalue(marked=isinstance(event, events.SmileQuote))

    def _settle(self, quote: events.StockQuote) -> None:
        """Let what had expired when a quote was sent pay at its middle, and report where that is long after."""
        state = self.state
        for option, paid in self.book.settle(quote.middle, quote.sent / SECONDS_PER_YEAR).items():
            after = quote.sent - option.expiry * SECONDS_PER_YEAR
            if after > self.settings.gate.stale:
                late = f"{option}: {after:.6g} s after it expired"
                self._decide(events.FaultFound(state.time, "", "settled late", late))
            self._decide(events.Settled(state.time, option, quote.middle, paid))
            self._doubts.pop(option, None)

    def _revalue(self, marked: bool = True) -> None:
        """Value the book; where it is not `marked` anew, at the volatilities of the last time that it could be."""
        state = self.state
        self._valued = state.time
        volatility = state.volatility if marked or self._unpriced else None
        try:
            years = max(state.years, 0.0)
            self.marks = self.book.value(state.price, years, state.rate, state.dividend, volatility)
            self._unpriced = ""
        except ValueError as problem:
            self._unpriced = f"the book cannot be priced: {problem}"

    def _compare(self, quote: events.OptionQuote) -> None:
        """Doubt the model where a quoted option differs too much from it, unless it has paid."""
        place = self.book.place(quote.option)
        if self.book.settled[place]:
            return
        model = self.book.each().price[place]
        most = self.state.limits.model * self.state.price + 0.5 * (quote.ask - quote.bid)
        self._doubts.pop(quote.option, None)
        if not abs(0.5 * (quote.bid + quote.ask) - model) <= most:
            self._doubts[quote.option] = (
                f"model against market: {quote.option} at {model:.6g}, quoted {quote.bid:.6g} to {quote.ask:.6g}"
            )

    def _obey(self) -> None:
        """Do what somebody commands who may."""
        command, state = self.state.command, self.state
        if command is None:
            return
        after, officer = risk.COMMANDS.get(command.what), command.who in self.settings.officers
        more = risk.severity(after) - risk.severity(state.mode) if after else 0
        fault, why = "not allowed", ""
        if command.who.strip() in NOBODY:
            why = ", which is nobody's name"
        elif command.what.startswith("limit"):
            if officer:
                fault, why = "bad command", self._set_limit(command)
            else:
                why = ", who is no officer"
        elif after is None:
            fault, why = "bad command", ", which nobody knows"
        elif not officer and (more < 0 or (more == 0 and state.by in self.settings.officers)):
            why = f", who is no officer, where {state.by} said {state.mode}"
        else:
            self._change(after, command.reason.strip() or command.what, command.who)
        if why:
            self._decide(events.FaultFound(state.time, "", fault, f"{command.what!r} by {command.who!r}{why}"))

    def _set_limit(self, command: events.Command) -> str:
        """Change a limit, or say why not."""
        if not command.reason.strip():
            return ": a limit is changed for a reason"
        try:
            name, limits = risk.limited(self.state, command.what)
        except ValueError as problem:
            return f": {problem}"
        before, after = getattr(self.state.limits, name), getattr(limits, name)
        self._decide(events.LimitChanged(self.state.time, name, before, after, command.reason, command.who))
        if after < before:
            self._cancel()
        return ""

    def _change(self, after: str, reason: str, by: str) -> None:
        """Change the mode; what was ordered where more was allowed is cancelled."""
        state = self.state
        less = risk.severity(after) > risk.severity(state.mode)
        self._decide(events.StateChanged(state.time, state.mode, after, reason, by))
        if less:
            self._cancel()

    def _cancel(self) -> None:
        """Ask for all orders that stand to be cancelled: they were checked where more was allowed."""
        for number, order in list(self.state.open.items()):
            if order.standing and not order.cancelling:
                self._decide(events.CancelAsked(self.state.time, order.asked.venue, number))

    def _limit(self) -> None:
        """Do less where a limit asks for it, and more where nothing does any longer."""
        state, now = self.state, self.exposure
        doubts = [*self._doubts.values(), *([self._unpriced] if self._unpriced else [])]
        asked = list(risk.causes(state, now, doubts))
        if asked:
            self._troubled = state.time
            after, reason = max(asked, key=lambda cause: risk.severity(cause[0]))
            if risk.severity(after) > risk.severity(state.mode):
                self._change(after, reason, DESK)
        elif state.mode == "hedging only" and state.by == DESK:
            calm = state.time - max(self._troubled, state.since)
            if calm >= self.settings.calm:
                self._change("trading", f"nothing has asked for {state.mode} for {calm:.6g} s", DESK)
        if state.mode == "flatten" and not state.open and state.feed.fresh and self._flat():
            self._change("halted", f"flat: delta {self.exposure.delta:.6g}", DESK)

    def _flat(self) -> bool:
        """Whether the net delta is less than can be traded."""
        return abs(self.exposure.delta) < (self.settings.lot or 1e-6 * self.book.unit)

    def _tend(self, opening: bool) -> None:
        """Cancel orders that have stood too long, and ask about those of which nothing is heard."""
        state = self.state
        patience = 0.0 if opening else self.settings.patience
        for order in list(takewhile(lambda each: state.time - each.news >= patience, state.open.values())):
            silent = order.status == "asked" or order.cancelling or not order.standing
            asked = events.StatusAsked if opening or silent else events.CancelAsked
            self._decide(asked(state.time, order.asked.venue, order.asked.order))

    def _trade(self, event: events.Event) -> None:
        """Send what is to be traded, each order checked."""
        state = self.state
        if state.mode == "halted" or self._unpriced or not (isinstance(event, events.StockQuote) and state.used):
            return
        if state.mode == "flatten":
            self._order(-self.exposure.delta, "flatten")
        elif state.moment:
            flying = risk.in_flight(state, 1.0) + risk.in_flight(state, -1.0)
            try:
                shares = hedger.wanted(state, self.book, self._policy, state.shares + flying)
            except Exception as problem:  # somebody's own policy: whatever it raises, the desk must not stop there
                words = f"{type(problem).__name__}: {re.sub(' at 0x[0-9a-fA-F]+', '', str(problem))}"
                self._change("flatten", f"the policy failed: {words}", DESK)  # without what differs in a replay
                return
            self._order(shares, "hedge")

    def _order(self, shares: float, purpose: str) -> None:
        """The one way on which orders are made."""
        lot = self.settings.lot
        if self.state.mode != "trading":
            shares = risk.room(self.state, self.exposure, shares)
            shares = math.trunc(shares / lot) * lot if lot else shares
        for venue, part, limit in hedger.orders(self.state, shares, lot):
            number = f"{self.state.run}-{self.state.numbered + 1}"
            order = events.Ordered(self.state.time, number, venue, part, limit, purpose)
            stopped = risk.check(self.state, self.exposure, order)
            self._decide(events.Refused(self.state.time, number, *stopped) if stopped else order)
