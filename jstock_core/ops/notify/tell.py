"""Telling people of a job: what is news goes into the outbox, and what is due goes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.clock import Clock
from jstock_core.base.errors import ExitStatus, JstockError, UsageError, error_reason
from jstock_core.base.intent import Intent
from jstock_core.base.limits import read_file, read_utf8
from jstock_core.base.words import plural
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.desk.settings.notify import NotifySettings
from jstock_core.desk.settings.secrets import environment_secrets, known_secrets, named_secrets
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.calendar import tse
from jstock_core.ops.notify.aside import KeptSettings, keep_settings
from jstock_core.ops.notify.delivery import DeliveryResult, Sender, Sleep, deliver, send_directly
from jstock_core.ops.notify.messages import JobFailure
from jstock_core.ops.notify.news import (
    Memory,
    News,
    failure_news,
    headline_news,
    remember_said,
    report_news,
    success_news,
    todo_news,
)
from jstock_core.ops.notify.outbox.entry import OutboxEntry, Status
from jstock_core.ops.notify.outbox.places import open_outbox, reach_outbox
from jstock_core.ops.notify.outbox.store import Outbox, OutboxBusyError, OutboxError, OutboxForbiddenError
from jstock_core.ops.notify.registry import open_ways
from jstock_core.ops.watch.ended import Ended
from jstock_core.reports.model.codec import REPORT_FILE, report_from_json
from jstock_core.reports.model.report import Report


class UndeliveredError(JstockError):
    """Messages that did not go out, or not surely."""

    exit = ExitStatus.DEGRADED


def tell_people(ended: Ended, sleep: Sleep = time.sleep) -> None:
    """Tell people of a job that has ended, and send what is still to be sent.

    A job that was to record nothing, that of a historical desk, and one that was stopped at the terminal are
    nobody's news.

    Raises:
        UndeliveredError: something did not go out; it is tried again later.
        JstockError: nobody could be told.

    """
    desk = ended.desk
    with suppress(OSError):  # on a disk that is full people must hear all the more
        keep_settings(desk)
    told = ended.intent.records or ended.intent is Intent.SHOW_AGAIN
    if not desk.settings.notify.ways or desk.historical or not told:
        return
    if isinstance(ended.error, KeyboardInterrupt):
        return
    sender = sender_of(desk, sleep)
    require_delivered(
        tell(desk.workspace, sender, ended.trade_date, lambda memory: _news_of(ended, sender, memory))
    )


def send_waiting(desk: Desk, sleep: Sleep = time.sleep) -> None:
    """Send what is still to be sent, where there is something.

    Raises:
        UndeliveredError: something did not go out.
        JstockError: the outbox cannot be used.

    """
    if desk.settings.notify.ways and not desk.historical:
        outbox = open_outbox(desk.workspace, create=False)
        if outbox is not None:
            require_delivered(deliver(outbox, sender_of(desk, sleep)))


def sender_of(desk: Desk, sleep: Sleep = time.sleep) -> Sender:
    """The sender of an open desk."""
    declared = KeptSettings({}, desk.settings.desk, desk.marks)
    made = make_sender(desk.workspace, desk.settings.notify, declared, desk.clock, sleep)
    return replace(made, secrets=cache(lambda: known_secrets(desk.settings, desk.workspace.journal_url)))


def require_sound_ways(desk: Desk) -> None:
    """Make sure, before a job runs, that every way to people is declared rightly.

    Raises:
        ParamsError: one is not.

    """
    open_ways(desk.settings.notify, str(desk.workspace.desk_yaml)).require_sound()


def make_sender(
    workspace: Workspace, settings: NotifySettings, kept: KeptSettings, clock: Clock, sleep: Sleep
) -> Sender:
    """The sender of a desk of a workspace. A desk without a name is told from others by its folder."""
    return Sender(
        name=kept.desk or workspace.root.name, marks=kept.marks, identity=kept.desk or str(workspace.root),
        settings=settings, ways=open_ways(settings, str(workspace.desk_yaml)), clock=clock, sleep=sleep,
        secrets=cache(lambda: {**environment_secrets(), **named_secrets(settings.ways)}),
    )  # fmt: skip


def tell(
    workspace: Workspace, sender: Sender, day: date, news_of: Callable[[Memory], News] = lambda _: News()
) -> DeliveryResult:
    """Put what is news into the outbox and send what is due; past the outbox where it cannot be used.

    Raises:
        OutboxBusyError: another process keeps sending; what is news is recorded.
        OutboxForbiddenError: others send for this desk.

    """
    memory = Memory({}, _sessions_before(day, sender.settings.repeat_after_sessions))
    news: News | None = None
    try:
        outbox = reach_outbox(workspace)
        memory = replace(
            memory, told=outbox.memory(), others=tuple(_undelivered(outbox.entries(), sender.clock()))
        )
        news = remember_said(news_of(memory), day, memory)
        post(outbox, sender, news)
        done = deliver(outbox, sender)
        outbox.prune(sender.clock() - timedelta(days=sender.settings.keep_days))
    except (OutboxBusyError, OutboxForbiddenError):
        raise
    except OutboxError as error:
        return send_directly((news or news_of(memory)).messages, sender, error.what)
    return done


def _sessions_before(day: date, sessions: int) -> date:
    """The day so many sessions before; beyond the calendar about as long before."""
    try:
        return tse().back(day, sessions)
    except UsageError:
        return day - timedelta(weeks=1) * (sessions / 5)


def _is_current(ended: Ended) -> bool:
    """Whether a job was for the next possible trade date, and not for a past one."""
    try:
        return ended.trade_date >= tse().next_trade_date(ended.started)
    except UsageError:
        return True  # the calendar has ended


def post(outbox: Outbox, sender: Sender, news: News) -> None:
    """Put messages into the outbox, packed for everyone who gets them; warnings wait for their digest."""
    now = sender.clock()
    gathered = [sender.gathered(message, now) for message in news.messages if sender.is_gathered(message)]
    at_once = [message for message in news.messages if not sender.is_gathered(message)]
    entries = [entry for message in at_once for entry in sender.entries(message, now)]
    outbox.add(entries, news.told, news.over, gathered)


def require_delivered(done: DeliveryResult) -> None:
    """Make sure that everything attempted went out, and is recorded.

    Raises:
        UndeliveredError: it did not, or is not.

    """
    if done.unsent:
        first = done.unsent[0]
        raise UndeliveredError(
            f"{plural(len(done.unsent), 'message')} not delivered: {first.way} to {first.recipient}: "
            f"{first.error}",
            do="they are tried again by the next run, or now with `jstock notify retry`",
        )
    if done.unrecorded:
        raise UndeliveredError(f"messages were sent, but not recorded: {done.unrecorded}")


def _undelivered(entries: tuple[OutboxEntry, ...], now: datetime) -> Iterator[Alert]:
    """An alert about messages that were given up."""
    lost = [entry for entry in entries if entry.status is Status.FAILED and entry.is_undelivered(now)]
    if lost:
        yield Alert(
            "undelivered",
            Severity.WARNING,
            lost[-1].id,
            f"{plural(len(lost), 'message')} could not be delivered, the newest by {lost[-1].way} to "
            f"{lost[-1].recipient}: {lost[-1].error}",
            "see `jstock notify outbox`; `jstock notify retry` tries again",
        )


def _news_of(ended: Ended, sender: Sender, memory: Memory) -> News:
    """What of a job is news. A report is news on its own morning, not where a past one is shown again."""
    head = sender.letterhead(memory.said(ended.trade_date))
    current = _is_current(ended)
    if ended.error is not None:
        failure = JobFailure.of(ended.job, ended.trade_date, ended.exit, ended.error)
        return failure_news(head, failure, memory) if ended.intent.records or current else News()
    success = success_news(head, ended.job, ended.trade_date, memory)
    run = ended.run
    if run is None:
        return success + todo_news(head, ended.job, ended.trade_date, ended.todo, memory)
    if not current or not _counts(run):
        return success
    words = ended.desk.settings.words
    try:
        report = published_report(run.folder)
    except (JstockError, OSError, ValueError) as error:
        why = f"its values cannot be read: {error_reason(error)}"
        return success + headline_news(head, run.headline, run.report, why, memory)
    return success + report_news(head, report, words, report_attachments(run.folder, run.trade_date), memory)


def _counts(run: PublishedRun) -> bool:
    """Whether a run shows decisions of the journal: a morning may do less than it was asked."""
    return run.headline.intent not in (Intent.REHEARSE, Intent.PREVIEW)


def published_report(run: Path) -> Report:
    """The values of a published run.

    Raises:
        DataError: they are of another version of jstock. OSError: the file cannot be read.

    """
    return report_from_json(read_utf8(run / REPORT_FILE))


def report_attachments(run: Path, day: date) -> Mapping[str, bytes]:
    """The page and the Markdown of a run, by names that a folder of downloads can tell apart."""
    markdown = f"trade_report_{day}.md"
    files = {"report.html": f"trade_report_{day}.html", markdown: markdown}
    return {to: read_file(run / name) for name, to in files.items() if (run / name).is_file()}
