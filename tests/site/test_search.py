"""What the search finds, what it costs, and the whole way from a letter to the marked place."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from browsing import ROOT, SITE
from built_math import find_node
from playwright.sync_api import Page, expect

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

#: What readers type, and the places each should find, of which one is enough.  A place without a name is anywhere
#: on its page.
SEARCHES = """
    gama scalping                      algorithm/gamma_theta
    Whaley Wilmott                     glossary#term-WhalleyWilmott-band
    rebalanse                          algorithm/delta_rebalancing#delta-rebalancing
    VIX                                crashes/october_1987  bibliography#id89  crashes/march_2020
    λ                                  notation  algorithm/costs_and_bands#costs-bands-and-how-often
    how often should I hedge           algorithm/costs_and_bands#how-often-then
    exercise 6.1                       algorithm/costs_and_bands#ex-best-clock
    S&P 500                            glossary#term-S-P-500  crashes/october_1987  crashes/march_2020
    1987                               crashes/october_1987#october-1987
    σ                                  notation#prices-and-time
    lambda                             notation  algorithm/costs_and_bands#costs-bands-and-how-often
    sigma                              notation#prices-and-time
    θ                                  glossary#term-theta
    gamma                              glossary#term-gamma
    dleta                              glossary#term-delta
    what is delta                      glossary#term-delta
    black scholes formula              glossary#term-BlackScholes-formula
    Black–Scholes                      foundations/replication#blackscholes-by-replication
    implied volatilty                  glossary#term-implied-volatility
    stoploss                           glossary#term-stop-loss-strategy
    CPPI                               glossary#term-CPPI
    portfolio insurance                insurance/index#portfolio-insurance  glossary#term-portfolio-insurance
    synthetic put                      insurance/synthetic_put#the-synthetic-put
    square root law                    algorithm/delta_rebalancing#the-square-root-law
    leland                             algorithm/costs_and_bands
    transaction costs                  glossary#term-transaction-cost
    hedge vega with another option     algorithm/hedging_with_options
    vanna volga                        glossary#term-vanna  algorithm/hedging_with_options#the-fourth-greek
    circuit breakers                   system/risk_limits#risk-limits-and-circuit-breakers
    SVI                                glossary#term-SVI
    volatility smile                   glossary#term-smile  smile/volatility_surface#the-volatility-surface
    why is there a smile               smile/volatility_surface#why-is-there-a-smile
    sticky strike                      glossary#term-sticky-strike
    minimum variance hedge             glossary#term-minimum-variance-delta  smile/smile_aware_hedging
    deep hedging                       smile/learning_the_hedge
    merton jumps                       glossary#term-jump-diffusion  insurance/when_the_market_gaps
    heston                             glossary#term-Heston-model
    market gaps overnight              insurance/when_the_market_gaps
    too many hedgers                   insurance/the_crowd
    dealers gamma                      insurance/the_crowd#dealers-the-same-loop-with-either-sign
    brady report                       crashes/october_1987  bibliography#id24
    figure 6.2                         algorithm/costs_and_bands#fig-best-frequency
    Fig. 5.3                           algorithm/gamma_theta#fig-roads
    equation 6.3                       algorithm/costs_and_bands#equation-whalley-wilmott
    chapter 9                          insurance/when_the_market_gaps#when-the-market-gaps
    newton                             foundations/replication#ex-newton
    solution 8.3                       insurance/synthetic_put#book/insurance/synthetic_put-solution-5
    DeltaBand                          reference/policies#hedgelab.DeltaBand
    hl.hedge                           reference/hedging#hedgelab.hedge
    implied_volatility                 reference/black_scholes#hedgelab.black_scholes.implied_volatility
    efficient frontier                 glossary#term-efficient-frontier
    homework 3                         coursework/hw3#ten-thousand-holiday-certificates
    tournament rules                   coursework/tournament#rules
    how do I run the notebooks         how_to_use#run-it
    market impact                      system/execution  glossary#term-permanent-impact
    smart order routing                glossary#term-smart-order-router
    kill switch                        glossary#term-kill-switch
    put call parity                    glossary#term-putcall-parity
    hedging with the wrong volatility  algorithm/gamma_theta
    variance risk premium              algorithm/gamma_theta#the-variance-premium
    atm                                glossary#term-at-the-money
    dividned yield                     glossary#term-dividend-yield
    late work                          coursework/instructors_guide#late-work
    margin call                        glossary#term-margin
    risk neutral probabilty            glossary#term-risk-neutral-probability
    binomial tree                      glossary#term-binomial-tree  foundations/replication
    theta decay                        glossary#term-theta  algorithm/gamma_theta  foundations/greeks
    realized volatility                glossary#term-realised-volatility
    short gamma                        algorithm/gamma_theta  algorithm/delta_rebalancing  foundations/greeks
    proportional cost                  reference/costs#hedgelab.ProportionalCost  glossary#term-transaction-cost
    no trade region                    glossary#term-no-trade-region
    cushion multiplier                 glossary#term-CPPI  glossary#term-cushion  insurance/when_the_market_gaps
    Γ                                  notation#options-and-their-greeks  glossary#term-gamma
    ρ                                  notation  glossary#term-rho
    nu                                 notation
    exercise 12.5                      smile/smile_aware_hedging#ex-smile-apple
    exercize 3.4                       foundations/greeks#ex-greeks-volga
    sabr calibration                   glossary#term-SABR  smile/volatility_surface  reference/smile
    butterfly arbitrage                glossary#term-butterfly  smile/volatility_surface  reference/smile
    local volatility                   glossary#term-local-volatility
    mettes desk                        coursework/hw1#a-week-on-mettes-desk
    stale quotes                       system/the_desk
    licence                            preface#licence
    license                            preface#licence
    delta neutral                      glossary#term-delta-neutral
    hedge ratio                        bibliography#id3  foundations/greeks
    pension fund floor                 crashes/october_1987#ex-floor  insurance/synthetic_put
    how much does a put cost           insurance/synthetic_put
    almgren chriss                     bibliography#id4  system/execution
    6.3                                algorithm/costs_and_bands
    october 19                         crashes/october_1987  insurance/when_the_market_gaps
    squareroot law                     algorithm/delta_rebalancing#the-square-root-law
    rebalancing frequency              algorithm/delta_rebalancing  algorithm/costs_and_bands
    black monday                       crashes/october_1987
    19 October 1987                    crashes/october_1987
    $12 billion                        insurance/when_the_market_gaps#the-autumn-of-1987  insurance/the_crowd
    covid                              crashes/march_2020
    HFT                                bibliography#id95  crashes/flash_crash
    VaR                                glossary#term-expected-shortfall
    CVaR                               glossary#term-expected-shortfall
    IV                                 glossary#term-implied-volatility
    rv vs iv                           glossary#term-realised-volatility  glossary#term-implied-volatility
    SSR                                glossary#term-skew-stickiness-ratio
    SOR                                glossary#term-smart-order-router
    MTM                                glossary#term-mark-to-market
    bps                                glossary#term-basis-point
    twap                               reference/desk#hedgelab.desk.equal_slices
    atm gamma                          foundations/greeks#where-gamma-and-vega-live  glossary#term-gamma
    in-the-money call                  glossary#term-in-the-money
    at-the-money                       glossary#term-at-the-money
    vol of vol                         notation#a-smile  reference/markets#hedgelab.Heston
    vollatility smile                  glossary#term-smile  smile/volatility_surface#the-volatility-surface
    colour                             glossary#term-color
    delta-hedged                       algorithm/delta_rebalancing  glossary#term-delta-neutral
    homework                           coursework/index
    answers to the homework            coursework/index  coursework/instructors_guide
    Exercise 6-1                       algorithm/costs_and_bands#ex-best-clock
    ex6.1                              algorithm/costs_and_bands#ex-best-clock
    problem 5.2                        algorithm/gamma_theta#ex-other-half
    fig 11-4                           smile/volatility_surface#fig-apple
    ch9                                insurance/when_the_market_gaps#when-the-market-gaps
    equation (4.5)                     algorithm/delta_rebalancing#equation-derman-kamal
    section 5.5                        algorithm/gamma_theta#which-volatility-to-hedge-with
    answer to exercise 10.6            insurance/the_crowd#book/insurance/the_crowd-solution-11
    exercise 1.2 answers               foundations/the_hedge#book/foundations/the_hedge-solution-3
    kind must be "call" or "put"       reference/instruments#hedgelab.Option
    strike must be positive            reference/instruments  reference/black_scholes  reference/smile
    lie must be between 0 and 1, got 2.0  reference/assumptions
    seed must be a number or a SeedSequence: all policies are to meet the same paths  reference/experiments
    options must be 2 options for target 'gamma', got 1  reference/overlays
    CaseDataError                      reference/cases#hedgelab.cases.CaseDataError
    svi.fit                            reference/smile#hedgelab.SVI.fit
    hestongreeks                       reference/markets#hedgelab.markets.HestonGreeks
    read csv quotes                    reference/smile#hedgelab.Quotes.read_csv
    garleanu                           bibliography#id48
    gennotte leland                    bibliography#id50
    put call pairty                    glossary#term-putcall-parity
    zakamulin                          reference/policies#hedgelab.Zakamouline  bibliography#id91
    vomma                              glossary#term-volga
    synth                              insurance/synthetic_put#the-synthetic-put  glossary#term-synthetic-put
    which volatility should I hedge with?  algorithm/gamma_theta#which-volatility-to-hedge-with
    what happens when implied volatility jumps  foundations/greeks#when-volatility-jumps
    how do I hedge my own data         reference/everyday#hedge-on-your-own-paths
    who takes the other side of the put  insurance/when_the_market_gaps#who-stands-behind-the-put
    docker                             host_it_yourself
"""
ASKED = [re.split(r"\s{2,}", line.strip()) for line in SEARCHES.strip().splitlines()]


def ask(site: Path, questions: list[str]) -> dict[str, Any]:
    """What the search answers, asked in Node, and all places that there are."""
    message = json.dumps({"site": str(site), "questions": questions})
    script = Path(__file__).with_name("ask_search.mjs")
    done = subprocess.run([find_node(), script], input=message, capture_output=True, check=True, encoding="utf8")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def said(site: Path) -> dict[str, Any]:
    """The answers to all of them."""
    return ask(site, [question for question, *_ in ASKED])


def meets(place: str, wanted: list[str]) -> bool:
    """Whether a place is one of those, or on one of those pages."""
    return any(place == f"book/{want}" or place.startswith(f"book/{want}#") for want in wanted)


def test_what_readers_type_finds_its_place_among_the_first_three(said):
    """At least 95 of a hundred, with errors of typing, Greek letters, numbers and questions among them."""
    missed = [
        f"{question}: {places[:3]}"
        for (question, *wanted), places in zip(ASKED, said["answers"], strict=True)
        if not any(meets(place, wanted) for place in places[:3])
    ]
    assert len(ASKED) >= 60
    assert len(missed) <= 0.05 * len(ASKED), "\n".join(missed)


#: Questions that are one question.
ALIKE = [
    ("color", "colour"),
    ("hedging program", "hedging programme"),
    ("at the money gamma", "at-the-money gamma", "ATM gamma"),
    ("exercise 6.1", "Exercise 6-1", "ex6.1", "Ex. (6.1)", "problem 6,1"),
    ("solution 10.6", "answer to exercise 10.6", "exercise 10.6 solution", "answer to the problem 10–6"),
    ("strike must be positive", "ValueError: strike must be positive, got -1.0"),
    ("smart order router", "SOR"),
]


@pytest.mark.parametrize("questions", ALIKE, ids=lambda questions: questions[0])
def test_what_is_written_in_several_ways_is_one_question(site, questions):
    first, *others = ask(site, list(questions))["answers"]
    assert first
    assert others == [first] * len(others)


#: Questions that are hardly any, and the place that each still finds first.
ODD = {
    "": None,
    '"': None,
    "דלתא": None,
    "😀": None,
    "x" * 300: None,
    "γ😀": "glossary#term-gamma",
    '"sticky strike"': "glossary#term-sticky-strike",
    "zo": "glossary#term-zomma",
    "<b>zomma</b>": "glossary#term-zomma",
    "what is it with zomma " * 14: "glossary#term-zomma",
}


def test_odd_questions_find_what_is_in_them_and_nothing_else(site):
    answers = ask(site, list(ODD))["answers"]
    first = [places[0].removeprefix("book/") if places else None for places in answers]
    assert first == list(ODD.values())


def test_a_letter_begins_a_word_and_is_no_initial(site):
    """Who has typed one letter sees words that it begins, not the authors who have it in their names."""
    for places in ask(site, ["q", "b", "z", "h"])["answers"]:
        assert places
        assert not any(place.startswith("book/bibliography#") for place in places[:3])


def test_each_place_of_the_index_is_on_its_page(said):
    """Though most names of places are not written into it but told from the titles."""
    names: dict[str, set[str]] = {}
    lost = []
    for place in said["places"]:
        page, _, name = place.partition("#")
        if page not in names:
            names[page] = set(re.findall(r'\bid="([^"]+)"', (SITE / f"{page}.html").read_text("utf8")))
        if name not in names[page]:
            lost.append(place)
    assert lost == []
    assert len(said["places"]) > 1000


def test_little_is_loaded_before_the_first_answer(site):
    """As files until the first letter, and as they travel until the first answer."""
    files = [site / "_static" / name for name in ("search.js", "search/places.js", "search/terms.js")]
    assert sum(file.stat().st_size for file in files[:2]) < 130_000
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 130_000


def chosen(page: Page) -> str:
    """The option of the list that Enter would open."""
    return page.locator("#pst-search-dialog [role=option][aria-selected=true] .found-name").inner_text()


def test_from_a_letter_to_the_marked_place(visit):
    """With the keyboard alone, and without a barrier on the way."""
    opened = visit("book/preface.html")
    page = opened.page
    assert not any("/search" in response.url for response in opened.responses)
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search the book").and_(page.locator(":focus"))
    expect(field).to_be_visible()
    page.keyboard.type("whaley wilmot band")
    expect(page.locator("#pst-search-dialog .found-text mark").first).to_be_visible()
    assert chosen(page) == "Whalley–Wilmott band"
    page.keyboard.press("ArrowDown")
    assert chosen(page) != "Whalley–Wilmott band"
    assert field.get_attribute("aria-activedescendant") == page.locator("[aria-selected=true]").get_attribute("id")
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run('#pst-search-dialog', {resultTypes: ['violations']})")
    assert [problem["id"] for problem in result["violations"]] == []
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-WhalleyWilmott-band")
    marked = page.locator(".found-place")
    expect(marked).to_be_in_viewport()
    expect(marked).to_be_focused()
    expect(marked).to_have_css("outline-style", "none")
    assert "Whalley–Wilmott band" in marked.inner_text()
    assert {"Whalley–Wilmott", "band"} <= set(page.evaluate("[...CSS.highlights.get('found')].map(String)"))
    page.keyboard.press("Escape")
    expect(marked).to_have_count(0)
    assert opened.complaints == []
    assert opened.strangers == []


def test_a_place_on_this_page_is_shown_without_loading_it_again(visit):
    """What the reader did there stays; a folded solution opens."""
    page = visit("book/algorithm/costs_and_bands.html").page
    page.evaluate("window.here = true")
    page.keyboard.press("Control+k")
    page.keyboard.type("solution 6.2")
    page.locator("#pst-search-dialog [role=option]", has_text="Solution to exercise 6.2").first.click()
    expect(page.locator("#pst-search-dialog")).to_be_hidden()
    expect(page.locator("details.solution[open]")).to_have_count(1)
    expect(page.locator("details.solution[open] summary")).to_be_in_viewport()
    assert page.evaluate("window.here")


def test_the_page_of_the_search_answers_an_address(visit):
    """The dialog leads there for more; what finds nothing says so."""
    page = visit("search.html?q=gama").page
    expect(page.locator("#search-results [role=option]").first).to_contain_text("gamma", ignore_case=True)
    assert page.locator("#search-results [role=option]").count() > 12
    page.locator(".bd-search-container input").fill("xyzzy")
    expect(page.locator("#search-results [role=status]")).to_contain_text("Nothing found")
