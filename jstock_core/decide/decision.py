"""`decide`: the decision of one group, from its book and the market as one morning sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from jstock_core.decide.entries.entries import Entries
from jstock_core.decide.entries.guards import first_pause
from jstock_core.decide.exits.exits import WINDING_DOWN, exit_signals, sell_orders
from jstock_core.decide.given.given import Conditions, MorningView, judge_conditions
from jstock_core.decide.groups import Group
from jstock_core.decide.signal import UNKNOWN, Signal, Skipped
from jstock_core.signals.features.view import View
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.book.book import GroupBook
from jstock_core.state.facts.events import OrderPlaced


@dataclass(frozen=True, eq=False)
class Decision:
    """The decision of one group for the trade date: signals, orders, refusals.

    `sells` are the signals that sell, or that could not be evaluated; `refused` are those of them that became
    no order. `limited` is what limits did: buys that they refused or cut, sells that exceed them (ordered all
    the same), and why the group may buy nothing.
    """

    group: str
    trade_date: date
    evaluated: date
    sells: tuple[Signal, ...]
    orders: tuple[OrderPlaced, ...]
    refused: tuple[Skipped, ...]
    entries: Entries = field(repr=False)
    limited: tuple[Skipped, ...] = ()

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """All signals: sells by urgency, then BUYs by score."""
        touched = {skip.code for skip in self.limited if skip.action == "BUY"}
        buys = (self._limited(s) if s.code in touched else s for s in self.entries.signals)
        return (*self.sells, *buys)

    def _limited(self, signal: Signal) -> Signal:
        """The BUY signal with the shares that limits leave."""
        shares = next((order.shares for order in self.buys if order.code == signal.code), 0)
        return signal._replace(shares=shares, required=int(self.entries.at.base(signal.code) * shares))

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        """What became no order, and why: pauses of the group, sells, BUYs, then what limits did."""
        pauses = (skip for skip in self.limited if not skip.code)
        others = (skip for skip in self.limited if skip.code)
        return (*self.entries.paused, *pauses, *self.refused, *self.entries.skipped, *others)

    @property
    def buys(self) -> tuple[OrderPlaced, ...]:
        """The orders that buy, best candidate first."""
        return tuple(order for order in self.orders if order.side == "BUY")

    @property
    def sell_orders(self) -> tuple[OrderPlaced, ...]:
        """The orders that sell."""
        return tuple(order for order in self.orders if order.side == "SELL")

    @property
    def unknown(self) -> tuple[Signal, ...]:
        """Positions whose exit could not be evaluated."""
        return tuple(signal for signal in self.sells if signal.action == UNKNOWN)


def decide(book: GroupBook, view: View, row: int, group: Group, conditions: Conditions) -> Decision:
    """Decide for one group on a row of the view, whose session is D; `book` is the group's own."""
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
    """Why the group may not enter: it is wound down, an exit is unknown, or no group may; None if it may."""
    if group.wind_down:
        return Refusal.check(WINDING_DOWN.reason)
    unknown = [signal.code for signal in sells if signal.action == UNKNOWN]
    halt = f"entries stopped: exit unknown for {', '.join(unknown)}" if unknown else of_all
    return Refusal.check(halt) if halt else None
