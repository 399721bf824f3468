"""What the search finds, and how it is used."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from browsing import ROOT, SITE
from built_math import find_node

#: What readers type, and the places each should find; one of them is enough.  A place without a name is anywhere on
#: its page.
SEARCHES = """
    gama scalping                     algorithm/gamma_theta
    Whaley Wilmott                    glossary#term-WhalleyWilmott-band
    rebalanse                         algorithm/delta_rebalancing#delta-rebalancing
    VIX                               crashes/october_1987  bibliography#id89
    λ                                 notation  algorithm/costs_and_bands#costs-bands-and-how-often
    how often should I hedge          algorithm/costs_and_bands#how-often-then
    exercise 6.1                      algorithm/costs_and_bands#ex-best-clock
    S&P 500                           crashes/october_1987
    1987                              crashes/october_1987#october-1987
    σ                                 notation#prices-and-time
    lambda                            notation  algorithm/costs_and_bands#costs-bands-and-how-often
    sigma                             notation#prices-and-time
    θ                                 glossary#term-theta
    gamma                             glossary#term-gamma
    dleta                             glossary#term-delta
    what is delta                     glossary#term-delta
    black scholes formula             glossary#term-BlackScholes-formula
    Black–Scholes                     foundations/replication#blackscholes-by-replication
    implied volatilty                 glossary#term-implied-volatility
    stoploss                          glossary#term-stop-loss-strategy
    CPPI                              glossary#term-CPPI
    portfolio insurance               insurance/index#portfolio-insurance  glossary#term-portfolio-insurance
    synthetic put                     insurance/synthetic_put#the-synthetic-put
    square root law                   algorithm/delta_rebalancing#the-square-root-law
    leland                            algorithm/costs_and_bands
    transaction costs                 glossary#term-transaction-cost
    hedge vega with another option    algorithm/hedging_with_options
    vanna volga                       glossary#term-vanna  glossary#term-volga  algorithm/hedging_with_options#the-fourth-greek
    circuit breakers                  system/risk_limits#risk-limits-and-circuit-breakers
    SVI                               glossary#term-SVI
    volatility smile                  glossary#term-smile  smile/volatility_surface#the-volatility-surface
    why is there a smile              smile/volatility_surface#why-is-there-a-smile
    sticky strike                     glossary#term-sticky-strike
    minimum variance hedge            glossary#term-minimum-variance-delta  smile/smile_aware_hedging
    deep hedging                      smile/learning_the_hedge
    merton jumps                      glossary#term-jump-diffusion  insurance/when_the_market_gaps#a-world-that-jumps
    heston                            glossary#term-Heston-model
    market gaps overnight             insurance/when_the_market_gaps
    too many hedgers                  insurance/the_crowd
    dealers gamma                     insurance/the_crowd#dealers-the-same-loop-with-either-sign
    brady report                      crashes/october_1987  bibliography#id24
    figure 6.2                        algorithm/costs_and_bands#fig-best-frequency
    Fig. 5.3                          algorithm/gamma_theta#fig-roads
    equation 6.3                      algorithm/costs_and_bands#equation-whalley-wilmott
    chapter 9                         insurance/when_the_market_gaps#when-the-market-gaps
    newton                            foundations/replication#ex-newton
    solution 8.3                      insurance/synthetic_put#book/insurance/synthetic_put-solution-5
    DeltaBand                         reference/policies#hedgelab.DeltaBand
    hl.hedge                          reference/hedging#hedgelab.hedge
    implied_volatility                reference/black_scholes#hedgelab.black_scholes.implied_volatility
    efficient frontier                glossary#term-efficient-frontier
    homework 3                        coursework/hw3#ten-thousand-holiday-certificates
    tournament rules                  coursework/tournament#rules
    how do I run the notebooks        how_to_use#run-it
    market impact                     system/execution  glossary#term-permanent-impact  glossary#term-temporary-impact
    smart order routing               glossary#term-smart-order-router
    kill switch                       glossary#term-kill-switch
    put call parity                   glossary#term-putcall-parity
    hedging with the wrong volatility algorithm/gamma_theta
    variance risk premium             algorithm/gamma_theta#the-variance-premium
    atm                               glossary#term-at-the-money
    dividned yield                    glossary#term-dividend-yield
    late work                         coursework/instructors_guide#late-work
    margin call                       glossary#term-margin
"""


@cache
def answers() -> tuple[list[tuple[str, list[str], list[str]]], float]:
    """What readers type, what they should find and what they do, best first; how long the slowest takes."""
    rows = [re.split(r"\s{2,}|(?<=volatility) (?=algorithm)", line.strip()) for line in SEARCHES.strip().splitlines()]
    message = json.dumps({"site": str(SITE), "questions": [question for question, *_ in rows]})
    script = Path(__file__).with_name("ask_search.mjs")
    done = subprocess.run(
        [find_node(), str(script)], input=message, capture_output=True, check=True, encoding="utf8", cwd=ROOT
    )
    said = json.loads(done.stdout)
    found = [(row[0], row[1:], places) for row, places in zip(rows, said["answers"], strict=True)]
    return found, max(said["milliseconds"])


def meets(place: str, wanted: list[str]) -> bool:
    """Whether a place is one of those, or on one of those pages."""
    return any(place.removeprefix("book/") == want or place.startswith(f"book/{want}#") for want in wanted)
