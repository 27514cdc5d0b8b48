"""Drills of telling people: whatever goes wrong, they hear of it, and of nothing twice.

As in `test_drills`, with a real SMTP server beside the desk.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.notify import delivery
from jstock_core.ops.notify.aside import keep_settings
from jstock_core.ops.notify.inspection import list_outbox
from jstock_core.ops.notify.outbox.places import outbox_file
from jstock_core.testing import copy_desk
from tests.desk.days import MORNING, T
from tests.ops.notify.mail_server import Inbox, serve_mail
from tests.postgres import running_server
from tests.recovery.desks import decisions, typed
from tests.recovery.test_drills import NAMESPACE, ROOT, on_disk

DONE = (ExitStatus.OK, ExitStatus.DEGRADED)


@dataclass
class Mailbox(Inbox):
    """The people's mailbox; `hook` is called when the text of a mail has come, before it is answered."""

    hook: Callable[[Any], None] = field(default=lambda _: None)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.hook(server)
        return answer

    @property
    def subjects(self) -> list[str]:
        return [mail["Subject"].removeprefix("[SIMULATED] ") for mail in self.mails]

    def text(self, number: int) -> str:
        body = self.mails[number].get_body(("plain",))
        assert isinstance(body, EmailMessage)
        return str(body.get_content())


pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait before another try."""
    monkeypatch.setattr(delivery, "QUICK", (0.0,))


@pytest.fixture
def people() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    with serve_mail(mailbox, "none") as port:
        yield mailbox, port


@pytest.fixture
def mailbox(people: tuple[Mailbox, int]) -> Mailbox:
    return people[0]


@pytest.fixture
def root(shared_desk: Callable[..., Desk], tmp_path: Path, people: tuple[Mailbox, int]) -> Path:
    """A desk before the morning of T, which has told people before."""
    made = copy_desk(shared_desk(ready="fetched", history_sessions=5), tmp_path / "desk").workspace
    mail = {
        "use": "smtp", "host": "127.0.0.1", "port": people[1], "security": "none",
        "sender": "desk@mail.example", "to": ["trader@mail.example"],
    }  # fmt: skip

    def change(content: Any) -> None:
        content["notify"] = {"ways": {"mail": mail}}

    edit_yaml(made.desk_yaml, change)
    keep_settings(open_desk(made.root, now=MORNING))
    return made.root


def scheduled(root: Path, clock: str = "07:00") -> tuple[int, str]:
    said = typed(root, "daily", "--scheduled", now=f"{T}T{clock}")
    return said.status, said.text


def statuses(root: Path) -> list[str]:
    return [str(entry.status) for entry in list_outbox(open_desk(root, now=MORNING), 0).entries]


def test_the_mail_server_is_down(root: Path, mailbox: Mailbox) -> None:
    """The day is done; a schedule that comes again finds nothing to do but to send."""
    mailbox.answers["MAIL"] = "421 closing"
    status, text = scheduled(root)
    assert status in DONE
    assert "not done beside the day: 1 message not delivered" in text
    assert typed(root, "notify", "outbox", now=MORNING).status == ExitStatus.DEGRADED
    mailbox.answers.clear()
    status, text = scheduled(root, "07:10")
    assert status == ExitStatus.OK
    assert "is done" in text
    assert len(mailbox.mails) == 1
    assert typed(root, "notify", "outbox", now=MORNING).status == ExitStatus.OK


def test_the_connection_breaks_after_the_text(root: Path, mailbox: Mailbox) -> None:
    mailbox.hook = lambda server: server.transport.abort()
    assert scheduled(root)[0] in DONE
    assert statuses(root) == ["unsure"]
    mailbox.hook = lambda _: None
    scheduled(root, "07:10")
    assert statuses(root) == ["sent"]
    first, second = mailbox.received
    assert first.content == second.content, "the same mail to the byte, so also its Message-ID"


def test_it_is_killed_while_it_sends(root: Path, mailbox: Mailbox) -> None:
    """The server has the mail, and nobody is left to note it."""
    mailbox.answers["MAIL"] = "421 closing"
    scheduled(root)
    mailbox.answers.clear()
    words = [sys.executable, "-m", "jstock_core.cli", "notify", "retry", "-w", str(root), "--now", MORNING]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        mailbox.hook = lambda _: os.kill(process.pid, signal.SIGKILL)
        assert process.wait(120) == -signal.SIGKILL
    assert statuses(root) == ["unsure"]
    mailbox.hook = lambda _: None
    assert typed(root, "notify", "retry", now=MORNING).status == ExitStatus.OK
    first, second = mailbox.received
    assert first.content == second.content
    assert statuses(root) == ["sent"]


def test_the_outbox_is_damaged(root: Path, mailbox: Mailbox) -> None:
    file = outbox_file(root / "data" / "state" / "journal.sqlite")
    file.parent.mkdir()
    file.write_bytes(b"damaged" * 1000)
    status, text = scheduled(root)
    assert status in DONE
    assert "sent, but not recorded" in text
    assert "This message is not recorded in the outbox" in mailbox.text(0)
    assert list(mailbox.mails[0].iter_attachments())


def test_parameters_are_broken_by_an_edit(root: Path, mailbox: Mailbox) -> None:
    file = root / "params" / "desk.yaml"
    whole = file.read_text(encoding="utf-8")
    file.write_text(f"{whole}\nnotfy: [", encoding="utf-8")
    assert [scheduled(root)[0] for _ in range(2)] == [ExitStatus.PARAMS] * 2
    file.write_text(whole, encoding="utf-8")
    assert scheduled(root)[0] in DONE
    failed, *others = mailbox.subjects
    assert failed.startswith(f"Wed {T}: morning FAILED, status 3")
    assert str(file) in mailbox.text(0)
    assert any("morning runs again" in subject for subject in others)
    assert len(others) == 2


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("hots", "mail.example", 'hots: unknown key; did you mean "host"?'),
        ("use", "smpt", 'use: unknown notifier "smpt"; did you mean "smtp"?'),
        ("port", "25", "port: expected a whole number"),
    ],
)
def test_a_way_is_declared_wrongly(root: Path, mailbox: Mailbox, key: str, value: object, fault: str) -> None:
    """Nothing is decided, and people hear of it by the section that was good."""

    def change(content: Any) -> None:
        content["notify"]["ways"]["mail"][key] = value

    good = (root / "params" / "desk.yaml").read_text(encoding="utf-8")
    edit_yaml(root / "params" / "desk.yaml", change)
    for job in (["daily", "--scheduled"], ["notify", "remind"], ["notify", "test"], ["notify", "retry"]):
        said = typed(root, *job, now=MORNING)
        assert said.status == ExitStatus.PARAMS, job
        assert fault in said.text
        assert "notify, ways, mail" in said.text
    morning, reminder = (str(mail["Subject"]) for mail in mailbox.mails)
    assert "morning FAILED, status 3" in morning
    assert "reminder FAILED, status 3" in reminder
    assert decisions(root, str(T), MORNING) == []
    assert typed(root, "notify", "outbox", now=MORNING).status == ExitStatus.OK
    (root / "params" / "desk.yaml").write_text(good, encoding="utf-8")
    assert scheduled(root)[0] in DONE
    assert len(decisions(root, str(T), MORNING)) > 0


def test_the_secret_of_a_way_is_not_there(root: Path, mailbox: Mailbox) -> None:
    """The day is done; the message waits for the secret."""

    def change(content: Any) -> None:
        content["notify"]["ways"]["mail"] |= {"user": "desk", "password": "JSTOCK_NO_SUCH_SECRET"}

    edit_yaml(root / "params" / "desk.yaml", change)
    status, text = scheduled(root)
    assert status in DONE
    assert "JSTOCK_NO_SUCH_SECRET was not found" in " ".join(text.split())
    assert (mailbox.mails, statuses(root)) == ([], ["pending"])


def test_the_journal_is_damaged(root: Path, mailbox: Mailbox) -> None:
    scheduled(root)
    (root / "data" / "state" / "journal.sqlite").write_bytes(b"damaged")
    status, _ = scheduled(root, "07:10")
    assert status == ExitStatus.STATE
    assert "status 5" in mailbox.subjects[-1]
    assert "jstock state restore" in mailbox.text(-1)


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], check=False).returncode != 0,
    reason="disks are mounted in a namespace, which is not permitted here",
)
class TestTheDisk:
    """Where nothing can be written people hear of it all the same."""

    def test_it_may_only_be_read(self, root: Path, mailbox: Mailbox, tmp_path: Path) -> None:
        status, _, again, mended = on_disk(
            root, tmp_path / "disk", f"mount --bind {root} {root} && mount -o remount,bind,ro {root}",
            f"mount -o remount,bind,rw {root}",
        )  # fmt: skip
        assert status == ExitStatus.UNWRITABLE
        assert "morning FAILED, status 12" in mailbox.subjects[0]
        assert "This message is not recorded in the outbox" in mailbox.text(0)
        assert again in DONE, mended
        assert "orders" in mailbox.subjects[-1]

    def test_there_is_no_room_for_the_report(self, root: Path, mailbox: Mailbox) -> None:
        """The tickets come by mail."""
        runs = root / "runs"
        runs.mkdir(exist_ok=True)
        status, _, again, mended = on_disk(
            root, runs, f"mount -t tmpfs -o size=400k full {runs}", f"umount {runs}"
        )
        assert status == ExitStatus.PUBLISH
        assert "morning FAILED, status 9" in mailbox.subjects[0]
        assert f"the tickets of {T}" in mailbox.text(0)
        assert again in DONE, mended
        assert any("morning runs again" in subject for subject in mailbox.subjects)


def test_the_database_is_away(root: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure is kept in the workspace until the server is back, and then known there."""
    with running_server() as server:
        monkeypatch.setenv("JSTOCK_JOURNAL_URL", server.new_database("desk"))
        server.stop()
        assert [scheduled(root)[0] for _ in range(2)] == [ExitStatus.STATE] * 2
        assert len(mailbox.mails) == 1
        assert "status 5" in mailbox.subjects[0]
        server.start()
        assert scheduled(root, "07:10")[0] in DONE
        assert sum("morning runs again" in subject for subject in mailbox.subjects) == 1
        assert statuses(root).count("sent") == len(mailbox.mails)
