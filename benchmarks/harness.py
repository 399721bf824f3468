"""Measure contenders side by side: each measurement in a process of its own, the contenders taking turns.

A slow spell of the machine then falls on all of them, and a ratio is taken turn by turn, within one round.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from itertools import product
from statistics import median
from typing import Any, NamedTuple

import numpy as np

#: The interpreter of FinancePy's own environment.
FINANCEPY = os.environ.get("FINANCEPY_PYTHON", "benchmarks/.venv-financepy/bin/python")
THREADS = (1, 2)
LIMITS = [f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")]

joined = partial(np.concatenate, axis=-1)  # the parts' results as one array


class Job(NamedTuple):
    """What is timed; and, not timed, how to read its result as the array that the table expects."""

    run: Callable[[], Any]
    read: Callable[[Any], np.ndarray] = np.asarray


class Contender(NamedTuple):
    """One way to solve a problem, which `prepare` takes with a number of threads; a slow one does a `share`."""

    name: str
    prepare: Callable[[Any, int], Job]
    packages: tuple[str, ...]
    share: float = 1.0
    threads: tuple[int, ...] = THREADS

    def missing(self) -> list[str]:
        """The packages that are not installed."""
        if "financepy" in self.packages:
            return [] if os.path.exists(FINANCEPY) else ["financepy"]
        return [package for package in self.packages if importlib.util.find_spec(package) is None]


class Table(NamedTuple):
    """A problem of so many units, and its contenders, ours first.

    `figures` are printed beside the times, by the formats in `columns`; `agree` says whether those of two can be
    of the same problem.  The first call, not measured, is on a problem of the size `warm_up`, if that is given.
    """

    title: str
    unit: str
    sizes: tuple[int, int]  # full and quick
    problem: Callable[[int], Any]
    units: Callable[[Any], int]
    contenders: Sequence[Contender]
    figures: Callable[[Any, np.ndarray], dict[str, float]]
    agree: Callable[[dict[str, float], dict[str, float]], bool]
    columns: dict[str, str]
    notes: str
    warm_up: int | None = None


def at_once(function: Callable[..., Any], tasks: Any, threads: int) -> list[Any]:
    """Apply a function to the terms of each task, on threads: NumPy releases the interpreter's lock."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda terms: function(*terms), tasks))


def halves(function: Callable[..., Any], columns: Sequence[np.ndarray], threads: int) -> list[Any]:
    """Apply a function of arrays to as many parts of them as there are threads, at the same time."""
    return at_once(function, zip(*(np.array_split(each, threads) for each in columns), strict=True), threads)


def moments(problem: Any, sample: np.ndarray) -> dict[str, float]:
    return {"mean": sample.mean(), "sd": sample.std(), "error": sample.std() / np.sqrt(sample.size)}


def same_moments(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    """Whether two samples can be of the same distribution, which may have fat tails."""
    error = np.hypot(ours["error"], theirs["error"])
    return abs(ours["mean"] - theirs["mean"]) < 5 * error and abs(ours["sd"] - theirs["sd"]) < 8 * error


def measure(table: Table, contender: Contender, size: int, threads: int) -> dict[str, Any]:
    """Run a contender in this process: ns per unit, extra memory in MiB, and the table's figures."""
    if hasattr(os, "sched_setaffinity"):  # for libraries that heed no environment variable
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    problem = table.problem(round(size * contender.share))
    contender.prepare(table.problem(table.warm_up) if table.warm_up else problem, threads).run()
    run, read = contender.prepare(problem, threads)
    before = peak_memory()
    seconds, result = timed(run)
    extra = peak_memory() - before
    figures = {name: float(value) for name, value in table.figures(problem, read(result)).items()}
    del result
    many = [seconds]
    while len(many) < 5 and sum(many) < 1:  # what is over at once is measured again
        many.append(timed(run)[0])
    versions = {package: version(package) for package in contender.packages}
    return {"ns": 1e9 * median(many) / table.units(problem), "MiB": extra, "versions": versions} | figures


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def peak_memory() -> float:
    """The most memory this process has held so far, in MiB."""
    unit = 1024**2 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def in_own_process(key: str, contender: Contender, size: int, threads: int) -> dict[str, Any]:
    """What `measure` says, run in a process that is held to so many threads."""
    python = FINANCEPY if "financepy" in contender.packages else sys.executable
    command = [python, "-m", "benchmarks", "--measure", key, contender.name, str(size), str(threads)]
    held = dict.fromkeys(LIMITS, str(threads)) | {"PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=os.environ | held, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{contender.name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(key: str, table: Table, size: int, rounds: int) -> None:
    """Measure all contenders of a table in turn, and print it."""
    entered = [contender for contender in table.contenders if not contender.missing()]
    results: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for turn, threads, contender in product(range(rounds), THREADS, entered):
        if threads in contender.threads:
            row = in_own_process(key, contender, size, threads)
            results.setdefault((contender.name, threads), []).append(row)
            ours = results[entered[0].name, threads][turn]
            if not table.agree(ours, row):
                raise SystemExit(f"{contender.name} computes something else: {row}, ours {ours}")
    print(f"({key}) {table.title.format(size=size)}: {table.unit}, median of {rounds} (lowest-highest)")
    print_table(table, entered, results)


def print_table(table: Table, entered: list[Contender], results: dict[Any, list[dict[str, Any]]]) -> None:
    """A row each: times and ratios to ours on one thread and on two, what the second gains, and the figures."""
    times = {key: [row["ns"] for row in rows] for key, rows in results.items()}
    head = "".join(f"{f'on {threads}':>22}{'of ours':>18}" for threads in THREADS)
    print(f"{'threads:':32}{head}{'gain':>8}" + "".join(f"{name:>15}" for name in table.columns))
    for name, _, _, share, _ in entered:
        line = f"{name + ' *' * (share < 1):32}"
        for threads in THREADS:
            taken = times.get((name, threads), [])
            line += f"{spread(taken, 1):>22}{spread(ratios(taken, times[entered[0].name, threads]), 2):>18}"
        gain = ratios(times[name, 1], times.get((name, 2), []))
        line += f"{median(gain):8.2f}" if gain else f"{'-':>8}"
        rows = results[name, 1]
        print(
            line + "".join(f"{median(row[column] for row in rows):15{f}}" for column, f in table.columns.items())
        )
    print(table.notes)
    if samples := [f"{each.name} {each.share:.1%}" for each in entered if each.share < 1]:
        print(f"* on a sample: {', '.join(samples)}")
    versions = {k: v for each in entered for k, v in results[each.name, 1][0]["versions"].items()}
    print(f"With {', '.join(f'{package} {number}' for package, number in versions.items())}.\n")


def ratios(numbers: list[float], others: list[float]) -> list[float]:
    """Turn by turn; nothing if one side has not run."""
    return [number / other for number, other in zip(numbers, others, strict=True)] if numbers and others else []


def spread(numbers: list[float], digits: int) -> str:
    """Median, and between brackets lowest and highest, if there are several."""
    middle = f"{median(numbers):.{digits}f}" if numbers else "-"
    return f"{middle} ({min(numbers):.{digits}f}-{max(numbers):.{digits}f})" if len(numbers) > 1 else middle
