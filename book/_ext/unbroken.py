"""Keep a number and its unit on one line: no "%" begins a line, and no "±" ends one.

The sources have plain spaces there, because they are read and searched as text.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

#: A space before a per cent sign, or on either side of ±.  A computed number before it is a text of its own.
GLUED = re.compile(r"(?:(?<=\d)|^) (?=%)|(?<=±) | (?=±)")


class GlueUnits(SphinxPostTransform):
    """Make those spaces unbreakable, in prose only."""

    default_priority = 900  # when the computed numbers are in their places
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Code and what it prints stay as they are."""
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, (nodes.literal, nodes.literal_block, nodes.raw, nodes.math)):
                continue
            if (glued := GLUED.sub("\N{NO-BREAK SPACE}", text)) != text:
                text.parent.replace(text, nodes.Text(glued))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.add_post_transform(GlueUnits)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
