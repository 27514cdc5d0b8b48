"""What is told of a morning, and what is told once only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, ExitStatus, JstockError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.settings.notify import KINDS
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.notify.message import Kind, Letterhead, Message, cut_for_phone
from jstock_core.ops.notify.messages import (
    JobFailure,
    check_message,
    failure_message,
    headline_message,
    reminder_message,
)
from jstock_core.ops.notify.news import (
    Memory,
    News,
    Told,
    failure_news,
    remember_said,
    report_news,
    success_news,
    todo_news,
)
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from tests.ops.notify.people import DAY, SEVEN
from tests.storms.desks import BUSY

HEAD = Letterhead("test", SEVEN, ("SIMULATED",))
LOST = Alert(
    "unresolved_order", Severity.ALERT, "7203", "a: the BUY of 7203 has no fill", "run `jstock trade record`"
)
LATE = Alert("late_data", Severity.WARNING, "topix", "Decided although TOPIX is late")


@pytest.fixture(scope="module")
def report(shared_desk: Callable[..., Desk]) -> Report:
    """A morning with orders that a person places, without alerts."""
    manual = {"conservative": BUSY | {"fills": "manual"}}
    desk = shared_desk(history_sessions=0, changes=manual)
    made = run_day(desk, desk.next_trade_date).report
    assert made.execution.broker
    return replace(made, alerts=())


def told(report: Report, known: Iterable[Told] = (), again: date = DAY - timedelta(days=30)) -> News:
    memory = Memory({each.key: each for each in known}, again)
    return report_news(HEAD, report, ENGLISH, {}, memory)


def remembered(before: Iterable[Told], news: News) -> list[Told]:
    """What is remembered after some news, as the outbox does."""
    new = {each.key: each for each in news.told}
    return [each for each in before if each.key not in {*news.over, *new}] + list(new.values())


def of_kind(news: News, kind: Kind) -> Message:
    (found,) = [message for message in news.messages if message.kind is kind]
    return found


def test_every_kind_can_be_routed() -> None:
    assert tuple(Kind) == KINDS


def test_a_report_has_its_mail_and_a_short_form(report: Report) -> None:
    message = of_kind(told(report), Kind.REPORT)
    assert message.body is not None
    assert message.subject == message.body.subject
    assert len(message.short) <= 320
    assert message.made == SEVEN


def test_orders_to_place_are_something_to_do(report: Report) -> None:
    message = of_kind(told(report), Kind.ACTION)
    tickets = [t for t in report.execution.broker if t.side and t.filler == "you"]
    assert message.subject == f"[SIMULATED] Wed 2026-01-21: {len(tickets)} orders to place (test)"
    assert all(f"{t.side} {t.code} {t.shares:,}" in message.text for t in tickets)
    assert "jstock trade record --date 2026-01-21" in message.text
    assert len(message.short) <= 320


def test_a_rerun_is_no_news(report: Report) -> None:
    first = told(report)
    assert told(report, first.told) == News()
    assert [m.key for m in told(report).messages] == [m.key for m in first.messages]


def test_a_morning_that_is_shown_again_is_the_same_report(
    report: Report,
) -> None:
    """What was filled since, alerts that came or went and the words of the run make no new report."""
    filled = replace(
        report,
        alerts=(LATE,),
        execution=replace(
            report.execution, broker=(),
            tickets=tuple(replace(ticket, outcome="filled") for ticket in report.execution.tickets),
        ),
    )  # fmt: skip
    assert told(filled).messages[0].key == told(report).messages[0].key


def test_orders_that_changed_are_told_again_and_withdrawn_ones_too(report: Report) -> None:
    first = told(report)
    one = next(ticket for ticket in report.execution.tickets if ticket.filled_by == "you")
    others = [ticket for ticket in report.execution.tickets if ticket is not one]
    cut = replace(
        report, execution=replace(report.execution, tickets=(replace(one, shares=one.shares + 100), *others))
    )
    second = told(cut, first.told)
    assert of_kind(second, Kind.ACTION).key != of_kind(first, Kind.ACTION).key
    none = replace(report, execution=replace(report.execution, tickets=(), broker=()))
    third = told(none, remembered(first.told, second))
    assert "the orders told before are withdrawn" in of_kind(third, Kind.ACTION).text
    assert [m.kind for m in told(none).messages] == [Kind.REPORT]


def test_orders_that_wait_for_approval_are_told_once_they_are_approved(report: Report) -> None:
    waiting = tuple(replace(ticket, waits=True) for ticket in report.execution.tickets)
    before = replace(report, execution=replace(report.execution, tickets=waiting, broker=()))
    first = told(before)
    assert [message.kind for message in first.messages] == [Kind.REPORT]
    assert "to place" in of_kind(told(report, first.told), Kind.ACTION).subject


def test_alerts_that_need_a_person_are_actions_and_warnings_warn(report: Report) -> None:
    info = Alert("data", Severity.INFO, "7203", "a wide range")
    news = told(replace(report, alerts=(LOST, LATE, info)))
    assert [message.kind for message in news.messages] == [Kind.REPORT, Kind.ACTION, Kind.WARNING]
    action, warning = news.messages[1:]
    assert f"- {LOST.text}\n  do: run `jstock trade record`" in action.text
    assert action.subject.endswith("to place, 1 alert for you (test)")
    assert LATE.text in warning.text
    assert "wide range" not in f"{action.text}{warning.text}"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("approval", Kind.ACTION),
        ("revision_cancel", Kind.ACTION),
        ("late", Kind.ACTION),
        ("late_data", Kind.WARNING),
    ],
)
def test_what_is_to_be_done_before_the_open_waits_for_no_digest(
    report: Report, kind: str, expected: Kind
) -> None:
    """It makes no day degraded, and is something to do all the same."""
    quiet = replace(report, execution=replace(report.execution, tickets=(), broker=()))
    warning = Alert(kind, Severity.WARNING, "desk", "Cancel at the broker: a BUY 7203")
    assert [m.kind for m in told(replace(quiet, alerts=(warning,))).messages] == [Kind.REPORT, expected]


def test_an_alert_that_stays_is_told_once_in_five_days(report: Report) -> None:
    known: list[Told] = []
    kinds = []
    for n in range(5):
        day = DAY + timedelta(days=n)
        alerted = replace(report, alerts=(LOST,), header=replace(report.header, trade_date=day))
        alerted = replace(alerted, execution=replace(report.execution, tickets=(), broker=()))
        news = told(alerted, known)
        known = remembered(known, news)
        kinds.append([message.kind for message in news.messages])
    assert kinds == [[Kind.REPORT, Kind.ACTION], *[[Kind.REPORT]] * 4]


def test_an_alert_is_told_again_when_it_changes_or_after_long(report: Report) -> None:
    quiet = replace(report, execution=replace(report.execution, tickets=(), broker=()))
    alerted = replace(quiet, alerts=(LOST,))
    known = told(alerted).told
    changed = told(replace(quiet, alerts=(replace(LOST, text="two orders have no fill"),)), known)
    action = of_kind(changed, Kind.ACTION)
    assert "two orders" in action.text
    assert "No longer" not in action.text
    assert list(changed.over) == [each.key for each in known if each.key.startswith("alert/")]
    assert changed.told[0].key not in changed.over
    assert told(alerted, known, again=DAY - timedelta(days=1)).messages == ()
    assert [m.kind for m in told(alerted, known, again=DAY).messages] == [Kind.ACTION]


def test_what_is_resolved_is_said_in_the_next_message_and_forgotten(report: Report) -> None:
    quiet = replace(report, execution=replace(report.execution, tickets=(), broker=()))
    known = told(replace(quiet, alerts=(LOST,))).told
    news = told(replace(quiet, alerts=(LATE,)), known)
    assert f"No longer:\n- {LOST.text}" in of_kind(news, Kind.WARNING).text
    after = remembered(known, news)
    assert [m.kind for m in told(replace(quiet, alerts=(LOST, LATE)), after).messages] == [Kind.ACTION]


def test_alerts_speak_the_desks_language(report: Report) -> None:
    message = report_news(HEAD, report, Words("ja"), {}, Memory({}, DAY)).messages[1]
    assert "発注" in message.subject
    assert "までに証券会社に発注：" in message.text
    for english in ("Place", "Then record", "Needs you", "do:", "to place"):
        assert english not in message.subject + message.text


class _Tickets:
    def as_text(self) -> str:
        return "the tickets of 2026-01-21:\nBUY 7203"

    def as_json(self) -> object:
        return []


def failure(error: BaseException, day: date = DAY) -> JobFailure:
    status = error.exit if isinstance(error, JstockError) else ExitStatus.INTERNAL
    return JobFailure.of("morning", day, status, error)


def test_a_failure_says_what_where_what_to_do_and_the_tickets() -> None:
    error = DataError("no bars of 2026-01-20", where="data/bars", do="run it again at 08:00")
    error.tickets = _Tickets()
    message = failure_message(HEAD, failure(error))
    assert message.subject == "[SIMULATED] Wed 2026-01-21: morning FAILED, status 4 (test)"
    assert message.text == (
        "no bars of 2026-01-20\nwhere: data/bars\ndo: run it again at 08:00\n"
        f"exit status: 4 ({ExitStatus.DATA.meaning})\n\nthe tickets of 2026-01-21:\nBUY 7203\n"
    )


def test_the_same_failure_of_a_morning_has_one_key_wherever_its_run_lies() -> None:
    one = failure_message(HEAD, failure(DataError("no bars", where="runs/a")))
    again = failure_message(HEAD, failure(DataError("no bars", where="runs/b")))
    tomorrow = failure_message(HEAD, failure(DataError("no bars", where="runs/a"), DAY + timedelta(days=1)))
    assert one.key == again.key != tomorrow.key
    assert one.key != failure_message(HEAD, failure(DataError("half of the bars"))).key


def test_the_first_good_day_after_a_failure_says_so_once() -> None:
    failed = failure_news(HEAD, failure(DataError("no bars")), Memory({}, DAY))
    tomorrow = DAY + timedelta(days=1)
    memory = Memory({each.key: each for each in failed.told}, DAY)
    news = success_news(HEAD, "morning", tomorrow, memory)
    assert news.messages[0].kind is Kind.RECOVERY
    assert "It had failed for 2026-01-21: no bars" in news.messages[0].text
    assert success_news(HEAD, "morning", tomorrow, Memory({}, DAY)) == News()
    assert success_news(HEAD, "evening", tomorrow, memory) == News()
    assert remembered(failed.told, news) == []


def test_what_is_said_again_after_something_else_is_a_message_of_its_own(report: Report) -> None:
    """Orders that are withdrawn and ordered again, a failure after it was over: each must arrive."""
    known: dict[str, Told] = {}
    none = replace(report, execution=replace(report.execution, tickets=(), broker=()))
    keys = []
    for shown in (report, none, report):
        memory = Memory(known, DAY - timedelta(days=9))
        head = replace(HEAD, said=memory.said(DAY))
        news = remember_said(report_news(head, shown, ENGLISH, {}, memory), DAY, memory)
        known = {each.key: each for each in remembered(known.values(), news)}
        keys += [message.key for message in news.messages]
        subjects = [message.subject for message in news.messages]
    assert len(keys) == len(set(keys)) == 6
    assert subjects[0].startswith("[UPDATED] ")


def test_a_failure_that_comes_back_after_a_good_run_is_told_again() -> None:
    known: dict[str, Told] = {}
    keys = []
    for good in (False, False, True, False):
        memory = Memory(known, DAY - timedelta(days=9))
        head = replace(HEAD, said=memory.said(DAY))
        made = failure_news(head, failure(DataError("no bars")), memory)
        news = remember_said(success_news(head, "morning", DAY, memory) if good else made, DAY, memory)
        known = {each.key: each for each in remembered(known.values(), news)}
        keys.append([message.key for message in news.messages])
    assert [len(each) for each in keys] == [1, 0, 1, 1]
    assert keys[0] != keys[3]


def test_what_the_evening_found_to_do_is_told_once() -> None:
    memory = Memory({}, DAY - timedelta(days=9))
    first = todo_news(HEAD, "evening", DAY, ["record 7203"], memory)
    assert first.messages[0].kind is Kind.ACTION
    assert first.messages[0].subject == "[SIMULATED] Wed 2026-01-21: evening, 1 thing to do (test)"
    memory = replace(memory, told={each.key: each for each in first.told})
    assert todo_news(HEAD, "evening", DAY, ["record 7203"], memory) == News()
    more = todo_news(HEAD, "evening", DAY, ["record 7203", "compare cash"], memory)
    assert "record" not in more.messages[0].text
    assert todo_news(HEAD, "evening", DAY, [], memory).over == (first.told[0].key,)


def test_the_evening_does_not_repeat_an_alert_of_the_morning(report: Report) -> None:
    known = told(replace(report, alerts=(LOST,))).told
    memory = Memory({each.key: each for each in known}, DAY - timedelta(days=9))
    assert todo_news(HEAD, "evening", DAY, [LOST.message], memory) == News()
    assert len(todo_news(HEAD, "evening", DAY, [LATE.message], memory).messages) == 1


def test_short_forms_fit_a_phone() -> None:
    assert len(cut_for_phone("x" * 1000)) == 320
    assert reminder_message(HEAD, DAY, ["an order"] * 90).short.endswith("…")


def test_each_test_is_a_message_of_its_own() -> None:
    later = Letterhead("test", datetime(2026, 1, 21, 7, 1, tzinfo=JST))
    assert check_message(HEAD, "mail").key != check_message(later, "mail").key


def test_a_report_that_cannot_be_read_still_has_its_numbers(report: Report, tmp_path) -> None:
    headline = replace(report.headline, alerts=("look at this",))
    message = headline_message(HEAD, headline, tmp_path / "report.html", "not of this version")
    assert "look at this" in message.text
    assert "not of this version" in message.text
    assert message.kind is Kind.REPORT
