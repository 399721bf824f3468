"""The kernel in a reader's browser: runs a page's cells as the book's build has run them.

A page is a row of cells.  Before each one a note is kept of what all names stood for, so that a cell that is run
again starts from what the cells above it left, and not from what those below it made of it.
"""

from __future__ import annotations

import ast
import builtins
import copy
import io
import json
import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import is_dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pprint import pformat
from types import ModuleType
from typing import Any

#: What stays at home: hedgelab's explorers, the book's dressing of tables and its notes import it, to no use here.
AT_HOME = ("IPython", "anywidget", "docutils", "sphinx", "myst_nb")

#: Arrays and tables up to this size are kept as they were; larger ones, which nobody fills by hand, only by name.
KEPT_BYTES = 200_000

#: What never changes, and most of what there is.
ATOMS = (int, float, complex, str, bytes, type(None))

MIMES = (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_"))


class Nothing:
    """Stands for whatever is asked of a module that is not here: can be called, looked into and inherited from."""

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> Nothing:
        return self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()


class Absent(ModuleType):
    """A module of which nothing is here."""

    __path__: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()


class StandIns(MetaPathFinder, Loader):
    """Finds those modules; what the page does use of them is here."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Where a module is, if it is one of them."""
        return spec_from_loader(name, self) if name.partition(".")[0] in AT_HOME else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module, empty."""
        return Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        if module.__name__ in ("IPython", "IPython.display"):
            module.display = display  # type: ignore[attr-defined]
            module.version_info = (9, 0)  # type: ignore[attr-defined]  # Matplotlib looks
        if module.__name__ == "myst_nb":
            module.glue = glue  # type: ignore[attr-defined]
        if module.__name__ == "anywidget":
            import traitlets

            module.AnyWidget = type("AnyWidget", (traitlets.HasTraits,), {"stays": True})  # type: ignore[attr-defined]


class Stream(io.TextIOBase):
    """Where a cell prints."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name

    def write(self, text: str) -> int:
        """Append to what was printed last."""
        last = self.page.outputs[-1] if self.page.outputs else {}
        if last.get("name") == self.name:
            last["text"] += text
        else:
            self.page.outputs.append({"type": "stream", "name": self.name, "text": text})
        return len(text)


class Page:
    """The cells of one page and what they have made."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.before: list[dict[str, Any]] = []
        self.outputs: list[dict[str, Any]] = []
        self.numbers: dict[str, str] = {}
        self.clear()

    def clear(self) -> None:
        """Begin a page."""
        self.before.clear()
        self.names.clear()
        self.names |= {"__name__": "__main__", "__builtins__": builtins, "display": display}

    def rewind(self, number: int) -> None:
        """Make all names stand for what they stood for before this cell."""
        if number < len(self.before):
            self.names.clear()
            self.names |= kept(self.before[number])
            del self.before[number:]
        self.before.append(kept(self.names, self.before[-1] if self.before else None))

    def run(self, number: int, source: str, hidden: bool) -> dict[str, Any]:
        """Run a cell, after all before it: what it shows, and the numbers that it gives to the text.

        A hidden one is the book's own: it checks and computes numbers, and goes on where one of them fails.
        """
        self.outputs, self.numbers = [], {}
        conclusions().noted.clear()
        name = f"<cell {number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        failed = False
        with redirect_stdout(Stream(self, "stdout")), redirect_stderr(Stream(self, "stderr")):
            try:
                self.rewind(number)
                for piece in pieces(source, name, hidden):
                    try:
                        value = eval(piece, self.names)
                        if value is not None and not source.rstrip().endswith(";"):
                            display(value)
                    except Exception as error:
                        if not hidden:
                            raise
                        if not failed:
                            self.outputs.append(explained(error, name) | {"type": "broken"})
                        failed = True
            except BaseException as error:
                failed = True
                self.outputs.append(explained(error, name))
        return {"ok": not failed, "outputs": self.outputs, "numbers": self.numbers}


def pieces(source: str, name: str, hidden: bool) -> Iterator[Any]:
    """What is compiled of a cell: its statements and, if it ends with an expression, that for its value.

    Of a hidden one each statement is for itself.  An assertion that fails is a note, as in `make lab`.
    """
    tree = conclusions().KeepGoing().visit(ast.parse(source, name))
    body = tree.body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) and not hidden else None
    for part in [[each] for each in body] if hidden else [body]:
        yield compile(ast.Module(part, []), name, "exec")
    if last is not None:
        yield compile(ast.Expression(last.value), name, "eval")


def kept(names: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """What names stand for, with a copy of whatever can change in place; an equal one made `before` will do."""
    known = before or {}
    copies: dict[int, Any] = {}
    return {
        name: copied(value, known.get(name), copies) if isinstance(value, copied_kinds()) else value
        for name, value in names.items()
    }


def copied_kinds() -> tuple[type, ...]:
    """What a name can stand for and is copied: collections, arrays, tables, random numbers; an object is not."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    arrays = (numpy.ndarray, numpy.random.Generator) if numpy else ()
    return (list, dict, set, *arrays, *((pandas.DataFrame, pandas.Series) if pandas else ()))


def copied(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy; of what is found twice, once, as `copies` knows by its id.  What cannot be copied stays itself.

    The copy made `before` is used for one value only: two that are equal now may not be so later.
    """
    if isinstance(value, ATOMS):
        return value
    if id(value) not in copies:
        try:
            made = fresh(value, None if id(before) in copies else before, copies)
        except Exception:  # also where it is nested too deeply
            made = value
        copies[id(value)] = copies[id(made)] = made
    return copies[id(value)]


def fresh(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy of something not seen yet, or what was made `before` if it is still the same.

    A dictionary of runs, or of a page's own objects with large arrays, is thus kept once, not once for each cell
    below it, which was gigabytes.
    """
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    alike = type(before) is type(value)
    if isinstance(value, list | dict | tuple):
        return collection(value, before if alike and len(before) == len(value) else None, copies)
    if isinstance(value, set):
        return before if alike and before == value else copy.copy(value)
    if numpy and isinstance(value, numpy.ndarray):
        if value.nbytes >= KEPT_BYTES:
            return value
        return before if alike and numpy.array_equal(before, value) else value.copy()
    if pandas and isinstance(value, pandas.DataFrame | pandas.Series):
        if value.size * 8 >= KEPT_BYTES:
            return value
        return before if alike and value.equals(before) else value.copy()
    if (numpy and isinstance(value, numpy.generic)) or frozen(value):
        return value
    if hasattr(value, "__dict__") and not isinstance(value, type | ModuleType):
        return thing(value, before if alike else None, copies)
    return copy.deepcopy(value, copies)


def frozen(value: Any) -> bool:
    """Whether it is a run, a market or another of the library's things, which nobody changes."""
    return is_dataclass(value) and value.__dataclass_params__.frozen  # type: ignore[attr-defined]


def collection(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy of a list, a dictionary or a tuple with copies of what is in it, or what was made `before`."""
    places = list(value) if isinstance(value, dict) else range(len(value))
    if isinstance(value, dict) and before is not None and list(before) != places:
        before = None
    whole = isinstance(value, tuple)  # which is made of its parts, and without any that changes is itself
    made = [*value] if whole else copy.copy(value)
    if not whole:
        copies[id(value)] = made  # it may contain itself
    for place in places:
        made[place] = copied(value[place], None if before is None else before[place], copies)
    for known in (before, value if whole else None):
        if known is not None and all(made[place] is known[place] for place in places):
            return known
    return tuple.__new__(type(value), made) if whole else made


def thing(value: Any, before: Any, copies: dict[int, Any]) -> Any:
    """A copy of an object with copies of its attributes, or what was made `before`."""
    made = copy.copy(value)
    if made is value:  # a function, or another that says it does not change
        return value
    copies[id(value)] = made  # it may be an attribute of its own
    known = {} if before is None else vars(before)
    attributes = {name: copied(part, known.get(name), copies) for name, part in vars(value).items()}
    if attributes.keys() == known.keys() and all(attributes[name] is known[name] for name in known):
        return before
    vars(made).update(attributes)
    return made


def display(*values: Any, raw: bool = False, **_: Any) -> None:
    """Show values as a notebook does; `raw` ones say themselves how."""
    for value in values:
        if getattr(value, "stays", False):
            page.outputs.append({"type": "explorer"})
        else:
            page.outputs.append({"type": "display", "data": value if raw else looks_of(value)})


def looks_of(value: Any) -> dict[str, str]:
    """How a value shows itself, by kind."""
    made = {mime: getattr(value, method)() for mime, method in MIMES if hasattr(value, method)}
    if any(made.values()):
        return {mime: text for mime, text in made.items() if text}
    collection = isinstance(value, dict | list | tuple | set)
    return {"text/plain": pformat(value, width=79, sort_dicts=False) if collection else repr(value)}


def glue(name: str, value: Any, **_: Any) -> None:
    """Give a number to the text."""
    page.numbers[name] = value if isinstance(value, str) else repr(value)


def explained(error: BaseException, name: str) -> dict[str, Any]:
    """An error for a reader: what it says, on which line of the cell, and all of it for who wants it."""
    told = traceback.TracebackException.from_exception(error, compact=True)
    frames = list(told.stack)
    here = [at for at, frame in enumerate(frames) if frame.filename.startswith("<cell")]
    told.stack = traceback.StackSummary.from_list(frames[here[0] :] if here else [])
    line = told.lineno if isinstance(error, SyntaxError) else (frames[here[0]].lineno if here else None)
    return {
        "type": "error",
        "summary": "".join(told.format_exception_only()).strip().splitlines()[-1],
        "line": int(line) if line else None,
        "text": "".join(told.format()),
    }


def conclusions() -> Any:
    """The notes of `make lab`, in the page's own look."""
    import conclusions

    conclusions.STYLE = ""
    return conclusions


def dressed(result: dict[str, Any]) -> dict[str, Any]:
    """The result with its tables as the site sets them."""
    for output in result["outputs"]:
        html = output.get("data", {}).get("text/html", "")
        if 'class="dataframe"' in html:
            from bs4 import BeautifulSoup
            from readable_tables import typeset_table

            parsed = BeautifulSoup(html, "html.parser")
            for style in parsed.find_all("style"):
                style.decompose()
            for table in parsed.select("table.dataframe"):
                typeset_table(table)
            output["data"]["text/html"] = str(parsed)
    return result


def run(number: int, source: str, hidden: bool, dress: bool = True) -> str:
    """Run a cell of the page: what came of it, as JSON."""
    result = page.run(number, source, hidden)
    return json.dumps(dressed(result) if dress else result)


def start() -> None:
    """Make this process the kernel of a page."""
    sys.meta_path.insert(0, StandIns())


page = Page()
