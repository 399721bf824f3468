"""What holds for all tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What builds the book or runs whole chapters comes first, so that in the end no core waits for another."""
    long = ("test_any_folder", "test_lab_chapters", "in_another_kernel")
    items.sort(key=lambda item: not any(name in item.nodeid for name in long))
