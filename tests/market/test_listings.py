from __future__ import annotations

from datetime import date

import pytest

from jstock_core.market.listings import DatedListing, Listing, known_lists, listing_on

OLD, NEW = Listing("7203", "甲", "s", unit=1000), Listing("7203", "乙", "s", unit=100)
LISTS = {"7203": (DatedListing(date(2024, 1, 4), OLD), DatedListing(date(2025, 1, 6), NEW))}


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2023-06-01", OLD), ("2024-01-04", OLD), ("2025-01-05", OLD), ("2025-01-06", NEW), ("2026-01-05", NEW)],
)
def test_a_listing_holds_from_its_day_and_the_first_before_it_too(on: str, expected: Listing) -> None:
    assert listing_on(LISTS, NEW, date.fromisoformat(on)) == expected


def test_a_stock_that_never_changed_has_one_listing() -> None:
    other = Listing("6501", "丙", "s")
    assert listing_on(LISTS, other, date(2024, 1, 4)) == other


def test_nothing_is_known_of_a_list_before_its_day() -> None:
    assert known_lists(LISTS, date(2025, 1, 5)) == {"7203": LISTS["7203"][:1]}
    assert known_lists(LISTS, date(2025, 1, 6)) == LISTS
    assert known_lists(LISTS, date(2020, 1, 6)) == {"7203": LISTS["7203"][:1]}
    assert known_lists({}, date(2025, 1, 6)) == {}
