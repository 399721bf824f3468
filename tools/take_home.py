"""The chapters as notebooks that run anywhere, and the library as a wheel: what the site offers to take home.

    .venv/bin/python tools/take_home.py [_build/html] [--address https://host/path/]

`make html` does it when the pages are written.  Any program that opens notebooks shows these: the text is plain
Markdown, its numbers are those of the site, what the cells printed and drew stands below them, and the first cell
installs hedgelab from the site itself.  `live_chapters.py` knows what the pages say of one another.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from ast import literal_eval
from collections.abc import Iterator
from functools import cached_property
from html import escape
from pathlib import Path, PurePosixPath

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pybtex.backends import markdown

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

from live_chapters import FENCE, KERNEL, LABEL, START, Book, Page, Rewriting, authors, link, target_of  # noqa: E402
from live_numbers import glue_numbers  # noqa: E402
from package_page import readme, repository, urls  # noqa: E402

#: Where all this stands on the site.
DOWNLOADS = "downloads"

INSTALL = """\
# hedgelab, the library of the book, from {whence}
from importlib.util import find_spec
from pathlib import Path

wheel = "{wheel}"
if not find_spec("hedgelab"):
    {install}"""
#: Where a site has an address; a wheel in the same folder saves asking it.
FROM_THE_SITE = '%pip install -q {{wheel if Path(wheel).is_file() else "{address}" + wheel}}'
#: Where it has none: a reader who has the notebook has seen the link to the wheel.
FROM_THE_FOLDER = """\
if not Path(wheel).is_file():
        raise FileNotFoundError(f"Download {wheel} from the book's pages into the folder of this notebook.")
    %pip install -q {wheel}"""

#: What a plain notebook can show, the best first.
SHOWN = ("image/svg+xml", "image/png", "text/html", "text/latex", "text/markdown")
#: An explorer is a picture until its cell is run.
EXPLORER, STILL = "application/vnd.jupyter.widget-view+json", ("image/png",)

OPTION = re.compile(r":([\w-]+): *(.*)")
DIRECTIVE = re.compile(r"^(?P<fence>`{3,}|:{3,})\{(?P<name>[\w-]+)\} *(?P<title>.*)$")
NOWHERE = re.compile(r"\[([^\[\]]*)\]\(\)")
#: A sum of money, beside code and formulas, in which a dollar stays as it is.
DOLLAR = re.compile(r"^```.*?^```|`[^`\n]+`|\$\$.*?\$\$|\$(?:\\.|[^$\\])+\$|(\\\$)", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"((?<!\\)\$(?:\\.|[^$\\])+\$)|`([^`]+)`|\*\*(.+?)\*\*|\*(.+?)\*")


def version(root: Path = ROOT) -> str:
    """The library's, from the one place where it stands."""
    return str(tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]["version"])


def wheel_name(root: Path = ROOT) -> str:
    """What the library's wheel is called."""
    return f"hedgelab-{version(root)}-py3-none-any.whl"


def public_address(root: Path = ROOT) -> str:
    """Where the site will stand: `html: baseurl` in `_config.yml`; empty, or with a slash at its end."""
    configuration = yaml.safe_load((root / "_config.yml").read_text("utf8"))
    address = (configuration.get("html") or {}).get("baseurl") or ""
    return f"{address.rstrip('/')}/" if address else ""


def make_wheel(folder: Path, root: Path = ROOT) -> Path:
    """Build the library's wheel, explorers included, from a copy: what setuptools leaves behind stays there."""
    if not (root / "hedgelab/explorers/static/element.js").is_file():
        raise SystemExit("The explorers' JavaScript is not bundled, and a wheel needs it: run `make explorers`.")
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    with tempfile.TemporaryDirectory() as place:
        shutil.copy2(root / "LICENSE", place)
        source = repository(root)
        for name, text in (
            ("README.md", readme((root / "README.md").read_text("utf8"), source)),
            ("pyproject.toml", (root / "pyproject.toml").read_text("utf8") + urls(source, public_address(root))),
        ):
            Path(place, name).write_text(text, "utf8")
        without = shutil.ignore_patterns("__pycache__", ".ready")
        shutil.copytree(root / "hedgelab", f"{place}/hedgelab", ignore=without)
        done = subprocess.run(
            [sys.executable, "-c", build, str(folder.resolve())],
            cwd=place,
            env=os.environ | {"SOURCE_DATE_EPOCH": "946684800"},  # the same bytes from the same files
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"The wheel could not be built:\n{done.stdout}{done.stderr}")
    return folder / wheel_name(root)


def installation(address: str, wheel: str) -> str:
    """The first cell of a notebook from a site with this address."""
    install = FROM_THE_SITE.format(address=f"{address}{DOWNLOADS}/") if address else FROM_THE_FOLDER
    whence = "the book's site" if address else "the folder of this notebook"
    return INSTALL.format(whence=whence, wheel=wheel, install=install)


def numbered(page: Page) -> Page:
    """The page as it was built: a hidden cell before each passage computes the numbers in it."""
    source = [page.source]
    glue_numbers(None, page.name, source)  # type: ignore[arg-type]
    return Page(page.name, source[0], page.chapter, page.title_in_contents)


def inline_html(text: str) -> str:
    """A line of Markdown as HTML, for where Markdown is not read; formulas stay."""

    def one(found: re.Match[str]) -> str:
        formula, code, strong, emphasis = found.groups()
        if formula:
            return escape(formula, quote=False)
        tag, inside = next((tag, it) for tag, it in (("code", code), ("b", strong), ("i", emphasis)) if it)
        return f"<{tag}>{escape(inside, quote=False)}</{tag}>"

    pieces, end = [], 0
    for found in INLINE.finditer(text):
        pieces += [escape(text[end : found.start()], quote=False), one(found)]
        end = found.end()
    return "".join([*pieces, escape(text[end:], quote=False)])


def unboxed(lines: list[str]) -> Iterator[str]:
    """The lines of a passage without MyST's boxes: a quotation with a title, or what unfolds."""
    at = 0
    while at < len(lines):
        opened = DIRECTIVE.match(lines[at])
        if not opened:
            if not (FENCE.match(lines[at]) and set(lines[at].strip()) == {":"}):
                yield lines[at]
            at += 1
            continue
        inside = at + 1
        while inside < len(lines) and lines[inside].strip() != opened["fence"]:
            inside += 1
        body, options = lines[at + 1 : inside], {}
        while body and (option := OPTION.fullmatch(body[0])):
            options[option[1]] = option[2]
            body.pop(0)
        content = "\n".join(unboxed(body)).strip().splitlines()
        yield from boxed(opened["name"], opened["title"], options.get("class", ""), content)
        at = inside + 1


def plain_markdown(text: str) -> str:
    """Markdown that every program knows: no boxes, and in place of a label what can be linked to."""
    whole = "\n".join(unboxed(text.splitlines()))
    anchored = LABEL.sub(lambda label: f'<a id="{label[1]}"></a>\n', whole)
    return DOLLAR.sub(money, re.sub(r"\n{3,}", "\n\n", anchored).strip())


def money(found: re.Match[str]) -> str:
    """A dollar that JupyterLab does not take for the beginning of a formula: it does, even after a backslash."""
    return "<span>&#36;</span>" if found[1] else found[0]


def boxed(name: str, title: str, kind: str, content: list[str]) -> list[str]:
    """One of MyST's boxes in plain Markdown."""
    if name == "dropdown" or "dropdown" in kind:
        return ["<details>", f"<summary>{inline_html(title)}</summary>", "", *content, "", "</details>", ""]
    if name == "admonition" and kind == "quiz":
        return [f"**{title}**", "", *content, ""]
    if name in ("admonition", "note"):
        return [f"> {line}".rstrip() for line in (f"**{title or 'Note'}**", "", *content)] + [""]
    if name == "div":
        return [*content, ""]
    raise SystemExit(f"A notebook has nothing for {{{name}}}: say in tools/take_home.py what it becomes.")


class TakenHome(Rewriting):
    """One chapter in plain Markdown, with what its cells said when the site was built."""

    def __init__(self, book: Book, page: Page, executed: Path, address: str) -> None:
        super().__init__(book, numbered(page))
        self.address, self.root = address, book.root
        self.cited_works: set[str] = set()
        self.executed = executed / page.name
        if not self.executed.with_suffix(".ipynb").is_file():
            raise SystemExit(f"{page.name}.md was not executed: run `make html`.")

    @cached_property
    def values(self) -> dict[str, str]:
        """The numbers in the prose."""
        glued = self.executed.with_suffix(".glue.json")
        outputs = json.loads(glued.read_text("utf8")) if glued.is_file() else {}
        return {name: str(literal_eval(output["data"]["text/plain"])) for name, output in outputs.items()}

    def notebook(self) -> NotebookNode:
        """The chapter: an installation, its cells with what they said, the works that it cites."""
        said = iter(self.what_was_said())  # which makes sure that the numbers in the prose are there, too
        cells: list[NotebookNode] = []
        for cell in self.page.cells:
            if cell.cell_type == "markdown":
                cells += self.text_cells(cell.source)
                continue
            outputs = next(said)
            if not cell.source.startswith("from myst_nb import glue"):
                code, *caption = self.code_cells(cell)
                code.outputs = [] if "remove-output" in code.metadata.get("tags", []) else outputs
                cells += [code, *caption]
        cells = [
            new_markdown_cell(self.head()),
            new_code_cell(installation(self.address, wheel_name(self.root))),
            *cells,
            *self.works(),
        ]
        for number, cell in enumerate(cells):
            cell["id"] = f"{number:04d}"
        return new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})

    def head(self) -> str:
        """Where it comes from."""
        book = link(self.book.title, self.address) if self.address else self.book.title
        here = link("this chapter", f"{self.address}{self.page.name}.html") if self.address else "this chapter"
        return (
            f"*From {book}: {here} as a notebook. The numbers in the text are those that the book's own cells "
            "gave; change a cell, and compare. Text: CC BY 4.0. Code: BSD-3-Clause.*"
        )

    def what_was_said(self) -> list[list[NotebookNode]]:
        """The outputs of each code cell, each in the one form that every program shows."""
        executed = nbformat.read(self.executed.with_suffix(".ipynb"), as_version=4)
        of_then, of_now = (
            [cell for cell in cells if cell.cell_type == "code"] for cells in (executed.cells, self.page.cells)
        )
        if [cell.source.strip() for cell in of_then] != [cell.source.strip() for cell in of_now]:
            raise SystemExit(f"{self.page.name}.md has changed since it was executed: run `make html`.")
        for output in (output for cell in of_then for output in cell.outputs):
            if "data" in output:
                forms = STILL if EXPLORER in output.data else SHOWN
                best = [form for form in forms if form in output.data][:1]
                output.data = {form: output.data[form] for form in (*best, "text/plain")}
                output.metadata = {}
            if "execution_count" in output:
                output.execution_count = None
        return [cell.outputs for cell in of_then]

    def works(self) -> list[NotebookNode]:
        """The works that the chapter cites, in full."""
        if not self.cited_works:
            return []
        keys = sorted(self.cited_works, key=lambda key: (authors(self.book.references[key]), key))
        listed = [f"- {self.book.works[key].render(markdown.Backend())}" for key in keys]
        return [new_markdown_cell("\n".join(["## Works cited", "", *listed]))]

    def text_cells(self, source: str) -> list[NotebookNode]:
        """A passage, cut at its headings, without boxes and labels."""
        cells = super().text_cells(source)
        for cell in cells:
            cell.source = plain_markdown(cell.source)
        return cells

    def code_cells(self, cell: NotebookNode) -> list[NotebookNode]:
        """The cell, and the caption of what it draws."""
        code, *captions = super().code_cells(cell)
        for caption in captions:
            caption.source = plain_markdown(caption.source)
        return [code, *captions]

    def rewrite(self, text: str) -> str:
        """Roles and links; what would lead nowhere is no link."""
        return NOWHERE.sub(r"\1", super().rewrite(text))

    def role(self, found: re.Match[str]) -> str:
        """The value of a number in the prose; all else as in JupyterLab."""
        return self.values[found[2]] if found[1] == "glue:text" else super().role(found)

    def equation(self, found: re.Match[str]) -> str:
        """With its number."""
        tex = "\n".join(super().equation(found).splitlines()[3:-1])  # without the directive and its options
        return f"({found[2]})=\n$$\n{tex}\n$$"

    def term(self, content: str) -> str:
        """A word of the glossary, as it stands."""
        return target_of(content)[0]

    def cited(self, keys: str, form: str) -> str:
        """Authors and year; the work in full is below."""
        works = []
        for key in (each.strip() for each in keys.split(",")):
            self.cited_works.add(key)
            entry = self.book.references[key]
            works.append(form.format(authors(entry), entry.fields["year"]))
        return "; ".join(works)

    def to(self, copy: str, fragment: str = "") -> str:
        """The address of a page of the site, or of a place in this notebook."""
        if copy == self.page.copy and fragment:
            return f"#{fragment}"
        if not self.address:
            return ""
        page = "" if copy == START else f"book/{PurePosixPath(copy).with_suffix('.html')}"
        return f"{self.address}{page}#{fragment}" if fragment else self.address + page


def chapters(book: Book) -> list[Page]:
    """The pages that are notebooks."""
    return [page for page in book.pages.values() if page.is_notebook]


def take_home(site: Path, executed: Path, address: str, root: Path = ROOT) -> list[Path]:
    """Lay out all that is offered below the site's `downloads`; the notebooks, by name."""
    downloads = site / DOWNLOADS
    downloads.mkdir(exist_ok=True)
    for old in downloads.glob("hedgelab-*.whl"):
        old.unlink()
    make_wheel(downloads, root)
    book = Book(root)
    made = []
    for page in chapters(book):
        made.append(downloads / page.copy)
        made[-1].parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(TakenHome(book, page, executed, address).notebook(), made[-1])
    return made


def main() -> None:
    """Make it, and say how much it is."""
    parser = argparse.ArgumentParser(description="Make the notebooks and the wheel that the site offers.")
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--executed", type=Path, default=ROOT / "_build" / "jupyter_execute")
    parser.add_argument("--address", default=public_address(), help="of the site; that of _config.yml")
    options = parser.parse_args()
    address = f"{options.address.rstrip('/')}/" if options.address else ""
    made = take_home(options.site, options.executed, address)
    size = sum(path.stat().st_size for path in made) / 1e6
    print(f"{len(made)} notebooks ({size:.1f} MB) and {wheel_name()} are in {options.site / DOWNLOADS}.")


if __name__ == "__main__":
    main()
