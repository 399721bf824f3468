"""The chapters in JupyterLab: copies that stay the reader's, can be read, and run whatever number one changes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import Any

import copies
import lab
import nbformat
import pytest
from browsing import CHAPTERS, ROOT
from bs4 import BeautifulSoup
from live_chapters import KERNEL, START, Book
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Locator, Page, expect
from test_jupyterlab import stop, url_of

#: A reader's change of one number, where it first occurs in a chapter.
CHANGES = {
    "foundations/the_hedge": (r"\b0\.30\b", "0.45"),
    "foundations/greeks": (r"volatility=0\.25", "volatility=0.40"),
    "crashes/october_1987": (r"rate=0\.06", "rate=0.01"),
}


def text_of(content: NotebookNode | str) -> str:
    """What is written on a page, without its code."""
    if isinstance(content, str):
        return content
    return "\n\n".join(cell.source for cell in content.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def pages() -> dict[str, NotebookNode | str]:
    """The copies of the book's pages, by their paths."""
    book = Book(ROOT)
    return dict(book.files()) | {START: book.start({})}


def test_nothing_is_left_that_jupyterlab_does_not_know(pages):
    """It knows the numbers that a kernel computes, admonitions, dropdowns and mathematics."""
    for path, content in pages.items():
        text = text_of(content)
        assert set(re.findall(r"\{([\w:-]+)\}`", text)) <= {"abbr", "eval"}, path
        assert set(re.findall(r"[`:]{3,}\{([\w:-]+)\}", text)) <= {"admonition", "dropdown", "math"}, path


def test_every_link_leads_to_a_copy_and_to_a_place_on_it(pages):
    """Between the pages, and to figures, equations and exercises."""
    led = 0
    for path, content in pages.items():
        for target in re.findall(r"\]\(([^\s()]+)\)", re.sub(r"```\w+\n.*?```", "", text_of(content))):
            if "://" in target:
                continue
            name, _, fragment = target.partition("#")
            page = normpath(f"{path}/../{name}") if name else path
            assert page in pages, f"{path}: {target}"
            led += 1
            if fragment:
                text = text_of(pages[page])
                headings = [
                    re.sub(r"\W+", "-", title.lower()).strip("-") for title in re.findall(r"^#+ (.*)$", text, re.M)
                ]
                labels = re.findall(r"^\(([\w-]+)\)=$|^:label: (\S+)$", text, re.M)
                assert fragment in headings or fragment in {"".join(label) for label in labels}, (
                    f"{path}: {target}"
                )
    assert led > 150


@pytest.mark.parametrize("name", [path.removesuffix(".html") for path in CHAPTERS])
def test_figures_equations_and_exercises_have_the_numbers_of_the_site(pages, site, name):
    """In the same order, and nothing is missing."""
    built = BeautifulSoup((site / f"{name}.html").read_text("utf8"), "html.parser")
    text = text_of(pages[f"{name.removeprefix('book/')}.ipynb"])
    assert re.findall(r"^\*\*(Fig\. [\d.]+)\.\*\*", text, re.M) == [
        number.text.strip() for number in built.select("figcaption .caption-number")
    ]
    assert re.findall(r"^### (Exercise [\d.]+)", text, re.M) == [
        number.text.strip() for number in built.select("div.exercise .caption-number")
    ]
    assert re.findall(r"\\tag\{([\d.]+)\}", text) == [
        re.sub(r"[^\d.]", "", number.text) for number in built.select(".eqno")
    ]


@pytest.fixture
def notary(tmp_path: Path) -> NotebookNotary:
    """Who signs notebooks, with a key of its own."""
    return NotebookNotary(data_dir=str(tmp_path), db_file=":memory:")


def version(number: int) -> NotebookNode:
    """A chapter that goes on changing."""
    cells = [new_markdown_cell(f"# Version {number}", id="a"), new_code_cell("volatility = 0.3", id="b")]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def change(path: Path, source: str | None = None) -> None:
    """What JupyterLab saves after a run and, with a source, after an edit."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].execution_count = 1
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.cells[1].source = source or notebook.cells[1].source
    nbformat.write(notebook, path)


def says(path: Path) -> str:
    """Which version a file is."""
    return str(nbformat.read(path, as_version=4).cells[0].source)


def test_a_copy_that_was_run_is_refreshed_and_one_that_was_edited_is_not(tmp_path, notary):
    """The new version stands beside it, and what is edited there stays as well."""
    path, beside = tmp_path / "chapter.ipynb", tmp_path / "chapter-new.ipynb"
    assert copies.keep(path, version(1), notary) == path
    assert notary.check_signature(nbformat.read(path, as_version=4))
    change(path)
    ran = path.read_bytes()
    assert copies.keep(path, version(1), notary) == path
    assert path.read_bytes() == ran, "what a run left is the reader's too"
    assert copies.keep(path, version(2), notary) == path
    assert says(path) == "# Version 2"

    change(path, "volatility = 0.5")
    edited = path.read_bytes()
    assert copies.keep(path, version(2), notary) == path
    assert copies.keep(path, version(3), notary) == beside
    assert copies.keep(path, version(4), notary) == beside
    assert says(beside) == "# Version 4"
    change(beside, "volatility = 0.6")
    assert copies.keep(path, version(5), notary) == tmp_path / "chapter-new-2.ipynb"
    assert path.read_bytes() == edited
    assert says(beside) == "# Version 4"
    assert len(list(tmp_path.glob("*.ipynb"))) == 3


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"cells": [{}], "metadata": {}}', b"\xff\xfe", b'{"metadata": 1}']
)
def test_a_file_that_is_not_a_copy_stays(tmp_path, notary, content):
    """Whatever it is, somebody wrote it."""
    path = tmp_path / "chapter.ipynb"
    path.write_bytes(content)
    assert copies.keep(path, version(1), notary) != path
    assert path.read_bytes() == content


def test_a_page_without_code_is_kept_in_the_same_way(tmp_path, notary):
    """Its mark is a comment."""
    path = tmp_path / "page.md"
    copies.keep(path, "# One\n", notary)
    assert copies.keep(path, "# Two\n", notary) == path
    assert path.read_text("utf8").startswith("# Two\n")
    path.write_text(path.read_text("utf8").replace("Two", "Mine"), "utf8")
    assert copies.keep(path, "# Three\n", notary) == tmp_path / "page-new.md"
    assert "Mine" in path.read_text("utf8")


def test_an_interrupted_copy_leaves_what_was_there(tmp_path, notary, monkeypatch):
    """And the next one is whole."""
    path = tmp_path / "chapter.ipynb"
    copies.keep(path, version(1), notary)

    def pulled_the_plug(*names: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", pulled_the_plug)
        with pytest.raises(KeyboardInterrupt):
            copies.keep(path, version(2), notary)
    assert says(path) == "# Version 1"
    assert copies.keep(path, version(2), notary) == path
    assert says(path) == "# Version 2"
    assert [each.name for each in tmp_path.glob("*chapter*")] == ["chapter.ipynb"]


def test_who_has_edited_is_told_in_one_line(tmp_path, notary):
    """And the start page leads to the new version as well."""
    root, folder = tmp_path / "book of mine", tmp_path / "my_copy"
    (root / "book").mkdir(parents=True)
    (root / "_config.yml").write_text("title: A book\n")
    (root / "_toc.yml").write_text("root: book/index\nparts: [{chapters: [{file: book/page}]}]\n")
    (root / "book" / "references.bib").write_text("")
    (root / "book" / "page.md").write_text("# A page\n")
    assert lab.copy(root, folder, notary) == []
    (folder / "page.md").write_text("# Mine\n")
    (root / "book" / "page.md").write_text("# A better page\n")
    said = lab.copy(root, folder, notary)
    assert said == ["You have edited my_copy/page.md: it stays, and the new version is beside it, page-new.md."]
    assert "[the new version](page-new.md)" in (folder / START).read_text("utf8")


FAILING = {
    "plain": "x = 2\nassert x > 3\nreached = 'the line after it'",
    "in a loop, with a reason": "for name in 'ab':\n    assert x > 4, f'not for {name}'",
    "in a function": "def check(y):\n    assert y > 5\n    return y\nassert check(1) == 1",
    "one that cannot be checked": "assert {}['±0.05'] > 6",
    "a thousand times": "for _ in range(1000):\n    assert x > 7",
    "caught by the code itself": "try:\n    assert x > 8\nexcept AssertionError:\n    print('caught')",
    "the last": "print(reached)",
}


def run(folder: Path, sources: list[str], **options: Any) -> NotebookNode:
    """Execute cells in a kernel of this environment."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources], metadata={"kernelspec": KERNEL})
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=60, resources=resources, **options).execute()
    return notebook


def test_a_conclusion_that_fails_is_a_note_in_the_lab(tmp_path, monkeypatch):
    """With the expression and its numbers, wherever it stands; the run goes on."""
    shutil.copytree(
        ROOT / "jupyter_config" / "ipython",
        tmp_path / "ipython",
        ignore=shutil.ignore_patterns("*.sqlite*", "log"),
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    cells = run(tmp_path, list(FAILING.values())).cells
    said = {
        name: "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
        )
        for name, cell in zip(FAILING, cells, strict=True)
    }
    assert said["plain"] == "This conclusion holds no longer: x > 3\nx is 2"
    assert "x > 4\nnot for a\nx is 2" in said["in a loop, with a reason"]
    assert "x > 4\nnot for b\nx is 2" in said["in a loop, with a reason"]
    assert "y > 5\ny is 1" in said["in a function"]
    assert "cannot be checked any longer: {}['±0.05'] > 6\nKeyError" in said["one that cannot be checked"]
    assert said["a thousand times"].count("x > 7") == 3
    assert said["caught by the code itself"].strip() == "caught"
    assert said["the last"].strip() == "the line after it"


def test_everywhere_else_it_stops_the_run(tmp_path):
    """As in the build of the site."""
    with pytest.raises(CellExecutionError, match="AssertionError"):
        run(tmp_path, [FAILING["plain"]])


#: What JupyterLab does, by its own names, and how far it is.
OPEN = """async (path) => {
    const opened = await jupyterapp.commands.execute("docmanager:open", { path });
    jupyterapp.shell.activateById(opened.id);
}"""
IDLE = "() => jupyterapp.shell.currentWidget?.sessionContext?.kernelDisplayStatus === 'idle'"
AT_AN_END = """() => {
    const code = [...jupyterapp.shell.currentWidget.model.cells].filter((cell) => cell.type === "code");
    const failed = code.some((cell) => cell.outputs.toJSON().some((output) => output.output_type === "error"));
    return failed || code.every((cell) => cell.executionCount !== null);
}"""
SAVED = "() => !jupyterapp.shell.currentWidget.model.dirty"


@dataclass(frozen=True)
class Laboratory:
    """A JupyterLab that `tools/lab.py` has started in a checkout of the book."""

    root: Path
    url: str
    visit: Any

    @property
    def page(self) -> Page:
        """What the browser shows."""
        return self.visit.page

    @property
    def shown(self) -> Locator:
        """The notebook in front of all that are open."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def changed(self) -> str:
        """The tracked files that are not as they were."""
        return subprocess.run(
            ["git", "status", "--porcelain"], cwd=self.root, capture_output=True, text=True, check=True
        ).stdout

    def open(self, name: str) -> Path:
        """Open a chapter, as by a double click in the list of files, and wait for its kernel."""
        self.page.evaluate(OPEN, f"{name}.ipynb")
        self.shown.locator(".jp-CodeCell").first.wait_for(timeout=60_000)
        self.page.wait_for_function(IDLE, timeout=60_000)
        return self.root / "my_copy" / f"{name}.ipynb"

    def edit(self, path: Path, pattern: str, replacement: str) -> None:
        """Change a number where it first occurs, with the keyboard."""
        cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        place = next(place for place, source in enumerate(cells) if re.search(pattern, source))
        self.shown.locator(".jp-CodeCell").nth(place).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(re.sub(pattern, replacement, cells[place], count=1))

    def run_all(self, path: Path) -> NotebookNode:
        """Run all cells from the menu; the notebook as saved when the last one is done."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        self.page.wait_for_function(AT_AN_END, timeout=120_000, polling=500)
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function(SAVED, timeout=30_000)
        notebook = nbformat.read(path, as_version=4)
        for cell in (each for each in notebook.cells if each.cell_type == "code"):
            errors = [output for output in cell.outputs if output.output_type == "error"]
            assert not errors, f"{cell.source}\n{errors[0].ename}: {errors[0].evalue}"
            assert cell.execution_count is not None, f"Run All did not reach this cell:\n{cell.source}"
        return notebook


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book's files of today, committed, in a folder whose name has a space and an umlaut."""
    root = tmp_path_factory.mktemp("lab") / "meine bücher" / "hedging"
    ours = ["book", "tools", "jupyter_config", "_toc.yml", "_config.yml", ".gitignore", "package.json"]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *ours],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    who = ["-c", "user.name=A reader", "-c", "user.email=reader@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "The book"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


@pytest.fixture(scope="module")
def laboratory(open_at: Callable[..., Any], checkout: Path) -> Iterator[Laboratory]:
    """`make lab` there, without its window; what the terminal shows goes to `log`."""
    command = [sys.executable, str(checkout / "tools" / "lab.py"), "--no-browser", "--port=0", "--allow-root"]
    folder = checkout / "jupyter_config"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--ip=127.0.0.1", "--IdentityProvider.token=", "--expose-app-in-browser"],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=checkout,
        )
        try:
            url = url_of(server, folder)
            visit = open_at(url, height=1000)
            visit.page.locator(".jp-MarkdownViewer li a").first.wait_for(timeout=60_000)  # the start page
            yield Laboratory(checkout, url, visit)
            visit.page.context.close()
        finally:
            stop(server)


def test_the_lab_opens_on_the_chapters_in_order(laboratory):
    """By their titles; folders that hold no chapter do not show."""
    page = laboratory.page
    shown = page.locator(".jp-MarkdownViewer li").all_inner_texts()
    book = Book(laboratory.root)
    titles = [f"{page.chapter or ''} {page.title}".strip() for page in book.pages.values()]
    assert [" ".join(each.split()) for each in shown] == [" ".join(title.split()) for title in titles]
    names = page.locator(".jp-DirListing-itemText").all_inner_texts()
    assert {"algorithm", "foundations", START} <= set(names)
    assert not [name for name in names if name.startswith("_")]
    page.locator(".jp-MarkdownViewer li a", has_text="October 1987").click()
    page.locator(".jp-CodeCell").first.wait_for(timeout=60_000)
    page.get_by_text("| Idle").wait_for(timeout=60_000)


@pytest.mark.parametrize("name", CHANGES)
def test_a_chapter_runs_to_its_end_after_a_number_is_changed(laboratory, name):
    """Opened, edited, run, saved: the text's numbers follow, its reader is told which conclusions do not hold."""
    path = laboratory.open(name)
    laboratory.edit(path, *CHANGES[name])
    laboratory.run_all(path)
    expect(laboratory.shown.locator(".jp-OutputArea .explorer canvas").first).to_be_attached()
    # the kernel answers for the numbers in the text one passage after the other, also where it is folded
    computed = laboratory.shown.locator(".jp-MarkdownCell .myst")
    assert computed.count() > 10
    expect(computed.filter(has_text='f"{')).to_have_count(0, timeout=60_000)
    expect(laboratory.shown.get_by_role("note").first).to_contain_text("This conclusion holds no longer:")
    assert CHANGES[name][1] in path.read_text("utf8")
    assert laboratory.changed() == "", "a tracked file was touched"


def test_solutions_are_folded(laboratory):
    """Their headings show, their cells do not."""
    laboratory.open("algorithm/delta_rebalancing")
    heading = laboratory.shown.locator(".jp-MarkdownCell", has_text="Solution to Exercise 4.1")
    expect(heading.first).to_contain_text("cells hidden")
    solution = laboratory.shown.locator(".jp-MarkdownCell .myst", has_text="She is long gamma: each rebalance")
    expect(solution).to_have_count(1)
    expect(solution).to_be_hidden()


def test_the_terminal_shows_no_error(laboratory):
    """From the start through all of this; nobody else was asked for anything."""
    log = (laboratory.root / "jupyter_config" / "log").read_text("utf8")
    assert "The chapters are in my_copy" in log
    assert not re.search(r"Error|Traceback|^\[E ", log, re.MULTILINE), log
    assert max(map(len, log.splitlines())) < 200
    assert laboratory.visit.strangers == []
