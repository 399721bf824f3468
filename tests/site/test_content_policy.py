"""The pages' content policy lets all of the book run, and nothing else; also below a path, and from a disk."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from browsing import Visit, open_page
from content_policy import META, policy
from serve import listen

#: One page of each kind: what is the same on all stands on these.
KINDS = [
    "index.html",
    "search.html",
    "book/explorers.html",
    "book/algorithm/gamma_theta.html",
    "book/coursework/hw1.html",
    "book/reference/markets.html",
    "book/glossary.html",
]


@pytest.fixture(scope="module")
def below_a_path(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The site on a host that has other things at its root."""
    host = tmp_path_factory.mktemp("host")
    (host / "some").mkdir()
    (host / "some" / "path").symlink_to(site)
    with listen(str(host), 8790) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/some/path/"
        server.shutdown()


def look_around(visit: Visit) -> None:
    """Come to an explorer, if there is one, and have it drawn."""
    explorers = visit.page.locator("hedge-explorer")
    if explorers.count():
        explorers.first.scroll_into_view_if_needed()
        explorers.first.locator("canvas").first.wait_for()


@pytest.mark.parametrize("path", KINDS)
def test_nothing_of_the_book_is_refused(browser, below_a_path, path):
    """Explorers, their workers, mathematics and the search among it."""
    visit = open_page(browser, below_a_path + path, guarded=True, settled=False)
    look_around(visit)
    assert visit.complaints == []
    assert visit.strangers == []
    visit.page.context.close()


@pytest.mark.parametrize("path", KINDS[2:4])
def test_nothing_of_the_book_is_refused_by_firefox(firefox, below_a_path, path):
    visit = open_page(firefox, below_a_path + path, guarded=True, settled=False)
    look_around(visit)
    assert visit.complaints == []
    visit.page.context.close()


@pytest.mark.parametrize("path", KINDS[:3])
def test_it_works_from_a_disk(browser, firefox, site, path):
    """Chromium finds fault with fonts that are fetched early there; the style sheet then fetches them again."""
    for each in (browser, firefox):
        visit = open_page(each, (site / path).as_uri(), guarded=True, settled=False)
        look_around(visit)
        assert [said for said in visit.complaints if "font" not in said and "ERR_FAILED" not in said] == []
        assert visit.page.evaluate("[...document.fonts].some((font) => font.status == 'loaded')")
        visit.page.context.close()


STRANGE: dict[str, str] = {
    "a script": "document.body.append(Object.assign(document.createElement('script'), {text: 'done=1'}))",
    "a handler": "document.body.insertAdjacentHTML('beforeend', '<img src=nowhere.png onerror=\"done = 1\">')",
    "another host": "document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.2:9/x.png\">')",
}


def test_anything_else_is_refused(browser, address):
    """What somebody might smuggle into a page."""
    visit = open_page(browser, f"{address}book/glossary.html", guarded=True, settled=False)
    for what, act in STRANGE.items():
        visit.complaints.clear()
        with visit.page.expect_console_message(lambda message: "Content Security Policy" in message.text):
            visit.page.evaluate(f"() => {{ {act} }}")
        assert visit.page.evaluate("'done' in window") is False, what
    visit.page.context.close()


def test_every_page_has_the_policy_of_what_stands_in_it(site):
    """Once, before the first script; and the same for all."""
    pages = {path.relative_to(site).as_posix(): path.read_text("utf8") for path in sorted(site.rglob("*.html"))}
    rules = policy(pages.values())
    for name, html in pages.items():
        (meta,) = META.finditer(html)
        assert f'content="{rules}"' in meta[0], name
        assert meta.start() < html.index("<script"), name
    assert "unsafe-eval" not in rules
