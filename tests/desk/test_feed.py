"""Which quotes the gate lets through, on any day; clocks and sources."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import hedgelab as hl
from hedgelab.desk.clock import SECONDS_PER_YEAR, Real, Simulated
from hedgelab.desk.decisions import Decisions
from hedgelab.desk.events import Heartbeat, Opened, OptionQuote, RatesQuote, SmileQuote, StockQuote
from hedgelab.desk.feed import HARMLESS, Feed, Gate, Seen
from hedgelab.desk.settings import Settings
from hedgelab.desk.sources import Faults, Faulty, MarketSource, Record, Showing

GOOD = StockQuote(10.0, "A", 7, 10.0, 99.98, 100.02, 500.0, 400.0, 100.0)
BEFORE = StockQuote(9.0, "A", 6, 9.0, 99.98, 100.02, 500.0, 400.0, 100.0)


def feed(gate=None):
    seen, smile = {"A": Seen(), "B": Seen(), "C": Seen()}, np.array([0.2, 0.3])
    made = Feed(gate or Gate(), seen, 100.0, smile, (0.03, 0.0), {hl.Option("call", 100, 1)})
    made.open(0.0)
    assert made.judge(BEFORE) == []
    made.take(BEFORE)
    return made


def names(faults):
    return [name for name, _ in faults]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"bid": 100.03}, "crossed"),
        ({"bid": 100.02}, "locked"),
        ({"bid": 0.0, "ask": 0.0}, "no price"),
        ({"bid": math.nan, "ask": math.nan}, "no price"),
        ({"bid": -1.0, "ask": math.inf}, "no price"),
        ({"bid": 0.0}, "one-sided"),
        ({"ask": math.nan}, "one-sided"),
        ({"ask": math.inf}, "one-sided"),
        ({"bid_size": 0.0}, "no size"),
        ({"ask_size": -3.0}, "no size"),
        ({"ask_size": math.nan}, "no size"),
        ({"ask_size": math.inf}, "no size"),
        ({"bid": 90.0}, "wide"),
        ({"bid": 999.8, "ask": 1000.2}, "absurd"),
        ({"bid": 9.998, "ask": 10.002}, "absurd"),
        ({"venue": "Z"}, "unknown venue"),
        ({"sequence": 6, "sent": 9.0}, "duplicate"),
        ({"sequence": 5, "sent": 8.5}, "out of order"),
        ({"sent": 8.0, "sequence": 8}, "late"),
        ({"sent": 10.2}, "clock ahead"),
        ({"sent": math.nan}, "clock ahead"),
        ({"sequence": 9}, "gap"),
        ({"sequence": 1}, "restarted"),
    ],
)
def test_each_fault_has_its_name_and_keeps_the_quote_out_unless_it_is_harmless(changed, fault):
    found = names(feed().judge(replace(GOOD, **changed)))
    assert found == ([] if fault is None else [fault])
    assert (fault in HARMLESS) == (fault in ("gap", "restarted"))


def test_a_locked_quote_is_a_price_where_the_gate_says_so():
    assert feed(Gate(locked=True)).judge(replace(GOOD, bid=100.02)) == []


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (SmileQuote(10.0, "A", 7, 10.0, (0.2, 0.3)), None),
        (SmileQuote(10.0, "A", 7, 10.0, (0.2, 20.0)), "absurd"),
        (SmileQuote(10.0, "A", 7, 10.0, (0.2, math.nan)), "absurd"),
        (SmileQuote(10.0, "A", 7, 10.0, (0.0,)), "absurd"),
        (SmileQuote(10.0, "A", 7, 10.0, (0.2, 0.2, 0.2)), "malformed"),
        (OptionQuote(10.0, "A", 7, 10.0, hl.Option("put", 100, 1), 5.0, 5.2, 1.0, 1.0), "malformed"),
        (RatesQuote(10.0, "A", 7, 10.0, 0.03, -0.01), None),
        (RatesQuote(10.0, "A", 7, 10.0, 3.0, 0.0), "absurd"),
        (RatesQuote(10.0, "A", 7, 10.0, 0.03, math.nan), "absurd"),
        (OptionQuote(10.0, "A", 7, 10.0, hl.Option("call", 100, 1), 5.0, 5.2, 1.0, 1.0), None),
        (OptionQuote(10.0, "A", 7, 10.0, hl.Option("call", 100, 1), 5.2, 5.0, 1.0, 1.0), "crossed"),
        (OptionQuote(10.0, "A", 7, 10.0, hl.Option("call", 100, 1), 0.0, 5.0, 1.0, 1.0), "one-sided"),
        (Heartbeat(10.0, "A", 7, 10.0), None),
    ],
)
def test_other_messages_are_judged_as_well(message, fault):
    assert names(feed().judge(message)) == ([] if fault is None else [fault])


def at(message, time, sequence, **changed):
    return replace(message, time=time, sent=time, sequence=sequence, **changed)


SMILE = SmileQuote(10.0, "A", 7, 10.0, (0.2, 0.3))
RATES = RatesQuote(10.0, "A", 7, 10.0, 0.03, 0.0)
#: A message of each kind that may leap, and what a leap of it is.
LEAPS = {
    "price": (GOOD, {"bid": 77.98, "ask": 78.02}),
    "volatility": (SMILE, {"volatilities": (2.0,)}),
    "one volatility": (SMILE, {"volatilities": (0.2, 2.0)}),
    "rate": (RATES, {"rate": 0.5}),
    "dividend": (RATES, {"dividend": -0.3}),
}


@pytest.mark.parametrize("what", LEAPS)
def test_what_leaps_is_believed_of_a_venue_that_is_alone_when_it_says_so_for_some_seconds(what):
    good, leap = LEAPS[what]
    made = feed()
    assert names(made.judge(good)) == []
    burst = [names(made.judge(at(good, 10.01 + k / 100, 8 + k, **leap))) for k in range(30)]
    assert burst == [["absurd"]] * 30
    assert names(made.judge(at(good, 11.9, 38, **leap))) == ["absurd"]
    last = at(good, 12.1, 39, **leap)
    assert names(made.judge(last)) == ["new level"]
    made.take(last)
    assert names(made.judge(at(good, 12.2, 40, **leap))) == []
    assert names(made.judge(at(good, 12.3, 41))) == ["absurd"]  # and what was before is a leap now


@pytest.mark.parametrize("what", LEAPS)
def test_one_venue_does_not_outvote_the_others_however_often_it_says_it(what):
    good, leap = LEAPS[what]
    made = feed()
    for k in range(100):
        time = 10.0 + 0.1 * k
        assert names(made.judge(at(good, time, 7 + k, venue="A", **leap))) == ["absurd"]
        for venue in "BC":
            quote = at(good, time, 7 + k, venue=venue)
            assert names(made.judge(quote)) == []
            made.take(quote)
    assert made.price == pytest.approx(100.0)


@pytest.mark.parametrize("what", LEAPS)
def test_what_leaps_is_believed_at_once_when_more_than_half_of_the_venues_say_so(what):
    good, leap = LEAPS[what]
    made = feed()
    for venue in "ABC":
        assert names(made.judge(at(good, 10.0, 7, venue=venue))) == []
    said = [names(made.judge(at(good, 10.1, 8 + k // 2, venue="AB"[k % 2], **leap))) for k in range(3)]
    assert said == [["absurd"], ["absurd"], ["new level"]]


def test_half_of_the_venues_are_not_enough():
    made = feed()
    for k in range(50):
        assert names(made.judge(at(GOOD, 10.0 + 0.1 * k, 7 + k, bid=199.9, ask=200.1))) == ["absurd"]
        assert names(made.judge(at(GOOD, 10.0 + 0.1 * k, 7 + k, venue="B"))) == []


def test_a_crash_that_goes_on_falling_is_one_new_level():
    made = feed()
    for k in range(4):
        fall = at(GOOD, 10.0 + k, 7 + k, bid=77.98 - k, ask=78.02 - k)
        assert names(made.judge(fall)) == (["absurd"] if k < 2 else ["new level"] if k == 2 else [])
        if k >= 2:
            made.take(fall)
    assert made.price == pytest.approx(75.0)


def test_absurd_prices_that_do_not_agree_are_not_believed():
    made = feed()
    for k, middle in enumerate([10.0, 1000.0, 55.0, 300.0, 10.0, 1000.0]):
        assert names(made.judge(replace(GOOD, sequence=7 + k, bid=middle - 0.01, ask=middle + 0.01))) == ["absurd"]


def test_the_price_is_the_median_of_the_fresh_venues():
    made = feed()
    for venue, middle in {"B": 101.0, "C": 103.0}.items():
        made.take(replace(GOOD, venue=venue, bid=middle - 0.02, ask=middle + 0.02))
    assert made.price == pytest.approx(101.0)
    assert [(venue, fault) for venue, fault, _ in made.sweep(14.5)] == [("A", "silent")]
    assert made.price == pytest.approx(102.0)


def test_a_venue_that_sends_heartbeats_alone_is_stale_and_one_that_sends_nothing_is_silent():
    made = feed()
    made.judge(Heartbeat(13.0, "A", 7, 13.0))
    assert [(venue, fault) for venue, fault, _ in made.sweep(14.5)] == [
        ("A", "stale"), ("B", "silent"), ("C", "silent"),
    ]  # fmt: skip
    assert made.sweep(15.0) == []  # each is reported once
    assert not made.fresh
    assert made.stale
    made.take(replace(GOOD, time=16.0))
    assert made.fresh
    assert [venue for venue, _, _ in made.sweep(30.0)] == ["A"]


def test_an_option_of_no_book_and_a_smile_of_no_size_are_malformed():
    mind = Decisions(Settings((hl.Option("call", 100, 1),), (-1,), spot=100, volatility=0.2))
    mind.react(Opened(0.0, 1, ""))
    smile = mind.react(SmileQuote(1.0, "A", 1, 1.0, (0.2, 0.3)))
    option = mind.react(OptionQuote(2.0, "A", 2, 2.0, hl.Option("put", 1, 1), 5.0, 5.2, 1.0, 1.0))
    assert [outputs[0].fault for outputs in (smile, option)] == ["malformed", "malformed"]


@pytest.mark.parametrize("name", Gate.__dataclass_fields__)
def test_a_gate_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Gate(**{name: math.nan})


def test_a_simulated_year_of_quotes_takes_seconds_and_they_come_in_order():
    clock, quotes = Simulated(), []
    market = hl.GBM(100, 0.2)
    times = market.times(1.0, 252 * 39)
    MarketSource(market, times, {"A": Showing(), "B": Showing()}, seed=4).start(clock, quotes.append)
    clock.run(until=SECONDS_PER_YEAR)
    assert len(quotes) == 2 * (252 * 39 + 1)
    assert all(before.time <= after.time for before, after in pairwise(quotes))
    spot = market.simulate(1.0, 252 * 39, 1, seed=4).spot[:, 0]
    np.testing.assert_array_equal([quote.last for quote in quotes[::2]], spot)


def test_a_source_begins_at_the_clocks_time():
    clock, quotes = Simulated(start=8.0), []
    market = hl.GBM(100, 0.2)
    times = np.arange(5) * 5.0 / SECONDS_PER_YEAR
    MarketSource(market, times, {"A": Showing(delay=0.5)}, seed=4).start(clock, quotes.append)
    clock.run(until=100.0)
    assert [(round(quote.sent, 6), round(quote.time, 6)) for quote in quotes] == [
        (10, 10.5),
        (15, 15.5),
        (20, 20.5),
    ]


def test_a_smile_is_quoted_beside_the_share():
    clock, heard = Simulated(), []
    heston = hl.Heston(100, 0.04, 2, 0.04, 0.5, -0.7)

    def smile(years, quote):
        return np.sqrt(heston.expected_variance(quote.variance, 0.5 - years))

    times = np.arange(3) / SECONDS_PER_YEAR
    MarketSource(heston, times, {"A": Showing()}, seed=1, smile=smile).start(clock, heard.append)
    clock.run(until=5.0)
    smiles = [each for each in heard if isinstance(each, SmileQuote)]
    assert smiles[0].volatilities == (0.2,)
    assert [each.sequence for each in heard] == [1, 2, 3, 4, 5, 6]


def test_a_record_comes_again_as_it_was():
    clock, heard = Simulated(), []
    quotes = [replace(GOOD, time=float(k), sequence=k) for k in (1, 2, 5)]
    Record(quotes).start(clock, heard.append)
    clock.run(until=10.0)
    assert heard == quotes


def test_faults_come_at_their_stated_rates():
    clock, heard = Simulated(), []
    rates = Faults(crossed=0.1, tenfold=0.05, gap=0.2)
    spoilt = Faulty(clock, heard.append, rates, seed=3)
    for k in range(10_000):
        spoilt(replace(GOOD, sequence=k))
    for name in ("crossed", "tenfold", "gap"):
        rate = getattr(rates, name)
        assert spoilt.made[name] == pytest.approx(10_000 * rate, abs=5 * math.sqrt(10_000 * rate))
    assert len(heard) == 10_000 - spoilt.made["gap"]


def test_calls_at_one_time_are_made_in_the_order_in_which_they_were_asked_for():
    simulated, seen = Simulated(), []

    async def real():
        clock = Real(speed=100.0)
        for k in range(50):
            clock.at(1.0, lambda k=k: seen.append(k))
        await clock.run(until=2.0)

    for k in range(50):
        simulated.at(1.0, lambda k=k: seen.append(k))
    simulated.run(until=1.0)
    assert seen == list(range(50))
    seen.clear()
    asyncio.run(real())
    assert seen == list(range(50))


def test_what_a_call_raises_comes_out_of_run_on_both_clocks():
    def fails():
        raise OSError("no room")

    simulated = Simulated()
    simulated.at(1.0, fails)
    with pytest.raises(OSError, match="no room"):
        simulated.run(until=2.0)

    async def real():
        clock = Real(speed=100.0)
        clock.at(1.0, fails)
        await clock.run(until=50.0)

    with pytest.raises(OSError, match="no room"):
        asyncio.run(real())


@pytest.mark.parametrize("time", [math.nan, math.inf])
def test_a_call_at_no_time_is_refused(time):
    with pytest.raises(ValueError, match="time must be"):
        Simulated().at(time, print)
