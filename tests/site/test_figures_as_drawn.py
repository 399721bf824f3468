"""A figure on a page is short of most of what Matplotlib wrote, and shows the same."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from browsing import CHAPTERS, ROOT
from PIL import Image
from playwright.sync_api import Browser, Page

from hedgelab.figures import PALETTE

#: What Matplotlib draws in black is in the page's ink; corners are round, as its own style sheet has them.
FRAME = f"""<!doctype html><style>{{rules}}</style><style>
    svg {{{{ display: block; width: 640px; height: auto; fill: {PALETTE["ink"]}; stroke-linejoin: round }}}}
    svg * {{{{ font-family: sans-serif !important }}}}
</style>{{svg}}"""

#: Pages with curves, dots, areas, formulas; and the pictures of all explorers.
SOME = [
    CHAPTERS[0],
    "book/insurance/synthetic_put.html",
    "book/smile/volatility_surface.html",
    "book/explorers.html",
]

LETTERS = """[...document.querySelectorAll("text")].map(it => {
    const { x, y, width, height } = it.getBoundingClientRect();
    return [it.textContent.trim(), getComputedStyle(it).fill, x, y, width, height];
})"""


@pytest.fixture(scope="module")
def paper(browser: Browser) -> Iterator[Page]:
    """An empty page."""
    context = browser.new_context(device_scale_factor=2, viewport={"width": 700, "height": 900})
    yield context.new_page()
    context.close()


def seen(paper: Page, svg: str, rules: str = "") -> tuple[list[list[Any]], np.ndarray]:
    """What one sees of a figure: where its letters are, and all but them, as means of four by four points.

    A letter that moves by a hundredth of a point may be drawn in the next one.
    """
    paper.set_content(FRAME.format(rules=rules, svg=svg))
    letters = paper.evaluate(LETTERS)
    paper.add_style_tag(content="text { visibility: hidden }")
    shot = Image.open(io.BytesIO(paper.locator("svg").screenshot())).convert("RGB")
    return letters, np.asarray(shot.reduce(4)).astype(int)


def drawn(path: str) -> list[str]:
    """The figures of a page as Matplotlib wrote them, the pictures of its explorers among them."""
    notebook = ROOT / "_build" / "jupyter_execute" / path.replace(".html", ".ipynb")
    cells = json.loads(notebook.read_text("utf8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    written = ["".join(data[kind]) for data in outputs for kind in ("image/svg+xml", "text/html") if kind in data]
    return [svg for text in written for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]


@pytest.mark.parametrize("path", SOME)
def test_every_figure_looks_as_it_was_drawn(site, paper, path):
    """Nowhere other by more than a shade, where a tick that is missing is twice as much."""
    page = (site / path).read_text("utf8")
    rules = "".join(re.findall(r"<style>(.*?)</style>", page))
    figures = re.findall(r'class="(?:figure-box|explorer-stage)"[^>]*>\s*(<svg.*?</svg>)', page, re.DOTALL)
    sources = drawn(path)
    assert len(figures) == len(sources) > 2
    for figure, source in zip(figures, sources, strict=True):
        letters, here = seen(paper, figure, rules)
        meant, there = seen(paper, source.replace("#000000", PALETTE["ink"]))
        assert [it[:2] for it in letters] == [it[:2] for it in meant]
        assert np.array([it[2:] for it in letters]) == pytest.approx(np.array([it[2:] for it in meant]), abs=0.05)
        assert here.shape == there.shape
        assert np.abs(here - there).max() < 32, figure[:200]
        assert len(figure) < 0.5 * len(source)
