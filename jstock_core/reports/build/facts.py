"""What the sections of a report are made from: the journal up to a morning and the market it saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import isnan
from typing import TypeVar

from jstock_core.base.errors import StateError
from jstock_core.base.intent import Intent
from jstock_core.decide import MorningView, Signal, Skipped, read_signals, read_skipped
from jstock_core.decide.groups import Group
from jstock_core.execution.approvals import orders_as_approved
from jstock_core.execution.orders.states import OrderState, order_states
from jstock_core.explain.cases import find_cases
from jstock_core.explain.verdicts import Case
from jstock_core.market.bars.closes import base_close, trusted_bars
from jstock_core.market.listings import Listing
from jstock_core.market.panel import Panel
from jstock_core.market.prices import percent_change
from jstock_core.reports.model.morning import Morning
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book
from jstock_core.state.book.gains import closed_lots, read_gains
from jstock_core.state.book.lots import ClosedLot
from jstock_core.state.facts.events import Correction, Decided, Event, OrderPlaced, Settled

_E = TypeVar("_E", bound=Event)
Slot = tuple[str, str, str]  # group, code, side


@dataclass(frozen=True, eq=False, kw_only=True)
class Facts:
    """A morning's facts: the events through its decisions, the book after them, and the market as of D.

    `view` shows D; `gains` holds the yen each sale gained or lost, by the id of its fill; `corrections` are
    those journaled since the morning before, which `events` has applied. `order_facts` are those
    about T's orders as of now, None where `events` has them all; `opened` tells whether T's opening auction
    is past.
    """

    view: View
    panel: Panel
    groups: Mapping[str, Group]
    trade_date: date
    book: Book
    events: tuple[Event, ...] = ()
    gains: Mapping[str, int] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    intent: Intent = Intent.JOURNAL
    order_facts: tuple[Event, ...] | None = None
    opened: bool = False

    @classmethod
    def of(cls, morning: Morning) -> Facts:
        """Fold the events of a morning.

        Raises:
            StateError: no group decided for its trade date, or an event contradicts what came before it.

        """
        if not morning.decided:
            date_ = morning.trade_date
            raise StateError(
                f"nothing was decided for {date_}", do=f"run `jstock daily --date {date_}` first"
            )
        book = morning.folded.book
        return cls(
            view=morning.view,
            panel=morning.view.panel,
            groups={group.id: group for group in morning.groups},
            trade_date=morning.trade_date,
            book=book,
            events=morning.folded,
            gains=read_gains(book),
            corrections=morning.corrections,
            intent=morning.intent,
            order_facts=morning.order_facts,
            opened=morning.opened,
        )

    @property
    def row(self) -> int:
        """D's row of the view, which shows D alone."""
        return 0

    @cached_property
    def panel_row(self) -> int:
        """D's row of the panel."""
        return self.view.first_row + self.row

    @cached_property
    def morning(self) -> MorningView:
        """Prices and limits as the decision saw them."""
        return MorningView(self.view, self.row)

    @cached_property
    def evaluated(self) -> date:
        """D."""
        return self.panel.session(self.panel_row)

    @cached_property
    def decided(self) -> Mapping[str, Decided]:
        """The newest decision of each group for the trade date."""
        return {e.group: e for e in self._today(Decided)}

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """What each group knew and decided, with the parameters that its decision recorded."""
        found = find_cases(self.events, self.trade_date, tuple(self.groups.values()))
        return {case.group.id: case for case in found}

    def rules(self, group: str) -> Group | None:
        """A group with the parameters that its decision recorded; None where nobody knows them any more."""
        case = self.cases.get(group)
        return None if case is None else case.group

    @cached_property
    def signals(self) -> Mapping[str, tuple[Signal, ...]]:
        """The signals of each group's decision."""
        return {group: read_signals(decided) for group, decided in self.decided.items()}

    @cached_property
    def skipped(self) -> Mapping[str, tuple[Skipped, ...]]:
        """The signals of each group's decision that became no order."""
        return {group: read_skipped(decided) for group, decided in self.decided.items()}

    @cached_property
    def orders(self) -> Mapping[Slot, OrderPlaced]:
        """The orders for the trade date; a revision takes the place of the one before."""
        placed = (o for o in orders_as_approved(self.events) if o.session == self.trade_date)
        return {(o.group, o.code, o.side): o for o in placed}

    @cached_property
    def states(self) -> Mapping[str, OrderState]:
        """What became of each order for the trade date, as of now, by id."""
        facts = self.events if self.order_facts is None else self.order_facts
        return order_states(self.orders.values(), facts, opened=self.opened)

    @cached_property
    def cancelled(self) -> frozenset[str]:
        """The ids of orders for the trade date that were cancelled."""
        return frozenset(name for name, state in self.states.items() if state.phase == "cancelled")

    @cached_property
    def since(self) -> date | None:
        """The trade date before, None on the first morning."""
        earlier = {e.session for e in self.events if isinstance(e, Decided)}
        return max((session for session in earlier if session < self.trade_date), default=None)

    @cached_property
    def moves(self) -> tuple[Event, ...]:
        """The events without decisions and settlements, which move neither shares nor cash."""
        return tuple(event for event in self.events if not isinstance(event, Decided | Settled))

    @cached_property
    def closed_lots(self) -> tuple[ClosedLot, ...]:
        """Every lot, or part of one, that was sold through D."""
        return tuple(lot for lot in closed_lots(self.moves) if lot.closed <= self.evaluated)

    @cached_property
    def recent(self) -> tuple[Event, ...]:
        """The facts recorded since the decisions of the morning before, those among them."""
        decided = (n for n, e in enumerate(self.events) if isinstance(e, Decided) and e.session == self.since)
        return self.events[next(decided, 0) :]

    def listing(self, code: str) -> Listing:
        """What is known of a stock; of an unknown one only its code."""
        return latest_listing(self.panel, code)

    def group_name(self, group: str) -> str:
        """The name of a group, its id where it is not declared any more."""
        return self.groups[group].name if group in self.groups else group

    def close(self, code: str) -> float | None:
        """The last close in yen of D; None where the market data has none."""
        column = self.panel.column.get(code)
        if column is None:
            return None
        price = self.view.last_close(self.row, column)
        return price if price > 0 else None

    def change_pct(self, code: str) -> float | None:
        """The change of the close in D against the one before; None without a trusted bar in D."""
        column = self.panel.column.get(code)
        if column is None or not trusted_bars(self.panel)[self.panel_row, column]:
            return None
        before = base_close(self.panel, self.panel_row, column)
        close = self.panel.close.item(self.panel_row, column)
        return None if isnan(before) else percent_change(close, before)

    def _today(self, kind: type[_E]) -> Iterator[_E]:
        return (e for e in self.events if isinstance(e, kind) and e.session == self.trade_date)


def latest_listing(panel: Panel, code: str) -> Listing:
    """What a panel knows of a stock; of an unknown one only its code."""
    column = panel.column.get(code)
    return Listing(code, "", "") if column is None else panel.listings[column]
