"""What the commands do: a desk that runs, a market that is served, a journal that is replayed."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hedgelab.desk.clock import SECONDS_PER_YEAR, Real, every
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import Command, Event, Opened, StateChanged, StockQuote
from hedgelab.desk.floor import OFFICER, about, desk_settings, same_desk, same_market, trading_floor
from hedgelab.desk.folding import fold
from hedgelab.desk.journal import Journal, JournalError
from hedgelab.desk.settings import Settings
from hedgelab.desk.state import State, opened
from hedgelab.desk.terminal import changed, clock_time, faults, line, made_of, refused, standing, view
from hedgelab.desk.worlds import world

#: Quotes of each venue in a second of yours, and how often the table is drawn and a line printed, in seconds.
QUOTES, DRAWN, PRINTED = 4, 0.25, 2.0

#: What is said where no command can be given to a desk.
DEAF = "nothing can be typed here, not even halt: only Ctrl-C is left, which ends the desk"


async def run(options: argparse.Namespace) -> int:
    """Run a desk in a market of its own, or in one that is served."""
    if options.feed and options.journal and not (options.name and options.token):
        raise ValueError(
            "--name and --token (or HEDGELAB_TOKEN) must be given with --feed and --journal: "
            "a desk whose name is made up cannot go on with its journal later"
        )
    earlier = _earlier(options.journal)
    if not options.feed:
        seconds = (earlier.state.time if earlier else 0.0) + 60 * options.minutes * options.speed
        place = world(options.market, options.speed / QUOTES, options.seed, seconds)
        await _desk(options, earlier, about(place, options.speed), None, place)
        return 0
    from hedgelab.desk.client import Client, known

    name = options.name or f"desk-{secrets.token_hex(2)}"
    token = options.token or secrets.token_urlsafe(16)
    client = Client(options.feed, name, token, known(earlier.state) if earlier else (0, 0))
    try:
        await client.join()
        await _desk(options, earlier, client.welcome, client, None)
    finally:
        await client.close()
    return 0


async def _desk(options: argparse.Namespace, earlier: Earlier | None, told: Any, client: Any, place: Any) -> None:
    """Run a desk until its time is over, somebody ends it, or its market does."""
    if earlier is None:
        quoted, mid = told.get("quoted", 0.0), told.get("mid", told["spot"])
        settings = desk_settings(told, mid, quoted / SECONDS_PER_YEAR, options.band)
    else:
        settings = earlier.state.settings
        other = place and earlier.quote and not same_market(place, options.seed, earlier.quote)
        if other or not same_desk(settings, told, options.band):
            raise ValueError(
                f"{options.journal} is of a desk with another market, seed, speed or band: begin a new one"
            )
    now = client.time() if client else 0.0
    # where a desk goes on, at the time that it believed: that of an event may be a leap of its clock
    start = max(now, earlier.state.time) if earlier else now
    if client and start > now + settings.gate.late:
        raise ValueError(
            f"{options.journal} has come to {clock_time(start)}, and the market to {clock_time(now)}, so "
            "that all its quotes would be late: start again when it has come so far"
        )
    clock = Real(start, told["speed"])

    def gather(event: Any) -> None:
        desk.gather(event)

    venues = client.venues if client else trading_floor(place, clock, gather, gather, options.seed)
    with Journal(options.journal or ":memory:") as journal:
        desk = Desk(settings, journal, clock, venues)
        for venue in venues.values() if place else ():  # which ended when the desk did
            known = desk.state
            venue.recall([*known.open.values(), *known.ended.values()], known.fills.values())
        desk.start()
        if client:
            client.start(clock, gather, desk.state)
        with _screen(desk, clock, told, client, options.plain):
            _listen(desk)
            await _until(clock, start + 60 * options.minutes * told["speed"], client)
        desk.stop()
    print(*_summary(desk.mind), sep="\n")


def _listen(desk: Desk) -> None:
    """Give the desk what is typed as commands, or say that nothing can be typed."""
    loop = asyncio.get_running_loop()

    def typed() -> None:
        lines = os.read(sys.stdin.fileno(), 4096)
        if not lines and not sys.stdin.isatty():  # in a terminal it is Ctrl-D, after which more can be typed
            loop.remove_reader(sys.stdin)
            print(DEAF, flush=True)
        for words in lines.decode(errors="replace").splitlines():
            what, _, why = (part.strip() for part in words.partition(":"))
            desk.receive(Command(desk.clock.now(), OFFICER, what, why or what))

    try:
        loop.add_reader(sys.stdin, typed)
    except (NotImplementedError, OSError, ValueError):  # no such thing on Windows, or in a file
        print(DEAF)


class Earlier(NamedTuple):
    """What a journal holds already: the state that it led to, and the last quote."""

    state: State
    quote: StockQuote | None


def _earlier(path: str | None) -> Earlier | None:
    """What a journal holds already, if anything; all of its records must be good."""
    held = None
    if path is not None and Path(path).exists():
        with Journal(path, examined=True) as journal:
            for event in journal.read():
                if held is None and isinstance(event, Opened):
                    held = Earlier(opened(Settings.read(event.settings, version=event.version)), None)
                if held is not None:
                    fold(held.state, event)
                    held = held._replace(quote=event) if isinstance(event, StockQuote) else held
    return held


async def _until(clock: Real, until: float, client: Any = None) -> None:
    """Let it run until that time or an interruption."""
    with _interruptible(clock):
        if client is None:
            await clock.run(until)
            return
        listening = asyncio.create_task(client.run())
        listening.add_done_callback(lambda task: clock.stop())
        try:
            await clock.run(until)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening


@contextlib.contextmanager
def _interruptible(clock: Real) -> Iterator[None]:
    """Let an interruption stop the clock, so that what comes after it is still done."""
    loop, before = asyncio.get_running_loop(), {}
    for ending in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(ending, clock.stop)
        except NotImplementedError:  # on Windows
            before[ending] = signal.signal(ending, lambda *_: loop.call_soon_threadsafe(clock.stop))
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


@contextlib.contextmanager
def _screen(desk: Desk, clock: Real, told: Any, client: Any, plain: bool) -> Iterator[None]:
    """Show the desk while it runs: a table where there is a terminal, else lines."""
    print(f"{told['market']}: {told['told']}; {told['speed']:g} seconds to one of yours")

    if plain or not sys.stdout.isatty():
        desk.watchers.append(lambda event: isinstance(event, StateChanged) and print(changed(event), flush=True))

        def show() -> None:
            while client and client.errors:
                print(f"the market says: {client.errors.popleft()}")
            print(line(desk), flush=True)

        every(clock, PRINTED * told["speed"], show)
        yield
        return
    from rich.live import Live

    problems: list[Exception] = []
    notes: deque[str] = deque(maxlen=2)
    with Live(auto_refresh=False) as live:  # no thread of its own: the clock draws it

        def draw() -> None:
            while client and client.errors:
                notes.append(f"{clock_time(clock.now())}  {client.errors.popleft()}")
            try:
                live.update(view(desk, notes, client.board if client else ()), refresh=True)
            except Exception as problem:  # whatever a terminal makes of it, the desk must go on
                live.update("")
                problems[:] = [problem]

        every(clock, DRAWN * told["speed"], draw)
        yield
    if problems:
        print(f"the table could not always be drawn: {problems[0]}")


async def serve(options: argparse.Namespace) -> int:
    """Serve a market until its time is over, its record ends, or somebody ends it."""
    from hedgelab.desk.server import Server, serving

    seconds = 60 * options.minutes * options.speed
    place = world(options.market, options.speed / QUOTES, options.seed, seconds)
    clock = Real(speed=options.speed)
    server = Server(clock, about(place, options.speed), say=lambda words: print(words, flush=True))
    server.venues = trading_floor(place, clock, server.show, server.answer, options.seed)

    def printed() -> None:
        if server.accounts:
            print(clock_time(clock.now()), *standing(server.board()), sep="\n", flush=True)

    async with serving(server, options.host, options.port):
        print(f"{place.name}: {place.told}\nserved at {server.url}; run a desk there with --feed {server.url}")
        if options.host not in ("127.0.0.1", "::1", "localhost"):
            print(f"ANYBODY WHO REACHES {options.host} CAN TRADE HERE. NOTHING IS ENCRYPTED, NOT EVEN TOKENS")
        every(clock, options.speed, server.show_board)
        every(clock, 30 * options.speed, printed)
        await _until(clock, min(seconds, float(place.times[-1]) * SECONDS_PER_YEAR))
    print(f"the market is closed; its seed was {options.seed}", *standing(server.board()), sep="\n")
    return 0


def again(options: argparse.Namespace) -> int:
    """Replay a journal, and say what happened; 1 where something differs or is corrupted."""
    if not Path(options.journal).exists():
        raise JournalError(f"there is no journal {options.journal}")
    changes: list[StateChanged] = []

    def read(journal: Journal) -> Iterator[Event]:
        for event in journal.read():
            if isinstance(event, StateChanged):
                changes.append(event)
            yield event

    with Journal(options.journal, examined=True) as journal:
        found = replay(read(journal))
    print(f"{options.journal}: {found.events:,} records, {found.inputs:,} of them inputs")
    print(*_summary(found.mind), *map(changed, changes), sep="\n")
    if found.corrupted:
        print(f"up to there: {found.corrupted}")
    equal = "equal to the last bit: all was decided again as it stands"
    print(f"differs: {found.differs}" if found.differs else equal)
    return 1 if found.corrupted or found.differs else 0


def _summary(mind: Any) -> Iterator[str]:
    """What came of a desk, in lines."""
    state, fills = mind.state, list(mind.state.fills.values())
    bought, sold = (sum(max(side * fill.shares, 0.0) for fill in fills) for side in (1, -1))
    runs = f"{state.run} run{'s' if state.run > 1 else ''}"
    yield f"until {clock_time(state.time)}, {runs}; {state.mode}: {state.reason}"
    yield f"{len(fills):,} fills: {bought:,.0f} shares bought, {sold:,.0f} sold, {state.shares:+,.0f} held"
    yield f"P&L {mind.exposure.profit:+,.2f}, {made_of(mind)}; turnover {state.turnover:,.2f}"
    yield f"{len(state.open)} orders open, refused: {refused(state)}, faults: {faults(state)}"
