"""What a market keeps of each desk that trades in it, whether the desk is there or not."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hedgelab.desk.events import Filled
from hedgelab.desk.orders import ROUNDING

#: Desks that a market takes, half of them from one address, and orders that it takes of each.
DESKS, ORDERS = 200, 20_000

#: Messages that a desk may send, a second for long and at once; fills of old that it may be told again likewise.
RATE, BURST = 100.0, 300.0
RETOLD, RETOLD_AT_ONCE = 1000.0, 3000.0


@dataclass
class Allowance:
    """So much a second, and so much at once.

    Examples
    --------
    >>> allowed = Allowance(rate=10.0, left=2.0)
    >>> [allowed.spend(1.0, now) for now in (0.0, 0.0, 0.0, 1.0)]
    [0.0, 0.0, 0.1, 0.0]
    """

    rate: float
    left: float
    most: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.most = self.left

    def spend(self, number: float, now: float) -> float:
        """Spend so much; the seconds after which that will have been allowed."""
        self.left = min(self.most, self.left + self.rate * (now - self.at)) - number
        self.at = now
        return max(0.0, -self.left / self.rate)


@dataclass
class Account:
    """One desk's book as the market keeps it.

    Attributes
    ----------
    position : shares, negative when short
    cash : what its sales brought less what its purchases and all its `fees` cost
    trades : fills, each counted once
    since, sold : the years at which it came and sold the book, and what that was worth then: less than nothing
    orders : at which venue each was asked for or about, by its id
    told : why it was cut off, until its next welcome says so
    counted : the fills of each order
    standing : shares, signed, of each order that may still be traded
    sides : all that may be bought (True) and sold, exact sums
    messages, retold : what it may send, and be told again, whatever its connections
    """

    name: str
    digest: bytes = field(repr=False)  # of the token, which itself is not kept
    address: str = ""  # from which it came first
    position: float = 0.0
    cash: float = 0.0
    fees: float = 0.0
    turnover: float = 0.0
    trades: int = 0
    since: float = 0.0
    sold: float = 0.0
    orders: dict[str, str] = field(default_factory=dict, repr=False)
    told: str = ""
    counted: dict[str, set[str]] = field(default_factory=dict, repr=False)
    standing: dict[str, float] = field(default_factory=dict, repr=False)
    sides: dict[bool, Fraction] = field(default_factory=lambda: {True: Fraction(), False: Fraction()}, repr=False)
    messages: Allowance = field(default_factory=lambda: Allowance(RATE, BURST), repr=False)
    retold: Allowance = field(default_factory=lambda: Allowance(RETOLD, RETOLD_AT_ONCE), repr=False)

    def stand(self, order: str, shares: float) -> None:
        """Let so many shares of an order stand from now on, or none of it."""
        before = self.standing.pop(order, 0.0)
        if shares:
            self.standing[order] = shares
        self.sides[before > 0] -= abs(Fraction(before))
        self.sides[shares > 0] += abs(Fraction(shares))

    def fold(self, fill: Filled) -> bool:
        """Count a fill, unless it is counted; whether it was new."""
        known = self.counted.setdefault(fill.order, set())
        if fill.fill in known:
            return False
        known.add(fill.fill)
        left = self.standing.get(fill.order, 0.0) - fill.shares
        self.stand(fill.order, left if left * fill.shares > ROUNDING * fill.shares**2 else 0.0)
        self.position += fill.shares
        self.cash -= fill.shares * fill.price + fill.fee
        self.fees += fill.fee
        self.turnover += abs(fill.shares * fill.price)
        self.trades += 1
        return True

    def row(self, mid: float, book: float = 0.0) -> dict[str, Any]:
        """Its line of the board, with shares marked at the price in the middle, and the book at what it is worth.

        The profit is unknown before the first quote.

        Examples
        --------
        >>> account = Account("Ada", b"")
        >>> account.fold(Filled(0.0, "A", "1-1", "A-1", 100.0, 50.0, 0.5)), account.row(mid=51.0)["profit"]
        (True, 99.5)
        """
        worth = self.cash + (self.position * mid if self.position else 0.0) + (book - self.sold)
        shown = {name: getattr(self, name) for name in ("name", "position", "cash", "fees", "turnover", "trades")}
        return shown | {"orders": len(self.orders), "profit": worth if math.isfinite(worth) else None}


class Accounts(dict[str, Account]):
    """All desks of a market by their names, each belonging to whoever came first and knows its token."""

    def admit(
        self,
        name: str,
        token: str,
        address: str = "",
        known: tuple[int, int] | None = None,
        since: float = 0.0,
        book: float = 0.0,
    ) -> Account:
        """The account of that name, for a desk that has `known` orders and fills.

        If nobody has it, it is a new one, that sells at `since`, in years, what then is worth `book`.

        Raises
        ------
        ValueError
            Where the name is somebody else's, the desk's own book is another one, or the market is full, for all
            or for who comes from that address.

        Examples
        --------
        >>> accounts = Accounts()
        >>> accounts.admit("Ada", "correct horse") is accounts.admit("Ada", "correct horse")
        True
        >>> accounts.admit("Ada", "a guess at it")
        Traceback (most recent call last):
        ValueError: token must be the one that 'Ada' first came with; to be another desk, choose another name
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if name not in self:
            if len(self) >= DESKS:
                raise ValueError(f"the market is full: it has {DESKS} desks")
            if sum(account.address == address for account in self.values()) >= DESKS // 2:
                raise ValueError(f"the market is full for you: {DESKS // 2} desks have come from where you are")
        account = self.get(name) or Account(name, digest, address, since=since, sold=book)
        if not hmac.compare_digest(account.digest, digest):
            raise ValueError(
                f"token must be the one that {name!r} first came with; to be another desk, choose another name"
            )
        orders, fills = known or (len(account.orders), account.trades)
        if account.orders and not orders:
            raise ValueError(
                f"the market keeps a book of {name!r} already, with {len(account.orders)} orders: "
                "start with the journal that it belongs to, or choose another name"
            )
        if account.trades < fills:
            raise ValueError(
                f"the market knows {account.trades} fills of {name!r}, and the journal {fills}: the "
                "market was started anew, or the journal is of another name; start with a new journal"
            )
        self[name] = account
        return account

    def board(self, mid: float, worth: Callable[[float], float]) -> list[Mapping[str, Any]]:
        """A row for each desk, the one that has earned most first; what was sold at a time is `worth` so much."""
        rows = [account.row(mid, worth(account.since)) for account in self.values()]
        return sorted(rows, key=lambda row: (-(row["profit"] or 0.0), row["name"]))
