"""Notebooks for the tests, made from pieces of code."""

from __future__ import annotations

import json
from typing import Any

from coursework.assignment import load

HW0 = load("tests/coursework/hw0")

SQUARE = "def square(x):\n    return x * x"
CASH = "import numpy as np\ndef cash(x, trades, prices):\n    return x - np.cumsum(np.array(trades) * prices)"
BUSIEST = 'most_traded = "Monday"'
POLICY = "class Policy:\n    def holding(self, delta):\n        return delta"
WORDS = "A gap, and the seller bears it."
GOOD = (SQUARE, CASH, BUSIEST, POLICY)


def cell(source: str, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, **extra}


def notebook(*cells: str | dict[str, Any], language: str = "python") -> bytes:
    """The bytes of a notebook of these cells of code, and of an answer in words."""
    made = [cell(one) if isinstance(one, str) else one for one in cells]
    made.append(cell(WORDS, "markdown", question="q5"))
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": language}}
    return json.dumps({"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 5}).encode()
