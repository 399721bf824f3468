"""Turn every box of class `dropdown` into `<details>`, which folds without JavaScript.

Solutions and other boxes that hide their content would otherwise need a script, would lose their content where it
does not run, and would not open when a reader searches the page for a word inside.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator


class details(nodes.Element):
    """A box that opens and closes."""


class summary(nodes.TextElement):
    """The line of it that always shows."""


def visit_details(writer: HTML5Translator, node: details) -> None:
    """Open the box."""
    writer.body.append(writer.starttag(node, "details"))


def depart_details(writer: HTML5Translator, node: details) -> None:
    """Close it."""
    writer.body.append("</details>\n")


def visit_summary(writer: HTML5Translator, node: summary) -> None:
    """Open its title."""
    writer.body.append("<summary>")


def depart_summary(writer: HTML5Translator, node: summary) -> None:
    """Close it."""
    writer.body.append("</summary>\n")


class UseDetails(SphinxPostTransform):
    """Replace folding admonitions, exercises and solutions, after their titles have been resolved."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace each in place; its identifiers and classes stay."""
        for part in list(self.document.findall(nodes.section)):
            # sphinx-exercise gives the same id to the content of every exercise of a page
            if {"exercise-content", "solution-content"} & set(part["ids"]):
                part["ids"] = []
                part.replace_self(part.children)
        for box in list(self.document.findall(nodes.Admonition)):
            if not isinstance(box, nodes.Element) or "dropdown" not in box["classes"]:
                continue
            title, *content = box.children
            for link in list(title.findall(nodes.reference)):
                link.replace_self(link.children)  # the line opens the box and can lead nowhere else
            line = summary("", "", *title.children)
            folded = details(
                "", line, nodes.container("", *content), ids=box["ids"], classes=[*box["classes"], "admonition"]
            )
            box.replace_self(folded)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the two elements and the replacement."""
    app.add_node(details, html=(visit_details, depart_details))
    app.add_node(summary, html=(visit_summary, depart_summary))
    app.add_post_transform(UseDetails)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
