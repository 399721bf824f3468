"""A desk's side of a market that is served to it: to the desk it is each of the market's venues."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from hedgelab.desk.codec import encode
from hedgelab.desk.events import Answer, CancelAsked, Command, Message, Ordered, Rejected, StatusAsked
from hedgelab.desk.protocol import REPLACED, VERSION, message, named, read
from hedgelab.desk.risk import in_flight
from hedgelab.desk.state import State

#: Seconds between two tries to connect, and those that one may take.
AGAIN, PATIENCE = 0.5, 10.0

#: Boards in a row that may come late: one does now and then, where a machine is busy.
LATE = 3

#: Bytes of a frame from the market: a board of two hundred desks takes forty thousand.
LARGEST = 2**20


#: Shares that a position may differ by from being added up in another order.
SAME = 1e-6


class Client:
    """The venues of a market that is served elsewhere.

    An order that cannot be sent is rejected here, so that nobody waits for it; about one that was sent before the
    connection broke the desk asks when it has lost its patience.  What the market says has the time at which it
    came.  Where the shares that it has of the desk cannot be the desk's own, the desk is halted; where its time is
    so far from the desk's that all its quotes are late or ahead, as after a machine has slept, the desk ends;
    where only its boards come late, they connect anew.

    The market turns a desk away whose `known` orders and fills cannot be those that it has of that name; it is not
    asked to compare them where they are None.

    Attributes
    ----------
    welcome : what the market said of itself
    board : its last board, a row for each desk
    errors : what it last said was wrong, in its words
    """

    def __init__(self, url: str, name: str, token: str, known: tuple[int, int] | None = None) -> None:
        named({"version": VERSION, "name": name, "token": token})
        self.url, self.name, self._token, self._known = url, name, token, known
        self.welcome: Mapping[str, Any] = {}
        self.board: list[Mapping[str, Any]] = []
        self.errors: deque[str] = deque(maxlen=20)
        self._clock: Any = None
        self._deliver: Callable[[Any], object] = lambda event: None
        self._state: State | None = None
        self._connection: ClientConnection | None = None
        self._late = 0  # boards in a row
        self._told = 0.0  # when the market told its time, by the event loop's clock

    @property
    def connected(self) -> bool:
        """Whether the market can be reached at this moment."""
        return self._connection is not None

    @property
    def venues(self) -> dict[str, Client]:
        """What a desk takes for its venues."""
        return {venue["name"]: self for venue in self.welcome["venues"]}

    def time(self) -> float:
        """The market's time now: what its welcome told, taken to be of midway between the hello and it."""
        passed = asyncio.get_running_loop().time() - self._told
        return float(self.welcome["time"] + self.welcome["speed"] * passed)

    def start(self, clock: Any, deliver: Callable[[Any], object], state: State | None = None) -> None:
        """From now on `deliver` what comes, by this clock; nothing did before.

        With the desk's `state`, the market's book of it is compared with that now and at each new connection, and
        the market's time with the desk's clock from now on.
        """
        self._clock, self._deliver, self._state = clock, deliver, state
        self._compare()

    def send(self, asked: Ordered | CancelAsked | StatusAsked) -> None:
        """Send what the desk asks of a venue; an order that cannot be sent comes back as rejected."""
        if self._connection is not None:
            broadcast((self._connection,), encode(asked))
        elif isinstance(asked, Ordered):
            now, why = self._clock.now, "never sent: there is no connection"
            self._clock.at(now(), lambda: self._deliver(Rejected(now(), asked.venue, asked.order, why)))

    async def join(self) -> None:
        """Connect, and say who it is.

        Raises
        ------
        ValueError
            Where the market turned it away, in the market's words, or its time is not the desk's any more.
        OSError
            Where there is no market.
        """
        connection, loop = None, asyncio.get_running_loop()
        asked = self._clock.now() if self._clock else -math.inf
        has = known(self._state) if self._state else self._known
        asking = {"name": self.name, "token": self._token, "known": has}
        try:
            async with asyncio.timeout(PATIENCE):
                connection = await connect(
                    self.url, compression=None, max_size=LARGEST, proxy=None, close_timeout=1
                )
                began = loop.time()
                await connection.send(message("hello", version=VERSION, **asking))
                said = read(await connection.recv())
                told = 0.5 * (began + loop.time())
            self._check(said, asked)
            self.welcome, self._connection, self._told = said, connection, told
        except InvalidURI:
            raise ValueError(f"feed must be like ws://127.0.0.1:8765, got {self.url!r}") from None
        except TimeoutError:
            raise TimeoutError(f"{self.url} did not answer within {PATIENCE:g} seconds") from None
        except (ConnectionClosed, InvalidHandshake) as problem:
            raise ConnectionResetError(f"{self.url} is no market, or a full one: {problem}") from None
        finally:
            if connection is not None and connection is not self._connection:
                await connection.close()
        if said["account"]["told"]:
            self.errors.append(said["account"]["told"])
        self._compare()

    def _check(self, said: Any, asked: float) -> None:
        """Refuse what is no welcome, or that of another market than before, or at another time."""
        if not isinstance(said, dict) or said["message"] != "welcome":
            raise ValueError(f"the market at {self.url} turned {self.name!r} away: {_reason(said)}")
        if self.welcome and self.welcome["session"] != said["session"]:
            raise ValueError(f"the market at {self.url} is another one now: what it kept of {self.name!r} is gone")
        self._same_time(said["time"], asked)

    def _compare(self) -> None:
        """Halt the desk where the shares that the market has of it are none that it can have."""
        if self._state is None:
            return
        held, theirs = self._state.shares, self.welcome["account"]["position"]
        least, most = (held + in_flight(self._state, side) for side in (-1.0, 1.0))
        if not least - SAME <= theirs <= most + SAME:
            words = f"its book has {theirs:,.6g} shares of this desk, which has {held:,.6g}, and {least:,.6g} to "
            words += f"{most:,.6g} with all orders that are open"
            self._deliver(Command(self._clock.now(), "the market", "halt", words))

    def _same_time(self, time: float, asked: float | None = None) -> None:
        """Refuse a market whose time, told now and not before `asked`, makes all its quotes late or ahead.

        What nobody asked for may have been long on its way: where it is late again and again, a TimeoutError ends
        the connection, and the next one tells.
        """
        if self._state is None:
            return
        now, gate = self._clock.now(), self._state.settings.gate
        self._late = self._late + 1 if asked is None and time < now - gate.late else 0
        if self._late == LATE:
            raise TimeoutError(f"what it sends is {now - time:.6g} of its seconds late")
        if time > now + gate.ahead:
            by, when = f"behind the market's by {time - now:.6g}", ""
        elif asked is not None and time < asked - gate.late:
            by, when = f"ahead of the market's by {asked - time:.6g}", " when the market has come so far"
        else:
            return
        raise ValueError(
            f"the desk's clock is {by} of the market's seconds, as after a machine has slept or where it was slow "
            f"to connect, and no quote can be used: start the desk again{when}, with its journal if it has one"
        )

    async def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def run(self) -> None:
        """Deliver what comes, and connect anew whenever the connection breaks, until cancelled.

        Raises
        ------
        ValueError
            Where the market will not have it back, or its time is not the desk's any more.
        """
        while True:
            if self._connection is not None:
                await self._listen(self._connection)
            await asyncio.sleep(AGAIN)
            try:
                await self.join()
            except OSError as problem:
                self.errors.append(str(problem))

    async def _listen(self, connection: ClientConnection) -> None:
        try:
            async with connection:
                async for frame in connection:
                    self._take(read(frame))
        except ConnectionClosed as ended:
            if ended.rcvd is not None and ended.rcvd.code == REPLACED:
                raise ValueError(f"the market at {self.url} ended the connection: {ended.rcvd.reason}") from None
            self.errors.append(f"the connection broke: {ended}")
        except TimeoutError as late:
            self.errors.append(f"the connection is made anew: {late}")
        finally:
            self._connection = None

    def _take(self, said: Any) -> None:
        if not isinstance(said, Message | Answer | dict):
            self.errors.append(f"the market sent {type(said).__name__}, which is not its to send")
        elif not isinstance(said, dict):
            self._deliver(replace(said, time=self._clock.now()))
        elif said["message"] == "board":
            self._same_time(said["time"])
            self.board = said["desks"]
        elif said["message"] == "error":
            self.errors.append(_reason(said))


def known(state: State) -> tuple[int, int]:
    """How many orders and fills a desk knows of."""
    return len(state.open) + len(state.ended), len(state.fills)


def _reason(said: Any) -> str:
    return str(said.get("reason") if isinstance(said, dict) else said)
