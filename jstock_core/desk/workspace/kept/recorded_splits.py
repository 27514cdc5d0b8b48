"""The splits that the desk's journal knows, for the market data that are read without their factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from jstock_core.base.clock import Clock
from jstock_core.desk.settings.settings import Settings
from jstock_core.desk.workspace.journal import named_place, open_journal
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.market.recorded_split import RecordedSplit


def read_recorded_splits(workspace: Workspace, settings: Settings, clock: Clock) -> tuple[RecordedSplit, ...]:
    """The splits that a person recorded; none where the workspace has no journal file yet.

    Raises:
        StateError, ParamsError: the journal cannot be opened (see `open_journal`).

    """
    file = named_place(workspace).file
    if file is not None and not file.exists() and not file.with_suffix(".head").exists():
        return ()
    return open_journal(workspace, settings, clock).book().recorded_splits


def splits_to_json(splits: Iterable[RecordedSplit]) -> list[list[Any]]:
    """The splits as the provenance of a decision keeps them."""
    return sorted([s.code, s.session.isoformat(), s.after, s.before, s.is_applied] for s in splits)


def splits_as_decided(origin: Mapping[str, Any]) -> tuple[RecordedSplit, ...]:
    """The recorded splits that a decision was made with, from its provenance: known since the day before."""
    rows: Sequence[Sequence[Any]] = origin.get("splits", ())
    return tuple(
        RecordedSplit(code, date.fromisoformat(session), after, before, f"{BEFORE_ALL}T00:00", is_applied)
        for code, session, after, before, is_applied in rows
    )


BEFORE_ALL = "1970-01-01"
"""When an announcement is taken to have been known by a decision that was made with it."""
