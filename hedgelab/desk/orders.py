"""The life of an order: asked, acknowledged, partly filled; then filled, cancelled, rejected or lost."""

from __future__ import annotations

from dataclasses import dataclass

from hedgelab.desk.events import Answer, Cancelled, Filled, Ordered, Reconciled, Rejected

#: Fewer shares than this, of one that was asked for, are rounding.
ROUNDING = 1e-9

ENDED = ("filled", "cancelled", "rejected", "lost")


@dataclass(slots=True)
class Order:
    """What the desk knows of one of its orders.

    Attributes
    ----------
    status : one of the words above
    filled : shares whose fills have come, signed
    claimed : shares that the venue says it filled in all, once it has ended it; a fill may still be on its way
    news : when the last was heard of it, or asked about it
    cancelling : whether it was asked to end
    """

    asked: Ordered
    news: float
    status: str = "asked"
    filled: float = 0.0
    claimed: float | None = None
    cancelling: bool = False

    @property
    def working(self) -> float:
        """Shares that may still be traded, signed: what its worst case adds to the position."""
        whole = self.asked.shares if self.claimed is None else self.claimed
        left = whole - self.filled
        return left if left * self._side > ROUNDING * abs(self.asked.shares) else 0.0

    @property
    def standing(self) -> bool:
        """Whether the venue may still trade it."""
        return self.status not in ENDED

    @property
    def ended(self) -> bool:
        """Whether nothing more can come of it, if the venue told the truth."""
        return not self.standing and not self.working

    def heard(self, answer: Answer) -> str:
        """Take a venue's answer; what in it contradicts what the venue said before, or nothing."""
        self.news = answer.time
        if isinstance(answer, Filled):
            return self._fill(answer)
        if isinstance(answer, Rejected):
            return self._end("rejected", 0.0)
        if isinstance(answer, Cancelled):
            return self._end("cancelled", answer.filled)
        if isinstance(answer, Reconciled):
            if answer.found != "open":
                return self._end("lost" if answer.found == "unknown" else answer.found, answer.filled)
            self.cancelling = False  # if it was asked to end, that did not arrive
        if self.status == "asked":
            self.status = "acknowledged"
        return ""

    def _fill(self, fill: Filled) -> str:
        """Count the shares of a fill; they are in the venue's book, whatever else is wrong with it."""
        left, self.filled = self.working, self.filled + fill.shares
        if self.status not in ENDED:
            self.status = "partly filled" if self.working else "filled"
        if fill.shares * self.asked.shares < 0 or abs(fill.shares) > abs(left) + ROUNDING * abs(self.asked.shares):
            return f"{fill.shares:g} shares filled where at most {left:g} could be"
        return ""

    def _end(self, status: str, claimed: float) -> str:
        """The venue will trade no more of it, and says how much it did."""
        least, most = self.filled * self._side * (1 - ROUNDING), abs(self.asked.shares) * (1 + ROUNDING)
        before = self.asked.shares if self.status == "filled" and self.claimed is None else self.claimed
        changed = before is not None and abs(claimed - before) > ROUNDING * most
        never = status in ("rejected", "lost") and claimed != 0
        if status not in ENDED or changed or never or not max(least, 0.0) <= claimed * self._side <= most:
            return f"{status} with {claimed:g} of {self.asked.shares:g} shares, {self.status} with {self.filled:g}"
        self.status, self.claimed = (self.status if self.status in ENDED else status), claimed
        return ""

    @property
    def _side(self) -> float:
        return 1.0 if self.asked.shares > 0 else -1.0
