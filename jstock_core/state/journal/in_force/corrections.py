"""Corrections: which facts are in force, and how to make one.

The journal keeps every event as it was recorded. What counts are the `effective_events`: each corrected event
replaced or left out, at its place in the order of the fold, and all facts of a renamed group under its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from jstock_core.base.errors import StateError
from jstock_core.state.facts.amendments import Correction, Place
from jstock_core.state.facts.events import Event, Fee, GroupRenamed, Json, from_json, to_json
from jstock_core.state.journal.in_force.renames import follow_renames


def effective_events(history: Iterable[Event]) -> tuple[Event, ...]:
    """The facts that count, in the order of the fold, without the corrections themselves."""
    events = tuple(history)
    newest = newest_corrections(events)
    if not newest and not any(isinstance(event, GroupRenamed) for event in events):
        return events
    return tuple(event for _, event in _effective(events, newest))


def read_corrections(history: Sequence[Event], new: Sequence[Event]) -> tuple[Event, ...]:
    """The facts that count after corrections that were journaled, and therefore checked, already."""
    return effective_events([*history, *new])


def newest_corrections(events: Iterable[Event]) -> dict[str, Correction]:
    """The correction in force for each corrected id."""
    return {event.target: event for event in events if isinstance(event, Correction)}


def _effective(events: Iterable[Event], newest: Mapping[str, Correction]) -> Iterable[tuple[str, Event]]:
    """The facts in force, each with the id under which it was recorded first."""
    return follow_renames(_corrected(events, newest))


def _corrected(events: Iterable[Event], newest: Mapping[str, Correction]) -> Iterator[tuple[str, Event]]:
    renamed = _new_ids(newest.values())
    for event in events:
        correction = event if isinstance(event, Correction) else newest.get(event.id)
        if correction is None:
            yield event.id, _follow_fill(event, renamed)
        elif correction is newest[correction.target]:
            here = correction is event
            if correction.replacement is not None and here == (correction.place == "here"):
                right = replace(read_replacement(correction.replacement), by=correction.by)
                yield correction.target, _follow_fill(right, renamed)


def _new_ids(corrections: Iterable[Correction]) -> dict[str, str]:
    """Old ids of facts that were replaced -> new ones."""
    return {
        correction.target: read_replacement(correction.replacement).id
        for correction in corrections
        if correction.replacement is not None
    }


def _follow_fill(event: Event, renamed: Mapping[str, str]) -> Event:
    """A fee follows its fill to the id that the corrected fill has."""
    if isinstance(event, Fee) and event.fill_id is not None and event.fill_id in renamed:
        return replace(event, fill_id=renamed[event.fill_id])
    return event


def as_replacement(event: Event) -> Json:
    """An event as JSON in a correction, without its author: that is the author of the correction."""
    return {"name": event.name, "fields": to_json(replace(event, by=""))}


def read_replacement(replacement: Json) -> Event:
    """The event that a correction puts in place.

    Raises:
        StateError: it is not an event.

    """
    try:
        return from_json(replacement["name"], replacement["fields"])
    except KeyError as error:
        raise StateError(f"a correction's replacement has no {error}", do="update jstock") from None


def effective_id(target: str, newest: Mapping[str, Correction]) -> str | None:
    """The id under which a recorded fact is in force, None where it is reversed."""
    correction = newest.get(target)
    if correction is None:
        return target
    return None if correction.replacement is None else read_replacement(correction.replacement).id


# --- making corrections ---------------------------------------------------------------------------------


def make_correction(
    history: Sequence[Event],
    target: str,
    replacement: Event | None,
    *,
    session: date,
    reason: str,
    source: str = "manual",
    place: Place = "there",
) -> Correction:
    """The correction of a fact, named by the id it was recorded or is now in force under.

    Raises:
        StateError: there is no such fact, or no reason is given.

    """
    root = root_of(history, target)
    number = sum(isinstance(event, Correction) and event.target == root for event in history)
    return Correction(
        session=session, source=source, target=root, place=place, reason=reason, revision=number,
        replacement=None if replacement is None else as_replacement(replacement),
    )  # fmt: skip


def reversed_ids(history: Iterable[Event]) -> frozenset[str]:
    """The ids, as first recorded, of the facts that are reversed."""
    return frozenset(c.target for c in newest_corrections(history).values() if c.replacement is None)


def restate_reversed(history: Sequence[Event], events: Iterable[Event]) -> tuple[Event, ...]:
    """Events to be journaled; those that were reversed and come again become corrections that restore them.

    A settlement may record a fact that a person had reversed: a fill that was typed too early, or the end of
    an order that was reopened. As a plain event it would be skipped, since its id is known.
    """
    taken_back = reversed_ids(history)
    made: list[Event] = []
    for event in events:
        made.append(_restate([*history, *made], event) if event.id in taken_back else event)
    return tuple(made)


def _restate(history: Sequence[Event], event: Event) -> Correction:
    return make_correction(
        history, event.id, event, session=event.session, reason="it came again", source=event.source,
        place="here",
    )  # fmt: skip


def root_of(history: Sequence[Event], name: str) -> str:
    """The id under which a fact was recorded first, given that or one it is or was in force under.

    Raises:
        StateError: there is no such fact.

    """
    for root, event in _effective(history, newest_corrections(history)):
        if event.id == name:
            return root
    if any(event.id == name for event in history):
        return name
    for event in history:
        if _replacement_id(event) == name and isinstance(event, Correction):
            return event.target
    raise StateError(f"there is no fact {name}", do="see `jstock state export` for the ids of all facts")


def current_event(history: Sequence[Event], name: str) -> Event | None:
    """The fact as it counts now, under an id that `root_of` knows; None where it is reversed.

    Raises:
        StateError: there is no such fact.

    """
    root = root_of(history, name)
    found = _effective(history, newest_corrections(history))
    return next((event for recorded, event in found if recorded == root), None)


def recorded_event(history: Sequence[Event], name: str) -> Event:
    """The fact as it was recorded, or last corrected to, under an id that `root_of` knows."""
    for event in reversed(history):
        if _replacement_id(event) == name and isinstance(event, Correction) and event.replacement is not None:
            return read_replacement(event.replacement)
    return next(event for event in history if event.id == name)


def _replacement_id(event: Event) -> str | None:
    if isinstance(event, Correction) and event.replacement is not None:
        return read_replacement(event.replacement).id
    return None
