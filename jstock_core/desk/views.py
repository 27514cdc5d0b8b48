"""The JSON files other people's programs read: views of the journal, brought up whenever they lag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from jstock_core.state.book import replay
from jstock_core.state.events import Event
from jstock_core.state.views import production_state, trade_history, write_json

if TYPE_CHECKING:
    from jstock_core.desk.desk import Desk


def write_views(
    desk: Desk, events: Sequence[Event], peaks: Mapping[tuple[str, str], float] | None = None
) -> None:
    """Write `production_state.json` and `trade_history.json` from the journal, atomically."""
    book = replay(events)
    names = {group.id: group.name for group in desk.groups}
    updated = f"{desk.now():%Y-%m-%dT%H:%M:%S%z}"
    write_json(
        desk.workspace.state / "production_state.json", production_state(book, peaks or {}, updated, names)
    )
    write_json(desk.workspace.state / "trade_history.json", trade_history(events))
