"""Numbers in the prose that the code has computed: a chapter says "You lost {eval}`f"{loss:,.0f}"` dollars".

JupyterLab evaluates the expression in the running kernel: the sentence follows when a reader changes a cell.  For
the published page every passage of text with such expressions gets a hidden cell in front of it that glues their
values in: they are executed, cached and checked like everything else.  Each pasted number bears its key as a class
and can follow on the page when a reader runs the code there.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.application import Sphinx
from sphinx.config import Config

CODE_CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
EXPRESSION = re.compile(r"\{eval\}`([^`]+)`")


def glued(text: str, passage: int) -> str:
    """One passage of text with its expressions glued in, after the hidden cell that computes them."""
    glues: list[str] = []

    def paste(found: re.Match[str]) -> str:
        key = f"passage-{passage}-{len(glues)}"
        glues.append(f'glue("{key}", {found[1]}, display=False)')
        return f"{{glue:text}}`{key}`"

    pasted = EXPRESSION.sub(paste, text)
    if not glues:
        return text
    cell = ["", "```{code-cell} ipython3", ":tags: [remove-cell]", "from myst_nb import glue", *glues, "```", ""]
    return "\n".join(cell) + pasted


def glue_numbers(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rewrite a notebook before it is parsed; other pages have no kernel to ask."""
    if "kernelspec:" not in source[0] or "{eval}" not in source[0]:
        return
    pieces: list[str] = []
    end = 0
    for cell in CODE_CELL.finditer(source[0]):
        text = source[0][end : cell.start()]
        pieces += [glued(text, len(pieces)) if pieces else text, cell[0]]  # the first holds the front matter
        end = cell.end()
    source[0] = "".join([*pieces, glued(source[0][end:], len(pieces))])


class PasteNumber(PasteTextRole):
    """`{glue:text}` with the key among the classes."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Paste the number."""
        pasted, messages = super().run()
        for node in pasted:
            if isinstance(node, nodes.inline):
                node["classes"].append(self.text.partition(":")[0])
        return pasted, messages


def replace_role(app: Sphinx, config: Config) -> None:
    """Paste numbers so; MyST-NB has made its domain by now."""
    app.add_role_to_domain("glue", "text", PasteNumber(), override=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.connect("source-read", glue_numbers)
    app.connect("config-inited", replace_role)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
