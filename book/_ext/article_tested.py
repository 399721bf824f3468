"""The article, tested: what the chapters' verdicts add up to, on any page that asks.

    ```{verdict-bar}
    ```

    ```{verdict-table}
    :later: A19 A20

    A1: A delta-neutral position does not feel small moves.
    ```

    ```{instead} A1
    A sentence with {published}`a1-left` in it.
    ```

The first counts the verdicts, the second shows them all and lists the claims in the book's words, the third says
what the article should have said.  The numbers come from the boxes that `verdicts.py` reads.  The build fails
where a claim has no verdict (but for those that come `later`), where two boxes judge the whole of one or the same
part, where a box lacks something, and where a number that is repeated is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from verdicts import VERDICTS, Said, Verdict, copies, page, pages

logger = logging.getLogger(__name__)

#: How the bar counts each verdict, of one claim and of any other number, and what style sheets call it.
COUNTED = (
    ("holds", "hold", "holds"),
    ("holds with a condition", "hold with a condition", "condition"),
    ("is misleading", "are misleading", "misleading"),
    ("is not supported", "are not supported", "unsupported"),
)
TO_COME = ("is still to be judged", "are still to be judged", "to-come")

LISTED = re.compile(r"(A\d+): +(\S.*)")
COLUMNS = (("Claim", 22), ("Verdict", 18), ("What was found", 32), ("What would overturn it", 28))


class verdict_bar(nodes.Element):
    """Where the count goes."""


class verdict_table(nodes.Element):
    """Where the table goes."""


class instead(nodes.Element):
    """A sentence that the article should have had, on the claim `claim`."""


class published(nodes.Inline, nodes.Element):
    """A number that a verdict shows, by its name."""


class Bar(SphinxDirective):
    """`verdict-bar`: how many claims hold, hold with a condition, mislead, are not supported."""

    def run(self) -> list[nodes.Node]:
        """Hold the place: the other pages may not have been read yet."""
        page(self.env).shows = True
        return [verdict_bar()]


class Table(SphinxDirective):
    """`verdict-table`: all claims, which are listed in it."""

    has_content = True
    option_spec: ClassVar = {"later": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Note the claims, and hold the place."""
        said = page(self.env)
        said.shows = True
        said.later = self.options.get("later", "").split()
        for line in filter(None, self.content):
            found = LISTED.fullmatch(line.strip())
            if found and found[1] not in said.claims:
                said.claims[found[1]] = found[2]
            else:
                said.problems.append((f"a claim is listed once, as in “A1: it holds.”, not {line!r}", self.lineno))
        return [verdict_table()]


class Instead(SphinxDirective):
    """`instead`: what the article should have said on one claim."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The sentence, whose numbers are filled in when all pages have been read."""
        claim = self.arguments[0]
        said = page(self.env)
        said.shows = True
        said.sentences.append((claim, self.lineno))
        holder = instead(claim=claim, ids=[f"instead-{claim.lower()}"])
        self.state.nested_parse(self.content, self.content_offset, holder)
        names = [number["name"] for number in holder.findall(published)]
        if not any(name.startswith(f"{claim.lower()}-") for name in names):
            said.problems.append((f"the sentence on {claim} repeats no number of its verdicts", self.lineno))
        return [holder]


class Published(SphinxRole):
    """`published`: a number by its name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Hold the place."""
        page(self.env).shows = True
        return [published(name=self.text, line=self.lineno)], []


def reading_order(env: BuildEnvironment, name: str) -> Iterator[str]:
    """A page and those that its contents name, as a reader meets them."""
    yield name
    for each in env.toctree_includes.get(name, []):
        yield from reading_order(env, each)


class Findings:
    """All that the pages of the book say of the claims, in the order of the book."""

    def __init__(self, env: BuildEnvironment) -> None:
        order = {name: at for at, name in enumerate(reading_order(env, env.config.root_doc))}
        self.pages = dict(sorted(pages(env).items(), key=lambda item: order.get(item[0], len(order))))
        self.claims = {claim: words for said in self.pages.values() for claim, words in said.claims.items()}
        self.later = {claim for said in self.pages.values() for claim in said.later}
        self.on: dict[str, list[tuple[str, Verdict]]] = {claim: [] for claim in self.claims}
        self.numbers: dict[str, tuple[str, list[nodes.Node]]] = {}
        for name, said in self.pages.items():
            for verdict in said.verdicts:
                self.on.setdefault(verdict.claim, []).append((name, verdict))
                self.numbers |= {each: (name, number) for each, number in verdict.named.items()}

    def overall(self, claim: str) -> int | None:
        """The least favourable verdict on a claim, by its place in `VERDICTS`; None if there is none."""
        found = [VERDICTS.index(verdict.verdict) for _, verdict in self.on.get(claim, ()) if verdict.verdict]
        return max(found, default=None)

    def problems(self) -> Iterator[tuple[str, str, int]]:
        """What is wrong, each with its page and line."""
        for name, said in self.pages.items():
            for words, line in said.problems:
                yield words, name, line
            for verdict in said.verdicts:
                for words in verdict.problems:
                    yield f"the verdict on {verdict.claim or 'a claim'}: {words}", name, verdict.line
                if verdict.claim and verdict.claim not in self.claims:
                    yield f"there is no claim {verdict.claim}", name, verdict.line
        for claim, verdicts in self.on.items():
            parts: dict[str, str] = {}
            for name, verdict in verdicts:
                if claim and verdict.part in parts:
                    what = f"its part “{verdict.part}”" if verdict.part else "the whole of it"
                    yield f"{claim}: {parts[verdict.part]} has judged {what} too", name, verdict.line
                parts[verdict.part] = name
        for name, said in self.pages.items():
            for each in (each for verdict in said.verdicts for each in verdict.named):
                if self.numbers[each][0] != name:
                    yield f"two numbers have the name {each}", name, 0
        yield from self.missing()

    def missing(self) -> Iterator[tuple[str, str, int]]:
        """Claims without a verdict, or without a sentence."""
        (table, said) = next(((name, said) for name, said in self.pages.items() if said.claims), ("", Said()))
        for claim in said.claims:
            if not self.on[claim] and claim not in self.later:
                yield f"no chapter has a verdict on {claim}", table, 0
            if self.on[claim] and claim in self.later:
                yield f"{claim} has a verdict, and is no longer to come “later”", table, 0
        for claim in sorted(self.later - set(said.claims)):
            yield f"there is no claim {claim}, now or later", table, 0
        sentences = [(claim, name, line) for name, said in self.pages.items() for claim, line in said.sentences]
        seen: set[str] = set()
        for claim, name, line in sentences:
            if claim not in self.claims:
                yield f"there is no claim {claim}", name, line
            if claim in seen:
                yield f"there are two sentences on {claim}", name, line
            seen.add(claim)
        for claim in self.claims if sentences else ():
            if claim not in seen:
                yield f"there is no sentence on {claim}", sentences[0][1], 0


class ShowVerdicts(SphinxPostTransform):
    """Fill in what the pages ask for, now that all have been read."""

    default_priority = 8  # before references are resolved, and units are glued to their numbers

    def run(self, **kwargs: Any) -> None:
        """On one page."""
        self.here = self.env.docname
        said = pages(self.env).get(self.here)
        if not (said and said.shows):
            return
        self.findings = Findings(self.env)
        if said.claims:  # the page of the table reports for the whole book, whichever pages were read again
            for words, name, line in self.findings.problems():
                logger.warning("%s", words, location=(name, line or None), type="verdict")
        for bar in list(self.document.findall(verdict_bar)):
            bar.replace_self(self.bar())
        for table in list(self.document.findall(verdict_table)):
            table.replace_self(self.table())
        for sentence in list(self.document.findall(instead)):
            sentence.replace_self(self.sentence(sentence))
        for number in list(self.document.findall(published)):
            number.replace_self(self.number(number["name"], number["line"]))

    def link(self, name: str, place: str, *content: nodes.Node) -> nodes.reference:
        """To a place on a page."""
        uri = f"{self.app.builder.get_relative_uri(self.here, name)}#{place}"
        return nodes.reference("", "", *content, refuri=uri, internal=True)

    def number(self, name: str, line: int) -> nodes.Node:
        """A number, which leads to where it was computed."""
        where, shown = self.findings.numbers.get(name, ("", []))
        if shown:
            return self.link(where, name, *copies(shown))
        if name.partition("-")[0].upper() not in self.findings.later:
            logger.warning("no verdict shows a number %s", name, location=(self.here, line), type="verdict")
        return nodes.Text("…")

    def chapter(self, name: str, verdict: Verdict) -> nodes.reference:
        """The chapter's name and the section's number, which lead to the box."""
        numbers = self.env.toc_secnumbers.get(name, {})
        section = numbers.get(f"#{verdict.section}") or numbers.get("")
        at = f", {'.'.join(map(str, section))}" if section else ""
        return self.link(name, verdict.place, nodes.Text(self.env.titles[name].astext() + at))

    def bar(self) -> nodes.container:
        """The counts, as a bar for the eye and in words."""
        overall = [self.findings.overall(claim) for claim in self.findings.claims]
        counts = [overall.count(at) for at in range(len(VERDICTS))]
        rows = list(zip(counts, COUNTED, strict=True))
        if to_come := overall.count(None):
            rows.append((to_come, TO_COME))
        spans = (f'<span class="{name}" style="flex-grow: {n}">{n}</span>' for n, (_, _, name) in rows if n)
        drawn = nodes.raw("", f'<div class="verdict-bar" aria-hidden="true">{"".join(spans)}</div>', format="html")
        items = [
            nodes.list_item("", nodes.paragraph("", f"{n} {one if n == 1 else many}"), classes=[name])
            for n, (one, many, name) in rows
        ]
        return nodes.container("", drawn, nodes.bullet_list("", *items, classes=["verdict-key"], bullet="-"))

    def badge(self, at: int | None) -> nodes.strong:
        """A verdict in its colour."""
        words, name = (VERDICTS[at], COUNTED[at][2]) if at is not None else ("To come", TO_COME[2])
        return nodes.strong("", words, classes=["verdict-badge", name])

    def table(self) -> nodes.table:
        """All claims; one that several chapters have judged has a line for each."""

        def entry(*content: nodes.Node, **more: Any) -> nodes.entry:
            return nodes.entry("", *content, **more)

        def paragraph(*content: nodes.Node, **more: Any) -> nodes.paragraph:
            return nodes.paragraph("", "", *content, **more)

        rows: list[nodes.row] = []
        for claim, words in self.findings.claims.items():
            verdicts = self.findings.on[claim]
            overall = paragraph(nodes.Text("In all: "), self.badge(self.findings.overall(claim)))
            name = paragraph(nodes.strong("", claim), nodes.Text(f" {words}"), ids=[f"claim-{claim.lower()}"])
            several = {"morerows": len(verdicts) - 1} if len(verdicts) > 1 else {}
            first = entry(name, *([overall] if several else []), classes=["claim"], **several)
            if not verdicts:
                rows.append(nodes.row("", first, entry(paragraph(self.badge(None))), entry(), entry()))
            for where, verdict in verdicts:
                at = VERDICTS.index(verdict.verdict) if verdict.verdict else None
                part = [nodes.Text(f"{verdict.part}: ")] if verdict.part else []
                cells = [
                    entry(paragraph(*part, self.badge(at)), paragraph(self.chapter(where, verdict))),
                    entry(*(paragraph(*copies(number)) for number in verdict.numbers)),
                    entry(paragraph(*copies(verdict.overturned))),
                ]
                rows.append(nodes.row("", *([first] if verdict is verdicts[0][1] else []), *cells))
        head = nodes.row("", *(entry(nodes.paragraph("", name)) for name, _ in COLUMNS))
        group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for _, width in COLUMNS), cols=len(COLUMNS))
        group += [nodes.thead("", head), nodes.tbody("", *rows)]
        return nodes.table("", group, classes=["verdict-table", "colwidths-given"])

    def sentence(self, holder: instead) -> nodes.container:
        """The claim and its verdict, the sentence, and where it comes from."""
        claim = holder["claim"]
        words = self.findings.claims.get(claim, "")
        place = f"claim-{claim.lower()}"
        table = next((name for name, said in self.findings.pages.items() if said.claims), self.here)
        head = nodes.paragraph(
            "",
            "",
            self.link(table, place, nodes.Text(claim)),
            nodes.Text(f" {words} "),
            self.badge(self.findings.overall(claim)),
            classes=["instead-of"],
        )
        verdicts = self.findings.on.get(claim, [])
        links = [each for where in verdicts for each in (nodes.Text(" · "), self.chapter(*where))][1:]
        foot = [nodes.paragraph("", "", *links, classes=["instead-from"])] if links else []
        return nodes.container("", head, *holder.children, *foot, classes=["instead"], ids=holder["ids"])


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Any page that was read may have changed a number."""
    return [name for name, said in pages(env).items() if said.shows]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.setup_extension("verdicts")
    for node in (verdict_bar, verdict_table, instead, published):
        app.add_node(node)
    app.add_post_transform(ShowVerdicts)
    app.add_directive("verdict-bar", Bar)
    app.add_directive("verdict-table", Table)
    app.add_directive("instead", Instead)
    app.add_role("published", Published())
    app.connect("env-updated", write_again)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
