"""Learning by doing: hedges of simulated paths, and what each weight of a network contributed to their P&L."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from hedgelab.learning.lessons import Lessons
from hedgelab.learning.network import Adam, Layer, backward, begun, forward, layers
from hedgelab.learning.utility import CertaintyEquivalent, certainty_equivalent
from hedgelab.validation import Floats

BATCH = 300  # paths that a step of the search learns from
PACE = 0.02  # of the search to begin with, a tenth of it at the end
CHECK = 20  # steps of the search between two looks at paths that it does not learn from
PATIENCE = 5  # looks without a better one, after which the search ends


class Decider(ABC):
    """How a network's answer becomes a number of shares, path by path, were the option a call."""

    sizes: ClassVar[Sequence[int]] = ()  # of the network's layers, the inputs first

    @staticmethod
    @abstractmethod
    def inputs(seen: Floats, held: Floats) -> Floats:
        """What the network is told, given what a lesson shows and what is held."""

    @staticmethod
    @abstractmethod
    def decided(answer: Floats, delta: Floats, held: Floats) -> Floats:
        """Shares to hold, given the network's answer."""

    @staticmethod
    @abstractmethod
    def slopes(answer: Floats, held: Floats, new: Floats, slope: Floats) -> tuple[Floats, Any]:
        """The slope by the answer, and by what was `held`, given that by what is held now, `new`."""

    @staticmethod
    @abstractmethod
    def by_held(slope: Floats) -> Any:
        """The slope by what was held that comes through the network, given that by its inputs."""


class Training(NamedTuple):
    """How a policy was trained: for which cost and risk aversion, and how well it did on paths kept apart."""

    cost: float
    risk_aversion: float
    rounds: int  # of the search, until the weights that were kept
    certainty_equivalent: CertaintyEquivalent  # of those weights, on the paths that decided when to end


class _Trade(NamedTuple):
    """One step of all paths, for the way back."""

    said: list[Floats]
    held: Floats
    new: Floats


def hedged(
    decider: type[Decider], network: Sequence[Layer], shown: Lessons, cost: float
) -> tuple[Floats, list[_Trade]]:
    """The P&L of each path, and its trades; paths begin with nothing, which a put calls one share."""
    pnl, held, trades = shown.unhedged, np.full(shown.unhedged.size, shown.less), []
    for spot, after, delta, seen in zip(shown.spot, shown.spot[1:], shown.delta, shown.seen, strict=False):
        said = forward(network, decider.inputs(seen, held), _transposed)
        new = decider.decided(said[-1], delta, held)
        pnl = pnl + (new - shown.less) * (after - spot) - cost * np.abs(new - held) * spot
        trades.append(_Trade(said, held, new))
        held = new
    return pnl, trades


def loss_and_slope(
    decider: type[Decider], vector: Floats, shown: Lessons, cost: float, risk_aversion: float
) -> tuple[float, Floats]:
    """The certainty equivalent of a hedge, its sign turned, and its slope by every weight.

    The slope goes back through the path: what is held at one step is where the next begins.
    """
    network, total = layers(vector, decider.sizes), np.zeros_like(vector)
    into = layers(total, decider.sizes)
    pnl, trades = hedged(decider, network, shown, cost)
    worst = pnl.min()
    weights = np.exp(-risk_aversion * (pnl - worst))
    mean = weights.mean()
    weights = -weights / weights.sum()  # of the loss, by each path's P&L
    slope: Any = 0.0  # of the loss, by what is held after the step that is looked at
    for step in range(len(trades) - 1, -1, -1):
        said, held, new = trades[step]
        spot, after = shown.spot[step], shown.spot[step + 1]
        paid = weights * cost * spot * np.sign(new - held)
        slope = slope + weights * (after - spot) - paid
        by_answer, by_held = decider.slopes(said[-1], held, new, slope)
        through = decider.by_held(_backward(network, said, by_answer, into))
        slope = by_held + through + paid
    return float(np.log(mean) / risk_aversion - worst), total


def _backward(network: Sequence[Layer], said: Sequence[Floats], slope: Floats, into: Sequence[Layer]) -> Floats:
    """Back-propagation through the paths that it matters for: in a band, those that trade."""
    matters = np.flatnonzero(slope.any(axis=0))
    found = np.zeros_like(said[0])
    found[:, matters] = backward(network, [each[:, matters] for each in said], slope[:, matters], into)
    return found


def trained(
    decider: type[Decider], lessons: Lessons, kept_apart: Lessons, cost: float, risk_aversion: float, rounds: int,
    random: np.random.Generator,
) -> tuple[Floats, Training]:  # fmt: skip
    """The weights that did best on the paths kept apart, and how the search for them went."""
    vector = begun(decider.sizes, random)
    adam, best, since = Adam(vector.size), None, 0
    order = np.empty(0, dtype=np.int64)
    for done in range(rounds + 1):
        if done % CHECK == 0 or done == rounds:
            pnl, _ = hedged(decider, layers(vector, decider.sizes), kept_apart, cost)
            found = certainty_equivalent(pnl, risk_aversion)
            since += 1
            if best is None or found.value > best[1].certainty_equivalent.value:
                best, since = (vector.copy(), Training(cost, risk_aversion, done, found)), 0
            if since == PATIENCE or done == rounds:
                break
        if order.size < BATCH:
            order = random.permutation(lessons.unhedged.size)
        batch, order = order[:BATCH], order[BATCH:]
        _, slope = loss_and_slope(decider, vector, lessons.of(batch), cost, risk_aversion)
        vector += adam.step(slope, PACE * 0.1 ** (done / rounds))
    assert best is not None
    return best


def _transposed(weights: Floats, numbers: Floats) -> Any:
    """The product that is fast, and the same on any machine but for rounding."""
    return weights.T @ numbers
