"""Who held what at a past close."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.book.holders import facts_of, lots_before
from jstock_core.state.facts.events import CodeMoved, Deposit, Filled

DAY, NEXT, LAST = date(2026, 1, 6), date(2026, 1, 7), date(2026, 1, 8)


def fill(side: str, shares: int, day: date) -> Filled:
    return Filled(
        session=day, source="manual", group="core", code="7203", side=side, shares=shares,  # type: ignore[arg-type]
        price=Decimal(3000), order_id=None,
    )  # fmt: skip


def start() -> Deposit:
    return Deposit(session=DAY, source="desk", group="core", amount=10_000_000, reason="")


def test_a_close_is_that_of_the_session_before():
    book = replay([start(), fill("BUY", 300, DAY), fill("SELL", 100, NEXT)])
    held = {
        day: sum(lot.shares for lot in lots_before(book, "7203", day).get("core", ()))
        for day in (DAY, NEXT, LAST)
    }
    assert held == {DAY: 0, NEXT: 300, LAST: 200}
    assert lots_before(book, "6758", LAST) == {}


def test_a_code_that_moved_is_found_under_both_names():
    moved = CodeMoved(session=LAST, source="manual", code="7203", to="7299", numerator=2, denominator=1)
    book = replay([start(), fill("BUY", 300, DAY), moved])
    assert [entry.event.name for entry in facts_of(book, "7203")] == ["fill", "code_move"]
    assert facts_of(book, "7299") == facts_of(book, "7203")
    assert facts_of(book, "6758") == ()
    assert [lot.shares for lot in lots_before(book, "7203", LAST)["core"]] == [300]
    assert [lot.shares for lot in lots_before(book, "7299", date(2026, 1, 9))["core"]] == [600]


def test_a_book_cached_for_reading_does_not_know():
    with pytest.raises(StateError, match="cached book"):
        lots_before(replace(replay([start(), fill("BUY", 300, DAY)]), entries=None), "7203", LAST)
