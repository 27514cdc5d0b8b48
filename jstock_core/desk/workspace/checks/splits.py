"""Splits of the book brought in line with the market data: before a morning is decided, after each write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from jstock_core.base.errors import StateError
from jstock_core.decide import Conditions
from jstock_core.execution.splits import SplitDifference, follow_market, split_differences
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import Book, replay
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.facts.events import Event, Settled, SplitAnnounced
from jstock_core.state.journal.in_force.corrections import make_correction
from jstock_core.state.journal.in_force.dependents import apply_corrections

DESK = "desk"
MARKET_DATA = "market_data"
"""Source of splits, and of corrections of splits, that follow a factor the vendor added or changed later."""


def open_split_differences(book: Book, panel: Panel) -> tuple[SplitDifference, ...]:
    """The differences through the last settled session; later splits are recorded when theirs is settled."""
    last = len(panel.sessions) - 1
    settled = panel.session(last) if book.settled_through is None else book.settled_through
    row = last if settled >= panel.session(last) else panel.row(settled)
    return split_differences(book, panel, row) if settled >= panel.session(0) else ()


def reconcile_splits(
    history: Sequence[Event], events: FoldedEvents, panel: Panel, session: date
) -> tuple[Event, ...]:
    """Find the splits, and corrections of splits, that bring held lots in line with the market data.

    `events` are the facts in force of `history`. A split is recorded without asking anybody where the code
    was not traded or adjusted since. One that a person reversed is left alone, and so is one that contradicts
    later facts: it remains a difference.
    """
    made: list[Event] = []
    for difference in open_split_differences(events.book, panel):
        late = _is_of_late_lots(difference, events)
        if difference.can_apply or late:
            source = DESK if late else MARKET_DATA
            event = _following(difference, [*history, *made], session, source)
            if event is not None and _fits(history, [*made, event]):
                made.append(event)
    return tuple(made)


def splits_of_late_lots(history: Sequence[Event], events: FoldedEvents, panel: Panel) -> tuple[Event, ...]:
    """Find splits of lots that were recorded only after the session of the split was settled."""
    found = open_split_differences(events.book, panel)
    splits = [each.market for each in found if each.market and _is_of_late_lots(each, events)]
    if not splits:
        return ()
    known = {event.id for event in history}
    made: list[Event] = []
    for split in splits:
        if split.id not in known and _fits(history, [*made, split]):
            made.append(split)
    return tuple(made)


def _is_of_late_lots(difference: SplitDifference, events: Iterable[Event]) -> bool:
    """Whether the lots were recorded after the session of their split was settled: they are the late facts.

    True also where nothing was settled yet, as on a new desk that records old purchases.
    """
    if difference.recorded is not None or difference.market is None:
        return False
    before: set[str] = set()
    for event in events:
        if isinstance(event, Settled) and event.session >= difference.market.session:
            return not any(held.lot.origin in before for held in difference.lots)
        before.add(event.id)
    return True


def _following(
    difference: SplitDifference, history: Sequence[Event], session: date, source: str
) -> Event | None:
    """The split, or its correction, that the market data ask for; None where a person reversed it before."""
    recorded, market = difference.recorded, difference.market
    if isinstance(recorded, SplitAnnounced):
        return None
    if recorded is None:
        known = market is None or any(event.id == market.id for event in history)
        return None if known or market is None else replace(market, source=source)
    right = None if market is None else follow_market(recorded, market)
    reason = "as the market data has it now"
    return make_correction(history, recorded.id, right, session=session, reason=reason, source=source)


def _fits(history: Sequence[Event], added: Sequence[Event]) -> bool:
    try:
        replay(apply_corrections(history, added))
    except StateError:
        return False
    return True


def block_split_differences(conditions: Conditions, book: Book, panel: Panel) -> Conditions:
    """The conditions of a morning without the stocks whose shares are in doubt."""
    doubtful = {
        difference.code: "its splits differ between the journal and the market data"
        for difference in open_split_differences(book, panel)
        if not difference.is_known_by_hand
    }
    return replace(conditions, blocked={**doubtful, **conditions.blocked}) if doubtful else conditions
