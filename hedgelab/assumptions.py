"""The assumptions of the first formula, each broken on purpose: one book, one table.

Black and Scholes's hedge assumes that one trades all the time and for nothing, at a volatility that is known and
stands still whatever the price does; that the price has no jumps and is there at night too, in any size, among
others who do not care; a true quote, and no limits.  Here are eleven ways to break that, each by itself or all
together, on the same random numbers; the book, the desk and the parts are the library's::

    shocks  ->  news (`Scenarios`)  ->  prices (`CrowdMarket`, `Watched`)  ->  `hedge`, by the policy `Desk`
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from scipy.special import ndtr

from hedgelab import validation
from hedgelab.costs import Cost, NoCost, ProportionalCost, SquareRootImpact, VolatilitySpread
from hedgelab.crowd import CrowdMarket, Hedgers, LinearDepth
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.markets import Market, Quote, RandomStreams, Scenarios, as_quote, simulate
from hedgelab.policies import Moment
from hedgelab.runs import HedgeRun
from hedgelab.validation import Checked, Count, Floats, Fraction, NotNegative, Positive, between

DAYS, A_DAY = 21, 8  # trading days to expiry, steps of each
STEPS = DAYS * A_DAY
EXPIRY = DAYS / 252
DT = EXPIRY / STEPS
LOOK = 2  # the desk may trade at every second step, others at each
NUMBER = 1000  # puts sold
DESKS = 100  # others with the same book; how deep the market is for them follows from their gain, `depth`
SPOT, BELIEVED = 100.0, 0.2  # the first price, and the one volatility of the formula

#: What the formula assumes, and in a few words how it is broken.
ASSUMPTIONS = {
    "frequency": "hedged once a day",
    "costs": "each trade costs",
    "volatility": "another volatility",
    "moods": "volatility moves",
    "smile": "volatility follows the price",
    "jumps": "jumps",
    "gaps": "closed at night",
    "liquidity": "liquidity leaves",
    "crowd": "others hedge too",
    "feed": "a quote lies",
    "limit": "a limit binds",
}

#: Those that change the price, and not the desk alone; liquidity by what others find of it.
MOVE_PRICES = frozenset({"volatility", "moods", "smile", "jumps", "gaps", "crowd", "liquidity"})

#: What may be said to be broken: the name of an assumption, several, or "all".
Broken = str | Collection[str]

#: Rows of the random numbers: of price and volatility by step; then whether and when it jumps, how far; when a
#: quote lies, and which way.
ROWS = 2 * STEPS + 4


@dataclass(frozen=True)
class Breaks(Checked):
    """How far each assumption is broken, where it is.

    Attributes
    ----------
    strike : of the puts; not an assumption, but a choice like the others
    every : steps between two hedges; two where frequency is not broken
    cost : of each trade, a share of its value
    volatility : that the price has, of which the formula knows nothing
    moods : annual volatility of the volatility, whose square stays a mean of what it was
    follows : by how many per cent volatility rises as the price falls by one
    jump, jump_mean, jump_spread : the chance of a jump within the month, mean and deviation of its log; the price
        moves the less between jumps, so that the variance is the same
    night : the part of a day's variance that comes while the market is closed, in the last step of each day
    spread, volume, memory : half the spread at the volatility believed, which grows with the variance of late; the
        day's volume of the square-root law; and the weight of the last step in what is called "of late"
    gain, thinning : what the others trade as the price falls, times what that moves it, at first; and how fast
        depth shrinks with the price where liquidity leaves as well
    lie, misprint : the chance that within the month one quote lies, and by what part
    most : shares for each put that the desk may be short

    Examples
    --------
    >>> Breaks(lie=2)
    Traceback (most recent call last):
    ValueError: lie must be between 0 and 1, got 2.0
    """

    strike: Positive = 100.0
    every: Count = A_DAY
    cost: Fraction = 0.0002
    volatility: Positive = 0.22
    moods: NotNegative = 1.0
    follows: Annotated[float, between(0, 20)] = 2.0
    jump: Annotated[float, between(0, 0.99)] = 1 / 12
    jump_mean: Annotated[float, between(-1, 1)] = -0.08
    jump_spread: Annotated[float, between(0, 1)] = 0.04
    night: Annotated[float, between(0, 1)] = 0.5
    spread: Fraction = 0.0001
    volume: Positive = 1e6
    memory: Annotated[float, between(0, 1)] = 1 / A_DAY
    gain: NotNegative = 0.2
    thinning: Annotated[float, between(0, 100)] = 10.0
    lie: Fraction = 0.5
    misprint: Annotated[float, between(0, 0.5)] = 0.05
    most: Fraction = 0.7

    @property
    def put(self) -> Option:
        """The option sold."""
        return Option("put", self.strike, EXPIRY)


def shocks(n_paths: int, seed: int) -> Floats:
    """The random numbers of so many months, standard normal, shape (ROWS, n_paths).

    Examples
    --------
    >>> shocks(2, seed=1).shape
    (340, 2)
    """
    return np.random.default_rng(seed).standard_normal((ROWS, validation.whole("n_paths", n_paths, minimum=1)))


def known(broken: Broken) -> frozenset[str]:
    """The names of assumptions: one, several, or "all"; ValueError where there is no such assumption.

    Examples
    --------
    >>> sorted(known(["jumps", "costs"])), len(known("all"))
    (['costs', 'jumps'], 11)
    """
    names = frozenset(ASSUMPTIONS if broken == "all" else [broken] if isinstance(broken, str) else broken)
    if not names <= ASSUMPTIONS.keys():
        wrong = sorted(map(str, names - ASSUMPTIONS.keys()))
        raise ValueError(f"broken must be among {', '.join(ASSUMPTIONS)}, got {', '.join(wrong)}")
    return names


def news(drawn: Floats, broken: Broken = (), breaks: Breaks | None = None) -> Scenarios:
    """What the price would be if nobody moved it, on given random numbers.

    Without a break it is geometric Brownian motion at the volatility that is believed; with any, a martingale.

    Examples
    --------
    >>> calm, jumpy = (news(shocks(1000, seed=1), broken).simulate(EXPIRY).spot for broken in ((), "jumps"))
    >>> bool((np.diff(np.log(jumpy), axis=0).min() < -0.1) and np.diff(np.log(calm), axis=0).min() > -0.04)
    True
    """
    names, terms = known(broken), Breaks() if breaks is None else breaks
    n_paths = drawn.shape[1]
    moves, moods, (when, size) = drawn[:STEPS], drawn[STEPS : 2 * STEPS], drawn[2 * STEPS : 2 * STEPS + 2]
    chance = terms.jump if "jumps" in names else 0.0
    share = chance * (terms.jump_mean**2 + terms.jump_spread**2) / (BELIEVED**2 * EXPIRY)
    if share > 1:
        raise ValueError(f"jumps must make no more than all of the variance, got {share:g} times as much")
    jumps_at = _place_of(when, chance, STEPS)
    growth = np.expm1(terms.jump_mean + terms.jump_spread**2 / 2)
    nu = terms.moods if "moods" in names else 0.0
    follows = terms.follows if "smile" in names else 0.0
    between_jumps = (terms.volatility if "volatility" in names else BELIEVED) ** 2 * (1 - share)
    of_night = terms.night if "gaps" in names else 1 / A_DAY
    log, mood = np.zeros((STEPS + 1, n_paths)), np.zeros(n_paths)
    for step in range(STEPS):
        night = step % A_DAY == A_DAY - 1
        weight = A_DAY * (of_night if night else (1 - of_night) / (A_DAY - 1))
        x = log[step]
        variance: Any = between_jumps * weight * DT
        if nu or follows:
            variance = variance * np.exp(2 * nu * mood - 2 * nu**2 * step * DT - 2 * follows * x)
        moved = np.sqrt(variance) * moves[step] - variance / 2
        if chance:
            hazard = chance / STEPS / (1 - chance * step / STEPS)
            moved -= np.where(jumps_at >= step, np.log1p(hazard * growth), 0.0)
            moved += np.where(jumps_at == step, terms.jump_mean + terms.jump_spread * size, 0.0)
        log[step + 1] = x + moved
        mood += np.sqrt(DT) * moods[step]
    return Scenarios(np.linspace(0.0, EXPIRY, STEPS + 1), SPOT * np.exp(log))


def _place_of(normal: Floats, chance: float, places: int) -> Floats:
    """Which of so many equally likely places something takes, or none: infinite."""
    uniform = ndtr(normal)
    place: Floats = np.where(uniform < chance, np.floor(places * uniform / (chance or 1.0)), np.inf)
    return place


@dataclass(frozen=True)
class Watched:
    """A market that the desk looks at every second step, and that shows the variance of late.

    That is an average of squared returns, of all steps, which forgets.  A price that others have sold down to
    nothing is refused: a book has no delta there.

    Examples
    --------
    >>> times = [0, 0.1, 0.2, 0.3, 0.4]
    >>> seen = Watched(Scenarios(times, [[100.0], [110.0], [110.0], [110.0], [110.0]]), memory=0.5)
    >>> [round(float(quote.variance[0]), 4) for quote in seen.stream(seen.times(0.4), 1, RandomStreams(1, []))]
    [0.04, 0.0327, 0.0082]
    """

    market: Any
    memory: float

    @property
    def spot(self) -> float:
        """The first price."""
        return float(self.market.spot)

    def times(self, expiry: float, steps: Any = None) -> Floats:
        """Every second of the market's."""
        return np.asarray(self.market.times(expiry, steps)[::LOOK])

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Quote]:
        """The market's prices, and the variance that they had of late."""
        variance, before, then = np.full(n_paths, BELIEVED**2), None, 0.0
        fine = self.market.times(float(times[-1]), None)
        for step, (time, shown) in enumerate(zip(fine, self.market.stream(fine, n_paths, random), strict=True)):
            spot = as_quote(shown).spot
            if not (least := float(np.min(spot))) > 0:
                raise ValueError(
                    f"market must keep its prices above zero, got {least:g} at step {step}: whoever moves "
                    "them sells without end; take a smaller gain, less thinning or a strike nearer to the price"
                )
            if before is not None:
                squared = np.log(spot / before) ** 2 / (time - then)
                variance = (1 - self.memory) * variance + self.memory * squared
            before, then = spot, time
            if step % LOOK == 0:
                yield Quote(spot, variance)


def depth(names: Collection[str], breaks: Breaks) -> LinearDepth:
    """How deep the market is for others: so that their gain is as given at first, whatever the strike.

    So their number says nothing: twice the desks in a market twice as deep move it as much.  Where the gain is
    next to nothing the market is infinitely deep.

    >>> depth((), Breaks(gain=0.4)).depth * 2 == depth((), Breaks(gain=0.2)).depth
    True
    """
    (gamma,) = breaks.put.greeks(("gamma",), SPOT, EXPIRY, BELIEVED)
    slope = DESKS * NUMBER * float(gamma) * SPOT**2
    found = slope / breaks.gain if breaks.gain > 1e-9 else np.inf
    return LinearDepth(found, breaks.thinning if "liquidity" in names else 0.0)


def others(breaks: Breaks) -> Hedgers:
    """Those who have sold the same puts, and hedge by the same formula a step after each price.

    >>> others(Breaks()).quantity
    -100000.0
    """
    return Hedgers(breaks.put, quantity=-DESKS * NUMBER, volatility=BELIEVED)


@dataclass(frozen=True)
class Desk:
    """The policy of the desk: to delta when it looks, by the quote that it sees, within its limit.

    Attributes
    ----------
    put : sold, and hedged at the volatility that is believed
    every : trades at so many of its looks once
    lies_at, misprint : the look at which the quote lies, path by path, and by what part
    most : shares for each put that it may be short

    Examples
    --------
    >>> put, lies_at = Option("put", 100.0, EXPIRY), np.array([0.0, np.inf])
    >>> desk = Desk(put, every=1, lies_at=lies_at, misprint=-0.05, most=0.7)
    >>> moment = Moment.of(desk.put, spot=np.array([100.0, 92.0]), volatility=0.2)
    >>> desk.holding(moment).round(2)
    array([-0.7, -0.7])
    """

    put: Option
    every: int
    lies_at: Any
    misprint: Any
    most: float

    def holding(self, moment: Moment) -> Any:
        """Shares for each put."""
        if moment.step % self.every:
            return moment.held
        here = moment.paths
        lies_at, misprint = (each[here] if np.ndim(each) else each for each in (self.lies_at, self.misprint))
        wanted, lied = moment.delta, lies_at == moment.step
        if np.any(lied):
            wrong = moment.spot * (1 + misprint)
            (seen,) = self.put.greeks(("delta",), wrong, moment.time_left, BELIEVED)
            wanted = np.where(lied, seen, wanted)
        return np.maximum(wanted, -self.most) if self.most < 1 else wanted


def tariff(broken: Broken = (), breaks: Breaks | None = None) -> Cost:
    """What trading costs: nothing, a spread that stands still, one that widens as depth leaves, or both.

    >>> tariff(), tariff("costs")
    (NoCost(), ProportionalCost(rate=0.0002))
    """
    names, terms = known(broken), Breaks() if breaks is None else breaks
    parts: list[Cost] = [ProportionalCost(terms.cost)] if "costs" in names else []
    if "liquidity" in names:
        parts += [VolatilitySpread(terms.spread, BELIEVED, power=2), SquareRootImpact(terms.volume)]
    return sum(parts[1:], start=parts[0]) if parts else NoCost()


class Months:
    """Many months of the book on the same random numbers, with whatever is broken.

    `broken` is the name of an assumption, several names, or "all"; nothing is broken unless given.

    Parameters
    ----------
    drawn : random numbers, standard normal, shape (ROWS, number of months), such as `shocks`
    breaks : how far each assumption is broken, where it is; as `Breaks` has it unless given

    Examples
    --------
    >>> months = Months(shocks(2000, seed=1))
    >>> plain, dear = months.run(), months.run("costs")
    >>> bool(abs(plain.pnl.mean()) < 3 * plain.standard_error())
    True
    >>> bool(np.allclose(plain.pnl - dear.pnl, dear.cost))
    True
    """

    KEPT = 8  # prices, those used last, so that books that differ by their desk alone share them

    def __init__(self, drawn: Floats, breaks: Breaks | None = None) -> None:
        self.drawn = validation.kept("drawn", drawn)
        if self.drawn.ndim != 2 or len(self.drawn) != ROWS or not self.drawn.size:
            raise ValueError(f"drawn must have {ROWS} rows and a column for each month, got {self.drawn.shape}")
        self.breaks = Breaks() if breaks is None else breaks
        self._prices: dict[frozenset[str], Scenarios] = {}

    def __len__(self) -> int:
        """How many months there are."""
        return int(self.drawn.shape[1])

    def __repr__(self) -> str:
        return f"Months({len(self):,} months, {self.breaks})"

    def first(self, number: int) -> Months:
        """Only so many of them.

        >>> len(Months(shocks(9, seed=1)).first(2))
        2
        """
        return Months(self.drawn[:, : validation.whole("number", number, minimum=1)], self.breaks)

    def news(self, broken: Broken = ()) -> Scenarios:
        """What the prices would be if nobody moved them.

        >>> calm, jumpy = (Months(shocks(1000, seed=1)).news(each).simulate(EXPIRY).spot for each in ((), "jumps"))
        >>> bool(np.diff(np.log(jumpy), axis=0).min() < -0.1 < -0.04 < np.diff(np.log(calm), axis=0).min())
        True
        """
        return news(self.drawn, known(broken), self.breaks)

    def prices(self, broken: Broken = ()) -> Scenarios:
        """Prices at each look, moved by others if they are there, and the variance that they had of late.

        >>> Months(shocks(10, seed=1)).prices("crowd")
        Scenarios(10 paths, 84 steps to 0.0833333 years)
        """
        names = known(broken) & MOVE_PRICES
        if "crowd" not in names:
            names -= {"liquidity"}
        if names in self._prices:
            self._prices[names] = self._prices.pop(names)
        else:
            market: Market = self.news(names)
            if "crowd" in names and self.breaks.gain:
                market = CrowdMarket(market, depth(names, self.breaks), [others(self.breaks)])
            shown = simulate(Watched(market, self.breaks.memory), EXPIRY, None, len(self))
            while len(self._prices) >= self.KEPT:
                self._prices.pop(next(iter(self._prices)))
            self._prices[names] = Scenarios(*shown)
        return self._prices[names]

    def desk(self, broken: Broken = ()) -> Desk:
        """The policy that goes with what is broken.

        >>> Months(shocks(10, seed=1)).desk("frequency").every
        4
        """
        names, (when, way) = known(broken), self.drawn[2 * STEPS + 2 :]
        return Desk(
            self.breaks.put,
            every=self.breaks.every // LOOK if "frequency" in names else 1,
            lies_at=_place_of(when, self.breaks.lie if "feed" in names else 0.0, DAYS) * (A_DAY // LOOK),
            misprint=np.where(way < 0, -self.breaks.misprint, self.breaks.misprint),
            most=self.breaks.most if "limit" in names else 1.0,
        )

    def run(self, broken: Broken = (), **more: Any) -> HedgeRun:
        """The book, sold and hedged in each month; `more` goes to `hedge`."""
        return hedge(
            self.breaks.put,
            quantity=-NUMBER,
            market=self.prices(broken),
            policy=self.desk(broken),
            cost=tariff(broken, self.breaks),
            n_paths=len(self),
            **({"volatility": BELIEVED} | more),
        )

    def losses(self, broken: Broken = (), **more: Any) -> Floats:
        """What each month costs, in currency: the P&L with the other sign."""
        return -self.run(broken, **more).pnl


def influences(losses: Floats, part: float = 0.01) -> Floats:
    """What each path adds to the tail: their mean is the mean of the worst `part` of losses.

    So the standard error of a tail, of the difference of two on the same paths, or of a sum of them, is that of a
    mean: of these numbers, their difference or their sum.

    Examples
    --------
    >>> each = influences(np.arange(1000.0))
    >>> float(each.mean()), float(np.arange(990.0, 1000.0).mean())
    (994.5, 994.5)
    """
    losses = validation.finite("losses", losses)
    count = round(validation.positive_scalar("part", part) * losses.size)
    if not 1 <= count <= losses.size:
        raise ValueError(f"part must leave a path at least and at most all {losses.size}, got {part}")
    least = np.partition(losses, -count)[-count]
    found: Floats = least + np.maximum(losses - least, 0.0) * losses.size / count
    return found


def mean_and_error(each: Floats) -> tuple[float, float]:
    """A mean and its standard error.

    Examples
    --------
    >>> mean_and_error(np.array([1.0, 3.0]))
    (2.0, 1.0)
    """
    return float(np.mean(each)), float(np.std(each, ddof=1) / np.sqrt(np.size(each)))
