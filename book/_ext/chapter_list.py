"""The chapters in their order, part by part, with a line on each: a list that cannot forget one.

    ```{chapter-list}
    ```

Parts and order come from `_toc.yml`, numbers and titles from the chapters, the line from the `description` in a
chapter's front matter, which search engines show as well.  A numbered chapter without one is reported.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


class chapter_list(nodes.Element):
    """Where the list goes."""


class ChapterList(SphinxDirective):
    """`chapter-list`: hold the place, for the other pages may not have been read yet."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark."""
        return [chapter_list()]


def parts(env: BuildEnvironment) -> list[tuple[str, list[str]]]:
    """Each part's caption and pages.  What has no caption of its own belongs to the part before it."""
    found: list[tuple[str, list[str]]] = []
    for contents in env.get_doctree(env.config.root_doc).findall(addnodes.toctree):
        if contents.get("caption") or not found:
            found.append((contents.get("caption") or "", []))
        found[-1][1].extend(page for _, page in contents["entries"] if page in env.titles)
    return found


def show(app: Sphinx, doctree: nodes.document, here: str) -> None:
    """Put the list in its place, now that all pages have been read."""
    env = app.env

    def link(page: str, text: str = "") -> nodes.reference:
        uri = app.builder.get_relative_uri(here, page)
        return nodes.reference("", text or env.titles[page].astext(), refuri=uri, internal=True)

    def chapter(page: str, number: str) -> nodes.definition_list_item:
        line = env.metadata[page].get("description")
        if not line:
            logger.warning("a chapter needs a description in its front matter", location=page, type="chapter")
        title = link(page)
        title.insert(0, nodes.inline("", f"{number} ", classes=["section-number"]))
        return nodes.definition_list_item(
            "", nodes.term("", "", title), nodes.definition("", nodes.paragraph("", line or ""))
        )

    def part(caption: str, pages: list[str]) -> list[nodes.Node]:
        numbers = {page: ".".join(map(str, env.toc_secnumbers.get(page, {}).get("", ()))) for page in pages}
        chapters = [chapter(page, number) for page, number in numbers.items() if number]
        others = [page for page, number in numbers.items() if not number]
        if not chapters:  # a line of links is enough
            links = [each for page in others for each in (nodes.Text(" · "), link(page))][1:]
            return [nodes.paragraph("", "", *([nodes.Text(f"{caption}: ")] if caption else []), *links)]
        # the page that opens a part is behind the part's name
        title = nodes.title("", "", link(others[0], caption) if others else nodes.Text(caption))
        name = nodes.make_id(f"part {caption}")
        return [nodes.section("", title, nodes.definition_list("", *chapters), ids=[name])]

    for holder in list(doctree.findall(chapter_list)):
        listed = [node for caption, pages in parts(env) for node in part(caption, pages)]
        holder.replace_self(nodes.container("", *listed, classes=["chapter-list"]))


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Any page that was read again may have another title, place or description."""
    return [env.config.root_doc]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.add_node(chapter_list)
    app.add_directive("chapter-list", ChapterList)
    app.connect("doctree-resolved", show)
    app.connect("env-updated", write_again)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
