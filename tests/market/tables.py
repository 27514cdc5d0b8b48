"""Answers from tables that were compiled elsewhere, beside the project."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

MARKET = Path(__file__).parents[2].parent / "shared" / "market"
needs_answers = pytest.mark.skipif(not MARKET.is_dir(), reason=f"no market tables at {MARKET}")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of an answer table; none where it is missing (the tests that need it skip)."""
    path = MARKET / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def yen(text: str) -> Decimal:
    """A number of an answer table; the open end of the last row is far above every price."""
    return Decimal(text or 100_000_000)
