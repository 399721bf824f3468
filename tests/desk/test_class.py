"""Ten desks in one market: the board is what desks have in their own books, and what the venues have in theirs."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect

from hedgelab.desk.client import Client
from hedgelab.desk.clock import SECONDS_PER_YEAR, Real
from hedgelab.desk.codec import encode
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import Command, Ordered
from hedgelab.desk.floor import about, desk_settings, trading_floor
from hedgelab.desk.journal import Journal
from hedgelab.desk.protocol import VERSION, message
from hedgelab.desk.server import Server, serving
from hedgelab.desk.venues import Habits
from hedgelab.desk.worlds import world

SPEED, SECONDS = 1200.0, 3.0


class Pupil:
    """A desk of the class, with its journal and its connection."""

    def __init__(self, url, name, path, band):
        self.client, self.path, self.band = Client(url, name, "correct horse"), path, band
        self.settings = None

    async def come(self):
        """Join the market, for the first time or again after the desk was killed."""
        await self.client.join()
        told = self.client.welcome
        years = told["quoted"] / SECONDS_PER_YEAR
        self.settings = self.settings or desk_settings(told, told["mid"], years, self.band)
        self.clock = Real(told["time"], told["speed"])
        self.journal = Journal(self.path)
        self.desk = Desk(self.settings, self.journal, self.clock, self.client.venues)
        self.client.start(self.clock, self.desk.gather)
        self.desk.start()
        self.listening = asyncio.create_task(self.client.run())

    async def vanish(self):
        """Be killed: the connection is gone, and the desk and all that it had not written down."""
        self.client._connection.transport.abort()
        await self.go()
        self.client = Client(self.client.url, self.client.name, "correct horse")

    async def go(self):
        """End."""
        self.desk.stop()
        self.listening.cancel()
        await asyncio.wait([self.listening])


async def vandal(url):
    """Whoever floods the market, over and over, until somebody stops it."""
    while True:
        async with connect(url, proxy=None, close_timeout=0) as connection:
            await connection.send(message("hello", version=VERSION, name="Vandal", token="correct horse"))
            for number in range(400):
                await connection.send(encode(Ordered(0.0, f"x-{number}", "A", 1.0, 1e-6, "harm")) + "," * number)
            await connection.wait_closed()


async def a_class(folder):
    """Ten desks for seconds, three killed and three cut off, who come back, and a vandal; then all is quiet."""
    async with asyncio.timeout(40), AsyncExitStack() as ending:
        place = world("heston", SPEED / 4, seed=4, seconds=60 * SPEED)
        clock = Real(speed=SPEED)
        server = Server(clock, about(place, SPEED), say=lambda words: None)
        server.venues = trading_floor(place, clock, server.show, server.answer, seed=4)
        for venue in server.venues.values():
            venue.habits = Habits(
                latency=SPEED / 10, parts=0.3, hidden=0.5, refuses=0.05
            )  # a tenth of our seconds
        await ending.enter_async_context(serving(server))
        pupils = [Pupil(server.url, f"desk-{k}", folder / f"{k}.db", band=0.0002 * (k + 1)) for k in range(10)]
        harm = asyncio.create_task(vandal(server.url))
        for pupil in pupils:
            await pupil.come()
        for killed in pupils[:3]:
            await asyncio.sleep(SECONDS / 4)
            while not killed.desk.state.open:
                await asyncio.sleep(0.001)
            await killed.vanish()  # with an order on its way
            await asyncio.sleep(0.1)
            await killed.come()
        for broken in pupils[3:6]:  # the desk lives on, and has an order on its way
            while not broken.desk.state.open:
                await asyncio.sleep(0.001)
            broken.client._connection.transport.abort()
        await asyncio.sleep(SECONDS / 4)
        harm.cancel()
        for pupil in pupils:  # no new orders; those that stand are cancelled
            pupil.desk.receive(Command(pupil.clock.now(), "the teacher", "halt", "the lesson is over"))
        while any(pupil.desk.state.open for pupil in pupils):
            await asyncio.sleep(0.02)
        server.show_board()
        server.last = server.board(), server.mid, server.worth()
        while pupils[5].client.board != server.last[0]:  # on its way
            await asyncio.sleep(0.02)
        for pupil in pupils:
            await pupil.go()
        return server, pupils


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The market and the desks after it."""
    return asyncio.run(a_class(tmp_path_factory.mktemp("journals")))


def test_ten_desks_trade_and_the_board_is_right(lesson):
    server, pupils = lesson
    board, mid, book = server.last
    assert pupils[5].client.board == board
    shown = {row["name"]: row for row in board}
    assert shown.pop("Vandal")["trades"] == 0
    assert len(shown) == 10
    for pupil in pupils:
        state, row = pupil.desk.state, shown[pupil.client.name]
        assert row["trades"] == len(state.fills) >= 2
        assert row["position"] == pytest.approx(state.shares, abs=1e-9)
        assert row["cash"] == pytest.approx(state.cash - pupil.settings.cash, abs=1e-9 * state.turnover)
        assert row["fees"] == pytest.approx(state.fees, rel=1e-9)
        options = book - server.accounts[row["name"]].sold
        assert row["profit"] == pytest.approx(row["cash"] + row["position"] * mid + options)
        assert row["profit"] == pytest.approx(pupil.desk.profit, abs=25.0)  # a hedge's alone is off by hundreds
    assert sum(row["position"] for row in shown.values()) == sum(venue.shares for venue in server.venues.values())
    assert sum(row["cash"] for row in shown.values()) == pytest.approx(
        sum(venue.cash for venue in server.venues.values()),
        abs=1e-9 * sum(row["turnover"] for row in shown.values()),
    )


def test_what_each_desk_did_is_decided_again_from_its_journal(lesson):
    _, pupils = lesson
    for pupil in pupils:
        again = replay(pupil.path)
        assert (again.differs, again.corrupted) == (None, None)
        assert again.mind.state.fills == pupil.desk.state.fills
        assert again.mind.state.run == (2 if pupil in pupils[:3] else 1)
        if again.mind.state.run == 1:  # what the client says itself has its time too
            assert ("", "clock went back") not in again.mind.state.faults
