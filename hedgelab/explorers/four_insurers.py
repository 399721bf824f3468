"""What does a floor cost?"""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from hedgelab import figures, insurance
from hedgelab.explorers.base import Explorer
from hedgelab.explorers.controls import Draw, Slider, Switch
from hedgelab.explorers.shocks import Shown
from hedgelab.figures import PALETTE, Figure
from hedgelab.insurance import InsuredRun

DAYS = 252
RATE = 0.03
LABELS = {"holding": "held", "put": "synthetic put", "cppi": "CPPI", "stop": "stop-loss", "mix": "constant mix"}
COLOURS = {"holding": "faint", "put": "hedged", "cppi": "theory", "stop": "loss", "mix": "unhedged"}


class FourInsurers(Explorer):
    """A hundred dollars for a year: held in shares, insured in three ways, and in a constant mix, on one path.

    Controls: the `floor`, a fraction of the value at first; CPPI's `multiplier`; the `volatility` of the shares;
    which `shocks`; their `drift`; what the synthetic put has `believed` of the volatility; whether CPPI may
    `borrow`.  The mix has at all times the fraction in shares with which the synthetic put begins.

    Examples
    --------
    >>> ends = FourInsurers(floor=0.95).numbers()
    >>> ends["cppi"] > 95, len(ends)
    (True, 5)
    """

    name = "four-insurers"
    question = "What does a floor cost?"
    alt = (
        "Two charts over 252 trading days, a line for each fund: what it is worth, with the floor's present value "
        "dashed, and which part of it is in shares."
    )
    readouts: ClassVar = {
        "holding": ("Shares held", "dollars"),
        "put": ("Synthetic put", "dollars"),
        "cppi": ("CPPI", "dollars"),
        "stop": ("Stop-loss", "dollars"),
        "mix": ("Constant mix", "dollars"),
    }
    height = (29, 28)

    floor = Slider(0.90, 0.70, 1.0, 0.01, "Floor", "percent")
    multiplier = Slider(4.0, 1.0, 10.0, 0.5, "Multiplier of CPPI", "number")
    volatility = Slider(0.20, 0.05, 0.50, 0.01, "Volatility of the shares", "percent")
    shocks = Draw(1, "New path")
    drift = Slider(0.08, -0.30, 0.30, 0.01, "Their drift", "percent")
    believed = Slider(0.20, 0.05, 0.50, 0.01, "Volatility the synthetic put believes", "percent")
    borrow = Switch(True, "CPPI may borrow")
    more = ("drift", "believed", "borrow")

    def runs(self) -> dict[str, InsuredRun]:
        """Each fund on the path that is shown."""
        put = self._insured(insurance.SyntheticPut(self.believed))
        return {
            "holding": self._insured(insurance.Holding()),
            "put": put,
            "cppi": self._insured(insurance.CPPI(self.multiplier, cap=None if self.borrow else 1.0)),
            "stop": self._insured(insurance.StopLoss()),
            "mix": self._insured(insurance.ConstantMix(float(put.ledger().exposure.iloc[0]))),
        }

    def _insured(self, method: insurance.Method) -> InsuredRun:
        market = Shown(spot=100.0, volatility=self.volatility, drift=self.drift, shocks=self.shocks)
        return insurance.insure(100.0, self.floor, 1.0, market, method, rate=RATE, steps=DAYS)

    def numbers(self) -> dict[str, float]:
        """What each fund ends with."""
        return {name: float(run.wealth[0]) for name, run in self.runs().items()}

    def books(self) -> dict[str, pd.DataFrame]:
        """The ledger of each fund."""
        return {name: run.ledger() for name, run in self.runs().items()}

    def picture(self) -> Figure:
        """What the funds are worth, and which part is in shares."""
        figure, (worth, share) = figures.new(2, 1, height=5.6, sharex=True)
        for name, books in self.books().items():
            style = {"color": PALETTE[COLOURS[name]], "linewidth": 1.4}
            worth.plot(range(DAYS + 1), books.wealth, label=LABELS[name], **style)
            if name != "holding":
                share.plot(range(DAYS), 100 * books.exposure.iloc[:-1], **style)
        worth.plot(range(DAYS + 1), books.floor, "--", color=PALETTE["ink"], linewidth=1, label="floor")
        worth.set(title="worth ($)", xlim=(0, DAYS))
        worth.legend(ncols=3, fontsize=9)
        share.set(title="of it in shares (%)", xlabel="trading day")
        return figure
