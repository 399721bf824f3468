"""What the cells of a chapter gave, whole: printed in one piece, also in the notebook, also where it was known.

A kernel sends what a cell prints in pieces, cut wherever its clock finds it.  MyST-NB joins them with a line end
after each, so that on a busy machine a line came with an empty one below it.

MyST-NB leaves each notebook, with its outputs, in `jupyter_execute`, of which the notebooks to take home are made.
Where the outputs came from its cache, it puts them into a copy of the notebook, shows that on the page, and writes
the other: a chapter whose prose was changed, and every one after a change of the style, would be taken home empty.
"""

from __future__ import annotations

from typing import Any

from myst_nb.core.execute.cache import NotebookClientCache
from nbformat import NotebookNode
from sphinx.application import Sphinx

start = NotebookClientCache.start_client


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs of a cell, with what it printed as one, where its first piece was."""
    whole: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type == "stream" and output.name in streams:
            streams[output.name].text += output.text
            continue
        if output.output_type == "stream":
            streams[output.name] = output
        whole.append(output)
    return whole


def start_whole(client: NotebookClientCache) -> None:
    """Start as ever; then the notebook that is shown is whole, and the one that is written is it."""
    written = client.notebook
    start(client)
    for ours, shown in zip(written.cells, client.notebook.cells, strict=True):
        if shown.cell_type == "code":
            ours.outputs = shown.outputs = joined(shown.outputs)


def setup(app: Sphinx) -> dict[str, Any]:
    """Start each notebook so."""
    NotebookClientCache.start_client = start_whole  # type: ignore[method-assign]
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
