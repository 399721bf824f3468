"""The words of a chapter: how many there are, and that no number among them was typed that a cell should give."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import pytest
import yaml
from pybtex.database import parse_file

from hedgelab import explorers

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
CHAPTERS = [entry["file"] for part in TOC["parts"] if part.get("numbered") for entry in part["chapters"]]

chapter = pytest.mark.parametrize("name", CHAPTERS)

#: What is no prose: formulas, roles (computed numbers among them), code, addresses, labels.
NO_PROSE = [
    re.compile(r"^---\n.*?\n---\n", re.DOTALL),
    re.compile(r"\$\$.*?\$\$(\s*\([\w-]+\))?", re.DOTALL),
    re.compile(r"(?<!\\)\$[^$]+?(?<!\\)\$"),
    re.compile(r"\[(?=[{±+−]|\\\$)|\]\{[.#][^{}]*\}"),
    re.compile(r"`[^`\n]*`"),
    re.compile(r"(?<=\])\([^)]*\)"),
    re.compile(r"^\([\w-]+\)=$|^:(label|class|name|alt):.*$", re.MULTILINE),
    re.compile(r"\{[\w:+-]+\}"),
]
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")

#: Numbers that the page itself or a source gives: years and days, minutes to read, places in other books.
GIVEN = re.compile(
    r"(1[89]|20)\d\d"
    r"|\d+ (to \d+ )?(January|February|March|April|May|June|July|August|September|October|November|December)"
    r"|\d+ minutes|(table|chapter|section|page|equation|exercise|figure) \d+(\.\d+)?"
)

#: Typed numbers that somebody has looked at, by chapter: each with the words around it.
REVIEWED = {
    "book/foundations/replication": {
        "60 %",  # the newspapers' opinion, the puzzle's premise; \\$18,000 is that share of the bet
        "\\$18,000",
        "\\$15,000",  # half of the bet
        "\\$90,000",  # what the loan is, out of the printed \\$100,000 and \\$10,000
        "\\$39",  # 144 less the strike
        "\\$12,000",  # an opinion, in an exercise
    },
    "book/foundations/greeks": {
        "\\$101.50 and volatility at 23 %",  # the row "good news" of the table above it, in levels
    },
    "book/algorithm/costs_and_bands": {
        "falls by 37 %",  # one less the cube root of a quarter
    },
    "book/system/the_desk": {
        "to fill 212 from customers",  # documented: the SEC's order on Knight Capital
        "\\$460 million",  # the same
    },
    "book/crashes/october_1987": {
        "\\$60 billion",  # documented: Hull (2018)
        "day 33",  # a setting of the figure that follows
        "believe in 60 %",  # the same
    },
}


def prose(text: str) -> str:
    """A Markdown cell without what is no prose."""
    for pattern in NO_PROSE:
        text = pattern.sub(" ", text)
    return text


def read(name: str) -> tuple[str, str]:
    """The prose and the code of a chapter."""
    cells = jupytext.read(ROOT / f"{name}.md").cells
    words, code = ([cell.source for cell in cells if cell.cell_type == kind] for kind in ("markdown", "code"))
    return "\n\n".join(map(prose, words)), "\n".join(code)


def typed_numbers(name: str) -> list[str]:
    """Numbers in the prose that are not small, not given and no premises: those the code works with."""
    text, code = read(name)
    premises = {float(number.replace("_", "")) for number in re.findall(r"(?<![\w.])\d[\d_]*(?:\.\d+)?", code)}
    taken = [found.span() for found in GIVEN.finditer(text)]
    for phrase in REVIEWED.get(name, ()):
        taken += [found.span() for found in re.finditer(re.escape(phrase), text)]
    strange = []
    for found in NUMBER.finditer(text):
        value = float(found[0].rstrip(",").replace(",", ""))
        is_small = value == int(value) and value <= 12
        is_premise = any(
            abs(value * unit - known) < 1e-9 * max(1, known) for known in premises for unit in (1, 0.01, 1e-4)
        )
        is_given = any(start <= found.start() < end for start, end in taken)
        if not (is_small or is_premise or is_given):
            strange.append(" ".join(text[max(0, found.start() - 50) : found.end() + 30].split()))
    return strange


@chapter
def test_no_number_in_the_prose_was_typed_that_the_code_does_not_know(name):
    """A result is computed where it stands; what is typed is a premise, which the code works with as well."""
    assert typed_numbers(name) == []


@pytest.mark.parametrize("name", sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("book/**/*.md")))
def test_no_line_of_prose_is_lost_for_a_per_cent_sign(name):
    """A line that begins with one is a comment in MyST, and vanishes from the page."""
    assert not re.findall(r"^\s*%.*", (ROOT / name).read_text("utf8"), re.MULTILINE)


#: What a verdict ends on, which belongs to the appendix as well.
OVERTURNED = re.compile(r"^\*\*What would overturn it:\*\*.*?(?=^:::)", re.MULTILINE | re.DOTALL)


@chapter
def test_a_chapter_is_as_long_as_a_class(name):
    """Long enough to say it, short enough to read in one sitting; exercises and ends of verdicts apart."""
    story = OVERTURNED.sub("", read(name)[0].partition("\n## Exercises")[0])
    assert 1_500 <= len(story.split()) <= 2_800


@chapter
def test_each_quiz_has_one_right_answer_and_every_answer_says_whether_it_is(name):
    """As `quiz.py` wants it, told before a build of minutes."""
    text = (ROOT / f"{name}.md").read_text("utf8")
    quizzes = re.findall(r"^::::+\{admonition\}.*\n:class: quiz\n((?:.*\n)*?)^::::+$", text, re.MULTILINE)
    assert quizzes
    for options in quizzes:
        answers = re.findall(r"^:::\{dropdown\}.*\n(Right\.|Not quite\.)?", options, re.MULTILINE)
        assert answers.count("Right.") == 1, options
        assert "" not in answers, options


def test_a_typed_result_is_found():
    """The test above can fail."""
    assert NUMBER.findall(prose('a loss of \\$1,234.56 after $x^{99}$ and {eval}`f"{77}"` days')) == ["1,234.56"]


def test_the_reviewed_numbers_are_few_and_still_there():
    """An exception that nothing needs any more is removed."""
    assert sum(map(len, REVIEWED.values())) <= 40
    for name, phrases in REVIEWED.items():
        text = read(name)[0]
        assert [phrase for phrase in phrases if phrase not in text] == []


def test_a_citation_names_one_source():
    """It shows the authors' names and a year; two works of one year have a letter after it."""
    sources = parse_file(ROOT / "book" / "references.bib").entries.values()
    shown = [
        ([person.last_names for person in source.persons["author"]], source.fields["year"]) for source in sources
    ]
    assert [each for each in shown if shown.count(each) > 1] == []


def test_no_explorer_has_the_id_of_a_place_in_a_chapter():
    """On the page of both an id would stand twice."""
    places = set()
    for name in CHAPTERS:
        text = (ROOT / f"{name}.md").read_text("utf8")
        places |= set(re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE))
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        places |= {re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") for heading in headings}
    assert places & {getattr(explorers, name).name for name in explorers.__all__ if name != "Explorer"} == set()
