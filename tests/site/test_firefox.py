"""A second browser: in Firefox, too, every page loads in silence and every explorer counts as Python does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from browsing import HALF_FORMULAS, Visit, open_window, settle
from driving import EXPLORERS, PROBES, Driven, differing
from playwright.sync_api import Browser, Locator

#: How many pixels of each of an explorer's charts are drawn, and in how many colours.
DRAWN = """(explorer) => [...explorer.querySelectorAll("canvas")].map((canvas) => {
    const { width, height } = canvas;
    const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
    const seen = pixels.filter((pixel) => pixel >>> 24);
    return [seen.length, new Set(seen).size];
})"""


@dataclass(frozen=True)
class Placed(Driven):
    """An explorer on any page, where the second of its kind has a number after its name."""

    place: str = ""

    @property
    def root(self) -> Locator:
        """The element."""
        return self.page.locator(f"hedge-explorer#{self.place}")


@pytest.fixture(scope="module")
def window(firefox: Browser) -> Iterator[Visit]:
    """Firefox with one window, in which one page follows another."""
    opened = open_window(firefox)
    yield opened
    opened.page.context.close()


@pytest.fixture
def visit(window: Visit, address: str) -> Callable[[str], Visit]:
    """Open a page in Firefox; what the page before was found to do is forgotten."""

    def open_one(path: str) -> Visit:
        window.page.goto("about:blank")
        window.complaints, window.strangers = [], []
        window.page.goto(address + path)
        settle(window.page)
        return window

    return open_one


def test_a_page_and_its_explorers_are_in_firefox_what_they_are_in_python(visit, page_path):
    """The console stays silent, no other host is asked, charts are drawn, and a moved slider moves the numbers."""
    opened = visit(page_path)
    assert opened.page.locator("h1").count() == 1
    opened.page.add_script_tag(path=PROBES)
    for place in opened.page.evaluate("[...document.querySelectorAll('hedge-explorer')].map((it) => it.id)"):
        name = max((name for name in EXPLORERS if place.startswith(name)), key=len)
        explorer = Placed(opened.page, name, place)
        explorer.root.scroll_into_view_if_needed()
        explorer.find("canvas").first.wait_for()
        before = explorer.agrees()
        slider = next(name for name in explorer.sliders() if explorer.control(name).is_visible())
        explorer.control(slider).press("ArrowLeft" if explorer.thumb(slider) > 0.5 else "ArrowRight")
        after = explorer.agrees()
        assert slider in differing(before, after)
        for pixels, colours in explorer.root.evaluate(DRAWN):
            assert pixels > 1000
            assert colours > 10
    assert opened.page.evaluate(HALF_FORMULAS) == []
    assert opened.complaints == []
    assert opened.strangers == []


def test_a_formula_that_is_not_whole_would_be_noticed(visit):
    """The console's word on it counts for nothing, as it comes of whole formulas that are on their way, too."""
    opened = visit("search.html")
    half = '<math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>e</mi></msup></math>'
    opened.page.evaluate("(half) => document.body.insertAdjacentHTML('beforeend', half)", half)
    assert opened.page.evaluate(HALF_FORMULAS) == ["<msup><mi>e</mi></msup>"]


def test_what_firefox_has_against_a_page_would_be_noticed(visit):
    """An error, a warning, a file that is missing, and a question to somebody else."""
    opened = visit("search.html")
    opened.page.evaluate("""() => {
        console.warn("a warning");
        setTimeout(() => { throw new Error("an error"); });
        for (const address of ["/missing.png", "http://elsewhere.invalid/dot.png"])
            document.body.append(Object.assign(new Image(), { src: address }));
    }""")
    opened.page.wait_for_function("[...document.images].slice(-2).every((it) => it.complete)")
    assert opened.strangers == ["http://elsewhere.invalid/dot.png"]
    complaints = "\n".join(opened.complaints)
    assert all(what in complaints for what in ("a warning", "an error", "404"))
