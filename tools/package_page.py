"""What a package index shows of the library: its README, and where its book and its source are.

An index knows the README alone, so a link to a file beside it would lead nowhere there.  In the wheel such a link
leads to the file in the repository, whose address is `repository` in `_config.yml`; where it has none, the file's
name stays, and no link.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml

#: A link or a picture in Markdown: its words, and the address.
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(([^()\s]+)\)")
#: What is written as code has no links.
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def repository(root: Path) -> str:
    """The address of the repository; empty, or without a slash at its end."""
    configuration = yaml.safe_load((root / "_config.yml").read_text("utf8"))
    return str(configuration["sphinx"]["config"].get("repository") or "").rstrip("/")


def beside(address: str) -> bool:
    """Whether a link leads to a file beside the README: not to a host, and not into the README."""
    return not urlsplit(address).scheme and not address.startswith(("#", "//"))


def links(text: str) -> list[str]:
    """Where the links of a text lead."""
    return [address for _, _, address in LINK.findall(CODE.sub("", text))]


def readme(text: str, repository: str) -> str:
    """A README for readers who have no folder around it."""
    files = f"{repository}/{'-/' if 'gitlab' in urlsplit(repository).netloc else ''}"

    def one(found: re.Match[str]) -> str:
        picture, words, address = found.groups()
        if words is None or not beside(address):
            return found[0]
        page = f"{files}{'raw' if picture else 'blob'}/HEAD/"  # of a picture, blob is a page around it
        return found[0].replace(f"({address})", f"({urljoin(page, address)})") if repository else words

    return re.sub(f"{CODE.pattern}|{LINK.pattern}", one, text, flags=CODE.flags)


def urls(repository: str, book: str) -> str:
    """The table of `pyproject.toml` that says where the book and the source are, as far as they are anywhere."""
    known = {"Documentation": book, "Source": repository}
    lines = [f'{name} = "{address}"' for name, address in known.items() if address]
    return "\n".join(["", "[project.urls]", *lines, ""]) if lines else ""
