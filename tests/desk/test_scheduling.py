"""A large order in time: the paper's example, and the optimum of two independent ways."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from hedgelab.desk.scheduling import Impact, Schedule, at_once, efficient_frontier, equal_slices, schedule, urgency

PAPER = Impact(volatility=0.95, temporary=2.5e-6, permanent=2.5e-7, fixed=0.0625)
SOLD = {"shares": -1e6, "horizon": 5, "trades": 5, "impact": PAPER}


def first_order_conditions(shares, horizon, trades, impact, risk_aversion):
    """What is left after each trade, as the solution of the linear equations that a minimum satisfies.

    The derivative of ``slope sum((x[j-1] - x[j])**2) + risk_aversion sigma**2 tau sum(x**2)`` by each holding but
    the first and the last is zero.
    """
    tau = horizon / trades
    slope = (impact.temporary - impact.permanent * tau / 2) / tau
    n = trades - 1
    matrix = np.diag(np.full(n, 2 + risk_aversion * impact.volatility**2 * tau / slope))
    matrix -= np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    return np.append(np.linalg.solve(matrix, shares * np.eye(n)[0]), 0.0)


def test_the_papers_example():
    """Almgren & Chriss (2000), section 2 and table 1; there kappa is given as 0.61 a day."""
    slow = schedule(**SOLD, risk_aversion=1e-6)
    assert urgency(PAPER, 1.0, 1e-6) == pytest.approx(0.6070761632, abs=5e-11)
    assert slow.holdings == pytest.approx([-541_955.554, -289_854.219, -147_897.488, -62_141.802, 0], abs=5e-4)
    assert slow.trades == pytest.approx(
        [-458_044.446, -252_101.335, -141_956.731, -85_755.686, -62_141.802], abs=1e-3
    )
    assert slow.expected == pytest.approx(911_226.99, abs=5e-3)
    assert slow.deviation == pytest.approx(603_430.67, abs=5e-3)
    assert slow.times.tolist() == [1, 2, 3, 4, 5]


impacts = st.builds(Impact, st.floats(0, 5), st.floats(1e-7, 1e-4), st.floats(0, 1e-8), st.floats(0, 1))


@settings(max_examples=200, deadline=None)
@given(impacts, st.floats(-1e7, 1e7), st.floats(0.1, 10), st.integers(3, 60), st.floats(0, 1e-3))
def test_it_solves_the_first_order_conditions(impact, shares, horizon, trades, risk_aversion):
    found = schedule(shares, horizon, trades, impact, risk_aversion)
    assert found.holdings == pytest.approx(
        first_order_conditions(shares, horizon, trades, impact, risk_aversion), rel=1e-9, abs=1e-9 * abs(shares)
    )
    assert found.trades.sum() == pytest.approx(shares, rel=1e-12)


def test_a_numerical_optimiser_finds_the_same_trades():
    """To a tenth of a share, in units of the whole order; it knows costs of any trades, and no formula."""

    def worth(parts):
        plan = Schedule(-1e6 * np.append(parts, 1 - parts.sum()), 1.0, PAPER)
        return (plan.expected + 1e-6 * plan.deviation**2) / 1e6

    found = minimize(
        worth, np.full(4, 0.2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-16, "maxiter": 9999}
    )
    assert -1e6 * found.x == pytest.approx(schedule(**SOLD, risk_aversion=1e-6).trades[:4], abs=0.1)


def test_costs_are_those_of_simulated_prices():
    """200,000 paths of the paper's own price: permanent impact, temporary impact and noise, each in its turn."""
    plan = schedule(**SOLD, risk_aversion=1e-6)
    noise = np.random.default_rng(1).standard_normal((5, 200_000))
    price, cost = np.full(200_000, 50.0), np.zeros(200_000)
    for traded, shock in zip(plan.trades, noise, strict=True):
        paid = price + PAPER.temporary * traded + PAPER.fixed * np.sign(traded)
        cost += traded * (paid - 50.0)
        price = price + PAPER.permanent * traded + PAPER.volatility * shock
    error = plan.deviation / np.sqrt(cost.size)
    assert cost.mean() == pytest.approx(plan.expected, abs=4 * error)
    assert cost.std() == pytest.approx(plan.deviation, rel=4 / np.sqrt(2 * cost.size))


def test_without_risk_aversion_all_trades_are_equal():
    equal = equal_slices(**SOLD)
    assert equal.trades == pytest.approx(np.full(5, -2e5), rel=1e-14)
    assert equal.expected == pytest.approx(2.5e-7 * 1e12 / 2 + 0.0625e6 + 2.375e-6 * 5 * 4e10, rel=1e-14)
    nearly = schedule(**SOLD, risk_aversion=1e-30)
    assert nearly.trades == pytest.approx(equal.trades, rel=1e-12)


def test_the_limit_of_no_risk_aversion_is_met_smoothly():
    """On either side of where a straight line stands for the formula."""
    for aversion in 10.0 ** np.arange(-26, -14):
        found = schedule(**SOLD, risk_aversion=aversion).holdings
        assert found == pytest.approx(first_order_conditions(**SOLD, risk_aversion=aversion), rel=1e-11, abs=1e-5)


def test_with_all_risk_aversion_all_is_sold_at_once():
    hasty, once = schedule(**SOLD, risk_aversion=1e12), at_once(**SOLD)
    assert hasty.trades == pytest.approx(once.trades, abs=1e-6)
    assert hasty.expected == pytest.approx(once.expected, rel=1e-9)
    assert once.deviation == 0
    assert once.expected == pytest.approx(2_562_500)
    assert np.isfinite(schedule(1e6, 5, 5000, PAPER, 1e200).trades).all()


def test_a_purchase_costs_what_a_sale_does():
    sold, bought = schedule(**SOLD, risk_aversion=1e-6), schedule(1e6, 5, 5, PAPER, 1e-6)
    assert (bought.trades == -sold.trades).all()
    assert (bought.expected, bought.deviation) == (sold.expected, sold.deviation)


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1e-4), st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_no_other_trades_are_worth_more(risk_aversion, parts):
    """Neither the naive ways nor any that do all of the order."""

    def worth(plan):
        return plan.expected + risk_aversion * plan.deviation**2

    best = worth(schedule(**SOLD, risk_aversion=risk_aversion))
    others = [equal_slices(**SOLD), at_once(**SOLD)]
    if sum(parts):
        others.append(Schedule(-1e6 * np.array(parts) / sum(parts), 1.0, PAPER))
    assert all(best <= worth(other) * (1 + 1e-12) for other in others)


def test_along_the_frontier_cost_rises_as_risk_falls_and_its_slope_is_the_risk_aversion():
    aversions = np.geomspace(1e-8, 1e-4, 400)
    frontier = efficient_frontier(-1e6, 5, 5, PAPER, aversions)
    assert (np.diff(frontier.expected) > 0).all()
    assert (np.diff(frontier.deviation) < 0).all()
    slope = -np.diff(frontier.expected) / np.diff(frontier.deviation**2)
    assert slope == pytest.approx(np.sqrt(aversions[1:] * aversions[:-1]), rel=1e-3)


def test_one_trade_is_all_of_it():
    for risk_aversion in (0.0, 1e-6):
        only = schedule(300, 1, 1, PAPER, risk_aversion)
        assert only.trades.tolist() == [300]
        assert only.holdings.tolist() == [0]
        assert only.deviation == 0


def test_it_says_what_it_is():
    plan = schedule(**SOLD, risk_aversion=1e-6)
    assert repr(plan) == "Schedule(-1,000,000 shares in 5 trades, expected=911,227, deviation=603,431)"
    assert plan._repr_html_().count("<tr>") == 7
    with pytest.raises(ValueError, match="read-only"):
        plan.trades[0] = 0


TABLE = [
    (lambda: schedule(np.nan, 5, 5, PAPER, 1e-6), "shares must be finite, got nan"),
    (lambda: schedule(1e6, 0, 5, PAPER, 1e-6), "horizon must be positive and finite, got 0.0"),
    (lambda: schedule(1e6, 5, 0, PAPER, 1e-6), "trades must be a whole number of at least 1, got 0"),
    (lambda: schedule(1e6, 5, 2.5, PAPER, 1e-6), "trades must be a whole number of at least 1, got 2.5"),
    (lambda: schedule(1e6, 5, 5, 0.1, 1e-6), "impact must be an Impact, got 0.1"),
    (lambda: schedule(1e6, 5, 5, PAPER, -1e-6), "risk_aversion must be zero or more, and finite, got -1e-06"),
    (lambda: schedule(1e6, 5, 5, PAPER, np.nan), "risk_aversion must be zero or more, and finite, got nan"),
    (lambda: schedule(1e6, 125, 5, PAPER, 1e-6), "interval must be below 2 * temporary / permanent, 20, got 25"),
    (lambda: schedule(1e200, 5, 5, PAPER, 1e-6), "expected cost must be finite, got inf"),
    (lambda: Schedule([], 1.0, PAPER), "trades must be a list of at least one number, got []"),
    (lambda: Schedule([1, np.inf], 1.0, PAPER), "trades must be finite, got inf at index 1"),
    (lambda: Schedule([1], -1.0, PAPER), "interval must be positive and finite, got -1.0"),
    (lambda: Impact(-0.95, 2.5e-6), "volatility must be zero or more, and finite, got -0.95"),
    (lambda: Impact(0.95, 0), "temporary must be positive and finite, got 0.0"),
    (lambda: Impact(0.95, 1e-6, np.nan), "permanent must be zero or more, and finite, got nan"),
    (lambda: efficient_frontier(1e6, 5, 5, PAPER, [1e-6, -1]), "risk_aversions must be zero or more, and finite"),
]


@pytest.mark.parametrize(("done", "said"), TABLE, ids=[said for _, said in TABLE])
def test_bad_input_is_named(done, said):
    with pytest.raises(ValueError, match="must") as raised:
        done()
    assert said in str(raised.value)
