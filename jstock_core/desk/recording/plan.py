"""From lines to facts: what each fill is to the orders, and the events that record it. Pure.

1. A line that names its group, or whose code only one group ordered, is a fill of that group's order.
2. Any other line is a fill of the broker's ticket, allocated to the orders behind it. Before the first such
   line, what the groups traded with each other is filled at the opening price (`tickets`). The line is
   recorded as a note, so that it is known when it comes again.
3. Lines are taken sells first, each on the book after those before it. One that contradicts the book is
   refused by its number, and all others with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.recording.fill_check import FillCheck, Oddity, oddities, refuse_impossible
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.tickets import (
    Crossing,
    allocate_fill,
    broker_ticket,
    find_crossing,
    open_crossings,
)
from jstock_core.execution.paper import MANUAL
from jstock_core.state.facts.codec import decimal_text
from jstock_core.state.facts.events import Event, Fee, Filled, OrderExpired, OrderPlaced

Outcome = Literal[
    "as ordered", "partial", "more than ordered", "not filled", "no order", "fee added", "known"
]


@dataclass(frozen=True)
class PlannedLine:
    """A line beside its orders: `ordered` shares were open before it, and `groups` get its fills."""

    line: FillLine
    name: str
    outcome: Outcome
    ordered: int
    groups: tuple[str, ...]
    open: Decimal | None
    odd: tuple[Oddity, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What recording would do: every line, what crosses inside the desk, and the events that are new.

    `still_open` are a person's orders of these sessions that are not completely filled; `warnings` are
    sentences about groups whose cash falls below zero.
    """

    source: str
    lines: tuple[PlannedLine, ...]
    crossings: tuple[Crossing, ...]
    events: tuple[Event, ...]
    still_open: tuple[OrderPlaced, ...]
    warnings: tuple[str, ...]

    @property
    def new(self) -> int:
        """How many lines were not known."""
        return sum(planned.outcome != "known" for planned in self.lines)

    @property
    def odd(self) -> tuple[tuple[PlannedLine, Oddity], ...]:
        """What needs consent."""
        return tuple((line, odd) for line in self.lines for odd in line.odd if odd.consent)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "recorded": self.new,
            "known": len(self.lines) - self.new,
            "source": self.source,
            "lines": [_line_json(planned) for planned in self.lines],
            "crossed": [crossing.as_json() for crossing in self.crossings],
            "still_open": [order.id for order in self.still_open],
            "warnings": list(self.warnings),
        }


def _line_json(planned: PlannedLine) -> dict[str, Any]:
    line = planned.line
    return {
        "line": line.number,
        "session": str(line.session),
        "groups": list(planned.groups),
        "code": line.code,
        "name": planned.name,
        "side": line.side,
        "shares": line.shares,
        "price": decimal_text(line.price) if line.shares else None,
        "fee": line.fee,
        "ordered": planned.ordered,
        "is": planned.outcome,
        "open": None if planned.open is None else decimal_text(planned.open),
        "odd": [odd.text for odd in planned.odd],
    }


def plan_recording(lines: Sequence[FillLine], ledger: Ledger, check: FillCheck, source: str) -> Plan:
    """What recording the lines would add to the ledger.

    Raises:
        UsageError: a line is impossible, or it is not clear which group's it is.
        StateError: a line contradicts the journal (more sold than held).

    """
    started, made = ledger, []
    crossings: list[Crossing] = []
    ordered = sorted(lines, key=lambda line: (line.session, line.side == "BUY", line.number))
    for line in ordered:
        try:
            planned, crossing, ledger = _one(line, ordered, ledger, check, source)
        except (UsageError, StateError) as error:
            raise type(error)(error.what, where=line.where, do=error.do) from None
        made.append(planned)
        crossings += [crossing] if crossing else []
    sessions = sorted({line.session for line in lines})
    for crossing in open_crossings(ledger, check, sessions):
        ledger = ledger.with_events(crossing.events)
        crossings.append(crossing)
    return Plan(
        source,
        tuple(sorted(made, key=lambda planned: planned.line.number)),
        tuple(crossings),
        ledger.added,
        tuple(_still_open(ledger, sessions)),
        tuple(_warnings(started, ledger)),
    )


def _one(
    line: FillLine, lines: Sequence[FillLine], ledger: Ledger, check: FillCheck, source: str
) -> tuple[PlannedLine, Crossing | None, Ledger]:
    """One line, the crossing that comes before it, and the ledger after both."""
    ledger.check_group(line.group)
    refuse_impossible(line, check)
    ticket = None if line.group else broker_ticket(line, ledger)
    if ticket is None or len(ticket.orders) == 1:
        return _for_order(line, lines, ledger, check, source)
    crossing = find_crossing(ticket, line, lines, ledger, check)
    after = ledger.with_events(crossing.events) if crossing else ledger
    allocation = allocate_fill(ticket, line, lines, after, check, source)
    planned = _plan_line(line, allocation.wanted, allocation.groups, check, known=not allocation.events)
    return planned, crossing, after.with_events(allocation.events)


def _for_order(
    line: FillLine, lines: Sequence[FillLine], ledger: Ledger, check: FillCheck, source: str
) -> tuple[PlannedLine, None, Ledger]:
    """A line that belongs to one group."""
    order = ledger.order_of(line)
    group = _group_of(line, order, ledger)
    ordinal = _ordinal(line, group, lines, ledger)
    fact = _fact(line, group, order, ordinal, source)
    if line.shares and order and not ledger.missing(order) and fact.id not in ledger.ids:
        fact = _fact(line, group, None, ordinal, source)  # more than ordered, but done all the same
    events = tuple(_order_events(fact, line, ledger, source))
    wanted = ledger.missing(order) if order else None
    planned = _plan_line(line, wanted, (group,), check, known=not events)
    if fact.id in ledger.reversed_ids:
        planned = replace(planned, odd=(_reversal_oddity(fact),))
    if events and isinstance(events[0], Fee):
        planned = replace(planned, outcome="fee added", odd=())
    return planned, None, ledger.with_events(events)


def _group_of(line: FillLine, order: OrderPlaced | None, ledger: Ledger) -> str:
    group = line.group or (order.group if order else ledger.only_group)
    if not group:
        raise UsageError(f"no group ordered {line.code}", do="add a column group that says whose fill it is")
    return group


def _fact(line: FillLine, group: str, order: OrderPlaced | None, ordinal: int, source: str) -> Event:
    """The fill of one group that a line reports, or the end of its order."""
    if not line.shares:
        return _expiry(line, order, source)
    return Filled(
        session=line.session, source=source, group=group, code=line.code, side=line.side, shares=line.shares,
        price=line.price, order_id=order.id if order else None, ordinal=ordinal,
    )  # fmt: skip


def _reversal_oddity(fact: Event) -> Oddity:
    restore = f"`jstock state correct {fact.id} --restore --reason TEXT` restores it"
    return Oddity(f"it was recorded and removed by a correction: {restore}", consent=False)


def _order_events(fact: Event, line: FillLine, ledger: Ledger, source: str) -> Iterator[Event]:
    """What is new of a fact, with its fee; nothing where it was taken back."""
    yield from ledger.unknown((fact,))
    if not isinstance(fact, Filled) or fact.id in ledger.reversed_ids:
        return
    paid = ledger.fees.get(fact.id, 0)
    if line.fee and paid not in (0, line.fee):
        raise UsageError(
            f"this fill is recorded with a fee of ¥{paid:,}, not ¥{line.fee:,}",
            do="correct the fee: `jstock state correct`; nothing was recorded",
        )
    if line.fee and not paid:
        yield Fee(
            session=line.session, source=source, group=fact.group, amount=line.fee, reason="commission",
            fill_id=fact.id,
        )  # fmt: skip


def _ordinal(line: FillLine, group: str, lines: Sequence[FillLine], ledger: Ledger) -> int:
    """How many lines before it are equal to it and of the same group."""
    return sum(
        _same(other, line) and _names(other, group, ledger)
        for other in lines
        if (other.session, other.side, other.number) < (line.session, line.side, line.number)
    )


def _same(one: FillLine, other: FillLine) -> bool:
    key = (one.session, one.code, one.side, one.price, one.shares, one.placed)
    return key == (other.session, other.code, other.side, other.price, other.shares, other.placed)


def _names(line: FillLine, group: str, ledger: Ledger) -> bool:
    """Whether a line is a fill of this group's own."""
    if line.group:
        return line.group == group
    ticket = broker_ticket(line, ledger)
    return ticket is None or (len(ticket.orders) == 1 and ticket.orders[0].group == group)


def _expiry(line: FillLine, order: OrderPlaced | None, source: str) -> OrderExpired:
    if order is None:
        raise UsageError(f"no order for {line.side} {line.code} on {line.session}")
    return OrderExpired(
        session=line.session, source=source, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason="recorded as not filled",
    )  # fmt: skip


def _plan_line(
    line: FillLine, wanted: int | None, groups: tuple[str, ...], check: FillCheck, *, known: bool
) -> PlannedLine:
    """What a line is; `wanted` None says that nothing was ordered."""
    name, bar = check.listing(line.code).name, check.bar(line.code, line.session)
    outcome: Outcome = "known" if known else _outcome(line, wanted)
    odd = () if known else (*oddities(line, check), *_beyond_orders(line, wanted))
    return PlannedLine(line, name, outcome, wanted or 0, groups, bar.open if bar else None, odd)


def _outcome(line: FillLine, wanted: int | None) -> Outcome:
    if not line.shares:
        return "not filled"
    if wanted is None:
        return "no order"
    if line.shares == wanted:
        return "as ordered"
    return "partial" if line.shares < wanted else "more than ordered"


def _beyond_orders(line: FillLine, wanted: int | None) -> Iterator[Oddity]:
    if wanted is None:
        yield Oddity("no order was placed for it")
    elif line.shares and not wanted:
        yield Oddity(
            "its order is filled or ended already: another fill, or the same one with other numbers?"
        )
    elif line.shares > wanted:
        yield Oddity(f"{line.shares} shares, but only {wanted} are still ordered")


def _still_open(ledger: Ledger, sessions: Sequence[date]) -> Iterator[OrderPlaced]:
    for order in ledger.open_orders():
        if order.session in sessions and order.source == MANUAL:
            yield order


def _warnings(before: Ledger, after: Ledger) -> Iterator[str]:
    """Cash that falls below zero, which is recorded and warned of, unless the broker lends it."""
    for name, group in sorted(after.book.groups.items()):
        was = before.book.groups[name].cash if name in before.book.groups else 0
        if group.cash < min(0, was) and not after.margin:
            yield f"{name}: cash falls to ¥{group.cash:,}, below zero"
