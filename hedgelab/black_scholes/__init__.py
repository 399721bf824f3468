"""Black-Scholes prices and Greeks of European options.

Time is in years; rates and yields are continuously compounded; volatility is annual; all are plain numbers (0.2,
not 20).  With forward ``F = S exp((r - q) T)`` and total volatility ``w = sigma sqrt(T)``::

    d1 = ln(F / K) / w + w / 2        d2 = d1 - w
    call = S exp(-q T) N(d1) - K exp(-r T) N(d2)

Black & Scholes (1973), Merton (1973); notation of Hull, *Options, Futures, and Other Derivatives*, ch. 15 and 19.
`price` and `greeks` check what they are given and broadcast like NumPy, scalars to scalars; `value`, `delta` and
`formula.Formula`, for many Greeks, are for inner loops and check nothing.
"""

from hedgelab.black_scholes.formula import KINDS, SIGN, delta, value
from hedgelab.black_scholes.implied import implied_volatility
from hedgelab.black_scholes.pricing import Greeks, greeks, price

__all__ = ["Greeks", "KINDS", "SIGN", "delta", "greeks", "implied_volatility", "price", "value"]
