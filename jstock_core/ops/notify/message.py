"""A message: what somebody is to hear, before anybody knows by which way it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from jstock_core.reports.render.mail import MailBody


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
