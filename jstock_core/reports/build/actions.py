"""What needs action on a morning, built without the rest of its report."""

from __future__ import annotations

from collections.abc import Iterable

from jstock_core.base.alerts import Alert, DayStatus
from jstock_core.reports.build.decisions.execution import build_execution
from jstock_core.reports.build.decisions.signals import build_buys, build_sells
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.header import build_header
from jstock_core.reports.model.actions import ActionReport
from jstock_core.reports.model.morning import Morning


def build_actions(morning: Morning, facts: Facts, status: DayStatus, alerts: Iterable[Alert]) -> ActionReport:
    """Build it from the facts of a morning, with the status and the alerts of its day. Pure."""
    return ActionReport(
        header=build_header(facts, morning.intent, status),
        alerts=tuple(alerts),
        buys=build_buys(facts),
        sells=build_sells(facts),
        execution=build_execution(facts, morning.conditions.costs),
    )
