"""What a person must know about a day, as values: alerts, warnings and information, and the day's status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HALTED = "halted"
"""The kind of an alert about a halt of buys."""


class Severity(StrEnum):
    """How urgent an alert is, most urgent first. Only `ALERT` makes a day degraded."""

    ALERT = "alert"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Alert:
    """One thing to know: `kind` names its rule, `subject` the group or code, `text` is a full sentence.

    `remedy` says what to do about it, "" where nothing is to be done.
    """

    kind: str
    severity: Severity
    subject: str
    text: str
    remedy: str = ""

    @property
    def message(self) -> str:
        """The text with the remedy."""
        return f"{self.text}; {self.remedy}" if self.remedy else self.text


class DayStatus(StrEnum):
    """Whether a day can be left alone."""

    COMPLETE = "complete"
    DEGRADED = "degraded"
    """A group could not be evaluated completely, or an alert needs a person."""
