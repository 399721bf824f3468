"""The built site, served on this machine and opened in a real browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from browsers import ARGUMENTS, CHROMIUM, FIREFOX, NO_CHROMIUM, NO_FIREFOX
from browsing import CHAPTERS, PAGES, SITE, Visit, open_page
from playwright.sync_api import Browser, Playwright, sync_playwright
from serve import listen

pytest.register_assert_rewrite("driving")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `page_path` runs on every page; one that takes `chapter_path`, on every chapter."""
    for name, paths in {"page_path": PAGES, "chapter_path": CHAPTERS}.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, paths, scope="module")  # the tests of one page follow one another


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, not for every test, why the browser tests were skipped."""
    for found, why in ((CHROMIUM, NO_CHROMIUM), (FIREFOX, NO_FIREFOX)):
        if found is None and terminalreporter.stats.get("skipped"):
            terminalreporter.write_line(f"SKIPPED tests in a browser: {why}.", yellow=True)


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    if not (SITE / "index.html").is_file():
        pytest.fail("There is no built book to test: run `make html`.")
    return SITE


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site's address while the tests run, served as `make book` serves it."""
    with listen(str(site), 8765) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers."""
    with sync_playwright() as started:
        yield started


def missing(why: str) -> None:
    """A test whose browser is not there is skipped, but not where every browser must be."""
    pytest.fail(why) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(why)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a browser that leaves the reader's home alone."""
    return dict(os.environ) | {"HOME": str(tmp_path_factory.mktemp("home"))}


@pytest.fixture(scope="session")
def browser(playwright: Playwright, home: dict[str, str]) -> Iterator[Browser]:
    """Chromium, without a window."""
    if CHROMIUM is None:
        missing(NO_CHROMIUM)
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=home)
    yield started
    started.close()


@pytest.fixture(scope="session")
def firefox(playwright: Playwright, home: dict[str, str]) -> Iterator[Browser]:
    """Firefox, without a window."""
    if FIREFOX is None:
        missing(NO_FIREFOX)
    started = playwright.firefox.launch(channel="moz-firefox", executable_path=FIREFOX, env=home)
    yield started
    started.close()


@pytest.fixture(scope="session")
def open_at(browser: Browser) -> Callable[..., Visit]:
    """Open any address of this machine, to be closed by who opens it."""
    return partial(open_page, browser)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Open a page: `visit(path, width=390, colours="dark")`."""
    visits: list[Visit] = []

    def open_one(path: str, **options: Any) -> Visit:
        visits.append(open_page(browser, address + path, **options))
        return visits[-1]

    yield open_one
    for each in visits:
        each.page.context.close()


@pytest.fixture(scope="session")
def explorers(browser: Browser, address: str) -> Callable[..., Visit]:
    """The page of all explorers, opened once on a desk and once on a phone, for tests that each reset them."""
    from driving import PAGE, PROBES

    @cache
    def open_once(**options: Any) -> Visit:
        visit = open_page(browser, address + PAGE, **options)
        visit.page.add_script_tag(path=PROBES)
        return visit

    return open_once


@pytest.fixture
def desk(explorers: Callable[..., Visit]) -> Iterator[Callable[[str], Any]]:
    """Take an explorer on a desk into the hand: `desk("one-path")`."""
    from driving import lend

    yield from lend(explorers())


@pytest.fixture
def phone(explorers: Callable[..., Visit]) -> Iterator[Callable[[str], Any]]:
    """Take an explorer on a phone into the hand."""
    from driving import lend

    yield from lend(explorers(width=390, height=844, touch=True))


#: A page that tests have had in their hands as it was: unfolded nowhere, unanswered, at its beginning.
AS_IT_WAS = """() => {
    document.querySelectorAll("dialog[open]").forEach((it) => it.close());
    document.querySelectorAll("details").forEach((it) => (it.open = "first" in it.dataset));
    document.querySelectorAll(".quiz-option input").forEach((it) => (it.checked = false));
    document.activeElement?.blur();
    scrollTo(0, 0);
}"""
REMEMBER = "document.querySelectorAll('details[open]').forEach((it) => (it.dataset.first = ''))"


@dataclass
class Opened:
    """One page, on a desk and on a phone, for all tests that only read in it."""

    browser: Browser
    address: str
    path: str = ""
    visits: dict[bool, Visit] = field(default_factory=dict)

    def close(self) -> None:
        """Be done with a page."""
        for visit in self.visits.values():
            visit.page.context.close()
        self.visits.clear()

    def at(self, path: str, *, phone: bool) -> Visit:
        """The page; another one is closed."""
        if path != self.path:
            self.close()
            self.path = path
        size = {"width": 390, "height": 664} if phone else {"width": 1280, "height": 900}
        if phone in self.visits:
            page = self.visits[phone].page
            page.set_viewport_size(size)
            page.emulate_media(media="null", color_scheme="light")
            page.evaluate(AS_IT_WAS)
        else:
            self.visits[phone] = open_page(self.browser, self.address + path, touch=phone, **size)
            self.visits[phone].page.evaluate(REMEMBER)
        return self.visits[phone]


@pytest.fixture(scope="session")
def opened(browser: Browser, address: str) -> Iterator[Opened]:
    """The page that several tests share."""
    one = Opened(browser, address)
    yield one
    one.close()


@pytest.fixture
def desk_at(opened: Opened) -> Callable[[str], Visit]:
    """A page on a desk, which other tests of it share: for those that leave no trace in the browser."""
    return partial(opened.at, phone=False)


@pytest.fixture
def phone_at(opened: Opened) -> Callable[[str], Visit]:
    """The same on a phone."""
    return partial(opened.at, phone=True)
