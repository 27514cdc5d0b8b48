"""The journal while lines are planned on top of it: what is ordered, what is still open, what is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.workspace.names import unknown
from jstock_core.execution.paper import MANUAL
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import CROSSED, Correction, Event, Fee, Filled, OrderPlaced, Side
from jstock_core.state.journal.corrections import read_replacement

K = TypeVar("K", bound=Hashable)
E = TypeVar("E", bound=Event)
FillKey = tuple[date, str, Side]


@dataclass(frozen=True)
class RecordedFill:
    """A fill of the journal in every form that it was given, the newest last, and the yen of its fees.

    `id` is that of its newest form. A fill that was taken back is reversed.
    """

    id: str
    forms: tuple[Filled, ...]
    fee: int
    is_reversed: bool

    @property
    def root(self) -> str:
        """The id that it was recorded under first, which fees name: they follow it through corrections."""
        return self.forms[0].id

    @property
    def current(self) -> Filled:
        """As it counts now, or last counted."""
        return self.forms[-1]

    def is_reported_by(self, line: FillLine) -> bool:
        """Whether a line has the values of one of its forms."""
        return any(is_same_fill(form, line) for form in self.forms)


def is_same_fill(fill: Filled, line: FillLine) -> bool:
    """Whether a fill and a line have the same price, shares and, where both say it, account type."""
    return (fill.price, fill.shares) == (line.price, line.shares) and (
        not fill.account or not line.account or fill.account == line.account
    )


@dataclass(frozen=True, eq=False)
class Ledger:
    """The book and the ids of all facts ever recorded, with the events `added` in planning.

    `placed` holds the newest revision of every order by (session, code), `filled` the fills of each order and
    `recorded` all fills that a broker reported, by session, code and side; all as they were before planning.
    On `margin` cash may be below 0.
    """

    ids: AbstractSet[str]
    book: Book
    groups: tuple[str, ...]
    placed: Mapping[tuple[date, str], tuple[OrderPlaced, ...]]
    filled: Mapping[str, tuple[Filled, ...]]
    recorded: Mapping[FillKey, tuple[RecordedFill, ...]]
    margin: bool = False
    added: tuple[Event, ...] = ()

    @classmethod
    def of(
        cls, events: Sequence[Event], history: Sequence[Event], groups: Iterable[str], *, margin: bool = False
    ) -> Ledger:
        """A journal's facts in force and its history."""
        book = replay(events)
        newest = {event.slot: event for event in events if isinstance(event, OrderPlaced)}
        return cls(
            ids={event.id for event in (*history, *events)},
            book=book,
            groups=tuple(sorted({*groups, *book.groups})),
            placed=_group_by(newest.values(), lambda order: (order.session, order.code)),
            filled=_group_by((e for e in events if isinstance(e, Filled)), lambda fill: fill.order_id or ""),
            recorded=_recorded_fills(events, history),
            margin=margin,
        )

    def with_events(self, events: Iterable[Event]) -> Ledger:
        """The ledger with events that are new; those that are known change nothing.

        Raises:
            StateError: an event contradicts the book.

        """
        new = self.unknown(events)
        if not new:
            return self
        return replace(
            self,
            ids=self.ids | {event.id for event in new},
            book=replay(new, self.book),
            added=(*self.added, *new),
        )

    def unknown(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """The events that were never recorded."""
        return tuple(event for event in events if event.id not in self.ids)

    def check_group(self, group: str) -> None:
        """Make sure that a group named by a line is one.

        Raises:
            UsageError: there is no such group.

        """
        if group and group not in self.groups:
            raise unknown("group", group, self.groups)

    @property
    def only_group(self) -> str:
        """The desk's group, where it has just one; else ""."""
        return self.groups[0] if len(self.groups) == 1 else ""

    def orders(self, line: FillLine) -> tuple[OrderPlaced, ...]:
        """The orders that a line may be about, of both sides, whatever became of them.

        A broker's fills are those of the orders that a person placed, where there are any.
        """
        found = self.placed.get((line.session, line.code), ())
        if line.placed:
            found = tuple(o for o in found if o.source == line.placed)
        if line.group:
            return tuple(o for o in found if o.group == line.group)
        return tuple(o for o in found if o.source == MANUAL) or found

    def order_of(self, line: FillLine) -> OrderPlaced | None:
        """The order that a line of one group belongs to."""
        own = [order for order in self.orders(line) if order.side == line.side]
        return own[-1] if own else None

    def recorded_fills(self, line: FillLine) -> tuple[RecordedFill, ...]:
        """The fills of the session, code and side of a line, of its group where it names one."""
        found = self.recorded.get((line.session, line.code, line.side), ())
        return tuple(fill for fill in found if line.group in ("", fill.current.group))

    def held_shares(self, code: str) -> int:
        """The shares of a stock that all groups hold."""
        return sum(shares_of(group.lots.get(code, ())) for group in self.book.groups.values())

    def holders(self, code: str) -> tuple[str, ...]:
        """The groups that hold a stock."""
        return tuple(sorted(name for name, group in self.book.groups.items() if code in group.held))

    def fills_of(self, order_id: str | None) -> Iterator[Filled]:
        """The fills of an order, planned ones included."""
        yield from self.filled.get(order_id or "", ())
        for event in self.added:
            if isinstance(event, Filled) and event.order_id == order_id:
                yield event

    def missing(self, order: OrderPlaced) -> int:
        """Shares of an order that are still to be filled; 0 once it is filled or ended."""
        group = self.book.groups.get(order.group)
        left = None if group is None else group.orders.get(order.id)
        return 0 if left is None else left.shares

    def still_open(self, orders: Iterable[OrderPlaced]) -> tuple[OrderPlaced, ...]:
        """Those orders that are open, with the shares still to be filled."""
        return tuple(replace(o, shares=missing) for o in orders if (missing := self.missing(o)))

    def open_orders(self) -> Iterator[OrderPlaced]:
        """Everything still open."""
        for group in self.book.groups.values():
            yield from group.orders.values()


def _recorded_fills(
    events: Sequence[Event], history: Sequence[Event]
) -> dict[FillKey, tuple[RecordedFill, ...]]:
    """Every fill that a broker reported, also those taken back, under each form that it had."""
    fees = Counter[str]()
    for event in events:
        if isinstance(event, Fee) and event.fill_id:
            fees[event.fill_id] += event.amount
    corrections = _group_by((e for e in history if isinstance(e, Correction)), lambda c: c.target)
    found: dict[FillKey, dict[str, RecordedFill]] = {}
    for event in history:
        if isinstance(event, Filled) and event.source != CROSSED:
            fill = _recorded_fill(event, corrections.get(event.id, ()), fees)
            for form in fill.forms:
                found.setdefault((form.session, form.code, form.side), {})[event.id] = fill
    return {key: tuple(fills.values()) for key, fills in found.items()}


def _recorded_fill(root: Filled, corrections: Sequence[Correction], fees: Mapping[str, int]) -> RecordedFill:
    replaced = (read_replacement(c.replacement) for c in corrections if c.replacement is not None)
    forms = (root, *(form for form in replaced if isinstance(form, Filled)))
    is_reversed = bool(corrections) and corrections[-1].replacement is None
    return RecordedFill(forms[-1].id, forms, fees.get(forms[-1].id, 0), is_reversed)


def _group_by(events: Iterable[E], key: Callable[[E], K]) -> dict[K, tuple[E, ...]]:
    found: dict[K, list[E]] = {}
    for event in events:
        found.setdefault(key(event), []).append(event)
    return {name: tuple(same) for name, same in found.items()}
