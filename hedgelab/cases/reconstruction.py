"""A day's path drawn through the few prices that are on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from hedgelab.costs import TRADING_DAYS
from hedgelab.introductions import Introduced
from hedgelab.markets import Replay
from hedgelab.markets.streams import Seed, seed_sequence
from hedgelab.validation import Floats, not_negative_scalar, positive_scalar, refusal, short, whole

#: Seconds of trading in a year: days of six and a half hours.
SECONDS_PER_YEAR = TRADING_DAYS * 6.5 * 3600

SECOND = pd.Timedelta(seconds=1)


@dataclass(frozen=True, repr=False, eq=False)
class Reconstruction(Introduced):
    """A reconstruction: a path of one day through the prices that are on record, not the path itself.

    Between two known points the logarithm of the price runs straight; `with_noise` adds a Brownian bridge to it.
    Nothing trades in a halt: no price is there, `tradable` is False, and `market` has no such time.

    Attributes
    ----------
    of : whose prices, and in what
    points : the known points by time: `price`, `status` ("read"; "second hand"; "derived", computed from what is
        on record; "assumed", yours), `how` it is known, and `source`
    began : when the fall began, to whose price others are relative
    halt : when trading stopped, and when it resumed
    lowest, highest : between which prices the path has to stay, on record too
    volatility : of the noise, a year of trading time; 0 for none
    seed : of the noise

    Examples
    --------
    >>> from hedgelab.cases import flash_crash_2010
    >>> drawn = flash_crash_2010().reconstruction
    >>> drawn
    Reconstruction(E-mini S&P 500, June 2010 (index points), 2010-05-06 14:00:00 to 15:00:00,
        7 known points: 3 read, 2 derived, 2 second hand; all others joined straight in log price)
    >>> drawn.path(since="14:45:26", until="14:45:34").status.tolist()
    ['derived', 'read', 'halt', 'halt', 'halt', 'halt', 'halt', 'second hand', 'joined']
    >>> drawn.market(since="14:41", until="14:46").recorded  # 301 seconds but for the five of the halt
    296
    """

    of: str
    points: pd.DataFrame
    began: pd.Timestamp
    halt: tuple[pd.Timestamp, pd.Timestamp]
    lowest: float
    highest: float
    volatility: float = 0.0
    seed: Seed = 0

    @property
    def label(self) -> str:
        """What an axis of its prices is called."""
        return f"Reconstruction: {self.of}"

    def path(self, seconds: int = 1, since: Any = None, until: Any = None) -> pd.DataFrame:
        """The reconstruction every so many `seconds`, by time.

        Its columns are `price`; `relative`, to the price at which the fall began; `status`, as of the points,
        "joined" between them and "halt" in the halt; and `tradable`.  In the halt the price is NaN.

        Parameters
        ----------
        seconds : whole, from one time to the next
        since, until : times of the day, such as "14:41" or "14:45:27"; the first and last known point unless given
        """
        first, last = self._between(since, until)
        every = whole("seconds", seconds, minimum=1)
        if every > (last - first) / SECOND:
            raise refusal(f"seconds must be at most the {(last - first) / SECOND:.0f} of the path", seconds)
        every_second = self._every_second()
        times = pd.date_range(first, last, freq=f"{every}s", name="time")
        return every_second.loc[times]

    def market(self, seconds: int = 1, since: Any = None, until: Any = None) -> Replay:
        """The path as a market, whose times are `years` of trading since the opening; none is in the halt.

        Parameters
        ----------
        seconds, since, until : as of `path`

        Examples
        --------
        A straddle of five days, sold at 14:41 and hedged each half minute until 14:46:

        >>> import hedgelab as hl
        >>> from hedgelab.cases import flash_crash_2010
        >>> drawn = flash_crash_2010().reconstruction
        >>> market = drawn.market(seconds=30, since="14:41", until="14:46")
        >>> straddle = {hl.Option(kind, market.spot, 5 / 252): -1 for kind in ("call", "put")}
        >>> five_minutes = market.years_until(drawn.years("14:46"))
        >>> run = hl.hedge(straddle, market=market, volatility=0.30, horizon=five_minutes)
        >>> run.ledger().spot.round(2).tolist()[:3]
        [1111.58, 1106.66, 1101.77]
        """
        path = self.path(seconds, since, until)
        traded = path[path.tradable]
        if len(traded) < 2:
            raise refusal(
                f"since and until must leave two times at which something trades, {seconds} s apart", since
            )
        since_opening = pd.DatetimeIndex(traded.index) - self._time("time", "09:30")
        return Replay(since_opening / SECOND / SECONDS_PER_YEAR, traded.price)

    def years(self, time: Any) -> float:
        """Years of trading from the opening at 9:30 to a `time` of the day; one day is 1/252.

        Examples
        --------
        >>> from hedgelab.cases import flash_crash_2010
        >>> round(252 * flash_crash_2010().reconstruction.years("12:45"), 3)
        0.5
        """
        opening = self._time("time", "09:30")
        return float((self._time("time", time) - opening) / SECOND / SECONDS_PER_YEAR)

    def with_noise(self, volatility: float, seed: Seed) -> Reconstruction:
        """The same with a Brownian bridge from each known point to the next, reflected at `lowest` and `highest`.

        What the noise is worth is your assumption; the points stay where they are.

        Parameters
        ----------
        volatility : annual, of trading time
        seed : of the noise

        Examples
        --------
        >>> from hedgelab.cases import flash_crash_2010
        >>> noisy = flash_crash_2010().reconstruction.with_noise(volatility=0.4, seed=1)
        >>> float(noisy.path().price.min()), float(noisy.points.price.min())
        (1056.0, 1056.0)
        """
        seed_sequence(seed)
        if isinstance(seed, np.random.Generator) or seed is None:
            seed = seed_sequence(seed)  # one noise, however often it is asked for
        return replace(self, volatility=not_negative_scalar("volatility", volatility), seed=seed)

    def assuming(self, time: Any, price: float, why: str) -> Reconstruction:
        """The same through one more point, of your own, whose status is "assumed".

        Parameters
        ----------
        time : of the day, a whole second outside the halt
        price : between `lowest` and `highest`
        why : what speaks for it

        Examples
        --------
        >>> from hedgelab.cases import flash_crash_2010
        >>> drawn = flash_crash_2010().reconstruction.assuming("14:32", 1130, why="to see whether it matters")
        >>> drawn.points.status["2010-05-06 14:32:00"]
        'assumed'
        """
        at = self._time("time", time)
        if not self.points.index[0] < at < self.points.index[-1]:
            raise refusal("time must be between the first and the last known point", time)
        if self.halt[0] <= at < self.halt[1]:
            raise refusal("time must not be in the halt, in which nothing traded", time)
        if self.points.status.get(at) in ("read", "second hand"):
            raise refusal("time must not be that of a point on record", time)
        worth = positive_scalar("price", price)
        if not self.lowest <= worth <= self.highest:
            raise refusal(f"price must be between {self.lowest} and {self.highest}, which are on record", price)
        if not isinstance(why, str) or not why.strip():
            raise refusal("why must say in words what speaks for it", why)
        row = pd.DataFrame([[worth, "assumed", why, ""]], [at], self.points.columns)
        others = self.points.drop(index=at, errors="ignore")
        return replace(self, points=pd.concat([others, row]).sort_index().rename_axis("time"))

    def introduction(self) -> Mapping[str, str]:
        """That it is one, of what, from what."""
        first, last = self.points.index[0], self.points.index[-1]
        counts = ", ".join(f"{number} {status}" for status, number in self.points.status.value_counts().items())
        noise = f", with noise of {self.volatility:.0%} a year" if self.volatility else ""
        return {
            "of": self.of,
            "time": f"{first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S}",
            "points": f"{len(self.points)} known points: {counts}",
            "others": f"all others joined straight in log price{noise}",
        }

    def __repr__(self) -> str:
        told = self.introduction()
        return f"Reconstruction({told['of']}, {told['time']},\n    {told['points']}; {told['others']})"

    # ------------------------------------------------------------------------------------------------ inside

    def _every_second(self) -> pd.DataFrame:
        """The path each second from the first known point to the last."""
        known = self.points
        times = pd.date_range(known.index[0], known.index[-1], freq="1s", name="time")
        at = np.asarray((times - times[0]) / SECOND)
        knots = np.asarray((pd.DatetimeIndex(known.index) - times[0]) / SECOND)
        log_price = np.interp(at, knots, np.log(known.price))
        if self.volatility:
            log_price = self._reflected(log_price + self._bridges(at, knots))
        price = pd.Series(np.exp(log_price), index=times)
        price[known.index] = known.price  # to the last digit
        status = pd.Series("joined", index=times)
        status[known.index] = known.status
        halted = (times >= self.halt[0]) & (times < self.halt[1])
        price[halted], status[halted] = np.nan, "halt"
        relative = price / known.price[self.began]
        return pd.DataFrame({"price": price, "relative": relative, "status": status, "tradable": ~halted})

    def _bridges(self, at: Floats, knots: Floats) -> Floats:
        """Noise that is zero at each known point."""
        draws = np.random.Generator(np.random.PCG64(seed_sequence(self.seed)))
        steps = draws.standard_normal(at.size - 1) * self.volatility / np.sqrt(SECONDS_PER_YEAR)
        walk = np.append(0.0, steps.cumsum())
        return np.asarray(walk - np.interp(at, knots, walk[knots.astype(int)]))

    def _reflected(self, log_price: Floats) -> Floats:
        """Between the lowest and the highest price, as between two mirrors."""
        low, high = np.log(self.lowest), np.log(self.highest)
        within = np.mod(log_price - low, 2 * (high - low))
        return np.asarray(low + np.minimum(within, 2 * (high - low) - within))

    def _between(self, since: Any, until: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
        first, last = self.points.index[0], self.points.index[-1]
        ends = (first if since is None else self._time("since", since),
                last if until is None else self._time("until", until))  # fmt: skip
        if not first <= ends[0] < ends[1] <= last:
            raise ValueError(
                f"since must come before until, both from {first:%H:%M:%S} to {last:%H:%M:%S}, "
                f"got {short(since)} and {short(until)}"
            )
        return ends

    def _time(self, name: str, value: Any) -> pd.Timestamp:
        """A time of the day, of which only whole seconds are drawn."""
        day = self.points.index[0].normalize()
        rule = f"{name} must be a time of {day:%Y-%m-%d}, to the second, such as '14:41' or '14:45:27'"
        if not isinstance(value, str | datetime | np.datetime64):
            raise refusal(rule, value)
        try:
            time = pd.Timestamp(
                f"{day:%Y-%m-%d} {value}" if isinstance(value, str) and "-" not in value else value
            )
        except (ValueError, OverflowError):
            raise refusal(rule, value) from None
        if pd.isna(time) or time.tzinfo or time.normalize() != day or time != time.floor("s"):
            raise refusal(rule, value)
        return time
