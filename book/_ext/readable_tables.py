"""Set tables as a book would: numbers to the right, words to the left, a minus for a minus, decimals that agree.

pandas aligns every cell to the right, gives its tables a style of their own, writes negative numbers with a
hyphen, and gives each number of an index as many decimals as it happens to need.  In a table of long texts each
cell is told the name of its column, so that a phone can show a row as a block.
"""

from __future__ import annotations

import re
from html import escape
from itertools import count
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

NUMBER = re.compile(r"[-+±$€£]*\d[\d,.]*(e[-+]?\d+)?\s?(%|bp)?|NaN|NaT|-?inf|None|–|", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d\d-\d\d.*")
DECIMAL = re.compile(r"-?\d+\.(\d+)")
ZERO = re.compile(r"-(0(?:\.0+)?%?)")

#: A table in Markdown.
WRITTEN = re.compile(r'<table class="[^"]*\b(?:docutils|table)\b[^"]*">.*?</table>', re.DOTALL)

#: Characters in a cell from which on a column of it is too narrow to read on a phone.
LONG = 40


def columns(rows: list[list[Tag]]) -> list[list[int]]:
    """Which column each cell is in: one that spans rows takes its place in all of them."""
    found: list[list[int]] = []
    taken: dict[int, int] = {}  # column: rows that it is still taken in
    for row in rows:
        free = (column for column in count() if not taken.get(column))
        found.append([next(free) for _ in row])
        taken = {column: left - 1 for column, left in taken.items() if left > 1}
        taken |= {
            at: int(cell["rowspan"]) - 1
            for at, cell in zip(found[-1], row, strict=True)
            if int(cell.get("rowspan", 1)) > 1
        }
    return found


def label_long(table: Tag) -> None:
    """Mark a table of long texts, and tell each of its cells the name of its column."""
    body = [row.find_all(["th", "td"]) for row in table.select("tbody tr")]
    names = [" ".join(cell.text.split()) for cell in (table.select("thead tr") or [table])[-1].find_all("th")]
    if max((len(cell.text.strip()) for row in body for cell in row), default=0) <= LONG:
        return
    table["class"] = [*table.get_attribute_list("class"), "long"]
    for row, places in zip(body, columns(body), strict=True):
        for cell, column in zip(row, places, strict=True):
            if cell.name == "td" and column < len(names):
                cell["data-label"] = names[column]


def align_index(body: list[list[Tag]]) -> None:
    """Give the decimal numbers of an index as many digits as the longest has; words may stand among them."""
    index = [row[0] for row in body if row and row[0].name == "th"]
    found = [(cell, number) for cell in index if (number := DECIMAL.fullmatch(cell.text.strip()))]
    digits = max((len(number[1]) for _, number in found), default=0)
    for cell, number in found:
        cell.string = number[0] + "0" * (digits - len(number[1]))


def typeset_table(table: Tag) -> None:
    """Mark the cells of columns that hold words; a hyphen before a number becomes a minus, before zero nothing."""
    del table["border"]
    match table.select("thead tr"):
        case [names, index] if not any(cell.text for cell in index.find_all("th")[1:]) and not names.th.text:
            names.th.string = index.th.text  # the index's name, to which pandas gives a row of its own
            index.decompose()
    body = [row.find_all(["th", "td"]) for row in table.select("tbody tr")]
    align_index(body)
    worded = {
        column
        for row in body
        for column, cell in enumerate(row)
        if cell.name == "td" and not NUMBER.fullmatch(cell.text.strip()) and not DATE.fullmatch(cell.text.strip())
    }
    for row in [*body, *(row.find_all("th") for row in table.select("thead tr"))]:
        for column, cell in enumerate(row):
            cell.attrs.pop("style", None)
            if column in worded:
                cell["class"] = "words"
            elif cell.name == "td" and cell.string and cell.string.strip().startswith("-"):
                text = cell.string.strip()
                zero = ZERO.fullmatch(text)
                cell.string = zero[1] if zero else text.replace("-", "\N{MINUS SIGN}", 1)
    for row in table.find_all("tr"):
        row.attrs.pop("style", None)
    label_long(table)


class ReadableTables(SphinxPostTransform):
    """Rewrite the HTML of every data frame."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Find them among the cells' outputs."""
        for output in list(self.document.findall(nodes.raw)):
            if 'class="dataframe"' not in output.astext():
                continue
            parsed = BeautifulSoup(output.astext(), "html.parser")
            for style in parsed.find_all("style"):
                style.decompose()
            for table in parsed.select("table.dataframe"):
                typeset_table(table)
            output.replace_self(nodes.raw("", str(parsed), format="html"))


def label_written(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Mark the tables in Markdown that hold long texts, when the page's HTML is there."""

    def labelled(found: re.Match[str]) -> str:
        table = BeautifulSoup(found[0], "html.parser").table
        label_long(table)
        if "long" not in table["class"]:
            return found[0]
        # not written again from the parsed table: the formulas in it wait to be typeset as they stand
        names = iter(escape(cell.get("data-label", "")) for cell in table.select("tbody td"))
        head, body = found[0].split("<tbody", 1)
        body = re.sub(r"<td\b", lambda _: f'<td data-label="{next(names)}"', body)
        return head.replace('class="', 'class="long ', 1) + "<tbody" + body

    context["body"] = WRITTEN.sub(labelled, context.get("body", ""))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the rewriting."""
    app.add_post_transform(ReadableTables)
    app.connect("html-page-context", label_written)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
