"""A desk: inputs in, decisions in the journal, only then orders out, and only then watchers are shown it all.

Inputs that come at once are decided one after another and committed together, so that the disk is waited for once:
as many as `HANDFUL`, and none that is a command or an answer after one that asked something of a venue, for what
was asked leaves before anything is done about those.  `Desk.receive` takes what it is given at once, `Desk.gather`
at the end of the moment, with all else that comes until then.

Killed before the commit, the inputs have never been: a venue's answers are asked for again at the next start, by
the ids of all orders that had not ended.  Killed after it and before an order was sent, the order is in the
journal and not at its venue, which says so when asked: the order is lost, and its id is never used again.

A venue that cannot be told, or a watcher that fails, keeps nothing from the others: it is an input of its own,
`Failed`, so the fault is in the journal too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import hedgelab
from hedgelab.desk.clock import Clock
from hedgelab.desk.codec import encode, exact
from hedgelab.desk.decisions import Decisions
from hedgelab.desk.events import ASKED, DURABLE, Answer, Command, Event, Failed, Opened, Timer
from hedgelab.desk.journal import Journal, JournalError
from hedgelab.desk.pricing import Portfolio
from hedgelab.desk.settings import Settings
from hedgelab.desk.state import State
from hedgelab.validation import refusal

#: Inputs in one commit at most: what the first of them orders waits for what is decided on the last.
HANDFUL = 32

NEW = "it was not started"


class AnyVenue(Protocol):
    """Where a desk trades.

    What is sent arrives in its order, and is answered later, by `Desk.receive`.  An order id that the venue has
    seen it answers and does not fill again; asked for its status it sends all fills of the order again and then
    `Reconciled`; an id that it has called unknown it never takes.
    """

    def send(self, asked: Any) -> None:
        """Take an `Ordered`, a `CancelAsked` or a `StatusAsked`."""


class Desk:
    """A desk that runs, on its journal and clock.

    Parameters
    ----------
    settings : the same as in the journal, if that is not new
    journal : nobody else's
    clock : simulated or real
    venues : one of each name in the settings

    Raises
    ------
    ValueError
        Where settings or venues are not those of the journal.
    JournalError
        Where the journal cannot be read or, later, written: then nothing was sent, and the desk takes no more, and
        says so whenever it is given an input.

    Examples
    --------
    >>> from hedgelab import Option
    >>> from hedgelab.desk.clock import Simulated
    >>> from hedgelab.desk.events import StockQuote
    >>> class Silent:
    ...     def send(self, asked):
    ...         print(asked.order, asked.shares)
    >>> settings = Settings((Option("call", 100, 0.5),), (-1000,), spot=100, volatility=0.2)
    >>> with Journal(":memory:") as journal:
    ...     desk = Desk(settings, journal, Simulated(), {"A": Silent()})
    ...     desk.start()
    ...     desk.receive(StockQuote(0.0, "A", 1, 0.0, 99.9, 100.1, 5000.0, 5000.0, 100.0))
    1-1 528.0
    """

    def __init__(self, settings: Settings, journal: Journal, clock: Clock, venues: Mapping[str, AnyVenue]) -> None:
        if venues.keys() != settings.venues.keys():
            raise refusal(f"venues must be {', '.join(settings.venues)}", list(venues))
        self.settings, self.clock, self.venues = settings, clock, venues
        self.watchers: list[Callable[[Event], Any]] = []  # are shown events, once all of their commit have left
        self.mind = Decisions(settings)  # what decides; it knows the book and its exposure
        self._journal = journal
        self._waiting: deque[Event] = deque()
        self._busy = self._called = self._running = False
        self._deaf = NEW  # why it takes no inputs, where that is to be said
        if journal.taken:
            raise ValueError("journal must be nobody else's: another desk has it")
        for event in journal.read():
            if isinstance(event, Opened) and event.settings != settings.text():
                raise ValueError(f"settings must be those of {journal.path}, or the journal a new one")
            self.mind.remember(event)
        journal.taken = True

    @property
    def state(self) -> State:
        """All that the desk knows."""
        return self.mind.state

    @property
    def book(self) -> Portfolio:
        """The options, as they were last valued."""
        return self.mind.book

    @property
    def profit(self) -> float:
        """What was gained since the book was sold, shares marked at the middle and options at the desk's model."""
        return self.mind.exposure.profit

    def start(self) -> None:
        """Begin a run: ask the venues about all orders that had not ended, and let the clock beat."""
        if self._running:
            raise ValueError("a desk must be started once: it is running")
        self._running, self._deaf = True, "" if self._deaf == NEW else self._deaf
        self._hear()
        self._waiting.append(
            Opened(self.clock.now(), self.state.run + 1, self.settings.text(), hedgelab.__version__)
        )
        self._work()
        self._beat()

    def stop(self) -> None:
        """Take no more inputs, and let go of the journal.  Orders stand: the next start asks about them."""
        self._running, self._deaf = False, ""
        self._journal.close()

    def receive(self, *events: Event) -> None:
        """Take inputs, stamped with the desk's clock, and those that wait; what comes meanwhile waits for them.

        Raises
        ------
        ValueError
            Where one is no input from outside, or cannot be written; then none of them is taken.
        JournalError
            Where the desk has failed, or was not started.  (One that was stopped hears nothing.)
        """
        self._hear(*events)
        self._work()

    def gather(self, *events: Event) -> None:
        """Take inputs as `receive` does, when the clock has done all that is due, with what else has come."""
        self._hear(*events)
        if not self._called:
            self._called = True
            self.clock.at(self.clock.now(), self._work)

    def _hear(self, *events: Event) -> None:
        for event in events:
            if not event.input or isinstance(event, Opened):
                raise refusal("event must be an input, and none that `start` makes", event)
        exactly = [*map(exact, events)]  # what the desk decides on is what its journal gives back
        if self._deaf:
            raise JournalError(f"the desk takes no inputs: {self._deaf}")
        if self._running:
            self._waiting += exactly

    def _work(self) -> None:
        """Take all that waits."""
        self._called = False
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting and self._running:
                self._take()
        finally:
            self._busy = False

    def _take(self) -> None:
        """Take a handful of what waits, in one commit."""
        events: list[Event] = []
        asked = False
        try:
            for _ in range(min(len(self._waiting), HANDFUL)):
                if asked and isinstance(self._waiting[0], Command | Answer):
                    break
                event = self._waiting.popleft()
                decided = self.mind.react(event)
                asked = asked or any(isinstance(each, ASKED) for each in decided)
                events += event, *decided
            self._journal.append(events, durable=any(isinstance(each, DURABLE) for each in events))
        except BaseException as problem:  # the state is ahead of the journal: only a new desk knows what is true
            self._running, self._deaf = False, f"it failed: {problem}"
            raise
        for each in events:
            if isinstance(each, ASKED):
                try:
                    self.venues[each.venue].send(each)
                except Exception as problem:  # whatever it is, what goes to the others must leave
                    self._failed(each.venue, "not sent", f"{type(each).__name__} of {each.order}: {problem!r}")
        for watcher in list(self.watchers):
            try:
                for each in events:
                    watcher(each)
            except Exception as problem:  # it sees no more, or each failure would be shown to it and fail again
                self.watchers.remove(watcher)
                self._failed("", "watcher failed", f"{problem!r}; it is shown no more")

    def _failed(self, venue: str, what: str, detail: str) -> None:
        self._waiting.append(exact(Failed(self.clock.now(), venue, what, detail)))

    def _beat(self) -> None:
        if self._running or self._deaf:  # a desk that failed says so at its next beat, if nobody asked before
            self.receive(Timer(self.clock.now(), "beat"))
            self.clock.at(self.clock.now() + self.settings.beat, self._beat)


class Replayed(NamedTuple):
    """What came of a replay.

    Attributes
    ----------
    mind : with the state and the book at the end
    events : how many records there were, and how many of them were `inputs`
    differs : which record differs first and how, None where all are equal to the last bit
    corrupted : what was found wrong with the journal, and where it was read no further; None if nothing
    """

    mind: Decisions
    events: int
    inputs: int
    differs: str | None
    corrupted: JournalError | None

    @property
    def state(self) -> State:
        """At the end."""
        return self.mind.state


def replay(source: str | Path | Iterable[Event], policy: Any = None) -> Replayed:
    """Decide again all that a journal's inputs led to, and compare with what stands there, to the last bit.

    Parameters
    ----------
    source : the journal's path, or its events
    policy : that of the desk, where it was none of the library's

    Raises
    ------
    JournalError
        Where there is no journal, or not one good record in it.

    Examples
    --------
    >>> from hedgelab import Option
    >>> from hedgelab.desk.clock import Simulated
    >>> class Silent:
    ...     def send(self, asked):
    ...         pass
    >>> settings, told = Settings((Option("call", 100, 0.5),), (-10,), spot=100, volatility=0.2), []
    >>> with Journal(":memory:") as journal:
    ...     desk = Desk(settings, journal, Simulated(), {"A": Silent()})
    ...     desk.watchers.append(told.append)
    ...     desk.start()
    >>> replay(told).differs is None
    True
    """
    if isinstance(source, str | Path):
        if not Path(source).exists():
            raise JournalError(f"there is no journal {source}")
        with Journal(source, examined=True) as journal:
            return replay(journal.read(), policy)
    mind: Decisions | None = None
    count = inputs = 0
    expected: deque[Event] = deque()
    differs = corrupted = None
    try:
        for event in source:
            count += 1
            if mind is None:
                if not isinstance(event, Opened):
                    raise JournalError("record 1 must be the opening of a desk", 1)
                mind = Decisions(Settings.read(event.settings, policy, event.version))
            if event.input and not expected:
                inputs += 1
                expected.extend(mind.react(event))
                continue
            again = encode(expected.popleft()) if expected else "nothing"
            if again != encode(event):
                differs = f"record {count} is {encode(event)}, decided again {again}"
                break
    except JournalError as problem:
        corrupted = problem
    if mind is None:
        raise corrupted or JournalError("the journal is empty")
    if expected and not differs and not corrupted:
        differs = f"the journal ends before {encode(expected[0])}"
    if differs and mind.state.version != hedgelab.__version__:
        differs += f" (the run was of version {mind.state.version} of the library, this is {hedgelab.__version__})"
    return Replayed(mind, count, inputs, differs, corrupted)
