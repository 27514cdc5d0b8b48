"""People hear of a job: what it published, why it failed, that it runs again; and never a word too many."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, Stopped
from jstock_core.base.intent import Intent
from jstock_core.desk.care.backups import restore_backup, take_backup
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.publishing.published import PublishedRun
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.notify.aside import FILE, find_settings, read_kept
from jstock_core.ops.notify.message import Kind
from jstock_core.ops.notify.outbox.entry import Status
from jstock_core.ops.notify.outbox.places import open_outbox, outbox_file
from jstock_core.ops.notify.tell import UndeliveredError, sender_of, tell_people
from jstock_core.ops.watch.ended import Ended
from jstock_core.reports.model.codec import REPORT_FILE
from jstock_core.reports.render.outgoing.files import write_files
from jstock_core.runs.manifest import RunStatus
from jstock_core.state.journal.proof.head import file_hash
from tests.ops.notify.people import DOWN, Clock, FakeWay

MakeDesk = Callable[..., Desk]


def published(desk: Desk, intent: Intent = Intent.JOURNAL) -> PublishedRun:
    """The run of a desk's morning as it is published, without its notebook."""
    made = run_day(desk, desk.next_trade_date).report
    folder = desk.workspace.runs / "a run"
    folder.mkdir(parents=True, exist_ok=True)
    write_files(made, folder)
    (folder / "report.html").write_text("<p>the page</p>", encoding="utf-8")
    headline = replace(made.headline, intent=intent)
    return PublishedRun(folder, headline.trade_date, RunStatus.OK, headline, {})


def ended(desk: Desk, run: PublishedRun | None = None, error: BaseException | None = None) -> Ended:
    now = desk.clock()
    return Ended(
        desk=desk, job="morning", trade_date=run.trade_date if run else now.date(), started=now, finished=now,
        run=run, error=error,
    )  # fmt: skip


def test_a_published_morning_is_told_and_a_rerun_is_not(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    run = published(desk)
    tell_people(ended(desk, run))
    told = list(mail.ids)
    assert mail.kinds[0] == Kind.REPORT
    tell_people(ended(desk, run))
    tell_people(ended(desk, replace(run, headline=replace(run.headline, intent=Intent.SHOW_AGAIN))))
    assert mail.ids == told


@pytest.mark.parametrize(
    "change",
    [
        {"intent": Intent.REHEARSE},
        {"error": KeyboardInterrupt(), "run": None},
        {"started": datetime(2026, 1, 21, 17, 0, tzinfo=JST)},  # the morning is over: it is shown again
    ],
    ids=["rehearsal", "stopped at the terminal", "past"],
)
def test_what_is_nobodys_news_is_not_told(
    told_desk: MakeDesk, mail: FakeWay, change: dict[str, object]
) -> None:
    desk = told_desk()
    tell_people(replace(ended(desk, published(desk)), **change))
    assert mail.sent == []


def test_a_desk_without_ways_leaves_nothing_behind(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk(notify={"ways": {}})
    tell_people(ended(desk, published(desk)))
    assert not outbox_file(desk.workspace.journal).exists()
    assert not (desk.workspace.data / FILE).exists()


def test_a_failure_and_its_end_are_told(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    for _ in range(3):  # a scheduler that tries again
        tell_people(ended(desk, error=DataError("no bars of 2026-01-20")))
    assert mail.kinds == [Kind.FAILURE]
    assert "no bars of 2026-01-20" in mail.sent[0]["text"]
    tell_people(ended(desk, published(desk)))
    assert mail.kinds[1:3] == [Kind.RECOVERY, Kind.REPORT]
    told = len(mail.sent)
    tell_people(ended(desk, published(desk)))
    assert len(mail.sent) == told


def test_a_signal_is_a_failure(told_desk: MakeDesk, mail: FakeWay) -> None:
    tell_people(ended(told_desk(), error=Stopped(15)))
    (subject,) = mail.subjects
    assert subject.startswith("[SIMULATED] Wed 2026-01-21: morning FAILED, status 143 (")


def test_what_is_not_delivered_is_said_and_no_failure_of_the_day(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk, clock = told_desk(), Clock()
    mail.fault = DOWN
    with pytest.raises(UndeliveredError, match="not delivered: mail to me@mail"):
        tell_people(ended(desk, published(desk)), clock.sleep)
    mail.fault = None
    tell_people(ended(open_desk(desk.workspace.root, now="2026-01-21T07:10"), published(desk)))
    assert mail.kinds[0] == Kind.REPORT


def test_what_was_given_up_is_a_warning_of_the_next_morning(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk(notify={"give_up_days": 1})
    mail.fault = DOWN
    with pytest.raises(UndeliveredError):
        tell_people(ended(desk, published(desk)), lambda _: None)
    later = open_desk(desk.workspace.root, now="2026-01-22T07:10")
    with pytest.raises(UndeliveredError):
        tell_people(ended(later, error=DataError("no bars")), lambda _: None)
    mail.fault = None
    tell_people(ended(later, published(later)))
    (warning,) = [each for each in mail.sent if each["kind"] == Kind.WARNING]
    assert "could not be delivered" in warning["text"]
    assert "jstock notify retry" in warning["text"]


def test_a_run_whose_values_cannot_be_read_is_told_by_its_numbers(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    run = published(desk)
    (run.folder / REPORT_FILE).write_text("{}", encoding="utf-8")
    tell_people(ended(desk, run))
    assert "no mail can be made of it" in mail.sent[0]["text"]


def test_the_journal_knows_nothing_of_messages(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    run = published(desk)
    before = file_hash(desk.workspace.journal), sorted(f.name for f in desk.workspace.state.rglob("*"))
    tell_people(ended(desk, run))
    new = sorted(f.name for f in desk.workspace.state.rglob("*") if f.name not in before[1])
    assert file_hash(desk.workspace.journal) == before[0]
    assert new == ["journal-outbox.lock", "journal-outbox.sqlite"]
    assert verify_journal(desk).faults == ()
    assert [stat.S_IMODE((desk.workspace.state / name).stat().st_mode) for name in new] == [0o600] * 2


def test_a_journal_that_is_put_back_sends_nothing_again(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    take_backup(desk)
    run = published(desk)
    tell_people(ended(desk, run))
    sent, box = list(mail.ids), open_outbox(desk.workspace)
    assert box is not None
    before = box.entries()
    restored = restore_backup(desk, force=True)
    assert restored.aside is not None
    assert box.entries() == before
    assert (mail.ids, len(before)) == (sent, len(sent))
    tell_people(ended(desk, run))
    assert mail.ids == sent


def test_without_an_outbox_messages_go_out_and_say_so(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    run = published(desk)
    outbox_file(desk.workspace.journal).write_bytes(b"no database at all" * 1000)
    with pytest.raises(UndeliveredError, match="sent, but not recorded"):
        tell_people(ended(desk, run))
    assert mail.kinds[0] == Kind.REPORT
    assert (
        "not recorded in the outbox: the outbox cannot be used: file is not a database"
        in mail.sent[0]["text"]
    )


def test_the_section_is_kept_for_mornings_without_parameters(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    tell_people(ended(desk, published(desk)))
    file = desk.workspace.data / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text(encoding="utf-8"))["notify"] == {"ways": {"mail": {"use": "fake"}}}
    desk.workspace.desk_yaml.write_text("notify: [", encoding="utf-8")
    kept = find_settings(desk.workspace)
    assert kept is not None
    assert tuple(kept.settings().ways) == ("mail",)
    assert kept.marks == ("SIMULATED",)
    file.write_text("{}", encoding="utf-8")
    assert read_kept(desk.workspace) is None


def test_what_waits_in_the_workspace_goes_with_a_server_that_is_back(
    told_desk: MakeDesk, mail: FakeWay, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    desk = told_desk(ready="new")
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", database.replace("/desk_", "/gone_"))
    mail.fault = DOWN
    with pytest.raises(UndeliveredError):
        tell_people(ended(desk, error=DataError("the server is away")), lambda _: None)
    assert outbox_file(desk.workspace.journal).exists()
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", database)
    mail.fault = None
    later = open_desk(desk.workspace.root, now="2026-01-21T08:00")
    tell_people(ended(later, error=DataError("the server is away")))
    assert mail.kinds == [Kind.FAILURE]
    server = open_outbox(later.workspace)
    assert server is not None
    assert server.name.startswith("PostgreSQL")
    assert [entry.status for entry in server.entries()] == [Status.SENT]
    assert sender_of(later).name
    assert date(2026, 1, 21) == server.entries()[0].trade_date
