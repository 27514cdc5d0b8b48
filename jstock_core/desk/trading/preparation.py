"""`jstock trade prepare`: what the morning would do, in memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.result import Day
from jstock_core.desk.workspace.desk import open_desk

if TYPE_CHECKING:
    from jstock_core.reports.model.report import Report


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
        return self.day.exit

    def as_json(self) -> dict[str, Any]:
        """The signals file's shape, with the order tickets beside it, and what is placed at the broker."""
        from jstock_core.base.plain import plain_json
        from jstock_core.reports.render.files import broker_json, signals_json

        orders = [plain_json(asdict(ticket)) for ticket in self.report.execution.tickets]
        placed = broker_json(self.report)
        return {**signals_json(self.report), "orders": orders, "broker_tickets": placed}


def preparation(date: str = "", *, workspace: str = "", now: str = "") -> Preparation:
    """Preview the morning of a trade date; journals nothing."""
    return Preparation(run_day(open_desk(workspace, now=now), date, Intent.PREVIEW))
