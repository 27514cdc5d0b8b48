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
from jstock_core.state.facts.events import Event, Fee, Filled, OrderPlaced
from jstock_core.state.journal.corrections import newest_corrections

K = TypeVar("K", bound=Hashable)
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, eq=False)
class Ledger:
    """The book and the ids of all facts ever recorded, with the events `added` in planning.

    `placed` holds the newest revision of every order by (session, code), `filled` the fills of each order,
    `fees` the yen paid for each fill, all as they were before planning. `reversed_ids` are facts that were
    recorded and taken back. On `margin` cash may be below 0.
    """

    ids: AbstractSet[str]
    book: Book
    groups: tuple[str, ...]
    placed: Mapping[tuple[date, str], tuple[OrderPlaced, ...]]
    filled: Mapping[str, tuple[Filled, ...]]
    fees: Mapping[str, int]
    reversed_ids: AbstractSet[str] = frozenset()
    margin: bool = False
    added: tuple[Event, ...] = ()

    @classmethod
    def of(
        cls, events: Sequence[Event], history: Sequence[Event], groups: Iterable[str], *, margin: bool = False
    ) -> Ledger:
        """A journal's facts in force and its history."""
        book = replay(events)
        newest = {event.slot: event for event in events if isinstance(event, OrderPlaced)}
        fees = Counter[str]()
        for event in events:
            if isinstance(event, Fee) and event.fill_id:
                fees[event.fill_id] += event.amount
        return cls(
            ids={event.id for event in (*history, *events)},
            book=book,
            groups=tuple(sorted({*groups, *book.groups})),
            placed=_group_by(newest.values(), lambda order: (order.session, order.code)),
            filled=_group_by((e for e in events if isinstance(e, Filled)), lambda fill: fill.order_id or ""),
            fees=fees,
            reversed_ids={c.target for c in newest_corrections(history).values() if c.replacement is None},
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

    def fills(self, order: OrderPlaced) -> Iterator[Filled]:
        """The fills of an order, planned ones included."""
        yield from self.filled.get(order.id, ())
        for event in self.added:
            if isinstance(event, Filled) and event.order_id == order.id:
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


def _group_by(events: Iterable[E], key: Callable[[E], K]) -> dict[K, tuple[E, ...]]:
    found: dict[K, list[E]] = {}
    for event in events:
        found.setdefault(key(event), []).append(event)
    return {name: tuple(same) for name, same in found.items()}
