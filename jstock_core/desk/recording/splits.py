"""Splits that come before the fills of a file: a broker reports fills in the shares of their session.

On the evening of an ex-date the split is in the market data, or was announced, and no morning has settled it;
a purchase that is recorded late may lie before splits of its own. Both are recorded with the fills.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.execution.splits import is_recorded, split_event
from jstock_core.market.bars.closes import last_close
from jstock_core.market.calendar import OPEN, at, tse
from jstock_core.market.prices import adjustments_due, next_base
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Filled, PositionAdjusted, SplitApplied


def with_splits(ledger: Ledger, check: FillCheck, code: str, through: date, since: date = date.min) -> Ledger:
    """The ledger with the splits of a code after `since`, up to a session, that its lots went over.

    Left out is what the book has, and where a lot recorded before went over the split and the code was traded
    since: nobody can tell in which shares, and the alert of the next morning names it.
    """
    splits = [split for split in _known_splits(check, code, through) if split.session > since]
    if not splits:
        return ledger
    bought = [lot.session for group in ledger.book.groups.values() for lot in group.lots.get(code, ())]
    if not bought:
        return ledger
    due = (split for split in splits if min(bought) < split.session)
    return ledger.with_events(
        split
        for split in due
        if not is_recorded(split, ledger.book) and _is_clear(ledger.recorded_book, split)
    )


def _known_splits(check: FillCheck, code: str, through: date) -> Iterator[SplitApplied]:
    """The splits of the market data, and those announced for open sessions that have no bars yet."""
    panel = check.panel
    column = panel.column.get(code)
    if column is None or not len(panel.sessions):
        return
    for row in np.flatnonzero(panel.adj_factor[:, column] != 1.0).tolist():
        split = split_event(panel, row, code)
        if split is not None and split.session <= through:
            yield split
    for session in tse().between(tse().next(panel.session(-1)), through):
        adjustment = adjustments_due(panel.actions, session).get(code)
        if adjustment is not None and adjustment.shares != 1 and check.now >= at(session, OPEN):
            close = last_close(panel, len(panel.sessions) - 1, column)
            price = next_base(close, adjustment.factor) if close > 0 else None
            yield SplitApplied(
                session=session, source="desk", code=code, numerator=adjustment.shares.numerator,
                denominator=adjustment.shares.denominator,
                cash_in_lieu_price=price,
            )  # fmt: skip


def _is_clear(recorded: Book, split: SplitApplied) -> bool:
    """Whether no fact since the split may be of the shares before it."""
    lots = (lot for group in recorded.groups.values() for lot in group.lots.get(split.code, ()))
    if not any(lot.session < split.session for lot in lots):
        return True
    facts = (entry.event for entries in (recorded.entries or {}).values() for entry in entries)
    return not any(
        isinstance(fact, Filled | PositionAdjusted)
        and fact.code == split.code
        and fact.session >= split.session
        for fact in facts
    )
