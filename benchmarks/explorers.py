"""How fast are the explorers of the built book, in a browser?

    python -m benchmarks.explorers              # half a minute, after `make html`
    python -m benchmarks.explorers --slower 4   # on a processor of a quarter of the speed, like a phone's

1. From the parsed HTML to the first explorer that answers, which is in the window when the page opens; then the
   frame that shows it.  The others start when they come near.
2. One step of a slider: handling the event, computing, drawing, and the rest of the frame, until the page is idle
   again.  Waiting for the frame to begin, up to 17 ms on a screen of 60 Hz, is left out.  The last column is the
   median time from the event to the numbers that belong to it, with that wait, also where a worker computes them.
3. What the reader downloads for them.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import threading
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
STATIC = ROOT / "hedgelab" / "explorers" / "static"
PAGE = "book/explorers.html"

#: Rows of the second table: an explorer, its settings, and the sliders that are moved in turn.
MOVED: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "anatomy": ("anatomy", {}, ["spot", "volatility", "months", "strike"]),
    "one path, along its days": ("one-path", {}, ["day"]),
    "one path, another hedge": ("one-path", {}, ["volatility", "hedge_volatility", "cost"]),
    "you hedge": ("you-hedge", {}, ["shares"]),
    "how often, 21 rebalances": ("how-often", {}, ["volatility"]),
    "how often, 252 rebalances": ("how-often", {"rebalances": "252"}, ["volatility"]),
    "gamma and theta": ("gamma-theta", {}, ["implied", "realised", "day"]),
    "price of certainty": ("price-of-certainty", {}, ["cost", "half_width"]),
}

#: Sets marks in a page that is about to load.
WATCH = """new MutationObserver((_, watch) => {
    if (!document.querySelector("hedge-explorer canvas")) return;
    watch.disconnect();
    performance.mark("live");
    requestAnimationFrame(() => setTimeout(() => performance.mark("shown")));
}).observe(document, { childList: true, subtree: true });"""

MARKS = """async () => {
    while (!performance.getEntriesByName("shown").length) await new Promise((done) => setTimeout(done, 5));
    const [page] = performance.getEntriesByType("navigation");
    return ["live", "shown"].map((name) => performance.getEntriesByName(name)[0].startTime - page.domInteractive);
}"""

#: Moves the sliders of an explorer up and down, a step at a time, and says how many milliseconds each took.
STEPS = """async (explorer, [sliders, steps]) => {
    const now = () => performance.now();
    const inputs = sliders.map((name) => explorer.querySelector(`form [name=${name}]`));
    const taken = [];
    for (let step = -10; step < steps; step++) {  // the first ten let the browser compile the code
        const input = inputs[Math.abs(step) % inputs.length];
        const [low, high, by] = [input.min, input.max, input.step || 1].map(Number);
        const turns = Math.round((high - low) / by);
        const place = (Math.floor((step + 10) / inputs.length) + Math.round(turns / 3)) % (2 * turns);
        input.value = low + by * Math.min(place, 2 * turns - place);
        let begun;
        requestAnimationFrame(() => (begun = now()));  // before the explorer's own turn in the frame
        const before = now();
        input.dispatchEvent(new Event("input", { bubbles: true }));
        const handled = now() - before;
        const { port1, port2 } = new MessageChannel();
        const idle = new Promise((done) => (port1.onmessage = done));
        requestAnimationFrame(() => port2.postMessage(null));
        await idle;
        const busy = handled + now() - begun;
        while (explorer.querySelector("[aria-busy=true]")) await new Promise((done) => setTimeout(done));
        if (step >= 0) taken.push([busy, now() - before]);
    }
    return taken;
}"""


def opened(browser: Browser, address: str, slower: float) -> Page:
    """The page in a browser that has never been there."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    return page


def load_table(browser: Browser, address: str, loads: int, slower: float) -> None:
    """Print how long it takes until the explorers answer and are seen."""
    marks = []
    for _ in range(loads + 1):
        page = opened(browser, address, slower)
        marks.append(page.evaluate(MARKS))
        page.context.close()
    print(f"Loading, milliseconds, median of {loads} (lowest-highest)")
    names = ("parsed HTML to an explorer that answers", "parsed HTML to the frame with it")
    for name, taken in zip(names, zip(*marks[1:], strict=True), strict=True):
        print(f"  {name:38}{median(taken):8.0f} ({min(taken):.0f}-{max(taken):.0f})")


def step_table(browser: Browser, address: str, steps: int, slower: float) -> None:
    """Print what a step of a slider takes."""
    page = opened(browser, address, slower)
    print(f"\nOne step of a slider, milliseconds, of {steps}{'median':>12}{'95 %':>8}{'most':>8}{'shown':>8}")
    for name, (which, settings, sliders) in MOVED.items():
        explorer = page.locator(f"hedge-explorer#{which}")
        explorer.scroll_into_view_if_needed()
        explorer.locator("canvas").first.wait_for(state="attached")
        for setting, value in settings.items():
            put(explorer.locator(f"[name={setting}]"), value)
        busy, shown = zip(*explorer.evaluate(STEPS, [sliders, steps]), strict=True)
        columns = median(busy), quantiles(busy, n=20)[-1], max(busy), median(shown)
        print(f"  {name:41}{''.join(f'{milliseconds:8.1f}' for milliseconds in columns)}", flush=True)
    page.context.close()


def put(slider: Any, value: str) -> None:
    """Set a slider that picks from a few numbers."""
    values = (slider.get_attribute("data-values") or "").split()
    slider.fill(str(values.index(value)))


def size_table() -> None:
    """Print what is downloaded."""
    print(f"\nDownload, bytes{'whole':>37}{'gzip':>10}")
    for name in ("element.js", "explorers.css"):
        code = (STATIC / name).read_bytes()
        print(f"  {name:40}{len(code):10,}{len(gzip.compress(code, 6)):10,}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.explorers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--loads", type=int, default=7, help="7 unless given")
    parser.add_argument("--steps", type=int, default=200, help="200 unless given")
    parser.add_argument("--slower", type=float, default=1.0, help="how many times slower than this processor")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tools"))
    from browsers import ARGUMENTS, CHROMIUM
    from serve import listen

    if CHROMIUM is None or not (SITE / PAGE).is_file():
        raise SystemExit("This needs Chromium on the PATH and a built book: run `make html`.")

    with listen(str(SITE), 8775) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/{PAGE}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        print(f"Chromium {browser.version}, {options.slower:g} times slower than this processor\n")
        load_table(browser, address, options.loads, options.slower)
        step_table(browser, address, options.steps, options.slower)
        size_table()
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
