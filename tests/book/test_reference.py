"""The reference follows the library by itself, and the library leaves nothing in it unsaid."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from library_reference import public_names
from small_book import SmallBook

import hedgelab

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "book" / "reference"

#: Modules that only other modules use.
INTERNAL = {"hedgelab.positions", "hedgelab.validation"}
MODULES = sorted({f"hedgelab.{module.name}" for module in pkgutil.iter_modules(hedgelab.__path__)} - INTERNAL)


# ---------------------------------------------------------------------------------------------- how it is written


PRICES = '''
"""Where prices come from.

Most readers want `Coin`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from numpy.typing import ArrayLike

HERE = "here"


class Toss(NamedTuple):
    """One toss."""

    side: int  # 1 for heads


class Game(Protocol):
    """What one can play."""

    def play(self, stake: float) -> Any:
        """Play once."""
        ...


class _Metal:
    def weight(self) -> float:
        """In grams."""
        return 8.5


@dataclass(frozen=True)
class Coin(_Metal):
    """A coin.

    Parameters
    ----------
    side, other : "heads" or "tails", and
        the other

    Examples
    --------
    >>> Coin("heads").toss([1, 2]).side
    1
    """

    side: str
    other: str = "tails"
    _polish: Any = None

    def toss(self, times: ArrayLike, *, patience: float | None = None, seed: Any = 0, where: str = HERE) -> Toss:
        """A `Toss`, if `times` allow; see `worth` and `Game.play`."""
        return Toss(1)

    def _spin(self):
        """Nobody's business."""
        return 1


def worth(coin: Coin) -> float:
    """What a `coin` is worth. Nobody can tell before::

        heads / 2 + tails / 2

    what a game of it brings.
    """
    return 0.5  # heads or tails


#: How many coins there are.
COINS = 12
'''

PAGE = "# A page\n\n```{library-module} toybox.prices\n```\n"

CONFIGURATION = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "_ext")!r})
extensions = ["myst_parser", "library_reference", "native_dropdowns"]
master_doc = "page"
html_theme = "basic"
"""


def with_toybox(small_book: SmallBook) -> SmallBook:
    """A book with a reference to a small library."""
    (small_book.folder / "toybox").mkdir()
    (small_book.folder / "toybox" / "__init__.py").write_text(
        'from toybox.prices import Coin\n\n__all__ = ["Coin"]\n'
    )
    (small_book.folder / "toybox" / "prices.py").write_text(PRICES)
    (small_book.folder / "conf.py").write_text(CONFIGURATION)
    small_book.write(PAGE)
    return small_book


@pytest.fixture
def toybox(small_book: SmallBook) -> SmallBook:
    """A new one."""
    return with_toybox(small_book)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> BeautifulSoup:
    """Its page, for all tests that read it."""
    return built(with_toybox(SmallBook(tmp_path_factory.mktemp("toybox"))))


def built(book: Any) -> BeautifulSoup:
    """Its page."""
    done = book.build()
    assert done.returncode == 0, done.stderr
    return BeautifulSoup(book.read(), "html.parser")


def words(part: Any) -> str:
    """What it says, on one line."""
    return " ".join(part.get_text().replace("¶", "").split())


def test_an_entry_shows_the_signature_of_the_source_and_links_its_names(page):
    """As a reader writes it, exported names first, what is inherited, nothing private, no `Any`, lines if long."""
    signatures = {entry["id"]: words(entry) for entry in page.select("dt.sig")}
    assert signatures == {
        "toybox.Coin": "class toybox.Coin(side: str, other: str = 'tails')",
        "toybox.Coin.toss": "toss(times: ArrayLike, *, patience: float | None = None, seed=0, where: str = HERE,) "
        "→ Toss",
        "toybox.Coin.weight": "weight() → float",
        "toybox.prices.Toss": "class toybox.prices.Toss(side: int)",
        "toybox.prices.Game": "class toybox.prices.Game",
        "toybox.prices.Game.play": "play(stake: float)",
        "toybox.prices.worth": "toybox.prices.worth(coin: Coin) → float",
        "toybox.prices.COINS": "toybox.prices.COINS = 12",
    }
    assert len(page.find(id="toybox.Coin.toss").select("span.sig-line")) == 5
    assert not page.select("dt dl")
    linked = [link["href"] for link in page.find(id="toybox.Coin.toss").find_next("dd").select("a.internal")]
    assert linked == ["#toybox.prices.Toss", "#toybox.prices.Game.play"]


def test_an_entry_sets_the_docstring_and_folds_the_code(page):
    """Arguments as a list, strings as code, the comments beside fields, the code without its docstrings."""
    coin = page.find(id="toybox.Coin").find_next("dd")
    assert [words(title) for title in coin.select(".rubric")] == ["Parameters", "Examples"]
    assert [words(part) for part in coin.find("dl")("dt")] == ["side, other"]
    assert [words(part) for part in coin.find("dl")("dd")] == ['"heads" or "tails", and the other']
    assert words(page.find(id="toybox.prices.Toss").find_next("dd").find("dd")) == "1 for heads"
    code = coin.find("details")
    assert words(code.summary) == "The code, in toybox/prices.py"
    assert "return Toss(1)" in code.get_text()
    assert '"""' not in code.get_text()


def test_the_map_has_a_sentence_for_each_name(toybox):
    """And leads to it."""
    (toybox.folder / "prices.md").write_text(PAGE)
    toybox.write("# A map\n\n```{library-map}\ntoybox.prices\n```\n\n```{toctree}\n:hidden:\nprices\n```\n")
    page = built(toybox)
    assert words(page.h2) == "toybox.prices"
    assert {words(term): words(term.find_next("dd")) for term in page.select(".library-map dt")} == {
        "Coin": "A coin.",
        "Toss": "One toss.",
        "Game": "What one can play.",
        "worth": "What a coin is worth.",
    }
    assert page.find("a", string="worth")["href"] == "prices.html#toybox.prices.worth"


def test_a_change_of_the_library_alone_changes_the_reference(toybox):
    """A new docstring, a new name; and where nothing has changed nothing is written."""
    library = toybox.folder / "toybox" / "prices.py"
    assert "A coin." in words(built(toybox))
    assert "0 added, 0 changed" in toybox.build().stdout
    library.write_text(PRICES.replace("A coin.", "A fair coin.") + '\n\ndef flip():\n    """The other side."""\n')
    page = built(toybox)
    assert "A fair coin." in words(page)
    assert page.find(id="toybox.prices.flip")


# ---------------------------------------------------------------------------------------------- what is in it


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    """Every entry of the built reference by its full name, with what is said there."""
    pages = sorted((ROOT / "_build" / "html" / "book" / "reference").glob("*.html"))
    if not pages:
        pytest.fail("There is no built book to test: run `make html`.")
    entries: dict[str, Any] = {}
    for path in pages:
        page = BeautifulSoup(path.read_text("utf8"), "html.parser")
        entries |= {part["id"].removeprefix("module-"): part for part in page.select("section[id^=module-]")}
        entries |= {part["id"]: part.find_next_sibling("dd") for part in page.select("dt.sig")}
    return entries


def test_every_name_that_the_library_exports_has_an_entry(reference):
    """Under the name that a reader writes."""
    assert [name for name in hedgelab.__all__ if f"hedgelab.{name}" not in reference] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_page_in_the_contents_and_on_the_map(module):
    """A file of three lines in book/reference, one line in _toc.yml, one in book/reference/index.md."""
    name = module.removeprefix("hedgelab.")
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    files = [
        section["file"]
        for part in contents["parts"]
        for chapter in part["chapters"]
        for section in chapter.get("sections", ())
    ]
    assert (REFERENCE / f"{name}.md").read_text("utf8").count(f"{{library-module}} {module}\n") == 1
    assert f"book/reference/{name}" in files
    assert f"\n{module}\n" in (REFERENCE / "index.md").read_text("utf8")


def test_every_entry_says_what_it_is(reference):
    """What has no docstring, or no comment where it is a constant, has an entry with nothing in it."""
    silent = []
    for name, entry in reference.items():
        said = BeautifulSoup(str(entry), "html.parser")
        for part in said.select("h1, details, dl.py"):
            part.decompose()
        if not said.get_text().strip():
            silent.append(name)
    assert silent == []


def needs_no_example(name: str, thing: Any, book: str) -> bool:
    """What nobody calls, a plain record, and a plot that a page of the book draws."""
    is_record_or_protocol = inspect.isclass(thing) and (
        hasattr(thing, "_fields") or getattr(thing, "_is_protocol", False) or issubclass(thing, Exception)
    )
    return is_record_or_protocol or (
        thing.__module__.startswith("hedgelab.figures") and f"figures.{name}(" in book
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_and_class_has_an_example(module):
    """In its docstring or, for a class, in that of a method; pytest runs them all."""
    book = "".join(path.read_text("utf8") for path in sorted((ROOT / "book").rglob("*.md")))
    home = importlib.import_module(module)
    things = {name: getattr(home, name) for name in public_names(home)}
    lacking = [
        name
        for name, thing in things.items()
        if not needs_no_example(name, thing, book)
        and not any(">>>" in (inspect.getdoc(part) or "") for part in (thing, *vars(thing).values()))
    ]
    assert lacking == []
