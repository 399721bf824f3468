"""What holds for all tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Builds of the whole book come first, so that in the end no core waits for another."""
    items.sort(key=lambda item: "test_any_folder" not in item.nodeid)
