"""What a desk shows of itself: a table in the terminal, or a line at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from hedgelab.desk.events import FaultFound, LimitChanged, StateChanged
from hedgelab.desk.worlds import DAY

if TYPE_CHECKING:
    from rich.table import Table

COLOURS = {"trading": "green", "hedging only": "yellow", "flatten": "magenta", "halted": "red"}


def clock_time(time: float) -> str:
    """Seconds of trading as a day and a time of it, the first day's opening being 0.

    Examples
    --------
    >>> clock_time(0.0), clock_time(23_400 + 3_725.4)
    ('day 1 09:30:00', 'day 2 10:32:05')
    """
    day, second = divmod(time, DAY)
    clock = int(second) + 9 * 3600 + 1800
    return f"day {int(day) + 1} {clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}"


def changed(event: StateChanged) -> str:
    """A change of what the desk may do, in a line."""
    return f"{clock_time(event.time)}  {event.before} -> {event.after}, by {event.by}: {event.reason}"


def faults(state: Any) -> str:
    """The faults that were found, by their names, the most frequent first."""
    kinds: Counter[str] = Counter()
    for (_, fault), number in state.faults.items():
        kinds[fault] += number
    return ", ".join(f"{fault} {number:,}" for fault, number in kinds.most_common()) or "none"


def refused(state: Any) -> str:
    """How many orders the desk's own checks stopped, and the last of them."""
    last = state.refused
    return f"{last.order}, {last.limit}: {last.reason}; {state.refusals:,} in all" if last else "none"


def note(event: Any) -> str:
    """A fault, a rejection or a change of a limit, in a line."""
    if isinstance(event, FaultFound):
        told = f"{event.venue or 'desk'}: {event.fault}: {event.detail}"
    elif isinstance(event, LimitChanged):
        told = f"limit {event.limit} from {event.before:,.6g} to {event.after:,.6g}, by {event.by}: {event.reason}"
    else:
        told = f"{event.venue}: rejected {event.order}: {event.reason}"
    return f"{clock_time(event.time)}  {told}"


def parts(mind: Any) -> dict[str, float]:
    """What the profit and loss is made of: of options, of shares before fees, fees, and interest."""
    state = mind.state
    options = state.settings.cash + mind.marks.price + sum(state.settled.values())
    rest = {"fees": -state.fees, "interest": state.interest}
    return {"options": options, "hedge": mind.exposure.profit - options - sum(rest.values())} | rest


def made_of(mind: Any) -> str:
    """The same in words."""
    return "of it " + ", ".join(f"{name} {part:+,.2f}" for name, part in parts(mind).items())


def line(desk: Any) -> str:
    """The desk in a line: vega for a point of volatility, theta for a day of trading."""
    state, now = desk.state, desk.mind.exposure
    return (
        f"{clock_time(state.time)}  {state.mode}  price {state.price:.2f}  shares {state.shares:+,.0f}  "
        f"delta {now.delta:+,.1f}  gamma {now.gamma:+,.1f}  vega/pt {now.vega / 100:+,.0f}  "
        f"theta/day {desk.mind.marks.theta / 252:+,.0f}  "
        f"P&L {now.profit:+,.2f}  open {len(state.open)}  fills {len(state.fills)}  "
        f"refused {state.refusals}  faults {state.faults.total()}"
    )


def standing(board: Sequence[Mapping[str, Any]]) -> list[str]:
    """A market's board in lines, the best first."""
    head = f"{'':3}{'desk':24}{'position':>10}{'cash':>13}{'fees':>10}{'trades':>7}{'profit':>12}"
    rows = []
    for place, row in enumerate(board, 1):
        profit = "unknown" if row["profit"] is None else f"{row['profit']:+,.2f}"
        rows.append(
            f"{place:<3}{row['name']:24}{row['position']:>10,.0f}{row['cash']:>13,.2f}{row['fees']:>10,.2f}"
            f"{row['trades']:>7,}{profit:>12}"
        )
    return [head, *rows]


def view(desk: Any, told: Sequence[str] = (), board: Sequence[Mapping[str, Any]] = ()) -> Table:
    """The desk as a table: its state, quotes, Greeks and limits, orders, fills, faults and notes, the last first.

    It fits a terminal of 80 columns and 24 rows; what has no room there is a board, or the oldest notes.
    """
    from rich.table import Table
    from rich.text import Text

    state = desk.state
    head = Text(f"{clock_time(state.time)}  {state.price:.2f}  P&L {desk.mind.exposure.profit:+,.2f}  ")
    head.append(state.mode, style=f"bold {COLOURS[state.mode]}")
    head.append(f" since {clock_time(state.since)}, by {state.by}: {state.reason}")
    left, beside, page = Table.grid(), Table.grid(padding=(0, 2, 0, 0)), Table.grid()
    for table in (_quotes(state), "", _orders(state)):
        left.add_row(table)
    beside.add_row(left, _risk(desk))
    words = [f"last refused: {refused(state)}", f"faults: {faults(state)}", *told]
    words += [*map(note, islice(reversed(state.noted), 4)), *(standing(board) if board else ())]
    for part in (head, Text(made_of(desk.mind))):
        page.add_row(part)
    for table in (beside, _fills(state)):
        page.add_row(table)
    for each in words:
        page.add_row(Text(each))
    return page


def _table(columns: str, rows: Iterable[Sequence[str]]) -> Table:
    """A table whose columns are named by words; all but the first are numbers."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for place, name in enumerate(columns.split("|")):
        table.add_column(name, justify="right" if place else "left", no_wrap=True, overflow="crop")
    for row in rows:
        table.add_row(*row)
    return table


def _quotes(state: Any) -> Table:
    rows = []
    for venue, seen in state.feed.venues.items():
        quote, bad = seen.quote, sum(number for (at, _), number in state.faults.items() if at == venue)
        shown = ["-"] * 5
        if quote is not None:
            shown = [f"{quote.bid_size:,.0f}", f"{quote.bid:.2f}", f"{quote.ask:.2f}", f"{quote.ask_size:,.0f}"]
            shown.append("stale" if seen.missing else f"{state.time - quote.time:.0f} s")
        rows.append((venue, *shown, f"{bad:,}"))
    return _table("Quotes|size|bid|ask|size|age|bad", rows)


def _risk(desk: Any) -> Table:
    state, now, limits = desk.state, desk.mind.exposure, desk.state.limits
    largest = max((abs(order.asked.shares) for order in state.open.values()), default=0.0)
    recent = sum(each > state.time - 1.0 for each in state.sent)
    rows = [
        ("delta, shares", f"{now.delta:+,.1f}", f"{limits.delta:,.6g}"),
        ("gamma, per 1.00", f"{now.gamma:+,.1f}", f"{limits.gamma:,.6g}"),
        ("vega, per point", f"{now.vega / 100:+,.1f}", f"{limits.vega / 100:,.6g}"),
        ("theta, per day", f"{desk.mind.marks.theta / 252:+,.1f}", ""),
        ("position, shares", f"{state.shares:+,.1f}", f"{limits.position:,.6g}"),
        ("loss, currency", f"{max(-now.profit, 0.0):+,.1f}", f"{limits.loss:,.6g}"),
        ("order, shares", f"{largest:,.1f}", f"{limits.order:,.6g}"),
        ("rate, per second", f"{recent}", f"{limits.rate:,.6g}"),
        ("collar, of price", f"{state.settings.slip:.2%}", f"{limits.collar:.2%}"),
        ("model, of price", "", f"{limits.model:.2%}"),
    ]
    return _table("Book and hedge|now|limit", rows)


def _orders(state: Any) -> Table:
    rows = [
        (each.asked.order, each.asked.venue, f"{each.asked.shares:+,.0f}", f"{each.filled:+,.0f}", each.status)
        for each in islice(reversed(state.open.values()), 5)
    ]
    return _table(f"Open: {len(state.open)}|venue|shares|filled|status", rows)


def _fills(state: Any) -> Table:
    rows = [
        (each.order, each.venue, f"{each.shares:+,.0f}", f"{each.price:.4f}", f"{each.fee:.2f}")
        for each in islice(reversed(state.fills.values()), 3)
    ]
    return _table(f"Fills: {len(state.fills):,}|venue|shares|price|fee", rows)
