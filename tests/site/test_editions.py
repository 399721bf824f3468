"""A chapter as a PDF and as an EPUB, made as the whole book is: numbers, links, solutions, stills."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from editions import checks, downloads, ebook, paper
from editions.pages import Edition, described, read
from editions.stills import KINDS, still
from playwright.sync_api import Browser

CHAPTERS = ("book/foundations/the_hedge", "book/index_of_terms")
ADDRESS = "https://example.org/book/"


def edition(site: Path, address: str = ADDRESS) -> Edition:
    """Two pages of the book, which is published somewhere."""
    made = described()
    made.address = address
    return read(site, made, CHAPTERS)


@pytest.fixture(scope="module")
def pdf(site: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chapter, printed."""
    folder = tmp_path_factory.mktemp("paper")
    assert paper.make(site, edition(site), folder / "book.pdf", folder, browser) > 10
    return folder / "book.pdf"


def test_contents_and_references_say_the_pages_that_they_lead_to(pdf: Path) -> None:
    assert checks.faults_of_pdf(pdf) == []


def test_solutions_stand_in_the_back_and_lead_home(pdf: Path) -> None:
    links = checks.links(pdf)
    there = {to: page for _, to, page, words, _ in links if words.startswith("Solution(") or "Solution (" in words}
    back = {page for page, _, _, words, _ in links if words.replace(" ", "").startswith("Theexercise")}
    assert there
    assert set(there.values()) <= back


def test_an_explorer_is_printed_at_work_and_says_where_it_moves(pdf: Path) -> None:
    with pypdfium2.PdfDocument(pdf) as shown:
        text = " ".join(page.get_textpage().get_text_bounded() for page in shown)
    assert "".join(f"{ADDRESS}{CHAPTERS[0]}.html#you-hedge".removeprefix("https://").split()) in "".join(
        text.split()
    )
    assert "14" in text.partition("Can you beat the algorithm?")[2][:200]  # days played, not none


def test_a_fault_is_found(pdf: Path, tmp_path: Path) -> None:
    import pikepdf

    with pikepdf.open(pdf) as book:
        notes = [note for page in book.pages for note in page.get("/Annots", []) if "/Dest" in note]
        notes[0]["/Dest"], notes[1]["/Dest"] = pikepdf.Name("/nowhere"), notes[5]["/Dest"]
        book.save(tmp_path / "book.pdf")
    faults = checks.faults_of_pdf(tmp_path / "book.pdf")
    assert len(faults) == 2
    assert "leads nowhere" in faults[0]
    assert "leads to page" in faults[1]


def test_an_epub_is_whole(site: Path, tmp_path: Path) -> None:
    assert ebook.make(edition(site), tmp_path / "book.epub") == 5  # title, contents, chapter, solutions, index
    assert checks.faults_of_epub(tmp_path / "book.epub") == []


def test_paper_says_what_it_leaves_out(site: Path) -> None:
    preface = read(site, described(), (paper.PREFACE,))
    paper.add_on_paper(preface)
    assert "The reference of hedgelab is left out." in preface.pages[0].body.get_text()
    whole = read(site, described(), (paper.PREFACE, "book/reference/costs"))
    paper.add_on_paper(whole)
    assert "left out" not in whole.pages[0].body.get_text()


def test_a_book_that_is_published_nowhere_has_no_addresses(site: Path) -> None:
    pages = edition(site, address="").pages
    assert not any("example.org" in str(page.body) or page.body.select(".qr") for page in pages)


@pytest.mark.parametrize("kind", [kind for kind, each in KINDS.items() if each.on_paper])
def test_what_is_set_for_paper_is_shown(kind: str) -> None:
    usual = KINDS[kind]().settings
    assert "<svg" in str(still(kind, usual))
    assert still(kind, usual | dict(KINDS[kind].on_paper)) is None


def test_pages_offer_what_was_made_and_nothing_else(tmp_path: Path) -> None:
    page, made = tmp_path / "book" / "page.html", tmp_path / downloads.FOLDER / "dynamic-hedging.pdf"
    page.parent.mkdir()
    page.write_text('<p class="editions" hidden></p>', "utf8")
    assert downloads.offer(tmp_path) == 0
    made.parent.mkdir()
    made.write_bytes(bytes(4_200_000))
    assert downloads.offer(tmp_path) == 1
    assert 'href="../downloads/dynamic-hedging.pdf">PDF (4.2 MB)' in page.read_text("utf8")
    downloads.withdraw(tmp_path)
    assert page.read_text("utf8") == '<p class="editions" hidden></p>'
    assert not made.exists()
