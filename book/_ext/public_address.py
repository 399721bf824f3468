"""Where the site stands: one setting makes its canonical links, its sitemap, and the card beside a link to it.

    html:
      baseurl: https://somebody.github.io/hedging/

in `_config.yml`.  Without it the site is whole, and works wherever it lies; it only has nothing that needs to name
its own address.  In any case it has an empty `.nojekyll` (GitHub Pages would leave out folders like `_static`).
The notebooks to take home (tools/take_home.py) know the address, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

CARD = "_static/card.png"


def check(app: Sphinx, config: Config) -> None:
    """Refuse what is no address; one without a slash at its end gets it."""
    address = config.html_baseurl or ""
    parts = urlsplit(address)
    if address and not (parts.scheme in ("http", "https") and parts.netloc and not parts.query + parts.fragment):
        raise ConfigError(f"html: baseurl must be an address such as https://host/path/, got {address!r}")
    config.html_baseurl = f"{address.rstrip('/')}/" if address else ""


def name_address(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell the page's templates its own address: the first page's is the site's."""
    if address := app.config.html_baseurl:
        context["pageurl"] = address if page == app.config.root_doc else f"{address}{page}.html"
        context["card"] = None if page == "search" else f"{address}{CARD}"


def sitemap(address: str, pages: list[str]) -> str:
    """Every page's address, for search engines."""
    listed = "".join(f"<url><loc>{escape(address + page)}</loc></url>\n" for page in pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</urlset>\n'
    )


def write_files(app: Sphinx, failure: Exception | None) -> None:
    """Lay beside the pages what hosts and search engines look for."""
    if failure or app.builder.format != "html":
        return
    site = Path(app.outdir)
    (site / ".nojekyll").touch()
    named = (site / "sitemap.xml", site / "robots.txt", site / CARD)
    if not (address := app.config.html_baseurl):
        for path in named:
            path.unlink(missing_ok=True)
        return
    from hedgelab.figures.social_card import social_card

    root = app.config.root_doc
    pages = [f"{page}.html" for page in sorted(app.env.found_docs) if page != root]
    named[0].write_text(sitemap(address, ["", *pages]), "utf8")
    named[1].write_text(f"User-agent: *\nAllow: /\nSitemap: {address}sitemap.xml\n", "utf8")
    named[2].parent.mkdir(exist_ok=True)
    named[2].write_bytes(social_card(app.config.project, app.config.author))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect them; the files come last, after what the site does not need was removed."""
    app.connect("config-inited", check)
    app.connect("html-page-context", name_address)
    app.connect("build-finished", write_files, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
