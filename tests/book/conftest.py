"""What the tests of the book share."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_book import SmallBook


@pytest.fixture
def small_book(tmp_path: Path) -> SmallBook:
    """A new one of one page for each test."""
    return SmallBook(tmp_path)
