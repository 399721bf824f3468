"""When to trade, and how far.

A policy answers one question at each step: given this `Moment`, how many shares are to be held per option (a
negative number is sold short)?  It is a function of the moment, or anything with such a method, ``holding``;
returning ``moment.held`` means "do not trade".  Your own policy is one line, or a class if it has settings::

    def half_hedge(moment):
        return 0.5 * moment.delta

    @dataclass(frozen=True)
    class Lazy:
        tolerance: float

        def holding(self, moment):
            return np.where(moment.gamma > self.tolerance, moment.delta, moment.held)

One policy serves all paths at once, so its answer is an array with one entry per path.
"""

from __future__ import annotations

from hedgelab.policies.moment import Decision, Moment, Policy, decision
from hedgelab.policies.optimal import WhalleyWilmott, Zakamouline, leland_volatility
from hedgelab.policies.rules import AdaptiveBand, Clock, DeltaBand, MoveBand

__all__ = [
    "AdaptiveBand",
    "Clock",
    "Decision",
    "DeltaBand",
    "Moment",
    "MoveBand",
    "Policy",
    "WhalleyWilmott",
    "Zakamouline",
    "decision",
    "leland_volatility",
]
