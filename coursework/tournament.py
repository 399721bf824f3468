"""The tournament: everybody's ``policy`` hedges the same hidden paths, and a board ranks them.

The walk goes on out here: at each step a policy is told the moment as plain numbers, and the next prices are drawn
after it has answered, so behind its wall there is no future to look at.  An entry meets each world once, and of a
class an object is made for each: what it remembers is of paths that do not come again.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from coursework import board, sandbox
from coursework.assignment import Assignment, Question, Trial
from coursework.compare import FINITE, NUMBERS, SHAPE, numbers
from coursework.grading import together
from coursework.session import LATE, WHY, NoAnswer, Session, clean
from coursework.submissions import Submission, Unreadable, find

if TYPE_CHECKING:  # hedgelab would make every other command a second slower
    from coursework.worlds import World

#: What a policy is told: these attributes of `hedgelab.Moment`, numbers or arrays of one number a path.
TOLD = (
    *("step", "time_left", "time_to_expiry", "spot", "delta", "gamma", "held"),
    *("volatility", "rate", "quantity", "last_traded", "wealth"),
)
POLICY = Trial("policy", lambda ask, generator: 0.0, points=0, label="the tournament", hint="", seconds=2.0)
QUESTION = Question("policy", "A policy", [POLICY])
#: A notebook has 15 seconds before it is asked.
ENTRY = Assignment(
    "tournament",
    "The tournament",
    follows="algorithm/costs_and_bands",
    minutes=(30, 120),
    questions=[QUESTION],
    libraries=("hedgelab",),
    cell_seconds=10.0,
    total_seconds=15.0,
)
MOST_SHARES, TOO_MANY = 1e6, "too large to be a holding"
#: How long an entry may take in one world; and after what it is not asked in another, to save everybody's time.
WORLD_SECONDS, OVER = 10.0, (*WHY.values(), LATE)


class Asked:
    """A policy out here whose answers come from behind the wall."""

    def __init__(self, session: Session) -> None:
        self.session, self.step = session, 0

    def holding(self, moment: Any) -> Any:
        """The shares that the entry wants to hold, if they are that."""
        self.step = moment.step
        if time.monotonic() > self.session.deadline:
            raise NoAnswer(LATE)
        told = SimpleNamespace(**{name: getattr(moment, name) for name in TOLD})
        answer = self.session.ask(POLICY, (told,), anew=moment.step == 0)
        shares, paths = numbers(answer), np.shape(moment.spot)
        if shares is None:
            raise NoAnswer(NUMBERS)
        wrong = (
            (shares.dtype.kind not in "iuf" and NUMBERS)
            or (shares.shape not in ((), paths) and SHAPE)
            or (not np.isfinite(shares).all() and FINITE)
            or (np.abs(shares).max() > MOST_SHARES and TOO_MANY)
        )
        if wrong:
            raise NoAnswer(wrong)
        return np.broadcast_to(shares.astype(float), paths)


def played(session: Session, world: World) -> board.Outcome:
    """What comes of an entry in one world, or why nothing does, in a fixed phrase."""
    session.deadline = time.monotonic() + WORLD_SECONDS
    asked = Asked(session)
    try:
        return world.met(asked)
    except NoAnswer as none:
        return f"{none.phrase} at step {asked.step}"


def entered(entry: Submission, worlds: Sequence[World], wall: str) -> list[board.Outcome]:
    """What comes of an entry in each world."""
    try:
        raw = entry.read()
    except Unreadable as why:
        return [f"unreadable: {why}"] * len(worlds)
    found: list[board.Outcome] = []
    with Session(ENTRY, raw, wall) as session:
        if not session.run():
            return ["could not be run to its end" if session.readable else "not a notebook"] * len(worlds)
        for world in worlds:
            last = found[-1] if found else None
            found.append(last if isinstance(last, str) and last.startswith(OVER) else played(session, world))
    return found


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command is told."""
    about_key = "from which worlds are drawn: one key a round"
    sandbox.arguments(parser, about_key, Path("board"), "where the board goes (board)")


def run(options: argparse.Namespace) -> None:
    """Rank the policies of a class on the same hidden paths."""
    from coursework import worlds

    key = sandbox.key(options.key)
    wall = sandbox.chosen(options, ENTRY)
    met = [*worlds.drawn(ENTRY.generator(key, QUESTION, 0)), worlds.autumn()]
    entries = find(options.submissions, ENTRY.name)
    options.out.mkdir(parents=True, exist_ok=True)  # told before anybody has played, if it cannot be
    outcomes = together(lambda entry: entered(entry, met, wall), entries, options.jobs, ENTRY.name)
    rows = [board.Row(clean(entry.name, 60), runs) for entry, runs in zip(entries, outcomes, strict=True)]
    for name, policy in worlds.OPPONENTS.items():
        rows.append(board.Row(name, [world.met(policy) for world in met], built_in=True))
    board.write(rows, [world.name for world in met], options.out)
