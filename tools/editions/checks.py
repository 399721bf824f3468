"""What a PDF or an EPUB of the book must be, read from the file itself."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pikepdf
import pypdfium2

#: The largest that they may be, in bytes.
PDF_AT_MOST, EPUB_AT_MOST = 12_000_000, 2_000_000

#: The number that a reference ends with, and a line of the contents.
REFERENCE, LINE = re.compile(r"\(p\.\s*(\d+)\)\s*$"), re.compile(r"(\d+)\s*$")

#: How much room the numbers of the contents have, in points.
NUMBERS_WIDTH = 22


def links(path: Path) -> list[tuple[int, str, int, str, str]]:
    """Each link inside a PDF: its page, its place and that place's page (0: none), its words, the last of them."""
    found = []
    with pikepdf.open(path) as pdf, pypdfium2.PdfDocument(path) as shown:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
        named = {name: numbers[place[0].objgen] for name, place in pdf.Root.get("/Dests", {}).items()}
        for number, page in enumerate(pdf.pages, 1):
            text = shown[number - 1].get_textpage()
            for note in page.get("/Annots", []):
                if note.get("/Subtype") == "/Link" and "/Dest" in note:
                    to = str(note["/Dest"])
                    left, bottom, right, top = (float(side) for side in note["/Rect"])
                    words = text.get_text_bounded(left - 1, bottom, right + 1, top)
                    end = text.get_text_bounded(right - NUMBERS_WIDTH, bottom, right + 1, top)
                    found.append((number, to, named.get("/" + to.removeprefix("/"), 0), words, end))
    return found


def contents_of(path: Path) -> range:
    """The pages of the contents: from the second to the one before the first chapter."""
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages, 1)}
        named = pdf.Root.get("/Dests", {})
        starts = []
        for item in outline.root:
            place = item.destination if item.destination is not None else item.action.get("/D")
            place = place if isinstance(place, pikepdf.Array) else named[f"/{str(place).removeprefix('/')}"]
            starts.append(numbers[place[0].objgen])
    return range(2, next((start for start in starts if start > 2), 3))


def faults_of_pdf(path: Path) -> list[str]:
    """What is wrong with a PDF; nothing, if all is well."""
    wrong, numbered, contents = [], 0, contents_of(path)
    for number, to, page, words, end in links(path):
        shows = LINE.search(end) if number in contents else REFERENCE.search(words)
        if not page:
            wrong.append(f"page {number}: {to} leads nowhere")
        elif shows:
            numbered += 1
            if int(shows[1]) != page:
                wrong.append(f"page {number}: {words.strip()!r} leads to page {page}")
        elif number in contents:
            wrong.append(f"page {number}: a line of the contents has no number: {words.strip()!r}")
    if not numbered:
        wrong.append("no link shows the number of a page")
    with pikepdf.open(path) as pdf:
        pictures = [
            each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"
        ]
        wrong += [f"a picture of {each.get('/Width')} × {each.get('/Height')} dots" for each in pictures]
        for name in ("/Title", "/Author", "/Subject"):
            if not pdf.docinfo.get(name):
                wrong.append(f"it does not say its {name.removeprefix('/').lower()}")
        with pdf.open_outline() as outline:
            if not outline.root:
                wrong.append("it has no bookmarks")
    if (size := path.stat().st_size) > PDF_AT_MOST:
        wrong.append(f"it has {size:,} bytes, more than {PDF_AT_MOST:,}")
    return wrong


def faults_of_epub(path: Path) -> list[str]:
    """What is wrong with an EPUB: the rules that a mistake of ours would break first; epubcheck knows them all."""
    wrong: list[str] = []
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        if names[0] != "mimetype" or book.read("mimetype") != b"application/epub+zip":
            wrong.append("it does not begin with its mimetype")
        ids: dict[str, set[str]] = {}
        trees = {}
        for name in names:
            if not name.endswith((".xhtml", ".opf", ".xml")):
                continue
            try:
                trees[name] = ET.fromstring(book.read(name))
            except ET.ParseError as error:
                wrong.append(f"{name}: not XML: {error}")
                continue
            own = [each.get("id", "") for each in trees[name].iter() if each.get("id")]
            ids[name] = set(own)
            wrong += [
                f"{name}: the id {each} is given twice" for each in sorted({i for i in own if own.count(i) > 1})
            ]
        listed = {
            f"EPUB/{each.get('href')}" for each in trees["EPUB/book.opf"].iter() if each.tag.endswith("}item")
        }
        for name in sorted({each for each in names if each.startswith("EPUB/")} ^ (listed | {"EPUB/book.opf"})):
            wrong.append(f"{name}: listed without being there, or there without being listed")
        for name, tree in trees.items():
            for each in tree.iter():
                link = each.get("href") or each.get("src") or ""
                parts = urlsplit(link)
                if parts.scheme or not link:
                    continue
                to = str(PurePosixPath(name).parent / unquote(parts.path)) if parts.path else name
                if to not in names or (parts.fragment and unquote(parts.fragment) not in ids.get(to, set())):
                    wrong.append(f"{name}: {link} leads nowhere")
    if (size := path.stat().st_size) > EPUB_AT_MOST:
        wrong.append(f"it has {size:,} bytes, more than {EPUB_AT_MOST:,}")
    return wrong
