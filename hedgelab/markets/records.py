"""The recorded past as a market: as it was, or shuffled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hedgelab.introductions import Introduced, written
from hedgelab.markets.paths import Paths, Simulated, simulate
from hedgelab.markets.streams import RandomStreams
from hedgelab.validation import Finite, Floats, Positive, finite, finite_scalar, kept, optional, positive, refusal

DAYS_PER_YEAR = 365.0


class Replay(Introduced):
    """The recorded past as a market of one path.

    Parameters
    ----------
    dates : when the prices were recorded, strictly increasing: trading dates, whose time runs on the calendar with
        365 days to the year, or plain numbers, which are years
    prices : one positive price a date, at least two; a copy is kept

    Examples
    --------
    >>> week = Replay(["1987-10-15", "1987-10-16", "1987-10-19"], [298.08, 282.70, 224.84])
    >>> week.since("1987-10-16").spot
    282.7
    >>> round(week.years_until("1987-10-19") * 365)
    4
    """

    def __init__(self, dates: ArrayLike, prices: ArrayLike) -> None:
        self.dates = _dates(dates)
        self.prices = positive("prices", prices).copy()
        if self.dates.ndim != 1 or self.prices.shape != self.dates.shape:
            raise ValueError(
                f"prices must be one a date, got shape {self.prices.shape} for dates of shape {self.dates.shape}"
            )
        if self.dates.size < 2:
            raise ValueError(f"dates must be at least two, got {self.dates.size}: an empty replay hedges nothing")
        ahead = self.dates[1:] > self.dates[:-1]
        if not ahead.all():
            at = int(np.argmin(ahead)) + 1
            raise ValueError(
                f"dates must be strictly increasing, got {self.dates[at]} after {self.dates[at - 1]} at index {at}"
            )

        on_calendar, elapsed = self.dates.dtype.kind == "M", self.dates - self.dates[0]
        self._years = elapsed / np.timedelta64(1, "D") / DAYS_PER_YEAR if on_calendar else elapsed

    @property
    def spot(self) -> float:
        """The first price."""
        return float(self.prices[0])

    @property
    def recorded(self) -> int:
        """How many prices there are."""
        return int(self.prices.size)

    def since(self, date: Any) -> Replay:
        """The replay from `date`, a recorded one, on."""
        start = self._index(date)
        return Replay(self.dates[start:], self.prices[start:])

    def years_until(self, date: Any) -> float:
        """Years from the first date to `date`, a recorded one."""
        return float(self._years[self._index(date)])

    def times(self, expiry: float, steps: int | None = None) -> Floats:
        """The recorded times up to `expiry`, which must be one of them; `steps` is what the record says."""
        years = self._years
        last = int(np.argmin(np.abs(years - expiry)))
        tolerance = 0.5 / DAYS_PER_YEAR if self.dates.dtype.kind == "M" else 1e-9
        if abs(years[last] - expiry) > tolerance or last == 0:
            raise ValueError(
                f"expiry must fall on a recorded date after the first, {self.dates[0]}, and no later than "
                f"{self.dates[-1]}, got {expiry} years; see years_until(), and "
                "the horizon of hedge() for an option that outlives the record"
            )
        if steps is not None and steps != last:
            raise refusal(f"steps must be left out or be the {last} that the record has", steps)
        return np.append(years[:last], expiry)

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Floats]:
        """The recorded prices, one path of them."""
        if n_paths != 1:
            raise refusal("n_paths must be 1 in a replay, the past happened once", n_paths)
        for price in self.prices[: len(times)]:
            yield np.array([price])

    def simulate(self, expiry: float) -> Paths:
        """The recorded path up to `expiry`."""
        return simulate(self, expiry, None, 1, seed=0)

    def introduction(self) -> Mapping[str, str]:
        """The record's length, its ends and the range of its prices."""
        first, last = str(self.dates[0]), str(self.dates[-1])
        low, high = written(self.prices.min()), written(self.prices.max())
        return {"dates": f"{self.dates.size}, {first} to {last}", "prices": f"{low} to {high}"}

    def __repr__(self) -> str:
        return f"Replay({self.dates.size} dates, {self.dates[0]} to {self.dates[-1]})"

    def _index(self, date: Any) -> int:
        try:
            found = np.flatnonzero(self.dates == np.asarray(date, dtype=self.dates.dtype)).tolist()
        except (TypeError, ValueError, OverflowError):
            found = []
        if not found:
            raise refusal(f"date must be one of the recorded, {self.dates[0]} to {self.dates[-1]}", date)
        return int(found[0])


@dataclass(frozen=True, eq=False)
class Bootstrap(Simulated):
    """Recorded returns, drawn again in runs: the stationary bootstrap.

    A path takes one recorded return a step, however long the step: `expiry` is the option's clock alone.  Returns
    come in runs, as they were recorded, so that calm and storm last as they did.  After each return a run ends
    with probability ``1 / block_length`` and the next begins at a random place; the record's end is followed by
    its beginning.  D. N. Politis & J. P. Romano (1994), "The stationary bootstrap", Journal of the American
    Statistical Association 89.

    Parameters
    ----------
    spot : first price, positive
    returns : recorded log returns, at least one
    block_length : mean length of a run, 1 or more; at 1 each return is drawn by itself
    drift : expected growth of the price a year; what the record has unless given

    Examples
    --------
    Three months of daily returns from a year of prices:

    >>> prices = 100 * np.exp(0.01 * np.random.default_rng(1).standard_normal(253).cumsum())
    >>> market = Bootstrap.from_prices(prices, block_length=10, drift=0.0)
    >>> market.simulate(expiry=0.25, steps=63, n_paths=3, seed=1).spot.shape
    (64, 3)
    """

    spot: Positive
    returns: Returns
    block_length: Finite = 20.0
    drift: Annotated[float | None, optional(finite_scalar)] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.block_length < 1:
            raise ValueError(f"block_length must be at least 1, got {self.block_length}")

    def __repr__(self) -> str:
        terms = f"block_length={self.block_length}, drift={self.drift}"
        return f"Bootstrap(spot={self.spot}, {self.returns.size} returns, {terms})"

    @classmethod
    def from_prices(cls, prices: ArrayLike, block_length: float = 20.0, drift: float | None = None) -> Bootstrap:
        """The bootstrap of the returns between recorded `prices`, which starts from the last of them."""
        prices = positive("prices", prices)
        if prices.ndim != 1 or prices.size < 2:
            raise ValueError(f"prices must be a list of at least two, got shape {prices.shape}")
        return cls(float(prices[-1]), np.diff(np.log(prices)), block_length, drift)

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Floats]:
        """The prices of `n_paths` paths at each of `times` in turn."""
        recorded = self.returns.size
        at = random.integers(recorded)
        spot = np.full(n_paths, self.spot)
        yield spot
        growths = repeat(0.0) if self.drift is None else self._growth()
        for dt, growth in zip(np.diff(times), growths, strict=False):
            spot = spot * np.exp(self.returns[at] + (self.drift or 0.0) * dt - growth)
            yield spot
            ends = random.random() < 1 / self.block_length
            at = np.where(ends, random.integers(recorded), (at + 1) % recorded)

    def _growth(self) -> Iterator[float]:
        """By how much the logarithm of the mean price of all paths grows in each step, were nothing moved.

        Runs of rises and falls make a mean price grow faster than single returns do, so it is followed place by
        place of the record: of a mean price of 1, how much belongs to paths that take each return next.
        """
        grown, ends = np.exp(self.returns), 1 / self.block_length
        share = np.full(self.returns.size, 1 / self.returns.size)
        while True:
            share = share * grown
            mean = share.sum()
            yield float(np.log(mean))
            share = share / mean
            share = ends / share.size + (1 - ends) * np.roll(share, 1)


def _returns(name: str, value: ArrayLike) -> Floats:
    """`value` as a list of numbers, at least one; a copy."""
    returns = finite(name, value)
    if returns.ndim != 1 or returns.size == 0:
        raise ValueError(f"{name} must be a list of at least one, got shape {returns.shape}")
    return kept(name, returns)


Returns = Annotated[Floats, _returns]


def _dates(dates: ArrayLike) -> NDArray[Any]:
    """Days, or years as plain numbers; a copy."""
    array = np.asarray(dates)
    if array.dtype.kind in "iuf" and array.size:
        years = finite("dates", array).copy()
        if np.abs(years).max() >= 10_000:
            raise ValueError(f"dates as plain numbers are years, got {years.flat[np.abs(years).argmax()]}")
        return years
    try:
        if array.dtype.kind == "b" or any(getattr(date, "tzinfo", None) for date in array.ravel().tolist()):
            raise TypeError
        exact = array.astype("datetime64[us]")
    except (TypeError, ValueError, OverflowError):
        raise refusal("dates must be dates such as 1987-10-19, without a time zone", dates) from None
    if np.isnat(exact).any():
        raise ValueError(f"dates must be known, got {exact[np.isnat(exact)][0]} among them")
    days = exact.astype("datetime64[D]")
    if (days != exact).any():
        raise ValueError(f"dates must be whole days (or years, as numbers), got {exact[days != exact][0]}")
    return days
