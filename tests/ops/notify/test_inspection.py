"""What a person asks of notifying: tests of ways, previews, the list of messages, another try."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError, UsageError
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.notify.inspection import list_outbox, preview_messages, run_way_tests
from jstock_core.ops.notify.tell import UndeliveredError, tell_people
from jstock_core.runs.latest import point_latest
from tests.ops.notify.people import DOWN, REFUSED, FakeWay
from tests.ops.notify.test_tell import ended, published

MakeDesk = Callable[..., Desk]
NOW = "2026-01-21T07:30"


def asked(desk: Desk, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object]]:
    status = run(["notify", *words, "-w", str(desk.workspace.root), "--now", NOW, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_test_shows_whether_a_way_works(
    told_desk: MakeDesk, mail: FakeWay, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = told_desk(ready="new")
    status, found = asked(desk, capsys, "test", "--way", "mail")
    assert (status, found) == (
        0, {"tests": [{"way": "mail", "recipient": "me@mail.example", "sent": True, "error": ""}]},
    )  # fmt: skip
    assert "This is a test" in mail.sent[0]["text"]
    mail.fault = DOWN
    status, found = asked(desk, capsys, "test")
    assert status == ExitStatus.DEGRADED
    assert mail.tried == 2  # nobody waits for a test
    assert list_outbox(desk).entries == ()


def test_the_list_of_messages_fits_a_terminal(
    told_desk: MakeDesk, mail: FakeWay, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    desk = told_desk()
    mail.fault = DOWN
    with pytest.raises(UndeliveredError):
        tell_people(ended(desk, error=ParamsError("oops")), lambda _: None)
    capsys.readouterr()
    run(["notify", "outbox", "-w", str(desk.workspace.root), "--now", NOW])
    lines = capsys.readouterr().out.splitlines()
    assert "connection refused" in " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= 80


def test_a_way_that_is_not_declared_is_named(told_desk: MakeDesk, mail: FakeWay) -> None:
    with pytest.raises(UsageError, match='no way is called "mial"; did you mean "mail"'):
        run_way_tests(told_desk(ready="new"), "mial")
    with pytest.raises(UsageError, match="no way is declared") as caught:
        run_way_tests(told_desk(ready="new", notify={"ways": {}}, name="other"))
    assert "use: smtp" in caught.value.do


def test_a_preview_writes_what_would_be_sent(
    told_desk: MakeDesk, mail: FakeWay, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = told_desk()
    made = published(desk).folder
    day = desk.workspace.runs / "2026-01-21"
    day.mkdir()
    point_latest(made.rename(day / "run"))
    status, found = asked(desk, capsys, "preview", "--into", str(tmp_path / "look"))
    assert (status, mail.sent) == (0, [])
    report = found["messages"][0]  # type: ignore[index]
    assert report["to"][0]["recipient"] == "me@mail.example"
    files = {Path(file).suffix: Path(file) for file in report["files"]}
    read = email.message_from_bytes(files[".eml"].read_bytes(), policy=email.policy.default)
    assert read["Subject"] == report["subject"]
    assert [part.get_filename() for part in read.iter_attachments()] == ["trade_report_2026-01-21.html"]
    assert "<html" in files[".html"].read_text(encoding="utf-8")
    assert list_outbox(desk).entries == ()
    with pytest.raises(UsageError, match="no run is published for 2026-01-20"):
        preview_messages(desk, "2026-01-20")


def test_the_list_and_another_try(
    told_desk: MakeDesk, mail: FakeWay, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = told_desk()
    assert asked(desk, capsys, "outbox") == (
        0, {"place": "", "undelivered": 0, "gathered": 0, "more": 0, "messages": []},
    )  # fmt: skip
    mail.fault = DOWN
    with pytest.raises(UndeliveredError):
        tell_people(ended(desk, published(desk)), lambda _: None)
    status, found = asked(desk, capsys, "outbox")
    (entry,) = found["messages"]  # type: ignore[misc]
    assert status == ExitStatus.DEGRADED
    assert list(entry) == (
        [
            "id",
            "key",
            "kind",
            "way",
            "recipient",
            "trade_date",
            "subject",
            "created",
            "next_try",
            "status",
            "attempts",
            "error",
            "sent_at",
        ]
    )
    mail.fault = None
    status, found = asked(desk, capsys, "retry")
    assert (status, len(found["sent"])) == (0, 1)  # type: ignore[arg-type]
    assert asked(desk, capsys, "outbox")[0] == ExitStatus.OK
    assert asked(desk, capsys, "retry") == (0, {"sent": [], "unsent": [], "unrecorded": ""})


def test_what_was_given_up_weeks_ago_needs_nobody(told_desk: MakeDesk, mail: FakeWay) -> None:
    desk = told_desk()
    mail.fault = REFUSED
    with pytest.raises(UndeliveredError):
        tell_people(ended(desk, published(desk)), lambda _: None)
    later = {day: open_desk(desk.workspace.root, now=f"2026-02-{day}T07:00") for day in ("03", "04")}
    assert list_outbox(later["03"]).exit is ExitStatus.DEGRADED
    assert list_outbox(later["04"]).exit is ExitStatus.OK


@pytest.mark.parametrize("words", [["outbox"], ["retry"], ["test"], ["remind"]])
def test_for_people_too(
    told_desk: MakeDesk, mail: FakeWay, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    desk = told_desk()
    mail.fault = DOWN
    with pytest.raises(UndeliveredError):
        tell_people(ended(desk, replace(published(desk))), lambda _: None)
    mail.fault = None
    run(["notify", *words, "-w", str(desk.workspace.root), "--now", NOW])
    said = " ".join(capsys.readouterr().out.split())
    assert {
        "outbox": "1 message not delivered", "retry": "me@mail.example: sent", "test": "mail to me",
        "remind": "- the",
    }[words[0]] in said  # fmt: skip
