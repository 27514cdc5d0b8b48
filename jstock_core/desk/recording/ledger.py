"""The journal with the events planned so far: orders, what of them is still open, and recorded fills."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import islice
from typing import TypeVar

from jstock_core.desk.recording.lines import FillKey, FillLine, fill_key
from jstock_core.desk.workspace.names import unknown
from jstock_core.execution.approvals import orders_as_approved
from jstock_core.execution.fillers import MANUAL
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import CROSSED, Correction, Event, Fee, Filled, OrderPlaced
from jstock_core.state.journal.in_force.corrections import read_replacement

K = TypeVar("K", bound=Hashable)
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class RecordedFill:
    """A recorded fill in each of its versions (corrections), the newest last, and the yen of its fees.

    `id` is that of its newest version; `is_reversed` where a correction removed it.
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
        """The newest version: the one in force, or the last one before it was reversed."""
        return self.forms[-1]

    def is_reported_by(self, line: FillLine) -> bool:
        """Whether a line has the values of one of its versions."""
        return any(is_same_fill(form, line) for form in self.forms)


def is_same_fill(fill: Filled, line: FillLine) -> bool:
    """Whether a fill and a line have the same price, shares and, where both say it, account type."""
    return (fill.price, fill.shares) == (line.price, line.shares) and (
        not fill.account or not line.account or fill.account == line.account
    )


@dataclass(frozen=True, eq=False)
class AddedEvents:
    """The first `count` events of a shared list that only grows, so that adding events copies nothing."""

    count: int = 0
    _events: list[Event] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)

    def extend(self, new: Sequence[Event]) -> AddedEvents:
        """These events and new ones."""
        events, places = self._events, self._places
        if len(events) != self.count:  # another one has grown from here
            events = events[: self.count]
            places = {event.id: place for place, event in enumerate(events)}
        places.update((event.id, len(events) + n) for n, event in enumerate(new))
        events.extend(new)
        return AddedEvents(len(events), events, places)

    def __contains__(self, name: str) -> bool:
        return self._places.get(name, self.count) < self.count

    def since(self, start: int) -> tuple[Event, ...]:
        """Those from place `start` on."""
        return tuple(islice(self._events, start, self.count))


@dataclass(frozen=True, eq=False)
class Ledger:
    """The journal's book and the ids of all facts ever recorded, with the events `added` in planning.

    Added events are folded together when `book` is asked for; only then is a contradiction an error.

    `placed` holds the newest revision of every order by (session, code), `filled` the fills of each order and
    `recorded` all fills that a broker reported, by session, code and side; all as they were before planning.
    On `margin` cash may be below 0. `on_paper` are the groups that the paper broker fills.
    """

    ids: AbstractSet[str]
    recorded_book: Book
    groups: tuple[str, ...]
    placed: Mapping[tuple[date, str], tuple[OrderPlaced, ...]]
    filled: Mapping[str, tuple[Filled, ...]]
    recorded: Mapping[FillKey, tuple[RecordedFill, ...]]
    margin: bool = False
    on_paper: frozenset[str] = frozenset()
    added: AddedEvents = field(default_factory=AddedEvents)
    _folded: tuple[Book, int] | None = None

    @classmethod
    def of(
        cls, events: Sequence[Event], history: Sequence[Event], groups: Iterable[str], *, margin: bool = False
    ) -> Ledger:
        """A journal's facts in force and its history."""
        book = FoldedEvents.of(events).book
        newest = {order.slot: order for order in orders_as_approved(events)}
        return cls(
            ids={event.id for event in (*history, *events)},
            recorded_book=book,
            groups=tuple(sorted({*groups, *book.groups})),
            placed=_group_by(newest.values(), lambda order: (order.session, order.code)),
            filled=_group_by((e for e in events if isinstance(e, Filled)), lambda fill: fill.order_id or ""),
            recorded=_recorded_fills(events, history),
            margin=margin,
        )

    @cached_property
    def book(self) -> Book:
        """The book after the events that were added.

        Raises:
            StateError: one of them contradicts it.

        """
        book, count = self._folded or (self.recorded_book, 0)
        return replay(self.added.since(count), book) if self.added.count > count else book

    def with_events(self, events: Iterable[Event]) -> Ledger:
        """The ledger with events that are new; those that are known change nothing."""
        new = tuple(event for event in events if not self.knows(event.id))
        if not new:
            return self
        folded = (self.book, self.added.count) if "book" in vars(self) else self._folded
        return replace(self, added=self.added.extend(new), _folded=folded)

    def knows(self, name: str) -> bool:
        """Whether a fact of that id is recorded or added."""
        return name in self.ids or name in self.added

    def number_fill(self, fill: Filled) -> Filled:
        """The fill with the first ordinal that no equal one has; they are given in turn."""
        if not self.knows(fill.id):
            return fill
        free = 1
        while self.knows(replace(fill, ordinal=fill.ordinal + free).id):
            free *= 2
        ordinals = range(fill.ordinal + free // 2, fill.ordinal + free)
        first = bisect_left(
            ordinals, True, key=lambda ordinal: not self.knows(replace(fill, ordinal=ordinal).id)
        )
        return replace(fill, ordinal=ordinals.start + first)

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
        found = self.recorded.get(fill_key(line), ())
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
        for event in self.added.since(0):
            if isinstance(event, Filled) and event.order_id == order_id:
                yield event

    def missing(self, order: OrderPlaced) -> int:
        """Shares of an order that are still to be filled; 0 once it is filled or ended."""
        before = self.recorded_book.groups.get(order.group)
        if before is None or order.id not in before.orders:
            return 0  # nothing that is added opens an order
        group = self.book.groups.get(order.group)
        left = None if group is None else group.orders.get(order.id)
        return 0 if left is None else left.shares

    def still_open(self, orders: Iterable[OrderPlaced]) -> tuple[OrderPlaced, ...]:
        """Those orders that are open, with the shares still to be filled."""
        return tuple(replace(o, shares=missing) for o in orders if (missing := self.missing(o)))

    def cash_warnings(self) -> Iterator[str]:
        """Cash that falls below zero, which is recorded and warned of, unless the broker lends it."""
        for name, group in sorted(self.book.groups.items()):
            before = self.recorded_book.groups.get(name)
            if group.cash < min(0, 0 if before is None else before.cash) and not self.margin:
                yield f"{name}: cash falls to ¥{group.cash:,}, below zero"

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
