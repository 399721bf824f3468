"""An index that makes itself: where the book first uses each word of its glossary, chapter by chapter.

A chapter links a word where it explains it, {term}`gamma`, to the glossary.  The first such place of a page becomes
an entry of Sphinx's index, and the directive `book-index` shows the entries of all pages from A to Z:

    ```{book-index}
    ```

A word in a heading or a figure's caption is not counted: the text explains it.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


class IndexFirstUses(SphinxTransform):
    """Give the first link to each word of the glossary a place that the index can name."""

    default_priority = 500  # before Sphinx collects a page's entries, at 850

    def apply(self, **kwargs: Any) -> None:
        """Only in pages with code: those are the chapters."""
        if "kernelspec" not in self.env.metadata.get(self.env.docname, {}):
            return
        seen: set[str] = set()
        for link in list(self.document.findall(addnodes.pending_xref)):
            word = " ".join(link["reftarget"].split())
            if link["reftype"] != "term" or word.casefold() in seen:
                continue
            seen.add(word.casefold())
            place = f"index-{nodes.make_id(word)}"
            entry = addnodes.index(entries=[("single", word, place, "", None)])
            link.parent.insert(link.parent.index(link), [entry, nodes.target("", "", ids=[place])])


class book_index(nodes.Element):
    """Where the index goes."""


class BookIndex(SphinxDirective):
    """`book-index`: the words of the glossary and the chapters that use them."""

    def run(self) -> list[nodes.Node]:
        """Hold the place: the other pages may not have been read yet."""
        return [book_index()]


def places(env: BuildEnvironment) -> dict[str, list[tuple[str, str]]]:
    """For each word as the glossary spells it, pages and ids, in the order of the book."""
    spelt = {word.casefold(): word for (kind, word) in env.domaindata["std"]["objects"] if kind == "term"}
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    order = {page: number for number, page in enumerate(env.toctree_includes.get(env.config.root_doc, []))}
    entries = env.domaindata["index"]["entries"]
    for page in sorted(entries, key=lambda page: order.get(page, len(order))):
        for _, word, place, *_ in entries[page]:
            if place.startswith("index-") and word.casefold() in spelt:
                found[spelt[word.casefold()]].append((page, place))
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def show(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the index in its place, now that all pages have been read."""
    for holder in list(doctree.findall(book_index)):
        glossary = {word: place for (kind, word), place in app.env.domaindata["std"]["objects"].items() if kind == "term"}
        index = places(app.env)
        if idle := sorted(set(glossary) - set(index)):
            logger.warning("words of the glossary that no chapter links: %s", ", ".join(idle), location=holder)

        def link(text: str, target: str, place: str) -> nodes.reference:
            uri = f"{app.builder.get_relative_uri(page, target)}#{place}"  # noqa: B023
            return nodes.reference("", text, refuri=uri, internal=True)

        letters: list[nodes.Node] = []
        for letter, words in groupby(index, key=lambda word: word[0].upper()):
            rows = nodes.definition_list(classes=["book-index"])
            for word in words:
                used = [link(app.env.titles[target].astext(), target, place) for target, place in index[word]]
                listed = nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", "", one)) for one in used))
                term = nodes.term("", "", link(word, *glossary[word]))
                rows += nodes.definition_list_item("", term, nodes.definition("", listed))
            letters += [nodes.rubric("", letter), rows]
        holder.replace_self(letters)


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Any page that was read again may have moved a word."""
    return [page for page, names in env.metadata.items() if "book-index" in names]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.add_node(book_index)
    app.add_transform(IndexFirstUses)
    app.add_directive("book-index", BookIndex)
    app.connect("doctree-resolved", show)
    app.connect("env-updated", write_again)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
