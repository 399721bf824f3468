"""The verdicts on the article's claims: what the chapters publish, and the pages that are made of it."""

from __future__ import annotations

import re

import pytest
from article_tested import COLUMNS
from bs4 import BeautifulSoup, Tag
from building import ROOT
from live_chapters import MARKED, Book
from small_book import SmallBook

FAST = """# Fast

```{code-cell} python
loss, error = 1.984, 0.0123
```

## The article says

:::{admonition} The article says: faster is better (A1, the mean)
:class: verdict
**Misleading.** [The mean is [\\${eval}`f"{loss:.2f}"` ± {eval}`f"{error:.2f}"`]{#a1-mean} at *any* speed, like
$\\sqrt N$]{.published}, 5 % of it.

**What would overturn it:** a [market](slow.md) with $x^2$ in it.
:::
"""

SLOW = """# Slow

```{code-cell} python
saved = 30.0
```

:::{admonition} The article says: faster costs more (A1, the cost)
:class: verdict
**Holds with a condition**: here. [{eval}`f"{saved:.0f}"` % are saved]{.published .exact}.

**What would overturn it:** a broker.
:::

:::{admonition} The article says: there is a best speed (A2)
:class: verdict
**Holds.** [It is [{eval}`f"{saved / 20:.1f}"` days]{#a2-best}]{.published .exact}.

**What would overturn it:** nothing that we know.
:::
"""

TABLE = """# Tested

```{verdict-bar}
```

```{verdict-table}
:later: A3

A1: Faster is better.
A2: There is a best speed.
A3: Nobody was there, and of this there is more to say than a line has room for.
```
"""

INSTEAD = """# Instead

```{instead} A1
The mean stays at {published}`a1-mean`.
```

```{instead} A2
The best is {published}`a2-best`, whatever {published}`a1-mean` is.
```

```{instead} A3
There were {published}`a3-people` people.
```
"""

RIGHT = dict(tested=TABLE, instead=INSTEAD, slow=SLOW, fast=FAST)


def page(book: SmallBook, name: str) -> BeautifulSoup:
    """A built page."""
    return BeautifulSoup(book.read(name), "html.parser")


def text(tag: Tag) -> str:
    """What one reads, formulas apart."""
    for formula in tag.select(".math"):
        formula.replace_with("FORMULA")
    return " ".join(tag.text.replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """A book with nothing wrong."""
    book = SmallBook(tmp_path_factory.mktemp("right"), **RIGHT)
    done = book.build()
    assert done.returncode == 0, done.stderr
    return book


def test_the_table_has_each_verdict_with_its_number_and_a_line_for_each_part(right):
    """In the order of the book, under the claim in the book's words."""
    table = page(right, "tested").select_one("table.verdict-table")
    rows = [[text(cell) for cell in row.select("td")] for row in table.select("tbody tr")]
    assert rows == [
        [
            "A1 Faster is better. In all: Misleading",
            "the cost: Holds with a condition Slow",
            "30 % are saved",
            "a broker.",
        ],
        [
            "the mean: Misleading Fast",
            "The mean is $1.98 ± 0.01 at any speed, like FORMULA",
            "a market with FORMULA in it.",
        ],
        ["A2 There is a best speed.", "Holds Slow", "It is 1.5 days", "nothing that we know."],
        [
            "A3 Nobody was there, and of this there is more to say than a line has room for.",
            "To come",
            "",
            "",
        ],
    ]
    assert table.select_one("td.claim")["rowspan"] == "2"


def test_on_a_phone_each_cell_of_the_table_has_the_name_of_its_column(right):
    """Below a cell that spans two rows as well."""
    labels = [
        [cell["data-label"] for cell in row.select("td")] for row in page(right, "tested").select("tbody tr")
    ]
    names = [name for name, _ in COLUMNS]
    assert labels == [names, names[1:], names, names]


def test_the_bar_counts_the_claims_in_words_too(right):
    """Each claim once, by the least favourable of its verdicts."""
    tested = page(right, "tested")
    assert [text(item) for item in tested.select(".verdict-key li")] == [
        "1 holds",
        "0 hold with a condition",
        "1 is misleading",
        "0 are not supported",
        "1 is still to be judged",
    ]
    bar = tested.select_one(".verdict-bar")
    assert bar["aria-hidden"] == "true"
    assert [span["class"] for span in bar.select("span")] == [["holds"], ["misleading"], ["to-come"]]


def test_every_link_leads_to_a_box_or_a_number(right):
    """From the table and from the sentences."""
    links = [
        link["href"] for name in ("tested", "instead") for link in page(right, name).select(".body a[href*='#']")
    ]
    led = [link.split("#") for link in links if not link.startswith("#")]
    assert len(led) == 3 + 3 + 3 + 3
    for name, place in led:
        assert page(right, name.removesuffix(".html")).find(id=place), f"{name}#{place}"


def test_a_sentence_repeats_numbers_and_waits_for_those_that_are_to_come(right):
    """Under its claim and verdict, above the chapters that it comes from."""
    said = [[text(line) for line in box.select("p")] for box in page(right, "instead").select(".instead")]
    assert said == [
        ["A1 Faster is better. Misleading", "The mean stays at $1.98 ± 0.01.", "Slow · Fast"],
        ["A2 There is a best speed. Holds", "The best is 1.5 days, whatever $1.98 ± 0.01 is.", "Slow"],
        [
            "A3 Nobody was there, and of this there is more to say than a line has room for. To come",
            "There were … people.",
        ],
    ]


def test_a_number_that_changes_in_a_chapter_changes_wherever_it_is_repeated(tmp_path):
    """Though no other page is read again: their verdicts are remembered, until they are gone."""
    book = SmallBook(tmp_path, **RIGHT)
    assert book.build().returncode == 0
    book.write(FAST.replace("1.984, 0.0123", "7.531, 0.06"), "fast")
    done = book.build()
    assert done.returncode == 0, done.stderr
    assert "0 added, 1 changed, 0 removed" in done.stdout
    table = text(page(book, "tested").table)
    assert "The mean is $7.53 ± 0.06 at any speed" in table
    assert "1.98" not in table
    assert "30 % are saved" in table
    assert "The mean stays at $7.53 ± 0.06." in text(page(book, "instead").select_one("#instead-a1"))

    book.write(FAST.replace("#a1-mean", "#a1-average"), "fast")
    for _ in range(2):  # what the first build found the second says again, though it reads no page
        gone = book.build()
        assert gone.returncode != 0
        assert "no verdict shows a number a1-mean" in gone.stderr

    (book.folder / "slow.md").unlink()
    book.write("# All\n\n```{toctree}\ntested\ninstead\nfast\n```\n")
    book.write(FAST.replace("[market](slow.md)", "market"), "fast")
    gone = book.build("--keep-going")
    assert gone.returncode != 0
    assert "no chapter has a verdict on A2" in gone.stderr
    assert "no verdict shows a number a2-best" in gone.stderr


def test_pages_that_are_read_side_by_side_make_the_same_table(right, tmp_path):
    """Sphinx reads them in several processes if there are more than five."""
    more = {f"page-{number}": f"# Page {number}\n\nText.\n" for number in range(4)}
    book = SmallBook(tmp_path, **RIGHT, **more)
    done = book.build("-j", "2")
    assert done.returncode == 0, done.stderr
    assert str(page(book, "tested").table) == str(page(right, "tested").table)


BOX = """
:::{{admonition}} The article says: something ({claim})
:class: verdict
{text}
:::
"""
GOOD = "**Holds.** [It is {eval}`f'{number}'`]{.published .exact}."
OVERTURNED = "\n\n**What would overturn it:** nothing."
BAD = {
    "A1": "**Perhaps.** [It is {eval}`f'{number}'`]{.published .exact}." + OVERTURNED,
    "A2": "**Holds.** [It is 42]{.published .exact}." + OVERTURNED,
    "A3": "**Holds.** [It is {eval}`f'{number}'`]{.published}." + OVERTURNED,
    "A4": "**Holds.** It is {eval}`f'{number}'`." + OVERTURNED,
    "A5": GOOD,
    "A6": GOOD + "\n\n**What would overturn it:**",
    "A7": GOOD + " [{eval}`f'{number}'`]{#a8-number}" + OVERTURNED,
    "A8": GOOD + " [42]{#a8-typed}" + OVERTURNED,
    "A9": "**Holds.** [By {eq}`law` it is {eval}`f'{number}'`]{.published .exact}." + OVERTURNED,
    "A10": GOOD + OVERTURNED,
    "A10, a part": GOOD + " [{eval}`f'{number}'`]{#a10-number}" + OVERTURNED,
    "A11": GOOD + OVERTURNED,
    "A99": GOOD + OVERTURNED,
    "B1": GOOD + OVERTURNED,
}
CODE = "```{code-cell} python\nnumber = 41.5\n```\n"
ONE = f"# One\n\n{CODE}\n$$\na = b\n$$ (law)\n\n[A stray {{eval}}`number`]{{.published}}.\n"
ONE += "".join(BOX.format(claim=claim, text=text) for claim, text in BAD.items())
TWO = f"# Two\n\n{CODE}"
TWO += BOX.format(claim="A10", text=GOOD + " [{eval}`f'{number}'`]{#a10-number}" + OVERTURNED)
TWO += BOX.format(claim="A10, a part", text=GOOD + OVERTURNED)
ALL = "# All\n\n```{verdict-table}\n:later: A11 A77\n\n"
ALL += "".join(f"A{number}: It is so.\n" for number in range(1, 13)) + "A12: Twice.\nA thirteenth.\n```\n"
SENTENCES = """# Sentences

```{instead} A1
A sentence with {published}`a1-gone`.
```

```{instead} A1
A second with {published}`a1-gone`.
```

```{instead} A2
Without a number of its own, but {published}`a10-number`.
```

```{instead} A98
On nothing: {published}`a98-number`.
```
"""

#: What a build has to say of these pages: the page, and the words.
SAID = [
    ("one", "the verdict on A1: it must begin with one of these in bold: Holds, Holds with a condition, Mis"),
    ("one", "the verdict on A2: what it publishes has no number that was computed: 'It is 42'"),
    ("one", "the verdict on A3: a number needs its standard error, or the mark {.published .exact}: 'It is 41.5'"),
    ("one", "the verdict on A4: it publishes no number"),
    ("one", "the verdict on A5: it does not say **What would overturn it:** in a paragraph of its own"),
    ("one", "the verdict on A6: it does not say **What would overturn it:** in a paragraph of its own"),
    ("one", "the verdict on A7: the name a8-number must begin with its claim, a7-"),
    ("one", "the verdict on A8: a8-typed is the name of a number, and there is none that was computed"),
    (
        "one",
        "the verdict on A9: the number of a figure, a formula or a work means nothing elsewhere: 'By law it is",
    ),
    ("one", "the verdict on a claim: its title must end with the claim, as in (A7), or with claim and part"),
    ("one", "there is no claim A99"),
    ("one", "a number is published outside of a verdict: 'A stray 41.5'"),
    ("two", "A10: one has judged the whole of it too"),
    ("two", "A10: one has judged its part “a part” too"),
    ("one", "two numbers have the name a10-number"),
    ("all", "no chapter has a verdict on A12"),
    ("all", "A11 has a verdict, and is no longer to come “later”"),
    ("all", "there is no claim A77, now or later"),
    ("all", "a claim is listed once, as in “A1: it holds.”, not 'A12: Twice.'"),
    ("all", "a claim is listed once, as in “A1: it holds.”, not 'A thirteenth.'"),
    ("sentences", "there are two sentences on A1"),
    ("sentences", "the sentence on A2 repeats no number of its verdicts"),
    ("sentences", "there is no claim A98"),
    ("sentences", "there is no sentence on A3"),
    ("sentences", "no verdict shows a number a1-gone"),
    ("sentences", "no verdict shows a number a98-number"),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a build says of pages that are wrong in every way."""
    done = SmallBook(tmp_path_factory.mktemp("wrong"), one=ONE, two=TWO, all=ALL, sentences=SENTENCES).build(
        "--keep-going"
    )
    assert done.returncode != 0
    return done.stderr.splitlines()


@pytest.mark.parametrize(("name", "words"), SAID)
def test_what_is_wrong_with_a_verdict_is_said_with_its_page(complaints, name, words):
    """And stops the build, in which warnings are errors."""
    assert [said for said in complaints if f"/{name}.md" in said and words in said and "WARNING" in said], (
        complaints
    )


def test_nothing_else_is_said_of_them(complaints):
    """Each complaint is one of these, or of a sentence that is missing."""
    known = [*(words for _, words in SAID), "there is no sentence on A"]
    others = [said for said in complaints if "WARNING" in said and not any(words in said for words in known)]
    assert others == []


def test_what_is_marked_in_a_verdict_is_plain_text_in_jupyterlab():
    """Which would show the marks."""
    marked = "a [b [\\${eval}`f\"{x['y'][0]}\"` ± 1]{#a1-b}, [c](d.md)]{.published .exact}. [e](f.md){.g}"
    while (bare := MARKED.sub(r"\1", marked)) != marked:
        marked = bare
    assert marked == "a b \\${eval}`f\"{x['y'][0]}\"` ± 1, [c](d.md). [e](f.md){.g}"
    for path, content in Book(ROOT).files():
        words = content if isinstance(content, str) else "\n\n".join(cell.source for cell in content.cells)
        assert not re.search(r"\]\{[.#]", words), path


def test_no_number_of_the_pages_on_the_claims_was_typed_that_a_chapter_computes():
    """Each sentence repeats at least one; what is typed is a setting, the article's, or a source's."""
    source = (ROOT / "book" / "what_the_article_should_have_said.md").read_text("utf8")
    sentences = re.findall(r"^```\{instead\} (A\d+)\n(.*?)^```$", source, re.MULTILINE | re.DOTALL)
    assert [claim for claim, _ in sentences] == [f"A{number}" for number in range(1, 23)]
    for claim, words in sentences:
        assert "±" not in words.replace("±0.05", ""), claim
        assert len(re.findall(r"[.!?](\s|$)", re.sub(r"`[^`]*`", "", words))) == 1, claim
