"""What a fit says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hedgelab.introductions import Introduced, written
from hedgelab.smile.butterflies import Butterfly


class Report(Introduced):
    """What a fit says, in few words."""

    rms: float
    left_out: tuple[tuple[int, str], ...]

    def introduction(self) -> Mapping[str, str]:
        """All of it, but of what was left out how many quotes."""
        told = {each.name: _told(getattr(self, each.name)) for each in fields(self)}  # type: ignore[arg-type]
        return told | {"rms": f"{self.rms:.4g} bp", "left_out": f"{len(self.left_out):,} quotes"}

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{name}: {text}' for name, text in self.introduction().items())})"
        )


@dataclass(frozen=True, repr=False)
class FitReport(Report):
    """How a smile was fitted to quotes, and how well.

    Attributes
    ----------
    rms : root mean square of the residuals, in basis points of volatility, weighted as the fit was; with bid and
        ask, of the distance to the nearer of them, zero between
    iterations : of the search, in all its stages
    binding : parameters that ended at the edge of where they were looked for
    butterfly : what butterflies the smile has
    repair : what removed a butterfly of the nearest smile, or None where there was none or it was allowed
    repair_cost : by how much that raised the rms, in basis points
    left_out : quotes that had no say, with the reason

    Examples
    --------
    >>> from hedgelab import SVI
    >>> report = SVI.fit([-0.2, -0.1, 0, 0.1, 0.2, 0.3], [0.25, 0.22, 0.2, 0.19, 0.2, 0.21], expiry=0.25).report
    >>> round(report.rms, 1), report.butterfly.free
    (12.3, True)
    """

    rms: float
    iterations: int
    binding: tuple[str, ...]
    butterfly: Butterfly
    repair: str | None = None
    repair_cost: float = 0.0
    left_out: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, repr=False)
class SurfaceReport(Report):
    """How a surface was fitted to quotes; each of its slices has a report of its own.

    Attributes
    ----------
    rms : as of a slice, over all quotes, in basis points of volatility
    repaired : expiries of slices that would have been below the one before; all where SSVI took their place
    repair : what removed the crossings, or None where there were none
    repair_cost : by how much that raised the rms, in basis points
    left_out : quotes that had no say, with the reason; of a file, by line

    Examples
    --------
    >>> import numpy as np
    >>> from hedgelab import Surface
    >>> k, years = np.tile(np.linspace(-0.3, 0.3, 9), 2), np.repeat([0.25, 0.5], 9)
    >>> report = Surface.fit(k, np.where(years < 0.3, 0.3, 0.2) + 0.1 * k**2, years).report
    >>> report.repaired, report.repair
    ((0.5,), 'a fit that pays for arbitrage')
    """

    rms: float
    repaired: tuple[float, ...]
    repair: str | None
    repair_cost: float
    left_out: tuple[tuple[int, str], ...] = ()


class Fitted(Introduced):
    """A smile that carries the `report` of its fit, if it was fitted, and says whether it has butterflies."""

    report: FitReport | None

    def introduction(self) -> Mapping[str, str]:
        """Its parameters, its butterflies, and how well it fits."""
        parameters: Any = fields(self)  # type: ignore[arg-type]
        told = {each.name: written(getattr(self, each.name)) for each in parameters if each.name != "report"}
        told["butterflies"] = str(self.butterfly())  # type: ignore[attr-defined]
        return told if self.report is None else told | {"rms": f"{self.report.rms:.4g} bp"}


def reported(smile: Any, report: FitReport | SurfaceReport) -> Any:
    """The smile, with its report."""
    object.__setattr__(smile, "report", report)
    return smile


def _told(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(written(each) for each in value[:5]) + (" ..." if len(value) > 5 else "") or "none"
    return str(value) if isinstance(value, Butterfly) else written(value)
