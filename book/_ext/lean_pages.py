"""Load on a page only what the page uses.

A stock page of this theme loads 3.5 MB, among it a script of icons, a live-code client and a widget manager,
all from other hosts. Here the templates name one style sheet and one script, and when all pages are written
`lean_pages.mjs` makes that style sheet: the book's own look in place of the theme's, the rules of code and
mathematics, minus what matches nothing on any page. It becomes part of each page. What no page refers to is then
removed from the site.
"""

from __future__ import annotations

import posixpath
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from built_math import run_node
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from hedgelab.explorers.base import STATIC as EXPLORERS

#: Rules in the order of the cascade.  {static} is the built site's folder of static files.
STYLES = (
    "{static}/pygments.css",
    str(files("sphinx_design") / "static/sphinx-design.min.css"),
    "{static}/math.css",
    str(EXPLORERS / "explorers.css"),
)

#: The rules of what else is on a page; without its script nothing of it matches.
MORE = [str(Path(__file__).parents[1] / f"_{part}" / f"{part}.css") for part in ("run", "closer", "reader")]

#: The files of the static folder that the site needs; the rest came with the theme and its extensions.
KEPT = re.compile(
    r"(pygments|math)\.css|(book|closer|explorers|reader|reader_sheet|run|run_page|search)\.js|(logo|favicon)\.svg|"
    r"(closer|fonts|math|run|search)/.*"
)

#: The faces of the first screen: text, and headings with the page's controls.
PRELOADED = ("source-serif-4-latin-wght-normal.woff2", "source-sans-3-latin-wght-normal.woff2")


def leave_out_thebe(app: Sphinx, config: Config) -> None:
    """Jupyter Book always loads the live-code client; nothing of it belongs on a page."""
    for name in (
        "builder-inited",
        "env-before-read-docs",
        "doctree-resolved",
        "html-page-context",
        "config-inited",
    ):
        for listener in list(app.events.listeners.get(name, [])):
            if listener.handler.__module__.partition(".")[0] in ("sphinx_thebe", "sphinx_comments"):
                app.disconnect(listener.id)


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the page the description that search engines show: its own, or how its text begins."""
    own = (app.env.metadata.get(page) or {}).get("description")
    if not own and doctree is not None:
        paragraphs = (
            part.astext() for part in doctree.findall(nodes.paragraph) if isinstance(part.parent, nodes.section)
        )
        own = next((text for text in paragraphs if len(text) > 60), None)
    text = " ".join((own or f"{context.get('title', '')}: {app.config.html_title}").split())
    context["description"] = text if len(text) < 160 else text[:157].rsplit(" ", 1)[0] + " …"
    context["preloaded_fonts"] = PRELOADED


def unlist_citations(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Drop the role of the bibliography: docutils calls it a list, but its entries (rightly) not list items."""
    context["body"] = context.get("body", "").replace(
        '<div role="list" class="citation-list">', '<div class="citation-list">'
    )


def open_at_the_root(site: Path, root: str) -> None:
    """Make the site's address itself show the first page, rather than a redirect to it."""
    first = (site / f"{root}.html").read_text("utf8")

    def seen_from_there(found: re.Match[str]) -> str:
        return f'{found[1]}="{posixpath.normpath(posixpath.join(posixpath.dirname(root), found[2]))}'

    # not by a <base>, which would make each link within the page leave it
    if root != "index":
        relative = r'\b(href|src|action)="(?![a-z]+:|//|#|")([^"#?]*)'
        (site / "index.html").write_text(re.sub(relative, seen_from_there, first), "utf8")


def trim(app: Sphinx, failure: Exception | None) -> None:
    """Make the style sheet and remove what no page refers to."""
    if failure or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    open_at_the_root(site, app.config.root_doc)
    own = Path(app.confdir) / "book" / "_static"
    for script in ("book.js", "logo.svg", "favicon.svg"):
        (static / script).write_bytes((own / script).read_bytes())
    (static / "explorers.js").write_bytes((EXPLORERS / "element.js").read_bytes())
    run_node(
        Path(__file__).with_suffix(".mjs"),
        {
            "site": str(site),
            "styles": [*(style.format(static=static) for style in STYLES), str(own / "book.css"), *MORE],
            "scripts": [str(script) for script in sorted(static.glob("*.js")) if KEPT.fullmatch(script.name)],
        },
    )
    for path in sorted(static.rglob("*"), reverse=True):
        if path.is_file() and not KEPT.fullmatch(path.relative_to(static).as_posix()):
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect them."""
    app.connect("config-inited", leave_out_thebe, priority=100)
    app.connect("html-page-context", describe, priority=900)
    app.connect("html-page-context", unlist_citations, priority=900)
    app.connect("build-finished", trim, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
