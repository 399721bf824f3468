"""Let readers look closer: previews of what links lead to, figures as large as the window, a citation to copy.

Once all pages are written, `book/_closer/build.mjs` makes

- `_static/closer.js`, which every page has, from the modules in `book/_closer`;
- `_static/closer/….js` for each page that has terms, sources, equations, figures, footnotes or exercises to which
  other pages lead: only these, as they stand there. It comes when a reader first rests on a link to one of them;
  being a script, it also comes where pages are opened from a folder.

What there is to cite is written by `citation.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from built_math import run_node
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

BUILD = Path(__file__).resolve().parents[1] / "_closer" / "build.mjs"


def make(app: Sphinx, failure: Exception | None) -> None:
    """Make the scripts, from the pages with their mathematics typeset."""
    if failure or app.builder.name != "html":
        return
    answer = run_node(BUILD, {"site": str(app.outdir), "pages": sorted(app.env.found_docs)})
    logger.info("%d places have a preview on other pages", answer["places"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it: after the mathematics, before the style sheet, which looks at what scripts use."""
    app.connect("build-finished", make, priority=660)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
