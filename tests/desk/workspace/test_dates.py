"""Spans as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.workspace.dates import parse_span, require_order


@pytest.mark.parametrize(("first", "last", "want"), [
    ("2024", "2025", (date(2024, 1, 1), date(2025, 12, 31))),
    ("2024-02", "2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
    ("2024-12", "2024-12", (date(2024, 12, 1), date(2024, 12, 31))),
    ("2024-03-05", "", (date(2024, 3, 5), None)),
    ("", date(2024, 3, 5), (None, date(2024, 3, 5))),
])  # fmt: skip
def test_a_year_and_a_month_are_spans(first, last, want):
    assert parse_span(first, last) == want


@pytest.mark.parametrize("text", ["2024-13", "2024-00", "24", "yesterday", "2024-02-30", "0000", "9999"])
def test_anything_else_is_an_error(text):
    with pytest.raises(UsageError, match="is not a date") as caught:
        parse_span(text, "")
    assert "2026-01" in caught.value.do


def test_a_span_of_days_the_wrong_way_round_is_an_error():
    require_order(date(2026, 1, 20), date(2026, 1, 20))
    with pytest.raises(UsageError, match="2026-01-21 lies after 2026-01-20"):
        require_order(date(2026, 1, 21), date(2026, 1, 20))


def test_the_wrong_way_round_is_an_error():
    with pytest.raises(UsageError, match="2025 lies after 2024"):
        parse_span("2025", "2024")
