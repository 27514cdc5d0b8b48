"""Signals and refusals as rows of a journaled decision: the one place that writes and reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from jstock_core.decide.signal import Signal, Skipped
from jstock_core.signals.language.refusal import read_refusals, refusals_text
from jstock_core.state.facts.events import Decided

_FIELDS = tuple(name for name in Signal._fields if name != "notes")


def signal_row(signal: Signal) -> dict[str, Any]:
    """A signal in JSON's types: every field, NaN as null, and `note` where there is one."""
    row: dict[str, Any] = {}
    for name in _FIELDS:
        item = getattr(signal, name)
        row[name] = item.isoformat() if isinstance(item, date) else None if item != item else item  # noqa: PLR0124
    return {**row, "note": refusals_text(signal.notes)} if signal.notes else row


def skipped_row(skipped: Skipped) -> dict[str, Any]:
    """A signal that became no order, in JSON's types."""
    return {"code": skipped.code, "action": skipped.action, "reason": skipped.reason}


def read_signals(decided: Decided) -> tuple[Signal, ...]:
    """The signals of a journaled decision; fields that an older record lacks have their defaults."""
    return tuple(_signal(row) for row in decided.signals)


def read_skipped(decided: Decided) -> tuple[Skipped, ...]:
    """The signals of a journaled decision that became no order."""
    return tuple(Skipped(row["code"], row["action"], read_refusals(row["reason"])) for row in decided.skipped)


def _signal(row: Mapping[str, Any]) -> Signal:
    known = {name: row[name] for name in _FIELDS if name in row}
    entered = known.get("entry_session")
    if entered is not None:
        known["entry_session"] = date.fromisoformat(entered)
    return Signal(**known, notes=read_refusals(row.get("note", "")))
