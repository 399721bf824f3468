"""Whatever a reader looks at says what it is in five lines at most, and in a notebook in a small table."""

import re
import subprocess
import sys

import numpy as np
import pytest
from examples import MARKETS, made

import hedgelab as hl
from hedgelab.introductions import written

CALL = hl.Option("call", 105, 0.25)
GBM = hl.GBM(100, 0.2)
MANY = {hl.Option("put", strike, 0.25): -1 for strike in range(50, 150)}
SMILE = hl.cases.apple_smile()
APPLE = hl.SVI.fit(SMILE.log_moneyness, SMILE.volatility, SMILE.expiry, weights=np.arange(42) % 2)
K = np.linspace(-0.3, 0.3, 9)
SURFACE = hl.Surface.fit(np.tile(K, 20), np.tile(0.2 - 0.1 * K, 20), np.repeat(np.arange(1, 21) / 10, 9))
THINGS = {
    "option": CALL,
    **made(MARKETS),
    "Bootstrap of many returns": hl.Bootstrap(100, np.random.default_rng(1).normal(0, 0.01, 900)),
    "Replay of many days": hl.cases.october_1987().market,
    "Scenarios of many paths": hl.Scenarios(*GBM.simulate(0.25, 63, 500, seed=1)),
    "crowd": hl.CrowdMarket(GBM, hl.LinearDepth(85.0), [hl.Insurers(np.ones(900)), hl.ValueBuyers(9.0, 0.1)]),
    "insurers": hl.Insurers(np.ones(900)),
    "buyers": hl.ValueBuyers(200.0, 0.1),
    "hedgers": hl.Hedgers(CALL),
    "halts": hl.Halts(),
    "episode": hl.crowd.episode(hl.CrowdMarket(GBM, hl.LinearDepth(85.0), hl.Insurers(30.0)), 0.1, 5, 9, seed=1),
    "SVI": hl.SVI(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153, expiry=1),
    "SABR": hl.SABR(2, 0.5, -0.3, 0.4, expiry=1, forward=100),
    "fitted SVI": APPLE,
    "its report": APPLE.report,
    "its butterfly": APPLE.butterfly(),
    "SSVI": hl.SSVI(-0.7, 1, 0.5, np.arange(1, 50.0), np.arange(1, 50) / 100),
    "surface": SURFACE,
    "report of a surface": SURFACE.report,
    "calendar": SURFACE.calendar(),
    "quotes": hl.Quotes(
        900 * ["put"], np.arange(1, 901), 900 * [0.5], np.arange(900.0), np.arange(900) + 0.5, 450
    ),
    "run": hl.hedge(CALL, market=GBM, volatility=np.full(64, 0.2), steps=63, n_paths=10_000, seed=1),
    "run of a book": hl.hedge(MANY, market=GBM, volatility=0.2, steps=3, n_paths=5, seed=1),
    "learned delta": hl.LearnedDelta(-0.2, 0.3, -0.2, errors=(0.1, 0.1, 0.1), in_sample=0.14),
    "learned delta by hand": hl.LearnedDelta(-0.2, 0.3, -0.2),
    "learned band": hl.LearnedBand.train(CALL, GBM, 0.002, 1.0, steps=3, seed=1, rounds=1),
    "learned holding by hand": hl.LearnedHolding(np.zeros(353)),
    "daily changes": hl.learning.daily_changes(GBM, quotes=0.2, days=5, n_paths=2, seed=1),
    "insured run": hl.insure(1e9, 0.9, 1.0, GBM, hl.CPPI(4), steps=3, n_paths=5, seed=1),
    "insured run of one path": hl.insure(100, 0.9, 1.0, GBM, hl.SyntheticPut(np.full(4, 0.2)), steps=3, seed=1),
    "reconstruction": hl.cases.flash_crash_2010().reconstruction,
    "reconstruction with noise": hl.cases.flash_crash_2010().reconstruction.with_noise(0.4, seed=1),
    "run of one path": hl.hedge(CALL, market=GBM, volatility=0.2, steps=3, seed=1),
}
OTHERS = {"moment": hl.Moment.of(CALL, spot=np.linspace(90, 110, 900), volatility=0.2),
          "paths": GBM.simulate(0.25, 63, 500, seed=1), "case": hl.cases.october_1987(), "quoted smile": SMILE,
          "case of 2010": hl.cases.flash_crash_2010(), "case of 2020": hl.cases.march_2020(),
          "hedge": THINGS["run of a book"].hedge}  # fmt: skip


@pytest.mark.parametrize("thing", (THINGS | OTHERS).values(), ids=[*THINGS, *OTHERS])
def test_it_says_what_it_is_in_five_lines_at_most(thing):
    lines = repr(thing).splitlines()
    assert len(lines) <= 5
    assert max(map(len, lines)) <= 250
    assert type(thing).__name__ in lines[0]


@pytest.mark.parametrize("thing", THINGS.values(), ids=THINGS)
def test_in_a_notebook_it_is_a_small_table(thing):
    html = thing._repr_html_()
    assert html.startswith("<table>")
    assert html.endswith("</table>")
    assert 2 <= html.count("<tr>") <= 8
    assert len(html) < 1500


def test_a_run_says_what_was_hedged_where_and_what_came_of_it():
    run = THINGS["run"]
    text = repr(run)
    assert "10,000 paths, 63 steps" in text
    assert "-1 call 105, 0.25 y" in text
    assert "GBM(spot=100.0" in text
    assert float(re.search(r"mean (\S+),", text)[1]) == pytest.approx(run.pnl.mean(), rel=1e-5)
    assert f"<td>{written(run.standard_error())}</td>" in run._repr_html_()
    assert "97 more" in repr(THINGS["run of a book"])


def test_what_it_says_is_escaped():
    class Odd(hl.Option):
        def introduction(self):
            return {"<b>": "<script>"}

    assert "<script>" not in Odd("call", 100, 1)._repr_html_()


def test_numbers_are_written_with_six_digits_and_arrays_by_their_size():
    assert [written(x) for x in (0.1 + 0.2, -1234.5678, 12_345_678.9, 1e20, np.nan, 7, True, "x" * 200)][:-1] == [
        "0.3", "-1,234.57", "12,345,679", "1e+20", "nan", "7", "True",
    ]  # fmt: skip
    assert len(written("x" * 200)) <= 120
    assert written(np.zeros((1000, 2))) == "1,000 x 2 numbers"


def test_importing_the_library_leaves_matplotlib_alone():
    """It takes longer than all the rest, and is there when a figure is asked for."""
    asked = "import sys, hedgelab as hl; print('matplotlib' in sys.modules, len(hl.figures.PALETTE) > 5)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
