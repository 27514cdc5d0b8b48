"""The reminder before the open: sent where something is to be done, and silent where nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import ExitStatus, StateError
from jstock_core.cli import run
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.jobs import reminder
from jstock_core.ops.jobs.reminder import find_unresolved, find_waiting_buys, run_reminder
from jstock_core.ops.notify import tell
from jstock_core.ops.notify.delivery import Ways
from jstock_core.ops.notify.message import Kind
from jstock_core.ops.watch.heartbeat import read_heartbeats
from jstock_core.testing import copy_desk
from tests.ops.notify.people import DOWN, FakeWay
from tests.storms.desks import BUSY

MANUAL = {"conservative": BUSY | {"fills": "manual"}}


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> FakeWay:
    way = FakeWay()
    monkeypatch.setattr(tell, "open_ways", lambda settings, _: Ways(dict.fromkeys(settings.ways, way)))
    return way


@pytest.fixture
def root(shared_desk: Callable[..., Desk], tmp_path: Path) -> Path:
    """A desk that a person fills by hand, on the evening of a morning with orders."""
    made = copy_desk(shared_desk(history_sessions=0, changes=MANUAL), tmp_path / "desk").workspace

    def change(content: Any) -> None:
        content["notify"] = {"ways": {"mail": {"use": "fake"}}}

    edit_yaml(made.desk_yaml, change)
    return made.root


def remind(root: Path, now: str) -> reminder.Reminder:
    return run_reminder(open_desk(root, now=now), sleep=lambda _: None)


def test_unresolved_orders_and_a_missing_report_are_reminded_of_once(root: Path, mail: FakeWay) -> None:
    done = remind(root, "2026-01-22T08:30")
    assert done.texts[0] == "the report of 2026-01-22 is not published: see why, then run `jstock daily`"
    assert "on 2026-01-21: `jstock trade record --date 2026-01-21`" in done.texts[1]
    (told,) = mail.sent
    assert told["kind"] == Kind.ACTION
    assert all(text in told["text"] for text in done.texts)
    assert "things to do before 09:00 JST" in told["subject"]
    remind(root, "2026-01-22T08:35")
    assert len(mail.sent) == 1
    remind(root, "2026-01-23T08:30")
    assert len(mail.sent) == 2


def test_buys_that_wait_for_approval_are_reminded_of_while_they_can_have_it(root: Path) -> None:
    desk = open_desk(root, now="2026-01-21T08:30")
    orders = desk.journal().book().group("conservative").orders.values()
    buys = [order for order in orders if order.side == "BUY" and order.session == date(2026, 1, 21)]
    assert buys
    assert list(find_waiting_buys(desk)) == []
    with desk.writing("a test") as journal:
        waiting = replace(buys[0], revision=1, approve_until="2026-01-21T08:50")
        journal.append([waiting])
    (text,) = find_waiting_buys(open_desk(root, now="2026-01-21T08:49"))
    assert f"approve the BUY of {waiting.shares:,} {waiting.code} until 08:50" in text
    assert f"`jstock trade approve --code {waiting.code}`" in text
    assert list(find_waiting_buys(open_desk(root, now="2026-01-21T08:50"))) == []


def test_orders_of_today_are_not_yet_unresolved(root: Path) -> None:
    assert list(find_unresolved(open_desk(root, now="2026-01-21T08:30"))) == []


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ("2026-01-22T09:00", "the session of 2026-01-22 has opened"),
        ("2026-01-22T08:59", "nothing is to be done"),
    ],
)
def test_where_nothing_is_to_be_done_nothing_is_sent(
    root: Path, mail: FakeWay, now: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if now.endswith("59"):
        monkeypatch.setattr(reminder, "REMINDERS", ())
    done = remind(root, now)
    assert why in done.why
    assert mail.sent == []
    assert list(read_heartbeats(root / "runs")) == ["reminder"]


def test_a_reminder_that_cannot_be_sent_waits_and_is_degraded(root: Path, mail: FakeWay) -> None:
    mail.fault = DOWN
    assert remind(root, "2026-01-22T08:30").exit is ExitStatus.DEGRADED
    mail.fault = None
    remind(root, "2026-01-22T08:40")
    assert len(mail.sent) == 1


def test_a_damaged_journal_is_told(root: Path, mail: FakeWay) -> None:
    (root / "data" / "state" / "journal.head").write_text("no head", encoding="utf-8")
    with pytest.raises(StateError):
        remind(root, "2026-01-22T08:30")
    assert mail.kinds == [Kind.FAILURE]
    assert "reminder FAILED, status 5" in mail.subjects[0]


def test_the_command_says_what_it_did(root: Path, mail: FakeWay, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["notify", "remind", "-w", str(root), "--json", "--now"]
    assert run([*given, "2026-01-22T08:30"]) == ExitStatus.OK
    found = json.loads(capsys.readouterr().out)
    assert found["trade_date"] == "2026-01-22"
    assert len(found["delivery"]["sent"]) == 1
    assert run([*given, "2026-01-24T08:30"]) == ExitStatus.OK
    assert "market closed" in json.loads(capsys.readouterr().out)["why_not"]
    (root / "params" / "desk.yaml").write_text("a: [", encoding="utf-8")
    assert run([*given, "2026-01-22T08:30"]) == ExitStatus.PARAMS
    assert date.fromisoformat(found["trade_date"]).day == 22
