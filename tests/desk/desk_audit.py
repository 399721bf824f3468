"""An auditor who reads a journal event by event, keeps books of her own, and believes nothing that the desk says.

She shares with the desk events, settings and the library's Greeks; orders, limits and money she counts anew.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

import hedgelab as hl
from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.desk.events import StockQuote

MODES = ["trading", "hedging only", "flatten", "halted"]


class Auditor:
    """Give her each input and output in their order with `saw`; at the end `close` the ledger.

    `state` is the desk's own, of which she takes the price, the volatilities and the limits.
    """

    def __init__(self, settings, state):
        self.settings, self.state = settings, state
        self.mode, self.shares, self.money, self.turnover = "trading", 0.0, [settings.cash], 0.0
        self.fills, self.orders, self.left, self.sent = {}, {}, {}, deque()
        self.done, self.told = {}, {}  # of each order: shares filled, and what its venue says they are in all
        self.input, self.rogue = None, 0.0
        self.counts = dict.fromkeys(("orders", "fills", "rogue fills", "changes", "worst beyond"), 0)
        self.beyond = 0.0  # the most that a limit of the position was exceeded by

    def worst(self):
        """The position, were all buys in flight filled, and were all sells."""
        return (
            self.shares + sum(max(each, 0.0) for each in self.left.values()),
            self.shares + sum(min(each, 0.0) for each in self.left.values()),
        )

    def saw(self, event):
        before, self.rogue = max(map(abs, self.worst())), 0.0
        if event.input:
            self.input = event
        getattr(self, f"_{type(event).__name__}", lambda event: None)(event)
        after, limit = max(map(abs, self.worst())), self.state.limits.position
        assert after <= max(before, limit) * (1 + 1e-9) + self.rogue, (event, before, after)
        if abs(self.shares) > limit:
            self.beyond = max(self.beyond, abs(self.shares) - limit)

    def delta(self, ago=0.0):
        """Of options and shares, at the desk's price and volatilities, so many seconds ago."""
        alive = [k for k, option in enumerate(self.settings.options) if option not in self.state.settled]
        options = [self.settings.options[k] for k in alive]
        if not options:
            return self.shares
        left = np.array([option.expiry for option in options]) - (self.state.time - ago) / SECONDS_PER_YEAR
        expired = left <= 1e-9 * np.array([option.expiry for option in options])
        greeks = hl.black_scholes.greeks(
            [option.kind for option in options], self.state.price, [option.strike for option in options],
            np.where(expired, 0.0, left), self.state.volatility[alive], self.state.rate, self.state.dividend,
            only=("delta",),
        )  # fmt: skip
        return self.shares + float(np.dot(np.array(self.settings.numbers)[alive], greeks.delta))

    def _Ordered(self, order):
        self.counts["orders"] += 1
        limits, price = self.state.limits, self.state.price
        assert order.order not in self.orders, "an order id was used again"
        assert isinstance(self.input, StockQuote), "an order was sent without a price"
        assert self.mode != "halted", "an order was sent while halted"
        assert order.venue in self.settings.venues
        assert 0 < abs(order.shares) <= limits.order
        assert abs(order.limit / price - 1) <= limits.collar + 1e-9
        while self.sent and self.sent[0] <= order.time - 1.0:
            self.sent.popleft()
        self.sent.append(order.time)
        assert len(self.sent) <= math.ceil(limits.rate)
        self.orders[order.order] = order
        self.left[order.order], self.done[order.order] = order.shares, 0.0
        side = 0 if order.shares > 0 else 1
        worst, delta = self.worst()[side], self.delta()
        older = abs(delta - self.delta(ago=self.settings.beat))  # the desk's book may be a beat old
        change, slack = worst - self.shares, 1e-6 * (1 + abs(delta)) + older

        def nearer(value):
            return value * change <= 0 and abs(change) <= abs(value) + slack

        assert abs(worst) <= limits.position or nearer(self.shares), "the position could exceed its limit"
        assert abs(delta + change) <= limits.delta + slack or nearer(delta), "the delta could exceed its limit"
        assert self.mode == "trading" or nearer(delta), f"an order while {self.mode} away from zero"

    def _Filled(self, fill):
        key = (fill.venue, fill.fill)
        money = abs(fill.shares * fill.price) if fill.price > 1 else abs(fill.shares)
        sound = fill.shares and fill.price > 0 and money + abs(fill.fee) <= 1e12
        if key in self.fills or not sound or fill.venue not in self.settings.venues:
            return
        self.fills[key] = fill
        self.counts["fills"] += 1
        self.shares += fill.shares
        self.money += [-fill.shares * fill.price, -fill.fee]
        self.turnover += abs(fill.shares * fill.price)
        order = self.orders.get(fill.order)
        if order is None or order.venue != fill.venue:
            left = 0.0
        else:
            left = self.left.get(fill.order, 0.0)
            self.done[fill.order] += fill.shares
            self._count(order)
        if left * fill.shares <= 0 or abs(fill.shares) > abs(left) * (1 + 1e-9) + 1e-9:
            self.rogue = abs(fill.shares)
            self.counts["rogue fills"] += 1

    def _count(self, order):
        """What of an order is in flight: of what was asked, or what its venue says, the part that has not come."""
        rest = self.told.get(order.order, order.shares) - self.done[order.order]
        self.left.pop(order.order, None)
        if rest * order.shares > 1e-9 * order.shares**2:
            self.left[order.order] = rest

    def _ended(self, answer, filled):
        order = self.orders.get(answer.order)
        if order is None or order.venue != answer.venue or answer.order in self.told:
            return
        side, done = math.copysign(1, order.shares), self.done[answer.order]
        if max(done * side - 1e-9, 0) <= filled * side <= abs(order.shares) + 1e-9:
            self.told[answer.order] = filled
            self._count(order)

    def _Cancelled(self, answer):
        self._ended(answer, answer.filled)

    def _Rejected(self, answer):
        self._ended(answer, 0.0)

    def _Reconciled(self, answer):
        if answer.found in ("filled", "cancelled") or (
            answer.found in ("rejected", "unknown") and not answer.filled
        ):
            self._ended(answer, answer.filled)

    def _Settled(self, settled):
        number = dict(zip(self.settings.options, self.settings.numbers, strict=True))[settled.option]
        assert settled.paid == number * settled.option.payoff(settled.spot)
        self.money.append(settled.paid)

    def _StateChanged(self, change):
        self.counts["changes"] += 1
        assert change.before == self.mode
        assert change.after in MODES
        assert change.reason, "a change of state without its reason"
        assert change.by, "a change of state by nobody"
        if MODES.index(change.after) < MODES.index(change.before):
            calm = change.before == "hedging only" and change.by == "desk" and change.after == "trading"
            assert calm or change.by in self.settings.officers, "lifted by somebody who may not"
        self.mode = change.after

    def close(self):
        """Her ledger against the desk's, to 1e-9 of the turnover."""
        cash = math.fsum(self.money) + self.state.interest
        scale = max(self.turnover, abs(self.settings.cash), 1.0)
        assert abs(cash - self.state.cash) <= 1e-9 * scale, (cash, self.state.cash)
        assert abs(self.shares - self.state.shares) <= 1e-9 * max(1.0, self.turnover)
        assert self.mode == self.state.mode
        return self.counts
