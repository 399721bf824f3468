"""(e) A crowd that moves the price: a bad day of 390 minutes, insurers and value buyers, linear depth."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from benchmarks.harness import Contender, Job, Table, at_once, joined, moments, same_moments

START, SIGMA, STEPS = 97.0, 0.36, 390
INSURED, FLOOR, SPREAD, OVERHANG = 75.0, -0.05, 0.25, 8.0
DEPTH, APPETITE = 85.0, 200.0
DAY = 1 / 252
SELL, BUY = 4 * 6.5 / STEPS, 0.25 * 6.5 / STEPS  # the shares of a step, within a quarter of an hour and four hours


class Day(NamedTuple):
    n_paths: int


def hedgelab(p: Day, threads: int, insurers: int) -> Job:
    """Streamed in blocks; the insurers are folded into one curve before the clock starts."""
    import hedgelab as hl
    from hedgelab.markets import blocks_of

    sellers = hl.Insurers(np.full(insurers, INSURED / insurers), FLOOR, SPREAD, OVERHANG)
    crowd = [sellers, hl.ValueBuyers(APPETITE, 4 * hl.crowd.HOUR)]
    market = hl.CrowdMarket(hl.GBM(START, SIGMA), hl.LinearDepth(DEPTH), crowd, reference=100.0)
    times = market.times(DAY, STEPS)

    def last_spot(block):
        for shown in market.stream(times, block.n_paths, block.random()):
            spot = shown.spot
        return spot

    return Job(lambda: at_once(last_spot, zip(blocks_of(p.n_paths, seed=1)), threads), joined)


def numpy_loop(p: Day, threads: int, insurers: int) -> Job:
    """The equations as they stand, all paths at a time, each insurer's sales by themselves."""

    def last_spot(n_paths, seed):
        rng = np.random.default_rng(seed)
        news = np.full(n_paths, np.log(START / 100))
        price, bought = news.copy(), np.zeros(n_paths)
        sold = np.zeros((insurers, n_paths))
        for _ in range(STEPS):
            news += SIGMA * np.sqrt(DAY / STEPS) * rng.standard_normal(n_paths) - SIGMA**2 / 2 * DAY / STEPS
            put = ndtr(np.tile((FLOOR - price) / SPREAD, (insurers, 1))) - ndtr(FLOOR / SPREAD)
            sales = SELL * np.maximum((OVERHANG + INSURED * put) / insurers - sold, 0)
            purchase = BUY * (APPETITE * np.maximum(news - price, 0) - bought)
            sold += sales
            bought += purchase
            price = news + (bought - sold.sum(axis=0)) / DEPTH
        return 100 * np.exp(price)

    parts = [(-(-p.n_paths // threads), seed) for seed in range(threads)]
    return Job(lambda: at_once(last_spot, parts, threads), joined)


TABLE = Table(
    title="{size:,} paths of a day of 390 minutes with a crowd",
    unit="ns per path-step",
    sizes=(100_000, 20_000),
    problem=Day,
    units=lambda p: p.n_paths * STEPS,
    contenders=[
        Contender("hedgelab, 100,000 insurers", partial(hedgelab, insurers=100_000), ("hedgelab",)),
        Contender("hedgelab, one insurer", partial(hedgelab, insurers=1), ("hedgelab",)),
        Contender("NumPy, one insurer", partial(numpy_loop, insurers=1), ("numpy",)),
        Contender("NumPy, 100 insurers", partial(numpy_loop, insurers=100), ("numpy",), 0.01, threads=(1,)),
    ],
    figures=moments,
    agree=same_moments,
    columns={"MiB": ".1f", "mean": ".3f", "sd": ".3f"},
    notes="MiB: extra memory, on one thread.  mean, sd: of the last price.  All insurers have one floor, so that\n"
    "all contenders compute the same.",
    warm_up=1000,
)
