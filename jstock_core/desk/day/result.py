"""The result of a morning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Self

from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.clock import JST
from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.data.store.revisions import RevisedValue
from jstock_core.decide.groups import Group
from jstock_core.desk.day.again.changes import SinceDecision
from jstock_core.desk.day.again.revised import RevisedData
from jstock_core.desk.day.alerts.alerts import find_alerts
from jstock_core.desk.day.alerts.edit_alerts import find_later_edits
from jstock_core.desk.day.alerts.halt_alerts import halt_alerts
from jstock_core.desk.day.alerts.promotion_alerts import find_damaged_promotions
from jstock_core.desk.day.alerts.unpublished import find_unpublished
from jstock_core.desk.day.line import morning_line
from jstock_core.desk.day.market import MorningMarket
from jstock_core.desk.day.orders.approval import approval_alerts, waiting_since
from jstock_core.desk.day.orders.order_checks import ticket_alerts
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import OPEN, at, tse
from jstock_core.reports.model.morning import Morning
from jstock_core.state.book.book import Halt
from jstock_core.state.facts.events import Correction, Decided, Event

HORIZON = timedelta(days=60)
"""A warning of the calendar's end begins this long before its last session."""
CLOCK_TOLERANCE = timedelta(hours=1)
"""A fetch is not reported as made in the future unless it is by more than this."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Day(Morning):
    """A morning of a desk, with its alerts and its status.

    `since` is what was recorded after it was first decided, None where that is nothing; `revised` what the
    vendor corrected since the decision before. `unwritten` are
    alerts about views and backups that could not follow the journal. `decided_ahead` is the newest decision
    of the journal where that is later than can be decided now; `halts` are those in force.
    """

    desk: Desk
    since: SinceDecision | None = None
    unwritten: tuple[Alert, ...] = ()
    decided_ahead: date | None = None
    revised: RevisedData = field(default_factory=RevisedData)
    halts: Mapping[str, Halt] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        desk: Desk,
        trade_date: date,
        intent: Intent,
        events: tuple[Event, ...],
        market: MorningMarket,
        *,
        groups: tuple[Group, ...] | None = None,
        corrections: tuple[Correction, ...] = (),
    ) -> Self:
        """The day of those events; `groups` are the desk's where none are given."""
        return cls(
            desk=desk,
            trade_date=trade_date,
            intent=intent,
            events=events,
            view=market.view,
            groups=desk.groups if groups is None else groups,
            conditions=market.conditions,
            findings=market.findings,
            corrections=corrections,
            margin=desk.settings.margin,
        )

    def __repr__(self) -> str:
        """Say in a line which morning it is, and what it orders."""
        return morning_line(self)

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """What a person must know, most urgent first."""
        unpublished = find_unpublished(self.desk.workspace.runs, self.events, self.trade_date)
        edits = tuple(self._edits()) if self.trade_date == self.desk.next_trade_date else ()
        clock = (*_clock_alerts(self.decided_ahead), *self._clock_is_behind(), *find_horizon(self.trade_date))
        since = (*clock, *(self.since.alerts() if self.since else ()))
        revised = self.revised.alerts(self._seen_before)
        first = (*halt_alerts(self.halts), *self._approvals(), *self._tickets())
        return find_alerts(self, (*first, *self.unwritten, *since, *revised, *unpublished, *edits))

    def _edits(self) -> Iterator[Alert]:
        """Alerts about parameter files edited after the decision, and about damaged records of promotions."""
        yield from find_later_edits(self.groups, self.decided)
        yield from find_damaged_promotions(self.desk.workspace)

    def _tickets(self) -> Iterator[Alert]:
        """Faults of the tickets that the desk writes into files, as the journal stands."""
        declared, decided = self.desk.settings.tickets.formats, (Intent.JOURNAL, Intent.SHOW_AGAIN)
        if declared and self.intent in decided and self.desk.now() < at(self.trade_date, OPEN):
            yield from ticket_alerts(self, self.desk.journal().book())

    def _clock_is_behind(self) -> Iterator[Alert]:
        """A fetch at a time that has not come yet: the clock is behind now, or was ahead then."""
        fetched, now = self.desk.last_fetch(), self.desk.clock()
        if self.intent is Intent.JOURNAL and fetched is not None and fetched > now + CLOCK_TOLERANCE:
            yield Alert(
                "clock_behind",
                Severity.WARNING,
                "desk",
                f"Data was fetched at {fetched.astimezone(JST):%Y-%m-%d %H:%M}, and it is only "
                f"{now:%Y-%m-%d %H:%M}: the clock was ahead then, or is behind now",
                "compare the clock of this machine with another one; nothing of a later time was used",
            )

    def _approvals(self) -> Iterator[Alert]:
        if self.intent is not Intent.REHEARSE:
            orders = waiting_since(self.events, self.trade_date)
            yield from approval_alerts(orders, self.desk.now())

    @property
    def revisions(self) -> tuple[RevisedValue, ...]:
        """What the vendor corrected since the decision before."""
        return self.revised.revisions

    @property
    def revision_effect(self) -> str:
        """What the corrections would have changed, in one sentence."""
        return self.revised.effect

    @property
    def _seen_before(self) -> date | None:
        """The session that the decision before saw last."""
        earlier = (e for e in self.events if isinstance(e, Decided) and e.session < self.trade_date)
        return max((decided.evaluated for decided in earlier if decided.evaluated), default=None)

    @cached_property
    def status(self) -> DayStatus:
        """Degraded where a group could not be evaluated completely, or an alert needs a person."""
        alerted = any(alert.severity == Severity.ALERT for alert in self.alerts)
        incomplete = any(decided.status == "degraded" for decided in self.decided)
        return DayStatus.DEGRADED if alerted or incomplete else DayStatus.COMPLETE

    @property
    def exit(self) -> ExitStatus:
        """The exit status of a command that ran the day."""
        return ExitStatus.DEGRADED if self.status == DayStatus.DEGRADED else ExitStatus.OK


def find_horizon(trade_date: date) -> Iterator[Alert]:
    """The table of sessions ends soon: without it no morning is decided."""
    last = tse().last
    if last - trade_date < HORIZON:
        yield Alert(
            "calendar_horizon",
            Severity.WARNING,
            "desk",
            f"The calendar ends with {last}: no morning after it can be decided",
            "update jstock for a longer calendar",
        )


def _clock_alerts(decided_ahead: date | None) -> Iterator[Alert]:
    """A decision for a session that is not due yet: every morning before it is only rehearsed."""
    if decided_ahead is not None:
        yield Alert(
            "clock_was_ahead",
            Severity.ALERT,
            "desk",
            f"The journal holds a decision for {decided_ahead}, which is not due yet: the clock was ahead. "
            "Until then mornings are rehearsed and nothing is ordered",
            "correct the clock, then restore a backup from before that decision (`jstock state restore`) and "
            "record what happened since",
        )
