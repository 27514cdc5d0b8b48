"""The header: what this report is, and what its decisions were made on."""

from __future__ import annotations

from jstock_core.base.alerts import DayStatus
from jstock_core.base.intent import Intent
from jstock_core.data.checks.absent import find_absent
from jstock_core.decide.given.late import read_late_data
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.sections import ReportHeader


def build_header(facts: Facts, intent: Intent, status: DayStatus) -> ReportHeader:
    """What the report is; of several decisions the latest time."""
    source = facts.panel.source
    return ReportHeader(
        trade_date=facts.trade_date,
        evaluated=facts.evaluated,
        decided_at=max(decided.decided_at for decided in facts.decided.values()),
        provider=source.provider,
        simulated=source.simulated,
        historical=source.historical,
        absent=find_absent(facts.panel),
        intent=intent,
        status=status,
        late_data=read_late_data(facts.decided.values()),
    )
