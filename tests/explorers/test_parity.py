"""The browser's half of the explorers agrees with hedgelab, in Node and in Chromium."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import norm

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.assumptions import ASSUMPTIONS
from hedgelab.black_scholes import Greeks
from hedgelab.crowd import DAY
from hedgelab.explorers import (
    Assumptions,
    DeskDay,
    FiveQuotes,
    FlashCrash,
    FourInsurers,
    GammaTheta,
    GapSurvived,
    HowOften,
    LimitsInACrash,
    March2020,
    PriceOfCertainty,
    SmileFollows,
    Spiral,
    SplitOrder,
    TrainedElsewhere,
)
from hedgelab.explorers.how_often import REBALANCES
from hedgelab.explorers.shocks import Shown, normals, philox
from hedgelab.insurance import RealPut

SETS = 2000  # random parameter sets for each formula
SOME = 12  # random settings of an explorer
LAST = 2**31 - 1  # the largest number of shocks

# The formula.  Doubles end at 1e-308, with fewer and fewer digits from there down, and a Greek is a density times
# up to 1e9 (1 / spot, 1 / total volatility, d1**2 / expiry): below 1e-290 digits count no more.
VANISHING = 1e-290


def log_uniform(generator, low, high, size):
    return np.exp(generator.uniform(np.log(low), np.log(high), size))


@pytest.fixture(scope="module")
def options():
    """Kind, spot, strike, expiry, volatility, rate and dividend of each option, in columns."""
    generator = np.random.default_rng(19871019)
    spot = log_uniform(generator, 1, 1000, SETS)
    return {
        "kind": generator.choice(["call", "put"], SETS),
        "spot": spot,
        "strike": spot / log_uniform(generator, 0.3, 3, SETS),
        "expiry": log_uniform(generator, 1 / 365, 5, SETS),
        "volatility": log_uniform(generator, 0.02, 1.5, SETS),
        "rate": generator.uniform(-0.05, 0.15, SETS),
        "dividend": generator.uniform(-0.05, 0.15, SETS) * generator.integers(0, 2, SETS),  # every other has none
    }


def rows(columns):
    return [list(row) for row in zip(*(column.tolist() for column in columns.values()), strict=True)]


def sizes(greeks, kind, spot, strike, expiry, volatility, rate, dividend):
    """The size of each Greek: of itself where it is a product, of its terms where it is their sum.

    A sum that passes through zero has no digits there, on neither side; its terms have.  So have the two normal
    probabilities of a price, whose difference is all that an option far out of the money is worth.  With
    ``d = abs(ln(F / K)) / total + total / 2``, which is at least abs(d1) and abs(d2).
    """
    total = volatility * np.sqrt(expiry)
    d = abs(np.log(spot / strike) + (rate - dividend) * expiry) / total + total / 2
    density = greeks.vega / (spot * np.sqrt(expiry))
    held, paid = spot * abs(greeks.delta), abs(greeks.rho) / expiry
    carry = abs(rate - dividend)
    return Greeks(
        price=held + paid,
        delta=abs(greeks.delta),
        gamma=greeks.gamma,
        vega=greeks.vega,
        theta=abs(dividend) * held + abs(rate) * paid + spot * density * volatility / (2 * np.sqrt(expiry)),
        rho=abs(greeks.rho),
        vanna=density * d / volatility,
        volga=greeks.vega * d**2 / volatility,
        charm=abs(dividend * greeks.delta) + density * (carry / total + d / (2 * expiry)),
        speed=greeks.gamma / spot * (1 + d / total),
        zomma=greeks.gamma * (1 + d**2) / volatility,
        color=greeks.gamma * (abs(dividend) + carry * d / total + (1 + d**2) / (2 * expiry)),
    )


def test_prices_agree_to_1e_9_of_their_terms(javascript, options):
    expected = black_scholes.greeks(**options)
    error = abs(np.array(javascript("price", rows(options))) - expected.price)
    assert (error <= 1e-9 * sizes(expected, **options).price + VANISHING).all()


@pytest.mark.parametrize("greek", Greeks._fields)
def test_greeks_agree_to_1e_9_of_their_terms(javascript, options, greek):
    expected = black_scholes.greeks(**options)
    answer = np.array(javascript("greeks", rows(options))[greek], dtype=float)
    error = abs(answer - getattr(expected, greek))
    assert (error <= 1e-9 * getattr(sizes(expected, **options), greek) + VANISHING).all()


def test_a_hedgers_delta_agrees_to_the_rounding_of_a_share(javascript, options):
    """It is rounded to 4e-16 of a share on both sides: a smaller one is none, and no trade."""
    sign = np.where(options["kind"] == "call", 1.0, -1.0)
    expected = black_scholes.delta(sign, *list(options.values())[1:])
    assert np.array(javascript("delta", rows(options))) == pytest.approx(expected, rel=0, abs=2e-15)


def test_where_nothing_is_left_to_chance_price_and_delta_are_their_limits(javascript):
    """At expiry, and without volatility: in, out of and at the money, and where the forward is."""
    certain = [
        (kind, spot, 100.0, expiry, volatility, rate, dividend)
        for kind in ("call", "put")
        for spot in (50.0, 99.99, 100.0, 100.01, 200.0)
        for expiry, volatility in ((0.0, 0.2), (0.0, 0.0), (0.5, 0.0))
        for rate, dividend in ((0.0, 0.0), (0.05, 0.05), (0.05, 0.01), (-0.02, 0.03))
    ]
    columns = [np.array(column) for column in zip(*certain, strict=True)]
    expected = black_scholes.greeks(*columns, only=("price", "delta"))
    # a price is the difference of two amounts of up to 200
    assert np.array(javascript("price", certain)) == pytest.approx(expected.price, rel=0, abs=200 * 1e-15)
    assert np.array(javascript("delta", certain)) == pytest.approx(expected.delta, rel=0, abs=1e-15)
    at_the_kink = (columns[1] == 100) & ((columns[5] == columns[6]) | (columns[3] == 0))
    half = np.exp(-columns[6] * columns[3])[at_the_kink] / 2
    assert abs(np.array(javascript("delta", certain)))[at_the_kink] == pytest.approx(half, abs=1e-15)


# The normal distribution.  SciPy is good to 1e-14 near, and the rounding of z**2 / 2 = 684 at z = 37 is 6e-14 of
# the answer on either side; Hart's constants, of 15 digits, are good to 3e-13 up to where the fraction takes over.

Z = np.concatenate([np.linspace(-37, 8, 9001), [-0.0, 0.0, -1e-300]])


def test_the_normal_distribution_agrees_with_scipy_far_into_its_tail(javascript):
    answer = np.array(javascript("distribution", Z.tolist()), dtype=float)
    assert answer == pytest.approx(ndtr(Z), rel=1e-12, abs=0)


def test_the_normal_distribution_is_symmetric_and_ends_at_zero_and_one(javascript):
    far = [40.0, 1e3, 1e160, 1e308]
    z = [*np.linspace(0, 40, 4001).tolist(), *far]
    upper, lower = (np.array(javascript("distribution", side)) for side in (z, [-each for each in z]))
    assert (upper == 1 - lower).all()
    assert (np.diff(lower) <= 0).all()
    assert (lower[-3:] == 0).all()


def test_the_normal_density_agrees_with_scipy(javascript):
    answer = np.array(javascript("density", Z.tolist()))
    assert answer == pytest.approx(norm.pdf(Z), rel=1e-12, abs=0)


# Random numbers.

# Random123, tests/kat_vectors, philox4x32 of 10 rounds: counter, key, answer.
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text):
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_its_authors_known_answers_in_python(counter, key, answer):
    assert philox(words(counter), words(key)).tolist() == words(answer)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_its_authors_known_answers_in_javascript(javascript, counter, key, answer):
    assert javascript("philox", [{"counter": words(counter), "key": words(key)}]) == [words(answer)]


def test_philox_is_the_same_for_any_counter_and_key(javascript):
    generator = np.random.default_rng(4)
    counters, keys = (generator.integers(0, 2**32, (SETS, size)) for size in (4, 2))
    given = [{"counter": c, "key": k} for c, k in zip(counters.tolist(), keys.tolist(), strict=True)]
    expected = [philox(counter, key).tolist() for counter, key in zip(counters, keys, strict=True)]
    assert javascript("philox", given) == expected


def test_normal_numbers_are_the_same(javascript):
    """Every path has its own, any number of steps of them; logarithm and cosine may differ in their last digit."""
    places = [(1, 0, 252), (1, 1999, 252), (0, 7, 1), (LAST, 3, 63), (20240229, 12, 2), (5, 5, 3), (6, 0, 5)]
    answers = javascript("normals", [dict(zip(("seed", "path", "steps"), place, strict=True)) for place in places])
    for (seed, path, steps), answer in zip(places, answers, strict=True):
        assert answer == pytest.approx(normals(seed, steps, path + 1)[:, path], rel=1e-12, abs=1e-14)


def test_paths_are_the_same(javascript):
    generator = np.random.default_rng(5)
    for steps in (1, 2, 63, 252):
        volatility, drift, expiry = (
            generator.uniform(0.05, 1),
            generator.uniform(-0.2, 0.2),
            generator.uniform(0.1, 2),
        )
        seed = int(generator.integers(LAST))
        terms = {"spot": 100.0, "volatility": volatility, "drift": drift, "expiry": expiry, "steps": steps}
        market = Shown(spot=100, volatility=volatility, shocks=seed, drift=drift)
        expected = market.simulate(expiry=expiry, steps=steps, n_paths=5).spot
        answers = javascript("path", [{"seed": seed, "number": number, "terms": terms} for number in range(5)])
        assert pytest.approx(expected, rel=1e-12) == np.array(answers).T


def test_normal_numbers_have_the_moments_of_the_normal_distribution():
    """Mean, variance, skewness and kurtosis within four standard errors of 0, 1, 0 and 3."""
    sample = normals(seed=1, steps=252, n_paths=2000)
    deviations = [sample.mean(), (sample**2).mean() - 1, (sample**3).mean(), (sample**4).mean() - 3]
    # variances of x, x**2, x**3 and x**4: moments 1, 3 - 1, 15 and 105 - 9
    assert (np.abs(deviations) < 4 * np.sqrt(np.array([1, 2, 15, 96]) / sample.size)).all()


@pytest.mark.parametrize("power", [1, 2])
def test_normal_numbers_next_to_each_other_are_uncorrelated(power):
    """Neighbours in time, on paths and in seeds, their squares too, within four standard errors of zero."""
    sample, other = (normals(seed=seed, steps=252, n_paths=2000) ** power for seed in (1, 2))
    pairs = [(sample[:-1], sample[1:]), (sample[:, :-1], sample[:, 1:]), (sample, other)]
    for one, next_to_it in pairs:
        correlation = np.corrcoef(one.ravel(), next_to_it.ravel())[0, 1]
        assert abs(correlation) < 4 / np.sqrt(one.size)


# The walk.

COLUMNS = ("spot", "delta", "traded", "shares", "cost", "cash", "pnl")
NAMES = {"cost": "charge"}  # where the two sides have different ones


def random_policy(generator):
    """One clock in three, bands to the middle and to the edge."""
    to = ("clock", "middle", "edge")[generator.integers(3)]
    if to == "clock":
        return {"every": int(generator.integers(1, 8))}
    return {"halfWidth": generator.uniform(0.005, 0.3), "to": to}


def random_hedge(generator):
    """A setting as the JavaScript takes it: up to 63 steps of any length, on any path."""
    steps = int(log_uniform(generator, 1, 64, None))
    elapsed = np.cumsum(generator.uniform(0.2, 1, steps))
    times = np.append(0, elapsed / elapsed[-1]) * log_uniform(generator, 0.01, 2, None)
    moves = generator.uniform(0.05, 0.8) * np.sqrt(np.diff(times)) * generator.normal(size=steps)
    certain = generator.integers(20) == 0  # one hedger in twenty sees no risk
    return {
        "option": {"kind": ("call", "put")[generator.integers(2)], "strike": generator.uniform(70, 130)},
        "prices": (100 * np.exp(np.append(0, np.cumsum(moves)))).tolist(),
        "times": times.tolist(),
        "quantity": float(generator.choice([-1, 1]) * log_uniform(generator, 0.1, 1e5, None)),
        "volatility": 0.0 if certain else log_uniform(generator, 0.05, 1, None),
        "cost": generator.uniform(0, 0.01) * int(generator.integers(2)),
        "policy": random_policy(generator),
    }


def run_of(setting):
    policy = setting["policy"]
    return hl.hedge(
        hl.Option(**setting["option"], expiry=setting["times"][-1]),
        quantity=setting["quantity"],
        market=hl.Replay(setting["times"], setting["prices"]),
        volatility=setting["volatility"],
        policy=hl.Clock(policy["every"]) if "every" in policy else hl.DeltaBand(policy["halfWidth"], policy["to"]),
        cost=hl.ProportionalCost(setting["cost"]),
    )


@pytest.fixture(scope="module")
def hedges():
    """2,000 settings and their runs, and the ledgers of every other, which take longer."""
    generator = np.random.default_rng(1987)
    settings = [random_hedge(generator) for _ in range(SETS)]
    runs = [run_of(setting) for setting in settings]
    return settings, runs, [run.ledger() for run in runs[::2]]


@pytest.fixture(scope="module")
def walked(javascript, hedges):
    """What the JavaScript makes of the same settings."""
    settings, _, _ = hedges
    return javascript("hedges", settings)


def stakes(setting):
    """What an error is to be measured by: one share, all shares, and all shares at their dearest."""
    number = abs(setting["quantity"])
    amount = number * max(setting["prices"])
    return {"delta": 1.0, "traded": number, "shares": number, "cost": amount, "cash": amount, "pnl": amount}


@pytest.mark.parametrize("column", COLUMNS)
def test_the_books_agree_to_1e_8_of_what_is_at_stake(walked, hedges, column):
    for setting, answer, ledger in zip(hedges[0][::2], walked[::2], hedges[2], strict=True):
        error = abs(np.array(answer["books"][NAMES.get(column, column)], dtype=float) - ledger[column].to_numpy())
        assert (error <= 1e-8 * stakes(setting).get(column, 0.0)).all(), setting  # the spot is what it was told


def test_the_outcome_agrees_to_1e_8_of_what_is_at_stake(walked, hedges):
    for setting, answer, run in zip(hedges[0], walked, hedges[1], strict=True):
        outcome, stake = answer["outcome"], stakes(setting)["pnl"]
        assert outcome["pnl"] == pytest.approx(run.pnl[0], rel=0, abs=1e-8 * stake), setting
        assert outcome["cost"] == pytest.approx(run.cost[0], rel=0, abs=1e-8 * stake), setting


def test_the_number_of_trades_is_the_same(walked, hedges):
    """Also where delta is all but zero or one and a trade would be of 1e-13 shares: to both sides that is none."""
    expected = [int(run.trades[0]) for run in hedges[1]]
    assert [answer["outcome"]["trades"] for answer in walked] == expected
    assert [np.count_nonzero(answer["books"]["traded"]) for answer in walked] == expected


# What the explorers show.


@pytest.fixture(scope="module")
def explorers():
    """One of each, to be set; making one draws its picture, which takes long."""
    return {
        explorer: explorer()
        for explorer in (
            Assumptions,
            DeskDay,
            FiveQuotes,
            FlashCrash,
            FourInsurers,
            GammaTheta,
            GapSurvived,
            HowOften,
            LimitsInACrash,
            March2020,
            PriceOfCertainty,
            SmileFollows,
            Spiral,
            SplitOrder,
            TrainedElsewhere,
        )
    }


def put(explorer, settings):
    for name, value in settings.items():
        setattr(explorer, name, value)
    return explorer


def test_the_errors_of_2000_hedges_and_their_law_are_those_of_how_often(javascript, explorers):
    generator = np.random.default_rng(6)
    settings = [
        {
            "rebalances": int(generator.choice(REBALANCES)),
            "volatility": generator.uniform(0.1, 0.6),
            "charged": bool(generator.integers(2)),
            "shocks": int(generator.integers(LAST)),
        }
        for _ in range(SOME)
    ]
    answers = zip(settings, javascript("errors", settings), javascript("law", settings), strict=True)
    for setting, errors, law in answers:
        run = put(explorers[HowOften], setting).run()
        assert errors["pnl"] == pytest.approx(run.pnl, rel=0, abs=1e-8)  # an option is worth a few dollars
        assert errors["cost"] == pytest.approx(run.cost, rel=1e-9)
        assert errors["trades"] == run.trades.tolist()
        assert law == pytest.approx(explorers[HowOften].law(), rel=1e-9)


def test_each_days_gamma_theta_and_pnl_are_those_of_gamma_theta(javascript, explorers):
    generator = np.random.default_rng(7)
    settings = [
        {
            "implied": generator.uniform(0.05, 0.6),
            "realised": generator.uniform(0.05, 0.6),
            "shocks": int(generator.integers(LAST)),
        }
        for _ in range(SOME)
    ]
    for setting, answer in zip(settings, javascript("days", settings), strict=True):
        days = put(explorers[GammaTheta], setting).days()
        for name, expected in {"gamma": days.gamma, "theta": days.theta, "pnl": days.pnl.cumsum()}.items():
            assert answer[name] == pytest.approx(expected.to_numpy(), rel=1e-9, abs=1e-6)  # of a thousand options


def test_the_fund_and_the_gap_it_survives_are_those_of_gap_survived(javascript, explorers):
    generator = np.random.default_rng(9)
    settings = [
        {
            "method": method,
            "multiplier": generator.uniform(1, 10),
            "gap": generator.uniform(0, 0.4) * int(generator.integers(4) > 0),
            "day": int(generator.integers(63)),
            "volatility": generator.uniform(0, 0.6),
            "believes": generator.uniform(0.05, 0.6),
            "shocks": int(generator.integers(LAST)),
        }
        for method in ("replica", "cppi") * (SOME // 2)
    ]
    for setting, answer in zip(settings, javascript("fund", settings), strict=True):
        shown = put(explorers[GapSurvived], setting)
        days = shown.fund()
        assert answer["worth"] == pytest.approx(days.worth.to_numpy(), rel=1e-9)
        assert answer["shares"] == pytest.approx(days.shares.to_numpy(), rel=1e-9, abs=1e-9)
        clear = abs(days.worth - 90).to_numpy() > 1e-9  # the last crumb of a cushion may be there or not
        assert np.array(answer["survives"])[clear] == pytest.approx(days.survives.to_numpy()[clear], abs=1e-8)
        assert answer["insured"] == pytest.approx(shown.fund(RealPut()).worth.to_numpy(), rel=1e-9)


def test_the_program_and_its_price_are_those_of_flash_crash(javascript, explorers):
    generator = np.random.default_rng(18)
    settings = [
        {
            "share": generator.uniform(0, 0.15) if k % 3 else 0.09,
            "limit": generator.uniform(1_000, 30_000) if k % 2 else 7_000,
            "stop": stop,
            "frees": generator.uniform(0, 1),
            "delay": generator.uniform(5, 180),
            "passing": bool(generator.integers(4)),
            "thins": bool(generator.integers(4)),
            "shocks": int(generator.integers(LAST)),
        }
        for k, stop in enumerate(("none", "five", "sixty") * (SOME // 3))
    ]
    for setting, answer in zip(settings, javascript("crashed", settings), strict=True):
        shown = put(explorers[FlashCrash], setting)
        sale, numbers = shown.sale(), shown.numbers()
        for name in ("price", "sold", "held", "minute"):
            there = getattr(sale, name)[:, 0]
            assert answer[name] == pytest.approx(there, rel=1e-9, abs=1e-9 * max(1, there.max()))
        assert answer["numbers"] == pytest.approx(numbers, rel=1e-9, abs=1e-9)


def test_the_losses_of_a_thousand_months_are_those_of_assumptions(javascript, explorers):
    generator = np.random.default_rng(20)
    asked = [
        {
            "settings": {
                "jump": generator.uniform(0, 0.12),
                "gain": generator.uniform(0, 0.3) * int(generator.integers(4) > 0),
                "shocks": int(generator.integers(LAST)),
            },
            "broken": {name: bool(generator.random() < part) for name in ASSUMPTIONS},
        }
        for part in (0.0, 0.2, 0.5, 0.5, 0.8, 1.0)
    ]
    for one, losses in zip(asked, javascript("assumed", asked), strict=True):
        shown = put(explorers[Assumptions], one["settings"] | one["broken"])
        assert np.array(losses) == pytest.approx(shown.losses(), rel=1e-9, abs=1e-6)  # of a thousand options


def test_the_afternoon_of_a_desk_is_that_of_desk_day(javascript, explorers):
    generator = np.random.default_rng(10)
    settings = [
        {
            "late": int(generator.choice([0, 10, 20, 30, 60, 120, 300, 600])),
            "bad": generator.uniform(0, 0.02),
            "wrong": wrong,
            "gate": bool(generator.integers(2)),
            "band": generator.uniform(0, 5_000),
            "shocks": int(generator.integers(LAST)),
        }
        for wrong in ("ten", "five") * (SOME // 2)
    ]
    settings.append(settings[0] | {"bad": 0.02, "gate": True, "shocks": 1})
    for setting, answer in zip(settings, javascript("afternoon", settings), strict=True):
        day = put(explorers[DeskDay], setting).afternoon()
        assert answer["spoilt"] == day.spoilt.tolist()
        assert answer["used"] == day.used.tolist()
        for name in ("shares", "perfect"):
            assert answer[name] == pytest.approx(day[name].to_numpy(), rel=1e-9, abs=1e-6), setting
        for name in ("pnl", "perfect_pnl"):  # of a book of some 100,000 dollars and shares of up to 5 million
            assert answer[name] == pytest.approx(day[name].to_numpy(), rel=1e-9, abs=1e-5), setting


def test_a_desk_with_its_loss_limit_and_one_without_are_those_of_limits_in_a_crash(javascript, explorers):
    generator = np.random.default_rng(13)
    settings = [
        {
            "back": generator.uniform(-1, 1),
            "loss": generator.uniform(1e4, 2e5),
            "does": does,
            "falls": generator.uniform(0, 0.2),
            "delta": generator.uniform(0, 6e4) * int(generator.integers(2)),
            "leaves": generator.uniform(0, 0.95),
            "shocks": int(generator.integers(LAST)),
            "volatility": generator.uniform(0, 0.8),
        }
        for does in ("halt", "close") * (SOME // 2)
    ]
    stopped = 0
    for setting, answer in zip(settings, javascript("limited", settings), strict=True):
        shown = put(explorers[LimitsInACrash], setting)
        assert answer["spots"] == pytest.approx(shown.spots(), rel=1e-12)
        for name in ("limited", "free"):
            day, other = shown.day(name == "limited"), answer[name]
            assert other["stopped"] == day.stopped
            assert other["profit"] == pytest.approx(day.profit, rel=1e-9, abs=1e-6)  # of options worth a million
            assert other["held"] == pytest.approx(day.shares, rel=1e-9, abs=1e-6)
            assert other["paid"] == pytest.approx(day.paid, rel=1e-9)
            stopped += day.stopped is not None
    assert 0.2 * SOME < stopped < SOME


def test_without_costs_and_with_no_delta_left_open_the_desk_of_limits_in_a_crash_is_that_of_hedge(monkeypatch):
    from hedgelab.explorers import limits_in_a_crash as module

    monkeypatch.setattr(module, "SPREAD", 0.0)
    shown = LimitsInACrash(shocks=5, back=0.4)
    times = np.arange(module.STEPS + 1) / module.STEPS / 252
    sold = {hl.Option(kind, 100, module.DAYS / 252): -module.NUMBER for kind in ("call", "put")}
    run = hl.hedge(sold, market=hl.Replay(times, shown.spots()), volatility=module.IMPLIED, horizon=1 / 252)
    assert shown.day(False).profit == pytest.approx(run.ledger().pnl.to_numpy(), abs=1e-5)


def test_the_path_and_the_days_of_a_desk_are_those_of_march_2020(javascript, explorers):
    shown = explorers[March2020]
    controls = shown.controls()
    generator = np.random.default_rng(14)
    settings = [
        {
            "day": int(generator.integers(42)),
            "expiry": int(generator.choice(controls["expiry"].values)),
            "hedges": int(generator.choice(controls["hedges"].values)),
            "tremble": generator.uniform(0, 2) * int(generator.integers(4) > 0),
            "shocks": int(generator.integers(LAST)),
            "level": generator.uniform(0.5, 2),
        }
        for _ in range(4 * SOME)
    ]
    settings[0] |= {"day": 41, "expiry": 1}
    settings[1] |= {"day": 41, "expiry": 21}
    answers = javascript("march", {"data": shown.data(), "settings": settings})
    for setting, answer in zip(settings, answers, strict=True):
        desk = put(shown, setting)
        assert answer["path"] == pytest.approx(desk.path(), rel=1e-12)
        assert answer["end"] == desk.end
        assert answer["pnl"] == pytest.approx(desk.days(), rel=1e-9, abs=1e-8)  # of a premium of 100
        assert answer["numbers"] == pytest.approx(desk.numbers(), rel=1e-9, abs=1e-8)


def test_a_desk_that_hedges_at_closes_in_march_2020_is_that_of_hedge():
    from hedgelab.explorers import march_2020 as module

    closes, vix = (module.record()[name].to_numpy() for name in ("close", "vix"))
    days = np.zeros(62)
    for sold in range(3, module.LAST_SALE + 1, 5):
        spots = closes[sold : sold + 6]
        straddle = {hl.Option(kind, spots[0], 5 / 252): -1.0 for kind in ("call", "put")}
        run = hl.hedge(straddle, market=hl.Replay(np.arange(6) / 252, spots), volatility=vix[sold])
        days[sold : sold + 5] += np.diff(run.ledger().pnl) * -100 / run.ledger().option.iloc[0]
    assert March2020(day=3).days() == pytest.approx(days, abs=1e-9)


def test_the_smile_its_density_and_the_lists_own_spreads_are_those_of_five_quotes(javascript, explorers):
    generator = np.random.default_rng(11)
    names = list(FiveQuotes.controls())
    given = [generator.uniform(0.1, 0.9, 5) for _ in range(SOME)]  # which contradict one another
    given += [np.exp(generator.normal(np.log([0.32, 0.26, 0.2, 0.17, 0.26]), 0.05)) for _ in range(SOME)]
    given += [np.full(5, 0.2), np.array([0.3, 0.2, 0.1, 0.2, 0.3]), np.array([0.2, 0.2, 0.3, 0.2, 0.2])]  # ties
    strikes = np.linspace(60, 160, 41)
    asked = [{"quotes": quotes.tolist(), "strikes": strikes.tolist()} for quotes in given]
    for quotes, answer in zip(given, javascript("five_quotes", asked), strict=True):
        shown = put(explorers[FiveQuotes], dict(zip(names, quotes.tolist(), strict=True)))
        smile, k = shown.smile(), np.log(strikes / 100)
        for name, value in answer["smile"].items():
            assert value == pytest.approx(getattr(smile, name), rel=1e-9, abs=1e-12)
        assert answer["volatility"] == pytest.approx(smile.volatility(k), rel=1e-9)
        assert answer["g"] == pytest.approx(smile.g(k), rel=1e-9, abs=1e-9)
        assert answer["density"] == pytest.approx(smile.density(k) / strikes, rel=1e-9, abs=1e-12)
        assert answer["listed"] == pytest.approx([each.price for each in shown.listed()], rel=1e-9, abs=1e-9)


def test_the_four_deltas_and_what_they_make_are_those_of_smile_follows(javascript, explorers):
    generator = np.random.default_rng(12)
    settings = [
        {
            "move": generator.uniform(-0.1, 0.1),
            "follows": generator.uniform(-2, 2),
            "skew": generator.uniform(-0.06, 0.03),
            "strike": generator.uniform(85, 115),
            "level": generator.uniform(0.15, 0.6),
            "months": int(generator.integers(1, 25)),
        }
        for _ in range(20 * SOME)
    ]
    for setting, answer in zip(settings, javascript("smiles", settings), strict=True):
        numbers = put(explorers[SmileFollows], setting).numbers()
        assert answer == pytest.approx(numbers, rel=1e-9, abs=1e-8)  # dollars, of thousands


def test_what_is_learned_and_gained_is_that_of_trained_elsewhere(javascript, explorers):
    shown = explorers[TrainedElsewhere]
    controls = shown.controls()
    generator = np.random.default_rng(13)

    def drawn():
        setting = {
            name: str(generator.choice(list(controls[name].options))) for name in ("learner", "learned", "used")
        }
        setting |= {"days": int(generator.choice(controls["days"].values)), "draw": int(generator.integers(1, 21))}
        return setting | {name: generator.uniform(-0.15, 0.15) for name in ("low", "middle", "high")}

    settings = [drawn() for _ in range(20 * SOME)]
    answers = javascript("elsewhere", {"data": shown.data(), "settings": settings})
    for setting, answer in zip(settings, answers, strict=True):
        assert answer == pytest.approx(put(shown, setting).numbers(), rel=1e-9, abs=1e-9)


def test_risk_cost_and_trades_are_those_of_price_of_certainty(javascript, explorers):
    generator = np.random.default_rng(8)
    settings = [
        {
            "cost": generator.uniform(0, 0.01),
            "policy": policy,
            "every": int(generator.integers(1, 22)),
            "half_width": generator.uniform(0.01, 0.3),
            "shocks": int(generator.integers(LAST)),
        }
        for policy in ("clock", "band") * (SOME // 2)
    ]
    settings[0]["every"] = 1  # the clock that trades on each of the last days, where delta is zero or one
    given = [each | {"width": each["every" if each["policy"] == "clock" else "half_width"]} for each in settings]
    for setting, answer in zip(settings, javascript("point", given), strict=True):
        numbers = put(explorers[PriceOfCertainty], setting).numbers()
        assert answer == pytest.approx(numbers, rel=1e-9)


def test_what_five_funds_are_worth_each_day_is_that_of_four_insurers(javascript, explorers):
    generator = np.random.default_rng(9)
    settings = [
        {
            "floor": generator.uniform(0.7, 1),
            "multiplier": generator.uniform(1, 10),
            "volatility": generator.uniform(0.05, 0.5),
            "shocks": int(generator.integers(LAST)),
            "drift": generator.uniform(-0.3, 0.3),
            "believed": generator.uniform(0.05, 0.5),
            "borrow": bool(generator.integers(2)),
        }
        for _ in range(SOME)
    ]
    books = [put(explorers[FourInsurers], setting).books() for setting in settings]
    given = [
        {"prices": each["holding"].spot.tolist(), "rate": 0.03, "horizon": 1.0} | setting
        for each, setting in zip(books, settings, strict=True)
    ]
    for each, answer in zip(books, javascript("insured", given), strict=True):
        for name, ledger in each.items():
            assert answer[name]["wealth"] == pytest.approx(ledger.wealth.to_numpy(), rel=1e-9), name
            shares = ledger.exposure.to_numpy()[:-1]
            assert answer[name]["share"] == pytest.approx(shares, rel=1e-9, abs=1e-9), name
        assert answer["floor"] == pytest.approx(each["put"].floor.to_numpy(), rel=1e-12)


def test_a_crowds_day_is_that_of_spiral(javascript, explorers):
    generator = np.random.default_rng(9)
    settings = [
        {
            "insured": generator.uniform(0, 150),
            "impact": generator.uniform(0.0002, 0.03),
            "delay": generator.uniform(0.25, 16),
            "breakers": breakers,
            "shocks": int(generator.integers(LAST)),
            "news": generator.uniform(0, 0.06),
            "taken": generator.uniform(0, 40),
            "hidden": generator.uniform(0.1, 1),
        }
        for breakers in ("none", "halts", "queue", "pace") * SOME
    ]
    for setting, answer in zip(settings, javascript("crowded", settings), strict=True):
        spiral = put(explorers[Spiral], setting)
        for name, each in {"prices": spiral.market(), "alone": spiral.alone()}.items():
            assert answer[name] == pytest.approx(each.simulate(DAY, 390, 1).spot[:, 0], rel=1e-9), setting
        for name, number in spiral.numbers().items():
            assert answer[name] == pytest.approx(number, rel=1e-8, abs=1e-9), (name, setting)


def test_parts_and_costs_of_an_order_are_those_of_split_order(javascript, explorers):
    generator = np.random.default_rng(15)
    settings = [
        {
            "shares": generator.uniform(100, 21_500),
            "venue": str(generator.choice(list("ABCDE"))),
            "deeper": generator.uniform(0.2, 5),
            "dearer": generator.uniform(-1.5, 1.5),
            "shows": generator.choice([1.0, generator.uniform(1, 5)]),
            "away": generator.uniform(0, 1),
        }
        for _ in range(10 * SOME)
    ]
    plain = {"venue": "D", "deeper": 1.0, "dearer": 0.0, "shows": 1.0, "away": 0.0}
    settings += [{"shares": shares, **plain} for shares in (100.0, 200.0, 10_000.0, 21_500.0)]
    settings += [plain | {"shares": 21_500.0, "venue": "C", "shows": 3.0}]
    for setting, answer in zip(settings, javascript("split_orders", settings), strict=True):
        shown = put(explorers[SplitOrder], setting)
        split, _, _ = shown.done("route", setting["shares"])
        assert answer["parts"] == pytest.approx(split.shares, rel=1e-9, abs=1e-6)
        for name, value in shown.numbers().items():
            assert answer["numbers"][name] == pytest.approx(value, rel=1e-9, abs=1e-6), (name, setting)
