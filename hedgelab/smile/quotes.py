"""A chain of option quotes, the reader's own: from a file to a surface."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import numpy as np

from hedgelab import black_scholes
from hedgelab.introductions import Introduced
from hedgelab.smile import rows
from hedgelab.smile.observed import LEAST_VOLATILITY, MOST_VOLATILITY
from hedgelab.smile.parity import Parity, parity
from hedgelab.smile.reports import reported
from hedgelab.smile.surfaces import Surface
from hedgelab.validation import Floats, between, optional, positive_scalar

FEWEST = 5  # quotes of an expiry that a slice is fitted to

if TYPE_CHECKING:
    import pandas as pd


class Volatilities(NamedTuple):
    """Quotes that a surface is fitted to, as volatilities; `line` says where each was read."""

    line: Any
    expiry: Floats
    log_moneyness: Floats
    bid: Floats
    middle: Floats
    ask: Floats


@dataclass(frozen=True, eq=False)
class Quotes(Introduced):
    """Bid and ask prices of European options on one share, of any strikes and expiries.

    `read_csv` reads them from a file.  What cannot be is refused, all of it in one error: a crossed or negative
    quote, a number that is missing, a kind that is neither call nor put, an expiry that has passed, an option that
    is quoted twice, a call that can be sold for more than one of a lower strike costs, or such a put.  A spot
    is refused that is not within a factor of two, a year, of the forwards that put-call parity tells.

    What only says little is left out by `volatilities`, and `left_out` says of each why: options in the money,
    whose price says less of volatility than that of the other kind; bids of zero; prices without a volatility; and
    expiries with fewer than five quotes left, or with quotes on one side of the money only.

    Parameters
    ----------
    kind : "call" or "put", one a quote, or as `Option` takes them
    strike, expiry, bid, ask : one a quote; expiry in years, prices in the currency of the spot
    spot : price of the share now, positive
    rate : interest a year, continuously compounded; put-call parity tells it unless given, see `parity`

    Raises
    ------
    QuotesError
        A ValueError that names each bad quote by its line, the first after the header being line 2.

    Examples
    --------
    >>> import io
    >>> file = io.StringIO("kind,strike,expiry,bid,ask\\ncall,100,0.5,4.0,3.5\\nput,,0.5,1,2\\n")
    >>> Quotes.read_csv(file, spot=100)
    Traceback (most recent call last):
    hedgelab.smile.rows.QuotesError: quotes must be what a market can show, got 2 bad:
    line 2: bid must not be above ask, got 4 and 3.5, crossed
    line 3: strike is missing
    """

    kind: Any
    strike: Any
    expiry: Any
    bid: Any
    ask: Any
    spot: float
    rate: float | None = None
    line: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "spot", positive_scalar("spot", self.spot))
        object.__setattr__(self, "rate", optional(between(-10, 10))("rate", self.rate))
        names = ("kind", "strike", "expiry", "bid", "ask")
        columns = [np.asarray(getattr(self, name), dtype=object) for name in names]
        if not len({column.shape for column in columns}) == 1 == columns[0].ndim:
            shapes = ", ".join(f"{name} {column.shape}" for name, column in zip(names, columns, strict=True))
            raise ValueError(f"quotes must be lists of one length, got {shapes}")
        lines = range(2, len(columns[0]) + 2) if self.line is None else self.line
        good = rows.checked(
            rows.Row(int(i), str(kind), *map(rows.number, rest))
            for i, kind, *rest in zip(lines, *columns, strict=True)
        )
        if not good:
            raise ValueError("quotes must be at least one, got none")
        for name, column in zip(rows.Row._fields, zip(*good, strict=True), strict=True):
            object.__setattr__(self, name, np.array(column))
        object.__setattr__(self, "kind", np.array([black_scholes.KINDS[kind.lower()] for kind in self.kind]))
        for years, (forward, _, strikes) in self.parities.items():
            grown = np.log(forward / self.spot) - (self.rate or 0.0) * years
            if strikes and abs(grown) > np.log(2) * max(years, 1.0):  # that of another share, or in cents
                raise ValueError(
                    f"spot must be within a factor of two a year of the forwards that put-call parity tells, "
                    f"got {self.spot:g}, and {forward:g} at expiry {years:g}"
                )

    @classmethod
    def read_csv(
        cls, source: str | os.PathLike[str] | TextIO, spot: float, *, rate: float | None = None, today: Any = None
    ) -> Quotes:
        """The quotes of a file with the columns `kind`, `strike`, `expiry`, `bid` and `ask`; others are ignored.

        Parameters
        ----------
        source : the path of a file of comma-separated values, with a header, in UTF-8; or an open file
        spot, rate : as of the quotes
        today : the date of the quotes, such as "2015-05-27", where expiries are dates and not years; a year has
            365 days
        """
        found = rows.read(source, today)
        columns: Any = tuple(zip(*found, strict=True)) or ((),) * 6
        line, kind, strike, expiry, bid, ask = columns
        return cls(kind, strike, expiry, bid, ask, spot, rate, line)

    @cached_property
    def parities(self) -> dict[float, Parity]:
        """Forward price and discount factor by expiry, from put-call parity."""
        return {float(each): self._parity(each) for each in np.unique(self.expiry)}

    @property
    def volatilities(self) -> Volatilities:
        """What is not `left_out`, as volatilities, by expiry and strike."""
        return self._sifted[0]

    @property
    def left_out(self) -> tuple[tuple[int, str], ...]:
        """Lines that say nothing of volatility, with the reason."""
        return self._sifted[1]

    def fit(self) -> Surface:
        """The SVI surface nearest to the quotes, as `Surface.fit` has it; between bid and ask nothing is lost.

        Examples
        --------
        A year of calls and puts at 20 %, a cent wide:

        >>> strike = np.repeat(np.arange(80.0, 121.0, 5), 2)
        >>> kind = np.tile(["call", "put"], 9)
        >>> price = black_scholes.price(kind, 100, strike, 1, 0.2, rate=0.03)
        >>> surface = Quotes(kind, strike, np.ones(18), price - 0.005, price + 0.005, spot=100).fit()
        >>> round(float(surface.forward(1)), 3), round(float(surface(strike=95, expiry=1)), 4)
        (103.045, 0.2)
        >>> len(surface.report.left_out), surface.report.left_out[0]
        (9, (2, 'in the money'))
        """
        seen = self.volatilities
        expiries = np.unique(seen.expiry)
        if not len(expiries):
            raise ValueError(f"quotes must have an expiry with at least {FEWEST} to be fitted, got none")
        surface = Surface.fit(
            seen.log_moneyness, seen.middle, seen.expiry, bid=seen.bid, ask=seen.ask, spot=self.spot,
            forwards=[self.parities[float(each)].forward for each in expiries],
        )  # fmt: skip
        assert surface.report is not None
        answer: Surface = reported(surface, replace(surface.report, left_out=self.left_out))
        return answer

    def table(self) -> pd.DataFrame:
        """All quotes by line, with log moneyness, volatilities where there are any, and why one was left out."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in ("kind", "strike", "expiry", "bid", "ask")}
        whole = pd.DataFrame(columns, index=pd.Index(self.line, name="line"))
        line, _, *found = self.volatilities
        names = ("log_moneyness", "bid_volatility", "middle_volatility", "ask_volatility")
        told = pd.DataFrame(dict(zip(names, found, strict=True)), index=line)
        reasons = pd.Series(dict(self.left_out), dtype=object, name="left_out")
        return whole.join(told).join(reasons)

    def introduction(self) -> Mapping[str, str]:
        """How many quotes of how many expiries, and the spot."""
        expiries = np.unique(self.expiry)
        return {
            "quotes": f"{len(self.strike):,}",
            "expiries": f"{len(expiries)}, from {expiries[0]:.4g} to {expiries[-1]:.4g} years",
            "spot": f"{self.spot:,.6g}",
            "left out of a fit": f"{len(self.left_out):,}",
        }

    def __repr__(self) -> str:
        return f"Quotes({len(self.strike)} quotes, {len(np.unique(self.expiry))} expiries, spot={self.spot!r})"

    def _parity(self, expiry: float) -> Parity:
        here = (self.expiry == expiry) & (self.bid > 0)
        calls, puts = (np.flatnonzero(here & (self.kind == kind)) for kind in ("call", "put"))
        strike, i, j = np.intersect1d(self.strike[calls], self.strike[puts], return_indices=True)
        call, put = calls[i], puts[j]
        middle, width = 0.5 * (self.bid + self.ask), self.ask - self.bid
        return parity(strike, middle[call] - middle[put], width[call] + width[put], expiry, self.spot, self.rate)

    @cached_property
    def _sifted(self) -> tuple[Volatilities, tuple[tuple[int, str], ...]]:
        """Quotes as volatilities, and what was left out."""
        told = [self.parities[float(each)] for each in self.expiry]
        forward, discount = np.array([each.forward for each in told]), np.array([each.discount for each in told])
        k = np.log(self.strike / forward)
        bid, middle, ask = (
            black_scholes.implied_volatility(price / discount, self.kind, forward, self.strike, self.expiry)
            for price in (self.bid, 0.5 * (self.bid + self.ask), self.ask)
        )
        possible = (bid >= LEAST_VOLATILITY) & (ask <= MOST_VOLATILITY)
        reasons = np.select(
            [np.where(self.kind == "call", k < 0, k >= 0), self.bid == 0, ~possible],
            ["in the money", "a bid of zero", "no volatility gives these prices"], "",
        )  # fmt: skip
        for expiry in np.unique(self.expiry):
            here = (self.expiry == expiry) & (reasons == "")
            if here.sum() < FEWEST:
                reasons = np.where(here, f"fewer than {FEWEST} quotes of its expiry are left", reasons)
            elif not k[here].min() < 0 < k[here].max():
                reasons = np.where(here, "all quotes of its expiry are on one side of the money", reasons)
        order = np.lexsort((self.strike, self.expiry))
        order = order[reasons[order] == ""]
        kept = Volatilities(*(each[order] for each in (self.line, self.expiry, k, bid, middle, ask)))
        return kept, tuple((int(line), str(why)) for line, why in zip(self.line, reasons, strict=True) if why)
