"""What a lab has to try things on: spans and coverage of its data, costs, groups."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.checks.readiness import TITLES, check_readiness
from jstock_core.decide.groups import Group
from jstock_core.desk.trials.holdout import current_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.panel import Panel
from jstock_core.market.publication import minute_of
from jstock_core.reports.model.lab.lab import DataSpan, GroupLine, LabSummary


def summarize_lab(desk: Desk, panel: Panel, place: str, ledger: TrialLedger) -> LabSummary:
    """Sum up a desk and the panel that is known at its time; `place` is the folder copied."""
    sessions, holdout = panel.dates, current_holdout(ledger)
    return LabSummary(
        now=desk.now(),
        workspace=place,
        marks=desk.marks,
        first=desk.calendar.next(sessions[0]) if sessions else None,
        last=sessions[-1] if sessions else None,
        stocks=len(panel.codes),
        monitored=len(desk.monitored),
        data=tuple(_data_spans(desk, panel)),
        costs=desk.settings.costs.describe(sessions[-1]) if sessions else "",
        groups=tuple(_group_line(group) for group in desk.groups),
        trials=ledger.count(),
        holdout=holdout.sentence if holdout is not None else "",
    )


def _data_spans(desk: Desk, panel: Panel) -> Iterator[DataSpan]:
    late = {each.dataset: each.reason for each in check_readiness(panel, minute_of(desk.now())) if each.late}
    stocks = int(panel.has_bar.any(axis=0).sum())
    statements, flows, earnings = panel.statements, panel.flows, panel.announcements
    found: dict[str, tuple[NDArray[np.datetime64], int | None]] = {
        "bars": (np.repeat(panel.sessions, panel.has_bar.sum(axis=1)), stocks),
        "topix": (panel.sessions[~np.isnan(panel.topix)], None),
        "flows": (flows.known_at, None),
        "statements": (statements.known_at, len(np.unique(statements.code))),
        "earnings": (earnings.known_at, len(np.unique(earnings.code))),
        "actions": (panel.actions.known_at, len(np.unique(panel.actions.code))),
    }
    for name, (times, count) in found.items():
        days = times.astype("datetime64[D]")
        first, last = (days.min().astype(object), days.max().astype(object)) if len(days) else (None, None)
        title = TITLES[name]
        yield DataSpan(title[:1].upper() + title[1:], first, last, len(days), count, late.get(name, ""))


def _group_line(group: Group) -> GroupLine:
    return GroupLine(
        group.id,
        group.name,
        group.initial_capital,
        group.entry.name,
        group.exit.name or "layers",
        group.fills,
    )
