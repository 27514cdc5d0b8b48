"""All numbers of a report, worked out again."""

from __future__ import annotations

from typing import Any

from jstock_core.reports.model.report import Report
from tests.reports.build.recount import (
    execution,
    explained,
    judged,
    market,
    performance,
    portfolio,
    promoted,
    signals,
    since,
)
from tests.reports.build.recount.morning import Counted

SEED = 20260121
"""Of the draws of alpha; a report must say the same tomorrow, so it is never changed."""


def recount(counted: Counted, model: Report) -> dict[str, Any]:
    """Every number of the report by its name; of `model` only names are used: of inputs, marks and groups."""
    panel = counted.market.panel
    names = {name: str(declared["name"]) for name, declared in counted.declared.items()}
    measured = performance.performance(counted.facts, panel, names, seed=SEED)
    urgent, infos = counted.findings
    return {
        "performance": {
            **measured,
            "judged": judged.judged(counted),
            "promoted": promoted.promoted(counted),
        },
        "market": market.market(panel, counted.monitored),
        "portfolio": portfolio.portfolio(counted, measured),
        "execution": execution.execution(counted),
        "buys": signals.buys(counted),
        "sells": signals.sells(counted),
        "near_misses": signals.near_misses(counted),
        "evaluations": signals.evaluations(counted),
        "since": since.since(counted),
        "data": {"findings_in_all": urgent, "infos": infos, "revised": counted.revised},
        "explanations": explained.explanations(counted, model.explanations),
    }
