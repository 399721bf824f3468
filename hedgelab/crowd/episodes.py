"""What came of a crowd's market: lows, sales, what is still called for, and books that balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hedgelab import validation
from hedgelab.crowd.insurers import SellingInsurers
from hedgelab.crowd.market import CrowdMarket
from hedgelab.introductions import Introduced
from hedgelab.markets import Block, Seed
from hedgelab.parallel import blocks, each
from hedgelab.validation import Floats

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Episode(Introduced):
    """What happened on each path; amounts in shares at the reference price, positive where bought.

    Attributes
    ----------
    low, high, last : prices; low and high over all steps
    news : what the last price would be without the crowd
    bought : by each participant, in the order of the crowd, shape (participants, paths)
    still_called : sales that the insurers' puts call for at the end and that have not been made, of all insurers
    stopped : years of trading that were lost to halts and limits
    reference : the close before

    Examples
    --------
    >>> from hedgelab import GBM
    >>> from hedgelab.crowd import DAY, Insurers, LinearDepth
    >>> market = CrowdMarket(GBM(97.0, 0.0), LinearDepth(85.0), [Insurers(75.0)], reference=100.0)
    >>> done = episode(market, DAY, 390)
    >>> done.trough.round(3), done.bought.round(1)
    (array([0.402]), array([[-41.1]]))
    """

    low: Floats
    high: Floats
    last: Floats
    news: Floats
    bought: Floats
    still_called: Floats
    stopped: Floats
    reference: float

    @property
    def trough(self) -> Floats:
        """The largest fall since the close before, as a share."""
        return 1 - self.low / self.reference

    def introduction(self) -> dict[str, str]:
        """Paths, and the means of what happened on them."""
        sold = -float(np.minimum(self.bought.mean(axis=1), 0).sum()) if len(self.bought) else 0.0
        means = {"trough": f"{self.trough.mean():.4g}", "last": f"{self.last.mean():.6g}", "sold": f"{sold:.4g}"}
        return {"paths": f"{len(self.low):,}"} | means

    def __repr__(self) -> str:
        return f"Episode({', '.join(f'{name}={text}' for name, text in self.introduction().items())})"


def episode(market: CrowdMarket, expiry: float, steps: Any, n_paths: int = 1, seed: Seed = None) -> Episode:
    """Walk a crowd's market to `expiry` and say what came of it, path by path; nothing in between is kept.

    Parameters
    ----------
    market : a `CrowdMarket`
    expiry : years, in which a trading day is `DAY`
    steps : how many equal steps, or their times
    n_paths, seed : as in `hedgelab.hedge`; `hedgelab.computing` says how

    Examples
    --------
    Insurers who sell at any pace, and at one and a half billion an hour:

    >>> from hedgelab import GBM
    >>> from hedgelab.crowd import DAY, HOUR, Insurers, LinearDepth, ValueBuyers
    >>> buyers = ValueBuyers(200.0, delay=4 * HOUR)
    >>> for pace in (np.inf, 1.5 / HOUR):
    ...     crowd = [Insurers(75.0, overhang=8.0, pace=pace), buyers]
    ...     market = CrowdMarket(GBM(97.0, 0.36), LinearDepth(85.0), crowd, reference=100.0)
    ...     print(f"{episode(market, DAY, 390, n_paths=1000, seed=1).trough.mean():.2f}")
    0.33
    0.08
    """
    if not isinstance(market, CrowdMarket):
        raise ValueError(f"market must be a CrowdMarket, got {validation.short(market)}")
    times = validation.rising("times of a market", market.times(expiry, steps))
    parts = [part for _, part in each(_walked, (market, times), blocks(n_paths, seed))]
    joined = [np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)]
    for name, array in zip(("low", "high", "last", "news"), joined, strict=False):
        validation.positive(name, array)
    low, high, last, news, bought, still_called, stopped = joined
    return Episode(low, high, last, news, bought, still_called, stopped, market.close_before)


@np.errstate(all="ignore")  # prices too large or too small are found above
def _walked(terms: tuple[CrowdMarket, Floats], block: Block) -> tuple[Floats, ...]:
    """The episode of one block of paths."""
    market, times = terms
    bought = np.zeros((len(market.crowd), block.n_paths))
    stopped = np.zeros(block.n_paths)
    low, high = np.full(block.n_paths, np.inf), np.full(block.n_paths, -np.inf)
    before = 0.0
    for time, step in zip(times, market.walk(times, block.n_paths, block.random()), strict=True):
        np.minimum(low, step.price, out=low)
        np.maximum(high, step.price, out=high)
        for total, part in zip(bought, step.bought, strict=True):
            total += part
        if step.closed is not None:
            stopped += step.closed * (time - before)
        before = time
    insurers = [trader for trader in step.traders if isinstance(trader, SellingInsurers)]
    still = sum((trader.still_called(step.price) for trader in insurers), start=np.zeros(block.n_paths))
    prices = (market.close_before * np.exp(log) for log in (low, high, step.price, step.news))
    return *prices, bought, still, stopped


@np.errstate(all="ignore")  # as below
def books(
    market: CrowdMarket, expiry: float, steps: Any, n_paths: int = 1, seed: Seed = None, path: int = 0
) -> pd.DataFrame:
    """Shares and cash of everybody on one path, who all have none at first: at each step they add up to nought.

    The columns are (party, "shares" or "cash").  Parties are the participants of the crowd by their kinds; "told",
    who buy what announced sales do not press on the market with; and "liquidity", whoever takes the other side of
    the rest, which is read off the impact that the price shows.  All trades of a step are at the price at its end.

    Examples
    --------
    >>> from hedgelab import GBM
    >>> from hedgelab.crowd import DAY, Insurers, LinearDepth
    >>> market = CrowdMarket(GBM(97.0, 0.3), LinearDepth(85.0), [Insurers(75.0)], reference=100.0)
    >>> last = books(market, DAY, 390, seed=1).iloc[-1]
    >>> bool(last["insurers", "shares"] < 0), bool(abs(last[:, "shares"].sum()) < 1e-9)
    (True, True)
    """
    import pandas as pd

    if not isinstance(market, CrowdMarket):
        raise ValueError(f"market must be a CrowdMarket, got {validation.short(market)}")
    times = validation.rising("times of a market", market.times(expiry, steps))
    parts = blocks(n_paths, seed)
    path = validation.whole("path", path, minimum=0)
    if path >= n_paths:
        raise ValueError(f"path must be below {n_paths}, the number of paths, got {path}")
    block = next(block for block in parts if block.first <= path < block.first + block.n_paths).around(path)
    here = path - block.first
    hidden = np.array([member.hidden for member in market.crowd])
    rows, pushed = [], 0.0
    for step in market.walk(times, block.n_paths, block.random()):
        bought = np.array([order[here] for order in step.bought])
        told = -((1 - hidden) * bought).sum()
        other = pushed - step.pushed[here]
        pushed = step.pushed[here]
        shares = np.array([*bought, told, other]) / market.close_before
        rows.append([shares, -shares * step.quote.spot[here]])
    shares, cash = np.cumsum(rows, axis=0).transpose(1, 0, 2)
    parties = [*_names(market), "told", "liquidity"]
    tables = {"shares": pd.DataFrame(shares, times, parties), "cash": pd.DataFrame(cash, times, parties)}
    return pd.concat(tables, axis=1).swaplevel(axis=1).sort_index(axis=1).rename_axis("time")


def _names(market: CrowdMarket) -> list[str]:
    """What the participants are called, with a number from the second of a kind on."""
    names: list[str] = []
    for member in market.crowd:
        name = "".join(f" {c.lower()}" if c.isupper() else c for c in type(member).__name__).strip()
        same = sum(each.split(" #")[0] == name for each in names)
        names.append(f"{name} #{same + 1}" if same else name)
    return names
