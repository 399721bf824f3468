"""Links from each page to what can be taken home: the chapter as a notebook, the library's wheel.

The files themselves are made when the pages are written, by tools/take_home.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

sys.path.append(str(Path(__file__).parents[2] / "tools"))

from live_chapters import Book
from take_home import DOWNLOADS, chapters, wheel_name


def look(app: Sphinx) -> None:
    """Find out what there will be."""
    root = Path(app.confdir)
    app.config.wheel = f"{DOWNLOADS}/{wheel_name(root)}"
    app.config.notebooks = {page.name: f"{DOWNLOADS}/{page.copy}" for page in chapters(Book(root))}


def offer(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Tell the page's templates."""
    context["wheel"] = app.config.wheel
    context["notebook"] = app.config.notebooks.get(page)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect them."""
    app.add_config_value("wheel", "", "", types=(str,))
    app.add_config_value("notebooks", {}, "", types=(dict,))
    app.connect("builder-inited", look)
    app.connect("html-page-context", offer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
