"""Options that hedge options: what they are to do, and the equations that say how many it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np

from hedgelab.costs import Cost, NoCost, chargeable
from hedgelab.instruments import Option
from hedgelab.policies import Clock, Decision, decision
from hedgelab.validation import Checked, Positive, refusal

#: What options can make neutral besides delta, by its usual name; shares alone take care of delta.
TARGETS: dict[str, tuple[str, ...]] = {
    "delta-gamma": ("gamma",),
    "delta-vega": ("vega",),
    "delta-gamma-vega": ("gamma", "vega"),
}


@dataclass(frozen=True)
class Overlay(Checked):
    """Options that hedge a book of options, for what shares cannot do.

    Parameters
    ----------
    target : what is to be neutral: "delta-gamma" or "delta-vega", which takes one option, or "delta-gamma-vega",
        which takes two; or the names of any Greeks that the hedger's belief has, one for each option
    options : the options to trade, which must outlive the hedge
    policy : when they are traded, ``Clock()`` unless given; it reads their number per option of the book as
        `delta` and `held`
    cost : what trading them costs; nothing unless given
    limit : the most of each that is held per option of the book; where the target takes more, or their Greeks have
        run out, their number stays as it is

    Examples
    --------
    >>> Overlay("delta-gamma", [Option("call", strike=100, expiry=0.5)]).names
    ('gamma',)
    """

    target: str | Sequence[str]
    options: Sequence[Option]
    policy: Decision = field(default_factory=Clock)
    cost: Annotated[Cost, chargeable] = field(default_factory=NoCost)
    limit: Positive = 10.0

    def __post_init__(self) -> None:
        listed = isinstance(self.target, tuple | list) and all(isinstance(name, str) for name in self.target)
        if not (listed and self.target) and not (isinstance(self.target, str) and self.target in TARGETS):
            known = ", ".join(map(repr, TARGETS))
            raise refusal(f"target must be one of {known}, or a list of Greeks", self.target)
        options = tuple(self.options) if isinstance(self.options, Sequence) else (self.options,)
        if len(options) != len(self.names) or not all(isinstance(option, Option) for option in options):
            raise refusal(f"options must be {len(self.names)} options for target {self.target!r}", self.options)
        object.__setattr__(self, "options", options)
        decision("policy", self.policy)
        super().__post_init__()

    @property
    def names(self) -> tuple[str, ...]:
        """The Greeks that the options are to offset."""
        return TARGETS[self.target] if isinstance(self.target, str) else tuple(self.target)


def solve(greeks: Sequence[Sequence[Any]], book: Sequence[Any]) -> Sequence[Any]:
    """The numbers of options whose Greeks add up to the book's; not finite where there are none.

    ``greeks[i][j]`` is Greek j of option i; two options by Cramer's rule.

    Examples
    --------
    Hull's book has a gamma of -5,000 and a vega of -8,000; one option has 0.5 and 2.0, the other 0.8 and 1.2:

    >>> [round(float(number)) for number in solve([(0.5, 2.0), (0.8, 1.2)], (5000, 8000))]
    [400, 6000]
    """
    if len(greeks) == 1:
        return [book[0] / greeks[0][0]]
    fit = spanning(greeks)
    if len(greeks) == 2:
        (a, c), (b, d) = greeks
        determinant = np.where(fit, a * d - b * c, np.nan)
        return [(book[0] * d - b * book[1]) / determinant, (a * book[1] - book[0] * c) / determinant]
    matrix = np.where(fit[..., None, None], _matrix(greeks), np.eye(len(greeks)))
    asked = np.stack(np.broadcast_arrays(*book, fit)[:-1], axis=-1)
    numbers = np.linalg.solve(matrix, asked[..., None])[..., 0]
    return list(np.moveaxis(np.where(fit[..., None], numbers, np.nan), -1, 0))


def spanning(greeks: Sequence[Sequence[Any]]) -> Any:
    """Whether the options' Greeks point in different directions, to more than rounding.

    Examples
    --------
    >>> bool(spanning([(0.5, 2.0), (0.8, 1.2)])), bool(spanning([(0.5, 2.0), (1.0, 4.0)]))
    (True, False)
    """
    if len(greeks) == 1:
        return np.not_equal(greeks[0][0], 0.0)
    if len(greeks) == 2:
        (a, c), (b, d) = greeks
        return np.abs(a * d - b * c) > 1e-9 * (np.abs(a * d) + np.abs(b * c))
    matrix = _matrix(greeks)
    scaled = matrix / np.abs(matrix).max(axis=-1, keepdims=True)  # so that no Greek's unit matters
    lengths = np.linalg.norm(scaled, axis=-2).prod(axis=-1)
    return np.abs(np.linalg.det(np.nan_to_num(scaled))) > 1e-9 * lengths


def _matrix(greeks: Sequence[Sequence[Any]]) -> Any:
    """For each path a matrix with a row for each Greek and a column for each option."""
    flat = np.array(np.broadcast_arrays(*(number for option in greeks for number in option)))
    return np.moveaxis(flat.reshape(len(greeks), len(greeks), *flat.shape[1:]), (1, 0), (-2, -1))
