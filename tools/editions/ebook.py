"""The book as an EPUB 3: a file for each page, formulas as MathML, figures as drawings.

A reader of books brings its own letters and colours.  What it shows is XML: what browsers forgive, it does not.
"""

from __future__ import annotations

import html
import re
import uuid
import zipfile
from pathlib import Path

from bs4 import Tag

from editions.pages import Edition, Page, slug
from hedgelab.figures import PALETTE

HERE = Path(__file__).parent
MATH = re.compile(r"<math\b.*?</math>", re.S)

#: What HTML allows and XML, MathML or EPUB does not; the browser has no need of it either.
REFUSED = ("aria-live", "aria-level", "halign", "valign", "align", "border", "translate")

#: The files and folders that every EPUB has.
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""
HEAD = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="book.css"/></head>
"""


def make(edition: Edition, into: Path) -> int:
    """Write the EPUB and return how many files of text it has."""
    where = {}
    for page in edition.pages:
        for each in [page.body, *page.body.find_all(id=True)]:
            where[each["id"]] = f"{slug(page.name)}.xhtml"
    files = {f"{slug(page.name)}.xhtml": chapter(page, edition, where) for page in edition.pages}
    files = {"title.xhtml": title_page(edition), "contents.xhtml": contents(edition, where)} | files
    into.parent.mkdir(parents=True, exist_ok=True)
    when = edition.made.timetuple()[:6]
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:

        def put(name: str, text: str, how: int = zipfile.ZIP_DEFLATED) -> None:
            book.writestr(zipfile.ZipInfo(name, when), text.encode(), how, 9)

        put(
            "mimetype", "application/epub+zip", zipfile.ZIP_STORED
        )  # first, and as it is: so readers know the file
        put("META-INF/container.xml", CONTAINER)
        put("EPUB/book.opf", package(edition, files))
        put("EPUB/book.css", (HERE / "ebook.css").read_text("utf8"))
        for name, text in files.items():
            put(f"EPUB/{name}", text)
    return len(files)


def chapter(page: Page, edition: Edition, where: dict[str, str]) -> str:
    """One page as XHTML."""
    for link in page.body.find_all("a", href=re.compile("^#")):
        link["href"] = where[link["href"][1:]] + link["href"]
    for each in page.body.find_all(True):
        tidy(each)
    body = page.body.decode(formatter="minimal")
    body = re.sub(r'<i data-kept="(\d+)">\s*</i>', lambda it: drawn(edition.kept[int(it[1])]), body)
    return f"{HEAD.format(title=html.escape(page.title))}<body>{body}</body>\n</html>\n"


def tidy(element: Tag) -> None:
    """Take off what EPUB refuses."""
    for name in list(element.attrs):
        if name in REFUSED or (name.startswith("data-") and name != "data-kept"):
            del element[name]
    if element.name == "a" and not element.get("href"):
        element.name = "span"
        element.attrs.pop("name", None)
    if "var(" in element.get("style", ""):
        del element["style"]
    if element.name in ("div", "span", "p") and element.get("role", "").startswith("doc-"):
        del element["role"]


def drawn(kept: str) -> str:
    """A formula as MathML; code and drawings as XML, in colours of their own."""
    if kept.startswith("<mjx-container"):
        found = MATH.search(kept)
        if found is None:
            raise ValueError(f"A formula without MathML: {kept[:200]}")
        math = re.sub(r' (?:data-[\w-]+|xmlns(?::\w+)?)="[^"]*"', "", found[0])
        return xml(math.replace("<math", '<math xmlns="http://www.w3.org/1998/Math/MathML"', 1))
    if kept.startswith("<svg"):
        kept = re.sub(r"calc\(([\d.]+)px ?\* ?var\([^)]*\)\)", r"\1px", kept)
        kept = re.sub(r"var\(--figure-paper[^)]*\)", "#ffffff", kept)
        kept = re.sub(r"var\(--figure-(\w+)[^)]*\)", lambda it: PALETTE[it[1]], kept)
        kept = re.sub(r' (?:xmlns(?::\w+)?|aria-hidden)="[^"]*"', "", kept)
        if 'aria-label="' in kept[:2000] and "role=" not in kept[:2000]:
            kept = kept.replace("<svg", '<svg role="img"', 1)
        return xml(kept.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    return xml(kept)


def xml(markup: str) -> str:
    """Markup whose only entities are those of XML."""
    kept = {"&amp;", "&lt;", "&gt;", "&quot;"}
    return re.sub(r"&\w+;", lambda it: it[0] if it[0] in kept else html.unescape(it[0]), markup)


def title_page(edition: Edition) -> str:
    """Title, authors, version, date and licence."""
    said, licence, address = html.escape, edition.licence_address, html.escape(edition.address)
    live = f'<p><a href="{address}">{address}</a></p>' if address else ""
    return (
        f'{HEAD.format(title=said(edition.title))}<body><section epub:type="titlepage">'
        f'<h1>{said(edition.title)}</h1><p class="authors">{said(edition.authors)}</p><div class="imprint">'
        f"<p>Version {said(edition.version)} · {edition.day}</p>{live}<p>{said(edition.rights)}</p>"
        f'<p><a href="{licence}">{licence}</a></p></div></section></body>\n</html>\n'
    )


def contents(edition: Edition, where: dict[str, str]) -> str:
    """The table of contents, which a reader also shows beside the book."""
    lines, part, opened = [], "", False
    for page in edition.pages:
        if page.part != part:
            lines.append("</ol></li>" if opened else "")
            part, opened = page.part, bool(page.part)
            lines.append(f"<li><span>{html.escape(part)}</span><ol>" if opened else "")
        line = f'<li><a href="{slug(page.name)}.xhtml">{html.escape(page.title)}</a>'
        below = "".join(
            f'<li><a href="{where[to]}#{to}">{html.escape(re.sub("<[^>]+>", "", html.unescape(heading)))}</a></li>'
            for to, heading in (page.sections() if page.numbered else [])
        )
        lines.append(f"{line}<ol>{below}</ol></li>" if below else f"{line}</li>")
    lines.append("</ol></li>" if opened else "")
    return (
        f'{HEAD.format(title="Contents")}<body><nav epub:type="toc" id="toc"><h1>Contents</h1>'
        f"<ol>{''.join(lines)}</ol></nav></body>\n</html>\n"
    )


def package(edition: Edition, files: dict[str, str]) -> str:
    """What the book is and which files it has, in order."""
    said = html.escape
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{edition.address or edition.title}#{edition.version}")
    items, spine = [], []
    for number, (file, text) in enumerate(files.items()):
        marks = [mark for mark in ("math", "svg") if f"<{mark} " in text]
        kinds = ["nav"] if file == "contents.xhtml" else ["mathml" if mark == "math" else mark for mark in marks]
        properties = f' properties="{" ".join(kinds)}"' if kinds else ""
        items.append(f'<item id="f{number}" href="{file}" media-type="application/xhtml+xml"{properties}/>')
        spine.append(f'<itemref idref="f{number}"/>')
    source = f"<dc:source>{said(edition.address)}</dc:source>" if edition.address else ""
    access = {
        "accessMode": ["textual", "visual"],
        "accessModeSufficient": ["textual"],
        "accessibilityFeature": ["alternativeText", "MathML", "structuralNavigation", "tableOfContents"],
        "accessibilityHazard": ["none"],
        "accessibilitySummary": ["Figures have descriptions, formulas are MathML."],
    }
    described = "".join(
        f'<meta property="schema:{each}">{value}</meta>' for each, values in access.items() for value in values
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id" xml:lang="en"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{name}</dc:identifier><dc:title>{said(edition.title)}</dc:title>'
        f"<dc:language>en</dc:language><dc:creator>{said(edition.authors)}</dc:creator>"
        f"<dc:date>{edition.made:%Y-%m-%d}</dc:date><dc:rights>{said(edition.rights)}</dc:rights>{source}"
        f"<dc:description>Version {said(edition.version)}</dc:description>"
        f'<meta property="dcterms:modified">{edition.made:%Y-%m-%dT%H:%M:%SZ}</meta>{described}</metadata>'
        f'<manifest><item id="look" href="book.css" media-type="text/css"/>{"".join(items)}</manifest>'
        f"<spine>{''.join(spine)}</spine></package>\n"
    )
