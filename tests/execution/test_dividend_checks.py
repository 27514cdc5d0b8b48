"""How long a dividend that nobody recorded is looked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jstock_core.execution.dividend_checks import CORRECTED_WITHIN, WATCHED, dividend_differences
from jstock_core.market.calendar import tse
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Deposit, Filled
from jstock_core.testing import DividendNotice, panel

EX, PAY = date(2025, 1, 14), date(2025, 2, 14)
BOUGHT = tse().previous(EX)
BOOK = replay(
    [
        Deposit(session=BOUGHT, source="desk", group="core", amount=10_000_000, reason=""),
        Filled(
            session=BOUGHT, source="manual", group="core", code="7203", side="BUY", shares=100,
            price=Decimal(3000), order_id=None,
        ),
    ]
)  # fmt: skip


def found(after: int, notice: DividendNotice) -> list[tuple[int | None, bool]]:
    """What is missed so many sessions after the payment: yen due, and whether that is old."""
    days = tse().between(BOUGHT, tse().days[tse().days.searchsorted(PAY) + after].item())
    market = panel({"7203": 3000.0}, sessions=days, facts=[notice])
    differences = dividend_differences(BOOK, market, len(days) - 1)
    return [(each.due, each.is_old) for each in differences]


def notice(known: str = "2024-12-20", rate: float | None = 45, **more: bool) -> DividendNotice:
    return DividendNotice("7203", EX, rate, PAY, f"{known}T15:30", **more)  # type: ignore[arg-type]


NET = 4_500 - 689 - 225


@pytest.mark.parametrize(
    ("after", "old"),
    [(0, [False]), (WATCHED - 1, [False]), (WATCHED, [True]), (CORRECTED_WITHIN - 1, [True]),
     (CORRECTED_WITHIN, [])],
)  # fmt: skip
def test_one_that_is_decided_is_looked_for_as_long_as_corrections_are(after: int, old: list[bool]) -> None:
    assert found(after, notice()) == [(NET, is_old) for is_old in old]


@pytest.mark.parametrize(("after", "old"), [(60, False), (60 + WATCHED, True)])
def test_one_that_is_announced_long_after_the_payment_is_new_then(after: int, old: bool) -> None:
    known = str(tse().days[tse().days.searchsorted(PAY) + 60])
    assert found(after, notice(known)) == [(NET, old)]


@pytest.mark.parametrize(("after", "count"), [(WATCHED - 1, 1), (WATCHED, 0)])
def test_of_one_in_doubt_nothing_is_said_for_longer(after: int, count: int) -> None:
    assert len(found(after, notice(is_decided=False))) == count
    assert len(found(after, notice(rate=None))) == count
