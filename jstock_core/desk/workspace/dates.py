"""Dates as people write them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from jstock_core.base.errors import UsageError

_PERIOD = re.compile(r"(\d{4})(?:-(\d{2}))?")


def parse_date(text: str | date) -> date:
    """Read an ISO date.

    Raises:
        UsageError: the text is not a date.

    """
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise UsageError(f'"{text}" is not a date', do="write it as 2026-01-21") from None


def require_order(first: date, last: date) -> None:
    """Make sure that a span does not end before it begins.

    Raises:
        UsageError: it does.

    """
    if first > last:
        raise UsageError(f"{first} lies after {last}", do="give the earlier date first")


def parse_span(first: str | date, last: str | date) -> tuple[date | None, date | None]:
    """The first and the last day of a span, each a date, a month ("2024-03") or a year ("2024"); None for "".

    A month or year begins with its first day as `first`, and ends with its last as `last`.

    Raises:
        UsageError: one of them is none of these, or they are the wrong way round.

    """
    start, end = _parse_period(first)[0], _parse_period(last)[1]
    if start is not None and end is not None and start > end:
        raise UsageError(f"{first} lies after {last}", do="give the earlier one first")
    return start, end


def _parse_period(text: str | date) -> tuple[date | None, date | None]:
    """The first and the last day of a date, month or year; None for ""."""
    if text == "":
        return None, None
    if isinstance(text, str) and (found := _PERIOD.fullmatch(text)):
        year, month = int(found[1]), int(found[2] or 0)
        if 1 <= year < date.max.year and month <= 12 and (month or not found[2]):
            after = date(year + 1, 1, 1) if month in (0, 12) else date(year, month + 1, 1)
            return date(year, month or 1, 1), after - timedelta(days=1)
    try:
        day = parse_date(text)
    except UsageError as error:
        raise UsageError(error.what, do="write it as 2026-01-21, 2026-01 or 2026") from None
    return day, day
