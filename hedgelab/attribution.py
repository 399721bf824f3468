"""Where the money came from: a hedge's P&L, Greek by Greek.

Between two steps the options gain what a Taylor expansion in spot, time and volatility says, and a remainder.
With the Greeks of everything held at the start of the step::

    gain = delta dS + gamma dS**2 / 2 + theta dt
         + vega dv + vanna dS dv + volga dv**2 / 2 + residual

where ``dv`` is the change of the hedger's volatility, or of the variance if she believes in a model that has one.
Shares add to delta; interest and costs come on top, and what the market quotes apart from what she believes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from hedgelab.engine import Account, Hedge, Step
from hedgelab.instruments import Option
from hedgelab.markets import Block
from hedgelab.positions import View
from hedgelab.runs import HedgeRun
from hedgelab.validation import Floats

if TYPE_CHECKING:
    import pandas as pd

#: The parts of a P&L, in the order of their columns.
PARTS = ("premium", "delta", "gamma", "theta", "vega", "vanna", "volga", "quote", "financing", "cost", "residual")

GREEKS = ("price", "delta", "gamma", "theta", "vega", "vanna", "volga")


@np.errstate(all="ignore")  # the walk names amounts that are too large
def explain(run: HedgeRun, path: int | None = None) -> pd.DataFrame:
    """The P&L of each path in parts, or of one path step by step; in currency, and the columns sum to the P&L.

    Parameters
    ----------
    run : what `hedge` returned
    path : a row for each step of this path; a row for each path of the run, its steps summed, unless given

    Returns
    -------
    pandas.DataFrame
        - `premium`: the premium over what is quoted, at inception
        - `delta`: what was left open, options and shares together, times the move of the spot
        - `gamma`, `theta`: curvature and the passing of time
        - `vega`, `vanna`, `volga`: a change of the hedger's volatility (in a model with a variance of its own, of
          that), its cross term with the spot, its square
        - `quote`: a change of what the market quotes over what the hedger believes; where those are two things
        - `financing`: interest and dividends
        - `cost`: of all trades when they were made; the interest on it is in `financing`
        - `residual`: what the expansion leaves out, large where the spot jumps or gamma does

    Raises
    ------
    ValueError
        When `path` is not a path of the run, or when a policy or cost with a memory of its own makes the path come
        out differently when it is walked again.

    Examples
    --------
    >>> import hedgelab as hl
    >>> run = hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.25), volatility=0.2, steps=63,
    ...                n_paths=5000, seed=1)
    >>> parts = explain(run)
    >>> bool(np.allclose(parts.sum(axis=1), run.pnl)), bool(parts.gamma.mean() + parts.theta.mean() < 0)
    (True, True)
    """
    import pandas as pd  # takes as long to import as all the rest

    parts = [part for part in PARTS if part != "quote" or run.hedge.quotes is not run.hedge.belief]
    if path is None:
        totals = [sum(_steps(run.hedge, block)) for block in run.blocks]
        table = pd.DataFrame(np.concatenate(totals, axis=1).T, columns=list(PARTS))[parts]
        table.index.name = "path"
        run.same(table, table.sum(axis=1).to_numpy())
    else:
        block = run.block_of(path)
        rows = [step[:, path - block.first].copy() for step in _steps(run.hedge, block)]
        table = pd.DataFrame(rows, columns=list(PARTS), index=run.index())[parts]
        run.same(table, table.to_numpy().sum(), path)
    return table


def _steps(terms: Hedge, block: Block) -> Iterator[Floats]:
    """The parts of the P&L of each step in turn, shape (parts, paths)."""
    before: Step | None = None
    for step in terms.walk(block):
        parts = dict.fromkeys(PARTS, 0.0)
        if before is not None:
            for option, number in before.view.held(before.contracts):
                for name, gain in _gains(option, before.view, step.view).items():
                    parts[name] = parts[name] + number * gain
            parts["delta"] = parts["delta"] + before.shares * (step.view.spot - before.view.spot)
        elif not isinstance(terms.opening, Account):
            paid = step.view.net(step.view.price)
            parts["premium"] = paid - (paid if terms.opening is None else terms.quantity * terms.opening)
        parts["financing"] = step.interest
        parts["cost"] = -step.charge
        yield np.array([np.broadcast_to(part, block.n_paths) for part in parts.values()])
        before = step


def _gains(option: Option, before: View, after: View) -> dict[str, Any]:
    """What one option gains from one step to the next, term by term of the expansion."""
    believed, delta, gamma, theta, vega, vanna, volga = before.greeks(option, GREEKS)
    move, elapsed, expires = after.spot - before.spot, after.time - before.time, after.expired(option)
    state = before.terms.belief.state
    shift = 0.0 if expires else state(option, after) - state(option, before)
    gains: dict[str, Any] = {
        "delta": delta * move,
        "gamma": 0.5 * gamma * move**2,
        "theta": theta * elapsed,
        "vega": vega * shift,
        "vanna": vanna * move * shift,
        "volga": 0.5 * volga * shift**2,
    }
    gains = {name: np.where(np.isfinite(gain), gain, 0.0) for name, gain in gains.items()}  # too large: residual
    (worth,) = after.greeks(option, ("price",))
    gains["residual"] = worth - believed - sum(gains.values())
    if before.terms.quotes is not before.terms.belief:
        gains["quote"] = (after.price(option) - worth) - (before.price(option) - believed)
    return gains
