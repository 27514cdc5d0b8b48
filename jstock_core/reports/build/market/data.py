"""The Data section: how new each data set is, what the checks found, and what vendors corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from jstock_core.data.checks.absent import find_absent
from jstock_core.data.checks.findings import SEVERITIES, Finding
from jstock_core.data.checks.readiness import check_readiness
from jstock_core.data.store.revisions import RevisedValue
from jstock_core.market.panel import Panel
from jstock_core.reports.build.facts import Facts, latest_listing
from jstock_core.reports.model.market.data import DataFinding, DataSetState, DataSummary, RevisedRow

MOST_FINDINGS = 40
MOST_REVISIONS = 20


def build_data(
    facts: Facts, findings: Sequence[Finding], revisions: Sequence[RevisedValue], effect: str
) -> DataSummary:
    """What the morning was decided on, as of the latest of its decisions; what is only info is counted."""
    decided_at = np.datetime64(max(decided.decided_at for decided in facts.decided.values()), "m")
    urgent = [found for found in findings if found.severity != "info"]
    made = summarise_data(facts.panel, decided_at, urgent, revisions, effect)
    return replace(made, infos=len(findings) - len(urgent))


def summarise_data(
    panel: Panel,
    t: np.datetime64,
    findings: Sequence[Finding],
    revisions: Sequence[RevisedValue],
    effect: str,
) -> DataSummary:
    """Market data as known at `t` (minutes JST), with what was found in it and what was corrected."""
    ordered = sorted(findings, key=lambda each: (SEVERITIES.index(each.severity), each.code or ""))
    return DataSummary(
        sets=tuple(_sets(panel, t)),
        findings=tuple(_finding(panel, each) for each in ordered[:MOST_FINDINGS]),
        findings_in_all=len(ordered),
        revisions=tuple(_revision(panel, each) for each in revisions[:MOST_REVISIONS]),
        revised=len(revisions),
        effect=effect if revisions else "",
    )


def _sets(panel: Panel, t: np.datetime64) -> Iterator[DataSetState]:
    absent = {each.dataset: each for each in find_absent(panel)}
    for state in check_readiness(panel, t):
        missing = absent.pop(state.dataset, None)
        yield DataSetState(
            dataset=state.dataset,
            title=state.title,
            newest=state.newest,
            due=state.due,
            is_late=state.late and missing is None,
            is_absent=missing is not None,
            note=state.reason if missing is None else missing.neutral,
        )
    for missing in absent.values():
        yield DataSetState(
            dataset=missing.dataset, title=missing.title, newest=None, due=None, is_late=False,
            is_absent=True, note=missing.neutral,
        )  # fmt: skip


def _finding(panel: Panel, found: Finding) -> DataFinding:
    return DataFinding(
        severity=found.severity,
        rule=found.rule,
        code=found.code or "",
        name=latest_listing(panel, found.code).name if found.code else "",
        session=found.session,
        what=found.what,
        do=found.do,
    )


def _revision(panel: Panel, revised: RevisedValue) -> RevisedRow:
    return RevisedRow(
        dataset=revised.dataset,
        day=revised.day,
        code=revised.code,
        name=latest_listing(panel, revised.code).name if revised.code else "",
        row=revised.row,
        change=revised.change,
    )
