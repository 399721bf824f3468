"""How to cite a page: as text and as BibTeX, with title, number and address, the book's version and its day.

Authors, title, version and day stand in `CITATION.cff`, the address in `_config.yml` (public_address.py).  The
entry is a `@misc`, which every style sets without asking for a publisher that the book has not.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import latexcodec  # noqa: F401  registers the codec
import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

WANTED = ("title", "authors", "version", "date-released")


def tex(text: str) -> str:
    """Text as TeX of any age reads it."""
    return str(codecs.encode(text, "ulatex+ascii"))  # type: ignore[call-overload]


def capital(text: str) -> str:
    """Text with a capital at its beginning."""
    return text[0].upper() + text[1:]


@dataclass
class Cited:
    """What is cited, a page or the whole book."""

    book: dict[str, Any]
    title: str = ""  # of the page; empty for the book
    number: str = ""
    page: str = ""  # its name, of which the entry's key is made
    address: str = ""

    @property
    def day(self) -> date:
        """When this version was released."""
        released = self.book["date-released"]
        return released if isinstance(released, date) else date.fromisoformat(str(released))

    @property
    def version(self) -> str:
        """Which of all versions this is, with its day in words."""
        return f"version {self.book['version']}, {self.day.day} {self.day:%B %Y}"

    def part(self, of: str) -> str:
        """What part of the book the page is."""
        return f"chapter {self.number} of {of}" if self.number else f"a page of {of}"

    def plain(self) -> str:
        """As text."""
        authors = ", ".join(
            each.get("name") or f"{each.get('given-names', '')} {each.get('family-names', '')}".strip()
            for each in self.book["authors"]
        )
        what = f"“{self.title}”, {self.part(self.book['title'])}" if self.title else self.book["title"]
        return " ".join(filter(None, (f"{authors} ({self.day.year}). {what}, {self.version}.", self.address)))

    def bibtex(self) -> str:
        """As an entry of a bibliography."""
        authors = " and ".join(
            f"{{{tex(each['name'])}}}"
            if each.get("name")
            else tex(", ".join(filter(None, (each.get("family-names"), each.get("given-names")))))
            for each in self.book["authors"]
        )
        words = re.findall("[a-z0-9]+", self.book["title"].lower())[:2]
        key = "_".join(filter(None, (*words, str(self.day.year), self.page.rpartition("/")[2])))
        fields = {
            "author": authors,
            "title": f"{{{tex(self.title or self.book['title'])}}}",
            "howpublished": capital(self.part(tex(self.book["title"]))) if self.title else "",
            "year": str(self.day.year),
            "month": f"{self.day:%b}".lower(),
            "note": tex(capital(self.version)),
            "url": self.address,
        }
        # the name of a month is a macro
        given = {name: value if name == "month" else f"{{{value}}}" for name, value in fields.items() if value}
        return "\n".join([f"@misc{{{key},", *(f"  {name} = {value}," for name, value in given.items()), "}"])


def look(app: Sphinx) -> None:
    """Read what the book says of itself, or say what it lacks."""
    path = Path(app.confdir) / "CITATION.cff"
    if not path.is_file():
        raise ConfigError(f"There is no {path.name} beside _config.yml, from which pages are cited")
    said = yaml.safe_load(path.read_text("utf8")) or {}
    if missing := [name for name in WANTED if not said.get(name)]:
        raise ConfigError(f"{path.name} lacks {', '.join(missing)}, which the citation of every page says")
    app.config.cited_book = said


def offer(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Tell the page's template."""
    if doctree is None:  # the search is no page to cite
        return
    whole = page == app.config.root_doc
    number = ".".join(map(str, app.env.toc_secnumbers.get(page, {}).get("", ())))
    title = "" if whole else " ".join(app.env.titles[page].astext().split())
    context["cited"] = Cited(
        app.config.cited_book, title, number, "" if whole else page, context.get("pageurl") or ""
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it: after the page's address is known."""
    app.add_config_value("cited_book", {}, "", types=(dict,))
    app.connect("builder-inited", look)
    app.connect("html-page-context", offer, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
