"""Write code so that a browser has little to lay out: half of a chapter's elements were words of code.

Pygments puts each word and bracket into an element of its own, most of them in the colour of the text around.
Here neighbours that look alike share an element, in both sets of colours, and what looks like plain text has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TextIO

from pygments.formatters.html import HtmlFormatter
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token, _TokenType
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.highlighting import PygmentsBridge


def alike(styles: Iterable[str]) -> dict[_TokenType, _TokenType]:
    """For each kind of token the first kind that looks the same in all of these styles."""
    looks: dict[tuple[Any, ...], _TokenType] = {}
    sheets = [get_style_by_name(name) for name in styles]

    def look(kind: _TokenType) -> tuple[Any, ...]:
        return tuple(value for sheet in sheets for value in sheet.style_for_token(kind).values())

    return {kind: looks.setdefault(look(kind), kind) for kind in (Token, *STANDARD_TYPES)}


class LightFormatter(HtmlFormatter):
    """HTML of few elements."""

    #: Set from the book's configuration.
    kinds: ClassVar[dict[_TokenType, _TokenType]] = {}

    def format(self, tokens: Iterable[tuple[_TokenType, str]], outfile: TextIO) -> None:
        """Write the block."""
        super().format(((self.kinds.get(kind, kind), text) for kind, text in tokens), outfile)


def choose(app: Sphinx, config: Config) -> None:
    """Let all code of a site be written so."""
    colours = config.html_theme_options
    LightFormatter.kinds = alike([colours["pygments_light_style"], colours["pygments_dark_style"]])
    PygmentsBridge.html_formatter = LightFormatter


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.connect("config-inited", choose)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
