"""Late data: what follows for a decision where statements, investor flows or TOPIX are not there yet.

It is found by the view alone, so that a backtest, a replay and the desk find the same, and kept in the
provenance of the decision: where the data came afterwards, deciding again heeds what was recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np

from jstock_core.base.plain import plain_json
from jstock_core.data.checks.readiness import TITLES, judge_data_set
from jstock_core.market.panel import Panel
from jstock_core.state.facts.events import Decided, Event

Then = Literal["go_on", "no_entries", "stop"]
LatePolicy = Mapping[str, Then]
"""What follows where a data set is late: decide as ever, decide exits only, or decide nothing."""

DEFAULT_POLICY: LatePolicy = {
    "topix": "no_entries",
    "flows": "go_on",
    "statements": "no_entries",
    "master": "go_on",
}
"""The data sets without which can be decided at all, and what follows unless the desk says otherwise."""

LATE_DATA = "late_data"
"""Where the provenance of a decision keeps it."""


@dataclass(frozen=True)
class LateData:
    """A data set that was late for a decision, and what followed. `reason` is a clause without its name."""

    dataset: str
    due: date | None
    newest: date | None
    reason: str
    then: Then

    @property
    def text(self) -> str:
        """'TOPIX is late (2026-01-20 is due, the newest is 2026-01-19)'."""
        title = TITLES[self.dataset]
        return f"{title} {'is' if self.dataset in ('topix', 'master') else 'are'} late ({self.reason})"

    @property
    def halts(self) -> bool:
        """Whether nothing is entered for it; where past mornings are run, "stop" does no more than that."""
        return self.then != "go_on"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        fields: dict[str, Any] = plain_json(self)
        return fields


LateByDate = Mapping[date, tuple[LateData, ...]]
"""What was late for decisions, by trade date."""


def find_late_data(panel: Panel, t: np.datetime64, policy: LatePolicy) -> tuple[LateData, ...]:
    """The data sets of the policy that are late at `t` (minutes JST), by what of the panel is known then."""
    judged = ((judge_data_set(panel, name, t), then) for name, then in policy.items())
    return tuple(LateData(r.dataset, r.due, r.newest, r.reason, then) for r, then in judged if r.late)


def late_data_rows(found: Iterable[LateData]) -> dict[str, Any]:
    """The part of a decision's provenance; nothing where nothing was late."""
    rows = [late.as_json() for late in found]
    return {LATE_DATA: rows} if rows else {}


def read_late_data(decided: Iterable[Decided]) -> tuple[LateData, ...]:
    """What was late for some decisions of one morning, each data set once."""
    # Most decisions have none, and their details are long: they are read only where they name it.
    having = (event for event in decided if f'"{LATE_DATA}"' in event.details.text)
    rows = [row for event in having for row in event.provenance.get(LATE_DATA, ())]
    return tuple({row["dataset"]: _late_data(row) for row in rows}.values())


def late_by_date(events: Iterable[Event], dates: Collection[date]) -> dict[date, tuple[LateData, ...]]:
    """What was late for the newest decisions of those of some trade dates that were decided."""
    newest: dict[date, dict[str, Decided]] = {}
    for event in events:
        if isinstance(event, Decided) and event.session in dates:
            newest.setdefault(event.session, {})[event.group] = event
    return {session: read_late_data(own.values()) for session, own in newest.items()}


def _late_data(row: Mapping[str, Any]) -> LateData:
    due, newest = (date.fromisoformat(row[key]) if row[key] else None for key in ("due", "newest"))
    return LateData(row["dataset"], due, newest, row["reason"], row["then"])
