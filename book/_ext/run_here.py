"""Let readers run and change a page's code in their own browser.

Each cell gets a name, and each page with code a list of all its cells, hidden ones as well, and `run.js`, which
has the buttons; `run_page.js`, which does what they say, comes when a reader is about to press one.  Both are made
from the modules in `book/_run/`; the Python that they start was laid out by `tools/browser_python.py` and becomes
part of the site.  Where none was laid out, or a reader has no JavaScript, pages are as they were.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from built_math import run_node
from docutils import nodes
from light_code import LightFormatter
from pygments.token import STANDARD_TYPES, Token
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

from hedgelab.figures import PALETTE

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "book" / "_run"

#: What starts Python beside a page, and what that imports.
WORKER = (SCRIPTS / "worker.js", SCRIPTS / "python.mjs")

#: What the kernel in the browser consists of: itself, the notes of `make lab`, and how tables are set.
KERNEL = (
    SCRIPTS / "cells.py",
    SCRIPTS / "snapshots.py",
    SCRIPTS / "page_figures.py",
    ROOT / "jupyter_config" / "ipython" / "profile_default" / "conclusions.py",
    ROOT / "book" / "_ext" / "readable_tables.py",
)

#: What the scripts tell apart in code that is edited, in the colours of the rest.
KINDS = {
    "comment": Token.Comment.Single,
    "string": Token.Literal.String.Double,
    "number": Token.Literal.Number.Integer,
    "keyword": Token.Keyword,
    "operator": Token.Operator,
}

#: What stays beside the Python and is no part of the site.
BOOKKEEPING = shutil.ignore_patterns(".*")

#: Where what is done to the whole page will stand, before the first cell with code: empty until a script fills it.
PLACE = '<div class="run-page pst-js-only d-print-none"></div>\n'
FIRST_CODE = re.compile(
    r'<div class="cell [^>]*id="cell-\d+"[^>]*>(?=(?:(?!<div class="cell ).)*?<div class="cell_input)', re.DOTALL
)

#: Matplotlib's own black and white are the page's ink and paper.
COLOURS = {value: name for name, value in PALETTE.items()} | {"#000000": "ink", "#ffffff": "paper"}


class NameCells(SphinxPostTransform):
    """Give each cell of a notebook that shows on its page the name "cell-N"."""

    default_priority = 1
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Name them by their places in the notebook."""
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code":
                cell["ids"].append(f"cell-{cell['cell_index']}")


def laid_out(app: Sphinx) -> Path | None:
    """The folder of the browser's Python, if there is one."""
    folder = Path(app.confdir) / app.config.browser_python
    return folder if (folder / "files.json").is_file() else None


def version() -> str:
    """Addresses of what comes later end with it: a browser that kept an older one fetches this."""
    scripts = sorted({*WORKER, *SCRIPTS.glob("*.mjs")})
    return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()[:8]


def cells_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """All code of an executed notebook in order, and what of it shows."""
    return [
        {
            "id": place,
            "source": "".join(cell["source"]),
            "shown": "remove-cell" not in cell["metadata"].get("tags", []),
        }
        for place, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code"
    ]


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give a page with code in sight the script, and write down its cells."""
    folder = laid_out(app)
    code = doctree is not None and any(
        node.get("nb_element") == "cell_code_source" for node in doctree.findall(nodes.container)
    )
    if not (folder and code):
        return
    executed = Path(app.env.mystnb_config.output_folder) / f"{page}.ipynb"  # type: ignore[attr-defined]
    listed = Path(app.outdir) / "_static" / "run" / "cells" / f"{page}.json"
    listed.parent.mkdir(parents=True, exist_ok=True)
    cells = cells_of(json.loads(executed.read_text("utf8")))
    digest = hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:8]  # the page's cells, and no newer page's
    listed.write_text(json.dumps({"digest": digest, "palette": COLOURS, "cells": cells}), "utf8")
    size = sum(file["bytes"] for file in json.loads((folder / "files.json").read_text("utf8"))["files"].values())
    kinds = LightFormatter.kinds
    colours = " ".join(f"{name}:{STANDARD_TYPES[kinds.get(kind, kind)]}" for name, kind in KINDS.items())
    context["body"] = FIRST_CODE.sub(lambda cell: PLACE + cell[0], context["body"], count=1)
    pathto = context["pathto"]
    context["metatags"] = (
        f'{context.get("metatags", "")}<script defer src="{pathto("_static/run.js", 1)}" '
        f'data-cells="{pathto(f"_static/run/cells/{page}.json", 1)}?{digest}" data-megabytes="{size / 1e6:.0f}" '
        f'data-colours="{colours}" data-version="{version()}"></script>'
    )


def link_or_copy(source: str, target: str) -> None:
    """Forty megabytes that are on this disk already."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def bring(app: Sphinx, failure: Exception | None) -> None:
    """Put the browser's Python into the site, with the scripts that use it."""
    folder = laid_out(app)
    if failure or app.builder.format != "html" or not folder:
        return
    static = Path(app.outdir) / "_static"
    for old in (static / "run").glob("*.*"):  # not the pages' cells
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(folder, static / "run", copy_function=link_or_copy, dirs_exist_ok=True, ignore=BOOKKEEPING)
    kernel = {path.name: path.read_text("utf8") for path in KERNEL}
    (static / "run" / "kernel.json").write_text(json.dumps(kernel), "utf8")
    for script in WORKER:
        text = script.read_text("utf8").replace('"./python.mjs"', f'"./python.mjs?{version()}"')
        (static / "run" / script.name).write_text(text, "utf8")
    run_node(SCRIPTS / "build.mjs", {"static": str(static)})


def choose(app: Sphinx, config: Config) -> None:
    """Build pages again when the browser's Python comes or goes."""
    config.has_browser_python = laid_out(app) is not None


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.add_config_value("browser_python", "_build/browser_python", "html")
    app.add_config_value("has_browser_python", False, "html")
    app.add_post_transform(NameCells)
    app.connect("config-inited", choose)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", bring, priority=600)  # before lean_pages looks for what its rules match
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
