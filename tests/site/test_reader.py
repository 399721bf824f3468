"""What a reader can do with a page: keep a place, fold code, press keys, and what the links between pages say."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browsing import CHAPTERS, ROOT, Visit, open_page
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect
from test_reading import FORGETFUL

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHAPTER = "book/algorithm/gamma_theta.html"
STORED = "Object.entries({...localStorage}).filter(([key]) => key !== 'mode')"


def record(page: Page) -> dict[str, Any]:
    """What this browser remembers of the reader."""
    ((key, text),) = page.evaluate(STORED)
    assert key == "progress:/"
    return json.loads(text)


def keep_place(page: Page) -> None:
    """The act that begins it."""
    page.get_by_role("button", name="Keep my place").click()
    expect(page.get_by_role("button", name="Mark as read")).to_be_visible()


def open_help(page: Page) -> None:
    """With the button, as on a phone."""
    page.locator(".help-open").click()
    expect(page.locator("#help-sheet")).to_be_visible()


def barriers(page: Page) -> list[str]:
    """What axe has against the open help."""
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run('#help-sheet', {resultTypes: ['violations']})")
    return [problem["id"] for problem in result["violations"]]


def test_nothing_is_remembered_before_a_reader_asks(visit: Callable[..., Visit]) -> None:
    """Then where they were, what they answered, whether code is folded; the first page leads back to the place."""
    opened = visit(CHAPTER)
    page = opened.page
    page.locator(".quiz label").nth(1).click()
    page.keyboard.press("c")
    expect(page.locator(".code-handle").first).to_be_visible()
    page.goto(page.url.replace("gamma_theta", "costs_and_bands"))
    expect(page.locator(".code-handle")).to_have_count(0)
    page.go_back()
    assert page.evaluate(STORED) == []

    page.locator(".quiz label").nth(1).click()
    keep_place(page)
    page.keyboard.press("c")
    page.evaluate("document.getElementById('what-sets-the-average').scrollIntoView()")
    first_page = page.url.split("book/")[0]
    page.goto(first_page)
    kept = record(page)
    assert kept["answers"] == {"book/algorithm/gamma_theta": {"of": 2, "given": {"quiz-1": "Next to nothing."}}}
    assert (kept["last"]["page"], kept["folded"], kept["read"]) == ("book/algorithm/gamma_theta", True, {})
    expect(page.locator(".chapter-list .read-mark")).to_have_text("1 of 2 questions answered")
    page.get_by_role("link", name="Resume: 5.3. What sets the average").click()
    expect(page.locator("#what-sets-the-average > h2")).to_be_in_viewport()
    expect(page.locator(".quiz input").nth(1)).to_be_checked()
    expect(page.locator(".code-handle").first).to_be_visible()
    assert opened.complaints == []
    assert opened.strangers == []


def test_what_is_remembered_can_be_marked_taken_along_and_erased(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """A chapter that is read leads on to the next; a file brings it into another browser."""
    page = visit(CHAPTER).page
    keep_place(page)
    page.get_by_role("button", name="Mark as read").click()
    expect(page.locator(".bd-links .current .read-mark")).to_have_attribute("aria-label", "read")
    assert record(page)["last"]["page"] == "book/algorithm/costs_and_bands"
    open_help(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert json.loads(file.read_text("utf8")) == record(page)
    page.get_by_role("button", name="Erase").click()
    assert record(page)["read"]
    page.get_by_role("button", name="Erase for good").click()
    assert page.evaluate(STORED) == []
    expect(page.locator(".read-mark")).to_have_count(0)
    expect(page.locator(".progress-strip .reader-button")).to_have_text("Keep my place")

    other = visit("index.html").page
    open_help(other)
    hostile = json.loads(file.read_text("utf8"))
    hostile["last"]["page"] = "//elsewhere.invalid/page"
    hostile["read"] |= {
        "javascript:alert(1)": "2026-01-01",
        "book/preface": "<b>",
        "book/glossary": ["2026-01-01"],
    }
    nowhere = hostile | {"last": {"title": "x", "place": "", "section": "", "at": 9e15}}
    for text, says in (
        (json.dumps(nowhere), "1 chapter read"),
        ("{}", "choose one that Save as a file has written"),
        ("no json", "choose one that Save as a file has written"),
        (json.dumps(hostile), "1 chapter read"),
    ):
        (tmp_path / "given.json").write_text(text, "utf8")
        other.locator("#help-sheet input[type=file]").set_input_files(tmp_path / "given.json")
        expect(other.locator(".sheet-says")).to_contain_text(says)
    assert (record(other)["last"], list(record(other)["read"])) == (None, ["book/algorithm/gamma_theta"])
    other.locator("#help-sheet input[type=file]").set_input_files(file)
    expect(other.locator(".start a").first).to_have_text("Resume: 6. Costs, bands and how often")
    expect(other.locator(".chapter-list .read-mark")).to_have_text("✓ read")
    other.goto(other.url.replace("index.html", f"{CHAPTER}?find=gamma"))
    expect(other.locator(".bd-links .current .read-mark")).to_have_attribute("aria-label", "read")


def test_two_tabs_keep_one_record(visit):
    """What is answered in one is not lost in the other, nor what is kept by a help that was open already."""
    page = visit(CHAPTER).page
    other = page.context.new_page()
    other.goto(page.url)
    open_help(other)
    page.locator(".quiz label").nth(1).click()
    open_help(page)
    page.locator("#help-sheet").get_by_role("button", name="Keep my place").click()
    expect(page.locator(".sheet-says")).to_have_text("From now on this browser remembers.")
    kept = record(page)
    assert list(kept["answers"]["book/algorithm/gamma_theta"]["given"]) == ["quiz-1"]
    assert kept["last"]["page"] == "book/algorithm/gamma_theta"
    expect(other.get_by_role("button", name="Save as a file")).to_be_visible()
    other.keyboard.press("Escape")
    expect(other.locator(".quiz input:checked")).to_have_count(1)
    other.evaluate("document.querySelectorAll('.quiz input').forEach((it) => (it.checked = false))")
    other.locator(".quiz").nth(1).locator("label").first.click()
    assert list(record(page)["answers"]["book/algorithm/gamma_theta"]["given"]) == ["quiz-1", "quiz-2"]
    expect(page.locator(".quiz input:checked")).to_have_count(2)


@pytest.mark.parametrize("refusal", FORGETFUL)
def test_where_nothing_may_be_stored_a_reader_is_told(browser, address, refusal):
    """Everything else works."""
    visit = open_page(browser, f"{address}book/preface.html")
    page = visit.page
    page.add_init_script(FORGETFUL[refusal])
    page.goto(address + CHAPTER)
    page.get_by_role("button", name="Keep my place").click()
    expect(page.locator(".progress-strip [role=status]")).to_contain_text("lets the page store nothing")
    page.keyboard.press("c")
    expect(page.locator(".code-handle").first).to_be_visible()
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single keys work").uncheck()
    page.locator("#help-sheet").get_by_role("button", name="Keep my place").click()
    expect(page.locator(".sheet-says")).to_contain_text("lets the page store nothing")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help-sheet")).to_be_hidden()
    assert visit.complaints == []
    page.context.close()


def test_the_help_comes_when_a_key_asks_for_it_and_has_no_barrier(visit):
    """With the keyboard alone, and back to where the reader was."""
    opened = visit(CHAPTER)
    page = opened.page
    assert not any("reader_sheet" in response.url for response in opened.responses)
    page.locator(".quiz input").first.focus()
    twice = "dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }));"
    page.evaluate(f"() => {{ const it = document.activeElement; it.{twice} it.{twice} }}")
    sheet = page.get_by_role("dialog", name="Keys and progress")
    expect(sheet).to_be_visible()
    assert barriers(page) == []
    assert sum("reader_sheet" in response.url for response in opened.responses) == 1
    sheet.click(position={"x": 4, "y": 4})  # on its margin
    page.keyboard.press("n")  # not below a dialog
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator(".quiz input").first).to_be_focused()
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    page.mouse.click(5, 5)
    expect(sheet).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url("**/costs_and_bands.html")
    page.keyboard.press("p")
    page.wait_for_url("**/gamma_theta.html")
    page.keyboard.press("/")
    expect(page.locator("#pst-search-dialog input")).to_be_focused()
    page.keyboard.type("n?c/")
    expect(page.locator("#pst-search-dialog input")).to_have_value("n?c/")
    assert opened.complaints == []


def test_the_help_on_a_dark_phone_has_no_barrier_and_begins_with_progress(visit):
    """Where there are no keys."""
    page = visit(CHAPTER, width=390, height=664, touch=True, colours="dark").page
    keep_place(page)
    open_help(page)
    expect(page.get_by_role("button", name="Save as a file")).to_be_in_viewport()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Close").click()
    page.locator(".contents-open").click()
    page.get_by_role("button", name="Fold all code").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".code-handle").first).to_be_visible()


def test_single_keys_do_nothing_in_a_cell_nor_once_they_are_turned_off(visit):
    """Which is remembered like the colours, without keeping anything else."""
    page = visit(CHAPTER).page
    if page.locator(".run-bar").count():
        page.get_by_role("button", name="Edit cell 1", exact=True).click()
        expect(page.locator("textarea")).to_be_focused()
        page.keyboard.type("?nc")
        assert page.locator("textarea").input_value().startswith("?nc")
        page.locator(".run-page").get_by_role("button", name="Run all").focus()
        page.keyboard.press("n")  # beside it, where a slip would lose what was typed
        expect(page.locator(".reader-says")).to_contain_text("Leave it with Esc")
        page.keyboard.press("c")  # what is being written stays in sight
        expect(page.locator(".code-handle").nth(1)).to_have_attribute("aria-expanded", "false")
        expect(page.locator("textarea")).to_be_visible()
        page.keyboard.press("c")
        page.get_by_role("button", name="Run cell 2", exact=True).click()
        expect(page.get_by_role("button", name="Start Python")).to_be_focused()
        page.keyboard.press("c")  # nor does a question go
        expect(page.locator(".code-handle").first).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Not now")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Start Python")).to_have_count(0)
        page.reload()
    expect(page.locator("#help-sheet, .code-handle")).to_have_count(0)
    open_help(page)
    page.get_by_role("checkbox", name="Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog")).to_be_visible()
    expect(page.locator(".code-handle")).to_have_count(0)
    assert page.evaluate(STORED) == [["single-keys", "off"]]


def test_folded_code_is_gone_from_the_screen_and_there_on_paper(visit):
    """One cell can be unfolded; what a reader looks at stays where it is."""
    opened = visit(CHAPTER)
    page = opened.page
    code = page.locator(".cell > .cell_input")
    page.evaluate("document.getElementById('the-article-says').scrollIntoView()")
    where = "document.getElementById('the-article-says').getBoundingClientRect().top"
    before = page.evaluate(where)
    page.get_by_role("button", name="Fold all code").click()
    assert page.evaluate(where) == pytest.approx(before, abs=3)
    page.keyboard.press("c")
    # from the middle of a section, below several of its cells, and from the foot of the page
    middle = page.locator("main section > .cell ~ .cell ~ .cell ~ p").first
    middle.evaluate("it => it.scrollIntoView({ block: 'center' })")
    before = middle.bounding_box()["y"]
    for _ in range(2):
        page.keyboard.press("c")
        assert middle.bounding_box()["y"] == pytest.approx(before, abs=3)
    page.evaluate("document.querySelector('main').append(document.createElement('hr'))")
    page.evaluate("document.querySelector('main hr').style.margin = '200vh 0'; scrollTo(0, 1e9)")
    page.keyboard.press("c")
    page.wait_for_function("!document.documentElement.style.overflowAnchor")
    assert opened.complaints == []
    handles = page.locator(".code-handle:visible")
    assert handles.count() > 10
    assert not any(each.is_visible() for each in code.locator("pre").all())
    handles.first.click()
    expect(handles.first).to_have_attribute("aria-expanded", "true")
    expect(code.first.locator("pre")).to_be_visible()
    expect(code.nth(1).locator("pre")).to_be_hidden()
    page.emulate_media(media="print")
    assert page.locator(".code-handle:visible, .progress-strip:visible, .fold-all:visible").count() == 0
    assert code.nth(1).bounding_box()["height"] > 20
    assert code.nth(1).evaluate("it => it.querySelector('pre').checkVisibility({contentVisibilityAuto: true})")
    page.emulate_media(media="screen")
    handles.first.focus()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Fold all code")).to_be_focused()
    expect(page.locator(".code-handle:visible")).to_have_count(0)
    expect(code.nth(1).locator("pre")).to_be_visible()


def test_the_same_in_firefox(firefox, address):
    """Its storage, its dialog and its folding, under the pages' content policy."""
    visit = open_page(firefox, address + CHAPTER, guarded=True, settled=False)
    page = visit.page
    keep_place(page)
    page.locator(".quiz label").nth(1).click()
    page.keyboard.press("c")
    expect(page.locator(".cell > .cell_input pre").first).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#help-sheet")).to_contain_text("1 question answered")
    assert record(page)["folded"]
    assert visit.complaints == []
    page.context.close()


def test_each_exercise_has_a_link_that_leads_to_it(site, visit):
    """Named by what its author called it."""
    for path in CHAPTERS:
        html = (site / path).read_text("utf8")
        titles = re.findall(r'<div class="exercise[^"]*" id="(ex-[\w-]+)">\s*(<p .*?</p>)', html, re.DOTALL)
        assert len(titles) == html.count('<div class="exercise') >= 4
        assert all(f'<a class="headerlink" href="#{name}"' in title for name, title in titles)
    page = visit(CHAPTER).page
    title = page.locator("#ex-even-odds .admonition-title")
    title.hover()
    title.get_by_title("Link to this exercise").click()
    assert page.url.endswith("#ex-even-odds")


def test_the_links_before_and_after_a_page_say_what_it_holds(site):
    """With the line that search engines show of a chapter."""
    pages = {path: (site / path).read_text("utf8") for path in CHAPTERS}
    described = {path: re.search(r'name="description" content="([^"]+)"', html)[1] for path, html in pages.items()}
    for path, html in pages.items():
        links = BeautifulSoup(html[html.index('<div class="prev-next-area">') :], "html.parser").select(
            ".prev-next-area a"
        )
        assert len(links) == 2
        for link in links:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link["href"]))
            if target in described:
                assert link.select_one(".prev-next-description").text == unescape(described[target])
