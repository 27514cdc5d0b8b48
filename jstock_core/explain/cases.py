"""What each group knew on the morning of a trade date, from the journal through that morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.base.errors import ParamsError, StateError
from jstock_core.decide.groups import Group, make_group
from jstock_core.explain.verdicts import Case
from jstock_core.signals.language.registry import SHARED, Rules
from jstock_core.state.book.book import EMPTY, Book, GroupBook, replay_part
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.facts.codec import json_value as thawed
from jstock_core.state.facts.events import AT_SIGNAL, Decided, Event, OrderPlaced
from jstock_core.state.journal.in_force.past import without_morning


def find_cases(
    events: Sequence[Event], trade_date: date, groups: Sequence[Group], wanted: str = ""
) -> tuple[Case, ...]:
    """The case of each group that is declared or has decided, in that order; of `wanted` alone if given.

    `events` is the journal through the morning; of a group with several decisions the newest counts. A group
    that is not declared any more and recorded no parameters has none.
    """
    declared = {group.id: group for group in groups}
    decided = {e.group: e for e in events if isinstance(e, Decided) and e.session == trade_date}
    rules = groups[0].rules if groups else SHARED
    orders = [e for e in events if isinstance(e, OrderPlaced) and e.session == trade_date]
    ids = [wanted] if wanted else list(dict.fromkeys((*declared, *decided)))
    books = _books_before(events, trade_date, tuple(decided.values()))
    if any(id_ not in decided for id_ in ids):
        books[""] = replay_part(without_morning(events, trade_date))
    found: list[Case] = []
    for id_ in ids:
        event = decided.get(id_)
        group, notes = _group_at_decision(declared.get(id_), event, rules)
        if group is not None:
            own = tuple(order for order in orders if order.group == id_)
            book = _own_book(books[event.id if event else ""], group)
            found.append(Case(group, book, event, own, tuple(notes)))
    return tuple(found)


def _books_before(events: Sequence[Event], trade_date: date, decisions: Sequence[Decided]) -> dict[str, Book]:
    """The book that each decision found, by its id, without what that morning itself did."""
    ends = {id(decision) for decision in decisions}
    found: dict[str, Book] = {}
    folded, book, last = FoldedEvents.of(events), EMPTY, 0
    for place, event in enumerate(events):
        if id(event) in ends:
            if not all(_is_own(between, trade_date) for between in events[last:place]):
                book = _book_of_part(folded, without_morning(events[:place], trade_date))
            found[event.id], last = book, place
    return found


def _book_of_part(whole: FoldedEvents, part: tuple[Event, ...]) -> Book:
    """The book after a part of the events; facts that contradict the others are passed over."""
    try:
        return whole.refold(part).book
    except StateError:
        return replay_part(part)


def _is_own(event: Event, trade_date: date) -> bool:
    """Whether the morning recorded it with a decision."""
    own = isinstance(event, Decided | OrderPlaced) or event.source == AT_SIGNAL
    return own and event.session == trade_date


def _own_book(book: Book, group: Group) -> GroupBook:
    capital = group.initial_capital
    return book.groups.get(group.id, GroupBook(id=group.id, cash=capital, deposited=capital))


def _group_at_decision(
    group: Group | None, event: Decided | None, rules: Rules
) -> tuple[Group | None, Sequence[str]]:
    """The group with the parameters that its decision recorded, and what to say about them."""
    if event is None:
        return group, ()
    recorded = event.provenance.get("groups", {}).get(event.group)
    if recorded is None:
        return group, ("the decision recorded no parameters, today's are shown",)
    declared = thawed(recorded)
    if group is not None and dict(group.declared) == declared:
        return group, ()
    try:
        recorded_group = make_group(event.group, declared, where=f"the decision {event.id}", rules=rules)
    except ParamsError as error:
        return group, (f"the recorded parameters cannot be read any more, today's are shown: {error.what}",)
    return recorded_group, (
        "the group's parameters have been changed since; those of the decision are shown",
    )
