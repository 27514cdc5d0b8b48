"""Dates as people write them."""

from __future__ import annotations

from datetime import date

from jstock_core.base.errors import UsageError


def parse_date(text: str | date) -> date:
    """An ISO date.

    Raises:
        UsageError: the text is not a date.

    """
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise UsageError(f'"{text}" is not a date', do="write it as 2026-01-21") from None
