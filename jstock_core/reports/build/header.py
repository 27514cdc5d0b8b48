"""The header: what this report is, and what its decisions were made on."""

from __future__ import annotations

from jstock_core.base.alerts import DayStatus
from jstock_core.base.intent import Intent
from jstock_core.data.checks.absent import find_absent
from jstock_core.decide.given.late import read_late_data
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.morning import ISSUED_AT
from jstock_core.reports.model.sections import ReportHeader
from jstock_core.state.facts.events import Decided


def build_header(facts: Facts, intent: Intent, status: DayStatus) -> ReportHeader:
    """What the report is; of several decisions the latest time."""
    source = facts.panel.source
    return ReportHeader(
        trade_date=facts.trade_date,
        evaluated=facts.evaluated,
        decided_at=max(map(_decided_at, facts.decided.values())),
        provider=source.provider,
        simulated=source.simulated,
        historical=source.historical,
        absent=find_absent(facts.panel),
        intent=intent,
        status=status,
        late_data=read_late_data(facts.decided.values()),
    )


def _decided_at(decided: Decided) -> str:
    """The minute (JST) in which a decision was made: that of its data, where it was not made later."""
    if f'"{ISSUED_AT}"' not in decided.details.text:  # details are long: only those that have it are parsed
        return decided.decided_at
    return str(decided.provenance.get(ISSUED_AT, decided.decided_at))
