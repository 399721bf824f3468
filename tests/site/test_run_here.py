"""A reader's own Python on a page: nothing comes unasked; cells run, change, stop, go back."""

from __future__ import annotations

import os

import pytest
from browsing import ROOT, SITE, Visit, open_page, open_window, settle
from playwright.sync_api import Locator, Page, expect

from hedgelab.black_scholes import price

CHAPTER = "book/foundations/the_hedge.html"

#: Python comes in ten seconds where a reader is alone with it; tests are many at a time.
COMES = 150_000

pytestmark = pytest.mark.skipif(
    not (SITE / "_static" / "run" / "files.json").is_file() and not os.environ.get("REQUIRE_BROWSER"),
    reason="the site was built without the browser's Python",
)


def runtime(visit: Visit) -> list[str]:
    """What of the Python has come."""
    return [response.url for response in visit.responses if "/_static/run/" in response.url]


def cell_of(page: Page, code: str) -> Locator:
    """The cell whose code contains this."""
    return page.locator(".cell:has(.run-bar)").filter(has=page.locator("pre", has_text=code)).first


def button(cell: Locator, name: str) -> Locator:
    """One of a cell's two buttons, by what it says now."""
    return cell.locator(".run-bar").get_by_role("button", name=name)


def as_printed(page: Page) -> None:
    """Bring the page back, and wait until it says so again."""
    says = page.locator(".run-page .run-says")
    says.evaluate("it => { it.textContent = '' }")
    page.get_by_role("button", name="Reset page").click()
    expect(says).to_contain_text("as it was printed")


def change(cell: Locator, old: str, new: str) -> None:
    """Edit a cell as a reader does, and run it with the keyboard."""
    button(cell, "Edit").click()
    area = cell.locator("textarea")
    area.fill(area.input_value().replace(old, new))
    area.press("Shift+Enter")


@pytest.mark.parametrize(("width", "touch"), [(320, True), (390, True), (412, False), (600, False), (1280, False)])
def test_what_runs_the_cells_has_its_place_before_it_comes(browser, address, width, touch):
    """Its script is held back until all is laid out: a browser may measure then to bring a reader back."""
    visit = open_window(browser, width=width, touch=touch)
    held = []
    visit.page.context.route("**/_static/run.js", lambda route: held.append(route))
    visit.page.goto(address + "book/reference/everyday.html", wait_until="commit")
    place = visit.page.locator(".run-page")
    visit.page.locator(".prev-next-area").wait_for()
    visit.page.evaluate("document.fonts.ready.then(() => true)")
    visit.page.evaluate("delete document.documentElement.dataset.layout")  # so that nothing is only guessed
    assert place.is_hidden()
    tops = "[...document.querySelectorAll('.cell[id], .prev-next-area')].map(it => it.getBoundingClientRect().y)"
    before = visit.page.evaluate(tops)
    held[0].continue_()
    expect(place.get_by_role("button", name="Run all")).to_be_visible()
    assert len(before) > 10
    assert visit.page.evaluate(tops) == pytest.approx(before, abs=4)
    visit.page.context.close()


def nothing_of_it_comes_before_a_reader_has_agreed(page: Page, visit: Visit) -> None:
    """Not even when Run is pressed: the size is told first, and no is an answer."""
    assert runtime(visit) == []
    cell = cell_of(page, "def value")
    button(cell, "Run").click()
    expect(cell.locator(".run-says")).to_contain_text("MB")
    expect(page.get_by_role("button", name="Start Python")).to_be_focused()
    page.get_by_role("button", name="Not now").click()
    expect(button(cell, "Run")).to_be_focused()
    assert runtime(visit) == []
    button(cell, "Run").click()
    page.get_by_role("button", name="Start Python").click()
    expect(cell.locator(".run-says")).to_contain_text("Ran in", timeout=COMES)


def a_cell_runs_in_the_browser_and_asks_no_other_host(page: Page, visit: Visit) -> None:
    """It prints what the book prints; the browser keeps what has come, for the next page."""
    cell = cell_of(page, "def slope")
    printed = cell.locator(".cell_output").inner_text()
    button(cell, "Run").click()
    expect(cell.locator(".run-says")).to_contain_text("Ran", timeout=COMES)
    assert cell.locator(".cell_output").inner_text() == printed
    assert cell.locator(".run-error").count() == page.locator(".run-note").count() == 0
    assert visit.strangers == []
    assert visit.complaints == []
    assert any("pyodide.asm.wasm?" in url for url in runtime(visit))
    kept = page.evaluate("caches.open('browser-python').then(it => it.keys()).then(it => it.length)")
    assert kept > 10


def a_change_reaches_tables_numbers_in_the_text_and_conclusions(page: Page, visit: Visit) -> None:
    """What the text says of the book's own numbers is marked where it holds no longer."""
    cell = cell_of(page, "def value")
    change(cell, "0.30", "0.60")
    expect(cell.locator(".run-says")).to_contain_text("Ran in", timeout=COMES)
    expect(cell.locator("table")).to_contain_text("6.74")
    number = page.locator(".passage-4-1")
    expect(number).to_have_text(f"{price('call', 100, 100, 20 / 252, 0.6):.2f}")
    expect(number).to_have_attribute("title", "Printed: 3.37")
    expect(page.locator(".run-note").first).to_contain_text("This conclusion holds no longer")
    # what has not run again says so
    expect(cell_of(page, "per_dollar").locator(".run-says")).to_contain_text("before the change")


def reset_brings_the_page_back_as_it_was(page: Page, visit: Visit) -> None:
    """Code, tables, numbers, notes."""
    seen = "document.querySelector('main').innerText"
    before = page.evaluate(seen)
    cell = cell_of(page, "def value")
    change(cell, "0.30", "0.10")
    expect(cell.locator(".run-says")).to_contain_text("Ran in", timeout=COMES)
    assert page.evaluate(seen) != before
    page.get_by_role("button", name="Reset page").click()
    expect(page.locator(".run-note")).to_have_count(0)
    assert page.evaluate(seen) == before


def a_figure_is_drawn_again_in_the_colours_of_the_page(page: Page, visit: Visit) -> None:
    """In place, with its caption and its description; dark where the page is dark."""
    figure = page.locator("#fig-three-holdings")
    cell = page.locator(".cell:has(#fig-three-holdings)")
    caption = figure.locator("figcaption").inner_text()
    change(cell, "81", "41")
    expect(cell.locator(".run-says")).to_contain_text("Ran", timeout=COMES)
    expect(figure.locator("figcaption")).to_have_text(caption)
    assert figure.locator("svg").get_attribute("aria-label").startswith("Drawn again after a change. As printed: ")
    assert "var(--figure-hedged" in figure.locator("svg").inner_html()
    assert "#0f766e;" not in figure.locator("svg").inner_html()


def an_error_is_told_in_words_and_its_line(page: Page, visit: Visit) -> None:
    """And all that Python says, for who wants it."""
    cell = cell_of(page, "per_dollar")
    change(cell, "the_list[102]", "the_lost[102]")
    expect(cell.locator(".run-error")).to_contain_text("NameError: name 'the_lost' is not defined", timeout=COMES)
    expect(cell.locator(".run-error")).to_contain_text("In line 1 of this cell.")
    later = cell_of(page, "def slope")
    button(later, "Run").click()
    expect(later.locator(".run-says")).to_have_text("There is an error in a cell above.", timeout=COMES)


def a_cell_that_never_ends_is_stopped_and_the_next_one_runs(page: Page, visit: Visit) -> None:
    """A long one says that it runs."""
    cell = cell_of(page, "per_dollar")
    change(cell, "per_dollar =", "while True: pass\nper_dollar =")
    expect(cell.locator(".run-says")).to_contain_text("Running · ", timeout=COMES)
    button(cell, "Stop").click()
    expect(cell.locator(".run-says")).to_contain_text("Stopped.")
    page.get_by_role("button", name="Reset page").click()
    button(cell, "Run").click()
    expect(cell.locator(".run-says")).to_contain_text("Ran", timeout=COMES)


def what_a_cell_showed_comes_back_when_its_change_is_taken_back(page: Page, visit: Visit) -> None:
    """Also where it showed nothing in between, and it is another cell that runs."""
    cell, later = cell_of(page, "def value"), cell_of(page, "def slope")
    change(cell, '.map("{:.2f}".format)', '.map("{:.2f}".format);')
    expect(cell.locator(".run-says")).to_contain_text("Ran in", timeout=COMES)
    expect(cell.locator(".cell_output")).to_have_count(0)
    cell.locator("textarea").fill(cell.locator("textarea").input_value().replace(");", ")"))
    button(later, "Run").click()
    expect(later.locator(".run-says")).to_contain_text("Ran", timeout=COMES)
    expect(cell.locator(".cell_output table")).to_contain_text("3.37")


def what_follows_a_change_is_marked_when_the_change_is_taken_back(page: Page, visit: Visit) -> None:
    """It shows what is neither printed nor of the code above it."""
    cell, later = cell_of(page, "def value"), cell_of(page, "per_dollar")
    change(cell, "0.30", "0.60")
    expect(cell.locator(".run-says")).to_contain_text("Ran in", timeout=COMES)
    button(later, "Run").click()
    expect(later.locator(".run-says")).to_contain_text("Ran in", timeout=COMES)
    area = cell.locator("textarea")
    area.fill(area.input_value().replace("0.60", "0.30"))
    area.press("Shift+Enter")
    area.press("Shift+Enter")  # once more does not stop it
    expect(cell.locator(".run-says")).to_contain_text("Ran in", timeout=COMES)
    expect(later.locator(".run-says")).to_contain_text("before the change")


def the_keyboard_does_it_all(page: Page, visit: Visit) -> None:
    """Edit, indent, run, leave: without a trap."""
    cell = cell_of(page, "per_dollar")
    button(cell, "Edit").focus()
    page.keyboard.press("Enter")
    expect(cell.locator("textarea")).to_be_focused()
    page.keyboard.type("for each in range(2):")
    page.keyboard.press("Enter")
    page.keyboard.type("print(each)")
    page.keyboard.press("Enter")
    assert cell.locator("textarea").input_value().startswith("for each in range(2):\n    print(each)\n    ")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".cell_output")).to_contain_text("0\n1", timeout=COMES)
    page.keyboard.press("Escape")
    expect(button(cell, "Edit")).to_be_focused()
    assert cell.locator("textarea").count() == 0


def what_there_is_to_press_passes_axe(page: Page, visit: Visit) -> None:
    """With a cell open, an error and a note on the page, in both colours."""
    change(cell_of(page, "def value"), "0.30", "0.60")
    expect(page.locator(".run-note").first).to_be_visible(timeout=COMES)
    change(cell_of(page, "per_dollar"), "the_list[102]", "lost")
    expect(page.locator(".run-error")).to_be_visible(timeout=COMES)
    # put in by the browser itself, since the policy holds
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf8"))
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        result = page.evaluate("axe.run('.cell:has(.run-bar), .run-page')")
        found = [each["id"] for each in result["violations"] if each["impact"] in ("serious", "critical")]
        assert found == []


#: In this order: the first starts Python, the one that stops it comes last but one.
STEPS = (
    nothing_of_it_comes_before_a_reader_has_agreed,
    a_cell_runs_in_the_browser_and_asks_no_other_host,
    a_change_reaches_tables_numbers_in_the_text_and_conclusions,
    reset_brings_the_page_back_as_it_was,
    a_figure_is_drawn_again_in_the_colours_of_the_page,
    what_a_cell_showed_comes_back_when_its_change_is_taken_back,
    what_follows_a_change_is_marked_when_the_change_is_taken_back,
    an_error_is_told_in_words_and_its_line,
    the_keyboard_does_it_all,
    what_there_is_to_press_passes_axe,
    a_cell_that_never_ends_is_stopped_and_the_next_one_runs,
)


def test_a_reader_runs_changes_stops_and_resets_a_page(browser, address):
    """One page, one Python, which takes seconds to start: each step finds the page as it was printed.

    The content policy holds all the while: cells need nothing that it forbids.
    """
    visit = open_page(browser, address + CHAPTER, guarded=True, settled=False)
    visit.page.evaluate("dispatchEvent(new Event('scroll'))")  # as a reader's first move: all is laid out
    for step in STEPS:
        step(visit.page, visit)
        as_printed(visit.page)
    assert visit.strangers == []
    assert visit.complaints == []
    visit.page.context.close()


def test_a_small_device_is_told_that_it_is_too_small(browser, address):
    """Before anything is fetched."""
    visit = open_page(browser, address + "book/reference/everyday.html", width=390, touch=True)
    page = visit.page
    page.evaluate("Object.defineProperty(navigator, 'deviceMemory', { value: 1 })")
    settle(page)
    page.locator(".run-bar button").first.tap()
    expect(page.locator(".run-says").nth(1)).to_contain_text("600 MB of memory")
    assert runtime(visit) == []
    page.context.close()


def test_what_runs_the_cells_comes_with_a_pointer_and_is_asked_for_again_where_it_failed(browser, address):
    """Nobody who only reads waits for it, and nobody who lost their network has to load the page anew."""
    visit = open_page(browser, address + CHAPTER)
    page = visit.page
    come = [url for url in visit.sizes() if "run_page.js" in url]
    assert come == []
    page.route("**/run_page.js*", lambda route: route.abort())
    cell = page.locator(".run-bar").first
    cell.get_by_role("button", name="Edit").click()
    expect(cell.locator(".run-says")).to_contain_text("did not come from this site. Try again.")
    page.unroute("**/run_page.js*")
    cell.get_by_role("button", name="Edit").click()
    expect(page.locator("textarea")).to_be_focused()
    expect(cell.locator(".run-says")).to_have_text("Shift+Enter runs it, Esc leaves it.")
    page.context.close()


def test_a_question_that_stands_keeps_nothing_from_being_done(browser, address):
    """Whoever turns to something else has declined; what comes next asks again."""
    visit = open_page(browser, address + CHAPTER)
    page = visit.page
    first, second = (page.locator(".run-bar").nth(at) for at in (0, 1))
    question = page.get_by_role("button", name="Start Python")
    for begin in (first.get_by_role("button", name="Run"), page.get_by_role("button", name="Run all")):
        begin.click()
        expect(question).to_be_focused()
        first.get_by_role("button", name="Edit").click()
        expect(page.locator("textarea")).to_be_focused()
        expect(question).to_have_count(0)
    second.get_by_role("button", name="Run").click()
    expect(second.locator(".run-says")).to_contain_text("MB")
    page.get_by_role("button", name="Reset page").click()
    expect(page.locator(".run-page .run-says")).to_contain_text("as it was printed")
    assert runtime(visit) == []
    page.context.close()


def test_cells_of_a_newer_page_are_not_run_on_an_older_one(browser, address):
    """Numbers and notes would go to other places than those that they are of."""
    visit = open_page(browser, address + CHAPTER)
    page = visit.page
    newer = {"digest": "00000000", "palette": {}, "cells": []}
    page.route("**/run/cells/**", lambda route: route.fulfill(json=newer))
    page.locator(".run-bar").first.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Start Python").click()
    expect(page.locator(".run-says").nth(1)).to_contain_text("published anew since you opened it")
    page.context.close()
