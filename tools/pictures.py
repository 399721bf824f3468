"""Pictures of the built pages for people to look at: `python tools/pictures.py [part of an address] ...`.

Light and dark, whole, and as wide as a desk, a laptop, a tablet and a phone, into `_build/screenshots`.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from browsers import ARGUMENTS, CHROMIUM, NO_CHROMIUM
from playwright.sync_api import sync_playwright
from serve import listen

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "site"))
from browsing import PAGES, ROOT, SITE, open_page

SIZES = {"desk": (1280, 900), "laptop": (1366, 650), "tablet": (768, 1024), "phone": (390, 664)}
PICTURES = ROOT / "_build" / "screenshots"


def main(*wanted: str) -> None:
    """Take them, a page at a time."""
    if CHROMIUM is None:
        sys.exit(NO_CHROMIUM)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with listen(str(SITE), 8765) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for path in [path for path in PAGES if not wanted or any(word in path for word in wanted)]:
            visit = open_page(browser, f"http://127.0.0.1:{server.server_address[1]}/{path}")
            name = path.removesuffix(".html").replace("/", "-")
            for size, (width, height) in SIZES.items():
                visit.page.set_viewport_size({"width": width, "height": height})
                for colours in ("light", "dark"):
                    visit.page.emulate_media(color_scheme=colours)
                    visit.page.screenshot(path=PICTURES / f"{name}-{size}-{colours}.png", full_page=True)
            visit.page.context.close()
            print(f"_build/screenshots/{name}-*.png", flush=True)
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
