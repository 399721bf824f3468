"""What holds for all tests."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

#: The tests that open browsers.
SITE = Path(__file__).parent / "site"

#: The loop that counted as running before a test.
LOOP = pytest.StashKey[asyncio.AbstractEventLoop | None]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that is not of the site may run an event loop.

    Once a browser was driven, Playwright's loop counts as running in this thread until the last test, though it
    only turns while Playwright is called.
    """
    if SITE not in item.path.parents:
        item.stash[LOOP] = asyncio._get_running_loop()
        asyncio._set_running_loop(None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Playwright goes on as it was."""
    if LOOP in item.stash:
        asyncio._set_running_loop(item.stash[LOOP])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What builds the book or runs whole chapters comes first, so that in the end no core waits for another."""
    long = ("any_folder", "lab_chapters", "taken_home", "another_kernel", "browsers_python", "resets_a_page")
    items.sort(key=lambda item: not any(name in item.nodeid for name in long))
