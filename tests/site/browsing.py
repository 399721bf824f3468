"""Pages of the built site in a real browser, and what happens while they load."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from content_policy import META
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Response, Route

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

#: Keeps the moment at which a page's explorers come alive: the browser's own list of files is late now and then.
EXPLORERS_CAME = """customElements.whenDefined("hedge-explorer").then(() => {
    window.explorersCame = performance.now();
});"""


#: What Firefox says of a formula that it lays out while the rest of it is still to come.
#: `HALF_FORMULAS` finds those that are not whole once the page is.
ON_ITS_WAY = re.compile(r"Incorrect number of children for <m\w+/> tag\.")

#: The formulas of a page, by their tags, that have not as many children as MathML asks for.
HALF_FORMULAS = """() => Object.entries({
    msub: 2, msup: 2, mfrac: 2, munder: 2, mover: 2, mroot: 2, msubsup: 3, munderover: 3,
}).flatMap(([tag, many]) => [...document.querySelectorAll(tag)].filter((it) => it.children.length !== many))
    .map((it) => it.outerHTML)"""


@dataclass
class Visit:
    """A page in the browser and everything that happened while it loaded."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def note_message(self, message: ConsoleMessage) -> None:
        """Remember what the console says, unless it is only information."""
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def note_error(self, error: Error) -> None:
        """Remember what went wrong, unless a formula was merely still arriving."""
        if not ON_ITS_WAY.fullmatch(error.message):
            self.complaints.append(str(error))

    def note_response(self, response: Response) -> None:
        """Remember what came and what was missing."""
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")
        self.responses.append(response)

    def sizes(self) -> dict[str, int]:
        """How many bytes each file has that came."""
        return {response.url: len(response.body()) for response in self.responses if response.status == 200}

    def keep_out(self, route: Route) -> None:
        """Let nothing reach another machine, and remember what tried."""
        if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
            route.continue_()
        else:
            self.strangers.append(route.request.url)
            route.abort()


def unguard(route: Route) -> None:
    """Hand a page on without its content policy."""
    try:
        answer = route.fetch()
        route.fulfill(response=answer, body=META.sub("", answer.text()))
    except Error as error:  # its window was closed meanwhile
        if not re.search("disposed|closed", error.message):
            raise


def open_window(
    browser: Browser,
    *,
    width: int = 1280,
    height: int = 900,
    colours: Literal["light", "dark"] = "light",
    touch: bool = False,
    javascript: bool = True,
    late: float = 0.0,
    guarded: bool = False,
) -> Visit:
    """A window of a browser that has never been here, with nothing in it yet; `touch` makes it a phone's.

    Tests put scripts of their own into pages, which the pages' content policy forbids: it holds if `guarded`.

    The explorers' code comes `late` by some seconds, so that letters have settled before it does.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=colours,
        reduced_motion="reduce",
        has_touch=touch,
        is_mobile=touch,
        java_script_enabled=javascript,
        bypass_csp=not guarded,
    )
    visit = Visit(context.new_page())
    visit.page.on("console", visit.note_message)
    visit.page.on("pageerror", visit.note_error)
    visit.page.on("response", visit.note_response)
    context.route("**/*", visit.keep_out)
    if browser.browser_type.name == "firefox" and not guarded:  # which knows of no `bypass_csp`
        context.route("http://127.0.0.1:*/**/*.html", unguard)
    if late:
        context.add_init_script(EXPLORERS_CAME)
        context.route("**/explorers.js", lambda route: (time.sleep(late), route.continue_()))
    return visit


def open_page(
    browser: Browser, url: str, *, settled: bool = True, javascript: bool = True, **window: Any
) -> Visit:
    """Open an address in a new window.

    One that is not `settled` has laid out no more than what is near the window, as it does until its reader moves.
    """
    visit = open_window(browser, javascript=javascript, **window)
    visit.page.goto(url, wait_until="load")
    if javascript:
        visit.page.evaluate("document.fonts.ready.then(() => true)")
        if settled:
            settle(visit.page)
    return visit


def settle(page: Page) -> None:
    """Have a page lay out all of itself, as it does when its reader begins to move."""
    page.evaluate("dispatchEvent(new Event('scroll'))")
    page.wait_for_function("!('layout' in document.documentElement.dataset)")
