"""Groups that were renamed: all their facts count under the new name, as if it had always been theirs.

Orders, fills and fees name each other by ids that hold the group, so these follow. The journal itself keeps
what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jstock_core.base.errors import StateError
from jstock_core.state.facts.codec import JsonText
from jstock_core.state.facts.events import (
    Approved,
    Decided,
    Event,
    Fee,
    Filled,
    GroupEvent,
    GroupRenamed,
    Halted,
    OrderCancelled,
    OrderExpired,
    Resumed,
)

_Named = tuple[str, Event]
"""A fact with the id under which it was recorded."""


def follow_renames(facts: Iterable[_Named]) -> Sequence[_Named]:
    """The facts, those of a group before it was renamed under its new name; the renames are left out."""
    found: list[_Named] = []
    for name, event in facts:
        if isinstance(event, GroupRenamed):
            found = list(_rename(found, event))
        else:
            found.append((name, event))
    return found


def check_renames(standing: Iterable[Event], added: Iterable[Event]) -> None:
    """Make sure that new names are free, on the facts that stand.

    Raises:
        StateError: there is no group of the old name, or one of the new.

    """
    groups = {fact.group for fact in standing if isinstance(fact, GroupEvent)}
    for event in added:
        if not isinstance(event, GroupRenamed):
            continue
        if event.group not in groups:
            raise StateError(
                f'there is no group "{event.group}" to rename',
                where=event.id,
                do="name a group of the journal",
            )
        if event.to in groups:
            raise StateError(
                f'there is a group "{event.to}" already, with an account of its own',
                where=event.id,
                do="give a name that is free; nothing was recorded",
            )


def _rename(facts: Sequence[_Named], event: GroupRenamed) -> Iterator[_Named]:
    ids: dict[str, str] = {}
    newest = next((f for _, f in reversed(facts) if isinstance(f, Decided) and f.group == event.group), None)
    for name, fact in facts:
        renamed = _referring(fact, ids)
        if isinstance(renamed, GroupEvent) and renamed.group == event.group:
            renamed = replace(renamed, group=event.to)
        if isinstance(renamed, Halted | Resumed) and renamed.scope == event.group:
            renamed = replace(renamed, scope=event.to)
        if isinstance(renamed, Decided) and fact is newest:
            renamed = replace(renamed, details=_details(renamed, event))
        if renamed is not fact:
            ids[fact.id] = renamed.id
        yield name, renamed


def _referring(fact: Event, ids: Mapping[str, str]) -> Event:
    """The fact with the new id of the order or fill that it names."""
    match fact:
        case (
            Filled(order_id=str(order)) | OrderExpired(order_id=order) | OrderCancelled(order_id=order)
            | Approved(order_id=order)
        ):  # fmt: skip
            return replace(fact, order_id=ids[order]) if order in ids else fact
        case Fee(fill_id=str(fill)):
            return replace(fact, fill_id=ids[fill]) if fill in ids else fact
        case _:
            return fact


def _details(decided: Decided, event: GroupRenamed) -> JsonText:
    """The details of the newest decision under the new name; later decisions are compared with them."""
    data: dict[str, Any] = dict(decided.details.data)
    provenance = dict(data["provenance"])
    for key in ("groups", "certificates"):
        known = dict(provenance.get(key, {}))
        if event.group in known:
            known[event.to] = known.pop(event.group)
            provenance[key] = known
    return JsonText.of({**data, "provenance": provenance})
