"""The explorers as widgets: a real JupyterLab on this machine, a real kernel, a reader in the browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from browsing import ROOT
from driving import EXPLORERS, PROBES, Driven
from playwright.sync_api import Browser, Locator, Page, expect

CELLS = {
    "show": "import ipywidgets\n"
    "from hedgelab.explorers import OnePath\n"
    "hedger = OnePath(volatility=0.3, day=63)\n"
    "seen = []\n"
    "hedger.observe(lambda change: seen.append(change.new), 'volatility')\n"
    "hedger",
    "read": "print(hedger.volatility, seen[-1:])",
    "set": "hedger.volatility = 0.5",
    "spoil": "hedger.volatility = 7",
    "link": "other = OnePath(day=20)\nipywidgets.link((hedger, 'volatility'), (other, 'volatility'))\nother",
    "read other": "print(other.volatility)",
    "play": "from hedgelab.explorers import YouHedge\ngame = YouHedge()\ngame",
    "late": "late = OnePath(volatility=0.6)\nlate.cost = 0.005\nlate",
    "late again": "late",
    "scores": "print([(each['month'], each['day']) for each in game.scores])",
} | {name: f"import hedgelab.explorers\nhedgelab.explorers.{kind.__name__}()" for name, kind in EXPLORERS.items()}


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the server, which ends its kernels; and what is left of them."""
    kernels = psutil.Process(server.pid).children(recursive=True)
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
    for kernel in psutil.wait_procs(kernels, timeout=5)[1]:
        kernel.kill()


@pytest.fixture(scope="module")
def jupyterlab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab with the book's settings, which keeps everything in a temporary folder."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    shutil.copytree(ROOT / "jupyter_config" / "labconfig", folder / "config" / "labconfig")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    (folder / "book").mkdir()
    nbformat.write(notebook, folder / "book" / "explorer.ipynb")
    homes = {f"JUPYTER_{name.upper()}_DIR": str(folder / name) for name in ("config", "data", "runtime")}
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        "--allow-root",
    ]
    options = ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder / 'book'}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, *options],
            env=os.environ | homes | {"IPYTHONDIR": str(folder / "ipython")},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield f"{url_of(server, folder)}lab/tree/explorer.ipynb"
        finally:
            stop(server)


def url_of(server: subprocess.Popen[bytes], folder: Path) -> str:
    """Where a server listens, as soon as it says so."""
    said = folder / "runtime" / f"jpserver-{server.pid}.json"
    for _ in range(1200):
        if said.is_file() and said.read_text().endswith("}"):
            return str(json.loads(said.read_text())["url"])
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError((folder / "log").read_text())


@dataclass(frozen=True)
class Shown(Driven):
    """An explorer in a notebook, the first or the second."""

    place: int = 0

    @property
    def root(self) -> Locator:
        """The element, which is not the one of a page."""
        return self.page.locator(".jp-OutputArea .explorer").nth(self.place)


@dataclass(frozen=True)
class Notebook:
    """A notebook that is open in JupyterLab."""

    visit: Any

    @property
    def page(self) -> Page:
        """What the browser shows."""
        return self.visit.page

    def run(self, name: str) -> str:
        """Run a cell as a reader does, and say what it wrote."""
        cell = self.page.locator(".jp-CodeCell").nth(list(CELLS).index(name))
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=30_000)
        return "\n".join(cell.locator(".jp-OutputArea-output pre").all_inner_texts()).strip()

    def says(self, name: str, text: str) -> bool:
        """Whether a cell writes this; a widget's last word may reach the kernel after the cell has run once."""
        return any(self.run(name) == text for _ in range(5))

    def drag(self, slider: str, place: float) -> float:
        """Drag a slider of the first explorer, and say where it came to stand."""
        explorer = Shown(self.page, "one-path")
        start, end = explorer.along(slider, explorer.thumb(slider), place)
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=5)
        self.page.mouse.up()
        return float(explorer.agrees()["settings"][slider])


@pytest.fixture(scope="module")
def opened(open_at: Callable[..., Any], jupyterlab: str) -> Iterator[Notebook]:
    """The notebook, with its first explorer on the screen."""
    visit = open_at(jupyterlab, height=1200)
    visit.page.add_script_tag(path=PROBES)
    visit.page.get_by_text("| Idle").wait_for()
    notebook = Notebook(visit)
    notebook.run("show")
    visit.page.locator(".explorer canvas").first.wait_for()
    yield notebook
    visit.page.context.close()


@pytest.fixture
def notebook(opened: Notebook) -> Iterator[Notebook]:
    """The notebook; in the end nobody may have complained."""
    yield opened
    complaints, opened.visit.complaints = opened.visit.complaints, []
    slow = re.compile(r"warning: Plugin \S+ .*took [\d.]+ms to activate\.")  # on a busy machine
    assert [said for said in complaints if not slow.fullmatch(said)] == []


def test_a_notebook_shows_an_explorer_alive(notebook):
    """With Python's numbers, and without a link to copy: a notebook has no address to share."""
    explorer = Shown(notebook.page, "one-path")
    assert explorer.find("canvas").count() == 3
    assert explorer.agrees()["settings"]["volatility"] == 0.3
    expect(explorer.find("[data-do=share]")).to_have_count(0)


def test_a_drag_in_the_browser_changes_the_trait_in_the_kernel(notebook):
    for place in (0.1, 0.6):
        value = notebook.drag("volatility", place)
        assert notebook.says("read", f"{value} [{value}]")
    assert 0.5 < value < 0.7


def test_a_trait_set_in_the_kernel_moves_the_figure(notebook):
    explorer = Shown(notebook.page, "one-path")
    before, value = explorer.agrees(), notebook.drag("volatility", 0.1)
    assert notebook.says("read", f"{value} [{value}]")  # or what the kernel hears last is the drag
    notebook.run("set")
    expect(explorer.control("volatility")).to_have_value("0.5")
    assert explorer.agrees()["numbers"] != before["numbers"]
    assert "volatility must be between 0.05 and 1, got 7" in notebook.run("spoil")
    assert explorer.agrees()["settings"]["volatility"] == 0.5


def test_linked_explorers_move_together(notebook):
    notebook.run("link")
    notebook.page.locator(".explorer canvas").nth(3).wait_for()
    value = notebook.drag("volatility", 0.8)
    other = Shown(notebook.page, "one-path", 1)
    expect(other.control("volatility")).to_have_value(f"{value:g}")
    shown = other.agrees()["settings"]
    assert (shown["volatility"], shown["day"]) == (value, 20)
    assert notebook.says("read other", str(value))


def test_the_scores_of_the_game_are_a_trait(notebook):
    """A month that is over, and one that was left, which another look at the game shows too."""
    notebook.run("play")
    explorers = notebook.page.locator(".jp-OutputArea .explorer")
    game = Shown(notebook.page, "you-hedge", explorers.count() - 1)
    game.find("canvas").first.wait_for(state="attached")
    for button in ("[data-times='20']", "[data-draw]", "[data-times='1']", "[data-draw]"):
        game.find(button).click()
        game.state()
    assert notebook.says("scores", "[(1, 20), (2, 1)]")
    expect(game.find(".explorer-board tbody tr")).to_have_count(2)


def test_a_view_has_names_of_its_own_and_knows_what_its_explorer_was_made_with(notebook):
    """However late it is made: a label belongs to the control beside it, and Reset goes back to the beginning."""
    page, views = notebook.page, []
    for cell in ("late", "late again"):
        notebook.run(cell)
        views.append(Shown(page, "one-path", page.locator(".jp-OutputArea .explorer").count() - 1))
        views[-1].find("canvas").first.wait_for(state="attached")
    expect(views[0].find(".explorer-more")).to_have_attribute("open", "")  # what was set is in sight
    names = page.evaluate("[...document.querySelectorAll('.explorer [id]')].map((it) => it.id)")
    assert len(names) == len({*names}) > 20
    strays = """() => [...document.querySelectorAll(".explorer label[for]")]
        .filter((it) => it.control?.closest(".explorer") !== it.closest(".explorer")).length"""
    assert page.evaluate(strays) == 0
    views[1].find("[data-do=reset]").click()
    settings = views[1].agrees()["settings"]
    assert (settings["volatility"], settings["cost"]) == (0.6, views[1].controls["cost"].default_value)


@pytest.fixture(scope="module")
def all_shown(opened: Notebook) -> dict[str, Shown]:
    """All explorers as they come, each the output of its own cell."""
    places = {}
    for name in EXPLORERS:
        opened.run(name)
        places[name] = opened.page.locator(".jp-OutputArea .explorer").count() - 1
        opened.page.locator(".explorer").nth(places[name]).locator("canvas").first.wait_for(state="attached")
    return {name: Shown(opened.page, name, place) for name, place in places.items()}


def choose_theme(page: Page, name: str) -> None:
    """JupyterLab follows the system's."""
    page.emulate_media(color_scheme="light" if name == "Light" else "dark")
    page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light", arg=str(name == "Light").lower()
    )


def test_charts_have_the_colours_of_the_theme(notebook, all_shown):
    """Lines, dots and bars, as pixels."""
    for theme in ("Light", "Dark", "Light"):
        choose_theme(notebook.page, theme)
        lacking = {name: explorer.lacking(theme.lower()) for name, explorer in all_shown.items()}
        assert lacking == {name: {} for name in EXPLORERS}, theme


@pytest.mark.parametrize(("width", "least"), [(1280, 4), (700, 2)])
def test_readouts_stand_beside_one_another(notebook, all_shown, width, least):
    """In as many columns as there is room for, each under its label, and none over another."""
    notebook.page.set_viewport_size({"width": width, "height": 1200})
    for explorer in all_shown.values():
        frame = explorer.root.bounding_box()
        boxes = [box.bounding_box() for box in explorer.find(".explorer-numbers div").all()]
        for box in explorer.find(".explorer-numbers div").all():
            label, number = (box.locator(part).bounding_box() for part in ("dt", "dd"))
            assert number["y"] >= label["y"] + label["height"] - 1
            assert abs(number["x"] - label["x"]) < 1
        first = [box for box in boxes if abs(box["y"] - boxes[0]["y"]) < 1]
        assert len(first) >= min(least, len(boxes))
        for one, other in pairwise(boxes):
            assert one["x"] + one["width"] <= other["x"] + 1 or one["y"] + one["height"] <= other["y"] + 1
        assert all(box["x"] >= frame["x"] for box in boxes)
        assert all(box["x"] + box["width"] <= frame["x"] + frame["width"] for box in boxes)
    notebook.page.set_viewport_size({"width": 1280, "height": 1200})


def test_the_paths_of_how_often_are_hedged_in_a_worker(notebook, all_shown):
    """And come to Python's numbers."""
    explorer = all_shown["how-often"]
    explorer.control("rebalances").press("End")
    assert explorer.agrees()["settings"]["rebalances"] == 252
    assert any(worker.url.startswith("blob:") for worker in notebook.page.workers)


def test_jupyterlab_asks_nobody_for_news_or_updates(notebook):
    """Neither the browser does nor, on its behalf, the server."""
    assert notebook.visit.strangers == []
    asked = [response.url for response in notebook.visit.responses]
    assert any("/api/contents" in url for url in asked)
    assert [url for url in asked if "/lab/api/update" in url or "/lab/api/news" in url] == []
