"""Runs inside the sandbox, in one process with the student's code: it holds no check, no answer and no mark.

It reads the notebook, runs its cells in order as plain Python, and then answers calls of what they defined.
Whatever student code does to this process, it can only change the values that the process says.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import gc
import hashlib
import io
import json
import keyword
import linecache
import os
import random
import re
import sys
import tokenize
import traceback
import types
from typing import Any

import numpy as np

from coursework.compare import Unfit, called, plain
from coursework.wire import Pipe, decoded, encoded

#: Bytes of memory, seconds of processor, bytes of one file, open files, timers; threads in its own namespace, from
#: Linux 5.14 on and unless root grades: so the grader counts them too.
LIMITS = {
    "AS": 1536 << 20,
    "CPU": 120,
    "FSIZE": 32 << 20,
    "NOFILE": 128,
    "CORE": 0,
    "MSGQUEUE": 0,
    "MEMLOCK": 0,
    "NPROC": 64,
    "SIGPENDING": 256,
}
LONGEST_TEXT, MOST_PASSES = 20_000, 8
NOTHING = object()
GAP, LINE = r"(?:[^\S\n]|\\\n)", r"(?:.*\\\n)*.*"  # a line goes on where it ends in \
MAGIC = re.compile(
    rf"^(?P<indent>[^\S\n]*)(?:%time(?:it)?\b(?:{GAP}+-\S+(?:{GAP}+\d+)?)*{GAP}*(?P<timed>{LINE})"
    rf"|(?P<name>\w+[^\S\n]*=[^\S\n]*)?[%!?]{LINE}|[\w.]+\?+[^\S\n]*)$",
    re.MULTILINE,
)
PLACEHOLDER = re.compile(r"[*_]*your answer here[\W_]*", re.IGNORECASE)
HEADING = re.compile(r"## (q\d+)\.")  # as it is given out: a student's own may name a question too


def confine() -> None:
    """Stops one submission from taking the machine's memory, processor, disk or descriptors."""
    import resource  # which Windows lacks, where this file is read but no submission run

    for name, most in LIMITS.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):  # not every system knows or lowers each
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def silenced() -> tuple[int, int]:
    """Stops what is printed, by Python or by a library in C: it goes nowhere.  Gives the ends of the wire."""
    wire = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return wire


def repeatable() -> None:
    """Makes generators without a seed the same each time, so that a class marked twice has the same marks."""
    drawn, seed = random.Random(1).getrandbits, random.Random.seed
    np.random.seed(1)  # noqa: NPY002
    np.random.bit_generator.randbits = drawn  # type: ignore[attr-defined]

    def seeded(self: random.Random, a: Any = None, version: int = 2) -> None:
        seed(self, drawn(64) if a is None else a, version)

    random.Random.seed = seeded  # type: ignore[method-assign]
    random.seed = random._inst.seed
    random.seed(1)


# nbformat says what a notebook is, but it takes .22 s to import, more than a whole submission.  So its rules are
# here: of version 3 the cells of the first worksheet; a source is a text or a list of lines; what is of another
# type is passed over.
def read(raw: bytes) -> tuple[list[dict[str, str]], str]:
    """The cells of a notebook (kind, source, question) and the language it says it is in."""
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    notebook = json.loads(raw.decode("utf-16" if wide else "utf-8-sig", "replace"))
    found = []
    for cell in notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]:
        if not isinstance(cell, dict):
            continue
        source, metadata = cell.get("source", cell.get("input", "")), table(cell, "metadata")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        kind, tags, question = str(cell.get("cell_type")), metadata.get("tags"), str(metadata.get("question", ""))
        check = "check" if isinstance(tags, list) and "check" in tags else ""
        if isinstance(source, str):
            found.append({"kind": kind, "source": source, "question": question, "check": check})
    about = table(notebook, "metadata")
    language = table(about, "kernelspec").get("language") or table(about, "language_info").get("name") or "python"
    return found, str(language)[:40]


def table(of: dict[str, Any], name: str) -> dict[str, Any]:
    """An entry that should be a table of entries."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def answers(cells: list[dict[str, str]], questions: list[str], given: list[str]) -> dict[str, str]:
    """What is written to open questions: in cells under the heading or marked so, what was not given."""
    known = {" ".join(line.split()) for line in given}
    long = [line for line in known if len(line) > 30]
    found: dict[str, list[str]] = {name: [] for name in questions}
    section = ""
    for cell in cells:
        if cell.get("check"):
            continue
        for own in found.values():
            own.append("")
        for line in cell["source"].splitlines():
            words = " ".join(line.split())
            heading = HEADING.match(words) if cell["kind"] == "markdown" else None
            if heading or (words.startswith("#") and words in known and cell["kind"] == "markdown"):
                section = heading[1] if heading else ""
                continue
            name = section if section in found else cell["question"]
            if name in found and words not in known:
                start = next((start for start in long if words.startswith(start)), "")
                found[name].append(PLACEHOLDER.sub("", words[len(start) :].strip() if start else line.rstrip()))
    texts = {name: re.sub(r"\n{3,}", "\n\n", "\n".join(own)).strip()[:LONGEST_TEXT] for name, own in found.items()}
    return {name: text if any(map(str.isalnum, text)) else "" for name, text in texts.items()}


def fingerprints(sources: list[str]) -> list[int]:
    """Every twelve tokens in a row of the code, as a number, with all names and all values made alike."""
    words = []
    for source in sources:
        with contextlib.suppress(Exception):  # tokens up to what is no Python
            for token in tokenize.generate_tokens(io.StringIO(source[:LONGEST_TEXT]).readline):
                if token.type == tokenize.NAME:
                    words.append(token.string if keyword.iskeyword(token.string) else "name")
                elif token.type in (tokenize.NUMBER, tokenize.STRING, tokenize.OP):
                    words.append(token.string if token.type == tokenize.OP else "value")
    rows = {" ".join(words[start : start + 12]) for start in range(len(words) - 11)}
    return sorted(int.from_bytes(hashlib.sha256(row.encode()).digest()[:4], "big") for row in rows)[:2000]


def python(source: str, name: str) -> Any:
    """A cell as Python: where that stumbles over IPython's own language it is left out, of a timing the timing."""
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        source = "\n" + rest if first.split()[0] in ("%%time", "%%timeit", "%%capture") else ""
    while True:
        try:
            return compile(source, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            stumbled = sum(len(line) + 1 for line in source.split("\n")[: (error.lineno or 1) - 1])
            found = MAGIC.match(source, stumbled) or MAGIC.search(source)
            if not found:
                raise
        left = found["timed"] or (found["name"] + "None" if found["name"] else "pass")
        left += "\n" * (found[0].count("\n") - left.count("\n"))
        source = source[: found.start()] + found["indent"] + left + source[found.end() :]


class Notebook:
    """The notebook's names while it runs and after."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.functions: dict[str, Any] = {}
        self.made: dict[str, Any] = {}
        self.last: dict[str, int] = {}
        module = types.ModuleType("__main__")
        self.space = module.__dict__
        self.space.update(dict.fromkeys(("display", "check"), lambda *_, **__: None), get_ipython=StandIn)
        sys.modules["__main__"] = module
        sys.modules["check"] = types.ModuleType("check")
        sys.modules["check"].check = lambda *_, **__: None  # type: ignore[attr-defined]

    def run(self, number: int, source: str) -> list[Any] | None:
        """Run one cell; what went wrong, as an error's name, its message and the line.

        Of several cells that define a name the one furthest down has the last word, whichever ran last.
        """
        before = dict(self.space)
        name = f"<cell {number + 1}>"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        error: list[Any] | None = None
        set_anew: set[str] = set()  # perhaps to the same value
        try:
            code = python(source, name)
            awaited = eval(code, self.space)
            if awaited is not None:
                import asyncio  # a third of the time of a submission

                asyncio.run(awaited)
            steps = dis.get_instructions(code)
            set_anew = {step.argval for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL")}
        except BaseException as raised:  # exit() too
            walked = traceback.walk_tb(raised.__traceback__)
            lines = [None, *(line for frame, line in walked if frame.f_code.co_filename == name)]
            error = [*described(raised), getattr(raised, "lineno", None) or lines[-1]]
        for known in {**before, **self.space}:
            was, value = before.get(known, NOTHING), self.space.get(known, NOTHING)
            if value is was and (value is NOTHING or known not in set_anew):
                continue
            if self.last.setdefault(known, number) <= number:
                self.last[known] = number
                if known in self.names and (callable(value) or hasattr(value, "holding")):
                    self.functions[known] = value  # `f = 0.5` further down does not lose the function
            elif was is NOTHING:
                self.space.pop(known, None)
            else:
                self.space[known] = was
        return error

    def answer(self, asked: dict[str, Any], numbers: bytes) -> tuple[dict[str, Any], bytes]:
        """What a function of the notebook says to one call, or what a name stands for."""
        name = asked["name"]
        try:
            if name not in self.functions and name not in self.space:
                return {"missing": True}, b""
            value = self.space.get(name)
            if not asked["value"]:
                if asked["anew"] or name not in self.made:  # an object keeps what it remembers
                    self.made[name] = called(self.functions.get(name, value))
                value = self.made[name](*decoded(asked["arguments"], numbers, trusted=True))
            tree, numbers = encoded(plain(value))
            return {"value": tree}, numbers
        except Unfit as unfit:
            return {"unfit": unfit.which}, b""
        except BaseException as raised:
            return {"error": described(raised)}, b""


class StandIn:
    """Answers whatever is asked of IPython with nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def described(raised: BaseException) -> list[str]:
    """An error's name and message, if it can be had."""
    try:
        return [str(type(raised).__name__)[:60], str(raised)[:300]]
    except BaseException:
        return ["Error", ""]


def main() -> None:
    """Serve one submission until the other end of the wire is closed."""
    pipe = Pipe(*silenced())
    confine()
    repeatable()
    gc.set_threshold(100_000, 20, 20)  # an eighth of what it takes to import SciPy, pandas and Matplotlib
    first, raw = pipe.receive()
    try:
        cells, language = read(raw)
        code = [cell["source"] for cell in cells if cell["kind"] == "code"]
        said = {
            "written": answers(cells, first["written"], first["given"]),
            "prints": fingerprints(code),
            "language": language,
        }
        pipe.send({"cells": len(code), **said})
    except Exception:
        pipe.send({"cells": None})
        return
    sys.path.insert(0, os.getcwd())
    notebook = Notebook(first["names"])
    again = [number for number in range(len(code)) if number not in first["without"]]
    for turn in range(MOST_PASSES):  # what lacked a name runs again, forth and back, while that helps
        left, again = again[::-1] if turn > 1 else again, []
        for number in left:
            pipe.send({"start": number})
            error = notebook.run(number, code[number])
            pipe.send({"done": number, "error": error})
            if error and error[0] == "NameError":
                again.append(number)
        if len(again) in (0, len(left)):
            break
    pipe.send({"ready": True})
    while True:
        asked, numbers = pipe.receive()
        answer, numbers = notebook.answer(asked, numbers)
        pipe.send({"number": asked["number"], **answer}, numbers)
