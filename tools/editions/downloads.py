"""The line at the foot of each page that offers what was made: the book as PDF, as EPUB.

They are made when somebody asks for them, after the site; so the line is there from the beginning, and says
something only where there is something.  What is older than the site is no longer the same book and is taken away:
`python tools/editions/downloads.py _build/html`, which every build of the site ends with.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path

FOLDER = "downloads"
LINE = re.compile(r'<p class="editions"[^>]*>.*?</p>', re.S)
#: The files, and what a page calls them.
FILES = {"dynamic-hedging.pdf": "PDF", "dynamic-hedging.epub": "EPUB"}


def offer(site: Path) -> int:
    """Have every page offer what there is; return how many pages had to change."""
    there = {name: what for name, what in FILES.items() if (site / FOLDER / name).is_file()}
    changed = 0
    for path in site.rglob("*.html"):
        page = path.read_text("utf8")
        folder = posixpath.relpath(FOLDER, path.parent.relative_to(site).as_posix())
        new = LINE.sub(lambda _, folder=folder: line(site, there, folder), page)
        if new != page:
            path.write_text(new, "utf8")
            changed += 1
    return changed


def line(site: Path, there: dict[str, str], folder: str) -> str:
    """The line, or the place for it."""
    links = [
        f'<a href="{folder}/{name}">{what} ({(site / FOLDER / name).stat().st_size / 1e6:.1f} MB)</a>'
        for name, what in there.items()
    ]
    if not links:
        return '<p class="editions" hidden></p>'
    return f'<p class="editions">The book to print or to take along: {" · ".join(links)}</p>'


def withdraw(site: Path) -> None:
    """Take away what was made from an earlier site."""
    for name in FILES:
        (site / FOLDER / name).unlink(missing_ok=True)
    offer(site)


if __name__ == "__main__":
    withdraw(Path(sys.argv[1]))
