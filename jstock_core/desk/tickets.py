"""`jstock trade prepare`: what the morning would do, in memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jstock_core.desk.day import Day, run_day
from jstock_core.errors import Exit

if TYPE_CHECKING:
    from jstock_core.reports.model import Report


@dataclass(frozen=True)
class Preparation:
    """A previewed morning."""

    day: Day

    @property
    def report(self) -> Report:
        """Its report: signals, tickets, notices."""
        return self.day.report

    @property
    def exit(self) -> int:
        """0, or the status of a degraded day."""
        return Exit.DEGRADED if self.day.degraded else Exit.OK

    def as_json(self) -> dict[str, Any]:
        """The signals file's shape, with the order tickets beside it, and what is placed at the broker."""
        from jstock_core.reports.files import broker_json, signals_json
        from jstock_core.runs.scraps import plain

        orders = [plain(asdict(ticket)) for ticket in self.report.execution.tickets]
        placed = broker_json(self.report)
        return {**signals_json(self.report), "orders": orders, "broker_tickets": placed}


def preparation(date: str = "", *, workspace: str = "", now: str = "") -> Preparation:
    """Preview the morning of a trade date; journals nothing."""
    return Preparation(run_day(date, workspace=workspace, preview=True, now=now))
