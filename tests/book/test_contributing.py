"""CONTRIBUTING.md says where a new thing is entered: each place has all there are, and there is no other place."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from test_reference import MODULES

from hedgelab.costs import Charged, Cost, SumOfCosts, TimesCost
from hedgelab.explorers import Explorer

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf8")

#: Where a list may be forgotten.
SOURCES = {".py", ".md", ".js", ".mjs", ".yml", ".toml", ".cff"}
NO_SOURCES = {"_build", "build", "dist", "my_copy", "node_modules", "static"}

#: The history of the book, which a new thing joins at the top.
HISTORY = "CHANGELOG.md"


def modules_of(name: str) -> Iterator[ModuleType]:
    """A module and those inside it."""
    module = importlib.import_module(name)
    yield module
    for inside in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{name}.{inside.name}")


def defined(name: str, is_one: Callable[[Any], bool]) -> list[Any]:
    """What a room defines of a kind, exported or not; neither what it keeps to itself, nor what is abstract."""
    return [
        thing
        for module in modules_of(name)
        for called, thing in vars(module).items()
        if not called.startswith("_")
        and getattr(thing, "__module__", None) == module.__name__
        and not getattr(thing, "_is_protocol", False)
        and not inspect.isabstract(thing)
        and is_one(thing)
    ]


def classes(name: str, method: str, *but: type) -> dict[str, tuple[str, ...]]:
    """The classes of a room that have a method."""
    found = defined(name, lambda thing: inspect.isclass(thing) and hasattr(thing, method) and thing not in but)
    return {thing.__name__: (thing.__name__,) for thing in found}


def figures() -> dict[str, tuple[str, ...]]:
    """The functions that draw one, not those that help."""
    found = defined("hedgelab.figures", inspect.isfunction)
    drawing = [each for each in found if each.__annotations__.get("return") == "Figure"]
    return {each.__name__: (each.__name__,) for each in drawing}


def explorers() -> dict[str, tuple[str, ...]]:
    """As Python, the page and their files call them."""
    found = defined("hedgelab.explorers", lambda thing: inspect.isclass(thing) and issubclass(thing, Explorer))
    called = {each.__name__: each.name for each in found if each is not Explorer}
    return {name: (name, called[name], called[name].replace("-", "_")) for name in called}


def chapters() -> dict[str, tuple[str, ...]]:
    """Every page that says what it is for, whether it is in the contents or not."""
    pages = [page for page in sorted((ROOT / "book").rglob("*.md")) if ":class: chapter-card" in read(page)]
    names = [page.relative_to(ROOT / "book").with_suffix("").as_posix() for page in pages]
    return {name: (name,) for name in names}


def assignments() -> dict[str, tuple[str, ...]]:
    """Every folder that marks one."""
    names = [path.parent.name for path in (ROOT / "coursework" / "assignments").glob("*/checks.py")]
    return {name: (name,) for name in sorted(names)}


def modules() -> dict[str, tuple[str, ...]]:
    """Those that readers use, as the reference, the contents and the map call them."""
    names = {module: module.removeprefix("hedgelab.") for module in MODULES}
    return {module: (module, f"reference/{name}", f"{name}.py", f"{name}/") for module, name in names.items()}


@cache
def read(path: Path) -> str:
    """A file, or of a folder the names of its files and what is in them."""
    if path.is_dir():
        return "\n".join(f"{each.relative_to(ROOT).as_posix()}\n{read(each)}" for each in sources(path))
    return path.read_text("utf8")


def sources(folder: Path) -> list[Path]:
    """The files that people write."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in NO_SOURCES:
            continue
        found += sources(path) if path.is_dir() else [path] * (path.suffix in SOURCES)
    return found


def is_named(names: tuple[str, ...], text: str) -> bool:
    """Whether a text has one of the names as a word."""
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!(?<=\w)\w)", text) for name in names)


def places(heading: str) -> list[str]:
    """The files and folders that a list of CONTRIBUTING.md names, each at the beginning of an item."""
    section = CONTRIBUTING.partition(f"### {heading}\n")[2].partition("\n#")[0]
    return re.findall(r"^\d+\. `([^`]+)`:", section, re.MULTILINE)


#: By the heading of a list: the things there are, each with the names that it goes by.
THINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "To add a market": classes("hedgelab.markets", "stream"),
    "To add a cost": classes("hedgelab.costs", "charge", Cost, Charged, SumOfCosts, TimesCost),
    "To add a policy": classes("hedgelab.policies", "holding"),
    "To add a chapter": chapters(),
    "To add a figure": figures(),
    "To add an explorer": explorers(),
    "To add a module of the library": modules(),
    "To add an assignment": assignments(),
}

each_list = pytest.mark.parametrize("heading", THINGS)


def test_these_are_the_lists():
    """Each is kept true."""
    assert re.findall(r"^### (To add .*)$", CONTRIBUTING, re.MULTILINE) == list(THINGS)
    assert [heading for heading in THINGS if len(places(heading)) < 3] == []
    assert [heading for heading, things in THINGS.items() if len(things) < 6] == []


@each_list
def test_every_place_of_a_list_has_everything_that_there_is(heading):
    """What was forgotten is said by its name, with all the places that lack it."""
    lacking = [
        f"{place} lacks {thing}"
        for thing, names in THINGS[heading].items()
        for place in places(heading)
        if not is_named(names, read(ROOT / place))
    ]
    assert lacking == [], f"{'; '.join(lacking)}: see CONTRIBUTING.md, {heading!r}"


@each_list
def test_no_other_file_names_all_that_there_is(heading):
    """Or it would be one more place to be forgotten: let it look for them, or enter it in the list."""
    known = {HISTORY, *places(heading), *(f"book/{name}.md" for name in chapters())}
    others = []
    for path in sources(ROOT):
        name = path.relative_to(ROOT).as_posix()
        if name not in known and all(is_named(names, read(path)) for names in THINGS[heading].values()):
            others.append(name)
    assert others == [], (
        f"{', '.join(others)} names all that CONTRIBUTING.md, {heading!r}, is about: let it find them (a test, in "
        "tests/hedgelab/examples.py), or enter it in that list"
    )


def test_every_file_that_the_text_names_exists():
    """Those that it tells the reader to write have a folder before them, not in their name."""
    named = re.findall(r"`((?:book|coursework|hedgelab|tests|tools|benchmarks)/[\w/.]*)`", CONTRIBUTING)
    assert [name for name in named if not (ROOT / name).exists()] == []
