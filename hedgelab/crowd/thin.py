"""A program that sells at a share of the volume, market makers with a limit, and buyers who come late.

The least market that falls as that of 6 May 2010 fell.  It goes by the second, counts contracts, and is an
illustration: its free numbers are more than the facts that they were set by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from hedgelab import validation
from hedgelab.crowd.depth import LinearDepth
from hedgelab.introductions import Introduced
from hedgelab.markets import Seed
from hedgelab.validation import Checked, Floats, between

MINUTE = 60  # seconds
HUNDREDTH = 100  # of the depth, in a book whose market makers are full: see `ThinMarket`
RESTLESS = 15  # by how much more the variance of a second is in such a book, in variances of an empty one
BACK = 0.1  # of its way to its worth a price goes in a second in which buyers would carry it further


def _within(low: float, high: float) -> Any:
    """A rule: numbers from `low` to `high`, one for all paths or one a path."""

    def rule(name: str, value: ArrayLike) -> Any:
        array = validation.finite(name, value)
        if array.ndim > 1:
            raise ValueError(f"{name} must be one number, or one a path, got an array of shape {array.shape}")
        good = (array >= low) & (array <= high)
        checked = validation.require(name, array, good, f"must be between {low:g} and {high:g}")
        return validation.kept(name, checked) if array.ndim else float(checked)

    return rule


Amount = Annotated[Any, _within(1e-9, 1e12)]
Perhaps = Annotated[Any, _within(0, 1e12)]
Share = Annotated[Any, _within(0, 1)]


@dataclass(frozen=True, eq=False)
class SellProgram(Checked, Introduced):
    """A program that sells so many contracts at a share of the last minute's volume, whatever the price.

    It counts all that was traded, its own sales and those between market makers too.

    Parameters
    ----------
    contracts : to sell in all; those of 6 May 2010 unless given
    share : of the last minute's volume, from 0 to 1; one number, or one a path
    pace : contracts a second, instead of a share: a program that looks at the clock alone

    Examples
    --------
    >>> SellProgram(75_000, share=0.09).contracts
    75000.0
    """

    contracts: Annotated[float, between(0, 1e12)] = 75_000.0
    share: Share = 0.09
    pace: Annotated[Any, validation.optional(_within(0, 1e12))] = None

    def sells(self, minute: Any, left: Any) -> Any:
        """Contracts in the next second, after so many of the last minute, with so many left to sell."""
        wanted = self.share * minute / MINUTE if self.pace is None else self.pace
        return np.minimum(wanted, left)


@dataclass(frozen=True)
class Stop(Checked, Introduced):
    """A short stop of all trading, after which market makers are rid of a share of what they hold.

    Buyers whom the low price has called meanwhile are still there when it ends.

    Parameters
    ----------
    at : second in which it begins, a whole number; that of 2:45:28 after a start at 2:32:00 unless given
    lasts : seconds
    frees : share of the makers' inventory that is sold into the reopening, from 0 to 1
    """

    at: Annotated[int, lambda name, value: validation.whole(name, value, minimum=0)] = 808
    lasts: validation.Count = 5
    frees: validation.Fraction = 0.076


@dataclass(frozen=True, eq=False)
class Sale:
    """What came of a program's sales.  Arrays have a row for each second from 0 on and a column a path.

    Attributes
    ----------
    price : log of the price, beyond what the market is worth; 0 at first
    sold : contracts that the program has sold so far
    held : contracts that market makers hold
    minute : contracts traded in the last minute
    bought : contracts that buyers took in the second before

    Examples
    --------
    >>> sale = ThinMarket().sell(SellProgram())
    >>> sale.price.shape, round(float(sale.low_at[0]) / 60, 1), round(float(sale.done(75_000)[0]) / 60, 1)
    ((2401, 1), 16.2, 19.4)
    """

    price: Floats
    sold: Floats
    held: Floats
    minute: Floats
    bought: Floats

    @property
    def low(self) -> Floats:
        """The lowest price of each path, as a return: -0.07 is seven per cent down."""
        low: Floats = np.expm1(self.price.min(axis=0))
        return low

    @property
    def low_at(self) -> Any:
        """The second of the low."""
        return self.price.argmin(axis=0)

    def done(self, contracts: float) -> Floats:
        """The second by which so many contracts have been sold; NaN where they never were."""
        enough = self.sold >= contracts * (1 - 1e-9)
        return np.where(enough.any(axis=0), enough.argmax(axis=0), np.nan)


@dataclass(frozen=True, eq=False)
class ThinMarket(Checked, Introduced):
    """A market of takers, market makers with a limit, and buyers who come late.

    Each second, with x the log price beyond the market's worth and h the makers' inventory over their limit::

        buyers  = appetite * 100 * late average of max(-x, 0)
        net     = the program's sales - takers - buyers
        d h     = net (1 - h) / limit where net > 0; otherwise makers sell what they hold to those who buy
        d x     = -net / depth(h) + noise sqrt(1 + 15 h)         depth(h) = depth * exp(-thinning * h)
        volume  = others (1 + passing h^2) + the program's sales

    So makers take less the fuller they are, and the book thins; what they refuse goes to whoever a lower price
    brings.  And they pass contracts among themselves, which a program that counts volume takes for buyers.  Buyers
    do not carry the price above its worth: there it goes back by a tenth of its way.

    What is not given are numbers with which the market comes near four reported figures of 6 May 2010 and two
    wishes.  `others`, `takers`, `limit`, `passing`, `depth`, `appetite`, `delay`, and what a `Stop` frees, are
    eight free numbers; the square, the 15, the tenth and the noise were chosen too.  A thinning of ln 100 leaves a
    hundredth of the depth where makers are full, as reported.

    Parameters
    ----------
    others : contracts a second that others trade while makers hold nothing
    takers : contracts a second that ordinary buyers take from the program, at any price
    limit : contracts that makers hold at most
    passing : by how many times `others` more is traded where makers are full; 0 where no hot potato goes round
    depth : a `LinearDepth` in contracts; its thinning goes with the makers' inventory, as a share of their limit
    appetite : contracts a second that buyers take for each per cent below what the market is worth, once they come
    delay : seconds, on average, until they come
    noise : standard deviation of the log price in a second, with makers who hold nothing

    Each of them may be one number, or one a path.

    Examples
    --------
    >>> market, program = ThinMarket(noise=5e-5), SellProgram()
    >>> round(100 * float(market.sell(program, n_paths=200, seed=1).low.mean()), 1)
    -7.1
    >>> round(100 * float(market.sell(program, n_paths=200, seed=1, stop=Stop()).low.mean()), 1)
    -6.2
    >>> bool(market.sell(SellProgram(share=0.06)).low[0] == 0)
    True
    """

    others: Amount = 315.673
    takers: Perhaps = 27.398
    limit: Amount = 6988.851
    passing: Perhaps = 4.586
    depth: LinearDepth = field(default_factory=lambda: LinearDepth(1_533_604.6, thinning=np.log(HUNDREDTH)))
    appetite: Perhaps = 11.548
    delay: Annotated[Any, _within(1, 1e12)] = 30.711
    noise: Annotated[Any, _within(0, 1)] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.depth, LinearDepth):
            raise validation.refusal("depth must be a LinearDepth", self.depth)

    def sell(
        self,
        program: SellProgram,
        seconds: int = 2400,
        n_paths: int = 1,
        seed: Seed = None,
        stop: Stop | None = None,
        shocks: ArrayLike | None = None,
    ) -> Sale:
        """What comes of a program's sales, from the second in which it starts.

        Parameters
        ----------
        program : what is sold, and how
        seconds : how long to look, a whole number
        n_paths, seed : paths, and where their noise comes from; the noise is the same with a stop and without
        stop : a `Stop`; none unless given
        shocks : standard normal numbers of your own instead of a seed's, shape (seconds, n_paths)
        """
        if not isinstance(program, SellProgram):
            raise validation.refusal("program must be a SellProgram", program)
        if not (stop is None or isinstance(stop, Stop)):
            raise validation.refusal("stop must be a Stop or None", stop)
        seconds, n_paths = validation.count("seconds", seconds), validation.count("n_paths", n_paths)
        self._one_a_path(program, n_paths)
        if shocks is None:
            random = np.random.default_rng(seed)
            rows: Iterator[Any] = (random.standard_normal(n_paths) for _ in range(seconds))
        else:
            drawn = validation.finite("shocks", shocks)
            if drawn.shape != (seconds, n_paths):
                raise ValueError(f"shocks must have shape ({seconds}, {n_paths}), got {drawn.shape}")
            rows = iter(drawn)
        kept_rows = np.zeros((5, seconds + 1, n_paths))
        sale = Sale(*kept_rows)
        others, noisy = np.broadcast_to(self.others, n_paths), bool(np.any(self.noise))
        volumes = np.tile(others, (MINUTE, 1))
        sale.minute[0] = minute = MINUTE * others
        x, held, called, nothing = np.zeros((4, n_paths))
        left, hundredfold = np.full(n_paths, program.contracts), 100 * self.appetite
        stopped = range(0) if stop is None else range(stop.at, stop.at + stop.lasts)
        for second in range(seconds):
            called = called + (np.maximum(-x, 0) - called) / self.delay
            shock = next(rows) if noisy else 0.0
            volume = buying = nothing
            if second not in stopped:
                full = np.minimum(held / self.limit, 1)
                selling, buying = program.sells(minute, left), hundredfold * called
                net = selling - self.takers * (left > 0) - buying
                step = move = self.depth.move(0.0, -net, price=-full)
                if noisy:
                    step = move + self.noise * np.sqrt(1 + RESTLESS * full) * shock
                x = x + np.where((net < 0) & (x + move > 0), -BACK * x, step)
                held = held + np.where(net > 0, net * (1 - full), np.maximum(net, -held))
                volume = self.others * (1 + self.passing * full**2) + selling
                left = left - selling
            elif stop is not None and second == stopped[-1]:
                held = held * (1 - stop.frees)
            minute = np.maximum(minute + volume - volumes[second % MINUTE], 0)
            volumes[second % MINUTE] = volume
            after = (x, program.contracts - left, held, minute, buying)
            for part, now in zip(kept_rows, after, strict=True):
                part[second + 1] = now
        return sale

    def _one_a_path(self, program: SellProgram, n_paths: int) -> None:
        """Refuse what has an entry for each of another number of paths."""
        for terms in (self, program):
            for name, value in vars(terms).items():
                if np.ndim(value) and len(value) != n_paths:
                    raise ValueError(f"{name} must be one number, or one a path, {n_paths}, got {len(value)}")
