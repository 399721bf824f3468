"""A market for a class: what it does for desks, and what desks can do to it."""

from __future__ import annotations

import asyncio
import json
import math
import re
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.asyncio.connection import broadcast
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hedgelab.desk import client as coming_module
from hedgelab.desk import commands
from hedgelab.desk import server as serving_module
from hedgelab.desk.__main__ import parser
from hedgelab.desk.accounts import DESKS, Accounts
from hedgelab.desk.client import LATE, Client
from hedgelab.desk.clock import SECONDS_PER_YEAR, Real, Simulated, every
from hedgelab.desk.codec import encode
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import (
    Acknowledged,
    CancelAsked,
    Cancelled,
    Command,
    Filled,
    Opened,
    Ordered,
    Reconciled,
    Rejected,
    SmileQuote,
    StatusAsked,
    StockQuote,
)  # fmt: skip
from hedgelab.desk.feed import Gate
from hedgelab.desk.floor import about, desk_settings, trading_floor
from hedgelab.desk.folding import fold
from hedgelab.desk.journal import Journal
from hedgelab.desk.orders import Order
from hedgelab.desk.pricing import Portfolio
from hedgelab.desk.protocol import LARGEST, VERSION, message, read
from hedgelab.desk.server import BURST, Server, serving
from hedgelab.desk.settings import Settings, Terms
from hedgelab.desk.state import opened
from hedgelab.desk.worlds import world
from hedgelab.instruments import Option


@dataclass
class Counter:
    """A venue that fills whatever it is asked at 100.05 or 99.95, and keeps what it did."""

    name: str
    answer: Any = None
    fills: dict[str, Filled] = field(default_factory=dict)

    def send(self, asked):
        """Fill an order once, however often it is asked."""
        if isinstance(asked, Ordered) and asked.order not in self.fills:
            price = 100.05 if asked.shares > 0 else 99.95
            fill = f"{self.name}-{len(self.fills) + 1}"
            self.fills[asked.order] = Filled(asked.time, self.name, asked.order, fill, asked.shares, price, 0.25)
            self.answer(Acknowledged(asked.time, self.name, asked.order))
        known = self.fills.get(asked.order)
        if known:
            self.answer(known)
        if isinstance(asked, StatusAsked):
            found, filled = ("filled", known.shares) if known else ("unknown", 0.0)
            self.answer(Reconciled(asked.time, self.name, asked.order, found, filled))
        if isinstance(asked, CancelAsked):
            self.answer(Cancelled(asked.time, self.name, asked.order, known.shares if known else 0.0))


BOOK = {"options": [["call", 1e6, 9.0]], "numbers": [-1000], "volatility": 0.2}


@asynccontextmanager
async def market(port=0, book=BOOK):
    """A market of two such venues on loopback, and of a thousand options that are worth nothing, or a book."""
    said = []
    venues = {name: Counter(name) for name in "AB"}
    shown = [{"name": name, "fee": 0.0025, "impact": 0.0} for name in venues]
    about = {"market": "test", "speed": 1.0, "spot": 100.0, "venues": shown}
    server = Server(Real(), about | book, say=said.append)
    server.venues = venues
    for venue in venues.values():
        venue.answer = server.answer
    async with serving(server, port=port):
        server.said = said
        yield server


def quote(time=0.0, sequence=1):
    """A quote of venue A."""
    return StockQuote(time, "A", sequence, time, 99.95, 100.05, 500, 500, 100.0)


def hello(name="Ada", token="correct horse", version=VERSION):
    """What a desk says first."""
    return message("hello", version=version, name=name, token=token)


@asynccontextmanager
async def desk(server, name="Ada", token="correct horse"):
    """A bare connection of a desk that has been let in."""
    async with connect(server.url, proxy=None, compression=None) as connection:
        await connection.send(hello(name, token))
        assert read(await connection.recv())["message"] == "welcome"
        yield connection


async def said_of(connection, frame):
    """What the market answers to a frame."""
    await connection.send(frame)
    return read(await asyncio.wait_for(connection.recv(), 5))


async def ended(connection):
    """The code and the reason with which a connection ends, and the errors said before."""
    errors = []
    try:
        while True:
            errors.append(read(await asyncio.wait_for(connection.recv(), 5)))
    except ConnectionClosed as closed:
        return closed.rcvd.code, closed.rcvd.reason, errors


def order(shares=100.0, limit=101.0, name="1-1", venue="A"):
    """What a desk asks."""
    return encode(Ordered(0.0, name, venue, shares, limit, "hedge"))


def run(test):
    """Run a test of coroutines, for at most twenty seconds."""

    async def bounded():
        async with asyncio.timeout(20):
            await test()

    asyncio.run(bounded())


def test_an_order_goes_to_its_venue_and_the_fill_comes_back_under_the_desks_own_id():
    async def test():
        async with market() as server, desk(server) as ada:
            assert await said_of(ada, order()) == Acknowledged(pytest.approx(0, abs=10), "A", "1-1")
            fill = read(await ada.recv())
            assert (fill.order, fill.shares, fill.price) == ("1-1", 100.0, 100.05)
            server.show(quote())
            assert read(await ada.recv()) == quote()
            (row,) = server.board()
            assert (row["position"], row["cash"], row["trades"]) == (100.0, -100 * 100.05 - 0.25, 1)
            assert row["profit"] == pytest.approx(-100 * 0.05 - 0.25)

    run(test)


def test_the_same_id_is_one_order_however_often_it_is_sent_and_another_desks_is_another():
    async def test():
        async with market() as server, desk(server) as ada, desk(server, "Bob") as bob:
            for _ in range(3):
                await ada.send(order())
            await said_of(bob, order(-50.0, 99.0))
            await said_of(ada, "?")
            books = {row["name"]: row["position"] for row in server.board()}
            assert books == {"Ada": 100.0, "Bob": -50.0}

    run(test)


BAD = {
    "no JSON": ("{", "strict JSON"),
    "an order of NaN shares in words": (order().replace("100.0", "NaN", 1), "strict JSON"),
    "a list": ("[1,2]", "object whose event is one of"),
    "deep nesting": ("[" * 2000, "strict JSON"),
    "an unknown event": ('{"event":"Steal"}', "whose event is one of"),
    "a fill of its own making": (encode(Filled(0.0, "A", "1-1", "x", 1e9, 1.0, 0.0)), "must send Ordered"),
    "a second hello": (hello("Bob"), "must send Ordered"),
    "a number for text": (order().replace('"1-1"', "11"), "Ordered.order must be a text"),
    "a name with another's": (order(name="Bob/1-1"), "order must be 1 to 40"),
    "an empty id": (order(name=""), "order must be 1 to 40"),
    "half a letter": (order(name="x").replace('"x"', '"\\ud800"'), "order must be 1 to 40"),
    "an unknown venue": (order(venue="Z"), "venue must be one of A, B, got 'Z'"),
    "a digit too many": (order().replace("100.0", "9" * 3000), "Ordered.shares must be a number"),
}


@pytest.mark.parametrize("frame", BAD)
def test_a_bad_frame_is_answered_with_what_is_wrong_and_the_desk_stays(frame):
    async def test():
        async with market() as server, desk(server) as ada:
            sent, rule = BAD[frame]
            answer = await said_of(ada, sent)
            assert answer["message"] == "error"
            assert rule in answer["reason"]
            assert len(answer["reason"]) < 400
            assert (await said_of(ada, order())).order == "1-1"

    run(test)


@pytest.mark.parametrize("number", ["nan", "inf", 0.0, 1e300])
def test_an_order_of_no_number_is_rejected_under_its_id(number):
    async def test():
        async with market() as server, desk(server) as ada:
            rejected = await said_of(ada, order(float(number)))
            assert type(rejected).__name__ == "Rejected"
            assert "shares must be" in rejected.reason
            rejected = await said_of(ada, order(1.0, limit=-float(number)))
            assert "limit must be" in rejected.reason
            assert server.board()[0]["trades"] == 0

    run(test)


def test_a_desks_orders_stand_for_no_more_than_its_book_can_need_on_each_side():
    """Where everything is filled at once, in parts, cancelled, rejected, or found to be none."""

    async def test():
        async with market() as server, desk(server) as ada:
            venue = server.venues["A"] = Counter("A", server.answer)
            stands = iter(range(1, 99))

            async def left(most, side=1.0):
                """Whether so many shares more may stand, and not one more than that."""
                rejected = await said_of(ada, order(side * (most + 1), 100.0, name=f"2-{next(stands)}"))
                assert f"at most 3,000, 3 for each option of the book, got {side * (most + 1)}" in rejected.reason
                assert server._unfit(server.accounts["Ada"], Ordered(0.0, "3", "A", side * most, 100.0, "")) == ""

            await left(3000)
            for number in range(3):  # all of it is filled
                await ada.send(order(3000.0, name=f"1-{number}"))
                await ada.recv(), await ada.recv()
            await left(3000)
            venue.send = lambda asked: None
            for name in ("a", "b", "c", "d"):
                await ada.send(order(500.0, name=name))
            await left(1000)
            await left(3000, -1.0)
            for answer, most in (
                (Filled(0.0, "A", "Ada/a", "x1", 200.0, 100.0, 0.0), 1200),
                (Filled(0.0, "A", "Ada/a", "x1", 200.0, 100.0, 0.0), 1200),  # again
                (Reconciled(0.0, "A", "Ada/a", "open", 200.0), 1200),
                (Filled(0.0, "A", "Ada/a", "x2", 300.0, 100.0, 0.0), 1500),
                (Cancelled(0.0, "A", "Ada/b", 0.0), 2000),
                (Filled(0.0, "A", "Ada/b", "x3", 100.0, 100.0, 0.0), 2000),  # it was on its way
                (Rejected(0.0, "A", "Ada/c", "no"), 2500),
                (Reconciled(0.0, "A", "Ada/d", "unknown", 0.0), 3000),
            ):
                server.answer(answer)
                await ada.recv()
                await left(most)
            assert server.accounts["Ada"].standing == {}

    run(test)


def test_what_stands_on_a_side_is_counted_exactly_as_orders_come_and_go_and_not_anew_for_each():
    class Kept(dict):
        def __iter__(self):
            pytest.fail("all that stands was looked at")

        items = values = keys = __iter__

    server = Server(Simulated(), {"spot": 100.0} | BOOK)
    server.venues = {"A": Counter("A", lambda event: None)}
    account = server.accounts.admit("Ada", "correct horse")
    account.standing = Kept()
    for number in range(1000):
        server._take(account, Ordered(0.0, f"1-{number}", "A", 0.1 * (-1) ** number, 100.0, "hedge"))
    assert account.sides == dict.fromkeys((True, False), 500 * Fraction(0.1))
    server.answer(Filled(0.0, "A", "Ada/1-0", "x1", 0.03, 100.0, 0.0))
    server.answer(Filled(0.0, "A", "Ada/1-1", "x2", -0.1, 100.0, 0.0))
    assert account.sides == {True: 499 * Fraction(0.1) + Fraction(0.1 - 0.03), False: 499 * Fraction(0.1)}
    for number in range(1000):
        server.answer(Cancelled(0.0, "A", f"Ada/1-{number}", 0.0))
    assert (account.sides, len(account.standing)) == ({True: 0, False: 0}, 0)


def test_a_purpose_is_bounded_as_the_venue_keeps_it_as_long_as_the_market_lasts():
    async def test():
        async with market() as server, desk(server) as ada:
            rejected = await said_of(ada, order().replace("hedge", "x" * 41))
            assert rejected.reason == "purpose must have at most 40 letters, got 41"
            assert (await said_of(ada, order(name="1-2").replace("hedge", "x" * 40))).order == "1-2"

    run(test)


def test_an_id_belongs_to_the_venue_that_it_was_asked_of():
    async def test():
        async with market() as server, desk(server) as ada:
            await ada.send(order())
            await ada.recv(), await ada.recv()
            assert "was asked of venue A" in (await said_of(ada, order(venue="B")))["reason"]

    run(test)


STRANGERS = {
    "a wrong token": (hello(token="wrong horse"), "token must be the one that 'Ada' first came with"),
    "a short token": (hello("Bob", "short"), "token must be a text of 8"),
    "a name that is none": (hello("<b>"), "name must be 1 to 24"),
    "another version": (hello("Bob", version=99), "version must be 1"),
    "an order first": (order(), "a frame must be a hello"),
    "half a letter for a token": (hello("Ada", "\ud800" * 9), "token must be the one"),
    "bytes": (b"{}", "a frame must be text"),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_who_does_not_say_who_it_is_is_turned_away_with_the_reason(stranger):
    async def test():
        async with market() as server, desk(server) as ada, connect(server.url, proxy=None) as other:
            sent, rule = STRANGERS[stranger]
            await other.send(sent)
            code, _, (error,) = await ended(other)
            assert code == 1008
            assert rule in error["reason"]
            assert "correct horse" not in error["reason"]
            assert (await said_of(ada, order())).order == "1-1"

    run(test)


def test_who_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(serving_module, "PATIENCE", 0.1)

    async def test():
        async with market() as server, connect(server.url, proxy=None) as silent:
            code, reason, _ = await ended(silent)
            assert (code, reason) == (1008, "a hello must come within 0.1 seconds")

    run(test)


def test_a_huge_frame_ends_the_connection_and_no_other():
    async def test():
        async with market() as server, desk(server) as ada, desk(server, "Bob") as bob:
            await bob.send("x" * (LARGEST + 1))
            code, reason, _ = await ended(bob)
            assert code == 1009
            assert str(LARGEST) in reason
            assert (await said_of(ada, order())).order == "1-1"

    run(test)


def test_a_flood_ends_the_connection_and_its_orders_are_kept():
    async def test():
        async with market() as server, desk(server) as ada, desk(server, "Bob") as bob:
            sent = 0
            try:
                for sent in range(1, 20 * int(BURST)):
                    await bob.send(order(1.0, name=f"1-{sent}"))
            except ConnectionClosed:
                pass
            code, reason, _ = await ended(bob)
            assert (code, reason) == (1008, "more than 100 messages a second")
            assert (await said_of(ada, order())).order == "1-1"
            (row,) = (row for row in server.board() if row["name"] == "Bob")
            assert BURST <= row["trades"] < 1.5 * BURST
            async with connect(server.url, proxy=None) as again:
                await again.send(hello("Bob"))
                account = read(await again.recv())["account"]
            assert account["position"] == row["position"]
            assert account["told"] == reason
            while "Bob" in server.connections:
                await asyncio.sleep(0.01)
            assert server.said[-1] == "Bob has gone"
            async with connect(server.url, proxy=None) as again:
                await again.send(hello("Bob"))
                assert read(await again.recv())["account"]["told"] == ""

    run(test)


def test_a_desk_that_does_not_read_is_dropped_and_the_class_is_not(monkeypatch):
    monkeypatch.setattr(serving_module, "UNREAD", 2**16)

    async def test():
        async with (
            market() as server,
            desk(server) as ada,
            connect(server.url, proxy=None, max_queue=1, close_timeout=0) as slow,
        ):
            await slow.send(hello("Slow"))
            await asyncio.sleep(0.05)
            for sequence in range(1, 10_000):
                if "Slow" not in server.connections:
                    break
                server.show(SmileQuote(0.0, "A", sequence, 0.0, (0.2,) * 5000))
                assert read(await ada.recv()).sequence == sequence
            assert "Slow" not in server.connections
            assert server.said[-1] == "Slow is cut off: 65536 bytes were waiting for you to read them"
            assert "Slow" not in server.accounts  # it had asked for nothing, so its name is free
            assert (await said_of(ada, order())).order == "1-1"

    run(test)


def fills(number, server):
    """The market's venue from now on: it fills so many shares one by one, and tells it all again when asked."""

    class Patient(Counter):
        told = 0

        def send(self, asked):
            for fill in range(number):
                self.told += 1
                self.answer(Filled(asked.time, self.name, asked.order, f"A{fill}", 1.0, 100.0, 0.0))

    server.venues = {"A": Patient("A", server.answer)}
    return server.venues["A"]


def test_who_asks_often_about_an_order_with_many_fills_is_read_the_more_slowly_also_on_new_connections():
    async def test():
        async with market() as server, desk(server) as ada:
            venue = fills(2000, server)
            for _ in range(4):
                async with desk(server, "Bob") as bob:
                    await bob.send(order(2000.0))
                    await bob.send(encode(StatusAsked(0.0, "A", "1-1")))
                    for _ in range(60):
                        await bob.send(encode(StatusAsked(0.0, "A", "1-1")))
                    await asyncio.sleep(0.05)
                    bob.transport.abort()
            assert 2 * 2000 <= venue.told <= 5 * 2000
            server.venues = {"A": Counter("A", server.answer)}
            assert (await said_of(ada, order())).order == "1-1"
            assert server.accounts["Bob"].position == 2000.0

    run(test)


def test_a_desk_that_asks_once_about_an_order_with_many_fills_is_told_all_and_read_on():
    async def test():
        async with market() as server, desk(server) as ada:
            fills(2000, server)
            await ada.send(order(2000.0))
            await ada.send(encode(StatusAsked(0.0, "A", "1-1")))
            for _ in range(4000):
                await ada.recv()
            assert "strict JSON" in (await said_of(ada, "?"))["reason"]

    run(test)


@pytest.mark.parametrize(
    "frames",
    [b"\x89\x80\0\0\0\0" * 500, b"\x8a\x80\0\0\0\0" * 500, b"\x01\x80\0\0\0\0" + b"\0\x80\0\0\0\0" * 500],
    ids=["pings", "pongs", "pieces"],
)
def test_pings_and_pieces_of_messages_count_too(frames):
    async def test():
        async with market() as server, desk(server) as ada, desk(server, "Bob") as bob:
            await said_of(bob, order())
            bob.transport.write(frames)
            while "Bob" in server.connections:
                await asyncio.sleep(0.01)
            assert server.accounts["Bob"].told == "more than 100 pings or pieces of messages a second"
            assert (await said_of(ada, order())).order == "1-1"

    run(test)


def test_a_name_under_which_nothing_was_asked_is_free_again_and_one_with_orders_is_not():
    async def test():
        async with market() as server:
            for _ in range(2):
                for number in range(DESKS):
                    async with desk(server, f"m{number}"):
                        pass
            async with desk(server) as ada:
                await said_of(ada, order())
            while server.connections:
                await asyncio.sleep(0.01)
            assert list(server.accounts) == ["Ada"]

    run(test)


def test_one_address_takes_half_of_the_names_and_of_the_connections_at_most(monkeypatch):
    accounts = Accounts()
    for number in range(DESKS // 2):
        accounts.admit(f"m{number}", "correct horse", "10.0.0.1")
    with pytest.raises(ValueError, match="the market is full for you: 100 desks have come from where you are"):
        accounts.admit("Bob", "correct horse", "10.0.0.1")
    assert accounts.admit("m1", "correct horse", "10.0.0.1").name == "m1"
    for number in range(DESKS // 2):
        accounts.admit(f"b{number}", "correct horse", f"10.0.1.{number}")
    with pytest.raises(ValueError, match="the market is full: it has 200 desks"):
        accounts.admit("Bob", "correct horse", "10.0.0.2")
    monkeypatch.setattr(serving_module, "CONNECTIONS", 4)

    async def test():
        async with market() as server, desk(server), desk(server, "Bob"):
            with pytest.raises(InvalidStatus, match="503"):
                await connect(server.url, proxy=None)
            async with connect(server.url, proxy=None, local_addr=("127.0.0.2", 0)):
                pass

    run(test)


def test_a_page_in_a_browser_cannot_connect():
    async def test():
        async with market() as server:
            with pytest.raises(InvalidStatus, match="403"):
                await connect(server.url, proxy=None, origin="http://example.org")

    run(test)


def test_a_market_that_is_full_says_so(monkeypatch):
    monkeypatch.setattr(serving_module, "CONNECTIONS", 1)

    async def test():
        async with market() as server, desk(server):
            with pytest.raises(InvalidStatus, match="503"):
                await connect(server.url, proxy=None)

    run(test)


def test_a_second_connection_takes_the_place_of_the_first():
    async def test():
        async with market() as server, desk(server) as ada, desk(server) as again:
            code, reason, _ = await ended(ada)
            assert (code, reason) == (4001, "another connection has come with your name and token")
            assert (await said_of(again, order())).order == "1-1"
            assert list(server.connections) == ["Ada"]

    run(test)


@pytest.mark.parametrize(("name", "known", "rule"), [
    ("Ada", [0, 0], "the market keeps a book of 'Ada' already, with 1 orders: start with the journal"),
    ("Ada", [1, 2], "the market knows 1 fills of 'Ada', and the journal 2: the market was started anew"),
    ("Ada", [1, -1], "known must be two whole numbers, of orders and of fills"),
    ("Ada", [1, True], "known must be two whole numbers"),
    ("Ada", 1, "known must be two whole numbers"),
    ("Bob", [5, 2], "the market knows 0 fills of 'Bob'"),
    ("Ada", [1, 0], None), ("Ada", [9, 1], None), ("Ada", None, None), ("Bob", [0, 0], None),
    ("Bob", [5, 0], None),
])  # fmt: skip
def test_a_desk_with_another_book_is_turned_away_and_the_one_that_is_there_stays(name, known, rule):
    async def test():
        async with market() as server, desk(server) as ada, connect(server.url, proxy=None) as other:
            await ada.send(order())
            await ada.recv(), await ada.recv()
            await other.send(message("hello", version=VERSION, name=name, token="correct horse", known=known))
            if rule is None:
                assert read(await other.recv())["message"] == "welcome"
            else:
                code, _, (error,) = await ended(other)
                assert code == 1008
                assert rule in error["reason"]
                assert list(server.accounts) == ["Ada"]
                assert (await said_of(ada, order(name="1-2"))).order == "1-2"

    run(test)


def test_a_client_says_what_its_desk_knows_whenever_it_comes():
    async def test():
        async with market() as server, desk(server) as ada:
            await ada.send(order())
            await ada.recv(), await ada.recv()
            client = Client(server.url, "Ada", "correct horse", (0, 0))
            with pytest.raises(ValueError, match="turned 'Ada' away: the market keeps a book of 'Ada' already"):
                await client.join()
            await said_of(ada, "?")
            client = Client(server.url, "Ada", "correct horse", (1, 0))
            await client.join()
            state = opened(Settings((Option("call", 100, 0.5),), (-1,), spot=100, volatility=0.2))
            state.shares = 100.0
            client.start(server.clock, lambda event: None, state)
            listening = asyncio.create_task(client.run())
            await asyncio.sleep(0.01)
            client._connection.transport.abort()
            with pytest.raises(ValueError, match="keeps a book of 'Ada' already"):
                await listening  # for the state has none of its orders

    run(test)


def test_a_desk_may_ask_for_so_many_orders_and_about_so_many(monkeypatch):
    monkeypatch.setattr(serving_module, "ORDERS", 2)

    async def test():
        async with market() as server, desk(server) as ada:
            await said_of(ada, order())
            await ada.recv()
            await said_of(ada, encode(StatusAsked(0.0, "A", "1-2")))
            assert "more than 2 orders" in (await said_of(ada, order(name="1-3"))).reason
            assert "more than 2 orders" in (await said_of(ada, encode(StatusAsked(0.0, "A", "1-4"))))["reason"]
            assert (await said_of(ada, encode(StatusAsked(0.0, "A", "1-1")))).order == "1-1"

    run(test)


def test_what_a_desk_misses_while_it_is_away_is_told_when_it_asks():
    async def test():
        async with market() as server:
            async with desk(server) as ada:
                await ada.send(order())
                ada.transport.abort()  # it vanishes before the fill comes
            while not server.accounts["Ada"].trades:
                await asyncio.sleep(0.01)
            async with desk(server) as ada:
                fill = await said_of(ada, encode(StatusAsked(0.0, "A", "1-1")))
                found = read(await ada.recv())
                lost = await said_of(ada, encode(StatusAsked(0.0, "A", "1-2")))
            assert (fill.order, fill.shares, found.found, lost.found) == ("1-1", 100.0, "filled", "unknown")
            assert server.board()[0]["position"] == 100.0  # told again, not counted again

    run(test)


def test_a_client_comes_again_when_the_connection_broke_and_rejects_what_it_cannot_send():
    async def test():
        async with market() as server:
            client, seen = Client(server.url, "Ada", "correct horse"), []
            await client.join()
            client.start(server.clock, seen.append)
            listening = asyncio.create_task(client.run())
            client.send(Ordered(0.0, "1-1", "A", 100.0, 101.0, "hedge"))
            client._connection.transport.abort()
            while client.connected:
                await asyncio.sleep(0.01)
            client.send(Ordered(0.0, "1-2", "A", 100.0, 101.0, "hedge"))
            while not client.connected:
                await asyncio.sleep(0.01)
            client.send(StatusAsked(0.0, "A", "1-1"))
            client.send(StatusAsked(0.0, "A", "1-2"))
            while sum(isinstance(event, Reconciled) for event in seen) < 2:
                await asyncio.sleep(0.01)
            listening.cancel()
            found = {event.order: event.found for event in seen if isinstance(event, Reconciled)}
            assert [event.reason for event in seen if isinstance(event, Rejected)] == [
                "never sent: there is no connection"
            ]
            assert found["1-1"] in ("filled", "unknown")
            assert found["1-2"] == "unknown"
            assert "the connection broke" in client.errors[0]
            held = sum({event.fill: event.shares for event in seen if isinstance(event, Filled)}.values())
            assert held == sum(row["position"] for row in server.board())

    run(test)


def test_an_order_that_cannot_be_sent_is_rejected_at_the_time_at_which_the_desk_is_told():
    """Also where the desk takes something else between the two."""

    async def test():
        clock, loop = Real(), asyncio.get_running_loop()
        client, rejected = Client("ws://127.0.0.1:9", "Ada", "correct horse"), loop.create_future()
        settings = Settings((Option("call", 100, 0.5),), (-1000,), spot=100, volatility=0.2)
        desk = Desk(settings, Journal(":memory:"), clock, {"A": client})
        client.start(clock, desk.gather)
        desk.start()
        desk.watchers.append(lambda event: isinstance(event, Rejected) and rejected.set_result(event))
        send = client.send

        def sent(asked):
            loop.call_soon(lambda: desk.receive(Command(clock.now(), "Bob", "hedge only", "to be sure")))
            send(asked)

        client.send = sent
        desk.receive(StockQuote(clock.now(), "A", 1, clock.now(), 99.9, 100.1, 5000.0, 5000.0, 100.0))
        await asyncio.wait_for(rejected, 5.0)
        assert (desk.state.faults, desk.state.by) == ({}, "Bob")
        desk.stop()

    run(test)


@pytest.mark.parametrize(("held", "way", "halts"), [
    (100.0, 0.0, False), (0.0, 100.0, False), (60.0, 50.0, False), (130.0, -40.0, False),
    (0.0, 0.0, True), (0.0, 90.0, True), (300.0, -150.0, True), (-100.0, 0.0, True), (math.nan, 0.0, True),
])  # fmt: skip
def test_a_desk_whose_shares_cannot_be_those_that_the_market_has_of_it_is_halted(held, way, halts):
    """The market has 100 shares of it; `way` are in an order that is open."""
    state = opened(Settings((Option("call", 100, 0.5),), (-1,), spot=100, volatility=0.2))
    state.shares = held
    asked = Ordered(0.0, "1-1", "A", 100.0, 101.0, "hedge")
    state.ended["1-1"] = Order(asked, 0.0, "filled", 100.0)
    if way:
        fold(state, Ordered(0.0, "1-2", "A", way, 100.0, "hedge"))

    async def test():
        async with market() as server:
            async with desk(server) as ada:
                await said_of(ada, order(100.0))
            client, seen = Client(server.url, "Ada", "correct horse"), []
            await client.join()
            client.start(server.clock, seen.append, state)
            assert [event.what for event in seen] == ["halt"] * halts
            listening = asyncio.create_task(client.run())
            seen.clear()
            client._connection.transport.abort()
            while client.connected:
                await asyncio.sleep(0.01)
            while not client.connected:
                await asyncio.sleep(0.01)
            listening.cancel()
            assert [event.what for event in seen] == ["halt"] * halts
            assert all("its book has 100 shares of this desk, which has" in event.reason for event in seen)

    run(test)


@pytest.mark.parametrize("again", [True, False], ids=["another connection", "the same connection"])
@pytest.mark.parametrize(("slept", "rule"), [
    (20.0, r"clock is behind .* by (19\.9|20)\S* of the market's seconds, .*: start the desk again, with its"),
    (-20.0, "clock is ahead of the market's by (19|20).* of the market's seconds, .*: start the desk again when"),
    (0.5, None), (-0.5, None),
])  # fmt: skip
def test_a_desk_that_would_be_blind_as_its_clock_stood_still_is_told_to_start_again(slept, rule, again):
    """The clock of a machine that sleeps stands still; that of the other, the market's or the desk's, goes on."""

    async def test():
        async with market() as server:
            gate = Gate(late=1.0, ahead=1.0)
            settings = Settings((Option("call", 100, 0.5),), (-1,), spot=100, volatility=0.2, gate=gate)
            client = Client(server.url, "Ada", "correct horse")
            await client.join()
            client.start(Real(client.welcome["time"]), lambda event: None, opened(settings))
            listening = asyncio.create_task(client.run())
            await asyncio.sleep(0.01)
            server.clock._began -= slept
            if again:
                client._connection.transport.abort()
            for _ in range(LATE):
                server.show_board()
            if rule is None:
                await asyncio.sleep(1.0)
                assert client.connected
                assert not listening.done()
                listening.cancel()
            else:
                with pytest.raises(ValueError, match=rule):
                    await listening
                assert not client.connected
                while server.connections:
                    await asyncio.sleep(0.01)

    run(test)


def test_a_desk_to_which_boards_come_late_connects_anew_and_goes_on_where_the_market_is_not_late():
    async def test():
        async with market() as server:
            settings = Settings((Option("call", 100, 0.5),), (-1,), spot=100, volatility=0.2, gate=Gate(late=1.0))
            client = Client(server.url, "Ada", "correct horse")
            await client.join()
            client.start(Real(client.welcome["time"]), lambda event: None, opened(settings))
            listening, before = asyncio.create_task(client.run()), client._connection
            await before.ping()
            for _ in range(LATE):
                server._send(("Ada",), message("board", time=server.clock.now() - 20.0, desks=[]))
            while client._connection in (before, None):
                await asyncio.sleep(0.01)
            server.show_board()
            while not client.board:
                await asyncio.sleep(0.01)
            assert not listening.done()
            assert re.fullmatch(r"the connection is made anew: .*(19\.9|20)\S* of its .* late", *client.errors)
            listening.cancel()
            await client.close()

    run(test)


def test_a_desk_that_is_welcomed_slowly_begins_at_the_markets_time(tmp_path):
    """The hello and the welcome take four tenths of our seconds each: more than its gate lets a quote be ahead."""

    class Slow(Server):
        async def handle(self, connection):
            await asyncio.sleep(0.4)
            await super().handle(connection)

        def _welcome(self, account):
            super()._welcome(account)
            place = self.connections.pop(account.name)
            asyncio.get_running_loop().call_later(0.4, self.connections.update, {account.name: place})

        def _send(self, names, text):
            if '"welcome"' in text[:20]:
                there = [self.connections[name] for name in names]
                asyncio.get_running_loop().call_later(0.4, broadcast, there, text)
            else:
                super()._send(names, text)

    async def test():
        place = world("gbm", every=150.0, seed=1, seconds=36_000.0)
        server = Slow(Real(speed=600.0), about(place, 600.0), say=lambda words: None)
        server.venues = trading_floor(place, server.clock, server.show, server.answer, 1)
        every(server.clock, 600.0, server.show_board)
        async with serving(server):
            path = str(tmp_path / "desk.db")
            desk = ["run", "--plain", "--name", "Ada", "--token", "correct horse", "--journal", path]
            assert await commands.run(parser().parse_args([*desk, "--minutes", "0.03", "--feed", server.url])) == 0
        state = replay(path).state
        assert "clock ahead" not in {name for _, name in state.faults}
        assert state.feed.fresh

    run(test)


def test_a_client_is_told_why_it_cannot_come_in():
    async def test():
        async with market() as server, desk(server):
            with pytest.raises(ValueError, match="turned 'Ada' away: token must be the one"):
                await Client(server.url, "Ada", "wrong horse").join()
        with pytest.raises(OSError, match="Connect"):
            await Client(server.url, "Ada", "correct horse").join()
        with pytest.raises(ValueError, match="feed must be like ws://"):
            await Client("127.0.0.1", "Ada", "correct horse").join()

    run(test)


def test_a_market_that_does_not_answer_is_named_and_no_connection_to_it_is_left(monkeypatch):
    monkeypatch.setattr(coming_module, "PATIENCE", 0.2)

    async def test():
        there = set()

        async def silent(connection):
            there.add(connection)
            await connection.wait_closed()
            there.discard(connection)

        async with serve(silent, "127.0.0.1", 0) as sockets:
            client = Client(f"ws://127.0.0.1:{sockets.sockets[0].getsockname()[1]}", "Ada", "correct horse")
            with pytest.raises(OSError, match=r"ws://127.0.0.1:\d+ did not answer within 0.2 seconds"):
                await client.join()
            while there:
                await asyncio.sleep(0.01)

    run(test)


def test_a_market_that_was_started_anew_is_another_one():
    async def test():
        async with market() as server:
            client = Client(server.url, "Ada", "correct horse")
            await client.join()
            client.start(server.clock, lambda event: None)
            listening = asyncio.create_task(client.run())
            await asyncio.sleep(0)
        port = int(server.url.rpartition(":")[2])
        async with market(port):
            with pytest.raises(ValueError, match="is another one now: what it kept of 'Ada' is gone"):
                await listening

    run(test)


def test_the_board_is_strict_json_and_goes_to_every_desk():
    async def test():
        async with market() as server, desk(server) as ada, desk(server, "Bob") as bob:
            await said_of(ada, order())
            await ada.recv()
            server.show_board()
            board, other = await ada.recv(), await bob.recv()
            assert board == other
            rows = json.loads(board, parse_constant=pytest.fail)["desks"]
            assert {row["name"]: row["profit"] for row in rows} == {"Ada": None, "Bob": 0.0}
            server.show(quote())
            assert [row["name"] for row in server.board()] == ["Bob", "Ada"]

    run(test)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(["event", "message", "time", "order", "venue", "shares", "limit", "purpose", "reason"])


@given(frame=st.text() | st.binary(), changes=st.dictionaries(fields, values, max_size=3), cut=st.integers(0, 99))
@settings(max_examples=200)
def test_whatever_a_frame_holds_it_is_taken_or_refused_in_words(frame, changes, cut):
    """Random frames, and good ones with fields that are something else: nothing but a ValueError comes of them."""
    server, reasons = Server(Simulated(), {"spot": 100.0} | BOOK), [""]
    server.venues = {name: Counter(name, server.answer) for name in "AB"}
    account = server.accounts.admit("Ada", "correct horse")
    good = json.dumps({**json.loads(order()), **changes})
    for each in (frame, good, good[:cut]):
        try:
            server._take(account, read(each))
        except ValueError as problem:
            reasons.append(message("error", reason=str(problem)))
    assert max(map(len, reasons)) < 800
    assert math.isfinite(account.cash)
    assert account.trades <= 1


def test_desks_are_ranked_by_their_whole_book():
    """A sold call, hedged and not: where the price rises, the hedge earns what the option costs."""
    about = {"spot": 100.0, "options": [["call", 100, 0.5]], "numbers": [-1000], "volatility": 0.2}
    server = Server(Simulated(), about)
    for name in ("Ada", "Nobody"):
        server.accounts.admit(name, "correct horse", book=server.worth())
    server.accounts["Ada"].fold(Filled(0.0, "A", "1", "1", 528.0, 100.0, 2.0))
    call = Option("call", 100, 0.5)
    for middle, best in ((95.0, "Nobody"), (105.0, "Ada")):
        server.show(StockQuote(0.0, "A", 1, 0.0, middle - 0.05, middle + 0.05, 5.0, 5.0, middle))
        rows = {row["name"]: row["profit"] for row in server.board()}
        assert server.board()[0]["name"] == best
        option = 1000 * (call.value(middle, 0.5, 0.2) - call.value(100.0, 0.5, 0.2))
        assert rows["Nobody"] == pytest.approx(-option)
        assert rows["Ada"] == pytest.approx(528 * (middle - 100) - 2 - option)
    late = SECONDS_PER_YEAR
    server.show(StockQuote(late, "A", 2, late, 119.95, 120.05, 5.0, 5.0, 120.0))
    server.show(StockQuote(late, "A", 3, late + 1, 109.95, 110.05, 5.0, 5.0, 110.0))  # which is after it paid
    server.board()
    server.show(StockQuote(late, "A", 4, late + 2, 89.95, 90.05, 5.0, 5.0, 90.0))
    rows = {row["name"]: row["profit"] for row in server.board()}
    assert rows["Nobody"] == pytest.approx(1000 * call.value(100.0, 0.5, 0.2) - 20_000)


def test_a_desk_is_welcomed_with_the_profit_that_it_has_on_the_board():
    async def test():
        async with market() as server:
            server.book = Portfolio([Option("call", 100, 0.5)], [-1000], 0.2)
            server.show(quote())
            client = Client(server.url, "Ada", "correct horse")
            await client.join()
            assert client.welcome["account"]["profit"] == server.board()[0]["profit"] == 0.0
            await client.close()

    run(test)


DATED = {"options": [["call", 95, 0.1], ["put", 110, 0.2], ["call", 100, 0.3]], "numbers": [-1000, -500, -10]}


@pytest.mark.parametrize("come", [0.05, 0.15, 0.25])
def test_a_desk_sells_what_is_left_of_the_book_and_is_marked_on_the_board_at_that_alone(come):
    """It comes when A has shown a price since the last expiry, and B, whose old one counts, has not."""

    async def test():
        async with market(book=DATED | {"volatility": 0.2}) as server:
            number = iter(range(1, 99))

            def shown(years, middle, venues="AB"):
                for venue in venues:
                    at = years * SECONDS_PER_YEAR
                    each = StockQuote(at, venue, next(number), at, middle - 0.1, middle + 0.1, 500, 500, middle)
                    server.show(each)
                    yield each

            [*shown(0.0, 100.0), *shown(come - 0.01, 101.0), *shown(come, 102.0, "A")]
            client = Client(server.url, "Ada", "correct horse")
            await client.join()
            told, quoted = client.welcome, client.welcome["quoted"]
            assert (quoted, told["mid"], told["account"]["profit"]) == (come * SECONDS_PER_YEAR, 101.5, 0.0)
            settings = desk_settings(told, told["mid"], quoted / SECONDS_PER_YEAR, 0.02)
            settings = replace(settings, policy=lambda moment: 0.0, beat=1e9, gate=Gate(stale=1e9, late=1e9))
            assert [each.expiry for each in settings.options] == [each for each in (0.1, 0.2, 0.3) if each > come]
            clock = Simulated(quoted)
            desk = Desk(settings, Journal(":memory:"), clock, dict.fromkeys("AB", Counter("A", print)))
            desk.start()
            for years, middle in ((come, 103.0), (0.12, 104.0), (0.22, 105.0), (0.27, 106.0), (0.35, 107.0)):
                for each in shown(max(years, come), middle, "B" if years == come else "AB"):
                    clock.run(each.time)
                    desk.receive(each)
                if years > come:
                    assert server.board()[0]["profit"] == pytest.approx(desk.profit)
            assert len(desk.state.settled) == len(settings.options)
            desk.stop()
            late = Client(server.url, "Bob", "correct horse")
            await late.join()
            with pytest.raises(ValueError, match=r"years must be below 0\.3, when the last .* expires, got 0\.35"):
                desk_settings(late.welcome, 100.0, late.welcome["quoted"] / SECONDS_PER_YEAR, 0.02)
            await client.close(), await late.close()

    run(test)


#: Seconds by which the quotes of each venue are late at a desk, and the tick whose quotes of some are lost there.
WAYS = {
    "as they are shown": ((0.0, 0.0, 0.0), -1, ""),
    "the first venue last": ((50.0, 1.0, 0.0), -1, ""),
    "one venue a tick behind": ((0.0, 150.0, 2.0), -1, ""),
    "each of another tick": ((250.0, 0.0, 150.0), -1, ""),
    "a quote is lost after an expiry": ((0.0, 0.0, 0.0), 2, "A"),
    "two are lost at an expiry": ((1.0, 0.0, 150.0), 5, "BC"),
    "all are lost before it": ((0.0, 120.0, 0.0), 1, "ABC"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("boards", [(), (9,), range(10)], ids=["none", "the last", "each"])
def test_what_expires_pays_on_the_board_what_it_pays_in_a_desks_book_whenever_the_board_is_made(boards, way):
    """And however late its quotes come, and whichever are lost, as long as one venue's of that time comes."""
    (delays, tick, lost), events = WAYS[way], []
    call, put, later = (Option("call", 99, 1000 / SECONDS_PER_YEAR), Option("put", 105, 1375 / SECONDS_PER_YEAR),
                        Option("call", 100, 0.5))  # fmt: skip
    settings = Settings(
        (call, put, later), (-1000, 500, -10), spot=100, volatility=0.2, venues=dict.fromkeys("ABC", Terms()),
        gate=Gate(stale=1000.0, late=1000.0), beat=1e5, policy=lambda moment: 0.0,
    )  # fmt: skip
    about = {"spot": 100.0, "options": [[*terms] for terms in map(astuple, (call, put, later))]}
    clock = Simulated()
    server = Server(clock, about | {"numbers": settings.numbers, "volatility": 0.2})
    desk = Desk(settings, Journal(":memory:"), clock, dict.fromkeys("ABC", Counter("A", lambda event: None)))
    desk.watchers.append(events.append)
    desk.start()

    def heard(event):
        desk.receive(replace(event, time=clock.now()))

    for k, middle in enumerate((100.0, 100.5, 101.0, 104.0, 103.0, 101.5, 100.0, 99.0, 98.0, 97.0)):
        clock.run(875.0 + 100 * k)
        for place, venue in enumerate("ABC"):
            half = 0.1 + 0.01 * place
            event = StockQuote(clock.now(), venue, k + 1, clock.now(), middle - half, middle + half, 5, 5, middle)
            server.show(event)
            if k != tick or venue not in lost:
                clock.at(clock.now() + delays[place], lambda event=event: heard(event))
        if k in boards:
            server.board()
    quoted = clock.now()
    clock.run(quoted + 300.0)
    assert desk.state.settled == {call: pytest.approx(-1000 * (101.0 - 99.0)), put: pytest.approx(500 * 3.5)}
    assert server.mid == desk.state.price == pytest.approx(97.0)
    value = later.value(97.0, 0.5 - quoted / SECONDS_PER_YEAR, 0.2)
    assert server.worth() == pytest.approx(sum(desk.state.settled.values()) - 10 * value)
    assert replay(events, settings.policy).differs is None


def test_a_market_cannot_command_a_desk():
    delivered = []
    client = Client("ws://127.0.0.1:1", "Ada", "correct horse")
    client.start(Simulated(), delivered.append)
    for event in (Command(0.0, "you", "resume", "so says the market"), Opened(0.0, 77, "none", "9.9")):
        client._take(event)
    assert delivered == []
    assert list(client.errors) == [
        "the market sent Command, which is not its to send", "the market sent Opened, which is not its to send",
    ]  # fmt: skip
    client._take(Acknowledged(0.0, "A", "1-1"))
    client._take(quote())
    assert len(delivered) == 2
