"""The whole book at once: the library's numbers, exact sums, and one change as good as a new valuation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.desk.moments import moment
from hedgelab.desk.pricing import BookGreeks, Portfolio

CALL, PUT = hl.Option("call", 105, 0.25), hl.Option("put", 95, 0.5)

finite = {"allow_nan": False, "allow_infinity": False}
options = st.builds(
    hl.Option,
    st.sampled_from(["call", "put"]),
    st.floats(20, 500, **finite),
    st.sampled_from([0.01, 0.1, 0.25, 0.5, 2.0]),
)
numbers = st.floats(-1e6, 1e6, **finite)
volatilities = st.one_of(st.just(0.0), st.floats(0.01, 2, **finite))
markets = st.tuples(
    st.floats(10, 1000, **finite), st.floats(0, 0.6), st.floats(-0.05, 0.1), st.floats(0, 0.05)
)  # spot, years, rate, dividend


@st.composite
def books(draw, least=1):
    held = draw(st.lists(options, min_size=least, max_size=40, unique=True))
    each = {"min_size": len(held), "max_size": len(held)}
    return held, draw(st.lists(numbers, **each)), draw(st.lists(volatilities, **each))


def chain(size, seed=1):
    """A book of so many options, on twenty expiries, and a volatility for each."""
    random = np.random.default_rng(seed)
    kinds, strikes = random.choice(["call", "put"], size), random.uniform(60, 160, size)
    expiries = random.choice(np.arange(1, 21) / 20, size)
    held = [hl.Option(*terms) for terms in zip(kinds, strikes.tolist(), expiries.tolist(), strict=True)]
    return held, random.normal(0, 1000, size), random.uniform(0.1, 0.5, size)


def test_the_totals_are_the_sums_of_the_librarys_greeks():
    held, numbers, volatility = chain(10_000)
    risk = Portfolio(held, numbers, volatility).value(100.0, 0.01, rate=0.02, dividend=0.01)
    kind, strike, expiry = zip(*((each.kind, each.strike, each.expiry - 0.01) for each in held), strict=True)
    greeks = black_scholes.greeks(kind, 100.0, strike, expiry, volatility, 0.02, 0.01, only=BookGreeks._fields)
    for name in BookGreeks._fields:
        parts = numbers * getattr(greeks, name)
        assert getattr(risk, name) == pytest.approx(math.fsum(parts), abs=1e-12 * np.abs(parts).sum()), name


@settings(max_examples=60, deadline=None)
@given(books(), markets, st.data())
def test_a_changed_option_leads_where_a_new_valuation_does_to_the_last_bit(book, market, data):
    held, counts, volatility = book
    incremental = Portfolio(held, counts, volatility)
    incremental.value(*market)
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(held) - 1))
        if data.draw(st.booleans()):
            counts[place] = data.draw(numbers)
            incremental.change(held[place], number=counts[place])
        if data.draw(st.booleans()):
            volatility[place] = data.draw(volatilities)
            incremental.change(held[place], volatility=volatility[place])
    anew = Portfolio(held, counts, volatility)
    assert anew.value(*market) == incremental.total()
    assert np.array_equal(anew.each(), incremental.each())
    again = incremental.value(*market)
    assert again == incremental.total()


@settings(max_examples=60, deadline=None)
@given(books(), markets, st.lists(st.floats(0, 1), unique=True), st.lists(st.floats(20, 500), unique=True))
def test_buckets_sum_to_the_total_exactly_however_they_are_cut_and_added(book, market, expiries, strikes):
    portfolio = Portfolio(*book)
    total = portfolio.value(*market)
    buckets = portfolio.by(sorted(expiries), sorted(strikes))
    for name in BookGreeks._fields:
        cells = getattr(buckets, name)
        assert cells.shape == (len(expiries) + 1, len(strikes) + 1)
        assert cells.sum() == sum(cells.ravel()[::-1].tolist()) == getattr(total, name)


@settings(max_examples=60, deadline=None)
@given(books(), markets, st.randoms(use_true_random=False))
def test_the_order_of_the_book_does_not_matter_to_the_last_bit(book, market, random):
    rows = list(zip(*book, strict=True))
    random.shuffle(rows)
    assert Portfolio(*map(list, zip(*rows, strict=True))).value(*market) == Portfolio(*book).value(*market)


@pytest.mark.parametrize("size", [1, 2, 1000, 10_000])
def test_exact_sums_keep_twelve_digits_of_the_gross(size):
    portfolio = Portfolio(*chain(size))
    risk = portfolio.value(100.0, 0.0, rate=0.02)
    for name in BookGreeks._fields:
        parts = portfolio.numbers * getattr(portfolio.each(), name)
        assert abs(getattr(risk, name) - math.fsum(parts)) <= 1e-12 * np.abs(parts).sum()
    if size == 1:
        assert risk.price == portfolio.numbers[0] * portfolio.each().price[0]


def test_an_option_falls_into_the_bucket_that_begins_at_its_strike_and_expiry():
    portfolio = Portfolio([CALL, PUT], [-10, -20], 0.2)
    portfolio.value(100.0, 0.0)
    delta = portfolio.by(expiries=[0.25, 0.5], strikes=[95, 105]).delta
    each = portfolio.numbers * portfolio.each().delta
    assert delta[1, 2] == pytest.approx(each[0], rel=1e-14)
    assert delta[2, 1] == pytest.approx(each[1], rel=1e-14)
    assert np.count_nonzero(delta) == 2
    assert portfolio.by([], []).delta.shape == (1, 1)


def test_a_surface_gives_each_option_its_volatility_as_time_passes():
    near, far = hl.SVI(0.01, 0.04, -0.5, 0, 0.1, expiry=0.25), hl.SVI(0.03, 0.05, -0.5, 0, 0.1, expiry=0.5)
    surface = hl.Surface([near, far], spot=100)
    portfolio = Portfolio([CALL, PUT], -1, surface)
    assert portfolio.volatility.tolist() == surface([105, 95], [0.25, 0.5]).tolist()
    portfolio.value(100.0, 0.1)
    portfolio.mark(surface)
    assert portfolio.volatility.tolist() == surface([105, 95], [0.15, 0.4]).tolist()
    assert portfolio.total() == Portfolio([CALL, PUT], -1, portfolio.volatility).value(100.0, 0.1)


def test_an_option_whose_time_has_come_is_worth_its_payoff_and_pays_it_once():
    portfolio = Portfolio([CALL, PUT], [-1000, -500], 0.2)
    alone = Portfolio([PUT], [-500], 0.2).value(108.0, 0.25)
    risk = portfolio.value(108.0, 0.25, 0.0)
    assert risk.price == pytest.approx(-3000 + alone.price, rel=1e-15)
    assert risk.delta == pytest.approx(-1000 + alone.delta, rel=1e-15)
    assert risk[2:] == pytest.approx(alone[2:], rel=1e-15)
    assert portfolio.settle(108.0, 0.25) == {CALL: -3000.0}
    assert portfolio.total() == pytest.approx(alone, rel=1e-15)
    assert portfolio.value(120.0, 0.3).price == pytest.approx(
        Portfolio([PUT], [-500], 0.2).value(120.0, 0.3).price
    )
    assert portfolio.settle(120.0, 0.3) == {}
    assert portfolio.settle(90.0, 0.7) == {PUT: -2500.0}
    assert portfolio.value(90.0, 0.7) == BookGreeks(0, 0, 0, 0, 0)


def test_at_the_kink_nothing_is_infinite():
    """Gamma there is: half of a delta of one option, and no gamma, as in a hedge's books."""
    risk = Portfolio([hl.Option("call", 100, 0.25)], -1000, 0.2).value(100.0, 0.25, 0.02)
    assert risk == BookGreeks(0.0, -500.0, 0.0, 0.0, 0.0)


def test_time_of_rounding_leaves_an_option_expired():
    portfolio = Portfolio([CALL], -1, 0.2)
    assert portfolio.value(110.0, 0.1 + 0.15 - 1e-13) == BookGreeks(-5, -1, 0, 0, 0)


def test_an_empty_book_is_worth_nothing():
    assert Portfolio([], [], 0.2).value(100.0, 0.0) == BookGreeks(0, 0, 0, 0, 0)
    assert Portfolio([], [], 0.2).settle(100.0, 1.0) == {}


def test_what_cannot_be_priced_leaves_the_book_as_it_was():
    portfolio = Portfolio([CALL, PUT], [-10, -20], 0.2)
    before = portfolio.value(100.0, 0.0)
    for change in ({"volatility": np.nan, "number": -11}, {"number": np.inf, "volatility": 0.3}):
        with pytest.raises(ValueError, match="must be"):
            portfolio.change(CALL, **change)
    with pytest.raises(ValueError, match="must be finite, got nan"):
        portfolio.value(100.0, 0.0, rate=-1e4)
    assert portfolio.total() == before
    assert portfolio.numbers.tolist() == [-10, -20]
    assert portfolio.volatility.tolist() == [0.2, 0.2]


VOLATILITY = {CALL: 0.2, PUT: 0.25, hl.Option("call", 90, 0.1): 0.3}
NUMBERS = [-3.0, 2.0, -1.0]


@pytest.fixture(scope="module")
def told():
    """What a policy is told at each step of a hedge of that book."""
    seen = []
    hl.hedge(
        dict(zip(VOLATILITY, NUMBERS, strict=True)), market=hl.GBM(100, 0.2), volatility=VOLATILITY, steps=10,
        horizon=0.25, seed=1, rate=0.03, dividend=0.01,
        policy=lambda moment: seen.append(asked(moment)) or moment.delta,
    )  # fmt: skip
    return seen


@pytest.mark.parametrize("step", range(10))
def test_a_policy_is_told_what_a_hedge_tells_it(step, told):
    hedge = told[step]
    book, spot, time = Portfolio(list(VOLATILITY), NUMBERS, list(VOLATILITY.values())), hedge["spot"], 0.025 * step
    book.settle(spot, time)
    risk = book.value(spot, time, rate=0.03, dividend=0.01)
    held = hedge["held"] * book.unit
    known = {"time_left": 0.25 - time, "last_traded": hedge["last_traded"]}
    desk = moment(book, held, step=step, cash=hedge["wealth"] - held * spot - risk.price, **known)
    assert asked(desk) == pytest.approx(hedge, rel=1e-12, abs=1e-12)


def asked(moment):
    """All that a policy may ask."""
    sold = moment.selling(CALL)
    return {
        name: float(np.squeeze(value))
        for name, value in {
            "step": moment.step, "time_left": moment.time_left, "spot": moment.spot, "delta": moment.delta,
            "held": moment.held, "volatility": moment.volatility, "rate": moment.rate, "quantity": moment.quantity,
            "last_traded": moment.last_traded, "time_to_expiry": moment.time_to_expiry, "gamma": moment.gamma,
            "delta_at": moment.delta_at(lambda own: 1.1 * own), "flat": moment.delta_at(0.3),
            "wealth": moment.wealth, "sold": sold.delta, "its gamma": sold.gamma, "its life": sold.time_to_expiry,
        }.items()
    }  # fmt: skip


@pytest.mark.parametrize("policy", [hl.Clock(), hl.DeltaBand(0.05), hl.WhalleyWilmott(0.001, 1.0)])
def test_the_librarys_policies_decide_on_a_desks_moment(policy):
    book = Portfolio([CALL], -1000, 0.2)
    book.value(100.0, 0.05, rate=0.01)
    by_hand = hl.Moment.of(CALL, spot=100.0, volatility=0.2, held=0.2, time_left=0.2, rate=0.01, quantity=-1000)
    told = moment(book, held=200.0, time_left=0.2)
    assert float(policy.holding(told)) == pytest.approx(float(policy.holding(by_hand)), rel=1e-12)


TABLE = [
    (lambda: Portfolio(CALL, -1, 0.2), None),
    (lambda: Portfolio(["call"], -1, 0.2), "options must be a list of Options, got 'call'"),
    (lambda: Portfolio([CALL, CALL], -1, 0.2), "options must be all different, got (Option("),
    (lambda: Portfolio([CALL], [1, 2], 0.2), "numbers must be one for each of 1 options, got shape (2,)"),
    (lambda: Portfolio([CALL], np.nan, 0.2), "numbers must be finite, got nan"),
    (lambda: Portfolio([CALL], -1, -0.2), "volatility must be zero or more, and finite, got -0.2"),
    (lambda: Portfolio([CALL, PUT], -1, [0.2, np.nan]), "got nan at index 1"),
    (lambda: Portfolio([CALL], -1, "0.2"), "volatility must be a number or an array of numbers, got '0.2'"),
    (lambda: Portfolio([CALL], -1, lambda strike, left: -strike), "volatility must be zero or more, and finite"),
    (lambda: Portfolio([CALL], -1, 0.2).total(), "the portfolio must have been valued once"),
    (lambda: Portfolio([CALL], -1, 0.2).value(np.nan, 0), "spot must be positive and finite, got nan"),
    (lambda: Portfolio([CALL], -1, 0.2).value([100, 101], 0), "spot must be one number, got an array"),
    (lambda: Portfolio([CALL], -1, 0.2).value(100, -1), "years must be zero or more, and finite, got -1.0"),
    (lambda: Portfolio([CALL], -1, 0.2).value(100, 0, rate=np.inf), "rate must be finite, got inf"),
    (lambda: Portfolio([CALL], 1e308, 0.2).value(1e4, 0), "numbers must leave the value of the book finite"),
    (lambda: Portfolio([CALL], -1, 0.2).change(PUT, number=1), "option must be one of the portfolio's, got"),
    (lambda: Portfolio([CALL], -1, 0.2).settle(0, 1), "spot must be positive and finite, got 0.0"),
    (lambda: valued().by([0.3, 0.2], []), "expiries must be a list of rising numbers, got [0.3, 0.2]"),
    (lambda: valued().by([], 100.0), "strikes must be a list of rising numbers, got 100.0"),
    (lambda: moment(valued(), np.nan), "held must be finite, got nan"),
    (lambda: moment(valued(), 0.0, cash=np.inf), "cash must be finite, got inf"),
    (lambda: moment(valued(), 0.0).selling(PUT), "option must be one of the portfolio's, got"),
]  # fmt: skip


def valued():
    book = Portfolio([CALL], -1, 0.2)
    book.value(100.0, 0.0)
    return book


@pytest.mark.parametrize(("done", "said"), TABLE, ids=[str(said) for _, said in TABLE])
def test_bad_input_is_named(done, said):
    if said is None:
        assert len(done().options) == 1
        return
    with pytest.raises(ValueError, match="must") as raised:
        done()
    assert said in str(raised.value)


def test_it_says_what_it_is():
    book = Portfolio([CALL, PUT], [-10, -20], 0.2)
    assert repr(book) == "Portfolio(options=2, number=30)"
    book.value(100.0, 0.0)
    assert repr(book) == "Portfolio(options=2, number=30, spot=100)"
    assert book._repr_html_().startswith("<table>")


def test_what_is_shown_cannot_be_changed():
    book = valued()
    for array in (book.numbers, book.volatility, book.strike, book.each().delta):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
