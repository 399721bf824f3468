"""Below a page, with the links to the one before and the one after, what these hold: their `description`.

It is the same line of a chapter's front matter that the first page's list and search engines show.  The links
themselves are in `book/_templates/components/prev-next.html`.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell the page's templates; a page of the appendix may have no description."""
    _, *neighbours = app.builder.relations.get(page, (None, None, None))  # type: ignore[attr-defined]
    for side, neighbour in zip(("prev", "next"), neighbours, strict=True):
        context[f"{side}_description"] = app.env.metadata.get(neighbour, {}).get("description", "")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.connect("html-page-context", describe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
