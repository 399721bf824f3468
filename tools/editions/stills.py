"""Explorers in a state worth printing, where the one in which a reader finds them shows little yet."""

from __future__ import annotations

import re
from typing import Any

import matplotlib as mpl
from inline_figures import Drawings

import hedgelab.explorers
from hedgelab.explorers.base import Explorer
from hedgelab.figures import STYLE

#: The classes of a part of a drawing, which its page has rules for.
RULED = re.compile(r'class="((?:_\d+ ?)+)"')

KINDS: dict[str, type[Explorer]] = {
    each.name: each
    for name in hedgelab.explorers.__all__
    if isinstance(each := getattr(hedgelab.explorers, name), type)
    and issubclass(each, Explorer)
    and each is not Explorer
}


def still(kind: str, settings: dict[str, Any]) -> str | None:
    """An explorer's frame and picture as on the site, set as it is worth printing; None if it is so already.

    What its author has set in a chapter stays: only what is as everywhere is set otherwise.
    """
    explorer = KINDS[kind]
    usual = explorer.class_traits()
    worth = {
        name: value for name, value in explorer.on_paper.items() if settings.get(name) == usual[name].default_value
    }
    if not worth:
        return None
    shown = explorer(**settings | worth)
    with mpl.rc_context(STYLE):
        drawn = shown.picture()._repr_svg_()
    drawings = Drawings()
    markup = drawings.inline_pictures(shown.frame(drawn))
    return styled(markup, {name: rule for rule, name in drawings.rules.items()})


def styled(drawing: str, rules: dict[str, str]) -> str:
    """A drawing whose parts say themselves what rules of their page say of them."""
    if not rules:
        return drawing

    def said(classes: re.Match[str]) -> str:
        return f'style="{";".join(rules[each] for each in classes[1].split())}"'

    return RULED.sub(said, drawing)
