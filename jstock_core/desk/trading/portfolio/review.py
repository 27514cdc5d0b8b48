"""A span of settled sessions looked back on: by what yen were won, and what became of the orders."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal, get_args

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.desk.trading.portfolio.pnl import settled_past
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.build.money.review import build_review
from jstock_core.reports.model.money.review import Review

Period = Literal["week", "month", "year"]


def review_period(desk: Desk, period: str = "month", day: str = "") -> Review:
    """The week, month or year in which a day lies (ISO), by default that of the last settled session.

    Only settled sessions are in it: a period that is not over ends with the last of them.

    Raises:
        UsageError: no such period, or nothing was settled in it.
        DataError: a stock that is held has no price.

    """
    if period not in get_args(Period):
        known = get_args(Period)
        raise UsageError(
            f'"{period}" is no period{did_you_mean(period, known)}', do=f"give {', '.join(known)}"
        )
    past = settled_past(desk)
    first, last = _bounds(period, parse_date(day) if day else past.last)
    sessions = [s for s in desk.calendar.between(first, last) if past.first <= s <= past.last]
    if not sessions:
        raise UsageError(
            f"no session from {first} to {last} is settled",
            do=f"give a day from {past.first} to {past.last}",
        )
    until = past.until(sessions[-1])
    names = {group.id: group.name for group in desk.groups}
    return build_review(until.events, until.panel, sessions[0], sessions[-1], names)


def _bounds(period: str, day: date) -> tuple[date, date]:
    """The first and last day of the week (Monday to Sunday), month or year of a day."""
    match period:
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        case "month":
            return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
        case _:
            return day.replace(month=1, day=1), day.replace(month=12, day=31)
