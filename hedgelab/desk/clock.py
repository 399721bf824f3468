"""The one clock of a desk, in seconds of trading time: simulated, or that of the machine's event loop.

Either calls functions at their times, in the order of the times, and in that in which they were asked for where
times are equal.  Nothing else runs: no threads, and no second loop.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Protocol

from hedgelab.validation import finite_scalar, positive_scalar, refusal

#: Seconds of trading in a year: 252 days of six and a half hours.  An option's years are counted in these.
SECONDS_PER_YEAR = 252 * 6.5 * 3600


class Clock(Protocol):
    """What tells the time and calls at one."""

    def now(self) -> float:
        """Seconds since the desk's start."""

    def at(self, time: float, call: Callable[[], object]) -> None:
        """Call a function at a time, at once where that has passed."""


def every(clock: Clock, seconds: float, call: Callable[[], object]) -> None:
    """Call a function now, and again each time that so many seconds have passed."""
    call()
    clock.at(clock.now() + seconds, lambda: every(clock, seconds, call))


class Simulated:
    """A clock that jumps to the next thing to do: a trading year lasts as long as its work takes.

    Examples
    --------
    >>> clock, seen = Simulated(), []
    >>> clock.at(2.0, lambda: seen.append(clock.now()))
    >>> clock.at(1.0, lambda: clock.at(1.5, lambda: seen.append(clock.now())))
    >>> clock.run(until=10.0)
    >>> seen, clock.now()
    ([1.5, 2.0], 10.0)
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = finite_scalar("start", start)
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []
        self._asked = 0
        self._stopped = False

    def now(self) -> float:
        """Seconds since the desk's start."""
        return self._now

    def at(self, time: float, call: Callable[[], object]) -> None:
        """Call a function at a time, at once where that has passed."""
        if not time < float("inf"):
            raise refusal("time must be a number below infinity", time)
        self._asked += 1
        heapq.heappush(self._waiting, (max(time, self._now), self._asked, call))

    def run(self, until: float) -> None:
        """Do what is to be done up to and including `until`, or to what calls `stop`."""
        self._stopped = False
        while self._waiting and self._waiting[0][0] <= until and not self._stopped:
            self._now, _, call = heapq.heappop(self._waiting)
            call()
        if not self._stopped:
            self._now = max(self._now, until)

    def stop(self) -> None:
        """End `run` after what is being done."""
        self._stopped = True


class Real:
    """The event loop's own clock, `speed` desk's seconds to one of its own, from `start` on.

    Made and used inside a running loop.  What a call raises comes out of `run`.

    Examples
    --------
    >>> async def later():
    ...     clock = Real(speed=1000.0)
    ...     seen = []
    ...     clock.at(5.0, lambda: seen.append(clock.now() >= 5.0))
    ...     await clock.run(until=20.0)
    ...     return seen
    >>> asyncio.run(later())
    [True]
    """

    def __init__(self, start: float = 0.0, speed: float = 1.0) -> None:
        self._start, self._speed = finite_scalar("start", start), positive_scalar("speed", speed)
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._waiting: list[tuple[float, int, Callable[[], object]]] = []
        self._asked = 0

    def now(self) -> float:
        """Seconds since the desk's start."""
        return self._start + self._speed * (self._loop.time() - self._began)

    def at(self, time: float, call: Callable[[], object]) -> None:
        """Call a function at a time, at once where that has passed."""
        self._asked += 1
        heapq.heappush(self._waiting, (time, self._asked, call))
        self._loop.call_at(self._began + (time - self._start) / self._speed, self._call)

    async def run(self, until: float) -> None:
        """Wait until a time, or until `stop`, while the loop does what there is to do."""
        self.at(until, self.stop)
        await self._ended

    def stop(self) -> None:
        """End `run`."""
        if not self._ended.done():
            self._ended.set_result(None)

    def _call(self) -> None:
        """Make the first call that waits: the loop keeps no order among equal times."""
        try:
            heapq.heappop(self._waiting)[-1]()
        except Exception as problem:
            if self._ended.done():
                raise
            self._ended.set_exception(problem)
