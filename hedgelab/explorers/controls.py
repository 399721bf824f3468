"""The controls of an explorer: traits of an ipywidget that know their label, their unit and their limits.

Each is a real form element on the page, written here and nowhere else: the browser reads names, limits and units
from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import traitlets

from hedgelab import validation

MINUS = "\N{MINUS SIGN}"

#: How a number is written, here and in ``javascript/numbers.js``.
STYLES = {
    "percent": lambda x: f"{100 * x:,.{_digits(100 * x)}f}\N{NO-BREAK SPACE}%",
    "basis points": lambda x: f"{1e4 * x:,.0f}\N{NO-BREAK SPACE}bp",
    "dollars": lambda x: f"${x:,.2f}",
    "whole dollars": lambda x: f"${x:,.0f}",
    "number": lambda x: _significant(x),
    "shares": lambda x: f"{x:,.2f}",
    "days": lambda x: f"{x:.0f} {'day' if x == 1 else 'days'}",
    "months": lambda x: f"{x:g} {'month' if x == 1 else 'months'}",
    "count": lambda x: f"{x:,.0f}",
}


def written(value: float, style: str) -> str:
    """A number as the page writes it.

    Examples
    --------
    >>> written(0.305, "percent"), written(-1234.5, "whole dollars"), written(1, "days")
    ('30.5\\xa0%', '−$1,234', '1 day')
    """
    text = STYLES[style](abs(value))
    return f"{MINUS}{text}" if value < 0 and any(digit in text for digit in "123456789") else text


def _significant(x: float) -> str:
    if x != 0 and not 1e-4 <= x < 1e5:
        digits, power = f"{x:.2e}".split("e")
        return f"{digits}e{int(power):+d}"
    return f"{float(f'{x:.4g}'):g}"


def _digits(x: float) -> int:
    return 0 if abs(x - round(x)) < 1e-9 else 1


class Control:
    """What all controls have in common: how they come to stand in the form."""

    label: str

    def markup(self, name: str, value: Any, prefix: str) -> str:
        """The form element, with ids that begin with `prefix`."""
        raise NotImplementedError


class Ranged(Control):
    """A slider from `low` to `high`, in steps of `step`, its number written in a style.

    `plays` puts a play button beside it; `when` names a menu and the choice for which alone the slider matters.
    """

    def __init__(
        self,
        default: float,
        low: float,
        high: float,
        step: float,
        label: str,
        style: str,
        *,
        plays: bool = False,
        when: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(default)  # type: ignore[call-arg]  # the trait's
        self.low, self.high, self.step, self.label, self.style = low, high, step, label, style
        self.plays, self.when = plays, when
        self.tag(sync=True)  # type: ignore[attr-defined]

    def markup(self, name: str, value: float, prefix: str) -> str:
        """A labelled slider that says its value in words."""
        play = f'<button type="button" data-play="{name}">Play</button>' if self.plays else ""
        when = ' data-when="{}={}"'.format(*self.when) if self.when else ""
        return (
            f'<div class="explorer-control"><label for="{prefix}-{name}">{escape(self.label)}</label>'
            f'<output for="{prefix}-{name}">{written(value, self.style)}</output>{play}'
            f'<input type="range" id="{prefix}-{name}" name="{name}" min="{self.low:g}" max="{self.high:g}" '
            f'step="{self.step:g}" value="{value:.12g}" data-style="{self.style}"{when}></div>'
        )


class Slider(Ranged, traitlets.Float[float, Any]):
    """A number from `low` to `high`."""

    def validate(self, obj: Any, value: Any) -> float:
        """The value as a float; ValueError when it is outside the limits."""
        return validation.between(self.low, self.high)(self.name or "value", value)


class Count(Ranged, traitlets.Int[int, Any]):
    """A whole number from `low` to `high`."""

    def validate(self, obj: Any, value: Any) -> int:
        """The value as an int; ValueError when it is outside the limits, or between two whole numbers."""
        number = validation.between(self.low, self.high)(self.name or "value", value)
        if number != np.floor(number):
            raise ValueError(f"{self.name} must be a whole number, got {value}")
        return int(number)


class Pick(Ranged, traitlets.Int[int, Any]):
    """One of a few whole numbers in rising order, so that a short slider reaches far."""

    def __init__(self, default: int, values: Sequence[int], label: str, style: str) -> None:
        super().__init__(default, values[0], values[-1], 1, label, style)
        self.values = tuple(values)

    def validate(self, obj: Any, value: Any) -> int:
        """The value as an int; ValueError when it is not one of the numbers."""
        number = isinstance(value, int | float | np.integer) and not isinstance(value, bool)
        if not number or value not in self.values:
            raise ValueError(f"{self.name} must be one of {', '.join(map(str, self.values))}, got {value!r}")
        return int(value)

    def markup(self, name: str, value: float, prefix: str) -> str:
        """A labelled slider over the places of the numbers."""
        return (
            f'<div class="explorer-control"><label for="{prefix}-{name}">{escape(self.label)}</label>'
            f'<output for="{prefix}-{name}">{written(value, self.style)}</output>'
            f'<input type="range" id="{prefix}-{name}" name="{name}" min="0" max="{len(self.values) - 1}" '
            f'value="{self.values.index(int(value))}" data-values="{" ".join(map(str, self.values))}" '
            f'data-style="{self.style}"></div>'
        )


class Choice(traitlets.Unicode[str, Any], Control):
    """One of a few names, each with the words that stand for it in the menu."""

    def __init__(self, default: str, options: Mapping[str, str], label: str) -> None:
        super().__init__(default)
        self.options, self.label = dict(options), label
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> str:
        """The value; ValueError when it is not one of the names."""
        if not isinstance(value, str) or value not in self.options:
            raise ValueError(f"{self.name} must be one of {', '.join(map(repr, self.options))}, got {value!r}")
        return str(value)

    def markup(self, name: str, value: str, prefix: str) -> str:
        """A labelled menu."""
        options = "".join(
            f'<option value="{escape(key)}"{" selected" if key == value else ""}>{escape(words)}</option>'
            for key, words in self.options.items()
        )
        return (
            f'<div class="explorer-control"><label for="{prefix}-{name}">{escape(self.label)}</label>'
            f'<select id="{prefix}-{name}" name="{name}">{options}</select></div>'
        )


class Switch(traitlets.Bool[bool, Any], Control):
    """On or off."""

    def __init__(self, default: bool, label: str) -> None:
        super().__init__(default)
        self.label = label
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> bool:
        """The value; ValueError when it is neither."""
        return validation.truth(self.name or "value", value)

    def markup(self, name: str, value: bool, prefix: str) -> str:
        """A labelled checkbox."""
        return (
            f'<div class="explorer-control explorer-switch"><input type="checkbox" id="{prefix}-{name}" '
            f'name="{name}"{" checked" if value else ""}>'
            f'<label for="{prefix}-{name}">{escape(self.label)}</label></div>'
        )


class Draw(traitlets.Int[int, Any], Control):
    """Which random numbers: a button draws the next."""

    LAST = 2**31 - 1

    def __init__(self, default: int, label: str) -> None:
        super().__init__(default)
        self.label = label
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> int:
        """The value; ValueError when it is not a whole number below 2**31."""
        number = validation.whole(self.name or "value", value, minimum=0)
        if number > self.LAST:
            raise ValueError(f"{self.name} must be at most {self.LAST}, got {value}")
        return number

    def markup(self, name: str, value: int, prefix: str) -> str:
        """A button that counts on, and keeps its number."""
        return (
            f'<div class="explorer-control explorer-draw"><button type="button" data-draw="{name}">'
            f'{escape(self.label)}</button><input type="hidden" name="{name}" value="{value}"></div>'
        )


class Moves(traitlets.Unicode[str, Any], Control):
    """A game's moves so far, whole numbers with commas between, at most `most` of them.

    One button adds the next, another (labelled `rest`) repeats it to the end.  The next move is what the control
    named `source` says; a new draw of the control named `deal` begins again.
    """

    def __init__(self, label: str, *, rest: str, most: int, source: str, deal: str) -> None:
        super().__init__("")
        self.label, self.rest, self.most, self.source, self.deal = label, rest, most, source, deal
        self.pattern = f"([0-9]{{1,5}}(,[0-9]{{1,5}}){{0,{most - 1}}})?"
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> str:
        """The value; ValueError when it is not such a list."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise ValueError(
                f"{self.name} must be at most {self.most} whole numbers with commas between, got {value!r}"
            )
        return value

    def markup(self, name: str, value: str, prefix: str) -> str:
        """A button that makes the next move, one that makes all that are left."""
        buttons = "".join(
            f'<button type="button" data-append="{name}" data-source="{self.source}" data-times="{times}">'
            f"{escape(label)}</button>"
            for label, times in ((self.label, 1), (self.rest, self.most))
        )
        return (
            f'<div class="explorer-control explorer-moves">{buttons}<input type="hidden" name="{name}" '
            f'value="{value}" data-pattern="{self.pattern}" data-most="{self.most}" data-deal="{self.deal}"></div>'
        )
