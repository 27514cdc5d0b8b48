"""Records of events, each hashed together with the one before: no past can be changed unseen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from jstock_core.base.errors import JstockError, StateError
from jstock_core.state.facts.codec import JsonText, canonical
from jstock_core.state.facts.events import Event, GroupEvent, from_json

RESTORE = (
    "change nothing; `jstock state restore` puts back the newest sound backup, and keeps these files aside"
)


class Tip(NamedTuple):
    """The end of a chain: the last sequence and its hash."""

    seq: int
    hash: str


class Record(NamedTuple):
    """An event as journaled. `payload` is its canonical JSON, `recorded_at` an ISO time with its zone.

    What the ledger need not read is in `details`, as canonical JSON too.
    """

    seq: int
    id: str
    kind: str
    session: str
    group: str | None
    recorded_at: str
    source: str
    payload: str
    details: str | None
    prev_hash: str
    hash: str


def genesis(provider: str) -> Tip:
    """The beginning of every chain on a provider's prices."""
    return Tip(0, sha256(canonical(["jstock journal", provider]).encode()).hexdigest())


def chain_events(events: Iterable[Event], tip: Tip, recorded_at: str) -> Iterator[Record]:
    """Records of new events, chained to `tip`."""
    for event in events:
        fields = event.recorded_fields()
        more: JsonText | None = fields.pop("details", None)
        payload, details = canonical(fields), None if more is None else more.text
        seq, prev = tip.seq + 1, tip.hash
        tip = Tip(seq, _digest(seq, prev, recorded_at, event.name, payload, details))
        yield Record(
            seq=seq,
            id=event.id,
            kind=event.name,
            session=event.session.isoformat(),
            group=_group(event),
            recorded_at=recorded_at,
            source=event.source,
            payload=payload,
            details=details,
            prev_hash=prev,
            hash=tip.hash,
        )


def verify_records(records: Iterable[Record], tip: Tip) -> Iterator[tuple[Record, Event]]:
    """Records with their events, each proven to follow from `tip`.

    Raises:
        StateError: a record is missing, out of place or changed; its sequence is named.

    """
    for record in records:
        if not _follows(record, tip):
            raise _broken(record, f"the chain breaks after event {tip.seq}")
        yield record, _event(record)
        tip = Tip(record.seq, record.hash)


def _follows(record: Record, tip: Tip) -> bool:
    seq = tip.seq + 1
    try:
        digest = _digest(seq, tip.hash, record.recorded_at, record.kind, record.payload, record.details)
    except (TypeError, UnicodeEncodeError):  # a damaged page may give bytes, or text that cannot be encoded
        return False
    return (record.seq, record.prev_hash, record.hash) == (seq, tip.hash, digest)


def _event(record: Record) -> Event:
    """The event of a record whose hash is right; its columns must agree with it."""
    try:
        fields = json.loads(record.payload)
        if record.details is not None:
            fields["details"] = JsonText(record.details)
        event = from_json(record.kind, fields)
    except (JstockError, ValueError) as error:
        raise _broken(record, f"it cannot be read: {error}") from None
    columns = (record.id, record.session, record.group, record.source)
    if columns != (event.id, event.session.isoformat(), _group(event), event.source):
        raise _broken(record, "its columns differ from its payload")
    return event


def _group(event: Event) -> str | None:
    return event.group if isinstance(event, GroupEvent) else None


def _broken(record: Record, how: str) -> StateError:
    return StateError(
        f"the journal is damaged: {how}",
        where=f"event {record.seq}, {record.id}",
        do=RESTORE,
    )


def _digest(seq: int, prev: str, recorded_at: str, kind: str, payload: str, details: str | None) -> str:
    """SHA-256 of a record, a line for each part: none of them holds a line's end."""
    lines = (str(seq), prev, recorded_at, kind, payload, "" if details is None else details)
    return sha256("\n".join(lines).encode()).hexdigest()
