"""Portfolio insurers, one or a dispersed crowd of them, as the put says that they replicate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtr

from hedgelab import validation
from hedgelab.black_scholes.normal import distribution
from hedgelab.crowd.participants import AMOUNT, HOUR, SPAN, Seen
from hedgelab.introductions import Introduced
from hedgelab.validation import Floats, between

#: Nodes of the curve that many insurers are folded into, and how many spreads beyond their floors it goes.
NODES, BEYOND = 4001, 8.0


@dataclass(frozen=True, eq=False)
class Insurers(Introduced):
    """Portfolio insurers: they sell shares as the replicated put says, within a delay and no faster than they can.

    At a log price of ``x`` a replicated put has given up this much stock, which is what is called for::

        overhang + insured * (N((floor - x) / spread) - N(floor / spread))

    Of what is not sold yet, each step sells the share that `delay` says, never more a year than `pace`.  Arrays of
    `insured`, `floor` and `spread` are a crowd in which each has a put of its own: folded once into one curve, it
    costs no more than one insurer, however many they are.  The curve has 4,001 nodes with straight lines between
    them, so spreads that differ by a factor of hundreds are not for one crowd.

    Parameters
    ----------
    insured : assets, in currency, which is shares at the reference price
    floor : log of the strike beyond the reference price; see `put`
    spread : volatility times the square root of the put's life
    overhang : sales that are called for at the reference price already
    delay : years in which they sell ``1 - 1/e`` of what is called for; a quarter of an hour unless given
    pace : what they sell a year at most; any unless given
    hidden : the share of their impact that is left when sales are announced beforehand, from 0 to 1
    buy_back : whether they buy again what is no longer called for

    Examples
    --------
    Seventy-five billion insured; what a fall of ten per cent calls for, and what the next per cent would:

    >>> insurers = Insurers(insured=75.0, floor=-0.05, spread=0.25)
    >>> round(float(insurers.called(np.log(0.9))), 2), round(float(insurers.slope(np.log(0.9))) / 100, 2)
    (12.52, 1.17)
    """

    insured: Any
    floor: Any = -0.05
    spread: Any = 0.25
    overhang: float = 0.0
    delay: float = 0.25 * HOUR
    pace: float = np.inf
    hidden: float = 1.0
    buy_back: bool = False
    _before: float = field(init=False, repr=False)
    _curve: tuple[float, float, Floats, Floats] | None = field(init=False, repr=False)

    at_once = 0.0

    def __post_init__(self) -> None:
        rules = {"insured": validation.not_negative, "floor": validation.finite, "spread": validation.positive}
        validation.fields(self, **rules)
        shapes = [np.shape(part) for part in (self.insured, self.floor, self.spread)]
        sizes = {shape for shape in shapes if shape}
        if len(sizes) > 1 or any(len(shape) > 1 or shape == (0,) for shape in sizes):
            raise ValueError(f"insured, floor and spread must be numbers or lists of one length, got {shapes}")
        insured, floor, spread = np.broadcast_arrays(self.insured, self.floor, self.spread)
        validation.fields(self, overhang=AMOUNT, delay=SPAN, hidden=between(0, 1), buy_back=validation.truth)
        if self.pace != np.inf:
            validation.fields(self, pace=AMOUNT)
        limits = {"insured": AMOUNT, "floor": between(-10, 10), "spread": between(1e-6, 100)}
        for array, (name, limit) in zip((insured, floor, spread), limits.items(), strict=True):
            limit(name, array.min())
            limit(name, array.max())
            object.__setattr__(self, name, validation.kept(name, array.ravel()))
        start = float((self.insured * ndtr(self.floor / self.spread)).sum())
        object.__setattr__(self, "_before", self.overhang - start)
        object.__setattr__(self, "_curve", None if insured.size == 1 else self._folded())

    def __repr__(self) -> str:
        return f"Insurers({self._many} with {self.insured.sum():g} insured, overhang={self.overhang:g})"

    def introduction(self) -> dict[str, str]:
        """How many, how large, how fast."""
        hours = f"{self.delay / HOUR:.4g} hours"
        pace = "any" if np.isinf(self.pace) else f"{self.pace * HOUR:.4g} an hour"
        return {"insurers": self._many, "insured": f"{self.insured.sum():g}", "delay": hours, "pace": pace}

    @property
    def _many(self) -> str:
        return f"{self.insured.size:,}"

    @classmethod
    def put(
        cls,
        insured: Any,
        *,
        strike: Any,
        expiry: Any,
        volatility: Any,
        reference: float,
        rate: float = 0.0,
        **terms: Any,
    ) -> Insurers:
        """Insurers who replicate Black and Scholes's put, seen from the reference price.

        Examples
        --------
        >>> round(float(Insurers.put(100.0, strike=90, expiry=1, volatility=0.2, reference=100).floor[0]), 4)
        -0.1254
        """
        strike, expiry = validation.positive("strike", strike), validation.positive("expiry", expiry)
        volatility = validation.positive("volatility", volatility)
        rate = validation.finite_scalar("rate", rate)
        reference = validation.positive_scalar("reference", reference)
        validation.broadcast(strike=strike, expiry=expiry, volatility=volatility)
        with np.errstate(all="ignore"):  # a floor too far away is refused by name
            floor = np.log(strike) - np.log(reference) - (rate + volatility**2 / 2) * expiry
            spread = volatility * np.sqrt(expiry)
        return cls(insured, floor, spread, **terms)

    def called(self, price: Any) -> Any:
        """Sales that are called for at a log price beyond the reference, since all were at theirs."""
        price = np.asarray(price, dtype=float)
        if self._curve is None:
            amount = np.subtract(self.floor[0], price)
            amount /= self.spread[0]
            amount = distribution(amount)
            amount *= self.insured[0]
            amount += self._before
            return amount
        start, width, values, rises = self._curve
        place = (price - start) / width
        place = np.minimum(np.maximum(place, 0.0), NODES - 1.000001)
        node = place.astype(np.intp)
        place -= node
        place *= rises.take(node, mode="clip")
        place += values.take(node, mode="clip")
        return place

    def slope(self, price: Any) -> Any:
        """By how much the sales that are called for rise as the log price falls by one."""
        z = (np.asarray(price, dtype=float)[..., None] - self.floor) / self.spread
        return (self.insured / self.spread * np.exp(-0.5 * z * z)).sum(axis=-1) / np.sqrt(2 * np.pi)

    def _folded(self) -> tuple[float, float, Floats, Floats]:
        """The sum of all curves at equal distances: where it begins, how far apart, values and differences."""
        start = float((self.floor - BEYOND * self.spread).min())
        end = float((self.floor + BEYOND * self.spread).max())
        nodes = np.linspace(start, end, NODES)
        values = np.full(NODES, self._before)
        for at in range(0, self.insured.size, 4):  # few at a time stay in the processor's cache
            part = slice(at, at + 4)
            z = (self.floor[part, None] - nodes) / self.spread[part, None]
            values += self.insured[part] @ distribution(z)
        return start, (end - start) / (NODES - 1), values, np.diff(values)

    def worth(self, spot: float) -> float:
        """All that is insured."""
        return float(self.insured.sum())

    def enter(self, spot: Floats, price: Floats) -> SellingInsurers:
        """Insurers who have sold nothing yet."""
        return SellingInsurers(self, np.zeros(len(price)))


@dataclass
class SellingInsurers:
    """Insurers on the paths of a block, and what they have sold."""

    terms: Insurers
    sold: Any

    def orders(self, seen: Seen) -> Any:
        """Minus what they sell."""
        terms = self.terms
        sale = terms.called(seen.price)
        sale -= self.sold
        if not terms.buy_back:
            np.maximum(sale, 0.0, out=sale)
        sale *= min(seen.dt / terms.delay, 1.0)
        if terms.pace < np.inf:
            np.minimum(sale, terms.pace * seen.dt, out=sale)
        if seen.closed is not None and not seen.queue:
            sale[seen.closed] = 0.0
        self.sold += sale
        return np.negative(sale, out=sale)

    def still_called(self, price: Any) -> Any:
        """What is called for at this log price and has not been sold."""
        return self.terms.called(price) - self.sold
