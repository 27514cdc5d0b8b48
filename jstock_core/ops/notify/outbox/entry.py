"""An entry of the outbox: a message to one recipient by one way; and a warning kept for a digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from jstock_core.base.clock import JST


class Status(StrEnum):
    """What became of an entry."""

    PENDING = "pending"
    UNSURE = "unsure"
    """It is being sent, or nobody knows whether it went: it goes again, under the same id."""
    SENT = "sent"
    FAILED = "failed"
    STANDBY = "standby"
    """It takes over where a first way fails."""
    DROPPED = "dropped"
    """It was on standby and was not needed."""


URGENCY = ("failure", "action", "recovery", "report", "warning")
"""Kinds of messages in the order in which those of one moment go out."""
FAILED_FOR = timedelta(days=14)
"""How long after it was made a message that was given up needs a person; later it is history."""
OPEN = (Status.PENDING, Status.UNSURE)


@dataclass(frozen=True, kw_only=True)
class OutboxEntry:
    """A message to one recipient by one way. `id` is its Message-ID; `packed` is kept until it is sent."""

    id: str
    key: str
    kind: str
    way: str
    recipient: str
    trade_date: date
    subject: str
    created: datetime
    next_try: datetime
    status: Status = Status.PENDING
    attempts: int = 0
    error: str = ""
    sent_at: datetime | None = None
    packed: bytes = b""

    def is_undelivered(self, now: datetime) -> bool:
        """Whether it was tried, or given up not long ago, and did not surely go out."""
        if self.status is Status.FAILED:
            return now - self.created < FAILED_FOR
        return self.status in OPEN and self.attempts > 0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, without the message itself."""
        row = entry_row(self)
        del row["packed"]
        moments = {name: _shown(getattr(self, name)) for name in ("created", "next_try", "sent_at")}
        return {**row, **moments}


@dataclass(frozen=True)
class Gathered:
    """A warning kept for the digest that is due at `due`."""

    key: str
    trade_date: date
    due: datetime
    text: str


def entry_row(entry: OutboxEntry) -> dict[str, Any]:
    """An entry as its row."""
    moments = {name: moment_text(getattr(entry, name)) for name in ("created", "next_try")}
    sent = "" if entry.sent_at is None else moment_text(entry.sent_at)
    plain = {"status": str(entry.status), "kind": str(entry.kind), "trade_date": str(entry.trade_date)}
    return {**vars(entry), **plain, **moments, "sent_at": sent}


def read_entry(row: Mapping[Any, Any]) -> OutboxEntry:
    """The entry of a row."""
    known = dict(row)
    known["sent_at"] = read_moment(known["sent_at"]) if known["sent_at"] else None
    return OutboxEntry(
        **known | {
            "trade_date": date.fromisoformat(known["trade_date"]), "status": Status(known["status"]),
            "created": read_moment(known["created"]), "next_try": read_moment(known["next_try"]),
        }
    )  # fmt: skip


def gathered_row(each: Gathered) -> dict[str, Any]:
    """A gathered warning as its row."""
    return {**asdict(each), "trade_date": str(each.trade_date), "due": moment_text(each.due)}


def moment_text(moment: datetime) -> str:
    """A moment as text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str) -> datetime:
    """The moment that `moment_text` wrote."""
    return datetime.fromisoformat(text).astimezone(JST)


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(JST).isoformat(timespec="seconds")
