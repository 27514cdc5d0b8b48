"""Announced dividends: what counts of several notices, as of which minute."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.base.clock import JST
from jstock_core.market.dividends import CashDividend, DividendNotices, known_dividends
from jstock_core.testing import DividendNotice, panel
from jstock_core.testing.facts import dividends_of

EX, PAY = date(2026, 3, 30), date(2026, 6, 26)


def notice(known: str, rate: float | None = 30, pay: date | None = PAY, **more: object) -> DividendNotice:
    return DividendNotice("7203", EX, rate, pay, known, **more)  # type: ignore[arg-type]


def known(notices: DividendNotices, at: str = "2026-07-01T07:00") -> tuple[CashDividend, ...]:
    return known_dividends(notices, "7203", np.datetime64(at, "m"))


def test_a_forecast_counts_until_the_decision_is_known():
    found = dividends_of(
        [
            notice("2026-02-10T15:00", 28, None, is_decided=False),
            notice("2026-05-12T15:30"),
        ]
    )
    assert known(found, "2026-02-10T14:59") == ()
    assert known(found, "2026-05-12T15:29") == (
        CashDividend("7203", EX, None, Decimal(28), is_decided=False),
    )
    assert known(found, "2026-05-12T15:30") == (CashDividend("7203", EX, PAY, Decimal(30)),)


def test_a_later_forecast_does_not_replace_a_decision():
    found = dividends_of([notice("2026-05-12T15:30"), notice("2026-05-20T15:30", 35, is_decided=False)])
    assert known(found) == (CashDividend("7203", EX, PAY, Decimal(30)),)


def test_a_correction_takes_the_place_of_the_notice_that_it_names():
    found = dividends_of(
        [
            notice("2026-05-12T15:30", number="1"),
            notice("2026-05-13T15:30", 31, number="2", amends="1"),
            notice("2026-05-14T15:30", 32.5, date(2026, 6, 29), number="3", amends="1"),
        ]
    )
    assert known(found, "2026-05-13T16:00") == (CashDividend("7203", EX, PAY, Decimal(31)),)
    assert known(found) == (CashDividend("7203", EX, date(2026, 6, 29), Decimal("32.5")),)


def test_a_correction_may_move_the_ex_date():
    moved = DividendNotice("7203", "2026-03-27", 30, PAY, "2026-03-01T12:00", number="2", amends="1")
    found = dividends_of([notice("2026-02-12T15:30", number="1"), moved])
    assert known(found) == (CashDividend("7203", date(2026, 3, 27), PAY, Decimal(30)),)


def test_a_deleted_notice_counts_no_more_and_a_new_one_does():
    deleted = [
        notice("2026-05-12T15:30", number="1"),
        notice("2026-05-13T09:00", number="2", amends="1", deletes=True),
    ]
    again = notice("2026-05-14T15:30", 31, number="3")
    assert known(dividends_of(deleted)) == ()
    assert known(dividends_of([*deleted, again])) == (CashDividend("7203", EX, PAY, Decimal(31)),)


def test_two_decisions_that_do_not_refer_to_each_other_are_in_doubt():
    differ = dividends_of([notice("2026-05-12T15:30"), notice("2026-05-13T15:30", 5)])
    assert "do not refer" in known(differ)[0].doubt
    repeated = dividends_of([notice("2026-05-12T15:30"), notice("2026-05-13T15:30")])
    assert known(repeated)[0].doubt == ""


def test_money_out_of_capital_is_in_doubt():
    assert "out of capital" in known(dividends_of([notice("2026-05-12T15:30", is_plain=False)]))[0].doubt


@pytest.mark.parametrize("rate", [12.345, 0.1, 33.34, 1234567.89, 0.0])
def test_the_rate_is_exact(rate):
    assert known(dividends_of([notice("2026-05-12T15:30", rate)]))[0].rate == Decimal(str(rate))


def test_a_day_without_a_session_pays_in_the_next_one():
    """2026-06-27 is a Saturday. A day beyond the calendar is not known."""
    saturday = dividends_of([notice("2026-05-12T15:30", pay=date(2026, 6, 27))])
    assert known(saturday)[0].pay_session == date(2026, 6, 29)
    assert saturday.paid_in == {date(2026, 6, 29): {"7203"}}
    assert known(dividends_of([notice("2026-05-12T15:30", pay=date(2099, 1, 5))]))[0].pay_session is None
    assert known(dividends_of([notice("2026-05-12T15:30", pay=None)]))[0].pay_session is None


def test_a_panel_holds_what_was_known():
    whole = panel(
        {"7203": 3000.0}, facts=[notice("2026-01-19T15:30"), notice("2026-01-20T20:00", number="2")]
    )
    cut = whole.known_at(datetime(2026, 1, 20, 7, 0, tzinfo=JST))
    assert (len(whole.dividends), len(cut.dividends), len(panel({"7203": 1.0}).dividends)) == (2, 1, 0)
