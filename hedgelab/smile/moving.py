"""A smile that moves with the spot by a rule: what a market quotes that is given no model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np

from hedgelab.beliefs import BlackScholes, Rates
from hedgelab.instruments import Option
from hedgelab.introductions import Introduced
from hedgelab.smile.rules import FOLLOWS, one_of, slice_or_surface
from hedgelab.smile.slices import Slice
from hedgelab.smile.surfaces import Surface
from hedgelab.validation import Checked


@dataclass(frozen=True)
class MovingSmile(Introduced, Checked):
    """A smile that moves with the spot by a rule, for `hedge` to quote options at, or to believe.

    The smile is that of the walk's first moment, by log moneyness.  By "sticky_strike" each strike keeps its
    volatility, by "sticky_moneyness" each moneyness; by "sticky_local_volatility" the smile goes against the spot,
    as far as the spot goes.  As time passes a slice keeps its volatilities, and serves options of its own expiry;
    a surface keeps those of each time to expiry.  Forwards are those of the walk's rates, not a surface's own.
    Nothing forbids arbitrage between the smiles of two moments: only a model does.

    Parameters
    ----------
    smile : a slice, such as `SVI` and `SABR`, or a `Surface`
    rule : "sticky_strike", "sticky_moneyness" or "sticky_local_volatility"

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks; in `hedge`, an option of another expiry than its.

    Examples
    --------
    A call sold at a smile that stays where it is, hedged by who knows it and by who thinks it follows the spot:

    >>> import hedgelab as hl
    >>> smile = hl.SVI(0.0025, 0.05, -0.6, 0.02, 0.15, expiry=0.25)
    >>> for delta in ("sticky_strike", "sticky_moneyness"):
    ...     run = hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.19), steps=63, n_paths=2000, seed=1,
    ...                    quotes=MovingSmile(smile, "sticky_strike"), volatility=0.19, delta=delta)
    ...     print(f"{delta}: {run.pnl.std():.2f}")
    sticky_strike: 0.43
    sticky_moneyness: 0.60
    """

    smile: Annotated[Slice | Surface, slice_or_surface]
    rule: Annotated[str, partial(one_of, FOLLOWS)] = "sticky_strike"

    def pricer(self, rates: Rates) -> BlackScholes:
        """What `hedge` asks for prices and Greeks."""
        return BlackScholes(partial(_volatility, self, rates), rates)


def _volatility(moving: MovingSmile, rates: Rates, option: Option, view: Any) -> Any:
    """The volatility of an option at one step, which moves with its forward."""
    growth, years = rates.rate - rates.dividend, option.expiry - view.time
    start = view.terms.market.spot
    k = np.log(option.strike / start) - growth * option.expiry
    share = FOLLOWS[moving.rule]
    if share:
        k = k - share * (np.log(view.spot / start) - growth * view.time)
    if isinstance(moving.smile, Surface):
        return moving.smile.volatility(k, max(years, 0.0))
    if abs(moving.smile.expiry - option.expiry) > 1e-9 * option.expiry:
        raise ValueError(f"a smile that is no Surface is of one expiry, {moving.smile.expiry}, got {option}")
    return moving.smile.volatility(k)
