"""Anything, in any order: random events for a desk, and the auditor beside it.

python tests/desk/fuzz.py 1000000       # so many events; what CI does is less
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections import Counter

from desk_audit import Auditor

import hedgelab as hl
from hedgelab.desk.decisions import Decisions
from hedgelab.desk.events import (
    Acknowledged,
    Cancelled,
    Command,
    Filled,
    Heartbeat,
    Opened,
    OptionQuote,
    Ordered,
    RatesQuote,
    Reconciled,
    Rejected,
    SmileQuote,
    StockQuote,
    Timer,
)
from hedgelab.desk.feed import Gate
from hedgelab.desk.settings import Limits, Settings, Terms

BOOK = {
    hl.Option("call", 100, 0.02): -3000.0,
    hl.Option("put", 95, 0.001): -2000.0,
    hl.Option("call", 110, 2.0): 500.0,
}
ODD = (0.0, -1.0, math.nan, math.inf, -math.inf, 1e300, 1e-300, -0.0)
COMMANDS = (
    "halt", "flatten", "hedge only", "resume", "resume", "resume", "dance", "limit loss nan", "limit loss -5",
    "limit position 900", "limit position 3000", "limit position 4000", "limit delta 400", "limit delta 1500",
    "limit order 700", "limit beauty 3", "limit",
)  # fmt: skip


def settings_of(**changed):
    known = {
        "options": tuple(BOOK), "numbers": tuple(BOOK.values()), "spot": 100.0, "volatility": 0.2, "lot": 10.0,
        "venues": {"A": Terms(0.01, 1e-4), "B": Terms(), "C": Terms(0.0, 1e-3)}, "cash": 5000.0,
        "officers": ("Ada", "Bob"), "gate": Gate(stale=5.0, locked=True), "calm": 3.0, "patience": 2.0,
        "limits": Limits(delta=1500, position=3000, order=900, rate=6, loss=5e6, gamma=1e5, vega=1e6, model=0.05),
        "policy": hl.DeltaBand(0.002),
    }  # fmt: skip
    return Settings(**(known | changed))


class World:
    """Random events, most of them plausible, some impossible, from a seed."""

    def __init__(self, seed, settings):
        self.chance, self.settings = random.Random(seed), settings
        self.time, self.spot, self.sequence, self.fills, self.orders = 0.0, 100.0, 0, 0, []
        self.asked = {}  # the shares of each order

    def event(self, state):
        """The next, which may depend on what the desk has asked for."""
        chance = self.chance
        self.time += chance.choice([0.0, 0.001, 0.1, 0.1, 0.5, 1.0])
        if chance.random() < 0.002:
            self.time += chance.choice([-30.0, 100.0, -0.5, 5000.0])
        if state.mode in ("flatten", "halted") and chance.random() < 0.1:
            return Command(self.time, "Ada", "resume", "looked into")
        kind = chance.random()
        if kind < 0.45:
            return self.quote()
        if kind < 0.75 and self.orders:
            number = chance.choice([*state.open, *self.orders[-3:]])
            return self.answer(state, number if chance.random() < 0.98 else chance.choice(self.orders))
        if kind < 0.85:
            return Timer(self.time, "beat")
        if kind < 0.89:
            volatilities = [chance.choice([0.1, 0.2, 0.3]) for _ in range(chance.choice([1, 1, 3, 3, 2]))]
            return self.message(SmileQuote, tuple(self.odd(each, 0.02) for each in volatilities))
        if kind < 0.91:
            return self.message(RatesQuote, self.odd(0.03, 0.1), self.odd(chance.choice([0.0, 0.01]), 0.1))
        if kind < 0.92:
            option = chance.choice([*BOOK, hl.Option("call", 3, 3)])
            middle = chance.choice([1.0, 3.0, 10.0])
            bid, ask = (self.odd(each, 0.05) for each in (0.9 * middle, 1.1 * middle))
            return self.message(OptionQuote, option, bid, ask, 10.0, 10.0)
        if kind < 0.97:
            return self.message(Heartbeat)
        if kind < 0.999:
            who = chance.choice(["Ada", "Bob", "Mallory", "desk"])
            return Command(self.time, who, chance.choice(COMMANDS), chance.choice(["", "because"]))
        return Opened(self.time, state.run + 1, "")

    def odd(self, value, often):
        return self.chance.choice(ODD) if self.chance.random() < often else value

    def message(self, kind, *content):
        chance = self.chance
        self.sequence += chance.choice([0, 1, 1, 1, 1, 1, 1, 2, -1])
        sent = self.odd(self.time - chance.choice([0.0, 0.0, 0.0, 0.5, 20.0, -5.0]), 0.01)
        return kind(self.time, chance.choice("AAABBBCCD"), self.sequence, sent, *content)

    def quote(self):
        chance = self.chance
        jump = chance.choice([-0.25, 0.25]) if chance.random() < 1e-3 else 0.0
        self.spot *= math.exp(chance.gauss(0.0, 0.002) + jump)
        self.spot = min(max(self.spot, 20.0), 500.0)
        half = self.spot * chance.choice([0.0, 0.0005, 0.001, -0.001])
        bid, ask = self.odd(self.spot - half, 0.02), self.odd(self.spot + half, 0.02)
        if chance.random() < 0.02:
            bid, ask = 10 * bid, 10 * ask
        sizes = (self.odd(chance.choice([5.0, 500.0, 5000.0]), 0.02) for _ in range(2))
        return self.message(StockQuote, bid, ask, *sizes, self.spot)

    def answer(self, state, number):
        chance = self.chance
        number = "9-9" if chance.random() < 0.002 else number
        shares, venue = self.asked.get(number, (100.0, "A"))
        venue = chance.choice("ABCD") if chance.random() < 0.003 else venue
        order = state.open.get(number) or state.ended.get(number)
        filled = order.filled if order else 0.0
        left = shares - filled
        kind = chance.random()
        if kind < 0.2:
            return Acknowledged(self.time, venue, number)
        if kind < 0.7:
            self.fills += chance.random() < 0.95  # otherwise an id that was used
            part = chance.choice([left, left, 0.5 * left, 0.5 * left, self.odd(0.5 * left, 0.02)])
            if (not left or (order and not order.working)) and chance.random() < 0.99:
                return Acknowledged(self.time, venue, number)
            price, fee = self.odd(self.spot * chance.choice([1, 1, 1.05]), 0.002), self.odd(0.1, 0.002)
            return Filled(self.time, venue, number, f"f{self.fills}", part, price, fee)
        told = filled if chance.random() < 0.98 else self.odd(shares, 0.3)
        if order and order.claimed is not None and chance.random() < 0.99:
            told = order.claimed
        if kind < 0.85:
            return Cancelled(self.time, venue, number, told)
        if kind < 0.88 and (not (filled or told) or chance.random() < 0.02):
            return Rejected(self.time, venue, number, "no")
        found = chance.choice(["open", "open", "filled", "cancelled", "unknown", "rejected", "?"])
        if chance.random() < 0.98:
            found = "open" if left and told != shares else "filled"
        return Reconciled(self.time, venue, number, found, told)

    def saw(self, output):
        if isinstance(output, Ordered):
            self.orders.append(output.order)
            self.asked[output.order] = output.shares, output.venue


def fuzz(events, seed, settings=None):
    """What a desk did with so many random events; the auditor raises where it did wrong."""
    settings = settings or settings_of()
    mind, world = Decisions(settings), World(seed, settings)
    auditor, seen = Auditor(settings, mind.state), Counter()
    event = Opened(0.0, 1, "")
    for _ in range(events):
        for each in (event, *mind.react(event)):
            seen[type(each).__name__] += 1
            world.saw(each)
            auditor.saw(each)
        event = world.event(mind.state)
    return auditor.close() | {"beyond": auditor.beyond} | seen


def main():
    """So many events, a hundred thousand to a desk, under several settings."""
    events, total, began = int(sys.argv[1]), Counter(), time.perf_counter()
    for seed in range(-(-events // 100_000)):
        changed = ({}, {"policy": hl.Clock(), "lot": 0.0}, {"every": 5.0}, {"rate": 0.05, "dividend": 0.02})[
            seed % 4
        ]
        total.update(fuzz(min(100_000, events - 100_000 * seed), seed, settings_of(**changed)))
    print(f"{events:,} events in {time.perf_counter() - began:.0f} s")
    print("\n".join(f"{name}: {number:,.6g}" for name, number in total.items()))


if __name__ == "__main__":
    main()
