"""A morning as a pure step: (book, market, groups) -> events. A replay and a backtest are folds of it.

First every session since the last morning is settled, and mornings that were missed are noted. Then new
groups open with a deposit, and each group decides. Nothing here reads a file or a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from jstock_core.base.unchecked import unchecked
from jstock_core.decide import (
    Conditions,
    Decision,
    MorningView,
    Skipped,
    decide,
    judge_conditions,
    signal_row,
    skipped_row,
)
from jstock_core.decide.given.given import trade_date_of
from jstock_core.decide.given.late import late_data_rows
from jstock_core.decide.groups import Group
from jstock_core.decide.limiting import limit_decisions
from jstock_core.execution.auction import expiry, paper_fill
from jstock_core.execution.fillers import LATE
from jstock_core.execution.paper import resolve_unknown, settle
from jstock_core.execution.purse import Purse
from jstock_core.market.prices import as_yen
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import Book, apply, replay
from jstock_core.state.facts.codec import JsonText
from jstock_core.state.facts.events import (
    AT_SIGNAL,
    NO_DETAILS,
    Decided,
    Deposit,
    Event,
    Fee,
    Filled,
    Missed,
    OrderExpired,
    OrderPlaced,
    Settled,
    decision_details,
)

_decided = unchecked(Decided)


@dataclass(frozen=True)
class DecisionRecord:
    """How decisions are journaled.

    `revisions` are the numbers of repeated decisions by group, `provenance` is what all decisions were made
    of: versions, parameters, hashes. Without `details` signals and refusals are left out; orders and fills
    are the same.
    """

    revisions: Mapping[str, int] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    details: bool = True


class Step(NamedTuple):
    """What one morning, or a part of it, added: the book after it, its events in order, the decisions."""

    book: Book
    events: tuple[Event, ...]
    decisions: tuple[Decision, ...] = ()

    def then(self, later: Step) -> Step:
        """This part of a morning and the following part, as one step."""
        return Step(later.book, (*self.events, *later.events), later.decisions)


def morning(
    book: Book,
    view: View,
    row: int,
    groups: Sequence[Group],
    conditions: Conditions,
    record: DecisionRecord = DecisionRecord(),
) -> Step:
    """Run the morning of a row of the view for the groups."""
    settled = settle_through(book, view, view.first_row + row, conditions)
    return settled.then(decide_groups(settled.book, view, row, groups, conditions, record))


def decide_groups(
    book: Book,
    view: View,
    row: int,
    groups: Sequence[Group],
    conditions: Conditions,
    record: DecisionRecord = DecisionRecord(),
) -> Step:
    """The second part of a morning, after settlement: new groups open, and each group decides."""
    conditions = judge_conditions(conditions, view, row)
    opened = tuple(_openings(book, groups, trade_date_of(view, row)))
    book = replay(opened, book)
    # No group's decision touches another's account, so all of them can look at the same book.
    wanted = tuple(decide(book.groups[group.id], view, row, group, conditions) for group in groups)
    decisions = limit_decisions(wanted, groups, book, MorningView(view, row), conditions)
    made: list[Event] = []
    for group, decision in zip(groups, decisions, strict=True):
        made += decision_events(decision, group, view, row, conditions, record, book)
    return Step(replay(made, book), (*opened, *made), decisions)


def settle_through(book: Book, view: View, last_row: int, conditions: Conditions) -> Step:
    """The first part of a morning: settle what is not settled yet, up to the panel's row `last_row`."""
    panel = view.panel
    if book.settled_through is None:
        first = Settled(session=panel.session(last_row), source="desk")
        return Step(apply(book, first), (first,))
    events: list[Event] = []
    newest = max([decided.session for decided in book.decided.values()], default=book.settled_through)
    first_row = panel.row(book.settled_through) + 1
    if first_row > last_row:  # a repeated morning: a bar may have been repaired since
        made = resolve_unknown(book, panel, conditions.costs, view.trade_dates[-1].astype(object), keep=True)
        return Step(replay(made, book), made)
    known = _known_at(view, last_row)
    for row in range(first_row, last_row + 1):
        session = panel.session(row)
        if session > newest:
            missed = Missed(session=session, source="desk", reason="no decision was made")
            book = apply(book, missed)
            events.append(missed)
        book, happened = settle(book, panel, row, conditions.costs, known)
        events += happened
    return Step(book, tuple(events))


def _known_at(view: View, last_row: int) -> np.datetime64:
    """The minute (JST) up to which facts are known when sessions up to `last_row` are settled.

    That is the decision time of the row; where the view has none, as after the last morning of a backtest, it
    is when that session's bars were published.
    """
    row = last_row - view.first_row
    inside = 0 <= row < len(view.decided_at)
    known: np.datetime64 = view.decided_at[row] if inside else view.panel.bars_known_at[last_row]
    return known


def _openings(book: Book, groups: Iterable[Group], trade_date: date) -> Iterator[Deposit]:
    for group in groups:
        if group.id not in book.groups:
            yield Deposit(
                session=trade_date,
                source="desk",
                group=group.id,
                amount=group.initial_capital,
                reason="initial capital",
            )


def decision_events(
    decision: Decision,
    group: Group,
    view: View,
    row: int,
    conditions: Conditions,
    record: DecisionRecord,
    book: Book,
) -> Iterator[Event]:
    """The events of a decision: itself, its orders, and the fills of a group that fills at the signal.

    `book` is the one before the decision.
    """
    revision = record.revisions.get(group.id, 0)
    skipped = (
        decision.skipped if record.details else ()
    )  # writing reasons takes most of the time of a decision
    yield decided_event(decision, skipped, str(view.decided_at[row]), conditions, record)
    due = MorningView(view, row).adjustments_due if group.fills == "signal_price" else {}
    purse = None
    for order in decision.orders:
        placed = _with_revision(order, revision, late=conditions.late)
        yield placed
        # A stock that goes ex on the trade date is filled at the opening price: its shares change before.
        if group.fills == "signal_price" and not conditions.late and order.code not in due:
            if purse is None:
                purse = Purse.of(book, group.id, order.session, conditions.costs)
            for event in _fill_at_signal(placed, view, row, purse):
                purse = purse.after(event)
                yield event


def _fill_at_signal(
    order: OrderPlaced, view: View, row: int, purse: Purse
) -> Iterator[Filled | Fee | OrderExpired]:
    """The fill of an order at the close of D; a buy is cut to what cash pays, and the rest expires."""
    column = view.panel.column[order.code]
    price, shares = as_yen(view.last_close(row, column)), order.shares
    if order.side == "BUY":
        unit = view.panel.listing(column, order.session).unit
        shares = purse.commission.payable(purse.cash, price, unit, shares)
    if shares:
        yield from paper_fill(order, shares, price, order.session, purse.commission, AT_SIGNAL)
    if shares < order.shares:
        yield expiry(order, order.session, purse.shortage(price, shares, order.shares))


def decided_event(
    decision: Decision,
    skipped: Sequence[Skipped],
    decided_at: str,
    conditions: Conditions,
    record: DecisionRecord,
) -> Decided:
    """The decision as it is journaled; `skipped` are its signals that became no order."""
    return _decided(
        session=decision.trade_date,
        source="desk",
        group=decision.group,
        evaluated=decision.evaluated,
        decided_at=decided_at,
        status="degraded" if decision.unknown or conditions.degrades(decision.trade_date) else "complete",
        revision=record.revisions.get(decision.group, 0),
        details=_details(decision, skipped, conditions, record) if record.details else NO_DETAILS,
    )


def _details(
    decision: Decision, skipped: Sequence[Skipped], conditions: Conditions, record: DecisionRecord
) -> JsonText:
    """The decision's signals, its skipped signals and its provenance, as JSON text."""
    signals = [signal_row(signal) for signal in decision.signals]
    late = conditions.late_on.get(decision.trade_date, ())
    origin = {**record.provenance, **late_data_rows(late)}
    return decision_details(signals, [skipped_row(each) for each in skipped], origin)


def _with_revision(order: OrderPlaced, revision: int, *, late: bool) -> OrderPlaced:
    source = LATE if late else order.source
    return (
        order if not revision and source == order.source else replace(order, revision=revision, source=source)
    )
