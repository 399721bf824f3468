"""What holds on every page of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2
import pytest
from browsing import ROOT
from bs4 import BeautifulSoup, Tag
from PIL import ImageOps

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

UNFOLD = "document.querySelectorAll('details').forEach(it => it.open = true)"

OPEN = "[...document.querySelectorAll('details')].map(it => it.open)"

WIDER_THAN = """(screen) => [...document.querySelectorAll("body *")].filter((box) => {
    const { right, width } = box.getBoundingClientRect();
    if (!width || right <= screen + 1 || getComputedStyle(box).visibility === "hidden") return false;
    for (let outer = box.parentElement; outer; outer = outer.parentElement)
        if (getComputedStyle(outer).overflowX !== "visible") return false;
    return true;
}).map((box) => box.outerHTML.slice(0, 120))"""


def test_a_page_loads_complete_and_without_a_complaint(desk_at, page_path):
    """Nothing is missing, and the console stays silent."""
    assert desk_at(page_path).complaints == []


def test_a_page_asks_no_other_host(desk_at, page_path):
    """Readers are alone with the book: no address but this site's is even asked for."""
    visit = desk_at(page_path)
    assert visit.strangers == []
    assert visit.responses


def test_a_page_with_all_it_loads_weighs_less_than_850_kilobytes(desk_at, page_path):
    """Uncompressed; the stock theme needs 3.5 MB."""
    sizes = desk_at(page_path).sizes()
    assert sum(sizes.values()) < 850_000, sizes


def test_the_search_is_loaded_on_its_own_page_only(desk_at, page_path):
    """Elsewhere when somebody opens it."""
    loaded = any("/search.js" in response.url for response in desk_at(page_path).responses)
    assert loaded == (page_path == "search.html")


def test_a_page_says_what_it_is(desk_at, page_path):
    """Title, language and description, for search engines and screen readers."""
    page = desk_at(page_path).page
    assert "Dynamic Hedging by Experiment" in page.title()
    assert page.locator("html").get_attribute("lang") == "en"
    assert 30 < len(page.locator("meta[name=description]").get_attribute("content") or "") <= 160
    assert page.locator("h1").count() == 1


def test_mathematics_is_typeset(desk_at, page_path):
    """Every formula has a size, and no TeX shows through."""
    page = desk_at(page_path).page
    page.evaluate(UNFOLD)
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


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_sticks_out_of_a_phone(phone_at, page_path, width):
    """The page itself never scrolls sideways, with all solutions open; wide things scroll in their own box."""
    page = phone_at(page_path).page
    page.set_viewport_size({"width": width, "height": 664})
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER_THAN, width) == []


#: Boxes that scroll sideways on a screen, and what of them is cut off where nothing scrolls.
BOXES = "div.math, .output, .figure-box, pre, .pst-scrollable-table-container"
CUT = """(boxes) => [...document.querySelectorAll(boxes)]
    .filter(it => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1)
    .map(it => it.innerText.slice(0, 100))"""


def test_a_page_is_printed_whole(desk_at, page_path, tmp_path):
    """Solutions and answers are open, nothing is cut off on the right, and no page but the last is half empty."""
    page = desk_at(page_path).page
    page.emulate_media(color_scheme="dark")
    # long enough to be of this place alone, and of letters only, which no formula or hyphen breaks
    hidden = page.evaluate(
        """() => [...document.querySelectorAll("main :is(details, .quiz-feedback) p")].flatMap((it) => {
            const words = it.cloneNode(true);
            words.querySelectorAll(".math").forEach((formula) => formula.replaceWith("|"));
            return words.textContent.match(/[A-Za-z ]{25,}/g) ?? [];
        })"""
    )
    opened = page.evaluate(OPEN)
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert page.evaluate(OPEN) == opened  # folded again
    sheets = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    text = "".join(sheet.get_textpage().get_text_bounded() for sheet in sheets)
    printed = re.sub(r"[^A-Za-z]", "", text)
    assert [passage for passage in hidden if passage.replace(" ", "") not in printed] == []

    lowest = []
    for sheet in sheets:
        picture = sheet.render(scale=0.5).to_pil().convert("L")
        ink = ImageOps.invert(picture).point(lambda shade: 255 * (shade > 40)).getbbox()
        lowest.append(round(ink[3] / picture.height, 2) if ink else 0.0)
    assert min(lowest[:-1], default=1) >= 0.5, lowest
    assert lowest[-1] > 0

    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": 665, "height": 900})  # the paper between its margins
    page.evaluate(UNFOLD)
    assert page.evaluate(CUT, BOXES) == []


@pytest.fixture(scope="module")
def written(site, page_path) -> BeautifulSoup:
    """What a page says, as it was built."""
    page = BeautifulSoup((site / page_path).read_text("utf8"), "html.parser")
    for no_text in page.select("script, style, .math"):
        no_text.decompose()
    return page.find("main") or page


def test_a_loss_has_its_minus_before_the_dollar(written):
    """Everywhere, also in what a cell prints."""
    wrong = re.findall(r".*[$€£][  ]*[-−–][  ]*[\d.].*", written.text)
    assert wrong == []


def test_zero_has_no_minus(written):
    """Not in a sentence, in a table or in what a cell prints."""
    for code in written.select(".cell_input, code"):
        code.decompose()
    assert re.findall(r".*(?<![\w.])[-−]0(?:\.0+)?(?![\d.]).*", written.text) == []


def test_no_front_matter_shows(written):
    """It is for machines; a missing line end makes text of it."""
    assert not re.search(r"^\W*(description|kernelspec|jupytext|html_theme\S*): ", written.text, re.MULTILINE)


def columns(table: Tag) -> Iterator[list[str]]:
    """The columns of a table's body; a cell of several rows or columns counts in each."""
    grid: dict[tuple[int, int], str] = {}
    rows = table.select("tbody tr")
    for down, row in enumerate(rows):
        across = 0
        for cell in row.find_all(["th", "td"]):
            while (down, across) in grid:
                across += 1
            for below in range(int(cell.get("rowspan", 1))):
                for beside in range(int(cell.get("colspan", 1))):
                    grid[down + below, across + beside] = cell.text.strip()
    for across in range(1 + max((across for _, across in grid), default=-1)):
        yield [text for (_, there), text in sorted(grid.items()) if there == across]


NUMBER = re.compile(r"[+±−-]?\s?[$€£]?[\d,]+(?:\.(\d+))?\s?(?:%|bp|points)?")


def test_the_decimals_of_a_column_agree(written):
    """Otherwise the points do not stand under each other, and a reader wonders what was rounded."""
    wrong = []
    for table in written.select("table"):
        for column in columns(table):
            numbers = [number for number in map(NUMBER.fullmatch, column) if number]
            if len({len(number[1] or "") for number in numbers}) > 1:
                wrong.append([number[0] for number in numbers])
    assert wrong == []


#: What axe looks for: on a light desk all but whether everything lies in a landmark, which it asks of each element
#: and never calls serious; on a dark phone what may be otherwise there.
RULES = {
    "light": {"rules": {"region": {"enabled": False}}},
    "dark": {"runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"]},
}


@pytest.mark.parametrize("colours", RULES)
def test_axe_finds_no_serious_barrier(desk_at, phone_at, page_path, colours):
    """On a light desk and a dark phone, with every solution unfolded and every question answered."""
    page = (desk_at if colours == "light" else phone_at)(page_path).page
    page.emulate_media(color_scheme=colours)
    page.evaluate(UNFOLD)
    page.evaluate(
        "document.querySelectorAll('.quiz-option:nth-of-type(1) input').forEach(it => it.checked = true)"
    )
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run", {"resultTypes": ["violations"], "preload": False} | RULES[colours])
    serious = [
        f"{problem['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for problem in result["violations"]
        if problem["impact"] in ("serious", "critical")
        for node in problem["nodes"]
    ]
    assert serious == []
