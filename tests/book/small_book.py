"""Small books, built with the same extensions as the real one."""

from __future__ import annotations

import subprocess
from pathlib import Path

from building import ROOT, build

CONFIGURATION = """
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_nb", "sphinx_design"]
extensions += ["fresh_execution", "execute_ahead", "book_index", "built_math", "inline_figures", "live_numbers"]
extensions += ["native_dropdowns", "quiz", "readable_tables", "run_here", "unbroken", "article_tested"]
extensions += ["whole_notebooks"]
master_doc = "page"
exclude_patterns = ["_build"]
html_theme = "basic"
html_math_renderer = "built"
myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
"""

NOTEBOOK = """---
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
kernelspec: {{display_name: Python 3, language: python, name: python3}}
---
{text}
"""


class SmallBook:
    """A folder with a page or a few and, where a test wants it, a library that they import."""

    def __init__(self, folder: Path, **pages: str) -> None:
        self.folder = folder
        (folder / "conf.py").write_text(CONFIGURATION.format(extensions=str(ROOT / "book" / "_ext")))
        (folder / "hedgelab").mkdir()
        (folder / "requirements.txt").write_text("")
        if pages:
            listed = "\n".join(pages)
            self.write(f"# All\n\n```{{toctree}}\n{listed}\n```\n")
        for name, text in pages.items():
            self.write(text, name)

    def write(self, text: str, name: str = "page") -> None:
        """Write a page, as a notebook if it has code."""
        whole = NOTEBOOK.format(text=text) if "{code-cell}" in text else text
        (self.folder / f"{name}.md").write_text(whole, "utf8")

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Build it as the book is built: warnings are errors."""
        return build(self.folder, "sphinx.cmd.build", "-W", *options, ".", "_build/html")

    def read(self, name: str = "page") -> str:
        """A built page."""
        return (self.folder / "_build" / "html" / f"{name}.html").read_text("utf8")
