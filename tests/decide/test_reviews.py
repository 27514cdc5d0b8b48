"""`time_review` is asked once per k, and what a morning misses is asked at the next complete one.

One stock bought at 1,000 on 2025-12-01 and reviewed every 30 days: 2025-12-31 is a holiday, so the first
session on or after the first review is 2026-01-05, which the morning of 2026-01-06 looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.decide import Conditions
from jstock_core.decide.morning import morning
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.signals.library.make import make_exit
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import Decided, Deposit, Filled, OrderPlaced, Settled
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar
from tests.execution.ledger import GROUP
from tests.execution.rules import a_group

BOUGHT, LAST = date(2025, 12, 1), date(2026, 3, 31)
FIRST, SECOND = date(2026, 1, 6), date(2026, 2, 2)
"""The mornings of the first two reviews: their D are 2026-01-05 and 2026-01-30 (entry + 35 and + 60 days)."""
REVIEWS = a_group(exit_=make_exit([{"layer": "time_review", "days": 30, "score": 100}], "test"))


def market_at(prices: Mapping[date, float], otherwise: float = 900.0) -> Panel:
    """One stock at 900 yen, a loss; on some sessions at other prices."""
    panel = market({"1001": otherwise}, sessions=120, last=LAST)
    for session, price in prices.items():
        panel = with_bar(panel, "1001", session, open=price)
    return panel


def held_since(session: date = BOUGHT) -> Book:
    return replay([
        Deposit(session=session, source="desk", group=GROUP, amount=1_000_000, reason="initial capital"),
        Filled(
            session=session, source="manual", group=GROUP, code="1001", side="BUY",
            shares=300, price=Decimal(1000), order_id=None,
        ),
        Settled(session=tse().back(FIRST, 5), source="desk"),
    ])  # fmt: skip


def sells_on(panel: Panel, *mornings: date, degraded: tuple[date, ...] = (), late: tuple[date, ...] = ()):
    """The trade dates, of the mornings that took place, for which the review placed a sell."""
    book, found = held_since(), []
    for trade_date in mornings:
        row = panel.row(tse().previous(trade_date))
        view = View.of(panel, Features.of(panel), row, row, np.array([trade_date], dtype="datetime64[D]"))
        halt = "stale" if trade_date in degraded else ""
        conditions = Conditions(("1001",), halt=halt, late=trade_date in late)
        step = morning(book, view, 0, (REVIEWS,), conditions)
        book = step.book
        found += [event.session for event in step.events if isinstance(event, OrderPlaced)]
        [made] = [event for event in step.events if isinstance(event, Decided)]
        assert made.status == ("degraded" if trade_date in degraded else "complete")
    return found


def days(first: date, last: date) -> list[date]:
    return list(tse().between(first, last))


BEFORE = days(date(2025, 12, 30), date(2026, 1, 5))


def test_it_is_asked_at_the_first_decision_on_or_after_the_day():
    assert sells_on(market_at({}), *BEFORE, FIRST) == [FIRST]


def test_it_is_asked_once_per_k():
    """A winner on the first review is a loser the day after: it waits for the second."""
    panel = market_at({date(2026, 1, 5): 1100.0})
    assert sells_on(panel, *BEFORE, *days(FIRST, SECOND)) == [SECOND]


@pytest.mark.parametrize("missed", [1, 3, 10])
def test_a_missed_morning_delays_it(missed):
    later = days(FIRST, LAST)[missed]
    assert sells_on(market_at({}), *BEFORE, later) == [later]


def test_a_delayed_review_is_asked_once():
    """Missed on its day; a winner on the morning after, a loser on the next."""
    panel = market_at({date(2026, 1, 6): 1100.0})
    assert sells_on(panel, *BEFORE, *days(FIRST, SECOND)[1:]) == [SECOND]


def test_a_degraded_morning_delays_it():
    """Whatever it asked, the first complete decision asks again."""
    panel = market_at({date(2026, 1, 5): 1100.0})
    mornings = days(FIRST, date(2026, 1, 8))
    assert sells_on(panel, *BEFORE, *mornings, degraded=(FIRST,)) == [mornings[1]]


def test_the_first_decision_of_a_group_asks_what_fell_due_before():
    assert sells_on(market_at({}), date(2026, 1, 20)) == [date(2026, 1, 20)]


def test_it_is_asked_again_every_morning_until_it_is_filled():
    """Locked at the lower limit of its first two sessions, it finds no buyer."""
    panel = market_at({date(2026, 1, 6): 750.0, date(2026, 1, 7): 600.0})
    panel = with_bar(panel, "1001", date(2026, 1, 8), open=620.0, close=640.0)
    assert sells_on(panel, *BEFORE, *days(FIRST, date(2026, 1, 9))) == days(FIRST, date(2026, 1, 8))


def test_it_is_not_asked_again_once_its_condition_has_ended():
    """Placed too late on its day, a winner at that close, a loser again: that waits for the second review."""
    panel = with_bar(market_at({}), "1001", date(2026, 1, 6), open=910.0, close=1010.0)
    assert sells_on(panel, *BEFORE, *days(FIRST, SECOND), late=(FIRST,)) == [FIRST, SECOND]


def test_a_missed_morning_does_not_end_what_found_no_fill():
    panel = market_at({date(2026, 1, 6): 750.0})
    again = days(FIRST, LAST)[4]
    assert sells_on(panel, *BEFORE, FIRST, again) == [FIRST, again]
