"""From lines to events: which order each line fills, and the events that record it. Pure.

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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.recording.amendments import settle_amendments
from jstock_core.desk.recording.fill_check import FillCheck, oddities
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.desk.recording.lines import FillLine, order_lines, refuse_too_many
from jstock_core.desk.recording.matching import Answers, Matching
from jstock_core.desk.recording.oddities import (
    FeeTotals,
    order_oddities,
    paper_oddities,
    price_oddities,
    reversal_oddity,
)
from jstock_core.desk.recording.plan import Outcome, Plan, PlannedLine, outcome_of
from jstock_core.desk.recording.splits import with_splits
from jstock_core.desk.recording.targets import (
    Target,
    count_repeats,
    find_targets,
    first_contradiction,
    locate_error,
    match_targets,
    note_of_same,
    order_of_line,
)
from jstock_core.desk.recording.tickets import Crossing, allocate_fill, find_crossing, open_crossings
from jstock_core.execution.fillers import MANUAL
from jstock_core.execution.netting import BrokerTicket
from jstock_core.state.facts.events import Event, Fee, Filled, OrderExpired, OrderPlaced

NO_ANSWERS: Final[Answers] = {}


@dataclass(frozen=True)
class _Context:
    """What is the same for the planning of every line."""

    targets: tuple[Target, ...]
    check: FillCheck
    source: str
    matching: Matching
    fees: FeeTotals
    on_paper: frozenset[str]

    @cached_property
    def _lines(self) -> Mapping[tuple[date, str], list[FillLine]]:
        lines: dict[tuple[date, str], list[FillLine]] = {}
        for target in self.targets:
            lines.setdefault((target.line.session, target.line.code), []).append(target.line)
        return lines

    def beside(self, line: FillLine) -> Sequence[FillLine]:
        """The lines of the session and code of a line."""
        return self._lines[line.session, line.code]

    @cached_property
    def repeats(self) -> Mapping[int, int]:
        """By line number, how many lines before it are equal to it."""
        return count_repeats(self.targets)


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
    refuse_too_many(lines)
    amended = settle_amendments(lines, ledger)
    ordered = order_lines(amended.lines, ledger.held_shares)
    targets, skipped = find_targets(ordered, ledger, check, skip_unknown=skip_unknown)
    context = _Context(
        tuple(targets),
        check,
        source,
        match_targets(targets, ledger, answers),
        FeeTotals.of(ordered),
        ledger.on_paper,
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
        after.added.since(0),
        tuple(_still_open(after, sessions)),
        tuple(after.cash_warnings()),
        tuple(context.matching.questions),
        tuple(sorted(skipped, key=lambda line: line.number)),
    )


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
    made, crossings, steps = [], [], []
    through: dict[str, date] = {}
    before = ledger
    try:
        for target in targets:
            line = target.line
            steps.append((line, ledger.added.count))
            ledger = with_splits(
                ledger, context.check, line.code, line.session, through.get(line.code, date.min)
            )
            through[line.code] = line.session
            planned, crossing, ledger = _one(target, ledger, context)
            made.append(planned)
            crossings += [crossing] if crossing else []
        for code in sorted(through):
            ledger = with_splits(ledger, context.check, code, context.check.now.date(), through[code])
        assert ledger.book is not None  # folded here, so that a contradiction is found with its line
    except (UsageError, StateError) as error:
        raise first_contradiction(before, ledger, steps) or locate_error(steps[-1][0], error) from None
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
    crossing = find_crossing(target.ticket, line, context.beside(line), ledger, context.check)
    after = ledger.with_events(crossing.events) if crossing else ledger
    allocation = allocate_fill(
        target.ticket, line, context.beside(line), after, context.check, context.source
    )
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
    notes = (note_of_same(target, context.repeats[line.number], context.source),) if said else ()
    fill = matching.reported.get(line.number)
    if fees:
        planned = replace(planned, odd=tuple(context.fees.oddities(line)))
    if fill is not None and fill.is_reversed:
        planned = replace(planned, odd=(*planned.odd, reversal_oddity(fill)))
    return planned, None, ledger.with_events((*notes, *fees))


def _for_order(target: Target, ledger: Ledger, context: _Context) -> tuple[PlannedLine, None, Ledger]:
    """A line that is a new fill of one group, or the end of its order."""
    line = target.line
    order = order_of_line(replace(line, group=target.group), ledger)
    wanted = ledger.missing(order) if order else None
    if not line.shares:
        end = _expiry(line, order, context.source)
        if ledger.knows(end.id):
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
    return ledger.number_fill(Filled(
        session=line.session, source=source, group=target.group, code=line.code, side=line.side,
        shares=line.shares, price=line.price, order_id=order.id if order else None, account=line.account,
    ))  # fmt: skip


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
    found = outcome or outcome_of(line, wanted)
    asked = line.number in context.matching.another
    odd = () if outcome else (
        *oddities(line, check),
        *price_oddities(line, check),
        *context.fees.oddities(line),
        *order_oddities(
            line, order, wanted, consent=not asked, holder=target.group if target.is_holders else ""
        ),
        *paper_oddities(line, order, target.group if target.group in context.on_paper else ""),
    )  # fmt: skip
    if not groups:
        groups = (target.group,) if target.ticket is None else _groups(target.ticket, line)
    name = check.listing(line.code).name
    return PlannedLine(line, name, found, wanted or 0, groups, bar.open if bar else None, odd)


def _groups(ticket: BrokerTicket, line: FillLine) -> tuple[str, ...]:
    return tuple(order.group for order in ticket.of(line.side))


def _still_open(ledger: Ledger, sessions: Sequence[date]) -> Iterator[OrderPlaced]:
    for order in ledger.open_orders():
        if order.session in sessions and order.source == MANUAL:
            yield order
