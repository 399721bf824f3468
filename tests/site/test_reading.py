"""What a reader can do on the site."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


def test_the_search_finds_gamma(visit):
    """From the keyboard on any page to a list of results."""
    page = visit("book/preface.html").page
    page.keyboard.press("Control+k")
    page.keyboard.type("gamma")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=gamma")
    result = page.locator("#search-results li a").first
    result.wait_for()
    result.click()
    assert "gamma" in page.locator("main").inner_text().lower()


def test_the_search_index_is_loaded_on_the_search_page_only(record, page_path):
    """It grows with the book."""
    loaded = any("searchindex.js" in url for url in record(page_path).sizes)
    assert loaded == (page_path == "search.html")


def test_a_quiz_answers_a_click_at_once(visit, chapter_path):
    """Each option shows its own feedback and only that, in words and not by colour alone."""
    page = visit(chapter_path, width=390, height=844).page
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


def test_a_quiz_answers_the_keyboard(visit, chapter_path):
    """Tab to the question, arrows through its options."""
    page = visit(chapter_path).page
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


def test_text_in_figures_is_legible_on_a_phone(visit, chapter_path):
    """At least 9 px high type, whatever size the figure was drawn at."""
    page = visit(chapter_path, width=390, height=844).page
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("figure svg")].filter(it => it.clientWidth).map(svg => {
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const sizes = [...svg.querySelectorAll("text")].map(it => parseFloat(getComputedStyle(it).fontSize));
            return scale * Math.min(...sizes);
        }))"""
    )
    assert smallest >= 9


@pytest.mark.parametrize("button", [".chapters-open", ".contents-open"])
def test_the_side_columns_open_on_a_phone(visit, chapter_path, button):
    """As drawers that a tap beside them, a link or Escape closes."""
    page = visit(chapter_path, width=390, height=844).page
    page.locator(button).click()
    drawer = page.locator("dialog[open]")
    expect(drawer.locator("a").nth(1)).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_what_is_wider_than_its_box_can_be_scrolled_with_the_keyboard(visit, chapter_path):
    """Long formulas, wide tables and code take the focus if, and only if, they scroll."""
    page = visit(chapter_path, width=390, height=844).page
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


def test_code_fits_its_box_on_a_desk(visit, chapter_path):
    """A reader at a desk sees whole lines, in solutions too; on a phone they scroll."""
    page = visit(chapter_path).page
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".cell_input pre")]
            .filter(it => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1)
            .map(it => it.innerText)"""
    )
    assert cut == []
