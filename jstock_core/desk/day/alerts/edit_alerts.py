"""Alerts about group files that were edited, or that became others by a promotion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from jstock_core.base.alerts import Alert, Severity
from jstock_core.decide.groups import Group, declared_changes
from jstock_core.reports.model.money.promoted import PROMOTIONS
from jstock_core.reports.model.morning import Morning
from jstock_core.state.facts.events import Decided

EDITS = 5
"""Changes of a group file that are listed."""


def find_edits(morning: Morning) -> Iterator[Alert]:
    """Groups that were decided with another file than the time before."""
    for group in morning.groups:
        own = [event for event in morning.decided if event.group == group.id]
        now = next(iter(_recorded(own, group.id)), group.declared)  # a preview records nothing
        earlier = [e for e in morning.events if isinstance(e, Decided) and e.group == group.id]
        before = [event for event in earlier if event.session < morning.trade_date][-1:]
        for was in _recorded(before, group.id):
            promoted = _promoted_now(own, group.id, morning.trade_date)
            yield from edit_alert(group.id, declared_changes(was, now), before[0].session, promoted=promoted)


def _promoted_now(decided: Sequence[Decided], group: str, trade_date: date) -> str:
    """The candidate that a group is decided with for the first time; "" where it is none."""
    made = next((event.provenance.get(PROMOTIONS, {}).get(group) for event in decided), None) or {}
    first = made.get("since") == trade_date.isoformat() and not made["edited"]
    return str(made["candidate"]) if first else ""


def find_later_edits(groups: Iterable[Group], decided: Iterable[Decided]) -> Iterator[Alert]:
    """Groups whose file was edited after those decisions, which are their newest."""
    newest = {event.group: event for event in decided}
    for group in groups:
        own = [newest[group.id]] if group.id in newest else []
        for was in _recorded(own, group.id):
            changes = declared_changes(was, group.declared)
            yield from edit_alert(group.id, changes, own[0].session, "it counts from the next morning")


def _recorded(decided: Iterable[Decided], group: str) -> list[Mapping[str, Any]]:
    found = (event.provenance.get("groups", {}).get(group) for event in decided)
    return [declared for declared in found if declared is not None]


def edit_alert(
    group: str, changes: Sequence[str], since: date, remedy: str = "", *, promoted: str = ""
) -> Iterator[Alert]:
    """What changed in a group's file since a decision; nothing where nothing did.

    By the promotion of a candidate, `promoted`, it is no warning.
    """
    if changes:
        shown = ", ".join(changes[:EDITS]) + (f" and {len(changes) - EDITS} more" if changes[EDITS:] else "")
        how = f"it is the promoted set {promoted}" if promoted else "its file was edited"
        text = f"{group}: {how} since the decision of {since}: {shown}"
        yield Alert("edited_group", Severity.INFO if promoted else Severity.WARNING, group, text, remedy)
