"""From lines to facts: what each fill is to the orders, and the events that record it. Pure.

1. Lines that cancel or correct others are settled with them (`amendments`).
2. A line that names its group, or whose code only one group ordered, is a fill of that group's order. A trade
   outside the exchange belongs to no order.
3. Any other line is a fill of the broker's ticket, allocated to the orders behind it. Before the first such
   line, what the groups traded with each other is filled at the opening price (`tickets`). The line is
   recorded as a note, so that it is known when it comes again.
4. Lines that report recorded fills are known, whatever their order and grouping (`matching`). What a person
   types about an open order is always new.
5. Lines are taken sells first, each on the book after those before it; of a stock that is bought and sold in
   one session the purchases. One that contradicts the book is refused by its number, and all others with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.recording.amendments import settle_amendments
from jstock_core.desk.recording.fill_check import FillCheck, Oddity, oddities
from jstock_core.desk.recording.ledger import Ledger, RecordedFill
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.matching import Answers, Matching
from jstock_core.desk.recording.oddities import FeeTotals, order_oddities, price_oddities
from jstock_core.desk.recording.plan import Outcome, Plan, PlannedLine
from jstock_core.desk.recording.splits import with_splits
from jstock_core.desk.recording.targets import (
    Target,
    find_targets,
    locate_error,
    match_targets,
    note_of_same,
    order_of_line,
)
from jstock_core.desk.recording.tickets import Crossing, allocate_fill, find_crossing, open_crossings
from jstock_core.execution.netting import BrokerTicket
from jstock_core.execution.paper import MANUAL
from jstock_core.state.facts.events import Event, Fee, Filled, OrderExpired, OrderPlaced

NO_ANSWERS: Final[Answers] = {}


@dataclass(frozen=True)
class _Context:
    """What every line is planned with."""

    targets: tuple[Target, ...]
    check: FillCheck
    source: str
    matching: Matching
    fees: FeeTotals

    @property
    def lines(self) -> tuple[FillLine, ...]:
        """The lines of the targets."""
        return tuple(target.line for target in self.targets)


def plan_recording(
    lines: Sequence[FillLine],
    ledger: Ledger,
    check: FillCheck,
    source: str,
    answers: Answers = NO_ANSWERS,
    *,
    skip_unknown: bool = False,
) -> Plan:
    """What recording the lines would add to the ledger.

    With `skip_unknown` lines that are impossible, or nobody's of this desk, are listed and left out.

    Raises:
        UsageError: a line is impossible, or it is not clear which group's it is.
        StateError: a line contradicts the journal (more sold than held).

    """
    amended = settle_amendments(lines, ledger)
    ordered = _order_lines(amended.lines, ledger)
    targets, skipped = find_targets(ordered, ledger, check, skip_unknown=skip_unknown)
    context = _Context(
        tuple(targets),
        check,
        source,
        match_targets(targets, ledger, answers),
        FeeTotals.of(ordered),
    )
    after, planned, crossings = _plan_lines(targets, ledger, context)
    changed = [
        _plan_amended(line, amended.outcomes[line.number], check)
        for line in lines
        if line.number in amended.outcomes
    ]
    sessions = sorted({line.session for line in lines})
    for crossing in open_crossings(after, check, sessions):
        after = after.with_events(crossing.events)
        crossings.append(crossing)
    return Plan(
        source,
        tuple(sorted([*planned, *changed], key=lambda planned: planned.line.number)),
        tuple(crossings),
        after.added,
        tuple(_still_open(after, sessions)),
        tuple(_warnings(ledger, after)),
        tuple(context.matching.questions),
        tuple(sorted(skipped, key=lambda line: line.number)),
    )


def _order_lines(lines: Sequence[FillLine], ledger: Ledger) -> list[FillLine]:
    """Lines by session, sells first; but of a stock that is sold beyond what is held, the purchases."""
    sold = Counter[str]()
    for line in lines:
        if line.side == "SELL":
            sold[line.code] += line.shares
    short = {code for code, shares in sold.items() if shares > ledger.held_shares(code)}

    def place(line: FillLine) -> tuple[date, int, int]:
        rank = 0 if line.code in short else 2
        return line.session, rank if line.side == "BUY" else 1, line.number

    return sorted(lines, key=place)


def _plan_amended(line: FillLine, outcome: Outcome, check: FillCheck) -> PlannedLine:
    return PlannedLine(line, check.listing(line.code).name, outcome, 0, (), None)


# --- the facts ------------------------------------------------------------------------------------------


def _plan_lines(
    targets: Sequence[Target], ledger: Ledger, context: _Context
) -> tuple[Ledger, list[PlannedLine], list[Crossing]]:
    """Every line, the crossings that come before them, and the ledger after all.

    Raises:
        UsageError: a line is impossible.
        StateError: a line contradicts the book.

    """
    made, crossings, recorded = [], [], ledger.book
    for target in targets:
        line = target.line
        try:
            ledger = with_splits(ledger, recorded, context.check, line.code, line.session)
            planned, crossing, ledger = _one(target, ledger, context)
        except (UsageError, StateError) as error:
            raise locate_error(target.line, error) from None
        made.append(planned)
        crossings += [crossing] if crossing else []
    for code in sorted({target.line.code for target in targets}):
        ledger = with_splits(ledger, recorded, context.check, code, context.check.now.date())
    return ledger, made, crossings


def _one(target: Target, ledger: Ledger, context: _Context) -> tuple[PlannedLine, Crossing | None, Ledger]:
    """One line, the crossing that comes before it, and the ledger after both."""
    line, matching = target.line, context.matching
    if line.number in matching.asked:
        return _plan_line(target, None, context, outcome="asked"), None, ledger
    if line.number in matching.reported.keys() | matching.same:
        return _known(target, ledger, context)
    if target.ticket is None:
        return _for_order(target, ledger, context)
    line = replace(line, fee=matching.fee_of(line))
    crossing = find_crossing(target.ticket, line, context.lines, ledger, context.check)
    after = ledger.with_events(crossing.events) if crossing else ledger
    allocation = allocate_fill(target.ticket, line, context.lines, after, context.check, context.source)
    if not allocation.events:
        return _known(target, after, context)
    planned = _plan_line(target, allocation.wanted, context, groups=allocation.groups)
    return planned, crossing, after.with_events(allocation.events)


def _known(target: Target, ledger: Ledger, context: _Context) -> tuple[PlannedLine, None, Ledger]:
    """A line that reports what is recorded, with the fee that it adds."""
    line, matching = target.line, context.matching
    fees = tuple(
        Fee(
            session=line.session, source=context.source, group=added.fill.current.group, amount=added.amount,
            reason="commission", fill_id=added.fill.root,
        )
        for added in matching.added.get(line.number, ())
    )  # fmt: skip
    planned = _plan_line(target, None, context, outcome="fee added" if fees else "known")
    said = line.number in matching.same
    notes = (note_of_same(target, context.targets, context.source),) if said else ()
    fill = matching.reported.get(line.number)
    if fees:
        planned = replace(planned, odd=tuple(context.fees.oddities(line)))
    if fill is not None and fill.is_reversed:
        planned = replace(planned, odd=(*planned.odd, _reversal_oddity(fill)))
    return planned, None, ledger.with_events((*notes, *fees))


def _reversal_oddity(fill: RecordedFill) -> Oddity:
    restore = f"`jstock state correct {fill.id} --restore --reason TEXT` restores it"
    return Oddity(f"it was recorded and removed by a correction: {restore}", consent=False)


def _for_order(target: Target, ledger: Ledger, context: _Context) -> tuple[PlannedLine, None, Ledger]:
    """A line that is a new fill of one group, or the end of its order."""
    line = target.line
    order = order_of_line(replace(line, group=target.group), ledger)
    wanted = ledger.missing(order) if order else None
    if not line.shares:
        end = _expiry(line, order, context.source)
        if end.id in ledger.ids:
            return _plan_line(target, wanted, context, outcome="known"), None, ledger
        return _plan_line(target, wanted, context), None, ledger.with_events((end,))
    fill = _fill(target, order if wanted else None, ledger, context.source)
    fee = context.matching.fee_of(line)
    fees = (
        Fee(
            session=line.session, source=context.source, group=fill.group, amount=fee, reason="commission",
            fill_id=fill.id,
        ),
    ) if fee else ()  # fmt: skip
    return _plan_line(target, wanted, context, order=order), None, ledger.with_events((fill, *fees))


def _fill(target: Target, order: OrderPlaced | None, ledger: Ledger, source: str) -> Filled:
    """The fill of one group that a line reports, with an ordinal of its own among equal ones."""
    line = target.line
    fill = Filled(
        session=line.session, source=source, group=target.group, code=line.code, side=line.side,
        shares=line.shares, price=line.price, order_id=order.id if order else None, account=line.account,
    )  # fmt: skip
    while fill.id in ledger.ids:
        fill = replace(fill, ordinal=fill.ordinal + 1)
    return fill


def _expiry(line: FillLine, order: OrderPlaced | None, source: str) -> Event:
    if order is None:
        raise UsageError(f"no order for {line.side} {line.code} on {line.session}")
    return OrderExpired(
        session=line.session, source=source, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason="recorded as not filled",
    )  # fmt: skip


def _plan_line(
    target: Target,
    wanted: int | None,
    context: _Context,
    *,
    outcome: Outcome | None = None,
    groups: tuple[str, ...] = (),
    order: OrderPlaced | None = None,
) -> PlannedLine:
    """What a line is; `wanted` None says that nothing was ordered."""
    line, check = target.line, context.check
    bar = check.bar(line.code, line.session)
    found = outcome or _outcome(line, wanted)
    asked = line.number in context.matching.another
    odd = () if outcome else (
        *oddities(line, check),
        *price_oddities(line, check),
        *context.fees.oddities(line),
        *order_oddities(line, order, wanted, consent=not asked),
    )  # fmt: skip
    if not groups:
        groups = (target.group,) if target.ticket is None else _groups(target.ticket, line)
    name = check.listing(line.code).name
    return PlannedLine(line, name, found, wanted or 0, groups, bar.open if bar else None, odd)


def _groups(ticket: BrokerTicket, line: FillLine) -> tuple[str, ...]:
    return tuple(order.group for order in ticket.of(line.side))


def _outcome(line: FillLine, wanted: int | None) -> Outcome:
    if not line.shares:
        return "not filled"
    if wanted is None:
        return "off exchange" if line.is_off_exchange else "no order"
    if line.shares == wanted:
        return "as ordered"
    return "partial" if line.shares < wanted else "more than ordered"


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
