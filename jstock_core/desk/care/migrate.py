"""Importing another program's files as the beginning of a journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.errors import DataError, StateError, UsageError
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.prices import as_yen, share_ratio
from jstock_core.state.facts.events import Event, Filled, SplitApplied
from jstock_core.state.views.migration import SOURCE, Migration, migrate
from jstock_core.state.views.oldfiles import OldGroup, OldTrade, read_old_history, read_old_state


def import_files(
    *, state: str = "", history: str = "", preview: bool = False, workspace: str = "", now: str = ""
) -> dict[str, Any]:
    """Import `production_state.json` and `trade_history.json`, reconciled; with `preview` only show it.

    Raises:
        UsageError: no file is named.
        StateError: a file is not fit, or the journal holds other events already; nothing was imported.

    """
    if not state and not history:
        raise UsageError("nothing to import", do="name --state FILE, --history FILE or both")
    desk = open_desk(workspace, now=now)
    with desk.writing("an import") as journal:
        migration = _migration(desk, state, history)
        known = {event.id for event in journal.history()}
        strange = known - {event.id for event in migration.events}
        if strange:
            raise StateError(
                f"the journal holds {len(known)} events already",
                where=str(desk.workspace.journal),
                do="import into a new workspace: an import is the beginning of a journal",
            )
        added: Sequence[Event] = ()
        if not preview:
            added = journal.append(migration.events)
    return {
        "events": len(migration.events),
        "recorded": len(added),
        "fills": sum(isinstance(event, Filled) for event in migration.events),
        "remarks": list(migration.remarks),
    }


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
            split, opening = share_ratio(float(panel.adj_factor[row, column])), float(panel.open[row, column])
            yield SplitApplied(
                session=panel.session(int(row)), source=SOURCE, code=code, numerator=split.numerator,
                denominator=split.denominator, cash_in_lieu_price=as_yen(opening) if opening > 0 else None,
            )  # fmt: skip
