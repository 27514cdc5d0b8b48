"""Revisions: a decision taken again before the open, on the same market, with the facts recorded since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from jstock_core.decide import MorningView
from jstock_core.decide.groups import Group
from jstock_core.decide.limiting import Limiter
from jstock_core.decide.morning import DecisionRecord
from jstock_core.decide.revision import PlacedOrders, revise, revision_events
from jstock_core.desk.day.market import MorningMarket, still_late
from jstock_core.desk.day.orders.approval import ask_approval
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import OPEN, at
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.facts.events import (
    AT_SIGNAL,
    HALT,
    Decided,
    Event,
    Fee,
    Halted,
    Missed,
    Note,
    OrderCancelled,
    OrderPlaced,
    Settled,
    SplitAnnounced,
)
from jstock_core.state.journal.in_force.corrections import effective_events
from jstock_core.state.journal.in_force.past import without_morning
from jstock_core.state.journal.journal import Journal


def revision_end(desk: Desk, trade_date: date) -> datetime:
    """Until when a decision may be revised."""
    return at(trade_date, desk.settings.revise_until)


def is_before_open(desk: Desk, trade_date: date) -> bool:
    """Whether orders of the trade date can still be placed and cancelled."""
    return desk.now() < at(trade_date, OPEN)


@dataclass(frozen=True)
class DecidedMorning:
    """A decided morning as the journal has it: its history, as recorded, and the facts in force."""

    trade_date: date
    history: tuple[Event, ...]
    events: FoldedEvents

    @classmethod
    def of(cls, journal: Journal, trade_date: date) -> DecidedMorning:
        """The morning of a trade date."""
        return cls(trade_date, journal.history(), journal.events())

    def followed_by(self, events: Sequence[Event]) -> DecidedMorning:
        """The same with events that are to be recorded: what became of orders whose bars were repaired."""
        return replace(self, history=(*self.history, *events), events=self.events.followed_by(events))

    @cached_property
    def decisions(self) -> Mapping[str, Decided]:
        """The newest decision of each group."""
        return {e.group: e for e in self.events if isinstance(e, Decided) and e.session == self.trade_date}

    @property
    def is_degraded(self) -> bool:
        """Whether a decision of the morning waits for a repair."""
        return any(decided.status == "degraded" for decided in self.decisions.values())

    @cached_property
    def book(self) -> Book:
        """The book that a morning without decisions would see now."""
        return self.events.refold(without_morning(self.events, self.trade_date)).book

    def facts_since(self, group: str = "") -> tuple[Event, ...]:
        """What was recorded since the newest decision, of a group or of any, but by the morning itself."""
        last = _last_decision(self.history, self.trade_date, group)
        return tuple(_facts(self.history[last + 1 :], self.trade_date))

    def facts_between(self) -> tuple[Event, ...]:
        """What was recorded between the first decision and the newest revision."""
        last = _last_decision(self.history, self.trade_date)
        first = next(n for n, e in enumerate(self.history) if _is_decision(e, self.trade_date))
        return tuple(_facts(self.history[first : last + 1], self.trade_date))

    def is_overtaken(self, group: str) -> bool:
        """Whether the group's account is not what its newest decision saw."""
        if not self.facts_since(group):
            return False
        last = _last_decision(self.history, self.trade_date, group)
        seen = replay(without_morning(effective_events(self.history[:last]), self.trade_date))
        return seen.groups.get(group) != self.book.groups.get(group)

    def is_halted_since(self, group: str) -> bool:
        """Whether a halt that is in force was recorded since the group's newest decision."""
        last = _last_decision(self.history, self.trade_date, group)
        since = (e for e in self.history[last + 1 :] if isinstance(e, Halted) and e.scope in ("", group))
        return any(since) and self.events.book.halt_of(group) is not None

    def is_split_since(self, group: str) -> bool:
        """Whether a split of shares that the group holds was announced by hand since its newest decision."""
        last = _last_decision(self.history, self.trade_date, group)
        since = (e.code for e in self.history[last + 1 :] if isinstance(e, SplitAnnounced))
        return any(code in self.book.groups[group].lots for code in since)

    def placed(self, group: str) -> dict[str, OrderPlaced]:
        """The group's orders for the trade date by slot, but those that were taken back."""
        ended = {event.order_id for event in self.events if isinstance(event, OrderCancelled)}
        return {slot: order for slot, order in self._placed(group).items() if order.id not in ended}

    def _placed(self, group: str) -> dict[str, OrderPlaced]:
        return {
            e.slot: e
            for e in self.events
            if isinstance(e, OrderPlaced) and (e.session, e.group) == (self.trade_date, group)
        }

    def orders(self, group: str) -> PlacedOrders:
        """The group's orders for the trade date, open and ended."""
        placed = self._placed(group)
        open_ = self.events.book.groups[group].orders
        left = {slot: open_[order.id] for slot, order in placed.items() if order.id in open_}
        withdrawn = {e.order_id for e in self.events if isinstance(e, OrderCancelled) and is_withdrawal(e)}
        ended = (slot for slot, order in placed.items() if slot not in left and order.id not in withdrawn)
        return PlacedOrders(left, frozenset(ended))


def is_withdrawal(event: Event) -> bool:
    """Whether a revision took an order back, or a halt did."""
    return isinstance(event, OrderCancelled) and event.source in ("desk", HALT)


def _last_decision(history: Sequence[Event], trade_date: date, group: str = "") -> int:
    found = (n for n, e in enumerate(history) if _is_decision(e, trade_date, group))
    return max(found, default=len(history) - 1)


def _is_decision(event: Event, trade_date: date, group: str = "") -> bool:
    return isinstance(event, Decided) and event.session == trade_date and group in ("", event.group)


def _facts(recorded: Sequence[Event], trade_date: date) -> Iterator[Event]:
    """Those a person, a file or a command recorded; a fee goes with its fill."""
    for event in recorded:
        own = isinstance(event, Decided | OrderPlaced | Settled | Missed | Note) or is_withdrawal(event)
        signal = event.source == AT_SIGNAL and event.session == trade_date
        if not (own or signal or (isinstance(event, Fee) and event.fill_id)):
            yield event


def revised_events(
    desk: Desk, morning: DecidedMorning, market: MorningMarket, origin: Mapping[str, Any], *, buys: bool
) -> tuple[Event, ...]:
    """What a revision would add to the journal; nothing where no decision would be another."""
    market = still_late(market, desk.settings.late_data)
    groups = {group.id: group for group in desk.groups if group.id in morning.decisions}
    limiter = Limiter(morning.book, MorningView(market.view, 0), market.conditions, groups)
    placed = _PlacedByGroup(limiter, {id_: morning.placed(id_) for id_ in groups})
    made: list[Event] = []
    for group in sorted(revisable_groups(desk, morning), key=lambda group: group.id):
        events = _revise(group, morning, limiter, placed, DecisionRecord(provenance=origin), buys=buys)
        placed = placed.after(group.id, events)
        made += events
    return ask_approval(desk, morning.trade_date, made)


@dataclass(frozen=True, eq=False)
class _PlacedByGroup:
    """The orders of each group as they stand while the groups are revised one after the other."""

    limiter: Limiter
    standing: Mapping[str, Mapping[str, OrderPlaced]]

    def beside(self, group: str) -> tuple[OrderPlaced, ...]:
        """What the desk's limits count before a group: what others have ordered, and earlier ones wanted."""
        if self.limiter.conditions.limits is None:
            return ()
        found: dict[str, OrderPlaced] = {}
        for id_, orders in self.standing.items():
            if id_ != group:
                found |= orders
        for order in self._wanted:
            if order.group < group and order.shares > getattr(found.get(order.slot), "shares", 0):
                found[order.slot] = order
        return tuple(found.values())

    @cached_property
    def _wanted(self) -> tuple[OrderPlaced, ...]:
        """What the groups want to buy within their own limits."""
        return tuple(order for each in self.limiter.groups.values() for order in self.limiter.wanted(each))

    def after(self, group: str, events: Sequence[Event]) -> _PlacedByGroup:
        """After a group was revised."""
        ended = {event.order_id for event in events if isinstance(event, OrderCancelled)}
        kept = {slot: order for slot, order in self.standing[group].items() if order.id not in ended}
        new = {event.slot: event for event in events if isinstance(event, OrderPlaced)}
        return replace(self, standing={**self.standing, group: kept | new})


def revisable_groups(desk: Desk, morning: DecidedMorning) -> Iterator[Group]:
    """The groups that decided, but those that fill at the signal's price: they have traded with it."""
    for group in desk.groups:
        if group.id in morning.decisions and group.fills != "signal_price":
            yield group


def _revise(
    group: Group,
    morning: DecidedMorning,
    limiter: Limiter,
    placed: _PlacedByGroup,
    record: DecisionRecord,
    *,
    buys: bool,
) -> tuple[Event, ...]:
    before = morning.decisions[group.id]
    overtaken = (
        morning.is_overtaken(group.id)
        or morning.is_halted_since(group.id)
        or morning.is_split_since(group.id)
    )
    if not (overtaken or buys or before.status == "degraded"):
        return ()
    orders = morning.orders(group.id)
    revision = revise(limiter, group, orders, placed.beside(group.id), buys=buys)
    numbered = DecisionRecord({group.id: before.revision + 1}, record.provenance)
    events = tuple(revision_events(revision, before.decided_at, limiter.conditions, numbered))
    [decided] = [event for event in events if isinstance(event, Decided)]
    repaired = before.status != decided.status
    return events if overtaken or repaired or revision.changes_orders else ()
