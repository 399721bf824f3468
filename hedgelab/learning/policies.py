"""Policies that a network has learned: a no-trade band around delta, or the holding itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from hedgelab.beliefs import Belief
from hedgelab.instruments import Option
from hedgelab.introductions import Introduced, written
from hedgelab.learning.lessons import inputs, lessons, sold
from hedgelab.learning.network import forward, layers, number_of_weights
from hedgelab.learning.training import Decider, Training, trained
from hedgelab.markets import Market, Seed
from hedgelab.markets.streams import seed_sequence
from hedgelab.policies import Moment
from hedgelab.validation import Checked, Floats, between, count, finite, kept, refusal

LEARN, JUDGE = 16_000, 4_000  # paths
SHIFT, WIDTH = 0.1, 0.05  # shares per option: what an answer of one means, and a band's half-width to begin with


def _vector(name: str, value: Any) -> Floats:
    vector = kept(name, finite(name, value))
    if vector.ndim != 1:
        raise ValueError(f"{name} must be a list of numbers, got shape {vector.shape}")
    return vector


@dataclass(frozen=True, eq=False)
class _Learned(Introduced, Checked, Decider):
    """A policy whose decisions are a network's."""

    weights: Annotated[Floats, _vector] = field(repr=False)
    training: Training | None = None
    rounds: ClassVar[int] = 0  # of the search, at most, unless given

    def __post_init__(self) -> None:
        super().__post_init__()
        needed = number_of_weights(self.sizes)
        if self.weights.size != needed:
            raise ValueError(f"weights must be {needed} numbers, got {self.weights.size}")
        if not isinstance(self.training, Training | None):
            raise refusal("training must be a Training, or None", self.training)

    def introduction(self) -> Mapping[str, str]:
        """How many weights, and what they were trained for."""
        told = {"weights": written(self.weights)}
        if self.training is None:
            return told | {"training": "none"}
        value, error = self.training.certainty_equivalent
        told |= {name: written(getattr(self.training, name)) for name in ("cost", "risk_aversion", "rounds")}
        return told | {"certainty equivalent": f"{value:.4g} ({error:.2g})"}

    def holding(self, moment: Moment) -> Any:
        """What the network says to hold, path by path; without an account a delta below zero is that of a put."""
        delta, held, left = np.broadcast_arrays(moment.delta, moment.held, moment.time_to_expiry)
        behind = moment.account  # less: shares than the call's hedge has, for a put
        less = np.signbit(delta).ravel() * 1.0 if behind is None else -behind.lowest()
        delta, held = delta.ravel() + less, held.ravel() + less
        seen = self.inputs(inputs(delta, left.ravel()), held)
        answer = forward(layers(self.weights, self.sizes), seen)[-1]
        return (self.decided(answer, delta, held) - less).reshape(left.shape)[()]

    @classmethod
    def train(
        cls,
        option: Option,
        market: Market,
        cost: float,
        risk_aversion: float,
        *,
        steps: int | ArrayLike | None = None,
        seed: Seed = None,
        rounds: int | None = None,
        volatility: Belief = "true",
        quotes: Belief | None = None,
        delta: str | Callable[..., Any] = "delta",
    ) -> Self:
        """Train a network to hedge one option sold, on simulated paths, without rates or dividends.

        The search goes up the slope of the certainty equivalent, three hundred paths at a time, of 16,000 that
        are gone through again and again.  4,000 others decide which weights are kept, those that did best on them,
        and when the search ends: after a hundred rounds without better ones.  So what `training` says of these is
        a little too good; judge the policy on a seed of your own.

        Parameters
        ----------
        option : of which one is sold
        market : where its paths come from
        cost : proportional, of the value traded: what `ProportionalCost` calls its rate
        risk_aversion : absolute, per unit of currency
        steps, volatility, quotes, delta : as in `hedge`; the policy is shown these deltas
        rounds : of the search, at most; as many as the class has unless given
        seed : where paths and the first weights come from; the same seed gives the same policy, but for rounding

        Raises
        ------
        ValueError
            Names the argument, the value and the rule it breaks.
        """
        cost, aversion = between(0, 1)("cost", cost), between(1e-12, 1e12)("risk_aversion", risk_aversion)
        terms = sold(option, market, steps, {"volatility": volatility, "quotes": quotes, "delta": delta})
        rounds = cls.rounds if rounds is None else count("rounds", rounds)
        to_learn, to_judge, search = seed_sequence(seed).spawn(3)
        shown, apart = lessons(terms, LEARN, to_learn), lessons(terms, JUDGE, to_judge)
        return cls(*trained(cls, shown, apart, cost, aversion, rounds, np.random.default_rng(search)))


class LearnedBand(_Learned):
    """Trade to the edge of a no-trade band around delta that a network has learned.

    The network, of 231 weights, is told how far from the money the option is and how long it has to live, and
    answers by how much the middle of the band lies above delta and how far away its edges are.  S. Imaki, K.
    Imajo, K. Ito, K. Minami & K. Nakagawa (2021), "No-transaction band network: a neural network architecture for
    efficient deep hedging", arXiv:2103.01775.  It knows one option sold, one cost and one risk aversion, those it
    was trained for, and is not told when they change.

    Parameters
    ----------
    weights : 231 numbers; `train` finds them
    training : how they were found

    Examples
    --------
    >>> from hedgelab import GBM, Option
    >>> policy = LearnedBand(np.zeros(231))
    >>> policy.holding(Moment.of(Option("call", 100, 1), spot=100.0, volatility=0.2, held=0.4)).round(4)
    np.float64(0.4898)
    """

    sizes = (2, 12, 12, 3)
    rounds = 200

    @staticmethod
    def inputs(seen: Floats, held: Floats) -> Floats:
        """The state of the option; what is held does not move the band."""
        return seen

    @staticmethod
    def decided(answer: Floats, delta: Floats, held: Floats) -> Floats:
        """What is held while it is inside the band, otherwise the band's nearest edge."""
        middle = delta + SHIFT * answer[0]
        return np.clip(held, middle - WIDTH * np.exp(answer[1]), middle + WIDTH * np.exp(answer[2]))

    @staticmethod
    def slopes(answer: Floats, held: Floats, new: Floats, slope: Floats) -> tuple[Floats, Floats]:
        """Outside the band the edge is held, and the network's answer counts; inside, what was held."""
        at_low, at_high = new > held, new < held
        low = np.where(at_low, -WIDTH * np.exp(answer[1]) * slope, 0.0)
        high = np.where(at_high, WIDTH * np.exp(answer[2]) * slope, 0.0)
        traded = at_low | at_high
        return np.array([np.where(traded, SHIFT * slope, 0.0), low, high]), np.where(traded, 0.0, slope)

    @staticmethod
    def by_held(slope: Floats) -> float:
        """The network is not told what is held."""
        return 0.0


class LearnedHolding(_Learned):
    """Hold what a network has learned to say, given what is held: deep hedging without a band.

    H. Buehler, L. Gonon, J. Teichmann & B. Wood (2019), "Deep hedging", Quantitative Finance 19.  The network has
    353 weights and is told what `LearnedBand` is told and how much is held; it answers with a share between none
    and one.  It has to find out by itself what a delta is, and that not to trade is an answer.

    Parameters
    ----------
    weights : 353 numbers; `train` finds them
    training : how they were found

    Examples
    --------
    >>> from hedgelab import Option
    >>> policy = LearnedHolding(np.zeros(353))
    >>> policy.holding(Moment.of(Option("call", 100, 1), spot=100.0, volatility=0.2, held=0.4))
    np.float64(0.5)
    """

    sizes = (3, 16, 16, 1)
    rounds = 500

    @staticmethod
    def inputs(seen: Floats, held: Floats) -> Floats:
        """The state of the option and, scaled to about one, what is held."""
        return np.concatenate([seen, [2 * held - 1]])

    @staticmethod
    def decided(answer: Floats, delta: Floats, held: Floats) -> Floats:
        """A share between none and one."""
        return np.asarray(expit(answer[0]))

    @staticmethod
    def slopes(answer: Floats, held: Floats, new: Floats, slope: Floats) -> tuple[Floats, float]:
        """What was held counts through the network alone."""
        return (slope * new * (1 - new))[None], 0.0

    @staticmethod
    def by_held(slope: Floats) -> Floats:
        """What was held is the last input, doubled."""
        return np.asarray(2 * slope[-1])
