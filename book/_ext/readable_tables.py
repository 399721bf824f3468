"""Set the tables that cells return as a book would: numbers to the right, words to the left, a minus for a
minus.

pandas aligns every cell to the right, gives its tables a style of their own, and writes negative numbers with
a hyphen.
"""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

NUMBER = re.compile(r"[-+±$€£]*\d[\d,.]*(e[-+]?\d+)?\s?(%|bp)?|NaN|NaT|-?inf|None|", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d\d-\d\d.*")


def typeset_table(table: Tag) -> None:
    """Mark the cells of every column that holds words, and turn the hyphens before numbers into minus signs."""
    del table["border"]
    match table.select("thead tr"):
        case [names, index] if not any(cell.text for cell in index.find_all("th")[1:]) and not names.th.text:
            names.th.string = index.th.text  # the index's name, to which pandas gives a row of its own
            index.decompose()
    body = [row.find_all(["th", "td"]) for row in table.select("tbody tr")]
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
                cell.string = cell.string.strip().replace("-", "\N{MINUS SIGN}", 1)
    for row in table.find_all("tr"):
        row.attrs.pop("style", None)


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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the rewriting."""
    app.add_post_transform(ReadableTables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
