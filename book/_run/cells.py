"""The kernel in a reader's browser: runs a page's cells as the book's build has run them.

A page is a row of cells.  Before each one a note is kept of what all names stood for, so that a cell that is run
again starts from what the cells above it left, and not from what those below it made of it.
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import linecache
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pprint import pformat
from types import ModuleType
from typing import Any

from snapshots import kept

#: What stays at home: hedgelab's explorers, the book's dressing of tables and its notes import it, to no use here.
AT_HOME = ("IPython", "anywidget", "docutils", "sphinx", "myst_nb")

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

    def __repr__(self) -> str:
        return "(not in this page's Python)"


class Html:
    """What a cell writes for the page itself."""

    def __init__(self, data: str) -> None:
        self.data = data

    def _repr_html_(self) -> str:
        return self.data


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
            module.HTML = Html  # type: ignore[attr-defined]
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
            last["text"].append(text)  # one text in the end: to make it longer each time would take ever longer
        else:
            self.page.outputs.append({"type": "stream", "name": self.name, "text": [text]})
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
                show_figures()
            except BaseException as error:
                failed = True
                self.outputs.append(explained(error, name))
                show_figures(seen=False)
        for output in self.outputs:
            if output["type"] == "stream":
                output["text"] = "".join(output["text"])
        return {"ok": not failed, "outputs": self.outputs, "numbers": self.numbers}


def pieces(source: str, name: str, hidden: bool) -> Iterator[Any]:
    """What is compiled of a cell: its statements and, if it ends with an expression, that for its value.

    Of a hidden one each statement is for itself.  An assertion that fails is a note, as in `make lab`.
    """
    tree = conclusions().KeepGoing().visit(ast.parse(source, name))
    body = tree.body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) and not hidden else None
    for part in [[each] for each in body] if hidden else [body]:
        yield compile(ast.Module(part, []), name, "exec", dont_inherit=True)
    if last is not None:
        yield compile(ast.Expression(last.value), name, "eval", dont_inherit=True)


def display(*values: Any, raw: bool = False, **_: Any) -> None:
    """Show values as a notebook does; `raw` ones say themselves how."""
    for value in values:
        if getattr(value, "stays", False) is True:
            page.outputs.append({"type": "explorer"})
        else:
            page.outputs.append({"type": "display", "data": texts(value) if raw else looks_of(value)})


def looks_of(value: Any) -> dict[str, str]:
    """How a value shows itself, by kind."""
    if not isinstance(value, type):
        made = texts({mime: getattr(value, method)() for mime, method in MIMES if hasattr(value, method)})
        if made or (made := drawing(value)):
            return made
    collection = isinstance(value, dict | list | tuple | set)
    return {"text/plain": pformat(value, width=79, sort_dicts=False) if collection else repr(value)}


def texts(looks: dict[str, Any]) -> dict[str, str]:
    """Those that are written, and say something."""
    return {mime: text for mime, text in looks.items() if isinstance(text, str) and text}


def drawing(value: Any) -> dict[str, str]:
    """A figure of Matplotlib's own, which does not show itself, as SVG; of anything else, nothing."""
    figures = sys.modules.get("matplotlib.figure")
    if not (figures and isinstance(value, figures.Figure)):
        return {}
    buffer = io.StringIO()
    value.savefig(buffer, format="svg")
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(value)  # shown once
    return {"image/svg+xml": buffer.getvalue()}


def show_figures(seen: bool = True) -> None:
    """Show the figures that pyplot has open, below the cell that opened them, and close them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else ():
        figure = pyplot.figure(number)
        pyplot.close(number)
        if seen:
            display(figure)


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
    try:
        return json.dumps(dressed(result) if dress else result)
    except Exception as error:  # of a table that no page can set
        return json.dumps({"ok": False, "outputs": [explained(error, "")], "numbers": {}})


def start() -> None:
    """Make this process the kernel of a page."""
    sys.meta_path.insert(0, StandIns())
    os.environ["MPLBACKEND"] = "module://page_figures"
    # each time it would name the fonts for mathematics that are not here and do not matter
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


page = Page()
