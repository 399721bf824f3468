"""The book's Sphinx extensions: what they make of a page, and what they say of a page that is wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
import yaml
from bs4 import BeautifulSoup
from building import ROOT, build
from execute_ahead import cores
from inline_figures import Drawings, shorter_path
from nbformat.v4 import new_output
from report_errors import check, new_issue
from small_book import SmallBook
from sphinx.errors import ConfigError
from whole_notebooks import joined

NUMBER = """
# A page

```{code-cell} python
import sys
sys.path.insert(0, %r)
import hedgelab.number
print("the number is", hedgelab.number.N)
```
"""


def test_a_change_of_the_library_alone_executes_the_chapters_again(small_book):
    """No stale numbers; and where nothing has changed nothing is executed."""
    library = small_book.folder / "hedgelab" / "number.py"
    (small_book.folder / "hedgelab" / "__init__.py").write_text("")
    small_book.write(NUMBER % str(small_book.folder))

    library.write_text("N = 41\n")
    first = small_book.build()
    assert first.returncode == 0, first.stderr
    assert "the number is 41" in small_book.read()

    unchanged = small_book.build()
    assert unchanged.returncode == 0, unchanged.stderr
    assert "Executing notebook" not in unchanged.stdout
    assert "0 added, 0 changed" in unchanged.stdout

    again = small_book.build("-E")
    assert "Using cached" in again.stdout
    assert "Executing notebook" not in again.stdout
    # what is taken home is made of this, and has its outputs also where they came from the cache
    kept = small_book.folder / "_build" / "jupyter_execute" / "page.ipynb"
    assert "the number is 41" in kept.read_text("utf8")

    library.write_text("N = 42\n")
    changed = small_book.build()
    assert changed.returncode == 0, changed.stderr
    assert "the number is 42" in small_book.read()
    assert "the number is 41" not in small_book.read()


def test_what_a_cell_printed_in_pieces_is_one():
    """Wherever it was cut; and what it drew keeps its place."""
    pieces = [new_output("stream", text=text) for text in ("one", "\ntwo\n", "three\n")]
    pieces.insert(1, new_output("display_data"))
    pieces.insert(1, new_output("stream", name="stderr", text="beside"))
    assert [output.get("text") for output in joined(pieces)] == ["one\ntwo\nthree\n", "beside", None]
    assert joined([]) == []


MEETING = """# A page

```{{code-cell}} python
import time
from pathlib import Path

Path("{here}").touch()
until = time.time() + 25
while not Path("{there}").exists():
    assert time.time() < until, "nobody came"
    time.sleep(0.05)
print("{here} met {there}")
```
"""


@pytest.mark.skipif(cores() < 2, reason="one core")
def test_notebooks_are_executed_at_the_same_time(tmp_path):
    """Each waits in its kernel until another one has begun; what they print is on their own pages."""
    pages = {
        here: MEETING.format(here=here, there=there) for here, there in (("left", "right"), ("right", "left"))
    }
    book = SmallBook(tmp_path, **pages, plain="# Nothing to execute")
    done = book.build()
    assert done.returncode == 0, done.stderr
    assert "left met right" in book.read("left")
    assert "right met left" in book.read("right")
    assert "Executing notebook" not in book.build().stdout


FORMULAS = """# A page

The slope is $\\Delta = \\partial C/\\partial S$, see {eq}`parity`.

```{math}
:label: parity
C - P = S - K e^{-rT}
```

$$
a &= b \\\\
c &= d
$$
"""

FIGURE = """# A page

```{code-cell} python
---
mystnb:
  figure:
    name: fig-line
    caption: A line that rises.
  image:
    alt: A straight line from the lower left to the upper right.
---
from hedgelab import figures
figure, axes = figures.new()
axes.plot([0, 1], color=figures.PALETTE["hedged"])
axes.scatter(range(40), range(40), color=figures.PALETTE["loss"], alpha=0.5)
figure
```
"""

LIVE = """# A page

```{code-cell} python
loss = 1234.5
```

You lost \\${eval}`f"{loss:,.0f}"`.

```{code-cell} python
loss = 2 * loss
```

Then \\${eval}`f"{loss:,.0f}"`, and {eval}`f"{-loss:.1f}"`.
"""

QUIZ = """# A page

::::{admonition} What does the hedger of a short call do when $S$ rises?
:class: quiz

:::{dropdown} Sells shares
Not quite. Delta has grown.
:::
:::{dropdown} Buys shares
Right. At a higher price.
:::
::::
"""

INDEXED = """# A page

First {term}`gamma`, then {term}`Gamma <gamma>` once more, in 30 % of cases, 5 ± 1.

```{code-cell} python
print("30 % ± 1")
```

:::{glossary}
gamma
  The change of delta.
:::

```{book-index}
```
"""

FRAME = """# A page

```{code-cell} python
import pandas as pd
pd.DataFrame({"cost": [-1.5, 20.0, 3.0]}, index=pd.Index([0.25, 10.0, "West"], name="days"))
```

```{code-cell} python
pd.DataFrame({"event": ["It fell by a fifth, and nobody knew why it had.", "It rose."], "day": [19, 21]})
```

| Week | In class |
|---|---|
| $\\Delta$ | A hedge, $x<"y"$, and what it is that somebody pays for |
| 2 | A price |
"""


@pytest.fixture(scope="module")
def right(tmp_path_factory) -> SmallBook:
    """A book of pages in which nothing is wrong."""
    pages = dict(formulas=FORMULAS, figure=FIGURE, live=LIVE, quiz=QUIZ, indexed=INDEXED, frame=FRAME)
    book = SmallBook(tmp_path_factory.mktemp("right"), **pages)
    done = book.build()
    assert done.returncode == 0, done.stderr
    return book


#: In each of these pages one thing is wrong; and that is what has to be said of it.
WRONG = {
    "uncaptioned": (
        FIGURE.replace("    caption: A line that rises.\n", ""),
        None,
        "a figure lacks its caption (mystnb: figure: caption)",
    ),
    "unnamed": (
        FIGURE.replace("    name: fig-line\n", ""),
        None,
        "a figure lacks its name (mystnb: figure: name)",
    ),
    "undescribed": (
        FIGURE.replace("alt: A straight line from the lower left to the upper right.", "height: 300px"),
        None,
        "a figure lacks its description (mystnb: image: alt)",
    ),
    "quiz-without-answer": (
        QUIZ.replace("Right. At", "Not quite. At"),
        3,
        "exactly one option must be right, not 0",
    ),
    "quiz-with-two": (
        QUIZ.replace("Not quite. Delta", "Right. Delta"),
        3,
        "exactly one option must be right, not 2",
    ),
    "quiz-with-silence": (
        QUIZ.replace("Right. At a higher price.\n", ""),
        3,
        "option 2 needs a title, and an answer that begins with Right.",
    ),
    "quiz-with-a-yes": (
        QUIZ.replace("Right. At", "Yes. At"),
        3,
        "option 2 needs a title, and an answer that begins with Right.",
    ),
    "quiz-with-prose": (
        QUIZ.replace(":::{dropdown} Sells", "Hm.\n\n:::{dropdown} Sells"),
        3,
        "nothing but dropdowns",
    ),
    "unused": (
        INDEXED.replace("\n  The change of delta.", "\n  The change of delta.\n\nvega\n  Another."),
        None,
        "no chapter links: vega",
    ),
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory) -> list[str]:
    """What a build says of a book of wrong pages, which it must refuse."""
    pages = {name: text for name, (text, _, _) in WRONG.items()}
    done = SmallBook(tmp_path_factory.mktemp("wrong"), **pages).build("--keep-going")
    assert done.returncode != 0
    return done.stderr.splitlines()


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_page_is_said_with_its_place(complaints, name):
    """A figure without its words, a quiz that is not well formed, a word of the glossary that nobody uses."""
    _, line, words = WRONG[name]
    place = f"/{name}.md:{line or ''}"
    assert [said for said in complaints if place in said and words in said and "WARNING" in said], complaints


def test_a_formula_that_cannot_be_typeset_is_named(small_book):
    """With its file, its line and what TeX has against it."""
    small_book.write("# A page\n\nFine: $x^2$.\n\nNot fine: $\\frc{1}{2}$.\n")
    done = small_book.build()
    assert done.returncode != 0
    assert "page.md:5" in done.stderr
    assert r"\frc" in done.stderr


def test_mathematics_is_typeset_numbered_and_referred_to(right):
    """HTML for the eye, MathML for a screen reader, and no TeX left over."""
    page = right.read("formulas")
    assert page.count("<mjx-container") == 3
    assert page.count("<math ") == 3
    assert 'id="equation-parity"' in page
    assert 'href="#equation-parity">(1)' in page
    assert (right.folder / "_build" / "html" / "_static" / "math.css").read_text().count("@font-face") >= 1


def test_a_figure_becomes_part_of_the_page(right):
    """In the page's colours, described, and with ids of its own; the dots of a cloud share their style."""
    page = right.read("figure")
    assert "var(--figure-hedged, #0f766e)" in page
    assert 'role="img" aria-label="A straight line from the lower left to the upper right."' in page
    assert "<img" not in page
    assert "{clip-path:url(#_" in page
    parsed = BeautifulSoup(page, "html.parser")
    rules = dict(re.findall(r"\.(\w+)\{(.*?)\}", parsed.head.style.text))
    assert {name for item in parsed.select("svg [class]") for name in item["class"]} == set(rules)
    dots = parsed.select_one("use + use").parent
    assert len(dots.select("use")) == 40
    assert any("fill:var(--figure-loss" in rules[name] for name in dots["class"])
    assert not dots.select("use[class]")
    assert not parsed.select("svg [style]")


def test_a_path_without_a_way_is_left_out():
    """Matplotlib writes one for an error bar that is NaN."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g><path d="M 0 0 L 1 1"/><path/></g></svg>'
    assert Drawings().inline(svg, "A line.").count("<path") == 1


@pytest.mark.parametrize(
    ("long", "brief"),
    [
        ("M 10.0 20.0 \nL 3 4 \nL 3 9.5 \nL 2.996 9.5 \nz\n", "M10 20l-7-16v5.5h0z"),
        ("M 0.5 0.25 L 1.004 0.5 L 1.508 1.001 z M 1 1 L 2 0", "M.5.25l.5.25.51.5zM1 1l1-1"),
        ("M 0 1 C 0.26 1 0.52 0.9 0.7 0.7 C 0.9 0.52 1 0.26 1 0 z", "M0 1c.26 0 .52-.1.7-.3.2-.18.3-.44.3-.7z"),
    ],
)
def test_a_path_says_the_same_in_fewer_letters(long, brief):
    """Steps from place to place, whose roundings do not add up."""
    assert shorter_path(long) == brief


def test_the_prose_states_what_the_code_computed_up_to_there(right):
    """The cells that glue the numbers in do not show."""
    page = BeautifulSoup(right.read("live"), "html.parser")
    assert [paragraph.text for paragraph in page.select("section p")] == [
        "You lost $1,234.",
        "Then $2,469, and -2469.0.",
    ]
    assert not [code for code in page.select("pre") if "glue" in code.text]


def test_a_number_that_cannot_be_computed_stops_the_build(small_book):
    """And is named."""
    small_book.write(LIVE.replace('f"{-loss:.1f}"', 'f"{gain:.1f}"'))
    done = small_book.build()
    assert done.returncode != 0
    assert "name 'gain' is not defined" in done.stderr


def test_a_quiz_is_a_form_that_needs_no_script(right):
    """Radio buttons in a group with a legend, and an answer in words for each."""
    page = right.read("quiz")
    assert page.count('type="radio" name="quiz-1"') == 2
    assert page.index("Not quite.") < page.index("Right.")
    assert "<legend>What does the hedger" in page
    assert "sd-summary" not in page


def test_elsewhere_a_quiz_is_a_box_with_its_answers(small_book):
    """Plain text has no radio buttons."""
    small_book.write(QUIZ)
    done = small_book.build("-b", "text", "-d", "_build/text-doctrees")
    assert done.returncode == 0, done.stderr
    text = (small_book.folder / "_build" / "html" / "page.txt").read_text("utf8")
    assert "Sells shares" in text
    assert "Not quite. Delta has grown." in text


def test_the_index_leads_to_the_first_use_of_a_word(right):
    """And to its entry in the glossary."""
    page = BeautifulSoup(right.read("indexed"), "html.parser")
    term, use = page.select(".book-index a")
    assert (term.text, use.text) == ("gamma", "A page")
    assert page.find(id=term["href"].rpartition("#")[2]).name == "dt"
    first = page.find(id=use["href"].rpartition("#")[2])
    assert first.find_next("a").text == "gamma"
    assert first.find_previous("p").text.startswith("First")


def test_a_number_and_its_unit_stay_on_one_line(right):
    """In prose; what a cell prints is left alone."""
    page = BeautifulSoup(right.read("indexed"), "html.parser")
    assert (
        "30\N{NO-BREAK SPACE}% of cases, 5\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}1."
        in page.select_one("section p").text
    )
    assert "30 % ± 1" in page.select_one(".output").text


def test_tables_are_aligned_and_long_ones_know_the_names_of_their_columns(right):
    """The numbers of an index have as many decimals as the longest; a cell of a table of long texts has a name."""
    numbers, events, weeks = BeautifulSoup(right.read("frame"), "html.parser").select("table")
    assert [cell.text for cell in numbers.select("tbody th")] == ["0.25", "10.00", "West"]
    assert [cell.text for cell in numbers.select("td")] == ["\N{MINUS SIGN}1.5", "20.0", "3.0"]
    assert "long" not in numbers["class"]
    assert not numbers.select("[data-label]")
    assert "long" in events["class"]
    assert [cell["data-label"] for cell in events.select("td")] == ["event", "day"] * 2
    assert "long" in weeks["class"]
    assert [cell["data-label"] for cell in weeks.select("td")] == ["Week", "In class"] * 2
    assert len(weeks.select("mjx-container")) == 2


class Book:
    """A Jupyter Book of three pages with the templates, styles and extensions of the real one."""

    CONTENTS: ClassVar = {
        "format": "jb-book",
        "root": "book/index",
        "options": {"numbered": False},
        "parts": [
            {"chapters": [{"file": "book/preface"}]},
            {"caption": "The part", "chapters": [{"file": "book/part", "title": "Another name"}]},
            {"numbered": True, "chapters": [{"file": "book/second"}, {"file": "book/first"}]},
            {"caption": "Appendices", "chapters": [{"file": "book/words"}]},
        ],
    }
    PAGES: ClassVar = {
        "index": "# The book\n\n## Inside\n\n```{chapter-list}\n```\n",
        "preface": "# Preface\n\nText.\n",
        "part": "# The opening\n\nText.\n",
        "first": '---\ndescription: "About *ends*: $x$ & <b>."\n---\n\n# Named first\n\nText.\n',
        "second": "---\ndescription: About beginnings.\n---\n\n# Named second\n\nText.\n",
        "words": "# Words\n\nText.\n",
    }

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "book").mkdir()
        for name in ("_ext", "_static", "_templates", "references.bib"):
            (folder / "book" / name).symlink_to(ROOT / "book" / name)
        for name in ("pyproject.toml", "CITATION.cff"):
            (folder / name).symlink_to(ROOT / name)
        (folder / "_toc.yml").write_text(yaml.safe_dump(self.CONTENTS), "utf8")
        self.pages = dict(self.PAGES)

    def build(self, **settings: object) -> subprocess.CompletedProcess[str]:
        """Build it; `settings` are Sphinx's, in place of those of the real book."""
        configuration = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))
        configuration["sphinx"]["config"] |= settings
        (self.folder / "_config.yml").write_text(yaml.safe_dump(configuration), "utf8")
        for name, text in self.pages.items():
            (self.folder / "book" / f"{name}.md").write_text(text, "utf8")
        return build(self.folder, "jupyter_book.cli.main", "build", "--quiet", "-W", ".")

    def page(self, path: str) -> BeautifulSoup:
        """A built page."""
        return BeautifulSoup((self.folder / "_build" / "html" / path).read_text("utf8"), "html.parser")


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Book:
    """It is built again and again; what a test changes it changes back."""
    return Book(tmp_path_factory.mktemp("book"))


EVERYWHERE = ["index.html", "book/index.html", "book/preface.html", "book/first.html", "search.html"]


def test_the_list_of_chapters_follows_the_contents(book):
    """In their order and numbers, under the name of their part; and it changes with them."""

    def listed() -> list[str]:
        return [
            " ".join(line.text.split()) for line in book.page("index.html").select(".chapter-list :is(p, h3, dt)")
        ]

    expected = [
        "Preface",
        "The part#",
        "1 Named second",
        "About beginnings.",
        "2 Named first",
        "About *ends*: $x$ & <b>.",
        "Appendices: Words",
    ]
    done = book.build()
    assert done.returncode == 0, done.stderr
    assert listed() == expected
    assert book.page("index.html").select_one(".chapter-list h3 a")["href"] == "book/part.html"
    assert book.page("book/index.html").select_one(".chapter-list h3 a")["href"] == "part.html"
    for path in EVERYWHERE:  # the repository has no address yet
        assert "Report an error" not in book.page(path).text
        assert not book.page(path).select('[href*="issues"], .report-errors')

    book.pages["second"] = book.pages["second"].replace("beginnings", "middles").replace("Named", "Called")
    assert book.build(repository=None).returncode == 0
    expected[2:4] = ["1 Called second", "About middles."]
    assert listed() == expected
    assert not book.page("index.html").select(".report-errors")


def test_a_chapter_without_a_description_is_reported(book):
    """By its name."""
    described = book.pages["first"]
    book.pages["first"] = "# Named first\n\nText.\n"
    done = book.build()
    book.pages["first"] = described
    assert done.returncode != 0
    assert "a chapter needs a description in its front matter" in done.stderr
    assert "book/first" in done.stderr


def test_every_page_has_what_needs_an_address_where_the_book_has_one(book):
    """The repository's is in a link to report an error, which names the page; the site's in how to cite it."""
    done = book.build(repository="https://github.com/somebody/hedging/", html_baseurl="https://host/path")
    assert done.returncode == 0, done.stderr

    def cited(path: str) -> list[str]:
        return [text.text for text in book.page(path).select(".cite pre")]

    text, entry = cited("book/first.html")
    assert "“Named first”, chapter 2 of Dynamic Hedging by Experiment, version" in text
    assert text.endswith("https://host/path/book/first.html")
    assert "url = {https://host/path/book/first.html}" in entry
    assert "“Preface”, a page of" in cited("book/preface.html")[0]
    assert "“" not in cited("index.html")[0]
    assert cited("search.html") == []
    for path in EVERYWHERE:
        (link,) = book.page(path).select(".report-errors a")
        address, _, query = link["href"].partition("?")
        assert address == "https://github.com/somebody/hedging/issues/new"
        page = "book/index" if path == "index.html" else path.removesuffix(".html")
        assert parse_qs(query) == {"title": [f"Error on the page {page}"]}


def test_each_kind_of_host_has_its_own_form():
    """GitLab's is not GitHub's."""
    address, _, query = new_issue("https://gitlab.example.org/somebody/hedging", "An error").partition("?")
    assert address == "https://gitlab.example.org/somebody/hedging/-/issues/new"
    assert parse_qs(query) == {"issue[title]": ["An error"]}


@pytest.mark.parametrize("wrong", ["somebody/hedging", "javascript:alert(1)", "https://"])
def test_a_repository_that_no_browser_could_open_is_refused(wrong):
    """By the name of the setting."""
    with pytest.raises(
        ConfigError, match="repository must be an address such as https://host/name, got "
    ) as refusal:
        check(None, SimpleNamespace(repository=wrong))
    assert repr(wrong) in str(refusal.value)
