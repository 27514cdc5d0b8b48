"""Errands about the journal itself: backup, restore, verify, export.

All of them hold the desk's lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.views import VIEWS
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Event, Fee, Filled
from jstock_core.state.journal.backups import (
    RECORDS,
    Backup,
    chosen_backup,
    inspected,
    kept_records,
    restore_files,
)
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.verify import faults
from jstock_core.state.views.views import production_state, trade_history

_DERIVED = ("last_updated", "peak_price")


def backup(workspace: str = "", *, now: str = "") -> dict[str, Any]:
    """Bring the views up and take a backup; what there is then, as plain JSON."""
    desk = open_desk(workspace, now=now)
    with desk.hold("a backup"):
        made = desk.refresh(desk.journal())
    return {"made": None if made is None else made.number, "backups": _backups(desk)}


def restore(
    workspace: str = "", *, number: int | None = None, force: bool = False, now: str = ""
) -> dict[str, Any]:
    """Put the newest sound backup, or the one of that number, in the journal's place.

    Raises:
        StateError: there is none, or the journal is sound and not to be replaced without `force`.

    """
    desk = open_desk(workspace, now=now)
    with desk.hold("a restore"):
        chosen = chosen_backup(desk.workspace.state / "backups", number)
        if not force:
            _check_damaged(desk, chosen)
        if RECORDS in chosen.files:
            desk.journal().adopt(kept_records(chosen))
            aside = None
        else:
            aside = restore_files(chosen, desk.workspace.journal)
        events = desk.journal().history()
    return {
        "backup": chosen.number,
        "events": len(events),
        "last_session": str(max((event.session for event in events), default="")),
        "aside": None if aside is None else str(aside),
    }


def _check_damaged(desk: Desk, chosen: Backup) -> None:
    """A sound journal is never replaced unasked."""
    try:
        events = len(desk.journal().history())
    except StateError:
        return
    if events:
        raise StateError(
            f"the journal is sound and holds {events} events, backup {chosen.number} holds {chosen.seq}",
            where=str(desk.workspace.journal),
            do="leave it, or give --force: what is there now is kept aside",
        )


def verify(workspace: str = "", *, now: str = "") -> dict[str, Any]:
    """Replay from the first event and look at everything; faults in words, as plain JSON.

    Raises:
        StateError: the journal is damaged; file and place are named.

    """
    desk = open_desk(workspace, now=now)
    with desk.hold("a verification"):
        journal = desk.journal()
        records = journal.records()
        found = [
            *faults(journal.events(), margin=desk.settings.margin),
            *_miskept(desk, journal),
            *_lagging(desk, journal),
        ]
        copies = inspected(desk.workspace.state / "backups")
    damaged = [fault for _, wrong in copies for fault in wrong]
    return {
        "events": len(records),
        "in_force": len(journal.events()),
        "last": records[-1].hash if records else None,
        "faults": found + damaged,
        "backups": _backups(desk),
    }


def _miskept(desk: Desk, journal: Journal) -> Iterator[str]:
    """The kept book where it claims to be the journal's end and is not, which would be a defect."""
    if journal.kept() not in (None, replay(journal.events())):
        kept = desk.workspace.journal.with_suffix(".book")
        yield f"{kept} is not what the journal says: delete it, and report a defect of jstock"


def _lagging(desk: Desk, journal: Journal) -> Iterator[str]:
    """The views that are not what the journal says. Peaks come from prices, and when is not what."""
    names = {group.id: group.name for group in desk.groups}
    says = (production_state(journal.book(), {}, "", names), trade_history(journal.events()))
    for name, data in zip(VIEWS, says, strict=True):
        path = desk.workspace.state / name
        if journal.events() and _plain(_read(path)) != _plain(data):
            yield f"{path} is not what the journal says; the next run makes it anew"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _plain(view: Any) -> Any:
    match view:
        case dict():
            return {key: _plain(item) for key, item in view.items() if key not in _DERIVED}
        case list():
            return [_plain(item) for item in view]
        case _:
            return view


def _backups(desk: Desk) -> list[dict[str, Any]]:
    return [
        {"number": backup.number, "events": backup.seq, "sound": not wrong, "folder": str(backup.folder)}
        for backup, wrong in inspected(desk.workspace.state / "backups")
        if backup is not None
    ]


def export(workspace: str = "", *, to: str, now: str = "") -> dict[str, Any]:
    """Write all events as JSON lines and the fills in force as CSV into a folder."""
    from jstock_core.base.durable import write_atomically
    from jstock_core.reports.render.sheet import sheet
    from jstock_core.state.facts.codec import canonical

    desk = open_desk(workspace, now=now)
    with desk.hold("an export"):
        journal = desk.journal()
        records, events = journal.records(), journal.events()
    rows = list(_fill_rows(events))
    folder = Path(to).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(canonical(asdict(record)) + "\n" for record in records)
        write_atomically(folder / "events.jsonl", lines.encode())
        write_atomically(folder / "fills.csv", sheet(FILL_COLUMNS, rows).encode())
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror}", do="name another folder") from None
    return {"events": len(records), "fills": len(rows), "folder": str(folder)}


FILL_COLUMNS = ("date", "group", "code", "action", "qty", "price", "amount", "fee", "source", "order", "id")


def _fill_rows(events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    fees: dict[str | None, int] = {}
    for event in events:
        if isinstance(event, Fee):
            fees[event.fill_id] = fees.get(event.fill_id, 0) + event.amount
    for event in events:
        if isinstance(event, Filled):
            yield {
                "date": str(event.session), "group": event.group, "code": event.code, "action": event.side,
                "qty": event.shares, "price": float(event.price), "amount": event.amount,
                "fee": fees.get(event.id, 0), "source": event.source, "order": event.order_id, "id": event.id,
            }  # fmt: skip
