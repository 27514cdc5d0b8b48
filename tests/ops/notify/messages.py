"""A message of the morning of 21 January 2026."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from jstock_core.base.clock import JST
from jstock_core.ops.notify.message import Kind, Message

MADE = datetime(2026, 1, 21, 7, 0, 5, tzinfo=JST)
ID = "<20260121-report-1@desk.jstock>"


def message(**changes: Any) -> Message:
    given = {
        "key": "k", "kind": Kind.REPORT, "trade_date": date(2026, 1, 21), "made": MADE, "subject": "subject",
        "text": "text\n", "short": "BUY 7203 100 (買い) *1*",
    }  # fmt: skip
    return Message(**{**given, **changes})
