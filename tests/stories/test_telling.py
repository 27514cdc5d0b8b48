"""A week of mornings that people hear of, by a real SMTP server that is away for two days.

Wednesday goes well; on Thursday and Friday the server refuses everything; Monday fails once and runs again;
on Tuesday the process dies between the server's answer and the note of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import DataError, JstockError
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.jobs.reminder import run_reminder
from jstock_core.ops.notify import delivery
from jstock_core.ops.notify.inspection import list_outbox
from jstock_core.ops.notify.outbox.entry import OutboxEntry, Status
from jstock_core.ops.notify.outbox.store import Outbox
from jstock_core.ops.notify.tell import tell_people
from jstock_core.ops.watch.ended import Ended
from jstock_core.reports.render.outgoing.files import write_files
from jstock_core.runs.manifest import RunStatus
from jstock_core.testing import copy_desk
from tests.ops.notify.mail_server import Inbox, serve_mail
from tests.storms.desks import BUSY

WEEK = ("2026-01-21", "2026-01-22", "2026-01-23", "2026-01-26", "2026-01-27")


class Killed(BaseException):
    """The process is gone."""


class Week:
    """The desk, its people and their mailbox."""

    def __init__(self, root: Path, inbox: Inbox) -> None:
        self.root, self.inbox = root, inbox
        self.undelivered: list[str] = []

    def at(self, when: str) -> Desk:
        return open_desk(self.root, now=when)

    def morning(self, day: str, clock: str = "07:00", fault: Exception | None = None) -> None:
        """A run of the morning of a day, which ends well or with a fault."""
        desk = self.at(f"{day}T{clock}")
        run = None if fault else self._publish(desk)
        now = desk.clock()
        ended = Ended(
            desk=desk, job="morning", trade_date=now.date(), started=now, finished=now, run=run, error=fault
        )
        self._try(lambda: tell_people(ended, lambda _: None))

    def remind(self, day: str) -> None:
        run_reminder(self.at(f"{day}T08:30"), sleep=lambda _: None)

    def _publish(self, desk: Desk) -> PublishedRun:
        report = run_day(desk, desk.next_trade_date).report
        day = report.header.trade_date
        folder = desk.workspace.runs / str(day) / f"{desk.clock():%H%M}"
        folder.mkdir(parents=True, exist_ok=True)
        write_files(report, folder)
        (folder / "report.html").write_text("<p>the page</p>", encoding="utf-8")
        return PublishedRun(folder, day, RunStatus.OK, report.headline, {})

    def _try(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except JstockError as error:
            self.undelivered.append(error.what)

    @property
    def mails(self) -> list[EmailMessage]:
        return self.inbox.mails

    def subjects(self, since: int = 0) -> list[str]:
        """What arrived, without the marks and the name of the desk."""
        return [
            mail["Subject"].removeprefix("[SIMULATED] ").partition(" (")[0] for mail in self.mails[since:]
        ]


@pytest.fixture
def week(shared_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Week]:
    monkeypatch.setattr(delivery, "QUICK", (0.0, 0.0))
    manual = {"conservative": BUSY | {"fills": "manual"}}
    made = copy_desk(shared_desk(ready="fetched", history_sessions=0, changes=manual), tmp_path / "desk")
    inbox = Inbox()
    with serve_mail(inbox, "none") as port:
        mail = {
            "use": "smtp", "host": "127.0.0.1", "port": port, "security": "none",
            "sender": "desk@mail.example", "to": ["trader@mail.example"],
        }  # fmt: skip

        def change(content: Any) -> None:
            content["notify"] = {"ways": {"mail": mail}}

        edit_yaml(made.workspace.desk_yaml, change)
        yield Week(made.workspace.root, inbox)


def test_a_week_with_a_server_that_is_away_for_two_days(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    wednesday, thursday, friday, monday, tuesday = WEEK
    week.morning(wednesday)
    orders, report = week.subjects()
    assert orders.endswith("orders to place")
    assert report.startswith("Wed 2026-01-21: ")
    week.morning(wednesday, "07:05")
    assert len(week.mails) == 2

    week.inbox.answers["MAIL"] = "451 try again later"
    week.morning(thursday)
    week.remind(thursday)
    week.morning(friday)
    assert len(week.mails) == 2
    assert len(week.undelivered) == 2
    assert "451" in week.undelivered[0]
    week.inbox.answers.clear()

    week.morning(monday, fault=DataError("no bars of 2026-01-23"))
    after_failure = week.subjects(2)
    assert [s for s in after_failure if "FAILED" in s] == ["Mon 2026-01-26: morning FAILED, status 4"]
    assert {s[:14] for s in after_failure} == {"Thu 2026-01-22", "Fri 2026-01-23", "Mon 2026-01-26"}
    assert any("reminder" in s for s in after_failure)
    so_far = len(week.mails)
    week.morning(monday, "07:10")
    assert "Mon 2026-01-26: morning runs again" in week.subjects(so_far)

    so_far = len(week.mails)
    kill_after_the_answer(monkeypatch)
    with pytest.raises(Killed):
        week.morning(tuesday)
    monkeypatch.undo()
    assert len(week.mails) == so_far + 1
    for clock in ("07:10", "07:20"):
        week.morning(tuesday, clock)

    check_mailbox(week)
    entries = list_outbox(week.at(f"{tuesday}T08:00"), 0).entries
    assert {entry.status for entry in entries} == {Status.SENT}
    assert {entry.id for entry in entries} == {mail["Message-ID"] for mail in week.mails}
    assert verify_journal(week.at(f"{tuesday}T08:00")).faults == ()


def kill_after_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process die when it is to note that a message was sent."""
    save = Outbox.save

    def die(outbox: Outbox, entry: OutboxEntry) -> None:
        if entry.status is Status.SENT:
            raise Killed
        save(outbox, entry)

    monkeypatch.setattr(Outbox, "save", die)


def check_mailbox(week: Week) -> None:
    """Every report once, no alert twice; the one mail that came twice is the same to the byte."""
    times = Counter(mail["Message-ID"] for mail in week.mails)
    (twice,) = [name for name, count in times.items() if count > 1]
    one, other = [mail for mail in week.mails if mail["Message-ID"] == twice]
    assert one.as_bytes() == other.as_bytes()
    distinct = {mail["Message-ID"]: mail for mail in week.mails}.values()
    reports = [mail["Subject"] for mail in distinct if list(mail.iter_attachments())]
    assert [sum(day in subject for subject in reports) for day in WEEK] == [1] * 5
    texts = [
        mail.get_body(("plain",)).get_content() for mail in distinct if not list(mail.iter_attachments())
    ]
    alerts = [line for text in texts for line in text.splitlines() if "has neither a fill" in line]
    assert alerts
    assert max(Counter(alerts).values()) == 1
    assert all(datetime.strptime(m["Date"], "%a, %d %b %Y %H:%M:%S %z").tzinfo for m in distinct)
