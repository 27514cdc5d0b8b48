"""The journal as it stood: before a morning, and right after it.

Both use what was recorded until then. A later correction changes today's book, not the book that a past
decision was made on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.closing import Closing
from jstock_core.state.book.fold import Fold
from jstock_core.state.facts.amendments import PositionAdjusted
from jstock_core.state.facts.events import (
    AT_SIGNAL,
    HALT,
    Approved,
    Correction,
    Decided,
    Event,
    Filled,
    GroupRenamed,
    Halted,
    OrderCancelled,
    OrderPlaced,
    Resumed,
)
from jstock_core.state.journal.in_force.corrections import effective_events


def events_before(history: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The facts in force on the morning of the trade date, before it or any later one was decided."""
    later = (
        n for n, event in enumerate(history) if isinstance(event, Decided) and event.session >= trade_date
    )
    end = next(later, len(history))
    then = _in_force(history, end)
    if end < len(history) and history[end].session == trade_date:
        return then  # what it was decided on: facts of the date itself were recorded before it was decided
    kept = (e for e in then if e.session < trade_date or _is_permission(e, trade_date))
    return tuple(kept)


def _is_permission(event: Event, trade_date: date) -> bool:
    """Whether the event begins or ends a halt of buys by the morning of the trade date."""
    return isinstance(event, Halted | Resumed) and event.session <= trade_date


def without_morning(events: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The events without what the morning of the trade date decided and ordered, and what became of that.

    Shares that it bought and that were sold since are part of that, also where they were sold without an
    order: such a sale counts for the other shares that it took, or is left out with its fee.
    """
    own = {event.id for event in events if isinstance(event, OrderPlaced) and event.session == trade_date}
    fills = [event for event in events if isinstance(event, Filled) and event.order_id in own]
    gone = own | {fill.id for fill in fills}
    left = tuple(event for event in events if not _is_of_morning(event, trade_date, gone))
    bought = [fill for fill in fills if fill.side == "BUY"]
    groups = {fill.group for fill in bought}
    if not any(isinstance(e, _Leaving) and e.group in groups and e.session >= trade_date for e in left):
        return left
    taken = _shares_taken(events, {fill.id for fill in bought})
    cut = {event.id: _without_shares(event, taken[event.id]) for event in left if event.id in taken}
    whole = {id_ for id_, rest in cut.items() if rest is None}
    return tuple(cut.get(e.id) or e for e in left if not _is_of_morning(e, trade_date, whole))


_Leaving = Filled | PositionAdjusted
"""What may take shares from lots."""


def _shares_taken(events: Sequence[Event], bought: Collection[str]) -> dict[str, int]:
    """By id, how many shares a fact took from the lots of these fills."""
    taken: dict[str, int] = {}

    def note(closing: Closing) -> None:
        taken[closing.event.id] = sum(m.shares for m in closing.matches if m.lot.origin in bought)

    fold = Fold(EMPTY, note, refused=[])
    for event in events:
        fold.add(event)
    fold.flush()
    return {id_: shares for id_, shares in taken.items() if shares}


def _without_shares(event: Event, taken: int) -> Event | None:
    """The fact with `taken` shares fewer; None where none are left."""
    if isinstance(event, Filled):
        return replace(event, shares=event.shares - taken) if event.shares > taken else None
    assert isinstance(event, PositionAdjusted)
    return replace(event, difference=event.difference + taken) if event.difference + taken else None


def _is_of_morning(event: Event, trade_date: date, own: Collection[str]) -> bool:
    """Whether the event is a decision of the morning, or of one of its orders or fills (ids in `own`)."""
    if isinstance(event, Decided) and event.session == trade_date:
        return True
    belongs_to = getattr(event, "order_id", None) or getattr(event, "fill_id", None)
    return event.id in own or belongs_to in own


def corrections_since(history: Sequence[Event], trade_date: date) -> tuple[Correction, ...]:
    """The corrections recorded since the morning before the trade date's, up to its own decisions."""
    decided = [event.session for event in history if isinstance(event, Decided)]
    before = max((session for session in decided if session < trade_date), default=None)
    past = _history_through(history, trade_date) if trade_date in decided else history
    first = next((n for n, e in enumerate(past) if isinstance(e, Decided) and e.session == before), 0)
    return tuple(event for event in past[first:] if isinstance(event, Correction))


def events_through(history: Sequence[Event], trade_date: date) -> tuple[Event, ...]:
    """The facts in force right after the last event that the trade date's own morning recorded.

    Approvals of its orders, and their ends by a halt, are among them whenever they were recorded.
    """
    past = _history_through(history, trade_date)
    then = _in_force(history, len(past))
    if not any(_decides_later(event, trade_date) for event in history[len(past) :]):
        return then
    known = {event.id for event in then}
    since = (e for e in _in_force(history, len(history)) if _decides_later(e, trade_date))
    return (*then, *(event for event in since if event.id not in known))


def _decides_later(event: Event, trade_date: date) -> bool:
    """Whether the event approves an order of the trade date, or withdraws it because of a halt."""
    permits = isinstance(event, Approved) or (isinstance(event, OrderCancelled) and event.source == HALT)
    return permits and event.session == trade_date


def _in_force(history: Sequence[Event], count: int) -> tuple[Event, ...]:
    """The facts in force after the first `count` records, of groups as they are called now."""
    renames = (event for event in history[count:] if isinstance(event, GroupRenamed))
    return effective_events([*history[:count], *renames])


def _history_through(history: Sequence[Event], trade_date: date) -> Sequence[Event]:
    """What was recorded up to the last event of the trade date's own morning."""
    last = 0
    for n, event in enumerate(history):
        own = isinstance(event, Decided | OrderPlaced) or event.source == AT_SIGNAL
        if own and event.session == trade_date:
            last = n
    return history[: last + 1]
