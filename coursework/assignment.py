"""What an instructor writes: an assignment, its questions, and the checks that mark them.

Every check names something that the notebook defines and says what is right.  A **visible** check has fixed inputs
and ships with the student's copy; a **hidden** one draws its inputs from the instructor's key when a class is
marked, so that a reader of this very file knows no input that will be asked.  Right answers are computed here,
outside the sandbox.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import runpy
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from coursework.compare import plain
from coursework.wire import encoded

#: The arguments of one call of a student's function.
Arguments = tuple[Any, ...]
#: What a judge uses to put a question to the notebook: ``ask(*arguments)`` is the student's function, in there.
Ask = Callable[..., Any]


@dataclass(frozen=True)
class Check:
    """Points for a function that gives the right values, or for a value that is right.

    Parameters
    ----------
    name : str
        What the notebook calls it.  A class is made once, without arguments; of an object with a method
        ``holding`` that method is asked.
    inputs : sequence of tuples, or function of a generator, or None
        Fixed calls (the check is visible), or a function that draws calls from a `numpy.random.Generator`
        (hidden), or None: not a function but a value is asked for (hidden, for its answer cannot be shipped).
    answer : function
        The right answer to one call, from the same arguments.
    points : float
    label : str
        What the student reads, without a word on the inputs.
    again : str
        What to read again if it is wrong: a place in the book, such as ``"foundations/greeks.html#theta"``.
    share : bool
        Whether half of the calls right earns half of the points; otherwise all must be.
    relative, absolute : float
        How far a number may be from the answer.
    seconds : float
        How long one call may take.
    """

    name: str
    inputs: Sequence[Arguments] | Callable[[np.random.Generator], Iterable[Arguments]] | None
    answer: Callable[..., Any]
    points: float
    label: str
    again: str = ""
    share: bool = False
    relative: float = 1e-6
    absolute: float = 1e-9
    seconds: float = 5.0

    @property
    def hidden(self) -> bool:
        """Whether its inputs, or its answer, stay with the instructor."""
        return self.inputs is None or callable(self.inputs)

    def calls(self, generator: np.random.Generator) -> Iterator[tuple[Arguments, Any]]:
        """The calls to make, each with its right answer."""
        drawn = [()] if self.inputs is None else self.inputs(generator) if callable(self.inputs) else self.inputs
        for arguments in drawn:
            yield arguments, self.answer(*arguments)


@dataclass(frozen=True)
class Trial:
    """Points for how well something does, by a judge outside that may ask it as often as it likes.  Always hidden.

    Parameters
    ----------
    name : str
        What the notebook calls the function, class or policy.
    judge : function
        ``judge(ask, generator)`` gives the share of the points earned, between 0 and 1.  What ``ask`` gives is a
        plain value of any kind and shape: look at it before computing with it.
    points : float
    label : str
        What the student reads.
    hint : str
        The one sentence that is said where the share is below one.
    again : str
        What to read again.
    seconds : float
        How long each call may take.
    """

    name: str
    judge: Callable[[Ask, np.random.Generator], float]
    points: float
    label: str
    hint: str
    again: str = ""
    seconds: float = 5.0

    hidden = True


@dataclass(frozen=True)
class Written:
    """An open question, marked by hand: its points and what earns them, one line each with its points."""

    rubric: Sequence[tuple[float, str]]

    @property
    def points(self) -> float:
        """All that can be earned."""
        return sum(points for points, _ in self.rubric)


@dataclass(frozen=True)
class Question:
    """One question of an assignment: what it is about, and what marks it."""

    name: str
    title: str
    checks: Sequence[Check | Trial] = ()
    written: Written | None = None

    @property
    def points(self) -> float:
        """Points by checks and by hand."""
        return sum(check.points for check in self.checks) + (self.written.points if self.written else 0.0)


@dataclass(frozen=True)
class Assignment:
    """An assignment: a folder with ``notebook.md`` (the model solution), ``checks.py`` (this), perhaps ``data/``.

    Parameters
    ----------
    name : str
        Its folder's name, such as ``"hw3"``.
    title : str
    follows : str
        The chapter it follows, as a page of the book: ``"foundations/greeks"``.
    minutes : tuple of int
        How long it takes: the quick, the slow.
    questions : sequence of Question
    libraries : sequence of str
        What a notebook may import beyond Python, NumPy, SciPy, pandas and Matplotlib: ``("hedgelab",)``, where no
        question can be answered by calling it.
    cell_seconds, total_seconds : float
        How long one cell, and one whole submission, may take.
    """

    name: str
    title: str
    follows: str
    minutes: tuple[int, int]
    questions: Sequence[Question]
    libraries: Sequence[str] = ()
    cell_seconds: float = 20.0
    total_seconds: float = 90.0
    folder: Path = field(default=Path(), compare=False)

    @property
    def points(self) -> float:
        """All that can be earned."""
        return sum(question.points for question in self.questions)

    def plan(self) -> list[tuple[Question, int, Check | Trial]]:
        """Every check, those without hidden inputs first: up to there a student's own words may be shown."""
        plan = [
            (question, number, check)
            for question in self.questions
            for number, check in enumerate(question.checks)
        ]
        return sorted(plan, key=lambda entry: entry[2].hidden)

    def calls(self, key: bytes, question: Question, number: int) -> list[tuple[Arguments, Any]]:
        """The calls of one check with their right answers, as plain values; of a mistake in them, where it is."""
        check, generator = question.checks[number], self.generator(key, question, number)
        assert isinstance(check, Check)
        with blamed(self.folder, f"{question.name}, {check.label}"):
            found = [(arguments, plain(answer)) for arguments, answer in check.calls(generator)]
            json.dumps([encoded(list(arguments))[0] for arguments, _ in found])
            if not found:
                raise ValueError("no call is drawn")
        return found

    def generator(self, key: bytes, question: Question, number: int) -> np.random.Generator:
        """The randomness of one check: the same for every student, and unknown without the key."""
        seed = hashlib.sha256(key + f"/{self.name}/{question.name}/{number}".encode()).digest()
        return np.random.default_rng(list(seed))


def blame(error: BaseException, folder: Path) -> str:
    """An error in an instructor's own code, in a line: the file, its line, what Python says."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 0))
    own = [(Path(file), line) for file, line in frames if Path(file).resolve().is_relative_to(folder.resolve())]
    where = f"{own[-1][0]}, line {own[-1][1]}" if own else str(folder / "checks.py")
    return f"{where}: {type(error).__name__}: {getattr(error, 'msg', None) or error}"


@contextlib.contextmanager
def blamed(folder: Path, what: str = "") -> Iterator[None]:
    """Where an instructor's own code fails, that is said, and nothing of ours."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise ValueError(blame(error, folder) + (f" ({what})" if what else "")) from None


def load(where: str | Path) -> Assignment:
    """The assignment of a folder, or of its bare name in `coursework/assignments`.

    Raises
    ------
    ValueError
        If there is no such folder, or one in both places, its ``checks.py`` fails, or has no sound ``ASSIGNMENT``
        of that name.
    """
    own = Path(__file__).parent / "assignments"
    places = [own / where, Path(where)] if str(where) == Path(where).name else [Path(where)]
    found = [place for place in places if (place / "checks.py").is_file()]
    if len({place.resolve() for place in found}) > 1:
        raise ValueError(f"{where} is one of the book's and a folder here: say {own / where}, or ./{where}")
    if not found:
        known = ", ".join(sorted(path.parent.name for path in own.glob("*/checks.py"))) or "none yet"
        raise ValueError(f"an assignment is a folder with checks.py, or one of {known}; got {str(where)!r}")
    folder = found[0]
    file, name = folder / "checks.py", folder.resolve().name
    with blamed(folder):
        assignment = runpy.run_path(str(file)).get("ASSIGNMENT")
    if not isinstance(assignment, Assignment) or assignment.name != name:
        raise ValueError(f"{file} must define ASSIGNMENT = Assignment({name!r}, ...)")
    names = [question.name for question in assignment.questions]
    if len(set(names)) < len(names) or not all(re.fullmatch(r"q\d+", one) for one in names):
        raise ValueError(f"{file}: questions are called q1, q2 and so on, each once; got {', '.join(names)}")
    for question in assignment.questions:
        worths = [
            *(check.points for check in question.checks),
            *((question.written.points,) if question.written else ()),
        ]
        if not worths or min(worths) <= 0:
            raise ValueError(f"{file}: {question.name} needs a check or a rubric, and each more than 0 points")
    return replace(assignment, folder=folder.resolve())
