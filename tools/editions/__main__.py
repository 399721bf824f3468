"""`python -m editions pdf` and `... epub`, with this folder's parent on the path; `tools/book.py` calls it."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from editions import checks, downloads, ebook, paper
from editions.pages import ROOT, described, read


def main() -> None:
    """Make one of them, look at it, and offer it on the site."""
    parser = argparse.ArgumentParser(prog="editions", description="The book to print or to read on a reader.")
    parser.add_argument("what", choices=["pdf", "epub"])
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site; %(default)s")
    options = parser.parse_args()
    began, site = time.monotonic(), options.site.resolve()
    into = site / downloads.FOLDER / f"dynamic-hedging.{options.what}"
    into.unlink(missing_ok=True)
    try:
        # the library's reference is for looking things up beside the code: half as many pages again, on a screen
        edition = read(site, described(), without=paper.REFERENCE if options.what == "pdf" else "")
        if options.what == "pdf":
            with paper.chromium() as browser:
                pages = paper.make(site, edition, into, site.parent / "print", browser)
            faults = checks.faults_of_pdf(into)
        else:
            pages = ebook.make(edition, into)
            faults = checks.faults_of_epub(into)
    except (RuntimeError, ValueError, FileNotFoundError) as error:
        sys.exit(f"The book was not made: {error}")
    if faults:
        into.unlink()
        sys.exit(f"The {options.what} would have these faults:\n" + "\n".join(faults))
    downloads.offer(site)
    unit = "pages" if options.what == "pdf" else "files"
    print(
        f"{into}: {pages} {unit}, {into.stat().st_size / 1e6:.1f} MB, {time.monotonic() - began:.0f} seconds; "
        "every page of the site links to it."
    )


if __name__ == "__main__":
    main()
