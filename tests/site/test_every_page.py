"""What holds on every page of the site."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / "_build" / "screenshots"

WIDER_THAN_THE_SCREEN = """() => [...document.querySelectorAll("body *")].filter((box) => {
    const { right, width } = box.getBoundingClientRect();
    if (!width || right <= innerWidth + 1 || getComputedStyle(box).visibility === "hidden") return false;
    for (let outer = box.parentElement; outer; outer = outer.parentElement)
        if (getComputedStyle(outer).overflowX !== "visible") return false;
    return true;
}).map((box) => box.outerHTML.slice(0, 120))"""


def test_a_page_loads_complete_and_without_a_complaint(record, page_path):
    """Nothing is missing, and the console stays silent."""
    assert record(page_path).complaints == []


def test_a_page_asks_no_other_host(record, page_path):
    """Readers are alone with the book: no address but this site's is even asked for."""
    visit = record(page_path)
    assert visit.strangers == []
    assert visit.sizes


def test_a_page_with_all_it_loads_weighs_less_than_850_kilobytes(record, page_path):
    """Uncompressed; the stock theme needs 3.5 MB."""
    sizes = record(page_path).sizes
    assert sum(sizes.values()) < 850_000, sizes


def test_mathematics_is_typeset(visit, page_path):
    """Every formula has a size, and no TeX shows through."""
    page = visit(page_path).page
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    flat = page.evaluate(
        """() => [...document.querySelectorAll(".math")]
            .filter(it => it.checkVisibility())
            .filter(it => !(it.querySelector("mjx-math")?.getBoundingClientRect().width > 2))
            .map(it => it.dataset.tex)"""
    )
    assert flat == []
    shown = page.evaluate(
        "[...document.querySelectorAll('main :is(p, li, td, figcaption)')].map(it => it.innerText).join('\\n')"
    )
    for sign in (r"\(", r"\[", "$$", r"\frac", "{math}", "{glue", "{eval"):
        assert sign not in shown


def test_nothing_sticks_out_of_a_phone(visit, page_path):
    """At 390 px the page itself never scrolls sideways; wide things scroll in their own box."""
    page = visit(page_path, width=390, height=844).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(WIDER_THAN_THE_SCREEN) == []


@pytest.mark.parametrize(("colours", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_no_serious_barrier(visit, page_path, colours, width):
    """Contrast, names, roles, keyboard: with every solution unfolded and every question answered."""
    page = visit(page_path, colours=colours, width=width).page
    page.evaluate(
        "document.querySelectorAll('details').forEach(it => it.open = true);"
        "document.querySelectorAll('.quiz-option:nth-of-type(1) input').forEach(it => it.checked = true)"
    )
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    serious = [
        f"{problem['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for problem in result["violations"]
        if problem["impact"] in ("serious", "critical")
        for node in problem["nodes"]
    ]
    assert serious == []


def test_pictures_of_the_page_are_kept(visit, page_path):
    """For people to look at, light and dark, on a desk and on a phone: `_build/screenshots`."""
    page = visit(page_path).page
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            picture = SCREENSHOTS / f"{page_path.removesuffix('.html').replace('/', '-')}-{colours}-{width}.png"
            page.screenshot(path=picture, full_page=True)
            assert picture.stat().st_size > 5_000


def test_a_page_says_what_it_is(visit, page_path):
    """Title, language and description, for search engines and screen readers."""
    page = visit(page_path).page
    assert "Dynamic Hedging by Experiment" in page.title()
    assert page.locator("html").get_attribute("lang") == "en"
    assert 30 < len(page.locator("meta[name=description]").get_attribute("content") or "") <= 160
    assert page.locator("h1").count() == 1
