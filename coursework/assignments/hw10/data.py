"""Makes data/crash.csv, seven real evenings of October 1987, and data/books.csv, three invented accounts.

The closes of the S&P 500 and of the VXO are those of hedgelab.cases, whose files state their sources.
Run by hand: python coursework/assignments/hw10/data.py
"""

from pathlib import Path

import numpy as np

from hedgelab import cases

BOOKS = """account,kind,strike,expiry,number
Abel,call,300,38,-400
Abel,put,300,38,-400
Abel,put,260,38,300
Bruna,put,270,66,-900
Bruna,put,240,66,900
Bruna,call,330,66,-300
Celia,put,280,38,500
Celia,put,250,38,-1500
"""


def tables():
    """What the files hold."""
    crash = cases.october_1987()
    week = crash.indices.index
    days = (week - week[0]).days
    volatility = crash.indices.vxo / 100 * np.sqrt(252 / 365)  # from trading days to the calendar
    rows = zip(week, days, crash.prices.close[week], volatility, strict=True)
    evenings = [f"{date.date()},{day},{close:.2f},{level:.4f}" for date, day, close, level in rows]
    return {"crash.csv": ["date,day,close,volatility", *evenings], "books.csv": BOOKS.split()}


if __name__ == "__main__":
    for name, rows in tables().items():
        Path(__file__).with_name("data").joinpath(name).write_text("\n".join(rows) + "\n", "utf8")
