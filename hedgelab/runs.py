"""What came of a hedge: one number per path, and the books of any path."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hedgelab.engine import Account, Hedge
from hedgelab.introductions import Introduced, written
from hedgelab.markets import Block, Replay
from hedgelab.validation import Floats, whole

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class HedgeRun(Introduced):
    """What came of a hedge: one number per path, and any path's ledger.

    Attributes
    ----------
    pnl : profit or loss at the end, in currency, from the hedger's side, costs included
    cost : trading costs, carried to the end at the riskless rate; ``pnl + cost`` is the P&L before costs
    trades : number of trades in the stock, the first purchase included
    wealth : what the account is worth at the end; the P&L and what it began with

    Examples
    --------
    >>> import hedgelab as hl
    >>> call, market = hl.Option("call", strike=105, expiry=0.25), hl.GBM(spot=100, volatility=0.3)
    >>> run = hl.hedge(call, market=market, volatility=0.3, steps=63, n_paths=1000, seed=1)
    >>> bool(run.ledger(path=7).pnl.iloc[-1] == run.pnl[7])
    True
    """

    hedge: Hedge
    pnl: Floats
    cost: Floats
    trades: NDArray[np.int64]
    wealth: Floats
    blocks: list[Block] = field(repr=False)

    def introduction(self) -> Mapping[str, str]:
        """What was hedged, where, and the summary."""
        size = f"{self.pnl.size:,} paths, {len(self.hedge.times) - 1:,} steps"
        numbers = {str(name): written(value) for name, value in self.summary().items()}
        return {"run": size, "hedge": repr(self.hedge)} | numbers

    def __repr__(self) -> str:
        told = dict(self.introduction())
        size, hedge = told.pop("run"), told.pop("hedge")
        return f"HedgeRun: {size}\n  {hedge}\n  {', '.join(f'{name} {text}' for name, text in told.items())}"

    @property
    @np.errstate(all="ignore")  # as in the ledger
    def premium(self) -> float:
        """What one option (a whole book, negative when sold) was sold or bought for at inception, in currency."""
        hedge = self.hedge
        if isinstance(hedge.opening, Account):
            raise ValueError("premium must be one that was paid, and an account began without")
        if hedge.opening is not None:
            return hedge.opening
        view = next(hedge.views(self.block_of(0)))
        first = hedge.legs[0]
        alone = len(hedge.legs) == 1 and first.number == hedge.quantity  # not a book
        return float(np.ravel(view.price(first.option) if alone else view.net(view.price))[0])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to a file, policies and costs of your own included, even if they are lambdas.

        Examples
        --------
        >>> import tempfile
        >>> import hedgelab as hl
        >>> run = hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.2), volatility=0.2, steps=4, seed=1,
        ...                policy=lambda moment: 0.9 * moment.delta)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run.save(f"{folder}/run")
        ...     again = HedgeRun.load(f"{folder}/run")
        >>> bool((again.pnl == run.pnl).all()), again.ledger().equals(run.ledger())
        (True, True)
        """
        import cloudpickle

        Path(path).write_bytes(cloudpickle.dumps(self))

    @staticmethod
    def load(path: str | os.PathLike[str]) -> HedgeRun:
        """The run that `save` wrote; it runs what is in the file, so load only files that you trust."""
        import pickle

        run: HedgeRun = pickle.loads(Path(path).read_bytes())
        return run

    def standard_error(self) -> float:
        """The standard error of the mean P&L."""
        if self.pnl.size < 2:
            raise ValueError(f"n_paths must be at least 2 for a standard error, got {self.pnl.size}")
        return float(self.pnl.std(ddof=1) / np.sqrt(self.pnl.size))

    def summary(self) -> pd.Series:
        """Mean P&L with its standard error, standard deviation of the P&L, mean cost and mean number of trades.

        A single path has no spread: its two deviations are NaN.
        """
        import pandas as pd

        several = self.pnl.size > 1
        return pd.Series(
            {
                "mean": self.pnl.mean(),
                "standard error": self.standard_error() if several else np.nan,
                "standard deviation": self.pnl.std(ddof=1) if several else np.nan,
                "cost": self.cost.mean(),
                "trades": self.trades.mean(),
            }
        )

    @np.errstate(all="ignore")  # the walk names amounts that are too large
    def ledger(self, path: int = 0) -> pd.DataFrame:
        """The books of one path, a row for each step, indexed by date (in a replay) or by time in years.

        Columns: the spot, the shares per option that offset all options held (`delta`), shares traded and held,
        hedging options held (named by the option), the cost of the trades, interest (and dividends) since the row
        before, cash after the trades, the value of all options as quoted, and `pnl`: what closing everything at
        once would leave, less what the account began with.  The last row's `pnl` is the run's.
        """
        import pandas as pd

        terms, block = self.hedge, self.block_of(path)
        names = [str(option) for option in terms.hedging_options]

        def at(numbers: Any) -> float:
            return float(np.broadcast_to(numbers, block.n_paths)[path - block.first])

        rows = [
            {
                "spot": at(step.view.spot),
                "delta": at(step.neutral) / terms.unit,
                "traded": at(step.traded),
                "shares": at(step.shares),
                **{name: at(number) for name, number in zip(names, step.contracts, strict=True)},
                "cost": at(step.charge),
                "interest": at(step.interest),
                "cash": at(step.cash),
                "option": at(step.view.net(step.view.price, step.contracts)),
                "pnl": at(terms.pnl(step)),
            }
            for step in terms.walk(block)
        ]
        table = pd.DataFrame(rows, index=self.index())
        self.same(table, rows[-1]["pnl"], path)
        return table

    def same(self, table: pd.DataFrame, pnl: Any, path: Any = slice(None)) -> None:
        """Check that paths walked again, from which the table was made, came out as they did the first time."""
        stake = np.abs(table.to_numpy()).max() + self.hedge.unit * self.hedge.market.spot
        if np.any(np.abs(pnl - self.pnl[path]) > 1e-9 * stake):
            raise ValueError(
                "policy and cost must decide from what they are given: walked again, the path differs"
            )

    def index(self) -> pd.Index:
        """What the rows of a ledger are called: dates in a replay, otherwise years."""
        import pandas as pd

        market, times = self.hedge.market, self.hedge.times
        if isinstance(market, Replay) and market.dates.dtype.kind == "M":
            return pd.DatetimeIndex(market.dates[: len(times)], name="date")
        return pd.Index(times, name="time")

    def block_of(self, path: int) -> Block:
        """The smallest block that holds a path."""
        path = whole("path", path, minimum=0)
        if path >= self.pnl.size:
            raise ValueError(f"path must be below {self.pnl.size}, the number of paths, got {path}")
        return next(block for block in reversed(self.blocks) if block.first <= path).around(path)
