"""The clock. Code that needs the time is given one and never asks the system itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from jstock_core.base.errors import UsageError

JST = ZoneInfo("Asia/Tokyo")

Clock = Callable[[], datetime]


def make_clock(now: str = "") -> Clock:
    """The wall clock in JST, or a clock fixed at `now` (ISO; JST if it has no time zone).

    Raises:
        UsageError: `now` is not an ISO date and time.

    """
    if not now:
        return lambda: datetime.now(JST)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        raise UsageError(f'"{now}" is not a date and time', do="write it as 2026-01-21T07:00") from None
    fixed = moment.replace(tzinfo=JST) if moment.tzinfo is None else moment.astimezone(JST)
    return lambda: fixed
