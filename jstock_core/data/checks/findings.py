"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

RECENT = 60
"""Sessions after which most faults are so old that no rule sees them."""

Severity = Literal["stop", "block", "warn", "note", "info"]


@dataclass(frozen=True)
class Finding:
    """A fault found: its severity, the stock and session (the newest of several), and what to do."""

    severity: Severity
    code: str | None
    session: date | None
    what: str
    do: str
