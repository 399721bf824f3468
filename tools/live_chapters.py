"""The book's pages as JupyterLab can show them: chapters as notebooks, the other pages as Markdown.

JupyterLab reads MyST, but knows one page at a time, and nothing of Sphinx. So the numbers of figures, equations
and exercises, the words of the glossary and the bibliography are written into the text here, and what leads to
another page leads to its copy. The sources stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

import jupytext
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pybtex.backends import markdown
from pybtex.database import Entry, parse_file
from pybtex.richtext import Text
from pybtex.style.formatting.plain import Style

START = "start.md"
START_TEXT = """\
Open a chapter and choose *Run ▸ Run All Cells*: the numbers in the text are computed by its cells, and stand as
code until then. Change a volatility, a strike or a seed and run all again. Where a conclusion holds no longer, a
note says so below the cell that checks it; such cells are folded to one grey line.

The files here are your copies, in the folder `my_copy`. They stay as you leave them: when the book changes, a copy
that you have not edited is replaced; one that you have edited is kept, and the new version is put beside it."""
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
SOLUTION_HEADING = "#### Solution"
#: Pages that only Sphinx can fill.
ONLY_ON_THE_SITE = re.compile(r"\{(library-\w+|book-index|verdict-table|instead)\}")

CODE_CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
EQUATION = re.compile(r"^\$\$ *\n((?:(?!\$\$).)*?)\$\$ \(([\w-]+)\)$", re.MULTILINE | re.DOTALL)
EXERCISE = re.compile(
    r"^```\{exercise-start\} *(?P<title>[^\n]*)\n:label: (?P<label>[\w-]+)\n```\n"
    r"(?P<text>.*?)^```\{exercise-end\}\n```$",
    re.MULTILINE | re.DOTALL,
)
SOLUTION = re.compile(r"^````\{solution-start\} *([\w-]+)\n(?::.*\n)*````$", re.MULTILINE)
SOLUTION_END = re.compile(r"^````\{solution-end\}\n````$", re.MULTILINE)
HEADING = re.compile(r"^(?P<marks>#{1,6}) +(?P<title>.*)$", re.MULTILINE)
LABEL = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)
LABELLED = re.compile(r"^\(([\w-]+)\)=\n+(?:#{1,6} +(.*))?", re.MULTILINE)
FENCE = re.compile(r"^(`{3,}|:{3,})")
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
LINK = re.compile(r"(?<!\!)\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]+)\)")
#: Words that another page repeats, such as [98 % of it]{.published}; there may be such words in them.
MARKED = re.compile(r"\[((?:[^\[\]`]|`[^`]*`|\[[^\[\]`]*\]\([^()]*\))*)\]\{[.#][^{}]*\}")
TARGETED = re.compile(r"^(?P<text>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)
FRONT_MATTER = re.compile(r"\A---\n(.*?)^---\n+", re.MULTILINE | re.DOTALL)
SENTENCE_BREAK = re.compile(r"\s+")


def plain(text: str) -> str:
    """MyST as a tooltip shows it: no roles, no marks, one line."""
    bare = ROLE.sub(lambda role: target_of(role[2])[0], text)
    bare = LINK.sub(lambda link: link["text"], bare).replace("\\$", "$")
    return SENTENCE_BREAK.sub(" ", re.sub(r"[*`]", "", bare)).strip()


def target_of(content: str) -> tuple[str, str]:
    """What a role such as {term}`calls <call>` shows, and what it means."""
    whole = SENTENCE_BREAK.sub(" ", content).strip()
    found = TARGETED.match(whole)
    return (found["text"], found["target"]) if found else (whole, whole)


def link(text: str, target: str) -> str:
    """A link in Markdown."""
    return f"[{text}]({target})"


def explained(text: str, explanation: str) -> str:
    """A word that says what it means when one rests on it; JupyterLab follows no link through such a word."""
    without = explanation.translate({ord("("): "– ", ord(")"): " –", ord("`"): "'"})
    return f"{{abbr}}`{text} ({without})`"


@dataclass(frozen=True)
class Place:
    """Something that the text refers to: where it is, and what it is called."""

    page: str
    label: str
    name: str


@dataclass(frozen=True)
class Page:
    """A page of the book."""

    name: str
    source: str
    chapter: int | None = None
    title_in_contents: str | None = None

    @property
    def title(self) -> str:
        """The one in the contents, or its first heading."""
        found = HEADING.search(self.source)
        return self.title_in_contents or (found["title"] if found else self.name)

    @property
    def is_notebook(self) -> bool:
        """Whether it has a kernel."""
        return "\nkernelspec:" in self.source

    @cached_property
    def cells(self) -> list[NotebookNode]:
        """The passages and cells of a notebook."""
        return list(jupytext.reads(self.source, fmt="md:myst").cells) if self.is_notebook else []

    @property
    def copy(self) -> str:
        """The path of its copy."""
        return f"{self.name.removeprefix('book/')}{'.ipynb' if self.is_notebook else '.md'}"

    def numbered(self, count: int) -> str:
        """A number as Sphinx gives it: within a chapter, "4.2"."""
        return f"{self.chapter}.{count}" if self.chapter else f"{count}"


@dataclass(frozen=True)
class Part:
    """What stands under one caption in the contents."""

    caption: str
    pages: list[Page] = field(default_factory=list)


@dataclass(frozen=True)
class Book:
    """All pages that JupyterLab can show, and what they say of one another."""

    root: Path

    @cached_property
    def parts(self) -> list[Part]:
        """The contents, without what only the site can show; the chapters are numbered through."""
        contents = yaml.safe_load((self.root / "_toc.yml").read_text("utf8"))
        parts, chapter = [Part("Before the first chapter")], 0
        for each in contents["parts"]:
            if each.get("caption"):
                parts.append(Part(each["caption"]))
            for entry in each["chapters"]:
                source = (self.root / f"{entry['file']}.md").read_text("utf8")
                chapter += bool(each.get("numbered"))
                if not ONLY_ON_THE_SITE.search(source) and not entry.get("sections"):
                    number = chapter if each.get("numbered") else None
                    parts[-1].pages.append(Page(entry["file"], source, number, entry.get("title")))
        return parts

    @cached_property
    def pages(self) -> dict[str, Page]:
        """By their names."""
        return {page.name: page for part in self.parts for page in part.pages}

    @cached_property
    def references(self) -> dict[str, Entry]:
        """The bibliography."""
        return dict(parse_file(str(self.root / "book" / "references.bib")).entries)

    @cached_property
    def works(self) -> dict[str, Text]:
        """The bibliography in full."""
        return {entry.key: entry.text for entry in Style().format_entries(self.references.values())}

    @cached_property
    def glossary(self) -> dict[str, tuple[str, str]]:
        """Its words in small letters, each as it is written and with its explanation."""
        page = self.pages.get("book/glossary")
        if page is None:
            return {}
        entries = re.findall(
            r"^(\S.*)\n((?:(?: {2,}.*)?\n)+)", page.source.partition(":::{glossary}")[2], re.MULTILINE
        )
        return {
            word.strip().casefold(): (word.strip(), text) for word, text in entries if not word.startswith(":::")
        }

    @cached_property
    def places(self) -> dict[str, Place]:
        """By their labels: figures, equations, exercises and headings, numbered as on the site."""
        found: dict[str, Place] = {}
        for page in self.pages.values():
            kinds: list[tuple[str, list[str]]] = [
                ("Fig. {}", [figure["name"] for figure in figures(page.cells)]),
                ("({})", [label for _, label in EQUATION.findall(page.source)]),
                ("Exercise {}", [label for _, label, _ in EXERCISE.findall(page.source)]),
            ]
            for label, title in LABELLED.findall(page.source):
                found[label] = Place(page.copy, label, title)
            for name, labels in kinds:
                for count, label in enumerate(labels, start=1):
                    found[label] = Place(page.copy, label, name.format(page.numbered(count)))
        return found

    def files(self) -> Iterator[tuple[str, NotebookNode | str]]:
        """Every copy: its path, and the notebook or the text."""
        for page in self.pages.values():
            rewritten = Rewriting(self, page)
            yield page.copy, rewritten.notebook() if page.is_notebook else rewritten.text()

    def start(self, newer: dict[str, str]) -> str:
        """The page to begin with: the chapters in order, and newer versions of those that a reader has edited."""
        lines = [f"# {self.title}", "", START_TEXT]
        for part in self.parts:
            lines += ["", f"## {part.caption}", ""]
            for page in part.pages:
                number = f"**{page.chapter}** " if page.chapter else ""
                beside = newer.get(page.copy)
                aside = f" · {link('the new version', beside)}" if beside else ""
                lines.append(f"- {number}{link(page.title, page.copy)}{aside}")
        return "\n".join(lines) + "\n"

    @property
    def title(self) -> str:
        """Of the whole book."""
        return str(yaml.safe_load((self.root / "_config.yml").read_text("utf8"))["title"])


def figures(cells: list[NotebookNode]) -> list[NotebookNode]:
    """What the cells of a page say of the figures they draw."""
    drawn = (cell.metadata.get("mystnb", {}).get("figure") for cell in cells)
    return [figure for figure in drawn if figure]


def authors(entry: Entry) -> str:
    """The family names of who wrote it, as the text says them."""
    names = [
        str(Text().join(person.rich_last_names)) for person in entry.persons["author"] or entry.persons["editor"]
    ]
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


def cut_at_headings(text: str) -> Iterator[str]:
    """The pieces of a passage that begin with a heading, with the label above it; boxes stay whole."""
    piece: list[str] = []
    fences: list[str] = []
    for line in text.splitlines():
        if fence := FENCE.match(line):
            if fences and line.strip() == fences[-1]:
                fences.pop()
            else:
                fences.append(fence[1])
        elif not fences and HEADING.match(line):
            label = [piece.pop()] if piece and LABEL.match(piece[-1]) else []
            yield from filter(None, ["\n".join(piece).strip()])
            piece = label
        piece.append(line)
    yield from filter(None, ["\n".join(piece).strip()])


class Rewriting:
    """One page, with everything that JupyterLab does not know written out."""

    def __init__(self, book: Book, page: Page) -> None:
        self.book, self.page = book, page

    def notebook(self) -> NotebookNode:
        """A chapter: its text cut at the headings, its solutions folded, its captions under its figures."""
        cells: list[NotebookNode] = []
        for cell in self.page.cells:
            if cell.cell_type == "markdown":
                cells += self.text_cells(cell.source)
            else:
                cells += self.code_cells(cell)
        for number, cell in enumerate(cells):
            cell["id"] = f"{number:04d}"  # the same each time, so that copies can be compared
        cells = [new_markdown_cell(self.opening()), *cells, new_markdown_cell(self.way())]
        return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})

    def opening(self) -> str:
        """What a reader must know first."""
        return f"{link('Contents', self.to(START))} · *Run ▸ Run All Cells* computes the numbers in the text."

    def way(self) -> str:
        """On to the next page, and back."""
        pages = list(self.book.pages.values())
        here = pages.index(self.page)
        before, after = pages[here - 1 : here], pages[here + 1 : here + 2]
        back = [f"← {link(page.title, self.to(page.copy))}" for page in before]
        on = [f"{link(page.title, self.to(page.copy))} →" for page in after]
        return " · ".join([*back, link("Contents", self.to(START)), *on])

    def text(self) -> str:
        """A page without code."""
        source = FRONT_MATTER.sub("", self.page.source)
        if "{glossary}" in source:
            source = source.partition(":::{glossary}")[0] + self.glossary()
        if "```{bibliography}" in source:
            source = source.partition("```{bibliography}")[0] + self.bibliography()
        return self.rewrite(source).rstrip() + "\n"

    def glossary(self) -> str:
        """Each word under a heading, which the table of contents lists."""
        entries = (
            f"### {word}\n\n" + re.sub(r"^ +", "", text, flags=re.MULTILINE)
            for word, text in self.book.glossary.values()
        )
        return "\n".join(entries)

    def bibliography(self) -> str:
        """By author."""
        listed = sorted(self.book.references, key=lambda key: (authors(self.book.references[key]), key))
        return "\n\n".join(self.book.works[key].render(markdown.Backend()) for key in listed)

    def code_cells(self, cell: NotebookNode) -> list[NotebookNode]:
        """The cell, its input folded where the site does not show it, and the caption of what it draws."""
        tags = list(cell.metadata.get("tags", []))
        hidden = {"remove-cell", "remove-input", "hide-input"} & set(tags)
        if "remove-cell" in tags:
            tags.append("raises-exception")  # such a cell checks; Run All goes on whatever it finds
        metadata = ({"tags": tags} if tags else {}) | ({"jupyter": {"source_hidden": True}} if hidden else {})
        cells = [new_code_cell(cell.source, metadata=metadata)]
        if figure := cell.metadata.get("mystnb", {}).get("figure"):
            place = self.book.places[figure["name"]]
            caption = self.rewrite(" ".join(figure["caption"].split()))
            cells.append(new_markdown_cell(f"({place.label})=\n**{place.name}.** {caption}"))
        return cells

    def text_cells(self, source: str) -> list[NotebookNode]:
        """A passage, cut at its headings; a solution's is folded with all that follows up to the next one."""
        source = EXERCISE.sub(self.exercise, source)
        source = SOLUTION.sub(self.solution, SOLUTION_END.sub("", source))
        cells = []
        for piece in cut_at_headings(self.rewrite(source)):
            heading, _, rest = piece.partition("\n") if piece.startswith(SOLUTION_HEADING) else ("", "", piece)
            if heading:
                cells.append(new_markdown_cell(heading, metadata={"jp-MarkdownHeadingCollapsed": True}))
            if rest.strip():
                cells.append(new_markdown_cell(rest.strip()))
        return cells

    def exercise(self, found: re.Match[str]) -> str:
        """A heading and the text."""
        name = self.book.places[found["label"]].name
        title = f": {found['title']}" if found["title"] else ""
        return f"({found['label']})=\n### {name}{title}\n\n{found['text']}"

    def solution(self, found: re.Match[str]) -> str:
        """A heading."""
        return f"{SOLUTION_HEADING} to {self.book.places[found[1]].name}\n"

    def rewrite(self, text: str) -> str:
        """Roles, links and the numbers of equations; of words that another page repeats, the words."""
        while (bare := MARKED.sub(r"\1", text)) != text:
            text = bare
        text = EQUATION.sub(self.equation, text)
        text = ROLE.sub(self.role, text)
        return LINK.sub(self.link, text)

    def equation(self, found: re.Match[str]) -> str:
        """With the number of the site in the formula."""
        tex = found[1].strip()
        if r"\\" in tex and "\\begin" not in tex:
            tex = f"\\begin{{split}}\n{tex}\n\\end{{split}}"
        number = self.book.places[found[2]].name.strip("()")
        return f"```{{math}}\n:label: {found[2]}\n:enumerated: false\n{tex} \\tag{{{number}}}\n```"

    def role(self, found: re.Match[str]) -> str:
        """What one role becomes; those that JupyterLab knows stay."""
        roles: dict[str, Callable[[str], str]] = {
            "term": self.term,
            "cite:p": lambda keys: f"({self.cited(keys, '{}, {}')})",
            "cite:t": lambda keys: self.cited(keys, "{} ({})"),
            "ref": self.numbered,
            "numref": self.numbered,
            "eq": self.numbered,
            "py:func": self.library,
            "py:class": self.library,
        }
        return roles[found[1]](found[2]) if found[1] in roles else found[0]

    def term(self, content: str) -> str:
        """A word of the glossary, explained where the reader rests on it."""
        shown, meant = target_of(content)
        if meant.casefold() not in self.book.glossary:
            return shown
        _, text = self.book.glossary[meant.casefold()]
        return explained(shown, plain(text))

    def cited(self, keys: str, form: str) -> str:
        """Authors and year, which lead to the work in full."""
        works = []
        for key in (each.strip() for each in keys.split(",")):
            entry = self.book.references[key]
            shown = form.format(authors(entry), entry.fields["year"])
            works.append(link(shown, self.to("bibliography.md")))
        return "; ".join(works)

    def numbered(self, content: str) -> str:
        """The name of a figure, an equation, an exercise or a section."""
        shown, label = target_of(content)
        place = self.book.places.get(label)
        if place is None:
            return shown
        return link(place.name if shown == label else shown, self.to(place.page, place.label))

    def library(self, content: str) -> str:
        """A name of hedgelab; JupyterLab itself shows its documentation."""
        name = content.removeprefix("~")
        return f"`{name.rpartition('.')[2] if content.startswith('~') else name}`"

    def link(self, found: re.Match[str]) -> str:
        """A link to a page leads to its copy, to a label to where it is; to what has no copy, nowhere."""
        text, (target, _, fragment) = found["text"], found["target"].partition("#")
        if "://" in target or target.startswith("mailto:") or not (target or fragment):
            return found[0]
        label = target or fragment
        if label in self.book.places and not target.endswith((".md", ".ipynb")):
            return link(text, self.to(self.book.places[label].page, label))
        if not target.endswith(".md"):
            return found[0]
        here = PurePosixPath("/", self.page.name).parent
        name = normpath(here / target).lstrip("/").removesuffix(".md")
        if name == "book/index":
            return link(text, self.to(START))
        if name in self.book.pages:
            return link(text, self.to(self.book.pages[name].copy, fragment))
        return text

    def to(self, copy: str, fragment: str = "") -> str:
        """The address of a copy, seen from this page."""
        address = (
            "" if copy == self.page.copy and fragment else relpath(copy, str(PurePosixPath(self.page.copy).parent))
        )
        return f"{address}#{fragment}" if fragment else address
