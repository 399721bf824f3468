"""A market for a class: quotes out, orders in, fills back, and a board of desks.

Venues and quotes are the simulated ones that a desk alone has, on one clock; the server puts a desk's name before
each of its order ids, so that no desk touches another's.  Every desk is shown the same quotes and trades at the
same depth: who comes first, trades first, and nobody's orders may stand for more than the book can need.  Nothing
that a desk sends can stop the market: a frame that is too large, a flood, a reader that does not keep up end that
desk's connection with a reason, and its book is kept until it is back; who asks about orders with many fills is
read the more slowly.  What is kept lasts as long as the server does; a name under which nothing was asked is free
again when its desk goes.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from http import HTTPStatus
from ipaddress import ip_address
from statistics import median
from typing import Any

import numpy as np
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response

from hedgelab.desk.accounts import BURST, ORDERS, RATE, Account, Accounts, Allowance
from hedgelab.desk.clock import SECONDS_PER_YEAR, Clock
from hedgelab.desk.codec import encode
from hedgelab.desk.events import (
    CancelAsked,
    Cancelled,
    Event,
    Filled,
    Ordered,
    Reconciled,
    Rejected,
    StatusAsked,
    StockQuote,
)
from hedgelab.desk.feed import Fixing
from hedgelab.desk.pricing import Portfolio
from hedgelab.desk.protocol import LARGEST, ORDER, REPLACED, VERSION, known, message, named, read
from hedgelab.instruments import Option
from hedgelab.validation import refusal

#: Bytes that may wait for a desk that does not read them.
UNREAD = 2**20

#: Shares that a desk's orders may stand for on one side, for each option of the book: the way from one limit of
#: the position that `floor` gives a desk to the other.
STANDING = 3

#: Connections at once, those of desks and others; half of them from one address.
CONNECTIONS = 400

#: Where what the library says of broken handshakes goes: what matters of them, the server says itself.
QUIET = logging.getLogger("hedgelab.desk.server")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False

#: Seconds in which somebody who has connected says who it is.
PATIENCE = 5.0


class Counted(ServerConnection):
    """A connection on which what nobody reads is counted too: pings, their answers, and pieces of a message."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._allowed, self.flooded = Allowance(RATE, BURST), False

    def process_event(self, event: Any) -> None:
        """Take a frame, and end it all where there are too many."""
        whole = isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY) and event.fin
        if not whole and self._allowed.spend(1, time.monotonic()):
            self.flooded = True
            self.transport.abort()
        else:
            super().process_event(event)


class Server:
    """A market on a socket.

    Parameters
    ----------
    clock : the venues' clock, real or simulated
    about : what a desk is told of the market when it comes
    say : what is told of desks that come, go and are cut off

    Attributes
    ----------
    venues : by their names: each is told orders with `send`, and is to answer to `answer`; their quotes to `show`
    accounts : what it keeps of each desk, there or not
    """

    def __init__(self, clock: Clock, about: Mapping[str, Any], say: Callable[[str], object] = print) -> None:
        self.clock, self.say = clock, say
        self.venues: Mapping[str, Any] = {}
        self.about = dict(about) | {"session": secrets.token_hex(8)}
        self.accounts = Accounts()
        self.connections: dict[str, ServerConnection] = {}
        self.mids: dict[str, float] = {}
        terms = [Option(*each) for each in self.about.get("options", ())]
        self.book = Portfolio(terms, self.about.get("numbers", ()), self.about.get("volatility", 0.0))
        self._fixing, self._paid, self._quoted = Fixing(terms), np.zeros(len(terms)), clock.now()
        self.book.value(self.about["spot"], self._quoted / SECONDS_PER_YEAR)
        self.url = ""

    @property
    def mid(self) -> float:
        """The price in the middle, the median over the venues as a desk has it; NaN before the first quote."""
        return median(self.mids.values()) if self.mids else math.nan

    def board(self) -> list[Mapping[str, Any]]:
        """Each desk's position, cash, fees, turnover, trades and profit, the best first."""
        return self.accounts.board(self.mid, self.worth)

    def worth(self, since: float = 0.0) -> float:
        """What the book that is sold at `since`, in years, without what had expired, is worth at the last quote.

        What has been paid on it counts.
        """
        each = self._paid + self.book.numbers * self.book.each().price
        return float(each[self.book.left(since) > 0].sum())

    def show(self, quote: Event) -> None:
        """Send to every desk what a venue shows; what has expired pays as `Fixing` says."""
        if isinstance(quote, StockQuote) and 0 < quote.middle < math.inf:
            self.mids[quote.venue], self._quoted = quote.middle, max(self._quoted, quote.sent)
            self._fixing.take(quote)
            while fixed := self._fixing.quote(self.mids):
                for option, paid in self.book.settle(fixed.middle, fixed.sent / SECONDS_PER_YEAR).items():
                    self._paid[self.book.place(option)] = paid
                    self._fixing.paid(option)
            self.book.value(self.mid, self._quoted / SECONDS_PER_YEAR)
        self._send(self.connections, encode(quote))

    def answer(self, event: Any) -> None:
        """Count a venue's answer, and send it to the desk whose order it is about, if it is there."""
        name, _, order = event.order.partition("/")
        event = replace(event, order=order)
        account = self.accounts[name]
        if isinstance(event, Filled):
            account.fold(event)
        elif isinstance(event, Cancelled | Rejected) or (isinstance(event, Reconciled) and event.found != "open"):
            account.stand(order, 0.0)
        if name in self.connections:
            self._send((name,), encode(event))

    def show_board(self) -> None:
        """Send the board to every desk."""
        self._send(self.connections, message("board", time=self.clock.now(), desks=self.board()))

    def _send(self, names: Iterable[str], text: str) -> None:
        """Send a text to these desks without waiting for any of them, and cut off those that do not read."""
        there = {name: self.connections[name] for name in names if name in self.connections}
        broadcast(there.values(), text)
        for name, connection in there.items():
            if connection.transport.get_write_buffer_size() > UNREAD:
                self._cut(name, f"{UNREAD} bytes were waiting for you to read them")

    def _cut(self, name: str, reason: str) -> None:
        self.connections.pop(name).transport.abort()
        self.accounts[name].told = reason
        self._free(name)
        self.say(f"{name} is cut off: {reason}")

    def _free(self, name: str) -> None:
        """Let go of a name under which nothing was asked."""
        if not self.accounts[name].orders:
            del self.accounts[name]

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one connection, from who it is to its end."""
        name = ""
        try:
            async with asyncio.timeout(PATIENCE):
                frame = await connection.recv()
            said, address = read(frame, "hello"), connection.remote_address[0]
            since = self._quoted / SECONDS_PER_YEAR
            account = self.accounts.admit(*named(said), address, known(said), since, self.worth(since))
            name = account.name
            before, self.connections[name] = self.connections.get(name), connection
            self._welcome(account)
            if before is not None:
                await _ended(before, "another connection has come with your name and token", REPLACED)
            await self._listen(account, connection)
        except TimeoutError:
            await _ended(connection, f"a hello must come within {PATIENCE:g} seconds")
        except ValueError as error:
            await _ended(connection, str(error))
        except ConnectionClosed:
            pass
        finally:
            if self.connections.get(name) is connection:
                del self.connections[name]
                if isinstance(connection, Counted) and connection.flooded:
                    account.told = f"more than {RATE:g} pings or pieces of messages a second"
                self._free(name)
                self.say(f"{name} has gone" + f": {account.told}" * bool(account.told))

    def _welcome(self, account: Account) -> None:
        kept = account.row(self.mid, self.worth(account.since)) | {"told": account.told}
        account.told = ""
        last = {"quoted": self._quoted, "mid": self.book.seen.spot}
        told = message("welcome", version=VERSION, time=self.clock.now(), account=kept, **last, **self.about)
        self._send((account.name,), told)
        self.say(f"{account.name} is here")

    async def _listen(self, account: Account, connection: ServerConnection) -> None:
        """Take what a desk sends, no faster than it may."""
        async for frame in connection:
            if self.connections.get(account.name) is not connection:
                return  # it was cut off, and what had come before is nobody's
            waits = account.retold.spend(0, time.monotonic())
            if waits:  # nothing is read of it meanwhile
                with suppress(TimeoutError):
                    async with asyncio.timeout(waits):
                        await connection.wait_closed()
                        return
            if account.messages.spend(1, time.monotonic()):
                account.told = f"more than {RATE:g} messages a second"
                raise ValueError(account.told)
            try:
                self._take(account, read(frame))
            except ValueError as error:
                self._send((account.name,), message("error", reason=str(error)))

    def _take(self, account: Account, event: Any) -> None:
        """Give a desk's order, or what it asks about one, to its venue."""
        if not isinstance(event, Ordered | CancelAsked | StatusAsked):
            raise ValueError("a desk must send Ordered, CancelAsked or StatusAsked, got something else")
        if not ORDER.fullmatch(event.order):
            raise refusal("order must be 1 to 40 of the letters A-Z a-z 0-9 _ . -", event.order)
        venue = self.venues.get(event.venue)
        if venue is None:
            raise refusal(f"venue must be one of {', '.join(self.venues)}", event.venue)
        at = account.orders.get(event.order)
        if at is None:
            reason = f"more than {ORDERS} orders" if len(account.orders) >= ORDERS else self._unfit(account, event)
            if reason and isinstance(event, Ordered):
                self._send((account.name,), encode(Rejected(self.clock.now(), event.venue, event.order, reason)))
                return
            if reason:
                raise ValueError(reason)
            account.orders[event.order] = event.venue
            if isinstance(event, Ordered):
                account.stand(event.order, event.shares)
        elif at != event.venue:
            raise ValueError(f"order {event.order} was asked of venue {at}, got venue {event.venue}")
        if isinstance(event, StatusAsked):
            account.retold.spend(len(account.counted.get(event.order, ())), time.monotonic())
        venue.send(replace(event, time=self.clock.now(), order=f"{account.name}/{event.order}"))

    def _unfit(self, account: Account, order: Ordered | CancelAsked | StatusAsked) -> str:
        """What is wrong with an order, if anything is."""
        if not isinstance(order, Ordered):
            return ""
        most, shares = STANDING * self.book.unit, order.shares
        if not 0 < abs(shares) <= most or abs(shares) + account.sides[shares > 0] > most:
            rule = f"shares must be finite, not zero, and with those that stand on their side at most {most:,.6g}"
            return f"{rule}, {STANDING} for each option of the book, got {shares}"
        if not math.isfinite(order.limit) or order.limit <= 0:
            return f"limit must be positive and finite, got {order.limit}"
        if len(order.purpose) > 40:
            return f"purpose must have at most 40 letters, got {len(order.purpose)}"
        return ""


async def _ended(connection: ServerConnection, reason: str, code: int = 1008) -> None:
    """End a connection with a reason, in a message and as far as it has room in the closing frame."""
    broadcast((connection,), message("error", reason=reason))
    await connection.close(code, reason.encode()[:100].decode(errors="ignore"))


@asynccontextmanager
async def serving(server: Server, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Server]:
    """The server on its socket, `url` saying where, until the block ends; a port of 0 is any that is free.

    Where it listens everywhere, as at 0.0.0.0, `url` has this machine's name.
    """

    def full(connection: ServerConnection, request: Request) -> Response | None:
        here = sum(each.remote_address[:1] == connection.remote_address[:1] for each in sockets.connections)
        if len(sockets.connections) < CONNECTIONS and here < -(-CONNECTIONS // 2):
            return None
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, f"the market has {CONNECTIONS} connections\n")

    limits: dict[str, Any] = {"max_size": LARGEST, "max_queue": 16, "close_timeout": 1, "open_timeout": PATIENCE}
    limits |= {"compression": None, "create_connection": Counted, "process_request": full, "logger": QUIET}
    limits["origins"] = [None]  # nothing that a page in a browser opens
    async with serve(server.handle, host, port, **limits) as sockets:
        where, at, *_ = next(iter(sockets.sockets)).getsockname()
        if ip_address(where).is_unspecified:  # it listens everywhere, and is to be found by its name
            where = socket.gethostname()
        server.url = f"ws://[{where}]:{at}" if ":" in where else f"ws://{where}:{at}"
        yield server
