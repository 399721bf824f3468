"""A world's venues, and a desk in proportion to its book: what `run` and `serve` set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import compress
from typing import Any

from hedgelab.desk.clock import Clock, Simulated
from hedgelab.desk.events import StockQuote
from hedgelab.desk.feed import Gate
from hedgelab.desk.pricing import Portfolio
from hedgelab.desk.settings import Limits, Settings, Terms
from hedgelab.desk.sources import MarketSource, Showing
from hedgelab.desk.venues import Habits, Venue
from hedgelab.desk.worlds import World
from hedgelab.instruments import Option
from hedgelab.policies import DeltaBand
from hedgelab.validation import refusal

#: The venues of every world: what they charge, what they show, how they behave.
VENUES: Mapping[str, tuple[Terms, Showing, Habits]] = {
    "A": (Terms(0.003, 1e-6), Showing(0.0004, 4000.0, vary=0.3), Habits(latency=0.02, hidden=0.25)),
    "B": (Terms(0.001, 4e-6), Showing(0.0005, 1500.0, vary=0.5), Habits(latency=0.05, parts=0.1)),
    "C": (Terms(0.0, 1e-5), Showing(0.0007, 600.0, vary=0.8), Habits(latency=0.2, hidden=1.0, refuses=0.02)),
}


#: Who may lift what the desk has laid upon itself: whoever sits before it.
OFFICER = "you"


def trading_floor(
    world: World, clock: Clock, shown: Callable[[Any], object], answered: Callable[[Any], object], seed: int
) -> dict[str, Venue]:
    """The venues of a world, open from now on: their quotes go to `shown`, their answers to orders to `answered`.

    A clock that does not begin at 0 finds the market where it is then; what was quoted before is not shown.

    Examples
    --------
    >>> from hedgelab.desk.clock import Simulated
    >>> from hedgelab.desk.worlds import world
    >>> clock, quotes = Simulated(start=25.0), []
    >>> venues = trading_floor(world("gbm", every=10.0), clock, quotes.append, print, seed=1)
    >>> clock.run(until=40.0)
    >>> [(quote.venue, round(quote.time)) for quote in quotes]
    [('A', 30), ('B', 30), ('C', 30), ('A', 40), ('B', 40), ('C', 40)]
    """
    venues = {
        name: Venue(name, clock, answered, terms, habits, seed=seed + place)
        for place, (name, (terms, _, habits)) in enumerate(VENUES.items())
    }

    def show(quote: Any) -> None:
        venues[quote.venue].show(quote)
        shown(quote)

    source = MarketSource(world.market, world.times, {name: each[1] for name, each in VENUES.items()}, seed)
    source.start(clock, show)
    return venues


def same_market(world: World, seed: int, quote: StockQuote) -> bool:
    """Whether what was quoted once is what this market, of this seed, shows at that time.

    Examples
    --------
    >>> from hedgelab.desk.worlds import world
    >>> clock, quotes = Simulated(), []
    >>> venues = trading_floor(world("gbm", every=10.0), clock, quotes.append, print, seed=1)
    >>> clock.run(until=40.0)
    >>> [same_market(world("gbm", every=10.0), seed, quotes[-1]) for seed in (1, 2)]
    [True, False]
    """
    clock, shown = Simulated(quote.sent), list[StockQuote]()
    MarketSource(world.market, world.times, {quote.venue: Showing()}, seed).start(clock, shown.append)
    clock.run(quote.sent)
    return [(each.sent, each.last) for each in shown] == [(quote.sent, quote.last)]


def about(world: World, speed: float) -> dict[str, Any]:
    """What a desk has to know of a world that runs at so many times a clock's speed, in what JSON knows."""
    return {
        "market": world.name,
        "told": world.told,
        "speed": speed,
        "spot": world.market.spot,
        "venues": [{"name": name, **asdict(terms)} for name, (terms, _, _) in VENUES.items()],
        "options": [[option.kind, option.strike, option.expiry] for option in world.options],
        "numbers": world.numbers,
        "volatility": world.volatility,
    }


def desk_settings(about: Mapping[str, Any], spot: float, years: float, half_width: float) -> Settings:
    """A desk that sells a world's book at this time and price and hedges it by a band; its limits go by the book.

    What has expired by then is not sold.  The faster the clock, the later by it is a message that took its time,
    so what is late or stale grows with it.

    Raises
    ------
    ValueError
        Where all of it has expired.

    Examples
    --------
    >>> from hedgelab.desk.worlds import world
    >>> desk = desk_settings(about(world("heston"), speed=60.0), spot=100.0, years=0.0, half_width=0.02)
    >>> round(desk.cash, 2), desk.limits.position, desk.gate.late
    (7162.55, 3000.0, 30.0)
    """
    options = tuple(Option(*each) for each in about["options"])
    left = Portfolio(options, about["numbers"], about["volatility"]).left(years)
    if not left.any():
        last = max(option.expiry for option in options)
        raise refusal(f"years must be below {last:g}, when the last of the market's options expires", years)
    numbers = tuple(compress(about["numbers"], left))
    speed, first, whole = about["speed"], about["spot"], sum(map(abs, numbers))
    made = Settings(
        tuple(compress(options, left)),
        numbers,
        spot,
        about["volatility"],
        {each["name"]: Terms(each["fee"], each["impact"]) for each in about["venues"]},
        officers=(OFFICER,),
        policy=DeltaBand(half_width),
        limits=Limits(
            delta=0.5 * whole,
            position=1.5 * whole,
            order=whole,
            gamma=10 * whole / first,
            vega=whole * first,
            loss=0.05 * whole * first,
            rate=50,
        ),
        gate=Gate(late=max(1.0, speed / 2), ahead=max(0.1, speed / 4), stale=max(5.0, 3 * speed)),
        patience=max(5.0, 2 * speed),
        beat=max(1.0, speed / 2),
    )
    return replace(made, cash=-made.portfolio().value(spot, years).price)


def same_desk(settings: Settings, about: Mapping[str, Any], half_width: float) -> bool:
    """Whether a desk with these settings may have begun in this world, whatever had expired by then.

    Examples
    --------
    >>> from hedgelab.desk.worlds import world
    >>> told = about(world("heston"), speed=60.0)
    >>> later = desk_settings(told, spot=100.0, years=0.3, half_width=0.02)
    >>> len(later.options), same_desk(later, told, half_width=0.02), same_desk(later, told, half_width=0.5)
    (1, True, False)
    """
    sold = [[option.kind, option.strike, option.expiry] for option in settings.options]
    there = list(zip(about["options"], about["numbers"], strict=True))
    if not all(each in there for each in zip(sold, settings.numbers, strict=True)):
        return False
    book = {"options": sold, "numbers": settings.numbers}
    again = desk_settings({**about, **book}, settings.spot, 0.0, half_width)
    return replace(again, cash=settings.cash) == settings
