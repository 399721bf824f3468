"""Deltas of an option whose smile moves with the spot, one at a time and in the walk."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import hedgelab as hl
from hedgelab import black_scholes, smile
from hedgelab.smile import Derivatives, MovingSmile, Slice, smile_delta, smile_greeks
from hedgelab.smile.rules import RULES

FOLLOWS = {"sticky_strike": 0.0, "sticky_moneyness": 1.0, "sticky_local_volatility": -1.0}


class Line(Slice):
    """Volatility is a straight line in log moneyness."""

    def __init__(self, level: float, slope: float, expiry: float) -> None:
        self.level, self.slope, self.expiry = level, slope, expiry

    def derivatives(self, log_moneyness):
        v, t = self.level + self.slope * log_moneyness, self.expiry
        return Derivatives(v**2 * t, 2 * v * self.slope * t, 2 * self.slope**2 * t)


class OfAModel(Slice):
    """What a model's exact prices imply, with derivatives by differences of the fourth order."""

    def __init__(self, model, expiry: float) -> None:
        self.model, self.expiry = model, expiry

    def volatility_at(self, k):
        strikes = self.model.spot * np.exp(np.ravel(k))
        prices = [self.model.price(hl.Option("call", float(strike), self.expiry)) for strike in strikes]
        found = black_scholes.implied_volatility(prices, "call", self.model.spot, strikes, self.expiry)
        return found.reshape(np.shape(k))

    def derivatives(self, log_moneyness):
        h, t = 0.002, self.expiry
        far, near, here, after, beyond = (
            self.volatility_at(log_moneyness + j * h) ** 2 * t for j in (-2, -1, 0, 1, 2)
        )
        slope = (far - 8 * near + 8 * after - beyond) / (12 * h)
        return Derivatives(here, slope, (-far + 16 * near - 30 * here + 16 * after - beyond) / (12 * h**2))


QUARTER = 0.25
PUT, CALL = hl.Option("put", 95, QUARTER), hl.Option("call", 105, QUARTER)
SLOPE = (0.22 - 0.25) / np.log(105 / 95)
ARTICLE = Line(0.25 - SLOPE * np.log(0.95), SLOPE, QUARTER)


def the_sabr_of_the_article() -> smile.SABR:
    """Beta 1 and rho -0.7, through both quotes."""

    def level(nu):
        def miss(alpha):
            return smile.SABR(alpha, 1, -0.7, nu, QUARTER).volatility(np.log(0.95)) - 0.25

        return brentq(miss, 0.1, 0.4, xtol=1e-15)

    def other(nu):
        return smile.SABR(level(nu), 1, -0.7, nu, QUARTER).volatility(np.log(1.05)) - 0.22

    nu = brentq(other, 0.1, 3, xtol=1e-14)
    return smile.SABR(level(nu), 1, -0.7, nu, QUARTER)


@pytest.mark.parametrize(
    ("option", "deltas"),
    [
        (PUT, (-0.3181613998, -0.2646940767, -0.3716287230)),
        (CALL, (0.3488056594, 0.4042499176, 0.2933614013)),
    ],
    ids=["put", "call"],
)
def test_the_article_s_put_and_call_have_the_deltas_of_thirty_digits(option, deltas):
    """Two quotes, 25 per cent at 95 and 22 at 105, with a straight line between them; from mpmath."""
    found = [smile_delta(option, 100.0, ARTICLE, rule) for rule in FOLLOWS]
    assert found == pytest.approx(deltas, abs=2e-10)


@pytest.mark.parametrize(("option", "delta"), [(PUT, -0.369029), (CALL, 0.290688)], ids=["put", "call"])
def test_minimum_variance_of_a_sabr_smile_through_both_quotes(option, delta):
    """Found by our own prototype alone; `test_minimum_variance_is_...` below is the independent check."""
    assert smile_delta(option, 100.0, the_sabr_of_the_article(), "minimum_variance") == pytest.approx(
        delta, abs=2e-6
    )


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("strike", [80.0, 100.0, 125.0])
def test_minimum_variance_is_the_price_s_change_when_alpha_goes_along(beta, strike):
    """Bartlett (2006): d alpha = rho nu / F**beta dF, on average; prices at other forwards and alphas."""
    forward, alpha = 100.0, 0.2 * 100 ** (1 - beta)
    option = hl.Option("call", strike, QUARTER)

    def price(moved):
        at = forward + moved
        now = smile.SABR(alpha - 0.4 * 0.8 / forward**beta * moved, beta, -0.4, 0.8, QUARTER, forward=at)
        return option.value(at, QUARTER, now.volatility(np.log(strike / at)))

    start = smile.SABR(alpha, beta, -0.4, 0.8, QUARTER, forward=forward)
    found = smile_greeks(option, forward, start, "minimum_variance")
    h = 0.01
    assert found.delta == pytest.approx((price(h) - price(-h)) / (2 * h), abs=1e-7)
    assert found.price == pytest.approx(price(0.0), rel=1e-13)


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("strike", [80.0, 125.0])
def test_minimum_variance_s_gamma_is_a_difference_of_prices_along_its_way(beta, strike):
    """On average alpha moves in proportion to the forward's logarithm."""
    option, start = hl.Option("put", strike, QUARTER), 0.2 * 100 ** (1 - beta)

    def price(at):
        alpha = start - 0.4 * 0.8 * 100 ** (1 - beta) * np.log(at / 100)
        now = smile.SABR(alpha, beta, -0.4, 0.8, QUARTER, forward=at)
        return option.value(at, QUARTER, now.volatility(np.log(strike / at)))

    found = smile_greeks(option, 100.0, smile.SABR(start, beta, -0.4, 0.8, QUARTER, 100.0), "minimum_variance")
    h = 0.02
    assert found.delta == pytest.approx((price(100 + h) - price(100 - h)) / (2 * h), abs=1e-7)
    assert found.gamma == pytest.approx((price(100 + h) - 2 * price(100) + price(100 - h)) / h**2, abs=1e-6)


@pytest.mark.parametrize(
    ("made_of", "rule"), [*((kind, rule) for kind in ("SABR", "Surface") for rule in FOLLOWS), ("SABR", RULES[-1])]
)
def test_many_spots_have_the_greeks_that_each_has_alone(made_of, rule):
    """More than are taken at a time; of two shapes."""
    slices = [smile.SABR(0.2, 0.5, rho, 1, years) for years, rho in ((0.1, -0.7), (QUARTER, -0.5), (1.0, -0.3))]
    what = slices[1] if made_of == "SABR" else hl.Surface([slices[0], slices[2]])
    spots = 100 * np.exp(np.linspace(-0.3, 0.3, 20_000))
    found, greeks = smile_delta(PUT, spots, what, rule), smile_greeks(PUT, spots.reshape(100, 200), what, rule)
    np.testing.assert_allclose(greeks.delta.ravel(), found, rtol=1e-13)
    assert greeks.gamma.shape == (100, 200)
    for place in (0, 8191, 8192, 12_345, 19_999):
        alone = smile_greeks(PUT, spots[place], what, rule)
        assert found[place] == pytest.approx(alone.delta, rel=1e-13)
        assert [each.ravel()[place] for each in greeks] == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("rule", FOLLOWS)
@pytest.mark.parametrize("kind", ["put", "call"])
def test_delta_and_gamma_are_derivatives_of_the_price_along_the_rule(rule, kind):
    """Central differences, with rate and dividend; the smile at another spot is that of MovingSmile's formula."""
    bent, option = smile.SVI(0.0025, 0.05, -0.6, 0.02, 0.15, expiry=0.5), hl.Option(kind, 93, 0.5)
    rate, dividend, spot = 0.04, 0.01, 100.0

    def price(at):
        k = np.log(93 / spot) - 0.03 * 0.5 - FOLLOWS[rule] * np.log(at / spot)
        return option.value(at, 0.5, bent.volatility(k), rate, dividend)

    found = smile_greeks(option, spot, bent, rule, rate=rate, dividend=dividend)
    h = 0.01
    assert found.delta == pytest.approx((price(spot + h) - price(spot - h)) / (2 * h), abs=2e-7)
    second = (price(spot + h) - 2 * price(spot) + price(spot - h)) / h**2
    assert found.gamma == pytest.approx(second, abs=1e-7)
    assert found.price == pytest.approx(price(spot), rel=1e-13)


HESTON = hl.Heston(100.0, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)


@pytest.mark.parametrize("strike", [90.0, 100.0, 110.0])
def test_sticky_moneyness_is_the_model_s_own_derivative_by_the_spot_in_heston(strike):
    """Since Heston's volatilities depend on moneyness alone; the smile is made of prices, not of derivatives."""
    option = hl.Option("call", strike, 91 / 365)
    implied = OfAModel(HESTON, option.expiry)
    assert smile_delta(option, 100.0, implied, "sticky_moneyness") == pytest.approx(
        HESTON.greeks(option).delta, abs=1e-8
    )


def test_the_deltas_of_heston_s_smile_are_those_of_quantlib():
    """From QuantLib 1.44's prices at K 100: Black and Scholes's delta, the derivative, and the skew's slope."""
    option = hl.Option("call", 100, 91 / 365)
    found = [smile_delta(option, 100.0, OfAModel(HESTON, option.expiry), rule) for rule in FOLLOWS]
    assert found == pytest.approx([0.5188426, 0.5969400, 0.4407452], abs=1e-7)


def test_a_surface_gives_the_smile_of_the_option_s_expiry_and_spots_may_be_an_array():
    near, far = smile.SVI(0.01, 0.04, -0.5, 0, 0.1, expiry=0.25), smile.SVI(0.03, 0.05, -0.5, 0, 0.1, expiry=0.5)
    surface, spots = hl.Surface([near, far], spot=100), np.array([80.0, 100.0, 120.0])
    for rule in FOLLOWS:
        both = [smile_delta(PUT, spots, each, rule) for each in (surface, near)]
        assert both[0] == pytest.approx(both[1], rel=1e-14)
        assert smile_delta(PUT, 80.0, surface, rule) == both[0][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"option": "put"}, "option must be an Option, got 'put'"),
        ({"spot": -1.0}, "spot must be positive and finite, got -1.0"),
        ({"smile": 0.2}, "smile must be a slice, such as SVI, or a Surface, got 0.2"),
        ({"rule": "sticky"}, "rule must be one of 'sticky_strike', .*, got 'sticky'"),
        (
            {"rule": "minimum_variance"},
            "smile must be a SABR smile, which has a model, for minimum variance, got ",
        ),
        ({"option": hl.Option("put", 95, 0.5)}, r"smile must have the option's expiry, 0.5, got 0.25"),
        ({"rate": np.nan}, "rate must be finite, got nan"),
    ],
)
def test_what_no_delta_can_be_made_of_is_refused(change, message):
    terms = {"option": PUT, "spot": 100.0, "smile": smile.SVI(0.01, 0.04, -0.5, 0, 0.1, expiry=0.25)} | change
    with pytest.raises(ValueError, match=message):
        smile_delta(**terms)


# ---------------------------------------------------------------------------------------- in the walk

TERMS = {"market": hl.GBM(100, 0.2, drift=0.05), "steps": 20, "n_paths": 500, "seed": 1, "rate": 0.03}
SKEW = smile.SVI(0.0025, 0.05, -0.6, 0.02, 0.15, expiry=QUARTER)


@pytest.mark.parametrize("rule", FOLLOWS)
@pytest.mark.parametrize("delta", ["delta", *FOLLOWS])
def test_a_flat_smile_is_a_number(rule, delta):
    flat = smile.SVI(0.2**2 * QUARTER, 0, 0, 0, 0.1, expiry=QUARTER)
    runs = [
        hl.hedge(CALL, quotes=quotes, volatility=belief, delta=delta, cost=hl.ProportionalCost(0.001), **TERMS)
        for quotes, belief in ((MovingSmile(flat, rule), MovingSmile(flat, rule)), (0.2, 0.2))
    ]
    assert runs[0].pnl == pytest.approx(runs[1].pnl, abs=1e-12)
    plain = hl.hedge(CALL, volatility=0.2, cost=hl.ProportionalCost(0.001), **TERMS)
    assert runs[0].pnl == pytest.approx(plain.pnl, abs=1e-12)


@pytest.mark.parametrize("rule", FOLLOWS)
@pytest.mark.parametrize("moves", FOLLOWS)
def test_the_walk_s_delta_is_that_of_the_smile_as_it_stands_on_each_path(rule, moves):
    """After two months, on the prices there; the smile has moved by one rule, the hedger believes in another."""
    run = hl.hedge(CALL, quotes=MovingSmile(SKEW, moves), volatility=0.2, delta=rule, **TERMS)
    *_, view = (view for view in run.hedge.views(run.block_of(path=0)) if view.step <= 13)
    spot, left = view.spot, QUARTER - view.time
    start = np.log(105 / 100) - 0.03 * QUARTER
    k = start - FOLLOWS[moves] * (np.log(spot / 100) - 0.03 * view.time)
    delta, vega = CALL.greeks(("delta", "vega"), spot, left, SKEW.volatility(k), 0.03)
    assert view.delta(CALL) == pytest.approx(delta - FOLLOWS[rule] * vega * SKEW.skew(k) / spot, abs=2e-5)
    assert view.price(CALL) == pytest.approx(CALL.value(spot, left, SKEW.volatility(k), 0.03), rel=1e-13)


def test_a_surface_is_asked_for_the_time_that_is_left():
    near, far = smile.SVI(0.01, 0.04, -0.5, 0, 0.1, expiry=0.1), smile.SVI(0.03, 0.05, -0.5, 0, 0.1, expiry=0.5)
    surface = hl.Surface([near, far], spot=100)
    run = hl.hedge(CALL, quotes=MovingSmile(surface, "sticky_strike"), volatility=0.2, **TERMS)
    *_, view = (view for view in run.hedge.views(run.block_of(path=0)) if view.step <= 10)
    volatility = surface.volatility(np.log(1.05) - 0.03 * QUARTER, QUARTER - view.time)
    assert view.price(CALL) == pytest.approx(CALL.value(view.spot, QUARTER - view.time, volatility, 0.03))


@pytest.mark.parametrize("model", [HESTON, hl.Merton(100, 0.15, 0.5, -0.2, 0.1)], ids=["Heston", "Merton"])
def test_who_follows_the_moneyness_of_a_homogeneous_model_s_quotes_trades_its_derivative(model):
    terms = {"market": model, "quotes": model, "volatility": model, "steps": 63, "n_paths": 2000, "seed": 2}
    own, read = (hl.hedge(hl.Option("call", 100, QUARTER), delta=delta, **terms).pnl
                 for delta in ("delta", "sticky_moneyness"))  # fmt: skip
    assert np.abs(own - read).max() < 0.05
    assert np.abs(own - read).mean() < 0.003


@pytest.mark.parametrize("moves", FOLLOWS)
@pytest.mark.parametrize("delta", FOLLOWS)
def test_an_attribution_under_a_moving_smile_adds_up(moves, delta):
    quotes = MovingSmile(SKEW, moves)
    run = hl.hedge(CALL, quantity=-3, quotes=quotes, volatility=quotes, delta=delta, dividend=0.02, **TERMS)
    parts = hl.explain(run)
    assert parts.sum(axis=1).to_numpy() == pytest.approx(run.pnl, abs=1e-9)


def test_a_book_s_order_its_size_and_parity_do_not_matter_to_a_smile():
    quotes = MovingSmile(SKEW, "sticky_local_volatility")
    terms = TERMS | {"quotes": quotes, "volatility": quotes, "delta": "sticky_local_volatility"}
    put, call = hl.Option("put", 95, QUARTER), hl.Option("call", 105, QUARTER)
    one = hl.hedge({put: -1, call: -2}, **terms).pnl
    assert hl.hedge({call: -2, put: -1}, **terms).pnl == pytest.approx(one, abs=1e-12)
    assert hl.hedge({put: -10, call: -20}, **terms).pnl == pytest.approx(10 * one, abs=1e-10)
    calls, puts = (hl.hedge(hl.Option(kind, 105, QUARTER), **terms).pnl for kind in ("call", "put"))
    assert calls == pytest.approx(puts, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quotes": SKEW}, 'quotes must be numbers, a function, a model, a MovingSmile or "true", got SVI'),
        ({"delta": "sticky"}, "delta must be a function, or one of 'delta', 'sticky_strike', .* got 'sticky'"),
        (
            {"quotes": {CALL: 0.2}, "delta": "sticky_strike"},
            "quotes must be of all strikes for delta='sticky_strike'",
        ),
        (
            {"option": hl.Option("call", 105, 0.5), "quotes": MovingSmile(SKEW)},
            "of one expiry, 0.25, got call 105",
        ),
    ],
    ids=["a smile that does not say how it moves", "no such rule", "quotes of one strike", "another expiry"],
)
def test_what_the_walk_can_make_nothing_of_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        hl.hedge(**{"option": CALL, "volatility": 0.2, **TERMS} | change)


@pytest.mark.parametrize(
    ("field", "message"),
    [({"smile": 0.2}, "smile must be a slice, such as SVI, or a Surface, got 0.2"),
     ({"rule": "minimum_variance"}, "rule must be one of 'sticky_strike', .* got 'minimum_variance'")],
    ids=["smile", "rule"],
)  # fmt: skip
def test_a_moving_smile_says_what_it_needs(field, message):
    with pytest.raises(ValueError, match=message):
        MovingSmile(**{"smile": SKEW} | field)


def test_the_rules_are_named_once():
    assert (*FOLLOWS, "minimum_variance") == RULES
