"""What is an option's value made of?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from hedgelab import black_scholes, figures
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Slider
from hedgelab.figures import PALETTE, Figure

SPOTS = np.linspace(50, 150, 201)

GREEKS = ("delta", "gamma", "vega", "theta", "rho", "vanna", "volga", "charm", "speed", "zomma", "color")


class Anatomy(Explorer):
    """The value of an option against the stock price, its tangent and its decay, and any of its Greeks.

    Controls: `kind`, `spot`, `strike`, `volatility`, `months` to expiry, `rate`, and `greek`, the lower chart's.

    Examples
    --------
    >>> option = Anatomy(spot=90, volatility=0.3)
    >>> round(option.numbers()["price"], 4)
    2.0217
    """

    name = "anatomy"
    question = "What is an option’s value made of?"
    alt = (
        "Two charts against the stock price from 50 to 150 dollars. Above, an option's value today is a curve "
        "over the bent line of its payoff that touches delta's straight line at today's price. Below, one of its "
        "Greeks."
    )
    readouts: ClassVar = {
        "price": ("Value", "dollars"),
        "delta": ("Delta", "number"),
        "gamma": ("Gamma", "number"),
        "theta": ("Theta, a day", "dollars"),
        "vega": ("Vega, a point", "dollars"),
        "greek": ("Chosen Greek", "number"),
    }
    height = (32, 25)

    spot = Slider(100, 60, 140, 1, "Stock price", "dollars")
    volatility = Slider(0.30, 0.05, 1.0, 0.01, "Volatility", "percent")
    months = Slider(3, 0.25, 24, 0.25, "Time to expiry", "months")
    strike = Slider(100, 60, 140, 1, "Strike", "dollars")
    rate = Slider(0.0, -0.02, 0.10, 0.005, "Interest rate", "percent")
    kind = Choice("call", {"call": "a call", "put": "a put"}, "Option")
    greek = Choice("gamma", {name: name for name in GREEKS}, "Chosen Greek")

    def numbers(self) -> dict[str, float]:
        """Price, delta, gamma, theta a calendar day, vega a point of volatility, and the Greek that was chosen."""
        terms = (self.strike, self.months / 12, self.volatility, self.rate)
        greeks = black_scholes.greeks(self.kind, self.spot, *terms)._asdict()
        shown = {name: greeks[name] for name in ("price", "delta", "gamma")}
        shown |= {"theta": greeks["theta"] / 365, "vega": greeks["vega"] / 100, "greek": greeks[self.greek]}
        return {name: float(number) for name, number in shown.items()}

    def picture(self) -> Figure:
        """Value and Greek against the stock price."""
        expiry, terms = self.months / 12, (self.volatility, self.rate)
        curves = black_scholes.greeks(self.kind, SPOTS, self.strike, expiry, *terms)._asdict()
        sooner = black_scholes.price(self.kind, SPOTS, self.strike, expiry / 2, *terms)
        payoff = black_scholes.price(self.kind, SPOTS, self.strike, 0.0, *terms)
        here = self.numbers()
        figure, (above, below) = figures.new(2, 1, height=6, sharex=True)
        above.plot(SPOTS, curves["price"], color=PALETTE["hedged"], label="today")
        above.plot(SPOTS, sooner, color=PALETTE["unhedged"], label="half the time gone")
        above.plot(SPOTS, payoff, color=PALETTE["ink"], linestyle=":", label="at expiry")
        above.axline((self.spot, here["price"]), slope=here["delta"], color=PALETTE["theory"], linestyle="--")
        top = curves["price"].max()
        above.set(title="value of the option ($)", ylim=(-0.12 * top, 1.05 * top))
        above.legend()
        below.plot(SPOTS, curves[self.greek], color=PALETTE["theory"])
        below.set(title=self.greek, xlabel="stock price ($)")
        for axes in (above, below):
            axes.axvline(self.spot, color=PALETTE["faint"], linestyle=":")
        return figure
