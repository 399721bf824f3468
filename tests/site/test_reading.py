"""What a reader can do on the site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import TOC, settle
from playwright.sync_api import Browser, Page, expect

#: How browsers refuse to remember: cookies blocked, storage switched off, storage full.
FORGETFUL = {
    "blocked": """for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } })""",
    "off": """for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, { value: null })""",
    "full": "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that complains of every error."""
    # where a busy page is asked a second time, the content policy would refuse what a test asks
    context = browser.new_context(reduced_motion="reduce", color_scheme="light", bypass_csp=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: said.type in ("error", "warning") and errors.append(said.text))
    yield page
    context.close()
    assert errors == []


def test_what_has_the_focus_is_ringed_in_the_colour_of_links(page, address):
    """The book's own ring: the sheet that pages are left with was once without it."""
    page.goto(f"{address}book/preface.html")
    page.locator("article p a.reference").first.focus()
    ring = page.evaluate("""() => {
        const { outlineColor, outlineOffset, color } = getComputedStyle(document.activeElement);
        return [outlineColor, outlineOffset, color];
    }""")
    assert ring == [ring[2], "3px", ring[2]]


@pytest.mark.parametrize("path", ["index.html", "book/preface.html", "book/algorithm/gamma_theta.html"])
def test_nothing_shines_through_the_bar_above_a_page(page, address, path):
    """What scrolls by goes on behind it."""
    page.goto(address + path)
    bar = page.evaluate("getComputedStyle(document.querySelector('.bd-header-article')).backgroundColor")
    assert bar == page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert bar.startswith("rgb(")


@pytest.mark.parametrize("refusal", FORGETFUL)
def test_search_and_colours_work_where_nothing_may_be_stored(page, address, refusal):
    """Colours are then chosen for one page."""
    page.add_init_script(FORGETFUL[refusal])
    page.goto(f"{address}book/preface.html")
    assert page.evaluate("document.documentElement.dataset.mode") == "auto"
    page.locator(".theme-button").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("Control+k")
    page.keyboard.type("gamma")
    page.locator("#pst-search-dialog [role=option]").first.click()
    expect(page.locator(".found-place")).to_contain_text("gamma")


@pytest.mark.parametrize("stored", ["purple", "", "null", "constructor", "DARK", '{"mode": "dark"}'])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_an_unknown_stored_choice_of_colours_means_automatic(page, address, stored, colours):
    """Of an older version, or of another book on the same host."""
    page.emulate_media(color_scheme=colours)
    page.add_init_script(f"localStorage.setItem('mode', {stored!r})")
    page.goto(f"{address}book/preface.html")
    shown = page.evaluate("(({ mode, theme }) => [mode, theme])(document.documentElement.dataset)")
    assert shown == ["auto", colours]
    expect(page.locator(".theme-button")).to_have_attribute("title", "Colours: automatic")
    page.locator(".theme-button").click()
    assert page.evaluate("document.documentElement.dataset.theme") != colours


def test_other_tabs_follow_a_choice_of_colours(page, address):
    """Also when it is nonsense or forgotten, and when the other tab shows another page."""
    other = page.context.new_page()
    page.goto(f"{address}book/preface.html")
    other.goto(f"{address}book/notation.html")

    def shown(tab: Page, theme: str) -> None:
        expect(tab.locator("html")).to_have_attribute("data-theme", theme)

    page.locator(".theme-button").click()
    shown(page, "dark")
    shown(other, "dark")
    expect(other.locator(".theme-button")).to_have_attribute("title", "Colours: dark")
    page.locator(".theme-button").click()
    shown(page, "light")
    shown(other, "light")
    page.evaluate("localStorage.setItem('mode', 'dark')")
    shown(other, "dark")
    page.evaluate("localStorage.setItem('mode', 'purple')")
    shown(other, "light")
    page.evaluate("localStorage.setItem('mode', 'light')")
    other.emulate_media(color_scheme="dark")
    expect(other.locator(".theme-button")).to_have_attribute("title", "Colours: light")
    shown(other, "light")
    page.evaluate("localStorage.clear()")
    shown(other, "dark")


def still(page: Page) -> float:
    """Where the page is, once it has come to rest."""
    page.wait_for_timeout(250)
    place = page.evaluate("scrollY")
    for _ in range(40):
        page.wait_for_timeout(250)
        before, place = place, page.evaluate("scrollY")
        if place == before:
            return place
    raise AssertionError(f"the page still moves after ten seconds, at {place}")


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 664)])
def test_contents_links_reload_and_back_return_a_reader_to_the_place(page, address, width, height):
    """With an explorer's setting in the address, which once made each of them end at the explorer."""
    page.emulate_media(reduced_motion="reduce")  # a page that glides has no place until it stops
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{address}book/explorers.html")
    slider = page.locator("#how-often [name=rebalances]")
    slider.scroll_into_view_if_needed()
    slider.press("ArrowRight")
    page.wait_for_function("location.hash.includes('how-often:')")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    read = still(page)
    page.reload()
    assert still(page) == pytest.approx(read, abs=30)

    def follow(number: int) -> str:
        if width < 1200:
            box = page.locator(".contents-open").bounding_box()  # Playwright's own click would scroll the page
            page.mouse.click(box["x"] + 20, box["y"] + 20)
        link = page.locator(".page-toc a").nth(number)
        link.click()
        return link.get_attribute("href").removeprefix("#")

    places = [read]
    for number in (1, 0, 2):
        heading = page.locator(f"[id='{follow(number)}']")
        places.append(still(page))
        assert -5 <= heading.bounding_box()["y"] <= 120
        assert page.locator("dialog[open]").count() == 0
    for place in places[-2::-1]:
        page.go_back()
        assert still(page) == pytest.approx(place, abs=30)
    page.go_forward()
    assert still(page) == pytest.approx(places[1], abs=30)

    page.goto(f"{address}book/glossary.html")
    page.go_back()
    assert still(page) == pytest.approx(places[1], abs=30)


def test_a_link_within_the_first_page_stays_on_it(page, address):
    """At the site's own address as well, which shows the same page."""
    for path in ("", "book/index.html"):
        page.goto(address + path)
        assert page.locator("base").count() == 0
        page.locator("#pst-skip-link a").focus()
        page.keyboard.press("Enter")
        assert page.url == f"{address}{path}#main-content"
        page.locator(".start a").first.click()
        assert page.url == f"{address}book/foundations/the_hedge.html"


def test_the_first_page_lists_every_chapter_in_order_with_a_line_on_each(page, address):
    """Part by part, as `_toc.yml` has them, numbered as they are; and leads to all other pages of the contents."""
    page.goto(address)
    settle(page)
    files = [each["file"] for part in TOC["parts"] for each in part["chapters"]]
    chapters = [each["file"] for part in TOC["parts"] if part.get("numbered") for each in part["chapters"]]
    captions = [part["caption"] for part in TOC["parts"] if part.get("caption")]
    listed = page.locator(".chapter-list")
    links = listed.locator("dt a").all()
    assert [link.evaluate("it => it.href") for link in links] == [f"{address}{file}.html" for file in chapters]
    numbers = [link.locator(".section-number").inner_text().strip() for link in links]
    assert numbers == [str(number + 1) for number in range(len(chapters))]
    lines = [line.inner_text() for line in listed.locator("dd").all()]
    assert len(lines) == len(set(lines)) == len(chapters)
    assert all(30 < len(line) <= 130 for line in lines)
    titles = [title.inner_text() for title in listed.locator("h3").all()]
    assert titles == captions[: len(titles)]
    everywhere = {link.evaluate("it => it.href") for link in listed.locator("a").all()}
    assert {f"{address}{file}.html" for file in files} <= everywhere


def test_what_goes_on_beyond_an_edge_shows_that_it_does(phone_at, chapter_path):
    """It fades away on that side, and only there; what fits does not."""
    page = phone_at(chapter_path).page
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    page.wait_for_timeout(100)
    boxes = "[...document.querySelectorAll('div.math, .output, .figure-box, div.highlight pre')]"
    fades = "(it) => getComputedStyle(it).maskImage !== 'none'"
    shown = f"{boxes}.filter(it => it.checkVisibility())"
    wrong = f"{shown}.filter(it => (it.scrollWidth > it.clientWidth + 1) !== ({fades})(it))"
    assert page.evaluate(f"{wrong}.map(it => it.innerText.slice(0, 100))") == []
    wide = page.evaluate_handle(f"{shown}.find(it => it.scrollWidth > it.clientWidth + 60)")
    sides = "(it) => [...it.classList].filter((name) => name.startsWith('more-')).sort()"
    seen = []
    for place in ("0", "20", "it.scrollWidth"):
        wide.evaluate(f"(it) => (it.scrollLeft = {place})")
        page.wait_for_timeout(100)
        seen.append(wide.evaluate(sides))
    assert seen == [["more-right"], ["more-left", "more-right"], ["more-left"]]


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("path", ["book/notation.html", "book/how_to_use.html", "book/crashes/october_1987.html"])
def test_tables_with_long_texts_stack_on_a_phone(visit, path, width):
    """Each row a block, each cell under the name of its column; on a desk they are tables."""
    page = visit(path, width=width, height=664, touch=True).page
    cells = "[...document.querySelectorAll('table td')].filter(it => it.innerText.length > 40)"
    assert page.evaluate(f"{cells}.length") > 3
    narrow = f"{cells}.filter(it => it.clientWidth < {width} * 0.8 || it.getBoundingClientRect().right > {width})"
    assert page.evaluate(f"{narrow}.map(it => it.innerText)") == []
    unnamed = f"{cells}.filter(it => getComputedStyle(it, '::before').content.length < 4).map(it => it.innerText)"
    assert page.evaluate(unnamed) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate(f"{cells}.every(it => getComputedStyle(it).display === 'table-cell')")


def test_a_quiz_answers_a_click_at_once(phone_at, chapter_path):
    """Each option shows its own feedback and only that, in words and not by colour alone."""
    page = phone_at(chapter_path).page
    quizzes = page.locator("fieldset.quiz").all()
    assert quizzes
    for quiz in quizzes:
        expect(quiz.locator(".quiz-feedback:visible")).to_have_count(0)
        verdicts = []
        for option in quiz.locator(".quiz-option").all():
            option.locator("label").click()
            expect(quiz.locator(".quiz-feedback:visible")).to_have_count(1)
            verdicts.append(option.locator(".quiz-feedback strong").first.inner_text())
            assert option.locator("label").bounding_box()["height"] >= 44
        assert sorted(set(verdicts)) == ["Not quite.", "Right."]
        assert verdicts.count("Right.") == 1


def test_a_quiz_answers_the_keyboard(desk_at, chapter_path):
    """Tab to the question, arrows through its options."""
    page = desk_at(chapter_path).page
    quiz = page.locator("fieldset.quiz").first
    quiz.locator("input").first.focus()
    page.keyboard.press("Space")
    expect(quiz.locator(".quiz-option").nth(0).locator(".quiz-feedback")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(quiz.locator(".quiz-option").nth(1).locator(".quiz-feedback")).to_be_visible()
    expect(quiz.locator(".quiz-option").nth(0).locator(".quiz-feedback")).to_be_hidden()


def test_figures_are_part_of_the_page_and_change_colour_with_it(visit, chapter_path):
    """Inlined, visible, with text as legible on a dark page as on a light one."""
    page = visit(chapter_path).page
    figures = page.locator("figure svg")
    assert figures.count() > 0
    assert page.locator("main figure img").count() == 0
    for figure in figures.all():
        box = figure.bounding_box()
        assert box is None or (box["width"] > 300 and box["height"] > 100)
    colour = "getComputedStyle(document.querySelector('figure svg text')).fill"
    light = page.evaluate(colour)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.locator(".theme-button").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(colour) != light


def test_the_choice_of_colours_is_remembered(visit):
    """Automatic, dark, light, and round again; the next page opens in the same."""
    page = visit("book/preface.html").page
    assert page.evaluate("document.documentElement.dataset.mode") == "auto"
    page.locator(".theme-button").click()
    page.goto(page.url.replace("preface", "notation"))
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_text_in_figures_is_legible_on_a_phone(phone_at, chapter_path):
    """At least 9 px high type, whatever size the figure was drawn at."""
    page = phone_at(chapter_path).page
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("figure svg")].filter(it => it.clientWidth).map(svg => {
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const sizes = [...svg.querySelectorAll("text")].map(it => parseFloat(getComputedStyle(it).fontSize));
            return scale * Math.min(...sizes);
        }))"""
    )
    assert smallest >= 9


@pytest.mark.parametrize("button", [".chapters-open", ".contents-open"])
def test_the_side_columns_open_on_a_phone(phone_at, chapter_path, button):
    """As drawers that a tap beside them, a link or Escape closes."""
    page = phone_at(chapter_path).page
    page.locator(button).click()
    drawer = page.locator("dialog[open]")
    expect(drawer.locator("a").nth(1)).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_what_is_wider_than_its_box_can_be_scrolled_with_the_keyboard(phone_at, chapter_path):
    """Long formulas, wide tables and code take the focus if, and only if, they scroll."""
    page = phone_at(chapter_path).page
    wrong = page.evaluate(
        """() => [...document.querySelectorAll("div.math, .output, .figure-box, div.highlight pre")]
            .filter(it => it.checkVisibility() && (it.scrollWidth > it.clientWidth + 1) !== (it.tabIndex === 0))
            .map(it => it.outerHTML.slice(0, 100))"""
    )
    assert wrong == []


def test_a_solution_opens_without_javascript(browser, address, chapter_path):
    """So does everything else that is not a convenience: the text, the figures, the quiz."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + chapter_path)
    solution = page.locator("details.solution").first
    solution.locator("summary").click(position={"x": 5, "y": 12})
    expect(solution.locator(".container").first).to_be_visible()
    page.locator("fieldset.quiz label").first.click()
    expect(page.locator(".quiz-feedback").first).to_be_visible()
    context.close()


def test_a_name_in_the_prose_leads_to_its_entry_in_the_reference(visit):
    """Where its signature has a line for each parameter, also on a phone."""
    page = visit("book/how_to_use.html", width=390, height=844).page
    page.get_by_role("link", name="hedge()").click()
    page.wait_for_url("**/book/reference/hedging.html#hedgelab.hedge")
    entry = page.locator("[id='hedgelab.hedge']")
    expect(entry).to_be_in_viewport()
    tops = [line.bounding_box()["y"] for line in entry.locator(".sig-line").all()]
    assert len(tops) > 5
    assert tops == sorted(set(tops))


def test_the_code_of_an_entry_opens_without_javascript(browser, address):
    """It is part of the page."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "book/reference/black_scholes.html")
    code = page.locator("details", has_text="The code, in hedgelab/black_scholes/pricing.py").first
    expect(code.locator("pre")).to_be_hidden()
    code.locator("summary").click()
    expect(code.locator("pre")).to_be_visible()
    context.close()


def test_code_fits_its_box_on_a_desk(desk_at, chapter_path):
    """A reader at a desk sees whole lines, in solutions too; on a phone they scroll."""
    page = desk_at(chapter_path).page
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".cell_input pre")]
            .filter(it => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1)
            .map(it => it.innerText)"""
    )
    assert cut == []
