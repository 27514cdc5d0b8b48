"""What a person asks: does a way work, what would be sent, what became of messages; and to try again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import ExitStatus, UsageError, WriteError
from jstock_core.base.params import did_you_mean
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.notify.delivery import DeliveryResult, Sender, attempt_once, deliver
from jstock_core.ops.notify.message import Message
from jstock_core.ops.notify.messages import check_message
from jstock_core.ops.notify.news import Memory, report_news
from jstock_core.ops.notify.outbox.entry import OutboxEntry, Status
from jstock_core.ops.notify.outbox.places import open_outbox, reach_outbox
from jstock_core.ops.notify.tell import published_report, report_attachments, sender_of
from jstock_core.runs.latest import latest_run, run_days

PREVIEW = "preview"
"""The folder of `data/` into which a preview is written."""


@dataclass(frozen=True)
class WayTest:
    """What became of a test message to one recipient; `error` is "" where it was sent."""

    way: str
    recipient: str
    error: str

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"way": self.way, "recipient": self.recipient, "sent": not self.error, "error": self.error}


@dataclass(frozen=True)
class WayTests:
    """The test of one way, or of all."""

    tests: tuple[WayTest, ...]

    @property
    def exit(self) -> ExitStatus:
        """Degraded where a message did not go out."""
        return ExitStatus.DEGRADED if any(test.error for test in self.tests) else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"tests": [test.as_json() for test in self.tests]}


def run_way_tests(desk: Desk, way: str = "") -> WayTests:
    """Send a message that is marked as a test by a way, or by each; the outbox has nothing to do with it.

    Raises:
        UsageError: no way is declared, or none of that name.

    """
    sender = require_ways(sender_of(desk))
    known = tuple(sender.settings.ways)
    if way and way not in known:
        raise UsageError(
            f'no way is called "{way}"{did_you_mean(way, known)}', where=f"{desk.workspace.desk_yaml}, notify"
        )
    return WayTests(tuple(test for name in known if way in ("", name) for test in _test(sender, name)))


def _test(sender: Sender, way: str) -> Iterator[WayTest]:
    message = check_message(sender.letterhead(), way)
    for entry in sender.entries_by(way, message, sender.clock()):
        done = entry if entry.error else attempt_once(sender, entry)
        yield WayTest(way, entry.recipient, done.error)


def require_ways(sender: Sender) -> Sender:
    """The sender, where it has a way to anybody.

    Raises:
        UsageError: no way is declared.
        ParamsError: one is declared wrongly.

    """
    if not sender.settings.ways:
        raise UsageError(
            "nobody is to be told of anything: no way is declared",
            where="params/desk.yaml, notify",
            do="declare one, as `notify: {ways: {mail: {use: smtp, host: mail.example.com, "
            "sender: desk@example.com, to: [you@example.com]}}}`",
        )
    sender.ways.require_sound()
    return sender


@dataclass(frozen=True)
class PreviewedMessage:
    """A message as it would be sent: to whom by which way (`standby` only where a first way fails)."""

    message: Message
    to: tuple[OutboxEntry, ...]
    files: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "kind": str(self.message.kind),
            "subject": self.message.subject,
            "to": [
                {
                    "way": each.way,
                    "recipient": each.recipient,
                    "standby": each.status is Status.STANDBY,
                    "bytes": len(each.packed),
                    "error": each.error,
                }
                for each in self.to
            ],
            "files": [str(file) for file in self.files],
        }


@dataclass(frozen=True)
class NotifyPreview:
    """The messages of a published morning, as if nothing had been told yet; none is sent."""

    trade_date: date
    folder: Path
    messages: tuple[PreviewedMessage, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "trade_date": str(self.trade_date),
            "folder": str(self.folder),
            "messages": [each.as_json() for each in self.messages],
        }


def preview_messages(desk: Desk, day: str = "", into: str = "") -> NotifyPreview:
    """Write the messages of the newest published morning, or of a date, into a folder as files to look at.

    Raises:
        UsageError: no way is declared, or no run is published.
        DataError: the run's values are of another version of jstock.
        WriteError: the folder cannot be written.

    """
    sender = require_ways(sender_of(desk))
    run, trade_date = _published(desk, day)
    report, words = published_report(run), desk.settings.words
    nothing_told = Memory({}, trade_date)
    news = report_news(sender.letterhead(), report, words, report_attachments(run, trade_date), nothing_told)
    folder = Path(into).expanduser() if into else desk.workspace.data / PREVIEW
    shown = []
    for message in map(sender.redact, news.messages):
        files = tuple(_write(folder, message))
        shown.append(PreviewedMessage(message, sender.entries(message, sender.clock()), files))
    return NotifyPreview(trade_date, folder, tuple(shown))


def _published(desk: Desk, day: str) -> tuple[Path, date]:
    days = [str(parse_date(day))] if day else run_days(desk.workspace.runs)
    for name in reversed(days):
        run = latest_run(desk.workspace.runs, date.fromisoformat(name))
        if run is not None:
            return run, date.fromisoformat(name)
    raise UsageError(
        f"no run is published{f' for {day}' if day else ''}",
        where=str(desk.workspace.runs),
        do="run the day first: `jstock daily`",
    )


def _write(folder: Path, message: Message) -> Iterator[Path]:
    """A message as text, and one with a mail of its own as HTML and as a mail program opens it."""
    parts = {"txt": message.text.encode()}
    if message.body is not None:
        parts |= {"html": message.body.html.encode(), "eml": bytes(message.body.message(message.attachments))}
    for ending, content in parts.items():
        path = folder / f"{message.kind}_{message.trade_date}.{ending}"
        try:
            make_private_folder(folder)
            write_atomically(path, content)
        except OSError as error:
            raise WriteError(f"cannot be written: {os_reason(error)}", where=str(path)) from error
        yield path


@dataclass(frozen=True)
class OutboxListing:
    """What became of messages, oldest first, `more` of them not listed; `gathered` wait for a digest."""

    place: str
    entries: tuple[OutboxEntry, ...]
    more: int
    gathered: int
    undelivered: int

    @property
    def exit(self) -> ExitStatus:
        """Degraded where something was tried and did not surely go out."""
        return ExitStatus.DEGRADED if self.undelivered else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "place": self.place,
            "undelivered": self.undelivered,
            "gathered": self.gathered,
            "more": self.more,
            "messages": [entry.as_json() for entry in self.entries],
        }


def list_outbox(desk: Desk, most: int = 20) -> OutboxListing:
    """The newest messages of the outbox; all of them with 0. Nothing is made where there is none.

    Raises:
        OutboxError: it cannot be used.

    """
    outbox = open_outbox(desk.workspace, create=False)
    if outbox is None:
        return OutboxListing("", (), 0, 0, 0)
    entries = outbox.entries()
    shown = entries[-most:] if most else entries
    now = desk.clock()
    undelivered = sum(entry.is_undelivered(now) for entry in entries)
    return OutboxListing(
        outbox.name, shown, len(entries) - len(shown), len(outbox.gathered(None)), undelivered
    )


def retry(desk: Desk, say: Callable[[str], None]) -> DeliveryResult:
    """Send all that waits now: what failed, what was given up, digests; in quiet hours too.

    Raises:
        UsageError: no way is declared.
        OutboxError: the outbox cannot be used, or another process keeps sending.

    """
    sender = require_ways(sender_of(desk))
    say("send what waits")
    return deliver(reach_outbox(desk.workspace), sender, everything=True)
