"""`jstock notify`: test the ways to people, preview what they get, and see what became of messages."""

from __future__ import annotations

from datetime import time
from typing import Annotated

import typer

from jstock_core.base.clock import make_clock
from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import DateOption, NowOption, WorkspaceOption
from jstock_core.cli.terminal.show import console, escape, say, shortest_path, show_table
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.jobs.morning import pass_closed_day
from jstock_core.ops.jobs.opening import open_job_desk, tell_failures
from jstock_core.ops.jobs.reminder import Reminder, run_reminder
from jstock_core.ops.notify.delivery import DeliveryResult
from jstock_core.ops.notify.inspection import (
    NotifyPreview,
    OutboxListing,
    WayTests,
    list_outbox,
    preview_messages,
    run_way_tests,
)
from jstock_core.ops.notify.inspection import retry as send_again
from jstock_core.ops.notify.outbox.entry import Status
from jstock_core.ops.schedule.gate import judge_day


def _show_tests(done: WayTests) -> None:
    for test in done.tests:
        result = f"[bold red]not sent[/]: {escape(test.error)}" if test.error else "[green]sent[/]"
        console().print(f"{escape(test.way)} to {escape(test.recipient)}: {result}", soft_wrap=True)


@command(name="test", example="jstock notify test --way mail", show=_show_tests)
def check_ways(
    desk: Desk,
    *,
    way: Annotated[
        str, typer.Option("--way", metavar="NAME", help="One of `notify.ways`; default: each.")
    ] = "",
) -> WayTests:
    """Send a message marked as a test by a way, or by each, and show what became of it."""
    return run_way_tests(desk, way)


def _show_preview(made: NotifyPreview) -> None:
    columns = {"kind": "left", "way": "left", "to": "left", "bytes": "right", "subject": "wrap"}
    rows = [
        [
            str(each.message.kind),
            f"{entry.way} (fallback)" if entry.status is Status.STANDBY else entry.way,
            entry.recipient,
            f"{len(entry.packed):,}",
            entry.error or each.message.subject,
        ]
        for each in made.messages
        for entry in each.to
    ]
    show_table(f"messages of {made.trade_date}", columns, rows, empty="nobody would get anything")
    console().print(f"to look at: {escape(shortest_path(made.folder))}", soft_wrap=True)


@command(example="jstock notify preview", show=_show_preview)
def preview(
    desk: Desk,
    date: DateOption = "",
    *,
    into: Annotated[
        str, typer.Option("--into", metavar="DIR", help="The folder to write; default: data/preview.")
    ] = "",
) -> NotifyPreview:
    """Write the mail of the newest report into files, and show who would get what; nothing is sent."""
    return preview_messages(desk, date, into)


def _show_outbox(found: OutboxListing) -> None:
    columns = {
        "made": "left", "status": "left", "kind": "spare left", "way": "left", "to": "left",
        "tries": "spare right", "subject": "wrap",
    }  # fmt: skip
    rows = [
        [
            f"{entry.created:%Y-%m-%d %H:%M}", str(entry.status), entry.kind, entry.way, entry.recipient,
            str(entry.attempts), f"{entry.subject} ({entry.error})" if entry.error else entry.subject,
        ]
        for entry in found.entries
    ]  # fmt: skip
    show_table("outbox", columns, rows, empty="no message was made yet")
    if found.more:
        console().print(f"[dim]{plural(found.more, 'message')} before them: --most 0 lists all[/]")
    if found.gathered:
        console().print(f"{plural(found.gathered, 'warning waits', 'warnings wait')} for the digest")
    if found.undelivered:
        undelivered = f"[bold red]{plural(found.undelivered, 'message')} not delivered[/]"
        console().print(f"{undelivered}: `jstock notify retry` tries again")


@command(example="jstock notify outbox --most 50", show=_show_outbox)
def outbox(
    desk: Desk,
    *,
    most: Annotated[
        int, typer.Option("--most", min=0, metavar="N", help="The newest N messages; 0 for all.")
    ] = 20,
) -> OutboxListing:
    """List messages and what became of each; status 8 where one was not delivered."""
    return list_outbox(desk, most)


def _show_delivery(done: DeliveryResult) -> None:
    if not done.entries and not done.unrecorded:
        console().print("nothing waits")
    for entry in done.entries:
        sent = entry.status is Status.SENT
        result = "[green]sent[/]" if sent else f"[bold red]{entry.status}[/]: {escape(entry.error)}"
        console().print(
            f"{escape(entry.subject)}: {escape(entry.way)} to {escape(entry.recipient)}: {result}",
            soft_wrap=True,
        )
    if done.unrecorded:
        console().print(f"[bold red]not recorded[/]: {escape(done.unrecorded)}", soft_wrap=True)


@command(example="jstock notify retry", show=_show_delivery)
def retry(desk: Desk) -> DeliveryResult:
    """Send all messages that wait: those that failed, those given up, and digests."""
    return send_again(desk, say)


def _show_reminder(done: Reminder) -> None:
    if done.why:
        console().print(escape(done.why), soft_wrap=True)
    for text in done.texts:
        console().print(f"- {escape(text)}", soft_wrap=True)
    if done.delivery.entries or done.delivery.unrecorded:
        _show_delivery(done.delivery)


@command(example="jstock notify remind", show=_show_reminder)
def remind(workspace: WorkspaceOption = "", now: NowOption = "") -> Reminder:
    """Remind of what is to be done before the open: unresolved orders, a missing report; for schedulers."""
    with tell_failures("reminder", workspace, now, say):
        if closed := judge_day(make_clock(now)(), time.min, "reminder"):
            pass_closed_day("reminder", closed.day, workspace, now, say)
            return Reminder(closed.day, why=closed.text)
        desk = open_job_desk(workspace, now)
    return run_reminder(desk, say)
