"""Put the chapters' SVG figures into the page itself, in the page's own colours and typeface.

An `<img>` cannot see the page around it: its text stays grey on a dark page and in another typeface. Inlined,
each colour of `hedgelab.figures.PALETTE` becomes a style-sheet variable that dark mode can change, and text
scales with the page. What Matplotlib repeats is said once, and paths are written in half of the letters: a page
weighs a quarter less, that of all explorers almost half. A figure that lacks its caption, its name or its
description for those who cannot see it is reported.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from hedgelab.figures import PALETTE

logger = logging.getLogger(__name__)

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
ET.register_namespace("", "http://www.w3.org/2000/svg")
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")

COLOURS = {value: f"var(--figure-{name}, {value})" for name, value in PALETTE.items()}
#: Matplotlib's own black and white are the page's ink and paper.
COLOURS |= {"#000000": COLOURS[PALETTE["ink"]], "#ffffff": "var(--figure-paper, #ffffff)"}

#: What a path of Matplotlib's is made of: a command, a number.
PATH = re.compile(r"[A-Za-z]|-?\d*\.?\d+(?:e-?\d+)?")

#: How many numbers each of its commands takes; a pair is a place.
TAKES = {"M": 2, "L": 2, "Q": 4, "C": 6, "z": 0}

#: What decides how an element looks, and is written once for all that share it.
LOOKS = ("style", "clip-path")


def short(number: float, digits: int = 2) -> str:
    """A number in as few letters as it takes; a hundredth of a pixel is sharp enough."""
    text = f"{number:.{digits}f}"
    if digits:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else re.sub(r"^(-?)0\.", r"\1.", text)


def rounded(text: str, digits: int) -> str:
    """A transformation with shorter numbers."""
    return re.sub(r"-?\d+\.\d+", lambda number: short(float(number[0]), digits), text)


def shorter_path(path: str) -> str:
    """The same path, each step counted from the last place rather than from the corner of the picture.

    What is counted is places that are rounded already: no error adds up.
    """
    words = PATH.findall(path)
    written: list[str] = []
    here = start = (0, 0)  # in hundredths of a pixel
    last = ""

    def put(command: str, *numbers: int) -> None:
        nonlocal last
        if command != last:
            written.append(command)
        last = "" if command in "Mz" else command
        for number in numbers:
            text = short(number / 100)
            before = written[-1]
            # a sign or a second point begins a number too
            joined = before[-1].isalpha() or text[0] == "-" or (text[0] == "." and "." in before)
            written.append(text if joined else f" {text}")

    at = 0
    while at < len(words):
        command = words[at]
        count = TAKES[command]
        places = [round(100 * float(word)) for word in words[at + 1 : at + 1 + count]]
        steps = [place - here[each % 2] for each, place in enumerate(places)]
        if command == "z":
            put("z")
        elif command == "M":
            put("M", *places)
            start = (places[0], places[1])
        elif command == "L" and not steps[1]:
            put("h", steps[0])
        elif command == "L" and not steps[0]:
            put("v", steps[1])
        else:
            put(command.lower(), *steps)
        here = (places[-2], places[-1]) if places else start
        at += 1 + count
    return "".join(written)


def restyle(style: str) -> str:
    """Name the palette's colours, leave the typeface to the page and let it scale the text."""
    style = re.sub(r"font-family: [^;]*;? ?", "", style)
    style = re.sub(r"font-size: ([\d.]+)px", r"font-size: calc(\1px * var(--figure-text, 1))", style)
    return re.sub(r"#[0-9a-f]{6}\b", lambda colour: COLOURS.get(colour[0], colour[0]), style)


def invisible(item: ET.Element) -> bool:
    """Whether it is a path that is neither filled nor drawn, as the ground of Matplotlib's pictures is.

    Or one without a way, as the error bar of a number that is missing is, which is no path for a reader of EPUBs.
    """
    return item.tag == f"{SVG}path" and (item.get("style") == "fill: none" or not item.get("d"))


def share_looks(root: ET.Element) -> None:
    """Give a group the looks that all its children repeat, as the dots of a cloud do: half of its weight.

    An opacity of the whole would be another thing than one of each child, and stays where it is.
    """
    for group in root.iter(f"{SVG}g"):
        styles = {child.get("style") for child in group}
        if len(group) > 2 and len(styles) == 1 and "style" not in group.attrib:
            (style,) = styles
            if style and not re.search(r"(^|[; ])opacity:", style):
                group.set("style", style)
                for child in group:
                    child.attrib.pop("style")


def ungroup(parent: ET.Element) -> None:
    """Take apart the groups that say nothing, which are most of Matplotlib's."""
    children: list[ET.Element] = []
    for child in parent:
        ungroup(child)
        children.extend(child if child.tag == f"{SVG}g" and not child.attrib else [child])
    parent[:] = children


class Drawings:
    """The figures of one page, which share their looks: each is a rule of the page's, and named by it."""

    def __init__(self) -> None:
        self.rules: dict[str, str] = {}
        self.ids = 0

    @property
    def style_sheet(self) -> str:
        """The rules, for the head of the page."""
        return "".join(f".{name}{{{rule}}}" for rule, name in self.rules.items())

    def inline(self, source: str, description: str) -> str:
        """A figure as part of the page; no other one there has its ids."""
        root = ET.fromstring(source)
        for parent in list(root.iter()):
            for child in list(parent):
                if (
                    child.tag == f"{SVG}metadata"
                    or (child.tag == f"{SVG}defs" and child.find(f"{SVG}style") is not None)
                    or invisible(child)
                ):
                    parent.remove(child)
        names: dict[str, str] = {}
        for used in re.findall(r"(?:url\(#|href=\"#)([^\")]+)", source):
            if used not in names:
                self.ids += 1
                names[used] = f"_{self.ids}"  # no heading's id begins like that
        for item in root.iter():
            self.rewrite(item, names)
        share_looks(root)
        ungroup(root)
        for item in root.iter():
            looks = [self.look(name, item.attrib.pop(name)) for name in LOOKS if name in item.attrib]
            if looks:
                item.set("class", " ".join(looks))
        for size in ("width", "height", "version"):
            root.attrib.pop(size, None)
        root.set("role", "img")
        root.set("aria-label", description)
        root.set("fill", COLOURS[PALETTE["ink"]])
        svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", ET.tostring(root, encoding="unicode"))
        return svg.replace(" />", "/>")

    def look(self, name: str, value: str) -> str:
        """The class of a style or a clipping."""
        rule = re.sub(r"([:;]) ", r"\1", value if name == "style" else f"{name}:{value}")
        return self.rules.setdefault(rule, f"_{len(self.rules) + 1}")

    @staticmethod
    def rewrite(item: ET.Element, names: dict[str, str]) -> None:
        """Shorten what an element says of itself."""
        for key, value in list(item.attrib.items()):
            if key == "id":
                item.attrib.pop(key)
                if value in names:
                    item.set("id", names[value])
            elif key == XLINK:
                item.attrib.pop(key)
                item.set("href", f"#{names[value[1:]]}")
            elif "url(#" in value:
                item.set(key, re.sub(r"(?<=url\(#)[^)]+", lambda found: names[found[0]], value))
            elif key == "d":
                item.set(key, shorter_path(value))
            elif key == "transform" and re.match(r"rotate\(-?0 ", value):
                item.attrib.pop(key)
            elif key in ("x", "y", "width", "height"):
                item.set(key, rounded(value, 2))
            elif key == "transform":
                item.set(key, rounded(value, 3))
        if style := item.get("style"):
            item.set("style", restyle(style))
        item.tail = None
        if item.tag != f"{SVG}text" and item.tag != f"{SVG}tspan":
            item.text = None

    def inline_pictures(self, source: str) -> str:
        """The pictures of explorers in a cell's HTML, treated like all figures; their stage describes them."""

        def inlined(found: re.Match[str]) -> str:
            return self.inline(found[0], "").replace('role="img" aria-label=""', 'aria-hidden="true"')

        return re.sub(r"(?:<\?xml|<svg).*?</svg>", inlined, source, flags=re.DOTALL)


class InlineFigures(SphinxPostTransform):
    """Replace the image of every executed cell that drew an SVG."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Check each figure, then inline it."""
        drawn = Path(self.env.mystnb_config.output_folder)  # type: ignore[attr-defined]
        drawings = Drawings()
        for image in list(self.document.findall(nodes.image)):
            path = (Path(self.env.srcdir) / image["uri"]).resolve()
            if path.suffix != ".svg" or not path.is_relative_to(drawn):
                continue
            figure = image.parent if isinstance(image.parent, nodes.figure) else None
            names = figure["names"] if figure is not None else []
            lacking = [
                what
                for what, given in {
                    "caption (mystnb: figure: caption)": figure and figure.next_node(nodes.caption),
                    "name (mystnb: figure: name)": names,
                    "description (mystnb: image: alt)": image.get("alt"),
                }.items()
                if not given
            ]
            if lacking:
                logger.warning(
                    "a figure lacks its %s",
                    ", its ".join(lacking),
                    location=(self.env.docname, image.line),
                    type="figure",
                )
            svg = drawings.inline(path.read_text("utf8"), image.get("alt", ""))
            image.replace_self(nodes.raw("", f'<div class="figure-box">{svg}</div>', format="html"))
        for raw in list(self.document.findall(nodes.raw)):
            if "<hedge-explorer" in raw.astext():
                raw.replace_self(nodes.raw("", drawings.inline_pictures(raw.astext()), format="html"))
        self.document["drawings"] = drawings.style_sheet


def put_in_the_head(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the page the rules of its figures."""
    if doctree is not None and doctree.get("drawings"):
        context["metatags"] = f"{context.get('metatags', '')}<style>{doctree['drawings']}</style>"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the replacement, and what it leaves for the head of the page."""
    app.add_post_transform(InlineFigures)
    app.connect("html-page-context", put_in_the_head)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
