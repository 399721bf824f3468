"""What came of an insured fund: what it ended with, whether its floor held, and what that cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hedgelab import validation
from hedgelab.engine import Account, Hedge
from hedgelab.insurance.methods import Fund, Holding, Method
from hedgelab.introductions import written
from hedgelab.markets import Block
from hedgelab.parallel import each
from hedgelab.policies import Clock, Moment, decision
from hedgelab.runs import HedgeRun
from hedgelab.validation import Floats

if TYPE_CHECKING:
    import pandas as pd

#: A floor that is missed by less than this fraction of it is held: such amounts are rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class InsuredRun(HedgeRun):
    """What came of an insured fund; all that a `HedgeRun` has, and `explain` works on it.

    Attributes
    ----------
    wealth : what the fund ended with, in currency, costs included; `pnl` is what it gained
    fund : its value, floor and put; `fund.put` is None without one
    method : how it was insured

    Examples
    --------
    >>> import hedgelab as hl
    >>> run = hl.insure(value=100, floor=0.9, horizon=1, market=hl.GBM(100, 0.2), method=hl.StopLoss(), steps=252,
    ...                 n_paths=1000, seed=1)
    >>> bool((run.shortfall[~run.failed] == 0).all()), bool((run.wealth[run.failed] < 90).all())
    (True, True)
    """

    fund: Fund
    method: Method

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Whether a path ended below the floor, by more than rounding."""
        return self.wealth < self.fund.floor * (1 - ROUNDING)

    @property
    def shortfall(self) -> Floats:
        """By how much a path ended below the floor, in currency; zero where it did not."""
        return np.where(self.failed, self.fund.floor - self.wealth, 0.0)

    @cached_property
    def uninsured(self) -> Floats:
        """What the fund would have ended with on each path, had it bought shares for all its value and held them.

        It pays the same costs.  The paths are walked again for it, once.
        """
        return _together(_end, _holding(self.hedge, self.fund), self.blocks)

    @property
    def given_up(self) -> Floats:
        """What the insurance cost against holding, in currency; negative where the fund ended with more."""
        return self.uninsured - self.wealth

    @cached_property
    def turnover(self) -> Floats:
        """The value of all shares bought and sold, in currency; the paths are walked again for it, once."""
        return _together(_turnover, self.hedge, self.blocks)

    def omega(self, threshold: float | None = None) -> float:
        """What paths ended with above a threshold for each unit by which others ended below, infinite if none did.

        The threshold is the value at first unless given.  C. Keating & W. F. Shadwick (2002), "A universal
        performance measure".
        """
        level = self.fund.value if threshold is None else validation.finite_scalar("threshold", threshold)
        below = np.maximum(level - self.wealth, 0.0).sum()
        return float(np.maximum(self.wealth - level, 0.0).sum() / below) if below > 0 else np.inf

    @np.errstate(all="ignore")  # as in the ledger of a hedge
    def ledger(self, path: int = 0) -> pd.DataFrame:
        """The books of one path, as of any hedge, and three columns more.

        `wealth`: what the fund is worth after the trade, in currency; `exposure`: the fraction of it that is in
        shares, not finite where nothing is left; `floor`: the floor's present value.
        """
        table = super().ledger(path)
        left = self.hedge.times[-1] - self.hedge.times
        table["wealth"] = self.fund.value + table["pnl"]
        table["exposure"] = table["shares"] * table["spot"] / table["wealth"]
        table["floor"] = self.fund.floor * np.exp(-self.fund.rate * left)
        return table

    def summary(self) -> pd.Series:
        """How the fund ended: means over the paths, in currency but for the probability and omega."""
        import pandas as pd

        failed = self.failed
        return pd.Series(
            {
                "mean": self.wealth.mean(),
                "standard error": self.standard_error() if self.wealth.size > 1 else np.nan,
                "standard deviation": self.wealth.std(ddof=1) if self.wealth.size > 1 else np.nan,
                "median": np.median(self.wealth),
                "below floor": failed.mean(),
                "shortfall": self.shortfall[failed].mean() if failed.any() else 0.0,
                "worst": self.wealth.min(),
                "omega": self.omega(),
                "cost": self.cost.mean(),
                "trades": self.trades.mean(),
            }
        )

    def introduction(self) -> Mapping[str, str]:
        """The fund, the method, the market, and how it ended."""
        told = self.summary()
        size = (
            f"{self.pnl.size:,} paths, {len(self.hedge.times) - 1:,} steps to {written(self.fund.horizon)} years"
        )
        start = f"{written(self.fund.value)}, insured at {written(self.fund.floor)}"
        numbers = {name: written(told[name]) for name in ("mean", "below floor", "worst")}
        return {"run": size, "fund": start, "method": written(self.method)} | numbers

    def __repr__(self) -> str:
        told = dict(self.introduction())
        size, fund, method = (told.pop(name) for name in ("run", "fund", "method"))
        ended = ", ".join(f"{name} {text}" for name, text in told.items())
        return f"InsuredRun: {size}\n  {fund} by {method} in {validation.short(self.hedge.market)}\n  {ended}"


def policy_of(decide: Any, method: Method, fund: Fund) -> Any:
    """A policy that trades to what the method wants, when `decide` says so."""
    return partial(_decided, decide, method, fund)


def _decided(decide: Any, method: Method, fund: Fund, moment: Moment) -> Any:
    return decide(method.seen(fund, moment))


def _holding(terms: Hedge, fund: Fund) -> Hedge:
    """The same walk for a fund that holds shares."""
    units = fund.value / terms.market.spot
    held = replace(fund, units=units, put=None)
    policy = policy_of(decision("policy", Clock()), Holding(), held)
    return replace(terms, legs=(), quantity=units, opening=Account(cash=fund.value), policy=policy)


def _together(walk: Any, terms: Hedge, blocks: list[Block]) -> Floats:
    """What comes of each path, in their order."""
    return np.concatenate([part for _, part in each(walk, terms, blocks)])


@np.errstate(all="ignore")
def _end(terms: Hedge, block: Block) -> Floats:
    """What the account is worth at the end."""
    *_, step = terms.walk(block)
    return np.asarray(terms.wealth(step.view, step.cash, step.shares, step.contracts))


@np.errstate(all="ignore")
def _turnover(terms: Hedge, block: Block) -> Floats:
    """The value of all shares traded."""
    total = np.zeros(block.n_paths)
    for step in terms.walk(block):
        total += np.abs(step.traded) * step.view.spot
    return total
