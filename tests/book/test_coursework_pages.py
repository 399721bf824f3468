"""The pages and zips of the assignments on the site: all are there, and no answer is."""

from __future__ import annotations

import io
import json
import re
import shlex
import zipfile
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from coursework import board, tournament, worlds
from coursework.__main__ import main, parser
from coursework.assignment import Check
from coursework.compare import plain
from coursework.notebooks import every, model, starter

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
PAGES = SITE / "book" / "coursework"
SOURCES = ROOT / "book" / "coursework"
ASSIGNMENTS = {assignment.name: assignment for assignment in every()}
SOLUTIONS = re.compile(
    r"(?:# BEGIN SOLUTION\n(.*?)# END SOLUTION)|(?:<!-- BEGIN SOLUTION -->\n(.*?)<!-- END)", re.DOTALL
)
each = pytest.mark.parametrize("name", ASSIGNMENTS)


def page(path: Path) -> BeautifulSoup:
    """A built page."""
    if not path.is_file():
        pytest.fail(f"There is no {path.name}: run `make html`.")
    return BeautifulSoup(path.read_text("utf8"), "html.parser")


def straight(text: str) -> str:
    """With plain quotation marks."""
    return text.translate(str.maketrans("‘’“”", "''\"\""))


def lines(text: str) -> set[str]:
    """The lines that say something, whatever stands around them."""
    found = {" ".join(line.split()) for line in straight(text).splitlines()}
    return {line for line in found if len(line) > 12}


def secrets(name: str) -> set[str]:
    """The lines of a model solution that no student's copy has anyway."""
    given = lines("\n".join(cell.source for cell in starter(ASSIGNMENTS[name]).cells))
    found = SOLUTIONS.findall("\n".join(cell.source for cell in model(ASSIGNMENTS[name]).cells))
    return lines("\n".join("".join(parts) for parts in found)) - given


def hidden_values(name: str) -> set[str]:
    """The answers that are values: numbers that are not round, and lists."""
    checks = [check for question in ASSIGNMENTS[name].questions for check in question.checks]
    answers = [plain(c.answer()) for c in checks if isinstance(c, Check) and c.inputs is None]
    texts = [f"{a:.5g}" for a in answers if isinstance(a, float) and a != round(a, 2)]
    return {*texts, *(json.dumps(a) for a in answers if isinstance(a, list))}


def offered(name: str) -> dict[str, str]:
    """Everything that the site has of an assignment, as text."""
    with zipfile.ZipFile(PAGES / f"{name}.zip") as archive:
        found = {inside: archive.read(inside).decode("utf8") for inside in archive.namelist()}
    for inside, text in list(found.items()):
        if inside.endswith(".ipynb"):
            found[inside] = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    found["page"] = page(PAGES / f"{name}.html").get_text()
    assert not (SITE / "_sources" / "book" / "coursework" / f"{name}.md.txt").exists()
    return found


@each
def test_every_assignment_has_its_page(name):
    """With its title, its minutes and points, each question, a link to its chapter and to its zip."""
    assignment, shown = ASSIGNMENTS[name], page(PAGES / f"{name}.html")
    assert straight(shown.h1.get_text()).startswith(assignment.title)
    text = " ".join(shown.get_text().split())
    low, high = assignment.minutes
    assert f"{low} to {high} minutes, {assignment.points:g} points" in text
    links = [link["href"] for link in shown.select("a[href]")]
    assert f"{name}.zip" in links
    assert any(link.endswith(f"{assignment.follows}.html") for link in links)
    titles = [heading.get_text() for heading in shown.select("h2")]
    for question in assignment.questions:
        assert [title for title in titles if title.startswith(f"{question.name}. ")], question.name
    assert not shown.select(".cell, .cell_output")
    assert f"{name}.html" in [link["href"] for link in page(PAGES / "index.html").select("table a")]


@each
def test_no_line_of_a_solution_and_no_hidden_answer_is_on_the_site(name):
    """Neither on its page, nor in its zip, nor in what is found of it."""
    kept, values = secrets(name), hidden_values(name)
    assert len(kept) > 20
    for where, text in offered(name).items():
        assert not kept & lines(text), where
        assert "SOLUTION" not in text, where
        if not where.endswith((".csv", ".py")):
            assert not [value for value in values if value in text], where


def test_no_page_of_the_site_answers_an_open_question():
    """Also not one that has nothing to do with it."""
    words = {
        line
        for name in ASSIGNMENTS
        for cell in model(ASSIGNMENTS[name]).cells
        if "question" in cell.metadata
        for line in lines(cell.source)
        if line in secrets(name)
    }
    assert len(words) > 50
    pages = sorted(SITE.rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        assert not words & lines(page(path).get_text()), path


def test_a_solution_would_be_found():
    """The tests above can fail."""
    some = sorted(secrets("hw2"))[0]
    assert lines(f"<p>\n  {some.replace(chr(39), '’')}  \n") & secrets("hw2")


@each
def test_the_zip_on_the_site_is_the_one_that_the_command_makes(name, tmp_path, capsys):
    """To the byte."""
    assert main(["assignments", name, "--into", str(tmp_path)]) == 0
    assert (PAGES / f"{name}.zip").read_bytes() == (tmp_path / f"{name}.zip").read_bytes()
    assert zipfile.ZipFile(io.BytesIO((PAGES / f"{name}.zip").read_bytes())).testzip() is None


def commands() -> list[str]:
    """What the book and the README tell an instructor to type."""
    texts = [path.read_text("utf8") for path in [*sorted(SOURCES.glob("*.md")), ROOT / "README.md"]]
    joined = "\n".join(texts).replace("\\\n", " ")
    return re.findall(r"^python -m coursework (.+?)\s*(?:#.*)?$", joined, re.MULTILINE)


def test_every_command_that_is_told_is_one():
    """With its options."""
    told = commands()
    assert len(told) >= 10
    for command in told:
        parser().parse_args(shlex.split(command))


def test_the_tournaments_page_says_its_rules():
    """The numbers are those of the code."""
    text = " ".join((SOURCES / "tournament.md").read_text("utf8").split())
    assert f"{worlds.PATHS:,} paths of {worlds.STEPS} steps" in text
    assert f"{10_000 * worlds.COST:g} basis points" in text
    assert worlds.CALL.expiry == 0.25
    assert board.AVERSION == 1.0
    assert board.COUNT == 3
    assert tournament.MOST_SHARES == 1e6
    assert tournament.POLICY.seconds == 2.0
    assert tournament.WORLD_SECONDS == 10.0
    told = re.search(r"These are the attributes of a moment.*?: (.*?)\. ", text)[1]
    assert set(re.findall(r"`(\w+)`", told)) == set(tournament.TOLD)


def test_the_guide_has_the_profile_that_the_grader_tells():
    """And it is one that AppArmor reads: a rule, in braces."""
    text = (SOURCES / "instructors_guide.md").read_text("utf8")
    assert "profile bwrap /usr/bin/bwrap flags=(unconfined) {" in text
    assert "  userns,\n" in text
    assert "/etc/apparmor.d/bwrap" in text


def test_the_guide_shows_the_checks_of_the_template():
    """As `new` copies them."""
    checks = (ROOT / "coursework" / "template" / "checks.py").read_text("utf8")
    shown = checks[checks.index("def break_even") :].rstrip().replace('"template"', '"hw11"')
    assert f"```python\n{shown}\n```" in (SOURCES / "instructors_guide.md").read_text("utf8")


def test_the_contents_have_the_assignments_in_their_order():
    """As they are found."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    listed = [
        section["file"].rpartition("/")[2]
        for part in contents["parts"]
        for chapter in part["chapters"]
        if chapter["file"] == "book/coursework/index"
        for section in chapter["sections"]
    ]
    assert listed == list(ASSIGNMENTS)
