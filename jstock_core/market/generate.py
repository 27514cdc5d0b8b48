"""Generate the table of TSE sessions from exchange_calendars: `python -m jstock_core.market.generate`.

The table is a file because importing pandas and exchange_calendars costs more than the whole of
`jstock trade status`; a test checks that the two agree.
"""

from __future__ import annotations

from pathlib import Path

FIRST = "2010-01-04"  # the first year without half-day sessions
LAST = "2028-12-29"
TABLE = Path(__file__).parent / "tables" / "sessions.csv"


def sessions_csv(first: str = FIRST, last: str = LAST) -> str:
    """CSV text `date,close_jst` of every XTKS session from `first` to `last`."""
    from exchange_calendars import get_calendar

    schedule = get_calendar("XTKS", start=first, end=last).schedule
    closes = schedule["close"].dt.tz_convert("Asia/Tokyo")
    rows = [f"{day:%Y-%m-%d},{close:%H:%M}" for day, close in closes.items()]
    return "\n".join(["date,close_jst", *rows, ""])


if __name__ == "__main__":
    TABLE.write_text(sessions_csv(), encoding="utf-8")
