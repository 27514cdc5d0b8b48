"""Which trade date is meant, and whether it can be decided now."""

from __future__ import annotations

from datetime import date

from jstock_core.desk.desk import Desk
from jstock_core.errors import UsageError


def gate(desk: Desk, trade_date: str | date) -> date:
    """The trade date meant: an open session that is not further ahead than the next possible one.

    Raises:
        UsageError: malformed, closed, beyond the calendar, or too far ahead.

    """
    now = desk.now()
    if trade_date == "":
        return default_trade_date(desk)
    session = desk.calendar.session(parse_date(trade_date))
    latest = desk.calendar.next_trade_date(now)
    if session > latest:
        raise UsageError(
            f"{session} is too far ahead: the bars of the session before it are not public yet",
            where=f"it is {now:%Y-%m-%d %H:%M} JST, and the next possible trade date is {latest}",
            do=f"run it from 16:30 JST on {desk.calendar.previous(session)}",
        )
    return session


def default_trade_date(desk: Desk) -> date:
    """The next possible trade date: after the newest bars public, or stored where they are imported."""
    latest = desk.calendar.next_trade_date(desk.now())
    if desk.settings.simulated:
        return latest
    newest = desk.store.read().last("bars")
    return latest if newest is None else min(latest, desk.calendar.next(newest))


def parse_date(text: str | date) -> date:
    """An ISO date.

    Raises:
        UsageError: it is none.

    """
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is no date', do="write it as 2026-01-21") from None
