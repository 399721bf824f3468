"""A link on each page to report an error in it, where the repository has an address.

One setting in `_config.yml`, under `sphinx: config:`, makes all of them:

    repository: https://github.com/somebody/hedging

Without it no page has a link, rather than one that leads nowhere.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError


def check(app: Sphinx, config: Config) -> None:
    """Refuse what no browser could open."""
    parts = urlsplit(config.repository or "")
    if config.repository and not (parts.scheme in ("http", "https") and parts.netloc):
        raise ConfigError(f"repository must be an address such as https://host/name, got {config.repository!r}")


def new_issue(repository: str, title: str) -> str:
    """The address of a form for a new issue: GitLab has its own, the others (Gitea, Forgejo) GitHub's."""
    gitlab = "gitlab" in urlsplit(repository).netloc
    form, field = ("-/issues/new", "issue[title]") if gitlab else ("issues/new", "title")
    return f"{repository.rstrip('/')}/{form}?{urlencode({field: title})}"


def offer(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Tell the page's templates where its errors are to be reported."""
    if app.config.repository:
        context["report_errors"] = new_issue(app.config.repository, f"Error on the page {page}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect them."""
    app.add_config_value("repository", "", "html", types=(str, type(None)))
    app.connect("config-inited", check)
    app.connect("html-page-context", offer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
