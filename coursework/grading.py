"""A class is marked: each submission by itself, a few at a time, what came of it kept in a file of its own.

A run that was interrupted goes on where it stopped, and one that is repeated runs only what has changed: a
submission, the assignment, the key or the grader itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import re
import reprlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from coursework import notebooks
from coursework.assignment import Arguments, Assignment, Check, Question, Trial, blame
from coursework.compare import place, verdict
from coursework.sandbox import libraries
from coursework.session import WHY, NoAnswer, Session, clean
from coursework.submissions import Submission, Unreadable

#: What came of one submission, as it is kept in JSON.
Result = dict[str, Any]
#: Seconds between two words on how far it is, where there is no terminal.
EVERY = 10.0
UNJUDGED = "gave values that cannot be judged"


@dataclass(frozen=True)
class Marker:
    """What marks every submission of a class alike."""

    assignment: Assignment
    key: bytes
    wall: str
    calls: dict[tuple[str, int], list[tuple[Arguments, Any]]] = field(init=False)
    given: list[str] = field(init=False)
    #: The digest of what marks, but for the submission.
    made_of: bytes = field(init=False)
    #: What a judge stumbled over, for who wrote it.
    stumbled: dict[tuple[str, int], str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        plan, at = self.assignment.plan(), self.assignment.calls
        calls = {(q.name, n): at(self.key, q, n) for q, n, check in plan if isinstance(check, Check)}
        object.__setattr__(self, "calls", calls)
        object.__setattr__(self, "given", notebooks.given(self.assignment))
        found = hashlib.sha256(self.key)
        for file in sources(self.assignment):
            found.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        object.__setattr__(self, "made_of", found.digest())

    def digest(self, raw: bytes) -> str:
        """What a result follows from."""
        return hashlib.sha256(self.made_of + hashlib.sha256(raw).digest()).hexdigest()

    def mark(self, raw: bytes) -> Result:
        """Run one submission and ask it everything."""
        with Session(self.assignment, raw, self.wall, self.given) as session:
            session.run()
            errors = sorted((cell + 1, *error) for cell, error in session.errors.items())
            left_out = sorted((cell + 1, why) for cell, why in session.left_out.items())
            dead: dict[str, str] = {}
            scores = {}
            for question, number, check in self.assignment.plan() if session.complete else ():
                share, said = 0.0, f"not tried, for it {dead.get(check.name)}"
                if check.name not in dead:
                    share, said = self.tried(session, question, number, check)
                if said in WHY.values():
                    dead[check.name] = said
                scores[question.name, number] = round(check.points * share, 2), said
        status = "cells left out" if left_out else "ok"
        if not session.complete:
            status = "could not be run to its end" if session.readable else "not a notebook"
        lines = []
        for question, number, _ in self.assignment.plan():
            points, said = scores.get((question.name, number), (0.0, "not reached"))
            lines.append({"question": question.name, "number": number, "points": points, "said": said})
        found = {"scores": lines, "errors": errors, "left out": left_out, "language": session.language}
        return {"status": status, **found, "written": session.written, "prints": session.prints}

    def tried(self, session: Session, question: Question, number: int, check: Check | Trial) -> tuple[float, str]:
        """The share of a check's points that is earned, and what is said where it is not all."""
        if isinstance(check, Trial):
            try:
                generator = self.assignment.generator(self.key, question, number)
                share = float(check.judge(lambda *arguments: session.ask(check, arguments), generator))
            except NoAnswer as none:
                return 0.0, none.phrase
            except Exception as error:  # a judge that stumbles over what it was given
                self.stumbled[question.name, number] = blame(error, self.assignment.folder)
                return 0.0, UNJUDGED
            share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
            return share, "" if share == 1 else check.hint
        calls = self.calls[question.name, number]
        right, first = 0, ""
        for arguments, want in calls:
            wrong, fatal = self.wrong(session, check, arguments, want)
            right += not wrong
            first = first or wrong
            if fatal or (wrong and not check.share):
                break
        return (right / len(calls) if check.share else float(right == len(calls))), first

    def wrong(self, session: Session, check: Check, arguments: Arguments, want: Any) -> tuple[str, bool]:
        """What is wrong with the answer to one call; whether there is no use in another."""
        try:
            got = session.ask(check, arguments)
        except NoAnswer as none:
            return none.phrase, none.phrase in WHY.values()
        wrong = verdict(got, want, check.relative, check.absolute)
        where = place(got, want, check.relative, check.absolute) if wrong else ""
        own = session.own_words(f"{where}: it gave {reprlib.repr(got)}")
        return wrong and wrong + own, False


def sources(assignment: Assignment) -> Iterator[Path]:
    """The files that marks follow from: the grader's, the assignment's own, the library's where it is used.

    Marks, submissions and whatever else lies in an assignment's folder are not among them.
    """
    folder = assignment.folder
    library = re.search(r"^\s*(?:import|from) hedgelab\b", (folder / "checks.py").read_text("utf8"), re.MULTILINE)
    used = libraries({*assignment.libraries, *(["hedgelab"] if library else [])})
    patterns = [
        (Path(__file__).parent, "*.py"),
        (folder, "*.py"),
        (folder, "notebook.md"),
        (folder / "data", "**/*"),
    ]
    for there, pattern in [*patterns, *((used[name], "**/*") for name in sorted(used))]:
        yield from sorted(file for file in there.glob(pattern) if file.is_file() and file.suffix != ".pyc")


def tried(marker: Marker, before: str = "") -> str:
    """Stops a mistake in an assignment from being marked as the class's: says what it was tried with, or raises.

    The model solution has to earn every point by checks, the notebook as it is handed out none.
    """
    import nbformat

    assignment, digest = marker.assignment, marker.digest(b"")
    if digest == before:
        return digest
    wrong = []
    for what in ("model solution", "notebook as it is handed out"):
        made = (notebooks.model if what == "model solution" else notebooks.starter)(assignment)
        result = marker.mark(nbformat.writes(made).encode())
        lines = {(line["question"], line["number"]): line for line in result["scores"]}
        for question, number, check in assignment.plan():
            line, most = lines[question.name, number], round(check.points, 2) if what == "model solution" else 0
            if line["points"] != most:
                said = marker.stumbled.get((question.name, number)) or line["said"]
                said = f"earns {line['points']:g}, not {most:g}" + (f": {said}" if said else "")
                wrong.append(f"{question.name}, {check.label} ({check.name}): the {what} {said}")
        for question in assignment.questions:
            there = bool(result["written"].get(question.name))
            if question.written and there != (what == "model solution"):
                wrong.append(f"{question.name}: the {what} has {'an' if there else 'no'} answer under its heading")
        if wrong:
            wrong += [f"cell {cell}, line {line}: {kind}: {text}" for cell, kind, text, line in result["errors"]]
            break
    if wrong:
        raise ValueError("\n  ".join([f"{assignment.name} does not mark its own model solution right:", *wrong]))
    return digest


def blank(status: str) -> Result:
    """The result of a submission that was not run."""
    nothing: Result = {"scores": [], "errors": [], "left out": [], "prints": [], "written": {}}
    return {"status": status, "language": "", **nothing}


def one(marker: Marker, submission: Submission, folder: Path, again: bool) -> Result:
    """The result of one submission, kept or new; whatever happens, the others go on."""
    about = {what: getattr(submission, what) for what in ("student", "name", "late", "note")}
    kept = folder / f"{slug(submission.student)}.json"
    try:
        raw = submission.read()
        digest = marker.digest(raw)
        with contextlib.suppress(OSError, ValueError, AttributeError):
            result = json.loads(kept.read_text(encoding="utf-8"))
            if not again and result.get("digest") == digest:
                return {**result, **about}
        result = {"digest": digest, **about, **marker.mark(raw)}
        put(kept, json.dumps(result, indent=1))
        return result
    except Unreadable as why:
        return {**about, **blank(f"unreadable: {why}")}
    except Exception as error:  # of the grader's: not kept, so that the next run tries again
        return {**about, **blank(f"NOT MARKED: {clean(str(error) or type(error).__name__, 300)}")}


def slug(student: str) -> str:
    """Stops a student's name from naming a file elsewhere: what is no plain name is made one, and told apart."""
    safe = re.sub(r"[^a-z0-9._-]", "_", student.lower())[:60].lstrip(".")
    digest = hashlib.sha256(student.encode(errors="replace")).hexdigest()[:8]
    return safe if safe == student and safe else f"{safe}~{digest}"


def put(path: Path, text: str) -> None:
    """Write what any system can write, all of it or nothing, whenever the power fails."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(text.encode("utf-8", "replace"))
    os.replace(fresh, path)


def grade(
    marker: Marker, submissions: Sequence[Submission], out: Path, jobs: int, only: Iterable[str] = ()
) -> list[Result]:
    """The results of a class, in the order of the students; of `only` those students anew."""
    folder = out / "results"
    folder.mkdir(parents=True, exist_ok=True)
    return together(
        lambda each: one(marker, each, folder, each.student in only), submissions, jobs, marker.assignment.name
    )


def told(done: Iterable[Any], total: int, name: str) -> Iterator[Any]:
    """What is done, as it comes; now and then, and at the end, a line says how far it is."""
    last = time.monotonic()
    for count, result in enumerate(done, 1):
        if count == total or time.monotonic() >= last + EVERY:
            print(f"{name}: {count} of {total}", file=sys.stderr, flush=True)
            last = time.monotonic()
        yield result


def together(work: Callable[[Submission], Any], all_of: Sequence[Submission], jobs: int, name: str) -> list[Any]:
    """What comes of each, some at a time; how far it is, as a bar or, in a pipe, as a line now and then."""
    pool = ThreadPoolExecutor(jobs)
    try:
        done = pool.map(work, all_of)
        if sys.stderr.isatty():
            return list(tqdm(done, total=len(all_of), desc=name, unit=""))
        return list(told(done, len(all_of), name))
    except KeyboardInterrupt:
        print("\nStopped.  The same command goes on from what is kept.", file=sys.stderr, flush=True)
        os._exit(130)  # what runs in a sandbox ends with us
    finally:
        pool.shutdown(cancel_futures=True)
