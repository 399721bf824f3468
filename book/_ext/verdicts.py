"""The verdicts on the article's claims: a chapter publishes each once, in the box that its readers see.

What the appendix repeats is marked in the box, so that no number is written twice:

    :::{admonition} The article says: faster rebalancing reduces gamma losses, and costs more (A14)
    :class: verdict
    **Misleading.** [The mean gamma loss is [\\${eval}`f"{slow:.2f}"` ± {eval}`f"{error:.2f}"`]{#a14-slow} at 13
    rebalances and \\${eval}`f"{fast:.2f}"` at 1,008]{.published}; only its spread shrinks.

    **What would overturn it:** a market in which the mean falls by more than two standard errors.
    :::

The title ends with the claim and, where other boxes judge other parts of it, with the part: `(A3, the band)`.  The
first words are one of `VERDICTS`.  `{.published}` is the finding that the appendix shows: it has a ±, or is
`{.published .exact}`, a number without a sampling error.  A name, which begins with the claim, lets a sentence on
another page repeat a number.  What is wrong with a box is kept with it, and reported by `article_tested.py`, which
makes the appendix, in every build, whichever pages are read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

#: From the most favourable to the least: a claim as a whole has the least favourable of its parts.
VERDICTS = ("Holds", "Holds with a condition", "Misleading", "Not supported")

#: How a box says what would change its verdict.
OVERTURNED = "What would overturn it:"

#: Links whose text is a number that means nothing on another page: to a figure, a formula, an exercise, a work.
NUMBERED = ("numref", "eq", "ref", "p", "t")

CLAIM = re.compile(r"\((A\d+)(?:, ([^()]+))?\)$")


@dataclass
class Verdict:
    """What one box publishes; where something is wrong with it, `problems` say what."""

    claim: str
    part: str
    place: str
    section: str
    line: int
    verdict: str = ""
    numbers: list[list[nodes.Node]] = field(default_factory=list)
    overturned: list[nodes.Node] = field(default_factory=list)
    named: dict[str, list[nodes.Node]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass
class Said:
    """What one page has to do with the claims: its verdicts, its list of claims, its sentences."""

    verdicts: list[Verdict] = field(default_factory=list)
    claims: dict[str, str] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)
    sentences: list[tuple[str, int]] = field(default_factory=list)
    problems: list[tuple[str, int]] = field(default_factory=list)
    shows: bool = False


def pages(env: BuildEnvironment) -> dict[str, Said]:
    """What each page says, kept with everything else that Sphinx knows of the pages it does not read again."""
    if not hasattr(env, "article_claims"):
        env.article_claims = {}  # type: ignore[attr-defined]
    return env.article_claims  # type: ignore[attr-defined,no-any-return]


def page(env: BuildEnvironment) -> Said:
    """What the page says that is being read."""
    return pages(env).setdefault(env.docname, Said())


def forget(app: Sphinx, env: BuildEnvironment, name: str) -> None:
    """A page is read again, or is gone."""
    pages(env).pop(name, None)


def merge(app: Sphinx, env: BuildEnvironment, names: set[str], other: BuildEnvironment) -> None:
    """Pages were read by another process."""
    pages(env).update({name: said for name, said in pages(other).items() if name in names})


def copied(node: nodes.Node) -> Iterator[nodes.Node]:
    """The words, numbers and formulas of a passage, for another page: without its links and marks."""
    match node:
        case nodes.Text():
            yield from [nodes.Text(str(node))] if str(node) else []
        case nodes.math():
            yield nodes.math(node.astext(), node.astext())
        case nodes.emphasis() | nodes.strong():
            yield type(node)("", "", *copies(node.children))
        case nodes.inline() if "pasted-text" in node["classes"]:
            yield nodes.inline("", node.astext(), classes=["pasted-text"])
        case nodes.Element():
            yield from copies(node.children)


def copies(some: list[nodes.Node]) -> list[nodes.Node]:
    """The same of each."""
    return [copy for each in some for copy in copied(each)]


def is_computed(some: list[nodes.Node]) -> bool:
    """Whether there is a number in it that the page's code has evaluated."""
    found = (inline for node in some for inline in node.findall(nodes.inline))
    return any("pasted-text" in inline["classes"] and re.search(r"\d", inline.astext()) for inline in found)


def lead(paragraph: nodes.Node) -> str:
    """The words in bold that a paragraph begins with."""
    first = next((each for each in paragraph.children if each.astext()), None)
    return first.astext() if isinstance(first, nodes.strong) else ""


def judged(box: nodes.admonition) -> Verdict:
    """What a box says, and what is wrong with it."""
    title, *rest = box.children
    found = CLAIM.search(title.astext())
    claim, part = (found[1], found[2] or "") if found else ("", "")
    section = next((above for above in ancestors(box) if isinstance(above, nodes.section)), None)
    verdict = Verdict(
        claim,
        part,
        nodes.make_id(f"verdict {claim} {part}"),
        section["ids"][0] if section else "",
        box.line or 0,
    )
    wrong = verdict.problems
    if not found:
        wrong.append("its title must end with the claim, as in (A7), or with claim and part, as in (A3, the band)")
    begins = next(map(lead, rest), "").rstrip(".")
    if begins in VERDICTS:
        verdict.verdict = begins
    else:
        wrong.append(f"it must begin with one of these in bold: {', '.join(VERDICTS)}")

    for mark in box.findall(nodes.inline):
        if "published" in mark["classes"]:
            number = copies(mark.children)
            verdict.numbers.append(number)
            words = mark.astext()
            if not is_computed(number):
                wrong.append(f"what it publishes has no number that was computed: {words!r}")
            elif any(link["reftype"] in NUMBERED for link in mark.findall(addnodes.pending_xref)):
                wrong.append(f"the number of a figure, a formula or a work means nothing elsewhere: {words!r}")
            elif "±" not in words and "exact" not in mark["classes"]:
                wrong.append(f"a number needs its standard error, or the mark {{.published .exact}}: {words!r}")
        for name in mark["names"]:
            verdict.named[name] = copies(mark.children)
            if not is_computed(verdict.named[name]):
                wrong.append(f"{name} is the name of a number, and there is none that was computed")
            if not name.startswith(f"{claim.lower()}-"):
                wrong.append(f"the name {name} must begin with its claim, {claim.lower()}-")
    if not verdict.numbers:
        wrong.append("it publishes no number: [...]{.published}")

    for paragraph in rest:
        if lead(paragraph) == OVERTURNED:
            verdict.overturned = copies(paragraph.children)[1:]
    if not "".join(each.astext() for each in verdict.overturned).strip():
        wrong.append(f"it does not say **{OVERTURNED}** in a paragraph of its own")
    return verdict


def ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    """What a node is in, from the inside."""
    while node.parent is not None:
        node = node.parent
        yield node


class CollectVerdicts(SphinxTransform):
    """Note what a page publishes, and give each box a place that others can lead to."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Read every box."""
        boxes = [box for box in self.document.findall(nodes.admonition) if "verdict" in box["classes"]]
        for box in boxes:
            verdict = judged(box)
            box["ids"].append(verdict.place)
            page(self.env).verdicts.append(verdict)
        for mark in self.document.findall(nodes.inline):
            if "published" in mark["classes"] and not any(above in boxes for above in ancestors(mark)):
                problem = f"a number is published outside of a verdict: {mark.astext()!r}"
                page(self.env).problems.append((problem, mark.line or 0))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.add_transform(CollectVerdicts)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
