"""A report built from a morning: each section by the file of its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jstock_core.base.alerts import Alert, DayStatus
from jstock_core.reports.build.actions import build_actions
from jstock_core.reports.build.decisions.evaluation import build_evaluations, build_near_misses
from jstock_core.reports.build.decisions.explained import build_explanations
from jstock_core.reports.build.decisions.guards import build_guards
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.market.data import build_data
from jstock_core.reports.build.market.market import build_market
from jstock_core.reports.build.money.performance import build_performance
from jstock_core.reports.build.money.portfolio import build_portfolio
from jstock_core.reports.build.origins import find_origins
from jstock_core.reports.build.provenance import build_provenance
from jstock_core.reports.build.since.summary import build_since
from jstock_core.reports.model.morning import Morning
from jstock_core.reports.model.report import Report


def build_report(morning: Morning, status: DayStatus, alerts: Iterable[Alert]) -> Report:
    """Build the report of a morning, with the status and the alerts of its day. Pure.

    Raises:
        StateError: no group decided for the trade date.

    """
    facts = Facts.of(morning)
    performance, monitored = build_performance(facts), morning.conditions.monitored
    near_misses = build_near_misses(facts, monitored)
    portfolio = build_portfolio(facts, performance)
    made = Report(
        **vars(build_actions(morning, facts, status, alerts)),
        market=build_market(facts, monitored),
        portfolio=portfolio,
        since=build_since(facts, portfolio.held, monitored),
        performance=performance,
        near_misses=near_misses,
        evaluations=build_evaluations(facts, monitored),
        guards=build_guards(facts),
        data=build_data(facts, morning.findings, morning.revisions, morning.revision_effect),
        provenance=build_provenance(facts, morning.seal),
        explanations=build_explanations(facts, morning.conditions, near_misses),
    )
    return replace(made, origins=find_origins(facts, made, monitored))
