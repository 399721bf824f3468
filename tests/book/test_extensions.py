"""The book's Sphinx extensions: what they make of a page, and what they say of a page that is wrong."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

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
    assert "the number is 41" in small_book.page

    unchanged = small_book.build()
    assert unchanged.returncode == 0, unchanged.stderr
    assert "Executing notebook" not in unchanged.stdout
    assert "0 added, 0 changed" in unchanged.stdout

    again = small_book.build("-E")
    assert "Using cached" in again.stdout
    assert "Executing notebook" not in again.stdout

    library.write_text("N = 42\n")
    changed = small_book.build()
    assert changed.returncode == 0, changed.stderr
    assert "the number is 42" in small_book.page
    assert "the number is 41" not in small_book.page


def test_mathematics_is_typeset_numbered_and_referred_to(small_book):
    """HTML for the eye, MathML for a screen reader, and no TeX left over."""
    small_book.write(
        "# A page\n\nThe slope is $\\Delta = \\partial C/\\partial S$, see {eq}`parity`.\n\n"
        "```{math}\n:label: parity\nC - P = S - K e^{-rT}\n```\n\n$$\na &= b \\\\\nc &= d\n$$\n"
    )
    done = small_book.build()
    assert done.returncode == 0, done.stderr
    assert small_book.page.count("<mjx-container") == 3
    assert small_book.page.count("<math ") == 3
    assert 'id="equation-parity"' in small_book.page
    assert 'href="#equation-parity">(1)' in small_book.page
    assert (small_book.folder / "_build" / "html" / "_static" / "math.css").read_text().count("@font-face") >= 1


def test_a_formula_that_cannot_be_typeset_is_named(complaint):
    """With its file, its line and what TeX has against it."""
    said = complaint("# A page\n\nFine: $x^2$.\n\nNot fine: $\\frc{1}{2}$.\n")
    assert "page.md:5" in said
    assert r"\frc" in said


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
figure
```
"""


def test_a_figure_becomes_part_of_the_page(small_book):
    """In the page's colours, described, and with ids of its own."""
    small_book.write(FIGURE)
    done = small_book.build()
    assert done.returncode == 0, done.stderr
    page = small_book.page
    assert "var(--figure-hedged, #0f766e)" in page
    assert 'role="img" aria-label="A straight line from the lower left to the upper right."' in page
    assert "<img" not in page
    assert 'clip-path="url(#fig-line-' in page


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ("    caption: A line that rises.\n", "caption"),
        ("    name: fig-line\n", "name"),
        ("    alt: A straight line from the lower left to the upper right.\n", "description"),
    ],
)
def test_a_figure_without_its_words_is_refused(complaint, lost, words):
    """Caption, name and description are part of a figure."""
    said = complaint(FIGURE.replace(lost, "" if words != "description" else "    height: 300px\n"))
    assert "a figure lacks its" in said
    assert words in said
    assert "page" in said


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


def test_the_prose_states_what_the_code_computed_up_to_there(small_book):
    """The cells that glue the numbers in do not show."""
    small_book.write(LIVE)
    done = small_book.build()
    assert done.returncode == 0, done.stderr
    said = [paragraph.text for paragraph in BeautifulSoup(small_book.page, "html.parser").select("section p")]
    assert said == ["You lost $1,234.", "Then $2,469, and -2469.0."]
    assert "passage-" not in small_book.page


def test_a_number_that_cannot_be_computed_stops_the_build(complaint):
    """And is named."""
    assert "name 'gain' is not defined" in complaint(LIVE.replace('f"{-loss:.1f}"', 'f"{gain:.1f}"'))


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


def test_a_quiz_is_a_form_that_needs_no_script(small_book):
    """Radio buttons in a group with a legend, and an answer in words for each."""
    small_book.write(QUIZ)
    done = small_book.build()
    assert done.returncode == 0, done.stderr
    page = small_book.page
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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("Right. At", "Not quite. At"), "exactly one option must be right, not 0"),
        (("Not quite. Delta", "Right. Delta"), "exactly one option must be right, not 2"),
        (("Right. At a higher price.\n", ""), "option 2 needs a title, and an answer that begins with Right."),
        (("Right. At", "Yes. At"), "option 2 needs a title, and an answer that begins with Right."),
        ((":::{dropdown} Sells", "Hm.\n\n:::{dropdown} Sells"), "nothing but dropdowns"),
    ],
)
def test_a_quiz_that_is_not_well_formed_is_refused(complaint, change, words):
    """With the line it stands on."""
    said = complaint(QUIZ.replace(*change))
    assert words in said
    assert "page.md:3" in said


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


def test_the_index_leads_to_the_first_use_of_a_word(small_book):
    """And to its entry in the glossary."""
    small_book.write(INDEXED)
    done = small_book.build()
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup(small_book.page, "html.parser")
    term, use = page.select(".book-index a")
    assert (term.text, use.text) == ("gamma", "A page")
    assert page.find(id=term["href"].removeprefix("#")).name == "dt"
    first = page.find(id=use["href"].removeprefix("#"))
    assert first.find_next("a").text == "gamma"
    assert first.find_previous("p").text.startswith("First")


def test_a_word_of_the_glossary_that_nobody_uses_is_reported(complaint):
    """By name."""
    said = complaint(INDEXED.replace("\n  The change of delta.", "\n  The change of delta.\n\nvega\n  Another."))
    assert "no chapter links: vega" in said


def test_a_number_and_its_unit_stay_on_one_line(small_book):
    """In prose; what a cell prints is left alone."""
    small_book.write(INDEXED)
    small_book.build()
    page = BeautifulSoup(small_book.page, "html.parser")
    assert "30\N{NO-BREAK SPACE}% of cases, 5\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}1." in page.p.text
    assert "30 % ± 1" in page.select_one(".output").text
