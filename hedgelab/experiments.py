"""Experiments that compare ways to hedge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hedgelab.costs import Cost
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.policies import Decision
from hedgelab.runs import HedgeRun
from hedgelab.validation import refusal

if TYPE_CHECKING:
    import pandas as pd


def frontier(
    option: Option | Mapping[Option, float],
    policies: Mapping[str, Decision],
    cost: Cost | Mapping[str, Cost],
    **terms: Any,
) -> pd.DataFrame:
    """Risk against cost: the same paths hedged by each policy under each cost.

    Parameters
    ----------
    option : as in `hedge`
    policies : what to call each policy, and the policy
    cost : one cost, or what to call each of several, and the cost
    terms : the other arguments of `hedge`; `seed` must be given, so that all policies meet the same paths

    Returns
    -------
    pandas.DataFrame
        Indexed by policy, or by cost and policy if `cost` has names.  The columns of `HedgeRun.summary`, and the
        standard errors of two more of them, "error of deviation" and "error of cost".

    Raises
    ------
    ValueError
        When there is no policy or no cost, the seed is missing, or as `hedge` does.

    Examples
    --------
    >>> import hedgelab as hl
    >>> table = frontier(hl.Option("call", 100, 0.25), {"daily": hl.Clock(), "band": hl.DeltaBand(0.05)},
    ...                  hl.ProportionalCost(0.001), market=hl.GBM(100, 0.2), volatility=0.2, steps=63,
    ...                  n_paths=5000, seed=1)
    >>> bool(table.cost["band"] < table.cost["daily"])
    True
    """
    import pandas as pd  # takes as long to import as all the rest

    if terms.get("seed") is None or isinstance(terms["seed"], np.random.Generator):
        rule = "seed must be a number or a SeedSequence: all policies are to meet the same paths"
        raise refusal(rule, terms.get("seed"))
    named = cost if isinstance(cost, Mapping) else {"": cost}
    if not isinstance(policies, Mapping) or not policies:
        raise refusal("policies must be a dict of at least one", policies)
    if not named:
        raise refusal("cost must be a cost, or a dict of at least one", cost)
    rows = {
        (cost_name, policy_name): _row(hedge(option, policy=policy, cost=each, **terms))
        for cost_name, each in named.items()
        for policy_name, policy in policies.items()
    }
    table = pd.DataFrame(rows).T  # a column for each key, turned into rows
    table.index = table.index.set_names(["cost", "policy"])
    return table if isinstance(cost, Mapping) else table.droplevel("cost")


def _row(run: HedgeRun) -> dict[str, float]:
    """The summary of a run, with the standard errors of risk and cost."""
    n = run.pnl.size
    risk = run.pnl.std(ddof=1) if n > 1 else np.nan  # one path has no spread
    error_of_variance = ((run.pnl - run.pnl.mean()) ** 2).std() / np.sqrt(n)
    errors = {
        "error of deviation": error_of_variance / (2 * risk) if risk else 0.0,
        "error of cost": run.cost.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan,
    }
    return {str(name): float(value) for name, value in run.summary().items()} | errors
