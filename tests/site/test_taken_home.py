"""What the site offers to take home: notebooks without a mark of MyST, a wheel that works without this folder."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from browsing import CHAPTERS
from run_at_home import Environment, run, served
from take_home import DOWNLOADS, inline_html, installation, plain_markdown, version, wheel_name

import hedgelab

ROOT = Path(__file__).parents[2]

#: Roles, fences of directives, labels, attributes.
MARKS = re.compile(r"\{[\w:-]+\}`|^[:`]{3,}\{.*|^:{3,}$|^\([\w-]+\)=|\]\(\)", re.MULTILINE)


@pytest.mark.parametrize("name", [path.removesuffix(".html").removeprefix("book/") for path in CHAPTERS])
def test_a_notebook_is_plain_and_has_what_its_cells_gave(site, name):
    """No mark is left, links lead somewhere, numbers and pictures are in."""
    notebook = nbformat.read(site / DOWNLOADS / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert MARKS.findall(text) == []
    assert not re.search(r"\\\$\d", re.sub(r"`[^`]+`|(?<!\\)\$(?:\\.|[^$\\])+\$", "", text))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(re.findall(r'<a id="([^"]+)">', text))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert wheel_name() in code[0].source
    assert not any("glue(" in cell.source for cell in code)
    shown = {form for cell in code for output in cell.outputs for form in output.get("data", {})}
    assert "image/svg+xml" in shown
    assert "application/vnd.jupyter.widget-view+json" not in shown


def test_boxes_become_plain_markdown():
    """Also one inside another."""
    quiz = "::::{admonition} How *many*?\n:class: quiz\n\n:::{dropdown} Two `x`\nNo.\n:::\n::::\nOn."
    assert plain_markdown(quiz) == (
        "**How *many*?**\n\n<details>\n<summary>Two <code>x</code></summary>\n\nNo.\n\n</details>\n\nOn."
    )
    assert plain_markdown(":::{admonition} Look\n:class: verdict\nHere.\n:::") == "> **Look**\n>\n> Here."
    assert plain_markdown("(here)=\n## Title") == '<a id="here"></a>\n\n## Title'
    with pytest.raises(SystemExit, match="nothing for \\{tab-set\\}"):
        plain_markdown(":::{tab-set}\n:::")


def test_a_dollar_of_money_begins_no_formula():
    text = "\\$5, `\\$` and $x_{\\$}$, $y$ for \\$6"
    dollar = "<span>&#36;</span>"
    assert plain_markdown(text) == f"{dollar}5, `\\$` and $x_{{\\$}}$, $y$ for {dollar}6"


def test_a_formula_in_a_summary_stays():
    assert inline_html("**a** < $x < _y_$") == "<b>a</b> &lt; $x &lt; _y_$"


def test_a_notebook_of_a_site_without_an_address_asks_for_the_wheel():
    assert "https" not in installation("", "hedgelab-1-py3-none-any.whl")
    assert "Download" in installation("", "hedgelab-1-py3-none-any.whl")


def test_the_version_stands_in_one_place():
    """Only the citation says it again."""
    assert version() == hedgelab.__version__
    assert f"\nversion: {version()}\n" in (ROOT / "CITATION.cff").read_text("utf8")


USE = """
import json, pathlib, sys
import hedgelab as hl
from hedgelab import explorers
assert hl.__file__.startswith(sys.prefix), hl.__file__
run = hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.2), steps=20, n_paths=50, seed=1, volatility=0.2)
assert run.pnl.shape == (50,)
assert len(hl.cases.october_1987().prices) > 100
assert "render" in explorers.GammaTheta()._esm  # they move
assert hl.figures.histogram({"one": run.pnl})._repr_svg_()
print(hl.__version__)
"""


def test_the_wheel_and_a_notebook_work_in_a_fresh_environment(site, tmp_path):
    """With nothing but what the wheel itself asks for, and against the served site."""
    environment = Environment(tmp_path)
    environment.install(site / DOWNLOADS / wheel_name())
    assert environment.run("-c", USE).strip() == version()
    environment.run("-m", "hedgelab.desk", "--help")
    environment.run("-m", "pip", "uninstall", "--quiet", "--yes", "hedgelab")
    environment.install("ipykernel")
    with served(site, tmp_path) as address:
        said = run(site / DOWNLOADS / "foundations/the_hedge.ipynb", environment, address, tmp_path)
    assert said == []
