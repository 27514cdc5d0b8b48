"""A span that the desk lived, beside the backtest of it: the same groups, from the book that the desk had.

The backtest begins on the desk's own positions and cash on the first morning, has the parameters that each
morning recorded and the money that came in or was taken out, fills every order on paper, and knows neither
halts nor missed mornings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.given.halts import halted_groups
from jstock_core.decide.gone import untended_morning
from jstock_core.decide.groups import Group, fill_on_paper
from jstock_core.decide.morning import DecisionRecord, morning, settle_through
from jstock_core.desk.day.again.again import first_decisions, recorded_group, recorded_limits
from jstock_core.desk.day.history import LivedMornings, desk_conditions, lived_mornings
from jstock_core.desk.workspace.checks.splits import block_split_differences
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory
from jstock_core.execution.fillers import MANUAL, PAPER
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import span
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import (
    CashAdjusted,
    Decided,
    Deposit,
    Event,
    Filled,
    OrderPlaced,
    Withdrawal,
)
from jstock_core.state.journal.in_force.past import events_before

Slot = tuple[str, str, str]
"""Group, code and side of an order."""
Money = Deposit | Withdrawal | CashAdjusted


@dataclass(frozen=True, eq=False)
class LivedSpan:
    """The trade dates of a span, and what the desk's journal has of them.

    `history` is every record, `events` what is in force of it; `decided` are the first decisions by date.
    """

    desk: Desk
    panel: Panel
    days: tuple[date, ...]
    history: tuple[Event, ...]
    events: tuple[Event, ...]
    decided: Mapping[date, tuple[Decided, ...]]

    @classmethod
    def of(cls, desk: Desk, panel: Panel, days: tuple[date, ...]) -> LivedSpan:
        """Read the journal for the mornings of `days`, which begins with one that was decided."""
        journal = desk.journal()
        history = tuple(journal.history())
        decided = {day: found for day in days if (found := first_decisions(history, day))}
        return cls(desk, panel, days, history, tuple(journal.events()), decided)

    @cached_property
    def book(self) -> Book:
        """The desk's book by all that is in force."""
        return replay(self.events)

    @cached_property
    def settled(self) -> tuple[date, ...]:
        """The trade dates whose orders were settled, and whose bars are stored."""
        last = min(self.book.settled_through or date.min, self.panel.session(-1))
        return tuple(day for day in self.days if day <= last)

    @cached_property
    def view(self) -> View:
        """Every morning of the span, on the market as it is stored now."""
        return span(self.panel, trusted_features(self.panel), self.days[0], self.days[-1])

    @cached_property
    def lived(self) -> LivedMornings:
        """What was late and halted."""
        return lived_mornings(self.desk, self.days[0], self.days[-1])

    @cached_property
    def groups(self) -> Mapping[date, tuple[Group, ...]]:
        """The groups of each morning as it recorded them; of a missed one those of the one before."""
        found: dict[date, tuple[Group, ...]] = {}
        current: tuple[Group, ...] = ()
        for day in self.days:
            if day in self.decided:
                current = tuple(recorded_group(self.desk, each) for each in self.decided[day])
            found[day] = current
        return found

    def conditions(self, day: date) -> Conditions:
        """What the groups of a morning shared, without halts."""
        universes, row = self._universes, self.days.index(day)
        found = desk_conditions(self.desk, self.lived.late_on)
        monitored = universes.codes_on(self.panel.session(self.view.first_row + row))
        decided = self.decided.get(day)
        limits = recorded_limits(decided[0]) if decided else found.limits
        return replace(found, monitored=monitored, limits=limits)

    @cached_property
    def _universes(self) -> UniverseHistory:
        return UniverseHistory.read(self.desk.workspace, self.desk.monitored)

    def decide_again(self, day: date) -> dict[Slot, OrderPlaced]:
        """The orders of a morning on the book and the halts that it was decided on, on the data of now."""
        book = replay(events_before(self.history, day))
        conditions = replace(self.conditions(day), halted_on={day: halted_groups(book)})
        conditions = block_split_differences(conditions, book, self.panel)
        row = self.days.index(day)
        step = morning(book, self.view, row, self.groups[day], conditions, DecisionRecord(details=False))
        return by_slot(event for event in step.events if isinstance(event, OrderPlaced))

    def first_orders(self, day: date) -> dict[Slot, OrderPlaced]:
        """The orders of a morning's first decision, as it was journaled."""
        return by_slot(
            event
            for event in self.history
            if isinstance(event, OrderPlaced) and event.session == day and not event.revision
        )


@dataclass(frozen=True, eq=False)
class SpanBacktest:
    """The backtest of a lived span: its book at the end, and its orders by trade date and slot."""

    book: Book
    orders: Mapping[date, Mapping[Slot, OrderPlaced]]
    fills: tuple[Filled, ...]


def backtest_lived(lived: LivedSpan) -> SpanBacktest:
    """Fold the mornings of a lived span on paper, from the book that the desk had on the first."""
    before = [_on_paper(event) for event in events_before(lived.history, lived.days[0])]
    book, known = replay(before), {event.id for event in before}
    money = [event for event in lived.events if isinstance(event, Money)]
    orders: dict[date, dict[Slot, OrderPlaced]] = {}
    fills: list[Filled] = []
    for row, day in enumerate(lived.days):
        due = [e for e in money if e.session < day and e.id not in known and e.group in book.groups]
        book, known = replay(due, book), known | {event.id for event in due}
        groups = fill_on_paper(lived.groups[day])
        step = untended_morning(book, lived.view, row, groups, lived.conditions(day), _PLAIN)
        book, known = step.book, known | {event.id for event in step.events}
        orders[day] = by_slot(event for event in step.events if isinstance(event, OrderPlaced))
        fills += [event for event in step.events if isinstance(event, Filled)]
    end = min(lived.view.first_row + len(lived.days), len(lived.panel.sessions) - 1)
    closing = settle_through(book, lived.view, end, lived.conditions(lived.days[-1]))
    fills += [event for event in closing.events if isinstance(event, Filled)]
    return SpanBacktest(closing.book, orders, tuple(fills))


_PLAIN = DecisionRecord(details=False)


def _on_paper(event: Event) -> Event:
    """An order that was still to be filled by a person is filled on paper."""
    return (
        replace(event, source=PAPER) if isinstance(event, OrderPlaced) and event.source == MANUAL else event
    )


def by_slot(orders: Iterator[OrderPlaced] | Sequence[OrderPlaced]) -> dict[Slot, OrderPlaced]:
    """Orders by group, code and side; of several revisions the newest."""
    return {(order.group, order.code, order.side): order for order in orders}
