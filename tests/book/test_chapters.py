"""The chapters: their sources are plain, and each has the shape of a chapter."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import pytest
import yaml
from bs4 import BeautifulSoup
from verdicts import OVERTURNED, VERDICTS

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
CHAPTERS = [entry["file"] for part in TOC["parts"] if part.get("numbered") for entry in part["chapters"]]
SOURCES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]

chapter = pytest.mark.parametrize("name", CHAPTERS)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_plain_markdown_without_stored_results(name):
    """One file for the page and the notebook, so that a difference between versions can be read."""
    text = (ROOT / f"{name}.md").read_text("utf8")
    assert not (ROOT / f"{name}.ipynb").exists()
    if "{code-cell}" in text:
        assert jupytext.read(ROOT / f"{name}.md").metadata["kernelspec"]["name"] == "python3"


@pytest.fixture(scope="session")
def built():
    """The built page of a chapter."""

    def read(name: str) -> BeautifulSoup:
        path = ROOT / "_build" / "html" / f"{name}.html"
        if not path.is_file():
            pytest.fail("There is no built book to test: run `make html`.")
        return BeautifulSoup(path.read_text("utf8"), "html.parser")

    return read


@chapter
def test_a_chapter_says_what_it_is_for_asks_and_answers(built, name):
    """Objectives first; questions before explanations; something to move; the article's claims weighed."""
    page = built(name)
    (card,) = page.select(".chapter-card")
    assert {"Afterwards you can", "You need", "Time", "Symbols"} <= {word.text for word in card.select("strong")}
    assert len(page.select("fieldset.quiz")) >= 2
    assert page.select("hedge-explorer")
    verdicts = page.select(".verdict p:nth-of-type(2) > strong:first-child")
    assert len(verdicts) == len(page.select(".verdict")) > 0
    assert {verdict.text.rstrip(".") for verdict in verdicts} <= set(VERDICTS)
    assert [end.text for end in page.select(".verdict p:last-child > strong:first-child")] == [OVERTURNED] * len(
        verdicts
    )


def test_the_appendix_has_every_verdict_of_every_chapter_as_it_stands_there(built):
    """What it says was read from the chapters; one box alone judges the whole of a claim, or that part of it."""
    table = built("book/article_tested").select_one("table.verdict-table")
    rows = table.select("tbody tr")
    assert len(table.select("td.claim")) == 22
    shown = " ".join(" ".join(row.text.split()) for row in rows)
    boxes = [box for name in CHAPTERS for box in built(name).select(".verdict")]
    assert len([row for row in rows if row.a]) == len(boxes)
    for box in boxes:
        for number in box.select(".published"):
            assert " ".join(number.text.split()) in shown
    claims = [re.search(r"\((A\d+(, [^()]+)?)\)$", box.p.text)[1] for box in boxes]
    assert len(set(claims)) == len(claims)
    assert len(built("book/what_the_article_should_have_said").select(".instead")) == 22


@chapter
def test_every_exercise_has_a_solution_that_is_folded_away(built, name):
    """At least four, and one of them has no single answer."""
    page = built(name)
    exercises = page.select("div.exercise")
    assert len(exercises) >= 4
    assert any("no single answer" in " ".join(exercise.text.split()) for exercise in exercises)
    solutions = [solution.summary.text for solution in page.select("details.solution")]
    for exercise in exercises:
        number = exercise.select_one(".caption-number").text.strip()
        assert any(f"{number} " in f"{title} " for title in solutions), f"{number} has no solution"
    assert not page.select("details[open]:not(.explorer-more)")  # an explorer brings out what its page has set


@chapter
def test_every_figure_has_a_message_a_name_and_a_description(built, name):
    """Caption, id to refer to, and words for those who cannot see it."""
    figures = built(name).select("figure")
    assert len(figures) >= 3
    for figure in figures:
        assert figure.get("id")
        assert len(figure.figcaption.text.split()) >= 6
        description = figure.svg["aria-label"]
        assert len(description.split()) >= 8, description
        assert description not in figure.figcaption.text


@pytest.mark.parametrize("name", SOURCES)
def test_no_cell_complains_on_the_page(built, name):
    """A warning on stderr is not something a reader should have to wonder about."""
    assert not built(name).select(".stderr, .traceback, .problematic, .system-message")
