"""Corrections of recorded facts: a fact never happened, happened after all, or was otherwise.

A fill that is reversed or made smaller leaves its order with shares missing. A paper order met its opening
auction and cannot fill later: it ends with the correction. A manual order stays open, and the result lists
it: only the trader knows whether the broker filled it otherwise, or not at all. An order that had ended ends
again after a fill that is restored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from jstock_core.base.errors import StateError, UsageError
from jstock_core.base.limits import cut_word, parse_plain_decimal
from jstock_core.desk.care.actions import parse_ratio
from jstock_core.desk.care.consent import refuse_odd_correction
from jstock_core.desk.recording.terms import read_account
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.fillers import MANUAL
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import Correction, Dividend, Event, Fee, Filled, OrderExpired, OrderPlaced
from jstock_core.state.journal.in_force.corrections import (
    current_event,
    make_correction,
    recorded_event,
    root_of,
)
from jstock_core.state.journal.in_force.dependents import apply_corrections, reversals


@dataclass(frozen=True)
class CorrectionResult:
    """The ids recorded, the ids of the orders that are open again, and each group's cash afterwards."""

    recorded: tuple[str, ...]
    open_again: tuple[str, ...]
    cash: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "recorded": list(self.recorded), "open_again": list(self.open_again)}


@dataclass(frozen=True, eq=False)
class _Context:
    """What a correction is made in: the journal before it, the session it belongs to, and its reason."""

    history: Sequence[Event]
    events: Sequence[Event]
    book: Book
    session: date
    reason: str

    def is_over(self, order: OrderPlaced) -> bool:
        """Whether it is a paper order of a settled session, which nothing can fill any more."""
        through = self.book.settled_through
        return order.source != MANUAL and through is not None and order.session <= through

    def correction(self, made: Sequence[Event], fact: str, right: Event | None, **more: Any) -> Correction:
        """The correction of a fact, after those already made."""
        history = [*self.history, *made]
        return make_correction(history, fact, right, session=self.session, reason=self.reason, **more)

    def current_fact(self, fact: str) -> Event | None:
        """The fact as it counts now; None where it is reversed.

        Raises:
            StateError: there is no such fact.

        """
        return current_event(self.history, fact)


def reverse_fact(desk: Desk, fact: str, *, reason: str, with_dependents: bool = False) -> CorrectionResult:
    """Reverse a recorded fact, as if it had never happened; with its dependents where asked.

    Raises:
        DependsError: later facts depend on it; nothing was recorded.
        StateError: it is the end of a paper order.

    """

    def make(context: _Context) -> Sequence[Event]:
        _check_reversible(context, fact)
        if with_dependents:
            return reversals(context.history, fact, session=context.session, reason=reason)
        return (context.correction((), fact, None),)

    return _record(desk, f"the reversal of {fact}", reason, make)


def restore_fact(desk: Desk, fact: str, *, reason: str) -> CorrectionResult:
    """Let a reversed fact count again as it was recorded, after everything recorded since.

    Raises:
        StateError: it was not reversed, or does not fit any more.

    """

    def make(context: _Context) -> Sequence[Event]:
        if context.current_fact(fact) is not None:
            raise StateError("it counts already", where=fact, do="reverse it first to put it after others")
        before = recorded_event(context.history, fact)
        ends = [context.correction((), end.id, None) for end in _ends(context.events, before)]
        return (*ends, context.correction(ends, fact, before, place="here"))

    return _record(desk, f"the return of {fact}", reason, make)


def correct_fact(
    desk: Desk, fact: str, changes: Mapping[str, str], *, reason: str, accept_odd: bool = False
) -> CorrectionResult:
    """Correct fields of a recorded fact: `changes` maps their names to text.

    The fields are "shares", "price", "amount", "session" and "account"; "fee" is all that a fill cost,
    "ratio" that of a split.

    Raises:
        UsageError: the fact has no such field, the text is no such value, or it makes a fill odd and that is
            not accepted.
        DependsError: later facts depend on it; nothing was recorded.

    """
    values = {name: value for key, text in changes.items() for name, value in _values(key, text, fact)}
    fee = values.pop("fee", None)

    def make(context: _Context) -> Sequence[Event]:
        current = context.current_fact(fact)
        if current is None:
            raise StateError(
                "it is reversed and does not count", where=fact, do="restore it first, with --restore"
            )
        _check_fields(current, values)
        if isinstance(current, Filled) and not accept_odd:
            refuse_odd_correction(desk, current, replace(current, **values), fee)
        if isinstance(current, Dividend):
            values["source"] = MANUAL  # what was credited: the desk compares it with no announcement any more
        made = [] if fee is None else list(_correct_fee(context, current, fee))
        if values:
            made.append(context.correction(made, fact, replace(current, **values)))
        return made

    return _record(desk, f"the correction of {fact}", reason, make)


def _correct_fee(context: _Context, fill: Event, yen: int) -> Iterator[Event]:
    """What makes `yen` all that a fill cost: one fee of it, and no other.

    Raises:
        UsageError: the fact is no fill, or that is its fee already.

    """
    if not isinstance(fill, Filled):
        raise UsageError(f"a {fill.name} has no fee", where=fill.id, do="name a fill")
    root = root_of(context.history, fill.id)
    fees = [event for event in context.events if isinstance(event, Fee) and event.fill_id == fill.id]
    if sum(fee.amount for fee in fees) == yen:
        raise UsageError(f"its fee is ¥{yen:,} already", where=fill.id)
    for fee in fees[1:] if yen else fees:
        yield context.correction((), fee.id, None)
    if yen and fees:
        yield context.correction((), fees[0].id, replace(fees[0], amount=yen, fill_id=root))
    elif yen:
        fee = Fee(
            session=fill.session, source=MANUAL, group=fill.group, amount=yen, reason=context.reason,
            fill_id=root,
        )  # fmt: skip
        known = {event.id for event in context.history}
        while fee.id in known:
            fee = replace(fee, ordinal=fee.ordinal + 1)
        yield fee


def _whole(text: str) -> int:
    number = parse_plain_decimal(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)


def _yen(text: str) -> int:
    yen = _whole(text)
    if yen < 0:
        raise ValueError(text)
    return yen


_READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "shares": (_whole, "a whole number, as 100"),
    "amount": (_whole, "whole yen, as 100000"),
    "price": (parse_plain_decimal, "yen, as 3010.5"),
    "session": (date.fromisoformat, "a date, as 2026-01-21"),
    "account": (read_account, "特定, 一般 or NISA, or - where it is not known"),
    "fee": (_yen, "whole yen, 0 or more, as 275"),
    "ratio": (parse_ratio, "shares after and before, as 5:1"),
}
"""How the text of each field is read, and how it is written."""


def _check_fields(event: Event, changes: Mapping[str, str]) -> None:
    for key in changes:
        if key not in vars(event) and not (key == "ratio" and hasattr(event, "numerator")):
            raise UsageError(f"a {event.name} has no {key}", where=event.id)


def _values(key: str, text: str, fact: str) -> Iterator[tuple[str, Any]]:
    """The fields that a text changes, with their values."""
    value = _value(key, text, fact)
    if key == "ratio":
        yield from (("numerator", value.numerator), ("denominator", value.denominator))
    else:
        yield key, value


def _value(key: str, text: str, fact: str) -> Any:
    read, form = _READERS[key]
    try:
        return read(text.replace(",", ""))
    except (ValueError, UsageError):
        raise UsageError(f'cannot read the {key} "{cut_word(text)}"', where=fact, do=f"give {form}") from None


def _record(
    desk: Desk, what: str, reason: str, make: Callable[[_Context], Sequence[Event]]
) -> CorrectionResult:
    """Journal what `make` returns, with the ends of the orders that it leaves open."""
    with desk.writing(what) as journal:
        context = _Context(journal.history(), journal.events(), journal.book(), desk.now().date(), reason)
        made = make(context)
        opened = _reopened_orders(context.book, replay(apply_corrections(context.history, made)))
        added = journal.append([*made, *_endings(context, made, opened)])
        book = journal.book()
    return CorrectionResult(
        recorded=tuple(event.id for event in added),
        open_again=tuple(order.id for order in _reopened_orders(context.book, book)),
        cash={group.id: group.cash for group in book.groups.values()},
    )


# --- the orders of corrected fills ----------------------------------------------------------------------


def _check_reversible(context: _Context, fact: str) -> None:
    """Refuse to reverse the end of a paper order whose session is over: it would only end again.

    Raises:
        StateError: the fact is the end of such an order.

    """
    end = next((event for event in context.events if event.id == fact), None)
    if isinstance(end, OrderExpired):
        order = next(event for event in context.history if event.id == end.order_id)
        if isinstance(order, OrderPlaced) and context.is_over(order):
            raise StateError(
                f"{end.order_id} was a paper order and ended: {end.reason}",
                where=fact,
                do="if a fill of it was reversed, restore that fill with --restore; nothing was recorded",
            )


def _ends(events: Sequence[Event], fact: Event) -> Iterator[OrderExpired]:
    """The end of the order that a fill belongs to: it comes after all of its fills."""
    if isinstance(fact, Filled):
        for event in events:
            if isinstance(event, OrderExpired) and event.order_id == fact.order_id:
                yield event


def _reopened_orders(before: Book, after: Book) -> tuple[OrderPlaced, ...]:
    """The orders that miss more shares than before."""
    missing = {order.id: order.shares for group in before.groups.values() for order in group.orders.values()}
    return tuple(
        order
        for group in after.groups.values()
        for order in group.orders.values()
        if order.shares > missing.get(order.id, 0)
    )


def _endings(context: _Context, made: Sequence[Event], opened: Sequence[OrderPlaced]) -> Iterator[Event]:
    """How these orders end: paper orders of settled sessions, and, after a restored fill, as before."""
    known = {event.id: event for event in context.history}
    restored = isinstance(made[-1], Correction) and made[-1].place == "here"
    moved = {event.target for event in made if isinstance(event, Correction) and restored}
    for order in opened:
        end: Event = OrderExpired(
            session=order.session, source=MANUAL, group=order.group, code=order.code, side=order.side,
            order_id=order.id, reason=f"its fill was corrected: {context.reason}",
        )  # fmt: skip
        if end.id in moved:
            yield context.correction(made, end.id, known[end.id], place="here")
        elif context.is_over(order):
            yield context.correction(made, end.id, end, place="here") if end.id in known else end
