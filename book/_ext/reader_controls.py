"""What readers can do with a page besides reading: single keys, folded code, a record of what they have read.

The scripts are in `book/_reader/`: each page loads `reader.js`; the help that lists the keys, `reader_sheet.js`,
comes when it is opened.  A page tells its script its name, and a numbered chapter how it is called, for these are
the pages that count as read.  Nothing about a reader leaves the browser, and nothing is kept before they ask.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from built_math import run_node
from docutils import nodes
from sphinx.application import Sphinx

BUILD = Path(__file__).parents[1] / "_reader" / "build.mjs"


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give each page the script, and its name."""
    number = app.env.toc_secnumbers.get(page, {}).get("")
    chapter = ""
    if number and page in app.env.titles:
        called = f"{'.'.join(map(str, number))}. {app.env.titles[page].astext()}"
        chapter = f' data-chapter="{escape(called)}"'
    source = context["pathto"]("_static/reader.js", 1)
    script = f'<script defer src="{source}" data-page="{escape(page)}"{chapter}></script>'
    context["metatags"] = context.get("metatags", "") + script


def bundle(app: Sphinx, failure: Exception | None) -> None:
    """Make the scripts."""
    if not failure and app.builder.format == "html":
        run_node(BUILD, {"static": str(Path(app.outdir) / "_static")})


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect them."""
    app.connect("html-page-context", add_script)
    app.connect("build-finished", bundle, priority=600)  # before lean_pages looks for what its rules match
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
