"""An order split over venues costs what SciPy's optimum does; in whole lots, no other split costs less."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from hedgelab.desk.routing import Offer, best_price_first, pro_rata, route

COSTS, DEPTHS, SIZES = (
    (0.010, 0.012, 0.008, 0.015, 0.011),
    (4e5, 2e5, 1e5, 6e5, 3e5),
    (3000, 5000, 1500, 8000, 4000),
)
FIVE = [Offer(*each) for each in zip(COSTS, DEPTHS, SIZES, strict=True)]
WAYS = [route, pro_rata, best_price_first]
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)

small = st.builds(
    Offer, st.integers(-3, 8).map(float), st.one_of(st.sampled_from([0.5, 1.0, 3.0, np.inf])), st.integers(0, 5)
)
markets = st.lists(
    st.builds(Offer, st.floats(-0.01, 0.05), st.floats(1e3, 1e6) | st.just(np.inf), st.floats(0, 1e4)), max_size=7
)


def market(seed):
    """Venues of all sizes and depths, and an order that they have room for."""
    random = np.random.default_rng(seed)
    n = random.integers(2, 9)
    columns = random.uniform(0.0, 0.03, n), 10 ** random.uniform(4, 6, n), 10 ** random.uniform(2, 4, n)
    offers = [Offer(*each) for each in zip(*(column.tolist() for column in columns), strict=True)]
    return offers, random.uniform(0.01, 0.99) * columns[2].sum()


def optimum(offers, shares):
    """The least cost, by SciPy's sequential quadratic programming in fractions of the order."""
    cost, depth, size = np.array([(offer.cost, offer.depth, offer.size) for offer in offers]).T
    bend = shares / depth
    scale = np.max(cost + bend)
    found = minimize(
        lambda part: (part * (cost + bend * part / 2)).sum() / scale,
        size / size.sum(),
        jac=lambda part: (cost + bend * part) / scale,
        bounds=[(0, each) for each in size / shares],
        constraints={"type": "eq", "fun": lambda part: part.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert found.success
    return shares * scale * found.fun


def test_the_split_of_five_venues_by_hand():
    """At a last share of m = 1.875 cents each venue has min(c, (m - a) d), which is 10,000 in all."""
    split = route(10_000, FIVE)
    assert split.shares == (3000, 1350, 1075, 2250, 2325)
    assert split.left == 0
    assert split.cost == pytest.approx(148.9375, abs=1e-9)
    assert split.dearest == pytest.approx(0.01875, abs=1e-15)
    assert pro_rata(10_000, FIVE, lot=0).cost == pytest.approx(159.4159, abs=5e-5)


@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_it_costs_what_scipys_optimum_does_in_a_thousand_markets(first):
    for seed in range(first, first + 100):
        offers, shares = market(seed)
        best = optimum(offers, shares)
        split = route(shares, offers, lot=0)
        assert split.cost == pytest.approx(best, rel=1e-6), seed
        assert split.cost <= best * (1 + 1e-9), seed
        assert split.left == 0, seed
        assert sum(split.shares) == pytest.approx(shares, rel=1e-12), seed


@pytest.mark.parametrize("lot", [1, 100])
def test_whole_lots_cost_no_more_than_the_stated_bound(lot):
    for seed in range(300):
        offers, shares = market(seed)
        offers = [Offer(offer.cost, offer.depth, lot * (offer.size // lot)) for offer in offers]
        shares = lot * (min(shares, sum(offer.size for offer in offers)) // lot)
        split, fine = route(shares, offers, lot), route(shares, offers, lot=0)
        assert sum(split.shares) == shares, seed
        assert all(each % lot == 0 for each in split.shares), seed
        bound = sum(lot**2 / (2 * offer.depth) for offer in offers)
        assert -1e-9 * fine.cost <= split.cost - fine.cost <= bound * (1 + 1e-9), seed


@settings(max_examples=150, deadline=None)
@given(st.lists(small, min_size=1, max_size=4), st.data())
def test_no_other_split_in_whole_lots_costs_less(offers, data):
    """All of them are tried; flat books, empty venues and venues that pay are among them."""
    room = int(sum(offer.size for offer in offers))
    shares = data.draw(st.integers(0, room))
    splits = [
        split for split in product(*(range(int(offer.size) + 1) for offer in offers)) if sum(split) == shares
    ]
    least = min(sum(offer.paid(part) for offer, part in zip(offers, split, strict=True)) for split in splits)
    assert route(shares, offers).cost == pytest.approx(least, rel=1e-12, abs=1e-12)


@each_way
@settings(max_examples=100, deadline=None)
@given(shares=st.floats(-1e5, 1e5), offers=markets, lot=st.sampled_from([0.0, 0.01, 1.0, 100.0]))
def test_nothing_is_lost_and_no_venue_gets_more_than_it_has(way, shares, offers, lot):
    split = way(shares, offers, lot)
    total = sum(split.shares)
    assert total + split.left == pytest.approx(shares, rel=1e-9, abs=1e-8 + 1e-9 * lot)  # rounding is of a lot
    assert all(part * shares >= 0 for part in (*split.shares, split.left))
    assert all(
        abs(part) <= offer.size * (1 + 1e-12) + 1e-8 for part, offer in zip(split.shares, offers, strict=True)
    )
    assert split.cost == pytest.approx(
        sum(offer.paid(abs(part)) for part, offer in zip(split.shares, offers, strict=True))
    )
    if abs(split.left) > lot * (1 + 1e-6) + 1e-6:  # then no venue had room for one lot more
        assert all(abs(part) > offer.size - lot - 1e-6 for part, offer in zip(split.shares, offers, strict=True))


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1e5), markets, st.sampled_from([0.0, 1.0, 100.0]))
def test_no_naive_way_costs_less(shares, offers, lot):
    best = route(shares, offers, lot)
    for way in (pro_rata, best_price_first):
        naive = way(shares, offers, lot)
        assert sum(naive.shares) == pytest.approx(sum(best.shares), rel=1e-9, abs=1e-8)
        assert best.cost <= naive.cost + 1e-9 * (abs(naive.cost) + 1)


@each_way
def test_what_no_venue_has_is_left(way):
    split = way(30_000, FIVE)
    assert split.shares == SIZES
    assert split.left == 8500
    assert way(-30_000, FIVE).left == -8500
    assert way(30_000.5, FIVE).left == 8500.5


@each_way
def test_less_than_a_lot_is_left(way):
    split = way(10_050, FIVE, lot=100)
    assert sum(split.shares) == 10_000
    assert split.left == 50
    assert way(0.7, FIVE) == ((0.0,) * 5, 0.7, 0.0, 0.0)


@each_way
def test_a_sale_is_split_as_a_purchase(way):
    bought, sold = way(10_000, FIVE), way(-10_000, FIVE)
    assert sold.shares == tuple(-part for part in bought.shares)
    assert sold[2:] == bought[2:]
    assert all(np.copysign(1, part) == 1 for part in way(-0.5, FIVE).shares)  # no minus zero


@each_way
def test_without_venues_all_is_left(way):
    assert way(10_000, []) == ((), 10_000.0, 0.0, 0.0)
    assert way(10_000, [Offer(0.01, 1e5, 0)]) == ((0.0,), 10_000.0, 0.0, 0.0)


def test_flat_books_are_taken_by_price_and_share_where_it_is_the_same():
    offers = [Offer(0.02, np.inf, 500), Offer(0.01, np.inf, 300), Offer(0.02, np.inf, 100)]
    assert route(600, offers, lot=0).shares == pytest.approx((250, 300, 50))
    assert route(600, offers).cost == best_price_first(600, offers).cost == pytest.approx(9.0)
    assert route(300, offers).shares == (0, 300, 0)


def test_the_cheapest_split_grows_with_the_order_at_each_venue():
    parts = np.array([route(shares, FIVE, lot=0).shares for shares in np.linspace(0, 21_500, 200)])
    assert (np.diff(parts, axis=0) >= -1e-9).all()


TABLE = [
    (lambda: route(np.nan, FIVE), "shares must be finite, got nan"),
    (lambda: route("10", FIVE), "shares must be a number or an array of numbers, got '10'"),
    (lambda: route(1e13, FIVE), "shares must be at most 1e+12 lots, got 10000000000000.0"),
    (lambda: route(10, FIVE, lot=-1), "lot must be zero or more, and finite, got -1.0"),
    (lambda: route(10, FIVE, lot=1e-300), "shares must be at most 1e+12 lots, got 10.0"),
    (lambda: route(10, [0.01]), "offers must be a list of Offers, got 0.01"),
    (lambda: route(10, 5), "offers must be a list of Offers, got 5"),
    (lambda: Offer(np.nan, 1e5, 100), "cost must be finite, got nan"),
    (lambda: Offer(0.01, 0, 100), "depth must be positive and finite, got 0.0"),
    (lambda: Offer(0.01, np.nan, 100), "depth must be positive and finite, got nan"),
    (lambda: Offer(0.01, -np.inf, 100), "depth must be positive and finite, got -inf"),
    (lambda: Offer(0.01, 1e5, -1), "size must be zero or more, and finite, got -1.0"),
    (lambda: Offer(0.01, 1e5, np.inf), "size must be zero or more, and finite, got inf"),
]


@pytest.mark.parametrize(("done", "said"), TABLE, ids=[said for _, said in TABLE])
def test_bad_input_is_named(done, said):
    with pytest.raises(ValueError, match="must") as raised:
        done()
    assert said in str(raised.value)


extremes = st.lists(
    st.builds(
        Offer,
        st.sampled_from([0.0, 0.01, 0.02, 0.011, -0.003, 1e6]) | st.floats(-1, 1),
        st.floats(-200, 200).map(lambda power: 10.0**power) | st.just(np.inf),
        st.sampled_from([0, 1, 5, 1000, 2e6, 1e12]) | st.floats(1, 1e12),
    ),
    min_size=1,
    max_size=5,
)


@each_way
@pytest.mark.parametrize("lot", [0.0, 1.0, 100.0])
@given(shares=st.sampled_from([1.0, 7.0, 1e6]) | st.floats(1e-6, 1e9), offers=extremes)
@settings(max_examples=150)
def test_no_more_is_traded_than_was_asked_for_and_no_less_than_there_is_however_deep_the_venues(
    way, lot, shares, offers
):
    split, unit = way(shares, offers, lot), lot or 1.0
    whole = (lambda some: (some / lot + 1e-9) // 1 * lot) if lot else float
    asked = min(whole(shares), sum(whole(offer.size) for offer in offers))
    assert sum(split.shares) == pytest.approx(asked, rel=1e-12, abs=1e-6 * unit if lot else 0.0)
    assert all(0 <= part <= offer.size + 1e-6 * unit for part, offer in zip(split.shares, offers, strict=True))


def test_a_venue_so_deep_that_its_last_share_costs_what_the_first_does_is_flat():
    for lot in (0.0, 1.0):
        assert route(10, [Offer(0.02, 1e25, 1000), Offer(0.03, 1e5, 1000)], lot).shares == (10, 0)
    assert route(10, [Offer(0.02, 1e30, 2e6)]).shares == (10,)  # at once
