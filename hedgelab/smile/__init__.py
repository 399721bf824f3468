"""The smile: volatility over strikes and expiries, fitted to quotes, free of arbitrage or saying so.

A slice is the smile of one expiry, a function of the log moneyness ``k = ln(strike / forward)``; `Slice` says what
all of them can be asked.  `SVI` and `SABR` are slices, `SSVI` is a family of SVI's for all expiries, and a
`Surface` puts slices of any kind together.  `Quotes` reads a chain of option prices from a file.
"""

from hedgelab.smile.butterflies import Butterfly
from hedgelab.smile.calendars import Calendar, Crossing
from hedgelab.smile.moving import MovingSmile
from hedgelab.smile.parity import Parity, parity
from hedgelab.smile.quotes import Quotes, Volatilities
from hedgelab.smile.reports import FitReport, SurfaceReport
from hedgelab.smile.rows import QuotesError
from hedgelab.smile.rules import SmileGreeks, smile_delta, smile_greeks
from hedgelab.smile.sabr import SABR
from hedgelab.smile.slices import Derivatives, Slice, gatheral_g
from hedgelab.smile.ssvi import SSVI
from hedgelab.smile.surfaces import Blend, Surface
from hedgelab.smile.svi import SVI, JumpWings, Natural

__all__ = [
    "Blend",
    "Butterfly",
    "Calendar",
    "Crossing",
    "Derivatives",
    "FitReport",
    "JumpWings",
    "MovingSmile",
    "Natural",
    "Parity",
    "Quotes",
    "QuotesError",
    "SABR",
    "SSVI",
    "SVI",
    "Slice",
    "SmileGreeks",
    "Surface",
    "SurfaceReport",
    "Volatilities",
    "gatheral_g",
    "parity",
    "smile_delta",
    "smile_greeks",
]
