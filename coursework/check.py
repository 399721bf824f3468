"""What a student runs: `check("q1")` says at once what is right and what is not yet, and never an answer.

A copy lies beside each notebook, with its visible checks in `checks.json`.  What it calls right the grader calls
right on the same input: both compare by the same function.
"""

from __future__ import annotations

import json
import linecache
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from coursework.compare import Unfit, called, place, plain, verdict

CHECKS = Path(__file__).with_name("checks.json")
LONGEST = 400


def check(question: str) -> None:
    """Say of each visible check of a question whether it is right, and which hidden ones remain."""
    names = sys._getframe(1).f_globals
    asked = json.loads(CHECKS.read_text("utf8"), object_hook=decoded)[question]
    made: dict[str, Any] = {}  # of a class one object for all its checks, as the grader has it
    print(f"{question}. {asked['title']}")
    for one in asked["visible"]:
        for line in report(one, calls(one, names, made)):
            print(line)
    for one in asked["hidden"]:
        said = begun(one, names) or "marked after you hand in"
        print(f"  hidden   {one['label']} ({worth(one['points'])}): {said}")
    if asked["written"]:
        print(f"  by hand  {worth(asked['written'])}: a reader marks what you write")


def worth(points: float) -> str:
    """Points in words."""
    return f"{points:g} point" + "s" * (points != 1)


def begun(one: dict[str, Any], names: dict[str, Any]) -> str:
    """Why there is nothing to be marked, if so."""
    if one["name"] not in names:
        return f"{one['name']} is not defined yet"
    return "not begun" if names[one["name"]] is ... else ""


def report(one: dict[str, Any], found: list[tuple[str, str]]) -> list[str]:
    """What is said of one check: right, or not yet with what is wrong and the student's own value."""
    wrong = [(phrase, own) for phrase, own in found if phrase]
    if not wrong:
        return [f"  right    {one['label']} ({worth(one['points'])})"]
    some = f", {len(found) - len(wrong)} of {len(found)} right" if one["share"] and len(found) > 1 else ""
    phrase, own = wrong[0]
    return [
        f"  not yet  {one['label']} ({worth(one['points'])}{some}): {phrase}",
        *([f"           {own}"] if own else []),
    ]


def calls(one: dict[str, Any], names: dict[str, Any], made: dict[str, Any]) -> list[tuple[str, str]]:
    """Of each call of one check what is wrong with it, if anything, and what the student's code gave."""
    if missing := begun(one, names):
        return [(missing, "")] * len(one["calls"])
    try:
        if one["name"] not in made:
            made[one["name"]] = called(names[one["name"]])
        function = made[one["name"]]
    except Exception as error:
        return [("an error when it was made", blame(error, names))] * len(one["calls"])
    if not callable(function):
        return [(f"{one['name']} is not a function", "")] * len(one["calls"])
    return [call(one, names, function, *pair) for pair in one["calls"]]


def call(
    one: dict[str, Any], names: dict[str, Any], function: Callable[..., Any], given: Any, want: Any
) -> tuple[str, str]:
    """One call, made and compared."""
    shown = ", ".join(short(argument) for argument in given)
    start = time.perf_counter()
    try:
        value = function(*given)
        took = time.perf_counter() - start
        got = plain(value)
    except NotImplementedError:
        return "not begun", ""
    except Unfit as unfit:
        return str(unfit), ""
    except Exception as error:
        return "an error", f"{one['name']}({shown}) raised {blame(error, names)}"
    if took > one["seconds"]:
        return f"too slow: {took:.1f} seconds, where {one['seconds']:g} are allowed", ""
    right = want, one["relative"], one["absolute"]
    phrase = verdict(got, *right)
    phrase += place(got, *right) if phrase else ""
    return phrase, f"{one['name']}({shown}) gave {short(value)}" if phrase else ""


def blame(error: Exception, names: dict[str, Any]) -> str:
    """An error, and the last line of the notebook on the way to it."""
    said = f"{type(error).__name__}: {error}"[:LONGEST]
    walked = traceback.walk_tb(error.__traceback__)
    own = [(frame.f_code.co_filename, line) for frame, line in walked if frame.f_globals is names]
    if not own:
        return said
    text = linecache.getline(*own[-1]).strip()
    return said + (f", at: {text}" if text else f", in line {own[-1][1]}")


def short(value: Any) -> str:
    """A value as it is shown: in one line, and cut if it is long."""
    if isinstance(value, np.generic):
        value = value.item()
    said = " ".join(repr(value).split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} ..."


def decoded(entry: dict[str, Any]) -> Any:
    """What a table in `checks.json` stands for: an array, a dict with keys of any kind, itself."""
    if "array" in entry:
        return np.array(entry["array"], dtype=entry["of"])
    return dict(entry["dict"]) if "dict" in entry else entry
