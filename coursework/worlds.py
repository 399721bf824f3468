"""Where a tournament is held: three worlds drawn from a key, and an autumn that everybody can know by heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import hedgelab as hl
from coursework.board import AVERSION
from hedgelab.cases import october_1987

#: What everybody knows: one call is sold, hedged on 63 days, and trading costs 20 basis points of the value.
CALL, STEPS, COST, PATHS = hl.Option("call", strike=100, expiry=0.25), 63, 0.002, 2000
OPPONENTS: dict[str, hl.Policy] = {
    "Clock": hl.Clock(),
    "Band of 5 deltas": hl.DeltaBand(0.05),
    "Whalley–Wilmott": hl.WhalleyWilmott(cost=COST, risk_aversion=AVERSION),
    "Zakamouline": hl.Zakamouline(cost=COST, risk_aversion=AVERSION),
}


@dataclass(frozen=True)
class World:
    """A market, and the volatility at which the call was sold, which is all that a policy is told of it."""

    name: str
    market: hl.Market
    volatility: float
    option: hl.Option = CALL
    seed: int = 0
    paths: int = 1
    steps: int | None = None

    def met(self, policy: hl.Policy) -> hl.HedgeRun:
        """What comes of a policy here."""
        with hl.computing(progress=False):
            return hl.hedge(
                self.option,
                market=self.market,
                volatility=self.volatility,
                policy=policy,
                cost=hl.ProportionalCost(COST),
                steps=self.steps,
                n_paths=self.paths,
                seed=self.seed,
            )


def drawn(random: np.random.Generator) -> list[World]:
    """The worlds that count: calm, with a variance that moves, with jumps."""

    def world(name: str, market: hl.Market, price: float) -> World:
        sold = hl.black_scholes.implied_volatility(price, "call", market.spot, CALL.strike, CALL.expiry)
        return World(name, market, float(sold), seed=int(random.integers(1 << 32)), paths=PATHS, steps=STEPS)

    def between(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    volatility = between(0.15, 0.35)
    heston = hl.Heston(
        spot=100,
        variance=between(0.15, 0.35) ** 2,
        mean_reversion=between(1, 4),
        long_variance=between(0.15, 0.35) ** 2,
        vol_of_variance=between(0.3, 0.8),
        correlation=between(-0.8, -0.3),
        drift=between(-0.1, 0.15),
    )
    merton = hl.Merton(
        spot=100,
        volatility=between(0.12, 0.25),
        jump_rate=between(1, 4),
        jump_mean=between(-0.1, -0.03),
        jump_volatility=between(0.02, 0.06),
        drift=between(-0.1, 0.15),
    )
    fair = float(hl.black_scholes.price("call", 100, CALL.strike, CALL.expiry, volatility))
    return [
        world("GBM", hl.GBM(100, volatility, drift=between(-0.1, 0.15)), fair),
        world("Heston", heston, heston.price(CALL)),
        world("jumps", merton, merton.price(CALL)),
    ]


def autumn() -> World:
    """The S&P 500 from 1 September 1987, when the VXO stood at what is 18.3 % in calendar time: one path."""
    record = october_1987().market.since("1987-09-01")
    market = hl.Replay(record.dates, 100 * record.prices / record.spot)
    option = hl.Option("call", strike=100, expiry=market.years_until("1987-12-01"))
    return World("autumn 1987", market, 0.183, option)
