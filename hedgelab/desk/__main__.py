"""`python -m hedgelab.desk`: run a desk, serve a market to a class, or see again what a desk did."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from typing import Any

from hedgelab.desk.commands import again, run, serve
from hedgelab.desk.journal import JournalError
from hedgelab.desk.worlds import WORLDS

EXAMPLES = """for example:

  python -m hedgelab.desk run --market heston --minutes 5
  python -m hedgelab.desk serve --market october_1987 --speed 600
  python -m hedgelab.desk run --feed ws://127.0.0.1:8765 --name Ada --token "correct horse"
  python -m hedgelab.desk replay desk.db
"""

RUN = """Run a desk: quotes, Greeks and their limits, orders, fills, profit and loss, as they come.
Ctrl-C ends it tidily; with the same journal, market, speed and seed it goes on where it was, and
at a feed with the same name and token, which a desk with a journal must have.
Type halt (the kill switch), flatten, hedge only, resume, or limit NAME VALUE, and Enter; a reason
may follow, as in "halt: lunch".  Flatten cancels all orders, trades the delta to zero and halts: it
leaves the desk delta-neutral, not flat, for the options stay, with their gamma, vega and theta.
Where nothing can be typed (on Windows, or with no terminal) a line says so: only Ctrl-C is left.
The VALUE for vega is per 1.00 of volatility: a hundred times what it is per point."""

SERVE = "Serve a market: quotes out to every desk, orders in, fills back, and a board of the desks."

AGAIN = "Decide again all that a journal's inputs led to, and compare it with what the desk did."


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    made = argparse.ArgumentParser(
        prog="python -m hedgelab.desk",
        description="A desk that hedges options, and a market for a whole class.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="run | serve | replay")

    def command(
        name: str, does: Callable[[argparse.Namespace], int], told: str, full: str
    ) -> Callable[..., object]:
        added = commands.add_parser(name, help=told, description=full, formatter_class=made.formatter_class)
        added.set_defaults(does=does)
        return added.add_argument

    def market(add: Callable[..., object], minutes: float, seed: int, told: str) -> None:
        add("--market", choices=list(WORLDS), default="heston", help="which (heston)")
        speed = "market's seconds to one of yours (60; at 600 a trading day takes 39 seconds)"
        add("--speed", type=_positive, default=60.0, help=speed)
        add("--seed", type=_whole, default=seed, help=f"the same seed makes the same market ({told})")
        add("--minutes", type=_positive, default=minutes, help=f"of your own clock, until it ends ({minutes:g})")

    add = command("run", _run(run), "a desk that hedges a book of options, in your terminal", RUN)
    market(add, 5.0, 1, "1")
    add("--journal", metavar="FILE", help="where every event is kept (nowhere unless given)")
    add("--band", type=_positive, default=0.02, help="deltas within which nothing is traded (0.02)")
    add("--plain", action="store_true", help="a line now and then instead of a table")
    add("--feed", metavar="URL", help="a market that somebody serves, such as ws://127.0.0.1:8765")
    add("--name", help="of your desk at a feed (one is made up where there is no journal)")
    token = "a secret of your own choosing that makes the name yours (HEDGELAB_TOKEN; made up like the name)"
    add("--token", default=os.environ.get("HEDGELAB_TOKEN"), help=token)

    add = command("serve", _run(serve), "a market for a whole class", SERVE)
    market(add, 60.0, secrets.randbelow(10**15), "a secret one, told at the end: who knows it, knows all prices")
    add("--port", type=_whole, default=8765, help="8765; 0 is any that is free")
    add("--host", default="127.0.0.1", help="where it listens; this machine alone unless given")

    add = command("replay", again, "what a desk did, again, to the last bit", AGAIN)
    add("journal", metavar="FILE", help="the journal of a desk that is not running")
    return made


def _run(coroutine: Callable[..., Any]) -> Callable[[argparse.Namespace], int]:
    return lambda options: asyncio.run(coroutine(options))


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e9:
        raise ValueError
    return number


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise ValueError
    return int(text)


_positive.__name__, _whole.__name__ = "positive number", "whole number"  # as argparse calls what it cannot read


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for; 0 if all was well."""
    options = parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what a terminal has no letters for must end no desk
    try:
        done: int = options.does(options)
        return done
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # who read what was printed has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ModuleNotFoundError as missing:
        problem: object = f"{missing.name} is missing: pip install 'hedgelab[desk]'"
    except (ValueError, OSError, OverflowError, JournalError) as wrong:
        problem = wrong
    print(f"hedgelab.desk {options.command}: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
