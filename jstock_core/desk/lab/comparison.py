"""A backtest beside TOPIX, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Comparison:
    """The metrics of a backtest beside TOPIX, ready to be shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    data: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """All metrics as plain JSON."""
        return self.data
