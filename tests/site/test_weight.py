"""What a chapter's page weighs before its reader runs, opens or searches anything.

Running, searching, taking home, previews, progress and the rest are worth little to a reader who waits for them.
Together they may add 15 kB to what comes of a page packed, as hosts send it, and 40 kB to what is then unpacked.
Each of its parts but the text itself is held against what it was without them, with the rules and scripts that
came since for other reasons.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from browsing import CHAPTERS
from content_policy import META

#: The largest of any chapter without them, in bytes: as it is, and packed.
BEFORE = {
    "frame": (18_787, 4_121),  # all around the text: head, contents at the side, foot
    "style": (65_133, 14_090),
    "scripts": (8_456, 3_332),
    "text": (0, 0),  # what they put into it
}
MORE, MORE_PACKED = 40_000, 15_000

STYLE = re.compile(r"<style data-href.*?</style>", re.DOTALL)
TEXT = re.compile(r"<article\b.*</article>", re.DOTALL)
SCRIPT = re.compile(r'<script\b[^>]*?\ssrc="([^"]+)"')
#: Names of cells, which can be run, in the text.
IN_TEXT = re.compile(r' id="cell-\d+"')
#: What may come when a page is opened, besides its scripts and the letters that it needs.
PRELOADED = re.compile(r'<link rel="preload"[^>]*?\shref="([^"]+)"')


def parts(page: Path) -> dict[str, bytes]:
    """A page, but for its text, and what its scripts are."""
    html = page.read_text("utf8")
    style, text = "".join(STYLE.findall(html)), "".join(TEXT.findall(html))
    written = {
        "frame": TEXT.sub("", STYLE.sub("", html)),
        "style": style,
        "text": "".join(IN_TEXT.findall(text)),
    }
    scripts = [(page.parent / address).read_bytes() for address in SCRIPT.findall(html)]
    return {"scripts": b"".join(scripts)} | {name: part.encode() for name, part in written.items()}


def growth(weighed: dict[str, int], packed: bool) -> dict[str, int]:
    """By how much each part is heavier than it was."""
    return {name: weight - BEFORE[name][packed] for name, weight in weighed.items()}


def test_what_a_page_can_do_adds_less_than_fifteen_kilobytes_packed(site, chapter_path):
    found = parts(site / chapter_path)
    raw = growth({name: len(part) for name, part in found.items()}, packed=False)
    assert sum(raw.values()) < MORE, raw
    packed = growth({name: len(gzip.compress(part, 6)) for name, part in found.items()}, packed=True)
    assert sum(packed.values()) < MORE_PACKED, packed


def test_no_more_letters_come_at_first_than_the_first_screen_needs(site, chapter_path):
    """Text and headings; and no picture comes as a file of its own."""
    html = (site / chapter_path).read_text("utf8")
    assert {Path(address).suffix for address in PRELOADED.findall(html)} == {".woff2"}
    assert len(PRELOADED.findall(html)) == 2
    assert re.findall(r'<img\b(?![^>]*loading="lazy")[^>]*?\ssrc="(?!data:)([^"]+)"', TEXT.search(html)[0]) == []


def test_a_page_is_weighed_whole(site):
    """Nothing of it is in no part."""
    html = (site / CHAPTERS[0]).read_text("utf8")
    found = parts(site / CHAPTERS[0])
    text = len(TEXT.search(html)[0].encode())
    assert len(found["frame"]) + len(found["style"]) + text == len(html.encode())
    assert META.search(html)  # the content policy is in the frame
    assert b"IntersectionObserver" in found["scripts"]
