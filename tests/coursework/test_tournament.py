"""Who is ranked how in the tournament, and what becomes of an entry that cannot be."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest
from notebooks import notebook

import hedgelab as hl
from coursework import __main__, board, sandbox, session, submissions, tournament, worlds
from coursework.board import Score

KEY = b"the key of a round that is not played\n"
CLOCK = "def policy(moment):\n    return moment.delta"
WIDE = """
import numpy as np
def policy(moment):
    return np.clip(moment.held, moment.delta - 0.12, moment.delta + 0.12)
"""
WEEKLY = """
class Weekly:
    def __init__(self):
        self.days = 0
    def holding(self, moment):
        self.days += 1
        return moment.delta if self.days % 5 == 1 else moment.held
policy = Weekly
"""
ZAKAMOULINE = """
import hedgelab as hl
call, rule = hl.Option("call", strike=100, expiry=0.25), hl.Zakamouline(cost=0.002, risk_aversion=1)
def policy(moment):
    return rule.holding(hl.Moment.of(call, spot=moment.spot, volatility=moment.volatility, held=moment.held,
                                     step=moment.step, time_left=moment.time_left))
"""
NOSY = """
import gc, sys
def policy(moment):
    assert sorted(vars(moment)) == TOLD
    assert not any("hedgelab" in str(type(thing).__module__) for thing in gc.get_objects())
    frame = sys._getframe()
    while frame:
        assert not {"market", "session", "seed"} & set(frame.f_locals)
        frame = frame.f_back
    return moment.delta
""".replace("TOLD", repr(sorted(tournament.TOLD)))
FORTIETH = "def policy(moment):\n    if moment.step == 40:\n        raise ValueError(moment.spot)\n    return 0.5"
LATE = "def policy(moment):\n    while moment.step == 3:\n        pass\n    return 0.5"


def entered(code: str, met: list[worlds.World], wall: str) -> list[board.Outcome]:
    """What comes of an entry."""
    entry = submissions.Submission("ada", "Ada", "ada.ipynb", lambda: notebook(code))
    return tournament.entered(entry, met, wall)


def at_step(step: int, answer: str) -> str:
    return f"def policy(moment):\n    return {answer} if moment.step == {step} else moment.delta"


#: What an entry does, and what is said of it in every world.
LOST = {
    "raises": (FORTIETH, "raised an error at step 40"),
    "nan": (at_step(7, "moment.delta * float('nan')"), "not finite at step 7"),
    "short": (at_step(1, "moment.delta[:-1]"), "the wrong length or shape at step 1"),
    "ragged": (at_step(0, "[[1.0], [1.0, 2.0]]"), "not a list of numbers at step 0"),
    "words": (at_step(0, "'all of it'"), "not a list of numbers at step 0"),
    "none": (at_step(0, "None"), "not a list of numbers at step 0"),
    "vast": (at_step(2, "1e7"), "too large to be a holding at step 2"),
    "peeks": ("def policy(moment):\n    return moment.account.market.spot", "raised an error at step 0"),
    "leaves": ("import os\ndef policy(moment):\n    os._exit(0)", "ended its process at step 0"),
    "absent": ("rule = 1", "policy is not defined at step 0"),
}


@pytest.fixture
def met(monkeypatch: pytest.MonkeyPatch) -> list[worlds.World]:
    """Smaller worlds, and the autumn."""
    monkeypatch.setattr(worlds, "PATHS", 200)
    return [*worlds.drawn(tournament.ENTRY.generator(KEY, tournament.QUESTION, 0)), worlds.autumn()]


@pytest.mark.parametrize(
    ("code", "policy"),
    [(CLOCK, hl.Clock()), (NOSY, hl.Clock()), (ZAKAMOULINE, worlds.OPPONENTS["Zakamouline"])],
    ids=["clock", "nosy", "zakamouline"],
)
def test_a_policy_behind_the_wall_does_what_it_does_out_here(
    wall: str, met: list[worlds.World], code: str, policy: hl.Policy
):
    for world, found in zip(met[2:], entered(code, met[2:], wall), strict=True):
        assert not isinstance(found, str), found
        np.testing.assert_allclose(found.pnl, world.met(policy).pnl, atol=1e-9)


def test_what_a_policy_remembers_is_of_this_world_and_path_alone(wall: str, met: list[worlds.World]):
    def weekly(moment: hl.Moment):
        return moment.delta if moment.step % 5 == 0 else moment.held

    an_object = WEEKLY + "\npolicy = Weekly()"  # goes on counting in the next world, unlike a class
    for code, many in ((WEEKLY, 2), (an_object, 1)):
        for world, found in zip(met[:many], entered(code, met[:many], wall), strict=True):
            assert not isinstance(found, str), found
            assert (found.pnl == world.met(weekly).pnl).all()


def test_the_next_price_is_drawn_after_the_answer(met: list[worlds.World], monkeypatch: pytest.MonkeyPatch):
    world, drawn, asked = met[0], [], []
    stream = type(world.market).stream

    def watched(self, *terms):
        for quote in stream(self, *terms):
            drawn.append(quote)
            yield quote

    def answer(self, check, arguments, anew):
        asked.append(len(drawn))
        return arguments[0].delta

    monkeypatch.setattr(type(world.market), "stream", watched)
    monkeypatch.setattr(session.Session, "ask", answer)
    with session.Session(tournament.ENTRY, b"", "none") as nobody:
        world.met(tournament.Asked(nobody))
    assert asked == list(range(1, worlds.STEPS + 1))


@pytest.mark.parametrize("name", LOST)
def test_an_entry_that_gives_no_holding_loses_the_world(wall: str, met: list[worlds.World], name: str):
    code, said = LOST[name]
    assert entered(code, met[:2], wall) == [said] * 2


def test_an_entry_that_hangs_is_not_asked_again(wall: str, met: list[worlds.World], tmp_path: Path):
    (tmp_path / "slow.ipynb").write_bytes(notebook(LATE))
    (tmp_path / "torn.ipynb").write_bytes(b'{"cells": [')
    slow, torn = submissions.find(tmp_path, "tournament")
    begun = time.monotonic()
    assert tournament.entered(slow, met, wall) == ["took too long at step 3"] * 4
    assert time.monotonic() - begun < 2 * tournament.POLICY.seconds + 2
    assert tournament.entered(torn, met, wall) == ["not a notebook"] * 4


def test_an_entry_that_dawdles_runs_out_of_time(met: list[worlds.World], monkeypatch: pytest.MonkeyPatch):
    with session.Session(tournament.ENTRY, b"", "none") as nobody:
        monkeypatch.setattr(session.Session, "ask", lambda self, *asked, anew: 0.5)
        nobody.deadline = time.monotonic() - 1
        with pytest.raises(session.NoAnswer, match="no time was left"):
            met[0].met(tournament.Asked(nobody))


def test_a_key_draws_its_own_worlds_and_always_the_same():
    one, same, other = (
        worlds.drawn(tournament.ENTRY.generator(key, tournament.QUESTION, 0)) for key in (KEY, KEY, b"another")
    )
    assert one == same
    assert not {world.market for world in one} & {world.market for world in other}
    assert len({world.seed for world in one}) == 3


def test_errors_are_those_that_repetition_shows():
    """Standard errors of both scores and of a difference, against the scatter over a hundred seeds."""
    option, market = worlds.CALL, hl.Merton(100, 0.15, 3, -0.05, 0.04)
    found, apart = [], []
    for seed in range(100):
        world = worlds.World("", market, 0.2, option, seed, 400, 21)
        one, other = (board.scores([world.met(worlds.OPPONENTS[name])] * 2) for name in ("Clock", "Zakamouline"))
        found.append([(one[name].value, one[name].error()) for name in ("worth", "all in")])
        apart.append((one["worth"].value - other["worth"].value, one["worth"].error(other["worth"])))
    for column in (*np.transpose(found, (1, 2, 0)), np.transpose(apart)):
        value, error = column
        assert np.std(value) == pytest.approx(np.sqrt(2) * np.mean(error), rel=0.25)  # one world, given twice


def test_scores_are_what_their_definitions_say(met: list[worlds.World]):
    runs = [world.met(hl.DeltaBand(0.05)) for world in met[:3]]
    found = board.scores(runs)
    worth = np.mean([run.pnl.mean() - 0.5 * run.pnl.var() for run in runs])
    assert found["worth"].value == pytest.approx(worth)
    assert found["all in"].value == pytest.approx(np.mean([run.cost.mean() + run.pnl.std() for run in runs]))


def test_whoever_is_within_two_standard_errors_of_the_first_of_a_rank_shares_it():
    noise = np.random.default_rng(1).standard_normal((400, 1))
    noise = (noise - noise.mean()) / noise.std()  # the error of each is .05, of a difference of signs .1
    values = [1.0, 0.9, 0.79, 0.75, 0.1]
    scores = [Score(value, noise * (-1) ** n) for n, value in enumerate(values)]
    assert board.ranks(scores) == ["1=", "1=", "3=", "3=", "5"]  # the third has the first's luck: no tie with it
    assert board.ranks([Score(1.0, noise), Score(0.99, noise)]) == ["1", "2"]
    assert board.ranks([Score(1.0, noise), Score(1.0, noise)]) == ["1=", "1="]


def test_a_board_of_six_ranks_those_that_finished_above_the_others_and_is_written_alike_twice(
    wall: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worlds, "PATHS", 200)
    entries = tmp_path / "entries"
    entries.mkdir()
    mean = "=cmd|' <b>bold"
    codes = {"wide": WIDE, "weekly": WEEKLY, mean: CLOCK, "raises": FORTIETH, "nan": LOST["nan"][0]}
    codes["once"] = CLOCK + " if moment.spot.size > 1 else None"  # only the autumn is lost, which does not count
    for name, code in codes.items():
        (entries / f"{name}.ipynb").write_bytes(notebook(code))
    (tmp_path / "key").write_bytes(KEY)
    for out in ("one", "two"):
        words = ["tournament", str(entries), "--key", str(tmp_path / "key"), "--out", str(tmp_path / out)]
        assert __main__.main([*words, "--jobs", "2"]) == 0
    for name in ("board.html", "board.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    page = (tmp_path / "one" / "board.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;bold" in page
    assert "<b>" not in page
    assert "http" not in page.replace("http-equiv", "")
    rows = list(csv.DictReader((tmp_path / "one" / "board.csv").read_text(encoding="utf-8").splitlines()))
    ranks = {row["entry"]: row["rank"] for row in rows}
    assert [row["entry"] for row in rows[-2:]] == ["nan", "raises"]
    assert ranks["nan"] == ranks["raises"] == "–"
    assert ranks["once"] == ranks["Clock"] == ranks["'" + mean]
    assert ranks["Clock"].endswith("=")
    worth = [float(row["worth"]) for row in rows if row["worth"]]
    assert worth == sorted(worth, reverse=True)
    assert {row["built in"] for row in rows if row["entry"] in worlds.OPPONENTS} == {"yes"}


def test_the_tournament_refuses_without_a_wall_and_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    words = ["tournament", str(tmp_path), "--key", str(tmp_path / "key"), "--out", str(tmp_path / "board")]
    assert __main__.main(words) == 2
    assert "make one with" in capsys.readouterr().err
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert __main__.main(words) == 2
    assert "Nothing was run" in capsys.readouterr().err
    assert not (tmp_path / "board").exists()


def test_a_board_that_cannot_be_written_is_told_before_anybody_has_played(
    wall: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "board").write_text("a file")
    (tmp_path / "ada.ipynb").write_bytes(notebook(CLOCK))
    words = [str(tmp_path / "ada.ipynb"), "--key", str(tmp_path / "key"), "--out", str(tmp_path / "board")]
    assert __main__.main(["tournament", *words]) == 2
    said = capsys.readouterr().err
    assert "board" in said
    assert "1 of 1" not in said
