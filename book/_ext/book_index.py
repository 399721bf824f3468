"""An index that makes itself: where the book first uses each word of its glossary, chapter by chapter.

A chapter links a word where it explains it, {term}`gamma`, to the glossary.  The first such place of a page
becomes an entry of Sphinx's index, and the directive `book-index` shows the entries of all pages from A to Z:

    ```{book-index}
    ```

A word that no page links is reported: either it is not used, or a reader will look it up in vain.
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


def glossary(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """The words of the glossary, from A to Z, each with the page and the id of its entry."""
    objects = env.domaindata["std"]["objects"]
    entries = {word: place for (kind, word), place in objects.items() if kind == "term"}
    return dict(sorted(entries.items(), key=lambda item: item[0].casefold()))


def places(env: BuildEnvironment) -> dict[str, list[tuple[str, str]]]:
    """For each word, in small letters, the pages and ids of its first uses, in the order of the book."""
    order = {page: number for number, page in enumerate(env.toctree_includes.get(env.config.root_doc, []))}
    entries = env.domaindata["index"]["entries"]
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for page in sorted(entries, key=lambda page: order.get(page, len(order))):
        for _, word, place, *_ in entries[page]:
            if place.startswith("index-"):
                found[word.casefold()].append((page, place))
    return found


def show(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the index in its place, now that all pages have been read."""
    holders = list(doctree.findall(book_index))
    if not holders:
        return
    words, used = glossary(app.env), places(app.env)
    if idle := [word for word in words if word.casefold() not in used]:
        logger.warning("words of the glossary that no chapter links: %s", ", ".join(idle), location=holders[0])

    def link(text: str, target: str, place: str) -> nodes.reference:
        uri = f"{app.builder.get_relative_uri(page, target)}#{place}"
        return nodes.reference("", text, refuri=uri, internal=True)

    def row(word: str) -> nodes.definition_list_item:
        links = (link(app.env.titles[target].astext(), target, place) for target, place in used[word.casefold()])
        items = (nodes.list_item("", nodes.paragraph("", "", each)) for each in links)
        term = nodes.term("", "", link(word, *words[word]))
        return nodes.definition_list_item("", term, nodes.definition("", nodes.bullet_list("", *items)))

    for holder in holders:
        letters: list[nodes.Node] = []
        for letter, some in groupby(words, key=lambda word: word[0].upper()):
            rows = nodes.definition_list("", *map(row, some), classes=["book-index"])
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
