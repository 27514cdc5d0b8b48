"""The Data section: how new each data set is, what the checks found, and what vendors corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from jstock_core.data.checks.absent import find_absent
from jstock_core.data.checks.findings import SEVERITIES, Finding
from jstock_core.data.checks.readiness import check_readiness
from jstock_core.data.store.revisions import RevisedValue
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.data import DataFinding, DataSetState, DataSummary, RevisedRow

MOST_FINDINGS = 40
MOST_REVISIONS = 20


def build_data(
    facts: Facts, findings: Sequence[Finding], revisions: Sequence[RevisedValue], effect: str
) -> DataSummary:
    """What the morning was decided on, as of the latest of its decisions."""
    ordered = sorted(findings, key=lambda each: (SEVERITIES.index(each.severity), each.code or ""))
    return DataSummary(
        sets=tuple(_sets(facts)),
        findings=tuple(_finding(facts, each) for each in ordered[:MOST_FINDINGS]),
        findings_in_all=len(ordered),
        revisions=tuple(_revision(facts, each) for each in revisions[:MOST_REVISIONS]),
        revised=len(revisions),
        effect=effect if revisions else "",
    )


def _sets(facts: Facts) -> Iterator[DataSetState]:
    decided_at = np.datetime64(max(decided.decided_at for decided in facts.decided.values()), "m")
    absent = {each.dataset: each for each in find_absent(facts.panel)}
    judged = check_readiness(facts.panel, decided_at)
    for state in judged:
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


def _finding(facts: Facts, found: Finding) -> DataFinding:
    return DataFinding(
        severity=found.severity,
        rule=found.rule,
        code=found.code or "",
        name=facts.listing(found.code).name if found.code else "",
        session=found.session,
        what=found.what,
        do=found.do,
    )


def _revision(facts: Facts, revised: RevisedValue) -> RevisedRow:
    return RevisedRow(
        dataset=revised.dataset,
        day=revised.day,
        code=revised.code,
        name=facts.listing(revised.code).name if revised.code else "",
        row=revised.row,
        change=revised.change,
    )
