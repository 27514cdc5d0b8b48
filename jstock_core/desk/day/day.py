"""The day with its report. Commands that show less of it decide it by `desk.day.steps` and load no report."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property

from jstock_core.base.intent import Intent
from jstock_core.base.progress import Say, silent
from jstock_core.desk.day.result import Day
from jstock_core.desk.day.steps import decide_day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.report import Report


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ReportedDay(Day):
    """A day with all that people look at."""

    @cached_property
    def report(self) -> Report:
        """What people look at."""
        return build_report(self, self.status, self.alerts)


def run_day(
    desk: Desk, trade_date: str | date = "", intent: Intent | str = Intent.JOURNAL, say: Say = silent
) -> ReportedDay:
    """Run the morning of a trade date (ISO; "" for the next possible one).

    `intent` is "journal" (settle, decide and record), "revise", "rehearse", "preview" or "show_again": see
    `Intent`.

    What cannot be written after the decisions are recorded (views, backups) is an alert of the day.

    Raises:
        JstockError: parameters, data or state are not fit for it; nothing was changed.

    """
    day = decide_day(desk, trade_date, intent, say)
    return ReportedDay(**{field.name: getattr(day, field.name) for field in fields(day)})
