"""What a policy is shown along simulated paths, kept to be learned from."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from hedgelab.engine import Hedge
from hedgelab.hedging import hedge
from hedgelab.instruments import Option
from hedgelab.markets import Market, blocks_of
from hedgelab.validation import Floats, finite, refusal

FAR = 4.0  # standard deviations from the money, beyond which a network is told no more
LEAST, MOST = ndtr(-FAR), ndtr(FAR)


class Lessons(NamedTuple):
    """An option sold, along many paths: all that its hedger's P&L depends on but her trades.

    Deltas are those of a call.  A put is the call at its strike less a share, by parity, and so is its hedge.
    """

    spot: Floats  # [step, path], the last one too
    delta: Floats  # [step, path], shares that would leave the account neutral, were it a call
    seen: Floats  # [step, input, path], what a network is told
    unhedged: Floats  # [path], premium less payoff
    less: float  # shares that the hedge holds less than the call's: one for a put

    def of(self, paths: Any) -> Lessons:
        """Those of some paths."""
        return self._replace(
            spot=self.spot[:, paths],
            delta=self.delta[:, paths],
            seen=self.seen[:, :, paths],
            unhedged=self.unhedged[paths],
        )


def inputs(delta: Any, time_to_expiry: Any) -> Floats:
    """What a network is told of an option: how far it is from the money, in deviations, and the root of its time.

    Both are scaled to numbers of about one.  The distance is Black and Scholes's ``d1``, read off a call's delta.

    Examples
    --------
    >>> inputs(np.array([0.5, 0.84134475]), 0.25).round(6)
    array([[0. , 0.5],
           [0.5, 0.5]])
    """
    distance = ndtri(np.clip(delta, LEAST, MOST))
    return np.array(np.broadcast_arrays(distance / 2, 2 * np.sqrt(time_to_expiry) - 0.5))


def sold(option: Option, market: Market, steps: Any, terms: dict[str, Any]) -> Hedge:
    """One option sold, in its market, as `hedge` takes it."""
    if not isinstance(option, Option):
        raise refusal("option must be an Option", option)
    return hedge(option, market=market, steps=steps, n_paths=1, seed=0, **terms).hedge


def lessons(terms: Hedge, n_paths: int, seed: np.random.SeedSequence) -> Lessons:
    """What the policy of a hedge is shown along so many paths."""
    (block,) = blocks_of(n_paths, seed, block_size=n_paths)
    leg = terms.legs[0]
    less = 0.0 if leg.option.kind == "call" else 1.0
    spot, delta, seen = [], [], []
    for view in terms.views(block):
        spot.append(view.spot)
        if view.step == 0:
            premium = view.price(leg.option)
        if view.step < len(terms.times) - 1:
            delta.append(less + np.broadcast_to(view.delta(leg.option), view.spot.shape))
            seen.append(inputs(delta[-1], leg.option.expiry - view.time))
    unhedged = finite("the P&L", premium - view.price(leg.option))
    return Lessons(np.array(spot), np.array(delta), np.array(seen), unhedged, less)
