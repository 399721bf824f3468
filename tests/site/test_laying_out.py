"""A long page lays out what is near first, the rest from when its reader moves, and moves nothing that is read."""

from __future__ import annotations

import json

import pytest
from browsing import open_page, open_window, settle
from playwright.sync_api import Browser, Page, Route

#: Of what the article consists of, how much the browser has not looked into yet.
SKIPPED = """() => [...document.querySelectorAll("main section > * > *")]
    .filter((it) => !it.checkVisibility({ contentVisibilityAuto: true }) && it.checkVisibility()).length"""
LAYOUT = "document.documentElement.dataset.layout"
LONG = "book/foundations/replication.html"
#: Pages that have all kinds of pieces: mathematics, tables, figures, lists, boxes, explorers, entries of classes.
OF_EACH_KIND = (
    "index.html",
    LONG,
    "book/algorithm/costs_and_bands.html",
    "book/glossary.html",
    "book/reference/policies.html",
)


@pytest.fixture(params=["browser", "firefox"])
def either(request: pytest.FixtureRequest) -> Browser:
    """Chromium and Firefox."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def fresh(either: Browser, address: str):
    """Open a page that nobody has moved on."""
    visits = []

    def open_one(path: str, **options: int) -> Page:
        visits.append(open_page(either, address + path, settled=False, **options))
        return visits[-1].page

    yield open_one
    for visit in visits:
        visit.page.context.close()
        assert visit.complaints == []


MOVES = {
    "wheel": lambda page: page.mouse.wheel(0, 200),
    "key": lambda page: page.keyboard.press("Tab"),
    "pointer": lambda page: page.mouse.click(5, 600),
    "scroll bar": lambda page: page.evaluate("scrollTo(0, 5000)"),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_page_waits_for_its_reader_with_all_but_the_beginning(visit, move):
    """However they begin to move."""
    page = visit(LONG, width=1366, height=650, settled=False).page
    page.mouse.move(700, 400)
    assert page.evaluate(LAYOUT) == "gradual"
    assert page.evaluate(SKIPPED) > 100
    MOVES[move](page)
    page.wait_for_function(f"{LAYOUT} === undefined")
    assert page.evaluate(SKIPPED) == 0
    assert page.locator("main section > [style*=content-visibility]").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_a_reader_far_down_keeps_the_place_while_the_page_grows_above(fresh, width):
    """What stands at the top of the window stays there."""
    page = fresh(LONG, width=width, height=664)
    page.evaluate("scrollTo({ top: 0.7 * document.documentElement.scrollHeight, behavior: 'instant' })")
    page.evaluate("new Promise(requestAnimationFrame)")
    place = page.evaluate_handle(
        "[...document.querySelectorAll('main p')].find(it => it.getBoundingClientRect().y > 80)"
    )
    before = place.bounding_box()["y"]
    page.wait_for_function(f"{LAYOUT} === undefined")
    page.wait_for_timeout(200)
    assert place.bounding_box()["y"] == pytest.approx(before, abs=3)


def test_a_link_to_a_place_far_down_leads_there(fresh):
    """From the contents of a page that has just come."""
    page = fresh(LONG, width=1366, height=650)
    link = page.locator(".page-toc a").last
    link.click()
    heading = page.locator(f"[id='{link.get_attribute('href').removeprefix('#')}'] > :is(h2, h3)")
    there = "it => { const { y } = it.getBoundingClientRect(); return y > -5 && y < 120; }"
    page.wait_for_function(there, arg=heading.element_handle())
    page.wait_for_timeout(200)
    assert heading.evaluate(there)


def test_who_comes_to_a_place_or_back_to_one_gets_the_whole_page(fresh):
    """Only then does a place in it stand where it stood."""
    page = fresh(f"{LONG}#hedge-it", width=1366, height=650)
    assert page.evaluate(LAYOUT) is None
    page.goto(page.url.partition("#")[0].replace("replication", "greeks"))
    assert page.evaluate(LAYOUT) == "gradual"
    page.reload()
    assert page.evaluate(LAYOUT) is None


@pytest.mark.parametrize("path", OF_EACH_KIND)
def test_nothing_is_higher_before_it_may_wait_than_after(visit, path):
    """Else the text under a reader's eyes would jump at the first move: every piece is as high in both ways."""
    page = visit(path, width=390, height=60_000, settled=False).page
    assert page.evaluate(LAYOUT) == "gradual"
    heights = (
        "() => [...document.querySelectorAll('main section > *')].map(it => it.getBoundingClientRect().height)"
    )
    before = page.evaluate(heights)
    settle(page)
    assert page.evaluate(heights) == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize("path", OF_EACH_KIND)
def test_nothing_near_the_beginning_is_guessed(visit, path):
    """What a reader sees first would jump once it is laid out, and the end of a short page show for a moment."""
    page = visit(path, width=390, height=664, settled=False).page
    first = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("main section > *")]
            .filter(it => getComputedStyle(it).contentVisibility === "auto")
            .map(it => it.getBoundingClientRect().y))"""
    )
    assert first is None or first > 400  # None: there is nothing to guess


def test_an_untouched_page_is_printed_whole(visit, tmp_path):
    """On paper nothing is out of sight."""
    lengths = []
    for settled in (False, True):
        page = visit(LONG, settled=settled).page
        lengths.append(len(page.pdf(format="A4")))
    assert lengths[0] == pytest.approx(lengths[1], rel=0.001)


#: How far what one sees has moved since the page was opened, by the browser's own measure.
SHIFTS = """new PerformanceObserver((seen) => seen.getEntries().forEach(({ value }) => (window.shifted += value)))
    .observe({ type: "layout-shift", buffered: true }); window.shifted = 0;"""


@pytest.mark.parametrize("path", ["book/algorithm/index.html", "book/smile/index.html", "book/explorers.html"])
def test_little_moves_when_the_letters_come(browser, address, path):
    """Those of the reader's machine that stand in for them are as wide and as high."""
    visit = open_window(browser, width=412, height=823, touch=True)
    visit.page.context.add_init_script(SHIFTS)
    waiting: list[Route] = []
    visit.page.route("**/*.woff2", lambda route: waiting.append(route))
    visit.page.goto(address + path, wait_until="commit")
    visit.page.locator(".prev-next-footer, .bd-footer").first.wait_for()
    visit.page.wait_for_timeout(300)  # it is on the screen without them
    assert waiting
    for route in waiting:
        route.continue_()
    visit.page.unroute("**/*.woff2")
    visit.page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    visit.page.wait_for_timeout(100)
    assert visit.page.evaluate("window.shifted") < 0.1  # what is called good: a reader hardly sees it
    visit.page.context.close()


def test_a_change_in_one_place_lets_the_rest_of_the_page_alone(browser, address):
    """A rule on all that is within whatever `:has()` something had the browser look at each element again."""
    visit = open_page(browser, address + "book/explorers.html", width=412, height=823)
    elements = visit.page.evaluate("document.querySelectorAll('*').length")
    browser.start_tracing(page=visit.page, categories=["devtools.timeline"])
    visit.page.evaluate("""() => {
        const explorer = document.querySelector("hedge-explorer");
        explorer.querySelector("p").append(Object.assign(document.createElement("b"), { className: "new" }));
        explorer.offsetWidth;
    }""")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    looked_at = [each["args"].get("elementCount", 0) for each in events if each["name"] == "UpdateLayoutTree"]
    assert 0 < sum(looked_at) < elements / 10
    visit.page.context.close()
