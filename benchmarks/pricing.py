"""(a) The price and four Greeks of many options: delta, gamma, vega and theta."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from benchmarks.harness import Contender, Job, Table, halves, joined

FIVE = ("price", "delta", "gamma", "vega", "theta")


class Calls(NamedTuple):
    spot: np.ndarray
    strike: np.ndarray
    expiry: np.ndarray
    volatility: np.ndarray
    rate: float = 0.02


def calls(size: int) -> Calls:
    """Calls of all the usual sorts, each with a spot of its own."""
    low, high = np.array([[80.0, 60.0, 0.02, 0.05], [120.0, 160.0, 3.0, 0.8]])
    return Calls(*np.random.default_rng(1).uniform(low, high, (size, 4)).T.copy())


def textbook(spot, strike, expiry, volatility, rate):
    """The formula as it stands in a book, with `scipy.stats.norm`."""
    root = np.sqrt(expiry)
    d1 = (np.log(spot / strike) + (rate + volatility**2 / 2) * expiry) / (volatility * root)
    d2 = d1 - volatility * root
    bond = strike * np.exp(-rate * expiry)
    price = spot * norm.cdf(d1) - bond * norm.cdf(d2)
    gamma = norm.pdf(d1) / (spot * volatility * root)
    vega = spot * norm.pdf(d1) * root
    theta = -spot * norm.pdf(d1) * volatility / (2 * root) - rate * bond * norm.cdf(d2)
    return price, norm.cdf(d1), gamma, vega, theta


def in_numpy(function, p: Calls, threads: int) -> Job:
    """A function of arrays; on two threads, on two halves of them."""
    return Job(lambda: halves(lambda *columns: function(*columns, p.rate), p[:4], threads), joined)


def hedgelab(p: Calls, threads: int, only=FIVE) -> Job:
    from hedgelab.black_scholes import greeks

    run = in_numpy(partial(greeks, "call", **({"only": only} if only else {})), p, threads).run
    return Job(run, lambda parts: joined([[getattr(part, name) for name in FIVE] for part in parts]))


def fast_vollib(p: Calls, threads: int, backend: str) -> Job:
    """Two functions, one of them for delta, gamma, theta, rho and vega; vega per point and theta per day."""
    from fast_vollib import fast_black_scholes, get_all_greeks

    def run(spot, strike, expiry, volatility, rate):
        terms = ("c", spot, strike, expiry, rate, volatility)
        greeks = get_all_greeks(*terms, backend=backend, return_as="dict")
        price = fast_black_scholes(*terms, backend=backend, return_as="numpy")
        return price, *(greeks[name] for name in FIVE[1:])

    run_all = in_numpy(run, p, threads if backend == "numpy" else 1).run  # the others have threads of their own
    return Job(run_all, lambda parts: joined(parts) * np.array([1, 1, 1, 100, 365])[:, None])


def pfhedge(p: Calls, threads: int) -> Job:
    """It knows no rate: it is given the discounted strike, and theta what is missing."""
    import torch
    from pfhedge.nn import BSEuropeanOption

    torch.set_num_threads(threads)
    spot, strike, expiry, volatility = map(torch.from_numpy, p[:4])

    def run():
        bond = strike * torch.exp(-p.rate * expiry)
        it, terms = BSEuropeanOption(strike=bond), (torch.log(spot / bond), expiry, volatility)
        price, delta, theta = it.price(*terms), it.delta(*terms), it.theta(*terms)
        return price, delta, it.gamma(*terms), it.vega(*terms), theta - p.rate * (spot * delta - price)

    return Job(run, lambda five: np.stack([each.numpy() for each in five]))


def quantlib(p: Calls, threads: int) -> Job:
    import QuantLib as ql

    def one(spot, strike, expiry, volatility):
        discount, payoff = np.exp(-p.rate * expiry), ql.PlainVanillaPayoff(ql.Option.Call, strike)
        it = ql.BlackCalculator(payoff, spot / discount, volatility * np.sqrt(expiry), discount)
        return it.value(), it.delta(spot), it.gamma(spot), it.vega(expiry), it.theta(spot, expiry)

    rows = np.stack(p[:4], axis=1).tolist()
    return Job(lambda: [one(*row) for row in rows], np.transpose)


def financepy(p: Calls, threads: int) -> Job:
    """Its normal distribution is good to six decimals."""
    from financepy.models import black_scholes_analytic as bs
    from financepy.utils.global_types import OptionTypes

    def run(spot, strike, expiry, volatility, rate):
        terms = (spot, expiry, strike, rate, 0.0, volatility, OptionTypes.EUROPEAN_CALL.value)
        return [function(*terms) for function in (bs.european_value, bs.delta, bs.gamma, bs.vega, bs.theta)]

    return in_numpy(run, p, threads)


def figures(p: Calls, results: np.ndarray) -> dict[str, float]:
    expected = np.array(textbook(*p))
    return {"difference": (np.abs(results - expected) / np.abs(expected).max(axis=1, keepdims=True)).max()}


TABLE = Table(
    title="price and four Greeks of {size:,} calls",
    unit="ns per option",
    sizes=(1_000_000, 100_000),
    problem=calls,
    units=lambda p: p.spot.size,
    contenders=(
        Contender("hedgelab", hedgelab, ("hedgelab",)),
        Contender("hedgelab, all 11 Greeks", partial(hedgelab, only=()), ("hedgelab",)),
        Contender("textbook, scipy.stats.norm", partial(in_numpy, textbook), ("scipy",)),
        *(
            Contender(f"fast-vollib, {backend}", partial(fast_vollib, backend=backend), ("fast_vollib", backend))
            for backend in ("numpy", "numba", "torch", "jax")
        ),
        Contender("pfhedge", pfhedge, ("pfhedge", "torch")),
        Contender("FinancePy", financepy, ("financepy",)),
        Contender("QuantLib, loop", quantlib, ("QuantLib",), share=0.02, threads=(1,)),
    ),
    figures=figures,
    agree=lambda ours, theirs: theirs["difference"] < 1e-5,
    columns={"difference": ".1e"},
    notes="difference: from the textbook's numbers, as a share of the largest.",
)
