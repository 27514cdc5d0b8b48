"""Importing another program's files as the beginning of a journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.errors import DataError, StateError, UsageError
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.splits import split_event
from jstock_core.state.facts.events import Event, Filled, SplitApplied
from jstock_core.state.views.migration import SOURCE, Migration, migrate
from jstock_core.state.views.oldfiles import OldGroup, OldTrade, read_old_history, read_old_state


@dataclass(frozen=True)
class ImportResult:
    """What an import comes to: its events and fills, how many events were recorded, and the differences.

    `remarks` name what the trade history does not explain. A `preview` records nothing.
    """

    events: int
    recorded: int
    fills: int
    remarks: tuple[str, ...]
    preview: bool

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "events": self.events,
            "recorded": self.recorded,
            "fills": self.fills,
            "remarks": list(self.remarks),
        }


def import_files(desk: Desk, *, state: str = "", history: str = "", preview: bool = False) -> ImportResult:
    """Import `production_state.json` and `trade_history.json`, reconciled; with `preview` only show it.

    Raises:
        UsageError: no file is named.
        StateError: a file cannot be used, or the journal holds other events already; nothing was imported.

    """
    if not state and not history:
        raise UsageError("nothing to import", do="name --state FILE, --history FILE or both")
    with desk.hold("an import"):
        migration = _migration(desk, state, history)
        _check_beginning(desk, migration)
        added: Sequence[Event] = ()
        if not preview:
            with desk.writing("an import") as journal:
                added = journal.append(migration.events)
    fills = sum(isinstance(event, Filled) for event in migration.events)
    return ImportResult(len(migration.events), len(added), fills, migration.remarks, preview)


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


def _migration(desk: Desk, state: str, history: str) -> Migration:
    trades = read_old_history(Path(history).expanduser()) if history else ()
    if state:
        through, groups = read_old_state(Path(state).expanduser())
    else:
        through = max((trade.session for trade in trades), default=desk.now().date())
        groups = tuple(OldGroup(group.id, group.initial_capital, 0, ()) for group in desk.groups)
    through = max([through, *(trade.session for trade in trades)])
    return migrate(groups, trades, through, tuple(_splits(desk, trades, groups)), compare=bool(state))


def _splits(desk: Desk, trades: Sequence[OldTrade], groups: Sequence[OldGroup]) -> Iterator[SplitApplied]:
    """Splits of the codes in the files, where the store has their bars."""
    codes = {trade.code for trade in trades} | {lot.code for group in groups for lot in group.lots}
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
