"""A desk in a process of its own that is killed again and again, while its market and its venues go on without it.

    python tests/desk/soak.py 1000          # so many kills, 50 to a journal; what CI does is one journal

The desk is killed with SIGKILL at a random moment after it was given events, or by itself at a chosen point: in
the middle of SQLite's work, between commit and sending, in the middle of a message.  What it was given then is
gone for it; what it had sent whole arrives.  In the end every fill of every venue must be in its books, once.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from desk_audit import Auditor
from desk_days import FAULTY, NASTY, settings_of

import hedgelab as hl
from hedgelab.desk.clock import Simulated
from hedgelab.desk.codec import decode, encode
from hedgelab.desk.decisions import Decisions
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import StockQuote
from hedgelab.desk.journal import Journal
from hedgelab.desk.sources import Faulty, MarketSource, Showing
from hedgelab.desk.venues import Habits, Venue

#: Where the desk can kill itself: at so many of SQLite's steps, or of its sends.
POINTS = ("step of SQLite", "before a commit", "after a commit", "middle of a message")


class Wire:
    """The desk's side of all venues: a line for each thing asked."""

    def __init__(self, line, life):
        self.line, self.life = line, life

    def send(self, asked):
        text = f"{encode(asked)}\n".encode()
        if self.life("middle of a message"):
            self.line.sendall(text[: len(text) // 2])
            die()
        self.line.sendall(text)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def live(line, path, now, point, after):
    """Be a desk, until killed: a line in has events of a moment, an empty one out says that they were taken."""
    left = [after]

    def life(here):
        left[0] -= here == point
        return here == point and left[0] < 0

    clock, journal = Simulated(now), Journal(path)
    if point == "step of SQLite":
        journal._file.set_progress_handler(lambda: die() if life(point) else 0, 1)
    keep = journal.append

    def append(events, durable=True):
        if life("before a commit"):
            die()
        keep(events, durable=durable)
        if life("after a commit"):
            die()

    journal.append = append
    desk = Desk(settings_of(), journal, clock, dict.fromkeys(settings_of().venues, Wire(line, life)))
    desk.start()
    line.sendall(b"\n")
    with line.makefile() as lines:
        for text in lines:
            if text == "\n":
                break
            few = [*map(decode, text.split("\t"))]
            clock.run(until=few[-1].time)
            desk.receive(*few)
            line.sendall(b"\n")
    desk.stop()


class Soak:
    """A market and its venues, and a desk that lives and dies."""

    def __init__(self, path, kills, seed):
        self.path, self.kills, self.chance = path, kills, random.Random(seed)
        self.clock, self.settings = Simulated(), settings_of()
        self.deaths, self.process, self.line, self.until_dead, self.back = Counter(), None, None, 0, 0.0
        self.venues = {
            name: Venue(name, self.clock, self.deliver, terms, NASTY, seed + k)
            for k, (name, terms) in enumerate(self.settings.venues.items())
        }
        self.feed = Faulty(self.clock, self.deliver, FAULTY, seed)
        self.few = []
        market, seconds = hl.GBM(100, 0.4), 60.0 * kills + 600.0
        times = market.times(seconds / (252 * 6.5 * 3600), int(seconds))
        showing = Showing(spread=0.0004, size=3000, vary=0.5, delay=0.02)
        self.source, self.seconds = MarketSource(market, times, dict.fromkeys(self.venues, showing), seed), seconds

    def show(self, message):
        if isinstance(message, StockQuote):
            self.venues[message.venue].show(message)
        self.feed(message)

    def deliver(self, event):
        """Give the desk an event, at the end of the moment with all others that come until then."""
        if not self.few:
            self.clock.at(self.clock.now(), self.give)
        self.few.append(event)

    def give(self):
        """Give the desk what has come, if it lives, and maybe kill it meanwhile."""
        few, self.few = self.few, []
        if self.line is None:
            if self.clock.now() < self.back:
                return
            self.begin()
            if self.line is None:
                return
        self.until_dead -= 1
        try:
            self.line.sendall(("\t".join(map(encode, few)) + "\n").encode())
            if self.until_dead == 0 and self.kills > 0:
                time.sleep(self.chance.random() * 0.004)
                os.kill(self.process, signal.SIGKILL)
        except BrokenPipeError:
            pass
        self.hear("any time")

    def hear(self, how):
        """Take what the desk sends until it has taken the event, or is dead."""
        while True:
            try:
                more = self.line.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                break
            self.unread += more
            while b"\n" in self.unread:
                text, _, self.unread = self.unread.partition(b"\n")
                if not text:
                    if self.until_dead > 0 or self.kills <= 0:
                        return
                    continue
                asked = decode(text)
                self.venues[asked.venue].send(asked)
        self.bury(how)

    def bury(self, how):
        _, status = os.waitpid(self.process, 0)
        assert os.WIFSIGNALED(status), f"the desk failed by itself: {status}"
        assert os.WTERMSIG(status) == signal.SIGKILL
        self.deaths[self.point if self.point else how] += 1
        self.kills -= 1
        self.line.close()
        self.line = None
        self.back = self.clock.now() + self.chance.choice([0.0, 1.0, 20.0])

    def begin(self):
        """Another life, on the same journal."""
        self.point = self.chance.choice([None, *POINTS]) if self.kills > 0 else None
        after = self.chance.randrange({"step of SQLite": 8000, "middle of a message": 4}.get(self.point, 80))
        self.line, other = socket.socketpair()
        self.unread, self.until_dead = b"", self.chance.randrange(5, 120) if not self.point else 10**9
        self.process = os.fork()
        if not self.process:
            status = 1
            try:
                self.line.close()
                live(other, self.path, self.clock.now(), self.point, after)
                status = 0
            finally:
                os._exit(status)
        other.close()
        self.hear("any time")

    def run(self):
        self.source.start(self.clock, self.show)
        while self.kills > 0:
            assert self.clock.now() < self.seconds, f"{self.kills} kills are left, and no time"
            self.clock.run(until=self.clock.now() + 10.0)
        for venue in self.venues.values():
            venue.habits = Habits(latency=0.05)
        self.clock.run(until=self.clock.now() + 120.0)
        if self.line is None:
            self.back = 0.0
            self.begin()
        self.line.sendall(b"\n")
        assert os.waitpid(self.process, 0)[1] == 0
        self.line.close()
        return self.check()

    def check(self):
        """Compare the journal with the venues, and with itself."""
        again = replay(self.path)
        assert again.corrupted is None
        assert again.differs is None, again.differs
        state = again.state
        mind = Decisions(self.settings)
        auditor = Auditor(self.settings, mind.state)
        with Journal(self.path) as journal:
            for event in journal.read():
                for take in (mind.remember, auditor.saw) if event.input else (auditor.saw, mind.remember):
                    take(event)
        counts = auditor.close()
        theirs = {
            (name, fill.fill): fill.shares
            for name, venue in self.venues.items() for order in venue.orders.values() for fill in order.fills
        }  # fmt: skip
        ours = {key: fill.shares for key, fill in state.fills.items()}
        open_still = {order.order for order in (each.asked for each in state.open.values())}
        lost, more = theirs.keys() - ours.keys(), ours.keys() - theirs.keys()
        return {
            "deaths": dict(self.deaths), "runs": state.run, "records": again.events, "orders": counts["orders"],
            "fills": len(theirs), "lost": len(lost), "doubled or invented": len(more) + counts["rogue fills"],
            "open": len(open_still), "never sent": sum(o.status == "lost" for o in state.ended.values()),
            "position": state.shares, "venues' position": sum(venue.shares for venue in self.venues.values()),
        }  # fmt: skip


def soak(kills, seed=1):
    """What came of so many kills, on one journal."""
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        return Soak(Path(folder) / "desk.db", kills, seed).run()


def main():
    """Kill so many times, and say what came of it."""
    kills, total, began = int(sys.argv[1]), Counter(), time.perf_counter()
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for seed in range(-(-kills // 50)):
        found = soak(min(50, kills - 50 * seed), first + seed)
        total.update({f"killed at {point}": n for point, n in found.pop("deaths").items()})
        assert found["fills"] > 0
        assert found["lost"] == found["doubled or invented"] == found["open"] == 0, found
        assert abs(found.pop("position") - found.pop("venues' position")) < 1e-6, found
        total.update(found)
    print(json.dumps(total | {"seconds": round(time.perf_counter() - began)}, indent=1))


if __name__ == "__main__":
    main()
