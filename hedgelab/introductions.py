"""How things introduce themselves: a line or a few of text, and in a notebook a small table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from html import escape
from typing import Any

import numpy as np

from hedgelab.validation import short


class Introduced:
    """What shows itself in a notebook as a small table of what it is made of.

    A dataclass is made of its fields; anything else says it in `introduction`.

    Examples
    --------
    >>> import hedgelab as hl
    >>> hl.Option("call", strike=105, expiry=0.25).introduction()
    {'kind': 'call', 'strike': '105', 'expiry': '0.25'}
    """

    def introduction(self) -> Mapping[str, str]:
        """What to know of it, by name."""
        assert is_dataclass(self)
        return {field.name: written(getattr(self, field.name)) for field in fields(self)}

    def _repr_html_(self) -> str:
        told = self.introduction().items()
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in told)
        return f"<table><caption>{type(self).__name__}</caption><tbody>{rows}</tbody></table>"


def written(value: Any) -> str:
    """One value in few letters: six digits of a number, the size of an array, the text of a text.

    Examples
    --------
    >>> written(0.1 + 0.2), written(1_000_000.0), written(np.zeros((64, 3))), written("call"), written(None)
    ('0.3', '1,000,000', '64 x 3 numbers', 'call', 'None')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{' x '.join(f'{size:,}' for size in value.shape)} numbers"
    if isinstance(value, float | np.floating):
        number = float(value)
        return f"{number:,.0f}" if 1e6 <= abs(number) < 1e15 else f"{number:,.6g}"
    return value if isinstance(value, str) and len(value) < 80 else short(value)
