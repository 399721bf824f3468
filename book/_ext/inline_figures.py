"""Put the chapters' SVG figures into the page itself, in the page's own colours and typeface.

An `<img>` cannot see the page around it: its text stays grey on a dark page and in another typeface. Inlined,
each colour of `hedgelab.figures.PALETTE` becomes a style-sheet variable that dark mode can change, and text
scales with the page. A figure that lacks its caption, its name or its description for those who cannot see it
is reported.
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


def shorten(text: str, digits: int) -> str:
    """Round the numbers in a path or a transformation: a tenth of a pixel is sharp enough."""
    rounded = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.{digits}f}".rstrip("0").rstrip("."), text)
    return re.sub(r"\s*\n\s*", " ", rounded).strip()


def restyle(style: str) -> str:
    """Name the palette's colours, leave the typeface to the page and let it scale the text."""
    style = re.sub(r"font-family: [^;]*;? ?", "", style)
    style = re.sub(r"font-size: ([\d.]+)px", r"font-size: calc(\1px * var(--figure-text, 1))", style)
    return re.sub(r"#[0-9a-f]{6}\b", lambda colour: COLOURS.get(colour[0], colour[0]), style)


def share_styles(root: ET.Element) -> None:
    """Give a group the style that all its children repeat, as the dots of a cloud do: half of its weight.

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


def inline_svg(source: str, prefix: str, description: str) -> str:
    """A figure as part of a page: its ids start with `prefix`, so that two figures never share one."""
    root = ET.fromstring(source)
    used = set(re.findall(r"(?:url\(#|href=\"#)([^\")]+)", source))
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{SVG}metadata" or (
                child.tag == f"{SVG}defs" and child.find(f"{SVG}style") is not None
            ):
                parent.remove(child)
    for item in root.iter():
        for key, value in list(item.attrib.items()):
            if key == "id":
                item.attrib.pop(key)
                if value in used:
                    item.set("id", f"{prefix}-{value}")
            elif key == XLINK:
                item.attrib.pop(key)
                item.set("href", value.replace("#", f"#{prefix}-", 1))
            elif "url(#" in value:
                item.set(key, value.replace("url(#", f"url(#{prefix}-"))
            elif key == "d":
                item.set(key, shorten(value, 2))
            elif key in ("x", "y", "transform", "width", "height"):
                item.set(key, shorten(value, 3).replace("rotate(-0 ", "rotate(0 "))
        if style := item.get("style"):
            item.set("style", restyle(style))
        item.tail = None
        if item.tag != f"{SVG}text" and item.tag != f"{SVG}tspan":
            item.text = None
    share_styles(root)
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.set("role", "img")
    root.set("aria-label", description)
    root.set("fill", COLOURS[PALETTE["ink"]])
    return re.sub(r' xmlns(:xlink)?="[^"]*"', "", ET.tostring(root, encoding="unicode"))


def inline_pictures(source: str) -> str:
    """The pictures of explorers in a cell's HTML, treated like all figures; their stage describes them."""

    def inlined(found: re.Match[str]) -> str:
        svg = inline_svg(found[2], f"{found[1]}-picture", "")
        return found[0].replace(found[2], svg.replace('role="img" aria-label=""', 'aria-hidden="true"'))

    picture = r'(?<=<hedge-explorer id=")([^"]+)(?=").*?((?:<\?xml|<svg).*?</svg>)'
    return re.sub(picture, inlined, source, flags=re.DOTALL)


class InlineFigures(SphinxPostTransform):
    """Replace the image of every executed cell that drew an SVG."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Check each figure, then inline it."""
        drawn = Path(self.env.mystnb_config.output_folder)  # type: ignore[attr-defined]
        for number, image in enumerate(list(self.document.findall(nodes.image)), start=1):
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
            prefix = nodes.make_id(names[0]) if names else f"figure-{number}"
            svg = inline_svg(path.read_text("utf8"), prefix, image.get("alt", ""))
            image.replace_self(nodes.raw("", f'<div class="figure-box">{svg}</div>', format="html"))
        for raw in self.document.findall(nodes.raw):
            if "<hedge-explorer" in raw.astext():
                raw.replace_self(nodes.raw("", inline_pictures(raw.astext()), format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the replacement."""
    app.add_post_transform(InlineFigures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
