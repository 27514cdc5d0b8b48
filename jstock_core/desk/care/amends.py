"""Corrections as people ask for them: a fact never happened, happened after all, or was otherwise.

A fill that is taken back or made smaller leaves its order with shares missing. An order on paper met its
opening auction and cannot fill later: it ends with the correction. A person's order stays open, and is said
to be: only who placed it knows whether the broker filled it otherwise, or not at all. An order that had ended
ends again after a fill that happened after all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.execution.paper import MANUAL
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import Correction, Event, Filled, OrderExpired, OrderPlaced
from jstock_core.state.journal.corrections import correction, recorded, root_of
from jstock_core.state.journal.dependents import corrected, reversals


@dataclass(frozen=True, eq=False)
class _Asked:
    """A correction that is asked for: the journal as it is, the day, and the reason."""

    history: Sequence[Event]
    events: Sequence[Event]
    book: Book
    day: date
    reason: str

    def is_over(self, order: OrderPlaced) -> bool:
        """Whether the paper broker has had its say on an order."""
        through = self.book.settled_through
        return order.source != MANUAL and through is not None and order.session <= through

    def correction(self, made: Sequence[Event], fact: str, right: Event | None, **more: Any) -> Correction:
        """The correction of a fact, after those already made."""
        return correction([*self.history, *made], fact, right, session=self.day, reason=self.reason, **more)


def reverse(
    fact: str, *, reason: str, with_dependents: bool = False, workspace: str = "", now: str = ""
) -> dict[str, Any]:
    """Take a recorded fact back; with its dependents where asked.

    Raises:
        DependsError: later facts stand on it; nothing was recorded.
        StateError: it is the end of an order on paper.

    """

    def made(asked: _Asked) -> Sequence[Event]:
        _check_reversible(asked, fact)
        if with_dependents:
            return reversals(asked.history, fact, session=asked.day, reason=reason)
        return (asked.correction((), fact, None),)

    return _amend(f"the reversal of {fact}", reason, made, workspace, now)


def put_back(fact: str, *, reason: str, workspace: str = "", now: str = "") -> dict[str, Any]:
    """Let a reversed fact count again as it was recorded, after everything recorded since.

    Raises:
        StateError: it was not reversed, or does not fit any more.

    """

    def made(asked: _Asked) -> Sequence[Event]:
        root_of(asked.history, fact)
        if any(event.id == fact for event in asked.events):
            raise StateError("it counts already", where=fact, do="reverse it first to put it after others")
        was = recorded(asked.history, fact)
        ended = [asked.correction((), end.id, None) for end in _ends(asked.events, was)]
        return (*ended, asked.correction(ended, fact, was, place="here"))

    return _amend(f"the return of {fact}", reason, made, workspace, now)


def amend(
    fact: str, changes: dict[str, str], *, reason: str, workspace: str = "", now: str = ""
) -> dict[str, Any]:
    """Correct fields of a recorded fact: `changes` maps "shares", "price", "amount" or "session" to text.

    Raises:
        UsageError: the fact has no such field, or the text is no such value.
        DependsError: later facts stand on it; nothing was recorded.

    """
    right_values = {key: _value(key, text, fact) for key, text in changes.items()}

    def made(asked: _Asked) -> Sequence[Event]:
        root_of(asked.history, fact)
        current = next((event for event in asked.events if event.id == fact), None)
        if current is None:
            raise StateError("it does not count any more", where=fact, do="put it back first, with --restore")
        _check_fields(current, changes)
        right = replace(current, **right_values)
        return (asked.correction((), fact, right),)

    return _amend(f"the correction of {fact}", reason, made, workspace, now)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "shares": int,
    "amount": int,
    "price": Decimal,
    "session": date.fromisoformat,
}


def _check_fields(event: Event, changes: Mapping[str, str]) -> None:
    for key in changes:
        if key not in vars(event):
            raise UsageError(f"a {event.name} has no {key}", where=event.id)


def _value(key: str, text: str, fact: str) -> Any:
    try:
        return _READERS[key](text.replace(",", ""))
    except (ValueError, InvalidOperation):
        raise UsageError(f'{key} "{text}" makes no sense', where=fact) from None


def _amend(
    what: str, reason: str, make: Callable[[_Asked], Sequence[Event]], workspace: str, now: str
) -> dict[str, Any]:
    """Journal what is made under the lock, with the ends of the orders that it leaves open."""
    desk = open_desk(workspace, now=now)
    with desk.writing(what) as journal:
        asked = _Asked(journal.history(), journal.events(), journal.book(), desk.now().date(), reason)
        made = make(asked)
        opened = _reopened(asked.book, replay(corrected(asked.history, made)))
        added = journal.append([*made, *_endings(asked, made, opened)])
        book = journal.book()
    return {
        "recorded": [event.id for event in added],
        "open_again": [order.id for order in _reopened(asked.book, book)],
        "cash": {group.id: group.cash for group in book.groups.values()},
    }


# --- the orders behind ----------------------------------------------------------------------------------


def _check_reversible(asked: _Asked, fact: str) -> None:
    """An order on paper that is open again would only end again: nobody can fill it any more.

    Raises:
        StateError: the fact is the end of such an order.

    """
    end = next((event for event in asked.events if event.id == fact), None)
    if isinstance(end, OrderExpired):
        order = next(event for event in asked.history if event.id == end.order_id)
        if isinstance(order, OrderPlaced) and asked.is_over(order):
            raise StateError(
                f"{end.order_id} was on paper and ended: {end.reason}",
                where=fact,
                do="a fill of it that was taken back is put back with --restore; nothing was recorded",
            )


def _ends(events: Sequence[Event], fact: Event) -> Iterator[OrderExpired]:
    """The end of the order that a fill belongs to: it comes after all of its fills."""
    if isinstance(fact, Filled):
        for event in events:
            if isinstance(event, OrderExpired) and event.order_id == fact.order_id:
                yield event


def _reopened(before: Book, after: Book) -> tuple[OrderPlaced, ...]:
    """The orders that miss more shares than before."""
    missing = {order.id: order.shares for group in before.groups.values() for order in group.orders.values()}
    return tuple(
        order
        for group in after.groups.values()
        for order in group.orders.values()
        if order.shares > missing.get(order.id, 0)
    )


def _endings(asked: _Asked, made: Sequence[Event], opened: Sequence[OrderPlaced]) -> Iterator[Event]:
    """How these orders end: on paper, of a session that is over; and, behind a fill put back, as before."""
    known = {event.id: event for event in asked.history}
    back = isinstance(made[-1], Correction) and made[-1].place == "here"
    moved = {event.target for event in made if isinstance(event, Correction) and back}
    for order in opened:
        end: Event = OrderExpired(
            session=order.session, source=MANUAL, group=order.group, code=order.code, side=order.side,
            order_id=order.id, reason=f"its fill was corrected: {asked.reason}",
        )  # fmt: skip
        if end.id in moved:
            yield asked.correction(made, end.id, known[end.id], place="here")
        elif asked.is_over(order):
            yield asked.correction(made, end.id, end, place="here") if end.id in known else end
