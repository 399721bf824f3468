"""Set docstrings and signatures as this library writes them.

Its NumPy-style sections say `name : what it is` where others give a type; the types are in the signature, which is
shown as the source has it, one parameter to a line where it is long.  Names in backticks link to their entry where
they have one.  The code itself follows, folded away.
"""

from __future__ import annotations

import ast
import inspect
import re
from textwrap import dedent, indent
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

SECTION = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", re.MULTILINE)

#: Sections that list `name : what it is`; the text of any other section stays as it is.
LISTS = ("Parameters", "Attributes", "Fields", "Returns", "Yields", "Raises")

NAME = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*")
BACKTICKS = re.compile(r"(?<![`:])`([^`<>]+)`(?![`_])")
STRING = re.compile(r'(?<!`)"[a-z_-]+"')

# ---------------------------------------------------------------------------------------------- docstrings


def linked(text: str, parameters: set[str]) -> str:
    """The names in backticks as links where they lead somewhere; a function's own parameters never do."""

    def link(found: re.Match[str]) -> str:
        name = found[1]
        return f":py:obj:`{name}`" if NAME.fullmatch(name) and name not in parameters else f"``{name}``"

    return "\n".join(
        line if line.lstrip().startswith((">>>", "...")) else BACKTICKS.sub(link, line)
        for line in text.splitlines()
    )


def definitions(body: str) -> str:
    """`name : what it is`, and more of it indented, as a definition list; quoted words in it are strings."""
    lines = []
    for line in STRING.sub(r"``\g<0>``", body).splitlines():
        names, _, said = line.partition(" : ")
        if line.strip() and not line.startswith(" "):
            lines.append(", ".join(f"``{name}``" for name in names.split(", ")))
            lines += [f"    {said}"] if said else []
        else:
            lines.append(line)
    return "\n".join(lines)


def typeset(text: str, parameters: set[str]) -> str:
    """A docstring as reStructuredText."""
    start, *sections = SECTION.split(text)
    parts = [start]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        parts += [f".. rubric:: {title}", definitions(body) if title in LISTS else body]
    return linked("\n\n".join(part.strip("\n") for part in parts), parameters)


def fields(source: str) -> str:
    """The fields of a class that have a comment beside them, as a section of its docstring."""
    lines = source.splitlines()
    rows = []
    for field in class_body(source):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.end_lineno:
            beside = lines[field.end_lineno - 1].encode()[field.end_col_offset :].decode()
            if comment := beside.partition("#")[2].lstrip(": "):
                rows.append(f"{field.target.id} : {comment}")
    return "\n".join(["", "", "Fields", "------", *rows]) if rows else ""


def class_body(source: str) -> list[ast.stmt]:
    """The statements of a class or function."""
    return ast.parse(source).body[0].body  # type: ignore[attr-defined, no-any-return]


def without_docstrings(source: str) -> str:
    """The code without what is said above it."""
    lines: list[str | None] = list(source.splitlines())
    for part in ast.walk(ast.parse(source)):
        if isinstance(part, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(part) and len(part.body) > 1:
            first, last = part.body[0].lineno - 1, part.body[0].end_lineno or 0
            blank = last < len(lines) and not lines[last]
            lines[first : last + blank] = [None] * (last + blank - first)
    return "\n".join(line for line in lines if line is not None)


def folded_code(thing: Any, source: str) -> str:
    """The code, in a box that opens."""
    library = thing.__module__.partition(".")[0]
    _, _, file = (inspect.getsourcefile(inspect.unwrap(thing)) or "").rpartition(f"/{library}/")
    box = f"\n\n.. admonition:: The code, in {library}/{file}\n   :class: dropdown\n\n"
    return box + "   .. code-block:: python\n\n" + indent(without_docstrings(source), " " * 6)


def process_docstring(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Set a docstring; that of a function or class with what its source says besides."""
    text, code = "\n".join(lines), ""
    if what in ("class", "exception", "function"):
        source = dedent(inspect.getsource(thing))
        text += fields(source) if what == "class" else ""
        code = folded_code(thing, source) if len(class_body(source)) > 1 else ""
    parameters = set(inspect.signature(thing).parameters) if is_called(thing) else set()
    lines[:] = [*(typeset(text, parameters) + code).splitlines(), ""]


def find_elsewhere(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Look in the library itself, then for a class or constant, for what the module at hand does not have."""
    if node.get("refdomain") != "py" or not node.get("py:module"):
        return None
    library, target = node["py:module"].partition(".")[0], node["reftarget"]
    things = env.get_domain("py").objects  # type: ignore[attr-defined]
    namesakes = (
        thing
        for thing in things.values()
        if thing.node_id.endswith(f".{target}") and (thing.objtype in ("class", "data") or "." in target)
    )
    found = things.get(f"{library}.{target}") or next(namesakes, None)
    where = found and (found.docname, found.node_id)
    return where and make_refnode(app.builder, node["refdoc"], *where, content)


# ---------------------------------------------------------------------------------------------- signatures


class Hint(str):
    """A type hint, printed without quotes."""

    __repr__ = str.__str__


def hint(annotation: Any) -> Any:
    """A type hint as the source writes it; `Any` says nothing and is left out."""
    if annotation is inspect.Signature.empty:
        return annotation
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__forward_arg__", None)
    text = text or inspect.formatannotation(annotation)
    return inspect.Signature.empty if text == "Any" else Hint(text)


def is_called(thing: Any) -> bool:
    """Whether anybody calls it: not a property, a protocol, or a class without a constructor of its own."""
    if inspect.isclass(thing):
        return bool({"__init__", "__new__"} & vars(thing).keys()) and not getattr(thing, "_is_protocol", False)
    return inspect.isroutine(thing) and callable(thing)  # which a cached property seems to be but is not


def process_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str, str | None]:
    """Write the signature as the source does."""
    if not is_called(thing):
        return "", None
    given = inspect.signature(thing)
    parameters = [
        parameter.replace(annotation=hint(parameter.annotation))
        for key, parameter in given.parameters.items()
        if key != "self" and not key.startswith("_")
    ]
    result = hint(given.return_annotation)
    text = str(given.replace(parameters=parameters, return_annotation=inspect.Signature.empty))
    return text, str(result) if isinstance(result, Hint) and result != "None" else None


def skip_member(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leave the fields of a class to its docstring, and what another library has put into it to that library."""
    library = app.env.temp_data["autodoc:module"].partition(".")[0]
    code = getattr(thing, "fget", None) or getattr(thing, "func", None) or thing  # of a property, cached or not
    return None if (getattr(code, "__module__", None) or "").partition(".")[0] == library else True


def separate_lines(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Make lines of a long signature, which Sphinx writes as a list of definitions that define nothing."""

    def lines(found: re.Match[str]) -> str:
        return found[1] + found[2].strip().replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")

    long = r'(<span class="sig-paren">\(</span>)\s*<dl>(.*?)</dl>\s*'
    context["body"] = re.sub(long, lines, context.get("body", ""), flags=re.DOTALL)


def configure(app: Sphinx, config: Config) -> None:
    """Leave type hints to this extension, and show defaults as the source has them."""
    config.autodoc_typehints = "none"
    config.autodoc_preserve_defaults = True
    config.python_maximum_signature_line_length = 66
    config.toc_object_entries_show_parents = "hide"


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect all this to autodoc."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("config-inited", configure)
    app.connect("autodoc-process-docstring", process_docstring)
    app.connect("autodoc-process-signature", process_signature)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("missing-reference", find_elsewhere)
    app.connect("html-page-context", separate_lines)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
