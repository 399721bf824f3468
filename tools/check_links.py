"""Check every link inside the built book: `python tools/check_links.py _build/html`.

A link must lead to a file that exists and, if it names a place in it, to an element with that id.  Links to other
sites are not followed.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit


class Page(HTMLParser):
    """The places that a page offers and those that it links to."""

    def __init__(self, path: Path, site: Path) -> None:
        super().__init__()
        self.base = path.relative_to(site).as_posix()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.feed(path.read_text("utf8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note ids, links, and a base that all links are relative to."""
        given = dict(attrs)
        if tag == "base" and given.get("href"):
            self.base = urljoin(self.base, given["href"])
            return
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.links.update(str(given[name]) for name in ("href", "src", "action") if given.get(name))


def broken_links(site: Path) -> list[str]:
    """One line for each link that leads nowhere, and for each id that a page gives twice."""
    pages = {path.relative_to(site).as_posix(): Page(path, site) for path in sorted(site.rglob("*.html"))}
    wrong = []
    for name, page in pages.items():
        wrong += [
            f"{name}: the id {twice!r} is given twice"
            for twice in sorted({i for i in page.ids if page.ids.count(i) > 1})
        ]
        for link in sorted(page.links):
            parts = urlsplit(urljoin(page.base, link))
            if parts.scheme or parts.netloc:
                continue
            target = unquote(parts.path) or page.base
            if not (site / target).is_file():
                wrong.append(f"{name}: {link} leads to no file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                wrong.append(f"{name}: {link} names no place in {target}")
    return wrong


def main() -> None:
    """Print what is broken; fail if anything is."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html")
    if not (site / "index.html").is_file():
        sys.exit(f"There is no book in {site}: run `make html`.")
    if wrong := broken_links(site):
        sys.exit("\n".join(wrong))
    print(f"Every link inside {site} leads somewhere.")


if __name__ == "__main__":
    main()
