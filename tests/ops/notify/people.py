"""People who get messages, without a network: ways that keep what they send, and a clock that is moved."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jstock_core.base.clock import JST
from jstock_core.desk.settings.notify import read_notify
from jstock_core.ops.notify.delivery import Sender, Ways
from jstock_core.ops.notify.message import Kind, Message
from jstock_core.ops.notify.outbox.places import outbox_in
from jstock_core.ops.notify.outbox.store import Outbox
from jstock_core.ops.notify.ways.notifier import Notifier, NotSentError

DAY = date(2026, 1, 21)
SEVEN = datetime(2026, 1, 21, 7, 0, tzinfo=JST)


@dataclass
class FakeWay:
    """A way that keeps what it sends. It fails with `fault` while there is one; `before` is called first."""

    recipients: tuple[str, ...] = ("me@mail.example",)
    fault: Exception | None = None
    before: Callable[[], None] = lambda: None
    sent: list[dict[str, str]] = field(default_factory=list)
    tried: int = 0

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:
        said = {"id": message_id, "subject": message.subject, "text": message.text, "kind": message.kind}
        return json.dumps({**said, "to": recipient, "key": message.key}).encode()

    def send(self, packed: bytes, recipient: str) -> None:
        self.tried += 1
        self.before()
        if self.fault is not None:
            raise self.fault
        assert json.loads(packed)["to"] == recipient
        self.sent.append(json.loads(packed))

    @property
    def subjects(self) -> list[str]:
        return [each["subject"] for each in self.sent]

    @property
    def kinds(self) -> list[str]:
        return [each["kind"] for each in self.sent]

    @property
    def ids(self) -> list[str]:
        return [each["id"] for each in self.sent]


DOWN = NotSentError("connection refused", again=True)
REFUSED = NotSentError("no such mailbox", again=False)
CUT = NotSentError("the connection broke after the text", again=True, unsure=True)


@dataclass
class Clock:
    """A clock that stands until it is moved; who sleeps moves it."""

    now: datetime = SEVEN
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


def sender(ways: Mapping[str, Notifier], clock: Clock, **keys: Any) -> Sender:
    """The sender of a desk called test, with the keys of `notify` given."""
    declared = {"ways": {name: {"use": "fake"} for name in ways}, **keys}
    return Sender(
        name="test", identity="test", settings=read_notify(declared, "desk.yaml"), ways=Ways(ways),
        clock=clock, sleep=clock.sleep,
    )  # fmt: skip


def outbox(folder: Path) -> Outbox:
    """The outbox in a folder, opened anew as by another process."""
    opened = outbox_in(folder / "journal-outbox.sqlite")
    assert opened is not None
    return opened


def message(key: str = "one", kind: Kind = Kind.REPORT, day: date = DAY) -> Message:
    """A message with that key."""
    return Message(
        key=f"{kind}/{day}/{key}", kind=kind, trade_date=day, made=SEVEN, subject=f"subject {key}",
        text=f"text {key}\n", short=key,
    )  # fmt: skip
