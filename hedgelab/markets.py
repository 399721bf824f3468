"""Where prices come from: geometric Brownian motion, and the recorded past.

A market has a `spot` to start from, a list of `times` at which its price can be traded, and a `stream` of prices
at those times, one array of paths after another.  Nothing needs the whole matrix of paths, so nothing stores it
unless you ask with `simulate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hedgelab import validation
from hedgelab.validation import Floats

#: Paths are made in blocks of this many, small enough for the processor's cache.  Each block has a random stream
#: of its own, so the block size is part of what a seed means.
BLOCK = 8192

DAYS_PER_YEAR = 365.0

Seed = int | np.random.Generator | np.random.SeedSequence | None


class Paths(NamedTuple):
    """Simulated or recorded prices: `times` in years, shape (steps + 1,); `spot`, shape (steps + 1, paths)."""

    times: Floats
    spot: Floats


class Market(Protocol):
    """What the hedging engine needs of a market."""

    @property
    def spot(self) -> float:
        """The first price."""
        ...

    def times(self, expiry: float, steps: int | None) -> Floats:
        """The times at which the price can be traded, in years, from 0 to `expiry`."""
        ...

    def stream(self, times: Floats, n_paths: int, generator: np.random.Generator) -> Iterator[Floats]:
        """The prices of `n_paths` paths at each of `times` in turn."""
        ...


@dataclass(frozen=True)
class GBM:
    """Geometric Brownian motion, the market of Black and Scholes: ``dS / S = drift dt + volatility dW``.

    Parameters
    ----------
    spot : first price, positive
    volatility : annual, zero or more
    drift : expected growth of the price a year, continuously compounded; dividends come on top

    Examples
    --------
    >>> paths = GBM(spot=100, volatility=0.2).simulate(expiry=1, steps=4, n_paths=3, seed=1)
    >>> paths.times
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> paths.spot.shape
    (5, 3)
    """

    spot: float
    volatility: float
    drift: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "spot", validation.positive_scalar("spot", self.spot))
        object.__setattr__(self, "volatility", validation.not_negative_scalar("volatility", self.volatility))
        object.__setattr__(self, "drift", validation.finite_scalar("drift", self.drift))

    def times(self, expiry: float, steps: int | None) -> Floats:
        """`steps` equal steps from 0 to `expiry`."""
        steps = validation.whole("steps", steps, minimum=1)
        return np.linspace(0.0, validation.positive_scalar("expiry", expiry), steps + 1)

    def stream(self, times: Floats, n_paths: int, generator: np.random.Generator) -> Iterator[Floats]:
        """The prices of `n_paths` paths at each of `times` in turn."""
        spot = np.full(n_paths, self.spot)
        yield spot
        for dt in np.diff(times):
            growth = (self.drift - 0.5 * self.volatility**2) * dt
            spot = spot * np.exp(growth + self.volatility * np.sqrt(dt) * generator.standard_normal(n_paths))
            yield spot

    def simulate(self, expiry: float, steps: int, n_paths: int, seed: Seed = None) -> Paths:
        """The very paths that `hedge` walks with the same seed, as one matrix."""
        return simulate(self, expiry, steps, n_paths, seed)


class Replay:
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
        self.prices = validation.positive("prices", prices).copy()
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

    @property
    def spot(self) -> float:
        """The first price."""
        return float(self.prices[0])

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
                f"{self.dates[-1]}, got {expiry} years; see years_until()"
            )
        if steps is not None and steps != last:
            raise ValueError(f"steps must be left out or be the {last} that the record has, got {steps}")
        return np.append(years[:last], expiry)

    def stream(self, times: Floats, n_paths: int, generator: np.random.Generator) -> Iterator[Floats]:
        """The recorded prices, one path of them."""
        if n_paths != 1:
            raise ValueError(f"n_paths must be 1 in a replay, the past happened once, got {n_paths}")
        for price in self.prices[: len(times)]:
            yield np.array([price])

    def simulate(self, expiry: float) -> Paths:
        """The recorded path up to `expiry`."""
        return simulate(self, expiry, None, 1, seed=0)

    def __repr__(self) -> str:
        return f"Replay({self.dates.size} dates, {self.dates[0]} to {self.dates[-1]})"

    @property
    def _years(self) -> Floats:
        elapsed = self.dates - self.dates[0]
        if elapsed.dtype.kind == "m":
            return np.asarray(elapsed / np.timedelta64(1, "D") / DAYS_PER_YEAR)
        return np.asarray(elapsed)

    def _index(self, date: Any) -> int:
        try:
            found = np.flatnonzero(self.dates == np.asarray(date, dtype=self.dates.dtype)).tolist()
        except (TypeError, ValueError):
            found = []
        if not found:
            raise ValueError(f"date must be one of the recorded, {self.dates[0]} to {self.dates[-1]}, got {date}")
        return int(found[0])


def simulate(market: Market, expiry: float, steps: int | None, n_paths: int, seed: Seed = None) -> Paths:
    """All prices of `n_paths` paths, kept: the streaming form made into one matrix."""
    times = market.times(expiry, steps)
    blocks = [
        np.stack(list(market.stream(times, size, generator_for(block_seed))))
        for size, block_seed in blocks_of(n_paths, seed)
    ]
    return Paths(times, np.concatenate(blocks, axis=1))


def blocks_of(n_paths: int, seed: Seed) -> list[tuple[int, np.random.SeedSequence]]:
    """The sizes of the blocks that make up `n_paths`, and a random seed for each."""
    n_paths = validation.whole("n_paths", n_paths, minimum=1)
    sizes = [min(BLOCK, n_paths - start) for start in range(0, n_paths, BLOCK)]
    return list(zip(sizes, _seed_sequence(seed).spawn(len(sizes)), strict=True))


def generator_for(seed: np.random.SeedSequence) -> np.random.Generator:
    """The random stream of one block; SFC64 is the fastest of NumPy's generators."""
    return np.random.Generator(np.random.SFC64(seed))


def _seed_sequence(seed: Seed) -> np.random.SeedSequence:
    if isinstance(
        seed, np.random.SeedSequence
    ):  # a copy, so that spawning from it leaves no trace in the caller's
        return np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key, pool_size=seed.pool_size)
    if isinstance(seed, np.random.Generator):
        return np.random.SeedSequence(seed.integers(0, 2**63, size=4).tolist())
    if seed is None or (isinstance(seed, int | np.integer) and seed >= 0):
        return np.random.SeedSequence(seed)
    raise ValueError(
        f"seed must be a whole number of at least 0, a Generator, a SeedSequence or None, got {seed!r}"
    )


def _dates(dates: ArrayLike) -> NDArray[Any]:
    """Days, or years as plain numbers; a copy."""
    array = np.asarray(dates)
    if array.dtype.kind in "iuf" and array.size:
        years = validation.finite("dates", array).copy()
        if np.abs(years).max() >= 10_000:
            raise ValueError(f"dates as plain numbers are years, got {years[np.abs(years).argmax()]}")
        return years
    try:
        if array.dtype.kind == "b" or any(getattr(date, "tzinfo", None) for date in array.ravel().tolist()):
            raise TypeError
        exact = array.astype("datetime64[us]")
    except (TypeError, ValueError):
        raise ValueError(f"dates must be dates such as 1987-10-19, without a time zone, got {dates!r}") from None
    if np.isnat(exact).any():
        raise ValueError(f"dates must be known, got {exact[np.isnat(exact)][0]} among them")
    days = exact.astype("datetime64[D]")
    if (days != exact).any():
        raise ValueError(f"dates must be whole days (or years, as numbers), got {exact[days != exact][0]}")
    return days
