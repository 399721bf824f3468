"""What holds for all tests of the desk."""

from __future__ import annotations

import weakref
from typing import Any

import pytest

from hedgelab.desk.journal import Journal


@pytest.fixture(autouse=True)
def journals_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal of a desk that a test forgets is closed with it: Python since 3.13 asks for that."""
    begin = Journal.__init__

    def begin_and_remember(journal: Journal, *given: Any, **options: Any) -> None:
        begin(journal, *given, **options)
        weakref.finalize(journal, journal._file.close)

    monkeypatch.setattr(Journal, "__init__", begin_and_remember)
