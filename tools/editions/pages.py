"""The pages of the built site as the chapters of a book that cannot move.

A reader of paper turns pages, so each id is unique in the whole book, links stay inside it, exercises lead to
their solutions in the back and these lead home, a quiz keeps its answers there too, and an explorer is a still
with its settings, its numbers and the address at which it moves.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import tomllib
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import segno
import yaml
from bs4 import BeautifulSoup, Tag

from editions.stills import still, styled

ROOT = Path(__file__).resolve().parents[2]

#: What is not parsed but kept as it is: formulas, code, and drawings, whose names are in capitals too.
KEPT = re.compile(r"<mjx-container.*?</mjx-container>|<svg\b.*?</svg>|<pre\b.*?</pre>", re.S)

#: So many lines of code may be divided between two pages.
LONG = 18
ARTICLE = re.compile(r'<article class="bd-article">(.*?)</article>', re.S)
CHAPTERS = re.compile(r'<nav class="bd-links.*?</nav>', re.S)

#: The rules that a page keeps for its drawings.
RULES = re.compile(r"<style>(\._\d+\{.*?)</style>", re.S)
RULE = re.compile(r"\.(_\d+)\{([^}]*)\}")

#: The page that shows all explorers again.
GALLERY = "book/explorers"

#: What a screen needs and paper does not.
SCREEN_ONLY = ".headerlink, script, .copy-button, .explorer-buttons, .explorer-board, .d-print-none, input"

#: The page of solutions and answers, which the site has not.
BACK = "solutions"


@dataclass
class Page:
    """One page of the site: its name, its place in the order, and what it says."""

    name: str
    title: str
    part: str
    level: int
    body: Tag

    @property
    def numbered(self) -> bool:
        """Whether it is a chapter with a number."""
        return self.title[:1].isdigit()

    def sections(self) -> list[tuple[str, str]]:
        """Id and heading of each of its sections."""
        found = []
        for heading in self.body.find_all("h2"):
            section = heading.find_parent("section")
            if section.get("id"):
                found.append((section["id"], heading.decode_contents()))
        return found


@dataclass
class Edition:
    """The whole book: what it is called, and its pages, all of whose ids are unique."""

    title: str
    authors: str
    copyright: str
    version: str
    made: datetime
    address: str = ""
    pages: list[Page] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    #: As the foot of each page of the site says it.
    licence = "Text: CC BY 4.0. Code: BSD-3-Clause."
    licence_address = "https://creativecommons.org/licenses/by/4.0/"

    @property
    def rights(self) -> str:
        """Whose it is, and what others may do with it."""
        return f"© {self.copyright} {self.authors}. {self.licence}"

    @property
    def day(self) -> str:
        """The date in words."""
        return f"{self.made.day} {self.made:%B %Y}"

    def keep(self, markup: str) -> str:
        """A place for markup that is not parsed."""
        self.kept.append(markup)
        return f'<i data-kept="{len(self.kept) - 1}"></i>'

    def whole(self, markup: str) -> str:
        """Markup with what was kept in its places."""
        return re.sub(r'<i data-kept="(\d+)"></i>', lambda found: self.kept[int(found[1])], markup)


def described(root: Path = ROOT) -> Edition:
    """Title, authors, version and public address, each from the one place where it stands."""
    configuration = yaml.safe_load((root / "_config.yml").read_text("utf8"))
    version = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]["version"]
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    made = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    address = configuration.get("html", {}).get("baseurl") or ""
    return Edition(
        title=configuration["title"],
        authors=configuration["author"],
        copyright=str(configuration.get("copyright", date.today().year)),
        version=version,
        made=made.replace(microsecond=0),
        address=address.rstrip("/") + "/" if address else "",
    )


def slug(name: str) -> str:
    """A page's name as an id: book/algorithm/gamma_theta is algorithm-gamma-theta."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name.removeprefix("book/"))


def ident(page: str, own: str) -> str:
    """An id of a page, unique in the book, and a name that XML and PDF accept."""
    return f"{slug(page)}--{re.sub(r'[^A-Za-z0-9_.-]', '-', own)}"


def listed(site: Path) -> list[tuple[str, str, str, int]]:
    """Name, title, part and level of each page, in the order of the contents that stand beside every page."""
    some = next((site / "book").glob("*.html"), None)
    if some is None:
        raise FileNotFoundError(f"There is no book in {site}: run `make html` first.")
    base = some.relative_to(site).as_posix()
    navigation = CHAPTERS.search(some.read_text("utf8"))
    if navigation is None:
        some = site / "book" / "preface.html"
        base, navigation = "book/preface.html", CHAPTERS.search(some.read_text("utf8"))
    assert navigation is not None
    part, pages = "", []
    for each in BeautifulSoup(navigation[0], "html.parser").select("p.caption, li > a"):
        if each.name == "p":
            part = each.get_text(strip=True)
            continue
        level = int(next(c for c in each.parent["class"] if c.startswith("toctree-l"))[9:])
        href = base if each["href"] == "#" else posixpath.join(posixpath.dirname(base), each["href"])
        pages.append((posixpath.normpath(href).removesuffix(".html"), each.get_text(strip=True), part, level))
    return pages


def read(site: Path, edition: Edition, only: tuple[str, ...] = (), without: str = "") -> Edition:
    """Fill an edition with the pages of a site, those that are named or all; `without` those of a folder."""
    chosen = [
        page
        for page in listed(site)
        if (not only or page[0] in only) and not (without and page[0].startswith(without))
    ]
    shown: dict[str, str] = {}
    names = {name for name, *_ in chosen}
    back = Tag(name="section", attrs={"id": BACK})
    for name, title, part, level in chosen:
        body = article(site, name, edition)
        page = Page(name, title, part, level, body)
        rename(page, names, edition)
        unfold(page)
        for explorer in body.select("hedge-explorer"):
            freeze(explorer, page, edition, shown)
        move_to_the_back(page, back)
        for rest in body.select(SCREEN_ONLY):
            rest.decompose()
        edition.pages.append(page)
    if back.contents:
        back.insert(0, tagged("h1", "Solutions and answers"))
        after = max((i for i, page in enumerate(edition.pages) if page.numbered), default=len(edition.pages) - 1)
        edition.pages.insert(after + 1, Page(BACK, "Solutions and answers", "Solutions", 1, back))
    check_links(edition)
    return edition


def article(site: Path, name: str, edition: Edition) -> Tag:
    """What a page says, as a section with the page's id."""
    whole = (site / f"{name}.html").read_text("utf8")
    found = ARTICLE.search(whole)
    if found is None:
        raise ValueError(f"{name}.html has no article: was it built by `make html`?")
    rules = dict(RULE.findall("".join(RULES.findall(whole))))

    def keep(kept: re.Match[str]) -> str:
        if kept[0].startswith("<pre"):
            lines = kept[0].count("\n")
            return edition.keep(kept[0] if lines < LONG else kept[0].replace("<pre", '<pre class="long"', 1))
        # names within a drawing are its own: of two pages' drawings, both may be called the same
        return edition.keep(own_names(styled(kept[0], rules), name))

    body = BeautifulSoup(f'<section class="page">{KEPT.sub(keep, found[1])}</section>', "html.parser").section
    body["id"] = slug(name)
    return body.extract()


def own_names(drawing: str, name: str) -> str:
    """A drawing whose ids no other one has."""
    return re.sub(r'(\bid="|\bhref="#|url\(#)([^")]+)', lambda it: it[1] + ident(name, it[2]), drawing)


def tagged(tag: str, text: str = "", **attributes: str) -> Tag:
    """An element."""
    made = Tag(name=tag, attrs={key.rstrip("_"): value for key, value in attributes.items()})
    if text:
        made.string = text
    return made


def rename(page: Page, names: set[str], edition: Edition) -> None:
    """Make the ids of a page unique in the book, and let its links follow."""
    for each in page.body.find_all(id=True):
        if each is not page.body:
            each["id"] = ident(page.name, each["id"])
    for each in page.body.find_all("a", href=True):
        parts = urlsplit(each["href"])
        if parts.scheme or parts.netloc:
            continue
        folder = posixpath.dirname(page.name)
        leaf = posixpath.normpath(posixpath.join(folder, parts.path)) if parts.path else f"{page.name}.html"
        to = leaf.removesuffix(".html")
        if to in names:
            each["href"] = "#" + (ident(to, unquote(parts.fragment)) if parts.fragment else slug(to))
        elif edition.address:
            each["href"] = edition.address + leaf + (f"#{parts.fragment}" if parts.fragment else "")
        else:
            each.unwrap()


def unfold(page: Page) -> None:
    """Open what can be folded; the library's code, which the reference shows on demand, stays in its files."""
    for folded in page.body.select("details:not(.solution):not(.explorer-more)"):
        if page.name.startswith("book/reference/") and "dropdown" in folded.get("class", ()):
            folded.decompose()
            continue
        folded.name = "div"
        for summary in folded.find_all("summary", recursive=False):
            summary.name = "p"
            summary["class"] = "admonition-title"


def freeze(explorer: Tag, page: Page, edition: Edition, shown: dict[str, str]) -> None:
    """An explorer as a still: picture, numbers, what it is set to, and where it moves.

    The gallery shows only those that no chapter has shown, and says where the others are.
    """
    own = explorer["id"].removeprefix(f"{slug(page.name)}--")
    live = f"{edition.address}{page.name}.html#{own}" if edition.address else ""
    state = json.loads(explorer.find("script", type="application/json").string)
    if page.name == GALLERY and state["kind"] in shown:
        line = tagged("p", id=explorer["id"])
        line.append(tagged("a", "Its picture", href=f"#{shown[state['kind']]}", class_="leads"))
        if live:
            line.extend([" · alive at ", tagged("a", live.removeprefix("https://"), href=live)])
        explorer.replace_with(line)
        return
    shown.setdefault(state["kind"], explorer["id"])
    if (other := still(state["kind"], state["settings"])) is not None:
        markup = KEPT.sub(lambda it: edition.keep(own_names(it[0], f"{page.name}-{own}")), other)
        explorer.select_one(".explorer").replace_with(BeautifulSoup(markup, "html.parser"))
    said = tagged("div", class_="explorer-says")
    if settings := [each for control in explorer.select(".explorer-control") if (each := setting(control))]:
        said.append(tagged("p", "Here: " + "; ".join(settings) + "."))
    moves = tagged("p", "Move it yourself: ")
    if live:
        moves.append(tagged("a", live.removeprefix("https://"), href=live))
    else:
        moves.append("on this page of the book’s site, or in its notebook.")
    said.append(moves)
    for rest in explorer.select("form, .explorer-says"):
        rest.decompose()
    foot = tagged("div", class_="explorer-foot")
    foot.append(said)
    if live:
        code = segno.make(live, error="m", micro=False)
        drawn = code.svg_inline(border=0, omitsize=True, svgclass="qr", lineclass=None)
        foot.append(BeautifulSoup(edition.keep(drawn), "html.parser"))
    frame = explorer.select_one(".explorer")
    frame.append(foot)
    frame.attrs = {name: value for name, value in frame.attrs.items() if name != "style"}
    explorer.name = "div"
    explorer["class"] = "still"


def setting(control: Tag) -> str:
    """What a control of an explorer is set to, in words; nothing for a button."""
    label, shown = control.find("label"), control.find("output")
    if label is None:
        return ""
    name = label.get_text(strip=True)
    if shown is not None:
        return f"{name} {shown.get_text(strip=True)}"
    if menu := control.find("select"):
        chosen = menu.find("option", selected=True) or menu.find("option")
        return f"{name} {chosen.get_text(strip=True)}" if chosen else ""
    box = control.find("input", type="checkbox")
    return f"{name}: {'yes' if box is not None and box.has_attr('checked') else 'no'}"


def move_to_the_back(page: Page, back: Tag) -> None:
    """Take solutions and answers out of a page, with links both ways."""
    group = tagged("section", id=f"{BACK}--{slug(page.name)}")
    heading = tagged("h2")
    heading.append(tagged("a", page.title, href=f"#{slug(page.name)}"))
    group.append(heading)
    quizzes = 0
    for each in page.body.select("fieldset.quiz, details.solution"):
        if each.name == "fieldset":
            quizzes += 1
            group.append(answered(each, quizzes))
        else:
            group.append(solved(each))
    if len(group.contents) > 1:
        back.append(group)


def leading(words: str, to: str) -> Tag:
    """A line that only leads somewhere."""
    line = tagged("p", class_="to-answer")
    line.append(tagged("a", words, href=f"#{to}", class_="leads"))
    return line


def answered(quiz: Tag, number: int) -> Tag:
    """Leave a quiz's question and options in the page; its answers are returned."""
    asked, answers = tagged("ol", class_="quiz-options"), tagged("ol", class_="quiz-answers")
    for option in quiz.select(".quiz-option"):
        words, feedback = tagged("li"), tagged("li")
        words.extend(list(option.find("label").contents))
        told = option.select_one(".quiz-feedback")
        feedback["class"] = " ".join(told["class"])
        feedback.extend(list(told.contents))
        asked.append(words)
        answers.append(feedback)
        option.decompose()
    quiz.name = "div"
    legend = quiz.find("legend")
    legend.name = "p"
    legend["class"] = "quiz-question"
    own = f"{quiz['id']}--answers"
    quiz.extend([asked, leading("Answers", own)])
    whole = tagged("section", id=own, class_="answers")
    heading = tagged("h3", f"Quiz {number}")
    question = copy(legend)
    for named in question.find_all(id=True):  # the question itself has them
        del named["id"]
    whole.extend([heading, leading("Asked", quiz["id"]), question, answers])
    return whole


def solved(solution: Tag) -> Tag:
    """Leave a line in place of a solution, which is returned."""
    exercise = solution.find_previous("div", class_="exercise")
    words = solution.find("summary").extract().get_text(" ", strip=True)
    line = leading("Solution", solution["id"])
    whole = tagged("section", id=solution["id"], class_="solution")
    whole.append(tagged("h3", words))
    if exercise is not None and exercise.get("id"):
        whole.append(leading("The exercise", exercise["id"]))
    solution.replace_with(line)
    inside = solution.find("div", class_="container", recursive=False) or solution
    whole.extend(list(inside.contents))
    return whole


def check_links(edition: Edition) -> None:
    """ValueError where a link inside the book leads nowhere, or an id is given twice."""
    there: dict[str, str] = {}
    wrong = []
    for page in edition.pages:
        for each in [page.body, *page.body.find_all(id=True)]:
            if each["id"] in there:
                wrong.append(f"{page.name}: the id {each['id']} is also in {there[each['id']]}")
            there[each["id"]] = page.name
    for page in edition.pages:
        for link in page.body.find_all("a", href=re.compile("^#")):
            if link["href"][1:] not in there:
                wrong.append(f"{page.name}: {link['href']} leads nowhere")
    if wrong:
        raise ValueError("The book on paper would have broken links:\n" + "\n".join(wrong))
