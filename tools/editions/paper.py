"""The book as a PDF: Chromium prints the pages as they look on the site.

Chromium knows no page numbers of other places, so the book is printed, read, and printed again with the numbers
that its references and contents have to show, until they are those of the pages.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf
from browsers import ARGUMENTS, CHROMIUM, NO_CHROMIUM
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, sync_playwright

from editions.pages import Edition, tagged

HERE = Path(__file__).parent
STYLE = re.compile(r'<style data-href="[^"]*">(.*?)</style>', re.S)
FACE = re.compile(r"@font-face\{[^{}]*?font-weight:200 900[^{}]*\}")
WEIGHTS = (400, 640)

#: A place for a page's number, which names the place that it is the number of.
NUMBER = re.compile("\ue000(.*?)\ue001")

#: The library's reference, which paper does not have, and where that is said.
REFERENCE, PREFACE = "book/reference/", "book/preface"
ON_PAPER = """<section id="on-paper"><h2>On paper</h2>
<p>What moves on a screen stands still here: an explorer is shown at work, with the settings that it has, and says
where it moves. Solutions, and the answers to quizzes, are in the back.</p>
<p>The reference of <code>hedgelab</code> is left out. It is for looking up one name beside one’s code, where it
can be searched and its links followed, and would make this book longer by half. It is on the book’s site and in
the EPUB, and <code>help(hedgelab.hedge)</code> says the same in Python.</p></section>"""

#: The book is printed so often before its numbers have to agree.
PASSES = 5


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that prints."""
    if CHROMIUM is None:
        raise RuntimeError(NO_CHROMIUM.replace("the browser tests need one", "it prints the book"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def make(site: Path, edition: Edition, into: Path, work: Path, browser: Browser) -> int:
    """Write the PDF and return how many pages it has."""
    work.mkdir(parents=True, exist_ok=True)
    add_on_paper(edition)
    template = assembled(site, edition, work)
    sheet, raw = work / "sheet.html", work / "sheet.pdf"
    last = work / "numbers.json"  # those of the last edition are nearly right, which spares a printing or two
    numbers: dict[str, int] = json.loads(last.read_text("utf8")) if last.is_file() else {}
    for _ in range(PASSES):
        draft = not numbers  # printed to be read once: without its bookmarks and tags, a third of the work
        sheet.write_text(numbered(template, numbers), "utf8")
        page = browser.new_page()  # a new one each time, so that no printing holds the memory of the last
        page.set_default_timeout(600_000)
        page.goto(sheet.as_uri(), wait_until="load")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.pdf(path=raw, prefer_css_page_size=True, print_background=True, outline=not draft, tagged=not draft)
        page.close()
        found = destinations(raw)
        if found == numbers:
            return finish(raw, edition, into)
        numbers = found
        last.write_text(json.dumps(numbers), "utf8")
    raise RuntimeError(f"its page numbers still change after {PASSES} printings, which is a mistake in `editions`")


def numbered(template: str, numbers: dict[str, int]) -> str:
    """The page with the numbers that are known; others are as wide."""
    return NUMBER.sub(lambda it: str(numbers.get(it[1], "000")), template)


def destinations(path: Path) -> dict[str, int]:
    """On which page each place is that something leads to."""
    with pikepdf.open(path) as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
        named = pdf.Root.get("/Dests", {})
        return {name.removeprefix("/"): numbers[place[0].objgen] for name, place in named.items()}


def finish(raw: Path, edition: Edition, into: Path) -> int:
    """Say in the PDF what it is, and make it small."""
    with pikepdf.open(raw) as pdf:
        with pdf.open_metadata(set_pikepdf_as_editor=False) as said:
            said["dc:title"] = edition.title
            said["dc:creator"] = [edition.authors]
            said["dc:language"] = ["en"]
            said["dc:rights"] = edition.rights
            said["dc:description"] = f"Version {edition.version}, {edition.day}"
            said["dc:date"] = [edition.made.date().isoformat()]
            said["xmp:CreateDate"] = said["xmp:ModifyDate"] = edition.made.isoformat()
            said["xmpRights:WebStatement"] = edition.licence_address
            if edition.address:
                said["dc:source"] = edition.address
        pdf.docinfo["/Title"] = edition.title
        pdf.docinfo["/Author"] = edition.authors
        pdf.docinfo["/Subject"] = f"Version {edition.version}, {edition.day}. {edition.licence}"
        stamp = f"D:{edition.made:%Y%m%d%H%M%S}Z"
        pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = stamp
        into.parent.mkdir(parents=True, exist_ok=True)
        pdf.save(
            into,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            recompress_flate=True,
            linearize=True,
        )
        return len(pdf.pages)


def assembled(site: Path, edition: Edition, work: Path) -> str:
    """One HTML page with everything, and places for the page numbers."""
    heads = []
    font = 'font: 8.5pt "Source Sans 3 Variable", sans-serif; color: #55606e;'
    for number, page in enumerate(edition.pages):
        name, title = f"p{number}", json.dumps(page.title, ensure_ascii=False)
        left = json.dumps(page.part or edition.title, ensure_ascii=False)
        heads.append(
            f"@page {name}:left {{ @top-left {{ content: {left}; {font} }} }}"
            f"@page {name}:right {{ @top-right {{ content: {title}; {font} }} }}"
            f"#{page.body['id']} {{ page: {name}; }}"
        )
        number_links(page.body)
    contents = edition.whole(str(contents_of(edition)))
    bodies = "".join(edition.whole(str(page.body)) for page in edition.pages)
    # a screen reader is told of a formula twice, and paper has to show it once
    bodies = re.sub(r"<mjx-assistive-mml.*?</mjx-assistive-mml>", "", bodies, flags=re.S)
    style = look(site, work) + (HERE / "paper.css").read_text("utf8") + "".join(heads)
    return (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{html.escape(edition.title)}</title><style>{style}</style></head><body><main>"
        f'<article class="bd-article">{title_page(edition)}{contents}{bodies}</article></main></body></html>'
    )


def look(site: Path, work: Path) -> str:
    """The site's style sheet, which each of its pages holds, with fonts that can be embedded."""
    some = next(path for path in sorted((site / "book").glob("*.html")))
    style = STYLE.search(some.read_text("utf8"))
    if style is None:
        raise ValueError(f"{some} holds no style sheet: was it built by `make html`?")
    fonts = work / "fonts"
    cut = {"fonts": str(site / "_static" / "fonts"), "into": str(fonts), "weights": WEIGHTS}
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("no Node.js on the PATH: `python tools/book.py pdf` brings one")
    subprocess.run(
        [node, str(HERE / "static_fonts.mjs")],
        input=json.dumps(cut),
        text=True,
        check=True,
        cwd=HERE,
        stdout=subprocess.DEVNULL,
    )

    def faces(found: re.Match[str]) -> str:
        return "".join(
            re.sub(r"url\([^)]*/fonts/([^)]+)-wght-([^)]+)\)", rf"url(fonts/\1-{weight}-\2)", found[0])
            .replace("font-weight:200 900", f"font-weight:{weight}")
            .replace("woff2-variations", "woff2")
            for weight in WEIGHTS
        )

    static = (site / "_static").as_uri()
    return re.sub(r"url\((?:\.\./)*_static", f"url({static}", FACE.sub(faces, style[1]))


def add_on_paper(edition: Edition) -> None:
    """Say in the preface what is otherwise on paper, and what is missing."""
    preface = next((page for page in edition.pages if page.name == PREFACE), None)
    if preface is None or any(page.name.startswith(REFERENCE) for page in edition.pages):
        return
    preface.body.append(BeautifulSoup(ON_PAPER, "html.parser"))


def place(to: str, before: str = " (p. ", after: str = ")") -> Tag:
    """The number of a page, to be filled in."""
    return tagged("span", f"{before}\ue000{to}\ue001{after}", class_="pp")


def number_links(body: Tag) -> None:
    """Say after a reference on which page it is, unless it is in the same section."""
    chosen = "a.leads, a:has(> .std-ref), a:has(> .std-numref), a:has(> .std-doc), .book-index a"
    here = {each["id"]: each for each in [body, *body.find_all(id=True)]}
    for link in body.select(chosen):
        to = link["href"]
        if not to.startswith("#") or link.find_parent(["h1", "h2", "h3"]):
            continue
        target = here.get(to[1:])
        near = target is not None and target.find_parent("section") is link.find_parent("section")
        if near and target.name != "section" and "leads" not in link.get("class", ()):
            continue
        inside = link.find_parent(class_="book-index") is not None
        link.append(place(to[1:], *((" ", "") if inside else ())))


def contents_of(edition: Edition) -> Tag:
    """The table of contents: parts, chapters, and the sections of those with numbers."""
    whole = tagged("section", class_="contents", id="contents")
    whole.append(tagged("h1", "Contents"))
    part = ""
    for page in edition.pages:
        if page.part != part:
            part = page.part
            whole.append(tagged("p", part, class_="toc-part"))
        kind = "toc-chapter" if page.level == 1 else "toc-below"
        sections = page.sections() if page.numbered else []
        whole.append(row(f"{kind} in-order" if sections else kind, html.escape(page.title), page.body["id"]))
        for to, heading in sections:
            whole.append(row("toc-section", heading, to))
    return whole


def row(kind: str, title: str, to: str) -> Tag:
    """A line of the contents."""
    number = f"<b>\ue000{to}\ue001</b>"
    line = f'<p class="{kind}"><a href="#{to}"><span>{title}</span><i></i>{number}</a></p>'
    return BeautifulSoup(line, "html.parser").p


def title_page(edition: Edition) -> str:
    """Title, authors, version, date and licence."""
    said, licence, address = html.escape, edition.licence_address, html.escape(edition.address)
    live = f'<p>Alive, with the library’s reference, at <a href="{address}">{address}</a></p>' if address else ""
    return (
        f'<section class="title-page" id="title-page"><h1>{said(edition.title)}</h1>'
        '<p class="lead">A textbook in which every statement about dynamic hedging is an experiment.</p>'
        f'<p class="authors">{said(edition.authors)}</p><div class="imprint">'
        f"<p>Version {said(edition.version)} · {edition.day}</p>{live}<p>{said(edition.rights)}</p>"
        f'<p><a href="{licence}">{licence}</a></p></div></section>'
    )
