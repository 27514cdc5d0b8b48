"""A message: what somebody is to hear, before anybody knows by which way it goes; and its letterhead."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from jstock_core.reports.render.outgoing.mail import PHONE_CHARACTERS, MailBody


class Kind(StrEnum):
    """What a message is for; routes are declared by it."""

    REPORT = "report"
    ACTION = "action"
    """Something is to be typed or placed."""
    WARNING = "warning"
    FAILURE = "failure"
    RECOVERY = "recovery"


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message. `key` tells it apart from all others and is the same whenever it is made again.

    `made` is when it was made (aware), by the desk's clock; a mail is dated by it.
    `subject` is one line, `text` the whole as plain text, and `short`, for a phone, at most 320 characters.
    A mail may have a `body` of its own, with pictures, and `attachments` by file name.
    """

    key: str
    kind: Kind
    trade_date: date
    made: datetime
    subject: str
    text: str
    short: str
    body: MailBody | None = None
    attachments: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Letterhead:
    """How messages name their desk, when they are made, and the words on everything that shows its market.

    `said` stands for all that was said of the trade date before: what is said again after something else was
    is a message of its own.
    """

    name: str
    made: datetime
    marks: tuple[str, ...] = ()
    said: str = ""

    def key(self, kind: Kind, day: date, content: Any) -> str:
        """What tells a message from others: what it says, and what was said before it."""
        return f"{kind}/{day}/{digest_of([content, self.said] if self.said else content)}"

    def message(
        self, kind: Kind, day: date, subject: str, lines: Sequence[str], content: Any, short: Iterable[str]
    ) -> Message:
        """A message of plain lines, told apart by its `content`; of `short` as much as fits on a phone."""
        return Message(
            key=self.key(kind, day, content), kind=kind, trade_date=day, made=self.made, subject=subject,
            text="\n".join(lines).strip() + "\n", short=cut_for_phone("\n".join(filter(None, short))),
        )  # fmt: skip

    def subject(self, day: date, text: str) -> str:
        """A subject line; the marks come first, as on a page."""
        marks = "".join(f"[{mark}] " for mark in self.marks)
        return " ".join(f"{marks}{day:%a} {day}: {text} ({self.name})".split())


def digest_of(content: Any) -> str:
    """A short hash of plain values."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def cut_for_phone(text: str) -> str:
    """At most 320 characters, an ellipsis in the place of the rest."""
    return text if len(text) <= PHONE_CHARACTERS else f"{text[: PHONE_CHARACTERS - 1]}…"
