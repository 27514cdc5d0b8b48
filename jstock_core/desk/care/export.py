"""The journal in files that other programs read: all events as JSON lines, the fills as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import UsageError
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.outgoing.sheet import csv_sheet
from jstock_core.state.facts.codec import canonical
from jstock_core.state.facts.events import Event, Fee, Filled

FILL_COLUMNS = (
    "date", "group", "code", "action", "qty", "price", "amount", "fee", "account", "source", "order", "id",
    "by",
)  # fmt: skip


@dataclass(frozen=True)
class ExportResult:
    """How many events and fills were written, and into which folder."""

    events: int
    fills: int
    folder: Path

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "folder": str(self.folder)}


def export_journal(desk: Desk, folder: str) -> ExportResult:
    """Write all events as JSON lines and the fills in force as CSV into a folder.

    Raises:
        UsageError: the folder cannot be written. StateError: the journal is damaged.

    """
    with desk.hold("an export"):
        journal = desk.journal()
        records, events = journal.records(), journal.events()
    rows = list(_fill_rows(events))
    target = Path(folder).expanduser()
    try:
        make_private_folder(target)
        lines = "".join(canonical(record._asdict()) + "\n" for record in records)
        write_atomically(target / "events.jsonl", lines.encode())
        write_atomically(target / "fills.csv", csv_sheet(FILL_COLUMNS, rows).encode())
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {os_reason(error)}", do="name another folder"
        ) from None
    return ExportResult(len(records), len(rows), target)


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
                "fee": fees.get(event.id, 0), "account": event.account, "source": event.source,
                "order": event.order_id, "id": event.id, "by": event.by,
            }  # fmt: skip
