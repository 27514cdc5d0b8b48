"""`decide`: from a group's book and the market as one morning sees it to a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from jstock_core.decide.entries import Entries
from jstock_core.decide.exits import WINDING_DOWN, exit_signals, sell_orders
from jstock_core.decide.given import Conditions, MorningView, judge_conditions
from jstock_core.decide.groups import Group
from jstock_core.decide.guards import first_pause
from jstock_core.decide.signal import UNKNOWN, Signal, Skipped
from jstock_core.signals.features.view import View
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.book.book import GroupBook
from jstock_core.state.facts.events import OrderPlaced


@dataclass(frozen=True, eq=False)
class Decision:
    """What one group wants for the trade date: signals, orders, and what was refused and why.

    `sells` are the signals that sell or cannot be evaluated, `refused` those of them that became no order.
    """

    group: str
    trade_date: date
    evaluated: date
    sells: tuple[Signal, ...]
    orders: tuple[OrderPlaced, ...]
    refused: tuple[Skipped, ...]
    entries: Entries = field(repr=False)

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """Sells by urgency, then BUYs by score."""
        return (*self.sells, *self.entries.signals)

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        """Every signal that became no order, after what concerns the group as a whole."""
        return (*self.entries.paused, *self.refused, *self.entries.skipped)

    @property
    def unknown(self) -> tuple[Signal, ...]:
        """Positions whose exit could not be evaluated."""
        return tuple(signal for signal in self.sells if signal.action == UNKNOWN)


def decide(book: GroupBook, view: View, row: int, group: Group, conditions: Conditions) -> Decision:
    """Decide for one group on row `row` of the view: D is that row's session, T its trade date."""
    at, conditions = MorningView(view, row), judge_conditions(conditions, view, row)
    sells = exit_signals(book, at, group, conditions)
    orders, refused = sell_orders(sells, book, at, group)
    halt = _halt(sells, conditions.halt_of(group.id, at.trade_date), group) or first_pause(book, at, group)
    entries = Entries(book, at, group, conditions, orders, halt)
    return Decision(
        group=group.id,
        trade_date=at.trade_date,
        evaluated=at.evaluated,
        sells=sells,
        orders=(*orders, *entries.orders),
        refused=refused,
        entries=entries,
    )


def _halt(sells: tuple[Signal, ...], of_all: str, group: Group) -> Refusal | None:
    """No entries where an exit of the group cannot be evaluated, where it is wound down, or no group may."""
    if group.wind_down:
        return Refusal.check(WINDING_DOWN.reason)
    unknown = [signal.code for signal in sells if signal.action == UNKNOWN]
    halt = f"entries stopped: exit unknown for {', '.join(unknown)}" if unknown else of_all
    return Refusal.check(halt) if halt else None
