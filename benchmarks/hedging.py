"""(c) A call sold and delta-hedged at every step, with a proportional cost: P&L of many paths."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import norm

from benchmarks.harness import Contender, Job, Table, at_once, joined, moments, same_moments
from benchmarks.paths import SIGMA, SPOT, quantlib_paths
from benchmarks.pricing import textbook


class Hedge(NamedTuple):
    """The cost is a share of what is traded, the first purchase included, the last sale not."""

    n_paths: int
    steps: int = 252
    spot: float = SPOT
    strike: float = 105.0
    expiry: float = 1.0
    volatility: float = SIGMA
    cost: float = 0.001

    @property
    def premium(self) -> float:
        return float(textbook(self.spot, self.strike, self.expiry, self.volatility, 0.0)[0])


def hedgelab(p: Hedge, threads: int) -> Job:
    import hedgelab as hl

    option, market = hl.Option("call", p.strike, p.expiry), hl.GBM(p.spot, p.volatility)
    terms = {
        "market": market,
        "steps": p.steps,
        "volatility": p.volatility,
        "cost": hl.ProportionalCost(p.cost),
        "seed": 1,
    }

    def run(n_paths: int, **how: int) -> Any:
        with hl.computing(workers=threads, **how):
            return hl.hedge(option, n_paths=n_paths, **terms).pnl

    if threads > 1:  # start the processes
        run(1000 * threads, block_size=1000)
    return Job(lambda: run(p.n_paths))


def full_matrix(p: Hedge, threads: int) -> Job:
    """The obvious way: every path at every date in one matrix.  It returns what a `HedgeRun` holds."""

    def run(seed, n_paths):
        dt = p.expiry / p.steps
        shocks = np.random.default_rng(seed).standard_normal((n_paths, p.steps))
        growth = -(p.volatility**2) / 2 * dt + p.volatility * np.sqrt(dt) * shocks
        spot = p.spot * np.exp(np.cumsum(growth, axis=1))
        spot = np.hstack([np.full((n_paths, 1), p.spot), spot])

        total = p.volatility * np.sqrt(p.expiry - dt * np.arange(p.steps))
        delta = norm.cdf(np.log(spot[:, :-1] / p.strike) / total + total / 2)
        traded = np.diff(delta, axis=1, prepend=0.0)
        paid = (traded * spot[:, :-1]).sum(axis=1)
        cost = (p.cost * np.abs(traded) * spot[:, :-1]).sum(axis=1)
        payoff = np.maximum(spot[:, -1] - p.strike, 0)
        pnl = p.premium - paid - cost + delta[:, -1] * spot[:, -1] - payoff
        return pnl, cost, (traded != 0).sum(axis=1)

    parts = [(seed, -(-p.n_paths // threads)) for seed in range(threads)]
    return Job(lambda: at_once(run, parts, threads), lambda done: joined([pnl for pnl, _, _ in done]))


def pfhedge(p: Hedge, threads: int, precision: str) -> Job:
    import torch
    from pfhedge.instruments import BrownianStock, EuropeanOption
    from pfhedge.nn import BlackScholes, Hedger

    torch.set_num_threads(threads)
    stock = BrownianStock(p.volatility, 0.0, p.cost, p.expiry / p.steps, dtype=getattr(torch, precision))
    option = EuropeanOption(stock, strike=p.strike, maturity=p.expiry)
    model = BlackScholes(option)
    hedger = Hedger(model, model.inputs())

    @torch.no_grad()
    def run():
        option.simulate(p.n_paths, init_state=(p.spot,))
        return p.premium + hedger.compute_pl(option)

    return Job(run, lambda pnl: pnl.double().numpy())


def financepy(p: Hedge, threads: int) -> Job:
    """It charges the last sale too: that is given back, to have the same P&L."""
    from financepy.models.black_scholes_hedging_sim import simulate_hedge_paths
    from financepy.utils.global_types import OptionTypes

    terms = (p.n_paths, 1, OptionTypes.EUROPEAN_CALL.value, p.spot, p.strike, 0.0, 0.0, p.volatility, p.volatility)
    run = partial(simulate_hedge_paths, *terms, p.expiry, p.steps, 0.0, p.cost, seed=1)
    return Job(run, lambda a: a.hedging_errors + p.cost * a.terminal_stock_prices * (a.option_payoffs > 0))


def quantlib(p: Hedge, threads: int) -> Job:
    """Its paths and its deltas, the books kept in a loop."""
    import QuantLib as ql

    payoff = ql.PlainVanillaPayoff(ql.Option.Call, p.strike)
    left = (p.volatility * np.sqrt(p.expiry * (1 - np.arange(p.steps) / p.steps))).tolist()

    def one(prices: list[float]) -> float:
        cash, held = p.premium, 0.0
        for price, total in zip(prices, left, strict=False):
            delta = ql.BlackCalculator(payoff, price, total).delta(price)
            cash -= (delta - held) * price + p.cost * abs(delta - held) * price
            held = delta
        return cash + held * prices[-1] - max(prices[-1] - p.strike, 0.0)

    return Job(lambda: [one(list(path)) for path in quantlib_paths("GBM", p.n_paths, p.steps)])


TABLE = Table(
    title="a hedge on {size:,} paths of 252 steps, cost 10 bp",
    unit="ns per path-step",
    sizes=(100_000, 20_000),
    problem=Hedge,
    units=lambda p: p.n_paths * p.steps,
    contenders=(
        Contender("hedgelab", hedgelab, ("hedgelab",)),
        Contender("full matrix, scipy.stats.norm", full_matrix, ("scipy",)),
        Contender("pfhedge, float32", partial(pfhedge, precision="float32"), ("pfhedge", "torch")),
        Contender("pfhedge, float64", partial(pfhedge, precision="float64"), ("pfhedge", "torch")),
        Contender("FinancePy", financepy, ("financepy",), threads=(1,)),
        Contender("QuantLib, loop", quantlib, ("QuantLib",), share=0.01, threads=(1,)),
    ),
    figures=moments,
    agree=same_moments,
    columns={"MiB": ".1f", "mean": ".4f", "sd": ".4f"},
    notes="MiB: extra memory, on one thread.  mean, sd: of the P&L.",
    warm_up=100,
)
