"""Write what a chapter's cells gave also into the notebook of a chapter that was not executed again.

MyST-NB leaves each notebook, with its outputs, in `jupyter_execute`, of which the notebooks to take home are made.
Where the outputs came from its cache, it puts them into a copy of the notebook, shows that on the page, and writes
the other: a chapter whose prose was changed, and every one after a change of the style, would be taken home empty.
"""

from __future__ import annotations

from typing import Any

from myst_nb.core.execute.cache import NotebookClientCache
from sphinx.application import Sphinx

start = NotebookClientCache.start_client


def start_whole(client: NotebookClientCache) -> None:
    """Start as ever; the notebook that was handed in has the outputs, too."""
    written = client.notebook
    start(client)
    if client.notebook is not written:
        for ours, theirs in zip(written.cells, client.notebook.cells, strict=True):
            if ours.cell_type == "code":
                ours.outputs = theirs.outputs


def setup(app: Sphinx) -> dict[str, Any]:
    """Start each notebook so."""
    NotebookClientCache.start_client = start_whole  # type: ignore[method-assign]
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
