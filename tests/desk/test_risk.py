"""Limits, the modes they lead to, who may lift what, and the checks before each order."""

from __future__ import annotations

import dataclasses
import math

import fuzz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab.desk.clock import SECONDS_PER_YEAR
from hedgelab.desk.decisions import Decisions
from hedgelab.desk.events import (
    CancelAsked,
    Cancelled,
    Command,
    FaultFound,
    Filled,
    LimitChanged,
    Opened,
    OptionQuote,
    Ordered,
    Reconciled,
    Refused,
    Rejected,
    Settled,
    SmileQuote,
    StateChanged,
    StockQuote,
    Timer,
)
from hedgelab.desk.feed import Gate
from hedgelab.desk.risk import check, exposure
from hedgelab.desk.settings import Limits, Settings, Terms

CALL = hl.Option("call", 100, 0.5)
WIDE = Limits()


class Desk:
    """A mind with one venue, told one thing after another; `did` are its last decisions."""

    def __init__(self, limits=WIDE, **changed):
        known = {
            "options": (CALL,), "numbers": (-1000.0,), "spot": 100.0, "volatility": 0.2, "cash": 5638.0,
            "officers": ("Ada",), "calm": 10.0, "gate": Gate(stale=50.0), "limits": limits, "beat": 100.0,
            "venues": {"A": Terms()}, "patience": 20.0,
        }  # fmt: skip
        self.mind = Decisions(Settings(**(known | changed)))
        self.time, self.sequence, self.fills = 0.0, 0, 0
        self.tell(Opened(0.0, 1, ""))

    @property
    def state(self):
        return self.mind.state

    def tell(self, event):
        self.did = self.mind.react(event)
        return self.did

    def quote(self, middle=100.0, after=1.0, venue="A", half=0.02, size=1e6):
        self.time += after
        self.sequence += 1
        return self.tell(
            StockQuote(
                self.time, venue, self.sequence, self.time, middle - half, middle + half, size, size, middle
            )
        )

    def fill(self, order, shares=None, price=None):
        self.fills += 1
        shares = order.shares if shares is None else shares
        price = order.limit if price is None else price
        return self.tell(Filled(self.time, "A", order.order, f"A{self.fills}", shares, price, 0.0))

    def hedged(self):
        (order,) = self.ordered(self.quote())
        self.fill(order)
        return self

    def command(self, what, who="Mallory"):
        return self.tell(Command(self.time, who, what, "because"))

    @staticmethod
    def ordered(outputs):
        return [each for each in outputs if isinstance(each, Ordered)]

    @staticmethod
    def changes(outputs):
        return [(each.before, each.after) for each in outputs if isinstance(each, StateChanged)]

    @staticmethod
    def faults(outputs):
        return [each.fault for each in outputs if isinstance(each, FaultFound)]


@pytest.mark.parametrize("name", Limits.__dataclass_fields__)
@pytest.mark.parametrize("value", [math.nan, -1.0, math.inf, "much", None, True])
def test_a_limit_that_is_no_limit_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Limits(**{name: value})


@pytest.mark.parametrize(
    "what", ["limit loss nan", "limit loss -5", "limit loss", "limit beauty 5", "limit loss x"]
)
def test_a_command_that_sets_no_limit_is_refused_and_reported(what):
    desk = Desk()
    assert desk.faults(desk.command(what, "Ada")) == ["bad command"]
    assert desk.state.limits == WIDE


def test_a_limit_is_changed_by_an_officer_alone():
    desk = Desk()
    assert desk.faults(desk.command("limit loss 5", "Mallory")) == ["not allowed"]
    assert desk.state.limits.loss == WIDE.loss
    desk.command("limit loss 5", "Ada")
    assert desk.state.limits.loss == 5.0


def test_a_loss_beyond_its_limit_flattens_and_when_flat_halts_and_only_an_officer_lifts_it():
    desk = Desk(Limits(loss=1000)).hedged()
    outputs = desk.quote(109.0)
    assert desk.changes(outputs) == [("trading", "flatten")]
    (order,) = desk.ordered(outputs)
    assert order.purpose == "flatten"
    assert order.shares == pytest.approx(-desk.mind.exposure.delta, abs=1)
    desk.fill(order)
    assert desk.state.mode == "halted"
    assert desk.state.reason.startswith("flat")
    assert abs(desk.mind.exposure.delta) < 1
    assert desk.ordered(desk.quote(100.0)) == []
    assert desk.faults(desk.command("resume", "Mallory")) == ["not allowed"]
    assert desk.faults(desk.command("hedge only", "desk")) == ["not allowed"]
    assert desk.state.mode == "halted"
    desk.command("limit loss 100000", "Ada")
    desk.command("resume", "Ada")
    assert desk.state.mode == "trading"
    assert desk.ordered(desk.quote(101.0))


def test_a_loss_that_was_lifted_too_early_flattens_again():
    desk = Desk(Limits(loss=1000)).hedged()
    desk.quote(109.0)
    outputs = desk.command("resume", "Ada")
    assert desk.changes(outputs) == [("flatten", "trading"), ("trading", "flatten")]


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(delta=300), "delta"),
        (Limits(gamma=20), "gamma"),
        (Limits(vega=20_000), "vega"),
    ],
)
def test_a_greek_beyond_its_limit_allows_hedges_only(limits, name):
    desk = Desk(limits)
    desk.quote()
    assert desk.state.mode == "hedging only"
    assert desk.state.reason.startswith(f"{name} of")


def test_hedging_only_sends_what_brings_the_delta_nearer_to_zero_and_nothing_else():
    more = Desk(policy=lambda moment: moment.delta - 0.2).hedged()  # holds 200 shares less than the hedge
    more.command("hedge only")
    assert more.mind.exposure.delta < -190
    assert more.ordered(more.quote(99.0)) == []  # would sell a few, where 170 are lacking
    both = Desk(policy=lambda moment: moment.delta - 0.2 * moment.step).hedged()
    both.command("hedge only")
    assert both.ordered(both.quote(101.0)) == []  # would sell 180 where some are lacking
    turned = Desk(policy=lambda moment: moment.delta + (0.5 if moment.step == 1 else 0.0)).hedged()
    turned.command("hedge only")
    (order,) = turned.ordered(turned.quote(102.0))
    assert 0 < order.shares <= -turned.mind.exposure.delta  # as many as are lacking, not the 500 more


def test_hedging_only_ends_by_itself_when_its_cause_has_gone_and_it_was_calm_for_long_enough():
    desk = Desk(Limits(delta=300))
    (order,) = desk.ordered(desk.quote())
    desk.fill(order)
    for _ in range(9):
        assert desk.changes(desk.quote()) == []
    assert desk.changes(desk.quote(after=2.0)) == [("hedging only", "trading")]


def test_hedging_only_that_a_person_asked_for_is_lifted_by_an_officer_only():
    desk = Desk().hedged()
    desk.command("hedge only")
    for _ in range(30):
        desk.quote()
    assert desk.state.mode == "hedging only"
    assert desk.faults(desk.command("resume", "Mallory")) == ["not allowed"]
    assert desk.changes(desk.command("resume", "Ada")) == [("hedging only", "trading")]


@pytest.mark.parametrize(
    ("what", "mode"), [("halt", "halted"), ("flatten", "flatten"), ("hedge only", "hedging only")]
)
def test_anybody_may_make_the_desk_do_less_and_orders_in_flight_are_cancelled(what, mode):
    desk = Desk()
    (order,) = desk.ordered(desk.quote())
    outputs = desk.command(what)
    assert outputs[0] == StateChanged(desk.time, "trading", mode, "because", "Mallory")
    assert outputs[1] == CancelAsked(desk.time, "A", order.order)


def test_after_the_kill_switch_nothing_is_sent_whatever_comes():
    desk = Desk()
    (order,) = desk.ordered(desk.quote())
    desk.command("halt")
    desk.fill(order, order.shares / 4)
    for middle in (101.0, 95.0, 90.0, 99.0):
        assert desk.ordered(desk.quote(middle, after=5.0)) == []


def test_a_command_that_nobody_knows_is_reported():
    desk = Desk()
    assert desk.faults(desk.command("dance", "Ada")) == ["bad command"]


def test_stale_data_allows_nothing_until_there_is_a_price_and_it_was_calm():
    desk = Desk().hedged()
    outputs = desk.tell(Timer(desk.time + 60.0, "beat"))
    assert desk.faults(outputs) == ["silent"]
    assert desk.changes(outputs) == [("trading", "hedging only")]
    assert "stale data" in desk.state.reason


@pytest.mark.parametrize(("time", "fault"), [(-5.0, "clock went back"), (5000.0, "clock leapt ahead")])
def test_a_clock_that_jumps_is_reported_and_allows_hedges_only(time, fault):
    desk = Desk().hedged()
    outputs = desk.tell(Timer(desk.time + time, "beat"))
    assert fault in desk.faults(outputs)
    assert desk.state.mode == "hedging only"
    assert desk.state.time >= desk.time


def test_a_model_far_from_the_market_allows_hedges_only_until_they_meet():
    desk = Desk(Limits(model=0.01)).hedged()
    model = float(hl.black_scholes.price("call", 100, 100, 0.5, 0.2))

    def quoted(middle):
        desk.time += 1
        desk.sequence += 1
        return desk.tell(
            OptionQuote(desk.time, "A", desk.sequence, desk.time, CALL, middle - 0.1, middle + 0.1, 5.0, 5.0)
        )

    assert desk.changes(quoted(model + 1.0)) == []  # within 1 % of the share's price, and the half-spread
    assert desk.changes(quoted(model + 1.2)) == [("trading", "hedging only")]
    assert "model against market" in desk.state.reason
    desk.quote(after=15.0)
    assert desk.state.mode == "hedging only"
    quoted(model)
    assert desk.changes(desk.quote(after=15.0)) == [("hedging only", "trading")]


def test_a_late_quote_of_an_option_that_has_paid_says_nothing_of_the_model():
    gone = hl.Option("call", 90, 10 / SECONDS_PER_YEAR)
    desk = Desk(options=(CALL, gone), numbers=(-1000.0, -10.0))
    desk.quote()
    assert [each.option for each in desk.quote(after=9.0) if isinstance(each, Settled)] == [gone]
    desk.tell(OptionQuote(desk.time, "A", 3, desk.time, gone, 9.9, 10.1, 5.0, 5.0))
    assert desk.state.mode == "trading"


def test_a_policy_that_fails_flattens_the_desk_and_says_why():
    def broken(moment):
        raise ZeroDivisionError("no idea")

    desk = Desk(policy=broken)
    outputs = desk.quote()
    assert desk.changes(outputs) == [("trading", "flatten")]
    assert "no idea" in desk.state.reason
    assert desk.ordered(desk.quote())[0].purpose == "flatten"
    nan = Desk(policy=lambda moment: math.nan)
    assert nan.changes(nan.quote()) == [("trading", "flatten")]


def test_an_order_that_stands_too_long_is_cancelled_and_one_that_is_not_answered_is_asked_about():
    desk = Desk(every=1000.0)
    (order,) = desk.ordered(desk.quote())
    (asked,) = desk.quote(after=20.0)
    assert type(asked).__name__ == "StatusAsked"
    desk.tell(Reconciled(desk.time, "A", order.order, "open", 0.0))
    assert desk.quote(after=20.0) == [CancelAsked(desk.time, "A", order.order)]
    assert type(desk.quote(after=20.0)[0]).__name__ == "StatusAsked"
    desk.tell(Cancelled(desk.time, "A", order.order, 0.0))
    assert desk.state.ended[order.order].status == "cancelled"


def test_a_fill_that_crosses_the_cancel_still_counts():
    desk = Desk(every=1000.0)
    (order,) = desk.ordered(desk.quote())
    desk.command("hedge only")
    desk.fill(order, 100.0)
    desk.tell(Cancelled(desk.time, "A", order.order, 150.0))  # says more than has come: fifty are on their way
    assert desk.state.open[order.order].working == 50.0
    desk.fill(order, 50.0)
    assert desk.state.shares == 150.0
    assert desk.state.mode == "hedging only"
    assert desk.state.ended[order.order].status == "cancelled"


CONTRADICTIONS = {
    "filled with more than was asked": lambda desk, order: desk.fill(order, order.shares + 1),
    "filled on the other side": lambda desk, order: desk.fill(order, -5.0),
    "no such order": lambda desk, order: desk.fill(dataclasses.replace(order, order="7-7"), 5.0),
    "no shares": lambda desk, order: desk.fill(order, 0.0),
    "not a number of shares": lambda desk, order: desk.fill(order, math.nan),
    "a negative price": lambda desk, order: desk.fill(order, 5.0, -1.0),
    "rejected after a fill": lambda desk, order: (
        desk.fill(order, 5.0), desk.tell(Rejected(desk.time, "A", order.order, "no")),
    ),
    "cancelled with less than came": lambda desk, order: (
        desk.fill(order, 5.0), desk.tell(Cancelled(desk.time, "A", order.order, 3.0)),
    ),
    "filled after it was cancelled": lambda desk, order: (
        desk.tell(Cancelled(desk.time, "A", order.order, 0.0)), desk.fill(order, 5.0),
    ),
    "unknown after a fill": lambda desk, order: (
        desk.fill(order, 5.0), desk.tell(Reconciled(desk.time, "A", order.order, "unknown", 0.0)),
    ),
    "a fill that changed": lambda desk, order: (
        desk.tell(Filled(desk.time, "A", order.order, "A1", 5.0, 100.0, 0.0)),
        desk.tell(Filled(desk.time, "A", order.order, "A1", 6.0, 100.0, 0.0)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_what_contradicts_what_a_venue_said_before_halts_the_desk(what):
    desk = Desk()
    (order,) = desk.ordered(desk.quote())
    CONTRADICTIONS[what](desk, order)
    assert desk.state.mode == "halted"
    assert desk.state.reason.startswith("contradiction: A on")
    assert "contradiction" in desk.faults(desk.did)


def test_money_that_a_contradicting_fill_moved_is_counted_all_the_same():
    desk = Desk()
    (order,) = desk.ordered(desk.quote())
    desk.fill(order, order.shares + 7, 100.0)
    assert desk.state.shares == order.shares + 7
    assert desk.state.cash == 5638.0 - 100.0 * (order.shares + 7)


LIMITS = Limits(delta=600, position=700, order=600, rate=2, collar=0.02)


@pytest.mark.parametrize(
    ("limits", "order", "name"),
    [
        (LIMITS, {}, None),
        (LIMITS, {"shares": 601.0}, "order"),
        (LIMITS, {"shares": 0.0}, "order"),
        (LIMITS, {"shares": math.nan}, "order"),
        (LIMITS, {"limit": 102.0}, None),
        (LIMITS, {"limit": 98.0}, None),
        (LIMITS, {"limit": 102.1}, "collar"),
        (LIMITS, {"limit": 97.9}, "collar"),
        (LIMITS, {"limit": math.nan}, "collar"),
        (dataclasses.replace(LIMITS, position=300), {}, "position"),
        (dataclasses.replace(LIMITS, delta=100), {"shares": -50.0}, "delta"),
        (dataclasses.replace(LIMITS, delta=100), {"shares": 50.0}, None),
        (dataclasses.replace(LIMITS, rate=0), {}, "rate"),
    ],
)
def test_each_check_stops_what_it_is_for(limits, order, name):
    desk = Desk(limits, policy=lambda moment: moment.held)
    desk.quote()
    asked = Ordered(desk.time, "1-9", "A", **({"shares": 400.0, "limit": 101.0, "purpose": "hedge"} | order))
    desk.state.mode = "trading"
    stopped = check(desk.state, exposure(desk.state, desk.mind.marks), asked)
    assert (stopped and stopped[0]) == name


def test_an_order_counts_what_is_in_flight_as_if_it_were_filled():
    limits = dataclasses.replace(LIMITS, position=900, delta=1000, rate=9)
    desk = Desk(limits, policy=lambda moment: 0.4 + 0.4 * moment.step)
    assert [order.shares for order in desk.ordered(desk.quote())] == [400.0]
    assert [order.shares for order in desk.ordered(desk.quote())] == [400.0]
    (refused,) = [each for each in desk.quote() if isinstance(each, Refused)]
    assert refused.limit == "position"
    assert "at worst 1200 shares" in refused.reason


def test_no_more_orders_in_a_second_than_the_limit():
    desk = Desk(dataclasses.replace(WIDE, rate=3), policy=lambda moment: 0.01 * moment.step + 0.01)
    sent = [len(desk.ordered(desk.quote(after=0.25))) for _ in range(12)]
    assert sent == [1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_whatever_comes_no_order_passes_unchecked_and_the_ledger_closes(seed):
    fuzz.fuzz(300, seed)


@pytest.mark.parametrize("seed", range(2))
def test_a_long_stretch_of_random_events_keeps_all_rules(seed):
    found = fuzz.fuzz(10_000, seed, fuzz.settings_of(rate=0.03 * seed))
    assert found["Ordered"] > 50  # so that there was something to be stopped
    assert found["Filled"] > 50
    assert found["Refused"] > 50
    assert found["StateChanged"] > 50
    assert found["rogue fills"] > 0


def test_a_smile_that_moves_makes_the_doubts_about_the_old_one_void():
    desk = Desk(Limits(model=0.01)).hedged()
    desk.tell(OptionQuote(desk.time, "A", 2, desk.time, CALL, 9.0, 9.2, 5.0, 5.0))
    assert desk.state.mode == "hedging only"
    desk.tell(SmileQuote(desk.time, "A", 3, desk.time, (0.3,)))
    desk.sequence = 3
    assert desk.changes(desk.quote(after=15.0)) == [("hedging only", "trading")]


@pytest.mark.parametrize("who", ["desk", "", "  ", " desk "])
@pytest.mark.parametrize("what", ["halt", "hedge only", "resume", "limit loss 5"])
def test_nobody_commands_in_the_desks_own_name_or_in_none(who, what):
    desk = Desk(calm=1.0).hedged()
    desk.command("hedge only", "Ada")
    assert desk.faults(desk.command(what, who)) == ["not allowed"]
    for _ in range(5):
        desk.quote()
    assert (desk.state.mode, desk.state.by) == ("hedging only", "Ada")
    assert desk.state.limits == WIDE


@pytest.mark.parametrize("officers", [("desk",), ("Ada", ""), ("  ",), "Ada", (7,)])
def test_an_officer_has_a_name_of_his_own(officers):
    with pytest.raises(ValueError, match="officers must be a list of names, none of them 'desk'"):
        Desk(officers=officers)


@pytest.mark.parametrize(("what", "mode"), [("halt", "halted"), ("hedge only", "hedging only")])
def test_what_an_officer_said_is_not_said_again_by_somebody_else(what, mode):
    desk = Desk().hedged()
    desk.command(what, "Mallory")
    desk.command(what, "Ada")  # an officer may take it over, and then it is his
    assert desk.faults(desk.command(what, "Mallory")) == ["not allowed"]
    assert (desk.state.mode, desk.state.by) == (mode, "Ada")


def test_a_limit_is_changed_for_a_reason_which_is_kept_with_what_it_was_before():
    desk = Desk()
    assert desk.faults(desk.tell(Command(desk.time, "Ada", "limit loss 1e9", " "))) == ["bad command"]
    assert desk.state.limits == WIDE
    (change,) = desk.tell(Command(desk.time, "Ada", "limit loss 1e9", "a larger book"))
    assert change == LimitChanged(desk.time, "loss", WIDE.loss, 1e9, "a larger book", "Ada")
    assert desk.state.limits.loss == 1e9


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"lot": 100.0, "limits": Limits(order=50)}, "lot must be at most the limit of one order, 50, got 100"),
        ({"slip": 0.1}, "slip must be at most the collar"),
    ],
)
def test_settings_under_which_no_order_could_be_sent_are_refused(changed, rule):
    with pytest.raises(ValueError, match=rule):
        Desk(**changed)


@given(price=st.floats(1.0, 1e6), slip=st.floats(0.0, 0.5), mode=st.sampled_from(["trading", "flatten"]))
@settings(max_examples=50)
def test_at_a_collar_equal_to_the_slip_orders_pass_whatever_the_price(price, slip, mode):
    desk = Desk(Limits(collar=slip), slip=slip, options=(hl.Option("call", price, 0.5),), spot=price)
    desk.state.mode = mode
    (order,) = desk.ordered(desk.quote(price))
    assert order.limit == pytest.approx(price * (1 + slip))


@pytest.mark.parametrize("what", ["limit order 50", "limit collar 0.001"])
def test_a_limit_under_which_no_order_could_be_sent_is_refused(what):
    desk = Desk(lot=100.0)
    assert desk.faults(desk.command(what, "Ada")) == ["bad command"]
    assert desk.state.limits == WIDE


@pytest.mark.parametrize(
    ("price", "fee", "fault", "halts"),
    [
        (101.0, 0.0, None, False),
        (100.0, 5.0, None, False),  # what the terms say, for 500 shares
        (99.0, 2.0, None, False),
        (102.0, 0.0, "price beyond limit", False),
        (107.0, 0.0, "price beyond limit", True),
        (1e9, 0.0, "price beyond limit", True),
        (101.0, 6.0, "fee beyond terms", False),
        (101.0, 1e6, "fee beyond terms", True),
        (101.0, -1.0, "fee beyond terms", False),
        (101.0, -1e6, "fee beyond terms", True),
        (105.5, 600.0, "price beyond limit", True),  # either alone would pass
        (50.0, 0.0, "price far from limit", False),
    ],
)
def test_what_a_fill_costs_is_judged_by_its_limit_and_the_venues_terms(price, fee, fault, halts):
    desk = Desk(venues={"A": Terms(fee=0.01)})
    (order,) = desk.ordered(desk.quote())
    assert order.limit == 101.0
    outputs = desk.tell(Filled(desk.time, "A", order.order, "A1", 500.0, price, fee))
    assert desk.faults(outputs)[:1] == ([fault] if fault else [])
    assert desk.state.mode == ("halted" if halts else "trading")
    assert desk.state.shares == 500.0  # it is counted, whatever it costs


def test_every_fill_that_contradicts_counts_and_the_desk_sends_nothing_after_the_first():
    desk = Desk(Limits(position=600.0))
    desk.quote()
    for k in range(5):
        outputs = desk.tell(Filled(desk.time, "A", "1-1", f"x{k}", 500.0, 100.0, 0.0))
        assert not desk.ordered(outputs)
        assert not desk.ordered(desk.quote(100.0 + k))
    assert desk.state.shares == 2500.0  # the limit, and the fills that contradict
    assert desk.state.mode == "halted"


@pytest.mark.parametrize("name", ["position", "delta", "order"])
def test_a_limit_that_is_lowered_cancels_what_was_ordered_under_the_higher_one(name):
    desk = Desk(every=1000.0)
    (order,) = desk.ordered(desk.quote())
    assert [type(each) for each in desk.command(f"limit {name} 1e5", "Ada")] == [LimitChanged, CancelAsked]
    assert desk.did[1].order == order.order
    assert [type(each) for each in desk.command(f"limit {name} 9e4", "Ada")] == [LimitChanged]  # asked already
    desk.tell(Cancelled(desk.time, "A", order.order, 0.0))
    assert not desk.state.open
    assert desk.state.mode == "trading"


def test_a_limit_that_is_raised_cancels_nothing():
    desk = Desk(every=1000.0)
    desk.quote()
    assert [type(each) for each in desk.command("limit position 1e11", "Ada")] == [LimitChanged]


def test_strangers_are_counted_as_one_however_many_names_they_have():
    desk = Desk().hedged()
    for k in range(20):
        assert desk.faults(desk.quote(venue=f"stranger {k}")) == ["unknown venue"]
    assert desk.state.faults["", "unknown venue"] == 20
    assert {venue for venue, _ in desk.state.faults} <= {"", "A"}
