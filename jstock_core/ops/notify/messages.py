"""What messages say: the morning's report, what is to be done, warnings, failures and their end.

Made of values alone. The same facts give a message of the same key whenever they are made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.alerts import Alert
from jstock_core.base.errors import ExitStatus, JstockError, error_reason
from jstock_core.base.words import count, join_parts, plural, yen
from jstock_core.execution.netting import BrokerTicket
from jstock_core.market.calendar import OPEN
from jstock_core.ops.notify.message import Kind, Letterhead, Message, cut_for_phone, digest_of
from jstock_core.reports.model.headline import Headline
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.outgoing.mail import mail_body, phone_text
from jstock_core.reports.render.parts.words import Words

YOU = "you"
_VOLATILE = ("intent", "status", "alerts", "warnings", "orders_by_you", "orders_done")
"""Of a headline: what a morning that is shown again may say otherwise, as what became of its orders, and
alerts, which are told apart."""


@dataclass(frozen=True, kw_only=True)
class JobFailure:
    """Why a job of the desk came to nothing. `tickets` is the text of those that have no report."""

    job: str
    trade_date: date
    exit: ExitStatus
    what: str
    where: str = ""
    do: str = ""
    tickets: str = ""

    @classmethod
    def of(cls, job: str, trade_date: date, exit_status: ExitStatus, error: BaseException) -> JobFailure:
        """The failure that an error is."""
        known = error if isinstance(error, JstockError) else None
        tickets = known.tickets.as_text() if known is not None and known.tickets is not None else ""
        return cls(
            job=job, trade_date=trade_date, exit=exit_status, what=error_reason(error),
            where=known.where if known else "", do=known.do if known else "", tickets=tickets,
        )  # fmt: skip


def report_message(
    head: Letterhead,
    report: Report,
    words: Words,
    attachments: Mapping[str, bytes],
    *,
    updated: bool = False,
) -> Message:
    """The morning's report, with its page and Markdown attached by file name; `updated` after another one."""
    body, day = mail_body(report, words), report.header.trade_date
    mark = f"[{words('UPDATED')}] " if updated else ""
    body = replace(body, subject=f"{mark}{body.subject}")
    return Message(
        key=head.key(Kind.REPORT, day, report_content(report)), kind=Kind.REPORT, trade_date=day,
        made=head.made, subject=body.subject, text=body.text, body=body, attachments=attachments,
        short=cut_for_phone(f"{mark}{phone_text(report, words)}"),
    )  # fmt: skip


def report_content(report: Report) -> Any:
    """What makes a report another one: its numbers and its orders."""
    numbers = headline_content(report.headline)
    return [numbers, [[t.id, t.side, t.shares, t.limit] for t in report.execution.standing]]


def headline_message(head: Letterhead, headline: Headline, page: Path, why: str) -> Message:
    """A report whose page is published and whose mail cannot be made, for the reason `why`."""
    day = headline.trade_date
    subject = head.subject(day, f"{plural(headline.orders, 'order')}, {yen(headline.equity)}")
    lines = [
        f"The report is published, but no mail can be made of it: {why}",
        f"The page: {page}",
        "",
        *(f"- {text}" for text in (*headline.alerts, *headline.warnings)),
    ]
    content = headline_content(headline)
    return head.message(Kind.REPORT, day, subject, lines, content, [subject, *headline.alerts])


def headline_content(headline: Headline) -> Any:
    """What makes the numbers of a morning others."""
    return {k: v for k, v in headline.as_json().items() if k not in _VOLATILE}


def placement_lines(report: Report, words: Words) -> tuple[str, ...]:
    """The orders that a person is to place at the broker, one line each, sells first."""
    tickets = (t for t in report.execution.broker if t.filler == YOU and t.side is not None)
    return tuple(_order_line(report, ticket, words) for ticket in tickets)


def _order_line(report: Report, ticket: BrokerTicket, words: Words) -> str:
    own = [each for each in report.execution.tickets if each.id in ticket.order_ids][:1]
    name = "".join(each.name for each in own)
    limits = "".join(f"{words.price(each.lower)} - {words.price(each.upper)}" for each in own)
    kind = "".join(words.sentence(each.kind) for each in own)
    what = f"{words.side(ticket.side or '')} {ticket.code} {count(ticket.shares)} {name}"
    return join_parts((what, kind, limits), " · ")


@dataclass(frozen=True, kw_only=True)
class Todo:
    """What a person is to do: orders to place (`placed` by id and shares), and alerts that need him.

    `resolved` are alerts told before that are over, `orders` lines for people.
    """

    trade_date: date
    orders: Sequence[str] = ()
    placed: Sequence[Any] = ()
    changed: bool = False
    alerts: Sequence[Alert] = ()
    resolved: Sequence[str] = ()


def action_message(head: Letterhead, todo: Todo, words: Words) -> Message:
    """What is to be placed at the broker or typed."""
    day = todo.trade_date
    to_place = words.plural(len(todo.orders), "{n} order to place", "{n} orders to place")
    orders = to_place if todo.orders or todo.changed else ""
    needed = words.plural(len(todo.alerts), "{n} alert for you", "{n} alerts for you") if todo.alerts else ""
    lines = [
        *_order_block(todo, words),
        *_alert_block(words("Needs you:"), todo.alerts, words),
        *_resolved(todo.resolved, words),
    ]
    subject = head.subject(day, words.join((orders, needed)))
    short = [subject, *todo.orders, *(words.sentence(alert.text) for alert in todo.alerts)]
    content = [list(todo.placed) if todo.changed else [], [alert_key(alert) for alert in todo.alerts]]
    return head.message(Kind.ACTION, day, subject, lines, content, short)


def _order_block(todo: Todo, words: Words) -> Iterator[str]:
    day = todo.trade_date
    if todo.orders:
        yield words("Place at the broker before {time} JST of {day}:", time=f"{OPEN:%H:%M}", day=day)
        yield from (f"  {line}" for line in todo.orders)
        yield words("Then record what was filled: {command}", command=f"jstock trade record --date {day}")
        yield ""
    elif todo.changed:
        yield words("Place nothing at the broker for {day}: the orders told before are withdrawn.", day=day)
        yield words("Cancel those that you have placed already.")
        yield ""


def warning_message(
    head: Letterhead, day: date, alerts: Sequence[Alert], resolved: Sequence[str], words: Words
) -> Message:
    """What is good to know and needs nobody at once."""
    subject = head.subject(day, words.plural(len(alerts), "{n} warning", "{n} warnings"))
    lines = [*_alert_block(words("To know:"), alerts, words), *_resolved(resolved, words)]
    short = [subject, *(words.sentence(alert.text) for alert in alerts)]
    return head.message(Kind.WARNING, day, subject, lines, [alert_key(alert) for alert in alerts], short)


def failure_message(head: Letterhead, failure: JobFailure) -> Message:
    """What failed, where, and what to do."""
    subject = head.subject(failure.trade_date, f"{failure.job} FAILED, status {int(failure.exit)}")
    lines = [
        failure.what,
        *([f"where: {failure.where}"] if failure.where else []),
        *([f"do: {failure.do}"] if failure.do else []),
        f"exit status: {int(failure.exit)} ({failure.exit.meaning})",
        *(["", failure.tickets] if failure.tickets else []),
    ]
    content = failure_content(failure)
    short = [subject, failure.what, failure.do, failure.tickets]
    return head.message(Kind.FAILURE, failure.trade_date, subject, lines, content, short)


def failure_content(failure: JobFailure) -> Any:
    """What makes a failure another one: not where its run lies, which is elsewhere each time."""
    return [failure.job, int(failure.exit), failure.what, failure.tickets]


def recovery_message(head: Letterhead, job: str, day: date, failed: date, what: str) -> Message:
    """A job runs again, after it failed on the trade date `failed` for the reason `what`."""
    subject = head.subject(day, f"{job} runs again")
    lines = [f"The {job} of {day} was done. It had failed for {failed}: {what}"]
    return head.message(Kind.RECOVERY, day, subject, lines, [job, str(failed)], [subject, *lines])


def reminder_message(head: Letterhead, day: date, texts: Sequence[str]) -> Message:
    """What is still to be done before the open."""
    subject = head.subject(day, f"reminder, {plural(len(texts), 'thing')} to do before {OPEN:%H:%M} JST")
    return head.message(
        Kind.ACTION,
        day,
        subject,
        [f"- {text}" for text in texts],
        ["reminder", *texts],
        [subject, *texts],
    )


def todo_message(head: Letterhead, job: str, day: date, texts: Sequence[str]) -> Message:
    """What a job that publishes nothing found for a person to do."""
    subject = head.subject(day, f"{job}, {plural(len(texts), 'thing')} to do")
    lines = [f"- {text}" for text in texts]
    return head.message(Kind.ACTION, day, subject, lines, [job, *texts], [subject, *texts])


def digest_message(head: Letterhead, day: date, gathered: Sequence[tuple[str, str]]) -> Message:
    """Warnings that were gathered, each with its key and its whole text."""
    subject = head.subject(day, f"digest, {plural(len(gathered), 'message')} with warnings")
    lines = [line for _, text in gathered for line in (text, "")]
    return head.message(Kind.WARNING, day, subject, lines, [key for key, _ in gathered], [subject, *lines])


def check_message(head: Letterhead, way: str) -> Message:
    """A message that only shows that a way works."""
    subject = head.subject(head.made.date(), f"test by the way {way}")
    lines = [
        f"This is a test, sent at {head.made:%Y-%m-%d %H:%M} JST by the way {way}.",
        "Nothing is to be done: messages of the desk will arrive like this one.",
    ]
    return head.message(
        Kind.REPORT,
        head.made.date(),
        subject,
        lines,
        ["test", head.made.isoformat(), way],
        [subject, *lines],
    )


def alert_key(alert: Alert) -> str:
    """What tells an alert from others and stays the same until it changes."""
    return f"alert/{alert_subject(alert)}/{digest_of([alert.text, alert.remedy])}"


def alert_subject(alert: Alert) -> str:
    """What an alert is about: of the same subject, another text is a change."""
    return f"{alert.kind}/{alert.subject}"


def _alert_block(title: str, alerts: Iterable[Alert], words: Words) -> Iterator[str]:
    lines = [
        line
        for alert in alerts
        for line in (
            f"- {words.sentence(alert.text)}",
            *([f"  {words('do: {what}', what=words.sentence(alert.remedy))}"] if alert.remedy else []),
        )
    ]
    yield from (title, *lines, "") if lines else ()


def _resolved(texts: Sequence[str], words: Words) -> Iterator[str]:
    yield from (words("No longer:"), *(f"- {text}" for text in texts)) if texts else ()
