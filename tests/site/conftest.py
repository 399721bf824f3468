"""The built site, served on this machine and opened in a real browser."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
import yaml
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, Route, sync_playwright

pytest.register_assert_rewrite("driving")

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
CHAPTERS = [f"{entry['file']}.html" for part in TOC["parts"] if part.get("numbered") for entry in part["chapters"]]
OTHERS = [
    f"{page['file']}.html"
    for part in TOC["parts"]
    if not part.get("numbered")
    for entry in part["chapters"]
    for page in [entry, *entry.get("sections", ())]
]
PAGES = ["index.html", f"{TOC['root']}.html", *OTHERS, *CHAPTERS, "search.html"]

#: A browser that is already on the machine, if there is one.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NO_BROWSER = "no Chromium on the PATH: the browser tests need one, for instance from `apt-get install chromium`"

#: The other browser, which is driven by the standard that both understand, WebDriver BiDi.
FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
NO_FIREFOX = "no Firefox on the PATH: its tests need one, for instance from `apt-get install firefox-esr`"

#: The browser stays as it is and talks to nobody: only this machine has a name.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `page_path` runs on every page; one that takes `chapter_path`, on every chapter."""
    for name, paths in {"page_path": PAGES, "chapter_path": CHAPTERS}.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, paths)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, not for every test, why the browser tests were skipped."""
    for found, why in {CHROMIUM: NO_BROWSER, FIREFOX: NO_FIREFOX}.items():
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
    sys.path.insert(0, str(ROOT / "tools"))
    from serve import listen

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
        missing(NO_BROWSER)
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


@dataclass
class Visit:
    """A page in the browser and everything that happened while it loaded."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def note_message(self, message: ConsoleMessage) -> None:
        """Remember what the console says, unless it is only information."""
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def note_response(self, response: Response) -> None:
        """Remember what came and what was missing."""
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")
        self.responses.append(response)

    def keep_out(self, route: Route) -> None:
        """Let nothing reach another machine, and remember what tried."""
        if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
            route.continue_()
        else:
            self.strangers.append(route.request.url)
            route.abort()


def open_page(
    browser: Browser,
    url: str,
    *,
    width: int = 1280,
    height: int = 900,
    colours: Literal["light", "dark"] = "light",
    touch: bool = False,
    javascript: bool = True,
    late: float = 0.0,
    weighed: bool = True,
) -> Visit:
    """Open an address in a browser that has never been here; `touch` makes it a phone's.

    The explorers' code comes `late` by some seconds, so that letters have settled before it does.  What came is
    `weighed` unless nobody asks.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=colours,
        reduced_motion="reduce",
        has_touch=touch,
        is_mobile=touch,
        java_script_enabled=javascript,
    )
    visit = Visit(context.new_page())
    visit.page.on("console", visit.note_message)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("response", visit.note_response)
    context.route("**/*", visit.keep_out)
    if late:
        context.route("**/explorers.js", lambda route: (time.sleep(late), route.continue_()))
    visit.page.goto(url, wait_until="load")
    if javascript:
        visit.page.evaluate("document.fonts.ready.then(() => true)")
    if weighed:
        came = [response for response in visit.responses if response.status == 200]
        visit.sizes = {response.url: len(response.body()) for response in came}
    return visit


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


@pytest.fixture(scope="session")
def record(browser: Browser, address: str) -> Callable[[str], Visit]:
    """What happened while a page loaded; each is opened once for all tests that only read this."""

    @cache
    def visit_once(path: str) -> Visit:
        visit = open_page(browser, address + path)
        visit.page.context.close()
        return visit

    return visit_once
