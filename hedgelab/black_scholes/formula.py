"""The formula itself, unchecked, for inner loops."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr

from hedgelab.black_scholes.normal import distribution, with_tails

#: The sign of a payoff: +1 for a call, which gains when the stock rises, and -1 for a put.
SIGN = {"call": 1.0, "put": -1.0}

#: How either may be written, in letters of any case.
KINDS = {"call": "call", "c": "call", "put": "put", "p": "put"}
SMALLEST = np.nextafter(0.0, 1.0)  # stands for no total volatility: 0 / SMALLEST is 0, all else is infinite
LITTLE = 1e-4  # the total volatility below which a price is a small difference of large numbers


@np.errstate(all="ignore")
def value(
    sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0
) -> Any:
    """`price` for inner loops: nothing is checked, and `sign` is +1 for calls and -1 for puts.

    >>> float(value(-1.0, spot=90.0, strike=100.0, expiry=0.0, volatility=0.2))
    10.0
    """
    return Formula(sign, spot, strike, expiry, volatility, rate, dividend).price[()]


@np.errstate(all="ignore")
def delta(
    sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0
) -> Any:
    """The delta of `greeks` for inner loops: nothing is checked, and `sign` is +1 for calls and -1 for puts.

    By the fast normal distribution, which is as good as the other where a share is the unit.

    >>> float(delta(-1.0, spot=100.0, strike=100.0, expiry=0.0, volatility=0.2))  # at the kink
    -0.5
    """
    total = np.maximum(volatility * np.sqrt(expiry), 1e-40)  # so little that d1 is certain, and still a number
    signed_d1 = (np.log(spot / strike) + ((rate - dividend) * expiry + 0.5 * total**2)) / (sign * total)
    probability = distribution(signed_d1)
    share = sign * np.exp(_log_discount(dividend, expiry))
    return probability if np.ndim(share) == 0 and share == 1 else share * probability


class Formula:
    """The terms of the formula for a block of options, each worked out when first asked for, and kept.

    For inner loops: nothing is checked, and `sign` is +1 for calls and -1 for puts.

    >>> Formula(1.0, 100.0, 100.0, 0.0, 0.2).numbers(("delta", "gamma"))  # at the kink
    (np.float64(0.5), np.float64(0.0))
    """

    @np.errstate(all="ignore")
    def __init__(
        self, sign: Any, spot: Any, strike: Any, expiry: Any, volatility: Any, rate: Any = 0.0, dividend: Any = 0.0
    ) -> None:
        self.sign, self.spot, self.strike, self.expiry = sign, spot, strike, expiry
        self.volatility, self.rate, self.dividend = volatility, rate, dividend
        self.root = np.sqrt(expiry)
        self.total = np.maximum(volatility * self.root, SMALLEST)
        self.little = self.total < LITTLE
        log_bond, log_share = _log_discount(rate, expiry), _log_discount(dividend, expiry)
        self.share = np.exp(log_share)  # what one share at expiry costs now
        self.stock, self.bond = spot * self.share, strike * np.exp(log_bond)
        self.log_forward = self.log_ratio() + (log_share - log_bond)  # over the strike
        self.middle, half = self.log_forward / self.total, 0.5 * self.total
        self.d1, self.d2 = self.middle + half, self.middle - half

    @np.errstate(all="ignore")
    def numbers(self, names: Iterable[str]) -> tuple[Any, ...]:
        """The `greeks` (or "price") of these names, but for the kink.

        Terms with the normal density are zero there, as on either side of it, so that gamma times a move is a
        number.
        """
        nothing_left = self.total == SMALLEST
        if np.any(nothing_left):
            self.density = np.where(nothing_left, 0.0, self.density)
        return tuple(getattr(self, name)[()] for name in names)

    def log_ratio(self) -> Any:
        """ln(S / K), which cannot overflow; to its last digit, near zero too, where volatility is little."""
        ratio = np.log(self.spot) - np.log(self.strike)
        if not np.any(self.little):
            return ratio
        change = (self.spot - self.strike) / self.strike
        exact = np.where(abs(change) < 0.5, np.log1p(change), np.log(self.spot / self.strike))
        return np.where(self.little, exact, ratio)

    @cached_property
    def probability(self) -> Any:
        return with_tails(self.sign * self.d1)

    @cached_property
    def held(self) -> Any:
        return self.stock * self.probability

    @cached_property
    def paid(self) -> Any:
        return self.bond * with_tails(self.sign * self.d2)

    @cached_property
    def density(self) -> Any:
        return np.exp(-0.5 * self.d1**2) * self.share * (1 / np.sqrt(2 * np.pi))

    @cached_property
    def spot_density(self) -> Any:
        return self.spot * self.density

    @cached_property
    def certain(self) -> Any:
        return self.density == 0

    @cached_property
    def uncertain(self) -> Any:
        return not np.any(self.certain)  # everywhere

    @cached_property
    def drift(self) -> Any:
        return self.rate - self.dividend

    @cached_property
    def slope(self) -> Any:
        return self.middle / self.total  # d1 / total is one half more, d2 / total one half less

    @cached_property
    def d1_by_expiry(self) -> Any:
        return (self.drift - 0.5 * (self.slope - 0.5) * np.square(self.volatility)) / self.total

    @cached_property
    def widening(self) -> Any:
        return (1 - self.d1 * self.d2) / (2 * np.maximum(self.expiry, SMALLEST))

    @cached_property
    def delta(self) -> Any:
        return self.sign * self.share * self.probability

    @cached_property
    def gamma(self) -> Any:
        return self.density / self.spot / self.total

    @cached_property
    def vega(self) -> Any:
        return self.spot_density * self.root

    @cached_property
    def rho(self) -> Any:
        return self.sign * self.expiry * self.paid

    @cached_property
    def carry(self) -> Any:
        return self.sign * (self.dividend * self.held - self.rate * self.paid)

    @cached_property
    def theta(self) -> Any:
        return self.carry - self.spot_density * (0.5 * self.volatility) * self.volatility / self.total

    @cached_property
    def vanna(self) -> Any:
        return self.weighed(-self.density * self.root, self.slope - 0.5)

    @cached_property
    def volga(self) -> Any:
        return self.weighed(self.vega * self.root, self.d1 * (self.slope - 0.5))

    @cached_property
    def speed(self) -> Any:
        return self.weighed(-self.gamma / self.spot, self.slope + 1.5)

    @cached_property
    def charm(self) -> Any:
        return self.dividend * self.delta - self.weighed(self.density, self.d1_by_expiry)

    @cached_property
    def color(self) -> Any:
        return self.weighed(self.gamma, self.dividend + self.drift * (self.slope + 0.5) + self.widening)

    @cached_property
    def zomma(self) -> Any:
        return self.weighed(self.gamma, (self.d1 * self.d2 - 1) / np.maximum(self.volatility, SMALLEST))

    def weighed(self, weight: Any, factor: Any) -> Any:
        """The product, and zero wherever the density in the weight is, even if the factor is infinite."""
        product = weight * factor
        return product if self.uncertain else np.where(self.certain, 0.0, product)

    @cached_property
    def price(self) -> Any:
        intrinsic = np.maximum(self.sign * (self.stock - self.bond), 0.0)
        price = np.maximum(self.sign * (self.held - self.paid), intrinsic)
        return np.where(self.little, self.price_of_little_volatility(), price) if np.any(self.little) else price

    def price_of_little_volatility(self) -> Any:
        """Intrinsic and time value, worked out apart: their difference would lose the digits of the latter.

        The time value is the density times a difference of Mills ratios ``R = N / n`` at d1 and d2, those of the
        kind that is out of the money.  As ``R' = 1 + x R``, two terms of its Taylor series are easy, and enough.
        """
        outside = np.where(self.log_forward < 0, 1.0, -1.0)
        x, total = outside * self.d1, self.volatility * self.root  # zero where self.total only stands for it
        ratio = self.share * ndtr(x) / self.density
        first = 1 + x * ratio
        second = ratio + x * first
        time_value = self.weighed(self.spot_density, total * (first - 0.5 * outside * total * second))
        close = abs(self.log_forward) < 0.1
        forward = np.where(close, self.bond * np.expm1(self.log_forward), self.stock - self.bond)
        return np.maximum(self.sign * forward, 0.0) + time_value


def _log_discount(rate: Any, expiry: Any) -> Any:
    """The log of the discount factor; one zero where the rate is one zero, which spares the exponentials."""
    return 0.0 if np.ndim(rate) == 0 and rate == 0 else -rate * expiry
