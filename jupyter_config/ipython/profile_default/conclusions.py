"""An IPython extension for readers who change a number and see what breaks.

The chapters pin what they conclude with `assert`.  Where the book is built a false one stops everything.  Here a
conclusion that holds no longer says so below its cell, and the run goes on.
"""

from __future__ import annotations

import ast
import html
import sys
from collections import Counter
from numbers import Number
from types import FrameType, TracebackType

from IPython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

#: A loop may ask the same a thousand times; its first failures will do.
MOST_NOTES = 3
STYLE = "border-left: 4px solid var(--jp-warn-color1, #f57c00); padding: 0.4em 0.8em; margin: 0.2em 0"

noted: Counter[str] = Counter()


class KeepGoing(ast.NodeTransformer):
    """Follow each assertion with what happens if it fails: a note."""

    def visit_Assert(self, node: ast.Assert) -> ast.Try:
        """Wrap it where it stands, so that its names mean what they meant."""
        asserted = ast.unparse(node.test)
        (wrapped,) = ast.parse(f"try: pass\nexcept Exception: __import__('conclusions').note({asserted!r})").body
        assert isinstance(wrapped, ast.Try)
        for part in ast.walk(wrapped):
            ast.copy_location(part, node)
        wrapped.body = [node]
        return wrapped

    def visit_Try(self, node: ast.Try) -> ast.Try:
        """Code that catches an error itself goes on catching it."""
        rest = [*node.handlers, *node.orelse, *node.finalbody]
        if not node.handlers:
            rest += node.body
        for part in rest:
            self.visit(part)
        return node


def note(asserted: str) -> None:
    """Say below the cell that an assertion failed, or that it could not be checked; called where it was caught."""
    error = sys.exc_info()[1]
    if error is None or get_ipython() is None:  # in a worker process nobody reads notes
        raise
    noted[asserted] += 1
    if noted[asserted] > MOST_NOTES:
        return
    if isinstance(error, AssertionError):
        headline, reason = "This conclusion holds no longer", str(error)
    else:
        headline, reason = "This conclusion cannot be checked any longer", f"{type(error).__name__}: {error}"
    values = ", ".join(f"{name} is {value}" for name, value in values_in(asserted, error.__traceback__).items())
    rest = [each for each in (reason, values) if each]
    display(
        {
            "text/plain": "\n".join([f"{headline}: {asserted}", *rest]),
            "text/html": f'<div role="note" style="{STYLE}"><strong>{headline}:</strong> '
            f"<code>{html.escape(asserted)}</code>{''.join(f'<br>{html.escape(each)}' for each in rest)}</div>",
        },
        raw=True,
    )


def values_in(asserted: str, traceback: TracebackType | None) -> dict[str, str]:
    """The numbers that the assertion names, as they were when it failed."""
    frame: FrameType | None = traceback.tb_frame if traceback else None
    known = frame.f_globals | frame.f_locals if frame else {}
    names = (node.id for node in ast.walk(ast.parse(asserted, mode="eval")) if isinstance(node, ast.Name))
    numbers = {name: known[name] for name in dict.fromkeys(names) if isinstance(known.get(name), Number)}
    return {
        name: f"{number:.6g}" if isinstance(number, float) else str(number) for name, number in numbers.items()
    }


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Called by IPython when the kernel starts."""
    shell.ast_transformers.append(KeepGoing())
    shell.events.register("pre_run_cell", lambda info: noted.clear())
