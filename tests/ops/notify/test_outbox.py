"""The outbox in a file and on a server: the same rows, and nothing of the journal's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from jstock_core.base.durable import PRIVATE
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.notify.delivery import DeliveryResult, deliver
from jstock_core.ops.notify.message import Kind
from jstock_core.ops.notify.news import News, Told
from jstock_core.ops.notify.outbox import places
from jstock_core.ops.notify.outbox.entry import URGENCY, Gathered, OutboxEntry, Status
from jstock_core.ops.notify.outbox.places import open_outbox, outbox_file
from jstock_core.ops.notify.outbox.store import Outbox, OutboxBusyError, OutboxError, OutboxForbiddenError
from jstock_core.ops.notify.tell import post, tell
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.stores.place import parse_place
from tests.ops.notify.people import DAY, DOWN, SEVEN, Clock, FakeWay, message, sender
from tests.state.events import day
from tests.state.journal.test_journal import FACTS

Open = Callable[[], Outbox]


def opened(workspace: Workspace) -> Outbox:
    found = open_outbox(workspace)
    assert found is not None
    return found


@pytest.fixture(params=["file", "server"])
def box(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the outbox of a workspace, as each process does."""
    if request.param == "server":
        monkeypatch.setenv("JSTOCK_JOURNAL_URL", request.getfixturevalue("database"))
    else:
        monkeypatch.delenv("JSTOCK_JOURNAL_URL", raising=False)
    return lambda: opened(Workspace(tmp_path))


def test_rows_are_what_was_written(box: Open) -> None:
    clock, mail = Clock(), FakeWay(("a", "b"), fault=DOWN)
    by = sender({"mail": mail}, clock)
    post(box(), by, News((message(), message("two", Kind.FAILURE)), (Told("alert/x", DAY, "x"),)))
    deliver(box(), by)
    first, *others = box().entries()
    assert first == OutboxEntry(
        id=first.id, key=first.key, kind=first.kind, way="mail", recipient=first.recipient, trade_date=DAY,
        subject=first.subject, created=SEVEN, next_try=first.next_try, attempts=1, error="connection refused",
    )  # fmt: skip
    assert len(others) == 3
    assert {entry.packed for entry in box().due(None)} != {b""}
    assert box().memory() == {"alert/x": Told("alert/x", DAY, "x")}
    mail.fault = None
    deliver(box(), by, everything=True)
    assert {entry.status for entry in box().entries()} == {Status.SENT}
    assert box().due(None) == ()


def test_what_is_urgent_goes_first(box: Open) -> None:
    mail = FakeWay()
    by = sender({"mail": mail}, Clock())
    post(box(), by, News(tuple(message(kind=Kind(kind)) for kind in reversed(URGENCY))))
    deliver(box(), by)
    assert tuple(mail.kinds) == URGENCY
    assert sorted(URGENCY) == sorted(Kind)


def test_what_is_told_and_over_changes_with_its_messages(box: Open) -> None:
    told = Told("alert/x", DAY, "x")
    box().add((), [told, Told("alert/y", DAY, "y")])
    later = Told("alert/x", DAY + timedelta(days=1), "x again")
    box().add((), [later], ["alert/y", "alert/unknown"])
    assert box().memory() == {"alert/x": later}


def test_a_standby_is_dropped_or_takes_over(box: Open) -> None:
    mail, phone = FakeWay(fault=DOWN), FakeWay(("phone",))
    by = sender(
        {"mail": mail, "phone": phone}, Clock(), routes={"report": {"to": "mail", "fallback": "phone"}}
    )
    post(box(), by, News((message(),)))
    assert box().settle_standby(SEVEN) == 0
    deliver(box(), by)
    assert len(phone.sent) == 1
    mail.fault = None
    post(box(), by, News((message("two"),)))
    deliver(box(), by)
    assert sorted(e.status for e in box().entries() if e.way == "phone") == [Status.DROPPED, Status.SENT]


def test_gathered_warnings_wait_for_their_digest(box: Open) -> None:
    each = Gathered("warning/1", DAY, SEVEN + timedelta(hours=10), "late")
    box().add((), gather=[each])
    box().add((), gather=[each])
    assert box().gathered(SEVEN) == ()
    assert box().gathered(each.due) == box().gathered(None) == (each,)
    box().send_digest((), [each])
    assert box().gathered(None) == ()


def test_old_rows_are_forgotten_unless_they_are_still_to_be_sent(box: Open) -> None:
    clock, mail = Clock(), FakeWay()
    by = sender({"mail": mail}, clock)
    post(box(), by, News((message(),)))
    deliver(box(), by)
    post(box(), by, News((message("two"),)))
    box().prune(SEVEN + timedelta(seconds=1))
    assert [entry.status for entry in box().entries()] == [Status.PENDING]


def test_the_journal_of_a_server_is_as_it_was(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its chain and its head have tables of their own; the journal opens beside the outbox, and after it."""
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", database)
    by = sender({"mail": FakeWay()}, Clock())
    post(opened(Workspace(tmp_path)), by, News((message(),)))
    journal = Journal.open(parse_place(database), "simulated:1", lambda: SEVEN)
    journal.append(FACTS)
    records = journal.records()
    deliver(opened(Workspace(tmp_path)), by)
    assert Journal.open(parse_place(database), "simulated:1", lambda: SEVEN).records() == records
    assert day(5) >= FACTS[0].session


def test_a_file_of_another_place_lies_beside_its_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", str(tmp_path / "shared" / "desk.db"))
    box = opened(Workspace(tmp_path / "ws"))
    assert box.name == str(tmp_path / "shared" / "desk-outbox.sqlite")
    assert outbox_file(tmp_path / "shared" / "desk.db").stat().st_mode & 0o777 == PRIVATE


def test_an_outbox_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", "nowhere")
    with pytest.raises(OutboxError, match="the outbox cannot be used: the journal's URL"):
        opened(Workspace(tmp_path))
    monkeypatch.delenv("JSTOCK_JOURNAL_URL")
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    with pytest.raises(OutboxError, match="the outbox cannot be used") as caught:
        opened(Workspace(tmp_path))
    assert caught.value.exit == 12


def test_without_messages_nothing_is_made(tmp_path: Path) -> None:
    assert open_outbox(Workspace(tmp_path), create=False) is None
    assert list(tmp_path.iterdir()) == []


def test_who_may_not_use_the_tables_leaves_sending_to_others(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trader who shows a report again sends nobody a mail from his machine."""
    psycopg = pytest.importorskip("psycopg")
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", database)
    assert opened(Workspace(tmp_path)).entries() == ()
    with psycopg.connect(database, autocommit=True) as server:
        server.execute("CREATE ROLE trader_of_messages LOGIN")
    monkeypatch.setenv("JSTOCK_JOURNAL_URL", database.replace("//desk@", "//trader_of_messages@"))
    mail = FakeWay()
    with pytest.raises(OutboxForbiddenError, match="whoever owns them sends"):
        tell(Workspace(tmp_path), sender({"mail": mail}, Clock()), DAY, lambda _: News((message(),)))
    assert mail.sent == []
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_both_send(box: Open) -> None:
    """Whoever comes second waits, and finds nothing left to send."""
    mail = FakeWay()
    by = sender({"mail": mail}, Clock())
    post(box(), by, News((message(),)))
    begun, others = threading.Event(), []

    def second() -> None:
        begun.wait(10)
        others.append(deliver(box(), by))

    thread = threading.Thread(target=second)
    mail.before = begun.set
    thread.start()
    deliver(box(), by)
    thread.join()
    assert len(mail.sent) == 1
    assert others == [DeliveryResult()]


def test_whoever_waits_too_long_leaves_it_to_the_other(box: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PATIENCE_S", 0.05)
    by = sender({"mail": FakeWay()}, Clock())
    post(box(), by, News((message(),)))
    with box().sending(), pytest.raises(OutboxBusyError, match="has been sending"):
        deliver(box(), by)
    assert len(deliver(box(), by).sent) == 1
