"""Importing another program's files as the beginning of a journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.errors import DataError, StateError, UsageError
from jstock_core.desk.care.records import OldRecords, check_records, odd_records
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.splits import split_event
from jstock_core.state.facts.events import Event, Filled, SplitApplied
from jstock_core.state.views.migration import SOURCE, Migration, migrate
from jstock_core.state.views.oldfiles import OldGroup, read_old_history, read_old_state


@dataclass(frozen=True)
class ImportResult:
    """What an import comes to: its events and fills, how many events were recorded, and the differences.

    `remarks` name what the trade history does not explain, `odd` what needs consent. A `preview` records
    nothing.
    """

    events: int
    recorded: int
    fills: int
    remarks: tuple[str, ...]
    odd: tuple[str, ...]
    preview: bool

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "events": self.events,
            "recorded": self.recorded,
            "fills": self.fills,
            "remarks": list(self.remarks),
            "odd": list(self.odd),
        }


def import_files(
    desk: Desk, *, state: str = "", history: str = "", preview: bool = False, accept_odd: bool = False
) -> ImportResult:
    """Import `production_state.json` and `trade_history.json`, reconciled; with `preview` only show it.

    Raises:
        UsageError: no file is named, or something odd is not accepted.
        StateError: a file cannot be used, or the journal holds other events already; nothing was imported.

    """
    if not state and not history:
        raise UsageError("nothing to import", do="name --state FILE, --history FILE or both")
    with desk.hold("an import"):
        found = _read(desk, state, history)
        migration = migrate(
            found.groups, found.trades, found.through, tuple(_splits(desk, found)), compare=bool(state)
        )
        _check_beginning(desk, migration)
        odd = tuple(odd_records(desk, found))
        if odd and not accept_odd and not preview:
            raise UsageError(
                "\n".join(odd),
                where=history or state,
                do="correct the file, or import it as it is with --accept-odd; nothing was imported",
            )
        added: Sequence[Event] = ()
        if not preview:
            with desk.writing("an import") as journal:
                added = journal.append(migration.events)
    fills = sum(isinstance(event, Filled) for event in migration.events)
    return ImportResult(len(migration.events), len(added), fills, migration.remarks, odd, preview)


def _check_beginning(desk: Desk, migration: Migration) -> None:
    """Make sure that the journal holds nothing but what an earlier import of the same files recorded.

    Raises:
        StateError: it holds other events.

    """
    known = {event.id for event in desk.journal().history()}
    if known - {event.id for event in migration.events}:
        raise StateError(
            f"the journal holds {len(known)} events already",
            where=str(desk.workspace.journal),
            do="import into a new workspace: an import is the beginning of a journal",
        )


def _read(desk: Desk, state: str, history: str) -> OldRecords:
    """What the files hold, checked as parameters are.

    Raises:
        StateError: a file cannot be read, or does not fit.

    """
    trades = read_old_history(Path(history).expanduser()) if history else ()
    today = desk.now().date()
    if state:
        through, groups = read_old_state(Path(state).expanduser())
    else:
        through = max((trade.session for trade in trades), default=today)
        groups = tuple(OldGroup(group.id, group.initial_capital, 0, ()) for group in desk.groups)
    through = max([through, *(trade.session for trade in trades)])
    found = OldRecords(groups, trades, through)
    check_records(found, today, margin=desk.settings.margin, where=state or history)
    return found


def _splits(desk: Desk, found: OldRecords) -> Iterator[SplitApplied]:
    """Splits of the codes in the files, where the store has their bars."""
    codes = {trade.code for trade in found.trades} | {lot.code for _, lot in found.lots}
    try:
        panel = desk.panel()
    except DataError:
        return
    for code in sorted(codes & panel.column.keys()):
        column = panel.column[code]
        for row in np.flatnonzero(panel.adj_factor[:, column] != 1.0):
            event = split_event(panel, int(row), code, SOURCE)
            if event is not None:
                yield event
