"""Write the reference of the library from the library, so that it cannot fall behind.

The page of a module is ``{library-module} hedgelab.markets``: its introduction, then every public name as a
reader writes it (`hedgelab.GBM`, wherever that is defined).  A new function appears by itself.  ``{library-map}``
lists the modules that its lines name, with what is in them.  autodoc does the rest, and `readable_docstrings` says
how it looks.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from textwrap import indent
from types import ModuleType
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from readable_docstrings import BACKTICKS, typeset
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective


def package_of(module: ModuleType) -> ModuleType:
    """The library that a module belongs to."""
    return importlib.import_module(module.__name__.partition(".")[0])


def is_exported(module: ModuleType, name: str) -> bool:
    """Whether a reader finds the name in the library itself, without naming the module."""
    return name in package_of(module).__all__


def written(module: ModuleType, name: str) -> str:
    """The full name as a reader writes it."""
    return f"{package_of(module).__name__ if is_exported(module, name) else module.__name__}.{name}"


def public_names(module: ModuleType) -> list[str]:
    """The classes and functions in a module's `__all__`, or else those it defines; the exported ones first."""
    names = getattr(module, "__all__", None) or [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
    ]
    things = {name: vars(module)[name] for name in names}
    public = [name for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)]
    return sorted(public, key=lambda name: not is_exported(module, name))


def sources(module: ModuleType) -> list[ModuleType]:
    """The module, and if it is a package the modules in it."""
    inside = [thing for thing in vars(module).values() if inspect.ismodule(thing)]
    return [module, *(thing for thing in inside if thing.__name__.startswith(f"{module.__name__}."))]


def public_data(module: ModuleType) -> Iterator[tuple[str, str, str]]:
    """Each constant and type that a module lists or comments with `#:`: its name, value and comment."""
    for source in sources(module):
        analyzer = ModuleAnalyzer.for_module(source.__name__)
        comments = {name: "\n".join(lines) for (_, name), lines in analyzer.find_attr_docs().items()}
        for line in ast.parse(analyzer.code).body:
            if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
                continue
            name = line.targets[0].id
            if name in getattr(module, "__all__", comments if source is module else ()):
                value = getattr(module, name)
                shown = repr(value) if isinstance(value, int | float | str) else ast.unparse(line.value)
                yield name, shown, comments.get(name, "")


def summary(thing: Any) -> str:
    """The first sentence of a docstring, without the formula that may follow it."""
    paragraph = " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())
    sentence = re.split(r"(?<=[.?!])\s", re.sub("::$", ".", paragraph))[0]
    return BACKTICKS.sub(r"``\1``", sentence)


class Page(SphinxDirective):
    """A part of the reference."""

    def depends_on(self, module: ModuleType) -> None:
        """Read the page again when the module, or what the library exports, has changed."""
        for source in (package_of(module), *sources(module)):
            self.env.note_dependency(inspect.getfile(source))

    def parsed(self, parts: list[str]) -> list[nodes.Node]:
        """Markdown as part of the page, of which there is no notebook to be had."""
        self.env.metadata[self.env.docname]["library"] = True
        box = nodes.Element()
        lines = StringList("\n\n".join(parts).splitlines(), self.env.docname)
        self.state.nested_parse(lines, self.content_offset, box, match_titles=True)
        return box.children


class LibraryModule(Page):
    """The reference of one module."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Hand its names to autodoc."""
        module = importlib.import_module(self.arguments[0])
        self.depends_on(module)
        introduction = typeset(inspect.getdoc(module) or "", set())
        parts = ["```{eval-rst}", f".. py:module:: {module.__name__}", introduction]
        for name in public_names(module):
            if inspect.isclass(getattr(module, name)):
                members = "   :members:\n   :undoc-members:\n   :inherited-members:\n   :member-order: bysource"
                parts.append(f".. autoclass:: {written(module, name)}\n{members}")
            else:
                parts.append(f".. autofunction:: {written(module, name)}")
        for name, value, comment in public_data(module):
            owner = written(module, name).rpartition(".")[0]
            shown = f"   :value: {value}" if len(value) < 80 else ""
            parts.append(f".. py:data:: {name}\n   :module: {owner}\n{shown}")
            parts.append(indent(typeset(comment, set()), "   "))
        return self.parsed([*parts, "```"])


class LibraryMap(Page):
    """What is where: a section for each module."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Write the sections."""
        parts = []
        for line in self.content:
            module = importlib.import_module(line)
            self.depends_on(module)
            parts += [f"## [{line}]({line.rpartition('.')[2]}.md)", summary(module)]
            parts += ["```{eval-rst}", ".. container:: library-map"]
            for name in public_names(module):
                said = summary(getattr(module, name))
                parts.append(f"   :py:obj:`{name} <{written(module, name)}>`\n       {said}")
            parts.append("```")
        return self.parsed(parts)


def offer_no_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave out the button that downloads a page: these have nothing to run."""
    if "library" in app.env.metadata.get(page, {}):
        context["sourcename"] = ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the two directives."""
    app.setup_extension("readable_docstrings")
    app.add_directive("library-module", LibraryModule)
    app.add_directive("library-map", LibraryMap)
    app.connect("html-page-context", offer_no_notebook)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
