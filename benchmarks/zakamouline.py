"""Which constant belongs in Zakamouline's volatility correction, 4.76 or 5.76?

    python -m benchmarks.zakamouline            # two minutes on one core
    python -m benchmarks.zakamouline --quick    # a quarter of a minute

Second-hand sources disagree, so the question goes to what the formula approximates: the hedger with exponential
utility and proportional costs (Davis, Panas & Zariphopoulou 1993).  Interest is nil and the drift too.

1. On a binomial tree the certainty-equivalent cost of any policy is exact, and so is the best there can be.  The
   tables say how many per cent a policy costs more than the best, and which constant fits the best band's middle.
2. `hedgelab.hedge` simulates the same: paired differences with standard errors, all constants on the same paths.

Costs are what the hedger must be paid beyond the Black-Scholes value.  The spot is 100; only risk aversion times
spot matters.  Simulated days have tails and the tree's have not, which the most averse feel.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import hedgelab as hl

SPOT = 100.0
SIDE = {-1: "short", 1: "long"}
OTHERS = (0.0, 3.76, 4.26, 5.26, 5.76, 6.76)  # constants to set against 4.76
GRID = 0.005  # shares against one option
HELD = GRID * np.arange(-20, 221)  # what a hedger who starts with none can come to hold
WIDE = GRID * np.arange(-200, 401)  # to see the whole band


@dataclass(frozen=True)
class Problem:
    """One option to hedge, by somebody, at some cost."""

    cost: float
    aversion: float
    quantity: int = -1
    strike: float = 100.0
    volatility: float = 0.2
    expiry: float = 0.25
    steps: int = 63
    liquidation: bool = False

    @property
    def name(self) -> str:
        """What a table calls it."""
        return f"{SIDE[self.quantity]}, {self.cost:.2%}, {self.aversion:g}" + ", liquidated" * self.liquidation

    @property
    def option(self) -> hl.Option:
        """A call."""
        return hl.Option("call", self.strike, self.expiry)

    @property
    def charge(self) -> Any:
        """What trading costs, at the end too if the shares are sold."""
        return hl.ProportionalCost(self.cost).charged(liquidation=self.liquidation)

    def zakamouline(self, constant: float) -> hl.Zakamouline:
        """The policy with one or the other constant."""
        return hl.Zakamouline(self.cost, self.aversion, adjustment=constant)

    def moment(self, spot: Any, step: int, held: Any = 0.0) -> hl.Moment:
        """What a policy sees."""
        left = self.expiry * (1 - step / self.steps)
        return hl.Moment.of(self.option, spot=spot, volatility=self.volatility, held=held, step=step,
                            time_left=left, quantity=self.quantity)  # fmt: skip


def backward(problem: Problem, shares: Any, policy: Any = None) -> Iterator[tuple[int, Any, Any, Any]]:
    """From expiry to inception: step, spots, what the hedger must have if idle now, and what if free to trade.

    The last two have a row for each spot and a column for each number of shares held against one option.  Without
    a policy, the hedger does the best there is: buys or sells to wherever least is needed, the toll included.
    """
    aversion, quantity, steps = problem.aversion, problem.quantity, problem.steps
    up = np.exp(problem.volatility * np.sqrt(problem.expiry / steps))
    chance = 1 / (1 + up)  # of a rise, at which the spot has no drift
    spot = SPOT * up ** np.arange(-steps, steps + 1.0, 2)[:, None]  # at expiry, a row each
    need = -quantity * problem.option.payoff(spot) + problem.liquidation * problem.cost * spot * np.abs(shares)
    for step in reversed(range(steps)):
        spot = spot[:-1] * up
        stock = -quantity * shares * spot
        rise = aversion * (need[1:] - stock * (up - 1)) + np.log(chance)
        fall = aversion * (need[:-1] - stock * (1 / up - 1)) + np.log(1 - chance)
        idle = np.logaddexp(rise, fall) / aversion
        toll = problem.cost * spot
        if policy is None:
            buy = np.minimum.accumulate((idle + toll * shares)[:, ::-1], axis=1)[:, ::-1] - toll * shares
            sell = np.minimum.accumulate(idle - toll * shares, axis=1) + toll * shares
            need = np.minimum(buy, sell)
        else:
            wanted = policy.holding(problem.moment(spot, step, shares))
            nearest = np.rint((wanted - shares[0]) / GRID).astype(int).clip(0, len(shares) - 1)
            need = np.take_along_axis(idle, nearest, axis=1) + toll * np.abs(shares[nearest] - shares)
        yield step, spot, idle, need


def exact_cost(problem: Problem, policy: Any = None) -> float:
    """Certainty-equivalent cost of a policy, or of the best there is, above the Black-Scholes value."""
    *_, (_, _, _, need) = backward(problem, HELD, policy)
    value = hl.black_scholes.price("call", SPOT, problem.strike, problem.expiry, problem.volatility)
    return float(need[0, np.argmin(np.abs(HELD))] + problem.quantity * value)


def fitted_constant(problem: Problem) -> float:
    """The constant whose modified delta is nearest to the middle of the best band, halfway to expiry."""
    step, spot, idle, _ = next(row for row in backward(problem, WIDE) if row[0] == problem.steps // 2)
    toll = problem.cost * spot * WIDE
    middle = (WIDE[(idle + toll).argmin(axis=1)] + WIDE[(idle - toll).argmin(axis=1)]) / 2
    moment = problem.moment(spot[:, 0], step)
    live = (moment.delta > 0.05) & (moment.delta < 0.95)

    def miss(constant: float) -> float:
        modified = problem.zakamouline(constant).modified_volatility(moment)
        return float(np.square(moment.delta_at(modified) - middle)[live].sum())

    return float(min(np.arange(0, 15.1, 0.1), key=miss))


def exact_cell(problem: Problem, fit: bool = False) -> str:
    """One cell of the tables."""
    best, whalley = exact_cost(problem), hl.WhalleyWilmott(problem.cost, problem.aversion)
    policies = (problem.zakamouline(4.76), problem.zakamouline(5.76), whalley)
    excess = [100 * (exact_cost(problem, policy) / best - 1) for policy in policies]
    cell = " | ".join(f"{each:.{1 if each < 99.95 else 0}f}" for each in excess)
    return f"{cell} [{fitted_constant(problem):.1f}]" if fit else cell


def exact_tables(costs: tuple[float, ...], aversions: tuple[float, ...]) -> None:
    """Print how far from the best each policy is, and the constant that fits the middle of the best band."""
    print("Per cent above the best cost: 4.76 | 5.76 | Whalley-Wilmott [constant that fits the middle]")
    for quantity, side in SIDE.items():
        print(f"\n{side + ' call':12}" + "".join(f"{f'cost {cost:.2%}':>26}" for cost in costs))
        for aversion in aversions:
            cells = [exact_cell(Problem(cost, aversion, quantity), fit=True) for cost in costs]
            print(f"aversion {aversion:<3g}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


def elsewhere(cost: float) -> None:
    """Print what other options and habits do to the comparison."""
    changes: list[dict[str, Any]] = [
        {}, {"steps": 252}, {"liquidation": True}, {"expiry": 0.1, "steps": 25}, {"expiry": 1.0, "steps": 252},
        {"volatility": 0.15}, {"volatility": 0.4}, {"strike": 90.0}, {"strike": 110.0},
    ]  # fmt: skip
    cases = [Problem(cost, aversion, quantity) for quantity in SIDE for aversion in (0.3, 1.0, 3.0)]
    print(f"\n{'with':22}" + "".join(f"{case.name:>22}" for case in cases))
    for change in changes:
        cells = [exact_cell(replace(case, **change)) for case in cases]
        name = ", ".join(f"{key} {value}" for key, value in change.items())
        print(f"{name:22}" + "".join(f"{cell:>22}" for cell in cells), flush=True)


def simulated(problem: Problem, constant: float, n_paths: int) -> Any:
    """The P&L of every path; the same paths whatever the constant."""
    return hl.hedge(problem.option, quantity=problem.quantity, market=hl.GBM(SPOT, problem.volatility), seed=2006,
                    steps=problem.steps, n_paths=n_paths, volatility=problem.volatility,
                    policy=problem.zakamouline(constant), cost=problem.charge).pnl  # fmt: skip


def paired(pnl: Any, base: Any, aversion: float) -> tuple[float, float]:
    """Certainty-equivalent cost less that of `base`, and its standard error by the delta method."""
    ours, theirs = np.exp(-aversion * pnl), np.exp(-aversion * base)
    influence = (ours / ours.mean() - theirs / theirs.mean()) / aversion
    return float(np.log(ours.mean() / theirs.mean()) / aversion), float(influence.std() / np.sqrt(len(pnl)))


def simulation_table(problems: list[Problem], n_paths: int) -> None:
    """Print what each constant costs more than 4.76, in hundredths of currency, with its standard error."""
    print(f"\n{n_paths:,} simulated paths: cents more than with 4.76 (standard error); the effective number of")
    print("paths, weighted by exp(-aversion * P&L): where it is small, trust the tree instead")
    print(" " * 32 + "".join(f"{constant:>15.2f}" for constant in OTHERS) + f"{'paths':>9}")
    for problem in problems:
        base = simulated(problem, 4.76, n_paths)
        weight = np.exp(-problem.aversion * base)
        print(f"{problem.name:32}", end="")
        for constant in OTHERS:
            more, error = paired(simulated(problem, constant, n_paths), base, problem.aversion)
            print(f"{f'{100 * more:+.2f} ({100 * error:.2f})':>15}", end="", flush=True)
        print(f"{weight.sum() ** 2 / (weight**2).sum():9,.0f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer costs, aversions and paths")
    quick = parser.parse_args().quick
    costs = (0.001, 0.01) if quick else (0.001, 0.0025, 0.005, 0.01, 0.02)
    exact_tables(costs, aversions=(0.3, 1.0, 3.0) if quick else (0.1, 0.3, 1.0, 3.0, 10.0))
    cases = [(0.01, 0.3, -1), (0.01, 1.0, -1), (0.0025, 3.0, -1), (0.005, 0.1, 1), (0.01, 0.3, 1), (0.01, 1.0, 1)]
    problems = [Problem(*case) for case in cases]
    if not quick:
        elsewhere(cost=0.005)
        problems += [replace(problem, liquidation=True) for problem in problems]
    simulation_table(problems, n_paths=20_000 if quick else 100_000)


if __name__ == "__main__":
    main()
