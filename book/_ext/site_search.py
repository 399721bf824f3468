"""Make the site's search, in place of Sphinx's.

Sphinx looks for whole words in whole pages, spelt as the page spells them. Here, once all pages are written,
`book/_search/build.mjs` reads them place by place (sections, terms, exercises, figures, equations, explorers,
sources, names of the library) and writes the index of their words, what each place says, and what searches:

- `_static/search.js` comes when a reader opens the search, and brings MiniSearch, which finds and weighs words;
  with it comes `_static/search/places.js`, the names of the places;
- `_static/search/terms.js`, which words are in which places, comes with the first letter;
- `_static/search/text-….js`, what one page says, with a result on that page, to quote from.

All are scripts, so that the search also works in pages opened from a folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from built_math import run_node
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

BUILD = Path(__file__).resolve().parents[1] / "_search" / "build.mjs"


def keep_the_page(app: Sphinx, config: Config) -> None:
    """The search's page is one like others; Sphinx makes its own only with its own index."""
    config.html_additional_pages["search"] = "search.html"


def leave_out_sphinx(app: Sphinx) -> None:
    """No index but ours."""
    app.builder.search = False


def name_the_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """For the browser's tab and for search engines."""
    if page == "search":
        context["title"] = "Search"


def in_order(env: BuildEnvironment, page: str) -> Iterator[str]:
    """A page and the pages under it, as the contents have them."""
    yield page
    for below in env.toctree_includes.get(page, ()):
        yield from in_order(env, below)


def make_search(app: Sphinx, failure: Exception | None) -> None:
    """Make index and script, from the pages with their mathematics typeset."""
    if failure or app.builder.name != "html":
        return
    pages = list(dict.fromkeys(in_order(app.env, app.config.root_doc)))
    run_node(BUILD, {"site": str(app.outdir), "pages": pages})


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect them: after the mathematics, before the style sheet, which looks at what scripts use."""
    app.connect("config-inited", keep_the_page)
    app.connect("builder-inited", leave_out_sphinx)
    app.connect("html-page-context", name_the_page, priority=800)
    app.connect("build-finished", make_search, priority=650)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
