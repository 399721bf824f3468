"""(b) The volatility implied by many prices, a quarter of them extreme."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from benchmarks.harness import Contender, Job, Table, halves, joined


class Prices(NamedTuple):
    price: np.ndarray
    is_call: np.ndarray
    spot: np.ndarray
    strike: np.ndarray
    expiry: np.ndarray
    rate: float
    volatility: np.ndarray
    invertible: np.ndarray

    def columns(self, call, put) -> tuple[np.ndarray, ...]:
        """What all solvers are told, the kind in their own words."""
        return self.price, np.where(self.is_call, call, put), self.spot, self.strike, self.expiry


def prices(size: int) -> Prices:
    """Calls and puts, in and out of the money; the extreme ones from days to decades, far away, calm or wild."""
    rng = np.random.default_rng(1)
    extreme = rng.random(size) < 0.25

    def between(usual: tuple[float, float], limits: tuple[float, float]) -> np.ndarray:
        low, high = np.where(extreme, np.log(limits)[:, None], np.log(usual)[:, None])
        return np.exp(rng.uniform(low, high))

    spot, rate = np.full(size, 100.0), 0.03
    strike = between((50, 200), (1, 10_000))
    expiry = between((7 / 365, 3), (1 / 365, 30))
    volatility = between((0.05, 1), (0.01, 5))
    is_call = rng.random(size) < 0.5

    bond, total = strike * np.exp(-rate * expiry), volatility * np.sqrt(expiry)
    d1 = np.log(spot / bond) / total + total / 2
    side = np.where(bond >= spot, 1.0, -1.0)  # that of the option out of the money, whose price keeps its digits
    outside = np.maximum(side * (spot * ndtr(side * d1) - bond * ndtr(side * (d1 - total))), 0)
    intrinsic = np.maximum(np.where(is_call, spot - bond, bond - spot), 0)
    price = outside + intrinsic

    # a price tells the volatility to nine digits if its own last digit is worth less than that
    digit = np.spacing(price) / (spot * norm.pdf(d1) * np.sqrt(expiry) + 1e-300)
    inside = (price > intrinsic + 1e-300) & (price < np.where(is_call, spot, bond))  # ndtr has no digits below
    return Prices(price, is_call, spot, strike, expiry, rate, volatility, inside & (digit < 1e-9 * volatility))


def hedgelab(p: Prices, threads: int) -> Job:
    from hedgelab.black_scholes import implied_volatility

    columns = p.columns("call", "put")
    return Job(lambda: halves(lambda *each: implied_volatility(*each, p.rate), columns, threads), joined)


def bisection(p: Prices, threads: int) -> Job:
    """Fifty halvings of a bracket, all prices at once."""

    def value(volatility, is_call, spot, bond, root):
        total = volatility * root
        d1 = np.log(spot / bond) / total + total / 2
        call = spot * norm.cdf(d1) - bond * norm.cdf(d1 - total)
        return np.where(is_call, call, call - spot + bond)

    def run(price, is_call, spot, strike, expiry):
        low, high = np.full(price.shape, 1e-4), np.full(price.shape, 20.0)
        for _ in range(50):
            middle = (low + high) / 2
            above = value(middle, is_call, spot, strike * np.exp(-p.rate * expiry), np.sqrt(expiry)) > price
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return (low + high) / 2

    return Job(lambda: halves(run, p.columns(True, False), threads), joined)


def fast_vollib(p: Prices, threads: int, solver: str) -> Job:
    """Two solvers: what the library uses (Halley's method, then bisection), and its "Let's Be Rational"."""
    function = import_module(f"fast_vollib.{solver}_backend").implied_volatility

    def run(price, kind, spot, strike, expiry):
        rate = np.full(price.shape, p.rate)
        return function("black_scholes", price, spot, strike, expiry, rate, kind, on_error="ignore")

    return Job(lambda: halves(run, p.columns("c", "p"), threads if solver == "backends.numpy" else 1), joined)


def loop(function, p: Prices, call, put) -> Job:
    """A function of one price; where it finds nothing and says so, the volatility is NaN."""

    def safely(*terms):
        try:
            return np.float64(function(*terms) or np.nan)
        except (ValueError, RuntimeError, ArithmeticError):
            return np.nan

    rows = list(zip(*(column.tolist() for column in p.columns(call, put)), strict=True))
    return Job(lambda: [safely(*row) for row in rows])


def quantlib(p: Prices, threads: int) -> Job:
    import QuantLib as ql

    def one(price, kind, spot, strike, expiry):
        discount = np.exp(-p.rate * expiry)
        return ql.blackFormulaImpliedStdDev(kind, strike, spot / discount, price, discount) / np.sqrt(expiry)

    return loop(one, p, ql.Option.Call, ql.Option.Put)


def financepy(p: Prices, threads: int) -> Job:
    from financepy.models.black_scholes_analytic import implied_volatility
    from financepy.utils.global_types import OptionTypes

    def one(price, kind, spot, strike, expiry):
        return implied_volatility(spot, expiry, strike, p.rate, 0.0, price, kind)

    return loop(one, p, OptionTypes.EUROPEAN_CALL.value, OptionTypes.EUROPEAN_PUT.value)


def figures(p: Prices, results: np.ndarray) -> dict[str, float]:
    """How many invertible prices were not inverted to four digits, and the largest error of those that were."""
    error = np.abs(results / p.volatility - 1)[p.invertible]
    found = error < 1e-4
    shares = {"invertible": p.invertible.mean(), "failures": 1 - found.mean()}
    return shares | {"largest error": error[found].max(), "typical error": np.nanmedian(error)}


TABLE = Table(
    title="implied volatility of {size:,} prices, a quarter of them extreme",
    unit="ns per price",
    sizes=(1_000_000, 100_000),
    problem=prices,
    units=lambda p: p.price.size,
    contenders=(
        Contender("hedgelab", hedgelab, ("hedgelab",)),
        Contender("bisection, scipy.stats.norm", bisection, ("scipy",), share=0.1),
        *(
            Contender(f"fast-vollib {name}", partial(fast_vollib, solver=solver), ("fast_vollib", package))
            for name, solver, package in (
                ("Halley, numpy", "backends.numpy", "numpy"),
                ("Halley, numba", "backends.numba", "numba"),
                ("Jäckel, numba", "jackel.numpy", "numba"),  # its NumPy one uses Numba where that is installed
                ("Jäckel, torch", "jackel.torch", "torch"),
                ("Jäckel, jax", "jackel.jax", "jax"),
            )
        ),
        Contender("QuantLib, loop", quantlib, ("QuantLib",), share=0.05, threads=(1,)),
        Contender("FinancePy, loop", financepy, ("financepy",), share=0.002, threads=(1,)),
    ),
    figures=figures,
    agree=lambda ours, theirs: theirs["typical error"] < 1e-4,
    columns={"invertible": ".1%", "failures": ".4%", "largest error": ".1e"},
    notes="""\
invertible: prices whose last digit is worth less than 1e-9 of the volatility, so that they tell it to nine digits.
failures: of the invertible ones, those not inverted to 1e-4.  largest error: relative, of those that were.""",
)
