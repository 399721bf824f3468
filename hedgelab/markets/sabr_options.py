"""What the SABR formula says of options on a lognormal price: implied volatilities, and Greeks made of them.

P. S. Hagan, D. Kumar, A. S. Lesniewski & D. E. Woodward (2002), "Managing smile risk", Wilmott Magazine, equation
2.17 with beta 1.  With ``z = vol_of_volatility / volatility log(F / K)``, F the forward::

    implied volatility = volatility (z / chi) (1 + level time),    z = sinh chi + correlation (1 - cosh chi)
    level = correlation vol_of_volatility volatility / 4 + (2 - 3 correlation**2) / 24 vol_of_volatility**2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from hedgelab.instruments import Option
from hedgelab.smile.hagan import shape

if TYPE_CHECKING:
    from hedgelab.markets.lognormal_sabr import LognormalSABR

LEAST = 1e-9  # the volatility that stands for none


class SABRGreeks(NamedTuple):
    """The price of an option by the SABR formula, and its derivatives by spot, time and the volatility."""

    price: float
    delta: float
    gamma: float
    theta: float  # per year
    vega: float
    vanna: float
    volga: float


class Smile(NamedTuple):
    """The implied volatility of an option, and its derivatives."""

    level: Any
    by_log_spot: Any
    by_log_spot_twice: Any
    by_volatility: Any
    by_volatility_twice: Any
    by_both: Any
    by_years: Any  # the forward held still


def smile(model: LognormalSABR, log_moneyness: Any, volatility: Any, years: float) -> Smile:
    """The formula and its derivatives, at points of ``log(F / K)`` and volatility."""
    nu, rho = model.nu, model.rho
    volatility = np.maximum(volatility, LEAST)
    z = nu * log_moneyness / volatility
    g, slope, bend = shape(z, rho)
    per_volatility = 0.25 * rho * nu
    level = per_volatility * volatility + (2 - 3 * rho**2) / 24 * nu**2
    h, h_slope = np.maximum(1 + level * years, 0.0), per_volatility * years
    return Smile(
        level=volatility * g * h,
        by_log_spot=nu * slope * h,
        by_log_spot_twice=nu**2 / volatility * bend * h,
        by_volatility=(g - z * slope) * h + volatility * g * h_slope,
        by_volatility_twice=z**2 * bend * h / volatility + 2 * (g - z * slope) * h_slope,
        by_both=nu * slope * h_slope - nu * z * bend * h / volatility,
        by_years=volatility * g * level,
    )


@np.errstate(all="ignore")  # what is no number is refused by the caller
def greeks(
    model: LognormalSABR, option: Option, spot: Any, volatility: Any, years: float, rates: tuple[float, float]
) -> dict[str, Any]:
    """Black and Scholes's Greeks at the implied volatility, which moves with spot, volatility and time."""
    growth = rates[0] - rates[1]
    smiling = smile(model, np.log(spot / option.strike) + growth * years, volatility, years)
    price, delta, gamma, theta, vega, vanna, volga = option.greeks(
        SABRGreeks._fields, spot, years, smiling.level, *rates
    )
    by_spot, by_volatility = smiling.by_log_spot / spot, smiling.by_volatility
    twice = (smiling.by_log_spot_twice - smiling.by_log_spot) / spot**2
    found = {
        "price": price,
        "delta": delta + vega * by_spot,
        "gamma": gamma + 2 * vanna * by_spot + volga * by_spot**2 + vega * twice,
        "theta": theta - vega * (smiling.by_years + growth * smiling.by_log_spot),
        "vega": vega * by_volatility,
        "vanna": vanna * by_volatility + volga * by_volatility * by_spot + vega * smiling.by_both / spot,
        "volga": volga * by_volatility**2 + vega * smiling.by_volatility_twice,
    }
    taken_along = model.correlation * model.vol_of_volatility / spot  # volatility, by a dollar of the spot
    return found | {"minimum_variance_delta": found["delta"] + taken_along * found["vega"]}


@dataclass(frozen=True)
class SABRPricer:
    """Prices and Greeks for a whole walk: the formula for each path, where the market shows its variance."""

    model: LognormalSABR
    rates: tuple[float, float]
    names: ClassVar[Sequence[str]] = (*SABRGreeks._fields, "minimum_variance_delta")
    deltas: ClassVar[Sequence[str]] = ("delta", "minimum_variance_delta")

    def greeks(self, names: Sequence[str], option: Option, view: Any) -> Sequence[Any]:
        """The named Greeks of one option; vega, vanna and volga are by the market's volatility."""
        volatility, years = self.state(option, view), option.expiry - view.time
        found = greeks(self.model, option, view.spot, volatility, years, self.rates)
        return [found[name] for name in names]

    def state(self, option: Option, view: Any) -> Any:
        """The volatility that the market shows."""
        if view.quote.variance is None:
            raise ValueError("a SABR model needs a market that shows its variance, got one that shows none")
        return np.sqrt(view.quote.variance)

    def volatility(self, option: Option, view: Any) -> Any:
        """The option's implied volatility."""
        years = max(option.expiry - view.time, 0.0)
        log_moneyness = np.log(view.spot / option.strike) + (self.rates[0] - self.rates[1]) * years
        return smile(self.model, log_moneyness, self.state(option, view), years).level
