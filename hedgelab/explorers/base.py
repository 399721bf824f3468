"""What every explorer is: an ipywidget in a notebook, and the same figure, alive, on a page without one."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from html import escape
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import matplotlib as mpl
import traitlets

from hedgelab.explorers.controls import Control, written
from hedgelab.figures import STYLE, Figure

STATIC = Path(__file__).parent / "static"

#: Stands under the picture where nothing will replace it.
STILL = "A picture of the figure at these settings; it moves where a browser runs the page’s JavaScript."


class Explorer(anywidget.AnyWidget):
    """An interactive figure that answers one question.

    In JupyterLab it is a widget: set a trait and the figure moves, move a slider and the trait changes; `observe`
    and `ipywidgets.link` work.  As HTML, on a published page or in a saved notebook, it is an element with the
    same controls that computes in the browser and needs no kernel.  What it shows, Python computes too: `numbers`.

    A subclass has a `name`, a `question`, an `alt` text, `readouts` (the numbers under the figure, by name: label
    and style), its controls, and the methods `numbers` and `picture`.  The last of its controls may stand behind
    the word "More".  In ``javascript/drawings/`` a module draws it.

    Raises
    ------
    ValueError
        When a value breaks its control's rule; it names the control, the value and the rule.
    TypeError
        When there is no such control.

    Examples
    --------
    >>> from hedgelab.explorers import HowOften
    >>> figure = HowOften(volatility=0.2)
    >>> figure.settings
    {'rebalances': 21, 'volatility': 0.2, 'charged': False, 'shocks': 1}
    >>> figure.volatility = 2
    Traceback (most recent call last):
    ValueError: volatility must be between 0.1 and 0.6, got 2.0
    """

    name: ClassVar[str]
    question: ClassVar[str]
    alt: ClassVar[str]
    readouts: ClassVar[Mapping[str, tuple[str, str]]]
    #: Height of the figure in rem, on a wide page and on a phone.
    height: ClassVar[tuple[float, float]] = (24, 22)
    #: The controls that stand behind the word "More": those after the ones that a beginner needs.
    more: ClassVar[tuple[str, ...]] = ()
    #: Settings of a still on paper, where those that a reader begins with show little yet.
    on_paper: ClassVar[Mapping[str, Any]] = {}
    #: A trait that the browser shows in a table below, and fills; none unless named.
    keeps: ClassVar[str] = ""

    _numbering: ClassVar[dict[str, count[int]]] = {}
    _kind = traitlets.Unicode().tag(sync=True)
    _frame = traitlets.Unicode().tag(sync=True)
    _data = traitlets.Dict().tag(sync=True)
    _came = traitlets.Dict().tag(sync=True)  # the settings that Reset goes back to

    def __init__(self, **settings: Any) -> None:
        self._esm, self._css = (_built(name).read_text("utf8") for name in ("widget.js", "explorers.css"))
        controls = self.controls()
        for setting in settings:
            if setting not in controls:
                raise TypeError(f"{type(self).__name__} has no control {setting!r}; it has {', '.join(controls)}")
        super().__init__(**settings)
        number = next(self._numbering.setdefault(self.name, count(1)))
        self._id = self.name if number == 1 else f"{self.name}-{number}"
        self._kind, self._data, self._came = self.name, self.data(), self.settings
        self._frame = self.frame()

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """The controls by name, in the order in which they stand in the form."""
        traits = cls.class_traits()
        names = [name for each in reversed(cls.__mro__) for name in vars(each) if name in traits]
        return {name: trait for name in names if isinstance(trait := traits[name], Control)}

    @property
    def settings(self) -> dict[str, Any]:
        """The value of each control."""
        return {name: getattr(self, name) for name in self.controls()}

    def numbers(self) -> dict[str, float]:
        """What the figure states at these settings, by name, computed by hedgelab."""
        raise NotImplementedError

    def picture(self) -> Figure:
        """The figure at these settings for where nothing moves: print, PDF, a page without JavaScript."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """What the browser cannot compute itself, such as recorded prices."""
        return {}

    def frame(self, picture: str = "") -> str:
        """The explorer as HTML: figure, numbers, controls; a picture stands until the browser has drawn."""
        markup = {name: each.markup(name, self.settings[name], self._id) for name, each in self.controls().items()}
        controls = "".join(each for name, each in markup.items() if name not in self.more)
        if self.more:
            usual = all(self.settings[name] == self.traits()[name].default_value for name in self.more)
            controls += (
                f'<details class="explorer-more"{"" if usual else " open"}><summary>More</summary><div>'
                f"{''.join(markup[name] for name in self.more)}</div></details>"
            )
        board = f'<div class="explorer-board" data-keeps="{self.keeps}"></div>' if self.keeps else ""
        shown = self.numbers()
        readouts = "".join(
            f'<div><dt>{escape(label)}</dt><dd data-number="{name}" data-style="{style}" '
            f'data-value="{shown[name]!r}">{written(shown[name], style)}</dd></div>'
            for name, (label, style) in self.readouts.items()
        )
        wide, narrow = self.height
        return (
            f'<div class="explorer" role="group" aria-label="{escape(self.question)}" '
            f'style="--wide: {wide}rem; --narrow: {narrow}rem">'
            f'<p class="explorer-question">{escape(self.question)}</p>'
            f'<div class="explorer-stage" role="img" aria-label="{escape(self.alt)}">'
            f"{picture}</div>"
            f'<p class="explorer-says" aria-live="polite">{STILL}</p><dl class="explorer-numbers">{readouts}</dl>'
            f'<form class="explorer-controls">{controls}</form>'
            '<p class="explorer-buttons"><button type="button" data-do="reset">Reset</button>'
            f'<button type="button" data-do="share">Copy link</button></p>{board}</div>'
        )

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        return f"{type(self).__name__}({settings})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_()
        if bundle is None:
            return None
        settled = {"kind": self.name, "settings": self.settings, "data": self._data}
        state = json.dumps(settled, separators=(",", ":"))
        state = state.replace("<", "\\u003c")  # so that no data can end the script element
        with mpl.rc_context(STYLE):
            picture = self.picture()
        html = (
            f'<hedge-explorer id="{self._id}"><script type="application/json">{state}</script>'
            f"{self.frame(picture._repr_svg_())}</hedge-explorer>"
        )
        png = io.BytesIO()
        picture.savefig(png, format="png", dpi=120, facecolor="white")
        return bundle[0] | {"text/html": html, "image/png": base64.b64encode(png.getvalue()).decode()}, bundle[1]


def _built(name: str) -> Path:
    """A file of the browser's half, which `make explorers` builds."""
    path = STATIC / name
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing: the browser's half of the explorers is built by `make explorers` in a checkout "
            "of the book's repository"
        )
    return path
