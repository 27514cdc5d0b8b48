"""The intent that a run carries out, given the one that was asked for and the decisions there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from jstock_core.base.errors import UsageError
from jstock_core.base.intent import Intent
from jstock_core.state.facts.events import Decided, Event


def resolve_intent(asked: Intent, events: Sequence[Event], trade_date: date, next_date: date) -> Intent:
    """Return the intent to carry out for a trade date, given the one that was asked for.

    A date before the newest decision is rehearsed, and so is one before the next possible trade date
    (`next_date`) for which nothing was decided. A decided date is shown again; it may then be revised.

    Raises:
        UsageError: a date is to be shown again for which nothing was decided, or a past one to be revised.

    """
    decided = [e.session for e in events if isinstance(e, Decided)]
    if asked is Intent.SHOW_AGAIN:
        require_decided(events, trade_date)
        return asked
    is_decided = trade_date in decided
    is_past = trade_date < max(decided, default=trade_date) or (not is_decided and trade_date < next_date)
    if asked is Intent.REVISE and is_past:
        raise UsageError(
            f"{trade_date} is past: its decision cannot be revised", do="run it without a revision"
        )
    if asked is Intent.REHEARSE or is_past:
        return Intent.REHEARSE
    if is_decided:
        return Intent.SHOW_AGAIN
    return Intent.JOURNAL if asked is Intent.REVISE else asked


def require_decided(events: Sequence[Event], trade_date: date) -> None:
    """Make sure there is something to show again.

    Raises:
        UsageError: no group decided for the trade date.

    """
    if not any(isinstance(e, Decided) and e.session == trade_date for e in events):
        raise UsageError(
            f"nothing was decided for {trade_date}", do=f"run `jstock daily --date {trade_date}` first"
        )
