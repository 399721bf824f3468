"""One submission behind its wall: its notebook is run, and what it defines is asked.

    with Session(assignment, raw, wall) as session:
        session.run()
        holding = session.ask(check, (moment,))

A cell that hangs, or ends the process, is left out and the notebook run again; a call that does has no answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, Self

from coursework import compare, sandbox
from coursework.assignment import Arguments, Assignment, Check, Trial
from coursework.wire import MOST_HEADER, MOST_SAID, SHORT, Broken, Gone, Pipe, Silence, Violation, decoded, encoded
from coursework.worker import MOST_PASSES

#: How often a notebook is run, and within how many seconds it has to be read.
STARTS, TO_READ, MOST_CELLS = 5, 30.0, 2000
WHY = {Silence: "took too long", Gone: "ended its process", Violation: "gave no valid answer"}
ERROR, MISSING, LATE = "raised an error", "is not defined", "no time was left"
#: All that is said of a call whose input is hidden.
PHRASES = (*WHY.values(), ERROR, MISSING, LATE, *compare.UNFIT)
#: What stays of a text although it is not printed: the newline, what joins letters and what parts words.
UNSEEN = "\n\u00ad\u200c\u200d"


class NoAnswer(Exception):
    """Why there is no value: a fixed phrase and, if that may be shown, what the student's own error said."""

    def __init__(self, phrase: str, error: str = "") -> None:
        self.phrase = f"{phrase}: {error}" if error else phrase
        super().__init__(self.phrase)


class Session:
    """A submission that can be asked.

    After `run` it says whether it is `readable` (a notebook) and `complete` (run to its end, but for cells left
    out); the `errors` of cells, by number; why cells were `left_out`; what is `written` to open questions; the
    `language` it says it is in, and `prints`, which tell code that is alike.  Once it is `tainted`, what it says
    may hold a hidden input.  What was `given` out is no answer.  A thread that starts a session asks in it too:
    the sandbox ends with its thread.
    """

    def __init__(self, assignment: Assignment, raw: bytes, wall: str, given: Sequence[str] = ()) -> None:
        self.assignment, self.raw, self.wall, self.given = assignment, raw, wall, list(given)
        self.readable, self.complete, self.language = True, False, "python"
        self.errors: dict[int, tuple[str, str, str]] = {}
        self.left_out: dict[int, str] = {}
        self.written: dict[str, str] = {}
        self.prints: list[int] = []
        self.deadline = time.monotonic() + assignment.total_seconds
        self.starts = self.asked = self.said = 0
        self.skipped: set[int] = set()
        self.tainted = self.ever_tainted = False
        self.inmate: sandbox.Inmate | None = None
        self.pipe: Pipe | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> str:
        """End what runs; what the wall said, if anything."""
        inmate, self.inmate, self.pipe = self.inmate, None, None
        return inmate.end() if inmate else ""

    def run(self) -> bool:
        """Run the notebook, as often as cells have to be left out; whether it stands there to be asked."""
        while not self.inmate and self.readable and self.starts < STARTS and time.monotonic() < self.deadline:
            self.starts += 1
            self.inmate = sandbox.start(self.wall, self.assignment)
            reading, writing = self.inmate.process.stdout, self.inmate.process.stdin
            assert reading
            assert writing
            self.pipe = Pipe(reading.fileno(), writing.fileno(), self.inmate.crowded)
            self.at: int | None = None
            self.greeted = self.tainted = False
            try:
                self.through()
            except Broken as broken:
                said = self.close()
                if not self.greeted and self.wall != "none" and said:
                    raise sandbox.Refused("the sandbox did not start: " + said) from None
                if self.at is None or self.at in self.skipped:  # it may lie about which cell, to its own loss
                    break
                self.skipped.add(self.at)
                if self.first_run():
                    self.left_out[self.at] = WHY[type(broken)]
            if not self.readable:
                self.close()
        self.complete |= self.inmate is not None
        return self.inmate is not None

    def through(self) -> None:
        """Follow the notebook from cell to cell."""
        assert self.pipe
        questions = self.assignment.questions
        names = sorted({check.name for question in questions for check in question.checks})
        open_ones = [question.name for question in questions if question.written]
        first = {"names": names, "without": sorted(self.skipped), "written": open_ones, "given": self.given}
        soon = min(self.deadline, time.monotonic() + TO_READ)
        self.pipe.send(first, self.raw, soon)
        said, _ = self.hear(soon)
        self.greeted = True
        cells = said.get("cells")
        if type(cells) is not int or not 0 <= cells <= MOST_CELLS:
            self.readable = False
            return
        self.note(said, open_ones)
        for _ in range(2 * cells * MOST_PASSES + 1):  # so many messages, not for ever
            soon = min(self.deadline, time.monotonic() + self.assignment.cell_seconds)
            said, _ = self.hear(soon, SHORT)
            cell = said.get("start", said.get("done"))
            if said.get("ready") is True:
                return
            if type(cell) is not int or not 0 <= cell < cells:
                raise Violation("a message of no kind")
            self.at = cell if "start" in said else None
            if "done" in said and self.first_run():
                self.errors.pop(cell, None)
                error = said.get("error")
                if type(error) is list and len(error) == 3:
                    self.errors[cell] = (clean(error[0], 60), clean(error[1], 300), clean(error[2], 6))
        raise Violation("too many messages")

    def hear(self, deadline: float, most: int = MOST_HEADER) -> tuple[dict[str, Any], bytes]:
        """Stops a flood of long messages, which slows who is marked beside it: one more, if few came before."""
        assert self.pipe
        before = self.pipe.said
        try:
            return self.pipe.receive(deadline, min(most, max(0, MOST_SAID - self.said)))
        finally:
            self.said += self.pipe.said - before

    def note(self, said: dict[str, Any], open_ones: list[str]) -> None:
        """Keep what was read of the notebook before a line of it ran; nothing of it is trusted."""
        written = said["written"] if type(said.get("written")) is dict else {}
        prints = said["prints"][:2000] if type(said.get("prints")) is list else []
        self.written = {name: clean(written.get(name, ""), 20_000) for name in open_ones}
        self.prints = sorted({value for value in prints if type(value) is int and 0 <= value < 1 << 32})
        self.language = clean(said.get("language"), 40)

    def ask(self, check: Check | Trial, arguments: Arguments, anew: bool = False) -> Any:
        """The plain value that the notebook gives to one call (or that a name stands for).

        Of a class an object is made at the first call, and where it is to be `anew`.

        Raises
        ------
        NoAnswer
            If it gives none.  Where it hung or ended its process, the next call runs the notebook anew.
        """
        if not self.run() or not self.pipe:
            raise NoAnswer(LATE)
        self.asked += 1
        self.tainted |= check.hidden
        self.ever_tainted |= check.hidden
        tree, numbers = encoded(list(arguments))
        request = {"number": self.asked, "name": check.name, "arguments": tree, "anew": anew}
        request["value"] = isinstance(check, Check) and check.inputs is None
        soon = min(self.deadline, time.monotonic() + check.seconds)
        try:
            self.pipe.send(request, numbers, soon)
            answer, numbers = self.hear(soon)
            if answer.get("number") != self.asked:
                raise Violation("an answer to another question")
            return self.value(check.name, answer, numbers)
        except Broken as broken:
            self.close()
            raise NoAnswer(WHY[type(broken)]) from None

    def value(self, name: str, answer: dict[str, Any], numbers: bytes) -> Any:
        """What an answer says."""
        if answer.get("missing") is True:
            raise NoAnswer(f"{name} {MISSING}")
        if "unfit" in answer:
            raise NoAnswer(compare.UNFIT[1 if answer["unfit"] == 1 else 0])
        if "error" in answer:
            error = answer["error"] if type(answer["error"]) is list else []
            raise NoAnswer(ERROR, self.own_words(": ".join(clean(part, 200) for part in error[:2] if part)))
        return decoded(answer.get("value"), numbers)

    def first_run(self) -> bool:
        """Stops a notebook that is run again after a hidden input from telling of it, by the clock or its end."""
        return not self.ever_tainted

    def own_words(self, text: str) -> str:
        """Stops the echo of a hidden input: once one has gone in, not a word of this process is passed on."""
        return "" if self.tainted else clean(text, 300)


def clean(text: Any, length: int | None = None) -> str:
    """Stops what would command a terminal or a browser: a text without control characters, and short.

    Of white space there are the space and the newline; what joins or parts letters without being seen stays.
    """
    text = str(text)[:length] if isinstance(text, (str, int)) else ""
    text = re.sub(r"\r\n?", "\n", text)
    shown = (" " if letter.isspace() and letter != "\n" else letter for letter in text)
    return "".join(letter if letter.isprintable() or letter in UNSEEN else "?" for letter in shown)
