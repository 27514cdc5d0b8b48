"""Late data: what follows for a decision if statements, investor flows or TOPIX have not arrived yet.

It is found from the view alone, so that a backtest, a replay and the desk find the same. It is kept in the
provenance of the decision: a decision that is repeated after the data arrived uses what was recorded.
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
"""By data set, what follows if it is late: decide as usual, decide exits only, or decide nothing."""

DEFAULT_POLICY: LatePolicy = {
    "topix": "no_entries",
    "flows": "go_on",
    "statements": "no_entries",
    "master": "go_on",
}
"""The data sets without which a decision is possible at all, with what follows by default."""

LATE_DATA = "late_data"
"""The key of late data in the provenance of a decision."""


@dataclass(frozen=True)
class LateData:
    """A data set that was late for a decision, and what followed. `reason` is a clause without the name."""

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
        """Whether it stops entries; on past mornings "stop" means no more than that."""
        return self.then != "go_on"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        fields: dict[str, Any] = plain_json(self)
        return fields


LateByDate = Mapping[date, tuple[LateData, ...]]
"""What was late for decisions, by trade date."""


def find_late_data(panel: Panel, t: np.datetime64, policy: LatePolicy) -> tuple[LateData, ...]:
    """The data sets of the policy that are late at the minute `t` (JST), by what the panel knows then."""
    judged = ((judge_data_set(panel, name, t), then) for name, then in policy.items())
    return tuple(LateData(r.dataset, r.due, r.newest, r.reason, then) for r, then in judged if r.late)


def late_data_rows(found: Iterable[LateData]) -> dict[str, Any]:
    """The late data as a part of a decision's provenance; empty if nothing was late."""
    rows = [late.as_json() for late in found]
    return {LATE_DATA: rows} if rows else {}


def read_late_data(decided: Iterable[Decided]) -> tuple[LateData, ...]:
    """The late data recorded in the decisions of one morning, each data set once."""
    # Most decisions have none, and their details are long: only those that name it are parsed.
    having = (event for event in decided if f'"{LATE_DATA}"' in event.details.text)
    rows = [row for event in having for row in event.provenance.get(LATE_DATA, ())]
    return tuple({row["dataset"]: _late_data(row) for row in rows}.values())


def late_by_date(events: Iterable[Event], dates: Collection[date]) -> dict[date, tuple[LateData, ...]]:
    """The late data of the newest decisions for each of these trade dates, where there are any."""
    newest: dict[date, dict[str, Decided]] = {}
    for event in events:
        if isinstance(event, Decided) and event.session in dates:
            newest.setdefault(event.session, {})[event.group] = event
    return {session: read_late_data(own.values()) for session, own in newest.items()}


def _late_data(row: Mapping[str, Any]) -> LateData:
    due, newest = (date.fromisoformat(row[key]) if row[key] else None for key in ("due", "newest"))
    return LateData(row["dataset"], due, newest, row["reason"], row["then"])
