"""Write the pages of the assignments from the assignments, so that no page says what the notebook does not.

The page of one is these two lines, and nothing of it is executed:

    ```{assignment} hw3
    ```

It becomes the student's notebook, to be read: without solutions, for that has none, and with a link to the zip
that a student works in, which is made beside the page.  A page with ``{assignments}`` has a table of them all.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ONE = re.compile(r"\A```\{assignment\} (\w+)\n```\s*\Z")
ALL = re.compile(r"^```\{assignments\}\n```$", re.MULTILINE)


def relative(page: str, here: str) -> str:
    """The way from one page of the book to another."""
    return "../" * here.removeprefix("book/").count("/") + page


def page_of(name: str, here: str) -> str:
    """The text of an assignment's page."""
    from coursework.assignment import load
    from coursework.notebooks import chapter, head, starter

    assignment = load(name)
    followed = chapter(assignment.follows)
    says = " ".join(head(assignment).split()).strip("*")
    description = f"Assignment {name}, after the chapter {followed}: {assignment.title}."
    linked = says.replace(f"“{followed}”", f"[{followed}]({relative(assignment.follows, here)}.md)")
    download = f'<p class="start"><a href="{name}.zip" download>Download {name}.zip</a></p>'
    beyond = f" Beyond NumPy, SciPy, pandas and Matplotlib it needs `{'`, `'.join(assignment.libraries)}`."
    linked += beyond if assignment.libraries else ""
    card = f"{linked}\n\n```{{raw}} html\n{download}\n```"
    parts = [f"---\ndescription: {description!r}\n---"]
    for cell in starter(assignment).cells:
        text = cell.source.replace(head(assignment), card)
        parts.append(f"````python\n{text}\n````" if cell.cell_type == "code" else text)
    return "\n\n".join(parts) + "\n"


def table(here: str) -> str:
    """All assignments: what each is about, how long it takes, what it gives, what it follows."""
    from coursework.notebooks import chapter, every

    rows = ["| Assignment | Minutes | Points | After the chapter |", "|---|---|---|---|"]
    for one in every():
        followed = f"[{chapter(one.follows)}]({relative(one.follows, here)}.md)"
        minutes = "–".join(map(str, one.minutes))
        rows.append(f"| [{one.name}. {one.title}]({one.name}.md) | {minutes} | {one.points:g} | {followed} |")
    return "\n".join(rows)


def write_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the text in the place of the lines; it is read again when the assignment has changed."""
    one, some = ONE.match(source[0]), ALL.search(source[0])
    if not (one or some):
        return
    coursework = Path(app.srcdir) / "coursework"
    used = coursework.glob(f"assignments/{one[1] if one else '*'}/*.*")
    for path in [*used, *(coursework / name for name in ("notebooks.py", "check.py", "compare.py"))]:
        app.env.note_dependency(str(path))
    source[0] = page_of(one[1], page) if one else ALL.sub(lambda _: table(page), source[0])


def asked_for(app: Sphinx, page: str) -> str | None:
    """The assignment whose page it is."""
    path = Path(app.env.doc2path(page))
    found = ONE.match(path.read_text("utf8")) if path.is_file() else None
    return found[1] if found else None


def write_zips(app: Sphinx, exception: Exception | None) -> None:
    """Beside each page lay what a student works in."""
    if exception or app.builder.format != "html":
        return
    from coursework.assignment import load
    from coursework.notebooks import packed

    for page in sorted(app.env.found_docs):
        if name := asked_for(app, page):
            (Path(app.outdir) / page).with_name(f"{name}.zip").write_bytes(packed(load(name)))


def offer_no_source(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Leave out the button that downloads a page: here it would be two lines."""
    if page in app.env.found_docs and asked_for(app, page):
        context["sourcename"] = ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.connect("source-read", write_page)
    app.connect("build-finished", write_zips)
    app.connect("html-page-context", offer_no_source)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
