"""The tournament's board: scores, ranks that say where they are ties, a page with a figure and a table.

A difference between two entries is judged on the paths that both have met, where their luck is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from coursework import grading, marks, reports

if TYPE_CHECKING:
    from hedgelab import HedgeRun

#: What came of an entry in a world, or why nothing did.
Outcome = Union["HedgeRun", str]
#: What a unit of variance costs, in half units of money; how many worlds count: the others are shown.
AVERSION, COUNT = 1.0, 3
SHOWN = ("worth", "all in", "risk", "cost", "trades")


@dataclass(frozen=True)
class Score:
    """A number, and how much each path (a row) of each world (a column) moves it."""

    value: float
    influence: np.ndarray[Any, Any]

    def error(self, beside: Score | None = None) -> float:
        """Its standard error, or that of its difference to another on the same paths."""
        noise = self.influence - (beside.influence if beside else 0.0)
        paths, worlds = noise.shape
        return float(np.sqrt(noise.var(axis=0).sum() / paths) / worlds)

    def ties(self, other: Score) -> bool:
        """Whether chance may explain the difference: it is within two standard errors, or is rounding."""
        return abs(self.value - other.value) <= 2 * self.error(other) + 1e-9


def scores(runs: Sequence[HedgeRun]) -> dict[str, Score]:
    """The means over worlds of what is ranked, and of what it is made of.

    `worth` is the certainty equivalent ``mean - aversion / 2 variance`` of the P&L: that of exponential utility
    would be decided by a few paths where prices jump.  `all in` is ``mean cost + standard deviation``.
    """
    pnl, cost, trades = (np.stack([getattr(run, name) for run in runs], 1) for name in ("pnl", "cost", "trades"))
    apart, variance, risk = pnl - pnl.mean(axis=0), pnl.var(axis=0), pnl.std(axis=0)
    spread = apart**2 - variance
    risky = spread / (2 * np.where(risk > 0, risk, 1.0))
    found = {
        "worth": (pnl.mean(axis=0) - AVERSION / 2 * variance, apart - AVERSION / 2 * spread),
        "all in": (cost.mean(axis=0) + risk, cost - cost.mean(axis=0) + risky),
        "risk": (risk, risky),
        "cost": (cost.mean(axis=0), cost - cost.mean(axis=0)),
        "trades": (trades.mean(axis=0), trades - trades.mean(axis=0)),
    }
    return {name: Score(float(value.mean()), influence) for name, (value, influence) in found.items()}


@dataclass
class Row:
    """An entry: who, what came of it in each world, its scores where it lost none that counts."""

    entry: str
    runs: Sequence[Outcome]
    built_in: bool = False
    rank: str = "–"
    rank_all_in: str = "–"

    def __post_init__(self) -> None:
        runs = [run for run in self.runs[:COUNT] if not isinstance(run, str)]
        self.lost = COUNT - len(runs)
        self.found: dict[str, Score] = {} if self.lost else scores(runs)

    def behind(self, first: Row) -> tuple[float | None, float | None]:
        """How much less it is worth than the first, and the standard error of that."""
        if not self.found:
            return None, None
        own, best = self.found["worth"], first.found["worth"]
        return best.value - own.value, own.error(best)

    @property
    def worlds(self) -> list[float | str]:
        """What it was worth in each world, or why it is lost; of a single path, its P&L."""
        return [run if isinstance(run, str) else scores([run])["worth"].value for run in self.runs]


def ranks(found: Sequence[Score]) -> list[str]:
    """Ranks of scores, the best first: who ties with the first of a rank shares it, as in ``2=``."""
    firsts: list[int] = []
    for place, score in enumerate(found):
        firsts.append(firsts[-1] if firsts and found[firsts[-1]].ties(score) else place)
    return [f"{first + 1}{'=' * (firsts.count(first) > 1)}" for first in firsts]


def ranked(rows: Sequence[Row]) -> list[Row]:
    """The rows as they stand on the board: below those that finished the others, who lost less first."""
    rows = sorted(rows, key=lambda row: (row.lost, row.entry))
    finished = [row for row in rows if row.found]
    for name, column, sign in (("all in", "rank_all_in", 1), ("worth", "rank", -1)):
        finished.sort(key=lambda row: sign * row.found[name].value)
        for row, rank in zip(finished, ranks([row.found[name] for row in finished]), strict=True):
            setattr(row, column, rank)
    return finished + rows[len(finished) :]


def write(rows: Sequence[Row], worlds: Sequence[str], out: Path) -> None:
    """Write ``board.html`` and ``board.csv``."""
    rows = ranked(rows)
    head = ["rank", "entry", "built in", "rank all in", "worlds lost", "behind the first", "error of behind"]
    table: list[list[Any]] = [
        [*head, *(f"{error}{name}" for name in SHOWN for error in ("", "error of ")), *worlds]
    ]
    for row in rows:
        about = [row.rank, row.entry, "yes" if row.built_in else "", row.rank_all_in, row.lost]
        found = [row.found.get(name) for name in SHOWN]
        numbers = [number for one in found for number in ((one.value, one.error()) if one else (None, None))]
        table.append([*about, *row.behind(rows[0]), *numbers, *row.worlds])
    marks.replace(out / "board.csv", table)
    told = {"rows": rows, "worlds": worlds, "aversion": AVERSION, "count": COUNT, **figure(rows)}
    grading.put(out / "board.html", reports.escaping().get_template("board.html").render(told))


def figure(rows: Sequence[Row]) -> dict[str, Any]:
    """Where each entry stands in a figure of cost over risk, 400 by 240, with two standard errors either way.

    It is half as wide again as the built-in opponents need; who is outside stands at its edge.
    """
    dots: list[dict[str, Any]] = [
        {"row": row, "number": n, "inside": True} for n, row in enumerate(rows, 1) if row.found
    ]
    ticks = {}
    for name, room, share in (("risk", 400, 0.8), ("cost", 240, 0.0)):
        usual = [row.found[name].value for row in rows if row.built_in]
        low, high = share * min(usual), 1.5 * max(usual)
        ticks[name] = [(room * n // 4, low + (high - low) * n / 4) for n in range(5)]
        for dot in dots:
            score = dot["row"].found[name]
            at = (score.value - low) / (high - low)
            dot["inside"] &= 0 <= at <= 1
            dot[name] = round(room * min(max(at, 0), 1), 1), round(room * 2 * score.error() / (high - low), 1)
    return {"dots": dots, "ticks": ticks}
