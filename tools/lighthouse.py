"""Measure the built pages as a phone would, with Lighthouse: `python tools/lighthouse.py [march_2020 ...]`.

Pages are chosen by a word of their address; without one, all are measured.  Lighthouse comes from npm when it is
first asked for, and is no dependency of the book.  A page is named with its marks and, where one falls short, with
what cost it.  The mark for performance hangs on the processor: it means something where nothing else runs and
Lighthouse's own measure of the machine, which stands beside it, is 1,000 or more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

from browsers import ARGUMENTS, CHROMIUM, NO_CHROMIUM  # noqa: E402
from serve import listen  # noqa: E402

#: The last whose Node.js may be as old as that of the book.
LIGHTHOUSE = "lighthouse@12.8.2"

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")

#: What each page has to reach in each category.
ENOUGH = 95


def measure(address: str, categories: list[str]) -> dict[str, Any]:
    """Lighthouse's report on a page."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        settings = (
            f"--only-categories={','.join(categories)}",
            f"--chrome-flags=--headless {' '.join(each for each in ARGUMENTS if ' ' not in each)}",
            "--output=json",
            f"--output-path={report}",
            "--throttling-method=simulate",
            "--quiet",
        )
        done = subprocess.run(
            ["npx", "--yes", LIGHTHOUSE, address, *settings],
            cwd=folder,
            env=os.environ | {"CHROME_PATH": str(CHROMIUM)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not report.is_file():
            sys.exit(f"Lighthouse could not measure {address}:\n{done.stdout}{done.stderr}")
        read: dict[str, Any] = json.loads(report.read_text("utf8"))
        return read


def marks(report: dict[str, Any]) -> dict[str, int]:
    """Of a hundred, by category; 0 where Lighthouse came to no mark."""
    return {name: round(100 * (each["score"] or 0)) for name, each in report["categories"].items()}


def faults(report: dict[str, Any]) -> Iterator[str]:
    """What kept a category from its full mark, where that is not enough."""
    for name, mark in marks(report).items():
        if mark >= ENOUGH:
            continue
        for part in report["categories"][name]["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                yield f"{name}: {audit['title']} {audit.get('displayValue', '')}".rstrip()


def main() -> None:
    """Measure, and say what is not enough."""
    parser = argparse.ArgumentParser(description="Measure the built pages with Lighthouse, as a phone would.")
    parser.add_argument("words", nargs="*", help="of the addresses of the pages to measure; all")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--only", nargs="+", choices=CATEGORIES, default=list(CATEGORIES), metavar="CATEGORY")
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit(NO_CHROMIUM)
    found = sorted(page.relative_to(options.site).as_posix() for page in options.site.rglob("*.html"))
    pages = [page for page in found if not options.words or any(word in page for word in options.words)]
    if not pages:
        sys.exit(f"No such pages in {options.site}: run `make html`.")
    below = 0
    with listen(str(options.site), 8870) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in pages:
            report = measure(f"http://127.0.0.1:{server.server_address[1]}/{page}", options.only)
            said = ", ".join(f"{name} {mark}" for name, mark in marks(report).items())
            machine = report["environment"]["benchmarkIndex"]
            print(f"{page}: {said} (machine {machine:.0f})", *faults(report), sep="\n  ", flush=True)
            below += min(marks(report).values()) < ENOUGH
        server.shutdown()
    sys.exit(f"{below} of {len(pages)} pages are below {ENOUGH}." if below else 0)


if __name__ == "__main__":
    main()
