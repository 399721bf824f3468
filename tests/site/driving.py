"""An explorer of a page in a reader's hands, and beside it Python's, which must show the same numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from hedgelab import explorers
from hedgelab.explorers import Explorer
from hedgelab.explorers.controls import Ranged, written

PAGE = "book/explorers.html"
PROBES = Path(__file__).with_name("probes.js")
KINDS = [getattr(explorers, name) for name in explorers.__all__ if name != "Explorer"]
EXPLORERS: dict[str, type[Explorer]] = {each.name: each for each in KINDS}

#: Smaller differences nobody can see, by the style of a number: its digits may cancel, as in a P&L near zero.
FLOORS = {
    "percent": 1e-10, "dollars": 1e-8, "whole dollars": 1e-6, "number": 1e-12, "shares": 1e-9, "count": 1e-6,
    "basis points": 1e-12,
}  # fmt: skip

#: The colours of lines, dots and bars on a light page or in a light JupyterLab, and on a dark one.
PALETTES = {
    "light": {"hedged": "#0f766e", "unhedged": "#b45309", "loss": "#be123c", "theory": "#6d4fc4"},
    "dark": {"hedged": "#5fcabc", "unhedged": "#f0a04b", "loss": "#ff7d93", "theory": "#b39dff"},
}


@dataclass(frozen=True)
class Sight:
    """What an explorer shows at any setting."""

    #: How many pixels of each colour at least: a dot of 8 pixels has 50.
    painted: dict[str, int]
    #: The numbers that the sentence under the figure repeats.
    said: tuple[str, ...] = ()


SEEN = {
    "anatomy": Sight({"hedged": 200, "unhedged": 200, "theory": 200}, said=("price",)),
    "assumptions": Sight({"loss": 200, "theory": 60}, said=("mean", "deviation", "tail", "formula")),
    "autumn-1987": Sight({"unhedged": 200, "hedged": 200}, said=("close", "traded")),
    "one-path": Sight({"unhedged": 30}, said=("spot", "trades", "cost", "pnl")),
    "you-hedge": Sight({"unhedged": 30, "hedged": 30}),
    "how-often": Sight({"hedged": 1000, "theory": 50}, said=("mean", "error", "deviation", "law")),
    "gamma-theta": Sight({"hedged": 300, "loss": 300}, said=("theta", "gamma", "won", "expected")),
    "desk-day": Sight({"hedged": 60, "theory": 60}, said=("pnl", "perfect", "spoilt", "refused", "traded")),
    "five-quotes": Sight({"hedged": 300, "unhedged": 100}, said=("least", "where", "rms")),
    "four-insurers": Sight(
        {"hedged": 200, "unhedged": 200, "theory": 200, "loss": 100},
        said=("holding", "put", "cppi", "stop", "mix"),
    ),
    "flash-crash": Sight(
        {"unhedged": 60, "hedged": 100, "theory": 60, "loss": 60},
        said=("low", "end", "sold", "unsold", "peak", "left"),
    ),
    "gap-survived": Sight(
        {"unhedged": 60, "hedged": 200, "theory": 60}, said=("eve", "shares", "survives", "after", "end")
    ),
    "limits-in-a-crash": Sight({"hedged": 100, "unhedged": 30, "theory": 60}, said=("limited", "free", "left")),
    "straddles-of-2020": Sight(
        {"hedged": 30, "unhedged": 200}, said=("sales", "total", "won", "worst", "move", "implied")
    ),
    "price-of-certainty": Sight({"hedged": 300, "unhedged": 300, "theory": 60}, said=("cost", "risk", "trades")),
    "smile-follows": Sight(
        {"hedged": 100, "unhedged": 60, "theory": 60, "loss": 200},
        said=("before", "after", "pnl_moneyness", "pnl_strike", "pnl_slope", "pnl_knows"),
    ),
    "trained-elsewhere": Sight({"hedged": 60, "theory": 20}, said=("gain", "error", "slope", "best")),
    "split-order": Sight(
        {"hedged": 200, "loss": 60, "unhedged": 60, "theory": 20},
        said=("part", "last", "route", "pro_rata", "best_first"),
    ),
    "spiral": Sight({"unhedged": 200, "theory": 60}, said=("gain", "threshold", "trough", "sold")),
}


@cache
def made(name: str) -> Explorer:
    """Python's explorer of this name."""
    return EXPLORERS[name]()


def computed(name: str, settings: dict[str, Any]) -> dict[str, float]:
    """What Python says that an explorer shows at these settings."""
    return _computed(name, json.dumps(settings))


@cache
def _computed(name: str, settings: str) -> dict[str, float]:
    """The same, once for the many tests that begin and end with the same settings."""
    explorer = made(name)
    for control, value in json.loads(settings).items():
        setattr(explorer, control, value)
    return explorer.numbers()


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Names of the settings that are not the same."""
    return {name for name, value in before["settings"].items() if after["settings"][name] != value}


@dataclass(frozen=True)
class Driven:
    """An explorer of a page that has the probes."""

    page: Page
    name: str

    @property
    def controls(self) -> dict[str, Any]:
        """Its controls as Python knows them."""
        return EXPLORERS[self.name].controls()

    @property
    def root(self) -> Locator:
        """The element."""
        return self.page.locator(f"hedge-explorer#{self.name}")

    def find(self, selector: str) -> Locator:
        """What is inside it."""
        return self.root.locator(selector)

    def control(self, name: str) -> Locator:
        """The form element of this name."""
        return self.find(f"form [name={name}]")

    def start(self) -> None:
        """Come so near that it is alive."""
        if not self.find("canvas").count():
            self.root.scroll_into_view_if_needed()
            self.find("canvas").first.wait_for(state="attached")

    def state(self) -> dict[str, Any]:
        """Settings, numbers and words as they stand on the page, once it has drawn."""
        self.start()
        self.page.evaluate("probes.drawn()")
        return self.root.evaluate("it => probes.state(it)")

    def agrees(self) -> dict[str, Any]:
        """The state, once it is found to be what Python computes and writes at these settings."""
        state = self.state()
        assert list(state["settings"]) == list(self.controls)
        for name, value in computed(self.name, state["settings"]).items():
            style = EXPLORERS[self.name].readouts[name][1]
            assert state["numbers"][name] == pytest.approx(value, rel=1e-8, abs=FLOORS[style]), (name, state)
            assert state["written"][name] == written(state["numbers"][name], style), name
        for name, text in state["said"].items():
            assert text == written(state["settings"][name], self.controls[name].style)
        for name in SEEN[self.name].said:
            assert state["written"][name].lstrip("−") in state["sentence"], (name, state)
        return state

    def lacking(self, colours: str) -> dict[str, int]:
        """Pixels of the palette's colours that are not there, or that are there of the other palette's."""
        self.state()
        (other,) = PALETTES.keys() - {colours}
        wanted = {
            palette: self.root.evaluate("(it, colours) => probes.painted(it, colours)", list(named.values()))
            for palette, named in PALETTES.items()
        }
        here, there = (dict(zip(PALETTES[each], wanted[each], strict=True)) for each in (colours, other))
        few = {name: here[name] for name, least in SEEN[self.name].painted.items() if here[name] < least}
        return few | {f"{name}, {other}": count for name, count in there.items() if count > 20}

    def reset(self) -> dict[str, Any]:
        """Press the button, bring out all controls, and say how things stand."""
        self.find("[data-do=reset]").click()
        self.root.evaluate("it => it.querySelectorAll('.explorer-more').forEach((more) => (more.open = true))")
        return self.state()

    def arrangements(self) -> Iterator[None]:
        """Each choice of a menu on which other controls depend, so that each control has its turn."""
        choices = {each.when for each in self.controls.values() if getattr(each, "when", None)}
        for menu, choice in sorted(choices):
            self.control(menu).select_option(choice)
            self.page.evaluate("probes.drawn()")
            yield
        if not choices:
            yield

    def sliders(self) -> list[str]:
        """Those that can be moved; what is folded is opened."""
        self.root.evaluate("it => it.querySelectorAll('details').forEach((more) => (more.open = true))")
        names = [name for name, control in self.controls.items() if isinstance(control, Ranged)]
        return [name for name in names if self.control(name).is_enabled()]

    def each_slider(self) -> Iterator[str]:
        """Every slider once, arranged so that it can be moved."""
        seen: set[str] = set()
        for _ in self.arrangements():
            for slider in self.sliders():
                if slider not in seen:
                    yield slider
                    seen.add(slider)

    def bring(self, box: Locator) -> dict[str, float]:
        """Where an element is in the window, after scrolling it to where nothing covers it."""
        box.evaluate("it => it.scrollIntoView({ block: 'end' })")
        return box.bounding_box()

    def along(self, slider: str, *places: float) -> list[tuple[float, float]]:
        """Points of the window along a slider, whose thumb is 16 pixels wide, from 0 at its left end to 1."""
        box = self.bring(self.control(slider))
        return [(box["x"] + 8 + place * (box["width"] - 16), box["y"] + box["height"] / 2) for place in places]

    def thumb(self, slider: str) -> float:
        """Where along the slider its thumb is."""
        return self.control(slider).evaluate("it => (it.value - it.min) / (it.max - it.min)")

    def nudge(self, slider: str) -> None:
        """Move a slider by one step: down, or up where it is at its least."""
        self.control(slider).press("ArrowLeft" if self.thumb(slider) > 0 else "ArrowRight")

    def stride(self, slider: str) -> float:
        """From one place of a slider to the next, as a part of its length."""
        return self.control(slider).evaluate("it => (it.step || 1) / (it.max - it.min)")

    def on_chart(self, chart: Locator, *days: float) -> list[tuple[float, float]]:
        """Points of the window over a chart of 63 days."""
        self.find(".explorer-question").evaluate("it => it.scrollIntoView()")
        box = chart.bounding_box()
        return [(box["x"] + box["width"] * day / 63, box["y"] + box["height"] / 2) for day in days]

    def swipe(self, points: Sequence[tuple[float, float]]) -> None:
        """Put a finger on the first point and lift it off the last."""
        session = self.page.context.new_cdp_session(self.page)
        for kind, (x, y) in zip(["touchStart"] + ["touchMove"] * (len(points) - 1), points, strict=True):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        session.detach()


def explorers_on(page: Page) -> dict[str, Driven]:
    """The explorers of a page that has just been opened."""
    page.add_script_tag(path=PROBES)
    return {name: Driven(page, name) for name in EXPLORERS}


def lend(visit: Any) -> Iterator[Callable[[str], Driven]]:
    """Hand out explorers of an open page, each reset; in the end nobody may have complained."""

    def take(name: str) -> Driven:
        Driven(visit.page, name).reset()
        return Driven(visit.page, name)

    yield take
    complaints, visit.complaints = visit.complaints, []
    assert complaints == []
    assert visit.strangers == []
