"""A smile as it was quoted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedgelab.cases.records import read


@dataclass(frozen=True)
class QuotedSmile:
    """Implied volatilities of one expiry, as they were quoted.

    Attributes
    ----------
    title : whose, when
    volatility : by strike
    spot : price of the share, US dollars; with a rate of zero also the forward
    expiry : years of 365 days
    log_moneyness : of the strikes

    Examples
    --------
    >>> apple_smile().title
    'Implied volatilities of Apple options on 27 May 2015, expiring on 19 June 2015'
    """

    title: str
    volatility: pd.Series
    spot: float
    expiry: float

    @property
    def log_moneyness(self) -> pd.Series:
        """The log of strike over spot, by strike."""
        strike = self.volatility.index
        return pd.Series(np.log(strike.to_numpy() / self.spot), index=strike)

    def __repr__(self) -> str:
        return f"QuotedSmile({self.title!r}, {len(self.volatility)} quotes)"


def apple_smile() -> QuotedSmile:
    """The smile of Apple's options on 27 May 2015, three weeks before they expired: 42 noisy quotes.

    Examples
    --------
    >>> from hedgelab import SVI
    >>> quoted = apple_smile()
    >>> smile = SVI.fit(quoted.log_moneyness, quoted.volatility, quoted.expiry)
    >>> round(smile.report.rms), smile.butterfly().free
    (102, True)
    """
    table = read("apple_smile_2015.csv", index="strike")
    told = table.attrs["provenance"]
    days = pd.Timestamp(told["expiry"]) - pd.Timestamp(told["date"])
    return QuotedSmile(told["title"], table.implied_volatility, float(told["spot"]), days / pd.Timedelta(days=365))
