"""What vendors corrected since a decision, and which past decisions would be others on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import JstockError
from jstock_core.base.words import plural
from jstock_core.data.store.editions.ledger import Delivery
from jstock_core.data.store.revisions import RevisedValue, find_revisions
from jstock_core.desk.day.again.again import DecisionChange, changed_decisions
from jstock_core.desk.day.values_seen import ChangedValues, values_alerts, values_changed_since
from jstock_core.desk.workspace.desk import Desk
from jstock_core.state.facts.events import Decided, Event

MOST_ASKED = 5
"""Mornings that are decided again for a report."""
SHOWN = 3
"""Corrected values and changed decisions that an alert names."""


@dataclass(frozen=True)
class RevisedData:
    """What was corrected, and what it would have changed.

    `asked` are the mornings that were decided again, newest first; `passed_over` earlier ones that were not,
    since there are too many. `failed` says of a morning why it could not be decided again. `values` are the
    desk's own files of values that changed in their past.
    """

    revisions: tuple[RevisedValue, ...] = ()
    changes: tuple[DecisionChange, ...] = ()
    asked: tuple[date, ...] = ()
    passed_over: int = 0
    failed: tuple[str, ...] = ()
    values: tuple[ChangedValues, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "revisions": [revision.as_json() for revision in self.revisions],
            "changes": [vars(change) | {"trade_date": str(change.trade_date)} for change in self.changes],
            "asked": [str(day) for day in self.asked],
            "passed_over": self.passed_over,
            "failed": list(self.failed),
            "values": [each.as_json() for each in self.values],
        }

    def alerts(self, session: date | None) -> Iterator[Alert]:
        """An alert: a warning where a past decision would be another, or what the last one saw last.

        `session` is the one that the decision before saw last, None without any. Each file of values has one.
        """
        yield from values_alerts(self.values)
        if not self.revisions:
            return
        touches = bool(self.changes) or (
            session is not None and any(r.day is not None and r.day >= session for r in self.revisions)
        )
        some = "; ".join(revision.text for revision in self.revisions[:SHOWN])
        text = f"The vendor corrected {plural(len(self.revisions), 'value')} since the last decision: {some}"
        if len(self.revisions) > SHOWN:
            text += f"; and {len(self.revisions) - SHOWN} more"
        text += f". {self.effect}"
        severity = Severity.WARNING if touches else Severity.INFO
        yield Alert("revision", severity, "market data", text, "see `jstock data revisions`")

    @property
    def effect(self) -> str:
        """What the corrections would have changed, in one sentence."""
        if not self.asked:
            return "No decision saw what was corrected"
        some = "; ".join(change.text for change in self.changes[:SHOWN])
        more = f"; and {len(self.changes) - SHOWN} more" if len(self.changes) > SHOWN else ""
        found = f"would have come out otherwise: {some}{more}" if some else "would have come out the same"
        left = f" ({self.passed_over} earlier ones were not asked)" if self.passed_over else ""
        return f"The last {plural(len(self.asked), 'morning')} decided again on it {found}{left}"


def revised_before(desk: Desk, events: Sequence[Event], trade_date: date) -> RevisedData:
    """What was corrected between the decision before a trade date's and its own, or now.

    Raises:
        DataError: the list of deliveries, a part of the store or a file of values is damaged.

    """
    before = [event for event in events if isinstance(event, Decided) and event.session < trade_date]
    own = [event for event in events if isinstance(event, Decided) and event.session == trade_date]
    first, last = _edition(before), _edition(own)
    values = values_changed_since(desk, before)
    if first is None:
        return RevisedData(values=values)
    found = (
        each for each in _revising(desk) if first < each.edition <= (each.edition if last is None else last)
    )
    return replace(with_effects(desk, events, tuple(found), MOST_ASKED), values=values)


def revised_since(desk: Desk, events: Sequence[Event], since: datetime | None, most: int) -> RevisedData:
    """What was corrected since a time, None for ever, and what it would have changed in `most` mornings.

    Raises:
        DataError: the list of deliveries or a part of the store is damaged.

    """
    found = (each for each in _revising(desk) if since is None or each.received_at >= since)
    return with_effects(desk, events, tuple(found), most)


def with_effects(
    desk: Desk, events: Sequence[Event], deliveries: Sequence[Delivery], most: int
) -> RevisedData:
    """The revisions of some deliveries, and the mornings before them decided again, at most so many."""
    if not deliveries:
        return RevisedData()
    revisions = desk.store.consult(lambda contents: find_revisions(contents, deliveries))
    touched = tuple(_touched(events, revisions))
    if not touched:
        return RevisedData(revisions)
    panel, asked = desk.panel(), touched[:most]
    changes, failed = list[DecisionChange](), list[str]()
    for trade_date in asked:
        try:
            changes += changed_decisions(desk, events, trade_date, panel)
        except JstockError as error:
            failed.append(f"{trade_date}: {error.what}")
    return RevisedData(revisions, tuple(changes), asked, len(touched) - len(asked), tuple(failed))


def _touched(events: Sequence[Event], revisions: Sequence[RevisedValue]) -> Iterator[date]:
    """The mornings, newest first, that were decided on rows before their revision."""
    seen: dict[date, int] = {}
    for event in events:
        if isinstance(event, Decided) and not event.revision:
            edition = _edition([event])
            seen[event.session] = -1 if edition is None else edition
    for session in sorted(seen, reverse=True):
        if any(
            each.edition > seen[session] and (each.day is None or each.day < session) for each in revisions
        ):
            yield session


def _revising(desk: Desk) -> Iterator[Delivery]:
    parts = desk.store.read().manifest.parts.values()
    if all(part.rows == part.keys for part in parts):
        return
    yield from (delivery for delivery in desk.store.deliveries() if delivery.revised)


def _edition(decided: Sequence[Decided]) -> int | None:
    """The edition that the last of some decisions recorded; None where it recorded none."""
    token = str(decided[-1].provenance.get("edition", "")) if decided else ""
    number = token.partition("-")[0]
    return int(number) if number.isdecimal() else None
