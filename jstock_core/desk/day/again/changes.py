"""What changed since a morning's decision, and what to do about each order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.words import plural
from jstock_core.decide import read_skipped
from jstock_core.decide.given.halts import halted_groups
from jstock_core.decide.revision import HELD_BACK
from jstock_core.desk.day.again.revise import (
    DecidedMorning,
    is_before_open,
    is_withdrawal,
    revisable_groups,
    revised_events,
    revision_end,
)
from jstock_core.desk.day.market import MorningMarket, market_as_decided, with_halts
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.approvals import orders_as_approved, waits
from jstock_core.execution.fillers import MANUAL
from jstock_core.state.facts.events import (
    Correction,
    Decided,
    Event,
    Filled,
    Halted,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
    Resumed,
    Side,
    SplitAnnounced,
)
from jstock_core.state.journal.journal import Journal

SHOWN = 5
"""Facts that are named; of more there is the number."""

Verb = Literal["keep", "cancel", "place", "wait", "hold back"]


@dataclass(frozen=True)
class OrderChange:
    """What to do about an order: `shares` is None for a buy held back; `by_hand` where a person places it."""

    verb: Verb
    group: str
    side: Side
    code: str
    shares: int | None
    order: str
    by_hand: bool
    reason: str

    @property
    def text(self) -> str:
        """'conservative SELL 100 7203 (the shares are not held any more)'."""
        shares = "" if self.shares is None else f" {self.shares:,}"
        return f"{self.group} {self.side}{shares} {self.code}{f' ({self.reason})' if self.reason else ''}"


@dataclass(frozen=True)
class SinceDecision:
    """The facts recorded since a decision and what they do to its orders.

    `revision` is the newest one of the decision. `is_pending` facts are not part of it. It can be
    revised `until` a time, and not any more where `is_late`.
    """

    trade_date: date
    revision: int
    is_pending: bool
    is_late: bool
    until: datetime
    facts: tuple[str, ...]
    orders: tuple[OrderChange, ...]

    def of(self, verb: Verb) -> tuple[OrderChange, ...]:
        """The orders about which the same is to be done."""
        return tuple(change for change in self.orders if change.verb == verb)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "trade_date": str(self.trade_date),
            "revision": self.revision,
            "pending": self.is_pending,
            "late": self.is_late,
            "revise_until": f"{self.until:%Y-%m-%dT%H:%M}",
            "facts": list(self.facts),
            "orders": [asdict(change) for change in self.orders],
        }

    @property
    def headline(self) -> str:
        """What was recorded, and what becomes of it."""
        named = "; ".join(self.facts[:SHOWN])
        more = f"; and {plural(len(self.facts) - SHOWN, 'more fact')}" if len(self.facts) > SHOWN else ""
        facts = f"{named}{more}" or "nothing"
        if not self.is_pending:
            return (
                f"Revision {self.revision} of the decision for {self.trade_date}; recorded before it: {facts}"
            )
        if self.is_late:
            return (
                f"Recorded since the decision for {self.trade_date}, and too late to revise it "
                f"(until {self.until:%H:%M}): {facts}"
            )
        return (
            f"Recorded since the decision for {self.trade_date}: {facts}; `jstock daily` revises it until "
            f"{self.until:%m-%d %H:%M}, as follows"
        )

    def alerts(self) -> Iterator[Alert]:
        """What a person must know and do, in the order of doing it."""
        yield Alert("revision", Severity.WARNING, "desk", self.headline)
        for verb, by_hand, paper in (*_WORDS, _TOO_LATE if self.is_late else _FOR_LATER):
            yield from self._alert(verb, by_hand, [c for c in self.of(verb) if c.by_hand])
            yield from self._alert(verb, paper, [c for c in self.of(verb) if not c.by_hand])

    def _alert(self, verb: Verb, words: str, changes: Sequence[OrderChange]) -> Iterator[Alert]:
        if changes:
            missed = self.is_pending and self.is_late and verb == "cancel" and changes[0].by_hand
            severity = Severity.ALERT if missed else Severity.WARNING
            text = f"{words}: {'; '.join(change.text for change in changes)}"
            yield Alert(f"revision_{verb.replace(' ', '_')}", severity, "desk", text)


_WORDS: tuple[tuple[Verb, str, str], ...] = (
    ("cancel", "Cancel at the broker", "Withdrawn on paper"),
    ("place", "Place at the broker", "Placed on paper"),
    ("keep", "Keep at the broker", "Kept on paper"),
    ("wait", "Not to be placed before it is approved", "Not filled before it is approved"),
)
_FOR_LATER: tuple[Verb, str, str] = ("hold back", *2 * ("Not placed, for `jstock daily --revise`",))
_TOO_LATE: tuple[Verb, str, str] = ("hold back", *2 * ("Not placed, and too late to revise the decision",))


def order_changes(events: Sequence[Event], trade_date: date) -> tuple[OrderChange, ...]:
    """What to do about each order of a morning that was revised; nothing about groups that were not."""
    newest = {e.group: e for e in events if isinstance(e, Decided) and e.session == trade_date}
    revised = {name: decided for name, decided in newest.items() if decided.revision}
    slots: dict[str, list[OrderPlaced]] = {}
    for order in orders_as_approved(events):
        if order.session == trade_date and order.group in revised:
            slots.setdefault(order.slot, []).append(order)
    ends = {e.order_id: e for e in events if isinstance(e, OrderCancelled | OrderExpired)}
    made = [change for placed in slots.values() for change in _slot_changes(placed, ends)]
    manual = {order.group: order.source == MANUAL for placed in slots.values() for order in placed}
    held = [c for d in revised.values() for c in _held_back(d, by_hand=manual.get(d.group, False))]
    return (*made, *held)


def _slot_changes(
    placed: Sequence[OrderPlaced], ends: dict[str, OrderCancelled | OrderExpired]
) -> Iterator[OrderChange]:
    """What became of the orders of one slot: the newest counts, those before it were replaced by it."""
    *replaced, order = placed
    end = ends.get(order.id)
    for old in replaced:
        if not waits(old):  # one that nobody approved was never placed
            yield _change("cancel", old, f"{order.shares:,} instead")
    if end is None:
        yield _change("wait" if waits(order) else "place" if order.revision else "keep", order, "")
    elif is_withdrawal(end) and not waits(order):
        yield _change("cancel", order, end.reason)


def _change(verb: Verb, order: OrderPlaced, reason: str) -> OrderChange:
    by_hand = order.source == MANUAL
    return OrderChange(verb, order.group, order.side, order.code, order.shares, order.id, by_hand, reason)


def _held_back(decided: Decided, *, by_hand: bool) -> Iterator[OrderChange]:
    for skip in read_skipped(decided):
        if HELD_BACK in skip.refusals:
            yield OrderChange("hold back", decided.group, "BUY", skip.code, None, "", by_hand, "")


def describe_fact(event: Event) -> str:
    """A recorded fact in a few words."""
    match event:
        case Filled():
            what = f"{event.side} {event.shares:,} {event.code} at {event.price:,f}"
            return f"{event.group} {what} on {event.session}"
        case OrderExpired() | OrderCancelled():
            end = "not filled" if isinstance(event, OrderExpired) else "cancelled"
            return f"{event.group} {event.side} {event.code} of {event.session} {end}"
        case Correction():
            return f"correction of {event.target}"
        case Halted() | Resumed():
            return f"{f'{event.name} of {event.scope}' if event.scope else event.name}: {event.reason}"
        case SplitAnnounced():
            return f"split of {event.code}, {event.numerator}:{event.denominator}, on {event.session}"
        case _:
            return f"{event.name} of {event.session} {getattr(event, 'group', '')}".rstrip()


def changes_since_decision(
    desk: Desk, journal: Journal, trade_date: date, market: MorningMarket | None = None
) -> SinceDecision | None:
    """What was recorded since the decision for a trade date, and what it means; None for nothing.

    Until the open it is what no revision has seen yet. `market` is the one decided on, None to load it.
    """
    morning, until = DecidedMorning.of(journal, trade_date), revision_end(desk, trade_date)
    is_late = desk.now() >= until
    awaited = trade_date == desk.next_trade_date and is_before_open(desk, trade_date)
    groups = revisable_groups(desk, morning)
    if awaited and any(morning.is_overtaken(each.id) or morning.is_halted_since(each.id) for each in groups):
        seen = market or market_as_decided(desk, morning.events, trade_date)
        seen = with_halts(seen, halted_groups(journal.book()))
        made = revised_events(desk, morning, seen, {}, buys=False)
        return _changes(morning, morning.facts_since(), made, until, is_late=is_late)
    revised = any(decided.revision for decided in morning.decisions.values())
    return _changes(morning, morning.facts_between(), (), until, is_late=is_late) if revised else None


def _changes(
    morning: DecidedMorning,
    facts: Sequence[Event],
    made: Sequence[Event],
    until: datetime,
    *,
    is_late: bool,
) -> SinceDecision:
    """The changes by facts; `made` are the events of a revision that is not recorded."""
    return SinceDecision(
        trade_date=morning.trade_date,
        revision=max(decided.revision for decided in morning.decisions.values()),
        is_pending=bool(made),
        is_late=is_late,
        until=until,
        facts=tuple(describe_fact(event) for event in facts),
        orders=order_changes((*morning.events, *made), morning.trade_date),
    )
