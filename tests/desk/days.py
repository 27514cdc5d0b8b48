"""Days of the desk: T is Wednesday 21 January 2026, D the Tuesday before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import Event

T, D = date(2026, 1, 21), date(2026, 1, 20)
NEXT = date(2026, 1, 22)
MORNING = "2026-01-21T07:00"
NEXT_MORNING = "2026-01-22T07:00"
BUSY = {
    "conservative": {
        "initial_capital": 300_000_000,
        "entry.buy_threshold": 55,
        "sizing.max_positions": 60,
        "sizing.max_position_pct": 1,
    }
}
"""A group with places, cash and appetite for every stock there is, so that every morning has orders."""


def journaled(root: Path, now: str = MORNING) -> tuple[Event, ...]:
    """What the desk's journal holds."""
    return open_desk(root, now=now).journal().events()


def edited(root: Path, name: str, old: str, new: str) -> None:
    """Edit a file of the workspace as a person would."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
