"""The README in the wheel: no link of it leads nowhere where nothing stands around it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from package_page import beside, links, readme, urls

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf8")

HOSTS = {
    "https://github.com/somebody/hedging": "https://github.com/somebody/hedging/blob/HEAD/",
    "https://gitlab.com/somebody/hedging": "https://gitlab.com/somebody/hedging/-/blob/HEAD/",
}


@pytest.mark.parametrize("repository", ["", *HOSTS])
def test_no_link_leads_to_a_file_beside_it(repository):
    """Links to hosts stay; the others lead to files of the repository, where it has an address."""
    written = readme(README, repository)
    own = {address for address in links(README) if beside(address)}
    assert "CONTRIBUTING.md" in own
    assert all((ROOT / address).is_file() for address in own)
    there = {HOSTS[repository] + address for address in own} if repository else set()
    assert set(links(written)) == set(links(README)) - own | there


def test_without_a_repository_a_file_keeps_its_name():
    assert (
        readme("See [the licence](LICENSE), [x](#x) and `[a](b)`.", "") == "See the licence, [x](#x) and `[a](b)`."
    )


@pytest.mark.parametrize("repository", HOSTS)
def test_a_picture_is_the_file_and_not_a_page_around_it(repository):
    there = HOSTS[repository].replace("/blob/", "/raw/")
    assert readme("![A hedge](hedge.svg)", repository) == f"![A hedge]({there}hedge.svg)"


@pytest.mark.parametrize(
    ("repository", "book"), [("", ""), ("https://host/a", ""), ("https://host/a", "https://b/")]
)
def test_the_package_says_where_its_book_and_its_source_are(repository, book):
    """As far as they are anywhere, in a file that is still one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8") + urls(repository, book))["project"]
    known = {name: address for name, address in (("Documentation", book), ("Source", repository)) if address}
    assert project.get("urls", {}) == known
