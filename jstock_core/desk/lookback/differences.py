"""Why two mornings differ: what changed in data, parameters and code, and which orders with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jstock_core.base.errors import JstockError
from jstock_core.base.plain import plain_json
from jstock_core.data.store.editions.ledger import Delivery
from jstock_core.data.store.revisions import RevisedValue, find_revisions
from jstock_core.desk.day.again.again import DecisionChange, changed_decisions, redecide
from jstock_core.desk.day.market import panel_as_decided
from jstock_core.desk.lookback.record import (
    NO_OUTCOME,
    Key,
    MorningRecord,
    journaled_outcomes,
    read_morning,
)
from jstock_core.desk.workspace.desk import Desk
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Event
from jstock_core.state.journal.in_force.past import events_before

PARAMETERS, CODE, HOLDINGS, DATA = "parameters", "code", "holdings", "data"
"""Why a stock came out otherwise, the first that is found."""


@dataclass(frozen=True)
class ValueChange:
    """A parameter or a version by its dotted name; None where it was not there."""

    name: str
    first: Any
    second: Any


@dataclass(frozen=True)
class DataChange:
    """A data set whose content differs: its hashes ("" for none), and the rows that came in between.

    `new`, `revised` and `completed` are rows delivered after the first edition, up to the second; None where
    the store does not know both.
    """

    dataset: str
    first: str
    second: str
    new: int | None = None
    revised: int | None = None
    completed: int | None = None


@dataclass(frozen=True)
class OutcomeChange:
    """A stock of a group that came out otherwise, and why: because of parameters, code, holdings or data."""

    group: str
    code: str
    name: str
    first: str
    second: str
    because: str


@dataclass(frozen=True)
class MorningComparison:
    """What differs between two mornings.

    `revisions` are values that a vendor corrected in between, `corrected` how the first morning would have
    come out on them. `notes` say what could not be found out.
    """

    first: str
    second: str
    data: tuple[DataChange, ...]
    revisions: tuple[RevisedValue, ...]
    corrected: tuple[DecisionChange, ...]
    parameters: tuple[ValueChange, ...]
    code: tuple[ValueChange, ...]
    outcomes: tuple[OutcomeChange, ...]
    same: int
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        found: dict[str, Any] = plain_json({**vars(self), "revisions": [], "corrected": []})
        return {
            **found,
            "revisions": [revision.as_json() for revision in self.revisions],
            "corrected": [vars(change) | {"trade_date": str(change.trade_date)} for change in self.corrected],
        }


def compare_mornings(desk: Desk, first: str, second: str) -> MorningComparison:
    """Compare two mornings, each named by a trade date or by the id of a run.

    A stock came out otherwise because of parameters where the second morning, decided again with those of the
    first, gives something else for it; because of code where the installed code gives something else than was
    recorded; because of holdings where only one of them held it; else because of the data.

    Raises:
        UsageError: one of them is not there. DataError: its files, or the store, cannot be read.

    """
    history = desk.journal().history()
    one, two = (read_morning(desk, history, which) for which in (first, second))
    deliveries = _deliveries_between(desk, one, two)
    revised = [delivery for delivery in deliveries or () if delivery.revised]
    revisions = desk.store.consult(lambda each: find_revisions(each, revised)) if revised else ()
    notes: list[str] = []
    return MorningComparison(
        one.label, two.label,
        data=tuple(_data_changes(one, two, deliveries)),
        revisions=revisions,
        corrected=_corrected(desk, history, one, two, notes) if revisions else (),
        parameters=tuple(value_changes(one.parameters, two.parameters)),
        code=tuple(value_changes(one.code, two.code)),
        outcomes=tuple(_outcome_changes(desk, history, one, two, notes)),
        same=sum(two.outcomes.get(key) == outcome for key, outcome in one.outcomes.items()),
        notes=tuple(notes),
    )  # fmt: skip


def value_changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[ValueChange]:
    """The values that differ, by their dotted names, sorted."""
    one, two = dict(_flat(first)), dict(_flat(second))
    for name in sorted(one.keys() | two.keys()):
        if one.get(name) != two.get(name):
            yield ValueChange(name, one.get(name), two.get(name))


def _flat(values: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Values with their dotted names; of rows with names in them, such as layers, each is numbered."""
    match values:
        case Mapping():
            for name, value in values.items():
                yield from _flat(value, f"{before}.{name}" if before else str(name))
        case list() | tuple() if any(isinstance(each, Mapping) for each in values):
            for number, each in enumerate(values, start=1):
                yield from _flat(each, f"{before}.{number}")
        case _:
            yield before, list(values) if isinstance(values, tuple) else values


def _deliveries_between(desk: Desk, one: MorningRecord, two: MorningRecord) -> list[Delivery] | None:
    """What the store received after the first edition, up to the second; None where it lacks one of them."""
    numbers = [desk.store.edition_number(each.edition) for each in (one, two)]
    known = sorted(number for number in numbers if number is not None)
    if len(known) < len(numbers):
        return None
    low, high = known
    return [delivery for delivery in desk.store.deliveries() if low < delivery.edition <= high]


def _data_changes(
    one: MorningRecord, two: MorningRecord, deliveries: Sequence[Delivery] | None
) -> Iterator[DataChange]:
    for dataset in sorted(one.data.keys() | two.data.keys()):
        before, after = one.data.get(dataset, ""), two.data.get(dataset, "")
        if before == after:
            continue
        if deliveries is None:
            yield DataChange(dataset, before, after)
            continue
        own = [delivery for delivery in deliveries if delivery.dataset == dataset]
        counts = (sum(getattr(each, name) for each in own) for name in ("new", "revised", "completed"))
        yield DataChange(dataset, before, after, *counts)


def _corrected(
    desk: Desk, history: Sequence[Event], one: MorningRecord, two: MorningRecord, notes: list[str]
) -> tuple[DecisionChange, ...]:
    """How the first morning would have come out on the data that the second saw."""
    if not one.decided or not two.decided:
        return ()
    try:
        panel = panel_as_decided(desk, two.decided[0])
        return changed_decisions(desk, history, one.trade_date, panel)
    except JstockError as error:
        notes.append(f"{one.label} cannot be decided again on the corrections: {error.what}")
        return ()


def _outcome_changes(
    desk: Desk, history: Sequence[Event], one: MorningRecord, two: MorningRecord, notes: list[str]
) -> Iterator[OutcomeChange]:
    keys = sorted(
        key
        for key in one.outcomes.keys() | two.outcomes.keys()
        if one.outcomes.get(key) != two.outcomes.get(key)
    )
    if not keys:
        return
    reasons = _reasons(desk, history, one, two, notes)
    names = {listing.code: listing.name for listing in desk.panel().listings}
    for group, code in keys:
        then, now = (each.outcomes.get((group, code), NO_OUTCOME).text for each in (one, two))
        because = reasons.get((group, code), DATA)
        yield OutcomeChange(group, code, names.get(code, ""), then, now, because)


def _reasons(
    desk: Desk, history: Sequence[Event], one: MorningRecord, two: MorningRecord, notes: list[str]
) -> dict[Key, str]:
    """Why stocks came out otherwise, where it is not the data."""
    held = [_held(history, each) for each in (one, two)]
    found = dict.fromkeys(held[0] ^ held[1], HOLDINGS)
    if not two.decided:
        return found
    try:
        again = _decided_again(desk, history, two, None)
        found |= dict.fromkeys(_differing(again, two.outcomes), CODE)
        shared = {id_: one.groups[id_] for id_ in one.groups.keys() & two.groups.keys()}
        if any(shared[id_] != two.groups[id_] for id_ in shared):
            found |= dict.fromkeys(_differing(_decided_again(desk, history, two, shared), again), PARAMETERS)
    except JstockError as error:
        notes.append(f"{two.label} cannot be decided again to find the reasons: {error.what}")
    return found


def _decided_again(
    desk: Desk, history: Sequence[Event], morning: MorningRecord, declared: Mapping[str, Any] | None
) -> Mapping[Key, Any]:
    again = redecide(desk, history, morning.trade_date, declared=declared)
    return journaled_outcomes(again.decisions, again.orders)


def _differing(one: Mapping[Key, Any], two: Mapping[Key, Any]) -> list[Key]:
    return [key for key in one.keys() | two.keys() if one.get(key) != two.get(key)]


def _held(history: Sequence[Event], morning: MorningRecord) -> set[Key]:
    """What was held before a morning."""
    book = replay(events_before(history, morning.trade_date))
    return {(id_, code) for id_, group in book.groups.items() for code in group.lots}
