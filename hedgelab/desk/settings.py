"""All that a desk's decisions depend on besides what happens to it: written in its journal, for a replay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Annotated, Any

import numpy as np

import hedgelab
from hedgelab.desk.feed import Gate
from hedgelab.desk.pricing import Portfolio
from hedgelab.instruments import Option
from hedgelab.policies import Clock, decision
from hedgelab.validation import (
    Checked,
    Finite,
    Fraction,
    NotNegative,
    Positive,
    Rule,
    finite,
    instance,
    not_negative,
    refusal,
)


@dataclass(frozen=True)
class Limits(Checked):
    """What a desk may not exceed; all in the units of the book, and infinity is refused like NaN.

    Parameters
    ----------
    delta, position, order : shares: of book and hedge together, of the hedge alone, of one order
    gamma, vega : shares per unit of spot; currency per unit of volatility
    loss : currency
    rate : orders within a second
    collar : share by which an order's limit may differ from the price
    model : share of the share's price by which a quoted option may differ from the desk's model, beyond its spread

    Examples
    --------
    >>> Limits(loss=float("nan"))
    Traceback (most recent call last):
    ValueError: loss must be zero or more, and finite, got nan
    """

    delta: NotNegative = 1e9
    position: NotNegative = 1e9
    order: NotNegative = 1e9
    gamma: NotNegative = 1e12
    vega: NotNegative = 1e12
    loss: NotNegative = 1e12
    rate: NotNegative = 100.0
    collar: Fraction = 0.05
    model: NotNegative = 0.05


@dataclass(frozen=True)
class Terms(Checked):
    """What a desk knows of a venue: its `fee`, in currency a share, and by how much each share moves its price.

    Examples
    --------
    >>> Terms(fee=0.003, impact=1e-6)
    Terms(fee=0.003, impact=1e-06)
    """

    fee: NotNegative = 0.0
    impact: NotNegative = 0.0


#: By whom the desk does what nobody asked of it; a name that no person has.
DESK = "desk"
NOBODY = ("", DESK)


def refuse_idle(limits: Limits, lot: float, slip: float) -> None:
    """Refuse limits under which no order can be sent."""
    if lot > limits.order:
        raise ValueError(f"lot must be at most the limit of one order, {limits.order:g}, got {lot:g}")
    if slip > limits.collar:
        raise ValueError(f"slip must be at most the collar of the limits, {limits.collar:g}, got {slip:g}")


@dataclass(frozen=True)
class Settings(Checked):
    """A desk's book and how it is run.

    Parameters
    ----------
    options, numbers : the book, negative where options are sold; expiries in years from the desk's start
    spot : the last price before the desk began
    volatility : annual, believed until a smile is quoted; one number, or one of each option
    cash : what the book was sold for; profit and loss begin with it
    venues : where it trades
    officers : who may lift what the desk has laid upon itself, and change its limits; nobody is called "desk"
    policy : of the library, or your own, which then is to be given to a replay as well, as it was before the desk
        began: each run has a copy of it, and what it remembers ends with the run
    limits, gate : what may not be exceeded, and which quotes may be used
    every : seconds between two moments at which the policy is asked; 0 for each good price
    lot : shares that are traded at least, whole numbers of it; 0 for any fraction
    slip : share of the price by which an order's limit is worse than it
    patience : seconds after which an order that has not ended is cancelled, or its venue asked
    calm : seconds without a cause after which "hedging only" ends by itself
    beat : seconds between two beats of the desk's own timer; the clock is doubted when it leaps over ten
    rate, dividend : until others are quoted
    """

    options: Annotated[tuple[Option, ...], _options]
    numbers: Annotated[tuple[float, ...], _tuple(finite)]
    spot: Positive
    volatility: Annotated[tuple[float, ...], _tuple(not_negative)]
    venues: Annotated[Mapping[str, Terms], _venues] = field(default_factory=lambda: {"A": Terms()})
    cash: Finite = 0.0
    officers: Annotated[tuple[str, ...], _officers] = ()
    policy: Any = field(default_factory=Clock)
    limits: Annotated[Limits, instance(Limits)] = field(default_factory=Limits)
    gate: Annotated[Gate, instance(Gate)] = field(default_factory=Gate)
    every: NotNegative = 0.0
    lot: NotNegative = 1.0
    slip: Fraction = 0.01
    patience: Positive = 5.0
    calm: NotNegative = 60.0
    beat: Positive = 1.0
    rate: Finite = 0.0
    dividend: Finite = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        decision("policy", self.policy)
        refuse_idle(self.limits, self.lot, self.slip)
        self.portfolio()

    def portfolio(self) -> Portfolio:
        """The book, at the volatilities that are believed at first."""
        given = self.volatility
        return Portfolio(self.options, self.numbers, given[0] if len(given) == 1 else given)

    def text(self) -> str:
        """The settings as JSON; of a policy that is not wholly the library's, and is to be given, the name."""
        plain = _plain(replace(self, policy=Clock()))
        try:
            plain["policy"] = _plain(self.policy)
        except TypeError:
            name = getattr(self.policy, "__qualname__", type(self.policy).__name__)
            plain["policy"] = {"class": "given", "name": name}
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @staticmethod
    def read(text: str, policy: Any = None, version: str = "") -> Settings:
        """The settings that `text` wrote, in that `version` of the library; with the policy, if it is your own.

        Examples
        --------
        >>> settings = Settings((Option("call", 100, 0.5),), (-10,), spot=100, volatility=0.2)
        >>> Settings.read(settings.text()) == settings
        True
        """
        try:
            made = _made(json.loads(text), policy)
        except (TypeError, KeyError, json.JSONDecodeError):  # a name or a field that this version does not have
            made = None
        if not isinstance(made, Settings):
            theirs = f" (it was written by version {version})" if version else ""
            raise refusal(f"settings must be those of a desk of version {hedgelab.__version__}{theirs}", text)
        return made


def _plain(value: Any) -> Any:
    """What JSON knows: dataclasses of the library by name and fields; a TypeError for what cannot be written."""
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, Option):
        return [value.kind, value.strike, value.expiry]
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    name = type(value).__name__
    if not is_dataclass(value) or _known(name) is not type(value):
        raise TypeError(f"{name} cannot be written")
    return {"class": name} | {each.name: _plain(getattr(value, each.name)) for each in fields(value)}


def _made(plain: Any, policy: Any) -> Any:
    """What `_plain` was made of."""
    if isinstance(plain, list):
        return tuple(_made(each, policy) for each in plain)
    if not isinstance(plain, dict):
        return plain
    made = {name: _made(each, policy) for name, each in plain.items()}
    name = made.pop("class", None)
    if name == "given" and policy is None:
        raise ValueError(f"policy must be given: the desk was run with {made['name']}, which is not the library's")
    return policy if name == "given" else made if name is None else _known(name)(**made)


def _known(name: str) -> Any:
    ours = {"Settings": Settings, "Limits": Limits, "Gate": Gate, "Terms": Terms}
    return ours.get(name) or (getattr(hedgelab, name) if name in hedgelab.__all__ else None)


def _options(name: str, value: Any) -> tuple[Option, ...]:
    made = tuple(Option(*each) if isinstance(each, tuple) else each for each in value)
    if not all(isinstance(each, Option) for each in made):
        raise refusal(f"{name} must be Options", value)
    return made


def _tuple(rule: Rule) -> Rule:
    return lambda name, value: tuple(rule(name, value).ravel().tolist())


def _venues(name: str, value: Any) -> Mapping[str, Terms]:
    if not isinstance(value, Mapping) or not value or not all(isinstance(each, str) for each in value):
        raise refusal(f"{name} must be a dict with the Terms of each venue", value)
    return {venue: instance(Terms)(f"{name}, of {venue},", terms) for venue, terms in value.items()}


def _officers(name: str, value: Any) -> tuple[str, ...]:
    names = () if isinstance(value, str) else tuple(value)
    if isinstance(value, str) or not all(isinstance(each, str) and each.strip() not in NOBODY for each in names):
        raise refusal(f"{name} must be a list of names, none of them {DESK!r}", value)
    return names
