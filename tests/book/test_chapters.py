"""The chapters as notebooks: they run, they give the same numbers twice, and each has the shape of a chapter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
CHAPTERS = [entry["file"] for part in TOC["parts"] if part.get("numbered") for entry in part["chapters"]]
SOURCES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
WITH_CODE = [name for name in SOURCES if "{code-cell}" in (ROOT / f"{name}.md").read_text("utf8")]

os.environ.setdefault("TQDM_DISABLE", "1")  # a bar appears after two seconds, or not, as the machine likes

chapter = pytest.mark.parametrize("name", CHAPTERS)


@pytest.mark.parametrize("name", WITH_CODE)
def test_a_chapter_gives_the_same_numbers_in_another_kernel(name):
    """Executed once, then compared cell by cell, figures included, with a second execution."""
    notebook = jupytext.read(ROOT / f"{name}.md")
    executed = ROOT / "_build" / "notebooks" / f"{name}.ipynb"
    executed.parent.mkdir(parents=True, exist_ok=True)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(executed.parent)}}).execute()
    nbformat.write(notebook, executed)
    again = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=",
            str(executed),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert again.returncode == 0, again.stdout[-6000:] + again.stderr[-2000:]


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
    """Objectives first; a question before the explanation; the claims of the article weighed."""
    page = built(name)
    assert len(page.select(".chapter-card")) == 1
    assert page.select("fieldset.quiz")
    assert page.select(".verdict")


@chapter
def test_every_exercise_has_a_solution_that_is_folded_away(built, name):
    """At least three of them."""
    page = built(name)
    exercises = page.select("div.exercise")
    assert len(exercises) >= 3
    solutions = [solution.summary.text for solution in page.select("details.solution")]
    for exercise in exercises:
        number = exercise.select_one(".caption-number").text.strip()
        assert any(f"{number} " in f"{title} " for title in solutions), f"{number} has no solution"
    assert not page.select("details[open]")


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
