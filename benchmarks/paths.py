"""(d) Paths of three markets, a year without drift: GBM, Merton's jumps, Heston's variance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks.harness import Contender, Job, Table, at_once, joined, moments, same_moments

SPOT, SIGMA = 100.0, 0.2
JUMPS = RATE, MEAN, SPREAD = 0.5, -0.1, 0.15  # how many a year, and their log returns
JUMP = np.exp(MEAN + SPREAD**2 / 2) - 1  # what one does to the price, on average
HESTON = KAPPA, THETA, XI, RHO = 2.0, 0.04, 0.3, -0.7  # the first variance is THETA


class Walk(NamedTuple):
    n_paths: int
    steps: int = 252
    dt: float = 1 / 252


def hedgelab(p: Walk, threads: int, market: str) -> Job:
    """Streamed in blocks, as `hedge` consumes them: each step's prices, and then they are gone."""
    import hedgelab as hl
    from hedgelab.markets import as_quote, blocks_of

    model = {"GBM": hl.GBM, "Merton": hl.Merton, "Heston": hl.Heston}[market]
    made = model(SPOT, *{"GBM": (SIGMA,), "Merton": (SIGMA, *JUMPS), "Heston": (THETA, *HESTON)}[market])
    times = made.times(1.0, p.steps)

    def last_spot(block):
        for shown in made.stream(times, block.n_paths, block.random()):
            spot = as_quote(shown).spot
        return spot

    return Job(lambda: at_once(last_spot, zip(blocks_of(p.n_paths, seed=1)), threads), joined)


def on_threads(matrix: Callable[..., np.ndarray], p: Walk, threads: int) -> Job:
    """A matrix of paths, a row each; on two threads, two of half the size."""
    parts = [(p, -(-p.n_paths // threads), seed) for seed in range(threads)]
    return Job(lambda: at_once(matrix, parts, threads), lambda done: joined([each[:, -1] for each in done]))


def matrix_gbm(p: Walk, n_paths: int, seed: int) -> np.ndarray:
    shocks = np.random.default_rng(seed).standard_normal((n_paths, p.steps))
    return SPOT * np.exp(np.cumsum(-(SIGMA**2) / 2 * p.dt + SIGMA * np.sqrt(p.dt) * shocks, axis=1))


def matrix_merton(p: Walk, n_paths: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shocks, sizes = rng.standard_normal((2, n_paths, p.steps))
    jumps = rng.poisson(RATE * p.dt, (n_paths, p.steps))
    jumped = MEAN * jumps + SPREAD * np.sqrt(jumps) * sizes
    drift = (-(SIGMA**2) / 2 - RATE * JUMP) * p.dt
    return SPOT * np.exp(np.cumsum(drift + SIGMA * np.sqrt(p.dt) * shocks + jumped, axis=1))


def matrix_heston(p: Walk, n_paths: int, seed: int) -> np.ndarray:
    """Euler's scheme, the variance cut off at zero where it is used."""
    log_spot, variance = np.zeros((n_paths, p.steps + 1)), np.full((n_paths, p.steps + 1), THETA)
    z1, z2 = np.random.default_rng(seed).standard_normal((2, n_paths, p.steps))
    z2 = RHO * z1 + np.sqrt(1 - RHO**2) * z2
    for k in range(p.steps):
        v = np.maximum(variance[:, k], 0)
        log_spot[:, k + 1] = log_spot[:, k] - v / 2 * p.dt + np.sqrt(v * p.dt) * z2[:, k]
        variance[:, k + 1] = variance[:, k] + KAPPA * (THETA - v) * p.dt + XI * np.sqrt(v * p.dt) * z1[:, k]
    return SPOT * np.exp(log_spot)


def fast_vollib(p: Walk, threads: int, market: str) -> Job:
    from fast_vollib import processes as fv

    process = {
        "GBM": fv.GBM(0.0, SIGMA),
        "Merton": fv.Bates(fv.ConstantVariance(), fv.LognormalJumps(*JUMPS)),
        "Heston": fv.Heston(*HESTON),
    }[market]
    start = {"spot": SPOT} | ({} if market == "GBM" else {"variance": THETA})

    def matrix(p, n_paths, seed):
        grid = np.linspace(0, 1, p.steps + 1)
        return process.sample(initial_state=start, time_grid=grid, n_paths=n_paths, rng=seed)[..., 0]

    return on_threads(matrix, p, threads)


def pfhedge(p: Walk, threads: int, market: str) -> Job:
    """Its Merton takes the log of a jump for its size; the drift is told the difference."""
    import torch
    from pfhedge import stochastic as st

    torch.set_num_threads(threads)
    amiss = RATE * (MEAN + SPREAD**2 / 2 - JUMP)
    generate, start, terms = {
        "GBM": (st.generate_geometric_brownian, (SPOT,), (SIGMA,)),
        "Merton": (st.generate_merton_jump, (SPOT,), (amiss, SIGMA, *JUMPS)),
        "Heston": (st.generate_heston, (SPOT, THETA), HESTON),
    }[market]
    run = partial(generate, p.n_paths, p.steps + 1, start, *terms, dt=p.dt, dtype=torch.float64)
    return Job(run, lambda paths: (paths.spot if market == "Heston" else paths)[:, -1].numpy())


def financepy(p: Walk, threads: int, market: str) -> Job:
    """Its GBM mirrors every second path; its Heston counts the start as a step."""
    from financepy.models.gbm_process_simulator import get_paths_times
    from financepy.models.heston import get_paths
    from financepy.utils.global_types import HestonNumericalSchemeTypes as Scheme

    gbm = partial(get_paths_times, p.n_paths, p.steps, 1.0, 0.0, SPOT, SIGMA, 1)
    grid = ((p.steps + 1.5) * p.dt, p.dt, p.n_paths, 1, Scheme.QUADEXP.value)
    heston = partial(get_paths, SPOT, 0.0, 0.0, THETA, *HESTON, *grid)
    return Job(*((gbm, lambda done: done[1][:, -1]) if market == "GBM" else (heston, lambda done: done[:, -1])))


def quantlib(p: Walk, threads: int, market: str) -> Job:
    """The paths stay in C++; only the last price is asked for."""
    return Job(lambda: [path[p.steps] for path in quantlib_paths(market, p.n_paths, p.steps)])


def quantlib_paths(market: str, n_paths: int, steps: int) -> Iterator:
    """The prices of one path after another."""
    import QuantLib as ql

    def normals(number: int):
        uniform = ql.UniformRandomSequenceGenerator(number, ql.UniformRandomGenerator(1))
        return ql.GaussianRandomSequenceGenerator(uniform)

    if market == "GBM":
        gbm = ql.GeometricBrownianMotionProcess(SPOT, 0.0, SIGMA)
        paths = ql.GaussianPathGenerator(gbm, 1.0, steps, normals(steps), False)
        return (paths.next().value() for _ in range(n_paths))
    none = ql.YieldTermStructureHandle(ql.FlatForward(ql.Date.todaysDate(), 0.0, ql.Actual365Fixed()))
    heston = ql.HestonProcess(none, none, ql.QuoteHandle(ql.SimpleQuote(SPOT)), THETA, *HESTON)
    pairs = ql.GaussianMultiPathGenerator(heston, list(ql.TimeGrid(1.0, steps)), normals(2 * steps), False)
    return (pairs.next().value()[0] for _ in range(n_paths))


def table(market: str, matrix: Callable[..., np.ndarray]) -> Table:
    peers = [
        Contender("hedgelab, streamed", partial(hedgelab, market=market), ("hedgelab",)),
        Contender("NumPy, matrix", partial(on_threads, matrix), ("numpy",)),
        Contender("fast-vollib, matrix", partial(fast_vollib, market=market), ("fast_vollib",)),
        Contender("pfhedge, matrix", partial(pfhedge, market=market), ("pfhedge", "torch")),
    ]
    if market != "Merton":  # which these two do not simulate
        one = {"threads": (1,)}
        peers.append(Contender("FinancePy, matrix", partial(financepy, market=market), ("financepy",), **one))
        peers.append(Contender("QuantLib, loop", partial(quantlib, market=market), ("QuantLib",), 0.05, **one))
    return Table(
        title=f"{{size:,}} {market} paths of 252 steps",
        unit="ns per path-step",
        sizes=(100_000, 20_000),
        problem=Walk,
        units=lambda p: p.n_paths * p.steps,
        contenders=peers,
        figures=moments,
        agree=same_moments,
        columns={"MiB": ".1f", "mean": ".3f", "sd": ".3f"},
        notes="MiB: extra memory, on one thread.  mean, sd: of the last price.",
        warm_up=1000,
    )


MATRICES = {"GBM": matrix_gbm, "Merton": matrix_merton, "Heston": matrix_heston}
TABLES = {f"d{k}": table(*each) for k, each in enumerate(MATRICES.items(), start=1)}
