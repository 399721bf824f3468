"""The markets that a desk or a class can trade in, by name, and what in them is recorded and what is made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.instruments import Option
from hedgelab.markets import GBM, Heston, Market, Merton, Replay
from hedgelab.markets.streams import Seed, seed_sequence
from hedgelab.validation import Floats, positive_scalar

#: Seconds of a trading day.
DAY = SECONDS_PER_YEAR / 252

#: Years to the last price of a market that is made, however few are shown: jumps are drawn for all time at once.
END = 10.0

#: Standard deviation, annual, of the prices that are made between two recorded closes.
BETWEEN = 0.20

#: What makes of the seconds between two prices, those in all, and the seed: words, a market, and its volatility.
Making = Callable[[float, float, Seed], tuple[str, Market, float]]

FIRST = "1987-10-02"  # the close from which the autumn of 1987 is served: eleven trading days before the crash


@dataclass(frozen=True)
class World:
    """A market, when its price is quoted, and the book that is hedged in it.

    Attributes
    ----------
    told : what is recorded in it and what is made, in a sentence
    market : of the library
    times : years of trading at which there is a price, from 0 on; where it is made, `END` is the last
    volatility : annual, at which its options are quoted at first
    options, numbers : the book to hedge, numbers negative where options are sold
    """

    name: str
    told: str
    market: Market
    times: Floats
    volatility: float
    options: tuple[Option, ...]
    numbers: tuple[float, ...]


def world(name: str, every: float = 1.0, seed: Seed = None, seconds: float = SECONDS_PER_YEAR) -> World:
    """The market of that name, with a price every so many seconds of trading, for so long or as its record lasts.

    How long it lasts changes nothing in what comes before.

    Raises
    ------
    ValueError
        Names the markets that there are.

    Examples
    --------
    >>> crash = world("october_1987", every=3_600, seed=1)
    >>> len(crash.times) - 1, crash.market.spot, crash.options[0]
    (372, 328.07, Option(kind='call', strike=330.0, expiry=0.25))
    >>> world("Heston").volatility
    0.2
    """
    every, seconds = positive_scalar("every", every), positive_scalar("seconds", seconds)
    made = WORLDS.get(name.lower())
    if made is None:
        raise ValueError(f"market must be one of {', '.join(WORLDS)}, got {name!r}")
    told, market, volatility = made(every, seconds, seed)
    if isinstance(market, Replay):
        times = market.times(float(market.dates[-1]))
    else:
        times = np.arange(math.ceil(seconds / every) + 1, dtype=np.float64) * (every / SECONDS_PER_YEAR)
        times = np.append(times, max(END, 2 * times[-1]))
    near = 5 * round(market.spot / 5)
    options = (Option("call", near, 0.25), Option("put", round(0.9 * near), 0.25), Option("call", near, 0.5))
    return World(name.lower(), told, market, times, volatility, options, (-1000.0, -500.0, -500.0))


def bridged(closes: Floats, per_day: int, volatility: float, seed: Seed) -> Floats:
    """Prices with `per_day` steps from close to close: the closes as they are, and Brownian bridges between.

    A bridge, in the price's logarithm, spreads a day's move evenly over the day and adds to it what a price of
    that annual volatility does that ends the day where it began.

    Examples
    --------
    >>> bridged(np.array([100.0, 110.0, 99.0]), 2, 0.0, seed=1).round(2)
    array([100.  , 104.88, 110.  , 104.36,  99.  ])
    """
    draws = np.random.Generator(np.random.PCG64(seed_sequence(seed)))
    steps = draws.standard_normal((closes.size - 1, per_day)) * volatility / np.sqrt(252 * per_day)
    walk = steps.cumsum(axis=1)
    share = np.arange(1, per_day + 1) / per_day
    moves = np.diff(np.log(closes))[:, None] * share + walk - walk[:, -1:] * share
    path = np.exp(np.log(closes[:-1, None]) + moves)
    path[:, -1] = closes[1:]  # the record itself, to the last digit
    return np.concatenate((closes[:1], path.ravel()))


def _october_1987(every: float, seconds: float, seed: Seed) -> tuple[str, Market, float]:
    from hedgelab.cases import october_1987  # pandas, which nothing else here needs

    closes = october_1987().market.since(FIRST).prices
    per_day = max(1, round(DAY / every))
    days = math.ceil(seconds / DAY)
    path = bridged(closes[: days + 1], per_day, BETWEEN, seed)
    told = (
        f"the S&P 500 from 2 October to 31 December 1987. Recorded: the {closes.size} closes. Made: everything "
        f"between two closes (a Brownian bridge at {BETWEEN:.0%} a year, so that a day's move, the crash too, is "
        "spread over its day), the venues, their quotes, and what options are quoted at"
    )
    return told, Replay(np.arange(path.size) / (252 * per_day), path), 0.25


def _simulated(market: Market, words: str) -> Making:
    return lambda every, seconds, seed: (f"{words}; all of it is made", market, 0.2)


#: How each is made, of the seconds between two prices and the seed.
WORLDS: dict[str, Making] = {
    "gbm": _simulated(GBM(100, 0.2), "geometric Brownian motion from 100 at a volatility of 20%"),
    "merton": _simulated(
        Merton(100, 0.16, jump_rate=6, jump_mean=-0.03, jump_volatility=0.04),
        "Merton's market from 100: a volatility of 16%, and six jumps a year of -3% on average",
    ),
    "heston": _simulated(
        Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7),
        "Heston's market from 100: a volatility of 20% that moves, and rises when the price falls",
    ),
    "october_1987": _october_1987,
}
