"""A desk on a perfect day is the book's hedge: the system does what the chapters do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import hedgelab as hl
from hedgelab.desk.clock import SECONDS_PER_YEAR, Simulated
from hedgelab.desk.desk import Desk, replay
from hedgelab.desk.events import Ordered, StockQuote
from hedgelab.desk.feed import Gate
from hedgelab.desk.journal import Journal
from hedgelab.desk.settings import Limits, Settings
from hedgelab.desk.sources import MarketSource, Showing
from hedgelab.desk.venues import Venue

HESTON = hl.Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
CALL = hl.Option("call", 105, 0.25)
BOOK = {CALL: -1000.0, hl.Option("put", 95, 0.125): -500.0, hl.Option("call", 100, 0.25): 300.0}
PERFECT = Gate(locked=True, leap=0.9, stale=1e9, late=1e9)


def perfect_day(path, book, market, times, seed, **more):
    """A desk with one venue, no latency, no fees, no spread, and all the size there is."""
    settings = Settings(
        tuple(book), tuple(book.values()), market.spot, lot=0.0, gate=PERFECT, limits=Limits(loss=1e12),
        beat=3600.0, slip=0.01, **more,
    )  # fmt: skip
    clock = Simulated()
    venue = Venue("A", clock, lambda answer: desk.receive(answer))
    desk = Desk(settings, Journal(path), clock, {"A": venue})

    def show(event):
        if isinstance(event, StockQuote):
            venue.show(event)
        desk.receive(event)

    desk.start()
    MarketSource(market, times, {"A": Showing(spread=0.0, size=1e11)}, seed=seed).start(clock, show)
    clock.run(until=times[-1] * SECONDS_PER_YEAR)
    desk.stop()
    return desk, venue


@pytest.mark.parametrize(
    ("market", "policy", "rates"),
    [
        (hl.GBM(100, 0.25, drift=0.05), hl.Clock(), (0.0, 0.0)),
        (hl.GBM(100, 0.25), hl.DeltaBand(0.05), (0.03, 0.01)),
        (HESTON, hl.WhalleyWilmott(cost=0.001, risk_aversion=1e-4), (0.05, 0.0)),
        (hl.Merton(100, 0.2, jump_rate=4, jump_mean=-0.05, jump_volatility=0.05), hl.MoveBand(0.01), (0.0, 0.02)),
        (hl.GBM(100, 0.25), hl.Clock(every=5), (0.02, 0.0)),
    ],
)
def test_on_a_perfect_day_the_desks_profit_is_that_of_hedge(tmp_path, market, policy, rates):
    times, (rate, dividend) = market.times(0.25, 120), rates
    run = hl.hedge(
        BOOK, market=market, volatility=0.22, steps=120, seed=7, policy=policy, rate=rate, dividend=dividend
    )
    ledger = run.ledger()
    premium = -ledger["option"].iloc[0]
    desk, venue = perfect_day(
        tmp_path / "desk.db", BOOK, market, times, seed=7, volatility=0.22, policy=policy, cash=premium,
        rate=rate, dividend=dividend,
    )  # fmt: skip
    turnover = float((ledger["traded"].abs() * ledger["spot"]).sum())
    assert desk.mind.exposure.profit == pytest.approx(run.pnl[0], abs=1e-9 * max(turnover, 1.0))
    assert desk.mind.exposure.profit == pytest.approx(run.pnl[0], rel=1e-9, abs=1e-6)
    assert len(desk.state.ended) >= run.trades[0]  # and what is left is sold when the last option has paid
    assert desk.state.shares == pytest.approx(venue.shares, abs=1e-9)


def test_the_desk_holds_what_hedge_holds_at_every_step(tmp_path):
    market = hl.GBM(100, 0.25)
    run = hl.hedge(CALL, quantity=-1000, market=market, volatility=0.25, steps=60, seed=3)
    ledger = run.ledger()
    perfect_day(tmp_path / "desk.db", {CALL: -1000.0}, market, market.times(0.25, 60), seed=3, volatility=0.25)
    with Journal(tmp_path / "desk.db") as journal:
        traded = [event.shares for event in journal.read() if isinstance(event, Ordered)]
    np.testing.assert_allclose(traded[:-1], ledger["traded"][:-1], atol=1e-9)


def test_a_replay_decides_the_same_to_the_last_bit_and_a_changed_setting_does_not(tmp_path):
    market = hl.GBM(100, 0.25)
    desk, _ = perfect_day(tmp_path / "desk.db", BOOK, market, market.times(0.25, 60), seed=3, volatility=0.25)
    again = replay(tmp_path / "desk.db")
    assert again.differs is None
    assert again.corrupted is None
    assert again.mind.state.cash == desk.state.cash
    assert again.mind.exposure == desk.mind.exposure
    with Journal(tmp_path / "desk.db") as journal:
        events = list(journal.read())
    opened = events[0]
    other = replace(opened, settings=opened.settings.replace('"volatility":[0.25]', '"volatility":[0.26]'))
    assert other != opened
    assert "decided again" in replay([other, *events[1:]]).differs
