"""Execute as many chapters at a time as there are cores, while Sphinx reads the pages that need no kernel.

MyST-NB executes a notebook when Sphinx reads it, one after the other, on one core.  Here those that are not in its
cache begin before the first page is read, the longest first, each in a kernel of its own; where MyST-NB would
execute one it gets what came of it, and does with that what it always does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from live_numbers import glue_numbers
from myst_nb.core.execute import cache as executing
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

#: What was begun, by its code.
BEGUN: dict[tuple[str, ...], Future[ExecutionResult]] = {}

Task = tuple[Future[ExecutionResult], Callable[[], ExecutionResult]]


def code(notebook: NotebookNode) -> tuple[str, ...]:
    """What is executed."""
    return tuple(cell.source for cell in notebook.cells if cell.cell_type == "code")


def begin(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Start the notebooks that are not in the cache, and have them read last, in the order in which they begin."""
    config = env.mystnb_config  # type: ignore[attr-defined]
    if config.execution_mode != "cache":
        return
    cache = get_cache(config.execution_cache_path or ".jupyter_cache")
    cache.list_project_records()  # makes its tables, which several processes at once would make twice
    if app.parallel > 1:
        return  # processes that read side by side execute what they read, and know of no thread of this one
    unknown: dict[str, tuple[Path, NotebookNode]] = {}
    for name in names:
        path = Path(env.doc2path(name))
        source = [path.read_text("utf8")]
        glue_numbers(app, name, source)
        reader = create_nb_reader(str(path), env.myst_config, config, source[0])  # type: ignore[attr-defined]
        if reader and any(code(notebook := reader.read(source[0]))):
            try:
                cache.match_cache_notebook(notebook)
            except KeyError:
                unknown[name] = path, notebook
    last = sorted(unknown, key=lambda name: -sum(map(len, code(unknown[name][1]))))
    names[:] = [name for name in names if name not in unknown] + last
    tasks: SimpleQueue[Task | None] = SimpleQueue()
    for name in last:
        path, notebook = unknown[name]
        BEGUN[code(notebook)] = future = Future()
        tasks.put((future, lambda path=path, notebook=notebook: execute(notebook, path, config)))  # type: ignore[misc]
    for _ in range(min(cores(), len(last))):
        tasks.put(None)
        # a build that fails does not wait for the others: a kernel ends with who started it
        Thread(target=work, args=(tasks,), daemon=True).start()


def cores() -> int:
    """How many of the machine's this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def execute(notebook: NotebookNode, path: Path, config: Any) -> ExecutionResult:
    """Execute a notebook as MyST-NB would."""
    with TemporaryDirectory() if config.execution_in_temp else nullcontext(str(path.parent)) as folder:
        return single_nb_execution(
            notebook,
            cwd=os.path.abspath(folder),
            timeout=config.execution_timeout,
            allow_errors=config.execution_allow_errors,
        )


def work(tasks: SimpleQueue[Task | None]) -> None:
    """Do one after the other, until there is none."""
    while task := tasks.get():
        future, do = task
        try:
            future.set_result(do())
        except BaseException as error:
            future.set_exception(error)


def executed(notebook: NotebookNode, *settings: Any, **more: Any) -> ExecutionResult:
    """What came of a notebook that was begun; any other is executed now."""
    future = BEGUN.pop(code(notebook), None)
    if not future:
        return single_nb_execution(notebook, *settings, **more)
    result = future.result()
    notebook.metadata |= result.nb.metadata
    for ours, theirs in zip(notebook.cells, result.nb.cells, strict=True):
        if ours.cell_type == "code":
            ours.outputs, ours.execution_count = theirs.outputs, theirs.execution_count
    result.nb = notebook
    return result


def setup(app: Sphinx) -> dict[str, Any]:
    """Begin before the first page is read."""
    executing.single_nb_execution = executed
    app.connect("env-before-read-docs", begin)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
