"""Models as beliefs and quotes: Greeks, tables, minimum variance, and that nobody can live off them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import hedgelab as hl
from hedgelab.markets.heston_options import DERIVATIVES, Table, integrals

# agreed by QuantLib's integral and its COS engine to the digits shown; the Greeks by its finite differences
WORLD = hl.Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
EXPIRY = 91 / 365


def at(model, names, option, spots, variances, time=0.0, rates=(0.0, 0.0)):
    quote = hl.Quote(np.atleast_1d(spots).astype(float), np.atleast_1d(variances).astype(float))
    view = SimpleNamespace(time=time, spot=quote.spot, quote=quote)
    return [np.ravel(number) for number in model.pricer(rates).greeks(names, option, view)]


@pytest.mark.parametrize(
    ("strike", "price"), [(90, 11.0274002459), (100, 3.7685226491), (110, 0.4350461187)], ids=str
)
def test_heston_lands_on_published_prices(strike, price):
    option = hl.Option("call", strike, EXPIRY)
    assert WORLD.price(option) == pytest.approx(price, abs=1e-8)
    assert at(WORLD, ("price",), option, 100, 0.04)[0][0] == pytest.approx(price, abs=1e-5)


def test_heston_lands_on_published_greeks():
    option = hl.Option("call", 100, EXPIRY)
    greeks = WORLD.greeks(option)
    assert greeks.delta == pytest.approx(0.5969400, abs=5e-8)
    assert greeks.variance_vega == pytest.approx(40.161910, abs=5e-7)
    assert WORLD.minimum_variance_delta(option) == pytest.approx(0.4563733, abs=1e-7)


def random_world(random):
    return hl.Heston(
        100.0,
        variance=random.uniform(0.005, 0.25),
        mean_reversion=random.uniform(0.2, 8),
        long_variance=random.uniform(0.005, 0.25),
        vol_of_variance=random.uniform(0.05, 1.5),
        correlation=random.uniform(-0.95, 0.95),
    )


@pytest.mark.parametrize("part", range(4))
def test_the_tables_hold_along_paths_of_two_thousand_worlds(part):
    """A price within 1e-7 of the strike: a hundred-thousandth of a dollar at 100."""
    random = np.random.default_rng(part)
    worst = 0.0
    for number in range(500):
        world, expiry = random_world(random), random.uniform(0.02, 2.0)
        step = int(random.integers(0, 5))
        paths = world.simulate(expiry, 5, 6, seed=number)
        x, v = np.log(paths.spot[step] / random.uniform(70, 140)), paths.variance[step]
        left = expiry - paths.times[step]
        (price,) = Table(world, left).terms(["price"], x, v)
        worst = max(worst, np.abs(price - integrals(world, ["price"], x, v, left)[0]).max() / np.pi)
    assert worst <= 1e-7


@pytest.mark.parametrize("kind", ["call", "put"])
def test_the_tables_greeks_are_those_of_the_exact_formula(kind):
    random = np.random.default_rng(7)
    for _ in range(20):
        world = random_world(random)
        option = hl.Option(kind, random.uniform(80, 125), random.uniform(0.1, 1))
        exact = world.greeks(option, 0.03, 0.01)
        names = ("price", "delta", "gamma", "theta", "vega", "vanna", "volga")
        found = at(world, names, option, 100, world.variance, rates=(0.03, 0.01))
        for name, number, expected in zip(names, found, exact, strict=True):
            assert number[0] == pytest.approx(expected, rel=1e-4, abs=1e-4), name


@pytest.mark.parametrize("name", ["gamma", "speed", "vanna", "zomma", "volga", "theta"])
def test_greeks_are_differences_of_greeks(name):
    option, spot, v = hl.Option("put", 95, 0.4), 101.0, 0.05
    names, step, move = {
        "gamma": ("delta", 1e-3, "spot"), "speed": ("gamma", 1e-3, "spot"), "vanna": ("delta", 1e-6, "variance"),
        "zomma": ("gamma", 1e-6, "variance"), "volga": ("vega", 1e-6, "variance"),
        "theta": ("price", 1e-5, "time"),
    }[name]  # fmt: skip
    ends = []
    for sign in (1, -1):
        world = hl.Heston(
            spot + sign * step * (move == "spot"), v + sign * step * (move == "variance"), 2, 0.06, 0.5, -0.7
        )
        later = hl.Option("put", 95, 0.4 - sign * step * (move == "time"))
        ends.append(world._greeks((names,), later, 0.02, 0.01)[0])
    exact = hl.Heston(spot, v, 2, 0.06, 0.5, -0.7)._greeks((name,), option, 0.02, 0.01)[0]
    assert exact == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5)


def test_the_merton_pricer_is_the_series_of_each_spot():
    world, option = hl.Merton(100, 0.15, 0.5, -0.2, 0.1), hl.Option("put", 90, 0.5)
    names = ("price", "delta", "gamma", "theta", "minimum_variance_delta")
    found = at(world, names, option, [80.0, 100.0, 120.0], 0.0, time=0.1, rates=(0.03, 0.01))
    for k, spot in enumerate((80.0, 100.0, 120.0)):
        there = hl.Merton(spot, 0.15, 0.5, -0.2, 0.1)
        same = hl.Option("put", 90, 0.4)
        expected = [*there.greeks(same, 0.03, 0.01), there.minimum_variance_delta(same, 0.03, 0.01)]
        np.testing.assert_allclose([number[k] for number in found], expected, rtol=1e-11)


def test_mertons_theta_is_a_difference_of_prices():
    world = hl.Merton(100, 0.15, 0.5, -0.2, 0.1)
    later, sooner = (world.price(hl.Option("put", 90, 0.5 + move), 0.03, 0.01) for move in (1e-5, -1e-5))
    assert world.greeks(hl.Option("put", 90, 0.5), 0.03, 0.01).theta == pytest.approx(
        (sooner - later) / 2e-5, rel=1e-6
    )


def test_mertons_minimum_variance_delta_minimises_variance():
    """The formula against quadrature over the jump."""
    world, put = hl.Merton(100, 0.15, 0.5, -0.2, 0.1), hl.Option("put", 90, 0.25)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    jump, weights = np.exp(-0.2 + 0.1 * nodes), weights / weights.sum()
    after = at(world, ("price",), put, 100 * jump, 0.0)[0]
    before, delta = world.price(put), world.greeks(put).delta
    gained = 0.15**2 * 100 * delta + 0.5 * weights @ ((jump - 1) * (after - before))
    share = 0.15**2 + 0.5 * weights @ (jump - 1) ** 2
    assert world.minimum_variance_delta(put) == pytest.approx(gained / (100 * share), rel=1e-9)


@pytest.mark.parametrize(
    "world",
    [WORLD, hl.Merton(100, 0.15, 1.0, -0.1, 0.1), hl.CEV(100, 0.2, -2)],
    ids=lambda world: type(world).__name__,
)
def test_who_trades_at_a_models_own_quotes_earns_nothing_on_average(world):
    """With options among the hedges, rebalanced by a bad rule: each gain is a martingale's."""
    overlay = hl.Overlay("delta-gamma", [hl.Option("call", 105, 0.5)])
    terms = {"market": world, "steps": 12, "n_paths": 20_000, "seed": 5}
    run = hl.hedge(hl.Option("put", 95, 0.25), volatility=0.3, quotes=world, overlay=overlay, **terms)
    assert abs(run.pnl.mean()) < 3.5 * run.standard_error()


def test_the_ranking_of_deltas_is_that_of_the_facts():
    """Short three-month calls at 100, daily: the model's own delta leaves most, minimum variance least."""
    terms = {"market": WORLD, "quotes": WORLD, "steps": 63, "n_paths": 5_000, "seed": 1}
    call = hl.Option("call", 100, 0.25)

    def left(**how):
        return hl.hedge(call, **terms, **how).pnl.std()

    own, least = left(volatility=WORLD), left(volatility=WORLD, delta="minimum_variance_delta")
    assert own == pytest.approx(1.302, abs=0.06)
    assert least == pytest.approx(0.964, abs=0.04)
    vega = left(volatility=WORLD, overlay=hl.Overlay("delta-vega", [hl.Option("call", 100, 0.5)]))
    assert vega < 0.4 * least


WORLDS = {
    "Heston": WORLD,
    "LognormalSABR": hl.LognormalSABR(100, 0.2, vol_of_volatility=1.0, correlation=-0.7),
    "CEV": hl.CEV(100, 0.2, exponent=-2),
    "Merton": hl.Merton(100, 0.15, 1.5, -0.1, 0.1),
    "quoted at a correlation of -0.7, moving at -0.39": replace(WORLD, correlation=-0.39),
}


def minimum_variance_as_it_moves(time, quote, option):
    """The quotes' derivatives, and the variance goes along as it does: at -0.39, not at the -0.7 of the quotes."""
    if time >= option.expiry:
        return (quote.spot > option.strike).astype(float)
    view = SimpleNamespace(time=time, spot=quote.spot, quote=quote)
    own, least = WORLD.pricer((0.0, 0.0)).greeks(("delta", "minimum_variance_delta"), option, view)
    return own + 0.39 / 0.7 * (least - own)


@pytest.mark.parametrize(
    ("name", "rule", "spread", "error"),
    [
        # Programs of our own that share nothing with this one but Heston's and Merton's diffusions: 20,000 paths,
        # CEV and SABR by Euler's scheme in small steps, deltas by differences of volatilities that splines imply.
        # The standard deviation of what is left, and its standard error
        ("Heston", "sticky_strike", 1.052, 0.006),
        ("Heston", "sticky_moneyness", 1.302, 0.006),
        ("Heston", "sticky_local_volatility", 0.968, 0.006),
        ("Heston", "delta", 1.302, 0.006),
        ("Heston", "minimum_variance_delta", 0.964, 0.006),
        ("LognormalSABR", "sticky_strike", 1.063, 0.007),
        ("LognormalSABR", "sticky_moneyness", 1.298, 0.008),
        ("LognormalSABR", "sticky_local_volatility", 0.966, 0.007),
        ("LognormalSABR", "delta", 1.298, 0.008),
        ("LognormalSABR", "minimum_variance_delta", 0.964, 0.007),
        ("CEV", "sticky_strike", 0.580, 0.003),
        ("CEV", "sticky_moneyness", 0.871, 0.003),
        ("CEV", "sticky_local_volatility", 0.444, 0.003),
        ("CEV", "minimum_variance_delta", 0.443, 0.003),
        ("Merton", "sticky_strike", 2.692, 0.034),
        ("Merton", "sticky_moneyness", 3.042, 0.037),
        ("Merton", "sticky_local_volatility", 2.449, 0.030),
        ("Merton", "delta", 3.042, 0.037),
        ("Merton", "minimum_variance_delta", 2.295, 0.022),
        ("quoted at a correlation of -0.7, moving at -0.39", "sticky_strike", 1.206, 0.007),
        ("quoted at a correlation of -0.7, moving at -0.39", "sticky_moneyness", 1.354, 0.007),
        ("quoted at a correlation of -0.7, moving at -0.39", "sticky_local_volatility", 1.219, 0.007),
        ("quoted at a correlation of -0.7, moving at -0.39", "delta", 1.354, 0.007),
        ("quoted at a correlation of -0.7, moving at -0.39", minimum_variance_as_it_moves, 1.202, 0.007),
    ],
)
def test_a_deltas_hedging_error_in_each_world_is_that_of_another_program(name, rule, spread, error):
    """Short three-month calls at 100, hedged on 63 days."""
    world, n_paths = WORLDS[name], 4000
    quoted = WORLD if name.startswith("quoted") else world
    run = hl.hedge(
        hl.Option("call", 100, 0.25),
        market=world,
        volatility=quoted,
        delta=rule,
        steps=63,
        n_paths=n_paths,
        seed=1,
    )
    centred = run.pnl - run.pnl.mean()
    own = np.sqrt((np.mean(centred**4) - run.pnl.var() ** 2) / n_paths) / (2 * run.pnl.std())
    assert run.pnl.std() == pytest.approx(spread, abs=3 * np.hypot(error, own))


@pytest.mark.parametrize("world", [WORLDS["CEV"], WORLDS["LognormalSABR"]], ids=["CEV", "LognormalSABR"])
@pytest.mark.parametrize("rates", [(0.0, 0.0), (0.04, 0.02)], ids=str)
def test_the_parts_of_a_hedge_by_these_models_sum_to_its_pnl(world, rates):
    """Quoted by one, believed in the other, on the paths of either; with drift, rate and dividend."""
    other = WORLDS["LognormalSABR" if isinstance(world, hl.CEV) else "CEV"]
    book = {hl.Option("put", 95, 0.25): -3, hl.Option("call", 105, 0.5): 2}
    overlay = hl.Overlay("delta-gamma", [hl.Option("call", 100, 0.5)], cost=hl.HalfSpread(0.02))
    for quotes in (world, other, WORLD, WORLDS["Merton"]):
        run = hl.hedge(
            book, market=replace(world, drift=0.08), volatility=world, quotes=quotes, horizon=0.25, steps=12,
            n_paths=50, delta="minimum_variance_delta", overlay=overlay, rate=rates[0], dividend=rates[1], seed=3,
        )  # fmt: skip
        parts = hl.explain(run)
        np.testing.assert_allclose(parts.sum(axis=1), run.pnl, rtol=0, atol=1e-9)
        assert (parts.quote.abs().max() < 1e-9) == (quotes is world)


def test_a_model_needs_a_market_that_shows_what_it_depends_on():
    with pytest.raises(ValueError, match="a Heston model needs a market that shows its variance"):
        hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.2), volatility=WORLD, steps=3)


def test_every_greek_is_one_that_the_formula_knows():
    assert set(DERIVATIVES) <= set(WORLD.pricer((0.0, 0.0)).names)
