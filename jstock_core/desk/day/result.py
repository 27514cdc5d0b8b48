"""The result of a morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.data.checks.checks import Finding
from jstock_core.decide import Conditions
from jstock_core.decide.groups import Group
from jstock_core.desk.day.alerts import Morning, find_alerts
from jstock_core.desk.day.market import MorningMarket
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.build.build import build_report
from jstock_core.reports.model.model import Report
from jstock_core.signals.features.view import View
from jstock_core.state.facts.events import Correction, Decided, Event


@dataclass(frozen=True, eq=False, kw_only=True)
class Day:
    """A morning: `events` is the journal through T's decisions, `view` the market they saw.

    `intent` is what was done, which may be less than what was asked. `alerts` come most urgent first.
    """

    desk: Desk
    trade_date: date
    intent: Intent
    events: tuple[Event, ...]
    view: View
    groups: tuple[Group, ...]
    findings: tuple[Finding, ...]
    conditions: Conditions
    alerts: tuple[Alert, ...]
    corrections: tuple[Correction, ...] = ()

    @classmethod
    def of(
        cls,
        desk: Desk,
        trade_date: date,
        intent: Intent,
        events: tuple[Event, ...],
        market: MorningMarket,
        *,
        groups: tuple[Group, ...] | None = None,
        corrections: tuple[Correction, ...] = (),
    ) -> Day:
        """The day of those events, with its alerts; `groups` are the desk's where none are given."""
        own = desk.groups if groups is None else groups
        morning = Morning(
            trade_date=trade_date,
            intent=intent,
            events=events,
            decided=decisions(events, trade_date),
            view=market.view,
            declared=frozenset(group.id for group in own),
            conditions=market.conditions,
            findings=market.findings,
            margin=desk.settings.margin,
        )
        return cls(
            desk=desk, trade_date=trade_date, intent=intent, events=events, view=market.view, groups=own,
            findings=market.findings, conditions=market.conditions, alerts=find_alerts(morning),
            corrections=corrections,
        )  # fmt: skip

    @property
    def decided(self) -> tuple[Decided, ...]:
        """T's newest decision of each group."""
        return decisions(self.events, self.trade_date)

    @cached_property
    def status(self) -> DayStatus:
        """Degraded where a group could not be evaluated completely, or an alert needs a person."""
        alerted = any(alert.severity == Severity.ALERT for alert in self.alerts)
        incomplete = any(decided.status == "degraded" for decided in self.decided)
        return DayStatus.DEGRADED if alerted or incomplete else DayStatus.COMPLETE

    @property
    def exit(self) -> ExitStatus:
        """The exit status of a command that ran the day."""
        return ExitStatus.DEGRADED if self.status == DayStatus.DEGRADED else ExitStatus.OK

    @cached_property
    def report(self) -> Report:
        """What people look at."""
        return build_report(
            self.events, self.view.panel, self.view, 0, self.groups, self.trade_date,
            intent=self.intent, status=self.status, alerts=self.alerts, costs=self.conditions.costs,
            monitored=self.desk.monitored, corrections=self.corrections,
        )  # fmt: skip


def decisions(events: tuple[Event, ...], trade_date: date) -> tuple[Decided, ...]:
    """The newest decision of each group for a trade date."""
    return tuple({e.group: e for e in events if isinstance(e, Decided) and e.session == trade_date}.values())
