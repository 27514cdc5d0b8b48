"""`jstock trade prepare`: what the morning would do, in memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from jstock_core.base.intent import Intent
from jstock_core.base.plain import plain_json
from jstock_core.desk.day.result import Day
from jstock_core.desk.day.steps import decide_day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.build.actions import build_actions
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.actions import ActionReport
from jstock_core.reports.render.outgoing.signals_file import broker_json, signals_json


@dataclass(frozen=True, repr=False)
class Preparation:
    """A morning that was decided in memory."""

    day: Day

    @cached_property
    def actions(self) -> ActionReport:
        """Its signals, tickets and alerts."""
        return build_actions(self.day, Facts.of(self.day), self.day.status, self.day.alerts)

    def __repr__(self) -> str:
        """Say in a line which morning it is, and what it orders."""
        return repr(self.day)

    @property
    def exit(self) -> int:
        """0, or the status of a degraded day."""
        return self.day.exit

    def as_json(self) -> dict[str, Any]:
        """The signals file's shape, with the order tickets beside it, and what is placed at the broker."""
        orders = [plain_json(asdict(ticket)) for ticket in self.actions.execution.standing]
        since = self.day.since
        return {
            **signals_json(self.actions),
            "orders": orders,
            "broker_tickets": broker_json(self.actions),
            "since_decision": since.as_json() if since else None,
        }


def preview_morning(desk: Desk, trade_date: str = "") -> Preparation:
    """Decide the morning of a trade date (ISO; "" for the next possible one) in memory; journals nothing.

    Raises:
        JstockError: parameters, data or state are not fit for it.

    """
    return Preparation(decide_day(desk, trade_date, Intent.PREVIEW))
