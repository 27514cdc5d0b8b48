"""Dividends on a desk: expected, booked once by the daily run, recorded by hand, and corrected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jstock_core.base.alerts import DayStatus, Severity
from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli.trade.status import show_status
from jstock_core.desk.care.correct import correct_fact, restore_fact, reverse_fact
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.cash import record_dividend
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.trading.portfolio.tax import tax_estimate
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.execution import dividend_checks
from jstock_core.reports.render.page import MorningPage
from jstock_core.state.facts.events import Dividend
from jstock_core.testing import DividendNotice, with_facts
from tests.desk.mornings import (
    EX_DATE,
    LAST,
    LATER,
    SEEN,
    WHOLE,
    Mornings,
    alerts,
    morning_after,
    purchase,
)

PAID = LATER
FACT = f"dividend:core:7203:ex:{SEEN}"
NET = 3_000 - 459 - 150
"""100 shares at 30 yen, less 15.315 % and 5 %, each without the fraction of a yen."""


def notice(known: str = "2026-01-20T15:30", rate: float = 30, **more: object) -> DividendNotice:
    return DividendNotice("7203", SEEN, rate, PAID, known, **more)  # type: ignore[arg-type]


def market(*notices: DividendNotice):
    return with_facts(WHOLE, *(notices or (notice(),)))


def opened(desk: Mornings, session=LATER):
    return open_desk(desk.root, now=morning_after(session))


def dividends(desk: Mornings, session=LAST) -> list[Dividend]:
    return [e for e in opened(desk, session).journal().events() if isinstance(e, Dividend)]


def typed(desk: Mornings, yen: str, session=LATER, **more):
    day = str(more.pop("date", session))
    return record_dividend(opened(desk, session), "core", "7203", yen, reason="credited", date=day, **more)


def test_it_is_expected_outside_equity_and_booked_on_the_day_it_is_paid(tmp_path, capsys):
    desk = Mornings(tmp_path, market(), "7203")
    day = desk.after(SEEN)
    core = day.report.portfolio.accounts[0]
    assert (core.receivable, core.dividends, core.equity) == (NET, 0, 5_000_000)
    assert f"¥{NET:,} dividends expected" in MorningPage(day.report).performance.plain
    assert "expected, not in equity" in MorningPage(day.report).positions.plain
    found = portfolio_status(opened(desk, SEEN))
    assert (found.whole.receivable, found.whole.equity) == (NET, 5_000_000)
    (expected,) = found.as_json()["expected_dividends"]
    assert (expected["group"], expected["code"], expected["amount"], expected["pay_date"]) == (
        "core", "7203", NET, str(PAID),
    )  # fmt: skip
    show_status(found)
    assert "expected dividends, not in equity" in capsys.readouterr().out
    assert dividends(desk, EX_DATE) == []

    for session in (EX_DATE, LATER):
        day = desk.after(session)
    assert [(e.id, e.session, e.amount, e.source) for e in dividends(desk)] == [(FACT, PAID, NET, "desk")]
    core = day.report.portfolio.accounts[0]
    assert (core.receivable, core.dividends, core.equity) == (0, NET, 5_000_000 + NET)
    assert core.price_return_pct == 0
    assert core.return_pct == pytest.approx(100 * NET / 5_000_000)
    assert "(0.0 % without dividends)" in MorningPage(day.report).performance.plain
    assert portfolio_status(opened(desk)).expected == ()
    assert portfolio_status(opened(desk), as_of=str(SEEN)).whole.receivable == NET


def test_a_morning_that_is_run_again_books_nothing_more(tmp_path):
    desk = Mornings(tmp_path, market(), "7203")
    desk.after(LATER)
    before = opened(desk).journal().events()
    run_day(opened(desk))
    assert opened(desk).journal().events() == before
    desk.after(LAST)
    assert len(dividends(desk)) == 1


def test_it_is_paid_though_the_stock_was_sold_on_the_ex_date(tmp_path):
    desk = Mornings(tmp_path, market(), "7203")
    desk.after(SEEN)
    sale = replace(purchase(EX_DATE, "7203", 100, 1000), side="SELL")
    opened(desk, EX_DATE).journal().append([sale])
    desk.after(LATER)
    assert [e.amount for e in dividends(desk)] == [NET]


def test_what_was_typed_before_the_data_know_of_it_counts_once(tmp_path):
    desk = Mornings(tmp_path, market(notice(f"{PAID}T18:00")), "7203")
    desk.load(EX_DATE)
    typed(desk, f"{NET}", EX_DATE)
    day = desk.after(LATER)
    assert alerts(day, "dividend_difference") == []
    assert [e.source for e in dividends(desk)] == ["manual"]


def test_what_was_typed_otherwise_counts_with_a_warning(tmp_path):
    """As where a lot is in a NISA account and nobody said so."""
    desk = Mornings(tmp_path, market(), "7203")
    desk.load(EX_DATE)
    fact = typed(desk, "3000", EX_DATE).recorded[0]
    day = desk.after(LATER)
    (alert,) = alerts(day, "dividend_difference")
    assert (alert.severity, day.status) == (Severity.WARNING, DayStatus.COMPLETE)
    assert f"is ¥{NET:,} after tax by the market data, and ¥3,000 is recorded" in alert.text
    assert f"`jstock state correct {fact} --amount {NET} --reason TEXT`" in alert.remedy
    assert [e.amount for e in dividends(desk)] == [3000]


def test_typing_what_the_desk_booked_is_refused(tmp_path):
    desk = Mornings(tmp_path, market(), "7203")
    desk.after(LATER)
    with pytest.raises(UsageError, match=f"has booked a dividend of 7203.*core ¥{NET:,} on {PAID}") as caught:
        typed(desk, f"{NET}")
    assert f"`jstock state correct {FACT} --amount YEN --reason TEXT`" in caught.value.do
    assert len(dividends(desk)) == 1
    typed(desk, "500", again=True)
    assert len(dividends(desk)) == 2
    assert alerts(desk.after(LAST), "dividend_difference") == []


def test_a_correction_before_the_payment_is_booked(tmp_path):
    earlier = notice(f"{EX_DATE}T18:00", 28, number="2", amends="1")
    desk = Mornings(tmp_path, market(notice(number="1"), earlier), "7203")
    assert [desk.after(s).report.portfolio.whole.receivable for s in (SEEN, EX_DATE)] == [
        NET,
        2_800 - 428 - 140,
    ]
    day = desk.after(LATER)
    assert [e.amount for e in dividends(desk)] == [2_800 - 428 - 140]
    assert alerts(day, "dividend_difference") == []


def test_a_correction_after_the_booking_is_an_alert_with_the_command(tmp_path):
    later = notice(f"{LAST}T18:00", 28, number="2", amends="1")
    desk = Mornings(tmp_path, market(notice(number="1"), later), "7203")
    assert alerts(desk.after(LATER), "dividend_difference") == []
    day = desk.after(LAST)
    (alert,) = alerts(day, "dividend_difference")
    assert (alert.severity, day.status) == (Severity.ALERT, DayStatus.DEGRADED)
    assert f"was booked as ¥{NET:,} and now is ¥2,232 after tax" in alert.text
    assert f"`jstock state correct {FACT} --amount 2232 --reason TEXT`" in alert.remedy
    assert [e.amount for e in dividends(desk)] == [NET]
    correct_fact(opened(desk, LAST), FACT, {"amount": "2230"}, reason="as the broker credited it")
    assert [(e.id, e.amount, e.source) for e in dividends(desk)] == [(FACT, 2230, "manual")]
    assert alerts(desk.after(WHOLE.dates[-1]), "dividend_difference") == []


def test_an_announcement_that_is_taken_back_after_the_booking_is_an_alert(tmp_path):
    gone = notice(f"{LAST}T18:00", number="2", amends="1", deletes=True)
    desk = Mornings(tmp_path, market(notice(number="1"), gone), "7203")
    desk.after(LATER)
    (alert,) = alerts(desk.after(LAST), "dividend_difference")
    assert "and is none any more" in alert.text
    assert f"`jstock state correct {FACT} --reverse --reason TEXT`" in alert.remedy
    reverse_fact(opened(desk, LAST), FACT, reason="nothing was paid")
    assert dividends(desk) == []


def test_what_a_person_took_back_is_neither_booked_again_nor_missed(tmp_path):
    desk = Mornings(tmp_path, market(), "7203")
    desk.after(LATER)
    reverse_fact(opened(desk), FACT, reason="it was not credited")
    day = desk.after(LAST)
    assert dividends(desk) == []
    assert alerts(day, "dividend_difference") == []
    restore_fact(opened(desk, LAST), FACT, reason="it was")
    assert [e.amount for e in dividends(desk)] == [NET]


def test_one_that_becomes_known_after_the_payment_is_an_alert_until_it_is_recorded(tmp_path):
    desk = Mornings(tmp_path, market(notice(f"{LAST}T18:00")), "7203")
    assert alerts(desk.after(LATER), "dividend_difference") == []
    (alert,) = alerts(desk.after(LAST), "dividend_difference")
    assert f"paid {PAID}, is ¥{NET:,} after tax and is not recorded" in alert.text
    assert f"`jstock trade cash dividend core 7203 {NET} --date {PAID}`" in alert.remedy
    typed(desk, f"{NET}", LAST, date=PAID)
    assert alerts(desk.after(WHOLE.dates[-1]), "dividend_difference") == []


def test_a_verification_and_the_tax_of_a_year_say_how_dividends_stand(tmp_path):
    desk = Mornings(tmp_path, market(), "7203")
    desk.after(SEEN)
    assert verify_journal(opened(desk, SEEN)).dividends.text == (
        f"no dividends received; 1 expected, ¥{NET:,}"
    )
    desk.after(LATER)
    found = verify_journal(opened(desk))
    assert (found.dividends.text, found.faults) == (f"1 dividend received, ¥{NET:,}", ())
    (of_year,) = tax_estimate(opened(desk), "2026").dividends
    assert (of_year.account, of_year.count, of_year.amount, of_year.withheld) == ("特定", 1, NET, 609)
    assert tax_estimate(opened(desk), "2025").dividends == ()
    reverse_fact(opened(desk), FACT, reason="it was not credited")
    desk.revise(market(notice(), notice("2026-01-20T15:31", 40)))
    desk.after(LAST)
    typed(desk, "500", LAST)
    (estimate, standing) = (
        tax_estimate(opened(desk, LAST), "2026"),
        verify_journal(opened(desk, LAST)).dividends,
    )
    assert [(each.account, each.amount, each.withheld) for each in estimate.dividends] == [("", 500, None)]
    assert "those of 2026 are ¥500 received, of which it is not known what was withheld" in estimate.notes[-1]
    assert standing.received_yen == 500


def test_a_verification_names_a_dividend_that_is_missing_and_faults_nothing(tmp_path):
    desk = Mornings(tmp_path, market(notice(f"{LAST}T18:00")), "7203")
    for session in (LATER, LAST):
        desk.after(session)
    found = verify_journal(opened(desk, LAST))
    assert (found.exit, found.faults) == (ExitStatus.OK, ())
    (difference,) = found.dividends.differences
    assert f"is ¥{NET:,} after tax and is not recorded" in difference
    assert f"`jstock trade cash dividend core 7203 {NET} --date {PAID}`" in difference
    assert found.dividends.text == "no dividends received; 1 differs from the market data"


def test_an_old_one_whose_notice_the_desk_had_not_is_a_warning_until_it_is_recorded(tmp_path, monkeypatch):
    """As where a source that delivers dividends comes late: the notice itself is old."""
    monkeypatch.setattr(dividend_checks, "WATCHED", 1)
    desk = Mornings(tmp_path, WHOLE, "7203")
    desk.after(LATER)
    desk.revise(market())
    day = desk.after(LAST)
    (alert,) = alerts(day, "dividend_difference")
    assert (alert.severity, day.status) == (Severity.WARNING, DayStatus.COMPLETE)
    assert f"paid {PAID}, is ¥{NET:,} after tax and is not recorded" in alert.text
    typed(desk, f"{NET}", LAST, date=PAID)
    assert alerts(desk.after(WHOLE.dates[-1]), "dividend_difference") == []


def test_one_that_nobody_decided_is_an_alert_on_the_day_it_is_paid(tmp_path):
    desk = Mornings(tmp_path, market(notice(is_decided=False)), "7203")
    day = desk.after(LATER)
    (alert,) = alerts(day, "dividend_difference")
    assert "is not known (it is still a forecast) and is not recorded" in alert.text
    assert f"`jstock trade cash dividend core 7203 YEN --date {PAID}`" in alert.remedy
    assert dividends(desk) == []


def test_who_bought_on_the_ex_date_is_paid_nothing(tmp_path):
    desk = Mornings(tmp_path, market())
    desk.buy(SEEN, "7203", 100, 1000, morning_after(SEEN))
    assert desk.after(LATER).report.portfolio.expected == ()
    assert dividends(desk) == []
