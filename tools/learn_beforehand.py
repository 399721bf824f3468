"""Learn what takes longer than a chapter has, and keep it in ``hedgelab/learning/data``.

Run rarely, by hand, from the project's folder; it takes about six minutes::

    python tools/learn_beforehand.py
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

import hedgelab as hl
from hedgelab.learning import beforehand, daily_changes
from hedgelab.validation import Floats

HESTON = hl.Heston(100, 0.04, mean_reversion=2, long_variance=0.04, vol_of_variance=0.5, correlation=-0.7)
MERTON = hl.Merton(100, 0.16, jump_rate=1, jump_mean=-0.08, jump_volatility=0.06)
GBM = hl.GBM(100, 0.2)

#: world -> where the stock moves, and who quotes the options
WORLDS: dict[str, tuple[Any, Any]] = {
    "skew": (HESTON, HESTON),
    "half": (replace(HESTON, correlation=-0.35), HESTON),
    "none": (replace(HESTON, correlation=0.0), HESTON),
    "jumps": (MERTON, MERTON),
    "flat": (GBM, 0.2),
}
DAYS = (21, 63, 252, 756)
DRAWS, TESTS = 20, 16  # paths of three years to learn from, and groups of others to judge by
TO_LEARN, TO_JUDGE = 100, range(200, 206)  # seeds; of those to judge by each brings a path to every group

#: correlation -> seeds of twenty-four histories, of which each half learns and is judged on the other
COMPARED = {-0.7: (4, 1, 2, 3), -0.5: (4, 1, 2, 3)}

CALL = hl.Option("call", 100, 0.25)
COST, AVERSION, STEPS = 0.002, 1.0, 63
#: where a network learns, at which cost, and with how many seeds
NETWORKS: dict[str, tuple[Any, float, int]] = {
    "GBM": (GBM, COST, 5),
    "Heston": (HESTON, COST, 3),
    "Merton": (MERTON, COST, 3),
    "dear": (GBM, 0.01, 1),
}
HOLDINGS = 1
TO_HEDGE, HEDGED = 7, 40_000  # seed and number of the paths that they are judged on


def records(world: str, n_paths: int, seed: int, days: int = DAYS[-1]) -> Any:
    """Options of a world, with what the slope of the skew says of them."""
    market, quotes = WORLDS[world]
    return daily_changes(market, quotes=quotes, days=days, n_paths=n_paths, seed=seed, rules=[beforehand.SLOPE])


def tests(world: str) -> Floats:
    """What nobody has learned from: the moments of each group of paths, ``[group, 5, 5]``.

    With rare jumps a few paths decide nothing, so there are many; a group counts as one observation.
    """
    moments: Floats = sum(beforehand.moments(records(world, TESTS, seed)) for seed in TO_JUDGE)
    return moments


def compared(correlation: float, seed: int) -> list[list[float]]:
    """What three numbers, the slope and the model's own delta gain on each of 24 histories.

    The three numbers were learned on the history of the same place in the other half.
    """
    market = replace(HESTON, correlation=correlation)
    rules = [beforehand.SLOPE, "minimum_variance_delta"]
    seen = daily_changes(market, quotes=market, n_paths=24, seed=seed, rules=rules)
    histories = [seen[seen.path == number] for number in range(24)]
    pairs = list(zip(histories[:12], histories[12:], strict=True))
    pairs += [(second, first) for first, second in pairs]
    return [
        rounded([hl.LearnedDelta.fit(first).gain(second), *(second.gain(rule) for rule in rules)])
        for first, second in pairs
    ]


def learned(seen: Any, days: int) -> list[list[float]]:
    """For each path the weights of its first days: three of the regression, and one multiple of the slope's."""
    products = beforehand.moments(seen[seen.day < days])[:, None]
    flat = np.any(products[0, 0, 3, 3] > 1e-12)
    return [
        rounded([*beforehand.fitted(one)[:3], beforehand.fitted(one, beforehand.MULTIPLE)[3] if flat else 0.0])
        for one in products
    ]


def band(world: str, seed: int) -> hl.LearnedBand:
    """A band that a network learns around the delta at 20 %, whatever the world."""
    market, cost, _ = NETWORKS[world]
    return hl.LearnedBand.train(CALL, market, cost, AVERSION, steps=STEPS, seed=seed, volatility=0.2)


def holding(seed: int) -> hl.LearnedHolding:
    """A holding that a network learns."""
    return hl.LearnedHolding.train(CALL, GBM, COST, AVERSION, steps=STEPS, seed=seed)


def pnl(policy: Any, market: Any, n_paths: int, **told: Any) -> Floats:
    """One call sold and hedged, as if sold at 20 %, whatever its hedger is `told`."""
    terms: dict[str, Any] = {"steps": STEPS, "n_paths": n_paths, "seed": TO_HEDGE, "policy": policy}
    run = hl.hedge(CALL, market=market, cost=hl.ProportionalCost(COST), **terms, **({"volatility": 0.2} | told))
    return run.pnl - run.premium + CALL.value(100.0, CALL.expiry, 0.2)


def elsewhere(n_paths: int) -> dict[str, dict[str, Any]]:
    """Mean less half the variance beside Whalley and Wilmott's band, and its error, by who hedges and where.

    The worlds are those of the networks.  "told" is Zakamouline's band around the minimum-variance delta of the
    world's own model, on a quarter of the paths.
    """
    found: dict[str, dict[str, Any]] = {}
    for place in ("GBM", "Heston", "Merton"):
        market = NETWORKS[place][0]
        base = pnl(hl.WhalleyWilmott(COST, AVERSION), market, n_paths)
        makers = {
            f"{world} {n}": each
            for world in NETWORKS
            if world != "dear"
            for n, each in enumerate(beforehand.bands(world), 1)
        }
        made = {name: pnl(policy, market, n_paths) for name, policy in makers.items()}
        made["Zakamouline"] = pnl(hl.Zakamouline(COST, AVERSION), market, n_paths)
        if place != "GBM":
            told = {"volatility": market, "delta": "minimum_variance_delta"}
            made["told"] = pnl(hl.Zakamouline(COST, AVERSION), market, n_paths // 4, **told)
        for name, each in made.items():
            found.setdefault(name, {})[place] = rounded(beside(each, base[: each.size]), 6)
    return found


def beside(one: Floats, base: Floats) -> tuple[float, float]:
    """How much more mean less half the variance, and the standard error of that."""
    first, second = (each - (each - each.mean()) ** 2 / 2 for each in (one, base))
    return float(np.mean(first - second)), float(np.std(first - second) / np.sqrt(first.size))


def rounded(numbers: Iterable[float], digits: int = 7) -> list[float]:
    """As many digits as matter."""
    return [float(f"{number:.{digits}g}") for number in numbers]


def write(name: str, kept: Any) -> None:
    """Keep it."""
    beforehand.DATA.mkdir(exist_ok=True)
    (beforehand.DATA / name).write_text(json.dumps(kept, separators=(",", ":")) + "\n", "utf8")


def main() -> None:
    """Learn, judge, and write the files."""
    deltas: dict[str, dict[str, Any]] = {"learned": {}, "tests": {}}
    for world in WORLDS:
        past = records(world, DRAWS, TO_LEARN)
        deltas["learned"][world] = {str(days): learned(past, days) for days in DAYS}
        deltas["tests"][world] = [rounded(each[beforehand.UPPER], 8) for each in tests(world)]
        print(world)
    write(
        "compared.json",
        {
            str(correlation): [row for seed in seeds for row in compared(correlation, seed)]
            for correlation, seeds in COMPARED.items()
        },
    )
    networks = {
        "bands": {
            world: [rounded(band(world, seed).weights) for seed in range(1, seeds + 1)]
            for world, (_, _, seeds) in NETWORKS.items()
        },
        "holdings": {"GBM": [rounded(holding(seed).weights) for seed in range(1, HOLDINGS + 1)]},
    }
    write("deltas.json", deltas)
    write("networks.json", networks)
    write("elsewhere.json", elsewhere(HEDGED))  # of the networks just written


if __name__ == "__main__":
    main()
