"""What the build makes for a closer look: places that other pages lead to, and how to cite a page."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from building import ROOT
from built_math import run_node
from citation import Cited, look
from closer_look import BUILD
from pybtex.database import parse_string
from pybtex.plugin import find_plugin
from sphinx.errors import ConfigError

LINKS = """<main>
<a class="reference internal" href="two.html#term-gamma">gamma</a> <a href="two.html#term-vega">vega</a>
<a href="two.html#fig-one">Fig. 1</a> <a href="two.html#a-section">a section</a>
<a href="two.html#nowhere">nothing</a>
<a href="https://example.org/two.html#fig-two">elsewhere</a> <a href="#fig-here">here</a>
<figure id="fig-here"></figure></main>"""

PLACES = """<style>._1{fill:red}._2{clip-path:url(#_1)}</style><main>
<section id="a-section"><dl class="simple glossary">
<dt id="term-gamma">gamma</dt><dd><p>How soon a <a href="#term-hedge">hedge</a> is wrong.</p></dd>
<dt id="term-vega">vega</dt><dt id="term-kappa">kappa</dt><dd><p>Per point of volatility.</p></dd>
<dt id="term-hedge">hedge</dt><dd><p>What is held against a risk.</p></dd></dl>
<figure id="fig-one"><div class="figure-box"><svg viewBox="0 0 1 1"><path class="_1 _2"/><use href="#_1"/>
<clipPath id="_1"/></svg></div><figcaption>One.</figcaption></figure><figure id="fig-two"></figure>
</section></main>"""


def test_places_that_other_pages_lead_to_are_kept_as_they_stand_there(tmp_path):
    """A term with what explains it; a figure with the rules of its page in it, and names of its own."""
    for name, html in {"one": LINKS, "part/two": PLACES}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        text = html.replace("two.html", "part/two.html") if name == "one" else html
        (tmp_path / f"{name}.html").write_text(text, "utf8")
    (tmp_path / "_static").mkdir()
    answer = run_node(BUILD, {"site": str(tmp_path), "pages": ["one", "part/two"]})
    assert answer["places"] == 3
    made = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.js"))
    assert made == ["_static/closer.js", "_static/closer/part/two.js"]
    places = json.loads((tmp_path / made[1]).read_text("utf8").partition("=")[2].partition("=")[2])
    assert list(places) == ["term-gamma", "term-vega", "fig-one"]
    assert places["term-gamma"].startswith('<dt id="term-gamma">')
    assert places["term-gamma"].endswith("is wrong.</p></dd>")
    assert "Per point" in places["term-vega"]
    assert "held" not in places["term-vega"]
    assert 'viewBox="0 0 1 1"' in places["fig-one"]
    assert (
        '<path style="fill:red;clip-path:url(#of_1)"/><use href="#of_1"/>\n<clipPath id="of_1"/>'
        in places["fig-one"]
    )


BOOK = {
    "title": "Hedging & Co.",
    "authors": [{"given-names": "Ada", "family-names": "Lovelace"}, {"name": "The Others"}],
    "version": "1.2.0",
    "date-released": date(2026, 5, 3),
}


def test_a_page_is_cited_in_words():
    page = Cited(BOOK, "100 % of γ–θ", "5", "book/part/gamma_theta", "https://host/book/part/gamma_theta.html")
    assert page.plain() == (
        "Ada Lovelace, The Others (2026). “100 % of γ–θ”, chapter 5 of Hedging & Co., version 1.2.0, "
        "3 May 2026. https://host/book/part/gamma_theta.html"
    )
    assert "a page of Hedging" in Cited(BOOK, "Glossary").plain()
    assert Cited(BOOK).plain() == "Ada Lovelace, The Others (2026). Hedging & Co., version 1.2.0, 3 May 2026."


@pytest.mark.parametrize(
    ("title", "number", "address"), [("Who pays 5 % – “you”?", "5", "https://host/a_b.html"), ("", "", "")]
)
def test_bibtex_reads_a_citation(title, number, address):
    """And sets it without a complaint, as a style of plain BibTeX does."""
    entry = Cited(BOOK, title, number, "book/a_b" if title else "", address).bibtex()
    assert entry.isascii()
    (key, read), *others = parse_string(entry, "bibtex", macros={"may": "May"}).entries.items()
    assert not others
    assert key == ("hedging_co_2026_a_b" if title else "hedging_co_2026")
    assert [str(person) for person in read.persons["author"]] == ["Lovelace, Ada", "{The Others}"]
    style = find_plugin("pybtex.style.formatting", "plain")()
    said = next(style.format_entries([read])).text.render_as("text")
    for part in (title or "Hedging & Co.", "Ada Lovelace and The Others", "May 2026", "Version 1.2.0, 3 May 2026"):
        assert part in said
    assert ("Chapter 5 of Hedging & Co." in said) == bool(title)
    assert read.fields.get("url", "") == address


def test_what_a_citation_lacks_is_named(tmp_path):
    app = SimpleNamespace(confdir=str(tmp_path), config=SimpleNamespace())
    with pytest.raises(ConfigError, match=r"no CITATION\.cff beside _config\.yml"):
        look(app)
    (tmp_path / "CITATION.cff").write_text("title: A book\nauthors: [{name: Ada}]\n", "utf8")
    with pytest.raises(ConfigError, match=r"CITATION\.cff lacks version, date-released"):
        look(app)
    app.confdir = str(ROOT)
    look(app)
    assert Path(app.confdir, "CITATION.cff").is_file()
    assert Cited(app.config.cited_book).day
