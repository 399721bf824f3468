"""The simulated market of a crowd, against closed forms and the values that a prototype of the model landed on."""

import numpy as np
import pytest

import hedgelab as hl
from hedgelab import crowd
from hedgelab.crowd import DAY, HOUR, Seen
from hedgelab.markets import blocks_of

DEEP = hl.LinearDepth(np.inf)
EVERYBODY = [
    hl.Insurers(75.0, overhang=8.0),
    hl.ValueBuyers(200.0, HOUR),
    hl.Dealers(-30.0),
    hl.Dealers(20.0, late=True),
    hl.Hedgers(hl.Option("call", 100, 1.0), quantity=-0.5),
]


def walked(market, times, n_paths=1, seed=1):
    """All steps of one block."""
    (block,) = blocks_of(n_paths, seed)
    return list(market.walk(times, n_paths, block.random()))


# ---------------------------------------------------------------------------------------- no impact, no difference

NEWS = {
    "GBM": hl.GBM(100, 0.3, 0.05),
    "Merton": hl.Merton(100, 0.2, 2.0, -0.1, 0.1),
    "Heston": hl.Heston(100, 0.04, 2.0, 0.05, 0.5, -0.7),
    "Bootstrap": hl.Bootstrap(100, np.random.default_rng(1).normal(0, 0.01, 90)),
    "Scenarios": hl.Scenarios(*hl.GBM(100, 0.2).simulate(0.1, 30, 200, seed=3)),
}


@pytest.mark.parametrize("news", NEWS.values(), ids=NEWS)
@pytest.mark.parametrize(
    ("depth", "members"),
    [(hl.LinearDepth(50.0), []), (DEEP, EVERYBODY), (hl.LinearDepth(50.0), [hl.Insurers(0.0)])],
    ids=["nobody", "no impact", "a crowd of nothing"],
)
def test_a_crowd_without_impact_is_the_plain_market_bit_for_bit(news, depth, members):
    steps = None if isinstance(news, hl.Scenarios) else 30
    market = hl.CrowdMarket(news, depth, members)
    (block,) = blocks_of(200, 7)
    times = news.times(0.1, steps)
    plain, ours = (list(each.stream(times, 200, block.random())) for each in (news, market))
    for expected, found in zip(plain, ours, strict=True):
        spot, variance = expected if isinstance(expected, hl.Quote) else (expected, None)
        assert (found.spot == spot).all()
        assert variance is found.variance or (found.variance == variance).all()


def test_a_recorded_past_can_be_the_news():
    past = hl.cases.october_1987().market
    market = hl.CrowdMarket(past, hl.LinearDepth(100.0), [hl.Insurers(30.0)])
    end = past.years_until("1987-10-20")
    spot = hl.markets.simulate(market, end, None, 1).spot[:, 0]
    assert spot[0] == past.spot
    assert spot[-1] < past.simulate(end).spot[-1, 0]


def test_a_hedge_walks_the_same_paths_in_blocks_of_any_size():
    market = hl.CrowdMarket(hl.GBM(97, 0.36), hl.LinearDepth(85.0), EVERYBODY[:2], hl.Halts(), 100.0, 17.5 * HOUR)
    terms = {"market": market, "volatility": 0.36, "steps": 130, "n_paths": 2500, "seed": 3}
    runs = []
    for size in (1000, 16_000):
        with hl.computing(block_size=size):
            runs.append(hl.hedge(hl.Option("put", 100, 5 * DAY), **terms))
    assert (runs[0].pnl == runs[1].pnl).all()
    paths = market.simulate(5 * DAY, 130, 2500, seed=3).spot
    assert runs[0].ledger(path=2200).spot.to_numpy() == pytest.approx(paths[:, 2200], abs=0)


# ---------------------------------------------------------------------------------------- dealers and their gamma


def returns(gain, late, steps=252, n_paths=2000, volatility=0.2):
    """Log returns in units of the news, where dealers are short gamma of `gain` times the depth."""
    news = hl.GBM(100, volatility, volatility**2 / 2)
    market = hl.CrowdMarket(news, hl.LinearDepth(100.0), hl.Dealers(-100 * gain, late))
    spot = market.simulate(1, steps, n_paths, seed=1).spot
    return np.diff(np.log(spot), axis=0) / (volatility / np.sqrt(steps))


@pytest.mark.parametrize(("gain", "expected"), [(0.5, 2.0), (-0.5, 0.667), (0.25, 1.3333), (-0.9, 0.5263)])
def test_dealers_who_hedge_at_once_multiply_the_volatility_by_one_over_one_minus_the_gain(gain, expected):
    by_path = np.sqrt((returns(gain, late=False) ** 2).mean(axis=0))
    error = by_path.std() / np.sqrt(by_path.size)
    bias = by_path.mean() / (4 * 252)  # of a root of a mean
    assert by_path.mean() + bias == pytest.approx(crowd.amplification(gain).factor, abs=3 * error)
    assert crowd.amplification(gain).factor == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("gain", [-0.9, -0.5, 0.25, 0.5, 0.75])
def test_returns_of_a_market_hedged_one_step_late_have_the_gain_as_their_autocorrelation(gain):
    moves = returns(gain, late=True)[60:]  # beyond the beginning, at which nothing was to be hedged
    by_path = (moves[1:] * moves[:-1]).sum(axis=0), (moves**2).sum(axis=0)
    correlation = by_path[0].sum() / (moves[1:] ** 2).sum()
    assert correlation == pytest.approx(gain, abs=3 * np.sqrt((1 - gain**2) / moves.size) + 1e-3)
    ratio = np.sqrt((moves**2).mean())
    error = (moves**2).mean(axis=0).std() / np.sqrt(moves.shape[1]) / (2 * ratio)
    assert ratio == pytest.approx(crowd.amplification(gain, late=True).factor, abs=3 * error)


def test_over_many_steps_the_two_are_the_same():
    late, prompt = (returns(0.5, late, steps=500).sum(axis=0) / np.sqrt(500) for late in (True, False))
    assert late.std() / prompt.std() == pytest.approx(1, abs=0.01)


def test_late_long_gamma_explodes_below_minus_one():
    """In a prototype a market at -1.05 moved ten million times the news after a day of minutes."""
    moves = [returns(gain, late=True, steps=390, n_paths=10, volatility=1e-9)[-1] for gain in (-0.95, -1.05)]
    sizes = [np.abs(each).mean() for each in moves]
    assert sizes[0] < 10
    assert sizes[1] > 1e6


def test_dealers_at_or_past_the_fold_have_no_price_and_it_is_said():
    with pytest.raises(ValueError, match=r"gain of dealers .* must be below 1 .*, got 1 at step 0"):
        hl.CrowdMarket(hl.GBM(100, 0.2), hl.LinearDepth(100.0), hl.Dealers(-100.0))
    thin = hl.CrowdMarket(hl.GBM(100, 0.5), hl.LinearDepth(100.0, thinning=5.0), hl.Dealers(-90.0))
    with pytest.raises(ValueError, match="must be below 1 for a price to clear"):
        thin.simulate(1, 252, 100, seed=1)


def test_the_gain_is_that_of_insurers_and_dealers():
    members = [hl.Insurers(75.0, hidden=0.5), hl.Dealers(-20.0), hl.ValueBuyers(200.0, HOUR)]
    market = hl.CrowdMarket(hl.GBM(100, 0.2), hl.LinearDepth(100.0), members)
    assert market.gain() == pytest.approx((0.5 * 117.31 + 20) / 100, abs=1e-4)


# ---------------------------------------------------------------------------------------- a fall that feeds itself


@pytest.mark.parametrize("gain", [0.2, 0.5, 0.8])
def test_without_buyers_a_small_shock_is_multiplied_by_one_over_one_minus_the_gain(gain):
    insurers = hl.Insurers(75.0)
    depth = hl.LinearDepth(float(insurers.slope(0.0)) / gain)
    market = hl.CrowdMarket(hl.GBM(100 * np.exp(-1e-5), 0.0), depth, insurers, reference=100.0)
    fall = np.log(market.simulate(5 * DAY, 3000, 1).spot[-1, 0] / 100)
    assert fall / -1e-5 == pytest.approx(crowd.amplification(gain).factor, rel=1e-3)


class ShortSellers:
    """Value buyers who may also be short, so that the whole market is linear."""

    hidden, at_once = 1.0, 0.0

    def __init__(self, appetite, delay):
        self.appetite, self.delay = appetite, delay

    def worth(self, spot):
        return 0.0

    def enter(self, spot, price):
        self.bought = np.zeros_like(price)
        return self

    def orders(self, seen: Seen):
        order = (self.appetite * (seen.news - seen.price) - self.bought) * seen.dt / self.delay
        self.bought = self.bought + order
        return order


def deviations(gain, absorption, delay, hours=16, steps=3200):
    """How far a market of linear insurers and buyers is from its rest, after a shock of one."""
    depth = hl.LinearDepth(1.0 / gain)
    insurers = hl.Insurers(100 * np.sqrt(2 * np.pi), floor=0.0, spread=100.0, buy_back=True)
    crowded = [insurers, ShortSellers(absorption / gain, delay * HOUR)]
    market = hl.CrowdMarket(hl.GBM(100 * np.exp(-1e-6), 0.0), depth, crowded, reference=100.0)
    path = np.log(market.simulate(hours * HOUR, steps, 1).spot[:, 0] / 100) / -1e-6
    return np.abs(path - (1 + absorption) / (1 + absorption - gain))


@pytest.mark.parametrize(("absorption", "delay"), [(2.4, 0.25), (2.4, 1.0), (2.4, 4.0), (0.4, 4.0), (0.4, 0.25)])
def test_below_the_threshold_a_fall_dies_out_and_above_it_feeds_itself(absorption, delay):
    for share, grows in ((0.95, False), (1.05, True)):
        gain = share * float(crowd.threshold(absorption, 0.25, delay))
        parts = np.array_split(deviations(gain, absorption, delay), 4)
        assert (parts[-1].max() > parts[1].max()) == grows


# ---------------------------------------------------------------------------------------- a crowd with a policy


def test_a_crowd_of_hedgers_at_each_step_acts_as_late_dealers_with_its_gamma():
    """Straddles sold at the money: with a volatility of 20 per cent, for the first days, to a few per cent."""
    depth, number = hl.LinearDepth(1e4), 10.0
    option = hl.Option("call", 100, 0.5)
    gamma = float(hl.black_scholes.greeks("call", 100.0, 100, 0.5, 0.2).gamma)
    gain = number * gamma * 100**2 / 1e4
    crowds = [hl.Hedgers(option, quantity=-number), hl.Dealers(-gain * 1e4, late=True)]
    spots = [hl.CrowdMarket(hl.GBM(100, 0.2), depth, each).simulate(DAY, 30, 500, seed=1).spot for each in crowds]
    moved = [np.log(spot[-1] / 100) for spot in spots]
    plain = np.log(hl.GBM(100, 0.2).simulate(DAY, 30, 500, seed=1).spot[-1] / 100)
    assert gain == pytest.approx(0.28, abs=0.01)
    assert moved[0].std() / plain.std() == pytest.approx(moved[1].std() / plain.std(), abs=0.01)
    assert moved[0].std() / plain.std() > 1.3


POLICIES = {
    "clock": hl.Clock(5),
    "band": hl.DeltaBand(0.05),
    "move": hl.MoveBand(0.01),
    "Whalley-Wilmott": hl.WhalleyWilmott(0.001, 1.0),
    "Zakamouline": hl.Zakamouline(0.001, 1.0),
    "a function": lambda moment: 0.5 * moment.delta,
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_any_policy_can_be_the_crowds_and_it_trades_as_one_who_moves_nothing_would(policy):
    """Whoever has no impact and hedges along the very prices that the crowd has made trades what the crowd did."""
    option = hl.Option("call", 100, 0.25)
    market = hl.CrowdMarket(hl.GBM(100, 0.2), hl.LinearDepth(1e4), hl.Hedgers(option, -20.0, 0.2, policy))
    times = market.times(0.2, 40)
    steps = walked(market, times, n_paths=3)
    spot = np.array([step.quote.spot for step in steps])
    alone = hl.CrowdMarket(hl.Scenarios(times, spot), DEEP, hl.Hedgers(option, -20.0, 0.2, policy))
    again = walked(alone, times, n_paths=3)
    held = [np.cumsum([step.bought[0] / 100 for step in walk], axis=0) for walk in (steps, again)]
    assert held[0] == pytest.approx(held[1], abs=1e-9)
    assert np.abs(held[0]).max() > 0
    assert np.abs(np.array([step.shift for step in steps])).max() > 1e-4


def test_hedgers_hold_their_delta_at_the_price_before_give_or_take_the_move_since():
    option = hl.Option("call", 100, 0.25)
    market = hl.CrowdMarket(hl.GBM(100, 0.2), hl.LinearDepth(1e6), hl.Hedgers(option, -20.0))
    times = market.times(0.2, 100)
    steps = walked(market, times, n_paths=50)
    spot = np.array([step.quote.spot for step in steps])
    delta = 20 * np.array([option.delta(s, 0.25 - t, 0.2) for s, t in zip(spot, times, strict=True)])
    bought = np.cumsum([step.bought[0] / 100 for step in steps], axis=0)
    assert delta[0] + bought[2:] == pytest.approx(delta[1:-1], abs=0.3)
    assert np.abs(delta[0] + bought[2:] - delta[1:-1]).mean() < 0.05


def test_a_crowd_of_constant_proportion_funds_makes_a_fall_larger():
    """Four times what it has beyond its floor: for each per cent that 40 of shares fall, 3 * 0.4 are sold."""
    fund = hl.Hedgers(
        None,
        account=hl.Account(cash=100.0),
        policy=lambda moment: 4 * np.maximum(moment.wealth - 90, 0) / moment.spot,
    )
    times = np.linspace(0, 1, 12)
    news = hl.Scenarios(times, np.append(100.0, np.full(11, 99.9))[:, None])
    for depth in (1e3, 600.0):
        fall = walked(hl.CrowdMarket(news, hl.LinearDepth(depth), fund), times)[-1].price[0]
        expected = crowd.amplification(3 * 40 / depth).factor * np.log(0.999)
        assert fall == pytest.approx(expected, rel=0.01)


def test_a_crowd_sees_the_wealth_that_a_fund_of_its_rate_has_by_then_and_no_interest_of_the_step_to_come():
    terms = {"account": hl.Account(cash=100.0), "rate": 0.4}
    seen = []

    def half_a_share(moment):
        seen.append(moment.wealth)
        return np.full_like(moment.spot, 0.5)

    terms["policy"] = half_a_share
    hl.CrowdMarket(hl.GBM(100, 0.2), DEEP, hl.Hedgers(None, **terms)).simulate(1, 4, n_paths=3, seed=1)
    crowds = np.array(seen)
    seen.clear()
    hl.hedge(None, market=hl.GBM(100, 0.2), horizon=1.0, steps=4, n_paths=3, seed=1, **terms)
    assert crowds == pytest.approx(np.array(seen), abs=1e-9)


# ---------------------------------------------------------------------------------------- books that balance

NIGHT = 17.5 * HOUR
BUYERS, SELLERS = hl.ValueBuyers(200.0, 4 * HOUR), hl.Insurers(75.0, overhang=8.0)
MARKETS = {
    "insurers and buyers": ([SELLERS, BUYERS], hl.LinearDepth(85.0), None),
    "announced": ([hl.Insurers(75.0, hidden=0.2), BUYERS], hl.LinearDepth(85.0), None),
    "everybody": (EVERYBODY, hl.LinearDepth(200.0), None),
    "square root": ([SELLERS, BUYERS, hl.Dealers(-5, late=True)], hl.SquareRootDepth(20.0, 0.03), None),
    "shrinking": ([SELLERS, BUYERS], hl.LinearDepth(200.0, thinning=1.0), None),
    "halts": ([SELLERS, BUYERS], hl.LinearDepth(85.0), hl.Halts()),
    "halts with a queue": ([SELLERS, BUYERS, *EVERYBODY[3:]], hl.LinearDepth(85.0), hl.Halts(queue=True)),
    "limits": ([SELLERS, BUYERS], hl.LinearDepth(85.0), hl.PriceLimits(0.1)),
    "limits with a queue": ([SELLERS, BUYERS], hl.LinearDepth(85.0), hl.PriceLimits(0.1, queue=True)),
}


@pytest.mark.parametrize(("members", "depth", "breakers"), MARKETS.values(), ids=MARKETS)
def test_every_share_that_is_sold_is_bought_by_somebody_and_every_payment_is_received(members, depth, breakers):
    market = hl.CrowdMarket(hl.GBM(97, 0.36), depth, members, breakers, reference=100.0, night=NIGHT)
    books = crowd.books(market, 2 * DAY, 156, seed=1)
    for kind in ("shares", "cash"):
        table = books.xs(kind, axis=1, level=1)
        assert np.abs(table.sum(axis=1)).max() < 1e-9
        assert np.abs(table["insurers"]).max() > 0.05
    assert books["insurers", "shares"].iloc[-1] < 0


@pytest.mark.parametrize("name", [name for name in MARKETS if name != "shrinking"])
def test_whoever_takes_the_other_side_holds_what_the_price_says(name):
    """With linear depth the price's distance from the news is their position, with a square root its square."""
    members, depth, breakers = MARKETS[name]
    market = hl.CrowdMarket(hl.GBM(97, 0.36), depth, members, breakers, reference=100.0, night=NIGHT)
    steps = walked(market, market.times(2 * DAY, 156), n_paths=20)
    hidden = np.array([member.hidden for member in market.crowd])[:, None]
    pushed = np.cumsum([(hidden * np.array(step.bought)).sum(axis=0) for step in steps], axis=0)
    share = np.array([step.shift for step in steps]) / depth.impact()
    taken = np.sign(share) * share**2 if isinstance(depth, hl.SquareRootDepth) else share
    assert pushed == pytest.approx(taken, abs=1e-9)


def test_orders_that_wait_are_traded_once():
    """After the second day, whatever was ordered is bought: none is lost in a halt, none is bought twice."""
    market = hl.CrowdMarket(
        hl.GBM(95, 0.36), hl.LinearDepth(85.0), [SELLERS, BUYERS], hl.Halts(queue=True), 100.0, NIGHT
    )
    steps = walked(market, market.times(2 * DAY + HOUR, 900), n_paths=50)
    bought = np.sum([step.bought for step in steps], axis=0)
    open_again = np.ones(50, bool) if steps[-1].closed is None else ~steps[-1].closed
    insurers, buyers = steps[-1].traders
    assert -bought[0][open_again] == pytest.approx(insurers.sold[open_again], abs=1e-9)
    assert bought[1][open_again] == pytest.approx(buyers.bought[open_again], abs=1e-9)
    assert any(step.closed is not None for step in steps)


def test_insurers_never_sell_more_shares_than_they_have_however_deep_the_fall():
    """A share sold after a fall brings less, and is one share all the same."""
    insurers = hl.Insurers(75.0)
    market = hl.CrowdMarket(hl.GBM(97, 0.0), hl.LinearDepth(60.0), [insurers], reference=100.0)
    last = crowd.books(market, 5 * DAY, 1950).iloc[-1]
    sold, they_had = -last["insurers", "shares"], float(insurers.called(-50.0)) / 100
    fallen_to = np.log(0.97) - sold * 100 / 60.0
    assert 0.97 * they_had < sold < they_had
    assert sold * 100 == pytest.approx(float(insurers.called(fallen_to)), rel=1e-6)
    assert 100 * np.exp(fallen_to) * sold < last["insurers", "cash"] < 97 * sold
