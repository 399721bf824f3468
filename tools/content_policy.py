"""Write into each page what a browser may run and load there: `python tools/content_policy.py _build/html`.

The site's own files, and of what stands in a page itself those scripts and style sheets whose SHA-256 is named: a
browser refuses any other.  It asks no other host, whatever a page says.  What may be in a style attribute is not
restricted, since mathematics and figures consist of them, and they run nothing.  It has to be the last step that
touches a page: the sums are of what is there.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="[^"]*">\n?')
ENCODING = re.compile(r'<meta charset="[^"]*" ?/?>\n?', re.IGNORECASE)

#: What every page may.  Explorers compute beside the page, in a worker that they make of their own code.
RULES = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "style-src-attr": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "worker-src": ["'self'", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
}

#: Other types of <script> are data, which nobody runs.
CODE = {None, "", "text/javascript", "module"}


class Inline(HTMLParser):
    """The scripts and style sheets that stand in a page, as they are."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: str | None = None
        self.handlers: list[str] = []
        self.found: dict[str, set[str]] = {"script": set(), "style": set()}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins; and what a browser would refuse, whatever the policy names."""
        given = dict(attrs)
        self.handlers += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        is_code = tag == "script" and "src" not in given and given.get("type") in CODE
        self.open = tag if is_code or tag == "style" else None

    def handle_data(self, data: str) -> None:
        """Sum it up."""
        if self.open:
            digest = base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()
            self.found[self.open].add(f"'sha256-{digest}'")

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        self.open = None


def policy(pages: Iterable[str]) -> str:
    """One policy for all these pages: a search looks into others, and a host sends one for many."""
    sums: dict[str, set[str]] = {"script-src": set(), "style-src": set()}
    for html in pages:
        inline = Inline(META.sub("", html))
        if inline.handlers:
            raise ValueError(
                f"{inline.handlers[0]}: no browser would run it; listen in a script of the site instead"
            )
        sums["script-src"] |= inline.found["script"]
        sums["style-src"] |= inline.found["style"]
    return "; ".join(" ".join([name, *allowed, *sorted(sums.get(name, ()))]) for name, allowed in RULES.items())


def with_policy(html: str, rules: str) -> str:
    """The page with its policy, before anything that it governs."""
    html = META.sub("", html)
    place = ENCODING.search(html)
    if place is None:
        raise ValueError('a page without <meta charset="utf-8">, after which the policy has its place')
    meta = f'<meta http-equiv="Content-Security-Policy" content="{rules}">\n'
    return html[: place.end()] + meta + html[place.end() :]


def headers(pages: Iterable[str], rules: str) -> str:
    """The same for hosts that read `_headers` (Netlify, Cloudflare Pages), and what only a header can say.

    Other files than pages have no policy: a worker that compiles WebAssembly must be free to.
    """
    named = sorted({f"/{page.partition('/')[0]}/*" if "/" in page else f"/{page}" for page in pages} | {"/"})
    lines = [f"{path}\n  Content-Security-Policy: {rules}; frame-ancestors 'self'" for path in named]
    always = "/*\n  Referrer-Policy: strict-origin-when-cross-origin\n  X-Content-Type-Options: nosniff"
    return "\n".join([*lines, always, ""])


def main() -> None:
    """Every page."""
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html")
    if not (site / "index.html").is_file():
        sys.exit(f"There is no book in {site}: run `make html`.")
    pages = {path.relative_to(site).as_posix(): path.read_text("utf8") for path in sorted(site.rglob("*.html"))}
    try:
        rules = policy(pages.values())
        for page, html in pages.items():
            (site / page).write_text(with_policy(html, rules), "utf8")
    except ValueError as error:
        sys.exit(f"The site's content security policy: {error}")
    (site / "_headers").write_text(headers(pages, rules), "utf8")
    print(f"{len(pages)} pages say what may run on them.")


if __name__ == "__main__":
    main()
