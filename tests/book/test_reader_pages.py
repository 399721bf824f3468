"""What a page has for readers who want to keep their place: its name, and a link to each exercise."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

CONTENTS = """# All

```{toctree}
:numbered:
first
second
```
"""

EXERCISE = """# A chapter

```{exercise-start} Even odds
:label: ex-even-odds
```
Toss it.
```{exercise-end}
```
"""


def test_a_page_has_its_name_and_a_link_to_each_exercise(small_book):
    """Only chapters, which count as read, have a title for it. An exercise that has no label is reported."""
    with (small_book.folder / "conf.py").open("a") as configuration:
        configuration.write('extensions += ["sphinx_exercise", "exercise_links", "reader_controls"]\n')
    small_book.write(CONTENTS)
    small_book.write(EXERCISE, "first")
    small_book.write(re.sub(":label:.*\n", "", EXERCISE), "second")
    built = small_book.build("--keep-going")
    assert "this exercise needs a `:label:`" in built.stderr
    assert built.stderr.count("WARNING") == 1

    pages = {name: BeautifulSoup(small_book.read(name), "html.parser") for name in ("page", "first")}
    scripts = {name: page.select_one("script[data-page]").attrs for name, page in pages.items()}
    assert "data-chapter" not in scripts["page"]
    assert (scripts["first"]["data-page"], scripts["first"]["data-chapter"]) == ("first", "1. A chapter")
    (link,) = pages["first"].select(".exercise .headerlink")
    assert (link["href"], link["title"]) == ("#ex-even-odds", "Link to this exercise")
    assert pages["first"].find(id="ex-even-odds")

    static = small_book.folder / "_build" / "html" / "_static"
    assert (static / "reader.js").stat().st_size < 10_000
    assert (static / "reader_sheet.js").is_file()
