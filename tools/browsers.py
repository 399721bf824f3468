"""The browsers of this machine, for tests, pictures and measurements."""

from __future__ import annotations

import shutil


def first_of(*programs: str) -> str | None:
    """The first of these programs that is on the PATH."""
    return next(filter(None, map(shutil.which, programs)), None)


#: Chromium; where there is one, its build without windows, which opens a page at a third of the price.
CHROMIUM = first_of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = "no Chromium on the PATH: the browser tests need one, for instance from `apt-get install chromium`"

#: Firefox, which is driven by the standard that both understand, WebDriver BiDi.
FIREFOX = first_of("firefox-esr", "firefox")
NO_FIREFOX = "no Firefox on the PATH: its tests need one, for instance from `apt-get install firefox-esr`"

#: Chromium stays as it is and talks to nobody: only this machine has a name.
ARGUMENTS = [
    "--no-sandbox",
    "--font-render-hinting=none",  # letters are as wide without a window as in one
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
