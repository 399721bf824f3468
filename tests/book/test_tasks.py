"""The tasks of tools/book.py, without doing what they do."""

from __future__ import annotations

import pytest

import book


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """The tools that are run, of which the first fails; the site is built and has no Python yet."""
    tools = []

    def run(node, tool, *_, **__):
        tools.append(tool)
        if len(tools) == 1:
            raise SystemExit(1)

    monkeypatch.setattr(book, "html", lambda: None)
    monkeypatch.setattr(book, "run", run)
    monkeypatch.setattr(book, "SITE", tmp_path)
    return tools


def test_elsewhere_runs_both_tools_and_fails_if_one_does(asked):
    """A cell that differs does not keep the library's tests from being run."""
    place = book.SITE / "_static" / "run"
    place.mkdir(parents=True)
    (place / "files.json").write_text("{}")
    with pytest.raises(SystemExit) as ended:
        book.elsewhere()
    assert ended.value.code == 1
    assert asked == ["tools/run_cells.mjs", "tools/test_library.mjs"]


def test_elsewhere_says_that_the_site_has_no_python_for_the_browser(asked):
    """Rather than that a file is not there."""
    with pytest.raises(SystemExit, match="no Python for the browser"):
        book.elsewhere()
    assert asked == []
