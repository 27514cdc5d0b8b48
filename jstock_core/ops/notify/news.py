"""What of a job is news: what was told before, and stays as it was, is not told again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.base.alerts import Alert, Severity
from jstock_core.ops.notify.message import Letterhead, Message, digest_of
from jstock_core.ops.notify.messages import (
    YOU,
    JobFailure,
    Todo,
    action_message,
    alert_key,
    alert_subject,
    failure_content,
    failure_message,
    headline_content,
    headline_message,
    placement_lines,
    recovery_message,
    reminder_message,
    report_content,
    report_message,
    todo_message,
    warning_message,
)
from jstock_core.reports.model.headline import Headline
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import Words

_ALERT, _ORDERS, _FAILED, _TODO = "alert/", "orders/", "failed/", "todo/"
_BEFORE_THE_OPEN, _REVISION = {"approval", "not_approved", "late", "revision"}, "revision_"
"""Kinds of warnings, and how kinds begin, after which orders are approved, placed or cancelled by hand."""
_REPORT, _REMINDED, _SAID = "report/", "reminded/", "said/"


@dataclass(frozen=True)
class Told:
    """Something that was told, and for which trade date the last time. `text` is for people."""

    key: str
    trade_date: date
    text: str


@dataclass(frozen=True)
class News:
    """Messages to send, what is told by them, and the keys of what is over and may be forgotten."""

    messages: tuple[Message, ...] = ()
    told: tuple[Told, ...] = ()
    over: tuple[str, ...] = ()

    def __add__(self, other: News) -> News:
        return News(self.messages + other.messages, self.told + other.told, self.over + other.over)


@dataclass(frozen=True)
class Memory:
    """What was told so far, by key; what was told for `again` or before is told again if it still holds.

    `others` are alerts beside those of a report.
    """

    told: Mapping[str, Told]
    again: date
    others: tuple[Alert, ...] = ()

    def said(self, day: date) -> str:
        """What stands for all that was said of a trade date so far, "" for nothing."""
        told = self.told.get(f"{_SAID}{day}")
        return told.text if told is not None else ""

    def has(self, key: str) -> bool:
        """Whether this need not be told."""
        return key in self.told and self.told[key].trade_date > self.again


def remember_said(news: News, day: date, memory: Memory) -> News:
    """The news, and that it was said of a trade date; without messages as it is."""
    if not news.messages:
        return news
    said = digest_of([memory.said(day), [message.key for message in news.messages]])
    return news + News(told=(Told(f"{_SAID}{day}", day, said),))


def failure_news(head: Letterhead, failure: JobFailure, memory: Memory) -> News:
    """A job that came to nothing; it is remembered until the job is done again."""
    day, last = failure.trade_date, f"{_FAILED}{failure.job}"
    same = f"{last}/{day}/{digest_of(failure_content(failure))}"
    if same in memory.told:
        return News()
    told = (Told(last, day, failure.what), Told(same, day, failure.what))
    return News((failure_message(head, failure),), told)


def success_news(head: Letterhead, job: str, day: date, memory: Memory) -> News:
    """A job that was done: news where it had failed before."""
    last = f"{_FAILED}{job}"
    failed = memory.told.get(last)
    if failed is None:
        return News()
    over = tuple(key for key in memory.told if key == last or key.startswith(f"{last}/"))
    return News((recovery_message(head, job, day, failed.trade_date, failed.text),), (), over)


def reminder_news(head: Letterhead, day: date, texts: Sequence[str], memory: Memory) -> News:
    """What is still to be done before the open, where it is not what people were reminded of already."""
    told = Told(f"{_REMINDED}{day}", day, digest_of(list(texts)))
    if memory.told.get(told.key) == told:
        return News()
    return News((reminder_message(head, day, texts),), (told,))


def todo_news(head: Letterhead, job: str, day: date, texts: Sequence[str], memory: Memory) -> News:
    """What a job that publishes nothing found for a person to do, as far as it is news."""
    prefix = f"{_TODO}{job}/"
    alerts = tuple(told.text for key, told in memory.told.items() if key.startswith(_ALERT))
    others = [text for text in texts if not text.startswith(alerts)]  # an alert is told by the morning
    told = [Told(f"{prefix}{digest_of(text)}", day, text) for text in others]
    new = tuple(each for each in told if not memory.has(each.key))
    now = {each.key for each in told}
    over = tuple(key for key in memory.told if key.startswith(prefix) and key not in now)
    messages = (todo_message(head, job, day, [each.text for each in new]),) if new else ()
    return News(messages, new, over)


def headline_news(head: Letterhead, headline: Headline, page: Path, why: str, memory: Memory) -> News:
    """A published morning whose mail cannot be made, for the reason `why`."""
    told = Told(f"{_REPORT}{headline.trade_date}", headline.trade_date, digest_of(headline_content(headline)))
    if memory.told.get(told.key) == told:
        return News()
    return News((headline_message(head, headline, page, why),), (told,))


def report_news(
    head: Letterhead, report: Report, words: Words, attachments: Mapping[str, bytes], memory: Memory
) -> News:
    """A published morning: its report, what is to be done, and warnings, as far as they are news.

    Alerts that need a person are something to do; warnings are good to know; information is on the page.
    """
    day = report.header.trade_date
    told = Told(f"{_REPORT}{day}", day, digest_of(report_content(report)))
    known = memory.told.get(told.key)
    news = _alert_news(head, report, words, memory)
    if known == told:
        return news
    message = report_message(head, report, words, attachments, updated=known is not None)
    return News((message,), (told,)) + news


def _alert_news(head: Letterhead, report: Report, words: Words, memory: Memory) -> News:
    """What is to be done and known besides the report itself."""
    day = report.header.trade_date
    alerts = [alert for alert in (*report.alerts, *memory.others) if alert.severity is not Severity.INFO]
    new = [alert for alert in alerts if not memory.has(alert_key(alert))]
    needed = [alert for alert in new if _needs_a_person(alert)]
    known = [alert for alert in new if not _needs_a_person(alert)]
    over, orders = tuple(_over(memory, alerts)), _orders(report, memory)
    resolved = [words.sentence(told.text) for told in over if not _is_changed(told, alerts)]
    messages = []
    if needed or orders is not None:
        todo = Todo(
            trade_date=day, orders=placement_lines(report, words), placed=_placed(report),
            changed=orders is not None, alerts=needed, resolved=resolved,
        )  # fmt: skip
        messages.append(action_message(head, todo, words))
        resolved = []
    if known:
        messages.append(warning_message(head, day, known, resolved, words))
    told = (*(Told(alert_key(alert), day, alert.text) for alert in new), *_one(orders))
    return News(tuple(messages), told, tuple(told.key for told in over))


def _needs_a_person(alert: Alert) -> bool:
    """Whether something is to be done about it before the open; what only warns may wait for a digest."""
    urgent = alert.kind in _BEFORE_THE_OPEN or alert.kind.startswith(_REVISION)
    return urgent or alert.severity is Severity.ALERT


def _one(told: Told | None) -> Iterator[Told]:
    if told is not None:
        yield told


def _placed(report: Report) -> list[list[object]]:
    """The orders that a person is to place, as they are told apart; what was filled since changes none.

    One that waits for approval is not to be placed yet, and is news once it is.
    """
    own = (each for each in report.execution.standing if each.filled_by == YOU and not each.waits)
    return [[ticket.id, ticket.side, ticket.shares, ticket.limit] for ticket in own]


def _orders(report: Report, memory: Memory) -> Told | None:
    """The orders to place, where they are news; None where they are known, or none were to be placed."""
    day, placed = report.header.trade_date, _placed(report)
    told = Told(f"{_ORDERS}{day}", day, digest_of(placed))
    known = memory.told.get(told.key)
    if known is None:
        return told if placed else None
    return told if known.text != told.text else None


def _over(memory: Memory, alerts: list[Alert]) -> Iterator[Told]:
    """What was told of alerts that no longer are as they were."""
    now = {alert_key(alert) for alert in alerts}
    yield from (told for key, told in memory.told.items() if key.startswith(_ALERT) and key not in now)


def _is_changed(told: Told, alerts: list[Alert]) -> bool:
    """Whether an alert of the same subject is still there, with another text."""
    return any(told.key.startswith(f"{_ALERT}{alert_subject(alert)}/") for alert in alerts)
