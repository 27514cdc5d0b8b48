"""A backtest measured: each group and the whole beside TOPIX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest
from jstock_core.research.performance import TrackRecord
from jstock_core.research.records import track_records


@dataclass(frozen=True)
class Comparison:
    """The track records of a backtest's groups and of the whole, by name; TOPIX is their benchmark."""

    first: date
    last: date
    simulated: bool
    records: Mapping[str, TrackRecord]

    @classmethod
    def of(cls, done: Backtest, panel: Panel) -> Comparison:
        """Measure every group of a backtest over its sessions."""
        return cls(done.first, done.last, panel.source.simulated, track_records(done, panel))

    @property
    def title(self) -> str:
        """The sessions, and whether the market is simulated."""
        return f"{self.first} to {self.last}{'  SIMULATED MARKET' if self.simulated else ''}"

    def as_json(self) -> dict[str, Any]:
        """All metrics as plain JSON."""
        return {
            "from": str(self.first),
            "to": str(self.last),
            "simulated": self.simulated,
            "groups": plain_json(self.records),
        }
