"""When does a fall feed itself?"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator

from hedgelab import crowd, figures
from hedgelab.crowd import DAY, HOUR, CrowdMarket, Halts, Insurers, LinearDepth, ValueBuyers
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Choice, Draw, Slider
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure

MINUTES = 390  # of a trading day
VOLATILITY = 0.3635  # of the news: 2.29 per cent a day, the VXO of 16 October 1987 as it was printed
OVERHANG = 8 / 75  # of what is insured: on that evening some 8 billion were called for and not sold
PACE = 1.5 / HOUR


class Spiral(Explorer):
    """One bad day of a market whose insurers sell as it falls, and the gain of that loop against its threshold.

    Controls: `insured`, in billions; by how much a billion moves the price (`impact`); within how many hours
    value buyers come (`delay`); what stops the market (`breakers`); which `shocks`.  Behind "More": the bad `news`
    before the opening, what buyers would take ten per cent below value (`taken`, in billions), and the share of
    the insurers' impact that is left when their sales are announced (`hidden`).

    Examples
    --------
    >>> quick, slow = (Spiral(delay=hours).numbers()["trough"] for hours in (0.25, 4))
    >>> quick < 0.2 < slow
    True
    """

    name = "spiral"
    question = "When does a fall feed itself?"
    alt = (
        "Two charts. Above, the price over one trading day, with the insurers' sales and, faintly, without them: "
        "it falls far below the news and partly recovers. Below, the threshold of the gain, a curve that sinks "
        "towards one as buyers come later, and a dot for this market's gain."
    )
    readouts: ClassVar = {
        "gain": ("Gain", "shares"),
        "threshold": ("Threshold", "shares"),
        "trough": ("Lowest, below the close before", "percent"),
        "sold": ("Insurers sold, $bn", "shares"),
        "still": ("Still called for, $bn", "shares"),
    }
    height = (30, 26)
    more = ("news", "taken", "hidden")

    insured = Slider(75.0, 0.0, 150.0, 5.0, "Insured, $bn", "number")
    impact = Slider(0.0118, 0.0002, 0.03, 0.0002, "A billion moves the price by", "basis points")
    delay = Slider(4.0, 0.25, 16.0, 0.25, "Buyers come within hours", "number")
    breakers = Choice(
        "none",
        {
            "none": "nothing",
            "halts": "halts at 7, 13, 20 %",
            "queue": "halts, sales queue",
            "pace": "$1.5bn an hour at most",
        },
        "What stops it",
    )
    shocks = Draw(1, "Other news")
    news = Slider(0.03, 0.0, 0.06, 0.005, "Bad news before the opening", "percent")
    taken = Slider(20.0, 0.0, 40.0, 1.0, "Buyers take at 10 % off, $bn", "number")
    hidden = Slider(1.0, 0.1, 1.0, 0.1, "Impact left if announced", "percent")

    def alone(self) -> Shown:
        """What the news alone would make of the price."""
        return Shown(100 * (1 - self.news), VOLATILITY, VOLATILITY**2 / 2, shocks=self.shocks)

    def market(self) -> CrowdMarket:
        """The market that is shown."""
        pace = PACE if self.breakers == "pace" else np.inf
        gates = {"halts": Halts(), "queue": Halts(queue=True)}
        insurers = Insurers(self.insured, overhang=OVERHANG * self.insured, hidden=self.hidden, pace=pace)
        return CrowdMarket(
            self.alone(),
            LinearDepth(1 / self.impact),
            [insurers, ValueBuyers(10 * self.taken, self.delay * HOUR)],
            gates.get(self.breakers),
            reference=100.0,
        )

    def threshold(self, delay: Any) -> Any:
        """The gain from which a small move feeds itself, if insurers also buy back and buyers also sell short.

        Buyers take so many hours.
        """
        return crowd.threshold(10 * self.taken * self.impact, 0.25, delay)

    def numbers(self) -> dict[str, float]:
        """Gain and threshold, the lowest price, what insurers sold and what is still called for at the close."""
        market = self.market()
        day = crowd.episode(market, DAY, MINUTES)
        return {
            "gain": market.gain(),
            "threshold": float(self.threshold(self.delay)),
            "trough": float(day.trough[0]),
            "sold": -float(day.bought[0, 0]),
            "still": max(float(day.still_called[0]), 0.0),
        }

    def picture(self) -> Figure:
        """The day, and where its gain stands against the threshold."""
        shown = self.numbers()
        with_crowd, alone = (each.simulate(DAY, MINUTES, 1).spot[:, 0] for each in (self.market(), self.alone()))
        hours = np.linspace(0, 6.5, MINUTES + 1)
        figure, (above, below) = figures.new(2, 1, height=5.6)
        above.plot(hours, alone, color=PALETTE["faint"], linewidth=1, label="the news alone")
        above.plot(hours, with_crowd, color=PALETTE["unhedged"], label="with the crowd")
        above.set(title="price, of 100 at the close before", xlabel="hours of trading")
        above.legend(loc="lower right")
        delays = np.geomspace(0.25, 16, 97)
        below.plot(delays, self.threshold(delays), "--", color=PALETTE["theory"], label="threshold")
        feeds = shown["gain"] >= shown["threshold"]
        below.plot(
            self.delay, shown["gain"], "o", color=PALETTE["loss" if feeds else "hedged"], label="this market"
        )
        below.set(title="gain", xlabel="hours within which buyers come", xscale="log")
        below.set_ylim(0, 1.1 * max(2.0, shown["gain"], min(float(self.threshold(0.25)), 4.0)))
        below.xaxis.set_major_locator(FixedLocator([0.25, 1, 4, 16]))
        below.xaxis.set_major_formatter("{x:g}")
        below.xaxis.set_minor_locator(NullLocator())
        below.legend()
        return figure
