"""The price that many hedgers move: news, their orders, and the depth of the market between the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from hedgelab import validation
from hedgelab.crowd.breakers import Breakers, Gate
from hedgelab.crowd.depth import Depth, LinearDepth, SquareRootDepth
from hedgelab.crowd.participants import DAY, Participant, Seen, Trader, crowd_of
from hedgelab.introductions import Introduced, written
from hedgelab.markets import Market, Paths, Quote, RandomStreams, Seed, as_quote, simulate
from hedgelab.validation import Floats, between


class CrowdStep(NamedTuple):
    """One step of a crowd's market; an entry per path.  Amounts are shares at the reference price, bought."""

    quote: Quote  # what the market shows
    price: Any  # log of its spot, beyond the reference
    news: Any  # the same without anybody's orders
    shift: Any  # log price at which it would trade, less the news: the impact of all orders so far
    pushed: Any  # bought since the beginning, as far as it moved the price
    bought: list[Any]  # by each participant in this step
    closed: Any  # paths that did not trade in this step, None without breakers
    traders: list[Trader]


@dataclass
class _Block:
    """Where a block of paths stands."""

    step: int
    quote: Quote
    price: Any
    news: Any
    shift: Any
    pushed: Any
    bought: list[Any]
    closed: Any = None


@dataclass(frozen=True, eq=False)
class CrowdMarket(Introduced):
    """A market whose price is moved by the orders of those who hedge in it.

    The log price is the news plus the impact of all that was bought and sold (Platen & Schweizer 1998, "On
    feedback effects from hedging derivatives", Mathematical Finance 8, for the linear law)::

        d ln S = d news + (bought by value buyers - hidden * sold by insurers + bought by dealers) / depth

    Whoever takes the other side asks for that change of the price and for nothing else.  In each step the orders
    are placed at the last price and all trade at the next one; dealers who are not late trade within the step, at
    the price that clears with their own orders.  With a crowd of nobody, or infinite depth, the market is the one
    that brings the news, to the last bit.

    Parameters
    ----------
    news : a market: what the price would be without the crowd
    depth : `LinearDepth` or `SquareRootDepth`; infinite unless given
    crowd : `Insurers`, `ValueBuyers`, `Dealers`, `Hedgers`, or a list of such participants
    breakers : `Halts` or `PriceLimits`; none unless given
    reference : the close before, from which log prices, falls and floors are counted; the first price unless given
    night : years for which value buyers gather between two trading days of `DAY` years each, clearing at the next
        opening; none unless given
    value : of the whole market, in currency; a crowd must not be larger.  Infinite unless given

    Examples
    --------
    Three per cent of bad news, and insurers who are too many for a market of this depth:

    >>> from hedgelab import GBM
    >>> from hedgelab.crowd import Insurers
    >>> insurers = Insurers(insured=75.0)
    >>> market = CrowdMarket(GBM(97.0, 0.0), LinearDepth(85.0), [insurers], reference=100.0)
    >>> round(market.gain(), 2), round(float(market.simulate(DAY, 390, n_paths=1).spot[-1, 0]), 1)
    (1.38, 59.8)
    """

    news: Market
    depth: Depth = field(default_factory=lambda: LinearDepth(np.inf))
    crowd: Any = ()
    breakers: Breakers | None = None
    reference: float | None = None
    night: float = 0.0
    value: float = np.inf

    def __post_init__(self) -> None:
        validation.has_methods("news", self.news, "times", "stream")
        if not isinstance(self.depth, Depth):
            given = validation.short(self.depth)
            raise ValueError(f"depth must be a LinearDepth or a SquareRootDepth, got {given}")
        object.__setattr__(self, "crowd", crowd_of(self.crowd))
        if self.breakers is not None and not isinstance(self.breakers, Breakers):
            raise ValueError(f"breakers must be Halts or PriceLimits, got {validation.short(self.breakers)}")
        spot = validation.positive_scalar("spot of the news", self.spot)
        reference = spot if self.reference is None else validation.positive_scalar("reference", self.reference)
        if not 1e-6 <= spot / reference <= 1e6:
            raise ValueError(f"reference must be near the first price, {spot:g}, got {reference:g}")
        object.__setattr__(self, "reference", reference)
        validation.fields(self, night=between(0, 1e6))
        if self.value != np.inf:
            validation.fields(self, value=validation.positive_scalar)
        size = sum(member.worth(spot) for member in self.crowd)
        if size > self.value:
            raise ValueError(f"crowd must not be larger than the market's value, {self.value:g}, got {size:g}")
        if self._at_once:
            if isinstance(self.depth, SquareRootDepth) or self.breakers is not None:
                prompt = next(member for member in self.crowd if member.at_once)
                raise ValueError(
                    f"dealers must be late in a market with breakers or square-root depth, got {prompt}"
                )
            _below_the_fold(0, self._at_once * self.depth.impact())

    @property
    def spot(self) -> float:
        """The first price."""
        return self.news.spot

    @property
    def close_before(self) -> float:
        """The reference, as a number."""
        return self.spot if self.reference is None else self.reference

    @property
    def _at_once(self) -> float:
        return float(sum(member.at_once for member in self.crowd))

    def times(self, expiry: float, steps: Any) -> Floats:
        """The times of the news."""
        return self.news.times(expiry, steps)

    def gain(self, price: float = 0.0) -> float:
        """How far the crowd pushes a fall that it follows, as a share of the fall: the impact times its slope.

        Of insurers and dealers, whose slope is known, at a log price beyond the reference.  A market of
        square-root depth has none, see `SquareRootDepth.sustained_fall`.
        """
        if not isinstance(self.depth, LinearDepth):
            raise ValueError(f"depth must be a LinearDepth for a crowd to have a gain, got {self.depth}")
        slopes = [_slope(member, price) for member in self.crowd]
        return float(self.depth.impact(price) * sum(slopes))

    def stream(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Quote]:
        """The prices of `n_paths` paths at each of `times` in turn; a variance is that of the news."""
        for step in self.walk(times, n_paths, random):
            yield step.quote

    def simulate(self, expiry: float, steps: Any, n_paths: int, seed: Seed = None) -> Paths:
        """The very paths that `hedgelab.hedge` walks with the same seed, as one matrix."""
        return simulate(self, expiry, steps, n_paths, seed)

    def walk(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[CrowdStep]:
        """The prices and the orders behind them, step by step."""
        gate: Gate | None = None if self.breakers is None else self.breakers.enter(n_paths)
        stream = self._news(times, n_paths, random)
        quote = next(stream)
        news = np.log(quote.spot / self.close_before)
        nothing = np.zeros(n_paths)
        at = _Block(0, quote, news, news, nothing, nothing, [nothing] * len(self.crowd))
        traders = [member.enter(quote.spot, news) for member in self.crowd]
        waiting = [nothing] * len(self.crowd)
        yield CrowdStep(quote, news, news, nothing, nothing, at.bought, None, traders)
        for step in range(1, len(times)):
            start, end = float(times[step - 1]), float(times[step])
            evening = None
            if step > 1 and _day(start) > _day(float(times[step - 2])):
                evening, waiting = self._night(at, traders, waiting, gate, start), [nothing] * len(self.crowd)
            quote = next(stream)
            at.step, at.news = step, np.log(quote.spot / self.close_before)
            seen = Seen(step, end, end - start, at.quote.spot, at.price, at.news)
            waiting = self._trade(gate, at, traders, waiting, seen, quote)
            if evening:
                at.bought = [a + b for a, b in zip(at.bought, evening, strict=True)]
            for trader, bought in zip(traders, at.bought, strict=True):
                if hasattr(trader, "fill"):
                    trader.fill(bought, at.quote.spot)
            yield CrowdStep(at.quote, at.price, at.news, at.shift, at.pushed, at.bought, at.closed, traders)

    def _news(self, times: Floats, n_paths: int, random: RandomStreams) -> Iterator[Quote]:
        """What the market of the news shows at each of the times."""
        shown = 0
        for each in self.news.stream(times, n_paths, random):
            quote = as_quote(each)
            shown += 1
            if quote.spot.shape != (n_paths,):
                raise ValueError(f"spot must have one value a path, shape ({n_paths},), got {quote.spot.shape}")
            yield quote
        raise ValueError(f"stream of the news must yield prices at {len(times)} times, it stopped after {shown}")

    def _push(self, at: _Block, bought: list[Any]) -> None:
        """Let orders move the price, and those of dealers who hedge at once with it."""
        pushing = self._pushing(bought)
        at.shift = at.shift + self.depth.move(at.pushed, pushing, at.price)
        at.pushed = at.pushed + pushing
        if self._at_once:
            gain = self._at_once * self.depth.impact(at.price)
            _below_the_fold(at.step, gain)
            moved = (at.news + at.shift - at.price) / (1 - gain)
            at.shift = at.shift + gain * moved
            at.pushed = at.pushed + self._at_once * moved
            for k, member in enumerate(self.crowd):
                bought[k] = bought[k] + member.at_once * moved

    def _pushing(self, bought: list[Any]) -> Any:
        """The sum of orders as far as they move the price."""
        pairs = zip(self.crowd, bought, strict=True)
        parts = [order if member.hidden == 1.0 else member.hidden * order for member, order in pairs]
        return sum(parts[1:], start=parts[0]) if parts else 0.0

    def _trade(
        self, gate: Gate | None, at: _Block, traders: list[Trader], waiting: list[Any], seen: Seen, quote: Quote
    ) -> list[Any]:
        """One step: what trades, at which price, and the orders that go on waiting."""
        begins = seen.time - seen.dt
        morning = _day(begins) * DAY
        closed: Any = False if gate is None else gate.closed(begins - morning)
        trading: Any = True
        if gate is None or not closed.any():
            at.bought = [trader.orders(seen) for trader in traders]
            self._push(at, at.bought)
            cleared, spot = at.news + at.shift, quote.spot * np.exp(at.shift)
        else:
            seen = seen._replace(closed=closed, queue=getattr(self.breakers, "queue", False))
            waiting = [before + trader.orders(seen) for before, trader in zip(waiting, traders, strict=True)]
            clearing = at.news + at.shift + self.depth.move(at.pushed, self._pushing(waiting), at.price)
            trading = ~closed | gate.opens(seen.time - morning, clearing)
            at.bought = [np.where(trading, order, 0.0) for order in waiting]
            waiting = [np.where(trading, 0.0, order) for order in waiting]
            self._push(at, at.bought)
            cleared = np.where(trading, at.news + at.shift, at.price)
            spot = np.where(trading, quote.spot * np.exp(at.shift), at.quote.spot)
        at.price, at.closed = cleared, None if trading is True else ~trading
        if gate is not None:
            at.price = gate.after(seen.time - morning, cleared, trading)
            if at.price is not cleared:
                spot = np.where(at.price == cleared, spot, self.close_before * np.exp(at.price))
        at.quote = Quote(spot, quote.variance)
        return waiting

    def _night(
        self, at: _Block, traders: list[Trader], waiting: list[Any], gate: Gate | None, time: float
    ) -> list[Any]:
        """Between two days: what waits is traded, value buyers gather, and the day counts from the close."""
        close = at.price
        if gate is not None:
            self._push(at, waiting)
            at.price = at.news + at.shift
            gate.new_day(close)
        if not self.night:
            return waiting
        seen = Seen(at.step, time, self.night, at.quote.spot, at.price, at.news)
        slope = self.depth.slope(at.pushed, at.price)
        gathered = [
            trader.overnight(seen, slope) if hasattr(trader, "overnight") else np.zeros(len(close))
            for trader in traders
        ]
        self._push(at, gathered)
        at.price = at.news + at.shift
        return [a + b for a, b in zip(waiting, gathered, strict=True)]

    def introduction(self) -> Mapping[str, str]:
        """The news, the depth, who trades and what stops them."""
        crowd = ", ".join(type(member).__name__ for member in self.crowd) or "nobody"
        known = {"news": self.news, "depth": self.depth, "breakers": self.breakers, "reference": self.reference}
        return {"crowd": crowd} | {name: written(value) for name, value in known.items()}

    def __repr__(self) -> str:
        crowd = ", ".join(type(member).__name__ for member in self.crowd) or "nobody"
        news, depth = validation.short(self.news), validation.short(self.depth)
        return f"CrowdMarket(news={news}, depth={depth}, crowd={crowd}, breakers={self.breakers})"


def _slope(member: Participant, price: float) -> Any:
    """By how much a participant's sales rise as the log price falls by one, as far as they move the price."""
    if hasattr(member, "slope"):
        return member.hidden * member.slope(price)
    return -getattr(member, "gamma", 0.0)


def _day(time: float) -> int:
    """The trading day that begins at this time, or holds it."""
    return int(np.floor(time / DAY + 1e-6))


def _below_the_fold(step: int, gain: Any) -> None:
    """Refuse dealers who hedge at once where no price clears with their orders."""
    if not np.max(gain) < 1:
        raise ValueError(
            f"gain of dealers who hedge at once must be below 1 for a price to clear, got {np.max(gain):g} at "
            f"step {step}"
        )
