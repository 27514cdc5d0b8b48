"""What of a trade date is decided already, and which groups still have to decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.base.alerts import DayStatus
from jstock_core.base.errors import UsageError
from jstock_core.base.intent import Intent
from jstock_core.decide.groups import Group
from jstock_core.decide.morning import Step
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Decided, Event


def resolve_intent(
    asked: Intent, events: Sequence[Event], trade_date: date, next_date: date, *, late: bool
) -> Intent:
    """What is done of what was asked, by what is decided already.

    A date before the newest decision is rehearsed, and so is one before the next possible trade date
    (`next_date`) for which nothing was decided. A decided date is shown again, unless a group's decision is
    degraded and there is still time to repair it.

    Raises:
        UsageError: a date is to be shown again for which nothing was decided.

    """
    decided = [e for e in events if isinstance(e, Decided)]
    newest = max((e.session for e in decided), default=None)
    today = {e.group: e.status for e in decided if e.session == trade_date}
    if asked is Intent.SHOW_AGAIN:
        require_decided(events, trade_date)
        return asked
    is_past = (newest is not None and trade_date < newest) or (not today and trade_date < next_date)
    if asked is Intent.REHEARSE or is_past:
        return Intent.REHEARSE
    repairable = DayStatus.DEGRADED in today.values() and not late
    return Intent.SHOW_AGAIN if today and not repairable else asked


def require_decided(events: Sequence[Event], trade_date: date) -> None:
    """Make sure there is something to show again.

    Raises:
        UsageError: no group decided for the trade date.

    """
    if not any(isinstance(e, Decided) and e.session == trade_date for e in events):
        raise UsageError(
            f"nothing was decided for {trade_date}", do=f"run `jstock daily --date {trade_date}` first"
        )


def is_unrepaired(step: Step) -> bool:
    """Whether a repeated morning repaired nothing: no new order, and every group is still degraded."""
    return all(isinstance(e, Decided) and e.revision and e.status == "degraded" for e in step.events)


def due_groups(book: Book, groups: Sequence[Group], trade_date: date) -> tuple[Group, ...]:
    """The groups that have no complete decision for the trade date."""
    return tuple(
        g
        for g in groups
        if not (has_decided(book, g.id, trade_date) and book.decided[g.id].status == "complete")
    )


def has_decided(book: Book, group: str, trade_date: date) -> bool:
    """Whether the group has decided for the trade date, in whatever way."""
    return group in book.decided and book.decided[group].session == trade_date
